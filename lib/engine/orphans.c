/* SPDX-License-Identifier: Apache-2.0 */
/* Orphans. While the task of a late create is there and not swept, its cleanup will remove what was made, by id or by name. After that
 * it is done here: by force, again and again while the runtime is away, and a bounded number of times when it refuses. Whether a create
 * whose answer was lost has made anything is not known; that there is nothing of its name is then a good answer. An orphan has a record,
 * so that a new engine goes on with it. */
#include "engine/orphans.h"

#include <stdio.h>

#include "base/prng.h"
#include "engine/container.h"

enum { REMOVE_TRIES = 5 };

#define REMOVE_LIMIT (5 * NS_PER_MINUTE)

static const struct backoff orphan_backoff = {NS_PER_S, 5 * NS_PER_S, 200, 1300};

static void remove_now(struct engine *engine, struct orphan *orphan)
{
    struct ecsengine_op *op = op_emit(engine, ECSENGINE_OP_REMOVE, NULL, REMOVE_LIMIT);

    op->force = true;
    op->arn = str_ref(orphan->arn);
    op->runtime_name = str_ref(orphan->runtime_name);
    op->runtime_id = str_ref(orphan->runtime_id);
    orphan->op = op;
}

static void mark(struct engine *engine, struct orphan *orphan)
{
    if (!list_linked(&orphan->dirty))
        list_append(&engine->dirty_orphans, &orphan->dirty);
}

static void drop(struct engine *engine, struct orphan *orphan)
{
    heap_remove(&engine->timers, &orphan->retry.node);
    list_remove(&orphan->link);
    list_remove(&orphan->dirty);
    str_unref(orphan->arn);
    str_unref(orphan->runtime_name);
    str_unref(orphan->runtime_id);
    mem_free(engine->mem, orphan);
}

/* The container that the create was for, if its task still looks after it. */
static struct container *owner(struct engine *engine, const struct ecsengine_op *create)
{
    struct container *container = container_lookup(engine, str_text(create->runtime_name));

    return container != NULL && !container->removing && !container->removed ? container : NULL;
}

/* Has the create made something, or may it have? */
static bool may_exist(const struct ecsengine_result *result)
{
    return result == NULL || result->container_id != NULL || result->failure == ECSENGINE_FAILURE_NONE ||
           result->failure == ECSENGINE_FAILURE_UNREACHABLE || result->failure == ECSENGINE_FAILURE_CANCELLED;
}

void orphans_late_create(struct engine *engine, const struct ecsengine_op *create)
{
    struct str *id = create->result != NULL ? create->result->container_id : NULL;
    struct container *container = owner(engine, create);

    if (!may_exist(create->result))
        return;
    if (container != NULL) {
        container_set_id(engine, container, id);
        return;
    }
    engine_log(engine, ECSENGINE_LOG_WARNING, MESSAGE_LATE_CREATE, "removing container %s, which a late create may have made",
               str_text(create->runtime_name));
    struct orphan *orphan = mem_sure(engine->mem, sizeof(*orphan));
    orphan->retry.kind = TIMER_ORPHAN;
    orphan->arn = str_ref(create->arn);
    orphan->runtime_name = str_ref(create->runtime_name);
    orphan->runtime_id = str_ref(id);
    list_append(&engine->orphans, &orphan->link);
    mark(engine, orphan);
    remove_now(engine, orphan);
}

bool orphans_answer(struct engine *engine, const struct ecsengine_op *op, const struct failure *failure)
{
    struct orphan *orphan = NULL;

    for (struct list *node = engine->orphans.next; node != &engine->orphans && orphan == NULL; node = node->next)
        if (container_of(node, struct orphan, link)->op == op)
            orphan = container_of(node, struct orphan, link);
    if (orphan == NULL)
        return false;
    orphan->op = NULL;
    bool gone = failure->kind == ECSENGINE_FAILURE_NONE || failure->kind == ECSENGINE_FAILURE_NOT_FOUND;
    if (!gone && failure->kind != ECSENGINE_FAILURE_UNREACHABLE && ++orphan->refusals >= REMOVE_TRIES) {
        engine_log(engine, ECSENGINE_LOG_ERROR, MESSAGE_REMOVE_FAILED, "container %s could not be removed: %s",
                   str_text(orphan->runtime_name), failure->text);
        gone = true;
    }
    if (gone) {
        orphan->gone = true;
        mark(engine, orphan);
        return true;
    }
    uint64_t draw = engine_draw(engine, NULL, DRAW_RETRY, op->id);
    heap_insert(&engine->timers, &orphan->retry.node,
                engine->mono_ns + backoff_delay_ns(&orphan_backoff, orphan->attempt++, draw));
    return true;
}

void orphans_retry(struct engine *engine, struct timer *timer) { remove_now(engine, container_of(timer, struct orphan, retry)); }

void orphans_forget_all(struct engine *engine)
{
    while (!list_empty(&engine->orphans))
        drop(engine, container_of(engine->orphans.next, struct orphan, link));
}

void orphans_key(const struct orphan *orphan, char *key)
{
    snprintf(key, LIMIT_RECORD_KEY, "orphan/%s", str_text(orphan->runtime_name));
}

void orphans_put(const struct orphan *orphan, struct buf *out)
{
    record_text(out, str_text(orphan->arn), str_len(orphan->arn));
    record_text(out, str_text(orphan->runtime_name), str_len(orphan->runtime_name));
    record_text(out, str_text(orphan->runtime_id), str_len(orphan->runtime_id));
}

void orphans_settle(struct engine *engine)
{
    struct list *node;

    while ((node = list_shift(&engine->dirty_orphans)) != NULL) {
        struct orphan *orphan = container_of(node, struct orphan, dirty);
        orphan->saved = true;
        if (orphan->gone)
            drop(engine, orphan);
    }
}

/* NULL for an empty text, and for want of memory. */
static struct str *take(struct engine *engine, struct record_reader *body, size_t max, bool *no_memory)
{
    size_t len;
    const char *text = record_read_text(body, max, &len);
    struct str *made = len > 0 ? str_new(engine->mem, text, len) : NULL;

    *no_memory = *no_memory || (len > 0 && made == NULL);
    return made;
}

int orphans_restore(struct engine *engine, struct record_reader *body)
{
    bool no_memory = false;
    struct orphan *orphan = mem_zalloc(engine->mem, sizeof(*orphan));

    if (orphan == NULL)
        return ECSENGINE_ENOMEM;
    orphan->retry.kind = TIMER_ORPHAN;
    orphan->saved = true;
    orphan->arn = take(engine, body, LIMIT_ARN, &no_memory);
    orphan->runtime_name = take(engine, body, LIMIT_RUNTIME_NAME, &no_memory);
    orphan->runtime_id = take(engine, body, LIMIT_RUNTIME_ID, &no_memory);
    if (no_memory || body->bad || body->at != body->end || orphan->runtime_name == NULL) {
        drop(engine, orphan);
        return no_memory ? ECSENGINE_ENOMEM : ECSENGINE_ECORRUPT;
    }
    list_append(&engine->orphans, &orphan->link);
    heap_insert(&engine->timers, &orphan->retry.node, 0); /* due in the first turn */
    return 0;
}
