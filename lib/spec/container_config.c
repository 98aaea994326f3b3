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

/* All of a container that mounts a volume of the task; else they are in host_config_json. */
static void put_binds(const struct container_def *container, const struct config_facts *facts, struct buf *out)
{
    json_open(out, "Binds", '[');
    for (size_t i = 0; i < container->bind_count; i++) {
        const struct bind *bind = &container->binds[i];
        put_joined(out, bind->of_resource ? facts->volume_name(facts->names, bind->resource) : bind->source, ":", bind->target);
    }
    json_close(out, ']');
}

static void put_host_config(const struct container_def *container, const struct config_facts *facts, struct buf *out)
{
    json_open(out, "HostConfig", '{');
    put_member(out, container->host_config_json);
    if (container->bind_count > 0)
        put_binds(container, facts, out);
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
    put_member(out, container->config_json);
    put_labels(definition, container, facts, out);
    put_host_config(container, facts, out);
    json_open(out, "NetworkingConfig", '{');
    json_close(out, '}');
    json_close(out, '}');
}
