/* SPDX-License-Identifier: Apache-2.0 */
/* Orphans. While the task of a late create is there and not swept, its cleanup will remove what was made, by id or by name. After that
 * it is done here: by force, again and again while the runtime is away, and a bounded number of times when it refuses.
 *
 * When the cleanup finds nothing of a create that nobody has answered, the runtime may still be busy with it. Then there is an orphan from
 * that moment on: whoever hears the answer, or is another engine because this one died, knows the name. It is looked for again and again,
 * less and less often, for an hour and a half; then nothing comes any more. An orphan has a record, so that a new engine goes on with it, and with
 * such looks from the beginning. */
#include "engine/orphans.h"

#include <stdio.h>
#include <string.h>

#include "base/prng.h"
#include "engine/container.h"
#include "engine/foreign.h"

enum { REMOVE_TRIES = 5, LOOKS = 8 };

#define REMOVE_LIMIT (5 * NS_PER_MINUTE)

static const struct backoff orphan_backoff = {NS_PER_S, 5 * NS_PER_S, 200, 1300};
static const struct backoff look_backoff = {30 * NS_PER_S, 30 * NS_PER_MINUTE, 200, 2000};

static const struct resource_def *resource_of(const struct orphan *orphan) { return &orphan->definition->resources[orphan->resource_index]; }

static enum ecsengine_op_kind removal_of(const struct orphan *orphan)
{
    if (orphan->definition == NULL)
        return ECSENGINE_OP_REMOVE;
    return resource_of(orphan)->kind == RESOURCE_VOLUME ? ECSENGINE_OP_VOLUME_REMOVE : ECSENGINE_OP_RESOURCE_REMOVE;
}

static void remove_now(struct engine *engine, struct orphan *orphan)
{
    struct ecsengine_op *op = op_emit(engine, removal_of(orphan), NULL, REMOVE_LIMIT);

    op->force = orphan->definition == NULL;
    op->arn = str_ref(orphan->arn);
    op->runtime_name = str_ref(orphan->runtime_name);
    op->runtime_id = str_ref(orphan->runtime_id);
    op->definition = definition_ref(orphan->definition);
    op->of_resource = orphan->definition != NULL;
    op->resource_index = orphan->resource_index;
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
    if (list_linked(&orphan->link))
        map_remove(&engine->orphan_names, &orphan->by_name);
    list_remove(&orphan->link);
    list_remove(&orphan->dirty);
    str_unref(orphan->arn);
    str_unref(orphan->runtime_name);
    str_unref(orphan->runtime_id);
    definition_unref(orphan->definition);
    mem_free(engine->mem, orphan);
}

/* Nothing is left but its record. */
static void end(struct engine *engine, struct orphan *orphan)
{
    heap_remove(&engine->timers, &orphan->retry.node);
    if (orphan->op != NULL)
        op_abandon(engine, orphan->op);
    orphan->op = NULL;
    foreign_gone(engine, orphan->runtime_name);
    orphan->gone = true;
    mark(engine, orphan);
}

/* Whether the task of the create is still there to look after what it made, once its record says that it was answered. Its removal is asked for
 * once; what a create of this life has been sent for is never REMOVED without it. */
static bool has_container(struct engine *engine, const struct ecsengine_op *create)
{
    struct container *container = container_lookup(engine, str_text(create->runtime_name));

    if (container == NULL)
        return false;
    container->unanswered = container->unanswered && !orphans_answers(create->result);
    engine_dirty(engine, container->task);
    if (!container->removing && create->result != NULL)
        container_set_id(engine, container, create->result->container_id);
    return !container->removing;
}

static bool has_resource(struct engine *engine, const struct ecsengine_op *create)
{
    struct task *task = engine_find_task(engine, str_text(create->arn));

    if (task == NULL || create->resource_index >= task->resource_count)
        return false;
    struct resource *resource = &task->resources[create->resource_index];
    if (strcmp(str_text(resource->runtime_name), str_text(create->runtime_name)) != 0)
        return false;
    resource->unanswered = resource->unanswered && !orphans_answers(create->result);
    engine_dirty(engine, task);
    return !resource->removing;
}

bool orphans_answers(const struct ecsengine_result *result)
{
    return result != NULL && result->failure != ECSENGINE_FAILURE_UNREACHABLE && result->failure != ECSENGINE_FAILURE_CANCELLED;
}

/* Has the create made something, or may it have? What a host makes may be there by halves. Where the name is taken it was an earlier life of ours
 * that made it, as late: nobody else knows the name. */
