/* SPDX-License-Identifier: Apache-2.0 */
/* Containers whose steady state is RESOURCES_PROVISIONED: what a host does for them after their start, and what waits for it. No document
 * makes them yet, so the definition is made by hand. (task-engine: sections 1.5, 3.11, 5.4, 7.2.) */
#include "made.h"

#include "ecsengine/runtime.h"

static struct task *task;
static struct container *pause_, *app; /* the app waits for the pause container as in network mode awsvpc */

static void begin(void)
{
    made_start();
    made_open();
    made_settle();
}

static void end(void) { made_close(); }

/* The waits of an awsvpc task: the app's first step for the network, the end of the network for the app's. */
static void add_pair(enum container_type type)
{
    static const struct transition_dependency network = {
        .on = 0, .next = ECSENGINE_CONTAINER_MANIFEST_PULLED, .satisfied = ECSENGINE_CONTAINER_RESOURCES_PROVISIONED};
    static const struct transition_dependency last = {
        .on = 1, .next = ECSENGINE_CONTAINER_STOPPED, .satisfied = ECSENGINE_CONTAINER_STOPPED};

    task = made_task(TASK("{'name':'pause','image':'pause:1','memory':4},{'name':'app','image':'nginx','memory':4}"));
    task->definition->containers[0].type = (uint8_t)type;
    task->definition->containers[0].steady = ECSENGINE_CONTAINER_RESOURCES_PROVISIONED;
    task->definition->containers[0].container_waits = &last;
    task->definition->containers[0].container_wait_count = 1;
    task->definition->containers[1].container_waits = &network;
    task->definition->containers[1].container_wait_count = 1;
    ck_assert_int_eq(0, definition_seal(task->definition));
    made_add_task(task);
    pause_ = &task->containers[0];
    app = &task->containers[1];
}

/* The kinds of operations that come, until one of `kind` does. */
static struct ecsengine_op *until(enum ecsengine_op_kind kind, const char *container)
{
    struct ecsengine_op *op = made_until(kind);

    ck_assert_ptr_nonnull(op);
    ck_assert_str_eq(container, ecsengine_op_container_name(op));
    return op;
}

/* How often an event of that container and status waits to be taken. */
static unsigned told(const char *container, enum ecsengine_container_status status)
{
    unsigned count = 0;

    for (struct list *node = made.events_out.next; node != &made.events_out; node = node->next) {
        const struct ecsengine_event *event = container_of(node, struct ecsengine_event, link);
        if (event->kind == ECSENGINE_EVENT_CONTAINER && event->status == status &&
            strcmp(event->definition->containers[event->container_index].name, container) == 0)
            count++;
    }
    return count;
}

/* An event shows that it runs. */
static void runs(const struct container *container)
{
    struct runtime_notice notice = {.input.kind = INPUT_RUNTIME_EVENT, .kind = ECSENGINE_RUNTIME_EVENT_START};

    notice.container = str_ref(container->runtime_id);
    notice.details = made_result();
    ecsengine_result_set_running(notice.details, 1);
    ecsengine_result_set_started_at(notice.details, WALL_0);
    made_apply(&notice.input);
    str_unref(notice.container);
    ecsengine_result_free(notice.details);
}

START_TEST(the_app_begins_when_the_network_is_provisioned)
{
    struct ecsengine_op *op;

    add_pair(CONTAINER_CNI_PAUSE);
    op = until(ECSENGINE_OP_PROVISION, "pause");
    ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, pause_->known);
    ck_assert_int_eq(ECSENGINE_CONTAINER_NONE, app->known);
    ck_assert_int_eq(ECSENGINE_TASK_NONE, task->known);
    ck_assert_str_eq(pause_->runtime_id->data, ecsengine_op_container(op));
    ck_assert_int_eq(NS_PER_MINUTE, op->deadline_ns - made.mono_ns);
    made_good(op);
    ck_assert_int_eq(ECSENGINE_CONTAINER_RESOURCES_PROVISIONED, pause_->known);
    made_settle();
    ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, app->known);
    ck_assert_int_eq(ECSENGINE_TASK_RUNNING, task->known);
    end();
}
END_TEST

START_TEST(an_internal_container_is_never_told_and_its_image_never_asked_for)
{
    struct ecsengine_op *op;

    add_pair(CONTAINER_CNI_PAUSE);
    ck_assert_int_eq(0, engine_settle(&made));
    op = made_next();
    ck_assert_int_eq(ECSENGINE_OP_CREATE, op->kind); /* no manifest, no pull */
    made_good(op);
    made_settle();
    made_stop(task);
    made_settle();
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, task->known);
    for (int status = 0; status <= ECSENGINE_CONTAINER_STOPPED; status++)
        ck_assert_uint_eq(0, told("pause", (enum ecsengine_container_status)status));
    ck_assert_uint_eq(1, told("app", ECSENGINE_CONTAINER_RUNNING));
    end();
}
END_TEST

