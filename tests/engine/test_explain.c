/* SPDX-License-Identifier: Apache-2.0 */
/* What explanations say where the simulator does not come by: between two turns, before the first one, with more causes than are told,
 * with texts longer than a line. What they say of each cause in its place is in tests/sim/test_explain.c. */
#include "made.h"

#include "engine/accounting.h"
#include "engine/explain.h"
#include "engine/inspect.h"
#include "engine/runtime.h"

static struct view view;
static char said[65536];

static void begin(void)
{
    made_start();
    made_set("image-manifest-resolution", "false");
    made_set("reserved-ports", "[]");
    made_open();
    view = (struct view){.engine = &made};
}

static void end(void)
{
    struct list *node;

    while ((node = list_shift(&made.events_out)) != NULL)
        ecsengine_event_free(container_of(node, struct ecsengine_event, link));
    made_close();
}

static const char *explain(const struct task *task, enum explain_form form)
{
    struct buf buf;

    buf_init(&buf, &made_root.mem, 0);
    ck_assert(explain_document(&view, task, NULL, form, &buf));
    ck_assert_int_eq(0, buf.failed);
    snprintf(said, sizeof(said), "%s", buf.data);
    buf_free(&buf);
    return said;
}

static void ck_says(const struct task *task, enum explain_form form, const char *part)
{
    if (strstr(explain(task, form), unit_quoted(part)) == NULL)
        ck_abort_msg("%s\nis not in\n%s", unit_quoted(part), said);
}

static void ck_says_not(const struct task *task, enum explain_form form, const char *part)
{
    if (strstr(explain(task, form), unit_quoted(part)) != NULL)
        ck_abort_msg("%s\nis in\n%s", unit_quoted(part), said);
}

/* Applied, and nothing follows from it yet: memory for the rest was refused, say. */
static struct task *add_only(const char *document)
{
    struct task *task = made_task(document);
    struct command command = {.input.kind = INPUT_COMMAND, .kind = COMMAND_TASK_ADD, .id = 1, .task = task, .arn = str_ref(task->arn)};

    command.desired = ECSENGINE_TASK_RUNNING;
    command.done = event_init(mem_zalloc(&made_root.mem, sizeof(*command.done)), &made_root, ECSENGINE_EVENT_COMMAND_DONE);
    ck_assert_int_eq(0, engine_apply(&made, &command.input));
    str_unref(command.arn);
    return task;
}

static void answer_only(struct ecsengine_op *op, struct ecsengine_result *result)
{
    op->completed = true;
    op->result = result;
    op->completion.kind = INPUT_COMPLETION;
    ck_assert_int_eq(0, engine_apply(&made, &op->completion));
}

static void acknowledge_only(void)
{
    struct list *node;

    while ((node = list_shift(&made.events_out)) != NULL) {
        struct ecsengine_event *event = container_of(node, struct ecsengine_event, link);
        struct acknowledgement input = {.input.kind = INPUT_ACK, .event_id = event->id};
        ck_assert_int_eq(0, engine_apply(&made, &input.input));
        ecsengine_event_free(event);
    }
}

START_TEST(before_the_first_turn_the_runtime_is_waited_for_without_a_time)
{
    struct causes causes;

    begin();
    struct task *task = add_only(TASK("{'name':'a','image':'x','memory':4}"));
    explain_task(&view, task, &causes);
    ck_assert_uint_eq(2, causes.count);
    ck_assert_int_eq(CAUSE_RUNTIME, causes.list[0].kind);
    ck_assert(causes.list[0].due_ns == CAUSE_NO_TIME && causes.list[0].since_ns == CAUSE_NO_TIME);
    ck_assert_int_eq(CAUSE_HOST_FACTS, causes.list[1].kind);
    ck_assert(causes.list[1].due_ns == CAUSE_NO_TIME && causes.list[1].id == 0);
    ck_says(task, EXPLAIN_TEXT, "waits for the runtime to answer\n");
    ck_assert_int_eq(0, engine_settle(&made));
    explain_task(&view, task, &causes);
    ck_assert(causes.list[0].due_ns == made.mono_ns + 30 * NS_PER_S && causes.list[0].since_ns == CAUSE_NO_TIME);
    ck_assert(causes.list[1].due_ns == made.mono_ns + 10 * NS_PER_S && causes.list[1].id == made.info_op->id);
    made_settle();
    end();
}
END_TEST

