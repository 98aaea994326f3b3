/* SPDX-License-Identifier: Apache-2.0 */
/* Rules over the whole task: the order of its containers.
 *
 * What `volumesFrom` and `links` mean is added to the dependencies of the document, in this order (task-engine: 4.3); then every
 * dependency must name a container, with a condition that exists and can come true, and none may wait for itself, however far round
 * (4.2). The reference accepts containers one after the other until a pass accepts none; with the desired statuses all alike, as
 * they are before a task starts, that is the same as a graph without cycles, which one pass over its edges can tell. */
#include <string.h>

#include "spec/source.h"

static uint16_t index_of(const struct source_task *task, const struct source_container *container)
{
    return (uint16_t)(container - task->containers);
}

static void add_dependency(struct container_def *out, uint16_t on, uint8_t condition)
{
    struct dependency *dependencies = (struct dependency *)out->dependencies;

    dependencies[out->dependency_count++] = (struct dependency){.on = on, .condition = condition};
}

/* Arrays as long as they can get: some dependencies of a task that shall stop are left out. */
static void make_room(struct reader *reader, const struct source_container *container, struct container_def *out)
{
    size_t links = container->links != NULL ? container->links->count : 0;
    size_t dependencies = container->dependency_count + container->volumes_from_count + links;
    size_t run_dependencies = container->run_dependencies != NULL ? container->run_dependencies->count : 0;

    if (reader_failed(reader))
        return;
    out->dependencies = arena_array(reader->kept, dependencies, sizeof(struct dependency));
    out->run_dependencies = arena_array(reader->kept, run_dependencies, sizeof(uint16_t));
    out->links = arena_array(reader->kept, links, sizeof(struct link));
    out->volumes_from = arena_array(reader->kept, container->volumes_from_count, sizeof(struct volumes_from));
    if (out->dependencies == NULL || out->run_dependencies == NULL || out->links == NULL || out->volumes_from == NULL)
        reader_nomem(reader);
}

/* 4.2's rule for one dependency by itself. */
static bool can_come_true(const struct source_container *on, uint8_t condition)
{
    return on != NULL && condition != CONDITION_NONE && (condition != CONDITION_HEALTHY || on->health_check);
}

/* Dependencies of the document. One that can't come true refuses the task, unless it shall stop anyway. Then those that name a container
 * still say in which order the containers end, whatever their condition (4.4); the others are left out. */
static bool add_own(const struct source_task *task, const struct source_container *container, struct container_def *out)
{
    bool all = true;

    for (size_t i = 0; i < container->dependency_count; i++) {
        const struct source_dependency *dependency = &container->dependencies[i];
        const struct source_container *on = source_find(task, dependency->name, strlen(dependency->name));
        if (!can_come_true(on, dependency->condition))
            all = false;
        if (on != NULL && dependency->condition != CONDITION_NONE)
            add_dependency(out, index_of(task, on), dependency->condition);
    }
    return all;
}

/* RunDependencies: like a START that also holds manifests back. A task that shall only be created never has the other in its steady
 * state (4.2). */
static bool add_run_dependencies(struct reader *reader, const struct source_task *task, const struct source_container *container,
                                 struct container_def *out)
{
    uint16_t *made = (uint16_t *)out->run_dependencies;
    bool all = true;

    READER_EACH(reader, name, container->run_dependencies)
    {
        const struct source_container *on = source_find(task, name->text, name->count);
        if (on != NULL && task->desired != ECSENGINE_TASK_CREATED)
            made[out->run_dependency_count++] = index_of(task, on);
        else
            all = false;
    }
    return all;
}

void resource_refusal(struct reader *reader, const struct source_task *task, const char *cause, const char *name)
{
    reader_refuse(reader, "resource cannot be initialized for task %s: %s%s", task->arn, cause, name);
}

static void add_volumes_from(struct reader *reader, const struct source_task *task, const struct source_container *container,
                             struct container_def *out)
{
    struct volumes_from *made = (struct volumes_from *)out->volumes_from;

