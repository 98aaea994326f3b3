/* SPDX-License-Identifier: Apache-2.0 */
/* What is done while the tasks live: by people, by outsiders, by clocks, disks and the host. Everything is drawn beforehand, with its time;
 * what lasts for a while has its end drawn with it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan.h"
#include "watch.h"

enum deed_kind {
    DEED_ADD,
    DEED_ADD_AGAIN,
    DEED_ADD_ANEW,
    DEED_STOP,
    DEED_KILL,
    DEED_LOSE_STREAM,
    DEED_DOWN,
    DEED_UP,
    DEED_STORE_FAILS,
    DEED_STORE_FAILS_LONG,
    DEED_STORE_HOLDS,
    DEED_STORE_IS_WELL,
    DEED_WALL_FORWARD,
    DEED_WALL_BACK,
    DEED_SLEEP,
    DEED_FOREIGN,
    DEED_FOREIGN_GOES,
    DEED_KILL_OUTSIDE,
    DEED_REMOVE_OUTSIDE,
    DEED_START_OUTSIDE,
    DEED_CREDENTIALS_GO,
    DEED_CREDENTIALS_COME,
    DEED_CRASH,
    DEED_CRASH_LOSES,
    DEED_HAND_OVER,
    DEED_ACKNOWLEDGE,
    DEED_MEMORY_SHORT,
    DEED_MEMORY_IS_WELL,
    DEED_LOOK_AT_RECORDS,
    DEEDS
};

static const char *const deed_names[DEEDS] = {
    [DEED_ADD] = "add",
    [DEED_ADD_AGAIN] = "add again",
    [DEED_ADD_ANEW] = "add anew",
    [DEED_STOP] = "stop",
    [DEED_KILL] = "kill",
    [DEED_LOSE_STREAM] = "the stream is lost",
    [DEED_DOWN] = "the daemon is down",
    [DEED_UP] = "the daemon is up",
    [DEED_STORE_FAILS] = "the store fails",
    [DEED_STORE_FAILS_LONG] = "the store fails for long",
    [DEED_STORE_HOLDS] = "the store is slow",
    [DEED_STORE_IS_WELL] = "the store is well",
    [DEED_WALL_FORWARD] = "the wall clock is set forward",
    [DEED_WALL_BACK] = "the wall clock is set back",
    [DEED_SLEEP] = "the host sleeps",
    [DEED_FOREIGN] = "somebody else's container",
    [DEED_FOREIGN_GOES] = "it goes",
    [DEED_KILL_OUTSIDE] = "somebody kills",
    [DEED_REMOVE_OUTSIDE] = "somebody removes",
    [DEED_START_OUTSIDE] = "somebody starts",
    [DEED_CREDENTIALS_GO] = "credentials are taken back",
    [DEED_CREDENTIALS_COME] = "credentials come",
    [DEED_CRASH] = "crash",
    [DEED_CRASH_LOSES] = "crash, and the batch is lost",
    [DEED_HAND_OVER] = "hand-over",
    [DEED_ACKNOWLEDGE] = "acknowledge",
    [DEED_MEMORY_SHORT] = "memory is short",
    [DEED_MEMORY_IS_WELL] = "memory is there",
    [DEED_LOOK_AT_RECORDS] = "look at the records",
};

struct deed {
    int64_t at_ns;
    enum deed_kind kind;
    unsigned order, task;
    uint64_t number;
};

enum { DEEDS_MAX = 96 };

struct timeline {
    struct plan *plan;
    struct deed list[DEEDS_MAX];
    unsigned count;
    uint64_t store_before; /* the store's contents when it began to be slow */
    bool store_slow;
};

/* ---- Drawing ---- */

static void put(struct timeline *timeline, int64_t at_ns, enum deed_kind kind, unsigned task, uint64_t number)
{
    if (timeline->count < DEEDS_MAX) {
        timeline->list[timeline->count] = (struct deed){at_ns, kind, timeline->count, task, number};
        timeline->count++;
    }
}

static int by_time(const void *left, const void *right)
{
    const struct deed *a = left, *b = right;

    if (a->at_ns != b->at_ns)
        return a->at_ns < b->at_ns ? -1 : 1;
    return a->order < b->order ? -1 : 1;
}

/* What lasts, and its end; DEEDS: it does not last. */
static enum deed_kind end_of(enum deed_kind kind)
{
    switch (kind) {
    case DEED_DOWN:
        return DEED_UP;
    case DEED_STORE_FAILS_LONG:
    case DEED_STORE_HOLDS:
        return DEED_STORE_IS_WELL;
    case DEED_FOREIGN:
        return DEED_FOREIGN_GOES;
    case DEED_CREDENTIALS_GO:
        return DEED_CREDENTIALS_COME;
    case DEED_MEMORY_SHORT:
        return DEED_MEMORY_IS_WELL;
    default:
        return DEEDS;
    }
}

