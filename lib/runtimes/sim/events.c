/* SPDX-License-Identifier: Apache-2.0 */
/* Telling the engine what happens, the way a daemon's event stream does: nothing is told while no stream is open, and the script may
 * drop, double, delay and swap. An event that the engine has no memory for is kept, with all that come after it, and tried again in the
 * next turn: a daemon's socket would keep it too. */
#include <stdlib.h>
#include <string.h>

#include "simulator.h"

#define LATE_NS INT64_C(5000000000)    /* `fault=late` without `delay` */
#define REORDER_NS INT64_C(1000000000) /* how long a held event waits for a next one */

static struct sim_notice *notice_new(ecsengine_sim *sim, enum ecsengine_runtime_event_kind kind,
                                     const struct sim_container *container)
{
    struct sim_notice *notice = calloc(1, sizeof(*notice));

    if (notice == NULL || sim_schedule_reserve(&sim->schedule, 1) < 0) {
        free(notice);
        return NULL;
    }
    notice->item.what = SIM_DUE_NOTICE;
    notice->kind = kind;
    notice->exit_code = sim->told != NULL ? sim->told->exit_code : container->exit_code;
    if (sim->told != NULL)
        memcpy(notice->exec_id, sim->told->id, sizeof(notice->exec_id));
    memcpy(notice->id, container->id, sizeof(notice->id));
    notice->next = sim->notices;
    if (notice->next != NULL)
        notice->next->prev = notice;
    sim->notices = notice;
    return notice;
}

static void notice_free(ecsengine_sim *sim, struct sim_notice *notice)
{
    if (notice->prev != NULL)
        notice->prev->next = notice->next;
    else
        sim->notices = notice->next;
    if (notice->next != NULL)
        notice->next->prev = notice->prev;
    sim_schedule_clear(&sim->schedule, &notice->item);
    sim_schedule_unreserve(&sim->schedule, 1);
    free(notice);
}

/* What a daemon's event says (the exit code), and what an inspection would show now. `container` is NULL if it is gone. */
static int add_details(const ecsengine_sim *sim, ecsengine_result *result, enum ecsengine_runtime_event_kind kind,
                       const struct sim_container *container, int32_t exit_code, const char *exec_id)
{
    int rc = 0;

    if (kind == ECSENGINE_RUNTIME_EVENT_EXEC_DIE) {
        rc = ecsengine_result_set_exec_id(result, exec_id);
        return rc == 0 ? ecsengine_result_set_exit_code(result, exit_code) : rc;
    }
    if (sim->records && container != NULL)
        rc = sim_result_add_record(result, container);
    if (rc == 0 && kind == ECSENGINE_RUNTIME_EVENT_DIE && (container == NULL || container->state == SIM_EXITED))
        rc = ecsengine_result_set_exit_code(result, exit_code);
    return rc;
}

static bool has_details(const ecsengine_sim *sim, enum ecsengine_runtime_event_kind kind)
{
    switch (kind) {
    case ECSENGINE_RUNTIME_EVENT_DIE:
    case ECSENGINE_RUNTIME_EVENT_EXEC_DIE:
        return true;
    case ECSENGINE_RUNTIME_EVENT_START:
    case ECSENGINE_RUNTIME_EVENT_STOP:
    case ECSENGINE_RUNTIME_EVENT_HEALTHY:
    case ECSENGINE_RUNTIME_EVENT_UNHEALTHY:
        return sim->records;
    default:
        return false;
    }
}

/* 0, or ENOMEM. Without memory for details the event still goes: the engine inspects. */
static int deliver(ecsengine_sim *sim, enum ecsengine_runtime_event_kind kind, const char *id, int32_t exit_code, const char *exec_id)
{
    ecsengine_result *details = NULL;

    if (has_details(sim, kind) && ecsengine_result_new_for_event(sim->engine, &details, NULL) == 0 &&
        add_details(sim, details, kind, sim_containers_find(&sim->containers, id), exit_code, exec_id) < 0) {
        ecsengine_result_free(details);
        details = NULL;
    }
    int rc = ecsengine_runtime_event(sim->engine, kind, id, details, NULL);
    sim->counters[SIM_COUNT_STARVED] += rc == ECSENGINE_ENOMEM;
    if (rc == 0)
        sim->counters[SIM_COUNT_EVENTS]++;
    else if (rc != ECSENGINE_ENOMEM)
        sim->counters[SIM_COUNT_REFUSED]++;
    return rc == ECSENGINE_ENOMEM ? rc : 0;
}

static void starve(ecsengine_sim *sim, struct sim_notice *notice)
{
    notice->starved_next = NULL;
    if (sim->starved == NULL)
        sim->starved = notice;
    else
        sim->starved_last->starved_next = notice;
    sim->starved_last = notice;
}

