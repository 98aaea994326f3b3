/* SPDX-License-Identifier: Apache-2.0 */
/* The model says of worlds that were worked out by hand what the reference says of them; the comparison finds what differs; the
 * enumeration has each world once. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "enumerate.h"

static struct durations durations[PLACES];
static struct expectation expected;

/* What the model expects of a world. */
static void expect(const char *code)
{
    struct world world;

    ck_assert_msg(world_read(code, &world), "%s", code);
    world_durations_drawn(world.timing, 1, durations);
    model_expect(&world, durations, &expected);
}

static const struct fate *fate(int c) { return &expected.fates[c]; }
static int64_t started(int c) { return durations[c].pull_ns + durations[c].create_ns + durations[c].start_ns; }
static int64_t lived(int c) { return started(c) + durations[c].life_ns; }

#define ck_at(ns, moment_) ck_assert_int_eq(ns, moment_ns(moment_))
#define ck_never(moment_) ck_assert_int_eq(MOMENT_NEVER, moment_)
#define ck_exit(code, c)                            \
    do {                                            \
        ck_assert(fate(c)->has_exit_code);          \
        ck_assert_int_eq(code, fate(c)->exit_code); \
    } while (0)

/* 3.11, the first sequence. */
START_TEST(one_container_runs_and_exits_0)
{
    expect("Z+/t0");
    ck_assert_int_eq(VERDICT_LIVES, expected.verdict);
    ck_at(0, fate(0)->pull);
    ck_at(durations[0].pull_ns, fate(0)->create);
    ck_at(started(0), fate(0)->running);
    ck_at(started(0), expected.running);
    ck_at(lived(0), fate(0)->stopped);
    ck_exit(0, 0);
    ck_assert_int_eq(REASON_NONE, fate(0)->reason);
    ck_never(fate(0)->stop);
    ck_at(lived(0), expected.stopped);
    ck_assert_str_eq("", expected.reason);
    ck_at(lived(0) + WORLD_CLEANUP, expected.removed);
}
END_TEST

/* 2.5: {not essential STOPPED, essential RUNNING} is RUNNING. */
START_TEST(a_container_that_is_not_essential_ends_and_the_others_go_on)
{
    expect("T-.R+/t0");
    ck_at(lived(0), fate(0)->stopped);
    ck_exit(3, 0);
    ck_at(WORLD_LATE, fate(1)->stop);
    ck_at(started(1), expected.running);
}
END_TEST

/* 2.4: an essential container that is STOPPED ends the task. */
START_TEST(an_essential_container_ends_and_the_others_are_stopped)
{
    expect("T+.R-/t0");
    ck_at(lived(0), fate(1)->stop);
    ck_at(lived(0) + durations[1].stop_ns, fate(1)->stopped);
    ck_exit(world_stop_code(1), 1);
    ck_at(lived(0) + durations[1].stop_ns, expected.stopped);
}
END_TEST

/* 2.5: {essential STOPPED, RUNNING} leaves the task as it is: it was never RUNNING as a whole. */
START_TEST(a_task_whose_essential_container_ended_first_is_never_running)
{
    expect("Z+.R-aC/t0");
    ck_never(expected.running);
    ck_never(fate(1)->pull);
    ck_assert(!fate(1)->has_exit_code);
    ck_assert_int_eq(REASON_NONE, fate(1)->reason);
    ck_at(lived(0), expected.stopped);
}
END_TEST

/* 4.5: the conditions. */
START_TEST(conditions_are_met_when_the_reference_says)
{
    static const struct {
        const char *code;
        int64_t after_ns; /* the start of a */
    } table[] = {{"R-.R-aS/t0", 0}, {"H-.R-aH/t0", 1}, {"Z-.R-aC/t0", 2}, {"Z-.R-aX/t0", 2}, {"T-.R-aC/t0", 2}};

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        expect(table[i].code);
        int64_t after_ns = table[i].after_ns == 0 ? 0 : table[i].after_ns == 1 ? durations[0].health_ns : durations[0].life_ns;
        ck_at(started(0) + after_ns, fate(1)->pull);
        ck_at(started(0) + after_ns + started(1), fate(1)->running);
    }
}
END_TEST

