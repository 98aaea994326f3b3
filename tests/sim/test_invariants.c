/* SPDX-License-Identifier: Apache-2.0 */
/* A test that can not fail tests nothing: each invariant is shown what must never be, and must say so by its name; and the same shown as
 * it should be, it must say nothing. What the checker is shown here comes from no engine. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ends.h"
#include "explained.h"
#include "faults.h"
#include "payload.h"
#include "watch.h"

#define SECONDS INT64_C(1000000000)

/* Two tasks; in each `b` waits for `a` to be started, `c` for `a` to be HEALTHY, `d` for `a` to be COMPLETE. */
#define DOCUMENT(name)                                                                                          \
    "{\"arn\":\"" ARN_HEAD name "\",\"containers\":["                                                           \
    "{\"name\":\"a\",\"essential\":true,\"stopTimeout\":7},"                                                    \
    "{\"name\":\"b\",\"essential\":false,\"dependsOn\":[{\"containerName\":\"a\",\"condition\":\"START\"}]},"   \
    "{\"name\":\"c\",\"essential\":false,\"dependsOn\":[{\"containerName\":\"a\",\"condition\":\"HEALTHY\"}]}," \
    "{\"name\":\"d\",\"essential\":false,\"dependsOn\":[{\"containerName\":\"a\",\"condition\":\"SUCCESS\"}]}]}"

static struct text broken;
static struct invariants *checker;
static struct world_container boxes[8];
static struct world world;
static uint64_t open_op, next_id;

static const struct world *see(void *data)
{
    (void)data;
    return &world;
}

static bool is_open(void *data, uint64_t op_id)
{
    (void)data;
    return op_id == open_op;
}

static void start(const char *document, const char *other)
{
    struct witness witness = {NULL, see, is_open};

    world = (struct world){boxes, 0};
    open_op = next_id = 0;
    checker = invariants_new(&broken, &witness, 30 * SECONDS);
    invariants_know(checker, document);
    invariants_know(checker, other);
}

static void begin(void) { start(DOCUMENT("t1"), DOCUMENT("t2")); }

static void end(void)
{
    invariants_free(checker);
    text_free(&broken);
}

/* ---- what is seen ---- */

static struct world_container *box(const char *name, bool running)
{
    for (size_t i = 0; i < world.count; i++) {
        if (strcmp(boxes[i].name, name) == 0) {
            boxes[i].running = running;
            boxes[i].ended = !running;
            return &boxes[i];
        }
    }
    boxes[world.count] = (struct world_container){.task = "t1", .name = name, .id = name, .running = running, .ended = !running};
    return &boxes[world.count++];
}

static struct op_view view(enum ecsengine_op_kind kind, const char *container)
{
    return (struct op_view){.kind = kind,
                            .id = ++next_id,
                            .task = "t1",
                            .container = container,
                            .runtime_name = container,
                            .deadline_ns = 100 * SECONDS,
                            .grace_ns = strcmp(container, "a") == 0 ? 7 * SECONDS : 30 * SECONDS,
                            .durable = 1};
}

static void op(enum ecsengine_op_kind kind, const char *container)
{
    struct op_view seen = view(kind, container);

    invariants_saw_op(checker, &seen);
}

static void tell(enum ecsengine_event_kind kind, const char *container, const char *status, const char *reason, int exit_code)
{
    struct seen_event event = {.kind = kind,
                               .task = (char *)(uintptr_t) "t1",
                               .container = (char *)(uintptr_t)container,
                               .status = (char *)(uintptr_t)status,
                               .reason = (char *)(uintptr_t)reason,
                               .has_exit_code = exit_code >= 0,
                               .exit_code = exit_code};

    invariants_saw_event(checker, &event, -1);
}

static void container_is(const char *container, const char *status) { tell(ECSENGINE_EVENT_CONTAINER, container, status, "", -1); }
static void task_is(const char *status) { tell(ECSENGINE_EVENT_TASK, "", status, "", -1); }
static void removed(void) { tell(ECSENGINE_EVENT_TASK_REMOVED, "", "", "", -1); }

static void all_are(const char *status, const char *reason)
{
    static const char *const names[] = {"a", "b", "c", "d"};

    for (size_t i = 0; i < 4; i++)
        tell(ECSENGINE_EVENT_CONTAINER, names[i], status, reason, -1);
}

