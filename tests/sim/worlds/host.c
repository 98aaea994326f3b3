/* SPDX-License-Identifier: Apache-2.0 */
/* The small host. What is to happen stands in one heap, ordered by time and then by when it was put there; answers that take no
 * time are given inside submit(). */
#include "host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARN_HEAD "arn:aws:ecs:us-west-2:123456789012:task/default/w"
#define WALL_0 (INT64_C(1700000000) * 1000000000)
#define REST (INT64_C(60) * 1000000000) /* after it every world is over */

enum { TURNS_MAX = 100000, ID_SIZE = 40 };

enum due_kind { DUE_ANSWER, DUE_END, DUE_STOPPED, DUE_HEALTH, DUE_USER };

struct due {
    int64_t at_ns;
    uint64_t order;
    enum due_kind kind;
    size_t slot;
    int place;
    ecsengine_op *op;
};

struct body { /* a container of the runtime */
    bool exists, running, ended, killed;
    int exit_code;
    int64_t started_ns, finished_ns;
    enum ecsengine_health health;
    char id[ID_SIZE];
    ecsengine_op *stopping;
};

struct slot {
    const struct world *world;
    struct sight *sight;
    const struct durations *durations;
    struct body bodies[PLACES];
};

struct host {
    ecsengine *engine;
    size_t batch, slot_count;
    struct slot *slots;
    struct due *heap;
    size_t heap_count, heap_size;
    uint64_t order, serial;
    int64_t now_ns, base_ns;
    bool dirty; /* something was given to the engine since the last turn */
    struct durations durations[TIMINGS][PLACES];
};

static void must(int rc, const char *what)
{
    if (rc >= 0)
        return;
    fprintf(stderr, "worlds: %s: %s\n", what, ecsengine_code_name(rc));
    abort();
}

/* ---- The heap ---- */

static bool before(const struct due *a, const struct due *b)
{
    return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->order < b->order;
}

static void put(struct host *host, struct due due)
{
    if (host->heap_count == host->heap_size) {
        host->heap_size = host->heap_size > 0 ? 2 * host->heap_size : 256;
        host->heap = realloc(host->heap, host->heap_size * sizeof(*host->heap));
        if (host->heap == NULL)
            abort();
    }
    due.order = host->order++;
    size_t at = host->heap_count++;
    for (; at > 0 && before(&due, &host->heap[(at - 1) / 2]); at = (at - 1) / 2)
        host->heap[at] = host->heap[(at - 1) / 2];
    host->heap[at] = due;
}

static struct due take(struct host *host)
{
    struct due first = host->heap[0], last = host->heap[--host->heap_count];
    size_t at = 0;

    for (;;) {
        size_t child = 2 * at + 1;
        if (child + 1 < host->heap_count && before(&host->heap[child + 1], &host->heap[child]))
            child++;
        if (child >= host->heap_count || !before(&host->heap[child], &last))
            break;
        host->heap[at] = host->heap[child];
        at = child;
    }
    host->heap[at] = last;
    return first;
}

/* ---- What is seen ---- */

static void see(struct host *host, struct slot *slot, struct seen seen)
{
    struct sight *sight = slot->sight;

    if (sight->count == SEEN_MAX) {
        sight->too_many = true;
        return;
    }
    seen.at_ns = host->now_ns - host->base_ns;
    sight->list[sight->count++] = seen;
}

/* `.../w12.345` is slot 12; NULL: of none of these worlds. */
static struct slot *slot_of(struct host *host, const char *arn)
{
    char *end;

    if (strncmp(arn, ARN_HEAD, strlen(ARN_HEAD)) != 0)
        return NULL;
    size_t index = strtoul(arn + strlen(ARN_HEAD), &end, 10);
    return index < host->slot_count && strtoull(end + 1, NULL, 10) == host->serial ? &host->slots[index] : NULL;
}

