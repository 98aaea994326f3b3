/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of a plan, in the order in which the scratch engine came to them, and their edges: what a step had to wait for, by the same
 * look at the dependency graph that let it go. */
#include "engine/plan.h"

#include <string.h>

#include "engine/depgraph.h"

static bool grow(struct plan *plan, void **items, uint32_t count, uint32_t *cap, size_t size)
{
    if (plan->failed != 0 || count < *cap)
        return plan->failed == 0;
    uint32_t more = *cap > 0 ? 2 * *cap : 32;
    void *bigger = mem_grow(plan->mem, *items, more * size);
    if (bigger == NULL) {
        plan->failed = ECSENGINE_ENOMEM;
        return false;
    }
    *items = bigger;
    *cap = more;
    return true;
}

static struct plan_step *add(struct plan *plan, uint8_t kind, enum plan_phase phase, uint32_t round, uint16_t container)
{
    void *steps = plan->steps;
    bool grown = grow(plan, &steps, plan->step_count, &plan->step_cap, sizeof(*plan->steps));

    plan->steps = steps;
    if (!grown)
        return NULL;
    struct plan_step *step = &plan->steps[plan->step_count++];
    *step = (struct plan_step){.kind = kind, .phase = (uint8_t)phase, .container = container, .resource = PLAN_NOBODY, .round = round,
                               .edge_first = plan->edge_count};
    return step;
}

/* A link and a dependsOn entry may say the same. */
static bool has_edge(const struct plan *plan, const struct plan_step *step, const struct plan_edge *edge)
{
    for (uint32_t i = step->edge_first; i < step->edge_first + step->edge_count; i++) {
        const struct plan_edge *other = &plan->edges[i];
        if (other->from == edge->from && other->why == edge->why && other->condition == edge->condition && other->needed == edge->needed)
            return true;
    }
    return false;
}

/* An edge of the newest step, from the one that is marked; no mark is no edge. */
static void after(struct plan *plan, uint32_t mark, enum plan_why why, uint8_t condition, uint8_t needed)
{
    void *edges = plan->edges;
    uint32_t newest = plan->step_count - 1;

    if (mark == 0)
        return;
    struct plan_edge edge = {.from = mark - 1, .why = (uint8_t)why, .condition = condition, .needed = needed};
    if (has_edge(plan, &plan->steps[newest], &edge))
        return;
    bool grown = grow(plan, &edges, plan->edge_count, &plan->edge_cap, sizeof(*plan->edges));
    plan->edges = edges;
    if (!grown)
        return;
    plan->edges[plan->edge_count++] = edge;
    plan->steps[newest].edge_count++;
}

struct waited {
    struct plan *plan;
    bool order;     /* dependsOn entries are to be noted */
    bool step;      /* ... and those for this status */
    bool stop;
};

static uint32_t mark_of_condition(const struct plan_marks *on, const struct container_def *def, enum condition condition)
{
    switch (condition) {
    case CONDITION_CREATE:
        return on->reached[ECSENGINE_CONTAINER_CREATED];
    case CONDITION_START:
        return on->reached[def->steady];
    case CONDITION_HEALTHY:
        return on->healthy;
    default:
        return on->reached[ECSENGINE_CONTAINER_STOPPED];
    }
}

static void visit(const struct blocker *entry, enum depgraph_state state, void *data)
{
    const struct waited *waited = data;
    struct plan *plan = waited->plan;
    const struct plan_marks *on = entry->on != NULL ? &plan->marks[entry->on->index] : NULL;

    if (state != DEPGRAPH_MET)
        return;
    if (entry->verdict == VERDICT_ORDER && waited->order)
        after(plan, mark_of_condition(on, container_def(entry->on), entry->condition), PLAN_AFTER_DEPENDENCY,
              (uint8_t)entry->condition, 0);
    else if (entry->verdict == VERDICT_LEGACY && waited->order)
        after(plan, on->reached[entry->satisfied], PLAN_AFTER_DEPENDENCY, 0, entry->satisfied);
    else if (entry->verdict == VERDICT_CONTAINER && waited->step)
        after(plan, on->reached[entry->satisfied], PLAN_AFTER_DEPENDENCY, 0, entry->satisfied);
    else if (entry->verdict == VERDICT_RESOURCE && waited->step)
        after(plan, plan->resource_made[entry->resource->index], PLAN_AFTER_RESOURCE, 0, entry->satisfied);
    else if (entry->verdict == VERDICT_STOP_ORDER && waited->stop)
        after(plan, on->reached[ECSENGINE_CONTAINER_STOPPED], PLAN_AFTER_STOP_ORDER, 0, entry->satisfied);
}

