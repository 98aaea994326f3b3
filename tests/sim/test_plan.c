/* SPDX-License-Identifier: Apache-2.0 */
/* Plans: what is planned is what happens. Tasks are drawn from a seed, planned, then carried out on the simulator, whose containers become
 * healthy and end as the plan assumes: the same operations are asked for, none before one that the plan has before it, to the same end. */
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dot.h"
#include "explained.h"
#include "invariants.h"
#include "payload.h"
#include "scenario.h"

enum { RUNS = 400, CONTAINERS_MAX = 6, STEPS_MAX = 512 };

static struct harness harness;
static char trouble[4096]; /* what the run is about, for messages */

/* ---- asking ---- */

static char *plan_in(const char *document, enum ecsengine_plan_format format)
{
    ecsengine_text *text = NULL;
    ecsengine_error *error = NULL;

    int rc = ecsengine_plan(harness.engine, document, strlen(document), format, &text, &error);
    ck_assert_msg(rc == 0, "%s: %s", ecsengine_error_message(error), document);
    char *copy = strdup(ecsengine_text_data(text));
    ck_assert_uint_eq(strlen(copy), ecsengine_text_length(text));
    ecsengine_text_free(text);
    return copy;
}

static json_t *plan_of(const char *document)
{
    char *text = plan_in(document, ECSENGINE_PLAN_JSON);
    json_error_t error;
    json_t *plan = json_loads(text, JSON_REJECT_DUPLICATES, &error);

    ck_assert_msg(plan != NULL, "%s: %s", error.text, text);
    free(text);
    return plan;
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text != NULL ? text : "";
}

static bool is_true(const json_t *object, const char *key) { return json_is_true(json_object_get(object, key)); }

/* ---- drawing ---- */

static uint64_t state;

static unsigned below(unsigned limit)
{
    uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (unsigned)((z ^ (z >> 31)) % limit);
}

static bool one_in(unsigned n) { return below(n) == 0; }

static void draw_container(json_t *task, unsigned index, unsigned count, bool back)
{
    static const char *const conditions[] = {"START", "COMPLETE", "SUCCESS", "HEALTHY"};
    char name[16], words[512] = "";
    size_t len = 0;
    const char *comma = " dependsOn=";

    snprintf(name, sizeof(name), "c%u", index);
    if (!one_in(3))
        len += (size_t)snprintf(words + len, sizeof(words) - len, " essential=false");
    if (!one_in(4))
        len += (size_t)snprintf(words + len, sizeof(words) - len, " health=true");
    if (one_in(6))
        len += (size_t)snprintf(words + len, sizeof(words) - len, " ports=80:%u/tcp", 8080 + index);
    len += (size_t)snprintf(words + len, sizeof(words) - len, " cpu=%u", one_in(40) ? 1500 : 10);
    for (unsigned on = 0; on < count; on++) {
        if (on < index ? !one_in(3) : !back || !one_in(40)) /* one that looks back may make a circle, or be one */
            continue;
        len += (size_t)snprintf(words + len, sizeof(words) - len, "%sc%u:%s", comma, on, conditions[below(4)]);
        comma = ",";
    }
    if (index > 0 && one_in(5))
        len += (size_t)snprintf(words + len, sizeof(words) - len, " volumesFrom=c%u", below(index));
    if (index > 0 && one_in(5))
        snprintf(words + len, sizeof(words) - len, " links=c%u", below(index));
    ck_assert_int_eq(0, payload_add_container(task, name, words));
}

/* A volume of the task, or a shared one, which is looked for first; some containers mount it. */
static void draw_volume(json_t *task, const char *name)
{
    json_t *containers = json_object_get(task, "containers"), *container;
    bool shared = one_in(2);
    size_t i;

    json_array_append_new(json_object_get(task, "volumes"),
                          json_pack("{s:s,s:s,s:{s:s,s:s,s:b}}", "name", name, "type", "docker", "dockerVolumeConfiguration", "scope",
                                    shared ? "shared" : "task", "driver", "local", "autoprovision", shared));
    json_array_foreach(containers, i, container)
        if (one_in(2)) {
            if (json_object_get(container, "mountPoints") == NULL)
                json_object_set_new(container, "mountPoints", json_array());
            json_array_append_new(json_object_get(container, "mountPoints"),
                                  json_pack("{s:s,s:s+}", "sourceVolume", name, "containerPath", "/", name));
        }
}

