/* SPDX-License-Identifier: Apache-2.0 */
/* JSON that leaves the library, byte by byte: members are only ever added, and docs/documents.md names each. */
#include "host.h"

static void open_ready(void)
{
    open_engine();
    settle();
    forget_trace();
}

enum question { LIST, DESCRIBE, EXPLAIN };

static const char *ask(enum question question, const char *arn, const char *container)
{
    static char kept[2][16384];
    static int which;
    ecsengine_text *text = NULL;

    if (question == LIST)
        OK(ecsengine_task_list(host.engine, &text, &error_));
    else if (question == DESCRIBE)
        OK(ecsengine_task_describe(host.engine, arn, &text, &error_));
    else
        OK(ecsengine_explain(host.engine, arn, container, &text, &error_));
    ck_assert_uint_eq(strlen(ecsengine_text_data(text)), ecsengine_text_length(text));
    snprintf(kept[which ^= 1], sizeof(kept[0]), "%s", ecsengine_text_data(text));
    ecsengine_text_free(text);
    return kept[which];
}

/* The cause that decides, as explain says it of one container. */
static void explains(const char *arn, const char *container, const char *cause, const char *text)
{
    char want[2048];

    snprintf(want, sizeof(want), "\"cause\":\"%s\",\"text\":\"%s\",\"causes\":[{\"cause\":\"%s\",\"text\":\"%s\"", cause, text, cause,
             text);
    const char *found = strstr(ask(EXPLAIN, arn, container), "\"containers\":[{\"containerName\":");
    ck_assert_ptr_nonnull(found);
    ck_assert_int_eq(0, strncmp(found + strlen("\"containers\":[{\"containerName\":\""), container, strlen(container)));
    found = strstr(found, "\"cause\":");
    ck_assert_ptr_nonnull(found);
    ck_assert_msg(strncmp(want, found, strlen(want)) == 0, "%s\nis not\n%s", found, want);
}

START_TEST(list)
{
    open_ready();
    ck_assert_str_eq("{\"tasks\":[]}", ask(LIST, NULL, NULL));
    add(TASK(ARN_HEAD "t2", WEB));
    add(TASK(ARN, WEB));
    add(TASK(ARN_HEAD "t3", "{'name':'a','image':'x','memory':4,'dependsOn':[{'containerName':'nobody','condition':'START'}]}"));
    host.no_acks = true;
    turn();
    ck_assert_str_eq(
        quoted("{'tasks':["
               "{'taskArn':'" ARN_HEAD "t2','family':'fam','version':'3','knownStatus':'NONE','desiredStatus':'RUNNING'},"
               "{'taskArn':'" ARN "','family':'fam','version':'3','knownStatus':'NONE','desiredStatus':'RUNNING'},"
               "{'taskArn':'" ARN_HEAD "t3','family':'','version':'','knownStatus':'STOPPED','desiredStatus':'STOPPED'}]}"),
        ask(LIST, NULL, NULL)); /* in the order of admission */
    end_host();
}
END_TEST

