/* SPDX-License-Identifier: Apache-2.0 */
/* A plan as a graph in Graphviz's language: a box for each step, one box around those of a container, an arrow from what comes before. */
#include "engine/plan.h"

#include <string.h>

#include "engine/depgraph.h"

/* A quoted string: `"` and `\` are escaped, and what would break the line is a blank. */
static void put_text(const char *text, struct buf *out)
{
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            buf_put(out, "\\", 1);
        buf_put(out, (unsigned char)*text < 0x20 || *text == 0x7f ? " " : text, 1);
    }
}

static void put_node(const struct plan *plan, uint32_t index, struct buf *out)
{
    const struct plan_step *step = &plan->steps[index];
    bool happens = step->kind >= PLAN_HEALTHY;

    buf_printf(out, "%s  s%u [label=\"%s", step->container != PLAN_NOBODY ? "  " : "", (unsigned)index + 1, plan_step_name(step->kind));
    if (step->resource != PLAN_NOBODY) {
        buf_puts(out, "\\n");
        put_text(plan->definition->resources[step->resource].name, out);
    }
    if (step->of_image) {
        buf_puts(out, "\\n");
        put_text(plan->definition->containers[step->container].image, out);
    }
    buf_printf(out, "\"%s];\n", !happens ? "" : step->container != PLAN_NOBODY ? ", style=dashed" : ", shape=ellipse");
}

static void put_edge(const struct plan *plan, uint32_t index, const struct plan_edge *edge, struct buf *out)
{
    buf_printf(out, "  s%u -> s%u", (unsigned)edge->from + 1, (unsigned)index + 1);
    if (edge->condition != CONDITION_NONE)
        buf_printf(out, " [label=\"%s\"]", condition_name((enum condition)edge->condition));
    else if (edge->why == PLAN_AFTER_STOP_ORDER)
        buf_puts(out, " [style=dotted]");
    buf_puts(out, ";\n");
    (void)plan;
}

static void put_container(const struct plan *plan, uint16_t container, struct buf *out)
{
    buf_printf(out, "  subgraph cluster%u {\n    label=\"", (unsigned)container);
    put_text(plan_container_name(plan, container), out);
    buf_puts(out, "\";\n");
    for (uint32_t i = 0; i < plan->step_count; i++)
        if (plan->steps[i].container == container)
            put_node(plan, i, out);
    buf_puts(out, "  }\n");
}

void plan_print_dot(const struct plan *plan, struct buf *out)
{
    buf_puts(out, "digraph plan {\n  rankdir=LR;\n  node [shape=box];\n  label=\"");
    put_text(str_text(plan->arn), out);
    buf_puts(out, "\\n");
    put_text(plan->reason != NULL ? "refused: " : "admission: ", out);
    put_text(plan_words(plan), out);
    buf_puts(out, "\";\n");
    for (uint16_t i = 0; plan->definition != NULL && i < plan->definition->container_count; i++)
        put_container(plan, i, out);
    for (uint32_t i = 0; i < plan->step_count; i++)
        if (plan->steps[i].container == PLAN_NOBODY)
            put_node(plan, i, out);
    for (uint32_t i = 0; i < plan->step_count; i++)
        for (uint32_t k = 0; k < plan->steps[i].edge_count; k++)
            put_edge(plan, i, &plan->edges[plan->steps[i].edge_first + k], out);
    buf_puts(out, "}\n");
}