static const char *description(const char *task, const char *desired, const char *a, const char *a_desired, const char *more)
{
    static char text[2][1024];
    static unsigned turn;
    char *out = text[turn++ % 2];

    snprintf(out, sizeof(text[0]),
             "{\"taskArn\":\"x\",\"knownStatus\":\"%s\",\"desiredStatus\":\"%s\",\"reason\":\"\",\"containers\":["
             "{\"containerName\":\"a\",\"knownStatus\":\"%s\",\"desiredStatus\":\"%s\"%s,\"reason\":\"\"},"
             "{\"containerName\":\"b\",\"knownStatus\":\"STOPPED\",\"desiredStatus\":\"STOPPED\",\"reason\":\"x\"},"
             "{\"containerName\":\"c\",\"knownStatus\":\"STOPPED\",\"desiredStatus\":\"STOPPED\",\"reason\":\"x\"},"
             "{\"containerName\":\"d\",\"knownStatus\":\"STOPPED\",\"desiredStatus\":\"STOPPED\",\"reason\":\"x\"}]}",
             task, desired, a, a_desired, more);
    return out;
}

static void described(const char *task, const char *a)
{
    invariants_saw_description(checker, "t1", description(task, "RUNNING", a, "RUNNING", ""));
}

/* ---- one after the other; `wrong`: as it must never be ---- */

static void create_order(bool wrong)
{
    struct world_container *a = box("a", true);

    a->health = wrong ? ECSENGINE_HEALTH_UNKNOWN : ECSENGINE_HEALTH_HEALTHY;
    op(ECSENGINE_OP_CREATE, "c");
}

static void start_order(bool wrong)
{
    struct world_container *a = box("a", false);

    a->exit_code = wrong ? 1 : 0;
    op(ECSENGINE_OP_START, "d");
}

static void stop_order(bool wrong)
{
    box("a", true);
    box("b", wrong);
    invariants_saw_world(checker);
    container_is("a", "RUNNING");
    op(ECSENGINE_OP_STOP, "a");
    invariants_saw_description(checker, "t1",
                               "{\"knownStatus\":\"RUNNING\",\"desiredStatus\":\"RUNNING\",\"containers\":["
                               "{\"containerName\":\"a\",\"knownStatus\":\"RUNNING\",\"desiredStatus\":\"STOPPED\"},"
                               "{\"containerName\":\"b\",\"knownStatus\":\"RUNNING\",\"desiredStatus\":\"STOPPED\"},"
                               "{\"containerName\":\"c\",\"knownStatus\":\"RUNNING\",\"desiredStatus\":\"STOPPED\"},"
                               "{\"containerName\":\"d\",\"knownStatus\":\"RUNNING\",\"desiredStatus\":\"STOPPED\"}]}");
}

static void status_rises(bool wrong)
{
    described("CREATED", "CREATED");
    described("CREATED", wrong ? "PULLED" : "CREATED");
}

static void desired_rises(bool wrong)
{
    invariants_saw_description(checker, "t1", description("CREATED", "STOPPED", "CREATED", "STOPPED", ""));
    invariants_saw_description(checker, "t1", description("CREATED", "STOPPED", "CREATED", wrong ? "RUNNING" : "STOPPED", ""));
}

static void applied_ahead(bool wrong)
{
    invariants_saw_description(checker, "t1",
                               description("CREATED", "RUNNING", "CREATED", "RUNNING",
                                           wrong ? ",\"appliedStatus\":\"CREATED\"" : ",\"appliedStatus\":\"RUNNING\""));
}

static void task_follows(bool wrong) { described("RUNNING", wrong ? "CREATED" : "RUNNING"); }

static void told_rises(bool wrong)
{
    box("a", true);
    invariants_saw_world(checker);
    container_is("a", wrong ? "RUNNING" : "MANIFEST_PULLED");
    container_is("a", wrong ? "MANIFEST_PULLED" : "RUNNING");
}

static void stopped_once(bool wrong)
{
    all_are("STOPPED", "because");
    if (!wrong)
        task_is("STOPPED");
    removed();
}

static void containers_first(bool wrong)
{
    tell(ECSENGINE_EVENT_CONTAINER, "a", "STOPPED", "because", -1);
    for (int i = 0; !wrong && i < 3; i++)
        tell(ECSENGINE_EVENT_CONTAINER, (const char *const[]){"b", "c", "d"}[i], "STOPPED", "because", -1);
    task_is("STOPPED");
}

static void silent_when_removed(bool wrong)
{
    stopped_once(false);
    if (wrong)
        removed();
}

static void quiet_when_removed(bool wrong)
{
    stopped_once(false);
    op(wrong ? ECSENGINE_OP_PULL_IMAGE : ECSENGINE_OP_REMOVE, "a");
}

