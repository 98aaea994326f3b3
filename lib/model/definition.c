/* SPDX-License-Identifier: Apache-2.0 */
/* Definitions: building, sharing, and their form as record bytes. The bytes are both what is kept and what equal definitions are
 * recognised by, so every member is in them and a decoded definition is equal to the one that was encoded. */
#include "model/definition.h"

#include <string.h>

#include "base/buf.h"
#include "base/prng.h"
#include "ecsengine/error.h"
#include "model/limits.h"
#include "model/record.h"
#include "model/status.h"

enum { CONTENT_MAX = 256 << 20 };

struct definition *definition_new(struct mem *mem)
{
    struct definition *definition = mem_zalloc(mem, sizeof(*definition));

    if (definition == NULL)
        return NULL;
    atomic_init(&definition->refs, 1);
    arena_init(&definition->arena, mem);
    definition->family = definition->version = definition->network_mode = definition->launch_type = "";
    return definition;
}

struct definition *definition_ref(struct definition *definition)
{
    if (definition != NULL)
        atomic_fetch_add_explicit(&definition->refs, 1, memory_order_relaxed);
    return definition;
}

void definition_unref(struct definition *definition)
{
    if (definition == NULL || atomic_fetch_sub_explicit(&definition->refs, 1, memory_order_acq_rel) != 1)
        return;
    struct mem *mem = definition->arena.mem;
    need_unref(definition->need);
    arena_free(&definition->arena);
    mem_free(mem, definition);
}

int definition_find(const struct definition *definition, const char *name)
{
    for (uint16_t i = 0; i < definition->container_count; i++)
        if (strcmp(definition->containers[i].name, name) == 0)
            return i;
    return -1;
}

/* What follows from the content. */
static int derive(struct definition *definition)
{
    definition->port_total = definition->agent_total = 0;
    for (uint16_t i = 0; i < definition->container_count; i++)
        definition->agent_total += definition->containers[i].agent_count;
    for (uint16_t i = 0; i < definition->container_count; i++)
        for (uint16_t j = 0; j < definition->containers[i].port_count; j++)
            definition->port_total += definition->containers[i].ports[j].count;
    return definition->need == NULL ? need_new(definition->arena.mem, definition, &definition->need) : 0;
}

static void put_text(struct buf *buf, const char *text)
{
    const char *some = text != NULL ? text : "";

    record_text(buf, some, strlen(some));
}

int definition_find_resource(const struct definition *definition, const char *name)
{
    for (uint16_t i = 0; i < definition->resource_count; i++)
        if (strcmp(definition->resources[i].name, name) == 0)
            return i;
    return -1;
}

/* The one that every version has is not written down. */
static void put_description(struct buf *buf, const struct agent_description *description)
{
    record_number(buf, description == &agent_builtin ? 1 : 0);
    if (description == &agent_builtin)
        return;
    put_text(buf, description->exec);
    put_text(buf, description->prepare);
    put_text(buf, description->binds);
    put_text(buf, description->clean);
    record_signed(buf, description->interval_ns);
    record_signed(buf, description->delay_min_ns);
    record_signed(buf, description->delay_max_ns);
    record_signed(buf, description->steady_ns);
    record_number(buf, description->tries);
}

static void put_transitions(struct buf *buf, uint16_t count, const struct transition_dependency *dependencies)
{
    record_number(buf, count);
    for (uint16_t i = 0; i < count; i++) {
        record_number(buf, dependencies[i].on);
        record_number(buf, dependencies[i].next);
        record_number(buf, dependencies[i].satisfied);
    }
}

static void put_pairs(struct buf *buf, uint16_t count, const struct text_pair *pairs)
{
    record_number(buf, count);
    for (uint16_t i = 0; i < count; i++) {
        put_text(buf, pairs[i].key);
        put_text(buf, pairs[i].value);
    }
}

static void put_resource(struct buf *buf, const struct resource_def *def)
{
    put_text(buf, def->name);
    record_number(buf, def->kind);
    put_text(buf, def->type);
    record_number(buf, (def->shared ? 1 : 0) | (def->autoprovision ? 2 : 0));
    put_text(buf, def->driver);
    put_pairs(buf, def->option_count, def->options);
    put_pairs(buf, def->label_count, def->labels);
    put_text(buf, def->config_json);
    put_transitions(buf, def->dependency_count, def->dependencies);
}

