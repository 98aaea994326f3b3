/* SPDX-License-Identifier: Apache-2.0 */
/* A container as Docker is asked for it (task-payload: 9 and 10): what the engine computes, the raw overlay over it, and what the
 * overlay can't change over that. The result is text, compact and sorted, so that equal definitions are equal bytes; what depends
 * on the task itself (labels of the engine, names of other containers) is left to container_config.c.
 *
 * The two lower layers are written as JSON and read again: one notation for all three, and the parser is quick. */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "spec/overlay.h"
#include "spec/source.h"

enum {
    CPU_SHARES_MIN = 2, /* Docker turns 0 into 1024 */
    CPU_SHARES_MAX = 262144,
    MEMORY_MIN_MIB = 4,
    MIB = 1048576,
    PORT_TEXT_MAX = 16,
};

static const char config_prefix[] = "DockerClientConfigError: Unable decode given docker config";
static const char host_config_prefix[] = "HostConfigError: Unable to decode given host config";

/* Reads what was written, and frees the writer. NULL after a failure. */
static const struct json_value *read_back(struct reader *reader, struct buf *text)
{
    char message[READER_MESSAGE_MAX];

    if (text->failed != 0)
        reader_nomem(reader);
    size_t len = text->len;
    char *copy = reader_scratch(reader, len, 1);
    if (copy != NULL)
        memcpy(copy, text->data, len);
    buf_free(text);
    return copy != NULL ? reader_parse(reader, copy, len, message) : NULL;
}

/* Raw Docker JSON as an object, or NULL: there is none, or it is wrong. */
static const struct json_value *raw_object(struct reader *reader, const struct source_raw *raw, const char *prefix)
{
    char message[READER_MESSAGE_MAX];

    if (raw->len == 0 || reader_failed(reader))
        return NULL;
    const struct json_value *root = reader_parse(reader, raw->text, raw->len, message);
    if (root == NULL)
        reader_refuse(reader, "%s: %s", prefix, message);
    else if (root->kind != JSON_KIND_OBJECT && root->kind != JSON_KIND_NULL)
        reader_refuse(reader, "%s: expected an object, got %s", prefix, json_kind_name(root->kind));
    return root != NULL && root->kind == JSON_KIND_OBJECT ? root : NULL;
}

/* Where the engine's choices of admission go: `<marker><mapping>.<offset>.` in the text while it is made, a splice afterwards. The marker
 * is one that the rest of the text has not, so that nothing of a user's can look like it. NULL: there are none. */
enum { MARKER_MAX = 16, MARKED_MAX = MARKER_MAX + 16 };

static void port_key(const struct port_mapping *port, uint16_t offset, char key[PORT_TEXT_MAX])
{
    snprintf(key, PORT_TEXT_MAX, "%u/%s", (unsigned)port->container_port + offset, port->protocol == PROTOCOL_UDP ? "udp" : "tcp");
}

/* The mapping has that container port; `out_offset` says where. */
static bool maps_port(const struct port_mapping *port, uint32_t container_port, uint8_t protocol, uint16_t *out_offset)
{
    if (port->protocol != protocol || container_port < port->container_port || container_port - port->container_port >= port->count)
        return false;
    *out_offset = (uint16_t)(container_port - port->container_port);
    return true;
}

/* The first mapping of that container port: where its bindings are written. */
static bool first_of_port(const struct source_container *container, size_t index, uint16_t offset)
{
    const struct port_mapping *port = &container->ports[index];
    uint16_t at;

    for (size_t i = 0; i < index; i++)
        if (maps_port(&container->ports[i], (uint32_t)port->container_port + offset, port->protocol, &at))
            return false;
    return true;
}

static const char gpu_variable[] = "NVIDIA_VISIBLE_DEVICES";

static bool has_gpus(const struct source_container *container) { return container->gpu_id_count > 0 || container->gpu_count > 0; }

static void put_word(struct reader *reader, struct buf *out, const struct buf *text)
{
    if (text->failed == 0)
        json_text_len(out, NULL, text->data, text->len);
    else
        reader_nomem(reader);
}

/* The ids that the document names, then those that will be chosen. */
static void put_gpu_variable(struct reader *reader, struct buf *out, struct buf *text, const struct source_container *container,
                             const char *marker)
{
    buf_clear(text);
    buf_printf(text, "%s=", gpu_variable);
    for (uint16_t i = 0; i < container->gpu_id_count && container->gpu_count == 0; i++)
        buf_printf(text, "%s%s", i > 0 ? "," : "", container->gpu_ids[i]);
    if (container->gpu_count > 0 && marker != NULL)
        buf_printf(text, "%s0.0.", marker);
    put_word(reader, out, text);
}

