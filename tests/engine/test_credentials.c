/* SPDX-License-Identifier: Apache-2.0 */
/* Credentials of roles: who waits for them, who is given them, when they are forgotten, and that they show nowhere. */
#define _GNU_SOURCE /* memmem */
#include "made.h"

#include "ecsengine/credentials.h"
#include "engine/command.h"
#include "engine/credentials.h"
#include "engine/depgraph.h"
#include "engine/describe.h"
#include "engine/explain.h"
#include "model/record.h"
#include "spec/credentials.h"

#define ECR "'registryAuthentication':{'type':'ecr','ecrAuthData':{'region':'r','registryId':'1','useExecutionRole':true}}"
#define SECRET "TOP-SECRET-KEY"
#define ROLE "{'credentialsId':'e1','accessKeyId':'AKIA','secretAccessKey':'" SECRET "','sessionToken':'t\\n{'}"
#define WITH(members, container) \
    "{'arn':'" ARN "','family':'fam','version':'1'," members "'containers':[{'name':'a','image':'i','essential':true," container "}]}"
#define EXECUTION "'executionRoleCredentials':" ROLE ","

static struct task *task;

/* As a payload's task is added: with what came along. */
static int add(const char *document)
{
    struct spec_limits limits = {.payload_bytes = 1 << 20, .container_count = 20};
    struct command command = {.input.kind = INPUT_COMMAND, .kind = COMMAND_TASK_ADD, .id = 1, .desired = ECSENGINE_TASK_RUNNING};
    struct task_spec *spec = NULL;
    const char *text = unit_quoted(document);

    ck_assert_int_eq(0, spec_parse(&made_root.mem, &limits, text, strlen(text), &spec, NULL));
    ck_assert_ptr_nonnull(spec->definition);
    command.arn = str_ref(spec->arn);
    command.task = task_new(&made_root.mem, spec->arn, spec->definition, NULL);
    command.task->execution_credentials_id = spec->execution_credentials != NULL ? str_ref(spec->execution_credentials->id) : NULL;
    command.task->role_credentials_id = spec->role_credentials != NULL ? str_ref(spec->role_credentials->id) : NULL;
    command.credentials[0] = credentials_ref(spec->execution_credentials);
    command.credentials[1] = credentials_ref(spec->role_credentials);
    command.done = event_init(mem_zalloc(&made_root.mem, sizeof(*command.done)), &made_root, ECSENGINE_EVENT_COMMAND_DONE);
    task_spec_free(spec);
    made_apply(&command.input);
    task = engine_find_task(&made, ARN);
    task_free(command.task);
    credentials_unref(command.credentials[0]);
    credentials_unref(command.credentials[1]);
    str_unref(command.arn);
    return 0;
}

static int last_code(void)
{
    struct ecsengine_event *event = container_of(made.events_out.prev, struct ecsengine_event, link);

    ck_assert_int_eq(ECSENGINE_EVENT_COMMAND_DONE, event->kind);
    return event->command_code;
}

static int set(const char *name, const char *document)
{
    struct spec_limits limits = {.payload_bytes = 1 << 20};
    struct command command = {.input.kind = INPUT_COMMAND, .kind = COMMAND_CREDENTIALS_SET, .id = 2};
    struct str *id = str_new(&made_root.mem, name, strlen(name));
    const char *text = unit_quoted(document);

    ck_assert_int_eq(0, credentials_parse(&made_root.mem, &limits, id, text, strlen(text), &command.credentials[0], NULL));
    str_unref(id);
    command.done = event_init(mem_zalloc(&made_root.mem, sizeof(*command.done)), &made_root, ECSENGINE_EVENT_COMMAND_DONE);
    ck_assert_int_eq(0, engine_apply(&made, &command.input));
    credentials_unref(command.credentials[0]);
    int code = last_code();
    ck_assert_int_eq(0, engine_advance(&made));
    return code;
}

static int take_back(const char *name)
{
    struct command command = {.input.kind = INPUT_COMMAND, .kind = COMMAND_CREDENTIALS_REMOVE, .id = 3};

    command.text = str_new(&made_root.mem, name, strlen(name));
    command.done = event_init(mem_zalloc(&made_root.mem, sizeof(*command.done)), &made_root, ECSENGINE_EVENT_COMMAND_DONE);
    ck_assert_int_eq(0, engine_apply(&made, &command.input));
    str_unref(command.text);
    return last_code();
}

static bool known(const char *name)
{
    struct str *id = str_new(&made_root.mem, name, strlen(name));
    bool is = credentials_find(&made, id) != NULL;

    str_unref(id);
    return is;
}

