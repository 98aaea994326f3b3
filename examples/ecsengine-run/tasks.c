/* SPDX-License-Identifier: Apache-2.0 */
/* Files become task documents.
 *
 * An engine knows a task by its ARN; a task definition out of somebody's repository has none. It gets one here, written at the end of
 * the document, so that every line and column in an error message is one of the file. */
#include "tasks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <unistd.h>

#include "jsontext.h"
#include "run.h"

static bool read_all(int fd, const char *file, struct text *document)
{
    char chunk[65536];
    ssize_t count;

    while ((count = read(fd, chunk, sizeof(chunk))) != 0) {
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0) {
            say("%s: %s", file, strerror(errno));
            return false;
        }
        if ((size_t)count > JSON_SIZE_MAX - document->len) {
            say("%s: longer than %zu bytes", file, JSON_SIZE_MAX);
            return false;
        }
        text_add(document, chunk, (size_t)count);
    }
    text_add(document, "", 0);
    return true;
}

static bool read_file(const char *file, struct text *document)
{
    int fd = strcmp(file, "-") == 0 ? dup(STDIN_FILENO) : open(file, O_RDONLY | O_CLOEXEC);
    bool done;

    if (fd < 0) {
        say("%s: %s", file, strerror(errno));
        return false;
    }
    done = read_all(fd, file, document);
    close(fd);
    return done;
}

static json_t *parse(const char *file, const struct text *document)
{
    json_error_t where;
    json_t *json;

    if (json_is_too_deep(document->data, document->len)) {
        say("%s: nested deeper than %d brackets", file, JSON_DEPTH_MAX);
        return NULL;
    }
    json = json_loadb(document->data, document->len, 0, &where);
    if (json == NULL) {
        say("%s:%d:%d: %s", file, where.line, where.column, where.text);
    } else if (!json_is_object(json)) {
        say("%s: a task is a JSON object", file);
        json_decref(json);
        return NULL;
    }
    return json;
}

/* A member of either case, as the engine reads them; the exact one where there are both. */
static const json_t *member(const json_t *json, const char *name)
{
    json_t *found = json_object_get(json, name);
    const char *key;
    json_t *value;

    if (found != NULL)
        return found;
    json_object_foreach((json_t *)json, key, value)
        if (strcasecmp(key, name) == 0)
            return value;
    return NULL;
}

static const char *text_member(const json_t *json, const char *name)
{
    const char *value = json_string_value(member(json, name));

    return value != NULL && *value != '\0' ? value : NULL;
}

/* splitmix64: spreads a counter over 64 bits. */
static uint64_t spread(uint64_t value)
{
    value += UINT64_C(0x9e3779b97f4a7c15);
    value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
    return value ^ (value >> 31);
}

/* 128 bits for an ARN: of the operating system, or, so that a run can be repeated exactly, of the seed and the file's place. */
static bool draw(const struct options *options, size_t index, uint64_t bits[2])
{
    if (options->seed != NULL) {
        uint64_t seed = strtoull(options->seed, NULL, 0);

        bits[0] = spread(seed ^ spread(2 * index + 1));
        bits[1] = spread(seed ^ spread(2 * index + 2));
        return true;
    }
    if (getrandom(bits, 2 * sizeof(*bits), 0) == (ssize_t)(2 * sizeof(*bits)))
        return true;
    say("no random numbers: %s", strerror(errno));
    return false;
}

static bool give_arn(struct task *task, const json_t *json, const struct options *options, size_t index)
{
    struct text *document = &task->document;
    const char *key = member(json, "containers") != NULL ? "arn" : "taskArn";
    const char *cluster = ecsengine_config_get(options->config, "cluster");
    struct text arn = {0};
    uint64_t bits[2];

    if (!draw(options, index, bits))
        return false;
    text_printf(&arn, "arn:aws:ecs:local:000000000000:task/%s/%016llx%016llx", cluster != NULL ? cluster : "default",
                (unsigned long long)bits[0], (unsigned long long)bits[1]);
    task->arn = arn.data;
    document->len = (size_t)(strrchr(document->data, '}') - document->data);
    text_printf(document, "%s\"%s\":", json_object_size(json) > 0 ? "," : "", key);
    text_json(document, task->arn);
    text_puts(document, "}");
    return true;
}

