/* SPDX-License-Identifier: Apache-2.0 */
/* The dependency graph. Ordering (dependsOn, and the older RunDependencies) is looked at on the way up, its reverse on the way down;
 * transition dependencies, on containers and on resources, hold one step back and are looked at both ways (task-engine: 4.1). The texts
 * are the reference's: users find them in the reason of a stopped container. */
#include "engine/depgraph.h"

#include <stdio.h>
#include <string.h>

#include "engine/credentials.h"

const char *condition_name(enum condition condition)
{
    static const char *const names[] = {
        [CONDITION_START] = "START",     [CONDITION_COMPLETE] = "COMPLETE", [CONDITION_SUCCESS] = "SUCCESS",
        [CONDITION_HEALTHY] = "HEALTHY", [CONDITION_CREATE] = "CREATE",
    };

    return names[condition];
}

/* `web(nginx:1) (CREATED->RUNNING) - Exit: 3` */
static void describe(const struct container *container, char *text, size_t size)
{
    int len = snprintf(text, size, "%.255s(%.200s) (%s->%s)", container_def(container)->name, container_def(container)->image,
                       ecsengine_container_status_name((enum ecsengine_container_status)container->known),
                       ecsengine_container_status_name((enum ecsengine_container_status)container->desired));

    if (container->has_exit_code)
        snprintf(text + len, size - (size_t)len, " - Exit: %d", (int)container->exit_code);
}

/* At its steady state, which may be another than RUNNING. */
static bool steady(const struct container *container) { return container->known == container_steady(container); }

/* It runs, and is about to be stopped while its task goes on: its start was refused when it ran already. Nobody is to rely on it who does
 * not yet; when it has ended it counts as any other that has. */
static bool on_its_way_out(const struct container *on)
{
    return container_is_running(on->known) && on->desired == ECSENGINE_CONTAINER_STOPPED;
}

static bool fulfilled(const struct container *target, const struct container *on, enum condition condition)
{
    if (on_its_way_out(on))
        return false;
    switch (condition) {
    case CONDITION_CREATE:
        return on->known >= ECSENGINE_CONTAINER_CREATED;
    case CONDITION_START:
        if (on->known == ECSENGINE_CONTAINER_STOPPED || steady(on))
            return true;
        return target->desired == ECSENGINE_CONTAINER_CREATED && on->known == ECSENGINE_CONTAINER_CREATED;
    case CONDITION_SUCCESS:
    case CONDITION_COMPLETE:
        return on->known == ECSENGINE_CONTAINER_STOPPED; /* it ended as it should, else that is hopeless */
    default: /* HEALTHY */
        return container_def(on)->health_check && on->health == ECSENGINE_HEALTH_HEALTHY;
    }
}

/* While nobody knows what became of it (a restart, a gap in the event stream) it may have ended in time, unseen. */
static bool timed_out(const struct container *target, const struct container *on, enum condition condition)
{
    return target->known < ECSENGINE_CONTAINER_CREATED && on->known != ECSENGINE_CONTAINER_STOPPED &&
           (condition == CONDITION_SUCCESS || condition == CONDITION_COMPLETE || condition == CONDITION_HEALTHY) &&
           on->start_overdue && on->inspect != INSPECT_VERIFY;
}

/* Why the entry can never be met any more. The reference has the first three; the fourth it misses, and waits for ever: a dependency that
 * has ended without the exit code, or the health, that is waited for. */
static enum hopeless hopeless(const struct container *target, const struct container *on, enum condition condition)
{
    if (timed_out(target, on, condition))
        return HOPELESS_TIMED_OUT;
    if (condition == CONDITION_SUCCESS && on->known == ECSENGINE_CONTAINER_STOPPED && (!on->has_exit_code || on->exit_code != 0))
        return HOPELESS_FAILED;
    if (on->known < ECSENGINE_CONTAINER_RUNNING && on->desired == ECSENGINE_CONTAINER_STOPPED &&
        on->applied == ECSENGINE_CONTAINER_NONE && on->op == NULL)
        return HOPELESS_NEVER_STARTS;
    if (on->known == ECSENGINE_CONTAINER_STOPPED && ((condition == CONDITION_COMPLETE && !on->has_exit_code) ||
                                                     (condition == CONDITION_HEALTHY && on->health != ECSENGINE_HEALTH_HEALTHY)))
        return HOPELESS_ENDED;
    return HOPELESS_NOT;
}

