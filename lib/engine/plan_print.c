/* SPDX-License-Identifier: Apache-2.0 */
/* A plan as lines for a person, and as JSON for a program. */
#include "engine/plan.h"

#include <string.h>

#include "engine/depgraph.h"

static const char *const verdicts[] = {"fits", "queues", "never", "unknown", "refused", "known", "full"};
static const char *const phases[] = {"start", "stop", "cleanup"};
static const char *const whys[] = {"previous", "dependency", "resource", "stop-order", "task"};

const char *plan_step_name(uint8_t kind)
{
    static const char *const happenings[] = {"becomes-healthy", "ends", "task-running", "stop-wanted", "task-stopped", "task-removed"};

    return kind >= PLAN_HEALTHY ? happenings[kind - PLAN_HEALTHY] : ecsengine_op_kind_name((enum ecsengine_op_kind)kind);
}

const char *plan_container_name(const struct plan *plan, uint16_t container)
{
    return container != PLAN_NOBODY ? plan->definition->containers[container].name : "";
}

const char *plan_words(const struct plan *plan) { return plan->reason != NULL ? str_text(plan->reason) : plan->admission.data; }

static const char *needed_name(const struct plan_edge *edge)
{
    if (edge->condition != CONDITION_NONE)
        return condition_name((enum condition)edge->condition);
    if (edge->why == PLAN_AFTER_RESOURCE)
        return resource_status_name(edge->needed);
    return edge->needed != 0 ? ecsengine_container_status_name((enum ecsengine_container_status)edge->needed) : "";
}

/* The course depends on it, and the engine has no say in it: that a container becomes healthy or ends, that an image, or a
 * shared volume, is there already. */
static bool plan_assumes(const struct plan_step *step)
{
    return step->kind == PLAN_HEALTHY || step->kind == PLAN_ENDS || step->kind == ECSENGINE_OP_INSPECT_IMAGE ||
           step->kind == ECSENGINE_OP_VOLUME_INSPECT;
}

/* ---- text ---- */

static void say_phase(const struct plan *plan, uint8_t phase, struct buf *out)
{
    char wait[DURATION_TEXT_MAX];

    if (phase == PLAN_START) {
        buf_puts(out, "start:\n");
    } else if (phase == PLAN_STOP && plan->asked) {
        buf_puts(out, "stop, when it is asked for:\n");
    } else if (phase == PLAN_STOP) {
        buf_printf(out, "stop%s%s%s:\n", plan->ended_by != PLAN_NOBODY ? ", since " : "", plan_container_name(plan, plan->ended_by),
                   plan->ended_by != PLAN_NOBODY ? ", which is essential, has ended" : "");
    } else {
        duration_format(plan->cleanup_wait_ns, wait);
        buf_printf(out, "cleanup, %s later:\n", wait);
    }
}

/* What a reader could not guess: the steps of other containers that it comes after. */
static void say_edges(const struct plan *plan, const struct plan_step *step, struct buf *out)
{
    bool said = false;

    for (uint32_t i = 0; i < step->edge_count; i++) {
        const struct plan_edge *edge = &plan->edges[step->edge_first + i];
        const struct plan_step *from = &plan->steps[edge->from];
        if (edge->why == PLAN_AFTER_OWN || edge->why == PLAN_AFTER_TASK)
            continue;
        buf_printf(out, "%s%u (%s%s%s)", said ? ", " : "  after ", (unsigned)edge->from + 1,
                   from->resource != PLAN_NOBODY ? plan->definition->resources[from->resource].name
                                                 : plan_container_name(plan, from->container),
                   edge->why == PLAN_AFTER_STOP_ORDER ? ", which depends on it" : " ",
                   edge->why == PLAN_AFTER_STOP_ORDER ? "" : needed_name(edge));
        said = true;
    }
}

static void say_step(const struct plan *plan, uint32_t index, struct buf *out)
{
    static const char *const happenings[] = {"becomes healthy (assumed)", "ends with 0 (assumed)", "the task is RUNNING",
                                             "the task is stopped",       "the task is STOPPED",   "the task is removed"};
    const struct plan_step *step = &plan->steps[index];

    buf_printf(out, "%4u  ", (unsigned)index + 1);
    if (step->resource != PLAN_NOBODY)
        buf_printf(out, "%s: ", plan->definition->resources[step->resource].name);
    else if (step->container != PLAN_NOBODY)
        buf_printf(out, "%s: ", plan_container_name(plan, step->container));
    buf_puts(out, step->kind >= PLAN_HEALTHY ? happenings[step->kind - PLAN_HEALTHY] : plan_step_name(step->kind));
    if (step->of_image)
        buf_printf(out, " %s", plan->definition->containers[step->container].image);
    if (step->kind == ECSENGINE_OP_INSPECT_IMAGE || step->kind == ECSENGINE_OP_VOLUME_INSPECT)
        buf_puts(out, " (assumed to be there)");
    say_edges(plan, step, out);
    if (step->waits_for_slot)
        buf_puts(out, "  when one of the pulls before it has ended");
    buf_puts(out, "\n");
}

