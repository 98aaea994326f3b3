/* SPDX-License-Identifier: Apache-2.0 */
/* A task definition's container in Docker's words (task-payload: 8.2): what the ECS backend does before the agent sees a task. The
 * result is raw Docker JSON, Config and HostConfig, as a payload carries it. */
#include <string.h>

#include "base/timefmt.h"
#include "spec/source.h"

enum { MIB = 1048576 };

#define TASKDEF(what) .use = {FIELD_UNKNOWN, what}

/* Reads an element or object whose members are in a local table. */
#define READ(reader, object, fields, slots) \
    reader_fields(reader, reader_object(reader, object), fields, sizeof(fields) / sizeof(fields[0]), FORM_TASKDEF, slots)

static const char *required(struct reader *reader, const struct json_value *at, const struct json_value *value, const char *name)
{
    const char *text = reader_text(reader, value);

    if (text[0] == '\0')
        reader_wrong(reader, value != NULL ? value : at, "%s is %s", name, value != NULL ? "empty" : "missing");
    return text;
}

static void put_text(struct reader *reader, struct buf *out, const char *key, const struct json_value *value)
{
    const char *text = reader_text(reader, value);

    if (text[0] != '\0')
        json_text(out, key, text);
}

static void put_flag(struct reader *reader, struct buf *out, const char *key, const struct json_value *value)
{
    if (reader_flag(reader, value, false))
        json_bool(out, key, true);
}

/* A list of strings as it is; nothing if it is empty. */
static void put_texts(struct reader *reader, struct buf *out, const char *key, const struct json_value *value)
{
    const struct json_value *list = reader_texts(reader, reader_list(reader, value));

    if (list != NULL)
        json_write(out, key, list, &reader->scratch);
}

/* An object of strings as it is. */
static void put_text_map(struct reader *reader, struct buf *out, const char *key, const struct json_value *value)
{
    const struct json_value *map = reader_object(reader, value);

    READER_EACH(reader, member, map) { reader_text(reader, member); }
    if (map != NULL && map->count > 0)
        json_write(out, key, map, &reader->scratch);
}

static void put_health_check(struct reader *reader, struct buf *out, const struct json_value *value,
                             struct source_container *container)
{
    enum { COMMAND, INTERVAL, TIMEOUT, RETRIES, START_PERIOD, COUNT };
    static const struct field fields[COUNT] = {
        [COMMAND] = {"command", JSON_KIND_ARRAY, TASKDEF(FIELD_READ)},
        [INTERVAL] = {"interval", JSON_KIND_NUMBER, TASKDEF(FIELD_READ)},
        [TIMEOUT] = {"timeout", JSON_KIND_NUMBER, TASKDEF(FIELD_READ)},
        [RETRIES] = {"retries", JSON_KIND_NUMBER, TASKDEF(FIELD_READ)},
        [START_PERIOD] = {"startPeriod", JSON_KIND_NUMBER, TASKDEF(FIELD_READ)},
    };
    const struct json_value *slots[COUNT];

    if (json_is_default(value))
        return;
    READ(reader, value, fields, slots);
    const struct json_value *command = reader_texts(reader, reader_list(reader, slots[COMMAND]));
    if (command == NULL)
        reader_wrong(reader, value, "command is missing");
    if (reader_failed(reader))
        return;
    container->health_check = true;
    json_open(out, "Healthcheck", '{');
    json_write(out, "Test", command, &reader->scratch);
    json_int(out, "Interval", (slots[INTERVAL] != NULL ? reader_integer(reader, slots[INTERVAL], 0, UINT32_MAX) : 30) * NS_PER_S);
    json_int(out, "Timeout", (slots[TIMEOUT] != NULL ? reader_integer(reader, slots[TIMEOUT], 0, UINT32_MAX) : 5) * NS_PER_S);
    json_int(out, "Retries", slots[RETRIES] != NULL ? reader_integer(reader, slots[RETRIES], 0, INT32_MAX) : 3);
    if (slots[START_PERIOD] != NULL)
        json_int(out, "StartPeriod", reader_integer(reader, slots[START_PERIOD], 0, UINT32_MAX) * NS_PER_S);
    json_close(out, '}');
}

static void put_config(struct reader *reader, struct buf *out, const struct json_value *const slots[C_FIELD_COUNT],
                       struct source_container *container)
{
    json_open(out, NULL, '{');
    put_text(reader, out, "User", slots[C_USER]);
    put_text(reader, out, "WorkingDir", slots[C_WORKING_DIRECTORY]);
    put_text(reader, out, "Hostname", slots[C_HOSTNAME]);
    put_flag(reader, out, "OpenStdin", slots[C_INTERACTIVE]);
    put_flag(reader, out, "Tty", slots[C_PSEUDO_TERMINAL]);
    put_flag(reader, out, "NetworkDisabled", slots[C_DISABLE_NETWORKING]);
    put_text_map(reader, out, "Labels", slots[C_DOCKER_LABELS]);
    put_health_check(reader, out, slots[C_HEALTH_CHECK], container);
    json_close(out, '}');
}