START_TEST(a_runtime_that_gave_no_reason_is_told_without_one_and_what_is_overdue_is_due_now)
{
    begin();
    struct task *task = add_only(TASK("{'name':'a','image':'x','memory':4}"));
    made_fail(made_until(ECSENGINE_OP_SUBSCRIBE), ECSENGINE_FAILURE_UNREACHABLE, NULL, "");
    ck_says(task, EXPLAIN_TEXT, "the runtime is unreachable for 0s, next try in ");
    made.mono_ns += 60 * NS_PER_S; /* and no turn yet */
    ck_says(task, EXPLAIN_TEXT, "the runtime is unreachable for 1m0s, next try in 0s\n");
    made_settle();
    end();
}
END_TEST

START_TEST(a_task_that_no_turn_has_seen_has_no_place_in_the_queue)
{
    begin();
    made_settle();
    struct task *task = add_only(TASK("{'name':'a','image':'x','memory':4}"));
    ck_says(task, EXPLAIN_TEXT, "  waits for host resources\n");
    ck_says(task, EXPLAIN_JSON, "'text':'waits for host resources','lacks':[]}]");
    ck_says_not(task, EXPLAIN_JSON, "queueLength");
    made_settle();
    ck_says(task, EXPLAIN_TEXT, "  running\n");
    end();
}
END_TEST

/* The last container waits for two things of each of the others. */
static const char *one_that_waits_for(int others)
{
    static char document[32768];
    size_t len = (size_t)snprintf(document, sizeof(document), "{'taskArn':'" ARN "','family':'f','containerDefinitions':[");

    for (int i = 0; i < others; i++)
        len += (size_t)snprintf(document + len, sizeof(document) - len, "{'name':'c%d','image':'x','memory':4,'healthCheck':{'command':['CMD','true']}},", i);
    len += (size_t)snprintf(document + len, sizeof(document) - len, "{'name':'last','image':'x','memory':4,'dependsOn':[");
    for (int i = 0; i < others; i++)
        len += (size_t)snprintf(document + len, sizeof(document) - len,
                                "%s{'containerName':'c%d','condition':'START'},{'containerName':'c%d','condition':'HEALTHY'}", i > 0 ? "," : "", i, i);
    snprintf(document + len, sizeof(document) - len, "]}]}");
    return document;
}

static int count_of(const char *text, const char *part)
{
    int count = 0;

    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part))
        count++;
    return count;
}

START_TEST(what_is_too_much_to_tell_is_counted)
{
    begin();
    made_settle();
    struct task *task = made_add(one_that_waits_for(19));
    struct causes causes;
    explain_container(&view, &task->containers[19], &causes);
    ck_assert_uint_eq(38, causes.count);
    ck_says(task, EXPLAIN_TEXT, "    and 6 more\n");
    ck_assert_int_eq(32, count_of(said, "    waits for c"));
    ck_assert_int_eq(32, count_of(explain(task, EXPLAIN_JSON), "{\"cause\":\"waits-for-dependency\""));
    ck_assert(!cause_has(&causes, CAUSE_RUNTIME));
    made_settle();
    end();
}
END_TEST

START_TEST(as_many_as_are_told_leave_none_to_count)
{
    begin();
    made_settle();
    struct task *task = made_add(one_that_waits_for(CAUSES_MAX / 2));
    ck_assert_int_eq(CAUSES_MAX, count_of(explain(task, EXPLAIN_TEXT), "    waits for c"));
    ck_says_not(task, EXPLAIN_TEXT, " more\n");
    made_settle();
    end();
}
END_TEST