/* Manifests are resolved, and with the switch images pulled, without regard to order. */
static bool exempt(const struct engine *engine, const struct container *target)
{
    return target->known < ECSENGINE_CONTAINER_MANIFEST_PULLED ||
           (engine->settings.pull_upfront != 0 && target->known < ECSENGINE_CONTAINER_PULLED);
}

/* One entry of each kind, as it stands; what `out` has beside the state is what a blocker has. */

static enum depgraph_state order_entry(const struct engine *engine, const struct container *target, uint16_t i, struct blocker *out)
{
    const struct dependency *entry = &container_def(target)->dependencies[i];
    const struct container *on = &target->task->containers[entry->on];
    enum condition condition = (enum condition)entry->condition;
    enum hopeless why = hopeless(target, on, condition);

    *out = (struct blocker){
        .verdict = why != HOPELESS_NOT ? VERDICT_TERMINAL : VERDICT_ORDER, .on = on, .condition = condition, .hopeless = why};
    if (why != HOPELESS_NOT)
        return DEPGRAPH_UNMET;
    return exempt(engine, target) ? DEPGRAPH_NOT_YET : fulfilled(target, on, condition) ? DEPGRAPH_MET : DEPGRAPH_UNMET;
}

static enum depgraph_state legacy_entry(const struct container *target, uint16_t i, struct blocker *out)
{
    const struct container *on = &target->task->containers[container_def(target)->run_dependencies[i]];

    *out = (struct blocker){.verdict = VERDICT_LEGACY, .on = on, .satisfied = container_steady(on)};
    return on->known >= container_steady(on) ? DEPGRAPH_MET : DEPGRAPH_UNMET;
}

static enum depgraph_state container_entry(const struct task *task, const struct transition_dependency *wait, uint8_t next,
                                           struct blocker *out)
{
    const struct container *on = &task->containers[wait->on];

    *out = (struct blocker){.verdict = VERDICT_CONTAINER, .on = on, .next = wait->next, .satisfied = wait->satisfied};
    return wait->next != next ? DEPGRAPH_NOT_YET : on->known >= wait->satisfied ? DEPGRAPH_MET : DEPGRAPH_UNMET;
}

static enum depgraph_state resource_entry(const struct container *target, const struct transition_dependency *wait, uint8_t next,
                                          struct blocker *out)
{
    const struct resource *resource = &target->task->resources[wait->on];

    *out = (struct blocker){.verdict = VERDICT_RESOURCE, .resource = resource, .next = wait->next, .satisfied = wait->satisfied};
    return wait->next != next ? DEPGRAPH_NOT_YET : resource->known >= wait->satisfied ? DEPGRAPH_MET : DEPGRAPH_UNMET;
}

/* A hopeless entry wins over those that are merely not met; of these the last is told. */
static void check_order(const struct engine *engine, const struct container *target, struct blocker *out)
{
    struct blocker entry;

    for (uint16_t i = 0; i < container_def(target)->dependency_count; i++) {
        if (order_entry(engine, target, i, &entry) != DEPGRAPH_UNMET)
            continue;
        *out = entry;
        if (entry.verdict == VERDICT_TERMINAL)
            return;
    }
}

static void check_legacy(const struct container *target, struct blocker *out)
{
    struct blocker entry;

    for (uint16_t i = 0; i < container_def(target)->run_dependency_count && out->verdict == VERDICT_GO; i++)
        if (legacy_entry(target, i, &entry) == DEPGRAPH_UNMET)
            *out = entry;
}

/* The first of the dependencies for `next` whose container is not that far. */
static void check_containers(const struct task *task, const struct transition_dependency *dependencies, uint16_t count,
                             uint8_t next, struct blocker *out)
{
    struct blocker entry;

    for (uint16_t i = 0; i < count && out->verdict == VERDICT_GO; i++)
        if (container_entry(task, &dependencies[i], next, &entry) == DEPGRAPH_UNMET)
            *out = entry;
}

static void check_resources(const struct container *target, uint8_t next, struct blocker *out)
{
    const struct container_def *def = container_def(target);
    struct blocker entry;

    for (uint16_t i = 0; i < def->resource_wait_count && out->verdict == VERDICT_GO; i++)
        if (resource_entry(target, &def->resource_waits[i], next, &entry) == DEPGRAPH_UNMET)
            *out = entry;
}

