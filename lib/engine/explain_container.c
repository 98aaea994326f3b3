/* SPDX-License-Identifier: Apache-2.0 */
/* The causes of a container, in the order in which the engine itself asks: what is in flight before what would be begun next. */
#include "engine/explain.h"

#include "engine/credentials.h"
#include "engine/depgraph.h"
#include "engine/transitions.h"

static const char *trouble_of(const struct container *container)
{
    return container->trouble != NULL ? str_text(container->trouble) : NULL;
}

static void of_operation(const struct view *view, const struct ecsengine_op *op, const struct container *container, uint32_t tries,
                         struct causes *out)
{
    uint32_t before = out->count;
    bool held = cause_of_store(view, op->batch_id, out);

    if (!held && !op->left)
        return; /* it leaves with this turn, or never if the engine is shut down */
    struct cause *cause = held ? &out->list[before] : cause_add(out, CAUSE_OPERATION);
    cause->operation = op->kind;
    cause->id = op->id;
    if (held)
        return;
    cause->op = op;
    cause->since_ns = op->begun_ns;
    cause->due_ns = op->timer.node.key;
    cause->tries = tries;
    cause->error = tries > 0 ? trouble_of(container) : NULL;
}

static void of_retry(const struct container *container, struct causes *out)
{
    struct cause *cause = cause_add(out, container->removing           ? CAUSE_REMOVAL_FAILING
                                         : restart_pending(container) ? CAUSE_RESTART
                                                                      : CAUSE_RETRY);

    cause->operation = (uint8_t)transitions_retried(container);
    cause->tries = container->attempt;
    cause->due_ns = container->retry.node.key;
    cause->error = trouble_of(container);
}

/* An inspection that something waits for, or that will be made. */
static void of_inspection(const struct view *view, const struct container *container, struct causes *out)
{
    if (container->inspect_op != NULL) {
        of_operation(view, container->inspect_op, container, container->inspect_attempt, out);
    } else if (list_linked(&container->look_link)) {
        cause_add(out, CAUSE_LOOK);
    } else if (heap_has(&container->inspect_timer.node)) {
        struct cause *cause = cause_add(out, CAUSE_RETRY);
        cause->operation = ECSENGINE_OP_INSPECT;
        cause->tries = container->inspect_attempt;
        cause->due_ns = container->inspect_timer.node.key;
        cause->error = trouble_of(container);
    }
}

/* What is under way. */
static void of_step(const struct view *view, const struct container *container, struct causes *out)
{
    if (container->op != NULL)
        of_operation(view, container->op, container, container->attempt, out);
    if (heap_has(&container->retry.node))
        of_retry(container, out);
    if (container->pull_waits)
        cause_add(out, CAUSE_PULL_SLOT);
}

/* The resource that has to be made first: what is under way with it. */
static void of_resource(const struct blocker *blocker, struct causes *out)
{
    const struct resource *resource = blocker->resource;
    struct cause *cause = cause_add(out, CAUSE_RESOURCE);
    struct blocker own;

    cause->resource = resource;
    cause->satisfied = blocker->satisfied;
    if (resource->op != NULL) {
        cause->operation = resource->op->kind;
        cause->id = resource->op->id;
        cause->since_ns = resource->op->begun_ns;
        if (heap_has(&resource->op->timer.node)) /* else it waits for the store */
            cause->due_ns = resource->op->timer.node.key;
    } else if (depgraph_check_resource(resource, &own) == VERDICT_CONTAINER) {
        cause->on = own.on;
        cause->needed = own.satisfied;
    }
}