static void on_event(ecsengine_event *event, void *user_data)
{
    struct host *host = user_data;
    struct slot *slot = slot_of(host, ecsengine_event_task_arn(event));
    enum ecsengine_event_kind kind = ecsengine_event_get_kind(event);
    struct seen seen = {.kind = SEEN_EVENT, .who = SEEN_TASK, .what = (int)ecsengine_event_task_status(event)};

    if (slot != NULL &&
        (kind == ECSENGINE_EVENT_CONTAINER || kind == ECSENGINE_EVENT_TASK || kind == ECSENGINE_EVENT_TASK_REMOVED)) {
        if (kind == ECSENGINE_EVENT_CONTAINER) {
            seen.who = *ecsengine_event_container_name(event) - 'a';
            seen.what = (int)ecsengine_event_container_status(event);
        } else if (kind == ECSENGINE_EVENT_TASK_REMOVED) {
            seen.kind = SEEN_REMOVED;
            slot->sight->removed = true;
        }
        int32_t exit_code = 0;
        seen.has_exit_code = ecsengine_event_exit_code(event, &exit_code);
        seen.exit_code = exit_code;
        snprintf(seen.reason, sizeof(seen.reason), "%s", ecsengine_event_reason(event));
        see(host, slot, seen);
    }
    ecsengine_event_free(event);
}

/* ---- The runtime ---- */

static ecsengine_result *result_for(const ecsengine_op *op)
{
    ecsengine_result *result = NULL;

    must(ecsengine_result_new(op, &result, NULL), "result_new");
    return result;
}

/* Of a noisy world each answer comes twice; the second one is empty, and must not count. */
static void complete(struct host *host, ecsengine_op *op, ecsengine_result *result)
{
    const struct slot *slot = slot_of(host, ecsengine_op_task_arn(op));
    ecsengine_op *again = slot != NULL && slot->world->timing == TIMING_NOISY ? ecsengine_op_ref(op) : NULL;

    ecsengine_op_complete(op, result, NULL);
    if (again != NULL && ecsengine_op_complete(again, NULL, NULL) == 0) {
        fprintf(stderr, "worlds: a second answer was taken\n");
        abort();
    }
    host->dirty = true;
}

static void refuse(struct host *host, ecsengine_op *op, enum ecsengine_failure failure, const char *name, const char *text)
{
    ecsengine_result *result = result_for(op);

    must(ecsengine_result_set_failure(result, failure, text), "set_failure");
    if (name != NULL)
        must(ecsengine_result_set_error_name(result, name), "set_error_name");
    complete(host, op, result);
}

static void record(struct host *host, const struct body *body, ecsengine_result *result)
{
    ecsengine_result_set_running(result, body->running);
    ecsengine_result_set_created_at(result, WALL_0 + host->base_ns);
    if (body->started_ns != 0)
        ecsengine_result_set_started_at(result, WALL_0 + body->started_ns);
    if (body->ended) {
        ecsengine_result_set_finished_at(result, WALL_0 + body->finished_ns);
        ecsengine_result_set_exit_code(result, body->exit_code);
        ecsengine_result_set_oom_killed(result, body->killed);
    }
    if (body->health != ECSENGINE_HEALTH_UNKNOWN)
        ecsengine_result_set_health(result, body->health, "");
}

static void tell_once(struct host *host, const struct slot *slot, const struct body *body, enum ecsengine_runtime_event_kind kind)
{
    ecsengine_result *details = NULL;

    if (world_records(slot->world->timing) || kind == ECSENGINE_RUNTIME_EVENT_DIE) {
        must(ecsengine_result_new_for_event(host->engine, &details, NULL), "result_new_for_event");
        if (world_records(slot->world->timing))
            record(host, body, details);
        else
            ecsengine_result_set_exit_code(details, body->exit_code);
    }
    must(ecsengine_runtime_event(host->engine, kind, body->id, details, NULL), "runtime_event");
    host->dirty = true;
}

