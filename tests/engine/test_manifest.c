/* SPDX-License-Identifier: Apache-2.0 */
/* Manifests and verified stops, from the public functions to the events that come of them. */
#include "../api/host.h"

/* The last STOP_CANDIDATES, as JSON; "" if there was none. */
static char last[4096];

static void give(int (*function)(ecsengine *, const char *, size_t, uint64_t *, ecsengine_error **), const char *document, int code)
{
    const char *text = quoted(document);
    ecsengine_event *event;
    ecsengine_text *json;
    uint64_t id = 0;
    int done = 1;

    last[0] = '\0';
    OK(function(host.engine, text, strlen(text), &id, &error_));
    for (int i = 0; i < 3; i++) {
        host.mono_ns += 1000;
        OK(ecsengine_dispatch(host.engine, host.mono_ns, host.wall_ns, &error_));
        while ((event = ecsengine_next_event(host.engine)) != NULL) {
            if (ecsengine_event_get_kind(event) == ECSENGINE_EVENT_COMMAND_DONE && ecsengine_event_command_id(event) == id)
                done = ecsengine_event_command_code(event);
            if (ecsengine_event_get_kind(event) == ECSENGINE_EVENT_STOP_CANDIDATES) {
                ck_assert_int_eq(0, done); /* the manifest is acknowledged before its candidates are asked about */
                OK(ecsengine_event_json(event, &json, &error_));
                snprintf(last, sizeof(last), "%s", ecsengine_text_data(json));
                ecsengine_text_free(json);
            }
            ecsengine_event_ack(host.engine, ecsengine_event_id(event), NULL);
            ecsengine_event_free(event);
        }
    }
    ck_assert_int_eq(code, done);
}

static void manifest(const char *document, int code) { give(ecsengine_task_manifest, document, code); }
static void verified(const char *document, int code) { give(ecsengine_task_stop_verified, document, code); }

static void two_tasks(void)
{
    open_engine();
    add(TASK(ARN, WEB));
    add(TASK(ARN_HEAD "t2", WEB));
    settle();
}

static const char *desired_of(const char *arn)
{
    static char word[16];
    ecsengine_text *text = NULL;

    OK(ecsengine_task_describe(host.engine, arn, &text, &error_));
    const char *at = strstr(ecsengine_text_data(text), "\"desiredStatus\":\"");
    ck_assert_ptr_nonnull(at);
    snprintf(word, sizeof(word), "%.7s", at + 17);
    ecsengine_text_free(text);
    return word;
}

START_TEST(candidates_are_tasks_that_shall_run_and_are_not_listed)
{
    two_tasks();
    add(TASK(ARN_HEAD "t3", WEB));
    settle();
    stop(ARN_HEAD "t3");
    turn();
    manifest("{'messageId':'m','clusterArn':'c','timeline':1,'tasks':[{'taskArn':'" ARN "','desiredStatus':'RUNNING'},"
             "{'taskArn':'" ARN_HEAD "t2','desiredStatus':'STOPPED'}]}", 0);
    ck_assert_str_eq(quoted("{'event':'stop-candidates','messageId':'m','stopCandidates':[{'taskArn':'" ARN_HEAD "t2',"
                            "'desiredStatus':'STOPPED','clusterArn':'c'}]}"), last);
    ck_assert_str_eq("RUNNING", desired_of(ARN_HEAD "t2")); /* a manifest stops nothing */
    settle();
    end_host();
}
END_TEST

START_TEST(candidates_come_in_the_order_of_their_admission_and_through_getters)
{
    ecsengine_event *event;
    const char *text = "{\"messageId\":\"m\",\"timeline\":1}";

    two_tasks();
    OK(ecsengine_task_manifest(host.engine, text, strlen(text), NULL, &error_));
    host.mono_ns++;
    OK(ecsengine_dispatch(host.engine, host.mono_ns, host.wall_ns, &error_));
    while ((event = ecsengine_next_event(host.engine)) != NULL &&
           ecsengine_event_get_kind(event) != ECSENGINE_EVENT_STOP_CANDIDATES) {
        ck_assert_str_eq("", ecsengine_event_message_id(event));
        ck_assert_uint_eq(0, ecsengine_event_candidate_count(event));
        ecsengine_event_free(event);
    }
    ck_assert_ptr_nonnull(event);
    ck_assert_str_eq("stop-candidates", ecsengine_event_kind_name(ecsengine_event_get_kind(event)));
    ck_assert_str_eq("m", ecsengine_event_message_id(event));
    ck_assert_str_eq("", ecsengine_event_cluster_arn(event));
    ck_assert_uint_eq(2, ecsengine_event_candidate_count(event));
    ck_assert_str_eq(ARN, ecsengine_event_candidate_arn(event, 0));
    ck_assert_str_eq(ARN_HEAD "t2", ecsengine_event_candidate_arn(event, 1));
    ck_assert_str_eq("", ecsengine_event_candidate_arn(event, 2));
    ecsengine_event_free(event);
    ck_assert_str_eq("", ecsengine_event_candidate_arn(NULL, 0));
    end_host();
}
END_TEST

START_TEST(without_candidates_there_is_no_question)
{
    two_tasks();
    manifest("{'messageId':'m','timeline':1,'tasks':[{'taskArn':'" ARN_HEAD "t2','desiredStatus':'RUNNING'},{'taskArn':'" ARN
             "','desiredStatus':'RUNNING'},{'taskArn':'x','desiredStatus':'RUNNING'}]}", 0);
    ck_assert_str_eq("", last);
    end_host();
}
END_TEST