/* 4.8: exit code 143 and the reason of a dependency; its dependents go on to run if it is not essential and nothing of theirs. */
START_TEST(a_dependency_that_failed_ends_its_dependent_with_143)
{
    expect("T-.R-aX.R+/t0");
    ck_at(lived(0), fate(1)->stopped);
    ck_exit(143, 1);
    ck_assert_int_eq(REASON_DEPENDENCY, fate(1)->reason);
    ck_never(fate(1)->pull);
    ck_at(WORLD_LATE, fate(2)->stop);
}
END_TEST

/* 4.8: the target is essential: the task stops, without a reason of its own. */
START_TEST(an_essential_container_that_can_never_start_ends_the_task)
{
    expect("T-.R+aX.R-/t0");
    ck_exit(143, 1);
    ck_at(lived(0), fate(2)->stop);
    ck_assert_str_eq("", expected.reason);
}
END_TEST

/* 4.5 check 4, and 4.4 step 5: who could not be created ends after those that depend on it. */
START_TEST(who_cannot_be_created_ends_its_dependents_and_then_itself)
{
    expect("C-.R-aS/t0");
    int64_t failed_ns = durations[0].pull_ns + durations[0].create_ns;
    ck_at(failed_ns, fate(0)->stopped);
    ck_at(failed_ns, fate(1)->stopped);
    ck_assert(fate(1)->stopped < fate(0)->stopped);
    ck_exit(143, 1);
    ck_assert(!fate(0)->has_exit_code);
    ck_assert_int_eq(REASON_CREATE, fate(0)->reason);
}
END_TEST

/* The same, essential: its dependents are wanted STOPPED before their dependencies are looked at (2.4, 5.4). */
START_TEST(who_is_essential_and_cannot_be_created_stops_its_dependents_without_a_reason)
{
    expect("C+.R-aS/t0");
    ck_assert(!fate(1)->has_exit_code);
    ck_assert_int_eq(REASON_NONE, fate(1)->reason);
    ck_assert(fate(1)->stopped < fate(0)->stopped);
}
END_TEST

/* 5.4: the first error stays. */
START_TEST(an_image_that_is_nowhere_fails_at_the_create_with_the_reason_of_the_pull)
{
    expect("P+/t0");
    ck_at(durations[0].pull_ns, fate(0)->create);
    ck_never(fate(0)->start);
    ck_at(durations[0].pull_ns + durations[0].create_ns, fate(0)->stopped);
    ck_assert_int_eq(REASON_PULL, fate(0)->reason);
}
END_TEST

/* 5.4: of a container that is not essential, too; the image is not looked for on the host. */
START_TEST(an_image_that_must_be_pulled_and_cannot_ends_the_task)
{
    expect("P-.R+/t0/always");
    ck_at(durations[0].pull_ns, fate(0)->stopped);
    ck_never(fate(0)->create);
    ck_assert_int_eq(REASON_PULL, fate(0)->reason);
    ck_at(durations[0].pull_ns, fate(1)->stopped);
    expect("P-.R+/t0/cached");
    ck_at(durations[0].pull_ns, fate(0)->create);
    ck_at(WORLD_LATE, fate(1)->stop);
}
END_TEST

/* 8.3: reverse order of dependencies, independent ones in parallel. */
START_TEST(containers_stop_in_reverse_order)
{
    expect("R+.R+aS.R+/t0");
    ck_at(WORLD_LATE, fate(1)->stop);
    ck_at(WORLD_LATE, fate(2)->stop);
    ck_at(WORLD_LATE + durations[1].stop_ns, fate(0)->stop);
}
END_TEST

