/* SPDX-License-Identifier: Apache-2.0 */
/* Containers that carry this engine's label and that no record knows: of a task whose record was damaged, of a store that was brought back from
 * an older copy, or made by somebody who copied the label. Their own labels say which task they were of; that is enough to stop them, to tell
 * their end and to remove them. So they become a task like any other, whose definition has nothing but their names. It is never charged with
 * anything, and none of its containers is essential: what they were to each other is not known.
 *
 * Those of a lost task are stopped, whatever `foreign-containers` says: the host was told of that task, and is owed its end. */
#include "engine/foreign.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/cleanup.h"
#include "engine/command.h"
#include "engine/container.h"
#include "engine/events.h"
#include "engine/inspect.h"
#include "engine/orphans.h"
#include "engine/poll.h"

/* What a list has shown, made ready before anything of it is done: so that a want of memory leaves all as it was (step.c). */
enum find_kind { FIND_TASK, FIND_ORPHAN, FIND_LEFT_ALONE };

struct find {
    struct list link;
    uint8_t kind;
    struct task *task;
    struct orphan *orphan;
    struct str *name, *arn; /* of one that is left alone */
};

struct gone {
    struct list link;
    struct str *runtime_name;
};

/* One that nobody knows, and where it stands in the list, so that equal ones keep their order. */
struct stranger {
    const struct listed_container *listed;
    size_t at;
};

static void join_gone(struct engine *engine, struct gone *gone, struct str *runtime_name)
{
    gone->runtime_name = str_ref(runtime_name);
    list_append(&engine->gone, &gone->link);
}

void foreign_gone(struct engine *engine, struct str *runtime_name)
{
    if (engine->list_op != NULL && runtime_name != NULL)
        join_gone(engine, mem_sure(engine->mem, sizeof(struct gone)), runtime_name);
}

bool foreign_note_gone(struct engine *engine, struct str *runtime_name)
{
    struct gone *gone = mem_zalloc(engine->mem, sizeof(*gone));

    if (gone != NULL)
        join_gone(engine, gone, runtime_name);
    return gone != NULL;
}

const struct str *foreign_name_of_gone(const struct list *node) { return container_of(node, const struct gone, link)->runtime_name; }

void foreign_forget_gone(struct engine *engine)
{
    struct list *node;

    while ((node = list_shift(&engine->gone)) != NULL) {
        struct gone *gone = container_of(node, struct gone, link);
        str_unref(gone->runtime_name);
        mem_free(engine->mem, gone);
    }
}

static bool is_gone(const struct engine *engine, const char *runtime_name)
{
    for (const struct list *node = engine->gone.next; node != &engine->gone; node = node->next)
        if (strcmp(container_of(node, const struct gone, link)->runtime_name->data, runtime_name) == 0)
            return true;
    return false;
}

static bool is_stranger(const struct engine *engine, const struct listed_container *listed)
{
    const char *name = str_text(listed->runtime_name);

    return container_lookup(engine, str_text(listed->id)) == NULL && container_lookup(engine, name) == NULL && !is_gone(engine, name) &&
           !orphans_has(engine, name);
}

static int by_task(const void *left, const void *right)
{
    const struct stranger *a = left, *b = right;
    int order = strcmp(str_text(a->listed->arn), str_text(b->listed->arn));

    return order != 0 ? order : a->at < b->at ? -1 : 1;
}

/* ---- a task of them ---- */

static const char *copy(struct definition *definition, const struct str *text)
{
    return arena_strndup(&definition->arena, str_text(text), str_len(text));
}

/* Its name in the task; its own, where it has no label, or another one has the same. */
static const struct str *name_of(const struct stranger *strangers, uint16_t index)
{
    const struct listed_container *listed = strangers[index].listed;

    if (str_len(listed->container_name) == 0)
        return listed->runtime_name;
    for (uint16_t i = 0; i < index; i++)
        if (strcmp(str_text(strangers[i].listed->container_name), listed->container_name->data) == 0)
            return listed->runtime_name;
    return listed->container_name;
}

/* NULL: no memory. */
static struct definition *define(struct engine *engine, const struct stranger *strangers, uint16_t count)
{
    struct definition *definition = definition_new(engine->mem);

    if (definition == NULL)
        return NULL;
    definition->family = copy(definition, strangers[0].listed->family);
    definition->version = copy(definition, strangers[0].listed->version);
    definition->containers = arena_array(&definition->arena, count, sizeof(*definition->containers));
    bool complete = definition->family != NULL && definition->version != NULL && definition->containers != NULL;
    for (uint16_t i = 0; complete && i < count; i++) {
        struct container_def *def = &definition->containers[i];
        *def = (struct container_def){.name = copy(definition, name_of(strangers, i)), .image = "", .steady = ECSENGINE_CONTAINER_RUNNING,
                                      .config_json = "\"Image\":\"\"", .labels_json = "", .host_config_json = ""};
        definition->container_count++;
        complete = def->name != NULL;
    }
    if (complete && definition_seal(definition) == 0)
        return definition;
    definition_unref(definition);
    return NULL;
}