START_TEST(a_provisioned_container_is_told_once_and_as_running)
{
    add_pair(CONTAINER_NORMAL);
    struct ecsengine_op *op = until(ECSENGINE_OP_PROVISION, "pause");
    ck_assert_uint_eq(0, told("pause", ECSENGINE_CONTAINER_RUNNING));
    made_good(op);
    made_settle();
    ck_assert_uint_eq(1, told("pause", ECSENGINE_CONTAINER_RUNNING));
    ck_assert_uint_eq(0, told("pause", ECSENGINE_CONTAINER_RESOURCES_PROVISIONED));
    made_stop(task);
    made_settle();
    ck_assert_uint_eq(1, told("pause", ECSENGINE_CONTAINER_STOPPED));
    end();
}
END_TEST

START_TEST(the_network_goes_after_the_app)
{
    struct ecsengine_op *op;

    add_pair(CONTAINER_CNI_PAUSE);
    made_settle();
    made_stop(task);
    op = until(ECSENGINE_OP_STOP, "app");
    ck_assert_int_eq(ECSENGINE_CONTAINER_RESOURCES_PROVISIONED, pause_->known);
    ck_assert_ptr_null(made_next());
    made_good(op);
    made_good(until(ECSENGINE_OP_STOP, "pause"));
    end();
}
END_TEST

START_TEST(a_provisioning_that_fails_stops_the_container_for_real_and_then_the_task)
{
    add_pair(CONTAINER_CNI_PAUSE);
    made_fail(until(ECSENGINE_OP_PROVISION, "pause"), ECSENGINE_FAILURE_OTHER, NULL, "no such plugin");
    ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, pause_->known);
    ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, pause_->desired);
    ck_assert_str_eq("ContainerNetworkingError: container resource provisioning: no such plugin", str_text(pause_->error));
    ck_assert_int_eq(ECSENGINE_CONTAINER_NONE, app->known); /* it stops when the other has: only then its wait is over */
    made_good(until(ECSENGINE_OP_STOP, "pause"));
    made_settle();
    ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, app->known);
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, task->known);
    end();
}
END_TEST

START_TEST(a_provisioning_that_is_never_answered_is_the_same_error)
{
    add_pair(CONTAINER_CNI_PAUSE);
    struct ecsengine_op *op = until(ECSENGINE_OP_PROVISION, "pause");
    while (pause_->error == NULL)
        made_wait();
    ck_assert_str_eq("ContainerNetworkingError: container resource provisioning: Could not transition to provisioned; "
                     "timed out after waiting 1m0s",
                     str_text(pause_->error));
    made_good(op); /* too late */
    ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, pause_->known);
    end();
}
END_TEST

START_TEST(a_host_that_provisions_nothing_is_right_for_a_users_container_only)
{
    add_pair(CONTAINER_NORMAL);
    made_fail(until(ECSENGINE_OP_PROVISION, "pause"), ECSENGINE_FAILURE_UNSUPPORTED, NULL, "unknown");
    ck_assert_int_eq(ECSENGINE_CONTAINER_RESOURCES_PROVISIONED, pause_->known);
    made_settle();
    ck_assert_int_eq(ECSENGINE_TASK_RUNNING, task->known);
    made_close();
    begin();
    add_pair(CONTAINER_CNI_PAUSE);
    made_fail(until(ECSENGINE_OP_PROVISION, "pause"), ECSENGINE_FAILURE_UNSUPPORTED, NULL, "unknown");
    ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, pause_->known);
    ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, pause_->desired);
    end();
}
END_TEST

START_TEST(a_container_that_dies_while_it_is_provisioned_is_stopped_and_the_late_answer_counts_for_nothing)
{
    add_pair(CONTAINER_CNI_PAUSE);
    struct ecsengine_op *op = until(ECSENGINE_OP_PROVISION, "pause");
    struct runtime_notice notice = {.input.kind = INPUT_RUNTIME_EVENT, .kind = ECSENGINE_RUNTIME_EVENT_DIE};
    notice.container = str_ref(pause_->runtime_id);
    made_apply(&notice.input);
    str_unref(notice.container);
    struct ecsengine_op *look = made_next();
    ck_assert_int_eq(ECSENGINE_OP_INSPECT, look->kind);
    struct ecsengine_result *result = made_result();
    ecsengine_result_set_running(result, 0);
    ecsengine_result_set_started_at(result, WALL_0);
    ecsengine_result_set_exit_code(result, 137);
    made_answer(look, result);
    ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, pause_->known);
    made_fail(op, ECSENGINE_FAILURE_OTHER, NULL, "it is gone");
    ck_assert_ptr_null(pause_->error);
    made_settle();
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, task->known);
    end();
}
END_TEST