START_TEST(describe_a_new_and_a_running_task)
{
    char want[4096];

    set("image-manifest-resolution", "false");
    open_ready();
    add(TASK(ARN, WEB));
    OK(ecsengine_dispatch(host.engine, host.mono_ns, host.wall_ns, &error_));
    const char *found = ask(DESCRIBE, ARN, NULL);
    const char *name = strstr(found, "ecs-fam-3-web-");
    ck_assert_ptr_nonnull(name);
    snprintf(want, sizeof(want),
             "{'taskArn':'" ARN
             "','family':'fam','version':'3','desiredStatus':'RUNNING','knownStatus':'MANIFEST_PULLED','reason':'',"
             "'notices':[],'pullStartedAt':%lld,'pullStoppedAt':0,'executionStoppedAt':0,'containers':[{'containerName':'web',"
             "'image':'nginx','essential':true,'desiredStatus':'RUNNING','knownStatus':'MANIFEST_PULLED','appliedStatus':'PULLED',"
             "'health':'UNKNOWN','reason':'','runtimeId':'','runtimeName':'%.34s','createdAt':0,'startedAt':0,'finishedAt':0,"
             "'pull':{'current':-1,'total':-1,'text':''},'networkBindings':[]}],'resources':[]}",
             (long long)host.wall_ns, name);
    ck_assert_str_eq(quoted(want), found);
    settle();
    found = ask(DESCRIBE, ARN, NULL);
    snprintf(want, sizeof(want),
             "{'taskArn':'" ARN "','family':'fam','version':'3','desiredStatus':'RUNNING','knownStatus':'RUNNING','reason':'',"
             "'notices':[],'pullStartedAt':%lld,'pullStoppedAt':%lld,'executionStoppedAt':0,'containers':[{'containerName':'web',"
             "'image':'nginx','essential':true,'desiredStatus':'RUNNING','knownStatus':'RUNNING','appliedStatus':'NONE',"
             "'health':'UNKNOWN','reason':'','runtimeId':'id-0-1','runtimeName':'%s','createdAt':0,'startedAt':%lld,'finishedAt':0,"
             "'networkBindings':[]}],'resources':[]}",
             (long long)host.wall_ns, (long long)host.wall_ns, host.boxes[0].name, (long long)WALL_0);
    ck_assert_str_eq(quoted(want), found);
    end_host();
}
END_TEST

START_TEST(describe_a_task_that_has_ended)
{
    char want[4096];

    open_ready();
    add(TASK(ARN, WEB));
    settle();
    ecsengine_result *details = NULL;
    OK(ecsengine_result_new_for_event(host.engine, &details, &error_));
    ecsengine_result_set_running(details, 0);
    ecsengine_result_set_started_at(details, WALL_0);
    ecsengine_result_set_finished_at(details, WALL_0 + 1);
    ecsengine_result_set_exit_code(details, 137);
    ecsengine_result_set_oom_killed(details, 1);
    OK(ecsengine_runtime_event(host.engine, ECSENGINE_RUNTIME_EVENT_DIE, "id-0-1", details, &error_));
    settle();
    snprintf(
        want, sizeof(want),
        "{'taskArn':'" ARN "','family':'fam','version':'3','desiredStatus':'STOPPED','knownStatus':'STOPPED','reason':'',"
        "'notices':[],'pullStartedAt':%lld,'pullStoppedAt':%lld,'executionStoppedAt':%lld,'containers':[{'containerName':'web',"
        "'image':'nginx','essential':true,'desiredStatus':'STOPPED','knownStatus':'STOPPED','appliedStatus':'NONE',"
        "'health':'UNKNOWN','exitCode':137,'reason':'OutOfMemoryError: Container killed due to memory usage','runtimeId':'id-0-1',"
        "'runtimeName':'%s','imageDigest':'" DIGEST "','createdAt':0,'startedAt':%lld,'finishedAt':%lld,'networkBindings':[]}],'resources':[]}",
        (long long)host.wall_ns, (long long)host.wall_ns, (long long)host.wall_ns, host.boxes[0].name, (long long)WALL_0,
        (long long)WALL_0 + 1);
    ck_assert_str_eq(quoted(want), ask(DESCRIBE, ARN, NULL));
    explains(ARN, "web", "stopped", "stopped: OutOfMemoryError: Container killed due to memory usage");
    ck_assert_ptr_nonnull(
        strstr(ask(EXPLAIN, ARN, NULL), "\"cause\":\"cleanup-due\",\"text\":\"stopped; its containers are kept for another 3h0m0s\""));
    end_host();
}
END_TEST