/* 8.3, 3.5 rule 3: a start in flight settles first; who never started ends without a call. */
START_TEST(a_stop_waits_for_a_start_in_flight)
{
    expect("R+.R+aS/t0/stop=400000us");
    ck_at(started(0), fate(0)->running);
    ck_at(started(0), fate(0)->stop);
    ck_at(400000000, fate(1)->stopped);
    ck_never(fate(1)->pull);
    ck_never(expected.running);
}
END_TEST

/* 8.5: while it is created: at once, and what comes of the create changes nothing. */
START_TEST(a_stop_does_not_wait_for_a_pull_or_a_create)
{
    expect("C+/t0/stop=200000us");
    ck_at(200000000, fate(0)->stopped);
    ck_assert_int_eq(REASON_NONE, fate(0)->reason);
    ck_assert(!fate(0)->has_exit_code);
}
END_TEST

/* 4.5 check 2. */
START_TEST(a_dependency_times_out)
{
    expect("u-.R-aH/t0");
    ck_at(started(0) + WORLD_TIMEOUT, fate(1)->stopped);
    ck_exit(143, 1);
    expect("r-.R-aC/t0");
    ck_at(started(0) + WORLD_TIMEOUT, fate(1)->stopped);
    expect("r-.R-aS/t0");
    ck_at(started(0), fate(1)->pull);
}
END_TEST

/* 4.5 checks 2 and 4: a is healthy in time, but its startTimeout is over when c is pulled; nothing of c is in flight then, so
 * that b, which waits for its start, sees that it will never come. */
START_TEST(who_times_out_after_its_pull_will_never_start)
{
    expect("h-.R-cS.R-aH/t5");
    int64_t pulled_ns = started(0) + durations[0].health_ns + durations[2].pull_ns;
    ck_assert_int_gt(pulled_ns, started(0) + WORLD_TIMEOUT);
    ck_at(pulled_ns, fate(2)->stopped);
    ck_at(pulled_ns, fate(1)->stopped);
    ck_exit(143, 2);
    ck_exit(143, 1);
    ck_never(fate(2)->create);
}
END_TEST

/* 4.2. */
START_TEST(what_can_have_no_order_is_refused)
{
    static const char *const codes[] = {"R+aS/t0", "R+bS.R+aS/t0", "R+bS.R+cC.R+aX/t0", "R+.R+aH/t0", "R+bS.R+aS.R+/t0"};

    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        expect(codes[i]);
        ck_assert_int_eq(VERDICT_REFUSED, expected.verdict);
        ck_never(expected.removed);
    }
    expect("R+.R+aSbS/t0");
    ck_assert_int_eq(VERDICT_REFUSED, expected.verdict);
    expect("R+.R+aS.R+aSbS/t0");
    ck_assert_int_eq(VERDICT_LIVES, expected.verdict);
}
END_TEST

/* 4.2, 3.4: a task that is added as STOPPED is always valid, and given up where nobody can be the first to end. */
START_TEST(a_circle_that_is_born_stopped_is_given_up)
{
    expect("R+bS.R+aS.R+/t0/born");
    ck_assert_int_eq(VERDICT_GIVES_UP, expected.verdict);
    ck_never(fate(0)->stopped);
    ck_never(fate(1)->stopped);
    ck_at(0, fate(2)->stopped);
    ck_assert_str_eq("TaskStateError: Agent could not progress task's state to stopped", expected.reason);
}
END_TEST

START_TEST(who_is_born_stopped_ends_without_a_call)
{
    expect("R+.R+aS/t0/born");
    ck_never(fate(0)->pull);
    ck_never(fate(1)->pull);
    ck_assert(fate(1)->stopped < fate(0)->stopped);
    ck_assert(!fate(0)->has_exit_code);
    ck_at(0, expected.stopped);
}
END_TEST

