/* SPDX-License-Identifier: Apache-2.0 */
/* A managed agent while its container runs. Its phase says what is done next: make an exec, start it, look whether it runs; a timer says when,
 * if not at once. Nothing of it delays its container.
 *
 * There is never a second one. The exec is in the task's record before its START leaves, and an exec runs once: as long as nobody knows what
 * became of a START, because the answer was lost or the engine has died, that exec is looked at, or asked for again, and no other is
 * made. Only one that has ended, that the runtime does not know (any more), or whose container has ended since is followed by another.
 *
 * The reference leaves an agent alone whose round of five tries has failed, and so do we (`scheduled`), if nobody wishes more
 * (`immediate`): then it is followed by others. Before those, and after runs that were short, are pauses that are doubled, until it is
 * given up, which is told. */
#include "engine/agent.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/prng.h"
#include "engine/container.h"
#include "engine/events.h"
#include "engine/transitions.h"

#define EXEC_LIMIT NS_PER_MINUTE
#define ROUND_LIMIT (10 * NS_PER_MINUTE)

static const struct backoff try_backoff = {NS_PER_S, 30 * NS_PER_S, 200, 1500};

/* ---- status ---- */

static void set_text(struct engine *engine, struct str **slot, const char *format, va_list args)
{
    char text[LIMIT_REASON + 256];

    vsnprintf(text, sizeof(text), format, args);
    size_t used = strlen(text);
    utf8_repair(text, used);
    str_unref(*slot);
    *slot = str_new_sure(engine->mem, text, utf8_cut(text, used, LIMIT_REASON));
}

void agent_tell(struct engine *engine, struct agent *agent, uint8_t status, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    set_text(engine, &agent->reason, format, args);
    va_end(args);
    agent->status = status;
    agent->sent = ECSENGINE_AGENT_NONE;
    engine_dirty(engine, agent->container->task);
    events_agent(engine, agent);
}

static void __attribute__((format(printf, 3, 4))) trouble(struct engine *engine, struct agent *agent, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    set_text(engine, &agent->trouble, format, args);
    va_end(args);
    engine_log(engine, ECSENGINE_LOG_WARNING, MESSAGE_AGENT_FAILED, "%s: container %s: %s", str_text(agent->container->task->arn),
               container_def(agent->container)->name, str_text(agent->trouble));
}

/* ---- time ---- */

static void disarm(struct engine *engine, struct agent *agent) { heap_remove(&engine->timers, &agent->timer.node); }

static void arm(struct engine *engine, struct agent *agent, int64_t due_ns)
{
    disarm(engine, agent);
    heap_insert(&engine->timers, &agent->timer.node, due_ns);
}

static uint64_t draw(const struct engine *engine, const struct agent *agent, uint64_t n)
{
    uint64_t who = (uint64_t)agent->container->index << 8 | agent->index;

    return engine_draw(engine, agent->container->task, DRAW_AGENT, who << 40 | n);
}

static void pause_for(struct engine *engine, struct agent *agent, const struct backoff *backoff, uint32_t n)
{
    uint64_t nth = (uint64_t)(agent->restarts & 0xfff) << 24 | (uint64_t)(agent->failures & 0xfff) << 12 | n;

    arm(engine, agent, engine->mono_ns + backoff_delay_ns(backoff, n, draw(engine, agent, nth)));
}

/* The next look at one that runs: its n-th interval, and up to half of one more. */
static void arm_watch(struct engine *engine, struct agent *agent)
{
    int64_t own = agent_def(agent)->description->interval_ns, interval = own > 0 ? own : engine->settings.agent_interval_ns;
    int64_t nth = (engine->mono_ns - agent->steady_ns) / interval + 1;
    uint64_t more = prng_below(draw(engine, agent, UINT64_C(1) << 36 | (uint64_t)nth), (uint64_t)interval / 2);

    arm(engine, agent, agent->steady_ns + nth * interval + (int64_t)more);
}

/* ---- operations ---- */

struct ecsengine_op *agent_op(struct engine *engine, struct agent *agent, enum ecsengine_op_kind kind)
{
    struct ecsengine_op *op = op_emit(engine, kind, agent->container, EXEC_LIMIT);

    op->of_agent = true;
    op->agent_index = agent->index;
    agent->op = op;
    return op;
}

