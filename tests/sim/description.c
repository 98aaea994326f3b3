/* SPDX-License-Identifier: Apache-2.0 */
/* Reading descriptions. The document is the library's own, so it is walked, not parsed: a key and its value at a time, with the depth at
 * which they stand. Members that are not known are stepped over, as a reader of such a document should. */
#include "description.h"

#include <stdlib.h>
#include <string.h>

#include "ecsengine/task.h"

int32_t container_status_of(const char *name)
{
    for (int32_t i = ECSENGINE_CONTAINER_NONE; i <= ECSENGINE_CONTAINER_STOPPED; i++) {
        if (strcmp(ecsengine_container_status_name((enum ecsengine_container_status)i), name) == 0)
            return i;
    }
    return -1;
}

int32_t task_status_of(const char *name)
{
    for (int32_t i = ECSENGINE_TASK_NONE; i <= ECSENGINE_TASK_STOPPED; i++) {
        if (strcmp(ecsengine_task_status_name((enum ecsengine_task_status)i), name) == 0)
            return i;
    }
    return -1;
}

/* A string from its opening quote on; escapes stay as they are. Returns what follows it; NULL: it does not end. */
static const char *text_at(const char *at, char *out, size_t size)
{
    size_t len = 0;

    for (at++; *at != '"'; at++) {
        if (*at == '\\' && at[1] != '\0') {
            if (len + 1 < size)
                out[len++] = *at;
            at++;
        }
        if (*at == '\0')
            return NULL;
        if (len + 1 < size)
            out[len++] = *at;
    }
    out[len] = '\0';
    return at + 1;
}

/* Past a value of any kind. */
static const char *past_value(const char *at)
{
    char none[2];
    int depth = 0;

    do {
        if (*at == '"') {
            at = text_at(at, none, sizeof(none));
            if (at == NULL)
                return NULL;
        } else if (*at == '{' || *at == '[') {
            depth++, at++;
        } else if (*at == '}' || *at == ']') {
            depth--, at++;
        } else if (*at == '\0') {
            return NULL;
        } else {
            at++;
        }
    } while (depth > 0 || (*at != ',' && *at != '}' && *at != ']' && *at != '\0'));
    return at;
}

/* What takes one member; returns where its value ends. */
typedef const char *(*member_fn)(const char *key, const char *value, void *into);

static const char *read_object(const char *at, member_fn member, void *into)
{
    char key[64];

    if (at == NULL || *at != '{')
        return NULL;
    at++;
    while (*at == '"') {
        at = text_at(at, key, sizeof(key));
        if (at == NULL || *at != ':')
            return NULL;
        at = member(key, at + 1, into);
        if (at == NULL)
            return NULL;
        at += *at == ',';
    }
    return *at == '}' ? at + 1 : NULL;
}

static const char *status_into(const char *value, int32_t (*status_of)(const char *name), int32_t *out)
{
    char name[32];
    const char *end = *value == '"' ? text_at(value, name, sizeof(name)) : NULL;

    if (end != NULL)
        *out = status_of(name);
    return end;
}

static const char *text_into(const char *value, char out[DESCRIPTION_TEXT])
{
    return *value == '"' ? text_at(value, out, DESCRIPTION_TEXT) : NULL;
}

static const char *container_member(const char *key, const char *value, void *into)
{
    struct described_container *container = into;

    if (strcmp(key, "containerName") == 0)
        return text_into(value, container->name);
    if (strcmp(key, "runtimeName") == 0)
        return text_into(value, container->runtime_name);
    if (strcmp(key, "reason") == 0)
        return text_into(value, container->reason);
    if (strcmp(key, "knownStatus") == 0)
        return status_into(value, container_status_of, &container->known);
    if (strcmp(key, "desiredStatus") == 0)
        return status_into(value, container_status_of, &container->desired);
    if (strcmp(key, "appliedStatus") == 0)
        return status_into(value, container_status_of, &container->applied);
    if (strcmp(key, "health") == 0)
        container->healthy = strncmp(value, "\"HEALTHY\"", 9) == 0;
    if (strcmp(key, "exitCode") == 0) {
        container->has_exit_code = true;
        container->exit_code = (int32_t)strtol(value, NULL, 10);
    }
    return past_value(value);
}

static const char *read_containers(const char *at, struct description *description)
{
    struct described_container spare;

    if (*at != '[')
        return NULL;
    for (at++; *at == '{'; at += *at == ',') {
        description->truncated |= description->container_count == DESCRIPTION_CONTAINERS;
        struct described_container *container =
            description->truncated ? &spare : &description->containers[description->container_count++];
        container->name[0] = container->runtime_name[0] = container->reason[0] = '\0';
        container->known = container->desired = container->applied = -1;
        container->healthy = container->has_exit_code = false;
        container->exit_code = 0;
        at = read_object(at, container_member, container);
        if (at == NULL)
            return NULL;
    }
    return *at == ']' ? at + 1 : NULL;
}

static const char *task_member(const char *key, const char *value, void *into)
{
    struct description *description = into;

    if (strcmp(key, "knownStatus") == 0)
        return status_into(value, task_status_of, &description->known);
    if (strcmp(key, "desiredStatus") == 0)
        return status_into(value, task_status_of, &description->desired);
    if (strcmp(key, "reason") == 0)
        return text_into(value, description->reason);
    if (strcmp(key, "containers") == 0)
        return read_containers(value, description);
    return past_value(value);
}

bool description_read(const char *json, struct description *out)
{
    out->known = out->desired = -1;
    out->reason[0] = '\0';
    out->container_count = 0;
    out->truncated = false;
    const char *end = read_object(json, task_member, out);
    return end != NULL && *end == '\0' && out->known >= 0;
}

const struct described_container *description_find(const struct description *description, const char *name)
{
    for (size_t i = 0; i < description->container_count; i++) {
        if (strcmp(description->containers[i].name, name) == 0)
            return &description->containers[i];
    }
    return NULL;
}
