/* SPDX-License-Identifier: Apache-2.0 */
/* Manifests. A manifest stops nothing by itself: it names candidates, and the control plane is asked once more. Of all manifests and
 * payloads the newest number is kept in the engine's own record, so that an old manifest that comes late, or comes again after a restart,
 * does not count. The id of the message that is awaited is of one life, like the question itself. */
#include "engine/manifest.h"

#include <stdio.h>
#include <string.h>

#include "engine/events.h"
#include "engine/task.h"
#include "model/manifest.h"

enum { COMMAND_BYTES = 8192 };

/* What has ended, or was refused, shall be STOPPED. */
static bool is_candidate(const struct task *task, const struct manifest *manifest)
{
    return task->desired == ECSENGINE_TASK_RUNNING && !manifest_has(manifest, task->arn);
}

static size_t count_candidates(const struct engine *engine, const struct manifest *manifest)
{
    size_t count = 0;

    for (const struct list *node = engine->all.next; node != &engine->all; node = node->next)
        count += is_candidate(container_of(node, struct task, all), manifest);
    return count;
}

static struct stop_candidates *find_candidates(struct engine *engine, const struct manifest *manifest, size_t count)
{
    struct stop_candidates *candidates = mem_sure(engine->mem, sizeof(*candidates) + count * sizeof(candidates->arns[0]));

    candidates->mem = engine->mem;
    candidates->message_id = str_ref(manifest->message_id);
    candidates->cluster_arn = str_ref(manifest->cluster_arn);
    for (struct list *node = engine->all.next; node != &engine->all; node = node->next) {
        struct task *task = container_of(node, struct task, all);
        if (is_candidate(task, manifest))
            candidates->arns[candidates->count++] = str_ref(task->arn);
    }
    return candidates;
}

static void set_number(struct engine *engine, int64_t number)
{
    engine->manifest_number = number;
    engine->instance_dirty = true;
}

int manifest_compare(struct engine *engine, struct command *command)
{
    const struct manifest *manifest = command->manifest;
    char text[160];

    if (manifest->timeline <= engine->manifest_number) {
        snprintf(text, sizeof(text), "the manifest is discarded: its timeline %lld is not above %lld, the newest number known",
                 (long long)manifest->timeline, (long long)engine->manifest_number);
        events_command(engine, command, ECSENGINE_EALREADY, text);
        return 0;
    }
    size_t count = count_candidates(engine, manifest);
    if (mem_reserve(engine->mem, COMMAND_BYTES + sizeof(struct stop_candidates) + count * sizeof(struct str *)) < 0)
        return ECSENGINE_ENOMEM;
    set_number(engine, manifest->timeline);
    str_unref(engine->manifest_message);
    engine->manifest_message = str_ref(manifest->message_id);
    events_command(engine, command, 0, NULL);
    if (count > 0)
        events_stop_candidates(engine, find_candidates(engine, manifest, count));
    return 0;
}

int manifest_verified(struct engine *engine, struct command *command)
{
    const struct manifest *answer = command->manifest;

    if (engine->manifest_message == NULL || strcmp(engine->manifest_message->data, answer->message_id->data) != 0) {
        events_command(engine, command, ECSENGINE_ENOTFOUND, "no answer with this message id is waited for");
        return 0;
    }
    str_unref(engine->manifest_message);
    engine->manifest_message = NULL;
    for (size_t i = 0; i < answer->count; i++) {
        struct task *task = engine_find_task(engine, answer->arns[i]->data);
        if (task != NULL)
            task_want(engine, task, ECSENGINE_TASK_STOPPED);
    }
    events_command(engine, command, 0, NULL);
    return 0;
}

int manifest_sequence(struct engine *engine, struct command *command)
{
    if (command->number > engine->manifest_number)
        set_number(engine, command->number);
    events_command(engine, command, 0, NULL);
    return 0;
}