/* An ARN as long as one may be. */
static const char *long_arn(int n)
{
    static char arns[8][1100];

    int len = snprintf(arns[n], sizeof(arns[n]), ARN_HEAD "%d", n);
    memset(arns[n] + len, 'x', 1000);
    arns[n][len + 1000] = '\0';
    return arns[n];
}

START_TEST(four_things_that_are_lacking_are_said_and_a_long_line_ends_where_it_must)
{
    char document[4096];

    begin();
    made_settle();
    for (int i = 0; i < 5; i++) {
        snprintf(document, sizeof(document),
                 "{'taskArn':'%.1100s','family':'f','containerDefinitions':[{'name':'a','image':'x','memory':4,"
                 "'portMappings':[{'containerPort':80,'hostPort':%d}]}]}",
                 long_arn(i), 8000 + i);
        made_add(document);
    }
    snprintf(document, sizeof(document),
             "{'taskArn':'%.1100s','family':'f','containerDefinitions':[{'name':'a','image':'x','memory':4,'portMappings':["
             "{'containerPort':80,'hostPort':8000},{'containerPort':81,'hostPort':8001},{'containerPort':82,'hostPort':8002},"
             "{'containerPort':83,'hostPort':8003},{'containerPort':84,'hostPort':8004}]}]}",
             long_arn(5));
    struct task *task = made_add(document);
    char text[CAUSE_TEXT_MAX], small[100];
    explain_queue_text(&made, task, text, sizeof(text));
    ck_assert_ptr_nonnull(strstr(text, "needs host port 8003/tcp"));
    ck_assert_ptr_null(strstr(text, "8004"));
    ck_assert_ptr_nonnull(strstr(text, "; place 1 of 1"));
    memset(small, '#', sizeof(small));
    explain_queue_text(&made, task, small, 64);
    ck_assert_uint_eq(63, strlen(small));
    ck_assert_int_eq(0, strncmp(small, text, 63));
    ck_assert_int_eq('#', small[64]);
    ck_says(task, EXPLAIN_JSON, "'port':8004,'protocol':'tcp'");
    made_settle();
    end();
}
END_TEST

START_TEST(a_task_that_was_just_stopped_and_one_that_was_just_acknowledged_move_with_the_next_turn)
{
    begin();
    made_set("engine-task-cleanup-wait-duration", "1s");
    struct task *task = made_add(TASK("{'name':'a','image':'x','memory':4}"));
    struct causes causes;
    made_settle();
    made_stop(task);
    struct ecsengine_op *op = made_until(ECSENGINE_OP_STOP);
    struct ecsengine_result *result = made_result();
    ecsengine_result_set_running(result, 0);
    ecsengine_result_set_started_at(result, WALL_0);
    ecsengine_result_set_exit_code(result, 0);
    answer_only(op, result);
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, task->known);
    explain_task(&view, task, &causes);
    ck_assert(causes.count == 1 && causes.list[0].kind == CAUSE_CLEANUP_DUE && causes.list[0].due_ns == CAUSE_NO_TIME);
    ck_assert_int_eq(0, engine_advance(&made));
    explain_task(&view, task, &causes);
    ck_assert(causes.list[0].kind == CAUSE_CLEANUP_DUE && causes.list[0].due_ns > made.mono_ns);
    while (task->phase == TASK_ACTIVE)
        made_wait();
    explain_task(&view, task, &causes); /* the remove has not left yet */
    ck_assert(causes.list[0].kind == CAUSE_REMOVAL);
    made_settle();
    ck_assert_int_eq(TASK_REMOVED, task->phase);
    explain_task(&view, task, &causes);
    ck_assert(causes.list[0].kind == CAUSE_ACKNOWLEDGEMENT);
    view.store = (struct store_view){.keeps = true, .durable = 4, .held_event = causes.list[0].id, .held_batch = 5};
    explain_task(&view, task, &causes); /* it is the first that the host has not seen */
    ck_assert(causes.count == 1 && causes.list[0].kind == CAUSE_STORE && causes.list[0].batch_id == 5);
    view.store.held_event++;
    explain_task(&view, task, &causes);
    ck_assert(causes.count == 1 && causes.list[0].kind == CAUSE_ACKNOWLEDGEMENT);
    view.store = (struct store_view){.keeps = false};
    acknowledge_only();
    explain_task(&view, task, &causes);
    ck_assert(causes.count == 1 && causes.list[0].kind == CAUSE_MOVING && !task->deleted);
    ck_says(task, EXPLAIN_TEXT, "on its way from STOPPED to STOPPED\n");
    ck_assert_int_eq(0, engine_advance(&made));
    ck_assert(task->deleted);
    view.store = (struct store_view){.keeps = true, .durable = 4};
    explain_task(&view, task, &causes);
    ck_assert(causes.count == 1 && causes.list[0].kind == CAUSE_STORE && causes.list[0].batch_id == 5);
    end();
}
END_TEST