static bool needs_store(enum deed_kind kind)
{
    return kind == DEED_STORE_FAILS || kind == DEED_STORE_FAILS_LONG || kind == DEED_STORE_HOLDS || kind == DEED_CRASH ||
           kind == DEED_CRASH_LOSES || kind == DEED_HAND_OVER || kind == DEED_LOOK_AT_RECORDS;
}

static enum deed_kind draw_kind(struct draws *draws)
{
    static const enum deed_kind often[] = {
        DEED_STOP,          DEED_STOP,         DEED_KILL,           DEED_LOSE_STREAM,      DEED_DOWN,         DEED_STORE_FAILS,
        DEED_STORE_HOLDS,   DEED_KILL_OUTSIDE, DEED_REMOVE_OUTSIDE, DEED_START_OUTSIDE,    DEED_CRASH,        DEED_CRASH,
        DEED_CRASH_LOSES,   DEED_HAND_OVER,    DEED_SLEEP,          DEED_ADD_AGAIN,        DEED_ADD_ANEW,     DEED_ADD_ANEW,
        DEED_FOREIGN,       DEED_WALL_FORWARD, DEED_WALL_BACK,      DEED_STORE_FAILS_LONG, DEED_MEMORY_SHORT, DEED_LOOK_AT_RECORDS,
        DEED_CREDENTIALS_GO};

    return often[below(draws, sizeof(often) / sizeof(often[0]))];
}

static void draw_deeds(struct timeline *timeline)
{
    struct plan *plan = timeline->plan;
    struct draws draws = draws_of(plan->options->seed, SUBJECT_DEEDS);
    unsigned count = below(&draws, 4) * below(&draws, 5);
    int64_t at_ns = 0, gap_ns = one_in(&draws, 3) ? 4 * SECOND : 60 * SECOND;

    for (unsigned i = 0; i < plan->task_count; i++) {
        at_ns += span_ns(&draws, one_in(&draws, 4) ? 90 * SECOND : 3 * SECOND);
        if (plan->adds[i])
            put(timeline, at_ns, DEED_ADD, i, 0);
    }
    at_ns = 0;
    for (; count > 0; count--) {
        enum deed_kind kind = draw_kind(&draws);
        at_ns += one_in(&draws, 8) ? 0 : span_ns(&draws, gap_ns);
        int64_t lasts_ns = span_ns(&draws, one_in(&draws, 3) ? 400 * SECOND : 20 * SECOND);
        unsigned task = below(&draws, plan->task_count);
        uint64_t number = draw(&draws);
        bool possible = plan->harness->with_store || !needs_store(kind);
        if (!possible || !plan_item(plan, "deed at %.3f: %s t%u", (double)at_ns / 1e9, deed_names[kind], task))
            continue;
        put(timeline, at_ns, kind, task, number);
        if (end_of(kind) != DEEDS)
            put(timeline, at_ns + lasts_ns, end_of(kind), task, number);
    }
    for (unsigned i = 0; plan->ack_late && i < 8; i++)
        put(timeline, at_ns += span_ns(&draws, 100 * SECOND), DEED_ACKNOWLEDGE, 0, 0);
}

/* ---- Doing ---- */

static uint64_t contents(const struct harness *harness)
{
    uint64_t sum = 0;

    for (size_t i = 0; harness->store != NULL && i < ecsengine_memory_store_count(harness->store); i++) {
        size_t len = 0;
        const unsigned char *value = ecsengine_memory_store_value(harness->store, i, &len);
        for (size_t k = 0; k < len; k++)
            sum = (sum ^ value[k]) * UINT64_C(1099511628211);
    }
    return sum;
}

static void store_is_well(struct timeline *timeline)
{
    struct plan *plan = timeline->plan;
    struct harness *harness = plan->harness;

    if (harness->store == NULL)
        return;
    ecsengine_memory_store_fail(harness->store, 0, 0);
    ecsengine_memory_store_hold(harness->store, 0);
    ecsengine_memory_store_flush(harness->store);
    if (timeline->store_slow && contents(harness) != timeline->store_before)
        plan_struck(plan, FAULT_STORE_SLOW);
    timeline->store_slow = false;
}

static void store_holds(struct timeline *timeline, int32_t hold)
{
    struct harness *harness = timeline->plan->harness;

    timeline->store_before = contents(harness);
    timeline->store_slow = true;
    ecsengine_memory_store_hold(harness->store, hold);
}

