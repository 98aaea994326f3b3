/* SPDX-License-Identifier: Apache-2.0 */
/* The words of operations that fail (task-engine 11.1), kind by kind. */
#include "made.h"

#include "ecsengine/runtime.h"

static const struct words {
    enum ecsengine_op_kind kind;
    const char *name;
    const char *word;
} rows[] = {
    {ECSENGINE_OP_INFO, "CannotGetDockerclientError", "listing"},
    {ECSENGINE_OP_PING, "CannotGetDockerclientError", "listing"},
    {ECSENGINE_OP_SUBSCRIBE, "CannotGetDockerclientError", "subscribed"},
    {ECSENGINE_OP_PULL_IMAGE, "CannotPullContainerError", "pulled"},
    {ECSENGINE_OP_PULL_MANIFEST, "CannotPullImageManifestError", "MANIFEST_PULLED"},
    {ECSENGINE_OP_INSPECT_IMAGE, "CannotPullImageManifestError", "inspecting"},
    {ECSENGINE_OP_TAG_IMAGE, "CannotPullContainerError", "pulled"},
    {ECSENGINE_OP_CREATE, "CannotCreateContainerError", "created"},
    {ECSENGINE_OP_START, "CannotStartContainerError", "started"},
    {ECSENGINE_OP_STOP, "CannotStopContainerError", "stopped"},
    {ECSENGINE_OP_INSPECT, "CannotInspectContainerError", "inspecting"},
    {ECSENGINE_OP_REMOVE, "CannotRemoveContainerError", "removing"},
    {ECSENGINE_OP_VOLUME_CREATE, "CannotCreateVolumeError", "creating volume"},
    {ECSENGINE_OP_VOLUME_INSPECT, "CannotInspectVolumeError", "inspecting volume"},
    {ECSENGINE_OP_VOLUME_REMOVE, "CannotRemoveVolumeError", "removing volume"},
    {ECSENGINE_OP_RESOURCE_CREATE, "ResourceInitializationError", "creating resource"},
    {ECSENGINE_OP_RESOURCE_REMOVE, "CannotRemoveResourceError", "removing resource"},
    {ECSENGINE_OP_PROVISION, "ContainerNetworkingError", "provisioned"},
    {ECSENGINE_OP_LIST, "CannotListContainersError", "listing"},
    {ECSENGINE_OP_EXEC_CREATE, "CannotCreateContainerExecError", "exec command"},
    {ECSENGINE_OP_EXEC_START, "CannotStartContainerExecError", "start exec command"},
    {ECSENGINE_OP_EXEC_INSPECT, "CannotInspectContainerExecError", "inspect exec command"},
    {ECSENGINE_OP_EXEC_RUN, "CannotRunContainerExecError", "run exec command"},
    {ECSENGINE_OP_AGENT_PREPARE, "CannotPrepareAgentError", "preparing agent"},
    {ECSENGINE_OP_AGENT_CLEAN, "CannotCleanAgentError", "cleaning agent"},
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

START_TEST(each_kind_has_the_references_error_name)
{
    struct ecsengine_result result = {.failure = ECSENGINE_FAILURE_OTHER};
    struct ecsengine_op op = {.kind = (uint8_t)rows[_i].kind};
    struct failure failure;

    ck_assert_str_eq(rows[_i].name, error_name_of(rows[_i].kind));
    failure_of(&failure, &op, &result);
    ck_assert_str_eq(rows[_i].name, failure.name);
    ck_assert_int_eq(ECSENGINE_FAILURE_OTHER, failure.kind);
}
END_TEST

START_TEST(each_kind_has_the_references_word_for_a_timeout)
{
    struct ecsengine_op op = {.kind = (uint8_t)rows[_i].kind};
    struct failure failure;
    char text[128];

    failure_timeout(&failure, &op, 90 * NS_PER_S);
    snprintf(text, sizeof(text), "Could not transition to %s; timed out after waiting 1m30s", rows[_i].word);
    ck_assert_str_eq(text, failure.text);
    ck_assert_str_eq("DockerTimeoutError", failure.name);
    ck_assert_int_eq(ECSENGINE_FAILURE_UNREACHABLE, failure.kind);
}
END_TEST

START_TEST(a_kind_that_fails_in_no_way_of_its_own_has_no_name)
{
    ck_assert_str_eq("UnknownError", error_name_of(ECSENGINE_OP_NONE));
    ck_assert_str_eq("UnknownError", error_name_of(ECSENGINE_OP_CANCEL));
    ck_assert_str_eq("UnknownError", error_name_of((enum ecsengine_op_kind)(ECSENGINE_OP_AGENT_CLEAN + 1))); /* the last kind is this */
    ck_assert_str_eq("UnknownError", error_name_of((enum ecsengine_op_kind)1000));
}
END_TEST

START_TEST(no_result_at_all_is_a_failure)
{
    struct ecsengine_op op = {.kind = ECSENGINE_OP_START};
    struct failure failure;

    failure_of(&failure, &op, NULL);
    ck_assert_int_eq(ECSENGINE_FAILURE_OTHER, failure.kind);
    ck_assert_str_eq("the host ran out of memory", failure.text);
}
END_TEST

START_TEST(what_the_runtime_calls_it_goes_before_the_kinds_name)
{
    struct ecsengine_op op = {.kind = ECSENGINE_OP_START};
    struct failure failure;

    made_open();
    struct ecsengine_result *result = made_result();
    ck_assert_int_eq(0, ecsengine_result_set_failure(result, ECSENGINE_FAILURE_NOT_FOUND, "gone"));
    ck_assert_int_eq(0, ecsengine_result_set_error_name(result, "ItIsGone"));
    failure_of(&failure, &op, result);
    ck_assert_str_eq("ItIsGone", failure.name);
    ck_assert_str_eq("gone", failure.text);
    ck_assert_int_eq(ECSENGINE_FAILURE_NOT_FOUND, failure.kind);
    ecsengine_result_free(result);
    made_close();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, made_start, NULL);
    tcase_add_loop_test(tcase, each_kind_has_the_references_error_name, 0, ROWS);
    tcase_add_loop_test(tcase, each_kind_has_the_references_word_for_a_timeout, 0, ROWS);
    tcase_add_test(tcase, a_kind_that_fails_in_no_way_of_its_own_has_no_name);
    tcase_add_test(tcase, no_result_at_all_is_a_failure);
    tcase_add_test(tcase, what_the_runtime_calls_it_goes_before_the_kinds_name);
}

int main(void) { return made_run("ops", fill); }
