/* SPDX-License-Identifier: Apache-2.0 */
/* The dependency graph. Two kinds of edges: ordering (dependsOn), looked at on the way up, and its reverse, looked at on the way down.
 * The texts are the reference's: users find them in the reason of a stopped container. */
#include "engine/depgraph.h"

#include <stdio.h>
#include <string.h>

const char *condition_name(enum condition condition)
{
    static const char *const names[] = {"", "START", "COMPLETE", "SUCCESS", "HEALTHY", "CREATE"};

    return (size_t)condition < sizeof(names) / sizeof(names[0]) ? names[condition] : "";
}

/* `web(nginx:1) (CREATED->RUNNING) - Exit: 3` */
static void describe(const struct container *container, char *text, size_t size)
{
    int len = snprintf(text, size, "%.255s(%.200s) (%s->%s)", container_def(container)->name, container_def(container)->image,
                       ecsengine_container_status_name((enum ecsengine_container_status)container->known),
                       ecsengine_container_status_name((enum ecsengine_container_status)container->desired));

    if (container->has_exit_code && len > 0 && (size_t)len < size)
        snprintf(text + len, size - (size_t)len, " - Exit: %d", (int)container->exit_code);
}

static bool fulfilled(const struct container *target, const struct container *on, enum condition condition)
{
    switch (condition) {
    case CONDITION_CREATE:
        return on->known >= ECSENGINE_CONTAINER_CREATED;
    case CONDITION_START:
        if (on->known == ECSENGINE_CONTAINER_STOPPED || on->known == CONTAINER_STEADY)
            return true;
        return target->desired == ECSENGINE_CONTAINER_CREATED && on->known == ECSENGINE_CONTAINER_CREATED;
    case CONDITION_SUCCESS:
        return on->known == ECSENGINE_CONTAINER_STOPPED && on->has_exit_code && on->exit_code == 0;
    case CONDITION_COMPLETE:
        return on->known == ECSENGINE_CONTAINER_STOPPED && on->has_exit_code;
    case CONDITION_HEALTHY:
        return container_def(on)->health_check && on->health == ECSENGINE_HEALTH_HEALTHY;
    default:
        return false;
    }
}

static bool timed_out(const struct engine *engine, const struct container *target, const struct container *on,
                      enum condition condition)
{
    int64_t timeout = container_def(on)->start_timeout_ns;

    return target->known < ECSENGINE_CONTAINER_CREATED && on->known != ECSENGINE_CONTAINER_STOPPED &&
           (condition == CONDITION_SUCCESS || condition == CONDITION_COMPLETE || condition == CONDITION_HEALTHY) &&
           on->started_at != 0 && timeout > 0 && engine->wall_ns > on->started_at + timeout;
}

/* Why the entry can never be met any more; NULL: it may. The reference has the first three; the fourth it misses, and waits for ever:
 * a dependency that has ended without the exit code, or the health, that is waited for. */
static const char *hopeless(const struct engine *engine, const struct container *target, const struct container *on,
                            enum condition condition)
{
    if (timed_out(engine, target, on, condition))
        return "has timed out.";
    if (condition == CONDITION_SUCCESS && on->known == ECSENGINE_CONTAINER_STOPPED && (!on->has_exit_code || on->exit_code != 0))
        return "as dependency did not exit successfully.";
    if (on->known < ECSENGINE_CONTAINER_RUNNING && on->desired == ECSENGINE_CONTAINER_STOPPED &&
        on->applied == ECSENGINE_CONTAINER_NONE && on->op == NULL)
        return "because dependency will never start";
    if (on->known == ECSENGINE_CONTAINER_STOPPED && target->known < ECSENGINE_CONTAINER_CREATED &&
        ((condition == CONDITION_COMPLETE && !on->has_exit_code) ||
         (condition == CONDITION_HEALTHY && on->health != ECSENGINE_HEALTH_HEALTHY)))
        return "because dependency has stopped and can not fulfil the condition";
    return NULL;
}

/* Manifests are resolved, and with the switch images pulled, without regard to order. */
static bool exempt(const struct engine *engine, const struct container *target)
{
    return target->known < ECSENGINE_CONTAINER_MANIFEST_PULLED ||
           (engine->settings.pull_upfront != 0 && target->known < ECSENGINE_CONTAINER_PULLED);
}

static enum verdict check_order(const struct engine *engine, const struct container *target, const struct container **out_on,
                                enum condition *out_condition, char *text)
{
    const struct container_def *def = container_def(target);
    const struct container *blocking = NULL;
    char one[512], other[512];

    for (uint16_t i = 0; i < def->dependency_count; i++) {
        const struct container *on = &target->task->containers[def->dependencies[i].on];
        enum condition condition = (enum condition)def->dependencies[i].condition;
        const char *why = hopeless(engine, target, on, condition);
        if (why == NULL && (exempt(engine, target) || fulfilled(target, on, condition)))
            continue;
        blocking = on;
        *out_on = on;
        *out_condition = condition;
        if (why == NULL)
            continue;
        if (text != NULL) {
            describe(on, one, sizeof(one));
            describe(target, other, sizeof(other));
            bool timeout = strcmp(why, "has timed out.") == 0;
            snprintf(text, DEPGRAPH_TEXT_MAX,
                     timeout ? "dependency graph: container ordering dependency [%s] for target [%s] %s"
                             : "dependency graph: failed to resolve container ordering dependency [%s] for target [%s] %s",
                     one, other, why);
        }
        return VERDICT_TERMINAL;
    }
    return blocking != NULL ? VERDICT_BLOCKED : VERDICT_GO;
}

static bool depends_on(const struct container_def *def, uint16_t index)
{
    for (uint16_t i = 0; i < def->dependency_count; i++)
        if (def->dependencies[i].on == index)
            return true;
    return false;
}

static enum verdict check_stop_order(const struct container *target, const struct container **out_on)
{
    for (uint16_t i = 0; i < target->task->container_count; i++) {
        const struct container *other = &target->task->containers[i];
        if (other->known != ECSENGINE_CONTAINER_STOPPED && depends_on(container_def(other), target->index)) {
            *out_on = other;
            return VERDICT_STOP_ORDER;
        }
    }
    return VERDICT_GO;
}

enum verdict depgraph_check(const struct engine *engine, const struct container *container, const struct container **out_on,
                            enum condition *out_condition, char text[DEPGRAPH_TEXT_MAX])
{
    const struct container *on = NULL;
    enum condition condition = CONDITION_NONE;
    enum verdict verdict = container->desired == ECSENGINE_CONTAINER_STOPPED ? check_stop_order(container, &on)
                                                                             : check_order(engine, container, &on, &condition, text);

    if (out_on != NULL)
        *out_on = on;
    if (out_condition != NULL)
        *out_condition = condition;
    return verdict;
}
