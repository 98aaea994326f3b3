/* SPDX-License-Identifier: Apache-2.0 */
/* The body of a create request is put together from texts that were rendered when the definition was read. Nothing is parsed and
 * nothing is looked up here: it runs for each container that is created, on the thread that dispatches. */
#include "spec/container_config.h"

static void put_member(struct buf *out, const char *members)
{
    if (members[0] == '\0')
        return;
    if (out->comma)
        buf_puts(out, ",");
    buf_puts(out, members);
    out->comma = true;
}

/* The text up to a splice; returns where the rest begins. */
static uint32_t put_until(struct buf *out, const char *text, uint32_t from, uint32_t to)
{
    buf_put(out, text + from, to - from);
    return to;
}

/* config_json with the GPUs that the task was given. */
static void put_config(const struct container_def *container, uint16_t index, const struct config_facts *facts, struct buf *out)
{
    uint32_t at = 0;

    for (uint16_t i = 0; i < container->gpu_splice_count; i++) {
        const char *id;
        at = put_until(out, container->config_json, at, container->gpu_splices[i].at);
        for (size_t n = 0; facts->gpu != NULL && (id = facts->gpu(facts->names, index, n)) != NULL; n++) {
            buf_puts(out, n > 0 ? "," : "");
            buf_puts(out, id);
        }
    }
    put_member(out, container->config_json + at);
}

/* host_config_json with the host ports that were chosen. */
static void put_host_members(const struct container_def *container, uint16_t index, const struct config_facts *facts, struct buf *out)
{
    uint32_t at = 0, mapping = UINT32_MAX;
    uint16_t first = 0;

    for (uint16_t i = 0; i < container->port_splice_count; i++) {
        const struct splice *splice = &container->port_splices[i];
        if (splice->mapping != mapping)
            first = facts->host_port != NULL ? facts->host_port(facts->names, index, splice->mapping) : 0;
        mapping = splice->mapping;
        at = put_until(out, container->host_config_json, at, splice->at);
        buf_printf(out, "%u", first != 0 ? (unsigned)first + splice->offset : 0u);
    }
    put_member(out, container->host_config_json + at);
}

/* The agent's five, and ours; they are the last, and rendering has taken away what a user may have called the same. */
static void put_labels(const struct definition *definition, const struct container_def *container, const struct config_facts *facts,
                       struct buf *out)
{
    json_open(out, "Labels", '{');
    put_member(out, container->labels_json);
    json_text(out, "com.amazonaws.ecs.task-arn", facts->task_arn);
    json_text(out, "com.amazonaws.ecs.container-name", container->name);
    json_text(out, "com.amazonaws.ecs.task-definition-family", definition->family);
    json_text(out, "com.amazonaws.ecs.task-definition-version", definition->version);
    json_text(out, "com.amazonaws.ecs.cluster", facts->cluster);
    if (facts->instance != NULL && facts->instance[0] != '\0')
        json_text(out, "ecsengine.instance", facts->instance);
    json_close(out, '}');
}

static void put_joined(struct buf *out, const char *name, const char *separator, const char *rest)
{
    struct buf text;

    buf_init(&text, out->mem, 0);
    buf_puts(&text, name);
    buf_puts(&text, separator);
    buf_puts(&text, rest);
    if (text.failed != 0)
        out->failed = out->failed != 0 ? out->failed : text.failed;
    else
        json_text_len(out, NULL, text.data, text.len);
    buf_free(&text);
}

/* All of a container that mounts a volume of the task, or has agents; else they are in host_config_json. */
static void put_binds(const struct container_def *container, uint16_t index, const struct config_facts *facts, struct buf *out)
{
    json_open(out, "Binds", '[');
    for (size_t i = 0; i < container->bind_count; i++) {
        const struct bind *bind = &container->binds[i];
        put_joined(out, bind->of_resource ? facts->volume_name(facts->names, bind->resource) : bind->source,
                   bind->target[0] != '\0' ? ":" : "", bind->target);
    }
    if (container->agent_count > 0 && facts->agent_binds != NULL)
        facts->agent_binds(facts->names, index, out);
    json_close(out, ']');
}

static void put_host_config(const struct container_def *container, uint16_t index, const struct config_facts *facts, struct buf *out)
{
    json_open(out, "HostConfig", '{');
    put_host_members(container, index, facts, out);
    if (container->bind_count > 0 || container->agent_count > 0)
        put_binds(container, index, facts, out);
    if (container->link_count > 0) {
        json_open(out, "Links", '[');
        for (size_t i = 0; i < container->link_count; i++)
            put_joined(out, facts->runtime_name(facts->names, container->links[i].target), ":", container->links[i].alias);
        json_close(out, ']');
    }
    if (container->volumes_from_count > 0) {
        json_open(out, "VolumesFrom", '[');
        for (size_t i = 0; i < container->volumes_from_count; i++)
            put_joined(out, facts->runtime_name(facts->names, container->volumes_from[i].source),
                       container->volumes_from[i].read_only ? ":" : "", container->volumes_from[i].read_only ? "ro" : "");
        json_close(out, ']');
    }
    json_close(out, '}');
}

void container_config_build(const struct definition *definition, uint16_t index, const struct config_facts *facts, struct buf *out)
{
    const struct container_def *container = &definition->containers[index];

    json_open(out, NULL, '{');
    put_config(container, index, facts, out);
    put_labels(definition, container, facts, out);
    put_host_config(container, index, facts, out);
    json_open(out, "NetworkingConfig", '{');
    json_close(out, '}');
    json_close(out, '}');
}
