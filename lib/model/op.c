/* SPDX-License-Identifier: Apache-2.0 */
/* Operations: getters, names and the end of their life. */
#include "model/op.h"

#include "ecsengine/credentials.h"

#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "model/result.h"

static const char *const kind_names[] = {
    [ECSENGINE_OP_NONE] = "none",
    [ECSENGINE_OP_CANCEL] = "cancel",
    [ECSENGINE_OP_INFO] = "info",
    [ECSENGINE_OP_PING] = "ping",
    [ECSENGINE_OP_SUBSCRIBE] = "subscribe",
    [ECSENGINE_OP_PULL_IMAGE] = "pull-image",
    [ECSENGINE_OP_PULL_MANIFEST] = "pull-manifest",
    [ECSENGINE_OP_INSPECT_IMAGE] = "inspect-image",
    [ECSENGINE_OP_TAG_IMAGE] = "tag-image",
    [ECSENGINE_OP_CREATE] = "create",
    [ECSENGINE_OP_START] = "start",
    [ECSENGINE_OP_STOP] = "stop",
    [ECSENGINE_OP_INSPECT] = "inspect",
    [ECSENGINE_OP_REMOVE] = "remove",
    [ECSENGINE_OP_LIST] = "list",
    [ECSENGINE_OP_PROVISION] = "provision",
    [ECSENGINE_OP_VOLUME_CREATE] = "volume-create",
    [ECSENGINE_OP_VOLUME_INSPECT] = "volume-inspect",
    [ECSENGINE_OP_VOLUME_REMOVE] = "volume-remove",
    [ECSENGINE_OP_RESOURCE_CREATE] = "resource-create",
    [ECSENGINE_OP_RESOURCE_REMOVE] = "resource-remove",
    [ECSENGINE_OP_EXEC_CREATE] = "exec-create",
    [ECSENGINE_OP_EXEC_START] = "exec-start",
    [ECSENGINE_OP_EXEC_INSPECT] = "exec-inspect",
    [ECSENGINE_OP_EXEC_RUN] = "exec-run",
    [ECSENGINE_OP_AGENT_PREPARE] = "agent-prepare",
    [ECSENGINE_OP_AGENT_CLEAN] = "agent-clean",
};

const char *ecsengine_op_kind_name(enum ecsengine_op_kind kind)
{
    return (size_t)kind < sizeof(kind_names) / sizeof(kind_names[0]) ? kind_names[kind] : "unknown";
}

enum ecsengine_op_kind ecsengine_op_get_kind(const ecsengine_op *op)
{
    return op != NULL ? (enum ecsengine_op_kind)op->kind : ECSENGINE_OP_NONE;
}

uint64_t ecsengine_op_id(const ecsengine_op *op) { return op != NULL ? op->id : 0; }
uint64_t ecsengine_op_cancel_id(const ecsengine_op *op) { return op != NULL ? op->cancel_id : 0; }
int64_t ecsengine_op_deadline_ns(const ecsengine_op *op) { return op != NULL ? op->deadline_ns : ECSENGINE_NO_DEADLINE; }
int64_t ecsengine_op_grace_ns(const ecsengine_op *op) { return op != NULL ? op->grace_ns : 0; }
int32_t ecsengine_op_force(const ecsengine_op *op) { return op != NULL && op->force ? 1 : 0; }
const char *ecsengine_op_task_arn(const ecsengine_op *op) { return op != NULL ? str_text(op->arn) : ""; }
const char *ecsengine_op_runtime_name(const ecsengine_op *op) { return op != NULL ? str_text(op->runtime_name) : ""; }
const char *ecsengine_op_image(const ecsengine_op *op) { return op != NULL ? str_text(op->image) : ""; }
const char *ecsengine_op_image_target(const ecsengine_op *op) { return op != NULL ? str_text(op->image_target) : ""; }
const char *ecsengine_op_label(const ecsengine_op *op) { return op != NULL ? str_text(op->label) : ""; }

const char *ecsengine_op_container_name(const ecsengine_op *op)
{
    bool has = op != NULL && op->definition != NULL && !op->of_resource;

    return has ? op->definition->containers[op->container_index].name : "";
}

/* NULL: it is not about a resource. */
static const struct resource_def *resource_of(const struct ecsengine_op *op)
{
    return op != NULL && op->definition != NULL && op->of_resource ? &op->definition->resources[op->resource_index] : NULL;
}