/* Takes over the notice. */
static void send_notice(ecsengine_sim *sim, struct sim_notice *notice)
{
    if (!sim->stream_open) {
        sim->counters[SIM_COUNT_LOST_EVENTS]++;
        notice_free(sim, notice);
    } else if (sim->starved != NULL || deliver(sim, notice->kind, notice->id, notice->exit_code, notice->exec_id) < 0) {
        starve(sim, notice);
    } else {
        notice_free(sim, notice);
    }
}

static void send(ecsengine_sim *sim, enum ecsengine_runtime_event_kind kind, const struct sim_container *container)
{
    const struct sim_exec *told = sim->told;

    if (sim->starved == NULL && deliver(sim, kind, container->id, told != NULL ? told->exit_code : container->exit_code,
                                        told != NULL ? told->id : NULL) == 0)
        return;
    struct sim_notice *notice = notice_new(sim, kind, container);
    if (notice != NULL)
        starve(sim, notice);
    else
        sim->counters[SIM_COUNT_LOST_EVENTS]++;
}

static void release_held(ecsengine_sim *sim)
{
    struct sim_notice *held = sim->held;

    sim->held = NULL;
    if (held == NULL)
        return;
    sim->counters[SIM_COUNT_EVENTS_SWAPPED]++;
    send_notice(sim, held);
}

/* True: the event is kept for later; false: there was no memory for that, it goes now. */
static bool keep(ecsengine_sim *sim, const struct sim_rule *rule, enum ecsengine_runtime_event_kind kind,
                 const struct sim_container *container)
{
    bool reorder = rule->fault == SIM_FAULT_REORDER;
    int64_t delay_ns = rule->delay_ns >= 0 ? rule->delay_ns : reorder ? REORDER_NS : LATE_NS;

    if (reorder && sim->held != NULL)
        return false; /* it is the next event that the held one waits for */
    struct sim_notice *notice = notice_new(sim, kind, container);
    if (notice == NULL)
        return false;
    if (reorder)
        sim->held = notice;
    else
        sim->counters[SIM_COUNT_EVENTS_LATE]++;
    sim_schedule_set(&sim->schedule, &notice->item, sim->mono_ns + delay_ns);
    return true;
}

void sim_events_tell(ecsengine_sim *sim, enum ecsengine_runtime_event_kind kind, const struct sim_container *container)
{
    struct sim_target target = sim_target_of(container);

    sim->counters[SIM_COUNT_CHANGES]++; /* whatever happens to a container comes by here */
    if (!sim->stream_open) {
        sim->counters[SIM_COUNT_LOST_EVENTS]++;
        return;
    }
    const struct sim_rule *rule = sim_rules_for_event(&sim->rules, sim->seed, kind, &target);
    enum sim_fault fault = rule != NULL ? rule->fault : SIM_FAULT_NONE;
    if (fault == SIM_FAULT_DROP) {
        sim->counters[SIM_COUNT_EVENTS_DROPPED]++;
        sim->counters[SIM_COUNT_LOST_EVENTS]++;
        return;
    }
    bool wait = rule != NULL && (fault == SIM_FAULT_LATE || fault == SIM_FAULT_REORDER || rule->delay_ns >= 0);
    if (wait && keep(sim, rule, kind, container))
        return;
    send(sim, kind, container);
    if (fault == SIM_FAULT_DOUBLE) {
        sim->counters[SIM_COUNT_EVENTS_DOUBLED]++;
        send(sim, kind, container);
    }
    release_held(sim);
}

void sim_events_due(ecsengine_sim *sim, struct sim_notice *notice)
{
    if (notice == sim->held)
        sim->held = NULL;
    send_notice(sim, notice);
}

void sim_events_retry(ecsengine_sim *sim)
{
    struct sim_notice *notice = sim->starved;

    sim->starved = sim->starved_last = NULL;
    for (; notice != NULL; notice = notice->starved_next)
        sim_schedule_set(&sim->schedule, &notice->item, sim->mono_ns);
    if (sim->lost_untold)
        sim_events_lose(sim);
}

void sim_events_close(ecsengine_sim *sim)
{
    sim->stream_open = sim->lost_untold = false;
    sim->held = sim->starved = sim->starved_last = NULL;
    while (sim->notices != NULL) {
        notice_free(sim, sim->notices);
        sim->counters[SIM_COUNT_LOST_EVENTS]++;
    }
}

void sim_events_lose(ecsengine_sim *sim)
{
    bool told = !sim->stream_open && !sim->lost_untold;

    sim->counters[SIM_COUNT_STREAMS_LOST] += sim->stream_open;
    sim_events_close(sim);
    if (!told)
        sim->lost_untold = ecsengine_runtime_lost(sim->engine, "unexpected EOF", NULL) == ECSENGINE_ENOMEM;
}
