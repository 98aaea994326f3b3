/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a create configuration. It comes from the engine, but users have a hand in it (raw Docker JSON in a task): a member of a wrong
 * type counts as absent, as nothing here depends on it; a text that is no JSON at all is refused as a daemon would. */
#include "shape.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "fail.h"

#define COMMAND_WORDS 256
#define PORTS_MAX 1000

static void add_words(const json_t *list, const char **words, size_t *count)
{
    for (size_t i = 0; i < json_array_size(list) && *count < COMMAND_WORDS; i++) {
        const char *word = json_string_value(json_array_get(list, i));
        if (word != NULL)
            words[(*count)++] = word;
    }
}

static void read_command(const json_t *config, struct sim_shape *shape)
{
    const char *words[COMMAND_WORDS];
    size_t count = 0;
    struct sim_behaviour behaviour;

    add_words(json_object_get(config, "Entrypoint"), words, &count);
    add_words(json_object_get(config, "Cmd"), words, &count);
    sim_command_read(words, count, &behaviour);
    sim_behaviour_add(&shape->behaviour, &behaviour);
}

static void read_health(const json_t *config, struct sim_shape *shape)
{
    const json_t *check = json_object_get(config, "Healthcheck"), *test = json_object_get(check, "Test");
    const char *first = json_string_value(json_array_get(test, 0));
    json_int_t interval = json_integer_value(json_object_get(check, "Interval"));

    shape->health_check = first != NULL && strcmp(first, "NONE") != 0;
    shape->health_interval_ns = interval > 0 ? interval : INT64_C(30000000000);
}

static int by_text(const void *left, const void *right) { return strcmp(*(char *const *)left, *(char *const *)right); }

/* The labels sorted, so that the order in which jansson walks an object shows nowhere. */
static int read_labels(json_t *config, struct sim_shape *shape)
{
    json_t *labels = json_object_get(config, "Labels"), *value;
    size_t size = 1, count = 0;
    const char *key;

    json_object_foreach(labels, key, value) size += strlen(key) + json_string_length(value) + 2;
    shape->labels = malloc(size);
    char *texts = malloc(size), **list = calloc(json_object_size(labels) + 1, sizeof(*list)), *to = texts;
    if (shape->labels == NULL || texts == NULL || list == NULL) {
        free(texts);
        free(list);
        return ECSENGINE_ENOMEM;
    }
    json_object_foreach(labels, key, value)
    {
        if (!json_is_string(value) || strlen(json_string_value(value)) != json_string_length(value))
            continue;
        list[count++] = to;
        to += sprintf(to, "%s=%s", key, json_string_value(value)) + 1;
    }
    qsort(list, count, sizeof(*list), by_text);
    to = shape->labels;
    for (size_t i = 0; i < count; i++)
        to = stpcpy(to, list[i]) + 1;
    *to = '\0';
    free(texts);
    free(list);
    return 0;
}

/* `80/tcp`, `53/udp`, `80`. Docker has more protocols; what is none of these two is left out. */
static bool read_port(const char *key, struct sim_port *out_port)
{
    char *end;
    unsigned long port = strtoul(key, &end, 10);

    *out_port = (struct sim_port){.container_port = (int32_t)port, .udp = strcmp(end, "/udp") == 0};
    return end != key && port > 0 && port < 65536 && (*end == '\0' || out_port->udp || strcmp(end, "/tcp") == 0);
}

static int by_port(const void *left, const void *right)
{
    const struct sim_port *a = left, *b = right;

    if (a->container_port != b->container_port)
        return a->container_port < b->container_port ? -1 : 1;
    if (a->udp != b->udp)
        return a->udp ? 1 : -1;
    return a->wanted < b->wanted ? -1 : a->wanted > b->wanted;
}