static void op_ids_new(bool wrong)
{
    op(ECSENGINE_OP_INSPECT, "a");
    next_id -= wrong;
    op(ECSENGINE_OP_INSPECT, "a");
}

static void one_op_at_a_time(bool wrong)
{
    op(ECSENGINE_OP_CREATE, "a");
    op(ECSENGINE_OP_INSPECT, "a");
    open_op = wrong ? 1 : 0;
    op(ECSENGINE_OP_START, "a");
}

static void name_durable(bool wrong)
{
    struct op_view seen = view(ECSENGINE_OP_CREATE, "a");

    seen.durable = !wrong;
    invariants_saw_op(checker, &seen);
}

static void name_stable(bool wrong)
{
    struct op_view seen = view(ECSENGINE_OP_CREATE, "a"), again = view(ECSENGINE_OP_CREATE, "a");

    again.runtime_name = wrong ? "other" : "a";
    invariants_saw_op(checker, &seen);
    invariants_saw_op(checker, &again);
}

static void one_container(bool wrong)
{
    box("a", true);
    boxes[1] = boxes[0];
    boxes[1].id = "another";
    world.count += wrong;
    invariants_saw_world(checker);
}

static void one_agent(bool wrong)
{
    box("a", true)->execs = wrong ? 2 : 1;
    invariants_saw_world(checker);
}

static void nothing_left(bool wrong)
{
    if (wrong)
        box("d", false);
    stopped_once(false);
}

static void remove_last(bool wrong)
{
    op(ECSENGINE_OP_REMOVE, "a");
    described(wrong ? "RUNNING" : "STOPPED", wrong ? "RUNNING" : "STOPPED");
}

static void grace(bool wrong)
{
    struct op_view seen = view(ECSENGINE_OP_STOP, "a");

    seen.grace_ns = wrong ? 30 * SECONDS : 7 * SECONDS;
    invariants_saw_op(checker, &seen);
}

static void exit_true(bool wrong)
{
    box("a", false)->exit_code = 3;
    invariants_saw_world(checker);
    tell(ECSENGINE_EVENT_CONTAINER, "a", "STOPPED", "", wrong ? 0 : 3);
}

static void oom_true(bool wrong)
{
    box("a", false)->oom_killed = !wrong;
    boxes[0].exit_code = 137;
    invariants_saw_world(checker);
    tell(ECSENGINE_EVENT_CONTAINER, "a", "STOPPED", "OutOfMemoryError: Container killed due to memory usage", 137);
}

static void ran_true(bool wrong)
{
    if (!wrong)
        box("a", true);
    invariants_saw_world(checker);
    container_is("a", "RUNNING");
}

static void ran_once(bool wrong)
{
    box("a", false);
    if (!wrong)
        world.count = 0;
    invariants_saw_world(checker);
    op(ECSENGINE_OP_START, "a");
}

static void stopped_for_a_cause(bool wrong)
{
    if (!wrong)
        box("a", false)->exit_code = 0;
    invariants_saw_world(checker);
    tell(ECSENGINE_EVENT_CONTAINER, "a", "STOPPED", "", -1);
    described("RUNNING", "STOPPED");
}

static void done(uint64_t command_id, int durable)
{
    struct seen_event event = {.kind = ECSENGINE_EVENT_COMMAND_DONE, .task = (char *)(uintptr_t) "t1", .command_id = command_id};

    invariants_saw_event(checker, &event, durable);
}

static void done_once(bool wrong)
{
    invariants_gave(checker, 1, "t1", false, false);
    invariants_gave(checker, 2, "t1", false, false);
    done(1, 1);
    done(wrong ? 1 : 2, 1);
}

static void done_durable(bool wrong)
{
    invariants_gave(checker, 1, "t1", false, false);
    done(1, !wrong);
}

/* Two tasks begin; each of their `a` is created so. */
static void both_begin(const char *config, const char *other)
{
    struct op_view one = view(ECSENGINE_OP_CREATE, "a"), two = view(ECSENGINE_OP_CREATE, "a");

    one.config = config;
    two.config = other;
    two.task = "t2";
    two.runtime_name = "other";
    invariants_saw_op(checker, &one);
    invariants_saw_op(checker, &two);
    invariants_saw_books(checker);
}

#define NEEDY(name) "{\"arn\":\"" ARN_HEAD name "\",\"containers\":[{\"name\":\"a\",\"cpu\":60,\"memory\":10}]}"