static void forget_exec(struct engine *engine, struct agent *agent)
{
    str_unref(agent->exec_id);
    agent->exec_id = NULL;
    agent->started_at = 0;
    agent->pid = 0;
    agent->ran = agent->unclear = agent->fresh = false;
    engine_dirty(engine, agent->container->task);
}

static void go(struct engine *engine, struct agent *agent)
{
    if (agent->phase == AGENT_CREATE) {
        agent_op(engine, agent, ECSENGINE_OP_EXEC_CREATE);
        return;
    }
    bool start = agent->phase == AGENT_START;
    struct ecsengine_op *op = agent_op(engine, agent, start ? ECSENGINE_OP_EXEC_START : ECSENGINE_OP_EXEC_INSPECT);
    op->exec_id = str_ref(agent->exec_id);
    op->after_record = start;
}

static bool wanted(const struct agent *agent)
{
    const struct container *container = agent->container;

    return container->task->phase == TASK_ACTIVE && container_is_running(container->known) &&
           container->desired != ECSENGINE_CONTAINER_STOPPED && !restart_pending(container) && agent->phase != AGENT_WAITING &&
           agent->phase != AGENT_GAVE_UP;
}

void agents_advance(struct engine *engine, struct task *task)
{
    for (uint16_t i = 0; i < task->container_count; i++)
        for (uint16_t j = 0; j < agent_count(&task->containers[i]); j++) {
            struct agent *agent = &task->containers[i].agents[j];
            if (agent->untold)
                events_agent(engine, agent);
            if (!wanted(agent))
                disarm(engine, agent);
            else if (agent->op == NULL && !heap_has(&agent->timer.node) && engine->runtime == RUNTIME_CONNECTED &&
                     agent->container->inspect != INSPECT_VERIFY)
                go(engine, agent);
        }
}

/* ---- what came of it ---- */

static void give_up(struct engine *engine, struct agent *agent)
{
    agent->phase = AGENT_GAVE_UP;
    agent_tell(engine, agent, ECSENGINE_AGENT_STOPPED, "%s cannot be restarted: given up after %u failures in a row",
               agent_def(agent)->name, (unsigned)agent->failures);
}

/* A round has failed. */
static void tell_failed(struct engine *engine, struct agent *agent)
{
    if (agent->restarting)
        agent_tell(engine, agent, ECSENGINE_AGENT_STOPPED, "%s cannot be restarted", agent_def(agent)->name);
    else
        agent_tell(engine, agent, ECSENGINE_AGENT_STOPPED, "%s", str_text(agent->trouble));
}

/* A round has failed, or a run was over. False: that was the last one. */
static bool another(struct engine *engine, struct agent *agent, bool at_once)
{
    const struct agent_description *description = agent_def(agent)->description;
    struct backoff backoff = {description->delay_min_ns, description->delay_max_ns, 200, 2000};

    agent->failures++;
    agent->tries = agent->looks = 0;
    if (agent->failures > description->tries) {
        give_up(engine, agent);
        return false;
    }
    agent->phase = agent->exec_id != NULL ? AGENT_LOOK : AGENT_CREATE;
    if (!at_once || agent->failures > 1)
        pause_for(engine, agent, &backoff, agent->failures - (at_once ? 2 : 1));
    agent->round_ns = heap_has(&agent->timer.node) ? agent->timer.node.key : engine->mono_ns;
    return true;
}

static void try_failed(struct engine *engine, struct agent *agent)
{
    engine_touch(engine, agent->container->task);
    agent->tries++;
    if (agent->tries < AGENT_TRIES && engine->mono_ns - agent->round_ns < ROUND_LIMIT) {
        agent->phase = agent->exec_id != NULL ? AGENT_LOOK : AGENT_CREATE;
        pause_for(engine, agent, &try_backoff, agent->tries - 1u);
        return;
    }
    if (engine->settings.agent_supervision == SUPERVISION_SCHEDULED) { /* until its container is started again (runtime-and-agents 3.4) */
        agent->failures++;
        agent->phase = AGENT_GAVE_UP;
        tell_failed(engine, agent);
        return;
    }
    if (another(engine, agent, false) && agent->status != ECSENGINE_AGENT_STOPPED)
        tell_failed(engine, agent);
    agent->restarting = true;
}

