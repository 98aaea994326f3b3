/* SPDX-License-Identifier: Apache-2.0 */
/* The engine's descriptions are asked for where a turn did something for a task, and now and then of all: most turns touch one task. The
 * world is read anew when it has changed. */
#define _GNU_SOURCE /* memmem */
#include "watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explained.h"

enum { EVERYTHING_TURNS = 16, TOUCHED_MAX = 64 };

struct watch {
    struct world world;
    struct world_container *list;
    size_t size;
    uint64_t changes; /* of the world, when it was read; counted from 1 */
    char touched[TOUCHED_MAX][64];
    size_t touched_count;
    bool touched_more;
};

static const struct world *look(void *data)
{
    struct harness *harness = data;
    struct watch *watch = harness->watch;
    uint64_t changes = harness->sim != NULL ? ecsengine_sim_counter(harness->sim, "changes") + 1 : 0;

    if (harness->no_checks || changes == watch->changes)
        return NULL;
    size_t count = ecsengine_sim_container_count(harness->sim);
    if (count > watch->size) {
        watch->size = 2 * count;
        watch->list = realloc(watch->list, watch->size * sizeof(*watch->list));
        if (watch->list == NULL)
            abort();
    }
    for (size_t i = 0; i < count; i++) {
        struct world_container *container = &watch->list[i];
        *container = (struct world_container){
            .task = harness_last_part(ecsengine_sim_container_task(harness->sim, i)),
            .name = ecsengine_sim_container_name(harness->sim, i),
            .id = ecsengine_sim_container_id(harness->sim, i),
            .running = ecsengine_sim_container_running(harness->sim, i) == 1,
            .oom_killed = ecsengine_sim_container_oom_killed(harness->sim, i),
            .execs = ecsengine_sim_exec_running(harness->sim, i),
            .health = ecsengine_sim_container_health(harness->sim, i),
        };
        container->ended = ecsengine_sim_container_exit_code(harness->sim, i, &container->exit_code);
    }
    watch->changes = changes;
    watch->world = (struct world){watch->list, count};
    return &watch->world;
}

static bool is_open(void *data, uint64_t op_id)
{
    const struct harness *harness = data;

    return ecsengine_sim_op_open(harness->sim, op_id) != 0;
}

static int64_t default_grace_ns(const struct harness *harness)
{
    for (const char *const *key = harness->config; key != NULL && *key != NULL; key += 2) {
        if (strcmp(key[0], "container-stop-timeout") == 0)
            return (int64_t)(strtod(key[1], NULL) * (strstr(key[1], "ms") != NULL  ? 1e6
                                                     : strchr(key[1], 'm') != NULL ? 60e9
                                                                                   : 1e9));
    }
    return 30 * SECOND;
}

static const char *setting(const struct harness *harness, const char *name)
{
    for (const char *const *key = harness->config; key != NULL && *key != NULL; key += 2) {
        if (strcmp(key[0], name) == 0)
            return key[1];
    }
    return "";
}

static void tell_of_host(struct harness *harness)
{
    int64_t cpu = strtoll(setting(harness, "host-cpu"), NULL, 10), memory = strtoll(setting(harness, "host-memory"), NULL, 10);

    invariants_host(harness->invariants, cpu, memory, strcmp(setting(harness, "admission-policy"), "backfill") != 0);
}

void watch_start(struct harness *harness)
{
    static const enum invariant of_the_world[] = {CREATE_ORDER, START_ORDER,         STOP_ORDER, EXIT_TRUE,  OOM_TRUE,
                                                  RAN_TRUE,     STOPPED_FOR_A_CAUSE, GRACE,      REMOVE_LAST, RAN_ONCE};
    struct witness witness = {harness, look, is_open};

    harness->invariants = invariants_new(&harness->broken, &witness, default_grace_ns(harness));
    tell_of_host(harness);
    harness->watch = calloc(1, sizeof(*harness->watch));
    if (harness->watch == NULL)
        abort();
    for (size_t i = 0; harness->no_checks && i < sizeof(of_the_world) / sizeof(of_the_world[0]); i++)
        invariants_excuse(harness->invariants, of_the_world[i]);
}

void watch_free(struct watch *watch)
{
    if (watch != NULL)
        free(watch->list);
    free(watch);
}

void watch_restart(struct harness *harness) { harness->watch->touched_more = true; }

static void touch(struct watch *watch, const char *task)
{
    for (size_t i = 0; i < watch->touched_count; i++) {
        if (strcmp(watch->touched[i], task) == 0)
            return;
    }
    watch->touched_more |= watch->touched_count == TOUCHED_MAX || strlen(task) >= sizeof(watch->touched[0]);
    if (!watch->touched_more)
        strcpy(watch->touched[watch->touched_count++], task);
}

static bool contains(const unsigned char *bytes, size_t len, const char *text)
{
    return memmem(bytes, len, text, strlen(text)) != NULL;
}

