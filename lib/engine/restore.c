/* SPDX-License-Identifier: Apache-2.0 */
/* Restore. Records come in any order; they are checked and kept, and when all are there definitions come first, then tasks, in the order
 * in which they were admitted. Nothing is believed about containers: each that may exist is looked at before it moves. What was told but
 * not acknowledged is told again.
 *
 * A record says itself what it is, and its checksum is its own; so one that stands under the key of another is taken for what it says,
 * unless that stands in its place already. What can't be read is set aside (aside.c), and the rest goes on. */
#include "engine/restore.h"

#include <stdio.h>
#include <string.h>

#include "base/sort.h"
#include "engine/accounting.h"
#include "engine/aside.h"
#include "engine/command.h"
#include "engine/definitions.h"
#include "engine/events.h"
#include "engine/orphans.h"
#include "engine/task.h"
#include "model/record.h"

static const char why_unreadable[] = "it can not be read";
static const char why_misplaced[] = "it is another record than its key says";
static const char why_undefined[] = "the definition of its task is missing";
static const char why_unused[] = "no task has this definition";

void restore_key_of_task(const struct task *task, char *key)
{
    memcpy(key, "task/", 5);
    memcpy(key + 5, str_text(task->arn), str_len(task->arn) + 1);
}

void restore_key_of_definition(const struct definition *definition, char *key)
{
    snprintf(key, LIMIT_RECORD_KEY, "definition/%016llx", (unsigned long long)definition->hash);
}

static int restore_engine(struct engine *engine, struct record_reader *body)
{
    size_t len;
    const char *text = record_read_text(body, LIMIT_NAME, &len);
    uint64_t number = record_read_number(body, UINT64_MAX);
    int64_t manifest_number = record_read_signed(body);
    uint16_t port_cursor = (uint16_t)record_read_number(body, UINT16_MAX);

    if (body->bad || len == 0)
        return ECSENGINE_ECORRUPT;
    struct str *instance = str_new(engine->mem, text, len);
    if (instance == NULL)
        return ECSENGINE_ENOMEM;
    str_unref(engine->instance);
    engine->instance = instance;
    engine->instance_dirty = false;
    engine->next_number = number;
    engine->manifest_number = manifest_number;
    engine->host.port_cursor = port_cursor;
    return 0;
}

struct kept_record *restore_keep(struct engine *engine, const char *key, const void *value, size_t len)
{
    size_t key_len = strlen(key);
    struct kept_record *kept = mem_alloc(engine->mem, sizeof(*kept) + ASIDE_ROOM + key_len + 1 + len);

    if (kept == NULL)
        return NULL;
    *kept = (struct kept_record){.len = len};
    memcpy(kept->text + ASIDE_ROOM, key, key_len + 1);
    if (len > 0) /* else there may be nothing to copy from */
        memcpy(kept->text + ASIDE_ROOM + key_len + 1, value, len);
    kept->key = kept->text + ASIDE_ROOM;
    kept->value = (const unsigned char *)kept->key + key_len + 1;
    list_append(&engine->restoring, &kept->link);
    return kept;
}

/* What needs no other record is taken at once. Sets `*out_taken` if it also stands in its place. */
static int take_now(struct engine *engine, const char *key, char kind, const struct record_reader *body, bool *out_taken)
{
    struct record_reader own = *body;
    int code = 0;

    *out_taken = false;
    if (kind == 'e' && strcmp(key, RESTORE_KEY_OF_ENGINE) == 0)
        code = restore_engine(engine, &own);
    else if (kind == 'o')
        code = orphans_restore(engine, key, &own);
    else if (kind == 'e' || kind == 'd' || kind == 't')
        return 0;
    else
        return ECSENGINE_ECORRUPT;
    *out_taken = code == 0;
    return code;
}

int restore_record(struct engine *engine, const char *key, const void *value, size_t len)
{
    struct record_reader body;
    bool taken = false;
    char kind;

    if (aside_key(key))
        return 0; /* an earlier life has told of it */
    engine->has_past = true;
    int code = record_open(value, len, &kind, &body);
    if (code == 0)
        code = take_now(engine, key, kind, &body, &taken);
    if (code == ECSENGINE_EUNSUPPORTED || code == ECSENGINE_ENOMEM || taken)
        return code;
    struct kept_record *kept = restore_keep(engine, key, value, len);
    if (kept == NULL)
        return ECSENGINE_ENOMEM;
    kept->kind = code >= 0 ? kind : '\0';
    kept->why = code < 0 ? why_unreadable : code > 0 ? why_misplaced : NULL;
    return code < 0 ? code : 0;
}

/* What was made of it. */
static void empty(struct engine *engine, struct kept_record *kept)
{
    if (kept->definition != NULL)
        map_remove(&engine->restored_definitions, &kept->by_hash);
    definition_unref(kept->definition);
    task_free(kept->task);
    kept->definition = NULL;
    kept->task = NULL;
}

static void drop(struct engine *engine, struct kept_record *kept)
{
    list_remove(&kept->link);
    empty(engine, kept);
    mem_free(engine->mem, kept);
}

