/* SPDX-License-Identifier: Apache-2.0 */
/* Restart policies in both forms: what the backend sends is taken as it is, a task definition is held to what ECS allows. */
#include "fixture.h"

#include "base/timefmt.h"

#define P_WITH(policy) PAYLOAD("{'name':'web','image':'nginx','restartPolicy':{" policy "}}")
#define T_WITH(policy) TASKDEF("{'name':'web','image':'nginx','restartPolicy':{" policy "}}")
#define FIFTY "1,2,3,4,5,6,7,8,9,10,1,2,3,4,5,6,7,8,9,10,1,2,3,4,5,6,7,8,9,10,1,2,3,4,5,6,7,8,9,10,1,2,3,4,5,6,7,8,9,10"

static const struct restart_policy *policy_of(const char *document) { return accept(document)->containers[0].restart; }

START_TEST(only_an_enabled_policy_is_one)
{
    ck_assert_ptr_null(policy_of(PAYLOAD(WEB)));
    ck_assert_ptr_null(policy_of(P_WITH("")));
    ck_assert_ptr_null(policy_of(P_WITH("'restartAttemptPeriod':60,'ignoredExitCodes':[1]")));
    ck_assert_ptr_null(policy_of(P_WITH("'enabled':false,'restartAttemptPeriod':60")));
    ck_assert_ptr_null(policy_of(T_WITH("'enabled':false,'restartAttemptPeriod':5")));
    ck_assert_ptr_nonnull(policy_of(P_WITH("'enabled':true")));
    ck_assert_uint_eq(0, last.spec->notice_count);
}
END_TEST

START_TEST(a_payload_has_no_bounds_and_no_default)
{
    ck_assert_int_eq(0, policy_of(P_WITH("'enabled':true"))->period_ns);
    ck_assert_int_eq(5 * NS_PER_S, policy_of(P_WITH("'enabled':true,'restartAttemptPeriod':5"))->period_ns);
    ck_assert_int_eq(-NS_PER_S, policy_of(P_WITH("'enabled':true,'restartAttemptPeriod':-1"))->period_ns);
    ck_assert_int_eq(INT32_MAX * NS_PER_S, policy_of(P_WITH("'enabled':true,'restartAttemptPeriod':2147483647"))->period_ns);
    const struct restart_policy *policy = policy_of(P_WITH("'Enabled':true,'IgnoredExitCodes':[" FIFTY ",-1]"));
    ck_assert_uint_eq(51, policy->ignored_count);
    ck_assert_int_eq(10, policy->ignored[49]);
    ck_assert_int_eq(-1, policy->ignored[50]);
    refuse(P_WITH("'enabled':true,'restartAttemptPeriod':2147483648"),
           DECODE "$.containers[0].restartPolicy.restartAttemptPeriod: expected a whole number from -2147483648 to 2147483647, got "
                  "2147483648 (line 1, column 215)");
    refuse(P_WITH("'enabled':true,'ignoredExitCodes':[0,1.5]"),
           DECODE "$.containers[0].restartPolicy.ignoredExitCodes[1]: expected a whole number from -2147483648 to 2147483647, got "
                  "1.5 (line 1, column 214)");
}
END_TEST

START_TEST(a_task_definition_has_the_ranges_and_the_default_of_ecs)
{
    ck_assert_int_eq(300 * NS_PER_S, policy_of(T_WITH("'enabled':true"))->period_ns);
    ck_assert_int_eq(60 * NS_PER_S, policy_of(T_WITH("'enabled':true,'restartAttemptPeriod':60"))->period_ns);
    ck_assert_int_eq(1800 * NS_PER_S, policy_of(T_WITH("'enabled':true,'restartAttemptPeriod':1800"))->period_ns);
    ck_assert_uint_eq(50, policy_of(T_WITH("'enabled':true,'ignoredExitCodes':[" FIFTY "]"))->ignored_count);
    refuse(T_WITH("'enabled':true,'restartAttemptPeriod':59"),
           DECODE "$.containerDefinitions[0].restartPolicy.restartAttemptPeriod: expected a whole number from 60 to 1800, got 59 "
                  "(line 1, column 189)");
    refuse(T_WITH("'enabled':true,'restartAttemptPeriod':1801"),
           DECODE "$.containerDefinitions[0].restartPolicy.restartAttemptPeriod: expected a whole number from 60 to 1800, got 1801 "
                  "(line 1, column 189)");
    refuse(T_WITH("'enabled':true,'ignoredExitCodes':[" FIFTY ",11]"),
           DECODE "$.containerDefinitions[0].restartPolicy.ignoredExitCodes: has 51 elements, more than 50 (line 1, column 185)");
}
END_TEST

START_TEST(policies_that_differ_make_definitions_that_differ)
{
    uint64_t hashes[4];

    hashes[0] = accept(P_WITH("'enabled':true,'ignoredExitCodes':[1]"))->hash;
    hashes[1] = accept(P_WITH("'enabled':true,'ignoredExitCodes':[2]"))->hash;
    hashes[2] = accept(P_WITH("'enabled':true,'restartAttemptPeriod':1,'ignoredExitCodes':[1]"))->hash;
    hashes[3] = accept(P_WITH("'enabled':false,'ignoredExitCodes':[1]"))->hash;
    for (int i = 0; i < 4; i++)
        for (int k = 0; k < i; k++)
            ck_assert_uint_ne(hashes[i], hashes[k]);
    ck_assert_uint_eq(hashes[3], accept(PAYLOAD(WEB))->hash);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_test(tcase, only_an_enabled_policy_is_one);
    tcase_add_test(tcase, a_payload_has_no_bounds_and_no_default);
    tcase_add_test(tcase, a_task_definition_has_the_ranges_and_the_default_of_ecs);
    tcase_add_test(tcase, policies_that_differ_make_definitions_that_differ);
}

int main(void) { return run_cases("spec: restart", add); }
