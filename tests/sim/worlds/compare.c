/* SPDX-License-Identifier: Apache-2.0 */
/* Comparing. The expectation becomes a list of things to be seen, in order; each must be there once, at its time and with its
 * values, nothing else may be there, and events come in the order of their moments, where that is no chance. */
#include "compare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ITEMS_MAX = 32, ORDERS = 400 };
#define SLACK_EXACT INT64_C(1000)
#define SLACK_SAME INT64_C(100000)

struct item {
    struct seen seen;
    int64_t order; /* its moment; a task's event comes after those of containers that it follows from */
    bool any_reason;
    const struct seen *match;
};

struct items {
    struct item list[ITEMS_MAX];
    int count;
};

static void add(struct items *items, enum seen_kind kind, int who, int what, moment at)
{
    if (at == MOMENT_NEVER)
        return;
    items->list[items->count++] = (struct item){
        .seen = {.kind = kind, .who = who, .what = what, .at_ns = moment_ns(at)},
        .order = 2 * at + (who == SEEN_TASK),
    };
}

static void expect_container(struct items *items, int c, const struct fate *fate)
{
    add(items, SEEN_CALL, c, ECSENGINE_OP_PULL_IMAGE, fate->pull);
    add(items, SEEN_CALL, c, ECSENGINE_OP_CREATE, fate->create);
    add(items, SEEN_CALL, c, ECSENGINE_OP_START, fate->start);
    add(items, SEEN_CALL, c, ECSENGINE_OP_STOP, fate->stop);
    add(items, SEEN_EVENT, c, ECSENGINE_CONTAINER_RUNNING, fate->running);
    int before = items->count;
    add(items, SEEN_EVENT, c, ECSENGINE_CONTAINER_STOPPED, fate->stopped);
    if (items->count > before) {
        struct seen *stopped = &items->list[before].seen;
        stopped->has_exit_code = fate->has_exit_code;
        stopped->exit_code = fate->exit_code;
        snprintf(stopped->reason, sizeof(stopped->reason), "%s", model_reasons[fate->reason]);
    }
}

static void expect_all(const struct world *world, const struct expectation *expected, struct items *items)
{
    items->count = 0;
    for (int c = 0; c < world->count && expected->verdict != VERDICT_REFUSED; c++)
        expect_container(items, c, &expected->fates[c]);
    add(items, SEEN_EVENT, SEEN_TASK, ECSENGINE_TASK_RUNNING, expected->running);
    add(items, SEEN_EVENT, SEEN_TASK, ECSENGINE_TASK_STOPPED, expected->stopped);
    snprintf(items->list[items->count - 1].seen.reason, SEEN_REASON, "%s", expected->reason);
    add(items, SEEN_REMOVED, SEEN_TASK, ECSENGINE_TASK_STOPPED, expected->removed);
    items->list[items->count - 1].any_reason = expected->removed != MOMENT_NEVER;
}

static const char *seen_words(const struct seen *seen, char out[320])
{
    char who[8] = "task", code[24] = "";

    if (seen->who != SEEN_TASK)
        snprintf(who, sizeof(who), "%c", 'a' + seen->who);
    if (seen->has_exit_code)
        snprintf(code, sizeof(code), " exit %d", seen->exit_code);
    const char *what = seen->kind == SEEN_REMOVED ? "REMOVED"
                       : seen->kind == SEEN_CALL  ? ecsengine_op_kind_name((enum ecsengine_op_kind)seen->what)
                       : seen->who == SEEN_TASK   ? ecsengine_task_status_name((enum ecsengine_task_status)seen->what)
                                                  : ecsengine_container_status_name((enum ecsengine_container_status)seen->what);
    snprintf(out, 320, "[%9.6f] %-4s %s%s%s%s%s", (double)seen->at_ns / 1e9, who, seen->kind == SEEN_CALL ? "-> " : "", what, code,
             *seen->reason != '\0' ? "  " : "", seen->reason);
    return out;
}

void sight_tell(const struct sight *sight, struct text *out_text)
{
    char words[320];

    for (int i = 0; i < sight->count; i++)
        text_add(out_text, "  %s\n", seen_words(&sight->list[i], words));
    if (sight->left > 0)
        text_add(out_text, "  %d containers are left\n", sight->left);
}

static bool is_same_thing(const struct seen *a, const struct seen *b)
{
    return a->kind == b->kind && a->who == b->who && (a->kind == SEEN_REMOVED || a->what == b->what);
}

static bool is_reason(const char *expected, const char *got)
{
    return *expected == '\0' ? *got == '\0' : strncmp(expected, got, strlen(expected)) == 0;
}

