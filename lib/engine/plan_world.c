/* SPDX-License-Identifier: Apache-2.0 */
/* The world in which a plan comes true: every operation is done well at once. */
#include "engine/plan.h"

#include <string.h>

static const char some_digest[] = "sha256:0000000000000000000000000000000000000000000000000000000000000000";
static const char media_type[] = "application/vnd.oci.image.manifest.v1+json";

/* A volume that is there already is what the task describes. */
static bool describe(const struct ecsengine_op *op, struct ecsengine_result *result)
{
    const struct resource_def *def = &op->definition->resources[op->resource_index];

    for (uint16_t i = 0; i < def->option_count; i++)
        if (ecsengine_result_add_volume_option(result, def->options[i].key, def->options[i].value) == ECSENGINE_ENOMEM)
            return false;
    for (uint16_t i = 0; i < def->label_count; i++)
        if (ecsengine_result_add_volume_label(result, def->labels[i].key, def->labels[i].value) == ECSENGINE_ENOMEM)
            return false;
    return true;
}

static bool fill(const struct engine *engine, const struct ecsengine_op *op, struct ecsengine_result *result)
{
    struct mem *mem = &result->root->mem;

    switch (op->kind) {
    case ECSENGINE_OP_PULL_MANIFEST:
        result->digest = str_new(mem, some_digest, sizeof(some_digest) - 1);
        result->media_type = str_new(mem, media_type, sizeof(media_type) - 1);
        return result->digest != NULL && result->media_type != NULL;
    case ECSENGINE_OP_START:
        result->has_record = true;
        result->running = true;
        result->started_at = engine->wall_ns;
        return true;
    case ECSENGINE_OP_STOP:
        result->has_record = true;
        result->started_at = result->finished_at = engine->wall_ns;
        result->has_exit_code = true;
        return true;
    case ECSENGINE_OP_EXEC_CREATE:
        result->exec_id = str_new(mem, "exec", 4);
        return result->exec_id != NULL;
    case ECSENGINE_OP_EXEC_INSPECT:
        result->has_exec = result->exec_running = true;
        result->exec_code = -1;
        return true;
    case ECSENGINE_OP_VOLUME_INSPECT:
        return describe(op, result);
    default:
        return true;
    }
}

struct ecsengine_result *plan_answer(const struct engine *engine, struct root *root, const struct ecsengine_op *op)
{
    struct ecsengine_result *result = result_new(root);

    if (result != NULL && !fill(engine, op, result)) {
        ecsengine_result_free(result);
        return NULL;
    }
    return result;
}