static bool depends_on(const struct container_def *def, uint16_t index)
{
    for (uint16_t i = 0; i < def->dependency_count; i++)
        if (def->dependencies[i].on == index)
            return true;
    return false;
}

/* Who need not be waited for. A dependent that does not run, and is not about to, is not hurt by the stop of what runs: it waits for this
 * very end (on_its_way_out). Where nothing runs it is to see first that this will never start; but one that runs already (it shares the
 * volumes of a container whose start failed) has nothing to see. */
static bool is_unhurt(const struct container *dependent, const struct container *target)
{
    if (dependent->desired == ECSENGINE_CONTAINER_STOPPED)
        return false;
    if (!container_is_running(target->known))
        return container_is_running(dependent->known);
    return !container_is_running(dependent->known) && dependent->applied != ECSENGINE_CONTAINER_RUNNING;
}

static void check_stop_order(const struct container *target, struct blocker *out)
{
    for (uint16_t i = 0; i < target->task->container_count; i++) {
        const struct container *other = &target->task->containers[i];
        if (other->known == ECSENGINE_CONTAINER_STOPPED || is_unhurt(other, target) ||
            !depends_on(container_def(other), target->index))
            continue;
        *out = (struct blocker){.verdict = VERDICT_STOP_ORDER, .on = other, .satisfied = ECSENGINE_CONTAINER_STOPPED};
        return;
    }
}

/* Which kinds of entries count for a container as it is now. */
static bool is_rising(const struct container *container)
{
    return container->desired == container_def(container)->steady || container->desired == ECSENGINE_CONTAINER_CREATED;
}

static container_status next_of(const struct container *container)
{
    return container_status_after(container->known, container_def(container)->steady);
}

/* The order of the checks is the reference's (4.4). Which transition dependencies count is decided by the next status on the way up, also
 * for a container that shall stop. */
static void check(const struct engine *engine, const struct container *container, struct blocker *out)
{
    const struct container_def *def = container_def(container);
    bool rising = is_rising(container);
    container_status next = next_of(container);

    if (container->known < ECSENGINE_CONTAINER_PULLED && container->desired < ECSENGINE_CONTAINER_STOPPED &&
        credentials_lacking(engine, container)) {
        out->verdict = VERDICT_CREDENTIALS;
        return;
    }
    if (rising)
        check_order(engine, container, out);
    if (rising && out->verdict == VERDICT_GO)
        check_legacy(container, out);
    if (out->verdict == VERDICT_GO)
        check_containers(container->task, def->container_waits, def->container_wait_count, next, out);
    if (out->verdict == VERDICT_GO)
        check_resources(container, next, out);
    if (out->verdict == VERDICT_GO && container->desired == ECSENGINE_CONTAINER_STOPPED)
        check_stop_order(container, out);
}

enum verdict depgraph_check(const struct engine *engine, const struct container *container, struct blocker *out)
{
    struct blocker blocker = {.verdict = container->known >= container->desired ? VERDICT_PAST : VERDICT_GO};

    if (blocker.verdict == VERDICT_GO)
        check(engine, container, &blocker);
    if (out != NULL)
        *out = blocker;
    return blocker.verdict;
}

void depgraph_walk(const struct engine *engine, const struct container *container, depgraph_visit_fn visit, void *data)
{
    const struct container_def *def = container_def(container);
    const struct task *task = container->task;
    bool rising = is_rising(container);
    container_status next = next_of(container);
    enum depgraph_state state;
    struct blocker entry;

    for (uint16_t i = 0; i < def->dependency_count && rising; i++) {
        state = order_entry(engine, container, i, &entry);
        visit(&entry, state, data);
    }
    for (uint16_t i = 0; i < def->run_dependency_count && rising; i++) {
        state = legacy_entry(container, i, &entry);
        visit(&entry, state, data);
    }
    for (uint16_t i = 0; i < def->container_wait_count; i++) {
        state = container_entry(task, &def->container_waits[i], next, &entry);
        visit(&entry, state, data);
    }
    for (uint16_t i = 0; i < def->resource_wait_count; i++) {
        state = resource_entry(container, &def->resource_waits[i], next, &entry);
        visit(&entry, state, data);
    }
    for (uint16_t i = 0; i < task->container_count && container->desired == ECSENGINE_CONTAINER_STOPPED; i++) {
        const struct container *other = &task->containers[i];
        if (!depends_on(container_def(other), container->index))
            continue;
        entry = (struct blocker){.verdict = VERDICT_STOP_ORDER, .on = other, .satisfied = ECSENGINE_CONTAINER_STOPPED};
        visit(&entry, other->known == ECSENGINE_CONTAINER_STOPPED ? DEPGRAPH_MET : DEPGRAPH_UNMET, data);
    }
}