static void put_environment(struct reader *reader, struct buf *out, const struct source_container *container, const char *marker)
{
    struct buf text;
    bool gpus = has_gpus(container);

    buf_init(&text, reader->mem, 0);
    json_open(out, "Env", '[');
    for (size_t i = 0; i < container->environment_count; i++) {
        const struct json_value *variable = container->environment[i];
        int order = gpus ? strcmp(variable->key, gpu_variable) : -1;
        if (order >= 0) {
            put_gpu_variable(reader, out, &text, container, marker);
            gpus = false;
            if (order == 0)
                continue; /* what the user set gives way */
        }
        buf_clear(&text);
        buf_put(&text, variable->key, variable->key_len);
        buf_puts(&text, "=");
        if (variable->kind == JSON_KIND_TEXT)
            buf_put(&text, variable->text, variable->count);
        put_word(reader, out, &text);
    }
    if (gpus)
        put_gpu_variable(reader, out, &text, container, marker);
    json_close(out, ']');
    buf_free(&text);
}

static void put_exposed_ports(struct buf *out, const struct source_container *container)
{
    char key[PORT_TEXT_MAX];

    json_open(out, "ExposedPorts", '{');
    for (size_t i = 0; i < container->port_count; i++) {
        for (uint16_t offset = 0; offset < container->ports[i].count; offset++) {
            if (!first_of_port(container, i, offset))
                continue;
            port_key(&container->ports[i], offset, key);
            json_raw(out, key, "{}", 2);
        }
    }
    json_close(out, '}');
}

static const struct json_value *config_base(struct reader *reader, const struct source_container *container, const char *marker)
{
    struct buf out;

    buf_init(&out, reader->mem, 0);
    json_open(&out, NULL, '{');
    json_text(&out, "Image", container->image);
    if (container->command != NULL)
        json_write(&out, "Cmd", container->command, &reader->scratch);
    if (container->entry_point != NULL)
        json_write(&out, "Entrypoint", container->entry_point, &reader->scratch);
    if (container->environment_count > 0 || has_gpus(container))
        put_environment(reader, &out, container, marker);
    if (container->port_count > 0)
        put_exposed_ports(&out, container);
    json_close(&out, '}');
    return read_back(reader, &out);
}

/* What is mounted, or NULL: a volume of a kind that is not honoured yet is left out (container.c reported it). */
static const struct source_volume *mounted_volume(struct reader *reader, const struct source_task *task,
                                                  const struct source_container *container, const struct source_mount *mount)
{
    const struct source_volume *volume = source_find_volume(task, mount->volume);

    if (volume == NULL) {
        reader_refuse(reader, "HostConfigError: Invalid volume referenced: %s", mount->volume);
        return NULL;
    }
    if (volume->kind == VOLUME_OTHER)
        return NULL;
    if (mount->container_path[0] == '\0') {
        reader_refuse(reader, "HostConfigError: Unable to resolve volume mounts; invalid path: %s %s; %s -> ", container->name,
                      mount->volume, volume->source_path != NULL ? volume->source_path : volume->name);
        return NULL;
    }
    return volume;
}

/* The name of a volume that is made for the task is not known yet: all binds of such a container are put in when its create leaves. */
static bool binds_later(const struct source_task *task, const struct source_container *container)
{
    for (size_t i = 0; i < container->mount_count; i++) {
        const struct source_volume *volume = source_find_volume(task, container->mounts[i].volume);
        if (volume != NULL && volume->resource >= 0)
            return true;
    }
    return false;
}

static void keep_binds(struct reader *reader, const struct source_task *task, const struct source_container *container,
                       struct container_def *out)
{
    struct bind *binds = arena_array(reader->kept, container->mount_count, sizeof(*binds));
    struct buf text;

    if (binds == NULL)
        reader_nomem(reader);
    buf_init(&text, reader->mem, 0);
    for (size_t i = 0; i < container->mount_count && !reader_failed(reader); i++) {
        const struct source_mount *mount = &container->mounts[i];
        const struct source_volume *volume = mounted_volume(reader, task, container, mount);
        if (volume == NULL)
            continue;
        buf_clear(&text);
        buf_printf(&text, "%s%s", mount->container_path, mount->read_only ? ":ro" : "");
        if (text.failed != 0)
            reader_nomem(reader);
        struct bind *bind = &binds[out->bind_count++];
        bind->of_resource = volume->resource >= 0;
        bind->resource = volume->resource >= 0 ? (uint16_t)volume->resource : 0;
        bind->source = volume->resource >= 0 ? "" : reader_keep(reader, volume->source_path);
        bind->target = reader_keep(reader, text.data);
    }
    buf_free(&text);
    out->binds = binds;
}

