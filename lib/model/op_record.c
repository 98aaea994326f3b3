/* SPDX-License-Identifier: Apache-2.0 */
/* Operations in bytes. */
#include "model/op_record.h"

#include <string.h>

#include "ecsengine/error.h"

enum { FLAG_FORCE = 1, FLAG_OF_RESOURCE = 2, FLAG_CREDENTIALS = 4, FLAG_CONFIG = 8, FLAG_OF_AGENT = 16 };
enum { CONFIG_MAX = 64 << 20, DOCUMENT_MAX = 1 << 20 };

void record_put_op(struct buf *buf, const struct ecsengine_op *op, const struct secret_mask *mask)
{
    record_number(buf, op->id);
    record_number(buf, op->kind);
    record_number(buf, op->cancel_id);
    record_number(buf, op->cancel_kind);
    record_number(buf, (op->force ? FLAG_FORCE : 0) | (op->of_resource ? FLAG_OF_RESOURCE : 0) |
                           (op->credentials != NULL ? FLAG_CREDENTIALS : 0) | (op->create_config != NULL ? FLAG_CONFIG : 0) |
                           (op->of_agent ? FLAG_OF_AGENT : 0));
    record_signed(buf, op->deadline_ns);
    record_signed(buf, op->grace_ns);
    record_number(buf, op->definition != NULL ? op->definition->hash : 0);
    record_number(buf, op->container_index);
    record_number(buf, op->resource_index);
    record_put_str(buf, op->arn);
    record_put_str(buf, op->runtime_name);
    record_put_str(buf, op->runtime_id);
    record_put_str(buf, op->image);
    record_put_str(buf, op->image_target);
    record_put_str(buf, op->label);
    record_put_str(buf, op->exec_id);
    record_number(buf, op->command_id);
    if (op->of_agent)
        record_number(buf, op->agent_index);
    if (op->credentials != NULL) {
        record_put_str(buf, op->credentials->id);
        secret_put(buf, mask, op->credentials->document, op->credentials->len);
    }
    if (op->create_config != NULL && op->kind == ECSENGINE_OP_EXEC_RUN)
        secret_put(buf, mask, op->create_config, op->create_config_len); /* the environment of somebody's command */
    else if (op->create_config != NULL)
        record_text(buf, op->create_config, op->create_config_len);
}

static void get_credentials(struct record_getter *getter, struct ecsengine_op *op)
{
    struct str *id = record_get_str(getter, LIMIT_NAME);
    size_t len;
    const char *document = record_read_text(getter->reader, DOCUMENT_MAX, &len);

    if (id != NULL && !getter->reader->bad) {
        op->credentials = credentials_new(getter->mem, id, document, len);
        getter->no_memory = getter->no_memory || op->credentials == NULL;
    }
    getter->reader->bad = getter->reader->bad || (id == NULL && !getter->no_memory);
    str_unref(id);
}

static void get_config(struct record_getter *getter, struct ecsengine_op *op)
{
    size_t len;
    const char *text = record_read_text(getter->reader, CONFIG_MAX, &len);

    if (getter->reader->bad)
        return;
    op->create_config = mem_alloc(getter->mem, len + 1);
    if (op->create_config == NULL) {
        getter->no_memory = true;
        return;
    }
    memcpy(op->create_config, text, len);
    op->create_config[len] = '\0';
    op->create_config_len = len;
}

/* It names a container or a resource that its definition has. */
static bool makes_sense(const struct ecsengine_op *op)
{
    if (op->definition == NULL)
        return op->container_index == 0 && op->resource_index == 0 && !op->of_resource && !op->of_agent;
    if (op->of_resource)
        return op->resource_index < op->definition->resource_count && !op->of_agent;
    if (op->container_index >= op->definition->container_count)
        return false;
    return !op->of_agent || op->agent_index < op->definition->containers[op->container_index].agent_count;
}

static void get_body(struct record_getter *getter, struct ecsengine_op *op, struct definition *(*find)(void *context, uint64_t hash),
                     void *context)
{
    struct record_reader *reader = getter->reader;

    op->id = record_read_number(reader, UINT64_MAX);
    op->kind = (uint8_t)record_read_number(reader, ECSENGINE_OP_AGENT_CLEAN);
    op->cancel_id = record_read_number(reader, UINT64_MAX);
    op->cancel_kind = (uint8_t)record_read_number(reader, ECSENGINE_OP_AGENT_CLEAN);
    uint64_t flags = record_read_number(reader, FLAG_FORCE | FLAG_OF_RESOURCE | FLAG_CREDENTIALS | FLAG_CONFIG | FLAG_OF_AGENT);
    op->force = (flags & FLAG_FORCE) != 0;
    op->of_resource = (flags & FLAG_OF_RESOURCE) != 0;
    op->of_agent = (flags & FLAG_OF_AGENT) != 0;
    op->deadline_ns = record_read_signed(reader);
    op->grace_ns = record_read_signed(reader);
    uint64_t hash = record_read_number(reader, UINT64_MAX);
    op->container_index = (uint16_t)record_read_number(reader, LIMIT_CONTAINERS);
    op->resource_index = (uint16_t)record_read_number(reader, LIMIT_RESOURCES);
    op->arn = record_get_str(getter, LIMIT_ARN);
    op->runtime_name = record_get_str(getter, LIMIT_RUNTIME_NAME);
    op->runtime_id = record_get_str(getter, LIMIT_RUNTIME_ID);
    op->image = record_get_str(getter, LIMIT_IMAGE);
    op->image_target = record_get_str(getter, LIMIT_IMAGE);
    op->label = record_get_str(getter, LIMIT_IMAGE);
    op->exec_id = record_get_str(getter, LIMIT_EXEC_ID);
    op->command_id = record_read_number(reader, UINT64_MAX);
    if (op->of_agent)
        op->agent_index = (uint8_t)record_read_number(reader, LIMIT_AGENTS - 1);
    if ((flags & FLAG_CREDENTIALS) != 0)
        get_credentials(getter, op);
    if ((flags & FLAG_CONFIG) != 0)
        get_config(getter, op);
    struct definition *definition = hash != 0 && !reader->bad ? find(context, hash) : NULL;
    op->definition = definition != NULL ? definition_ref(definition) : NULL;
    if (op->id == 0 || op->kind == ECSENGINE_OP_NONE || (hash != 0 && definition == NULL) || !makes_sense(op))
        reader->bad = true;
}

int record_get_op(struct record_reader *reader, struct root *root, struct definition *(*find)(void *context, uint64_t hash), void *context,
                  struct ecsengine_op **out_op)
{
    struct record_getter getter = {.reader = reader, .mem = &root->mem};
    struct ecsengine_op *op = mem_zalloc(&root->mem, sizeof(*op));

    if (op == NULL)
        return ECSENGINE_ENOMEM;
    op->root = root_ref(root);
    atomic_init(&op->refs, 1);
    op->total = op->current = -1;
    op->timer.kind = TIMER_OP;
    op->completion.kind = INPUT_COMPLETION;
    op->update.kind = INPUT_UPDATE;
    get_body(&getter, op, find, context);
    if (getter.no_memory || reader->bad) {
        op_unref(op);
        return getter.no_memory ? ECSENGINE_ENOMEM : ECSENGINE_ECORRUPT;
    }
    *out_op = op;
    return 0;
}