void plan_print_text(const struct plan *plan, struct buf *out)
{
    buf_printf(out, "%s", str_text(plan->arn));
    if (plan->definition == NULL) {
        buf_printf(out, "\nrefused: %s\n", str_text(plan->reason));
        return;
    }
    buf_printf(out, " (%s:%s)\nadmission: %s\n", plan->definition->family, plan->definition->version, plan_words(plan));
    for (uint32_t i = 0; i < plan->step_count; i++) {
        if (i == 0 || plan->steps[i].phase != plan->steps[i - 1].phase)
            say_phase(plan, plan->steps[i].phase, out);
        say_step(plan, i, out);
    }
    if (plan->stuck.len > 0)
        buf_printf(out, "it would not get to RUNNING: %s\n", plan->stuck.data);
    for (uint16_t i = 0; i < plan->definition->container_count; i++)
        if (!plan->outcomes[i].started)
            buf_printf(out, "%s would never start%s%s\n", plan_container_name(plan, i), plan->outcomes[i].error != NULL ? ": " : "",
                       str_text(plan->outcomes[i].error));
}

/* ---- JSON ---- */

static void put_edge(const struct plan *plan, const struct plan_edge *edge, struct buf *out)
{
    const struct plan_step *from = &plan->steps[edge->from];

    json_open(out, NULL, '{');
    json_int(out, "step", (int64_t)edge->from + 1);
    json_text(out, "why", whys[edge->why]);
    if (from->container != PLAN_NOBODY)
        json_text(out, "containerName", plan_container_name(plan, from->container));
    if (edge->condition != CONDITION_NONE)
        json_text(out, "condition", condition_name((enum condition)edge->condition));
    else if (edge->needed != 0)
        json_text(out, "neededStatus", needed_name(edge));
    json_close(out, '}');
}

static void put_step(const struct plan *plan, uint32_t index, struct buf *out)
{
    const struct plan_step *step = &plan->steps[index];

    json_open(out, NULL, '{');
    json_int(out, "id", (int64_t)index + 1);
    json_int(out, "round", step->round);
    json_text(out, "phase", phases[step->phase]);
    json_text(out, "step", plan_step_name(step->kind));
    json_bool(out, "assumed", plan_assumes(step));
    if (step->container != PLAN_NOBODY)
        json_text(out, "containerName", plan_container_name(plan, step->container));
    if (step->resource != PLAN_NOBODY)
        json_text(out, "resource", plan->definition->resources[step->resource].name);
    if (step->of_image)
        json_text(out, "image", plan->definition->containers[step->container].image);
    if (step->waits_for_slot)
        json_bool(out, "waitsForPull", true);
    json_open(out, "after", '[');
    for (uint32_t i = 0; i < step->edge_count; i++)
        put_edge(plan, &plan->edges[step->edge_first + i], out);
    json_close(out, ']');
    json_close(out, '}');
}

static void put_outcome(const struct plan *plan, uint16_t container, struct buf *out)
{
    const struct plan_outcome *outcome = &plan->outcomes[container];

    json_open(out, NULL, '{');
    json_text(out, "containerName", plan_container_name(plan, container));
    json_bool(out, "starts", outcome->started);
    json_text(out, "reason", str_text(outcome->error));
    json_close(out, '}');
}

static void put_course(const struct plan *plan, struct buf *out)
{
    json_text(out, "family", plan->definition->family);
    json_text(out, "version", plan->definition->version);
    json_raw(out, "lacks", plan->lacks.data, plan->lacks.len);
    json_bool(out, "runs", plan->runs);
    if (plan->stuck.len > 0)
        json_text(out, "stuck", plan->stuck.data);
    json_bool(out, "stopIsAsked", plan->asked);
    if (plan->ended_by != PLAN_NOBODY)
        json_text(out, "endedBy", plan_container_name(plan, plan->ended_by));
    json_bool(out, "ends", plan->ends);
    json_text(out, "endReason", str_text(plan->end_reason));
    json_int(out, "cleanupWaitNs", plan->cleanup_wait_ns);
    json_open(out, "steps", '[');
    for (uint32_t i = 0; i < plan->step_count; i++)
        put_step(plan, i, out);
    json_close(out, ']');
    json_open(out, "containers", '[');
    for (uint16_t i = 0; i < plan->definition->container_count; i++)
        put_outcome(plan, i, out);
    json_close(out, ']');
}

void plan_print_json(const struct plan *plan, struct buf *out)
{
    json_open(out, NULL, '{');
    json_text(out, "taskArn", str_text(plan->arn));
    json_text(out, "verdict", verdicts[plan->verdict]);
    json_text(out, "text", plan_words(plan));
    if (plan->definition != NULL)
        put_course(plan, out);
    json_close(out, '}');
}