    for (size_t i = 0; i < container->volumes_from_count && !reader_failed(reader); i++) {
        const struct source_volumes_from *from = &container->volumes_from[i];
        const struct source_container *source = source_find(task, from->name, strlen(from->name));
        if (source == NULL) {
            resource_refusal(reader, task, "could not find volume source container with name ", from->name);
            return;
        }
        made[out->volumes_from_count++] = (struct volumes_from){.source = index_of(task, source), .read_only = from->read_only};
        add_dependency(out, index_of(task, source), CONDITION_CREATE);
    }
}

/* `name` or `name:alias`. */
static void add_link(struct reader *reader, const struct source_task *task, const char *text, struct container_def *out)
{
    const char *colon = strchr(text, ':');
    size_t len = colon != NULL ? (size_t)(colon - text) : strlen(text);

    if (colon != NULL && (colon[1] == '\0' || strchr(colon + 1, ':') != NULL)) {
        resource_refusal(reader, task, "invalid link format", "");
        return;
    }
    const struct source_container *target = source_find(task, text, len);
    if (target == NULL) {
        resource_refusal(reader, task, "could not find container for link ", text);
        return;
    }
    struct link *made = (struct link *)out->links;
    made[out->link_count++] = (struct link){
        .target = index_of(task, target),
        .alias = reader_keep(reader, colon != NULL ? colon + 1 : text),
    };
    add_dependency(out, index_of(task, target), CONDITION_START);
}

/* What a container depends on in one way or the other; `edge` counts through both lists. */
static size_t edge_count(const struct container_def *def) { return (size_t)def->dependency_count + def->run_dependency_count; }

static uint16_t edge_on(const struct container_def *def, size_t edge)
{
    return edge < def->dependency_count ? def->dependencies[edge].on : def->run_dependencies[edge - def->dependency_count];
}

/* True if the containers can be brought into an order. A container is settled when all it depends on are; what is on a circle,
 * itself included, never is. */
static bool has_order(struct reader *reader, const struct definition *definition)
{
    size_t count = definition->container_count, edges = 0, ready_count = 0;

    for (size_t i = 0; i < count; i++)
        edges += edge_count(&definition->containers[i]);
    size_t *open = reader_scratch(reader, count, sizeof(*open));   /* dependencies that are not settled */
    size_t *end = reader_scratch(reader, count + 1, sizeof(*end)); /* of a container's dependents in the list of all */
    uint16_t *dependents = reader_scratch(reader, edges, sizeof(*dependents));
    uint16_t *ready = reader_scratch(reader, count, sizeof(*ready));
    if (reader_failed(reader))
        return true;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < edge_count(&definition->containers[i]); j++)
            end[edge_on(&definition->containers[i], j) + 1]++;
    for (size_t i = 1; i <= count; i++)
        end[i] += end[i - 1];
    for (size_t i = 0; i < count; i++) {
        open[i] = edge_count(&definition->containers[i]);
        if (open[i] == 0)
            ready[ready_count++] = (uint16_t)i;
        for (size_t j = 0; j < open[i]; j++)
            dependents[end[edge_on(&definition->containers[i], j)]++] = (uint16_t)i;
    }
    for (size_t i = 0; i < ready_count; i++)
        for (size_t j = ready[i] > 0 ? end[ready[i] - 1] : 0; j < end[ready[i]]; j++)
            if (--open[dependents[j]] == 0)
                ready[ready_count++] = dependents[j];
    return ready_count == count;
}

void validate_order(struct reader *reader, const struct source_task *task, struct definition *definition)
{
    bool possible = true;

    for (size_t i = 0; i < task->container_count; i++) {
        make_room(reader, &task->containers[i], &definition->containers[i]);
        if (reader_failed(reader))
            return;
        possible = add_own(task, &task->containers[i], &definition->containers[i]) && possible;
        possible = add_run_dependencies(reader, task, &task->containers[i], &definition->containers[i]) && possible;
    }
    for (size_t i = 0; i < task->container_count; i++)
        add_volumes_from(reader, task, &task->containers[i], &definition->containers[i]);
    for (size_t i = 0; i < task->container_count; i++)
        READER_EACH(reader, link, task->containers[i].links) { add_link(reader, task, link->text, &definition->containers[i]); }
    if (reader_failed(reader) || task->desired == ECSENGINE_TASK_STOPPED)
        return;
    if (!possible || !has_order(reader, definition))
        reader_refuse(reader, "Task dependencies cannot be resolved, taskArn: %s", task->arn);
}