static bool may_exist(const struct ecsengine_op *create)
{
    const struct ecsengine_result *result = create->result;

    if (create->of_resource && create->definition->resources[create->resource_index].shared)
        return false; /* it is to stay */
    if (create->kind == ECSENGINE_OP_RESOURCE_CREATE)
        return result == NULL || result->failure != ECSENGINE_FAILURE_UNSUPPORTED;
    return !orphans_answers(result) || result->container_id != NULL || result->failure == ECSENGINE_FAILURE_NONE ||
           result->failure == ECSENGINE_FAILURE_CONFLICT;
}

static struct orphan *find(const struct engine *engine, const char *runtime_name)
{
    struct map_node *node = map_find(&engine->orphan_names, engine_hash(engine, runtime_name));

    while (node != NULL && strcmp(str_text(container_of(node, struct orphan, by_name)->runtime_name), runtime_name) != 0)
        node = map_find_next(node);
    return node != NULL ? container_of(node, struct orphan, by_name) : NULL;
}

void orphans_list(struct engine *engine, struct orphan *orphan)
{
    list_append(&engine->orphans, &orphan->link);
    map_reserve(&engine->orphan_names, engine->orphan_names.count + 1); /* refused: lookups get slower, no more */
    map_insert(&engine->orphan_names, &orphan->by_name, engine_hash(engine, str_text(orphan->runtime_name)));
}

static struct orphan *add(struct engine *engine, const struct ecsengine_op *op)
{
    struct orphan *orphan = mem_sure(engine->mem, sizeof(*orphan));

    orphan->retry.kind = TIMER_ORPHAN;
    orphan->arn = str_ref(op->arn);
    orphan->runtime_name = str_ref(op->runtime_name);
    if (op->of_resource) {
        orphan->definition = definition_ref(op->definition);
        orphan->resource_index = op->resource_index;
    }
    orphans_list(engine, orphan);
    return orphan;
}

/* Of what the operation is about: the one that there is, even if only its record was left, or a new one. */
static struct orphan *take_on(struct engine *engine, const struct ecsengine_op *op, bool unanswered)
{
    struct orphan *orphan = find(engine, str_text(op->runtime_name));

    if (orphan == NULL)
        orphan = add(engine, op);
    orphan->unanswered = unanswered;
    orphan->gone = false;
    mark(engine, orphan);
    return orphan;
}

static void later(struct engine *engine, struct orphan *orphan, const struct backoff *backoff, uint32_t *attempt, uint64_t op_id)
{
    uint64_t draw = engine_draw(engine, NULL, DRAW_RETRY, op_id);

    heap_insert(&engine->timers, &orphan->retry.node, engine->mono_ns + backoff_delay_ns(backoff, (*attempt)++, draw));
}

/* A host need not say whether there was anything to be taken away. */
static bool found_nothing(const struct ecsengine_op *removal, const struct failure *failure)
{
    return failure->kind == ECSENGINE_FAILURE_NOT_FOUND ||
           (failure->kind == ECSENGINE_FAILURE_NONE && removal->kind == ECSENGINE_OP_RESOURCE_REMOVE);
}

void orphans_await(struct engine *engine, const struct ecsengine_op *removal, const struct failure *failure)
{
    if (!found_nothing(removal, failure))
        return;
    struct orphan *orphan = take_on(engine, removal, true);
    if (orphan->op == NULL && !heap_has(&orphan->retry.node))
        later(engine, orphan, &look_backoff, &orphan->looks, removal->id);
}

void orphans_late_create(struct engine *engine, const struct ecsengine_op *create)
{
    struct str *id = create->result != NULL ? create->result->container_id : NULL;
    struct orphan *orphan = find(engine, str_text(create->runtime_name));
    bool of_task = create->of_resource ? has_resource(engine, create) : has_container(engine, create), exists = may_exist(create);

    if (orphan != NULL && !exists)
        end(engine, orphan);
    if (!exists || (orphan == NULL && of_task))
        return;
    engine_log(engine, ECSENGINE_LOG_WARNING, MESSAGE_LATE_CREATE, "removing %s, which a late create may have made",
               str_text(create->runtime_name));
    orphan = take_on(engine, create, !orphans_answers(create->result));
    if (id != NULL) {
        str_unref(orphan->runtime_id);
        orphan->runtime_id = str_ref(id);
    }
    heap_remove(&engine->timers, &orphan->retry.node);
    if (orphan->op != NULL)
        op_abandon(engine, orphan->op); /* it may have looked before there was anything */
    remove_now(engine, orphan);
}