START_TEST(explain_names_the_cause)
{
    set("host-cpu", "1024");
    set("host-memory", "100");
    set("image-pull-parallel", "1");
    open_engine();
    add(TASK(ARN, WEB_AFTER_DB));
    turn();
    explains(ARN, "web", "runtime-unreachable", "waits for the runtime to answer");
    close_engine();
    set("host-memory", "200");
    open_ready();
    add(TASK(ARN, WEB_AFTER_DB));
    add(TASK(ARN_HEAD "t2", "{'name':'big','image':'x','memory':150}"));
    add(TASK(ARN_HEAD "t3", "{'name':'small','image':'x','memory':4}"));
    turn();
    pass_time(SECOND);
    turn();
    explains(ARN, "web", "operation-in-flight", "pull-manifest in flight for 1s, given up in 59s");
    explains(ARN_HEAD "t2", "big", "queued", "waits for host resources: needs 150 MiB of memory, 72 of 200 are free; place 1 of 2");
    explains(ARN_HEAD "t3", "small", "queued", "waits for host resources: " ARN_HEAD "t2, which came earlier, must be admitted first; place 2 of 2");
    answer(held(ECSENGINE_OP_PULL_MANIFEST, "web"));
    answer(held(ECSENGINE_OP_PULL_MANIFEST, "db"));
    turn();
    explains(ARN, "web", "waits-for-dependency", "waits for db to be START; it is MANIFEST_PULLED");
    ecsengine_op *pull = held(ECSENGINE_OP_PULL_IMAGE, "db");
    OK(ecsengine_op_update(pull, 5, 10, "layer 1 of 2", &error_));
    turn();
    explains(ARN, "db", "operation-in-flight", "pull-image in flight for 0s, given up in 1m0s; layer 1 of 2");
    refuse(pull, ECSENGINE_FAILURE_OTHER, "no network");
    turn();
    const char *retry = ask(EXPLAIN, ARN, "db");
    ck_assert_ptr_nonnull(strstr(retry, "\"cause\":\"retry\",\"text\":\"pull-image failed once, next try in 1."));
    pass_time(2 * SECOND);
    settle();
    explains(ARN, "web", "running", "running");
    stop(ARN);
    turn();
    explains(ARN, "db", "waits-for-stop-order", "stops when web, which depends on it, has stopped; that is RUNNING");
    OK(ecsengine_runtime_lost(host.engine, "gone", &error_));
    turn();
    ck_assert_ptr_nonnull(
        strstr(ask(EXPLAIN, ARN, NULL), "\"cause\":\"waits-for-containers\",\"text\":\"waits for its containers: web "
                                        "(operation-in-flight), db (waits-for-stop-order)\""));
    ck_assert_ptr_nonnull(strstr(ask(EXPLAIN, ARN, NULL), "{\"cause\":\"runtime-unreachable\",\"text\":\"the runtime is "
                                                          "unreachable for 0s: gone, next try in "));
    ecsengine_text *text = NULL;
    ck_assert_int_eq(ECSENGINE_ENOTFOUND, ecsengine_explain(host.engine, ARN, "nobody", &text, NULL));
    ck_assert_int_eq(ECSENGINE_ENOTFOUND, ecsengine_explain(host.engine, "nobody", NULL, &text, NULL));
    end_host();
}
END_TEST

/* The next event of that kind as JSON. */
static void event_is(enum ecsengine_event_kind kind, const char *want)
{
    for (;;) {
        ecsengine_event *event = ecsengine_next_event(host.engine);
        ck_assert_ptr_nonnull(event);
        if (ecsengine_event_get_kind(event) == kind) {
            ecsengine_text *text = NULL;
            OK(ecsengine_event_json(event, &text, &error_));
            ck_assert_str_eq(quoted(want), ecsengine_text_data(text));
            ecsengine_text_free(text);
            ecsengine_event_free(event);
            return;
        }
        ecsengine_event_free(event);
    }
}

static void dispatch(void) { OK(ecsengine_dispatch(host.engine, host.mono_ns, host.wall_ns, &error_)); }