static const char *text_or_none(const char *text) { return text != NULL ? text : ""; }

const char *ecsengine_op_volume_name(const ecsengine_op *op)
{
    const struct resource_def *def = resource_of(op);

    return def != NULL && def->kind == RESOURCE_VOLUME ? str_text(op->runtime_name) : "";
}

const char *ecsengine_op_volume_driver(const ecsengine_op *op)
{
    const struct resource_def *def = resource_of(op);

    return def != NULL ? text_or_none(def->driver) : "";
}

/* Its configuration, if it is of one of these kinds. */
static const char *config_of(const struct ecsengine_op *op, enum ecsengine_op_kind kind, enum ecsengine_op_kind other, size_t *out_len)
{
    bool has = op != NULL && (op->kind == kind || op->kind == other) && op->create_config != NULL;

    if (out_len != NULL)
        *out_len = has ? op->create_config_len : 0;
    return has ? op->create_config : "";
}

const char *ecsengine_op_volume_config(const ecsengine_op *op, size_t *out_len)
{
    return config_of(op, ECSENGINE_OP_VOLUME_CREATE, ECSENGINE_OP_VOLUME_CREATE, out_len);
}

const char *ecsengine_op_exec_config(const ecsengine_op *op, size_t *out_len)
{
    return config_of(op, ECSENGINE_OP_EXEC_CREATE, ECSENGINE_OP_EXEC_RUN, out_len);
}

const char *ecsengine_op_agent_config(const ecsengine_op *op, size_t *out_len)
{
    return config_of(op, ECSENGINE_OP_AGENT_PREPARE, ECSENGINE_OP_AGENT_CLEAN, out_len);
}

const char *ecsengine_op_exec_id(const ecsengine_op *op) { return op != NULL ? str_text(op->exec_id) : ""; }

const char *ecsengine_op_agent_name(const ecsengine_op *op)
{
    bool has = op != NULL && op->of_agent;

    return has ? op->definition->containers[op->container_index].agents[op->agent_index].name : "";
}

const char *ecsengine_op_resource_name(const ecsengine_op *op)
{
    const struct resource_def *def = resource_of(op);

    return def != NULL ? text_or_none(def->name) : "";
}

const char *ecsengine_op_resource_type(const ecsengine_op *op)
{
    const struct resource_def *def = resource_of(op);

    return def != NULL ? text_or_none(def->type) : "";
}

const char *ecsengine_op_resource_config(const ecsengine_op *op, size_t *out_len)
{
    const struct resource_def *def = resource_of(op);
    const char *text = def != NULL && def->kind == RESOURCE_OF_HOST ? text_or_none(def->config_json) : "";

    if (out_len != NULL)
        *out_len = strlen(text);
    return text;
}

const char *ecsengine_op_container(const ecsengine_op *op)
{
    if (op == NULL || op->of_resource)
        return "";
    return op->runtime_id != NULL ? op->runtime_id->data : str_text(op->runtime_name);
}

const char *ecsengine_op_create_config(const ecsengine_op *op, size_t *out_len)
{
    return config_of(op, ECSENGINE_OP_CREATE, ECSENGINE_OP_CREATE, out_len);
}

/* NULL: it asks no registry, or needs nothing particular there. */
static const struct registry_auth *registry_auth_of(const struct ecsengine_op *op)
{
    bool asks = op != NULL && op->definition != NULL && (op->kind == ECSENGINE_OP_PULL_IMAGE || op->kind == ECSENGINE_OP_PULL_MANIFEST);

    return asks ? op->definition->containers[op->container_index].registry_auth : NULL;
}

const char *ecsengine_op_registry_auth_type(const ecsengine_op *op)
{
    return registry_auth_of(op) != NULL ? registry_auth_of(op)->type : "";
}

const char *ecsengine_op_registry_auth(const ecsengine_op *op)
{
    return registry_auth_of(op) != NULL ? registry_auth_of(op)->details : "";
}

const char *ecsengine_op_credentials_id(const ecsengine_op *op)
{
    return op != NULL && op->credentials != NULL ? str_text(op->credentials->id) : "";
}