static void put_agents(struct buf *buf, const struct container_def *def)
{
    record_number(buf, def->agent_count);
    for (uint16_t i = 0; i < def->agent_count; i++) {
        put_text(buf, def->agents[i].name);
        put_pairs(buf, def->agents[i].property_count, def->agents[i].properties);
        put_description(buf, def->agents[i].description);
    }
}

static void put_binds(struct buf *buf, const struct container_def *def)
{
    record_number(buf, def->bind_count);
    for (uint16_t i = 0; i < def->bind_count; i++) {
        record_number(buf, def->binds[i].of_resource ? 1 + (uint64_t)def->binds[i].resource : 0);
        put_text(buf, def->binds[i].source);
        put_text(buf, def->binds[i].target);
    }
}

static void put_splices(struct buf *buf, const struct splice *splices, uint16_t count)
{
    record_number(buf, count);
    for (uint16_t i = 0; i < count; i++) {
        record_number(buf, splices[i].at);
        record_number(buf, splices[i].mapping);
        record_number(buf, splices[i].offset);
    }
}

static void put_container(struct buf *buf, const struct container_def *def)
{
    put_text(buf, def->name);
    put_text(buf, def->image);
    record_number(buf, (def->essential ? 1 : 0) | (def->health_check ? 2 : 0) | (def->restart != NULL ? 4 : 0) |
                           (def->registry_auth != NULL ? 8 : 0) | (def->agent_count > 0 ? 16 : 0));
    record_number(buf, def->type);
    record_number(buf, def->steady);
    record_number(buf, def->cpu_units);
    record_number(buf, def->memory_mib);
    record_number(buf, def->memory_reservation_bytes);
    record_signed(buf, def->start_timeout_ns);
    record_signed(buf, def->stop_timeout_ns);
    record_number(buf, def->dependency_count);
    for (uint16_t i = 0; i < def->dependency_count; i++) {
        record_number(buf, def->dependencies[i].on);
        record_number(buf, def->dependencies[i].condition);
    }
    record_number(buf, def->run_dependency_count);
    for (uint16_t i = 0; i < def->run_dependency_count; i++)
        record_number(buf, def->run_dependencies[i]);
    put_transitions(buf, def->container_wait_count, def->container_waits);
    put_transitions(buf, def->resource_wait_count, def->resource_waits);
    put_binds(buf, def);
    record_number(buf, def->link_count);
    for (uint16_t i = 0; i < def->link_count; i++) {
        record_number(buf, def->links[i].target);
        put_text(buf, def->links[i].alias);
    }
    record_number(buf, def->volumes_from_count);
    for (uint16_t i = 0; i < def->volumes_from_count; i++)
        record_number(buf, (uint64_t)def->volumes_from[i].source << 1 | (def->volumes_from[i].read_only ? 1 : 0));
    record_number(buf, def->port_count);
    for (uint16_t i = 0; i < def->port_count; i++) {
        record_number(buf, def->ports[i].container_port);
        record_number(buf, def->ports[i].host_port);
        record_number(buf, (uint64_t)def->ports[i].count << 3 | (def->ports[i].is_range ? 4u : 0u) | (def->ports[i].engine_chooses ? 2u : 0u) |
                               def->ports[i].protocol);
    }
    record_number(buf, def->gpu_count);
    record_number(buf, def->gpu_id_count);
    for (uint16_t i = 0; i < def->gpu_id_count; i++)
        put_text(buf, def->gpu_ids[i]);
    if (def->registry_auth != NULL) {
        put_text(buf, def->registry_auth->type);
        record_number(buf, def->registry_auth->execution_role);
        put_text(buf, def->registry_auth->details);
    }
    if (def->restart != NULL) {
        record_signed(buf, def->restart->period_ns);
        record_number(buf, def->restart->ignored_count);
        for (uint16_t i = 0; i < def->restart->ignored_count; i++)
            record_signed(buf, def->restart->ignored[i]);
    }
    put_text(buf, def->config_json);
    put_text(buf, def->labels_json);
    put_text(buf, def->host_config_json);
    put_splices(buf, def->gpu_splices, def->gpu_splice_count);
    put_splices(buf, def->port_splices, def->port_splice_count);
    if (def->agent_count > 0)
        put_agents(buf, def);
}