START_TEST(a_progress_without_text_is_left_out_of_the_line)
{
    begin();
    made_settle();
    struct task *task = made_add(TASK("{'name':'a','image':'x','memory':4}"));
    struct ecsengine_op *op = made_until(ECSENGINE_OP_PULL_IMAGE);
    op->left = op->progressed = true;
    ck_says(task, EXPLAIN_TEXT, "    pull-image in flight for 0s, given up in ");
    ck_says_not(task, EXPLAIN_TEXT, ";");
    snprintf(op->progress, sizeof(op->progress), "half");
    ck_says(task, EXPLAIN_TEXT, "; half\n");
    op->left = false; /* it leaves with this turn */
    ck_says(task, EXPLAIN_TEXT, "    on its way from MANIFEST_PULLED to RUNNING\n");
    made_good(op);
    made_settle();
    end();
}
END_TEST

START_TEST(the_error_of_a_container_that_has_not_ended_is_told_beside_what_it_waits_for)
{
    begin();
    struct task *task = made_add(TASK("{'name':'a','image':'x','memory':4}"));
    made_fail(made_until(ECSENGINE_OP_PULL_IMAGE), ECSENGINE_FAILURE_OTHER, "CannotPullContainerAuthError", "no");
    ck_says(task, EXPLAIN_TEXT, "    its first error: CannotPullContainerAuthError: no\n");
    ck_says(task, EXPLAIN_JSON, "'reason':'CannotPullContainerAuthError: no'");
    made_settle();
    made_stop(task);
    made_settle();
    ck_says_not(task, EXPLAIN_TEXT, "its first error"); /* that is why it stopped, and said so */
    ck_says(task, EXPLAIN_TEXT, "stopped: CannotPullContainerAuthError: no\n");
    end();
}
END_TEST