/* `source:path`, `source:path:ro`. */
static void put_bind(struct reader *reader, struct buf *out, const struct source_task *task,
                     const struct source_container *container, const struct source_mount *mount)
{
    const struct source_volume *volume = mounted_volume(reader, task, container, mount);
    struct buf text;

    if (volume == NULL)
        return;
    buf_init(&text, reader->mem, 0);
    buf_printf(&text, "%s:%s%s", volume->source_path, mount->container_path, mount->read_only ? ":ro" : "");
    if (text.failed == 0)
        json_text_len(out, NULL, text.data, text.len);
    else
        reader_nomem(reader);
    buf_free(&text);
}

/* A host port of 0 is Docker's own choice. */
static void put_binding(struct buf *out, const struct port_mapping *port, size_t mapping, uint16_t offset, const char *marker)
{
    char host_port[MARKED_MAX];

    if (port->engine_chooses && marker != NULL)
        snprintf(host_port, sizeof(host_port), "%s%u.%u.", marker, (unsigned)mapping, offset);
    else
        snprintf(host_port, sizeof(host_port), "%u", port->host_port != 0 ? (unsigned)port->host_port + offset : 0);
    json_open(out, NULL, '{');
    json_text(out, "HostIp", "");
    json_text(out, "HostPort", host_port);
    json_close(out, '}');
}

static void put_port_bindings(struct buf *out, const struct source_container *container, const char *marker)
{
    char key[PORT_TEXT_MAX];
    uint16_t at;

    json_open(out, "PortBindings", '{');
    for (size_t i = 0; i < container->port_count; i++) {
        const struct port_mapping *port = &container->ports[i];
        for (uint16_t offset = 0; offset < port->count; offset++) {
            if (!first_of_port(container, i, offset))
                continue;
            port_key(port, offset, key);
            json_open(out, key, '[');
            for (size_t j = i; j < container->port_count; j++)
                if (maps_port(&container->ports[j], (uint32_t)port->container_port + offset, port->protocol, &at))
                    put_binding(out, &container->ports[j], j, at, marker);
            json_close(out, ']');
        }
    }
    json_close(out, '}');
}

/* Logging that must not block needs a bound (task-payload: 11.8); the raw value, if there is one, stays. */
static void put_log_bound(struct buf *out, const struct json_value *raw)
{
    const struct json_value *mode = json_member(json_member(json_member(raw, "LogConfig"), "Config"), "mode");

    if (mode == NULL || mode->kind != JSON_KIND_TEXT || strcmp(mode->key, "mode") != 0 || strcmp(mode->text, "non-blocking") != 0)
        return;
    json_open(out, "LogConfig", '{');
    json_open(out, "Config", '{');
    json_text(out, "max-buffer-size", "10m");
    json_close(out, '}');
    json_close(out, '}');
}

static bool has_variable(const struct source_container *container, const char *name)
{
    for (size_t i = 0; i < container->environment_count; i++)
        if (strcmp(container->environment[i]->key, name) == 0)
            return true;
    return false;
}

static const struct json_value *host_config_base(struct reader *reader, const struct source_task *task,
                                                 const struct source_container *container, const struct json_value *raw,
                                                 const char *marker)
{
    uint32_t shares = container->cpu_units < CPU_SHARES_MIN   ? CPU_SHARES_MIN
                      : container->cpu_units > CPU_SHARES_MAX ? CPU_SHARES_MAX
                                                              : container->cpu_units;
    int64_t memory_mib =
        container->memory_mib > 0 && container->memory_mib < MEMORY_MIN_MIB ? MEMORY_MIN_MIB : container->memory_mib;
    struct buf out;

    buf_init(&out, reader->mem, 0);
    json_open(&out, NULL, '{');
    json_int(&out, "CpuShares", shares);
    if (memory_mib > 0)
        json_int(&out, "Memory", memory_mib * MIB);
    if (task->network_mode_base != NULL)
        json_text(&out, "NetworkMode", task->network_mode_base);
    if (container->mount_count > 0 && !binds_later(task, container)) {
        json_open(&out, "Binds", '[');
        for (size_t i = 0; i < container->mount_count; i++)
            put_bind(reader, &out, task, container, &container->mounts[i]);
        json_close(&out, ']');
    }
    if (container->port_count > 0)
        put_port_bindings(&out, container, marker);
    if (gpu_any(task) && (has_gpus(container) || has_variable(container, gpu_variable)))
        json_text(&out, "Runtime", task->limits->nvidia_runtime != NULL ? task->limits->nvidia_runtime : "nvidia");
    put_log_bound(&out, raw);
    json_close(&out, '}');
    return read_back(reader, &out);
}

