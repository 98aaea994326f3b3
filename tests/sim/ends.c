/* SPDX-License-Identifier: Apache-2.0 */
/* An engine that comes after a crash tells again what was not acknowledged: it is the last word that counts. */
#define _GNU_SOURCE /* memmem */
#include "ends.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct end {
    const struct seen_event *last; /* of a container or a task */
    bool removed, stopped, heard;
};

struct ends {
    struct end *list;
    size_t count;
};

static bool is_of(const struct seen_event *event)
{
    return event->kind == ECSENGINE_EVENT_CONTAINER || event->kind == ECSENGINE_EVENT_TASK ||
           event->kind == ECSENGINE_EVENT_TASK_REMOVED;
}

static struct end *end_of(struct ends *ends, const struct seen_event *event)
{
    for (size_t i = 0; i < ends->count; i++) {
        const struct seen_event *other = ends->list[i].last;
        if (strcmp(other->task, event->task) == 0 && strcmp(other->container, event->container) == 0)
            return &ends->list[i];
    }
    ends->list[ends->count] = (struct end){.last = event};
    return &ends->list[ends->count++];
}

static struct ends gather(const struct harness *harness)
{
    struct ends ends = {calloc(harness->event_count + 1, sizeof(*ends.list)), 0};

    if (ends.list == NULL)
        abort();
    for (size_t i = 0; i < harness->event_count; i++) {
        const struct seen_event *event = &harness->events[i];
        if (!is_of(event))
            continue;
        struct end *end = end_of(&ends, event);
        bool stopped = strcmp(event->status, "STOPPED") == 0;
        end->removed |= event->kind == ECSENGINE_EVENT_TASK_REMOVED;
        end->stopped |= stopped;
        end->heard |= stopped && event->heard;
        if (event->kind != ECSENGINE_EVENT_TASK_REMOVED)
            end->last = event;
    }
    return ends;
}

static int by_name(const void *left, const void *right)
{
    const struct seen_event *a = ((const struct end *)left)->last, *b = ((const struct end *)right)->last;
    int order = strcmp(a->task, b->task);

    return order != 0 ? order : strcmp(a->container, b->container);
}

void ends_of(const struct harness *harness, struct text *out_text)
{
    struct ends ends = gather(harness);

    qsort(ends.list, ends.count, sizeof(*ends.list), by_name);
    for (size_t i = 0; i < ends.count; i++) {
        const struct seen_event *last = ends.list[i].last;
        char exit_code[24] = "";
        if (last->has_exit_code)
            snprintf(exit_code, sizeof(exit_code), " exit %d", last->exit_code);
        text_add(out_text, "  %s%s%s %s%s%s%s%s\n", last->task, *last->container ? "/" : "", last->container, last->status, exit_code,
                 ends.list[i].removed ? ", removed" : "", *last->reason ? "  " : "", last->reason);
    }
    free(ends.list);
}

/* The lines up to their reasons, or up to their ends. */
static bool same_line(const char *wanted, size_t wanted_len, const char *came, size_t came_len)
{
    bool lost = came_len < wanted_len && strncmp(wanted + came_len, "  ", 2) == 0 && memmem(came + 2, came_len - 2, "  ", 2) == NULL;

    return (came_len == wanted_len || lost) && memcmp(wanted, came, came_len) == 0;
}

bool ends_same_but_reasons(const char *wanted, const char *came)
{
    while (*wanted != '\0' && *came != '\0') {
        size_t wanted_len = strcspn(wanted, "\n"), came_len = strcspn(came, "\n");
        if (!same_line(wanted, wanted_len, came, came_len))
            return false;
        wanted += wanted_len + 1;
        came += came_len + 1;
    }
    return *wanted == *came;
}

void ends_check_heard(struct harness *harness)
{
    struct ends ends = gather(harness);

    for (size_t i = 0; i < ends.count; i++) {
        const struct seen_event *last = ends.list[i].last;
        if (ends.list[i].stopped && !ends.list[i].heard)
            harness_broken(harness, "the STOPPED event of %s%s%s was never acknowledged", last->task,
                           *last->container ? "/" : "", last->container);
    }
    free(ends.list);
}