static void tell(struct host *host, const struct slot *slot, const struct body *body, enum ecsengine_runtime_event_kind kind)
{
    tell_once(host, slot, body, kind);
    if (slot->world->timing == TIMING_NOISY)
        tell_once(host, slot, body, kind);
}

static void answer_stop(struct host *host, const struct slot *slot, struct body *body)
{
    ecsengine_op *op = body->stopping;

    if (op == NULL)
        return;
    body->stopping = NULL;
    ecsengine_result *result = result_for(op);
    if (world_records(slot->world->timing))
        record(host, body, result);
    complete(host, op, result);
}

static void body_ends(struct host *host, struct slot *slot, int place, int exit_code, bool killed)
{
    struct body *body = &slot->bodies[place];

    if (!body->running)
        return;
    body->running = false;
    body->ended = true;
    body->killed = killed;
    body->exit_code = exit_code;
    body->finished_ns = host->now_ns;
    tell(host, slot, body, ECSENGINE_RUNTIME_EVENT_DIE);
    answer_stop(host, slot, body);
}

static void do_create(struct host *host, struct slot *slot, int place, ecsengine_op *op)
{
    struct body *body = &slot->bodies[place];
    enum failing failing = outcomes[slot->world->places[place].outcome].failing;

    if (failing == FAILS_PULL || failing == FAILS_CREATE) {
        refuse(host, op, failing == FAILS_PULL ? ECSENGINE_FAILURE_NOT_FOUND : ECSENGINE_FAILURE_OTHER, NULL,
               failing == FAILS_PULL ? "No such image" : "no room");
        return;
    }
    if (body->exists) {
        refuse(host, op, ECSENGINE_FAILURE_CONFLICT, NULL, "the name is taken");
        return;
    }
    *body = (struct body){.exists = true};
    snprintf(body->id, sizeof(body->id), "id%llu-%zu-%d", (unsigned long long)host->serial, (size_t)(slot - host->slots), place);
    ecsengine_result *result = result_for(op);
    must(ecsengine_result_set_container_id(result, body->id), "set_container_id");
    complete(host, op, result);
    tell(host, slot, body, ECSENGINE_RUNTIME_EVENT_CREATE);
}

static void plan_life(struct host *host, struct slot *slot, int place)
{
    const struct outcome_traits *does = &outcomes[slot->world->places[place].outcome];
    const struct durations *durations = &slot->durations[place];
    int64_t life_ns = does->ends_early ? durations->health_ns / 2 : durations->life_ns;
    struct due due = {.slot = (size_t)(slot - host->slots), .place = place};

    if (does->ends) {
        due.kind = DUE_END;
        due.at_ns = host->now_ns + life_ns;
        put(host, due);
    }
    if (does->health_check) {
        due.kind = DUE_HEALTH;
        due.at_ns = host->now_ns + durations->health_ns;
        put(host, due);
    }
}

static void do_start(struct host *host, struct slot *slot, int place, ecsengine_op *op)
{
    struct body *body = &slot->bodies[place];

    if (!body->exists || body->running || outcomes[slot->world->places[place].outcome].failing == FAILS_START) {
        refuse(host, op, ECSENGINE_FAILURE_OTHER, NULL, "cannot start");
        return;
    }
    body->running = true;
    body->started_ns = host->now_ns;
    ecsengine_result *result = result_for(op);
    if (world_records(slot->world->timing))
        record(host, body, result);
    if (slot->world->timing == TIMING_NOISY)
        tell(host, slot, body, ECSENGINE_RUNTIME_EVENT_START);
    complete(host, op, result);
    tell(host, slot, body, ECSENGINE_RUNTIME_EVENT_START);
    plan_life(host, slot, place);
}