static void read_binding(const json_t *binding, struct sim_port port, struct sim_shape *shape)
{
    const char *host_port = json_string_value(json_object_get(binding, "HostPort"));
    const char *host_ip = json_string_value(json_object_get(binding, "HostIp"));
    unsigned long wanted = host_port != NULL ? strtoul(host_port, NULL, 10) : 0;

    port.wanted = wanted < 65536 ? (int32_t)wanted : 0;
    snprintf(port.bind_ip, sizeof(port.bind_ip), "%s", host_ip != NULL && *host_ip != '\0' ? host_ip : "0.0.0.0");
    shape->ports[shape->port_count++] = port;
}

static int read_ports(json_t *config, struct sim_shape *shape)
{
    json_t *bindings = json_object_get(json_object_get(config, "HostConfig"), "PortBindings"), *list;
    size_t count = 0;
    const char *key;
    struct sim_port port;

    json_object_foreach(bindings, key, list) count += json_array_size(list);
    if (count == 0)
        return 0;
    shape->ports = calloc(count, sizeof(*shape->ports));
    if (shape->ports == NULL)
        return ECSENGINE_ENOMEM;
    json_object_foreach(bindings, key, list)
    {
        for (size_t i = 0; i < json_array_size(list) && shape->port_count < PORTS_MAX; i++) {
            if (read_port(key, &port))
                read_binding(json_array_get(list, i), port, shape);
        }
    }
    qsort(shape->ports, shape->port_count, sizeof(*shape->ports), by_port);
    return 0;
}

/* The names of the volumes in `name:/path`; what begins with a slash is a directory of the host. */
static int read_volumes(const json_t *config, struct sim_shape *shape)
{
    const json_t *binds = json_object_get(json_object_get(config, "HostConfig"), "Binds");
    size_t size = 1;

    for (size_t i = 0; i < json_array_size(binds); i++)
        size += json_string_length(json_array_get(binds, i)) + 1;
    if (size == 1)
        return 0;
    char *to = shape->volumes = malloc(size);
    if (to == NULL)
        return ECSENGINE_ENOMEM;
    for (size_t i = 0; i < json_array_size(binds); i++) {
        const char *bind = json_string_value(json_array_get(binds, i));
        size_t len = bind != NULL ? strcspn(bind, ":") : 0;
        if (len == 0 || bind[0] == '/' || bind[len] == '\0')
            continue;
        memcpy(to, bind, len);
        to[len] = '\0';
        to += len + 1;
    }
    *to = '\0';
    return 0;
}

static int read_all(json_t *config, struct sim_shape *shape, ecsengine_error **error)
{
    const char *script = json_string_value(json_object_get(json_object_get(config, "Labels"), "ecsengine.sim"));
    int rc = script != NULL ? sim_rule_parse_label(script, &shape->behaviour, error) : 0;

    if (rc < 0)
        return rc;
    read_command(config, shape);
    read_health(config, shape);
    if (read_labels(config, shape) < 0 || read_ports(config, shape) < 0 ||
        read_volumes(config, shape) < 0)
        return sim_fail(error, ECSENGINE_ENOMEM, "out of memory");
    return 0;
}

int sim_shape_read(const char *config, size_t config_len, struct sim_shape *out_shape, char *out_image, size_t image_size,
                   ecsengine_error **error)
{
    struct sim_shape shape = {0};
    json_error_t where;
    json_t *root = json_loadb(config, config_len, 0, &where);

    if (!json_is_object(root)) {
        json_decref(root);
        return sim_fail(error, ECSENGINE_EDOCUMENT, "the create configuration is no JSON object: %s",
                        root == NULL ? where.text : "");
    }
    int rc = read_all(root, &shape, error);
    if (rc < 0) {
        sim_shape_free(&shape);
    } else {
        const char *image = json_string_value(json_object_get(root, "Image"));
        snprintf(out_image, image_size, "%s", image != NULL ? image : "");
        *out_shape = shape;
    }
    json_decref(root);
    return rc;
}