static void put_extra_hosts(struct reader *reader, struct buf *out, const struct json_value *value)
{
    static const struct field fields[] = {
        {"hostname", JSON_KIND_TEXT, TASKDEF(FIELD_READ)},
        {"ipAddress", JSON_KIND_TEXT, TASKDEF(FIELD_READ)},
    };
    const struct json_value *slots[2], *list = reader_list(reader, value);

    if (list == NULL)
        return;
    json_open(out, "ExtraHosts", '[');
    READER_EACH(reader, element, list)
    {
        struct buf host;
        READ(reader, element, fields, slots);
        buf_init(&host, reader->mem, 0);
        buf_puts(&host, required(reader, element, slots[0], "hostname"));
        buf_puts(&host, ":");
        buf_puts(&host, required(reader, element, slots[1], "ipAddress"));
        if (host.failed != 0)
            reader_nomem(reader);
        else
            json_text(out, NULL, host.data);
        buf_free(&host);
    }
    json_close(out, ']');
}

static void put_security_options(struct reader *reader, struct buf *out, const struct json_value *value)
{
    const struct json_value *list = reader_texts(reader, reader_list(reader, value));

    if (list == NULL)
        return;
    json_open(out, "SecurityOpt", '[');
    READER_EACH(reader, element, list)
    {
        if (strncmp(element->text, "credentialspec", strlen("credentialspec")) == 0)
            reader_notice(reader, element, "is not honoured yet");
        else
            json_text(out, NULL, element->text);
    }
    json_close(out, ']');
}

static void put_ulimits(struct reader *reader, struct buf *out, const struct json_value *value)
{
    static const struct field fields[] = {
        {"name", JSON_KIND_TEXT, TASKDEF(FIELD_READ)},
        {"softLimit", JSON_KIND_NUMBER, TASKDEF(FIELD_READ)},
        {"hardLimit", JSON_KIND_NUMBER, TASKDEF(FIELD_READ)},
    };
    const struct json_value *slots[3], *list = reader_list(reader, value);

    if (list == NULL)
        return;
    json_open(out, "Ulimits", '[');
    READER_EACH(reader, element, list)
    {
        READ(reader, element, fields, slots);
        json_open(out, NULL, '{');
        json_text(out, "Name", required(reader, element, slots[0], "name"));
        json_int(out, "Hard", reader_integer(reader, slots[2], -1, INT64_MAX));
        json_int(out, "Soft", reader_integer(reader, slots[1], -1, INT64_MAX));
        json_close(out, '}');
    }
    json_close(out, ']');
}

static void put_system_controls(struct reader *reader, struct buf *out, const struct json_value *value)
{
    static const struct field fields[] = {
        {"namespace", JSON_KIND_TEXT, TASKDEF(FIELD_READ)},
        {"value", JSON_KIND_TEXT, TASKDEF(FIELD_READ)},
    };
    const struct json_value *slots[2], *list = reader_list(reader, value);

    if (list == NULL)
        return;
    json_open(out, "Sysctls", '{');
    READER_EACH(reader, element, list)
    {
        READ(reader, element, fields, slots);
        const char *name = required(reader, element, slots[0], "namespace");
        json_text(out, name, reader_text(reader, slots[1]));
    }
    json_close(out, '}');
}

static void put_log(struct reader *reader, struct buf *out, const struct json_value *value)
{
    static const struct field fields[] = {
        {"logDriver", JSON_KIND_TEXT, TASKDEF(FIELD_READ)},
        {"options", JSON_KIND_OBJECT, TASKDEF(FIELD_READ)},
        {"secretOptions", JSON_KIND_ARRAY, TASKDEF(FIELD_REPORTED)},
    };
    const struct json_value *slots[3];

    if (json_is_default(value))
        return;
    READ(reader, value, fields, slots);
    const char *driver = required(reader, value, slots[0], "logDriver");
    if (strcmp(driver, "awsfirelens") == 0) {
        reader_notice(reader, slots[0], "is awsfirelens, which is not honoured yet: the runtime's own log driver is used");
        return;
    }
    json_open(out, "LogConfig", '{');
    json_text(out, "Type", driver);
    put_text_map(reader, out, "Config", slots[1]);
    json_close(out, '}');
}