static const char not_running[] = "StateLostError: no record of the container was left when it was found, and it did not run";

/* What is known of it is that it is there; an inspection says the rest before anything is told or done. */
static bool fill(struct engine *engine, struct container *container, const struct listed_container *listed, bool stops)
{
    container->runtime_id = str_ref(listed->id);
    container->runtime_name = str_len(listed->runtime_name) > 0 ? str_ref(listed->runtime_name) : NULL;
    container->known = ECSENGINE_CONTAINER_CREATED;
    container->desired = stops || !listed->running ? ECSENGINE_CONTAINER_STOPPED : ECSENGINE_CONTAINER_RUNNING; /* none is started */
    container->create_tried = true;
    if (!listed->running)
        container->error = str_new(engine->mem, not_running, sizeof(not_running) - 1);
    return listed->running || container->error != NULL;
}

/* One task of them, which is not the engine's yet. NULL: no memory. */
static struct task *make_task(struct engine *engine, const struct stranger *strangers, uint16_t count, bool stops)
{
    struct definition *definition = define(engine, strangers, count);
    struct task *task = definition != NULL ? task_new(engine->mem, strangers[0].listed->arn, definition, NULL) : NULL;
    bool runs = false, complete = task != NULL;

    definition_unref(definition);
    for (uint16_t i = 0; complete && i < count; i++) {
        complete = fill(engine, &task->containers[i], strangers[i].listed, stops);
        runs = runs || strangers[i].listed->running;
    }
    if (!complete) {
        task_free(task);
        return NULL;
    }
    task->desired = stops || !runs ? ECSENGINE_TASK_STOPPED : ECSENGINE_TASK_RUNNING;
    task->admitted = true;
    task->restored = true; /* it moves when others do */
    return task;
}

/* ---- what becomes of whom: made ready ---- */

static struct find *add_find(struct engine *engine, enum find_kind kind)
{
    struct find *find = mem_zalloc(engine->mem, sizeof(*find));

    if (find != NULL) {
        find->kind = (uint8_t)kind;
        list_append(&engine->found, &find->link);
    }
    return find;
}

static bool find_task(struct engine *engine, const struct stranger *strangers, uint16_t count, bool stops)
{
    struct find *find = add_find(engine, FIND_TASK);

    if (find != NULL)
        find->task = make_task(engine, strangers, count, stops);
    return find != NULL && find->task != NULL;
}

/* It can't be made part of any task: there is none, or that one has its own. */
static bool find_orphan(struct engine *engine, const struct listed_container *listed)
{
    if (str_len(listed->runtime_name) == 0)
        return true; /* whatever that is */
    struct find *find = add_find(engine, FIND_ORPHAN);
    if (find != NULL)
        find->orphan = orphans_make(engine, listed->runtime_name->data);
    return find != NULL && find->orphan != NULL;
}

static bool leave(struct engine *engine, const struct listed_container *listed)
{
    if (!engine->look)
        return true; /* it was said when the runtime came */
    struct find *find = add_find(engine, FIND_LEFT_ALONE);
    if (find == NULL)
        return false;
    find->name = str_ref(listed->runtime_name);
    find->arn = str_ref(listed->arn);
    return true;
}

static struct task *lost_of(const struct engine *engine, const char *arn)
{
    struct task *known = engine_find_task(engine, arn);

    return known != NULL && known->phase == TASK_LOST && known->known != ECSENGINE_TASK_STOPPED ? known : NULL;
}

/* All of one task, or all of no task. */
static bool deal_with(struct engine *engine, const struct stranger *strangers, size_t count)
{
    const char *arn = str_text(strangers[0].listed->arn);
    bool known = arn[0] != '\0' && engine_find_task(engine, arn) != NULL, lost = lost_of(engine, arn) != NULL;
    bool ignores = engine->settings.foreign == FOREIGN_IGNORE && !lost;
    bool taken_up = !ignores && arn[0] != '\0' && (!known || lost);
    bool removes = !ignores && (known || engine->settings.foreign == FOREIGN_STOP);
    size_t from = taken_up ? (count < LIMIT_CONTAINERS ? count : LIMIT_CONTAINERS) : 0;
    bool done = !taken_up || find_task(engine, strangers, (uint16_t)from, lost || engine->settings.foreign == FOREIGN_STOP);

    for (size_t i = from; done && i < count; i++)
        done = taken_up || removes ? find_orphan(engine, strangers[i].listed) : leave(engine, strangers[i].listed);
    return done;
}