/* It ran, and does not any more. */
static void ended(struct engine *engine, struct agent *agent, int32_t code)
{
    if (engine->mono_ns - agent->steady_ns >= agent_def(agent)->description->steady_ns)
        agent->failures = 0;
    forget_exec(engine, agent);
    agent->restarting = true;
    agent->restarts++;
    trouble(engine, agent, "%s process exited with exit code: %d", agent_def(agent)->name, code);
    if (another(engine, agent, true) && heap_has(&agent->timer.node))
        agent_tell(engine, agent, ECSENGINE_AGENT_STOPPED, "%s", str_text(agent->trouble)); /* for as long as that takes */
}

static void created(struct engine *engine, struct agent *agent, const struct ecsengine_result *result, const struct failure *failure)
{
    bool good = failure->kind == ECSENGINE_FAILURE_NONE && result->exec_id != NULL;

    if (good) {
        agent->exec_id = str_ref(result->exec_id);
        agent->phase = AGENT_START;
        engine_dirty(engine, agent->container->task);
        return;
    }
    trouble(engine, agent, "unable to start %s [create]: %s", agent_def(agent)->name,
            failure->kind != ECSENGINE_FAILURE_NONE ? failure->text : "the runtime has given it no id");
    if (failure->kind != ECSENGINE_FAILURE_UNSUPPORTED) {
        try_failed(engine, agent);
        return;
    }
    agent->phase = AGENT_GAVE_UP;
    agent_tell(engine, agent, ECSENGINE_AGENT_STOPPED, "%s", str_text(agent->trouble));
}

/* Whether it runs is to be seen, also where the answer was lost. */
static void started(struct engine *engine, struct agent *agent, const struct ecsengine_result *result, const struct failure *failure)
{
    enum ecsengine_failure kind = result != NULL ? failure->kind : ECSENGINE_FAILURE_UNREACHABLE;

    agent->ran = kind == ECSENGINE_FAILURE_NONE || kind == ECSENGINE_FAILURE_CONFLICT;
    agent->phase = AGENT_LOOK;
    if (agent->ran)
        return;
    trouble(engine, agent, "unable to start %s [pre-start]: %s", agent_def(agent)->name, failure->text);
    bool lost = kind == ECSENGINE_FAILURE_UNREACHABLE || kind == ECSENGINE_FAILURE_CANCELLED;
    agent->unclear = agent->unclear || lost;
    if (lost)
        return;
    if (!agent->unclear || kind == ECSENGINE_FAILURE_NOT_FOUND)
        forget_exec(engine, agent);
    try_failed(engine, agent);
}

static void runs(struct engine *engine, struct agent *agent, int32_t pid)
{
    bool news = agent->started_at == 0 || agent->status != ECSENGINE_AGENT_RUNNING;

    if (news) {
        agent->started_at = engine->wall_ns;
        agent->steady_ns = engine->mono_ns;
        engine_dirty(engine, agent->container->task);
    }
    agent->pid = pid;
    if (news || agent->fresh)
        agent_tell(engine, agent, ECSENGINE_AGENT_RUNNING, agent->restarting ? "%s restarted" : "%s started", agent_def(agent)->name);
    str_unref(agent->trouble);
    agent->trouble = NULL;
    agent->fresh = false;
    agent->tries = agent->looks = 0;
    agent->restarting = true; /* whatever comes after this is a restart */
    if (agent->again)
        disarm(engine, agent);
    else
        arm_watch(engine, agent);
    agent->again = false;
}

static void does_not_run(struct engine *engine, struct agent *agent, int32_t code)
{
    if (agent->fresh) { /* it went with its container's last run */
        forget_exec(engine, agent);
        agent->phase = AGENT_CREATE;
    } else if (agent->started_at != 0) {
        ended(engine, agent, code);
    } else if (code == -1 && !agent->ran) {
        agent->phase = AGENT_START; /* it never was: the same exec can still be started, and only once */
    } else {
        forget_exec(engine, agent);
        trouble(engine, agent, "%s process exited with exit code: %d", agent_def(agent)->name, code);
        try_failed(engine, agent);
    }
}

/* Nobody could say. */
static void look_failed(struct engine *engine, struct agent *agent, const struct failure *failure)
{
    bool timeout = strcmp(failure->name, "DockerTimeoutError") == 0;

    trouble(engine, agent, "unable to start %s [inspect]: %s", agent_def(agent)->name, failure->text);
    if (agent->started_at == 0) {
        try_failed(engine, agent);
    } else if (!timeout && ++agent->looks < AGENT_TRIES) {
        pause_for(engine, agent, &try_backoff, agent->looks - 1u);
    } else if (agent->fresh) {
        does_not_run(engine, agent, -1);
    } else {
        agent->looks = 0;
        arm_watch(engine, agent);
    }
}

