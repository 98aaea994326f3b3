/* SPDX-License-Identifier: Apache-2.0 */
/* Explanations at rest. */
#include "explained.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void (*explained_seen)(const json_t *cause);

static json_t *parsed(struct harness *harness, int rc, ecsengine_text *text)
{
    json_error_t error;
    json_t *json = rc == 0 ? json_loadb(ecsengine_text_data(text), ecsengine_text_length(text), JSON_REJECT_DUPLICATES, &error) : NULL;

    if (rc == 0 && json == NULL)
        harness_broken(harness, "a document is no JSON: %s: %s", error.text, ecsengine_text_data(text));
    ecsengine_text_free(text);
    return json;
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text != NULL ? text : "";
}

static int64_t number_of(const json_t *object, const char *key) { return json_integer_value(json_object_get(object, key)); }

static void show_all(const json_t *object)
{
    json_t *causes = json_object_get(object, "causes"), *cause;
    size_t i;

    if (explained_seen != NULL)
        json_array_foreach(causes, i, cause)
            explained_seen(cause);
}

static json_t *explained_arn(struct harness *harness, const char *arn)
{
    ecsengine_text *text = NULL;
    int rc = ecsengine_explain(harness->engine, arn, NULL, &text, NULL);
    json_t *json = parsed(harness, rc, text), *container;
    size_t i;

    show_all(json);
    json_array_foreach(json_object_get(json, "containers"), i, container)
        show_all(container);
    return json;
}

json_t *explained(struct harness *harness, const char *task)
{
    char arn[512];

    snprintf(arn, sizeof(arn), ARN_HEAD "%s", task);
    return explained_arn(harness, arn);
}

/* The object that is looked at, and where it belongs. */
struct look {
    struct harness *harness;
    const json_t *document;
    const char *task;      /* last part of the ARN */
    const char *container; /* NULL: the task */
};

static void complain(const struct look *look, const json_t *cause, const char *what)
{
    char *text = json_dumps(cause, JSON_COMPACT);

    harness_broken(look->harness, "explanation of %s%s%s: %s: %s", look->task, look->container != NULL ? "/" : "",
                   look->container != NULL ? look->container : "", what, text != NULL ? text : "-");
    free(text);
}

static bool is(const json_t *cause, const char *word) { return strcmp(text_of(cause, "cause"), word) == 0; }

static void check_due(const struct look *look, const json_t *cause)
{
    int64_t due = number_of(cause, "due"), left = due - number_of(look->document, "asOf");

    if (json_object_get(cause, "due") == NULL)
        return;
    if (left <= 0)
        complain(look, cause, "the time is over");
    else if (ecsengine_deadline_ns(look->harness->engine) > look->harness->mono_ns + left)
        complain(look, cause, "the engine will not wake up for it");
}

static void check_operation(const struct look *look, const json_t *cause)
{
    const struct harness *harness = look->harness;
    uint64_t id = (uint64_t)number_of(cause, "operationId");

    for (size_t i = harness->op_count; i-- > 0;) {
        const struct seen_op *op = &harness->ops[i];
        if (op->id != id)
            continue;
        if (strcmp(ecsengine_op_kind_name(op->kind), text_of(cause, "operation")) != 0 ||
            (look->container != NULL && strcmp(op->container, look->container) != 0))
            complain(look, cause, "this is another operation");
        return;
    }
    complain(look, cause, "there never was such an operation");
}

static void check_acknowledgement(const struct look *look, const json_t *cause)
{
    const struct harness *harness = look->harness;
    uint64_t id = (uint64_t)number_of(cause, "eventId");

    for (size_t i = harness->event_count; i-- > 0;) {
        const struct seen_event *event = &harness->events[i];
        if (event->id != id)
            continue;
        if (event->acked || strcmp(event->task, look->task) != 0)
            complain(look, cause, "the event was acknowledged, or is another task's");
        return;
    }
    complain(look, cause, "the host has never had such an event");
}