/* What the reference does where the engine is meant to differ. */
START_TEST(each_deviation_can_be_turned_off)
{
    struct deviations all = model_deviations;

    expect("F-.R-aH/t0");
    ck_exit(143, 1);
    model_deviations.unmeetable_ends = false;
    expect("F-.R-aH/t0");
    ck_at(WORLD_LATE, fate(1)->stopped);
    ck_assert(!fate(1)->has_exit_code);

    /* c cannot start, as a cannot be created; b, which waits for c, is looked at before it. */
    expect("C-.R-cS.R-aS/t0");
    ck_exit(143, 1);
    model_deviations.ended_never_starts = false;
    expect("C-.R-cS.R-aS/t0");
    ck_exit(world_stop_code(1), 1);
    expect("C-.R-aS.R-bS/t0"); /* and here after it */
    ck_exit(143, 2);

    /* b is being created when the startTimeout of a, which is healthy, is over. */
    expect("h-.R-aH/t1");
    ck_at(WORLD_LATE, fate(1)->stop);
    model_deviations.timeouts_between_steps = false;
    expect("h-.R-aH/t1");
    ck_exit(143, 1);
    model_deviations = all;
}
END_TEST

START_TEST(codes_are_read_as_they_were_written)
{
    static const char *const codes[] = {"R+/t0", "R+.Z-aC.U+aSbH/t0/stop=812400us", "h-.r+aX/t3/born", "P-.R+/t4/always/born",
                                        "E-cHbS.F+.S-aX/t2"};
    static const char *const wrong[] = {"",        "R",      "Q+/t0",        "R+aQ/t0",           "R+.R+.R+.R+/t0",
                                        "R+bS/t0", "R+/t9",  "R+/stop=0us",  "R+/stop=5",         "R+/t0/",
                                        "R+dS/t0", "R+/t0 ", "R+/stop=-1us", "R+/stop=99999999us"};
    struct world world;
    char code[WORLD_CODE];

    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        ck_assert(world_read(codes[i], &world));
        world_write(&world, code);
        if (i != 4)
            ck_assert_str_eq(codes[i], code);
    }
    ck_assert_str_eq("E-bScH.F+.S-aX/t2", code); /* dependencies by name */
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        ck_assert_msg(!world_read(wrong[i], &world), "%s", wrong[i]);
}
END_TEST

/* ---- The comparison can fail ---- */

static struct world lived_world;
static struct sight sight;

static void live(const char *code)
{
    struct host *host = host_new(1, PULL_DEFAULT);

    ck_assert(world_read(code, &lived_world));
    ck_assert(host_live(host, &lived_world, 1, &sight));
    host_free(host);
}

static bool finds(const char *what)
{
    struct text text = {0};
    bool agrees = world_agrees(&lived_world, &sight, &text);
    bool found = !agrees && strstr(text_or_empty(&text), what) != NULL;

    if (!agrees && !found)
        fprintf(stderr, "%s", text_or_empty(&text));
    text_free(&text);
    return found;
}

static struct seen *seen(enum seen_kind kind, int who, int what)
{
    for (int i = 0; i < sight.count; i++) {
        struct seen *at = &sight.list[i];
        if (at->kind == kind && at->who == who && at->what == what)
            return at;
    }
    ck_abort_msg("it was not seen");
}

#define WORLD_TO_SPOIL "Z-.R+aC/t0"

START_TEST(a_world_that_goes_well_agrees)
{
    live(WORLD_TO_SPOIL);
    ck_assert(world_agrees(&lived_world, &sight, NULL));
}
END_TEST

START_TEST(another_exit_code_is_found)
{
    live(WORLD_TO_SPOIL);
    seen(SEEN_EVENT, 0, ECSENGINE_CONTAINER_STOPPED)->exit_code = 1;
    ck_assert(finds("a    STOPPED exit 1\n"));
    live(WORLD_TO_SPOIL);
    seen(SEEN_EVENT, 0, ECSENGINE_CONTAINER_STOPPED)->has_exit_code = false;
    ck_assert(finds("a    STOPPED\n"));
}
END_TEST

