/* SPDX-License-Identifier: Apache-2.0 */
/* Twins. */
#include "twin.h"

#include <stdlib.h>
#include <string.h>

#include "api/config.h"
#include "driver/snapshot.h"

int twin_snapshot(ecsengine *engine, bool hidden, struct buf *out)
{
    const struct secret_mask mask = {.hidden = hidden, .key = {1, 2}};

    pthread_mutex_lock(&engine->lock);
    int code = driver_snapshot_put(engine, &mask, out);
    pthread_mutex_unlock(&engine->lock);
    return code;
}

ecsengine *twin_new(ecsengine *engine, const ecsengine_allocator *allocator)
{
    ecsengine_config *config = NULL;
    ecsengine *twin = NULL;

    if (ecsengine_config_new(&config, NULL) < 0)
        abort();
    struct settings *settings = (struct settings *)config_settings(config);
    *settings = engine->engine.settings;
    settings->seed = engine->engine.seed;
    settings->has_seed = 1;
    ecsengine_new(config, allocator, &twin, NULL);
    ecsengine_config_free(config);
    if (twin != NULL)
        twin->engine.settings.has_seed = engine->engine.settings.has_seed;
    return twin;
}

int twin_read(ecsengine *twin, const void *data, size_t len)
{
    pthread_mutex_lock(&twin->lock);
    int code = driver_snapshot_get(twin, data, len);
    pthread_mutex_unlock(&twin->lock);
    return code;
}

static bool same(ecsengine_text *one, ecsengine_text *other, struct text *text)
{
    bool equal = one == NULL ? other == NULL : other != NULL && strcmp(ecsengine_text_data(one), ecsengine_text_data(other)) == 0;

    if (!equal)
        text_add(text, "%s\n%s\n", one != NULL ? ecsengine_text_data(one) : "none", other != NULL ? ecsengine_text_data(other) : "none");
    ecsengine_text_free(one);
    ecsengine_text_free(other);
    return equal;
}

/* Asking costs memory, which a harness may be short of. */
#define ASK(call)                                                   \
    do {                                                            \
        int tries_ = 0;                                             \
        while ((call) == ECSENGINE_ENOMEM && ++tries_ < ASKED_MAX) \
            continue;                                               \
    } while (0)
enum { ASKED_MAX = 1000 };

static bool tasks_alike(ecsengine *engine, ecsengine *twin, struct text *text)
{
    bool alike = true;

    for (const struct list *node = engine->engine.all.next; node != &engine->engine.all && alike; node = node->next) {
        const char *arn = str_text(container_of(node, const struct task, all)->arn);
        ecsengine_text *one = NULL, *other = NULL;
        ASK(ecsengine_task_describe(engine, arn, &one, NULL));
        ecsengine_task_describe(twin, arn, &other, NULL);
        alike = same(one, other, text);
        one = other = NULL;
        ASK(ecsengine_explain(engine, arn, NULL, &one, NULL));
        ecsengine_explain(twin, arn, NULL, &other, NULL);
        alike = same(one, other, text) && alike;
    }
    return alike;
}

bool twin_answers_alike(ecsengine *engine, ecsengine *twin, struct text *text)
{
    ecsengine_text *one = NULL, *other = NULL;

    ASK(ecsengine_host_describe(engine, ECSENGINE_HOST_HOLDERS, &one, NULL));
    ecsengine_host_describe(twin, ECSENGINE_HOST_HOLDERS, &other, NULL);
    return same(one, other, text) && tasks_alike(engine, twin, text);
}