static void needy(int64_t cpu)
{
    end();
    start("", "");
    invariants_know(checker, NEEDY("t1"));
    invariants_know(checker, NEEDY("t2"));
    invariants_host(checker, cpu, 100, true);
}

/* A new engine looks for what the one before may have made, though the task waits: that takes nothing from the host. */
static void capacity(bool wrong)
{
    struct op_view other = view(ECSENGINE_OP_PULL_IMAGE, "a");

    needy(wrong ? 119 : 120);
    both_begin("{}", "{}");
    needy(119);
    op(wrong ? ECSENGINE_OP_CREATE : ECSENGINE_OP_PULL_IMAGE, "a");
    invariants_on_restart(checker);
    op(ECSENGINE_OP_INSPECT, "a");
    other.task = "t2";
    invariants_saw_op(checker, &other);
    invariants_saw_books(checker);
}

static void ports_once(bool wrong)
{
    static const char tcp[] = "{\"PortBindings\":{\"80/tcp\":[{\"HostPort\":\"18000\"}]}}";
    static const char udp[] = "{\"PortBindings\":{\"80/udp\":[{\"HostPort\":\"18000\"}]}}";

    both_begin(tcp, wrong ? tcp : udp);
}

static void gpus_once(bool wrong)
{
    both_begin("{\"Env\":[\"NVIDIA_VISIBLE_DEVICES=gpu-1,gpu-2\"]}", wrong ? "{\"Env\":[\"NVIDIA_VISIBLE_DEVICES=gpu-0,gpu-2\"]}"
                                                                           : "{\"Env\":[\"NVIDIA_VISIBLE_DEVICES=gpu-0,gpu-22\"]}");
}

static void head_is_admitted(bool wrong)
{
    struct op_view other = view(ECSENGINE_OP_PULL_IMAGE, "a");

    needy(wrong ? 120 : 119);
    invariants_saw_op(checker, &other);
    invariants_saw_place(checker, "t1", 0);
    invariants_saw_place(checker, "t2", 1);
    invariants_saw_head(checker);
}

static void nobody_overtakes(bool wrong)
{
    struct op_view other = view(ECSENGINE_OP_PULL_IMAGE, "a");

    other.task = "t2";
    invariants_host(checker, 0, 0, true);
    invariants_saw_op(checker, &other);
    ck_assert_str_eq("t1", invariants_overtaken(checker));
    invariants_saw_overtaken(checker, "t1", wrong);
    ck_assert_ptr_null(invariants_overtaken(checker));
}

static void deadline_ahead(bool wrong) { invariants_saw_rest(checker, 5, wrong ? 5 : 6); }

static void wakes_for_something(bool wrong)
{
    for (int i = 0; i < 10; i++)
        invariants_saw_wake(checker, !wrong);
}

static void records_decode(bool wrong)
{
    invariants_saw_copy(checker, "t1", description("CREATED", "RUNNING", "CREATED", "RUNNING", ""),
                        description("CREATED", "RUNNING", wrong ? "PULLED" : "CREATED", "RUNNING", ""));
}

static void believes_the_truth(bool wrong)
{
    box("a", !wrong);
    invariants_saw_goal(checker, "t1", description("RUNNING", "RUNNING", "RUNNING", "RUNNING", ""), false);
}

static void reaches_its_goal(bool wrong)
{
    invariants_saw_goal(checker, "t1", description("CREATED", "RUNNING", "CREATED", "RUNNING", ""), !wrong);
}

/* ---- and those that take an engine ---- */

static void with_engine(void (*show)(struct harness *harness, bool wrong), bool wrong)
{
    struct harness harness = {.seed = 1, .with_store = true};
    json_t *task = payload_task("t9", "");

    payload_add_container(task, "a", "");
    char *document = json_dumps(task, JSON_COMPACT);
    json_decref(task);
    harness_start(&harness);
    harness_add(&harness, document);
    harness_settle(&harness);
    show(&harness, wrong);
    free(document);
    harness_end(&harness);
    text_add(&broken, "%s", text_or_empty(&harness.broken));
    harness_free(&harness);
}

static void show_end(struct harness *harness, bool wrong)
{
    if (!wrong) {
        harness_stop(harness, "t9");
        harness_run_until(harness, 3600 * SECONDS, NULL, NULL);
    }
    watch_end(harness);
}

static void leaves_no_record(bool wrong) { with_engine(show_end, wrong); }
static void sleeps_in_the_end(bool wrong) { with_engine(show_end, wrong); }