/* Keeps a copy of the content. */
static int set_content(struct definition *definition, const void *content, size_t len)
{
    definition->content = (unsigned char *)arena_strndup(&definition->arena, content, len);
    definition->content_len = len;
    definition->hash = hash64(0, content, len);
    return definition->content != NULL ? 0 : ECSENGINE_ENOMEM;
}

int definition_seal(struct definition *definition)
{
    struct buf buf;

    buf_init(&buf, definition->arena.mem, CONTENT_MAX);
    put_text(&buf, definition->family);
    put_text(&buf, definition->version);
    put_text(&buf, definition->network_mode);
    put_text(&buf, definition->launch_type);
    record_number(&buf, definition->cpu_units);
    record_number(&buf, definition->memory_mib);
    record_number(&buf, definition->container_count);
    record_number(&buf, definition->resource_count);
    for (uint16_t i = 0; i < definition->container_count; i++)
        put_container(&buf, &definition->containers[i]);
    for (uint16_t i = 0; i < definition->resource_count; i++)
        put_resource(&buf, &definition->resources[i]);
    int code = buf.failed;
    if (code == 0)
        code = set_content(definition, buf.data, buf.len);
    buf_free(&buf);
    return code == 0 ? derive(definition) : code;
}

/* Decoding. Memory and nonsense fail in different ways, so both are remembered until the end. */
struct decoder {
    struct record_reader reader;
    struct arena *arena;
    bool no_memory;
};

static const char *get_text(struct decoder *decoder)
{
    size_t len;
    const char *text = record_read_text(&decoder->reader, CONTENT_MAX, &len);
    const char *copy = arena_strndup(decoder->arena, text, len);

    if (copy == NULL)
        decoder->no_memory = true;
    return copy != NULL ? copy : "";
}

/* An array of `n` items; what can't be there (each takes at least a byte) is nonsense, so a bad count asks for no memory. */
static void *make_array(struct decoder *decoder, uint64_t n, size_t size, uint16_t *count)
{
    if (n > (size_t)(decoder->reader.end - decoder->reader.at)) {
        decoder->reader.bad = true;
        n = 0;
    }
    void *array = arena_array(decoder->arena, n, size);

    if (array == NULL)
        decoder->no_memory = true;
    *count = array != NULL ? (uint16_t)n : 0;
    return array;
}

static void *get_array(struct decoder *decoder, uint64_t max, size_t size, uint16_t *count)
{
    return make_array(decoder, record_read_number(&decoder->reader, max), size, count);
}

static void get_dependencies(struct decoder *decoder, struct container_def *def, uint64_t containers)
{
    struct dependency *dependencies = get_array(decoder, UINT16_MAX, sizeof(*dependencies), &def->dependency_count);

    for (uint16_t i = 0; i < def->dependency_count; i++) {
        dependencies[i].on = (uint16_t)record_read_number(&decoder->reader, containers - 1);
        dependencies[i].condition = (uint8_t)record_read_number(&decoder->reader, CONDITION_CREATE);
    }
    def->dependencies = dependencies;
}

static void get_ports(struct decoder *decoder, struct container_def *def)
{
    struct port_mapping *ports = get_array(decoder, UINT16_MAX, sizeof(*ports), &def->port_count);

    for (uint16_t i = 0; i < def->port_count; i++) {
        struct port_mapping *port = &ports[i];
        port->container_port = (uint16_t)record_read_number(&decoder->reader, UINT16_MAX);
        port->host_port = (uint16_t)record_read_number(&decoder->reader, UINT16_MAX);
        uint64_t bits = record_read_number(&decoder->reader, (uint64_t)UINT16_MAX << 3 | 7);
        port->protocol = bits & 1;
        port->engine_chooses = (bits & 2) != 0;
        port->is_range = (bits & 4) != 0;
        port->count = (uint16_t)(bits >> 3);
        if (port->count == 0 || port->container_port + port->count - 1 > UINT16_MAX || port->host_port + port->count - 1 > UINT16_MAX ||
            (port->engine_chooses && port->host_port != 0))
            decoder->reader.bad = true;
    }
    def->ports = ports;
}