static void do_answer(struct host *host, struct slot *slot, int place, ecsengine_op *op)
{
    switch (ecsengine_op_get_kind(op)) {
    case ECSENGINE_OP_PULL_IMAGE:
        if (outcomes[slot->world->places[place].outcome].failing == FAILS_PULL)
            refuse(host, op, ECSENGINE_FAILURE_NOT_FOUND, "CannotPullECRContainerError", "no such image");
        else
            complete(host, op, result_for(op));
        break;
    case ECSENGINE_OP_CREATE:
        do_create(host, slot, place, op);
        break;
    default:
        do_start(host, slot, place, op);
        break;
    }
}

static void happens(struct host *host, const struct due *due)
{
    struct slot *slot = &host->slots[due->slot];
    struct body *body = &slot->bodies[due->place];
    const struct outcome_traits *does = &outcomes[slot->world->places[due->place].outcome];
    char arn[128];

    switch (due->kind) {
    case DUE_ANSWER:
        do_answer(host, slot, due->place, due->op);
        break;
    case DUE_END:
        body_ends(host, slot, due->place, does->exit_code, does->killed);
        break;
    case DUE_STOPPED:
        body_ends(host, slot, due->place, world_stop_code(due->place), false);
        break;
    case DUE_HEALTH:
        if (!body->running)
            break;
        body->health = does->healthy ? ECSENGINE_HEALTH_HEALTHY : ECSENGINE_HEALTH_UNHEALTHY;
        tell(host, slot, body, does->healthy ? ECSENGINE_RUNTIME_EVENT_HEALTHY : ECSENGINE_RUNTIME_EVENT_UNHEALTHY);
        break;
    case DUE_USER:
        if (slot->sight->removed)
            break;
        snprintf(arn, sizeof(arn), ARN_HEAD "%zu.%llu", due->slot, (unsigned long long)host->serial);
        must(ecsengine_task_stop(host->engine, arn, NULL, NULL), "task_stop");
        host->dirty = true;
        break;
    }
}

static void about_container(struct host *host, struct slot *slot, int place, ecsengine_op *op)
{
    struct body *body = &slot->bodies[place];
    struct due due = {.at_ns = host->now_ns, .slot = (size_t)(slot - host->slots), .place = place, .op = op};
    const struct durations *durations = &slot->durations[place];
    enum ecsengine_op_kind kind = ecsengine_op_get_kind(op);

    if (kind != ECSENGINE_OP_INSPECT)
        see(host, slot, (struct seen){.kind = SEEN_CALL, .who = place, .what = (int)kind});
    if (kind == ECSENGINE_OP_PULL_IMAGE || kind == ECSENGINE_OP_CREATE || kind == ECSENGINE_OP_START) {
        due.at_ns += kind == ECSENGINE_OP_PULL_IMAGE ? durations->pull_ns
                     : kind == ECSENGINE_OP_CREATE   ? durations->create_ns
                                                     : durations->start_ns;
        put(host, due);
        return;
    }
    if (!body->exists) {
        refuse(host, op, ECSENGINE_FAILURE_NOT_FOUND, NULL, "no such container");
        return;
    }
    if (kind == ECSENGINE_OP_STOP && body->running && body->stopping == NULL) {
        body->stopping = op;
        due.kind = DUE_STOPPED;
        due.op = NULL;
        due.at_ns += durations->stop_ns;
        put(host, due);
        return;
    }
    ecsengine_result *result = result_for(op);
    if (kind == ECSENGINE_OP_INSPECT || (kind == ECSENGINE_OP_STOP && world_records(slot->world->timing)))
        record(host, body, result);
    if (kind == ECSENGINE_OP_REMOVE)
        body->exists = false;
    complete(host, op, result);
}

