/* SPDX-License-Identifier: Apache-2.0 */
/* Damaged records. Nothing of them is thrown away, and nothing waits for them: the next batch writes their bytes under a key that no engine
 * looks at again, and deletes their own, so that a store has to know nothing of it and both happen or neither. The host is told of each.
 *
 * What a record was about is in its key. A task whose record can't be read is told as STOPPED, since nobody else ever would; of an orphan
 * the name is all that is needed to remove it. */
#include "engine/aside.h"

#include <stdio.h>
#include <string.h>

#include "base/prng.h"
#include "engine/command.h"
#include "engine/container.h"
#include "engine/events.h"
#include "engine/orphans.h"

#define TASK_PREFIX "task/"
#define ORPHAN_PREFIX "orphan/"

static const char lost_reason[] = "StateLostError: the saved state of the task was damaged";

bool aside_key(const char *key) { return strncmp(key, ASIDE_PREFIX, sizeof(ASIDE_PREFIX) - 1) == 0; }

/* The rest of a key that begins so, if it can be a name of at most so many bytes; else NULL. */
static const char *name_in(const char *key, const char *prefix, size_t max)
{
    size_t skip = strlen(prefix), len = strlen(key);
    bool fits = strncmp(key, prefix, skip) == 0 && len > skip && len - skip <= max;

    return fits && utf8_valid(key + skip, len - skip) ? key + skip : NULL;
}

/* The task of a record that is lost. What is left of it will be stopped (foreign.c); then that is told, until it is acknowledged. */
static int lose_task(struct engine *engine, const char *arn)
{
    if (arn == NULL || engine_find_task(engine, arn) != NULL)
        return 0; /* it is in another record */
    struct str *name = str_new(engine->mem, arn, strlen(arn)), *reason = str_new(engine->mem, lost_reason, sizeof(lost_reason) - 1);
    struct task *task = name != NULL && reason != NULL ? task_new(engine->mem, name, NULL, reason) : NULL;
    str_unref(name);
    str_unref(reason);
    if (task == NULL || command_make_room(engine, task) < 0) {
        task_free(task);
        return ECSENGINE_ENOMEM;
    }
    task->number = ++engine->next_number;
    task->phase = TASK_LOST;
    task->desired = ECSENGINE_TASK_STOPPED;
    command_insert(engine, task);
    return 0;
}

void aside_join(struct engine *engine, struct kept_record *kept)
{
    char digits[16 + 2];

    snprintf(digits, sizeof(digits), "%016llx/", (unsigned long long)hash64(0, kept->value, kept->len));
    memcpy(kept->text, ASIDE_PREFIX, sizeof(ASIDE_PREFIX) - 1);
    memcpy(kept->text + sizeof(ASIDE_PREFIX) - 1, digits, sizeof(digits) - 1);
    list_append(&engine->asides, &kept->link);
}

int aside_take(struct engine *engine, struct kept_record *kept)
{
    const char *arn = name_in(kept->key, TASK_PREFIX, LIMIT_ARN);
    const char *name = name_in(kept->key, ORPHAN_PREFIX, LIMIT_RUNTIME_NAME);

    if (engine_reserve(engine, NULL) < 0)
        return ECSENGINE_ENOMEM;
    bool lost_orphan = name != NULL && container_lookup(engine, name) == NULL;
    if (lose_task(engine, arn) < 0 || (lost_orphan && orphans_adopt(engine, name) < 0))
        return ECSENGINE_ENOMEM;
    engine_log(engine, ECSENGINE_LOG_ERROR, MESSAGE_RECORD_DAMAGED, "record `%.300s` is set aside: %s", kept->key, kept->why);
    events_damaged(engine, kept->key, arn, kept->why);
    aside_join(engine, kept);
    return 0;
}

void aside_settle(struct engine *engine)
{
    struct list *node;

    while ((node = list_shift(&engine->asides)) != NULL)
        mem_free(engine->mem, container_of(node, struct kept_record, link));
}