static void begin(const char *document)
{
    made_start();
    made_open();
    add(document);
}

static void hidden(const char *what, const char *text)
{
    if (strstr(text, SECRET) != NULL || strstr(text, "AKIA") != NULL)
        ck_abort_msg("a secret is in %s: %s", what, text);
}

START_TEST(a_pull_is_given_the_credentials_and_the_details)
{
    size_t len = 0;

    begin(WITH(EXECUTION, ECR));
    for (int i = 0; i < 2; i++) {
        struct ecsengine_op *op = made_until(i == 0 ? ECSENGINE_OP_PULL_MANIFEST : ECSENGINE_OP_PULL_IMAGE);
        ck_assert_str_eq("ecr", ecsengine_op_registry_auth_type(op));
        ck_assert_str_eq(unit_quoted("{'region':'r','registryId':'1','endpointOverride':'','useExecutionRole':true}"),
                         ecsengine_op_registry_auth(op));
        ck_assert_str_eq("e1", ecsengine_op_credentials_id(op));
        ck_assert_str_eq(unit_quoted(ROLE), ecsengine_op_credentials(op, &len));
        ck_assert_uint_eq(strlen(ROLE), len);
        ecsengine_text *request = NULL;
        ck_assert_int_eq(0, ecsengine_op_request(op, &request, NULL));
        hidden("a request", ecsengine_text_data(request));
        ck_assert_ptr_nonnull(strstr(ecsengine_text_data(request), "\"credentialsId\":\"e1\""));
        ecsengine_text_free(request);
        made_good(op);
    }
    struct ecsengine_op *create = made_until(ECSENGINE_OP_CREATE);
    ck_assert_str_eq("", ecsengine_op_registry_auth_type(create));
    ck_assert_str_eq("", ecsengine_op_credentials(create, &len));
    ck_assert_uint_eq(0, len);
    made_good(create);
    made_close();
}
END_TEST

START_TEST(without_the_execution_role_nothing_is_waited_for_and_nothing_given)
{
    begin(WITH("", "'registryAuthentication':{'type':'ecr','ecrAuthData':{'region':'r'}}"));
    struct ecsengine_op *op = made_until(ECSENGINE_OP_PULL_IMAGE);
    ck_assert_str_eq("ecr", ecsengine_op_registry_auth_type(op));
    ck_assert_str_eq("", ecsengine_op_credentials_id(op));
    made_good(op);
    made_close();
}
END_TEST

START_TEST(who_lacks_credentials_waits_and_moves_when_they_come)
{
    struct blocker blocker;
    char text[DEPGRAPH_TEXT_MAX];

    begin(WITH(EXECUTION, ECR));
    ck_assert_int_eq(0, take_back("e1"));
    ck_assert(!credentials_known(&made, task));
    ck_assert_ptr_null(made_until(ECSENGINE_OP_PULL_MANIFEST));
    ck_assert_int_eq(VERDICT_CREDENTIALS, depgraph_check(&made, &task->containers[0], &blocker));
    depgraph_text(&task->containers[0], &blocker, text);
    ck_assert_str_eq("dependency graph: execution role credentials not available", text);
    ck_assert_int_eq(ECSENGINE_TASK_RUNNING, task->desired);
    ck_assert_int_eq(0, set("e2", "{}"));
    ck_assert_ptr_null(made_next());
    ck_assert_int_eq(0, set("e1", ROLE));
    ck_assert(credentials_known(&made, task));
    struct ecsengine_op *op = made_next();
    ck_assert_ptr_nonnull(op);
    ck_assert_int_eq(ECSENGINE_OP_PULL_MANIFEST, op->kind);
    made_good(op);
    made_close();
}
END_TEST

START_TEST(a_wait_for_credentials_is_explained)
{
    struct view view = {.engine = &made};
    struct causes causes;
    char text[CAUSE_TEXT_MAX];

    begin(WITH(EXECUTION, ECR));
    take_back("e1");
    made_settle();
    explain_container(&view, &task->containers[0], &causes);
    ck_assert_uint_eq(1, causes.count);
    ck_assert_str_eq("waits-for-credentials", cause_word((enum cause_kind)causes.list[0].kind));
    cause_sentence(&view, &causes.list[0], task, &task->containers[0], text);
    ck_assert_str_eq("waits for the credentials `e1` of the task's execution role", text);
    made_close();
    begin(WITH("", ECR));
    made_settle();
    explain_container(&view, &task->containers[0], &causes);
    cause_sentence(&view, &causes.list[0], task, &task->containers[0], text);
    ck_assert_str_eq("waits for credentials of an execution role, and the task names none", text);
    made_close();
}
END_TEST