/* A new engine: what held or failed is over, the disk is as it is. */
static void crash(struct timeline *timeline, bool loses)
{
    struct plan *plan = timeline->plan;
    struct harness *harness = plan->harness;
    size_t ops = harness->op_count;

    if (loses) {
        store_holds(timeline, 2);
        harness_run_until(harness, harness->mono_ns + (int64_t)(plan->items % 7) * SECOND, NULL, NULL);
    }
    timeline->store_slow = false;
    ecsengine_memory_store_hold(harness->store, 0);
    harness_restart(harness);
    plan_struck(plan, FAULT_CRASH);
    if (loses && harness->op_count > ops)
        plan_struck(plan, FAULT_CRASH_LOSES);
}

static void outside(struct plan *plan, const struct deed *deed)
{
    ecsengine_sim *sim = plan->harness->sim;
    size_t count = ecsengine_sim_container_count(sim), index = count > 0 ? deed->number % count : 0;
    const char *id = ecsengine_sim_container_id(sim, index), *task;
    int rc = -1;

    if (id == NULL)
        return;
    task = harness_last_part(ecsengine_sim_container_task(sim, index));
    text_add(&plan->harness->trace, "           %s/%s\n", task, ecsengine_sim_container_name(sim, index));
    if (*task != '\0')
        invariants_touched(plan->harness->invariants, task, ecsengine_sim_container_name(sim, index));
    if (deed->kind == DEED_KILL_OUTSIDE)
        rc = ecsengine_sim_kill(sim, id, 9, NULL);
    else if (deed->kind == DEED_REMOVE_OUTSIDE)
        rc = ecsengine_sim_remove(sim, id, NULL);
    else if (ecsengine_sim_container_exit_code(sim, index, NULL))
        rc = ecsengine_sim_start(sim, id, NULL);
    if (rc == 0)
        plan_struck(plan, deed->kind == DEED_KILL_OUTSIDE     ? FAULT_KILLED_OUTSIDE
                          : deed->kind == DEED_REMOVE_OUTSIDE ? FAULT_REMOVED_OUTSIDE
                                                              : FAULT_STARTED_OUTSIDE);
    invariants_saw_world(plan->harness->invariants);
}

static void somebody_elses(struct plan *plan, const struct deed *deed)
{
    char name[32];

    snprintf(name, sizeof(name), "other-%u", (unsigned)(deed->number % 1000));
    if (deed->kind == DEED_FOREIGN_GOES)
        ecsengine_sim_remove(plan->harness->sim, name, NULL);
    else if (ecsengine_sim_foreign(plan->harness->sim, name, 18000 + (int32_t)(deed->number / 1000 % 4), NULL) != ECSENGINE_EEXIST)
        plan_struck(plan, FAULT_FOREIGN);
}

static void set_wall(struct plan *plan, const struct deed *deed)
{
    int64_t by_ns = (int64_t)(deed->number % (deed->number % 3 == 0 ? 7200 : 90)) * SECOND;

    plan->harness->wall_shift_ns += deed->kind == DEED_WALL_FORWARD ? by_ns : -by_ns;
    plan_struck(plan, deed->kind == DEED_WALL_FORWARD ? FAULT_WALL_FORWARD : FAULT_WALL_BACK);
}

static void add(struct plan *plan, const struct deed *deed, const char *task)
{
    const struct invariants *seen = plan->harness->invariants;
    bool born_stopped = strstr(plan->documents[deed->task], "\"desiredStatus\":\"STOPPED\"") != NULL; /* that would be an update */

    if (!plan->adds[deed->task] || (deed->kind == DEED_ADD_ANEW && (!invariants_was_removed(seen, task) || born_stopped)) ||
        (deed->kind == DEED_ADD_AGAIN && !invariants_is_open(seen, task)))
        return;
    harness_add(plan->harness, plan->documents[deed->task]);
    if (deed->kind != DEED_ADD)
        plan_struck(plan, deed->kind == DEED_ADD_ANEW ? FAULT_ADDED_ANEW : FAULT_ADDED_AGAIN);
}

static void command(struct plan *plan, const struct deed *deed, const char *task)
{
    bool open = invariants_is_open(plan->harness->invariants, task);

    if (deed->kind == DEED_STOP)
        harness_stop(plan->harness, task);
    else
        harness_kill(plan->harness, task);
    if (open)
        plan_struck(plan, deed->kind == DEED_STOP ? FAULT_STOPPED_ANY_TIME : FAULT_KILLED_ANY_TIME);
}

static void credentials(struct plan *plan, const struct deed *deed)
{
    char id[16];

    snprintf(id, sizeof(id), "role-%u", deed->task);
    if (strstr(plan->documents[deed->task], id) == NULL)
        return;
    if (deed->kind == DEED_CREDENTIALS_COME)
        harness_give_credentials(plan->harness, id);
    else {
        harness_take_credentials(plan->harness, id);
        plan_struck(plan, FAULT_CREDENTIALS_GONE);
    }
}

static void memory(struct plan *plan, const struct deed *deed)
{
    struct test_memory *own = &plan->harness->memory;

    own->fail_per_million = deed->kind == DEED_MEMORY_SHORT ? 200 + (uint32_t)(deed->number % 20000) : 0;
}