static void put_devices(struct reader *reader, struct buf *out, const struct json_value *value)
{
    static const struct field fields[] = {
        {"hostPath", JSON_KIND_TEXT, TASKDEF(FIELD_READ)},
        {"containerPath", JSON_KIND_TEXT, TASKDEF(FIELD_READ)},
        {"permissions", JSON_KIND_ARRAY, TASKDEF(FIELD_READ)},
    };
    static const char *const words[] = {"read", "write", "mknod"};
    const struct json_value *slots[3], *list = reader_list(reader, value);

    if (list == NULL)
        return;
    json_open(out, "Devices", '[');
    READER_EACH(reader, element, list)
    {
        bool given[3] = {false};
        char permissions[4] = "";
        READ(reader, element, fields, slots);
        const struct json_value *allowed = reader_texts(reader, reader_list(reader, slots[2]));
        READER_EACH(reader, permission, allowed)
        {
            size_t i = 0;
            while (i < 3 && strcmp(permission->text, words[i]) != 0)
                i++;
            if (i == 3)
                reader_wrong(reader, permission, "expected \"read\", \"write\" or \"mknod\", got \"%s\"", permission->text);
            else
                given[i] = true;
        }
        for (size_t i = 0, at = 0; i < 3; i++)
            if (given[i] || allowed == NULL)
                permissions[at++] = words[i][0];
        const char *path = required(reader, element, slots[0], "hostPath"), *inside = reader_text(reader, slots[1]);
        json_open(out, NULL, '{');
        json_text(out, "PathOnHost", path);
        json_text(out, "PathInContainer", inside[0] != '\0' ? inside : path);
        json_text(out, "CgroupPermissions", permissions);
        json_close(out, '}');
    }
    json_close(out, ']');
}

/* One mount's options: what is given, and then its size. */
static void put_tmpfs_options(struct reader *reader, struct buf *out, const char *path, const struct json_value *options,
                              int64_t size_mib)
{
    struct buf text;

    buf_init(&text, reader->mem, 0);
    buf_puts(&text, "");
    READER_EACH(reader, option, reader_texts(reader, reader_list(reader, options)))
    {
        buf_printf(&text, "%s%s", text.len > 0 ? "," : "", option->text);
    }
    if (size_mib > 0)
        buf_printf(&text, "%ssize=%lldm", text.len > 0 ? "," : "", (long long)size_mib);
    if (text.failed != 0)
        reader_nomem(reader);
    else
        json_text(out, path, text.data);
    buf_free(&text);
}

static void put_tmpfs(struct reader *reader, struct buf *out, const struct json_value *value)
{
    static const struct field fields[] = {
        {"containerPath", JSON_KIND_TEXT, TASKDEF(FIELD_READ)},
        {"size", JSON_KIND_NUMBER, TASKDEF(FIELD_READ)},
        {"mountOptions", JSON_KIND_ARRAY, TASKDEF(FIELD_READ)},
    };
    const struct json_value *slots[3], *list = reader_list(reader, value);

    if (list == NULL)
        return;
    json_open(out, "Tmpfs", '{');
    READER_EACH(reader, element, list)
    {
        READ(reader, element, fields, slots);
        const char *path = required(reader, element, slots[0], "containerPath");
        put_tmpfs_options(reader, out, path, slots[2], reader_integer(reader, slots[1], 0, UINT32_MAX));
    }
    json_close(out, '}');
}

static void put_swap(struct reader *reader, struct buf *out, const struct json_value *max_swap, const struct json_value *swappiness,
                     const struct source_container *container)
{
    int64_t swap_mib = reader_integer(reader, max_swap, 0, UINT32_MAX);
    int64_t tendency = reader_integer(reader, swappiness, 0, 100);

    /* Docker refuses a swap limit without a memory limit. */
    if (max_swap != NULL && container->memory_mib == 0)
        reader_notice(reader, max_swap, "has no effect without memory");
    else if (max_swap != NULL)
        json_int(out, "MemorySwap", (container->memory_mib + swap_mib) * MIB);
    if (swappiness != NULL && max_swap == NULL)
        reader_notice(reader, swappiness, "has no effect without maxSwap");
    else if (swappiness != NULL)
        json_int(out, "MemorySwappiness", tendency);
}

/* Both lists are always there, as the backend sends them. */
static void put_capabilities(struct reader *reader, struct buf *out, const struct json_value *value)
{
    static const struct field fields[] = {
        {"add", JSON_KIND_ARRAY, TASKDEF(FIELD_READ)},
        {"drop", JSON_KIND_ARRAY, TASKDEF(FIELD_READ)},
    };
    static const char *const keys[] = {"CapAdd", "CapDrop"};
    const struct json_value *slots[2];

    READ(reader, value, fields, slots);
    for (size_t i = 0; i < 2; i++) {
        const struct json_value *list = reader_texts(reader, slots[i]);
        if (list != NULL)
            json_write(out, keys[i], list, &reader->scratch);
        else
            json_raw(out, keys[i], "[]", 2);
    }
}