/* What no raw value changes. */
static const struct json_value *host_config_forced(struct reader *reader, const struct source_task *task)
{
    struct buf out;

    buf_init(&out, reader->mem, 0);
    json_open(&out, NULL, '{');
    if (task->network_mode_forced != NULL)
        json_text(&out, "NetworkMode", task->network_mode_forced);
    if (task->pid_mode != NULL)
        json_text(&out, "PidMode", task->pid_mode);
    if (task->ipc_mode != NULL)
        json_text(&out, "IpcMode", task->ipc_mode);
    json_close(&out, '}');
    return read_back(reader, &out);
}

/* Labels that the engine sets itself, or that would look like its own. */
static bool engine_label(const char *name)
{
    static const char prefix[] = "com.amazonaws.ecs.";

    return strncmp(name, prefix, sizeof(prefix) - 1) == 0 || strcmp(name, "ecsengine.instance") == 0;
}

/* The members of an object as text without its braces, kept with the definition. `skip` may be NULL. */
static const char *members_text(struct reader *reader, const struct json_value *object, bool (*skip)(const char *key))
{
    size_t count = 0;
    struct buf out;

    if (object == NULL || reader_failed(reader))
        return "";
    const struct json_value **members = json_sorted(&reader->scratch, object, &count);
    buf_init(&out, reader->mem, 0);
    buf_puts(&out, "");
    for (size_t i = 0; members != NULL && i < count; i++)
        if (skip == NULL || !skip(members[i]->key))
            json_write(&out, members[i]->key, members[i], &reader->scratch);
    if (members == NULL || out.failed != 0)
        reader_nomem(reader);
    const char *kept = reader_keep(reader, out.data);
    buf_free(&out);
    return kept;
}

static bool is_labels(const char *key) { return strcmp(key, "Labels") == 0; }

/* A marker that the text has not. */
static void marker_for(const char *text, char marker[MARKER_MAX])
{
    unsigned n = 0;

    do
        snprintf(marker, MARKER_MAX, "@%u@", n++);
    while (strstr(text, marker) != NULL);
}

/* Takes the marked places out of a text, whose length only shrinks. */
static const char *cut_splices(struct reader *reader, const char *text, const char *marker, const struct splice **out_splices,
                               uint16_t *out_count)
{
    size_t count = 0, marker_len = strlen(marker), used = 0;

    for (const char *at = text; (at = strstr(at, marker)) != NULL; at += marker_len)
        count++;
    struct splice *splices = arena_array(reader->kept, count, sizeof(*splices));
    char *cut = splices != NULL && count <= UINT16_MAX ? arena_alloc(reader->kept, strlen(text) + 1) : NULL;
    if (cut == NULL) {
        reader_nomem(reader);
        return "";
    }
    *out_splices = splices;
    *out_count = (uint16_t)count;
    for (const char *mark; (mark = strstr(text, marker)) != NULL; splices++) {
        unsigned mapping = 0, offset = 0;
        memcpy(cut + used, text, (size_t)(mark - text));
        used += (size_t)(mark - text);
        for (text = mark + marker_len; *text != '.'; text++)
            mapping = mapping * 10 + (unsigned)(*text - '0');
        for (text++; *text != '.'; text++)
            offset = offset * 10 + (unsigned)(*text - '0');
        text++;
        *splices = (struct splice){.at = (uint32_t)used, .mapping = (uint16_t)mapping, .offset = (uint16_t)offset};
    }
    memcpy(cut + used, text, strlen(text) + 1);
    return cut;
}

static const struct json_value *config_of(struct reader *reader, const struct source_container *container, const char *marker)
{
    const struct json_value *raw = raw_object(reader, &container->config, config_prefix);
    const struct json_value *base = config_base(reader, container, marker);

    return overlay(reader, &docker_config_keys, base, raw, config_prefix);
}