static bool find_all(struct engine *engine, const struct ecsengine_result *list)
{
    size_t count = 0, from = 0;
    bool done = true;

    for (size_t i = 0; i < list->container_count; i++)
        count += is_stranger(engine, &list->containers[i]);
    if (count == 0)
        return true;
    struct stranger *strangers = mem_array(engine->mem, count, sizeof(*strangers));
    if (strangers == NULL)
        return false;
    for (size_t i = 0, at = 0; at < count; i++)
        if (is_stranger(engine, &list->containers[i]))
            strangers[at++] = (struct stranger){.listed = &list->containers[i], .at = i};
    qsort(strangers, count, sizeof(*strangers), by_task);
    for (size_t to = 1; done && from < count; to++) {
        if (to < count && strcmp(str_text(strangers[to].listed->arn), str_text(strangers[from].listed->arn)) == 0)
            continue;
        done = deal_with(engine, &strangers[from], to - from);
        from = to;
    }
    mem_free(engine->mem, strangers);
    return done;
}

/* Room in the tables for what was found, and memory to tell the end of the lost tasks. */
static bool make_room(struct engine *engine)
{
    enum { LOST_BYTES = 4096 };
    size_t tasks = 0, containers = 0, lost = 0;

    for (const struct list *node = engine->found.next; node != &engine->found; node = node->next) {
        const struct find *find = container_of(node, const struct find, link);
        tasks += find->task != NULL;
        containers += find->task != NULL ? find->task->container_count : 0;
    }
    for (const struct list *node = engine->all.next; node != &engine->all; node = node->next)
        lost += container_of(node, const struct task, all)->phase == TASK_LOST;
    return command_make_rooms(engine, tasks, containers) == 0 && engine_reserve_more(engine, NULL, lost * LOST_BYTES) == 0;
}

void foreign_forget_found(struct engine *engine)
{
    struct list *node;

    while ((node = list_shift(&engine->found)) != NULL) {
        struct find *find = container_of(node, struct find, link);
        task_free(find->task);
        orphans_discard(engine, find->orphan);
        str_unref(find->name);
        str_unref(find->arn);
        mem_free(engine->mem, find);
    }
}

int foreign_prepare(struct engine *engine, const struct ecsengine_result *list)
{
    bool listed = list != NULL && list->failure == ECSENGINE_FAILURE_NONE;

    foreign_forget_found(engine);
    if ((!listed || find_all(engine, list)) && make_room(engine))
        return 0;
    foreign_forget_found(engine);
    return ECSENGINE_ENOMEM;
}

/* ---- and done ---- */

static void take_up(struct engine *engine, struct task *task)
{
    struct task *lost = lost_of(engine, str_text(task->arn));

    engine_log(engine, ECSENGINE_LOG_WARNING, MESSAGE_FOREIGN, "%s has %u containers that no record knows; it is %s", str_text(task->arn),
               (unsigned)task->container_count, task->desired == ECSENGINE_TASK_STOPPED ? "stopped" : "taken up");
    if (lost != NULL) {
        task->reason = str_ref(lost->reason);
        cleanup_forget(engine, lost);
    }
    task->number = ++engine->next_number;
    command_insert(engine, task);
    for (uint16_t i = 0; i < task->container_count; i++)
        inspect_want(engine, &task->containers[i], INSPECT_VERIFY);
    poll_wake(engine);
}

static void do_it(struct engine *engine, struct find *find)
{
    const char *name = str_text(find->name);

    switch (find->kind) {
    case FIND_TASK:
        take_up(engine, find->task);
        find->task = NULL;
        return;
    case FIND_ORPHAN:
        engine_log(engine, ECSENGINE_LOG_WARNING, MESSAGE_FOREIGN, "container %s, which no record knows, is removed",
                   str_text(find->orphan->runtime_name));
        orphans_join(engine, find->orphan);
        find->orphan = NULL;
        return;
    default:
        engine_log(engine, ECSENGINE_LOG_WARNING, MESSAGE_FOREIGN, "container %s (%s), which no record knows, is left alone", name,
                   str_len(find->arn) > 0 ? find->arn->data : "of no task");
    }
}

/* Nothing is left of the lost tasks that are still there: they have ended. */
static void end_lost(struct engine *engine)
{
    for (struct list *node = engine->all.next; node != &engine->all; node = node->next) {
        struct task *task = container_of(node, struct task, all);
        if (task->phase != TASK_LOST || task->known == ECSENGINE_TASK_STOPPED)
            continue;
        task->known = ECSENGINE_TASK_STOPPED;
        task->known_at = engine->wall_ns;
        engine_dirty(engine, task);
        engine_touch(engine, task);
        events_task(engine, task);
    }
}

void foreign_answered(struct engine *engine)
{
    for (struct list *node = engine->found.next; node != &engine->found; node = node->next)
        do_it(engine, container_of(node, struct find, link));
    foreign_forget_found(engine);
    end_lost(engine);
}
