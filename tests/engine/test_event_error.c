/* SPDX-License-Identifier: Apache-2.0 */
/* The table of errors (task-engine: section 5.4; the agent's handleEventError): each cell is a test, named after the status that the
 * event was for, the condition, and what follows. */
#include "made.h"

#include "engine/container.h"

#define WEB "{'name':'web','image':'nginx','memory':64}"
#define SIDE "{'name':'side','image':'nginx','memory':64,'essential':false}"

static struct task *task;
static struct container *web, *side;

/* A task whose containers are known to be `previous` and have the next step in flight. Nothing is in the way of the change itself. */
static void begin(const char *behavior, container_status previous)
{
    made_set("image-pull-behavior", behavior);
    made_open();
    made_settle();
    task = made_add(TASK(WEB "," SIDE));
    web = &task->containers[0];
    side = &task->containers[1];
    for (struct container *container = web; container <= side; container++) {
        container->known = previous;
        container->desired = ECSENGINE_CONTAINER_RUNNING;
        container->applied = previous + 1;
    }
}

static void change(struct container *container, container_status status, const char *name, const char *text)
{
    struct failure failure = {.kind = ECSENGINE_FAILURE_OTHER, .name = name, .text = text};

    ck_assert_int_eq(0, engine_reserve(&made, task));
    container_change(&made, container, status, NULL, &failure);
}

/* Ends before anything moves on: what the cell says is all that is looked at. */
static void end(void)
{
    struct ecsengine_op *op;

    while ((op = made_next()) != NULL)
        op_unref(op);
    web->applied = side->applied = ECSENGINE_CONTAINER_NONE;
    made_close();
}

static void proceeds(container_status at, const char *reason)
{
    ck_assert_int_eq(at, web->known);
    ck_assert_str_eq(reason, str_text(web->error));
    ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, web->desired);
    ck_assert_int_eq(ECSENGINE_TASK_RUNNING, task->desired);
    end();
}

/* Even a container that is not essential stops the whole task, and stays at the status of the event. */
static void stops_the_task(container_status at, const char *reason)
{
    ck_assert_int_eq(at, side->known);
    ck_assert_str_eq(reason, str_text(side->error));
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, task->desired);
    ck_assert_int_eq(ECSENGINE_CONTAINER_NONE, side->emitted); /* no event */
    end();
}

static void reverts(container_status to, bool force, const char *reason)
{
    ck_assert_int_eq(to, web->known);
    ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, web->desired);
    ck_assert_int_eq(ECSENGINE_CONTAINER_NONE, web->applied); /* the transition is over */
    ck_assert_int_eq(force, web->force_stop);
    ck_assert_int_eq(ECSENGINE_CONTAINER_NONE, web->emitted);
    ck_assert_str_eq(reason, str_text(web->error));
    end();
}

#define PULL_CELL(test, behavior, status, error) \
    START_TEST(test) \
    { \
        begin(behavior, (status) - 1); \
        change(web, (status), error, "no"); \
        proceeds((status), error ": no"); \
    } \
    END_TEST
#define STOP_CELL(test, behavior, status, error) \
    START_TEST(test) \
    { \
        begin(behavior, (status) - 1); \
        change(side, (status), error, "no"); \
        stops_the_task((status), error ": no"); \
    } \
    END_TEST
#define REVERT_CELL(test, status, error, text, force) \
    START_TEST(test) \
    { \
        begin("default", (status) - 1); \
        change(web, (status), error, text); \
        reverts((status) - 1, force, error ": " text); \
    } \
    END_TEST

#define MANIFEST ECSENGINE_CONTAINER_MANIFEST_PULLED
#define PULLED ECSENGINE_CONTAINER_PULLED
#define CREATED ECSENGINE_CONTAINER_CREATED
#define RUNNING ECSENGINE_CONTAINER_RUNNING
#define PROVISIONED ECSENGINE_CONTAINER_RESOURCES_PROVISIONED

PULL_CELL(manifest_pulled_default_goes_on, "default", MANIFEST, "CannotPullImageManifestError")
PULL_CELL(manifest_pulled_prefer_cached_goes_on, "prefer-cached", MANIFEST, "CannotPullImageManifestError")
STOP_CELL(manifest_pulled_always_stops_the_task, "always", MANIFEST, "CannotPullImageManifestError")
STOP_CELL(manifest_pulled_once_stops_the_task, "once", MANIFEST, "CannotPullImageManifestError")
PULL_CELL(pulled_default_goes_on, "default", PULLED, "CannotPullContainerError")
PULL_CELL(pulled_prefer_cached_goes_on, "prefer-cached", PULLED, "CannotPullContainerError")
STOP_CELL(pulled_always_stops_the_task, "always", PULLED, "CannotPullContainerError")
STOP_CELL(pulled_once_stops_the_task, "once", PULLED, "CannotPullContainerError")

