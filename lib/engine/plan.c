/* SPDX-License-Identifier: Apache-2.0 */
/* The run of a plan: rounds of operations, each answered well; when nothing is left to ask for, what has to happen by itself happens; when
 * that is over too, the task runs, and is stopped; when it has stopped, its cleanup is due at once. */
#include "engine/plan.h"

#include <stdio.h>
#include <string.h>

#include "ecsengine/runtime.h"
#include "engine/command.h"
#include "engine/depgraph.h"
#include "engine/events.h"
#include "engine/explain.h"
#include "engine/image.h"
#include "model/credentials.h"

/* A task moves each container through fewer than twenty steps; what does not end by then never will. */
enum { ROUNDS = 200, ROUNDS_A_CONTAINER = 40 };

struct run {
    struct plan *plan;
    struct root *root;
    struct engine engine;
    struct task *task; /* NULL: it is not there yet, or not any more */
    enum plan_phase phase;
    uint32_t round;
    bool running_told;
    bool stopped_told;
};

int plan_open(struct plan *plan, struct mem *mem, struct str *arn, struct definition *definition)
{
    uint16_t containers = definition != NULL ? definition->container_count : 0;
    uint16_t resources = definition != NULL ? definition->resource_count : 0;

    *plan = (struct plan){.mem = mem, .ended_by = PLAN_NOBODY};
    plan->arn = str_ref(arn);
    plan->definition = definition_ref(definition);
    buf_init(&plan->admission, mem, 0);
    buf_init(&plan->lacks, mem, 0);
    buf_init(&plan->stuck, mem, 0);
    plan->marks = mem_array(mem, containers + 1u, sizeof(*plan->marks));
    plan->outcomes = mem_array(mem, containers + 1u, sizeof(*plan->outcomes));
    plan->resource_last = mem_array(mem, resources + 1u, sizeof(*plan->resource_last));
    plan->resource_made = mem_array(mem, resources + 1u, sizeof(*plan->resource_made));
    return plan->marks != NULL && plan->outcomes != NULL && plan->resource_last != NULL && plan->resource_made != NULL
               ? 0
               : ECSENGINE_ENOMEM;
}

void plan_close(struct plan *plan)
{
    for (uint16_t i = 0; plan->outcomes != NULL && plan->definition != NULL && i < plan->definition->container_count; i++)
        str_unref(plan->outcomes[i].error);
    mem_free(plan->mem, plan->steps);
    mem_free(plan->mem, plan->edges);
    mem_free(plan->mem, plan->marks);
    mem_free(plan->mem, plan->outcomes);
    mem_free(plan->mem, plan->resource_last);
    mem_free(plan->mem, plan->resource_made);
    buf_free(&plan->admission);
    buf_free(&plan->lacks);
    buf_free(&plan->stuck);
    str_unref(plan->arn);
    str_unref(plan->reason);
    credentials_unref(plan->credentials);
    str_unref(plan->end_reason);
    definition_unref(plan->definition);
}

/* ---- feeding the scratch engine ---- */

/* What is told is taken and acknowledged at once. */
static void drain_events(struct run *run)
{
    struct list *node;

    while ((node = list_shift(&run->engine.events_out)) != NULL) {
        struct ecsengine_event *event = container_of(node, struct ecsengine_event, link);
        events_acknowledge(&run->engine, event->id);
        ecsengine_event_free(event);
    }
}

static int apply(struct run *run, struct input *input)
{
    int code = engine_apply(&run->engine, input);

    if (code == 0)
        code = engine_advance(&run->engine);
    drain_events(run);
    return code;
}

static int settle(struct run *run)
{
    int code = engine_settle(&run->engine);

    drain_events(run);
    return code == 0 ? engine_advance(&run->engine) : code;
}

static int command(struct run *run, enum command_kind kind, struct task *task, task_status desired)
{
    struct command command = {.input.kind = INPUT_COMMAND, .kind = (uint8_t)kind, .id = 1, .arn = run->plan->arn, .task = task, .desired = desired};

    command.credentials[0] = kind == COMMAND_TASK_ADD ? credentials_ref(run->plan->credentials) : NULL;
    command.done = event_init(mem_zalloc(run->plan->mem, sizeof(*command.done)), run->root, ECSENGINE_EVENT_COMMAND_DONE);
    int code = command.done != NULL ? apply(run, &command.input) : ECSENGINE_ENOMEM;
    if (command.done != NULL)
        ecsengine_event_free(command.done);
    task_free(command.task); /* it was not taken */
    credentials_unref(command.credentials[0]);
    return code;
}

