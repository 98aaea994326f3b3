/* SPDX-License-Identifier: Apache-2.0 */
/* A task out of its containers (task-engine: sections 2.4, 2.5, 3.4), set by hand and looked at. */
#include "made.h"

#include "ecsengine/runtime.h"
#include "engine/container.h"
#include "engine/task.h"

#define ONE(name, essential) "{'name':'" name "','image':'nginx','memory':64,'essential':" essential "}"
#define NONE ECSENGINE_CONTAINER_NONE
#define MANIFEST ECSENGINE_CONTAINER_MANIFEST_PULLED
#define PULLED ECSENGINE_CONTAINER_PULLED
#define CREATED ECSENGINE_CONTAINER_CREATED
#define RUNNING ECSENGINE_CONTAINER_RUNNING
#define STOPPED ECSENGINE_CONTAINER_STOPPED

static void end(void)
{
    struct ecsengine_op *op;

    while ((op = made_next()) != NULL)
        op_unref(op);
    made_close();
}

/* ---- known (2.5) ---- */

static const struct {
    container_status essential, other;
    task_status task;
} table[] = {
    {NONE, NONE, ECSENGINE_TASK_NONE},
    {MANIFEST, NONE, ECSENGINE_TASK_NONE},
    {MANIFEST, MANIFEST, ECSENGINE_TASK_MANIFEST_PULLED},
    {PULLED, RUNNING, ECSENGINE_TASK_MANIFEST_PULLED},
    {RUNNING, PULLED, ECSENGINE_TASK_MANIFEST_PULLED},
    {CREATED, RUNNING, ECSENGINE_TASK_CREATED},
    {RUNNING, CREATED, ECSENGINE_TASK_CREATED},
    {RUNNING, RUNNING, ECSENGINE_TASK_RUNNING},
    {RUNNING, STOPPED, ECSENGINE_TASK_RUNNING},  /* one that is not essential has ended */
    {STOPPED, RUNNING, ECSENGINE_TASK_NONE},     /* no statement: the other one is on its way */
    {STOPPED, CREATED, ECSENGINE_TASK_CREATED},
    {STOPPED, NONE, ECSENGINE_TASK_NONE},
    {STOPPED, STOPPED, ECSENGINE_TASK_STOPPED},
};

START_TEST(a_task_is_as_far_as_the_container_that_is_least_far)
{
    made_open();
    made_settle();
    struct task *task = made_add(TASK(ONE("a", "true") "," ONE("b", "false")));
    task->containers[0].known = table[_i].essential;
    task->containers[1].known = table[_i].other;
    task_update(&made, task);
    ck_assert_int_eq(table[_i].task, task->known);
    end();
}
END_TEST

START_TEST(the_order_of_the_containers_makes_no_difference)
{
    made_open();
    made_settle();
    struct task *task = made_add(TASK(ONE("b", "false") "," ONE("a", "true")));
    task->containers[1].known = table[_i].essential;
    task->containers[0].known = table[_i].other;
    task_update(&made, task);
    ck_assert_int_eq(table[_i].task, task->known);
    end();
}
END_TEST

/* Those that are not there yet and those that are there are equally far: which of them comes first decides, as in the reference. No
 * document makes the former yet, so the definition is made by hand. */
START_TEST(of_those_who_are_equally_far_the_first_decides)
{
    made_open();
    made_settle();
    struct task *task = made_add(TASK(ONE("a", "false") "," ONE("b", "false") "," ONE("c", "true")));
    task->definition->containers[1].steady = ECSENGINE_CONTAINER_RESOURCES_PROVISIONED;
    task->containers[0].known = task->containers[1].known = RUNNING;
    task->containers[2].known = STOPPED;
    task_update(&made, task);
    ck_assert_int_eq(ECSENGINE_TASK_NONE, task->known); /* a is where it stays: no statement */
    task->definition->containers[0].steady = ECSENGINE_CONTAINER_RESOURCES_PROVISIONED;
    task->definition->containers[1].steady = RUNNING;
    task_update(&made, task);
    ck_assert_int_eq(ECSENGINE_TASK_CREATED, task->known);
    end();
}
END_TEST

START_TEST(a_known_status_never_falls)
{
    made_open();
    made_settle();
    struct task *task = made_add(TASK(ONE("a", "true")));
    task->known = ECSENGINE_TASK_RUNNING;
    task->containers[0].known = CREATED;
    task_update(&made, task);
    ck_assert_int_eq(ECSENGINE_TASK_RUNNING, task->known);
    end();
}
END_TEST

/* ---- desired (2.4) ---- */