START_TEST(a_stop_ends_the_wait)
{
    begin(WITH("", ECR));
    made_settle();
    made_stop(task);
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, task->known);
    ck_assert_ptr_null(task->reason);
    made_close();
}
END_TEST

START_TEST(credentials_that_go_before_the_next_try_fail_the_pull)
{
    begin(WITH(EXECUTION, ECR));
    made_fail(made_until(ECSENGINE_OP_PULL_IMAGE), ECSENGINE_FAILURE_OTHER, NULL, "toomanyrequests");
    take_back("e1");
    made_wait();
    ck_assert_str_eq("CannotPullECRContainerError: engine ecr credentials: not found", str_text(task->containers[0].error));
    ck_assert_int_eq(0, (int)made.pulls);
    made_settle();
    made_close();
}
END_TEST

START_TEST(a_container_that_is_pulled_needs_them_no_more)
{
    begin(WITH(EXECUTION, ECR));
    struct ecsengine_op *op = made_until(ECSENGINE_OP_CREATE);
    take_back("e1");
    made_good(op);
    made_settle();
    ck_assert_int_eq(ECSENGINE_TASK_RUNNING, task->known);
    made_close();
}
END_TEST

START_TEST(a_resource_that_needs_the_role_waits)
{
    begin(WITH("'ecsengine.resources':[{'name':'s','type':'ssmsecret','containers':[{'containerName':'a'}]}],", "'cpu':1"));
    made_settle();
    ck_assert_int_eq(RESOURCE_NONE, task->resources[0].known);
    ck_assert_int_eq(RESOURCE_NONE, task->resources[0].applied);
    ck_assert(credentials_lacking_for(&made, &task->resources[0]));
    ck_assert_int_eq(ECSENGINE_TASK_RUNNING, task->desired);
    made_stop(task);
    made_settle();
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, task->known);
    made_close();
}
END_TEST

START_TEST(a_resource_that_was_made_needs_the_role_no_more)
{
    begin(WITH(EXECUTION "'ecsengine.resources':[{'name':'s','type':'ssmsecret','containers':[{'containerName':'a'}]}],", "'cpu':1"));
    made_settle();
    ck_assert_int_eq(RESOURCE_CREATED, task->resources[0].known);
    take_back("e1");
    ck_assert(!credentials_known(&made, task) && !credentials_lacking_for(&made, &task->resources[0]));
    made_close();
}
END_TEST

START_TEST(those_of_the_own_role_go_with_the_stop_and_those_of_the_execution_role_with_the_removal)
{
    begin(WITH(EXECUTION "'roleCredentials':{'credentialsId':'r1'},", ECR));
    ck_assert(known("e1") && known("r1"));
    made_settle();
    made_stop(task);
    made_settle();
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, task->known);
    ck_assert(known("e1") && !known("r1"));
    task->sent = ECSENGINE_TASK_STOPPED;
    while (task->phase != TASK_REMOVED) {
        made_wait();
        made_settle();
    }
    ck_assert(!known("e1"));
    made_close();
}
END_TEST

START_TEST(newer_ones_take_the_place_of_older_ones)
{
    begin(WITH(EXECUTION, ECR));
    struct ecsengine_op *manifest = made_until(ECSENGINE_OP_PULL_MANIFEST);
    ck_assert_int_eq(0, set("e1", "{'accessKeyId':'NEW'}"));
    ck_assert_uint_eq(1, made.credentials.count);
    ck_assert_str_eq(unit_quoted(ROLE), ecsengine_op_credentials(manifest, NULL)); /* an operation keeps its own */
    made_good(manifest);
    struct ecsengine_op *pull = made_until(ECSENGINE_OP_PULL_IMAGE);
    ck_assert_str_eq(unit_quoted("{'accessKeyId':'NEW'}"), ecsengine_op_credentials(pull, NULL));
    made_good(pull);
    add(WITH("'executionRoleCredentials':{'credentialsId':'e1','accessKeyId':'NEWER'},", ECR)); /* the known task's */
    add(WITH("'executionRoleCredentials':{'credentialsId':'e9'},", ECR));                       /* nobody's */
    ck_assert(!known("e9"));
    ck_assert_ptr_nonnull(strstr(credentials_find(&made, task->execution_credentials_id)->document, "NEWER"));
    made_close();
}
END_TEST

