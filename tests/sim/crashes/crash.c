/* SPDX-License-Identifier: Apache-2.0 */
#include "crash.h"

#include <stdio.h>
#include <string.h>

#include "exceptions.h"

const struct crash_way crash_ways[] = {
    {.name = "at-once", .text = "a batch is durable before the events of its turn are taken", .compares = true},
    {.name = "late", .text = "a batch is durable after the events of its turn were taken", .late_store = true, .compares = true},
    {.name = "finishes", .text = "what the daemon was asked for and takes its time it does for nobody", .finishes = true, .compares = true},
    {.name = "away", .text = "three seconds pass before there is another engine", .away_ns = 3 * SECOND},
};
const size_t crash_way_count = sizeof(crash_ways) / sizeof(crash_ways[0]);

static void tell(const struct crash_point *point, const struct harness *harness, const char *wanted, const char *ends,
                 struct text *out_text)
{
    char second[32] = "";

    if (point->at[1] != 0)
        snprintf(second, sizeof(second), ",%llu", (unsigned long long)point->at[1]);
    text_add(out_text, "%s, %s: point %llu%s\n", point->path, point->way->text, (unsigned long long)point->at[0], second);
    harness_tell_trace(harness, out_text);
    if (harness->broken.len > 0)
        text_add(out_text, "BROKEN:\n%s", text_or_empty(&harness->broken));
    if (wanted != NULL && strcmp(wanted, ends) != 0)
        text_add(out_text, "THE ENDS DIFFER. Without a crash:\n%swith it:\n%s", wanted, ends);
    text_add(out_text, "Again: crash --way %s --point %llu%s %s\n\n", point->way->name, (unsigned long long)point->at[0], second,
             point->path);
}

struct crash_outcome crash_run(const struct crash_point *point, const char *ends, bool trace, struct text *out_ends,
                               struct text *out_text)
{
    struct harness harness = {
        .with_store = true,
        .deaths = {.counts = true,
                   .late_store = point->way->late_store,
                   .finishes = point->way->finishes,
                   .away_ns = point->way->away_ns,
                   .at = {point->at[0], point->at[1]}},
    };
    struct text came = {0};

    scenario_run(point->scenario, &harness, COMPARE_NOTHING);
    if (!excused(point->path, EXCUSE_UNHEARD))
        ends_check_heard(&harness);
    ends_of(&harness, &came);
    bool same = ends == NULL || strcmp(ends, text_or_empty(&came)) == 0, any = excused(point->path, EXCUSE_ENDS);
    bool lost = !same && !any && excused(point->path, EXCUSE_REASON) && ends_same_but_reasons(ends, text_or_empty(&came));
    struct crash_outcome outcome = {
        .effects = harness.deaths.effects,
        .recovered = harness.deaths.recovered,
        .well = harness.broken.len == 0,
        .same = same,
        .excused = !same && (any || lost),
    };
    if (trace || !outcome.well || (!same && !outcome.excused))
        tell(point, &harness, outcome.excused ? NULL : ends, text_or_empty(&came), out_text);
    if (out_ends != NULL)
        *out_ends = came;
    else
        text_free(&came);
    harness_free(&harness);
    return outcome;
}