static void of_blocker(const struct view *view, const struct blocker *blocker, struct causes *out)
{
    struct cause *cause;

    switch (blocker->verdict) {
    case VERDICT_CREDENTIALS:
        cause_add(out, CAUSE_CREDENTIALS);
        break;
    case VERDICT_ORDER:
    case VERDICT_LEGACY:
    case VERDICT_CONTAINER:
        cause = cause_add(out, CAUSE_DEPENDENCY);
        cause->on = blocker->on;
        cause->condition = (uint8_t)blocker->condition;
        cause->needed = blocker->satisfied; /* of an ordering: NONE, its condition says it */
        if (blocker->verdict == VERDICT_ORDER && heap_has(&blocker->on->start_timer.node))
            cause->due_ns = blocker->on->start_timer.node.key;
        break;
    case VERDICT_RESOURCE:
        of_resource(blocker, out);
        if (credentials_lacking_for(view->engine, blocker->resource))
            cause_add(out, CAUSE_CREDENTIALS);
        break;
    case VERDICT_STOP_ORDER:
        cause = cause_add(out, CAUSE_STOP_ORDER);
        cause->on = blocker->on;
        break;
    default: /* it can go on, or ends, in the next turn */
        break;
    }
}

struct graph {
    const struct view *view;
    struct causes *out;
    struct blocker first; /* the one that decides */
};

static void visit(const struct blocker *entry, enum depgraph_state state, void *data)
{
    const struct graph *graph = data;
    const struct blocker *first = &graph->first;
    bool is_first = entry->verdict == first->verdict && entry->on == first->on && entry->resource == first->resource &&
                    entry->condition == first->condition;

    if (state == DEPGRAPH_UNMET && !is_first)
        of_blocker(graph->view, entry, graph->out);
}

/* All that stands in its way, and first what the engine itself names. */
static void of_graph(const struct view *view, const struct container *container, struct causes *out)
{
    struct graph graph = {.view = view, .out = out};

    switch (depgraph_check(view->engine, container, &graph.first)) {
    case VERDICT_GO:
    case VERDICT_PAST:
    case VERDICT_TERMINAL:
        return;
    default:
        of_blocker(view, &graph.first, out);
        depgraph_walk(view->engine, container, visit, &graph);
        return;
    }
}

/* Of a task whose containers are being removed. */
static void of_cleaning(const struct view *view, const struct container *container, struct causes *out)
{
    if (container->removed)
        cause_add(out, CAUSE_REMOVED);
    else
        of_step(view, container, out);
}

static void of_active(const struct view *view, const struct container *container, struct causes *out)
{
    const struct engine *engine = view->engine;
    const struct task *task = container->task;
    bool verify = container->inspect == INSPECT_VERIFY;

    if (!task->admitted || (task->restored && !engine->ready)) {
        cause_of_admission(view, task, out);
        return;
    }
    if (verify)
        of_inspection(view, container, out);
    of_step(view, container, out);
    if (!verify && container->applied != ECSENGINE_CONTAINER_NONE)
        of_inspection(view, container, out);
    if (out->count == 0)
        of_graph(view, container, out);
}

void explain_container(const struct view *view, const struct container *container, struct causes *out)
{
    const struct engine *engine = view->engine;
    const struct task *task = container->task;
    bool ended = task->phase == TASK_ACTIVE && container->known == ECSENGINE_CONTAINER_STOPPED;
    bool reached = task->phase == TASK_ACTIVE && !ended && container->known >= container->desired && !restart_pending(container);

    out->count = 0;
    if (ended)
        cause_add(out, CAUSE_STOPPED);
    else if (reached)
        cause_add(out, CAUSE_RUNNING);
    else if (engine->shut_down)
        cause_add(out, CAUSE_SHUT_DOWN);
    if (task->phase != TASK_ACTIVE)
        of_cleaning(view, container, out);
    else if (ended || reached)
        of_step(view, container, out);
    else
        of_active(view, container, out);
    if (engine->runtime == RUNTIME_UNREACHABLE && !ended && !container->removed && !cause_has(out, CAUSE_RUNTIME))
        cause_of_runtime(view, out);
    if (out->count == 0)
        cause_add(out, CAUSE_MOVING);
}

bool explain_holds_back(const struct causes *causes)
{
    enum cause_kind first = (enum cause_kind)causes->list[0].kind;

    return first != CAUSE_RUNNING && first != CAUSE_STOPPED && first != CAUSE_REMOVED;
}