bool orphans_answer(struct engine *engine, const struct ecsengine_op *op, const struct failure *failure)
{
    struct orphan *orphan = op->runtime_name != NULL ? find(engine, op->runtime_name->data) : NULL;

    if (orphan == NULL || orphan->op != op)
        return false;
    orphan->op = NULL;
    if (orphan->unanswered && found_nothing(op, failure) && orphan->looks < LOOKS) {
        later(engine, orphan, &look_backoff, &orphan->looks, op->id);
        return true;
    }
    bool gone = failure->kind == ECSENGINE_FAILURE_NONE || failure->kind == ECSENGINE_FAILURE_NOT_FOUND;
    if (!gone && failure->kind != ECSENGINE_FAILURE_UNREACHABLE && ++orphan->refusals >= REMOVE_TRIES) {
        engine_log(engine, ECSENGINE_LOG_ERROR, MESSAGE_REMOVE_FAILED, "%s could not be removed: %s",
                   str_text(orphan->runtime_name), failure->text);
        gone = true;
    }
    if (gone)
        end(engine, orphan);
    else
        later(engine, orphan, &orphan_backoff, &orphan->attempt, op->id);
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
    record_number(out, orphan->definition != NULL ? 1 + (uint64_t)orphan->resource_index : 0);
    if (orphan->definition != NULL)
        buf_put(out, orphan->definition->content, orphan->definition->content_len);
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

/* The rest of the record: the definition that says what is to be removed. */
static int take_resource(struct engine *engine, struct record_reader *body, struct orphan *orphan)
{
    uint64_t resource = record_read_number(body, LIMIT_RESOURCES);

    if (body->bad || resource == 0)
        return 0;
    int code = definition_decode(engine->mem, body->at, (size_t)(body->end - body->at), &orphan->definition);
    body->at = body->end;
    if (code == 0 && resource > orphan->definition->resource_count)
        code = ECSENGINE_ECORRUPT;
    orphan->resource_index = (uint16_t)(resource - 1);
    return code;
}

/* Due in the first turn, or the next. */
static void join(struct engine *engine, struct orphan *orphan)
{
    orphans_list(engine, orphan);
    heap_insert(&engine->timers, &orphan->retry.node, engine->mono_ns);
}

bool orphans_has(const struct engine *engine, const char *runtime_name) { return find(engine, runtime_name) != NULL; }

int orphans_restore(struct engine *engine, const char *key, struct record_reader *body)
{
    char own_key[LIMIT_RECORD_KEY];
    bool no_memory = false;
    struct orphan *orphan = mem_zalloc(engine->mem, sizeof(*orphan));

    if (orphan == NULL)
        return ECSENGINE_ENOMEM;
    orphan->retry.kind = TIMER_ORPHAN;
    orphan->saved = true;
    orphan->arn = take(engine, body, LIMIT_ARN, &no_memory);
    orphan->runtime_name = take(engine, body, LIMIT_RUNTIME_NAME, &no_memory);
    orphan->runtime_id = take(engine, body, LIMIT_RUNTIME_ID, &no_memory);
    orphan->unanswered = orphan->runtime_id == NULL;
    int code = take_resource(engine, body, orphan);
    if (no_memory || code < 0 || body->bad || body->at != body->end || orphan->runtime_name == NULL) {
        drop(engine, orphan);
        return no_memory || code == ECSENGINE_ENOMEM ? ECSENGINE_ENOMEM : ECSENGINE_ECORRUPT;
    }
    orphans_key(orphan, own_key);
    bool misplaced = strcmp(own_key, key) != 0, known = orphans_has(engine, orphan->runtime_name->data);
    if (known)
        drop(engine, orphan);
    else if (misplaced)
        mark(engine, orphan);
    if (!known)
        join(engine, orphan);
    return misplaced ? 1 : 0;
}

struct orphan *orphans_make(struct engine *engine, const char *runtime_name)
{
    struct orphan *orphan = mem_zalloc(engine->mem, sizeof(*orphan));
    struct str *name = str_new(engine->mem, runtime_name, strlen(runtime_name));

    if (orphan == NULL || name == NULL) {
        mem_free(engine->mem, orphan);
        str_unref(name);
        return NULL;
    }
    orphan->retry.kind = TIMER_ORPHAN;
    orphan->runtime_name = name;
    return orphan;
}

void orphans_discard(struct engine *engine, struct orphan *orphan)
{
    if (orphan != NULL)
        drop(engine, orphan);
}

void orphans_join(struct engine *engine, struct orphan *orphan)
{
    mark(engine, orphan);
    join(engine, orphan);
}

int orphans_adopt(struct engine *engine, const char *runtime_name)
{
    if (orphans_has(engine, runtime_name))
        return 0;
    struct orphan *orphan = orphans_make(engine, runtime_name);
    if (orphan == NULL)
        return ECSENGINE_ENOMEM;
    orphan->unanswered = true; /* for all that is known */
    orphans_join(engine, orphan);
    return 0;
}
