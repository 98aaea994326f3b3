/* SPDX-License-Identifier: Apache-2.0 */
/* One operation a container at a time, whatever pauses and events come in between; who is asked about after a manifest. */
#include "made.h"

#include "ecsengine/runtime.h"
#include "model/manifest.h"

#define WEB "{'name':'web','image':'nginx','memory':64}"

static struct task *task;
static struct container *web;

static void begin(const char *document)
{
    made_start();
    made_open();
    made_settle();
    task = made_add(document);
    web = &task->containers[0];
}

static struct ecsengine_op *next(enum ecsengine_op_kind kind)
{
    struct ecsengine_op *op = made_next();

    ck_assert_ptr_nonnull(op);
    ck_assert_str_eq(ecsengine_op_kind_name(kind), ecsengine_op_kind_name((enum ecsengine_op_kind)op->kind));
    return op;
}

static void event(enum ecsengine_runtime_event_kind kind, struct ecsengine_result *details)
{
    struct runtime_notice notice = {.input.kind = INPUT_RUNTIME_EVENT, .kind = (uint8_t)kind, .details = details};

    notice.container = str_ref(web->runtime_id);
    made_apply(&notice.input);
    str_unref(notice.container);
    ecsengine_result_free(details);
}

static struct ecsengine_result *record(bool running)
{
    struct ecsengine_result *result = made_result();

    ecsengine_result_set_running(result, running);
    ecsengine_result_set_started_at(result, made.wall_ns);
    return result;
}

START_TEST(a_stop_that_is_to_be_tried_again_does_not_go_out_beside_another)
{
    begin(TASK(WEB));
    made_fail(made_until(ECSENGINE_OP_START), ECSENGINE_FAILURE_UNREACHABLE, NULL, "connection reset");
    made_good(next(ECSENGINE_OP_PING));
    ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, web->known);
    made_fail(next(ECSENGINE_OP_STOP), ECSENGINE_FAILURE_OTHER, NULL, "busy"); /* it may run: it was stopped for real */
    ck_assert(heap_has(&web->retry.node));
    event(ECSENGINE_RUNTIME_EVENT_START, record(true));
    struct ecsengine_op *stop = next(ECSENGINE_OP_STOP); /* it does run */
    int64_t due = web->retry.node.key;
    while (made.mono_ns < due) {
        made_wait();
        ck_assert_ptr_null(made_next());
    }
    ck_assert(!heap_has(&web->retry.node));
    ck_assert_ptr_eq(stop, web->op);
    made_good(stop);
    ck_assert_ptr_null(web->op);
    made_close();
}
END_TEST

/* ---- manifests ---- */

static struct manifest *naming(const char *arn)
{
    struct manifest *manifest = manifest_new(&made_root.mem, 1);

    ck_assert_ptr_nonnull(manifest);
    manifest->message_id = str_new(&made_root.mem, "m", 1);
    manifest->timeline = 5;
    manifest->arns[0] = str_new(&made_root.mem, arn, strlen(arn));
    manifest->count = 1;
    return manifest;
}

static int give(enum command_kind kind, struct manifest *manifest)
{
    struct command command = {.input.kind = INPUT_COMMAND, .kind = (uint8_t)kind, .id = 3, .manifest = manifest};

    command.done = event_init(mem_zalloc(&made_root.mem, sizeof(*command.done)), &made_root, ECSENGINE_EVENT_COMMAND_DONE);
    int code = engine_apply(&made, &command.input);
    if (code == 0)
        ck_assert_ptr_null(command.done);
    else
        ecsengine_event_free(command.done);
    return code;
}

static bool candidates_are_asked_about(void)
{
    for (struct list *node = made.events_out.next; node != &made.events_out; node = node->next)
        if (container_of(node, struct ecsengine_event, link)->kind == ECSENGINE_EVENT_STOP_CANDIDATES)
            return true;
    return false;
}

START_TEST(a_task_that_has_ended_by_itself_is_no_candidate)
{
    begin(TASK(WEB));
    made_settle();
    struct ecsengine_result *ended = record(false);
    ecsengine_result_set_exit_code(ended, 0);
    event(ECSENGINE_RUNTIME_EVENT_DIE, ended);
    made_settle();
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, task->known);
    struct manifest *manifest = naming("another"), *answer = naming(ARN);
    ck_assert_int_eq(0, give(COMMAND_TASK_MANIFEST, manifest));
    ck_assert(!candidates_are_asked_about());
    ck_assert_int_eq(0, give(COMMAND_STOP_VERIFIED, answer));
    ck_assert(list_empty(&made.touched)); /* nothing is to be done */
    manifest_free(manifest);
    manifest_free(answer);
    made_close();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_stop_that_is_to_be_tried_again_does_not_go_out_beside_another);
    tcase_add_test(tcase, a_task_that_has_ended_by_itself_is_no_candidate);
}

int main(void) { return made_run("transitions", fill); }