/* Something happens to a container: it becomes healthy, or (`ended`) it ends with 0. */
static int notice(struct run *run, const struct container *container, bool ended)
{
    struct runtime_notice notice = {.input.kind = INPUT_RUNTIME_EVENT,
                                    .kind = ended ? ECSENGINE_RUNTIME_EVENT_DIE : ECSENGINE_RUNTIME_EVENT_HEALTHY,
                                    .container = container->runtime_name};

    if (ended) {
        notice.details = result_new(run->root);
        if (notice.details == NULL)
            return ECSENGINE_ENOMEM;
        notice.details->has_record = notice.details->has_exit_code = true;
        notice.details->started_at = notice.details->finished_at = run->engine.wall_ns;
    }
    int code = apply(run, &notice.input);
    ecsengine_result_free(notice.details);
    return code;
}

/* ---- rounds ---- */

/* One of the task; what is done well at once is neither inspected nor pinged for. */
static bool is_step(const struct ecsengine_op *op) { return op->task != NULL; }

/* Takes what the engine asks for now. */
static void take(struct run *run, struct list *out)
{
    struct list *node;

    while ((node = list_shift(&run->engine.ops_out)) != NULL) {
        struct ecsengine_op *op = container_of(node, struct ecsengine_op, link);
        if (op->kind == ECSENGINE_OP_CANCEL || op->answered) {
            op_unref(op);
            continue;
        }
        if (is_step(op))
            plan_op(run->plan, &run->engine, run->task, op, run->phase, run->round);
        list_append(out, node);
    }
}

static int answer_one(struct run *run, struct ecsengine_op *op)
{
    op->result = plan_answer(&run->engine, run->root, op);
    op->completed = true;
    int code = op->result != NULL ? engine_apply(&run->engine, &op->completion) : ECSENGINE_ENOMEM;
    if (code < 0)
        op_unref(op); /* else the engine has given it up */
    else
        code = engine_advance(&run->engine);
    drain_events(run);
    return code;
}

/* Answers a round of operations. `out_any`: there was something to answer. */
static int answer_all(struct run *run, bool *out_any)
{
    struct list round, *node;
    int code = 0;

    list_init(&round);
    take(run, &round);
    *out_any = !list_empty(&round);
    while ((node = list_shift(&round)) != NULL) {
        struct ecsengine_op *op = container_of(node, struct ecsengine_op, link);
        if (code == 0)
            code = answer_one(run, op);
        else
            op_unref(op);
    }
    return code;
}

/* ---- what happens by itself ---- */

static bool becomes_healthy(const struct container *container)
{
    return container_def(container)->health_check && container_is_running(container->known) &&
           container->desired != ECSENGINE_CONTAINER_STOPPED && container->health != ECSENGINE_HEALTH_HEALTHY;
}

static int heal(struct run *run, bool *out_any)
{
    int code = 0;

    for (uint16_t i = 0; i < run->task->container_count && code == 0; i++) {
        struct container *container = &run->task->containers[i];
        if (!becomes_healthy(container))
            continue;
        *out_any = true;
        plan_happens(run->plan, PLAN_HEALTHY, run->phase, run->round, i);
        code = notice(run, container, false);
    }
    return code;
}

static bool waits_on(const struct container *container, uint16_t on, bool for_its_end)
{
    const struct container_def *def = container_def(container);

    if (container->known >= ECSENGINE_CONTAINER_CREATED || container->desired == ECSENGINE_CONTAINER_STOPPED)
        return false;
    for (uint16_t i = 0; i < def->dependency_count; i++) {
        bool end = def->dependencies[i].condition == CONDITION_COMPLETE || def->dependencies[i].condition == CONDITION_SUCCESS;
        if (def->dependencies[i].on == on && end == for_its_end)
            return true;
    }
    return false;
}

static bool resource_waits_for_end(const struct task *task, uint16_t on)
{
    struct blocker blocker;

    for (uint16_t i = 0; i < task->resource_count; i++)
        if (depgraph_check_resource(&task->resources[i], &blocker) == VERDICT_CONTAINER && blocker.on->index == on)
            return true;
    return false;
}