/* What is made of these by hand no document makes. */
START_TEST(each_kind_of_entry_in_the_graph_is_told_with_what_it_waits_for)
{
    static const uint16_t on_db[] = {1, 2};
    static const struct transition_dependency waits[] = {
        {.on = 1, .next = ECSENGINE_CONTAINER_PULLED, .satisfied = ECSENGINE_CONTAINER_CREATED},
        {.on = 2, .next = ECSENGINE_CONTAINER_PULLED, .satisfied = ECSENGINE_CONTAINER_RUNNING},
        {.on = 2, .next = ECSENGINE_CONTAINER_CREATED, .satisfied = ECSENGINE_CONTAINER_RUNNING}, /* not its turn */
    };

    begin();
    struct task *task = made_add(TASK("{'name':'a','image':'x','memory':4},{'name':'db','image':'x','memory':4},"
                                      "{'name':'log','image':'x','memory':4}"));
    struct container_def *def = &task->definition->containers[0];
    struct container *container = &task->containers[0];
    struct causes causes;
    made_settle();
    container->known = ECSENGINE_CONTAINER_MANIFEST_PULLED;
    task->containers[1].known = ECSENGINE_CONTAINER_MANIFEST_PULLED;
    task->containers[2].known = ECSENGINE_CONTAINER_MANIFEST_PULLED;
    def->run_dependencies = on_db;
    def->run_dependency_count = 2;
    explain_container(&view, container, &causes);
    ck_assert_uint_eq(2, causes.count);
    ck_assert(causes.list[0].kind == CAUSE_DEPENDENCY && causes.list[0].on == &task->containers[1]);
    ck_assert(causes.list[1].kind == CAUSE_DEPENDENCY && causes.list[1].on == &task->containers[2]);
    ck_says(task, EXPLAIN_TEXT, "waits for db to be RUNNING; it is MANIFEST_PULLED\n");
    ck_says(task, EXPLAIN_JSON, "'dependency':{'containerName':'db','neededStatus':'RUNNING','knownStatus':'MANIFEST_PULLED'");
    def->container_waits = waits;
    def->container_wait_count = 3;
    explain_container(&view, container, &causes);
    ck_assert_uint_eq(4, causes.count);
    def->run_dependency_count = 0;
    explain_container(&view, container, &causes);
    ck_assert_uint_eq(2, causes.count);
    ck_says(task, EXPLAIN_TEXT, "waits for db to be CREATED; it is MANIFEST_PULLED\n    waits for log to be RUNNING; it is ");
    container->desired = ECSENGINE_CONTAINER_STOPPED; /* these count on the way down, too */
    explain_container(&view, container, &causes);
    ck_assert_uint_eq(2, causes.count);
    task->containers[1].has_exit_code = true; /* what a runtime says of one that was created */
    task->containers[1].exit_code = 7;
    ck_says(task, EXPLAIN_JSON, "'exitCode':7");
    def->container_wait_count = 0;
    explain_container(&view, container, &causes);
    ck_assert(causes.count == 1 && causes.list[0].kind == CAUSE_MOVING); /* it ends in the next turn */
    container->known = task->containers[1].known = task->containers[2].known = ECSENGINE_CONTAINER_RUNNING;
    container->desired = ECSENGINE_CONTAINER_RUNNING;
    end();
}
END_TEST

/* As in the reference nothing keeps it there: the next turn finds that it can not move, and stops it. */
START_TEST(a_task_that_shall_be_created_alone_is_where_it_shall_be_when_it_is)
{
    begin();
    struct task *task = made_task(TASK("{'name':'a','image':'x','memory':4}"));
    struct command command = {.input.kind = INPUT_COMMAND, .kind = COMMAND_TASK_ADD, .id = 1, .task = task, .arn = str_ref(task->arn)};
    command.desired = ECSENGINE_TASK_CREATED;
    command.done = event_init(mem_zalloc(&made_root.mem, sizeof(*command.done)), &made_root, ECSENGINE_EVENT_COMMAND_DONE);
    made_apply(&command.input);
    str_unref(command.arn);
    struct ecsengine_op *op = made_until(ECSENGINE_OP_CREATE);
    struct ecsengine_result *result = made_result();
    ecsengine_result_set_container_id(result, "id");
    answer_only(op, result);
    ck_assert_int_eq(ECSENGINE_TASK_CREATED, task->known);
    ck_says(task, EXPLAIN_TEXT, "  it is where it shall be\n  a: CREATED\n    it is CREATED, as it shall be\n");
    ck_assert_int_eq(0, engine_advance(&made));
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, task->known);
    end();
}
END_TEST