START_TEST(an_essential_container_that_shall_stop_stops_its_task)
{
    made_open();
    made_settle();
    struct task *task = made_add(TASK(ONE("a", "true") "," ONE("b", "false")));
    task->containers[0].desired = STOPPED;
    task_update(&made, task);
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, task->desired);
    ck_assert_int_eq(STOPPED, task->containers[1].desired);
    end();
}
END_TEST

START_TEST(one_that_is_not_essential_does_not)
{
    made_open();
    made_settle();
    struct task *task = made_add(TASK(ONE("a", "true") "," ONE("b", "false")));
    task->containers[1].desired = STOPPED;
    task_update(&made, task);
    ck_assert_int_eq(ECSENGINE_TASK_RUNNING, task->desired);
    ck_assert_int_eq(RUNNING, task->containers[0].desired);
    ck_assert_int_eq(STOPPED, task->containers[1].desired); /* never lowered */
    end();
}
END_TEST

START_TEST(wanting_less_changes_nothing)
{
    made_open();
    made_settle();
    struct task *task = made_add(TASK(ONE("a", "true")));
    task_want(&made, task, ECSENGINE_TASK_STOPPED);
    task_want(&made, task, ECSENGINE_TASK_RUNNING);
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, task->desired);
    end();
}
END_TEST

/* ---- times ---- */

static void ends(struct container *container)
{
    made.wall_ns += NS_PER_S;
    made.mono_ns += NS_PER_S;
    container_change(&made, container, STOPPED, NULL, NULL);
}

START_TEST(execution_stopped_with_the_first_essential_end_and_no_other)
{
    made_open();
    made_settle();
    struct task *task = made_add(TASK(ONE("a", "true") "," ONE("b", "true") "," ONE("c", "false")));
    ends(&task->containers[2]);
    ck_assert_int_eq(0, task->execution_stopped_at);
    ends(&task->containers[1]);
    int64_t first = made.wall_ns;
    ck_assert_int_eq(first, task->execution_stopped_at);
    ends(&task->containers[0]);
    ck_assert_int_eq(first, task->execution_stopped_at);
    ck_assert_int_eq(made.wall_ns, task->known_at); /* and the task with the last */
    end();
}
END_TEST

START_TEST(pulls_are_stamped_from_the_first_begin_to_the_last_end)
{
    made_set("image-manifest-resolution", "false");
    made_open();
    made_settle();
    struct task *task = made_add(TASK(ONE("a", "true") "," ONE("b", "true")));
    int64_t begun = made.wall_ns;
    struct ecsengine_op *one = made_next(), *two = made_next();
    ck_assert_int_eq(ECSENGINE_OP_PULL_IMAGE, one->kind);
    ck_assert_int_eq(ECSENGINE_OP_PULL_IMAGE, two->kind);
    ck_assert_int_eq(begun, task->pull_started_at);
    ck_assert_int_eq(0, task->pull_stopped_at);
    made.wall_ns += NS_PER_S;
    made_good(one);
    ck_assert_int_eq(begun + NS_PER_S, task->pull_stopped_at);
    made.wall_ns += NS_PER_S;
    made_fail(two, ECSENGINE_FAILURE_OTHER, "CannotPullContainerAuthError", "no");
    ck_assert_int_eq(begun + 2 * NS_PER_S, task->pull_stopped_at);
    ck_assert_int_eq(begun, task->pull_started_at);
    end();
}
END_TEST

/* ---- kill ---- */

START_TEST(a_kill_takes_the_grace_from_a_stop_that_is_in_flight)
{
    made_open();
    made_settle();
    struct task *task = made_add(TASK(ONE("a", "true")));
    made_settle();
    made_stop(task);
    struct ecsengine_op *op = made_next();
    ck_assert_int_eq(ECSENGINE_OP_STOP, op->kind);
    ck_assert_int_gt(op->grace_ns, 0);
    task_kill(&made, task);
    ck_assert_int_eq(0, engine_advance(&made));
    struct ecsengine_op *again = made_next();
    ck_assert_int_eq(ECSENGINE_OP_STOP, again->kind);
    ck_assert_int_eq(0, again->grace_ns);
    task_kill(&made, task); /* once is enough */
    ck_assert_int_eq(0, engine_advance(&made));
    ck_assert_ptr_null(made_next());
    op_unref(op);
    op_unref(again);
    end();
}
END_TEST

/* ---- what is told of it, through getters ---- */