static void on_submit(ecsengine_op *op, void *user_data)
{
    struct host *host = user_data;
    struct slot *slot = slot_of(host, ecsengine_op_task_arn(op));
    ecsengine_result *result;

    if (slot != NULL && *ecsengine_op_container_name(op) != '\0' && ecsengine_op_get_kind(op) != ECSENGINE_OP_INSPECT_IMAGE) {
        about_container(host, slot, *ecsengine_op_container_name(op) - 'a', op);
        return;
    }
    switch (ecsengine_op_get_kind(op)) {
    case ECSENGINE_OP_INFO:
        result = result_for(op);
        ecsengine_result_set_cpus(result, 1024);
        ecsengine_result_set_memory_mib(result, INT32_MAX);
        complete(host, op, result);
        break;
    case ECSENGINE_OP_PING:
    case ECSENGINE_OP_SUBSCRIBE:
    case ECSENGINE_OP_LIST:
        complete(host, op, result_for(op));
        break;
    case ECSENGINE_OP_INSPECT_IMAGE:
        refuse(host, op, ECSENGINE_FAILURE_NOT_FOUND, NULL, "No such image");
        break;
    default:
        refuse(host, op, ECSENGINE_FAILURE_UNSUPPORTED, NULL, "the worlds have no such operation");
        break;
    }
}

/* ---- Time ---- */

static void settle(struct host *host)
{
    do {
        host->dirty = false;
        while (host->heap_count > 0 && host->heap[0].at_ns <= host->now_ns) {
            struct due due = take(host);
            happens(host, &due);
        }
        host->dirty = false;
        must(ecsengine_dispatch(host->engine, host->now_ns, WALL_0 + host->now_ns, NULL), "dispatch");
    } while (host->dirty || (host->heap_count > 0 && host->heap[0].at_ns <= host->now_ns));
}

static bool all_removed(const struct host *host)
{
    for (size_t i = 0; i < host->slot_count; i++) {
        if (!host->slots[i].sight->removed)
            return false;
    }
    return true;
}

static bool run(struct host *host)
{
    for (int turns = 0; turns < TURNS_MAX; turns++) {
        settle(host);
        int64_t next_ns = ecsengine_deadline_ns(host->engine);
        if (host->heap_count > 0 && host->heap[0].at_ns < next_ns)
            next_ns = host->heap[0].at_ns;
        if (next_ns > host->base_ns + REST || (host->heap_count == 0 && all_removed(host)))
            return true;
        if (next_ns > host->now_ns)
            host->now_ns = next_ns;
    }
    return false;
}

/* ---- Worlds ---- */

static int write_container(char *to, const struct host *host, size_t slot, const struct world *world, int c)
{
    static const char *const conditions[] = {"", "START", "COMPLETE", "SUCCESS", "HEALTHY"};
    const struct place *place = &world->places[c];
    char *at = to;

    /* An image of its own, so that the worlds do not wait for one another's pulls. */
    at += sprintf(at, "{\"name\":\"%c\",\"image\":\"i%llu-%zu-%c:1\",\"cpu\":0,\"memory\":4,\"essential\":%s", 'a' + c,
                  (unsigned long long)host->serial, slot, 'a' + c, place->essential ? "true" : "false");
    if (outcomes[place->outcome].start_timeout)
        at += sprintf(at, ",\"startTimeout\":%d", (int)(WORLD_TIMEOUT / 1000000000));
    if (outcomes[place->outcome].health_check)
        at += sprintf(at, ",\"healthCheckType\":\"docker\",\"dockerConfig\":{\"config\":"
                          "\"{\\\"Healthcheck\\\":{\\\"Test\\\":[\\\"CMD-SHELL\\\",\\\"true\\\"]}}\"}");
    at += sprintf(at, ",\"dependsOn\":[");
    bool any = false;
    for (int k = 0; k < world->count; k++) {
        if (place->needs[k] == CONDITION_NONE)
            continue;
        at +=
            sprintf(at, "%s{\"containerName\":\"%c\",\"condition\":\"%s\"}", any ? "," : "", 'a' + k, conditions[place->needs[k]]);
        any = true;
    }
    at += sprintf(at, "]}");
    return (int)(at - to);
}

