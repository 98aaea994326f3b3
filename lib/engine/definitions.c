/* SPDX-License-Identifier: Apache-2.0 */
/* Interning by content: a thousand tasks of one family and revision share one definition. The table holds no reference of its own; how
 * many tasks use an entry is counted in it, since operations and events on their way out hold references too. */
#include "engine/definitions.h"

#include <string.h>

struct definition *definitions_find(const struct engine *engine, uint64_t hash)
{
    struct map_node *node = map_find(&engine->definitions, hash);

    return node != NULL ? container_of(node, struct definition, by_content) : NULL;
}

/* The same of what their tasks need: a thousand revisions that differ in an image alone are one to admission. */
static void share_need(struct engine *engine, struct definition *definition)
{
    struct need *own = definition->need;
    struct map_node *node = map_find(&engine->needs, own->hash);

    for (; node != NULL; node = map_find_next(node)) {
        struct need *known = container_of(node, struct need, by_content);
        if (!need_equal(known, own))
            continue;
        known->users++;
        if (known != own) {
            definition->need = need_ref(known);
            need_unref(own);
        }
        return;
    }
    own->users = 1;
    map_insert(&engine->needs, &own->by_content, own->hash);
}

void definitions_share(struct engine *engine, struct task *task)
{
    struct definition *own = task->definition;

    if (own == NULL)
        return;
    struct map_node *node = map_find(&engine->definitions, own->hash);
    for (; node != NULL; node = map_find_next(node)) {
        struct definition *known = container_of(node, struct definition, by_content);
        if (known->content_len == own->content_len && memcmp(known->content, own->content, own->content_len) == 0) {
            known->tasks++;
            if (known != own) {
                task->definition = definition_ref(known);
                definition_unref(own);
            }
            return;
        }
    }
    own->tasks = 1;
    share_need(engine, own);
    map_insert(&engine->definitions, &own->by_content, own->hash);
}

void definitions_drop(struct engine *engine, struct task *task)
{
    struct definition *definition = task->definition;

    if (definition != NULL && --definition->tasks == 0) {
        map_remove(&engine->definitions, &definition->by_content);
        if (--definition->need->users == 0)
            map_remove(&engine->needs, &definition->need->by_content);
        definition->saved_batch = 0;
    }
}