static void put_linux_parameters(struct reader *reader, struct buf *out, const struct json_value *value,
                                 const struct source_container *container)
{
    enum { CAPABILITIES, DEVICES, INIT, SHM, TMPFS, MAX_SWAP, SWAPPINESS, COUNT };
    static const struct field fields[COUNT] = {
        [CAPABILITIES] = {"capabilities", JSON_KIND_OBJECT, TASKDEF(FIELD_READ)},
        [DEVICES] = {"devices", JSON_KIND_ARRAY, TASKDEF(FIELD_READ)},
        [INIT] = {"initProcessEnabled", JSON_KIND_BOOL, TASKDEF(FIELD_READ)},
        [SHM] = {"sharedMemorySize", JSON_KIND_NUMBER, TASKDEF(FIELD_READ)},
        [TMPFS] = {"tmpfs", JSON_KIND_ARRAY, TASKDEF(FIELD_READ)},
        [MAX_SWAP] = {"maxSwap", JSON_KIND_NUMBER, TASKDEF(FIELD_READ)},
        [SWAPPINESS] = {"swappiness", JSON_KIND_NUMBER, TASKDEF(FIELD_READ)},
    };
    const struct json_value *slots[COUNT];

    READ(reader, value, fields, slots);
    put_capabilities(reader, out, slots[CAPABILITIES]);
    put_devices(reader, out, slots[DEVICES]);
    if (slots[INIT] != NULL)
        json_bool(out, "Init", reader_flag(reader, slots[INIT], false));
    int64_t shm_mib = reader_integer(reader, slots[SHM], 0, UINT32_MAX);
    if (shm_mib > 0)
        json_int(out, "ShmSize", shm_mib * MIB);
    put_tmpfs(reader, out, slots[TMPFS]);
    put_swap(reader, out, slots[MAX_SWAP], slots[SWAPPINESS], container);
}

static void put_memory_reservation(struct reader *reader, struct buf *out, const struct json_value *value,
                                   const struct source_container *container)
{
    int64_t soft_mib = reader_integer(reader, value, 0, UINT32_MAX);

    if (container->memory_mib > 0 && soft_mib > container->memory_mib)
        reader_wrong(reader, value, "expected at most the container's memory, %u MiB, got %lld", container->memory_mib,
                     (long long)soft_mib);
    if (soft_mib > 0)
        json_int(out, "MemoryReservation", soft_mib * MIB);
}

static void put_host_config(struct reader *reader, struct buf *out, const struct json_value *const slots[C_FIELD_COUNT],
                            const struct source_container *container)
{
    json_open(out, NULL, '{');
    put_linux_parameters(reader, out, slots[C_LINUX_PARAMETERS], container);
    put_memory_reservation(reader, out, slots[C_MEMORY_RESERVATION], container);
    put_flag(reader, out, "Privileged", slots[C_PRIVILEGED]);
    put_flag(reader, out, "ReadonlyRootfs", slots[C_READONLY_ROOT]);
    put_texts(reader, out, "Dns", slots[C_DNS_SERVERS]);
    put_texts(reader, out, "DnsSearch", slots[C_DNS_SEARCH_DOMAINS]);
    put_extra_hosts(reader, out, slots[C_EXTRA_HOSTS]);
    put_security_options(reader, out, slots[C_SECURITY_OPTIONS]);
    put_ulimits(reader, out, slots[C_ULIMITS]);
    put_system_controls(reader, out, slots[C_SYSTEM_CONTROLS]);
    put_log(reader, out, slots[C_LOG_CONFIGURATION]);
    json_close(out, '}');
}

/* Moves the finished text to scratch memory. */
static void finish(struct reader *reader, struct buf *text, struct source_raw *out)
{
    if (text->failed != 0)
        reader_nomem(reader);
    char *copy = reader_scratch(reader, text->len, 1);
    if (copy != NULL) {
        memcpy(copy, text->data, text->len);
        *out = (struct source_raw){.text = copy, .len = text->len};
    }
    buf_free(text);
}

void taskdef_docker(struct reader *reader, const struct json_value *const slots[C_FIELD_COUNT], struct source_container *container)
{
    struct buf config, host_config;

    buf_init(&config, reader->mem, 0);
    put_config(reader, &config, slots, container);
    finish(reader, &config, &container->config);
    buf_init(&host_config, reader->mem, 0);
    put_host_config(reader, &host_config, slots, container);
    finish(reader, &host_config, &container->host_config);
}