/* Without any memory nothing goes on. */
static void show_restless(struct harness *harness, bool wrong)
{
    harness->memory.fail_first = wrong ? 1 : 0;
    harness->memory.fail_count = UINT64_MAX;
    harness_stop(harness, "t9");
    ecsengine_sim_kill(harness->sim, ecsengine_sim_container_id(harness->sim, 0), 1, NULL);
    harness_settle(harness);
    harness->memory.fail_first = 0;
}

static void comes_to_rest(bool wrong) { with_engine(show_restless, wrong); }

static void show_removal(struct harness *harness, bool wrong)
{
    if (wrong)
        ecsengine_sim_script(harness->sim, "op=remove fault=hang", NULL);
    harness_stop(harness, "t9");
    watch_until_removed(harness, 3600 * SECONDS);
}

static void ends_in_time(bool wrong) { with_engine(show_removal, wrong); }

static void show_memory(struct harness *harness, bool wrong) { harness->memory.blocks += wrong; }
static void memory_given_back(bool wrong) { with_engine(show_memory, wrong); }

static void answered_once(bool wrong) { invariants_saw_doubles(checker, wrong ? 1 : 0); }
static void calls_work(bool wrong)
{
    invariants_saw_description(checker, "t1", wrong ? "{\"knownStatus\":" : description("NONE", "RUNNING", "NONE", "RUNNING", ""));
}

/* An operation that an explanation speaks of was never seen. */
static void show_explanation(struct harness *harness, bool wrong)
{
    ecsengine_sim_script(harness->sim, "op=stop fault=hang", NULL);
    harness_stop(harness, "t9");
    harness_settle(harness);
    size_t count = harness->op_count;
    harness->op_count = wrong ? 0 : count;
    watch_explain(harness);
    harness->op_count = count;
}

static void explained_true(bool wrong) { with_engine(show_explanation, wrong); }

static void (*const shows[INVARIANTS])(bool wrong) = {
    [CREATE_ORDER] = create_order,
    [START_ORDER] = start_order,
    [STOP_ORDER] = stop_order,
    [STATUS_RISES] = status_rises,
    [DESIRED_RISES] = desired_rises,
    [APPLIED_AHEAD] = applied_ahead,
    [TASK_FOLLOWS] = task_follows,
    [TOLD_RISES] = told_rises,
    [STOPPED_ONCE] = stopped_once,
    [CONTAINERS_FIRST] = containers_first,
    [SILENT_WHEN_REMOVED] = silent_when_removed,
    [QUIET_WHEN_REMOVED] = quiet_when_removed,
    [OP_IDS_NEW] = op_ids_new,
    [ONE_OP_AT_A_TIME] = one_op_at_a_time,
    [NAME_DURABLE] = name_durable,
    [NAME_STABLE] = name_stable,
    [ONE_CONTAINER] = one_container,
    [ONE_AGENT] = one_agent,
    [NOTHING_LEFT] = nothing_left,
    [REMOVE_LAST] = remove_last,
    [GRACE] = grace,
    [EXIT_TRUE] = exit_true,
    [OOM_TRUE] = oom_true,
    [RAN_TRUE] = ran_true,
    [RAN_ONCE] = ran_once,
    [STOPPED_FOR_A_CAUSE] = stopped_for_a_cause,
    [DONE_ONCE] = done_once,
    [DONE_DURABLE] = done_durable,
    [EXPLAINED] = explained_true,
    [CAPACITY] = capacity,
    [PORTS_ONCE] = ports_once,
    [GPUS_ONCE] = gpus_once,
    [HEAD_IS_ADMITTED] = head_is_admitted,
    [NOBODY_OVERTAKES] = nobody_overtakes,
    [DEADLINE_AHEAD] = deadline_ahead,
    [COMES_TO_REST] = comes_to_rest,
    [WAKES_FOR_SOMETHING] = wakes_for_something,
    [RECORDS_DECODE] = records_decode,
    [BELIEVES_THE_TRUTH] = believes_the_truth,
    [REACHES_ITS_GOAL] = reaches_its_goal,
    [ENDS_IN_TIME] = ends_in_time,
    [LEAVES_NO_RECORD] = leaves_no_record,
    [SLEEPS_IN_THE_END] = sleeps_in_the_end,
    [ANSWERED_ONCE] = answered_once,
    [MEMORY_GIVEN_BACK] = memory_given_back,
    [CALLS_WORK] = calls_work,
};