START_TEST(another_reason_is_found)
{
    live(WORLD_TO_SPOIL);
    strcpy(seen(SEEN_EVENT, 1, ECSENGINE_CONTAINER_STOPPED)->reason, "why not");
    ck_assert(finds("why not"));
    live(WORLD_TO_SPOIL);
    strcpy(seen(SEEN_EVENT, SEEN_TASK, ECSENGINE_TASK_STOPPED)->reason, "tired");
    ck_assert(finds("tired"));
}
END_TEST

START_TEST(another_time_is_found)
{
    live(WORLD_TO_SPOIL);
    seen(SEEN_CALL, 1, ECSENGINE_OP_CREATE)->at_ns -= 2000;
    ck_assert(finds("b    -> create"));
    live(WORLD_TO_SPOIL);
    seen(SEEN_REMOVED, SEEN_TASK, ECSENGINE_TASK_NONE)->at_ns += 2000;
    ck_assert(finds("REMOVED"));
}
END_TEST

START_TEST(what_is_missing_and_what_is_too_much_is_found)
{
    live(WORLD_TO_SPOIL);
    *seen(SEEN_CALL, 1, ECSENGINE_OP_STOP) = *seen(SEEN_CALL, 1, ECSENGINE_OP_START);
    ck_assert(finds("missing:       [20.000000] b    -> stop"));
    ck_assert(finds("not expected:  "));
    live(WORLD_TO_SPOIL);
    sight.list[sight.count] = *seen(SEEN_EVENT, 0, ECSENGINE_CONTAINER_RUNNING);
    sight.count++;
    ck_assert(finds("not expected:  "));
}
END_TEST

START_TEST(another_order_is_found)
{
    live("C-.R-aS/t0");
    struct seen *a = seen(SEEN_EVENT, 0, ECSENGINE_CONTAINER_STOPPED), *b = seen(SEEN_EVENT, 1, ECSENGINE_CONTAINER_STOPPED);
    struct seen swap = *a;
    *a = *b;
    *b = swap;
    ck_assert(finds("wrong order"));
}
END_TEST

START_TEST(what_is_left_is_found)
{
    live(WORLD_TO_SPOIL);
    sight.left = 1;
    ck_assert(finds("1 containers are left"));
}
END_TEST

/* ---- The enumeration ---- */

struct listed {
    char (*codes)[WORLD_CODE];
    size_t count, size;
};

static bool list_world(const struct world *world, void *data)
{
    struct listed *listed = data;

    if (listed->count == listed->size) {
        listed->size = listed->size > 0 ? 2 * listed->size : 1024;
        listed->codes = realloc(listed->codes, listed->size * sizeof(*listed->codes));
    }
    world_write(world, listed->codes[listed->count++]);
    return true;
}

static int by_code(const void *left, const void *right) { return strcmp(left, right); }

static struct listed list(const struct cut *cut)
{
    struct listed listed = {0};

    enumerate(cut, list_world, &listed);
    qsort(listed.codes, listed.count, sizeof(*listed.codes), by_code);
    return listed;
}

static bool has(const struct listed *listed, const char *code)
{
    return bsearch(code, listed->codes, listed->count, sizeof(*listed->codes), by_code) != NULL;
}

START_TEST(every_world_comes_once)
{
    struct listed listed = list(&(struct cut){.count = 3, .outcomes = 3, .timings = 1, .moments = 1});

    for (size_t i = 1; i < listed.count; i++)
        ck_assert_str_ne(listed.codes[i - 1], listed.codes[i]);
    free(listed.codes);
}
END_TEST

/* Of two containers that both run or both exit, with no or one START, there are, each essential or not: without an edge 4 * 4
 * ordered pairs, which are 10 up to symmetry; with one edge all 16; on two edges, a circle, one. */
