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

static void put_text(struct buf *buf, const char *text)
{
    const char *some = text != NULL ? text : "";

    record_text(buf, some, strlen(some));
}

static void put_container(struct buf *buf, const struct container_def *def)
{
    put_text(buf, def->name);
    put_text(buf, def->image);
    record_number(buf, (def->essential ? 1 : 0) | (def->health_check ? 2 : 0));
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
        record_number(buf, def->ports[i].protocol);
    }
    put_text(buf, def->config_json);
    put_text(buf, def->labels_json);
    put_text(buf, def->host_config_json);
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
    for (uint16_t i = 0; i < definition->container_count; i++)
        put_container(&buf, &definition->containers[i]);
    int code = buf.failed;
    if (code == 0)
        code = set_content(definition, buf.data, buf.len);
    buf_free(&buf);
    return code;
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

/* An array of `*count` items; what can't be there (each takes at least a byte) is nonsense, so a bad count asks for no memory. */
static void *get_array(struct decoder *decoder, uint64_t max, size_t size, uint16_t *count)
{
    size_t left = (size_t)(decoder->reader.end - decoder->reader.at);
    uint64_t n = record_read_number(&decoder->reader, max < left ? max : left);
    void *array = arena_array(decoder->arena, n, size);

    if (array == NULL)
        decoder->no_memory = true;
    *count = array != NULL ? (uint16_t)n : 0;
    return array;
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

static void get_container(struct decoder *decoder, struct container_def *def, uint64_t containers)
{
    def->name = get_text(decoder);
    def->image = get_text(decoder);
    uint64_t flags = record_read_number(&decoder->reader, 3);
    def->essential = (flags & 1) != 0;
    def->health_check = (flags & 2) != 0;
    def->cpu_units = (uint32_t)record_read_number(&decoder->reader, UINT32_MAX);
    def->memory_mib = (uint32_t)record_read_number(&decoder->reader, UINT32_MAX);
    def->memory_reservation_bytes = record_read_number(&decoder->reader, UINT64_MAX);
    def->start_timeout_ns = record_read_signed(&decoder->reader);
    def->stop_timeout_ns = record_read_signed(&decoder->reader);
    get_dependencies(decoder, def, containers);
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
    struct port_mapping *ports = get_array(decoder, UINT16_MAX, sizeof(*ports), &def->port_count);
    for (uint16_t i = 0; i < def->port_count; i++) {
        ports[i].container_port = (uint16_t)record_read_number(&decoder->reader, UINT16_MAX);
        ports[i].host_port = (uint16_t)record_read_number(&decoder->reader, UINT16_MAX);
        ports[i].protocol = (uint8_t)record_read_number(&decoder->reader, PROTOCOL_UDP);
    }
    def->ports = ports;
    def->config_json = get_text(decoder);
    def->labels_json = get_text(decoder);
    def->host_config_json = get_text(decoder);
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
    definition->containers = get_array(&decoder, LIMIT_CONTAINERS, sizeof(*definition->containers), &definition->container_count);
    for (uint16_t i = 0; i < definition->container_count; i++)
        get_container(&decoder, &definition->containers[i], definition->container_count);
    int code = decoder.no_memory ? ECSENGINE_ENOMEM : 0;
    if (code == 0 && (decoder.reader.bad || decoder.reader.at != decoder.reader.end || definition->container_count == 0))
        code = ECSENGINE_ECORRUPT;
    if (code == 0)
        code = set_content(definition, content, len);
    if (code < 0)
        definition_unref(definition);
    else
        *out_definition = definition;
    return code;
}
