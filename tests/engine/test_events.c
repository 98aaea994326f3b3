/* SPDX-License-Identifier: Apache-2.0 */
/* What the host is told: order, batches, acknowledgement (task-engine: section 7). */
#include "made.h"

#include "engine/accounting.h"
#include "engine/container.h"
#include "engine/events.h"

#define TWO "{'name':'web','image':'nginx','memory':64},{'name':'db','image':'db','memory':64}"

static struct task *task;

static struct ecsengine_event *next_event(void)
{
    struct list *node = list_shift(&made.events_out);

    return node != NULL ? container_of(node, struct ecsengine_event, link) : NULL;
}

/* The next event about a task or container. */
static struct ecsengine_event *next_told(void)
{
    struct ecsengine_event *event;

    while ((event = next_event()) != NULL && event->kind != ECSENGINE_EVENT_CONTAINER && event->kind != ECSENGINE_EVENT_TASK)
        ecsengine_event_free(event);
    return event;
}

static void begin(void)
{
    made_set("image-manifest-resolution", "false");
    made_open();
    made_settle();
    task = made_add(TASK(TWO));
    made_settle();
    ck_assert_int_eq(ECSENGINE_TASK_RUNNING, task->known);
}

static void end(void)
{
    struct ecsengine_event *event;

    while ((event = next_event()) != NULL)
        ecsengine_event_free(event);
    made_close();
}

START_TEST(containers_are_told_before_the_task_that_follows_from_them)
{
    begin();
    for (int i = 0; i < 3; i++) {
        struct ecsengine_event *event = next_told();
        ck_assert_int_eq(i < 2 ? ECSENGINE_EVENT_CONTAINER : ECSENGINE_EVENT_TASK, event->kind);
        ck_assert_str_eq("RUNNING", ecsengine_event_status(event));
        ecsengine_event_free(event);
    }
    ck_assert_ptr_null(next_told());
    end();
}
END_TEST

START_TEST(an_event_of_a_task_sums_up_those_of_its_containers_since_the_last)
{
    begin();
    struct ecsengine_event *web = next_told(), *db = next_told(), *of_task = next_told();
    ck_assert_uint_eq(2, ecsengine_event_batch_count(of_task));
    ck_assert_ptr_eq(web, ecsengine_event_batch_at(of_task, 0));
    ck_assert_ptr_eq(db, ecsengine_event_batch_at(of_task, 1));
    ck_assert_ptr_null(ecsengine_event_batch_at(of_task, 2));
    ck_assert_uint_eq(0, ecsengine_event_batch_count(web));
    ecsengine_event_free(web); /* the task's event has its own share of them */
    ecsengine_event_free(db);
    ck_assert_str_eq("web", ecsengine_event_container_name(ecsengine_event_batch_at(of_task, 0)));
    ecsengine_event_free(of_task);
    made_stop(task);
    made_settle();
    web = next_told();
    db = next_told();
    of_task = next_told();
    ck_assert_str_eq("STOPPED", ecsengine_event_status(of_task));
    ck_assert_uint_eq(2, ecsengine_event_batch_count(of_task)); /* and not those from before */
    ecsengine_event_free(of_task);
    ecsengine_event_free(web);
    ecsengine_event_free(db);
    end();
}
END_TEST

START_TEST(what_no_event_of_the_task_has_summed_up_goes_with_the_task)
{
    begin();
    struct ecsengine_event *event;
    while ((event = next_event()) != NULL)
        ecsengine_event_free(event);
    made_stop(task);
    struct ecsengine_op *op = made_until(ECSENGINE_OP_STOP);
    made_good(op); /* one container is STOPPED, the other is not; then the engine ends */
    event = next_told();
    ck_assert_str_eq("STOPPED", ecsengine_event_status(event));
    ecsengine_event_free(event);
    op = made_next();
    op_unref(op);
    end(); /* which finds every block freed */
}
END_TEST