START_TEST(of_those_that_differ_in_names_there_is_one)
{
    struct cut cut = {.count = 2, .outcomes = 3, .timings = 1, .moments = 0};
    struct listed one = list(&cut);
    cut.labelled = true;
    struct listed each = list(&cut);
    size_t edges = CONDITIONS - 1;

    /* Each with the stop at the end and born; HEALTHY has no health check here and is refused: one world, and its born one. */
    ck_assert_uint_eq(2 * (10 + 16 * (edges - 1) + 1 + edges * (edges + 1) / 2), one.count);
    ck_assert_uint_eq(2 * (16 + 2 * 16 * (edges - 1) + 2 + edges * edges), each.count);
    for (size_t i = 0; i < one.count; i++)
        ck_assert(has(&each, one.codes[i]));
    free(one.codes);
    free(each.codes);
}
END_TEST

START_TEST(a_stop_falls_between_any_two_things_that_happen)
{
    struct listed listed = list(&(struct cut){.count = 1, .outcomes = 2, .timings = 1, .moments = 100});

    /* Of Z+: while it is pulled, created, started, and runs; late; born. And of Z-. */
    ck_assert_uint_eq(2 * 6, listed.count);
    free(listed.codes);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("worlds");
    TCase *tcase = tcase_create("worlds");

    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, one_container_runs_and_exits_0);
    tcase_add_test(tcase, a_container_that_is_not_essential_ends_and_the_others_go_on);
    tcase_add_test(tcase, an_essential_container_ends_and_the_others_are_stopped);
    tcase_add_test(tcase, a_task_whose_essential_container_ended_first_is_never_running);
    tcase_add_test(tcase, conditions_are_met_when_the_reference_says);
    tcase_add_test(tcase, a_dependency_that_failed_ends_its_dependent_with_143);
    tcase_add_test(tcase, an_essential_container_that_can_never_start_ends_the_task);
    tcase_add_test(tcase, who_cannot_be_created_ends_its_dependents_and_then_itself);
    tcase_add_test(tcase, who_is_essential_and_cannot_be_created_stops_its_dependents_without_a_reason);
    tcase_add_test(tcase, an_image_that_is_nowhere_fails_at_the_create_with_the_reason_of_the_pull);
    tcase_add_test(tcase, an_image_that_must_be_pulled_and_cannot_ends_the_task);
    tcase_add_test(tcase, containers_stop_in_reverse_order);
    tcase_add_test(tcase, a_stop_waits_for_a_start_in_flight);
    tcase_add_test(tcase, a_stop_does_not_wait_for_a_pull_or_a_create);
    tcase_add_test(tcase, a_dependency_times_out);
    tcase_add_test(tcase, who_times_out_after_its_pull_will_never_start);
    tcase_add_test(tcase, what_can_have_no_order_is_refused);
    tcase_add_test(tcase, a_circle_that_is_born_stopped_is_given_up);
    tcase_add_test(tcase, who_is_born_stopped_ends_without_a_call);
    tcase_add_test(tcase, each_deviation_can_be_turned_off);
    tcase_add_test(tcase, codes_are_read_as_they_were_written);
    tcase_add_test(tcase, a_world_that_goes_well_agrees);
    tcase_add_test(tcase, another_exit_code_is_found);
    tcase_add_test(tcase, another_reason_is_found);
    tcase_add_test(tcase, another_time_is_found);
    tcase_add_test(tcase, what_is_missing_and_what_is_too_much_is_found);
    tcase_add_test(tcase, another_order_is_found);
    tcase_add_test(tcase, what_is_left_is_found);
    tcase_add_test(tcase, every_world_comes_once);
    tcase_add_test(tcase, of_those_that_differ_in_names_there_is_one);
    tcase_add_test(tcase, a_stop_falls_between_any_two_things_that_happen);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