static void add(struct host *host, size_t slot)
{
    const struct world *world = host->slots[slot].world;
    char document[2048];
    int len = sprintf(document,
                      "{\"arn\":\"" ARN_HEAD "%zu.%llu\",\"family\":\"w\",\"version\":\"1\",\"desiredStatus\":\"%s\","
                      "\"volumes\":[],\"containers\":[",
                      slot, (unsigned long long)host->serial, world->born_stopped ? "STOPPED" : "RUNNING");

    for (int i = 0; i < world->count; i++) {
        int c = world_reversed(world->timing) ? world->count - 1 - i : i;
        if (i > 0)
            document[len++] = ',';
        len += write_container(document + len, host, slot, world, c);
    }
    len += sprintf(document + len, "]}");
    must(ecsengine_task_add(host->engine, document, (size_t)len, NULL, NULL), "task_add");
    if (!world->born_stopped)
        put(host, (struct due){.at_ns = host->base_ns + world->stop_ns, .kind = DUE_USER, .slot = slot});
}

bool host_live(struct host *host, const struct world *worlds, size_t count, struct sight *out_sights)
{
    host->serial++;
    host->base_ns = host->now_ns += 1000000000;
    host->slot_count = count;
    for (size_t i = 0; i < count; i++) {
        out_sights[i].count = out_sights[i].left = 0;
        out_sights[i].too_many = out_sights[i].removed = false;
        host->slots[i] =
            (struct slot){.world = &worlds[i], .sight = &out_sights[i], .durations = host->durations[worlds[i].timing]};
        add(host, i);
    }
    bool rests = run(host);
    while (host->heap_count > 0) { /* nothing of this batch may happen in the next one */
        struct due due = take(host);
        ecsengine_op_release(due.op);
    }
    for (size_t i = 0; i < count; i++) {
        for (int c = 0; c < PLACES; c++) {
            out_sights[i].left += host->slots[i].bodies[c].exists;
            ecsengine_op_release(host->slots[i].bodies[c].stopping);
        }
    }
    host->slot_count = 0;
    return rests;
}

static void configure(ecsengine_config *config, enum pull pull)
{
    static const char *const keys[][2] = {
        {"seed", "1"},
        {"event-ack", "auto"},
        {"engine-task-cleanup-wait-duration", "1s"},
        {"image-manifest-resolution", "false"},
        {"host-cpu", "1024"},
        {"host-memory", "2147483647"},
        {"image-pull-parallel", "1000"},
    };

    must(ecsengine_config_set(config, "image-pull-behavior", pull_names[pull], NULL), "image-pull-behavior");
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        must(ecsengine_config_set(config, keys[i][0], keys[i][1], NULL), keys[i][0]);
}

struct host *host_new(size_t batch, enum pull pull)
{
    struct host *host = calloc(1, sizeof(*host));
    ecsengine_config *config = NULL;
    ecsengine_runtime_vtable vtable;

    if (host == NULL || (host->slots = calloc(batch, sizeof(*host->slots))) == NULL)
        abort();
    host->batch = batch;
    for (int i = 0; i < TIMINGS; i++)
        world_durations(i, host->durations[i]);
    must(ecsengine_config_new(&config, NULL), "config_new");
    configure(config, pull);
    must(ecsengine_new(config, NULL, &host->engine, NULL), "new");
    ecsengine_config_free(config);
    ecsengine_runtime_vtable_init(&vtable, sizeof(vtable));
    vtable.submit = on_submit;
    must(ecsengine_set_runtime(host->engine, &vtable, host, NULL), "set_runtime");
    must(ecsengine_set_event_callback(host->engine, on_event, host, NULL), "set_event_callback");
    settle(host); /* the host's facts, the event stream */
    return host;
}

void host_free(struct host *host)
{
    if (host == NULL)
        return;
    ecsengine_free(host->engine);
    free(host->slots);
    free(host->heap);
    free(host);
}