START_TEST(events)
{
    open_engine();
    dispatch();
    pull_ops();
    answer(held(ECSENGINE_OP_SUBSCRIBE, NULL));
    answer(held(ECSENGINE_OP_INFO, NULL));
    dispatch();
    event_is(ECSENGINE_EVENT_RUNTIME, "{'event':'runtime','status':'CONNECTED','reason':''}");
    event_is(ECSENGINE_EVENT_READY, "{'event':'ready'}");
    add(TASK(ARN, WEB));
    stop("nobody");
    dispatch();
    event_is(ECSENGINE_EVENT_COMMAND_DONE, "{'event':'command-done','taskArn':'" ARN "','commandId':1,'ok':true}");
    event_is(ECSENGINE_EVENT_COMMAND_DONE,
             "{'event':'command-done','taskArn':'nobody','commandId':2,'ok':false,'error':{'code':'ECSENGINE_ENOTFOUND',"
             "'message':'there is no task of this ARN'}}");
    pull_ops();
    answer(held(ECSENGINE_OP_PULL_MANIFEST, "web"));
    dispatch();
    event_is(ECSENGINE_EVENT_CONTAINER,
             "{'event':'container','taskArn':'" ARN
             "','containerName':'web','status':'MANIFEST_PULLED','reason':'','imageDigest':'" DIGEST "'}");
    event_is(ECSENGINE_EVENT_TASK, "{'event':'task','taskArn':'" ARN "','status':'MANIFEST_PULLED','reason':''}");
    for (int i = 0; i < 3; i++) {
        pull_ops();
        answer(held(ecsengine_op_get_kind(host.held[0]), NULL));
        dispatch();
    }
    pull_ops();
    ecsengine_op *start = held(ECSENGINE_OP_START, "web");
    ecsengine_result *result = NULL;
    OK(ecsengine_result_new(start, &result, &error_));
    perform(start, result);
    ecsengine_result_add_port(result, 80, 32768, "tcp", "0.0.0.0");
    OK(ecsengine_op_complete(start, result, &error_));
    dispatch();
    event_is(ECSENGINE_EVENT_CONTAINER,
             "{'event':'container','taskArn':'" ARN "','containerName':'web','status':'RUNNING','reason':'','runtimeId':'id-0-1',"
             "'imageDigest':'" DIGEST
             "','networkBindings':[{'containerPort':80,'hostPort':32768,'bindIP':'0.0.0.0','protocol':'tcp'}]}");
    event_is(ECSENGINE_EVENT_TASK, "{'event':'task','taskArn':'" ARN "','status':'RUNNING','reason':'',"
                                   "'pullStartedAt':'2026-05-28T20:26:40Z','pullStoppedAt':'2026-05-28T20:26:40Z'}");
    stop(ARN);
    dispatch();
    pull_ops();
    pass_time(SECOND / 2);
    answer(held(ECSENGINE_OP_STOP, "web"));
    dispatch();
    event_is(ECSENGINE_EVENT_CONTAINER,
             "{'event':'container','taskArn':'" ARN "','containerName':'web','status':'STOPPED','exitCode':0,'reason':'',"
             "'runtimeId':'id-0-1','imageDigest':'" DIGEST "','networkBindings':[{'containerPort':80,'hostPort':32768,"
             "'bindIP':'0.0.0.0','protocol':'tcp'}]}");
    event_is(ECSENGINE_EVENT_TASK, "{'event':'task','taskArn':'" ARN "','status':'STOPPED','reason':'',"
                                   "'pullStartedAt':'2026-05-28T20:26:40Z','pullStoppedAt':'2026-05-28T20:26:40Z',"
                                   "'executionStoppedAt':'2026-05-28T20:26:40.5Z'}");
    OK(ecsengine_runtime_lost(host.engine, "the \"socket\"", &error_));
    dispatch();
    ecsengine_event *event = ecsengine_next_event(host.engine);
    while (ecsengine_event_get_kind(event) != ECSENGINE_EVENT_RUNTIME) {
        ecsengine_event_free(event);
        event = ecsengine_next_event(host.engine);
    }
    ecsengine_text *text = NULL;
    OK(ecsengine_event_json(event, &text, &error_));
    ck_assert_str_eq("{\"event\":\"runtime\",\"status\":\"UNREACHABLE\",\"reason\":\"the \\\"socket\\\"\"}",
                     ecsengine_text_data(text));
    ecsengine_text_free(text);
    ecsengine_event_free(event);
    end_host();
}
END_TEST