static void act(struct timeline *timeline, const struct deed *deed)
{
    struct plan *plan = timeline->plan;
    struct harness *harness = plan->harness;
    char task[16];

    snprintf(task, sizeof(task), "t%u", deed->task);
    text_add(&harness->trace, "[%7.3f] deed: %s %s\n", (double)harness->mono_ns / 1e9, deed_names[deed->kind], task);
    switch (deed->kind) {
    case DEED_ADD:
    case DEED_ADD_AGAIN:
    case DEED_ADD_ANEW:
        add(plan, deed, task);
        break;
    case DEED_STOP:
    case DEED_KILL:
        command(plan, deed, task);
        break;
    case DEED_LOSE_STREAM:
        ecsengine_sim_lose(harness->sim, (int64_t)(deed->number % 60) * SECOND, NULL);
        break;
    case DEED_DOWN:
    case DEED_UP:
        ecsengine_sim_set_down(harness->sim, deed->kind == DEED_DOWN, NULL);
        break;
    case DEED_STORE_FAILS:
        ecsengine_memory_store_fail(harness->store, (int32_t)(1 + deed->number % 4), ECSENGINE_EIO);
        break;
    case DEED_STORE_FAILS_LONG:
        ecsengine_memory_store_fail(harness->store, INT32_MAX, ECSENGINE_EIO);
        break;
    case DEED_STORE_HOLDS:
        store_holds(timeline, 1 + (int32_t)(deed->number % 2));
        break;
    case DEED_STORE_IS_WELL:
        store_is_well(timeline);
        break;
    case DEED_WALL_FORWARD:
    case DEED_WALL_BACK:
        set_wall(plan, deed);
        break;
    case DEED_SLEEP:
        harness_sleep_until(harness, harness->mono_ns + (int64_t)(deed->number % 600) * SECOND);
        plan_struck(plan, FAULT_HOST_SLEEPS);
        break;
    case DEED_FOREIGN:
    case DEED_FOREIGN_GOES:
        somebody_elses(plan, deed);
        break;
    case DEED_KILL_OUTSIDE:
    case DEED_REMOVE_OUTSIDE:
    case DEED_START_OUTSIDE:
        outside(plan, deed);
        break;
    case DEED_CREDENTIALS_GO:
    case DEED_CREDENTIALS_COME:
        credentials(plan, deed);
        break;
    case DEED_CRASH:
    case DEED_CRASH_LOSES:
        crash(timeline, deed->kind == DEED_CRASH_LOSES);
        break;
    case DEED_HAND_OVER:
        if (harness_hand_over(harness, (int64_t)(deed->number % 30) * SECOND))
            plan_struck(plan, FAULT_HAND_OVER);
        break;
    case DEED_ACKNOWLEDGE:
        harness_ack_all(harness);
        plan_struck(plan, FAULT_ACK_LATE);
        break;
    case DEED_MEMORY_SHORT:
    case DEED_MEMORY_IS_WELL:
        memory(plan, deed);
        break;
    default:
        harness_settle(harness);
        if (!timeline->store_slow)
            watch_copy(harness);
        break;
    }
}

static void count_store_failures(struct plan *plan, size_t from, bool longer)
{
    for (size_t i = from; i < plan->harness->event_count; i++) {
        const struct seen_event *event = &plan->harness->events[i];
        if (event->kind == ECSENGINE_EVENT_STORE && strcmp(event->status, "FAILING") == 0)
            plan_struck(plan, longer ? FAULT_STORE_FAILS_LONG : FAULT_STORE_FAILS);
    }
}

bool random_deeds(struct plan *plan)
{
    struct timeline *timeline = calloc(1, sizeof(*timeline));
    struct harness *harness = plan->harness;
    bool well = true, fails_long = false;
    size_t seen = 0;

    if (timeline == NULL)
        abort();
    timeline->plan = plan;
    draw_deeds(timeline);
    qsort(timeline->list, timeline->count, sizeof(timeline->list[0]), by_time);
    for (unsigned i = 0; i < timeline->count && well; i++) {
        well = harness_run_until(harness, timeline->list[i].at_ns, NULL, NULL) && harness->broken.len == 0;
        count_store_failures(plan, seen, fails_long);
        seen = harness->event_count;
        if (well)
            act(timeline, &timeline->list[i]);
        fails_long =
            timeline->list[i].kind == DEED_STORE_FAILS_LONG || (fails_long && timeline->list[i].kind != DEED_STORE_IS_WELL);
    }
    well = well && harness_run_until(harness, harness->mono_ns + 60 * SECOND, NULL, NULL);
    count_store_failures(plan, seen, fails_long);
    store_is_well(timeline);
    free(timeline);
    return well && harness->broken.len == 0;
}