/* It runs, and others wait for its end: `alone` if no container waits for anything else of it. */
static bool must_end(const struct run *run, const struct container *container, bool alone)
{
    bool wanted = resource_waits_for_end(run->task, container->index);

    if (!container_is_running(container->known) || container->desired == ECSENGINE_CONTAINER_STOPPED)
        return false;
    for (uint16_t i = 0; i < run->task->container_count; i++) {
        if (alone && waits_on(&run->task->containers[i], container->index, false))
            return false;
        wanted = wanted || waits_on(&run->task->containers[i], container->index, true);
    }
    return wanted;
}

static int end_some(struct run *run, bool alone, bool *out_any)
{
    int code = 0;

    for (uint16_t i = 0; i < run->task->container_count && code == 0; i++) {
        struct container *container = &run->task->containers[i];
        if (!must_end(run, container, alone))
            continue;
        *out_any = true;
        plan_happens(run->plan, PLAN_ENDS, run->phase, run->round, i);
        code = notice(run, container, true);
    }
    return code;
}

/* Where one fails, there was something, and the others are not tried. */
static int happen(struct run *run, bool *out_any)
{
    int code = heal(run, out_any);

    if (!*out_any)
        code = end_some(run, true, out_any);
    if (!*out_any)
        code = end_some(run, false, out_any);
    return code;
}

/* ---- from phase to phase ---- */

/* The essential container that ended by itself, or could not be made, and took the others with it. */
static uint16_t who_ended(const struct plan *plan, const struct task *task)
{
    for (uint32_t i = plan->step_count; i-- > 0;)
        if (plan->steps[i].kind == PLAN_ENDS && container_def(&task->containers[plan->steps[i].container])->essential)
            return plan->steps[i].container;
    for (uint16_t i = 0; i < task->container_count; i++)
        if (container_def(&task->containers[i])->essential && task->containers[i].error != NULL)
            return i;
    return PLAN_NOBODY;
}

static void begin_phase(struct run *run, enum plan_phase phase, uint32_t mark)
{
    run->phase = phase;
    run->plan->phase_mark[phase] = mark;
}

static void keep_outcomes(struct run *run)
{
    struct plan *plan = run->plan;

    for (uint16_t i = 0; i < run->task->container_count; i++) {
        const struct container *container = &run->task->containers[i];
        plan->outcomes[i].started = container->started_at != 0;
        plan->outcomes[i].error = str_ref(container->error);
    }
    plan->end_reason = str_ref(run->task->reason);
}

/* After each round: what the task has come to. */
static void look(struct run *run)
{
    struct plan *plan = run->plan;
    struct task *task = run->task;

    plan_look(plan, task);
    if (task->known == ECSENGINE_TASK_RUNNING && !run->running_told) {
        run->running_told = plan->runs = true;
        plan_task(plan, PLAN_TASK_RUNNING, run->phase, run->round, ECSENGINE_CONTAINER_RUNNING);
    }
    if (run->phase == PLAN_START && task->desired == ECSENGINE_TASK_STOPPED) {
        plan->ended_by = who_ended(plan, task);
        begin_phase(run, PLAN_STOP, plan->ended_by != PLAN_NOBODY ? plan->marks[plan->ended_by].last : 0);
    }
    if (task->known == ECSENGINE_TASK_STOPPED && !run->stopped_told) {
        run->stopped_told = true;
        plan_task(plan, PLAN_TASK_STOPPED, PLAN_STOP, run->round, ECSENGINE_CONTAINER_STOPPED);
        begin_phase(run, PLAN_CLEANUP, plan->step_count);
    }
}

/* It has come as far as it comes by itself: it runs, or it never will. */
static int stop(struct run *run)
{
    struct view view = {.engine = &run->engine};
    struct plan *plan = run->plan;
    struct causes causes;

    if (!plan->runs) {
        explain_task(&view, run->task, &causes);
        char text[CAUSE_TEXT_MAX];
        cause_sentence(&view, &causes.list[0], run->task, NULL, text);
        buf_puts(&plan->stuck, text);
    }
    plan->asked = true;
    plan_task(plan, PLAN_STOP_WANTED, PLAN_STOP, run->round, ECSENGINE_CONTAINER_NONE);
    begin_phase(run, PLAN_STOP, plan->step_count);
    return command(run, COMMAND_TASK_STOP, NULL, ECSENGINE_TASK_STOPPED);
}

/* What is due is done, and here the cleanup is. False: the task is gone. */
static int clean_up(struct run *run, bool *out_any)
{
    *out_any = run->task->phase < TASK_REMOVED;
    return *out_any ? settle(run) : 0;
}