REVERT_CELL(created_any_error_reverts_without_a_stop, CREATED, "CannotCreateContainerError", "no", false)
REVERT_CELL(created_timeout_reverts_without_a_stop, CREATED, "DockerTimeoutError", "late", false)

REVERT_CELL(running_timeout_reverts_and_stops_by_force, RUNNING, "DockerTimeoutError", "late", true)
REVERT_CELL(running_failed_inspection_reverts_and_stops_by_force, RUNNING, "CannotInspectContainerError", "no", true)
REVERT_CELL(running_start_error_that_ends_in_eof_reverts_and_stops_by_force, RUNNING, "CannotStartContainerError", "unexpected EOF",
            true)
REVERT_CELL(running_start_error_with_eof_inside_reverts_without_a_stop, RUNNING, "CannotStartContainerError", "EOF seen", false)
REVERT_CELL(running_another_error_that_ends_in_eof_reverts_without_a_stop, RUNNING, "ContainerNetworkingError", "EOF", false)
REVERT_CELL(running_any_other_error_reverts_without_a_stop, RUNNING, "CannotStartContainerError", "no", false)

REVERT_CELL(provisioned_timeout_reverts_and_stops_by_force, PROVISIONED, "DockerTimeoutError", "late", true)
REVERT_CELL(provisioned_failed_inspection_reverts_and_stops_by_force, PROVISIONED, "CannotInspectContainerError", "no", true)
REVERT_CELL(provisioned_start_error_that_ends_in_eof_reverts_and_stops_by_force, PROVISIONED, "CannotStartContainerError", "EOF", true)
REVERT_CELL(provisioned_any_other_error_reverts_without_a_stop, PROVISIONED, "ContainerNetworkingError", "no", false)

START_TEST(none_is_always_redundant)
{
    begin("default", CREATED);
    change(web, ECSENGINE_CONTAINER_NONE, "CannotCreateContainerError", "no");
    ck_assert_int_eq(CREATED, web->known);
    ck_assert_int_eq(RUNNING, web->desired);
    ck_assert_ptr_null(web->error);
    end();
}
END_TEST

START_TEST(stopped_any_error_is_stopped_and_told)
{
    begin("default", RUNNING);
    web->applied = ECSENGINE_CONTAINER_STOPPED;
    change(web, ECSENGINE_CONTAINER_STOPPED, "OutOfMemoryError", "Container killed due to memory usage");
    ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, web->known);
    ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, web->desired);
    ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, web->emitted);
    ck_assert_str_eq("OutOfMemoryError: Container killed due to memory usage", str_text(web->error));
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, task->desired); /* it is essential */
    end();
}
END_TEST

START_TEST(the_first_error_sticks)
{
    begin("default", ECSENGINE_CONTAINER_NONE);
    change(web, MANIFEST, "CannotPullImageManifestError", "first");
    change(web, PULLED, "CannotPullContainerError", "second");
    ck_assert_str_eq("CannotPullImageManifestError: first", str_text(web->error));
    end();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, made_start, NULL);
    tcase_add_test(tcase, manifest_pulled_default_goes_on);
    tcase_add_test(tcase, manifest_pulled_prefer_cached_goes_on);
    tcase_add_test(tcase, manifest_pulled_always_stops_the_task);
    tcase_add_test(tcase, manifest_pulled_once_stops_the_task);
    tcase_add_test(tcase, pulled_default_goes_on);
    tcase_add_test(tcase, pulled_prefer_cached_goes_on);
    tcase_add_test(tcase, pulled_always_stops_the_task);
    tcase_add_test(tcase, pulled_once_stops_the_task);
    tcase_add_test(tcase, created_any_error_reverts_without_a_stop);
    tcase_add_test(tcase, created_timeout_reverts_without_a_stop);
    tcase_add_test(tcase, running_timeout_reverts_and_stops_by_force);
    tcase_add_test(tcase, running_failed_inspection_reverts_and_stops_by_force);
    tcase_add_test(tcase, running_start_error_that_ends_in_eof_reverts_and_stops_by_force);
    tcase_add_test(tcase, running_start_error_with_eof_inside_reverts_without_a_stop);
    tcase_add_test(tcase, running_another_error_that_ends_in_eof_reverts_without_a_stop);
    tcase_add_test(tcase, running_any_other_error_reverts_without_a_stop);
    tcase_add_test(tcase, provisioned_timeout_reverts_and_stops_by_force);
    tcase_add_test(tcase, provisioned_failed_inspection_reverts_and_stops_by_force);
    tcase_add_test(tcase, provisioned_start_error_that_ends_in_eof_reverts_and_stops_by_force);
    tcase_add_test(tcase, provisioned_any_other_error_reverts_without_a_stop);
    tcase_add_test(tcase, none_is_always_redundant);
    tcase_add_test(tcase, stopped_any_error_is_stopped_and_told);
    tcase_add_test(tcase, the_first_error_sticks);
}

int main(void) { return made_run("event_error", fill); }