enum verdict depgraph_check_resource(const struct resource *resource, struct blocker *out)
{
    const struct resource_def *def = resource_def(resource);
    struct blocker blocker = {.verdict = resource->known >= resource->desired ? VERDICT_PAST : VERDICT_GO};

    if (blocker.verdict == VERDICT_GO)
        check_containers(resource->task, def->dependencies, def->dependency_count, resource->known + 1, &blocker);
    if (out != NULL)
        *out = blocker;
    return blocker.verdict;
}

static void text_of_terminal(const struct container *target, const struct blocker *blocker, char *text)
{
    static const char *const why[] = {
        [HOPELESS_TIMED_OUT] = "has timed out.",
        [HOPELESS_FAILED] = "as dependency did not exit successfully.",
        [HOPELESS_NEVER_STARTS] = "because dependency will never start",
        [HOPELESS_ENDED] = "because dependency has stopped and can not fulfil the condition",
    };
    char on[512], other[512];

    describe(blocker->on, on, sizeof(on));
    describe(target, other, sizeof(other));
    snprintf(text, DEPGRAPH_TEXT_MAX, "dependency graph: %s [%s] for target [%s] %s",
             blocker->hopeless == HOPELESS_TIMED_OUT ? "container ordering dependency"
                                                     : "failed to resolve container ordering dependency",
             on, other, why[blocker->hopeless]);
}

static void text_of_order(const struct container *target, const struct blocker *blocker, char *text)
{
    char other[512];

    describe(target, other, sizeof(other));
    snprintf(text, DEPGRAPH_TEXT_MAX,
             "dependency graph: failed to resolve the container ordering dependency [&{%.255s %s}] for target [%s]",
             container_def(blocker->on)->name, condition_name(blocker->condition), other);
}

static void text_of_stop_order(const struct container *target, char *text)
{
    size_t len = (size_t)snprintf(
        text, DEPGRAPH_TEXT_MAX,
        "dependency graph: target %.255s needs other containers stopped before it can stop: ", container_def(target)->name);
    const char *comma = "";

    for (uint16_t i = 0; i < target->task->container_count && len < DEPGRAPH_TEXT_MAX; i++) {
        const struct container *other = &target->task->containers[i];
        if (other->known == ECSENGINE_CONTAINER_STOPPED || !depends_on(container_def(other), target->index))
            continue;
        len += (size_t)snprintf(text + len, DEPGRAPH_TEXT_MAX - len, "%s[%s]", comma, container_def(other)->name);
        comma = ", ";
    }
}

void depgraph_text(const struct container *target, const struct blocker *blocker, char text[DEPGRAPH_TEXT_MAX])
{
    const char *fixed = "";

    switch (blocker->verdict) {
    case VERDICT_ORDER:
        text_of_order(target, blocker, text);
        return;
    case VERDICT_TERMINAL:
        text_of_terminal(target, blocker, text);
        return;
    case VERDICT_STOP_ORDER:
        text_of_stop_order(target, text);
        return;
    case VERDICT_PAST:
        fixed = target != NULL ? "container transition: container status is equal or greater than desired status"
                               : "task resource transition: task resource status is equal or greater than desired status";
        break;
    case VERDICT_CREDENTIALS:
        fixed = "dependency graph: execution role credentials not available";
        break;
    case VERDICT_LEGACY:
        fixed = "dependency graph: dependent container not in expected state";
        break;
    case VERDICT_CONTAINER:
        fixed = target != NULL ? "dependency graph: dependency on containers not resolved"
                               : "dependency graph: resource's dependency on containers not resolved";
        break;
    case VERDICT_RESOURCE:
        fixed = "dependency graph: dependency on resources not resolved";
        break;
    case VERDICT_GO:
        break;
    }
    snprintf(text, DEPGRAPH_TEXT_MAX, "%s", fixed);
}