static const struct ecsengine_event *told(enum ecsengine_event_kind kind, uint8_t status)
{
    for (struct list *node = made.events_out.next; node != &made.events_out; node = node->next) {
        const struct ecsengine_event *event = container_of(node, struct ecsengine_event, link);
        if (event->kind == kind && event->status == status)
            return event;
    }
    ck_abort_msg("it is not told");
}

START_TEST(getters_give_what_an_event_tells)
{
    made_open();
    made_settle();
    struct task *task = made_add(TASK(ONE("a", "true")));
    made_settle();
    made_stop(task);
    made_settle();
    const struct ecsengine_event *event = told(ECSENGINE_EVENT_CONTAINER, RUNNING);
    ck_assert_str_eq(str_text(task->containers[0].runtime_id), ecsengine_event_runtime_id(event));
    event = told(ECSENGINE_EVENT_CONTAINER, STOPPED);
    ck_assert_int_eq(1, ecsengine_event_exit_code(event, NULL)); /* that there is one */
    event = told(ECSENGINE_EVENT_TASK, ECSENGINE_TASK_STOPPED);
    ck_assert_int_eq(WALL_0, ecsengine_event_pull_started_at(event));
    ck_assert_int_eq(WALL_0, ecsengine_event_pull_stopped_at(event));
    ck_assert_int_eq(WALL_0, ecsengine_event_execution_stopped_at(event));
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_event_json(event, NULL, NULL));
    end();
}
END_TEST

/* ---- what is due ---- */

START_TEST(a_task_that_has_ended_waits_for_its_removal_alone)
{
    made_open();
    made_settle();
    struct task *task =
        made_add(TASK("{'name':'a','image':'nginx','memory':64,'startTimeout':60},{'name':'b','image':'x','memory':4,'dependsOn':"
                      "[{'containerName':'a','condition':'COMPLETE'}]}"));
    made_settle();
    ck_assert_int_eq(RUNNING, task->containers[0].known);
    ck_assert(heap_has(&task->containers[0].start_timer.node));
    made_stop(task);
    made_settle();
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, task->known);
    for (uint16_t i = 0; i < task->container_count; i++) {
        ck_assert(!heap_has(&task->containers[i].start_timer.node));
        ck_assert(!heap_has(&task->containers[i].inspect_timer.node));
        ck_assert(!heap_has(&task->containers[i].retry.node));
    }
    ck_assert(heap_has(&task->timer.node));
    end();
}
END_TEST

/* A start timeout counts from the start, however late one hears of it, and by the wall clock; but never longer than was asked for. */
START_TEST(a_start_timeout_has_left_what_is_left_of_it)
{
    static const struct {
        int64_t ago_s, left_s;
    } rows[] = {{0, 60}, {20, 40}, {59, 1}, {60, 0}, {3600, 0}, {-3600, 60}};

    made_open();
    made_settle();
    struct task *task = made_add(TASK("{'name':'a','image':'nginx','memory':64,'startTimeout':60}"));
    struct container *container = &task->containers[0];
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        container->started_at = made.wall_ns - rows[i].ago_s * NS_PER_S;
        task_arm_start_timeout(&made, container);
        ck_assert_int_eq(made.mono_ns + rows[i].left_s * NS_PER_S + 1, container->start_timer.node.key);
    }
    end();
}
END_TEST

static void fill(TCase *tcase)
{
    int rows = sizeof(table) / sizeof(table[0]);

    tcase_add_checked_fixture(tcase, made_start, NULL);
    tcase_add_loop_test(tcase, a_task_is_as_far_as_the_container_that_is_least_far, 0, rows);
    tcase_add_loop_test(tcase, the_order_of_the_containers_makes_no_difference, 0, rows);
    tcase_add_test(tcase, a_known_status_never_falls);
    tcase_add_test(tcase, an_essential_container_that_shall_stop_stops_its_task);
    tcase_add_test(tcase, one_that_is_not_essential_does_not);
    tcase_add_test(tcase, wanting_less_changes_nothing);
    tcase_add_test(tcase, execution_stopped_with_the_first_essential_end_and_no_other);
    tcase_add_test(tcase, pulls_are_stamped_from_the_first_begin_to_the_last_end);
    tcase_add_test(tcase, a_kill_takes_the_grace_from_a_stop_that_is_in_flight);
    tcase_add_test(tcase, getters_give_what_an_event_tells);
    tcase_add_test(tcase, a_task_that_has_ended_waits_for_its_removal_alone);
    tcase_add_test(tcase, of_those_who_are_equally_far_the_first_decides);
    tcase_add_test(tcase, a_start_timeout_has_left_what_is_left_of_it);
}

int main(void) { return made_run("task", fill); }