static void give_label(struct tasks *tasks, struct task *task, const json_t *json)
{
    const char *family = text_member(json, "family");
    struct text label = {0};
    size_t same = 1;

    if (family == NULL)
        family = text_member(member(json, "taskDefinition"), "family");
    if (family == NULL)
        family = strrchr(task->arn, '/') != NULL ? strrchr(task->arn, '/') + 1 : task->arn;
    for (const struct task *other = tasks->items; other < task; other++)
        if (strncmp(other->label, family, strlen(family)) == 0 && strchr("#", other->label[strlen(family)]) != NULL)
            same++;
    text_puts(&label, family);
    if (same > 1)
        text_printf(&label, "#%zu", same);
    task->label = label.data;
}

static bool load(struct tasks *tasks, const struct options *options, size_t index)
{
    struct task *task = &tasks->items[index];
    const char *arn;
    json_t *json;
    bool done = true;

    task->file = options->files[index];
    if (!read_file(task->file, &task->document))
        return false;
    json = parse(task->file, &task->document);
    if (json == NULL)
        return false;
    arn = text_member(json, "taskArn") != NULL ? text_member(json, "taskArn") : text_member(json, "arn");
    if (arn != NULL && tasks_find(tasks, arn) != NULL) {
        say("%s: another file has the same ARN: %s", task->file, arn);
        done = false;
    } else if (arn != NULL) {
        task->arn = need(strdup(arn));
    } else {
        done = give_arn(task, json, options, index);
    }
    if (done)
        give_label(tasks, task, json);
    json_decref(json);
    return done;
}

bool tasks_load(struct tasks *tasks, const struct options *options)
{
    tasks->items = need(calloc(options->file_count, sizeof(*tasks->items)));
    for (tasks->count = 0; tasks->count < options->file_count; tasks->count++)
        if (!load(tasks, options, tasks->count)) {
            tasks->count++; /* what it has is freed with the others */
            return false;
        }
    return true;
}

void tasks_free(struct tasks *tasks)
{
    for (size_t i = 0; i < tasks->count; i++) {
        struct task *task = &tasks->items[i];

        free(task->arn);
        free(task->label);
        free(task->reason);
        text_free(&task->document);
        json_decref(task->described);
        json_decref(task->explained);
    }
    free(tasks->items);
    *tasks = (struct tasks){0};
}

struct task *tasks_find(const struct tasks *tasks, const char *arn)
{
    for (size_t i = 0; i < tasks->count; i++)
        if (tasks->items[i].arn != NULL && strcmp(tasks->items[i].arn, arn) == 0)
            return &tasks->items[i];
    return NULL;
}

/* Puts the answer, if there is one, in place of the last. Frees the text. */
static bool keep(json_t **place, int code, ecsengine_text *text)
{
    json_t *json = code == 0 ? json_loadb(ecsengine_text_data(text), ecsengine_text_length(text), 0, NULL) : NULL;

    ecsengine_text_free(text);
    if (json == NULL)
        return false;
    json_decref(*place);
    *place = json;
    return true;
}

bool task_refresh(struct task *task, ecsengine *engine)
{
    ecsengine_text *described = NULL;
    ecsengine_text *explained = NULL;
    int code = ecsengine_task_describe(engine, task->arn, &described, NULL);

    if (!keep(&task->described, code, described))
        return code != ECSENGINE_ENOTFOUND;
    code = ecsengine_explain(engine, task->arn, NULL, &explained, NULL);
    keep(&task->explained, code, explained);
    return true;
}

const json_t *task_container(const struct task *task, const char *name)
{
    json_t *containers = json_object_get(task->described, "containers");
    json_t *container;
    size_t i;

    json_array_foreach(containers, i, container) {
        const char *here = json_string_value(json_object_get(container, "containerName"));

        if (here != NULL && strcmp(here, name) == 0)
            return container;
    }
    return NULL;
}