static void get_gpus(struct decoder *decoder, struct container_def *def)
{
    def->gpu_count = (uint16_t)record_read_number(&decoder->reader, UINT16_MAX);
    const char **ids = get_array(decoder, UINT16_MAX, sizeof(*ids), &def->gpu_id_count);
    for (uint16_t i = 0; i < def->gpu_id_count; i++)
        ids[i] = get_text(decoder);
    def->gpu_ids = ids;
}

/* In order, within the text, and of what there is. */
static const struct splice *get_splices(struct decoder *decoder, const struct container_def *def, const char *json, bool of_ports,
                                        uint16_t *out_count)
{
    struct splice *splices = get_array(decoder, UINT16_MAX, sizeof(*splices), out_count);
    size_t len = strlen(json);

    for (uint16_t i = 0; i < *out_count; i++) {
        splices[i].at = (uint32_t)record_read_number(&decoder->reader, len);
        splices[i].mapping = (uint16_t)record_read_number(&decoder->reader, UINT16_MAX);
        splices[i].offset = (uint16_t)record_read_number(&decoder->reader, UINT16_MAX);
        if ((i > 0 && splices[i].at < splices[i - 1].at) ||
            (of_ports && (splices[i].mapping >= def->port_count || !def->ports[splices[i].mapping].engine_chooses ||
                          splices[i].offset >= def->ports[splices[i].mapping].count)))
            decoder->reader.bad = true;
    }
    return splices;
}

/* An index below `count`: with none there is nothing to name. */
static uint16_t get_index(struct decoder *decoder, uint64_t count)
{
    if (count == 0)
        decoder->reader.bad = true;
    return (uint16_t)record_read_number(&decoder->reader, count > 0 ? count - 1 : 0);
}

/* `count`: of what they name. `next` and `satisfied` are at most these. */
static const struct transition_dependency *get_transitions(struct decoder *decoder, uint64_t count, uint8_t next, uint8_t satisfied,
                                                           uint16_t *out_count)
{
    struct transition_dependency *dependencies = get_array(decoder, UINT16_MAX, sizeof(*dependencies), out_count);

    for (uint16_t i = 0; i < *out_count; i++) {
        dependencies[i].on = get_index(decoder, count);
        dependencies[i].next = (uint8_t)record_read_number(&decoder->reader, next);
        dependencies[i].satisfied = (uint8_t)record_read_number(&decoder->reader, satisfied);
    }
    return dependencies;
}

static const struct text_pair *get_pairs(struct decoder *decoder, uint16_t *out_count)
{
    struct text_pair *pairs = get_array(decoder, UINT16_MAX, sizeof(*pairs), out_count);

    for (uint16_t i = 0; i < *out_count; i++) {
        pairs[i].key = get_text(decoder);
        pairs[i].value = get_text(decoder);
    }
    return pairs;
}

static void get_resource(struct decoder *decoder, struct resource_def *def, uint64_t containers)
{
    def->name = get_text(decoder);
    def->kind = (uint8_t)record_read_number(&decoder->reader, RESOURCE_VOLUME);
    def->type = get_text(decoder);
    uint64_t flags = record_read_number(&decoder->reader, 3);
    def->shared = (flags & 1) != 0;
    def->autoprovision = (flags & 2) != 0;
    def->driver = get_text(decoder);
    def->options = get_pairs(decoder, &def->option_count);
    def->labels = get_pairs(decoder, &def->label_count);
    def->config_json = get_text(decoder);
    def->dependencies =
        get_transitions(decoder, containers, RESOURCE_CREATED, ECSENGINE_CONTAINER_STOPPED, &def->dependency_count);
}

static void get_binds(struct decoder *decoder, struct container_def *def, uint64_t resources)
{
    struct bind *binds = get_array(decoder, UINT16_MAX, sizeof(*binds), &def->bind_count);

    for (uint16_t i = 0; i < def->bind_count; i++) {
        uint64_t resource = record_read_number(&decoder->reader, resources);
        binds[i].of_resource = resource != 0;
        binds[i].resource = resource != 0 ? (uint16_t)(resource - 1) : 0;
        binds[i].source = get_text(decoder);
        binds[i].target = get_text(decoder);
    }
    def->binds = binds;
}