/* The request of the operation that waits, which is then answered. */
static void request_is(enum ecsengine_op_kind kind, const char *want)
{
    ecsengine_op *op = held(kind, NULL);
    ecsengine_text *text = NULL;
    char filled[4096];

    OK(ecsengine_op_request(op, &text, &error_));
    snprintf(filled, sizeof(filled), want, ecsengine_op_runtime_name(op));
    ck_assert_str_eq(quoted(filled), ecsengine_text_data(text));
    ecsengine_text_free(text);
    answer(op);
    turn();
}

#define OF(name) "'taskArn':'" ARN "','containerName':'web','runtimeName':'%1$s','container':'" name "'"

START_TEST(requests)
{
    set("engine-task-cleanup-wait-duration", "1s");
    open_engine();
    turn();
    request_is(ECSENGINE_OP_INFO, "{'id':2,'kind':'info','deadlineNs':11000000000}");
    request_is(ECSENGINE_OP_SUBSCRIBE, "{'id':1,'kind':'subscribe','deadlineNs':31000000000}");
    add(TASK(ARN, WEB));
    turn();
    request_is(ECSENGINE_OP_PULL_MANIFEST,
               "{'id':3,'kind':'pull-manifest'," OF("%1$s") ",'image':'nginx:latest','deadlineNs':61000000000}");
    request_is(ECSENGINE_OP_PULL_IMAGE,
               "{'id':4,'kind':'pull-image'," OF("%1$s") ",'image':'nginx@" DIGEST "','deadlineNs':7201000000000}");
    request_is(ECSENGINE_OP_TAG_IMAGE,
               "{'id':5,'kind':'tag-image'," OF("%1$s") ",'image':'nginx@" DIGEST "',"
                                                        "'imageTarget':'nginx:latest','deadlineNs':31000000000}");
    ecsengine_op *create = held(ECSENGINE_OP_CREATE, "web");
    ecsengine_text *text = NULL;
    OK(ecsengine_op_request(create, &text, &error_));
    char want[4096];
    snprintf(want, sizeof(want),
             "{'id':6,'kind':'create'," OF("%1$s") ",'deadlineNs':241000000000,'createConfig':", ecsengine_op_runtime_name(create));
    ck_assert_int_eq(0, strncmp(quoted(want), ecsengine_text_data(text), strlen(want)));
    size_t len = 0;
    const char *config = ecsengine_op_create_config(create, &len);
    ck_assert_uint_eq(strlen(want) + len + 1, ecsengine_text_length(text));
    ck_assert_int_eq(0, strncmp(config, ecsengine_text_data(text) + strlen(want), len));
    ecsengine_text_free(text);
    answer(create);
    turn();
    request_is(ECSENGINE_OP_START, "{'id':7,'kind':'start'," OF("id-0-1") ",'deadlineNs':181000000000}");
    OK(ecsengine_runtime_event(host.engine, ECSENGINE_RUNTIME_EVENT_RESTART, "id-0-1", NULL, &error_));
    turn();
    request_is(ECSENGINE_OP_INSPECT, "{'id':8,'kind':'inspect'," OF("id-0-1") ",'deadlineNs':31000000000}");
    stop(ARN);
    turn();
    request_is(ECSENGINE_OP_STOP, "{'id':9,'kind':'stop'," OF("id-0-1") ",'graceNs':30000000000,'deadlineNs':151000000000}");
    pass_time(SECOND);
    turn();
    request_is(ECSENGINE_OP_REMOVE, "{'id':10,'kind':'remove'," OF("id-0-1") ",'force':false,'deadlineNs':302000000000}");
    ck_assert_int_eq(1, traced("task-removed"));
    end_host();
}
END_TEST