static void check_queue(const struct look *look, const json_t *cause)
{
    if (number_of(cause, "place") < 1 || number_of(cause, "place") > number_of(cause, "queueLength"))
        complain(look, cause, "a place that is none");
    if (json_array_size(json_object_get(cause, "lacks")) > 0)
        return;
    if (json_object_get(cause, "behind") == NULL)
        complain(look, cause, "it fits, and nobody stands before it");
}

static const json_t *container_named(const json_t *document, const char *name)
{
    json_t *containers = json_object_get(document, "containers"), *container;
    size_t i;

    json_array_foreach(containers, i, container)
        if (strcmp(text_of(container, "containerName"), name) == 0)
            return container;
    return NULL;
}

static const json_t *first_cause(const json_t *object) { return json_array_get(json_object_get(object, "causes"), 0); }

/* Follows the first causes from container to container: in the end one waits for something outside of the task. */
static void check_chain(const struct look *look, const json_t *cause)
{
    const json_t *at = cause;

    for (size_t steps = json_array_size(json_object_get(look->document, "containers")) + 1; steps > 0; steps--) {
        const json_t *next = json_object_get(at, is(at, "waits-for-stop-order") ? "dependent" : "dependency");
        if (next == NULL)
            return;
        const json_t *on = container_named(look->document, text_of(next, "containerName"));
        at = first_cause(on);
        if (on == NULL || is(at, "stopped") || is(at, "removed")) {
            complain(look, cause, "it waits for a container that will never move");
            return;
        }
    }
    /* Containers on a circle do, and their task was given up for it. */
    if (strcmp(text_of(look->document, "knownStatus"), "STOPPED") != 0)
        complain(look, cause, "it waits for itself");
}

static void check_cause(const struct look *look, const json_t *cause, bool first)
{
    if (*text_of(cause, "text") == '\0')
        complain(look, cause, "there is no sentence");
    if (is(cause, "moving") && first)
        complain(look, cause, "it does not move, and does not say why");
    check_due(look, cause);
    if (is(cause, "operation-in-flight"))
        check_operation(look, cause);
    else if (is(cause, "waits-for-acknowledgement"))
        check_acknowledgement(look, cause);
    else if (is(cause, "queued"))
        check_queue(look, cause);
    else if (is(cause, "waits-for-dependency") || is(cause, "waits-for-stop-order"))
        check_chain(look, cause);
    else if (is(cause, "waits-for-pull") &&
             (int64_t)json_array_size(json_object_get(cause, "holders")) != number_of(cause, "slots"))
        complain(look, cause, "a slot is free");
    else if (is(cause, "waits-for-store") && !look->harness->with_store)
        complain(look, cause, "there is no store");
}

static void check_object(const struct look *look, const json_t *object)
{
    json_t *causes = json_object_get(object, "causes"), *cause;
    size_t i;

    if (json_array_size(causes) == 0)
        complain(look, object, "there is no cause");
    json_array_foreach(causes, i, cause)
        check_cause(look, cause, i == 0);
    if (strcmp(text_of(first_cause(object), "cause"), text_of(object, "cause")) != 0)
        complain(look, object, "another cause than the first one decides");
}

static void check_task(struct harness *harness, const char *arn)
{
    json_t *document = explained_arn(harness, arn), *container;
    struct look look = {.harness = harness, .document = document, .task = harness_last_part(arn)};
    size_t i;

    if (document == NULL) {
        harness_broken(harness, "there is no explanation of %s", arn);
        return;
    }
    check_object(&look, document);
    json_array_foreach(json_object_get(document, "containers"), i, container) {
        look.container = text_of(container, "containerName");
        check_object(&look, container);
    }
    json_decref(document);
}

void explained_check(struct harness *harness)
{
    ecsengine_text *text = NULL;
    json_t *list, *task;
    size_t i;
    int rc;

    if (harness->memory.fail_first != 0 || harness->engine == NULL)
        return;
    rc = ecsengine_task_list(harness->engine, &text, NULL);
    list = parsed(harness, rc, text);
    json_array_foreach(json_object_get(list, "tasks"), i, task)
        check_task(harness, text_of(task, "taskArn"));
    json_decref(list);
}