void restore_forget(struct engine *engine)
{
    while (!list_empty(&engine->restoring))
        drop(engine, container_of(engine->restoring.next, struct kept_record, link));
    map_free(&engine->restored_definitions);
}

/* Looks definitions up, and remembers that one was not there. */
struct finder {
    struct engine *engine;
    bool missed;
};

static struct definition *find_definition(void *context, uint64_t hash)
{
    struct finder *finder = context;
    struct map_node *node = map_find(&finder->engine->restored_definitions, hash);

    finder->missed = node == NULL;
    return node != NULL ? container_of(node, struct kept_record, by_hash)->definition : NULL;
}

static int decode_definition(struct engine *engine, struct kept_record *kept, const struct record_reader *body)
{
    char key[LIMIT_RECORD_KEY];

    if (map_reserve(&engine->restored_definitions, engine->restored_definitions.count + 1) < 0)
        return ECSENGINE_ENOMEM;
    int code = definition_decode(engine->mem, body->at, (size_t)(body->end - body->at), &kept->definition);
    if (code < 0) {
        kept->why = why_unreadable;
        return code;
    }
    map_insert(&engine->restored_definitions, &kept->by_hash, kept->definition->hash);
    restore_key_of_definition(kept->definition, key);
    if (strcmp(kept->key, key) != 0)
        kept->why = why_misplaced;
    else
        kept->definition->saved_batch = SAVED_BEFORE;
    return 0;
}

static bool is_own_key(const struct kept_record *kept)
{
    static const char prefix[] = "task/";

    return strncmp(kept->key, prefix, sizeof(prefix) - 1) == 0 && strcmp(kept->key + sizeof(prefix) - 1, str_text(kept->task->arn)) == 0;
}

static int decode_task(struct engine *engine, struct kept_record *kept, struct record_reader *body)
{
    struct finder finder = {.engine = engine};
    int code = record_get_task(body, engine->mem, find_definition, &finder, &kept->task);

    if (code < 0)
        kept->why = finder.missed ? why_undefined : why_unreadable;
    else if (!is_own_key(kept))
        kept->why = why_misplaced;
    return code;
}

/* Decodes the kept records of one kind. ENOMEM keeps all. */
static int decode(struct engine *engine, char kind)
{
    for (struct list *node = engine->restoring.next; node != &engine->restoring; node = node->next) {
        struct kept_record *kept = container_of(node, struct kept_record, link);
        struct record_reader body;
        char found;
        if (kept->kind != kind || kept->task != NULL || kept->definition != NULL || kept->why != NULL)
            continue;
        record_open(kept->value, kept->len, &found, &body); /* it was opened before it was kept */
        int code = kind == 'd' ? decode_definition(engine, kept, &body) : decode_task(engine, kept, &body);
        if (code == ECSENGINE_ENOMEM) {
            kept->why = NULL;
            return code;
        }
    }
    return 0;
}

static void tell_again(struct engine *engine, struct task *task)
{
    for (uint16_t i = 0; i < task->container_count; i++) {
        task->containers[i].emitted = task->containers[i].sent;
        for (uint16_t j = 0; j < agent_count(&task->containers[i]); j++)
            if (task->containers[i].agents[j].sent != task->containers[i].agents[j].status)
                events_agent(engine, &task->containers[i].agents[j]);
        events_container(engine, &task->containers[i]);
    }
    task->emitted = task->sent;
    events_task(engine, task);
    if (task->phase == TASK_REMOVED)
        events_task_removed(engine, task);
}

/* A task that runs keeps what it has, whether the host still has so much or not (trap 29); of one of which nothing has begun the host has
 * nothing, and it queues again. */
static void hold(struct engine *engine, struct task *task, bool began)
{
    bool alive = task->phase == TASK_ACTIVE && task->known != ECSENGINE_TASK_STOPPED;

    if (alive && task->charged && (began || task->pull_started_at != 0)) {
        accounting_restore(engine, task);
    } else {
        task_drop_charge(task);
        if (alive && !began)
            task->admitted = false;
    }
    for (uint16_t i = 0; alive && i < task->container_count; i++)
        accounting_note_ports(engine, &task->containers[i]); /* those that the runtime chose are in no charge that was recorded */
}

static void revive(struct engine *engine, struct task *task)
{
    bool began = false;

    command_insert(engine, task);
    task->restored = task->admitted;
    if (engine->next_number < task->number)
        engine->next_number = task->number;
    for (uint16_t i = 0; i < task->container_count; i++) {
        struct container *container = &task->containers[i];
        began = began || container->known != ECSENGINE_CONTAINER_NONE;
        container->create_tried = container->create_tried || task->admitted;
        container->adopting = container->create_tried && container->runtime_id == NULL;
        container->unanswered = container->unanswered || (container->adopting && container->known < ECSENGINE_CONTAINER_CREATED);
    }
    for (uint16_t i = 0; i < task->resource_count; i++)
        if (task->resources[i].known == RESOURCE_NONE && !resource_def(&task->resources[i])->shared)
            task->resources[i].tried = task->resources[i].unanswered = true; /* its create may have gone out after the record was written */
    hold(engine, task, began);
    tell_again(engine, task);
}

