/* SPDX-License-Identifier: Apache-2.0 */
/* JSON from outside: measured first, parsed second, read with types checked. */
#include "runtimes/docker/json.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool docker_fault_found(const struct docker_fault *fault) { return fault->text[0] != '\0' || fault->no_memory; }

void docker_fault_set(struct docker_fault *fault, const char *format, ...)
{
    va_list args;

    if (docker_fault_found(fault))
        return;
    va_start(args, format);
    vsnprintf(fault->text, sizeof(fault->text), format, args);
    va_end(args);
}

/* Walks over the text as a tokenizer would. Whether it is JSON at all is the parser's question; how deep and how much is ours. */
static bool measured(const char *text, size_t len, struct docker_fault *fault)
{
    size_t depth = 0;
    size_t values = 0;
    bool in_string = false;

    for (size_t i = 0; i < len; i++) {
        char c = text[i];

        if (in_string) {
            if (c == '\\')
                i++;
            else if (c == '"')
                in_string = false;
            continue;
        }
        if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            depth++;
            values++;
        } else if (c == '}' || c == ']') {
            depth -= depth > 0;
        } else if (c == ',' || c == ':') {
            values++;
        }
        if (depth > DOCKER_JSON_DEPTH_MAX) {
            docker_fault_set(fault, "it is nested deeper than %d levels", (int)DOCKER_JSON_DEPTH_MAX);
            return false;
        }
        if (values > DOCKER_JSON_VALUES_MAX) {
            docker_fault_set(fault, "it has more than %d values", (int)DOCKER_JSON_VALUES_MAX);
            return false;
        }
    }
    return true;
}

json_t *docker_json_object(const char *text, size_t len, struct docker_fault *fault)
{
    json_error_t error;

    if (!measured(text, len, fault))
        return NULL;
    json_t *object = json_loadb(text, len, 0, &error);
    if (object == NULL) {
        if (json_error_code(&error) == json_error_out_of_memory)
            fault->no_memory = true;
        else if (len == 0)
            docker_fault_set(fault, "it is empty");
        else
            docker_fault_set(fault, "it is no JSON (at byte %d)", error.position);
        return NULL;
    }
    if (!json_is_object(object)) {
        docker_fault_set(fault, "it is no JSON object");
        json_decref(object);
        return NULL;
    }
    return object;
}

json_t *docker_json_member(json_t *object, const char *path, json_type type, const char *type_name, struct docker_fault *fault)
{
    const char *dot = strrchr(path, '.');
    json_t *value = json_object_get(object, dot != NULL ? dot + 1 : path);

    if (value == NULL || json_is_null(value))
        return NULL;
    if (json_typeof(value) == type)
        return value;
    docker_fault_set(fault, "%s is no %s", path, type_name);
    return NULL;
}

json_t *docker_json_child(json_t *object, const char *path, struct docker_fault *fault)
{
    return docker_json_member(object, path, JSON_OBJECT, "object", fault);
}

json_t *docker_json_array(json_t *object, const char *path, struct docker_fault *fault)
{
    return docker_json_member(object, path, JSON_ARRAY, "array", fault);
}

const char *docker_json_string(json_t *object, const char *path, struct docker_fault *fault)
{
    json_t *value = docker_json_member(object, path, JSON_STRING, "string", fault);

    return value != NULL ? json_string_value(value) : "";
}

bool docker_json_bool(json_t *object, const char *path, struct docker_fault *fault)
{
    const char *dot = strrchr(path, '.');
    json_t *value = json_object_get(object, dot != NULL ? dot + 1 : path);

    if (value != NULL && !json_is_null(value) && !json_is_boolean(value))
        docker_fault_set(fault, "%s is no boolean", path);
    return json_is_true(value);
}

int64_t docker_json_integer(json_t *object, const char *path, int64_t minimum, int64_t maximum, int64_t otherwise,
                            struct docker_fault *fault)
{
    json_t *value = docker_json_member(object, path, JSON_INTEGER, "whole number", fault);

    if (value == NULL)
        return otherwise;
    if (json_integer_value(value) >= minimum && json_integer_value(value) <= maximum)
        return json_integer_value(value);
    docker_fault_set(fault, "%s is not between %lld and %lld", path, (long long)minimum, (long long)maximum);
    return otherwise;
}