START_TEST(a_manifest_counts_if_its_number_is_above_all_others)
{
    two_tasks();
    manifest("{'messageId':'m','timeline':0}", 0); /* without a store the first number is -1 */
    ck_assert_str_ne("", last);
    manifest("{'messageId':'n','timeline':0}", ECSENGINE_EALREADY);
    ck_assert_str_eq("", last);
    manifest("{'messageId':'n','timeline':-5}", ECSENGINE_EALREADY);
    OK(ecsengine_payload_sequence(host.engine, 7, NULL, &error_));
    OK(ecsengine_payload_sequence(host.engine, 3, NULL, &error_));
    manifest("{'messageId':'n','timeline':7}", ECSENGINE_EALREADY);
    verified("{'messageId':'m','stopTasks':[]}", 0); /* a discarded manifest changes nothing, not even whose answer is awaited */
    manifest("{'messageId':'n','timeline':8}", 0);
    ck_assert_str_ne("", last);
    end_host();
}
END_TEST

START_TEST(in_a_new_store_the_first_number_is_0)
{
    OK(ecsengine_memory_store_new(&host.store, &error_));
    two_tasks();
    manifest("{'messageId':'m','timeline':0}", ECSENGINE_EALREADY);
    manifest("{'messageId':'m','timeline':1}", 0);
    end_host();
}
END_TEST

START_TEST(the_number_survives_a_restart)
{
    OK(ecsengine_memory_store_new(&host.store, &error_));
    two_tasks();
    manifest("{'messageId':'m','timeline':5}", 0);
    OK(ecsengine_payload_sequence(host.engine, 9, NULL, &error_));
    turn();
    turn();
    close_engine();
    open_engine();
    settle();
    manifest("{'messageId':'n','timeline':9}", ECSENGINE_EALREADY);
    verified("{'messageId':'m','stopTasks':[{'taskArn':'" ARN "'}]}", ECSENGINE_ENOTFOUND); /* the question was the other life's */
    ck_assert_str_eq("RUNNING", desired_of(ARN));
    manifest("{'messageId':'n','timeline':10}", 0);
    end_host();
}
END_TEST

START_TEST(an_answer_stops_its_tasks_once)
{
    two_tasks();
    verified("{'messageId':'m','stopTasks':[{'taskArn':'" ARN "'}]}", ECSENGINE_ENOTFOUND);
    manifest("{'messageId':'m','timeline':1}", 0);
    verified("{'messageId':'n','stopTasks':[{'taskArn':'" ARN "'}]}", ECSENGINE_ENOTFOUND);
    ck_assert_str_eq("RUNNING", desired_of(ARN));
    verified("{'messageId':'m','stopTasks':[{'taskArn':'nobody'},{'taskArn':'" ARN "','desiredStatus':'RUNNING'}]}", 0);
    ck_assert_str_eq("STOPPED", desired_of(ARN));
    ck_assert_str_eq("RUNNING", desired_of(ARN_HEAD "t2"));
    verified("{'messageId':'m','stopTasks':[{'taskArn':'" ARN_HEAD "t2'}]}", ECSENGINE_ENOTFOUND);
    ck_assert_str_eq("RUNNING", desired_of(ARN_HEAD "t2"));
    settle();
    end_host();
}
END_TEST

START_TEST(a_newer_manifest_takes_the_place_of_an_older_question)
{
    two_tasks();
    manifest("{'messageId':'m','timeline':1}", 0);
    manifest("{'messageId':'n','timeline':2}", 0);
    verified("{'messageId':'m','stopTasks':[{'taskArn':'" ARN "'}]}", ECSENGINE_ENOTFOUND);
    verified("{'messageId':'n','stopTasks':[{'taskArn':'" ARN "'}]}", 0);
    ck_assert_str_eq("STOPPED", desired_of(ARN));
    settle();
    end_host();
}
END_TEST

START_TEST(documents_that_are_none_are_refused_at_once)
{
    ecsengine_error *error = NULL;

    open_engine();
    ck_assert_int_eq(ECSENGINE_ESYNTAX, ecsengine_task_manifest(host.engine, "{", 1, NULL, &error));
    ecsengine_error_free(error);
    error = NULL;
    ck_assert_int_eq(ECSENGINE_EDOCUMENT, ecsengine_task_stop_verified(host.engine, "{}", 2, NULL, &error));
    ck_assert_str_eq("$", ecsengine_error_path(error));
    ecsengine_error_free(error);
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_task_manifest(NULL, "{}", 2, NULL, NULL));
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_task_manifest(host.engine, NULL, 2, NULL, NULL));
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_task_stop_verified(host.engine, NULL, 2, NULL, NULL));
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_payload_sequence(NULL, 1, NULL, NULL));
    OK(ecsengine_shutdown(host.engine, NULL, &error_));
    ck_assert_int_eq(ECSENGINE_ECLOSED, ecsengine_payload_sequence(host.engine, 1, NULL, NULL));
    ck_assert_int_eq(ECSENGINE_ECLOSED, ecsengine_task_manifest(host.engine, "{\"messageId\":\"m\",\"timeline\":1}", 30, NULL, NULL));
    end_host();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, candidates_are_tasks_that_shall_run_and_are_not_listed);
    tcase_add_test(tcase, candidates_come_in_the_order_of_their_admission_and_through_getters);
    tcase_add_test(tcase, without_candidates_there_is_no_question);
    tcase_add_test(tcase, a_manifest_counts_if_its_number_is_above_all_others);
    tcase_add_test(tcase, in_a_new_store_the_first_number_is_0);
    tcase_add_test(tcase, the_number_survives_a_restart);
    tcase_add_test(tcase, an_answer_stops_its_tasks_once);
    tcase_add_test(tcase, a_newer_manifest_takes_the_place_of_an_older_question);
    tcase_add_test(tcase, documents_that_are_none_are_refused_at_once);
}

int main(void) { return run_tests("manifest", fill); }