static void looked(struct engine *engine, struct agent *agent, const struct ecsengine_result *result, const struct failure *failure)
{
    static const struct failure unanswered = {.kind = ECSENGINE_FAILURE_OTHER, .name = "", .text = "the runtime did not say whether it runs"};

    if (failure->kind == ECSENGINE_FAILURE_NOT_FOUND) {
        agent->ran = true; /* whether it was or not: it can't be any more */
        does_not_run(engine, agent, -1);
    } else if (failure->kind != ECSENGINE_FAILURE_NONE || !result->has_exec) {
        look_failed(engine, agent, failure->kind != ECSENGINE_FAILURE_NONE ? failure : &unanswered);
    } else if (result->exec_running) {
        runs(engine, agent, result->exec_pid);
    } else {
        does_not_run(engine, agent, result->exec_code);
    }
}

void agent_answer(struct engine *engine, struct agent *agent, const struct ecsengine_op *op, const struct ecsengine_result *result,
                  const struct failure *failure)
{
    agent->op = NULL;
    engine_touch(engine, agent->container->task);
    switch (op->kind) {
    case ECSENGINE_OP_EXEC_CREATE:
        created(engine, agent, result, failure);
        break;
    case ECSENGINE_OP_EXEC_START:
        started(engine, agent, result, failure);
        break;
    case ECSENGINE_OP_EXEC_INSPECT:
        looked(engine, agent, result, failure);
        break;
    default:
        agent->cleaned = true; /* what would not go is only reported (task-engine 3.9) */
        engine_dirty(engine, agent->container->task);
        if (failure->kind != ECSENGINE_FAILURE_NONE)
            trouble(engine, agent, "%s: what it has left behind could not be removed: %s", agent_def(agent)->name, failure->text);
        break;
    }
}

/* ---- the container ---- */

void agents_begin(struct engine *engine, struct container *container)
{
    for (uint16_t i = 0; i < agent_count(container); i++) {
        struct agent *agent = &container->agents[i];
        if (agent->uuid == NULL) {
            if (!agent->init_failed)
                trouble(engine, agent, "%s: container has not been initialized: missing UUID", agent_def(agent)->name);
            continue;
        }
        agent->fresh = agent->started_at != 0;
        if (!agent->fresh)
            forget_exec(engine, agent); /* a start of the last run */
        agent->restarting = agent->again = false;
        agent->tries = agent->looks = 0;
        agent->failures = agent->restarts = 0;
        agent->round_ns = engine->mono_ns;
        agent->phase = agent->fresh ? AGENT_LOOK : AGENT_CREATE;
    }
}

void agents_rest(struct engine *engine, struct container *container)
{
    for (uint16_t i = 0; i < agent_count(container); i++) {
        struct agent *agent = &container->agents[i];
        if (agent->op != NULL)
            op_abandon(engine, agent->op);
        agent->op = NULL;
        disarm(engine, agent);
        agent->phase = AGENT_WAITING;
    }
}

void agents_stopped(struct engine *engine, struct container *container)
{
    agents_rest(engine, container);
    for (uint16_t i = 0; i < agent_count(container); i++)
        agent_tell(engine, &container->agents[i], ECSENGINE_AGENT_STOPPED, "Received Container Stopped event");
}

void agents_hear(struct engine *engine, struct container *container, const struct str *exec_id)
{
    if (engine->settings.agent_supervision == SUPERVISION_IMMEDIATE)
        agents_look(engine, container, exec_id);
}

void agents_look(struct engine *engine, struct container *container, const struct str *exec_id)
{
    for (uint16_t i = 0; i < agent_count(container); i++) {
        struct agent *agent = &container->agents[i];
        if (agent->phase != AGENT_LOOK || (exec_id != NULL && strcmp(exec_id->data, str_text(agent->exec_id)) != 0))
            continue;
        agent->again = agent->op != NULL;
        disarm(engine, agent);
        engine_touch(engine, container->task);
    }
}

void agents_detach(struct engine *engine, struct container *container)
{
    for (uint16_t i = 0; i < agent_count(container); i++) {
        disarm(engine, &container->agents[i]);
        if (container->agents[i].op != NULL)
            container->agents[i].op->task = NULL;
    }
}