/* Whether the record is what would be written now. What another version has written, or what was changed by coming to life, is written again, and
 * so is a task whose definition stands under a wrong key. There is room for as many bytes as the record has. */
static bool is_as_written(const struct task *task, const struct kept_record *kept, struct buf *scratch)
{
    if (task->definition != NULL && task->definition->saved_batch == 0)
        return false;
    size_t start = record_begin(scratch, 't');
    record_put_task(scratch, task);
    record_end(scratch, start);
    return scratch->failed == 0 && scratch->len == kept->len && memcmp(scratch->data, kept->value, kept->len) == 0;
}

/* Makes a task of it, unless there is one already. What its record says is durable, under its own key: no create needs to wait, and nothing is
 * written that did not change. */
static int take_task(struct engine *engine, struct kept_record *kept, struct buf *scratch)
{
    if (engine_reserve(engine, kept->task) < 0 || command_make_room(engine, kept->task) < 0)
        return ECSENGINE_ENOMEM;
    if (kept->why == NULL) {
        buf_clear(scratch);
        scratch->max = kept->len;
        if (buf_room(scratch, kept->len) == NULL)
            return ECSENGINE_ENOMEM;
    }
    struct task *task = kept->task;
    if (engine_find_task(engine, str_text(task->arn)) != NULL)
        return 0;
    kept->task = NULL;
    revive(engine, task);
    if (kept->why != NULL)
        return 0;
    task->saved_batch = SAVED_BEFORE;
    if (is_as_written(task, kept, scratch))
        list_remove(&task->dirty);
    return 0;
}

/* Tasks under their own keys, which are to be taken first. */
static bool is_placed_task(const struct kept_record *kept) { return kept->task != NULL && kept->why == NULL; }

static size_t count_tasks(const struct engine *engine)
{
    size_t count = 0;

    for (const struct list *node = engine->restoring.next; node != &engine->restoring; node = node->next)
        count += is_placed_task(container_of(node, const struct kept_record, link));
    return count;
}

/* In the order of admission. */
static int take_tasks(struct engine *engine)
{
    size_t count = count_tasks(engine), filled = 0;
    struct buf scratch;
    int code = map_reserve(&engine->tasks, engine->tasks.count + count); /* so that it need not grow step by step */

    if (code < 0 || count == 0)
        return code < 0 ? ECSENGINE_ENOMEM : 0;
    struct sort_item *items = mem_alloc(engine->mem, 2 * count * sizeof(*items));
    if (items == NULL)
        return ECSENGINE_ENOMEM;
    for (struct list *node = engine->restoring.next; node != &engine->restoring; node = node->next) {
        struct kept_record *kept = container_of(node, struct kept_record, link);
        if (is_placed_task(kept))
            items[filled++] = (struct sort_item){kept->task->number, kept};
    }
    sort_by_key(items, items + count, count);
    buf_init(&scratch, engine->mem, 0);
    for (size_t i = 0; code == 0 && i < count; i++) {
        code = take_task(engine, items[i].item, &scratch);
        if (code == 0)
            drop(engine, items[i].item);
    }
    buf_free(&scratch);
    mem_free(engine->mem, items);
    return code;
}

/* What is good, but stands under another key than its own; it will be written under its own. */
static int take_misplaced(struct engine *engine, struct kept_record *kept)
{
    struct record_reader body;
    char found;

    if (kept->task != NULL)
        return take_task(engine, kept, NULL); /* it is written anyway */
    if (kept->kind != 'e')
        return 0;
    kept->why = why_misplaced;
    if (!engine->instance_dirty)
        return 0;
    record_open(kept->value, kept->len, &found, &body);
    int code = restore_engine(engine, &body);
    engine->instance_dirty = true;
    return code == ECSENGINE_ENOMEM ? code : 0;
}

/* Only damage leaves a definition that no task has. */
static void note_unused(const struct engine *engine, struct kept_record *kept)
{
    if (kept->definition != NULL && kept->why == NULL && definitions_find(engine, kept->definition->hash) == NULL)
        kept->why = why_unused;
}

/* What is left are definitions, and what is damaged. */
static int take_rest(struct engine *engine)
{
    int code = 0;

    for (struct list *node = engine->restoring.next; code == 0 && node != &engine->restoring; node = node->next)
        code = take_misplaced(engine, container_of(node, struct kept_record, link));
    while (code == 0 && !list_empty(&engine->restoring)) {
        struct kept_record *kept = container_of(engine->restoring.next, struct kept_record, link);
        note_unused(engine, kept);
        if (kept->why == NULL) {
            drop(engine, kept);
            continue;
        }
        list_remove(&kept->link);
        code = aside_take(engine, kept);
        if (code < 0)
            list_prepend(&engine->restoring, &kept->link);
        else
            empty(engine, kept);
    }
    return code;
}

int restore_end(struct engine *engine)
{
    int code = decode(engine, 'd');

    if (code == 0)
        code = decode(engine, 't');
    if (code == 0)
        code = take_tasks(engine);
    if (code == 0)
        code = take_rest(engine);
    if (code == 0)
        restore_forget(engine);
    return code;
}