/* What a container waits for, beside its dependencies; and where it stays. */
static void get_waits(struct decoder *decoder, struct container_def *def, uint64_t containers, uint64_t resources)
{
    uint16_t *run_dependencies = get_array(decoder, UINT16_MAX, sizeof(*run_dependencies), &def->run_dependency_count);

    for (uint16_t i = 0; i < def->run_dependency_count; i++)
        run_dependencies[i] = get_index(decoder, containers);
    def->run_dependencies = run_dependencies;
    def->container_waits = get_transitions(decoder, containers, ECSENGINE_CONTAINER_STOPPED, ECSENGINE_CONTAINER_STOPPED,
                                           &def->container_wait_count);
    def->resource_waits =
        get_transitions(decoder, resources, ECSENGINE_CONTAINER_STOPPED, RESOURCE_REMOVED, &def->resource_wait_count);
}

static void get_registry_auth(struct decoder *decoder, struct container_def *def)
{
    struct registry_auth *auth = arena_array(decoder->arena, 1, sizeof(*auth));

    if (auth == NULL) {
        decoder->no_memory = true;
        return;
    }
    auth->type = get_text(decoder);
    auth->execution_role = record_read_number(&decoder->reader, 1) != 0;
    auth->details = get_text(decoder);
    def->registry_auth = auth;
}

static void get_restart(struct decoder *decoder, struct container_def *def)
{
    struct restart_policy *restart = arena_array(decoder->arena, 1, sizeof(*restart));

    if (restart == NULL) {
        decoder->no_memory = true;
        return;
    }
    restart->period_ns = record_read_signed(&decoder->reader);
    int32_t *ignored = get_array(decoder, LIMIT_IGNORED_EXIT_CODES, sizeof(*ignored), &restart->ignored_count);
    for (uint16_t i = 0; i < restart->ignored_count; i++)
        ignored[i] = (int32_t)record_read_signed(&decoder->reader);
    restart->ignored = ignored;
    def->restart = restart;
}

static int64_t get_duration(struct decoder *decoder)
{
    int64_t ns = record_read_signed(&decoder->reader);

    if (ns < 0 || ns > LIMIT_TIMEOUT_NS)
        decoder->reader.bad = true;
    return ns;
}

static const struct agent_description *get_description(struct decoder *decoder, const char *name)
{
    struct agent_description *description = arena_array(decoder->arena, 1, sizeof(*description));

    if (record_read_number(&decoder->reader, 1) == 1)
        return &agent_builtin;
    if (description == NULL) {
        decoder->no_memory = true;
        return &agent_builtin;
    }
    description->name = name;
    description->exec = get_text(decoder);
    description->prepare = get_text(decoder);
    description->binds = get_text(decoder);
    description->clean = get_text(decoder);
    description->interval_ns = get_duration(decoder);
    description->delay_min_ns = get_duration(decoder);
    description->delay_max_ns = get_duration(decoder);
    description->steady_ns = get_duration(decoder);
    description->tries = (uint32_t)record_read_number(&decoder->reader, UINT32_MAX);
    return description;
}

static void get_agents(struct decoder *decoder, struct container_def *def)
{
    struct managed_agent *agents = get_array(decoder, LIMIT_AGENTS, sizeof(*agents), &def->agent_count);

    for (uint16_t i = 0; i < def->agent_count; i++) {
        agents[i].name = get_text(decoder);
        agents[i].properties = get_pairs(decoder, &agents[i].property_count);
        agents[i].description = get_description(decoder, agents[i].name);
    }
    def->agents = agents;
}