/* dependsOn entries are looked at before each step, but all were met before the first that they count for. */
static bool orders_now(const struct engine *engine, const struct container *container)
{
    bool upfront = engine->settings.pull_upfront != 0;

    return container->desired != ECSENGINE_CONTAINER_STOPPED &&
           container->known >= (upfront ? ECSENGINE_CONTAINER_PULLED : ECSENGINE_CONTAINER_MANIFEST_PULLED);
}

static void container_op(struct plan *plan, const struct engine *engine, const struct container *container, struct plan_step *step)
{
    struct plan_marks *marks = &plan->marks[container->index];
    struct waited waited = {
        .plan = plan,
        .order = !marks->ordered && orders_now(engine, container),
        .step = marks->last == 0 || marks->known_then != container->known,
        .stop = step->kind == ECSENGINE_OP_STOP,
    };

    step->waits_for_slot = step->kind == ECSENGINE_OP_PULL_IMAGE && marks->waited_for_slot;
    after(plan, marks->last, PLAN_AFTER_OWN, 0, 0);
    if (step->phase == PLAN_CLEANUP || step->kind == ECSENGINE_OP_STOP)
        after(plan, plan->phase_mark[step->phase], PLAN_AFTER_TASK, 0, 0);
    if (step->phase != PLAN_CLEANUP)
        depgraph_walk(engine, container, visit, &waited);
    marks->ordered = marks->ordered || waited.order;
    marks->known_then = container->known;
    marks->last = plan->step_count;
}

static void resource_op(struct plan *plan, const struct task *task, uint16_t index, enum plan_phase phase)
{
    const struct resource_def *def = &plan->definition->resources[index];

    after(plan, plan->resource_last[index], PLAN_AFTER_OWN, 0, 0);
    for (uint16_t i = 0; i < def->dependency_count && plan->resource_last[index] == 0; i++)
        after(plan, plan->marks[def->dependencies[i].on].reached[def->dependencies[i].satisfied], PLAN_AFTER_DEPENDENCY, 0,
              def->dependencies[i].satisfied);
    for (uint16_t i = 0; i < task->container_count && phase == PLAN_CLEANUP; i++)
        after(plan, plan->marks[i].last, PLAN_AFTER_TASK, 0, 0); /* what used it has to be gone */
    plan->resource_last[index] = plan->step_count;
}

void plan_op(struct plan *plan, const struct engine *engine, const struct task *task, const struct ecsengine_op *op,
             enum plan_phase phase, uint32_t round)
{
    struct plan_step *step = add(plan, op->kind, phase, round, op->of_resource ? PLAN_NOBODY : op->container_index);

    if (step == NULL)
        return;
    if (op->of_resource) {
        step->resource = op->resource_index;
        resource_op(plan, task, op->resource_index, phase);
        return;
    }
    step->of_image = op->image != NULL;
    container_op(plan, engine, &task->containers[op->container_index], step);
}

void plan_happens(struct plan *plan, uint8_t kind, enum plan_phase phase, uint32_t round, uint16_t container)
{
    struct plan_marks *marks = &plan->marks[container];

    if (add(plan, kind, phase, round, container) == NULL)
        return;
    after(plan, marks->last, PLAN_AFTER_OWN, 0, 0);
    marks->last = plan->step_count;
    if (kind == PLAN_HEALTHY)
        marks->healthy = plan->step_count;
}

void plan_task(struct plan *plan, uint8_t kind, enum plan_phase phase, uint32_t round, container_status reached)
{
    if (add(plan, kind, phase, round, PLAN_NOBODY) == NULL)
        return;
    for (uint16_t i = 0; i < plan->definition->container_count; i++) {
        const struct plan_marks *marks = &plan->marks[i];
        uint32_t mark = reached != ECSENGINE_CONTAINER_NONE ? marks->reached[reached] : 0;
        after(plan, mark != 0 ? mark : marks->last, PLAN_AFTER_TASK, 0, 0);
    }
    for (uint16_t i = 0; i < plan->definition->resource_count && kind == PLAN_TASK_REMOVED; i++)
        after(plan, plan->resource_last[i], PLAN_AFTER_TASK, 0, 0);
}

void plan_look(struct plan *plan, const struct task *task)
{
    for (uint16_t i = 0; i < task->resource_count; i++)
        if (plan->resource_made[i] == 0 && task->resources[i].known == RESOURCE_CREATED)
            plan->resource_made[i] = plan->resource_last[i];
    for (uint16_t i = 0; i < task->container_count; i++) {
        struct plan_marks *marks = &plan->marks[i];
        for (container_status status = marks->known + 1; status <= task->containers[i].known; status++)
            marks->reached[status] = marks->last;
        marks->known = task->containers[i].known;
        marks->waited_for_slot = marks->waited_for_slot || task->containers[i].pull_waits;
    }
}