/* Whether the store has the task's record, and in it this text. */
static int stored(const struct harness *harness, const char *arn, const char *text)
{
    char key[512];
    size_t low = 0, high = harness->store != NULL ? ecsengine_memory_store_count(harness->store) : 0, len;

    if (harness->store == NULL)
        return -1;
    snprintf(key, sizeof(key), "task/%s", arn);
    while (low < high) { /* records are sorted by key */
        size_t middle = low + (high - low) / 2;
        int order = strcmp(ecsengine_memory_store_key(harness->store, middle), key);
        if (order == 0) {
            const unsigned char *value = ecsengine_memory_store_value(harness->store, middle, &len);
            return contains(value, len, text);
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return 0;
}

void watch_op(struct harness *harness, const ecsengine_op *op)
{
    struct op_view view = {
        .kind = ecsengine_op_get_kind(op),
        .id = ecsengine_op_id(op),
        .cancel_id = ecsengine_op_cancel_id(op),
        .task = harness_last_part(ecsengine_op_task_arn(op)),
        .container = ecsengine_op_container_name(op),
        .runtime_name = ecsengine_op_runtime_name(op),
        .now_ns = harness->mono_ns,
        .deadline_ns = ecsengine_op_deadline_ns(op),
        .grace_ns = ecsengine_op_grace_ns(op),
        .durable = -1,
    };

    if (view.kind == ECSENGINE_OP_CREATE && !harness->no_checks)
        view.config = ecsengine_op_create_config(op, NULL);
    if (view.kind == ECSENGINE_OP_CREATE)
        view.durable = stored(harness, ecsengine_op_task_arn(op), view.runtime_name);
    if (*view.task != '\0')
        touch(harness->watch, view.task);
    invariants_saw_op(harness->invariants, &view);
}

void watch_event(struct harness *harness, const struct seen_event *event)
{
    char arn[512];
    int durable = -1;

    if (event->kind == ECSENGINE_EVENT_COMMAND_DONE) {
        snprintf(arn, sizeof(arn), ARN_HEAD "%s", event->task);
        durable = stored(harness, arn, "");
    }
    if (*event->task != '\0')
        touch(harness->watch, event->task);
    invariants_saw_world(harness->invariants);
    invariants_saw_event(harness->invariants, event, durable);
}

/* NULL: there is no such task, or no memory for the answer. Owned by the caller. */
static ecsengine_text *described(ecsengine *engine, const char *task)
{
    char arn[512];
    ecsengine_text *text = NULL;

    snprintf(arn, sizeof(arn), ARN_HEAD "%s", task);
    return ecsengine_task_describe(engine, arn, &text, NULL) == 0 ? text : NULL;
}

static void describe(struct harness *harness, const char *task)
{
    ecsengine_text *text = described(harness->engine, task);

    if (text != NULL)
        invariants_saw_description(harness->invariants, task, ecsengine_text_data(text));
    ecsengine_text_free(text);
}

static void describe_all(struct harness *harness)
{
    const char *task;

    for (size_t i = 0; (task = invariants_open_task(harness->invariants, i)) != NULL; i++)
        describe(harness, task);
}

/* 1 and more: its place in the queue for the host's resources; 0: it is not in it, or something else is in its way first. */
static long place_of(struct harness *harness, const char *task)
{
    char arn[512];
    ecsengine_text *why = NULL;
    long place = 0;

    snprintf(arn, sizeof(arn), ARN_HEAD "%s", task);
    if (ecsengine_explain(harness->engine, arn, NULL, &why, NULL) == 0) {
        const char *cause = strstr(ecsengine_text_data(why), "\"cause\":\""), *at = NULL;
        if (cause != NULL && strncmp(cause, "\"cause\":\"queued\"", strlen("\"cause\":\"queued\"")) == 0)
            at = strstr(cause, "\"place\":");
        place = at != NULL ? strtol(at + strlen("\"place\":"), NULL, 10) : 0;
    }
    ecsengine_text_free(why);
    return place;
}

/* Only now is known who waits, and who has stopped. */
static void check_books(struct harness *harness)
{
    const char *task;

    if (harness->memory.fail_per_million > 0 || harness->memory.fail_first > 0)
        return; /* a description may fail, too */
    if (invariants_books_doubtful(harness->invariants))
        describe_all(harness);
    invariants_saw_books(harness->invariants);
    while ((task = invariants_overtaken(harness->invariants)) != NULL)
        invariants_saw_overtaken(harness->invariants, task, place_of(harness, task) > 0);
}

void watch_head(struct harness *harness)
{
    const char *task;

    for (size_t i = 0; (task = invariants_open_task(harness->invariants, i)) != NULL; i++)
        invariants_saw_place(harness->invariants, task, place_of(harness, task));
    invariants_saw_head(harness->invariants);
}

void watch_turn(struct harness *harness)
{
    struct watch *watch = harness->watch;

    if (harness->no_checks)
        return;
    invariants_saw_world(harness->invariants);
    if (watch->touched_more || harness->turns % EVERYTHING_TURNS == 0) {
        describe_all(harness);
    } else {
        for (size_t i = 0; i < watch->touched_count; i++)
            describe(harness, watch->touched[i]);
    }
    watch->touched_count = 0;
    watch->touched_more = false;
    check_books(harness);
}

void watch_explain(struct harness *harness)
{
    size_t before = harness->broken.len;

    explained_check(harness);
    invariants_check(harness->invariants, EXPLAINED, harness->broken.len == before, "what was said before this line");
}

/* Another engine with a copy of the records; NULL: the records could not be given. */
static ecsengine *copied(struct harness *harness)
{
    ecsengine *copy = NULL;
    int rc = ecsengine_new(harness->engine_config, NULL, &copy, NULL);

    for (size_t i = 0; rc == 0 && i < ecsengine_memory_store_count(harness->store); i++) {
        size_t len = 0;
        const void *value = ecsengine_memory_store_value(harness->store, i, &len);
        rc = ecsengine_restore_record(copy, ecsengine_memory_store_key(harness->store, i), value, len, NULL);
    }
    if (rc == 0)
        rc = ecsengine_restore_end(copy, NULL);
    invariants_check(harness->invariants, RECORDS_DECODE, rc == 0, "the records can not be given to another engine: %s",
                     ecsengine_code_name(rc));
    if (rc < 0) {
        ecsengine_free(copy);
        return NULL;
    }
    return copy;
}

bool watch_store_fails(const struct harness *harness)
{
    for (size_t i = harness->event_count; i-- > 0;) {
        if (harness->events[i].kind == ECSENGINE_EVENT_STORE)
            return strcmp(harness->events[i].status, "FAILING") == 0;
    }
    return false;
}

void watch_copy(struct harness *harness)
{
    ecsengine *copy = harness->store != NULL && !watch_store_fails(harness) ? copied(harness) : NULL;
    const char *task;

    for (size_t i = 0; copy != NULL && (task = invariants_open_task(harness->invariants, i)) != NULL; i++) {
        ecsengine_text *own = described(harness->engine, task), *other = described(copy, task);
        if (own != NULL)
            invariants_saw_copy(harness->invariants, task, ecsengine_text_data(own),
                                other != NULL ? ecsengine_text_data(other) : "nothing");
        ecsengine_text_free(own);
        ecsengine_text_free(other);
    }
    ecsengine_free(copy);
}

void watch_goals(struct harness *harness)
{
    const char *task;

    for (size_t i = 0; (task = invariants_open_task(harness->invariants, i)) != NULL; i++) {
        ecsengine_text *text = described(harness->engine, task);
        bool queued = place_of(harness, task) > 0;
        if (text != NULL)
            invariants_saw_goal(harness->invariants, task, ecsengine_text_data(text), queued);
        ecsengine_text_free(text);
    }
}

static bool all_removed(struct harness *harness, void *data)
{
    (void)data;
    return invariants_all_removed(harness->invariants);
}

void watch_until_removed(struct harness *harness, int64_t patience_ns)
{
    harness_run_until(harness, harness->mono_ns + patience_ns, all_removed, NULL);
    if (harness->broken.len == 0)
        invariants_check(harness->invariants, ENDS_IN_TIME, all_removed(harness, NULL), "%s is not removed in the end",
                         all_removed(harness, NULL) ? "nothing" : invariants_open_task(harness->invariants, 0));
}

void watch_records(struct harness *harness)
{
    for (size_t i = 0; harness->store != NULL && i < ecsengine_memory_store_count(harness->store); i++) {
        const char *key = ecsengine_memory_store_key(harness->store, i);
        bool aside = strncmp(key, "quarantine/", strlen("quarantine/")) == 0; /* for somebody to look at */
        invariants_check(harness->invariants, LEAVES_NO_RECORD, strchr(key, '/') == NULL || aside, "the record %s is left", key);
    }
}

void watch_end(struct harness *harness)
{
    size_t left = 0;

    for (size_t i = 0; i < ecsengine_sim_container_count(harness->sim); i++)
        left += *ecsengine_sim_container_task(harness->sim, i) != '\0';
    invariants_check(harness->invariants, NOTHING_LEFT, left == 0, "%zu containers are left in the end", left);
    /* A create that comes so late that its task is gone makes the task's volume again, as with Docker, and nobody knows of that. */
    size_t volumes = ecsengine_sim_counter(harness->sim, "op-late") == 0 ? ecsengine_sim_volume_count(harness->sim) : 0;
    invariants_check(harness->invariants, NOTHING_LEFT, volumes == 0, "%zu volumes are left in the end", volumes);
    invariants_check(harness->invariants, SLEEPS_IN_THE_END, ecsengine_deadline_ns(harness->engine) == ECSENGINE_NO_DEADLINE,
                     "something is due at %.3f", (double)ecsengine_deadline_ns(harness->engine) / 1e9);
    watch_records(harness);
}