START_TEST(a_resource_that_waits_is_told_with_its_credentials_or_its_container)
{
    begin();
    made_settle();
    struct task *task = made_add("{'taskArn':'" ARN "','family':'f','ecsengine.resources':[{'name':'key','type':'asmsecret','config':{},"
                                 "'requiredBy':[{'containerName':'a'}]}],'containerDefinitions':[{'name':'a','image':'x','memory':4}]}");
    struct causes causes;
    made_settle();
    explain_container(&view, &task->containers[0], &causes);
    ck_assert_uint_eq(2, causes.count);
    ck_assert(causes.list[0].kind == CAUSE_RESOURCE && causes.list[0].operation == 0 && causes.list[0].on == NULL);
    ck_assert(causes.list[1].kind == CAUSE_CREDENTIALS);
    ck_says(task, EXPLAIN_TEXT, "waits for the asmsecret key to be CREATED; it is NONE\n");
    ck_says(task, EXPLAIN_TEXT, "waits for credentials of an execution role, and the task names none\n");
    ck_says(task, EXPLAIN_JSON, "'resource':{'name':'key','type':'asmsecret','neededStatus':'CREATED','knownStatus':'NONE'");
    made_stop(task);
    made_settle();
    end();
}
END_TEST

START_TEST(a_resource_that_waits_for_a_container_names_it)
{
    begin();
    made_settle();
    struct task *task = made_add("{'taskArn':'" ARN "','family':'f','ecsengine.resources':[{'name':'key','type':'x','requiredBy':["
                                 "{'containerName':'a'}],'dependsOn':[{'containerName':'db'}]}],'containerDefinitions':["
                                 "{'name':'a','image':'x','memory':4},{'name':'db','image':'x','memory':4}]}");
    struct causes causes;
    struct ecsengine_op *op = made_until(ECSENGINE_OP_START);
    explain_container(&view, &task->containers[0], &causes);
    ck_assert(causes.count == 1 && causes.list[0].kind == CAUSE_RESOURCE && causes.list[0].on == &task->containers[1]);
    ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, causes.list[0].needed);
    ck_says(task, EXPLAIN_TEXT, "waits for the x key to be CREATED; it is NONE and waits for db to be RUNNING; that is CREATED\n");
    made_good(op);
    made_settle();
    end();
}
END_TEST

/* What went wrong before was something else. */
START_TEST(the_first_inspection_is_told_without_the_error_of_the_stop)
{
    begin();
    struct task *task = made_add(TASK("{'name':'a','image':'x','memory':4}"));
    struct causes causes;
    made_settle();
    ck_says_not(task, EXPLAIN_JSON, "'reason'");
    made_stop(task);
    made_fail(made_until(ECSENGINE_OP_STOP), ECSENGINE_FAILURE_OTHER, NULL, "busy");
    inspect_want(&made, &task->containers[0], INSPECT_EVENT);
    ck_assert_int_eq(0, engine_advance(&made));
    struct ecsengine_op *op = made_next();
    ck_assert_int_eq(ECSENGINE_OP_INSPECT, op->kind);
    op->left = true;
    explain_container(&view, &task->containers[0], &causes);
    ck_assert_int_eq(CAUSE_OPERATION, causes.list[causes.count - 1].kind);
    ck_assert_ptr_null(causes.list[causes.count - 1].error);
    made_good(op);
    end();
}
END_TEST

START_TEST(the_first_removal_is_told_without_the_error_of_the_creation)
{
    begin();
    made_set("engine-task-cleanup-wait-duration", "1s");
    struct task *task = made_add("{'taskArn':'" ARN "','family':'f','ecsengine.resources':[{'name':'key','type':'x','requiredBy':["
                                 "{'containerName':'a'}]}],'containerDefinitions':[{'name':'a','image':'x','memory':4}]}");
    struct causes causes;
    made_fail(made_until(ECSENGINE_OP_RESOURCE_CREATE), ECSENGINE_FAILURE_OTHER, NULL, "access denied");
    made_settle();
    ck_says(task, EXPLAIN_JSON, "'desiredStatus':'STOPPED','reason':'Access denied','cause':'cleanup-due'");
    while (task->phase == TASK_ACTIVE)
        made_wait();
    struct ecsengine_op *op = made_until(ECSENGINE_OP_RESOURCE_REMOVE);
    explain_task(&view, task, &causes);
    ck_assert(causes.count == 1 && causes.list[0].kind == CAUSE_RESOURCE_REMOVAL && causes.list[0].id == op->id);
    ck_assert_ptr_null(causes.list[0].error);
    made_fail(op, ECSENGINE_FAILURE_OTHER, NULL, "in use");
    explain_task(&view, task, &causes);
    ck_assert_str_eq("in use", causes.list[0].error);
    end();
}
END_TEST