START_TEST(there_is_a_limit_and_what_is_not_there_is_not_found)
{
    made_start();
    made_set("task-limit", "1");
    made_open();
    ck_assert_int_eq(ECSENGINE_ENOTFOUND, take_back("a"));
    ck_assert_int_eq(0, set("a", "{}"));
    ck_assert_int_eq(0, set("b", "{}"));
    ck_assert_int_eq(ECSENGINE_ELIMIT, set("c", "{}"));
    ck_assert_int_eq(0, set("b", "{'roleArn':'x'}"));
    ck_assert_int_eq(0, take_back("a"));
    ck_assert_int_eq(0, set("c", "{}"));
    made_close();
}
END_TEST

START_TEST(secrets_are_in_no_record_description_or_explanation_but_the_id_is_kept)
{
    struct view view = {.engine = &made};
    struct buf buf;

    begin(WITH(EXECUTION "'roleCredentials':{'credentialsId':'r1','secretAccessKey':'" SECRET "'},", ECR));
    made_settle();
    buf_init(&buf, &made_root.mem, 0);
    record_put_task(&buf, task);
    struct record_reader body = {.at = (unsigned char *)buf.data, .end = (unsigned char *)buf.data + buf.len};
    ck_assert_int_eq(0, buf.failed);
    ck_assert_ptr_null(memmem(buf.data, buf.len, SECRET, strlen(SECRET)));
    ck_assert_ptr_nonnull(memmem(buf.data, buf.len, "\2e1\2r1", 6));
    (void)body;
    buf_clear(&buf);
    describe_task(&made, task, &buf);
    buf_put(&buf, "", 1);
    hidden("describe", buf.data);
    buf_clear(&buf);
    ck_assert(explain_document(&view, task, NULL, EXPLAIN_JSON, &buf));
    buf_put(&buf, "", 1);
    hidden("explain", buf.data);
    buf_free(&buf);
    made_close();
}
END_TEST

static bool wiped;

static void looking_free(void *ptr, size_t size, void *user_data)
{
    (void)user_data;
    wiped = wiped && memmem(ptr, size, SECRET, strlen(SECRET)) == NULL;
    free(ptr);
}

static void *plain_alloc(size_t size, void *user_data)
{
    (void)user_data;
    return malloc(size);
}

START_TEST(what_was_secret_is_overwritten_before_it_is_given_back)
{
    ecsengine_allocator allocator = {.size = sizeof(allocator), .alloc = plain_alloc, .free = looking_free};
    struct spec_limits limits = {.payload_bytes = 1 << 20, .container_count = 20};
    const char *text = unit_quoted(WITH(EXECUTION, ECR)), *alone = unit_quoted(ROLE);
    struct credentials *credentials = NULL;
    struct task_spec *spec = NULL;
    struct mem mem;

    wiped = true;
    mem_init(&mem, &allocator);
    ck_assert_int_eq(0, spec_parse(&mem, &limits, text, strlen(text), &spec, NULL));
    task_spec_free(spec);
    struct str *id = str_new(&mem, "e1", 2);
    ck_assert_int_eq(0, credentials_parse(&mem, &limits, id, alone, strlen(alone), &credentials, NULL));
    str_unref(id);
    ck_assert_ptr_nonnull(strstr(credentials->document, SECRET));
    credentials_unref(credentials);
    mem_close(&mem);
    ck_assert(wiped);
}
END_TEST

#define TWO "{'arn':'" ARN "','family':'fam','version':'1'," EXECUTION \
    "'containers':[{'name':'x','image':'i','essential':true},{'name':'a','image':'i','essential':true," ECR "}]}"

static void begin_in_a_row(void)
{
    made_start();
    made_set("image-manifest-resolution", "false");
    made_set("image-pull-parallel", "1");
    made_open();
    made_settle();
}

START_TEST(credentials_that_go_while_a_pull_waits_for_its_slot_fail_it)
{
    begin_in_a_row();
    if (_i == 0)
        made_add("{'taskArn':'" ARN_HEAD "t0','family':'f','containerDefinitions':[{'name':'b','image':'j','memory':4}]}");
    add(_i == 0 ? WITH(EXECUTION, ECR) : TWO);
    struct container *container = &task->containers[_i];
    struct ecsengine_op *op = made_until(ECSENGINE_OP_PULL_IMAGE);
    ck_assert(container->pull_waits);
    ck_assert_int_eq(_i == 1, task->pull_started_at != 0);
    ck_assert_int_eq(0, take_back("e1"));
    made.wall_ns += NS_PER_S;
    made_good(op);
    ck_assert_str_eq("CannotPullECRContainerError: engine ecr credentials: not found", str_text(container->error));
    ck_assert_int_eq(made.wall_ns, task->pull_stopped_at);
    ck_assert_int_eq(_i == 0 ? made.wall_ns : made.wall_ns - NS_PER_S, task->pull_started_at);
    ck_assert_uint_eq(0, made.pulls);
    made_settle();
    made_close();
}
END_TEST