START_TEST(an_acknowledgement_raises_sent_and_an_unknown_one_does_nothing)
{
    begin();
    struct ecsengine_event *web = next_told();
    ck_assert_int_eq(ECSENGINE_CONTAINER_NONE, task->containers[0].sent);
    events_acknowledge(&made, web->id + 1000);
    ck_assert_int_eq(ECSENGINE_CONTAINER_NONE, task->containers[0].sent);
    events_acknowledge(&made, web->id);
    ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, task->containers[0].sent);
    ck_assert_int_eq(ECSENGINE_CONTAINER_NONE, task->containers[1].sent);
    ck_assert_int_eq(ECSENGINE_TASK_NONE, task->sent);
    events_acknowledge(&made, web->id); /* twice does no harm */
    ecsengine_event_free(web);
    end();
}
END_TEST

START_TEST(a_status_is_told_once_in_a_life)
{
    begin();
    struct ecsengine_event *event;
    while ((event = next_event()) != NULL)
        ecsengine_event_free(event);
    ck_assert_int_eq(0, engine_reserve(&made, task));
    events_container(&made, &task->containers[0]);
    events_task(&made, task);
    ck_assert_ptr_null(next_event());
    end();
}
END_TEST

/* What is told of bindings to both families. */
static const char *told_of_both(const char *exclude, const char *compatibility)
{
    static char told[64];
    struct ecsengine_event *event;

    made_set("exclude-ipv6-portbinding", exclude);
    made_set("instance-ip-compatibility", compatibility);
    begin();
    while ((event = next_event()) != NULL)
        ecsengine_event_free(event);
    struct ecsengine_result *result = made_result();
    ck_assert_int_eq(0, ecsengine_result_add_port(result, 80, 32768, "tcp", "0.0.0.0"));
    ck_assert_int_eq(0, ecsengine_result_add_port(result, 80, 32769, "tcp", "::"));
    ck_assert_int_eq(0, engine_reserve(&made, task));
    container_merge(&made, &task->containers[0], result);
    ecsengine_result_free(result);
    made_stop(task);
    made_settle();
    event = next_told();
    ck_assert_str_eq("web", ecsengine_event_container_name(event));
    told[0] = '\0';
    for (size_t i = 0; i < ecsengine_event_port_count(event); i++)
        snprintf(told + strlen(told), sizeof(told) - strlen(told), "%s:%d ", ecsengine_event_port_bind_ip(event, i),
                 (int)ecsengine_event_port_host(event, i));
    ck_assert_str_eq("", ecsengine_event_port_bind_ip(event, ecsengine_event_port_count(event)));
    ecsengine_text *json = NULL;
    ck_assert_int_eq(0, ecsengine_event_json(event, &json, NULL));
    ck_assert_int_eq(strstr(told, "::") != NULL, strstr(ecsengine_text_data(json), "\"bindIP\":\"::\"") != NULL);
    ck_assert_int_eq(strstr(told, "0.0") != NULL, strstr(ecsengine_text_data(json), "\"bindIP\":\"0.0.0.0\"") != NULL);
    ecsengine_text_free(json);
    ecsengine_event_free(event);
    end();
    return told;
}

START_TEST(bindings_are_told_without_those_to_ipv6_unless_they_are_wanted) { ck_assert_str_eq("0.0.0.0:32768 ", told_of_both("true", "ipv4")); }
END_TEST

START_TEST(bindings_to_both_families_are_told_where_they_are_wanted)
{
    ck_assert_str_eq("0.0.0.0:32768 :::32769 ", told_of_both("false", "ipv4"));
}
END_TEST

START_TEST(on_a_host_without_ipv4_bindings_to_ipv6_alone_are_told) { ck_assert_str_eq(":::32769 ", told_of_both("true", "ipv6")); }
END_TEST

START_TEST(what_a_container_is_is_logged_with_its_error)
{
    struct failure failure = {.kind = ECSENGINE_FAILURE_OTHER, .name = "OutOfMemoryError", .text = "too much"};

    begin();
    made_listen(MESSAGE_CONTAINER_STATUS);
    container_change(&made, &task->containers[0], ECSENGINE_CONTAINER_STOPPED, NULL, &(struct failure){.kind = ECSENGINE_FAILURE_NONE});
    ck_assert_str_eq(ARN ": container web is STOPPED", made_lines.text);
    container_change(&made, &task->containers[1], ECSENGINE_CONTAINER_STOPPED, NULL, &failure);
    ck_assert_str_eq(ARN ": container db is STOPPED: OutOfMemoryError: too much", made_lines.text);
    ck_assert_uint_eq(2, made_lines.count);
    end();
}
END_TEST