static char *draw_task(void)
{
    unsigned count = 1 + below(CONTAINERS_MAX);
    bool stopped = one_in(30); /* from the beginning; then nothing is refused, and a circle could not be stopped in order */
    json_t *task = payload_task("t1", stopped ? "desired=STOPPED" : "");

    for (unsigned i = 0; i < count; i++)
        draw_container(task, i, count, !stopped);
    for (unsigned i = below(5); i > 2; i--)
        draw_volume(task, i == 3 ? "data" : "logs");
    char *text = json_dumps(task, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(task);
    return text;
}

static const char *const *draw_config(void)
{
    static const char *const behaviours[] = {"default", "always", "once", "prefer-cached"};
    static const char *config[20];
    size_t n = 0;

    config[n++] = "host-cpu";
    config[n++] = "1000";
    config[n++] = "host-memory";
    config[n++] = "4096";
    config[n++] = "image-pull-behavior";
    config[n++] = behaviours[below(4)];
    config[n++] = "image-manifest-resolution";
    config[n++] = one_in(2) ? "true" : "false";
    config[n++] = "pull-dependent-containers-upfront";
    config[n++] = one_in(4) ? "true" : "false";
    config[n++] = "image-pull-parallel";
    config[n++] = one_in(2) ? "1" : "5";
    config[n] = NULL;
    return config;
}

/* ---- comparing ---- */

/* Not something that only happens. */
static bool is_operation(const json_t *step)
{
    const char *name = text_of(step, "step");

    if (json_object_get(step, "resource") != NULL)
        return true;
    return json_object_get(step, "containerName") != NULL && strcmp(name, "ends") != 0 && strcmp(name, "becomes-healthy") != 0;
}

/* What the engine asked for, for the task and without inspections of containers: indexes into harness.ops. */
static size_t operations(size_t found[STEPS_MAX])
{
    size_t count = 0;

    for (size_t i = 0; i < harness.op_count && count < STEPS_MAX; i++) {
        const struct seen_op *op = &harness.ops[i];
        if (strcmp(op->task, "t1") == 0 && op->kind != ECSENGINE_OP_INSPECT && op->kind != ECSENGINE_OP_PING)
            found[count++] = i;
    }
    return count;
}

static size_t taken[STEPS_MAX]; /* for each step the operation that it came true in, + 1 */

/* Each operation of the plan was asked for once, and no other. */
static void match(const json_t *steps)
{
    size_t found[STEPS_MAX], count = operations(found), planned = 0, i;
    bool used[STEPS_MAX] = {false};
    json_t *step;

    json_array_foreach((json_t *)steps, i, step) {
        taken[i] = 0;
        if (!is_operation(step))
            continue;
        planned++;
        for (size_t k = 0; k < count && taken[i] == 0; k++) {
            const struct seen_op *op = &harness.ops[found[k]];
            const char *of = json_object_get(step, "resource") != NULL ? "resource" : "containerName";
            if (used[k] || strcmp(op->container, text_of(step, of)) != 0 ||
                strcmp(ecsengine_op_kind_name(op->kind), text_of(step, "step")) != 0)
                continue;
            used[k] = true;
            taken[i] = found[k] + 1;
        }
        ck_assert_msg(taken[i] != 0, "planned, but not asked for: %s of %s\n%s\n%s", text_of(step, "step"),
                      text_of(step, "containerName"), trouble, text_or_empty(&harness.trace));
    }
    ck_assert_msg(planned == count, "%zu operations were planned, %zu asked for\n%s\n%s", planned, count, trouble,
                  text_or_empty(&harness.trace));
}

/* The newest operation that the step comes after, through whatever happens in between. */
static size_t newest_before(const json_t *steps, size_t index)
{
    json_t *after = json_object_get(json_array_get(steps, index), "after"), *edge;
    size_t newest = 0, i;

    json_array_foreach(after, i, edge) {
        size_t from = (size_t)json_integer_value(json_object_get(edge, "step")) - 1;
        ck_assert_uint_lt(from, index);
        size_t own = taken[from] != 0 ? taken[from] : newest_before(steps, from);
        newest = own > newest ? own : newest;
    }
    return newest;
}

static void compare_order(const json_t *steps)
{
    for (size_t i = 0; i < json_array_size(steps); i++) {
        const json_t *step = json_array_get(steps, i);
        ck_assert_msg(taken[i] == 0 || newest_before(steps, i) < taken[i], "step %zu, %s of %s, was too early\n%s\n%s", i + 1,
                      text_of(step, "step"), text_of(step, "containerName"), trouble, text_or_empty(&harness.trace));
    }
}

static const struct seen_event *event_of(const char *container, const char *status)
{
    for (size_t i = 0; i < harness.event_count; i++)
        if (strcmp(harness.events[i].task, "t1") == 0 && strcmp(harness.events[i].container, container) == 0 &&
            strcmp(harness.events[i].status, status) == 0)
            return &harness.events[i];
    return NULL;
}

static void compare_end(const json_t *plan)
{
    json_t *containers = json_object_get(plan, "containers"), *container;
    const struct seen_event *stopped = event_of("", "STOPPED");
    size_t i;

    ck_assert_msg((event_of("", "RUNNING") != NULL) == is_true(plan, "runs"), "RUNNING is wrong\n%s\n%s", trouble,
                  text_or_empty(&harness.trace));
    ck_assert_msg(stopped != NULL && is_true(plan, "ends"), "it did not stop\n%s\n%s", trouble, text_or_empty(&harness.trace));
    ck_assert_str_eq(text_of(plan, "endReason"), stopped->reason);
    json_array_foreach(containers, i, container) {
        const char *name = text_of(container, "containerName");
        ck_assert_msg((event_of(name, "RUNNING") != NULL) == is_true(container, "starts"), "%s: the start is wrong\n%s\n%s", name,
                      trouble, text_or_empty(&harness.trace));
        ck_assert_msg(strcmp(event_of(name, "STOPPED")->reason, text_of(container, "reason")) == 0, "%s: `%s` is not `%s`\n%s", name,
                      event_of(name, "STOPPED")->reason, text_of(container, "reason"), trouble);
    }
    ck_assert_uint_eq(0, ecsengine_sim_container_count(harness.sim));
}

/* ---- carrying out ---- */

static void after(int64_t ns)
{
    bool well = harness_run_until(&harness, harness.mono_ns + ns, NULL, NULL);

    ck_assert_msg(well, "%s\n%s\n%s", trouble, text_or_empty(&harness.broken), text_or_empty(&harness.trace));
}

/* Containers end in the rounds of the plan, when all else has come to rest. */
static void let_end(const json_t *steps)
{
    json_int_t round = -1;
    json_t *step;
    size_t i;

    json_array_foreach((json_t *)steps, i, step) {
        if (strcmp(text_of(step, "step"), "ends") != 0)
            continue;
        if (json_integer_value(json_object_get(step, "round")) != round)
            after(5 * SECOND); /* whatever can become healthy is */
        round = json_integer_value(json_object_get(step, "round"));
        const char *name = harness_runtime_name(&harness, "t1", text_of(step, "containerName"));
        ck_assert_msg(name != NULL, "%s is to end, but is not there\n%s\n%s", text_of(step, "containerName"), trouble,
                      text_or_empty(&harness.trace));
        ck_assert_int_eq(0, ecsengine_sim_kill(harness.sim, name, 0, NULL));
    }
}

static void carry_out(const json_t *plan, const char *document)
{
    const json_t *steps = json_object_get(plan, "steps");

    ck_assert_int_eq(0, harness_add(&harness, document));
    harness_settle(&harness);
    let_end(steps);
    after(5 * SECOND);
    if (is_true(plan, "stopIsAsked")) {
        ck_assert_msg(event_of("", "STOPPED") == NULL, "it stopped by itself\n%s\n%s", trouble, text_or_empty(&harness.trace));
        harness_stop(&harness, "t1");
    }
    after(3600 * SECOND);
    match(steps);
    compare_order(steps);
    compare_end(plan);
}

static void refuse(const json_t *plan, const char *document)
{
    ck_assert_int_eq(0, harness_add(&harness, document));
    harness_settle(&harness);
    const struct seen_event *stopped = event_of("", "STOPPED");
    ck_assert_msg(stopped != NULL, "it was not refused\n%s", trouble);
    ck_assert_str_eq(text_of(plan, "text"), stopped->reason);
}

static void wait_for_ever(const char *document)
{
    ck_assert_int_eq(0, harness_add(&harness, document));
    after(3600 * SECOND);
    json_t *document_of_cause = explained(&harness, "t1");
    ck_assert_str_eq("queued", text_of(document_of_cause, "cause"));
    json_t *first = json_array_get(json_object_get(json_array_get(json_object_get(document_of_cause, "causes"), 0), "lacks"), 0);
    ck_assert(is_true(first, "never"));
    json_decref(document_of_cause);
}

/* Text and graph say it too. */
static void look_at_forms(const json_t *plan, const char *document)
{
    char *text = plan_in(document, ECSENGINE_PLAN_TEXT), *graph = plan_in(document, ECSENGINE_PLAN_DOT), why[128];
    struct dot_counts counts;

    ck_assert_msg(dot_parse(graph, &counts, why), "%s\n%s", why, graph);
    ck_assert_uint_eq(json_array_size(json_object_get(plan, "steps")), counts.nodes);
    ck_assert_uint_eq(json_array_size(json_object_get(plan, "containers")), counts.subgraphs);
    ck_assert_ptr_nonnull(strstr(text, text_of(plan, "text")));
    free(text);
    free(graph);
}

static void nothing_has_changed(size_t operations_before, size_t events_before)
{
    ecsengine_text *list = NULL;

    harness_settle(&harness);
    ck_assert_uint_eq(operations_before, harness.op_count);
    ck_assert_uint_eq(events_before, harness.event_count);
    ck_assert_int_eq(0, ecsengine_task_list(harness.engine, &list, NULL));
    ck_assert_str_eq("{\"tasks\":[]}", ecsengine_text_data(list));
    ecsengine_text_free(list);
}

/* Members that were seen, with those of arrays below the array's: `steps.after.why`. */
static json_t *seen;

static void note_members(const char *prefix, const json_t *value)
{
    char name[256];
    const char *key;
    json_t *member;
    size_t i;

    json_array_foreach((json_t *)value, i, member)
        note_members(prefix, member);
    json_object_foreach((json_t *)value, key, member) {
        snprintf(name, sizeof(name), "%s%s%s", prefix, *prefix != '\0' ? "." : "", key);
        json_object_set_new(seen, name, json_true());
        note_members(name, member);
    }
}

static int count_verdicts[3];

static void one_run(uint64_t seed)
{
    state = seed * 7919;
    char *document = draw_task();
    harness = (struct harness){.seed = seed, .config = draw_config()};
    snprintf(trouble, sizeof(trouble), "seed %llu: %.3000s", (unsigned long long)seed, document);
    harness_start(&harness);
    invariants_tampered(harness.invariants);
    ecsengine_sim_script(harness.sim, "run=never healthy-after=1s", NULL);
    ecsengine_sim_script(harness.sim, "container=c0 run=never", NULL);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(0, ecsengine_sim_volume_create(harness.sim, i == 0 ? "data" : "logs", NULL, NULL));
    if (strcmp(harness.config[5], "prefer-cached") == 0)
        ecsengine_sim_script(harness.sim, "image=busybox:1 local=true", NULL);
    harness_settle(&harness);
    size_t ops = harness.op_count, events = harness.event_count;
    json_t *plan = plan_of(document);
    note_members("", plan);
    look_at_forms(plan, document);
    nothing_has_changed(ops, events);
    const char *verdict = text_of(plan, "verdict");
    if (strcmp(verdict, "refused") == 0) {
        refuse(plan, document);
        count_verdicts[0]++;
    } else if (strcmp(verdict, "never") == 0) {
        wait_for_ever(document);
        count_verdicts[1]++;
    } else {
        ck_assert_str_eq("fits", verdict);
        carry_out(plan, document);
        count_verdicts[2]++;
    }
    json_decref(plan);
    harness_end(&harness);
    ck_assert_msg(harness.broken.len == 0, "%s\n%s\n%s", trouble, harness.broken.data, text_or_empty(&harness.trace));
    harness_free(&harness);
    free(document);
}

/* tests/abi/plan.txt holds the members that programs may rely on; ECSENGINE_SHOW_MEMBERS=1 shows those that there are. */
static void no_member_was_taken_away(void)
{
    char path[4096], line[256];
    const char *key;
    json_t *value;

    snprintf(path, sizeof(path), "%s/../../abi/plan.txt", scenario_folder());
    FILE *file = fopen(path, "r");
    ck_assert_msg(file != NULL, "%s can not be read", path);
    while (fgets(line, sizeof(line), file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        ck_assert_msg(*line == '#' || json_object_get(seen, line) != NULL, "no plan has %s any more", line);
    }
    fclose(file);
    json_object_foreach(seen, key, value)
        if (getenv("ECSENGINE_SHOW_MEMBERS") != NULL)
            printf("%s\n", key);
}

START_TEST(what_is_planned_is_what_happens)
{
    seen = json_object();
    for (uint64_t seed = 1; seed <= RUNS; seed++)
        one_run(seed);
    ck_assert_int_gt(count_verdicts[0], RUNS / 50);
    ck_assert_int_gt(count_verdicts[1], RUNS / 50);
    ck_assert_int_gt(count_verdicts[2], RUNS / 2);
    no_member_was_taken_away();
    json_decref(seen);
}
END_TEST

/* ---- one by one ---- */

static void begin(const char *const *config)
{
    harness = (struct harness){.seed = 5, .config = config};
    snprintf(trouble, sizeof(trouble), "one by one");
    harness_start(&harness);
    invariants_tampered(harness.invariants);
}

static void end(void)
{
    harness_end(&harness);
    ck_assert_msg(harness.broken.len == 0, "%s", text_or_empty(&harness.broken));
    harness_free(&harness);
}

/* A task with containers as words: `one_task("t1", "a", "dependsOn=b:START", "b", "", NULL)`. */
static char *one_task(const char *name, ...)
{
    json_t *task = payload_task(name, "");
    const char *container;
    va_list args;

    va_start(args, name);
    while ((container = va_arg(args, const char *)) != NULL)
        ck_assert_int_eq(0, payload_add_container(task, container, va_arg(args, const char *)));
    va_end(args);
    char *text = json_dumps(task, JSON_COMPACT);
    json_decref(task);
    return text;
}

static void verdict_is(const char *document, const char *verdict, const char *part)
{
    json_t *plan = plan_of(document);

    ck_assert_str_eq(verdict, text_of(plan, "verdict"));
    ck_assert_msg(strstr(text_of(plan, "text"), part) != NULL, "%s", text_of(plan, "text"));
    json_decref(plan);
}

START_TEST(the_verdict_is_that_of_the_moment)
{
    static const char *const config[] = {"host-cpu", "1000", "host-memory", "1000", "task-limit", "2", NULL};
    char *first = one_task("t1", "a", "cpu=700", NULL), *second = one_task("t2", "a", "cpu=400", NULL),
         *third = one_task("t3", "a", "cpu=10", NULL), *large = one_task("t4", "a", "memory=2000", NULL);

    begin(config);
    verdict_is(first, "unknown", "what the host has is not known yet");
    harness_settle(&harness);
    verdict_is(first, "fits", "fits the host now");
    verdict_is(large, "never", "what the host does not have at all: needs 2000 MiB of memory, 1000 of 1000 are free");
    harness_add(&harness, first);
    harness_settle(&harness);
    verdict_is(first, "known", "there is a task of this ARN");
    verdict_is(second, "queues", "would wait for host resources: needs 400 CPU units, 300 of 1000 are free");
    verdict_is(third, "fits", "");
    harness_add(&harness, second);
    harness_settle(&harness);
    verdict_is(third, "full", "task-limit");
    harness_stop(&harness, "t1");
    after(60 * SECOND);
    verdict_is(third, "fits", "");
    end();
    free(first);
    free(second);
    free(third);
    free(large);
}
END_TEST

START_TEST(who_came_earlier_comes_first)
{
    static const char *const config[] = {"host-cpu", "1000", "host-memory", "1000", NULL};
    char *first = one_task("t1", "a", "cpu=700", NULL), *second = one_task("t2", "a", "cpu=400", NULL),
         *third = one_task("t3", "a", "cpu=10", NULL);

    begin(config);
    harness_settle(&harness);
    harness_add(&harness, first);
    harness_add(&harness, second);
    harness_settle(&harness);
    verdict_is(third, "queues", "came earlier");
    end();
    free(first);
    free(second);
    free(third);
}
END_TEST

START_TEST(the_end_of_an_essential_container_ends_the_task)
{
    char *document = one_task("t1", "app", "dependsOn=init:COMPLETE", "init", "", NULL);

    begin(NULL);
    harness_settle(&harness);
    json_t *plan = plan_of(document);
    ck_assert_str_eq("init", text_of(plan, "endedBy"));
    ck_assert(!is_true(plan, "runs"));
    ck_assert(!is_true(plan, "stopIsAsked"));
    json_t *app = json_array_get(json_object_get(plan, "containers"), 0);
    ck_assert(!is_true(app, "starts"));
    json_decref(plan);
    end();
    free(document);
}
END_TEST

START_TEST(credentials_that_come_with_the_task_are_there_in_its_plan)
{
    static const char *const documents[] = {
        "{\"arn\":\"" ARN_HEAD "t1\",\"executionRoleCredentials\":{\"credentialsId\":\"c\"},\"containers\":[{\"name\":\"a\","
        "\"image\":\"i\",\"essential\":true,\"registryAuthentication\":{\"type\":\"ecr\",\"ecrAuthData\":{\"useExecutionRole\":true}}}]}",
        "{\"arn\":\"" ARN_HEAD "t1\",\"containers\":[{\"name\":\"a\",\"image\":\"i\",\"essential\":true,"
        "\"registryAuthentication\":{\"type\":\"ecr\",\"ecrAuthData\":{\"useExecutionRole\":true}}}]}",
    };

    begin(NULL);
    harness_settle(&harness);
    for (int i = 0; i < 2; i++) {
        json_t *plan = plan_of(documents[i]);
        ck_assert_int_eq(i == 0, is_true(plan, "runs"));
        json_decref(plan);
    }
    end();
}
END_TEST

static size_t count_steps(const json_t *plan, const char *name)
{
    json_t *steps = json_object_get(plan, "steps"), *step;
    size_t count = 0, i;

    json_array_foreach(steps, i, step)
        count += strcmp(text_of(step, "step"), name) == 0;
    return count;
}

START_TEST(an_image_that_was_pulled_once_is_not_in_the_plan)
{
    static const char *const config[] = {"image-pull-behavior", "once", NULL};
    char *first = one_task("t1", "a", "image=busybox:1", NULL),
         *second = one_task("t2", "a", "image=busybox:1", "b", "image=busybox:2", NULL);

    begin(config);
    harness_settle(&harness);
    json_t *plan = plan_of(second);
    ck_assert_uint_eq(2, count_steps(plan, "pull-image"));
    json_decref(plan);
    harness_add(&harness, first);
    harness_settle(&harness);
    plan = plan_of(second);
    ck_assert_uint_eq(1, count_steps(plan, "pull-image"));
    ck_assert(is_true(plan, "runs"));
    json_decref(plan);
    end();
    free(first);
    free(second);
}
END_TEST

static char *task_with_gpus(const char *name, const char *gpus)
{
    json_t *task = payload_task(name, "");
    char words[64];

    snprintf(words, sizeof(words), "gpu=%s", gpus);
    ck_assert_int_eq(0, payload_add_container(task, "a", words));
    char *text = json_dumps(task, JSON_COMPACT);
    json_decref(task);
    return text;
}

START_TEST(gpus_are_those_of_the_real_host)
{
    static const char *const config[] = {"enable-gpu-support", "true", "host-gpus", "gpu-0,gpu-1", "host-cpu", "1000", "host-memory", "1000",
                                         NULL};
    char *there = task_with_gpus("t1", "gpu-0"), *taken = task_with_gpus("t2", "gpu-0"), *unknown = task_with_gpus("t3", "gpu-7");

    begin(config);
    harness_settle(&harness);
    verdict_is(there, "fits", "fits the host now");
    verdict_is(unknown, "never", "would be STOPPED for what the host does not have at all: needs GPU gpu-7, which the host has not");
    json_t *plan = plan_of(unknown); /* what it would do elsewhere is told all the same */
    ck_assert(is_true(plan, "runs"));
    json_decref(plan);
    harness_add(&harness, there);
    harness_settle(&harness);
    verdict_is(taken, "queues", "needs GPU gpu-0, which is taken (held by " ARN_HEAD "t1)");
    end();
    free(there);
    free(taken);
    free(unknown);
}
END_TEST

static char *task_in_words(const char *members)
{
    char text[1024];

    snprintf(text, sizeof(text), "{\"arn\":\"" ARN_HEAD "t1\",\"family\":\"f\",\"version\":\"1\",\"containers\":[{\"name\":\"a\",%s}",
             members);
    return strdup(text);
}

START_TEST(what_a_task_lacks_is_all_told_and_who_needs_nothing_lacks_nothing)
{
    static const char *const config[] = {"enable-gpu-support", "true", "host-gpus", "gpu-0,gpu-1", "host-cpu", "1000", "host-memory", "1000",
                                         NULL};
    char *large = one_task("t1", "a", "cpu=2000 memory=2000", NULL);
    static const char gpus[] = "{\"taskArn\":\"" ARN_HEAD "t1\",\"family\":\"f\",\"containerDefinitions\":[{\"name\":\"a\",\"image\":\"i\","
                               "\"memory\":4,\"resourceRequirements\":[{\"type\":\"GPU\",\"value\":\"3\"}]}]}";
    char *fargate = task_in_words("\"image\":\"i\",\"essential\":true,\"cpu\":2000}],\"launchType\":\"FARGATE\"");

    begin(config);
    harness_settle(&harness);
    verdict_is(large, "never", "needs 2000 CPU units, 1000 of 1000 are free, needs 2000 MiB of memory, 1000 of 1000 are free");
    verdict_is(gpus, "never", "needs 3 GPUs");
    json_t *short_of_gpus = plan_of(gpus);
    ck_assert_str_eq("gpu", text_of(json_array_get(json_object_get(short_of_gpus, "lacks"), 0), "resource"));
    json_decref(short_of_gpus);
    verdict_is(fargate, "fits", "needs nothing of the host: it is of launch type FARGATE");
    json_t *plan = plan_of(gpus); /* elsewhere it would run */
    ck_assert(is_true(plan, "runs"));
    json_decref(plan);
    end();
    free(large);
    free(fargate);
}
END_TEST

START_TEST(text_says_why_it_would_not_run)
{
    char *waits = task_in_words("\"image\":\"i\",\"essential\":true,"
                                "\"registryAuthentication\":{\"type\":\"ecr\",\"ecrAuthData\":{\"useExecutionRole\":true}}}]");
    char *ends = one_task("t1", "app", "dependsOn=init:COMPLETE", "init", "", NULL);

    begin(NULL);
    harness_settle(&harness);
    char *text = plan_in(waits, ECSENGINE_PLAN_TEXT);
    ck_assert_msg(strstr(text, "it would not get to RUNNING: ") != NULL, "%s", text);
    ck_assert_msg(strstr(text, "a would never start\n") != NULL, "%s", text);
    free(text);
    text = plan_in(ends, ECSENGINE_PLAN_TEXT);
    ck_assert_msg(strstr(text, "stop, since init, which is essential, has ended:\n") != NULL, "%s", text);
    ck_assert_msg(strstr(text, "app would never start") != NULL, "%s", text);
    free(text);
    end();
    free(waits);
    free(ends);
}
END_TEST

START_TEST(what_would_break_a_line_of_the_graph_is_a_blank)
{
    char *document = task_in_words("\"image\":\"x\\ny\\u007fz\",\"essential\":true}]"), why[128];
    struct dot_counts counts;

    begin(NULL);
    harness_settle(&harness);
    char *graph = plan_in(document, ECSENGINE_PLAN_DOT);
    ck_assert_msg(dot_parse(graph, &counts, why), "%s\n%s", why, graph);
    ck_assert_ptr_nonnull(strstr(graph, "x y z"));
    free(graph);
    end();
    free(document);
}
END_TEST

static const char text_of_two[] = ARN_HEAD "t1 (fam:1)\n"
                                           "admission: fits the host now\n"
                                           "start:\n"
                                           "   1  db: pull-image busybox:1\n"
                                           "   2  db: create\n"
                                           "   3  db: start\n"
                                           "   4  db: becomes healthy (assumed)\n"
                                           "   5  web: pull-image busybox:1  after 4 (db HEALTHY)\n"
                                           "   6  web: create\n"
                                           "   7  web: start\n"
                                           "   8  the task is RUNNING\n"
                                           "stop, when it is asked for:\n"
                                           "   9  the task is stopped\n"
                                           "  10  web: stop\n"
                                           "  11  db: stop  after 10 (web, which depends on it)\n"
                                           "  12  the task is STOPPED\n"
                                           "cleanup, 1s later:\n"
                                           "  13  web: remove\n"
                                           "  14  db: remove\n"
                                           "  15  the task is removed\n";

START_TEST(text_for_a_terminal)
{
    char *document = one_task("t1", "web", "dependsOn=db:HEALTHY", "db", "health=true", NULL);

    begin(NULL);
    harness_settle(&harness);
    char *text = plan_in(document, ECSENGINE_PLAN_TEXT);
    ck_assert_str_eq(text_of_two, text);
    free(text);
    end();
    free(document);
}
END_TEST

START_TEST(a_name_can_not_break_the_graph)
{
    char *document = one_task("t\"1\\", "web", "", NULL), why[128];
    struct dot_counts counts;

    begin(NULL);
    harness_settle(&harness);
    char *graph = plan_in(document, ECSENGINE_PLAN_DOT);
    ck_assert_msg(dot_parse(graph, &counts, why), "%s\n%s", why, graph);
    ck_assert_uint_gt(counts.nodes, 5);
    ck_assert_ptr_nonnull(strstr(graph, "t\\\"1\\\\"));
    free(graph);
    end();
    free(document);
}
END_TEST

/* The parser of this test is no use if it takes everything. */
START_TEST(what_is_no_graph_is_refused)
{
    static const char *const bad[] = {
        "",          "graph g {}",           "digraph g {",          "digraph g {} x",           "digraph g { a -> ; }",
        "digraph g { a }", "digraph g { a -> b; }", "digraph g { a [label=]; }", "digraph g { a [label=\"x]; }", "digraph g { a; b; a > b; }",
    };
    struct dot_counts counts;
    char why[128];

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ck_assert_msg(!dot_parse(bad[i], &counts, why), "%s", bad[i]);
    ck_assert_msg(dot_parse("digraph g { label=\"a\\\"b\"; a [x=y, z=\"1\"]; b; a -> b [l=m]; subgraph c { d; } }", &counts, why), "%s", why);
    ck_assert_uint_eq(3, counts.nodes);
    ck_assert_uint_eq(1, counts.edges);
}
END_TEST

START_TEST(what_is_no_task_has_no_plan)
{
    ecsengine_text *text = NULL;

    begin(NULL);
    ck_assert_int_eq(ECSENGINE_ESYNTAX, ecsengine_plan(harness.engine, "{", 1, ECSENGINE_PLAN_TEXT, &text, NULL));
    ck_assert_int_eq(ECSENGINE_EDOCUMENT, ecsengine_plan(harness.engine, "{}", 2, ECSENGINE_PLAN_TEXT, &text, NULL));
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_plan(harness.engine, "{}", 2, (enum ecsengine_plan_format)7, &text, NULL));
    ck_assert_ptr_null(text);
    harness_settle(&harness);
    end();
}
END_TEST

/* From its n-th allocation on `many` fail. False: it had not so many. */
static bool plan_starved(const char *document, const char *whole, uint64_t n, uint64_t many, int *refused)
{
    ecsengine_text *text = NULL;
    uint64_t failed = harness.memory.failed;
    size_t blocks = harness.memory.blocks;

    harness.memory.fail_first = harness.memory.count + n;
    harness.memory.fail_count = many;
    int rc = ecsengine_plan(harness.engine, document, strlen(document), ECSENGINE_PLAN_JSON, &text, NULL);
    harness.memory.fail_first = 0;
    if (rc == 0)
        ck_assert_str_eq(whole, ecsengine_text_data(text));
    else
        ck_assert_int_eq(ECSENGINE_ENOMEM, rc);
    *refused += rc < 0;
    ecsengine_text_free(text);
    ck_assert_uint_eq(blocks, harness.memory.blocks);
    return failed != harness.memory.failed;
}

static const uint64_t many_fail[] = {1, 3, 1000000};

/* Each allocation of a plan fails, alone and with those after it: the answer is ENOMEM, or the plan, and nothing is left over. */
START_TEST(a_plan_without_memory)
{
    static const char *const config[] = {"image-manifest-resolution", "true", "image-pull-parallel", "1",
                                         "shared-volume-match-full-config", "true", NULL};
    char *document = one_task("t1", "web", "dependsOn=db:HEALTHY,init:SUCCESS ports=80:8080/tcp", "db", "health=true", "init",
                              "essential=false", NULL);
    int refused = 0;

    begin(config);
    harness_settle(&harness);
    char *whole = plan_in(document, ECSENGINE_PLAN_JSON);
    for (uint64_t n = 1; plan_starved(document, whole, n, many_fail[_i], &refused);)
        n++;
    ck_assert_int_gt(refused, 50);
    free(whole);
    end();
    free(document);
}
END_TEST

/* What went wrong with a container is told, and is not left over either. */
START_TEST(a_plan_in_which_a_container_fails_leaves_nothing_behind)
{
    static const char *const config[] = {"dynamic-host-ports", "engine", "dynamic-host-port-range", "50000-50009", NULL};
    char *document = one_task("t1", "a", "range=8000-8010", NULL);

    begin(config);
    harness_settle(&harness);
    size_t blocks = harness.memory.blocks;
    char *text = plan_in(document, ECSENGINE_PLAN_TEXT);
    ck_assert_uint_eq(blocks, harness.memory.blocks);
    ck_assert_msg(strstr(text, "a would never start: HostConfigError: ") != NULL, "%s", text);
    free(text);
    end();
    free(document);
}
END_TEST

/* A volume that is shared is there with what the task gives it, as far as a plan can know. */
START_TEST(a_shared_volume_is_taken_to_be_as_the_task_wants_it)
{
    static const char *const config[] = {"shared-volume-match-full-config", "true", NULL};
    static const char document[] =
        "{\"taskArn\":\"arn:aws:ecs:local:000000000000:task/default/v\",\"family\":\"v\",\"containerDefinitions\":[{\"name\":\"a\","
        "\"image\":\"busybox\",\"memory\":8,\"mountPoints\":[{\"sourceVolume\":\"data\",\"containerPath\":\"/d\"}]}],\"volumes\":[{"
        "\"name\":\"data\",\"dockerVolumeConfiguration\":{\"scope\":\"shared\",\"autoprovision\":true,\"driverOpts\":{\"type\":\"tmpfs\","
        "\"device\":\"tmpfs\"},\"labels\":{\"a\":\"b\"}}}]}";
    int refused = 0;

    begin(config);
    harness_settle(&harness);
    char *text = plan_in(document, ECSENGINE_PLAN_TEXT), *whole = plan_in(document, ECSENGINE_PLAN_JSON);
    ck_assert_ptr_nonnull(strstr(text, "data: volume-inspect (assumed to be there)"));
    ck_assert_ptr_nonnull(strstr(text, "the task is RUNNING"));
    ck_assert_ptr_null(strstr(text, "never start"));
    for (uint64_t n = 1; plan_starved(document, whole, n, 1000000, &refused);)
        n++;
    ck_assert_int_gt(refused, 20);
    free(text);
    free(whole);
    end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("plan");
    TCase *tcase = tcase_create("plan");

    tcase_set_timeout(tcase, 300);
    tcase_add_test(tcase, what_is_planned_is_what_happens);
    tcase_add_test(tcase, the_verdict_is_that_of_the_moment);
    tcase_add_test(tcase, who_came_earlier_comes_first);
    tcase_add_test(tcase, the_end_of_an_essential_container_ends_the_task);
    tcase_add_test(tcase, credentials_that_come_with_the_task_are_there_in_its_plan);
    tcase_add_test(tcase, an_image_that_was_pulled_once_is_not_in_the_plan);
    tcase_add_test(tcase, gpus_are_those_of_the_real_host);
    tcase_add_test(tcase, what_a_task_lacks_is_all_told_and_who_needs_nothing_lacks_nothing);
    tcase_add_test(tcase, text_says_why_it_would_not_run);
    tcase_add_test(tcase, what_would_break_a_line_of_the_graph_is_a_blank);
    tcase_add_test(tcase, text_for_a_terminal);
    tcase_add_test(tcase, a_name_can_not_break_the_graph);
    tcase_add_test(tcase, what_is_no_graph_is_refused);
    tcase_add_test(tcase, what_is_no_task_has_no_plan);
    tcase_add_loop_test(tcase, a_plan_without_memory, 0, sizeof(many_fail) / sizeof(many_fail[0]));
    tcase_add_test(tcase, a_plan_in_which_a_container_fails_leaves_nothing_behind);
    tcase_add_test(tcase, a_shared_volume_is_taken_to_be_as_the_task_wants_it);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
