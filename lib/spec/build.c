/* SPDX-License-Identifier: Apache-2.0 */
/* From what a document says to the definition that the engine keeps: every text and list is copied into the definition's arena. */
#include <string.h>

#include "model/limits.h"
#include "spec/source.h"

static void build_registry_auth(struct reader *reader, const struct source_container *source, struct container_def *out)
{
    struct registry_auth *auth = arena_array(reader->kept, 1, sizeof(*auth));
    struct buf details;

    if (auth == NULL) {
        reader_nomem(reader);
        return;
    }
    buf_init(&details, reader->mem, 0);
    json_open(&details, NULL, '{');
    json_text(&details, "region", source->region);
    json_text(&details, "registryId", source->registry_id);
    json_text(&details, "endpointOverride", source->endpoint_override);
    json_bool(&details, "useExecutionRole", source->uses_execution_role);
    json_close(&details, '}');
    if (details.failed != 0)
        reader_nomem(reader);
    *auth = (struct registry_auth){.type = "ecr", .execution_role = source->uses_execution_role};
    auth->details = reader_keep(reader, details.data != NULL ? details.data : "");
    buf_free(&details);
    out->registry_auth = auth;
}

static void build_restart(struct reader *reader, const struct source_container *source, struct container_def *out)
{
    struct restart_policy *restart = arena_array(reader->kept, 1, sizeof(*restart));
    int32_t *ignored = arena_array(reader->kept, source->restart.ignored_count, sizeof(*ignored));

    if (restart == NULL || ignored == NULL) {
        reader_nomem(reader);
        return;
    }
    *restart = source->restart;
    if (restart->ignored_count > 0)
        memcpy(ignored, source->restart.ignored, restart->ignored_count * sizeof(*ignored));
    restart->ignored = ignored;
    out->restart = restart;
}

/* Their descriptions too: what the host says of an agent holds for tasks that come after. */
static void build_agents(struct reader *reader, const struct source_container *source, struct container_def *out)
{
    struct managed_agent *agents = arena_array(reader->kept, source->agent_count, sizeof(*agents));

    if (agents == NULL) {
        reader_nomem(reader);
        return;
    }
    for (uint16_t i = 0; i < source->agent_count && !reader_failed(reader); i++) {
        const struct managed_agent *from = &source->agents[i];
        struct text_pair *properties = arena_array(reader->kept, from->property_count, sizeof(*properties));
        if (properties == NULL)
            reader_nomem(reader);
        for (uint16_t j = 0; j < from->property_count && !reader_failed(reader); j++)
            properties[j] = (struct text_pair){reader_keep(reader, from->properties[j].key), reader_keep(reader, from->properties[j].value)};
        agents[i] = (struct managed_agent){.name = reader_keep(reader, from->name),
                                           .description = agent_keep(reader, from->description),
                                           .property_count = from->property_count,
                                           .properties = properties};
    }
    out->agents = agents;
    out->agent_count = source->agent_count;
}

static void build_container(struct reader *reader, const struct source_container *source, struct container_def *out)
{
    out->name = reader_keep(reader, source->name);
    out->image = reader_keep(reader, source->image);
    out->essential = source->essential;
    out->health_check = source->health_check;
    out->type = CONTAINER_NORMAL;
    out->steady = ECSENGINE_CONTAINER_RUNNING;
    out->cpu_units = source->cpu_units;
    out->memory_mib = source->memory_mib;
    out->start_timeout_ns = source->start_timeout_ns;
    out->stop_timeout_ns = source->stop_timeout_ns;
    struct port_mapping *ports = arena_array(reader->kept, source->port_count, sizeof(*ports));
    if (ports == NULL)
        reader_nomem(reader);
    else if (source->port_count > 0)
        memcpy(ports, source->ports, source->port_count * sizeof(*ports));
    out->ports = ports;
    out->port_count = (uint16_t)source->port_count;
    if (source->has_registry_auth)
        build_registry_auth(reader, source, out);
    if (source->restarts)
        build_restart(reader, source, out);
    if (source->agent_count > 0)
        build_agents(reader, source, out);
    const char **gpu_ids = arena_array(reader->kept, source->gpu_id_count, sizeof(*gpu_ids));
    if (gpu_ids == NULL)
        reader_nomem(reader);
    for (uint16_t i = 0; gpu_ids != NULL && i < source->gpu_id_count; i++)
        gpu_ids[i] = reader_keep(reader, source->gpu_ids[i]);
    out->gpu_ids = gpu_ids;
    out->gpu_id_count = gpu_ids != NULL ? source->gpu_id_count : 0;
    out->gpu_count = source->gpu_count;
    out->config_json = out->labels_json = out->host_config_json = "";
}

/* What the task needs of its host; too much of it is refused here and not added up wrongly later (task-engine: 6.2). */
static void build_need(struct reader *reader, struct definition *definition)
{
    char text[LIMIT_REASON];

    if (reader_failed(reader))
        return;
    int code = need_new(reader->mem, definition, &definition->need);
    if (code == ECSENGINE_ELIMIT) {
        need_limit_text(definition, text, sizeof(text));
        reader_wrong(reader, NULL, "%s", text);
    } else if (code < 0) {
        reader_nomem(reader);
    }
}

void build_definition(struct reader *reader, struct source_task *task, struct definition *definition)
{
    definition->family = reader_keep(reader, task->family);
    definition->version = reader_keep(reader, task->version);
    definition->launch_type = reader_keep(reader, task->launch_type);
    definition->network_mode = reader_keep(reader, task->network_mode);
    definition->cpu_units = task->cpu_units;
    definition->memory_mib = task->memory_mib;
    if (reader_failed(reader))
        return;
    definition->containers = arena_array(reader->kept, task->container_count, sizeof(*definition->containers));
    if (definition->containers == NULL) {
        reader_nomem(reader);
        return;
    }
    definition->container_count = (uint16_t)task->container_count;
    for (size_t i = 0; i < task->container_count; i++)
        build_container(reader, &task->containers[i], &definition->containers[i]);
    validate_order(reader, task, definition);
    resources_build(reader, task, definition);
    for (size_t i = 0; i < task->container_count; i++)
        docker_render(reader, task, &task->containers[i], &definition->containers[i]);
    build_need(reader, definition);
}