/* A container with these ports is started, and the runtime binds so many for it. */
static void start_bound(const char *document, int32_t count)
{
    made_set("image-manifest-resolution", "false");
    made_open();
    made_settle();
    task = made_add(document);
    struct ecsengine_op *op = made_until(ECSENGINE_OP_START);
    struct ecsengine_result *result = made_result();
    ecsengine_result_set_running(result, 1);
    ecsengine_result_set_started_at(result, made.wall_ns);
    int32_t first = accounting_port_of(task, 0, 0) != 0 ? accounting_port_of(task, 0, 0) : 40000;
    for (int32_t i = 0; i < count; i++)
        ck_assert_int_eq(0, ecsengine_result_add_port(result, 8000 + i, first + i, "tcp", "0.0.0.0"));
    made_listen(MESSAGE_BINDINGS_CUT);
    made_answer(op, result);
}

START_TEST(of_a_container_without_a_range_every_binding_is_told)
{
    start_bound(TASK("{'name':'web','image':'nginx','memory':64,'portMappings':[{'containerPort':80}]}"), 101);
    struct ecsengine_event *event = next_told();
    ck_assert_uint_eq(101, ecsengine_event_port_count(event));
    ck_assert_uint_eq(0, made_lines.count);
    ecsengine_event_free(event);
    made_stop(task);
    made_settle();
    end();
}
END_TEST

START_TEST(of_100_network_bindings_none_is_left_out)
{
    start_bound(TASK("{'name':'web','image':'nginx','memory':64,'portMappings':[{'containerPortRange':'8000-8099'}]}"), 100);
    struct ecsengine_event *event = next_told();
    ck_assert_uint_eq(100, ecsengine_event_port_count(event));
    ck_assert_uint_eq(0, made_lines.count);
    ecsengine_event_free(event);
    end();
}
END_TEST

START_TEST(an_event_has_at_most_100_network_bindings)
{
    start_bound(TASK("{'name':'web','image':'nginx','memory':64,'portMappings':[{'containerPortRange':'8000-8100'}]}"), 101);
    ck_assert_uint_eq(1, made_lines.count);
    struct ecsengine_event *event = next_told();
    ck_assert_str_eq("RUNNING", ecsengine_event_status(event));
    ck_assert_uint_eq(100, ecsengine_event_port_count(event));
    ck_assert_int_eq(8099, ecsengine_event_port_container(event, 99));
    ck_assert_int_eq(0, ecsengine_event_port_container(event, 100)); /* past the end */
    ecsengine_event_free(event);
    made_stop(task);
    made_settle();
    while ((event = next_told()) != NULL && strcmp(ecsengine_event_status(event), "STOPPED") != 0)
        ecsengine_event_free(event);
    ck_assert_uint_eq(100, ecsengine_event_port_count(event)); /* what counts is that it comes */
    ecsengine_event_free(event);
    end();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, made_start, NULL);
    tcase_add_test(tcase, bindings_are_told_without_those_to_ipv6_unless_they_are_wanted);
    tcase_add_test(tcase, bindings_to_both_families_are_told_where_they_are_wanted);
    tcase_add_test(tcase, on_a_host_without_ipv4_bindings_to_ipv6_alone_are_told);
    tcase_add_test(tcase, of_a_container_without_a_range_every_binding_is_told);
    tcase_add_test(tcase, an_event_has_at_most_100_network_bindings);
    tcase_add_test(tcase, containers_are_told_before_the_task_that_follows_from_them);
    tcase_add_test(tcase, an_event_of_a_task_sums_up_those_of_its_containers_since_the_last);
    tcase_add_test(tcase, what_no_event_of_the_task_has_summed_up_goes_with_the_task);
    tcase_add_test(tcase, an_acknowledgement_raises_sent_and_an_unknown_one_does_nothing);
    tcase_add_test(tcase, a_status_is_told_once_in_a_life);
    tcase_add_test(tcase, what_a_container_is_is_logged_with_its_error);
    tcase_add_test(tcase, of_100_network_bindings_none_is_left_out);
}

int main(void) { return made_run("events", fill); }