/* Between two turns the graph has let go, or given up, a container that no operation has left for: whatever else is not met, it moves. */
START_TEST(what_the_next_turn_moves_is_not_told_to_wait)
{
    begin();
    struct task *task = made_add(TASK("{'name':'a','image':'x','memory':4,'dependsOn':[{'containerName':'db','condition':'SUCCESS'},"
                                      "{'containerName':'log','condition':'HEALTHY'}]},"
                                      "{'name':'db','image':'x','memory':4,'essential':false},"
                                      "{'name':'log','image':'x','memory':4,'healthCheck':{'command':['CMD','true']}}"));
    struct container *a = &task->containers[0], *db = &task->containers[1];
    struct causes causes;
    made_settle();
    explain_container(&view, a, &causes);
    ck_assert_uint_eq(2, causes.count);
    db->desired = ECSENGINE_CONTAINER_STOPPED; /* its start was refused though it runs; a, which waits for its end, is not hurt */
    explain_container(&view, db, &causes);
    ck_assert(causes.count == 1 && causes.list[0].kind == CAUSE_MOVING);
    db->known = ECSENGINE_CONTAINER_STOPPED;
    db->has_exit_code = true;
    db->exit_code = 1;
    explain_container(&view, a, &causes); /* it will never start; that log is not healthy is not why */
    ck_assert(causes.count == 1 && causes.list[0].kind == CAUSE_MOVING);
    struct restart restart = {.phase = RESTART_WAITING};
    a->known = a->desired;
    a->restart = &restart;
    db->exit_code = 0;
    explain_container(&view, a, &causes); /* nor does its restart wait for log */
    ck_assert(causes.count == 1 && causes.list[0].kind == CAUSE_MOVING);
    a->restart = NULL;
    end();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, before_the_first_turn_the_runtime_is_waited_for_without_a_time);
    tcase_add_test(tcase, a_runtime_that_gave_no_reason_is_told_without_one_and_what_is_overdue_is_due_now);
    tcase_add_test(tcase, a_task_that_no_turn_has_seen_has_no_place_in_the_queue);
    tcase_add_test(tcase, what_is_too_much_to_tell_is_counted);
    tcase_add_test(tcase, as_many_as_are_told_leave_none_to_count);
    tcase_add_test(tcase, four_things_that_are_lacking_are_said_and_a_long_line_ends_where_it_must);
    tcase_add_test(tcase, a_task_that_was_just_stopped_and_one_that_was_just_acknowledged_move_with_the_next_turn);
    tcase_add_test(tcase, a_progress_without_text_is_left_out_of_the_line);
    tcase_add_test(tcase, the_error_of_a_container_that_has_not_ended_is_told_beside_what_it_waits_for);
    tcase_add_test(tcase, each_kind_of_entry_in_the_graph_is_told_with_what_it_waits_for);
    tcase_add_test(tcase, a_task_that_shall_be_created_alone_is_where_it_shall_be_when_it_is);
    tcase_add_test(tcase, a_resource_that_waits_is_told_with_its_credentials_or_its_container);
    tcase_add_test(tcase, a_resource_that_waits_for_a_container_names_it);
    tcase_add_test(tcase, the_first_inspection_is_told_without_the_error_of_the_stop);
    tcase_add_test(tcase, the_first_removal_is_told_without_the_error_of_the_creation);
    tcase_add_test(tcase, what_the_next_turn_moves_is_not_told_to_wait);
}

int main(void) { return made_run("explain", fill); }
