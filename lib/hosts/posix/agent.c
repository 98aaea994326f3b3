/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of AGENT_PREPARE in the agent's order (runtime-and-agents: 3.2): version, generated files, files that must be there, and last
 * the directory for its logs. AGENT_CLEAN removes that one with all that is in it. */
#include "hosts/posix/agent.h"

#include <jansson.h>
#include <string.h>
#include <sys/stat.h>

#include "hosts/posix/below.h"
#include "hosts/posix/generated.h"

/* A text of an object that must be there, else a fault that names its place. */
static const char *text_of(const json_t *object, const char *name, const char *place, struct posix_fault *fault)
{
    const char *text = json_string_value(json_object_get(object, name));

    if (text == NULL || strlen(text) != json_string_length(json_object_get(object, name))) {
        posix_fault_set(fault, "the agent's configuration: %s.%s is no text", place, name);
        return NULL;
    }
    return text;
}

/* An array of at most `max` texts. */
static bool texts_of(const json_t *object, const char *name, const char *place, const char *out[], size_t max, size_t *out_count,
                     struct posix_fault *fault)
{
    const json_t *array = json_object_get(object, name);

    *out_count = json_array_size(array);
    if (!json_is_array(array) || *out_count > max)
        return posix_fault_set(fault, "the agent's configuration: %s.%s is no array of at most %zu texts", place, name, max);
    for (size_t i = 0; i < *out_count; i++) {
        const json_t *text = json_array_get(array, i);
        out[i] = json_string_value(text);
        if (out[i] == NULL || strlen(out[i]) != json_string_length(text))
            return posix_fault_set(fault, "the agent's configuration: %s.%s[%zu] is no text", place, name, i);
    }
    return true;
}

static bool choose_version(const json_t *versions, struct posix_agent_found *found, struct posix_fault *fault)
{
    const char *files[POSIX_AGENT_FILES_MAX];
    size_t count = 0;
    const char *dir = text_of(versions, "dir", "versions", fault);
    const char *shown = text_of(versions, "shown", "versions", fault);

    if (dir == NULL || shown == NULL || !texts_of(versions, "files", "versions", files, POSIX_AGENT_FILES_MAX, &count, fault))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!posix_name_is_plain(files[i]))
            return posix_fault_set(fault, "the agent's configuration: versions.files[%zu] is no file name", i);
    return posix_version_choose(dir, shown, files, count, found->version, fault);
}

static bool generate(const json_t *file, struct posix_agent_found *found, struct posix_fault *fault)
{
    const json_t *content = json_object_get(file, "content");
    const char *dir = text_of(file, "dir", "generated", fault);
    const char *prefix = text_of(file, "prefix", "generated", fault);
    const char *suffix = text_of(file, "suffix", "generated", fault);
    const char *error = text_of(file, "error", "generated", fault);

    if (dir == NULL || prefix == NULL || suffix == NULL || error == NULL)
        return false;
    if (!json_is_string(content))
        return posix_fault_set(fault, "the agent's configuration: generated.content is no text");
    if (found->file_count == POSIX_AGENT_FILES_MAX)
        return posix_fault_set(fault, "the agent's configuration: more than %d generated files", (int)POSIX_AGENT_FILES_MAX);
    if (!posix_generated_make(dir, prefix, suffix, json_string_value(content), json_string_length(content),
                              found->files[found->file_count], POSIX_AGENT_NAME_MAX, fault))
        return posix_fault_within(fault, error);
    found->file_count++;
    return true;
}

static bool must_exist(const json_t *required, struct posix_fault *fault)
{
    const char *path = text_of(required, "path", "required", fault);
    const char *error = text_of(required, "error", "required", fault);
    struct stat status;

    if (path == NULL || error == NULL)
        return false;
    return (stat(path, &status) == 0 && !S_ISDIR(status.st_mode)) || posix_fault_set(fault, "%s", error);
}

static bool each(const json_t *root, const char *name, struct posix_agent_found *found, struct posix_fault *fault)
{
    json_t *array = json_object_get(root, name), *element;
    size_t i;

    if (array != NULL && !json_is_array(array))
        return posix_fault_set(fault, "the agent's configuration: %s is no array", name);
    json_array_foreach(array, i, element)
        if (found != NULL ? !generate(element, found, fault) : !must_exist(element, fault))
            return false;
    return true;
}

static bool log_directory(const json_t *log, bool (*work)(const char *dir, const char *const names[], size_t count, struct posix_fault *fault),
                          struct posix_fault *fault)
{
    const char *names[POSIX_BELOW_MAX];
    size_t count = 0;
    const char *dir = text_of(log, "dir", "log", fault);

    return dir != NULL && texts_of(log, "path", "log", names, POSIX_BELOW_MAX, &count, fault) && work(dir, names, count, fault);
}

static json_t *read_config(const char *config, size_t len, struct posix_fault *fault)
{
    json_error_t where;
    json_t *root = json_loadb(config, len, JSON_ALLOW_NUL, &where);

    if (root == NULL && json_error_code(&where) == json_error_out_of_memory)
        posix_fault_no_memory(fault);
    else if (!json_is_object(root))
        posix_fault_set(fault, "the agent's configuration is no JSON object");
    return root;
}

bool posix_agent_prepare(const char *config, size_t len, struct posix_agent_found *out_found, struct posix_fault *fault)
{
    json_t *root = read_config(config, len, fault);
    const json_t *versions = json_object_get(root, "versions");
    const json_t *log = json_object_get(root, "log");

    *out_found = (struct posix_agent_found){0};
    bool done = !posix_fault_found(fault) && (versions == NULL || choose_version(versions, out_found, fault)) &&
                each(root, "generated", out_found, fault) && each(root, "required", NULL, fault) &&
                (log == NULL || log_directory(log, posix_below_make, fault));
    json_decref(root);
    return done;
}

bool posix_agent_clean(const char *config, size_t len, struct posix_fault *fault)
{
    json_t *root = read_config(config, len, fault);

    bool done = !posix_fault_found(fault) && log_directory(json_object_get(root, "log"), posix_below_remove, fault);
    json_decref(root);
    return done;
}
