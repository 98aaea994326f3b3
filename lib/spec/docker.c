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

static void port_key(const struct port_mapping *port, char key[PORT_TEXT_MAX])
{
    snprintf(key, PORT_TEXT_MAX, "%u/%s", port->container_port, port->protocol == PROTOCOL_UDP ? "udp" : "tcp");
}

static bool same_port(const struct port_mapping *left, const struct port_mapping *right)
{
    return left->container_port == right->container_port && left->protocol == right->protocol;
}

/* The first mapping of that container port: where its bindings are written. */
static bool first_of_port(const struct source_container *container, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (same_port(&container->ports[i], &container->ports[index]))
            return false;
    return true;
}

static void put_environment(struct reader *reader, struct buf *out, const struct source_container *container)
{
    struct buf text;

    buf_init(&text, reader->mem, 0);
    json_open(out, "Env", '[');
    for (size_t i = 0; i < container->environment_count; i++) {
        const struct json_value *variable = container->environment[i];
        buf_clear(&text);
        buf_put(&text, variable->key, variable->key_len);
        buf_puts(&text, "=");
        if (variable->kind == JSON_KIND_TEXT)
            buf_put(&text, variable->text, variable->count);
        if (text.failed == 0)
            json_text_len(out, NULL, text.data, text.len);
        else
            reader_nomem(reader);
    }
    json_close(out, ']');
    buf_free(&text);
}

static const struct json_value *config_base(struct reader *reader, const struct source_container *container)
{
    char key[PORT_TEXT_MAX];
    struct buf out;

    buf_init(&out, reader->mem, 0);
    json_open(&out, NULL, '{');
    json_text(&out, "Image", container->image);
    if (container->command != NULL)
        json_write(&out, "Cmd", container->command, &reader->scratch);
    if (container->entry_point != NULL)
        json_write(&out, "Entrypoint", container->entry_point, &reader->scratch);
    if (container->environment_count > 0)
        put_environment(reader, &out, container);
    if (container->port_count > 0) {
        json_open(&out, "ExposedPorts", '{');
        for (size_t i = 0; i < container->port_count; i++) {
            if (!first_of_port(container, i))
                continue;
            port_key(&container->ports[i], key);
            json_raw(&out, key, "{}", 2);
        }
        json_close(&out, '}');
    }
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
static void put_port_bindings(struct buf *out, const struct source_container *container)
{
    char key[PORT_TEXT_MAX], host_port[PORT_TEXT_MAX];

    json_open(out, "PortBindings", '{');
    for (size_t i = 0; i < container->port_count; i++) {
        if (!first_of_port(container, i))
            continue;
        port_key(&container->ports[i], key);
        json_open(out, key, '[');
        for (size_t j = i; j < container->port_count; j++) {
            if (!same_port(&container->ports[i], &container->ports[j]))
                continue;
            json_open(out, NULL, '{');
            json_text(out, "HostIp", "");
            snprintf(host_port, sizeof(host_port), "%u", container->ports[j].host_port);
            json_text(out, "HostPort", host_port);
            json_close(out, '}');
        }
        json_close(out, ']');
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

static const struct json_value *host_config_base(struct reader *reader, const struct source_task *task,
                                                 const struct source_container *container, const struct json_value *raw)
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
        put_port_bindings(&out, container);
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

static void render_config(struct reader *reader, const struct source_container *container, struct container_def *out)
{
    const struct json_value *raw = raw_object(reader, &container->config, config_prefix);
    const struct json_value *base = config_base(reader, container);
    const struct json_value *config = overlay(reader, &docker_config_keys, base, raw, config_prefix);

    if (reader_failed(reader))
        return;
    if (container->health_check && json_member(config, "Healthcheck") == NULL)
        reader_refuse(reader, "DockerClientConfigError: docker health check is nil while container health check type is DOCKER");
    out->config_json = members_text(reader, config, is_labels);
    out->labels_json = members_text(reader, json_member(config, "Labels"), engine_label);
}

/* A raw list takes the place of the computed one, null too (task-payload: 10). */
static bool raw_has(const struct json_value *raw, const char *name)
{
    for (const struct json_value *member = raw != NULL ? raw->first : NULL; member != NULL; member = member->next)
        if (ascii_equal(member->key, name))
            return true;
    return false;
}

static void render_host_config(struct reader *reader, const struct source_task *task, const struct source_container *container,
                               struct container_def *out)
{
    const struct json_value *raw = raw_object(reader, &container->host_config, host_config_prefix);
    const struct json_value *base = host_config_base(reader, task, container, raw);
    const struct json_value *config = overlay(reader, &docker_host_config_keys, base, raw, host_config_prefix);
    const struct json_value *forced = host_config_forced(reader, task);
    int64_t reservation;

    config = overlay(reader, &docker_host_config_keys, config, forced, host_config_prefix);
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
    out->host_config_json = members_text(reader, config, NULL);
}

void docker_render(struct reader *reader, const struct source_task *task, const struct source_container *container,
                   struct container_def *out)
{
    render_config(reader, container, out);
    render_host_config(reader, task, container, out);
}