/* One round. False in `out_any`: it is over. */
static int go_on(struct run *run, bool *out_any)
{
    int code = answer_all(run, out_any);

    if (code == 0 && !*out_any && run->phase != PLAN_CLEANUP)
        code = happen(run, out_any);
    if (code == 0 && !*out_any && run->phase == PLAN_START) {
        *out_any = true;
        code = stop(run);
    } else if (code == 0 && !*out_any && run->phase == PLAN_CLEANUP) {
        code = clean_up(run, out_any);
    }
    run->round++;
    return code;
}

static int live(struct run *run)
{
    uint32_t rounds = ROUNDS + ROUNDS_A_CONTAINER * (uint32_t)run->task->container_count;
    bool any = true;
    int code = 0;

    for (look(run); code == 0 && any && run->round < rounds; look(run)) {
        any = false;
        code = go_on(run, &any);
    }
    if (code == 0 && run->task->phase >= TASK_REMOVED) {
        plan_task(run->plan, PLAN_TASK_REMOVED, PLAN_CLEANUP, run->round, ECSENGINE_CONTAINER_NONE);
        run->plan->ends = true;
    }
    keep_outcomes(run);
    return code == 0 ? run->plan->failed : code;
}

/* A host with the GPUs that the task names, and as many others as it may have. */
static void adapt_gpus(struct settings *settings, const struct need *need)
{
    char id[32];

    settings->gpu_support = settings->has_gpus = 1;
    settings->gpus.count = 0;
    for (uint32_t i = 0; i < need->gpu_id_count; i++)
        gpu_list_add(&settings->gpus, need->gpu_ids[i], strlen(need->gpu_ids[i]));
    for (uint32_t i = 0; settings->gpus.count < LIMIT_GPUS; i++)
        gpu_list_add(&settings->gpus, id, (size_t)snprintf(id, sizeof(id), "planned-%u", (unsigned)i));
}

/* The host has room for whatever it is, and nothing is kept for a while. */
static void adapt(struct settings *settings, const struct need *need)
{
    adapt_gpus(settings, need);
    settings->cleanup_wait_ns = settings->cleanup_jitter_ns = 0;
    settings->cleanup_waits_for_ack = 0;
    settings->host_cpu_units = settings->host_memory_mib = INT64_MAX / 4;
    settings->reserved_memory_mib = 0;
    settings->reserved_tcp.count = settings->reserved_udp.count = 0;
}

static int make_ready(struct run *run)
{
    bool any = true;
    int code = settle(run);

    while (code == 0 && any)
        code = answer_all(run, &any);
    return code;
}

/* The scratch engine knows of the images that the real one has pulled. */
static int know_images(struct run *run)
{
    const struct plan *plan = run->plan;

    for (uint16_t i = 0; i < plan->definition->container_count; i++) {
        if (!plan->marks[i].image_pulled)
            continue;
        if (engine_reserve(&run->engine, NULL) < 0)
            return ECSENGINE_ENOMEM;
        image_remember(&run->engine, plan->definition->containers[i].image);
    }
    return 0;
}

static int run_task(struct run *run, const struct settings *settings, struct task *task, task_status desired)
{
    int code = engine_init(&run->engine, run->root, settings, 1);

    run->engine.mono_ns = 0;
    run->engine.wall_ns = NS_PER_S;
    if (code == 0)
        code = make_ready(run);
    if (code == 0)
        code = know_images(run);
    if (code < 0) {
        task_free(task);
        return code;
    }
    code = command(run, COMMAND_TASK_ADD, task, desired);
    if (code == 0)
        run->task = engine_find_task(&run->engine, str_text(run->plan->arn));
    return code == 0 && run->task != NULL ? live(run) : code;
}

int plan_run(struct plan *plan, struct root *root, const struct settings *settings, struct task *task, task_status desired)
{
    struct run *run = mem_zalloc(plan->mem, sizeof(*run)); /* too large for somebody else's stack */
    struct settings own = *settings;

    if (run == NULL) {
        task_free(task);
        return ECSENGINE_ENOMEM;
    }
    run->plan = plan;
    run->root = root;
    plan->cleanup_wait_ns = settings->cleanup_wait_ns;
    adapt(&own, task->definition->need);
    int code = run_task(run, &own, task, desired);
    engine_close(&run->engine);
    mem_free(plan->mem, run);
    return code;
}