static void get_container(struct decoder *decoder, struct container_def *def, uint64_t containers, uint64_t resources)
{
    def->name = get_text(decoder);
    def->image = get_text(decoder);
    uint64_t flags = record_read_number(&decoder->reader, 31);
    def->essential = (flags & 1) != 0;
    def->health_check = (flags & 2) != 0;
    def->type = (uint8_t)record_read_number(&decoder->reader, CONTAINER_MANAGED_DAEMON);
    def->steady = (uint8_t)record_read_number(&decoder->reader, ECSENGINE_CONTAINER_RESOURCES_PROVISIONED);
    if (def->steady < ECSENGINE_CONTAINER_CREATED)
        decoder->reader.bad = true; /* no other is a place to stay */
    def->cpu_units = (uint32_t)record_read_number(&decoder->reader, UINT32_MAX);
    def->memory_mib = (uint32_t)record_read_number(&decoder->reader, UINT32_MAX);
    def->memory_reservation_bytes = record_read_number(&decoder->reader, UINT64_MAX);
    def->start_timeout_ns = record_read_signed(&decoder->reader);
    def->stop_timeout_ns = record_read_signed(&decoder->reader);
    get_dependencies(decoder, def, containers);
    get_waits(decoder, def, containers, resources);
    get_binds(decoder, def, resources);
    struct link *links = get_array(decoder, UINT16_MAX, sizeof(*links), &def->link_count);
    for (uint16_t i = 0; i < def->link_count; i++) {
        links[i].target = (uint16_t)record_read_number(&decoder->reader, containers - 1);
        links[i].alias = get_text(decoder);
    }
    def->links = links;
    struct volumes_from *sources = get_array(decoder, UINT16_MAX, sizeof(*sources), &def->volumes_from_count);
    for (uint16_t i = 0; i < def->volumes_from_count; i++) {
        uint64_t value = record_read_number(&decoder->reader, containers * 2 - 1);
        sources[i].source = (uint16_t)(value >> 1);
        sources[i].read_only = (value & 1) != 0;
    }
    def->volumes_from = sources;
    get_ports(decoder, def);
    get_gpus(decoder, def);
    if ((flags & 8) != 0)
        get_registry_auth(decoder, def);
    if ((flags & 4) != 0)
        get_restart(decoder, def);
    def->config_json = get_text(decoder);
    def->labels_json = get_text(decoder);
    def->host_config_json = get_text(decoder);
    def->gpu_splices = get_splices(decoder, def, def->config_json, false, &def->gpu_splice_count);
    def->port_splices = get_splices(decoder, def, def->host_config_json, true, &def->port_splice_count);
    if ((flags & 16) != 0)
        get_agents(decoder, def);
}

/* Both counts stand before both lists: a container names resources, and a resource containers. */
static void get_parts(struct decoder *decoder, struct definition *definition)
{
    uint64_t containers = record_read_number(&decoder->reader, LIMIT_CONTAINERS);
    uint64_t resources = record_read_number(&decoder->reader, LIMIT_RESOURCES);

    definition->containers = make_array(decoder, containers, sizeof(*definition->containers), &definition->container_count);
    for (uint16_t i = 0; i < definition->container_count; i++)
        get_container(decoder, &definition->containers[i], containers, resources);
    definition->resources = make_array(decoder, resources, sizeof(*definition->resources), &definition->resource_count);
    for (uint16_t i = 0; i < definition->resource_count; i++)
        get_resource(decoder, &definition->resources[i], containers);
}

int definition_decode(struct mem *mem, const unsigned char *content, size_t len, struct definition **out_definition)
{
    struct definition *definition = definition_new(mem);

    if (definition == NULL)
        return ECSENGINE_ENOMEM;
    struct decoder decoder = {.reader = {.at = content, .end = content + len}, .arena = &definition->arena};
    definition->family = get_text(&decoder);
    definition->version = get_text(&decoder);
    definition->network_mode = get_text(&decoder);
    definition->launch_type = get_text(&decoder);
    definition->cpu_units = (uint32_t)record_read_number(&decoder.reader, UINT32_MAX);
    definition->memory_mib = record_read_number(&decoder.reader, UINT64_MAX);
    get_parts(&decoder, definition);
    int code = decoder.no_memory ? ECSENGINE_ENOMEM : 0;
    if (code == 0 && (decoder.reader.bad || decoder.reader.at != decoder.reader.end || definition->container_count == 0))
        code = ECSENGINE_ECORRUPT;
    if (code == 0)
        code = set_content(definition, content, len);
    if (code == 0)
        code = derive(definition);
    if (code == ECSENGINE_ELIMIT)
        code = ECSENGINE_ECORRUPT;
    if (code < 0)
        definition_unref(definition);
    else
        *out_definition = definition;
    return code;
}