START_TEST(a_task_whose_role_came_is_advanced_and_others_are_not)
{
    begin_in_a_row();
    struct task *none = made_add("{'taskArn':'" ARN_HEAD "t0','family':'f','ecsengine.resources':[{'name':'key','type':'asmsecret',"
                                 "'config':{},'requiredBy':[{'containerName':'a'}]}],'containerDefinitions':[{'name':'a','image':'x','memory':4}]}");
    made_settle();
    ck_assert(list_linked(&none->credential_wait)); /* it names no role: it waits as in the reference */
    ck_assert_int_eq(0, set("e1", ROLE));
    ck_assert(list_linked(&none->credential_wait));
    none->execution_credentials_id = str_new(&made_root.mem, "e1", 2);
    ck_assert(!credentials_lacking_for(&made, &none->resources[0]));
    ck_assert_int_eq(0, set("e1", ROLE));
    ck_assert(!list_linked(&none->credential_wait));
    struct ecsengine_op *op = made_until(ECSENGINE_OP_RESOURCE_CREATE);
    ck_assert_ptr_nonnull(op);
    made_good(op);
    made_settle();
    made_close();
}
END_TEST

START_TEST(credentials_that_there_is_no_room_for_are_still_the_callers)
{
    struct spec_limits limits = {.payload_bytes = 1 << 20};
    struct command command = {.input.kind = INPUT_COMMAND, .kind = COMMAND_CREDENTIALS_SET, .id = 2};
    const char *text = unit_quoted(ROLE);

    begin_in_a_row();
    struct str *id = str_new(&made_root.mem, "e1", 2);
    ck_assert_int_eq(0, credentials_parse(&made_root.mem, &limits, id, text, strlen(text), &command.credentials[0], NULL));
    command.done = event_init(mem_zalloc(&made_root.mem, sizeof(*command.done)), &made_root, ECSENGINE_EVENT_COMMAND_DONE);
    size_t count = made.credentials.count;
    made.credentials.count = 1 << 20; /* as if the table were full */
    made.settings.task_limit = 1 << 20;
    ck_assert_int_eq(0, engine_reserve(&made, NULL));
    unit.fail_all = true;
    ck_assert_int_eq(ECSENGINE_ENOMEM, engine_apply(&made, &command.input));
    unit.fail_all = false;
    made.credentials.count = count;
    ck_assert(command.credentials[0] != NULL && command.done != NULL && !known("e1"));
    made_apply(&command.input);
    ck_assert(known("e1"));
    str_unref(id);
    made_close();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_pull_is_given_the_credentials_and_the_details);
    tcase_add_test(tcase, without_the_execution_role_nothing_is_waited_for_and_nothing_given);
    tcase_add_test(tcase, who_lacks_credentials_waits_and_moves_when_they_come);
    tcase_add_test(tcase, a_wait_for_credentials_is_explained);
    tcase_add_test(tcase, a_stop_ends_the_wait);
    tcase_add_test(tcase, credentials_that_go_before_the_next_try_fail_the_pull);
    tcase_add_test(tcase, a_container_that_is_pulled_needs_them_no_more);
    tcase_add_test(tcase, a_resource_that_needs_the_role_waits);
    tcase_add_test(tcase, those_of_the_own_role_go_with_the_stop_and_those_of_the_execution_role_with_the_removal);
    tcase_add_test(tcase, newer_ones_take_the_place_of_older_ones);
    tcase_add_test(tcase, there_is_a_limit_and_what_is_not_there_is_not_found);
    tcase_add_test(tcase, secrets_are_in_no_record_description_or_explanation_but_the_id_is_kept);
    tcase_add_test(tcase, what_was_secret_is_overwritten_before_it_is_given_back);
    tcase_add_loop_test(tcase, credentials_that_go_while_a_pull_waits_for_its_slot_fail_it, 0, 2);
    tcase_add_test(tcase, a_task_whose_role_came_is_advanced_and_others_are_not);
    tcase_add_test(tcase, credentials_that_there_is_no_room_for_are_still_the_callers);
    tcase_add_test(tcase, a_resource_that_was_made_needs_the_role_no_more);
}

int main(void) { return made_run("engine: credentials", fill); }