START_TEST(what_is_as_it_should_be_is_not_reported)
{
    ck_assert_msg(shows[_i] != NULL, "%s has no test", invariant_rows[_i].name);
    begin();
    shows[_i](false);
    ck_assert_str_eq("", text_or_empty(&broken));
    end();
}
END_TEST

START_TEST(what_must_never_be_is_reported_by_name)
{
    char name[64];

    begin();
    shows[_i](true);
    snprintf(name, sizeof(name), "] %s: ", invariant_rows[_i].name);
    ck_assert_msg(strstr(text_or_empty(&broken), name) != NULL, "%s: `%s`", invariant_rows[_i].name, text_or_empty(&broken));
    end();
}
END_TEST

START_TEST(a_check_is_counted_whether_it_holds_or_not)
{
    begin();
    deadline_ahead(false);
    deadline_ahead(true);
    ck_assert_uint_eq(2, invariants_checked(checker, DEADLINE_AHEAD));
    ck_assert_uint_eq(0, invariants_checked(checker, GRACE));
    end();
}
END_TEST

START_TEST(ends_may_lack_a_reason_and_nothing_else)
{
    static const char wanted[] = "  t1 STOPPED, removed  why\n  t1/a STOPPED exit 0  because  of it\n";
    static const char *const same[] = {wanted, "  t1 STOPPED, removed\n  t1/a STOPPED exit 0  because  of it\n",
                                       "  t1 STOPPED, removed  why\n  t1/a STOPPED exit 0\n", "  t1 STOPPED, removed\n  t1/a STOPPED exit 0\n"};
    static const char *const other[] = {"", "  t1 STOPPED, removed  why\n", "  t1 STOPPED  why\n  t1/a STOPPED exit 0  because  of it\n",
                                        "  t1 STOPPED, removed  why\n  t1/a STOPPED exit 1\n", "  t1 STOPPED, removed  why\n  t1/a STOPPED\n",
                                        "  t1 STOPPED, removed  why\n  t1/a STOPPED exit 0  because\n",
                                        "  t1 STOPPED, removed  whyever\n  t1/a STOPPED exit 0\n",
                                        "  t1 STOPPED, removed  why\n  t1/a STOPPED exit 0  because  of it\n  t2 STOPPED\n"};

    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
        ck_assert_msg(ends_same_but_reasons(wanted, same[i]), "%s", same[i]);
    for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
        ck_assert_msg(!ends_same_but_reasons(wanted, other[i]), "%s", other[i]);
    ck_assert(!ends_same_but_reasons("  t1 STOPPED\n", "  t1 STOPPED  why\n"));
}
END_TEST

START_TEST(an_excused_invariant_says_nothing)
{
    begin();
    invariants_excuse(checker, DEADLINE_AHEAD);
    deadline_ahead(true);
    ck_assert_str_eq("", text_or_empty(&broken));
    end();
}
END_TEST

/* The page has the rows of both tables, word for word. */
START_TEST(the_page_lists_every_invariant_and_every_fault)
{
    char line[512];
    FILE *page = fopen(DOCS_FOLDER "/simulation.md", "r");
    struct text text = {0};

    ck_assert_ptr_nonnull(page);
    while (fgets(line, sizeof(line), page) != NULL)
        text_add(&text, "%s", line);
    fclose(page);
    for (size_t i = 0; i < INVARIANTS; i++) {
        snprintf(line, sizeof(line), "| `%s` | %s |", invariant_rows[i].name, invariant_rows[i].text);
        ck_assert_msg(strstr(text.data, line) != NULL, "docs/simulation.md lacks: %s", line);
    }
    for (size_t i = 0; i < FAULTS; i++) {
        snprintf(line, sizeof(line), "| `%s` | %s |", fault_rows[i].name, fault_rows[i].text);
        ck_assert_msg(strstr(text.data, line) != NULL, "docs/simulation.md lacks: %s", line);
    }
    text_free(&text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("invariants");
    TCase *tcase = tcase_create("invariants");

    tcase_add_loop_test(tcase, what_is_as_it_should_be_is_not_reported, 0, INVARIANTS);
    tcase_add_loop_test(tcase, what_must_never_be_is_reported_by_name, 0, INVARIANTS);
    tcase_add_test(tcase, a_check_is_counted_whether_it_holds_or_not);
    tcase_add_test(tcase, an_excused_invariant_says_nothing);
    tcase_add_test(tcase, ends_may_lack_a_reason_and_nothing_else);
    tcase_add_test(tcase, the_page_lists_every_invariant_and_every_fault);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
