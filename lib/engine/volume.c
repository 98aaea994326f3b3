/* SPDX-License-Identifier: Apache-2.0 */
/* Volumes. One of the task alone is made. A shared one is looked for first: if it is there it is used as it is, or with
 * `shared-volume-match-full-config` only if it is what the task describes; if it is not, it is made where the task says `autoprovision`.
 * (The reference looks while it takes the task in, and refuses the task; here looking is the first operation of the resource, and the task
 * stops with the same text.) */
#include "engine/volume.h"

#include <stdio.h>
#include <string.h>

void volume_begin(struct engine *engine, struct resource *resource)
{
    resource_ask(engine, resource, resource_def(resource)->shared ? ECSENGINE_OP_VOLUME_INSPECT : ECSENGINE_OP_VOLUME_CREATE);
}

/* What fails before a task is taken in is told so (task-payload 6). */
static void refuse(struct engine *engine, struct resource *resource, const char *cause)
{
    char text[3 * LIMIT_REASON];

    snprintf(text, sizeof(text), "resource cannot be initialized for task %.600s: %.1400s", str_text(resource->task->arn), cause);
    utf8_repair(text, strlen(text));
    resource_failed(engine, resource, text);
}

static bool equal(const struct text_pair *wanted, uint16_t wanted_count, const struct pairs *found)
{
    if (wanted_count != found->count)
        return false;
    for (uint16_t i = 0; i < wanted_count; i++)
        if (strcmp(wanted[i].key, found->items[i].key->data) != 0 || strcmp(wanted[i].value, str_text(found->items[i].value)) != 0)
            return false;
    return true;
}

/* As Go prints a map of strings: `map[a:1 b:2]`. */
static void add_pair(char *text, size_t size, const char *key, const char *value)
{
    size_t len = strlen(text);

    snprintf(text + len, size - len, "%s%s:%s", len > 4 ? " " : "", key, value);
}

static void close_map(char *text, size_t size)
{
    size_t len = strlen(text);

    snprintf(text + len, size - len, "]");
}

/* Both maps are sorted by key. */
static void mismatch(struct engine *engine, struct resource *resource, const char *words, const struct pairs *found,
                     const struct text_pair *wanted, uint16_t wanted_count)
{
    char existing[400] = "map[", expected[400] = "map[", text[LIMIT_REASON];

    for (uint32_t i = 0; i < found->count; i++)
        add_pair(existing, sizeof(existing), found->items[i].key->data, str_text(found->items[i].value));
    for (uint16_t i = 0; i < wanted_count; i++)
        add_pair(expected, sizeof(expected), wanted[i].key, wanted[i].value);
    close_map(existing, sizeof(existing));
    close_map(expected, sizeof(expected));
    snprintf(text, sizeof(text), "%s: existing: %s, expected: %s", words, existing, expected);
    refuse(engine, resource, text);
}

/* It is there. `intialize` is the reference's spelling, and users look for it. */
static void found(struct engine *engine, struct resource *resource, const struct ecsengine_result *result)
{
    const struct resource_def *def = resource_def(resource);
    bool compare = def->autoprovision && engine->settings.volume_match != 0;

    if (compare && !equal(def->labels, def->label_count, &result->labels))
        mismatch(engine, resource, "intialize volume: non-autoprovisioned volume does not match existing volume labels", &result->labels,
                 def->labels, def->label_count);
    else if (compare && !equal(def->options, def->option_count, &result->options))
        mismatch(engine, resource, "initialize volume: non-autoprovisioned volume does not match existing volume options",
                 &result->options, def->options, def->option_count);
    else
        resource_created(engine, resource);
}

static void missing(struct engine *engine, struct resource *resource, const struct failure *failure)
{
    char text[2 * LIMIT_REASON];

    snprintf(text, sizeof(text),
             "initialize volume: volume detection failed, volume '%.255s' does not exist and autoprovision is set to false: %s",
             resource_def(resource)->name, failure->text);
    refuse(engine, resource, text);
}

void volume_inspected(struct engine *engine, struct resource *resource, const struct ecsengine_result *result,
                      const struct failure *failure)
{
    if (failure->kind == ECSENGINE_FAILURE_NONE)
        found(engine, resource, result);
    else if (!resource_def(resource)->autoprovision)
        missing(engine, resource, failure);
    else if (strcmp(failure->name, "DockerTimeoutError") == 0)
        refuse(engine, resource, failure->text);
    else
        resource_ask(engine, resource, ECSENGINE_OP_VOLUME_CREATE);
}

void volume_take_name(struct resource *resource, const struct ecsengine_result *result)
{
    if (result->volume_name == NULL || result->volume_name->len == 0)
        return;
    str_unref(resource->runtime_name);
    resource->runtime_name = str_ref(result->volume_name);
}