/* Of three containers the one at `first` and the next one wait for each other, with their step to `next`. */
static void make_circle(uint16_t first, container_status next, container_status satisfied)
{
    static struct transition_dependency waits[2];

    task = made_task(TASK("{'name':'a','image':'nginx','memory':4},{'name':'b','image':'nginx','memory':4},"
                          "{'name':'c','image':'nginx','memory':4}"));
    for (uint16_t i = 0; i < 2; i++) {
        waits[i] = (struct transition_dependency){.on = (uint16_t)(first + 1 - i), .next = next, .satisfied = satisfied};
        task->definition->containers[first + i].container_waits = &waits[i];
        task->definition->containers[first + i].container_wait_count = 1;
    }
}

START_TEST(two_that_wait_for_each_other_are_given_up)
{
    make_circle(0, ECSENGINE_CONTAINER_PULLED, ECSENGINE_CONTAINER_CREATED);
    made_add_task(task);
    made_settle();
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, task->known);
    ck_assert_str_eq("TaskStateError: Agent could not progress task's state to stopped", str_text(task->reason));
    end();
}
END_TEST

START_TEST(nothing_is_provisioned_before_the_start_is_answered)
{
    add_pair(CONTAINER_CNI_PAUSE);
    struct ecsengine_op *start = until(ECSENGINE_OP_START, "pause");
    runs(pause_);
    ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, pause_->known);
    ck_assert_ptr_null(made_next());
    made_good(start);
    struct ecsengine_op *op = made_next();
    ck_assert_ptr_nonnull(op);
    ck_assert_int_eq(ECSENGINE_OP_PROVISION, op->kind);
    made_good(op);
    end();
}
END_TEST

START_TEST(who_is_given_up_keeps_the_reason_that_there_was)
{
    make_circle(0, ECSENGINE_CONTAINER_PULLED, ECSENGINE_CONTAINER_CREATED);
    task->reason = str_new(&made_root.mem, "a cause of its own", 18);
    made_add_task(task);
    made_settle();
    ck_assert(task->gave_up);
    ck_assert_str_eq("a cause of its own", str_text(task->reason));
    end();
}
END_TEST

START_TEST(two_that_run_and_wait_for_each_others_end_are_given_up)
{
    make_circle(0, ECSENGINE_CONTAINER_STOPPED, ECSENGINE_CONTAINER_STOPPED);
    made_add_task(task);
    made_settle();
    ck_assert_int_eq(ECSENGINE_TASK_RUNNING, task->known);
    made_stop(task);
    made_settle();
    ck_assert(task->gave_up);
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, task->known);
    ck_assert_str_eq("TaskStateError: Agent could not progress task's state to stopped", str_text(task->reason));
    end();
}
END_TEST

START_TEST(what_is_where_it_should_be_keeps_nobody_else_busy)
{
    make_circle(1, ECSENGINE_CONTAINER_PULLED, ECSENGINE_CONTAINER_CREATED);
    made_add_task(task);
    struct ecsengine_op *start = until(ECSENGINE_OP_START, "a");
    ck_assert_int_eq(ECSENGINE_TASK_RUNNING, task->desired); /* a is on its way */
    runs(&task->containers[0]); /* it has arrived, though its START was not answered */
    ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, task->containers[0].known);
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, task->desired); /* so the others are given up */
    made_good(start);
    made_settle();
    end();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, begin, NULL);
    tcase_add_test(tcase, the_app_begins_when_the_network_is_provisioned);
    tcase_add_test(tcase, an_internal_container_is_never_told_and_its_image_never_asked_for);
    tcase_add_test(tcase, a_provisioned_container_is_told_once_and_as_running);
    tcase_add_test(tcase, the_network_goes_after_the_app);
    tcase_add_test(tcase, a_provisioning_that_fails_stops_the_container_for_real_and_then_the_task);
    tcase_add_test(tcase, a_provisioning_that_is_never_answered_is_the_same_error);
    tcase_add_test(tcase, a_host_that_provisions_nothing_is_right_for_a_users_container_only);
    tcase_add_test(tcase, a_container_that_dies_while_it_is_provisioned_is_stopped_and_the_late_answer_counts_for_nothing);
    tcase_add_test(tcase, two_that_wait_for_each_other_are_given_up);
    tcase_add_test(tcase, nothing_is_provisioned_before_the_start_is_answered);
    tcase_add_test(tcase, who_is_given_up_keeps_the_reason_that_there_was);
    tcase_add_test(tcase, two_that_run_and_wait_for_each_others_end_are_given_up);
    tcase_add_test(tcase, what_is_where_it_should_be_keeps_nobody_else_busy);
}

int main(void) { return made_run("provision", fill); }