static void render_config(struct reader *reader, const struct source_container *container, struct container_def *out)
{
    char marker[MARKER_MAX];
    const struct json_value *config = config_of(reader, container, NULL);

    if (reader_failed(reader))
        return;
    if (container->health_check && json_member(config, "Healthcheck") == NULL)
        reader_refuse(reader, "DockerClientConfigError: docker health check is nil while container health check type is DOCKER");
    out->config_json = members_text(reader, config, is_labels);
    out->labels_json = members_text(reader, json_member(config, "Labels"), engine_label);
    if (container->gpu_count == 0 || reader_failed(reader))
        return;
    marker_for(out->config_json, marker);
    const char *text = members_text(reader, config_of(reader, container, marker), is_labels);
    if (!reader_failed(reader))
        out->config_json = cut_splices(reader, text, marker, &out->gpu_splices, &out->gpu_splice_count);
}

/* A raw list takes the place of the computed one, null too (task-payload: 10). */
static bool raw_has(const struct json_value *raw, const char *name)
{
    for (const struct json_value *member = raw != NULL ? raw->first : NULL; member != NULL; member = member->next)
        if (ascii_equal(member->key, name))
            return true;
    return false;
}

static const struct json_value *host_config_of(struct reader *reader, const struct source_task *task,
                                               const struct source_container *container, const struct json_value *raw,
                                               const char *marker)
{
    const struct json_value *base = host_config_base(reader, task, container, raw, marker);
    const struct json_value *config = overlay(reader, &docker_host_config_keys, base, raw, host_config_prefix);

    return overlay(reader, &docker_host_config_keys, config, host_config_forced(reader, task), host_config_prefix);
}

static bool engine_chooses_any(const struct source_container *container)
{
    for (size_t i = 0; i < container->port_count; i++)
        if (container->ports[i].engine_chooses)
            return true;
    return false;
}

static bool is_binds(const char *key) { return strcmp(key, "Binds") == 0; }

/* What an agent mounts comes behind all binds, when the create leaves; so those are kept, and not rendered. */
static void split_binds(struct reader *reader, const struct json_value *list, struct container_def *out)
{
    struct bind *binds = arena_array(reader->kept, list != NULL ? list->count : 0, sizeof(*binds));

    if (binds == NULL)
        reader_nomem(reader);
    READER_EACH(reader, text, reader_texts(reader, list))
    {
        const char *whole = reader_keep(reader, text->text), *colon = whole != NULL ? strchr(whole, ':') : NULL;
        const char *source = colon != NULL ? arena_strndup(reader->kept, whole, (size_t)(colon - whole)) : whole;
        if (source == NULL)
            reader_nomem(reader);
        else
            binds[out->bind_count++] = (struct bind){.source = source, .target = colon != NULL ? colon + 1 : ""};
    }
    out->binds = binds;
}

static void render_host_config(struct reader *reader, const struct source_task *task, const struct source_container *container,
                               struct container_def *out)
{
    char marker[MARKER_MAX];
    const struct json_value *raw = raw_object(reader, &container->host_config, host_config_prefix);
    const struct json_value *config = host_config_of(reader, task, container, raw, NULL);
    int64_t reservation;

    if (reader_failed(reader))
        return;
    const struct json_value *soft = json_member(config, "MemoryReservation");
    if (soft != NULL && json_to_int64(soft, &reservation) && reservation > 0)
        out->memory_reservation_bytes = (uint64_t)reservation;
    if (binds_later(task, container))
        keep_binds(reader, task, container, out);
    if (raw_has(raw, "Binds"))
        out->bind_count = 0;
    if (raw_has(raw, "Links"))
        out->link_count = 0;
    if (raw_has(raw, "VolumesFrom"))
        out->volumes_from_count = 0;
    bool (*left_out)(const char *key) = out->agent_count > 0 && out->bind_count == 0 ? is_binds : NULL;
    if (left_out != NULL)
        split_binds(reader, json_member(config, "Binds"), out);
    out->host_config_json = members_text(reader, config, left_out);
    if (!engine_chooses_any(container) || reader_failed(reader))
        return;
    marker_for(out->host_config_json, marker);
    const char *text = members_text(reader, host_config_of(reader, task, container, raw, marker), left_out);
    if (!reader_failed(reader))
        out->host_config_json = cut_splices(reader, text, marker, &out->port_splices, &out->port_splice_count);
}

void docker_render(struct reader *reader, const struct source_task *task, const struct source_container *container,
                   struct container_def *out)
{
    render_config(reader, container, out);
    render_host_config(reader, task, container, out);
}
