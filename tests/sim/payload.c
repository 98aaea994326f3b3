/* SPDX-License-Identifier: Apache-2.0 */
/* Task payloads, as the agent's control plane would send them, from `key=value` words (with double quotes where there are blanks). */
#include "payload.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARN_HEAD "arn:aws:ecs:us-west-2:123456789012:task/default/"

/* Cuts the next `key=value` (or `key`) off; false: there is none. */
static bool next_word(const char **at, char *key, char *value, size_t size)
{
    size_t key_len = 0, value_len = 0;

    *at += strspn(*at, " \t");
    if (**at == '\0')
        return false;
    for (; **at != '\0' && strchr(" \t=", **at) == NULL; (*at)++)
        key[key_len < size - 1 ? key_len++ : key_len] = **at;
    if (**at == '=') {
        (*at)++;
        bool quoted = **at == '"';
        *at += quoted;
        for (; **at != '\0' && (quoted ? **at != '"' : strchr(" \t", **at) == NULL); (*at)++)
            value[value_len < size - 1 ? value_len++ : value_len] = **at;
        *at += quoted && **at == '"';
    }
    key[key_len] = value[value_len] = '\0';
    return true;
}

json_t *payload_task(const char *name, const char *words)
{
    char arn[512], key[64], value[512];
    json_t *task = json_object();

    snprintf(arn, sizeof(arn), ARN_HEAD "%s", name);
    json_object_set_new(task, "arn", json_string(arn));
    json_object_set_new(task, "family", json_string("fam"));
    json_object_set_new(task, "version", json_string("1"));
    json_object_set_new(task, "desiredStatus", json_string("RUNNING"));
    json_object_set_new(task, "containers", json_array());
    json_object_set_new(task, "volumes", json_array());
    while (next_word(&words, key, value, sizeof(value))) {
        if (strcmp(key, "credentials") == 0)
            json_object_set_new(task, "executionRoleCredentials",
                                json_pack("{s:s,s:s,s:s}", "credentialsId", value, "accessKeyId", "A", "secretAccessKey", "S"));
        else
            json_object_set_new(task, strcmp(key, "desired") == 0 ? "desiredStatus" : key, json_string(value));
    }
    return task;
}

/* Splits at `separator` and hands each part on. */
static void each_part(json_t *container, const char *list, char separator, void (*add)(json_t *container, const char *part))
{
    char part[512];

    while (*list != '\0') {
        size_t len = strcspn(list, (char[]){separator, '\0'});
        snprintf(part, sizeof(part), "%.*s", (int)len, list);
        if (len > 0)
            add(container, part);
        list += len + (list[len] != '\0');
    }
}

static void append(json_t *container, const char *key, json_t *value)
{
    if (json_object_get(container, key) == NULL)
        json_object_set_new(container, key, json_array());
    json_array_append_new(json_object_get(container, key), value);
}

static void add_need(json_t *container, const char *part)
{
    size_t len = strcspn(part, ":");

    append(container, "dependsOn",
           json_pack("{s:s%,s:s}", "containerName", part, len, "condition", part[len] == ':' ? part + len + 1 : ""));
}

static void add_link(json_t *container, const char *part) { append(container, "links", json_string(part)); }
static void add_argument(json_t *container, const char *part) { append(container, "command", json_string(part)); }

static void add_volumes_from(json_t *container, const char *part)
{
    append(container, "volumesFrom", json_pack("{s:s,s:b}", "sourceContainer", part, "readOnly", 0));
}

static void add_port(json_t *container, const char *part)
{
    int inside = 0, outside = 0;
    char protocol[8] = "tcp";

    sscanf(part, "%d:%d/%7s", &inside, &outside, protocol);
    append(container, "portMappings",
           json_pack("{s:i,s:i,s:s}", "containerPort", inside, "hostPort", outside, "protocol", protocol));
}

/* `60` or `60:3,7`: the period in seconds, and the exit codes that are ignored. */
static void add_restart(json_t *container, const char *value)
{
    json_t *policy = json_pack("{s:b,s:i,s:[]}", "enabled", 1, "restartAttemptPeriod", atoi(value), "ignoredExitCodes");

    for (const char *at = strchr(value, ':'); at != NULL; at = strchr(at + 1, ','))
        json_array_append_new(json_object_get(policy, "ignoredExitCodes"), json_integer(atoi(at + 1)));
    json_object_set_new(container, "restartPolicy", policy);
}

