/* SPDX-License-Identifier: Apache-2.0 */
/* Files become task documents.
 *
 * An engine knows a task by its ARN; a task definition out of somebody's repository has none. It gets one here, written at the end of
 * the document, so that every line and column in an error message is one of the file.
 *
 * With a store the ARN follows from the document: the same document is the same task in the next life, and is not added to what the store
 * has of it. A file that was edited is another task; to change a task that runs is not what this program is for. */
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

/* 128 bits that follow from a document, and from how many files before have the same. Nobody gains by making two of them meet. */
static void digest(const struct text *document, size_t copy, uint64_t bits[2])
{
    for (size_t lane = 0; lane < 2; lane++) {
        bits[lane] = spread(2 * copy + lane);
        for (size_t i = 0; i < document->len; i++) /* FNV-1a */
            bits[lane] = (bits[lane] ^ (unsigned char)document->data[i]) * UINT64_C(0x100000001b3);
        bits[lane] = spread(bits[lane]);
    }
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

static char *make_arn(const struct options *options, const uint64_t bits[2])
{
    const char *cluster = ecsengine_config_get(options->config, "cluster");
    struct text arn = {0};

    text_printf(&arn, "arn:aws:ecs:local:000000000000:task/%s/%016llx%016llx", cluster != NULL ? cluster : "default",
                (unsigned long long)bits[0], (unsigned long long)bits[1]);
    return arn.data;
}

/* The same for the same document, so that the store's task is found; but of each task of this life there is one. */
static char *find_arn(const struct tasks *tasks, const struct options *options, const struct text *document)
{
    uint64_t bits[2];
    char *arn = NULL;

    for (size_t copy = 0; arn == NULL || tasks_find(tasks, arn) != NULL; copy++) {
        free(arn);
        digest(document, copy, bits);
        arn = make_arn(options, bits);
    }
    return arn;
}

static bool give_arn(const struct tasks *tasks, struct task *task, const json_t *json, const struct options *options)
{
    struct text *document = &task->document;
    const char *key = member(json, "containers") != NULL ? "arn" : "taskArn";
    uint64_t bits[2];

    if (options->store != NULL)
        task->arn = find_arn(tasks, options, document);
    else if (draw(options, (size_t)(task - tasks->items), bits))
        task->arn = make_arn(options, bits);
    else
        return false;
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
        done = give_arn(tasks, task, json, options);
    }
    if (done)
        give_label(tasks, task, json);
    json_decref(json);
    return done;
}

bool tasks_load(struct tasks *tasks, const struct options *options)
{
    tasks->items = need(calloc(options->file_count + 1, sizeof(*tasks->items))); /* there need be no file */
    for (tasks->count = 0; tasks->count < options->file_count; tasks->count++)
        if (!load(tasks, options, tasks->count)) {
            tasks->count++; /* what it has is freed with the others */
            return false;
        }
    return true;
}

/* A task that no file has. */
static void add_kept(struct tasks *tasks, const json_t *listed)
{
    struct task *task;

    tasks->items = need(reallocarray(tasks->items, tasks->count + 1, sizeof(*tasks->items)));
    task = &tasks->items[tasks->count];
    *task = (struct task){.kept = true, .arn = need(strdup(text_member(listed, "taskArn")))};
    give_label(tasks, task, listed);
    task->file = task->label;
    tasks->count++;
}

/* Whether the engine knows it; a task that was removed, which nobody has heard of yet, is known too. */
static bool is_known(const struct task *task, ecsengine *engine)
{
    ecsengine_text *text = NULL;
    bool known = ecsengine_explain(engine, task->arn, NULL, &text, NULL) == 0;

    ecsengine_text_free(text);
    return known;
}

size_t tasks_restore(struct tasks *tasks, ecsengine *engine)
{
    ecsengine_text *text = NULL;
    json_t *list = NULL;
    const json_t *listed;
    size_t i, kept = 0;

    if (ecsengine_task_list(engine, &text, NULL) < 0)
        need(NULL);
    list = need(json_loadb(ecsengine_text_data(text), ecsengine_text_length(text), 0, NULL));
    ecsengine_text_free(text);
    for (i = 0; i < tasks->count; i++)
        tasks->items[i].kept = is_known(&tasks->items[i], engine);
    json_array_foreach(json_object_get(list, "tasks"), i, listed)
        if (tasks_find(tasks, text_member(listed, "taskArn")) == NULL)
            add_kept(tasks, listed);
    json_decref(list);
    for (i = 0; i < tasks->count; i++) {
        kept += tasks->items[i].kept;
        task_refresh(&tasks->items[i], engine);
    }
    return kept;
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
        json_decref(task->agents);
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

void task_note_agent(struct task *task, const ecsengine_event *event)
{
    const char *container = ecsengine_event_container_name(event);
    json_t *told = need(json_pack("{s:s,s:s}", "status", ecsengine_event_status(event), "reason", ecsengine_event_reason(event)));

    if (task->agents == NULL)
        task->agents = need(json_object());
    json_t *agents = json_object_get(task->agents, container);
    if (agents == NULL) {
        agents = need(json_object());
        json_object_set_new(task->agents, container, agents);
    }
    json_object_set_new(agents, ecsengine_event_agent_name(event), told);
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