const char *ecsengine_op_credentials(const ecsengine_op *op, size_t *out_len)
{
    bool has = op != NULL && op->credentials != NULL;

    if (out_len != NULL)
        *out_len = has ? op->credentials->len : 0;
    return has ? op->credentials->document : "";
}

static void some(struct buf *buf, const char *key, const char *text)
{
    if (text[0] != '\0')
        json_text(buf, key, text);
}

int ecsengine_op_request(const ecsengine_op *op, ecsengine_text **out_text, ecsengine_error **error)
{
    struct buf buf;

    if (op == NULL || out_text == NULL)
        return error_set(error, ECSENGINE_EINVAL, "an operation and a place for the text are needed");
    buf_init(&buf, &op->root->mem, 0);
    json_open(&buf, NULL, '{');
    json_int(&buf, "id", (int64_t)op->id);
    json_text(&buf, "kind", ecsengine_op_kind_name((enum ecsengine_op_kind)op->kind));
    some(&buf, "taskArn", ecsengine_op_task_arn(op));
    some(&buf, "containerName", ecsengine_op_container_name(op));
    some(&buf, "runtimeName", ecsengine_op_runtime_name(op));
    some(&buf, "container", ecsengine_op_container(op));
    some(&buf, "image", ecsengine_op_image(op));
    some(&buf, "imageTarget", ecsengine_op_image_target(op));
    some(&buf, "label", ecsengine_op_label(op));
    some(&buf, "registryAuthType", ecsengine_op_registry_auth_type(op));
    if (registry_auth_of(op) != NULL)
        json_raw(&buf, "registryAuth", registry_auth_of(op)->details, strlen(registry_auth_of(op)->details));
    some(&buf, "credentialsId", ecsengine_op_credentials_id(op)); /* never the document */
    some(&buf, "volumeName", ecsengine_op_volume_name(op));
    some(&buf, "volumeDriver", ecsengine_op_volume_driver(op));
    some(&buf, "resourceName", ecsengine_op_resource_name(op));
    some(&buf, "resourceType", ecsengine_op_resource_type(op));
    size_t config_len = 0;
    const char *config = ecsengine_op_resource_config(op, &config_len);
    if (config_len > 0)
        json_raw(&buf, "resourceConfig", config, config_len);
    if (op->kind == ECSENGINE_OP_STOP)
        json_int(&buf, "graceNs", op->grace_ns);
    if (op->kind == ECSENGINE_OP_REMOVE)
        json_bool(&buf, "force", op->force);
    if (op->cancel_id != 0)
        json_int(&buf, "cancelId", (int64_t)op->cancel_id);
    if (op->deadline_ns != ECSENGINE_NO_DEADLINE)
        json_int(&buf, "deadlineNs", op->deadline_ns);
    some(&buf, "execId", ecsengine_op_exec_id(op));
    some(&buf, "agentName", ecsengine_op_agent_name(op));
    if (op->create_config != NULL)
        json_raw(&buf,
                 op->kind == ECSENGINE_OP_CREATE          ? "createConfig"
                 : op->kind == ECSENGINE_OP_VOLUME_CREATE ? "volumeConfig"
                 : op->kind >= ECSENGINE_OP_AGENT_PREPARE ? "agentConfig"
                                                          : "execConfig",
                 op->create_config, op->create_config_len);
    json_close(&buf, '}');
    int code = text_new(op->root, &buf, out_text);
    buf_free(&buf);
    return code < 0 ? error_nomem(error) : 0;
}

ecsengine_op *ecsengine_op_ref(ecsengine_op *op)
{
    if (op != NULL)
        atomic_fetch_add_explicit(&op->refs, 1, memory_order_relaxed);
    return op;
}

void op_unref(struct ecsengine_op *op)
{
    if (op == NULL || atomic_fetch_sub_explicit(&op->refs, 1, memory_order_acq_rel) != 1)
        return;
    struct root *root = op->root;
    str_unref(op->arn);
    str_unref(op->runtime_name);
    str_unref(op->runtime_id);
    str_unref(op->image);
    str_unref(op->image_target);
    str_unref(op->label);
    str_unref(op->exec_id);
    definition_unref(op->definition);
    credentials_unref(op->credentials);
    mem_free(&root->mem, op->create_config);
    ecsengine_result_free(op->result);
    mem_free(&root->mem, op);
    root_unref(root);
}

void ecsengine_op_release(ecsengine_op *op) { op_unref(op); }