static void add_health(json_t *container)
{
    json_object_set_new(container, "healthCheckType", json_string("docker"));
    json_object_set_new(
        container, "dockerConfig",
        json_pack("{s:s}", "config",
                  "{\"Healthcheck\":{\"Test\":[\"CMD-SHELL\",\"true\"],\"Interval\":5000000000,\"Timeout\":2000000000,"
                  "\"Retries\":2,\"StartPeriod\":0}}"));
}

static int set_word(json_t *container, const char *key, const char *value)
{
    static const char *const numbers[] = {"cpu", "memory", "stopTimeout", "startTimeout", NULL};

    for (size_t i = 0; numbers[i] != NULL; i++) {
        if (strcmp(key, numbers[i]) == 0)
            return json_object_set_new(container, key, json_integer(strtol(value, NULL, 10)));
    }
    if (strcmp(key, "image") == 0)
        return json_object_set_new(container, key, json_string(value));
    if (strcmp(key, "essential") == 0)
        return json_object_set_new(container, key, json_boolean(strcmp(value, "true") == 0));
    if (strcmp(key, "dependsOn") == 0)
        each_part(container, value, ',', add_need);
    else if (strcmp(key, "links") == 0)
        each_part(container, value, ',', add_link);
    else if (strcmp(key, "volumesFrom") == 0)
        each_part(container, value, ',', add_volumes_from);
    else if (strcmp(key, "ports") == 0)
        each_part(container, value, ',', add_port);
    else if (strcmp(key, "command") == 0)
        each_part(container, value, ' ', add_argument);
    else if (strcmp(key, "ecr") == 0)
        json_object_set_new(container, "registryAuthentication",
                            json_pack("{s:s,s:{s:s,s:b}}", "type", "ecr", "ecrAuthData", "region", "us-west-2", "useExecutionRole", 1));
    else if (strcmp(key, "agent") == 0)
        json_object_set_new(container, "managedAgents", json_pack("[{s:s}]", "name", value));
    else if (strcmp(key, "restart") == 0)
        add_restart(container, value);
    else if (strcmp(key, "health") == 0)
        add_health(container);
    else
        return -1;
    return 0;
}

/* A volume of the task, made if no other container has asked for it. */
static void add_mount(json_t *task, json_t *container, const char *name)
{
    json_t *volumes = json_object_get(task, "volumes"), *volume;
    bool there = false;
    size_t i;

    append(container, "mountPoints", json_pack("{s:s,s:s,s:b}", "sourceVolume", name, "containerPath", "/data", "readOnly", 0));
    json_array_foreach(volumes, i, volume) there |= strcmp(json_string_value(json_object_get(volume, "name")), name) == 0;
    if (!there)
        json_array_append_new(volumes, json_pack("{s:s,s:s,s:{s:s,s:s}}", "name", name, "type", "docker",
                                                 "dockerVolumeConfiguration", "scope", "task", "driver", "local"));
}

static void add_range(json_t *container, const char *range)
{
    append(container, "portMappings", json_pack("{s:s,s:s}", "containerPortRange", range, "protocol", "tcp"));
}

static void add_gpu(json_t *task, const char *container, const char *id)
{
    append(task, "associations", json_pack("{s:s,s:s,s:[s]}", "name", id, "type", "gpu", "containers", container));
}

int payload_add_container(json_t *task, const char *name, const char *words)
{
    char key[64], value[512];
    json_t *container = json_pack("{s:s,s:s,s:i,s:i,s:b,s:{},s:s}", "name", name, "image", "busybox:1", "cpu", 10, "memory", 32,
                                  "essential", 1, "environment", "overrides", "{\"command\":null}");

    json_array_append_new(json_object_get(task, "containers"), container);
    while (next_word(&words, key, value, sizeof(value))) {
        if (strcmp(key, "mount") == 0)
            add_mount(task, container, value);
        else if (strcmp(key, "range") == 0)
            add_range(container, value);
        else if (strcmp(key, "gpu") == 0)
            add_gpu(task, name, value);
        else if (set_word(container, key, value) < 0) {
            fprintf(stderr, "a container of a scenario knows no word `%s`\n", key);
            return -1;
        }
    }
    return 0;
}