static bool is_as_expected(const struct item *item, const struct seen *got, int64_t slack_ns)
{
    const struct seen *seen = &item->seen;

    return llabs(got->at_ns - seen->at_ns) <= slack_ns && got->has_exit_code == seen->has_exit_code &&
           (!seen->has_exit_code || got->exit_code == seen->exit_code) &&
           (item->any_reason || is_reason(seen->reason, got->reason));
}

struct report {
    struct text *text; /* NULL: nobody reads it */
    bool well;
};

static void differs(struct report *report, const char *format, const struct seen *a, const struct seen *b)
{
    char one[320], other[320] = "";

    report->well = false;
    if (report->text != NULL)
        text_add(report->text, format, seen_words(a, one), b != NULL ? seen_words(b, other) : "");
}

static void match(struct items *items, const struct sight *sight, int64_t slack_ns, struct report *report)
{
    for (int i = 0; i < sight->count; i++) {
        const struct seen *got = &sight->list[i];
        struct item *item = NULL;
        for (int k = 0; k < items->count && item == NULL; k++) {
            if (items->list[k].match == NULL && is_same_thing(&items->list[k].seen, got))
                item = &items->list[k];
        }
        if (item == NULL) {
            if (got->kind != SEEN_CALL || got->what != ECSENGINE_OP_REMOVE)
                differs(report, "  not expected:  %s\n%s", got, NULL);
            continue;
        }
        item->match = got;
        if (!is_as_expected(item, got, slack_ns))
            differs(report, "  expected:      %s\n           got:  %s\n", &item->seen, got);
    }
    for (int k = 0; k < items->count; k++) {
        if (items->list[k].match == NULL)
            differs(report, "  missing:       %s\n%s", &items->list[k].seen, NULL);
    }
}

/* Whether the order of two events at one time is more than chance: of one container, of two of which one depends on the other,
 * and of the task after all that it follows from. */
static bool has_order(const struct world *world, const struct seen *first, const struct seen *second)
{
    if (first->who == second->who || second->who == SEEN_TASK)
        return true;
    if (first->who == SEEN_TASK)
        return false;
    return world->places[first->who].needs[second->who] != CONDITION_NONE ||
           world->places[second->who].needs[first->who] != CONDITION_NONE;
}

static void check_order(const struct world *world, const struct items *items, int64_t slack_ns, struct report *report)
{
    for (int i = 0; i < items->count; i++) {
        for (int k = 0; k < items->count; k++) {
            const struct item *first = &items->list[i], *second = &items->list[k];
            if (first->seen.kind == SEEN_CALL || second->seen.kind == SEEN_CALL || first->order >= second->order ||
                first->match == NULL || second->match == NULL || first->match < second->match)
                continue;
            if (second->seen.at_ns - first->seen.at_ns > slack_ns || has_order(world, &first->seen, &second->seen))
                differs(report, "  wrong order:   %s\n     must be after %s\n", second->match, first->match);
        }
    }
}

bool compare(const struct world *world, const struct expectation *expected, const struct sight *sight, int64_t slack_ns,
             struct text *out_text)
{
    struct items items;
    struct report report = {out_text, true};

    expect_all(world, expected, &items);
    match(&items, sight, slack_ns, &report);
    check_order(world, &items, slack_ns, &report);
    if (sight->left > 0 || sight->too_many) {
        report.well = false;
        if (out_text != NULL)
            text_add(out_text, "  %d containers are left%s\n", sight->left,
                     sight->too_many ? "; there was more than can be kept" : "");
    }
    return report.well;
}

/* What happens at the same time happens in some order: the model is asked with durations that differ by a nothing, in many ways. */
static bool agrees_in_some_order(const struct world *world, const struct sight *sight, struct text *out_text)
{
    struct durations durations[PLACES];
    struct expectation expected;

    for (uint64_t order = 0; order < ORDERS; order++) {
        world_durations_drawn(world->timing, order, durations);
        model_expect(world, durations, &expected);
        if (compare(world, &expected, sight, SLACK_SAME, NULL))
            return true;
    }
    return compare(world, &expected, sight, SLACK_SAME, out_text);
}

bool world_agrees(const struct world *world, const struct sight *sight, struct text *out_text)
{
    struct durations durations[PLACES];
    struct expectation expected;

    if (world->timing == TIMING_SAME)
        return agrees_in_some_order(world, sight, out_text);
    world_durations(world->timing, durations);
    model_expect(world, durations, &expected);
    return compare(world, &expected, sight, SLACK_EXACT, out_text);
}
