/* SPDX-License-Identifier: Apache-2.0 */
/* Volumes of the simulated host, and what else a host makes. */
#include <string.h>

#include "fixture.h"

static uint64_t volume(enum ecsengine_op_kind kind, const char *name, const char *config)
{
    return fake_submit(&engine, (struct ecsengine_op){.kind = kind, .task = TASK_ARN, .resource = "data", .runtime_name = name, .config = config});
}

static void refused(uint64_t op_id, enum ecsengine_failure failure, const char *text)
{
    const struct fake_said *said = fake_answer(&engine, op_id);

    ck_assert_ptr_nonnull(said);
    ck_assert(said->has_result && said->result.failed);
    ck_assert_int_eq(failure, said->result.failure);
    ck_assert_str_eq(text, said->result.text);
}

START_TEST(a_volume_is_made_looked_at_and_removed)
{
    const struct ecsengine_result *made = good(volume(ECSENGINE_OP_VOLUME_CREATE, "v1", "{\"Name\":\"v1\",\"DriverOpts\":{\"a\":\"1\"},"
                                                                                       "\"Labels\":{\"x\":\"y\"}}"));
    ck_assert_str_eq("v1", made->volume);
    ck_assert_uint_eq(1, ecsengine_sim_volume_count(sim));
    ck_assert_str_eq("v1", ecsengine_sim_volume_name(sim, 0));
    ck_assert_ptr_null(ecsengine_sim_volume_name(sim, 1));
    const struct ecsengine_result *seen = good(volume(ECSENGINE_OP_VOLUME_INSPECT, "v1", NULL));
    ck_assert_str_eq("a=1;", seen->options);
    ck_assert_str_eq("x=y;", seen->labels);
    good(volume(ECSENGINE_OP_VOLUME_REMOVE, "v1", NULL));
    ck_assert_uint_eq(0, ecsengine_sim_volume_count(sim));
}
END_TEST

START_TEST(making_a_volume_that_is_there_changes_nothing)
{
    good(volume(ECSENGINE_OP_VOLUME_CREATE, "v1", "{\"Labels\":{\"x\":\"y\"}}"));
    good(volume(ECSENGINE_OP_VOLUME_CREATE, "v1", "{\"Labels\":{\"x\":\"z\"}}"));
    ck_assert_uint_eq(1, ecsengine_sim_volume_count(sim));
    ck_assert_str_eq("x=y;", good(volume(ECSENGINE_OP_VOLUME_INSPECT, "v1", NULL))->labels);
}
END_TEST

START_TEST(a_volume_that_is_not_there_is_not_found)
{
    const char *text = "Error response from daemon: get v1: no such volume";

    refused(volume(ECSENGINE_OP_VOLUME_INSPECT, "v1", NULL), ECSENGINE_FAILURE_NOT_FOUND, text);
    refused(volume(ECSENGINE_OP_VOLUME_REMOVE, "v1", NULL), ECSENGINE_FAILURE_NOT_FOUND, text);
    refused(volume(ECSENGINE_OP_VOLUME_CREATE, "v1", "[]"), ECSENGINE_FAILURE_OTHER,
            "Error response from daemon: the volume's configuration is no JSON object");
    ck_assert_uint_eq(0, ecsengine_sim_volume_count(sim));
}
END_TEST

START_TEST(a_volume_in_use_stays)
{
    good(volume(ECSENGINE_OP_VOLUME_CREATE, "v1", "{}"));
    good(create_with("web", "\"HostConfig\":{\"Binds\":[\"v1:/a\",\"v2:/b:ro\",\"/etc:/etc\"]}"));
    ck_assert_uint_eq(2, ecsengine_sim_volume_count(sim)); /* Docker makes what is named and not there */
    refused(volume(ECSENGINE_OP_VOLUME_REMOVE, "v1", NULL), ECSENGINE_FAILURE_CONFLICT,
            "Error response from daemon: remove v1: volume is in use");
    good(remove_container("web", 0));
    good(volume(ECSENGINE_OP_VOLUME_REMOVE, "v2", NULL));
    good(volume(ECSENGINE_OP_VOLUME_REMOVE, "v1", NULL));
    ck_assert_uint_eq(0, ecsengine_sim_volume_count(sim));
}
END_TEST

START_TEST(an_outsider_makes_volumes)
{
    ck_assert_int_eq(0, ecsengine_sim_volume_create(sim, "s", "{\"DriverOpts\":{\"o\":\"x\"}}", NULL));
    ck_assert_int_eq(0, ecsengine_sim_volume_create(sim, "t", NULL, NULL));
    ck_assert_str_eq("o=x;", good(volume(ECSENGINE_OP_VOLUME_INSPECT, "s", NULL))->options);
    ck_assert_str_eq("", good(volume(ECSENGINE_OP_VOLUME_INSPECT, "t", NULL))->options);
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_sim_volume_create(sim, "", NULL, NULL));
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_sim_volume_create(sim, "u", "no", NULL));
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_sim_volume_create(NULL, "u", NULL, NULL));
    ck_assert_uint_eq(0, ecsengine_sim_volume_count(NULL));
    ck_assert_ptr_null(ecsengine_sim_volume_name(NULL, 0));
}
END_TEST

START_TEST(what_a_host_makes_is_taken_for_made)
{
    good(volume(ECSENGINE_OP_RESOURCE_CREATE, "r1", NULL));
    good(volume(ECSENGINE_OP_RESOURCE_CREATE, "r1", NULL)); /* asked twice */
    ck_assert_uint_eq(1, ecsengine_sim_resource_count(sim));
    ck_assert_str_eq("r1", ecsengine_sim_resource_name(sim, 0));
    good(volume(ECSENGINE_OP_RESOURCE_REMOVE, "r1", NULL));
    good(volume(ECSENGINE_OP_RESOURCE_REMOVE, "r1", NULL));
    ck_assert_uint_eq(0, ecsengine_sim_resource_count(sim));
    ck_assert_uint_eq(0, ecsengine_sim_volume_count(sim));
    good(volume(ECSENGINE_OP_PROVISION, "", NULL));
    ck_assert_uint_eq(0, ecsengine_sim_resource_count(NULL));
    ck_assert_ptr_null(ecsengine_sim_resource_name(sim, 0));
}
END_TEST

START_TEST(rules_find_a_resource_by_its_name)
{
    script("op=volume-create container=data nth=2 fault=error text=full");
    good(volume(ECSENGINE_OP_VOLUME_CREATE, "v1", "{}"));
    refused(volume(ECSENGINE_OP_VOLUME_CREATE, "v2", "{}"), ECSENGINE_FAILURE_OTHER, "full");
    script("op=resource-create container=other fault=error");
    good(volume(ECSENGINE_OP_RESOURCE_CREATE, "r1", NULL));
}
END_TEST

int main(void)
{
    const TTest *tests[] = {a_volume_is_made_looked_at_and_removed,
                            making_a_volume_that_is_there_changes_nothing,
                            a_volume_that_is_not_there_is_not_found,
                            a_volume_in_use_stays,
                            an_outsider_makes_volumes,
                            what_a_host_makes_is_taken_for_made,
                            rules_find_a_resource_by_its_name};

    return run_tests("sim volumes", tests, sizeof(tests) / sizeof(tests[0]));
}
