/* SPDX-License-Identifier: Apache-2.0 */
/* An engine's birth and end. */
#include <stdio.h>
#include <string.h>

#include "engine/accounting.h"
#include "engine/aside.h"
#include "engine/cleanup.h"
#include "engine/credentials.h"
#include "engine/definitions.h"
#include "engine/engine.h"
#include "engine/foreign.h"
#include "engine/image.h"
#include "engine/orphans.h"
#include "engine/restore.h"

int engine_init(struct engine *engine, struct root *root, const struct settings *settings, uint64_t seed)
{
    struct list *lists[] = {&engine->all,        &engine->touched,  &engine->dirty,   &engine->classes, &engine->doomed, &engine->gpu_waiters, &engine->gpu_holders,
                            &engine->pull_queue, &engine->pulling, &engine->looks, &engine->orphans, &engine->dirty_orphans, &engine->open_ops, &engine->credential_waits, &engine->ops_out, &engine->events_out, &engine->restoring, &engine->asides, &engine->gone, &engine->found};
    struct map *maps[] = {&engine->tasks, &engine->restored_definitions, &engine->by_id, &engine->by_name, &engine->definitions, &engine->images, &engine->acks,
                          &engine->needs, &engine->parked, &engine->port_holders, &engine->credentials, &engine->orphan_names};
    char instance[32];

    memset(engine, 0, sizeof(*engine));
    engine->root = root;
    engine->mem = &root->mem;
    engine->settings = *settings;
    engine->seed = seed;
    engine->mono_ns = engine->runtime_lost_ns = INT64_MIN / 4;
    engine->manifest_number = -1;
    engine->runtime_timer.kind = TIMER_RUNTIME;
    engine->poll_timer.kind = TIMER_POLL;
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        list_init(lists[i]);
    for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
        map_init(maps[i], engine->mem);
    for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
        if (map_reserve(maps[i], 16) < 0)
            return ECSENGINE_ENOMEM;
    accounting_init(engine);
    snprintf(instance, sizeof(instance), "%016llx", (unsigned long long)engine_draw(engine, NULL, DRAW_INSTANCE, 0));
    engine->instance = str_new(engine->mem, instance, strlen(instance));
    engine->instance_dirty = true;
    return engine->instance != NULL ? 0 : ECSENGINE_ENOMEM;
}

void engine_close(struct engine *engine)
{
    struct list *node;

    while (!list_empty(&engine->all)) {
        struct task *task = container_of(engine->all.next, struct task, all);
        cleanup_detach(engine, task);
        definitions_drop(engine, task);
        task_free(task);
    }
    orphans_forget_all(engine); /* before operations go that are due at other times of the same heap */
    while ((node = list_shift(&engine->ops_out)) != NULL)
        op_unref(container_of(node, struct ecsengine_op, link));
    while ((node = list_shift(&engine->events_out)) != NULL)
        ecsengine_event_free(container_of(node, struct ecsengine_event, link));
    while ((node = list_shift(&engine->open_ops)) != NULL)
        op_unref(container_of(node, struct ecsengine_op, open));
    restore_forget(engine);
    aside_settle(engine);
    foreign_forget_gone(engine);
    foreign_forget_found(engine);
    image_forget_all(engine);
    credentials_forget_all(engine);
    map_free(&engine->tasks);
    map_free(&engine->by_id);
    map_free(&engine->by_name);
    map_free(&engine->orphan_names);
    map_free(&engine->definitions);
    map_free(&engine->acks);
    map_free(&engine->needs);
    map_free(&engine->parked);
    map_free(&engine->port_holders);
    str_unref(engine->instance);
    str_unref(engine->manifest_message);
    str_unref(engine->runtime_error);
}