START_TEST(a_cancel_says_what_is_not_wanted_any_more)
{
    open_ready();
    add(TASK(ARN, WEB));
    settle();
    stop(ARN);
    turn();
    uint64_t id = ecsengine_op_id(host.held[0]);
    OK(ecsengine_task_kill(host.engine, ARN, NULL, &error_));
    dispatch();
    ecsengine_op *cancel = ecsengine_next_op(host.engine);
    ck_assert_int_eq(ECSENGINE_OP_CANCEL, ecsengine_op_get_kind(cancel));
    ck_assert_uint_eq(id, ecsengine_op_cancel_id(cancel));
    ecsengine_text *text = NULL;
    char want[128];
    OK(ecsengine_op_request(cancel, &text, &error_));
    snprintf(want, sizeof(want), "{'id':%llu,'kind':'cancel','cancelId':%llu}", (unsigned long long)ecsengine_op_id(cancel),
             (unsigned long long)id);
    ck_assert_str_eq(quoted(want), ecsengine_text_data(text));
    ecsengine_text_free(text);
    ecsengine_op_release(cancel);
    end_host();
}
END_TEST

/* Every "member": of these sources is in docs/documents.md. */
START_TEST(the_documentation_names_every_member)
{
    static const char *const sources[] = {"lib/engine/describe.c", "lib/engine/explain.c", "lib/engine/cause.c",
                                          "lib/engine/explain_queue.c", "lib/engine/plan_print.c",
                                          "lib/model/op.c", "lib/model/event.c"};
    static char docs[1 << 18], source[1 << 18];
    char path[4096], name[128];
    int count = 0;

    ck_assert_ptr_nonnull(getenv("ECSENGINE_SOURCE"));
    for (size_t i = 0; i <= sizeof(sources) / sizeof(sources[0]); i++) {
        const char *file_name = i == 0 ? "docs/documents.md" : sources[i - 1];
        snprintf(path, sizeof(path), "%s/%s", getenv("ECSENGINE_SOURCE"), file_name);
        FILE *file = fopen(path, "r");
        if (file == NULL)
            ck_abort_msg("%s can not be read", file_name);
        char *into = i == 0 ? docs : source;
        into[fread(into, 1, sizeof(docs) - 1, file)] = '\0';
        fclose(file);
        for (const char *at = i == 0 ? "" : source; (at = strpbrk(at, "\"")) != NULL;) {
            size_t len = strcspn(at + 1, "\"");
            bool word = i > 0 && strstr(file_name, "cause.c") != NULL && at >= source + 4 && strncmp(at - 4, "] = ", 4) == 0;
            bool member = at[len + 1] == '"' && at >= source + 5 && strncmp(at - 5, "out, ", 5) == 0;
            member = member && len == strspn(at + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"); /* no format */
            member = member || (at[len + 1] == '"' && at >= source + 5 && strncmp(at - 5, "buf, ", 5) == 0);
            if (member || (word && len > 0)) {
                snprintf(name, sizeof(name), "`%.*s`", (int)len, at + 1);
                if (strstr(docs, name) == NULL)
                    ck_abort_msg("docs/documents.md does not name the member %s of %s", name, file_name);
                count++;
            }
            at += len + 2;
        }
    }
    ck_assert_int_gt(count, 60);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, list);
    tcase_add_test(tcase, describe_a_new_and_a_running_task);
    tcase_add_test(tcase, describe_a_task_that_has_ended);
    tcase_add_test(tcase, explain_names_the_cause);
    tcase_add_test(tcase, events);
    tcase_add_test(tcase, requests);
    tcase_add_test(tcase, a_cancel_says_what_is_not_wanted_any_more);
    tcase_add_test(tcase, the_documentation_names_every_member);
}

int main(void) { return run_tests("documents", fill); }
