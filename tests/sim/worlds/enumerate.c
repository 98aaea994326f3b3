/* SPDX-License-Identifier: Apache-2.0 */
/* Enumerating. The graph comes first, then what each container does, then when the user stops the task.
 *
 * Of worlds that differ only in the names of the containers one is taken: the graph whose matrix is the least of its
 * permutations, and with it the outcomes that are the least under the permutations that leave the graph as it is. A task that is
 * refused is refused whatever its containers would do: those worlds come once. The moments of a stop lie between any two things
 * that happen in the world if it is left alone. */
#include "enumerate.h"

#include <stdlib.h>
#include <string.h>

#include "model.h"

enum { PERMUTATIONS = 6, KINDS = 2 * OUTCOMES };

static const int permutations[PERMUTATIONS][PLACES] = {{0, 1, 2}, {1, 0, 2}, {0, 2, 1}, {2, 1, 0}, {1, 2, 0}, {2, 0, 1}};

struct walk {
    const struct cut *cut;
    visit_fn visit;
    void *data;
    struct world world;
    bool same[PERMUTATIONS]; /* leaves the graph as it is */
};

static bool keeps_rest(const struct walk *walk, const int permutation[PLACES])
{
    for (int i = walk->cut->count; i < PLACES; i++) {
        if (permutation[i] != i)
            return false;
    }
    return true;
}

/* The sign of (permuted graph - graph), row by row. */
static int compare_graph(const struct walk *walk, const int permutation[PLACES])
{
    for (int i = 0; i < walk->cut->count; i++) {
        for (int k = 0; k < walk->cut->count; k++) {
            int difference = (int)walk->world.places[permutation[i]].needs[permutation[k]] - (int)walk->world.places[i].needs[k];
            if (difference != 0)
                return difference;
        }
    }
    return 0;
}

static int kind_of(const struct place *place) { return 2 * (int)place->outcome + place->essential; }

static bool is_least_kind(const struct walk *walk)
{
    for (int p = 0; p < PERMUTATIONS && !walk->cut->labelled; p++) {
        for (int i = 0; i < walk->cut->count && walk->same[p]; i++) {
            int difference = kind_of(&walk->world.places[permutations[p][i]]) - kind_of(&walk->world.places[i]);
            if (difference < 0)
                return false;
            if (difference > 0)
                break;
        }
    }
    return true;
}

/* Whether somebody waits for the container in one of these ways. */
static bool is_waited_for(const struct world *world, int c, uint32_t ways)
{
    for (int i = 0; i < world->count; i++) {
        if (ways & UINT32_C(1) << world->places[i].needs[c])
            return true;
    }
    return false;
}

#define WAY(condition) (UINT32_C(1) << CONDITION_##condition)

static bool matters(const struct walk *walk, int c, enum outcome outcome)
{
    const struct outcome_traits *does = &outcomes[outcome];

    if ((walk->cut->outcomes & UINT32_C(1) << outcome) == 0)
        return false;
    if (walk->cut->alike)
        return true;
    if (does->health_check && !is_waited_for(&walk->world, c, WAY(HEALTHY)))
        return false;
    return !does->start_timeout || is_waited_for(&walk->world, c, WAY(COMPLETE) | WAY(SUCCESS) | WAY(HEALTHY));
}

static int by_time(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

    return a < b ? -1 : a > b;
}

/* The middle of each stretch in which nothing happens, while the task is not STOPPED. The number of them. */
static int moments_of(const struct world *world, int64_t out_moments[6 * PLACES + 1])
{
    struct durations durations[PLACES];
    struct expectation expected;
    int64_t times[6 * PLACES + 1] = {0};
    int count = 1, moments = 0;

    world_durations_drawn(world->timing, 1, durations);
    model_expect(world, durations, &expected);
    if (expected.verdict == VERDICT_REFUSED)
        return 0;
    for (int c = 0; c < world->count; c++) {
        const struct fate *fate = &expected.fates[c];
        const moment all[] = {fate->pull, fate->create, fate->start, fate->stop, fate->running, fate->stopped};
        for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
            if (moment_ns(all[i]) > 0 && moment_ns(all[i]) < WORLD_LATE)
                times[count++] = moment_ns(all[i]);
        }
    }
    qsort(times, (size_t)count, sizeof(*times), by_time);
    for (int i = 1; i < count; i++) {
        int64_t middle = (times[i - 1] + times[i]) / 2 / 1000 * 1000;
        if (times[i] - times[i - 1] > 4000)
            out_moments[moments++] = middle;
    }
    return moments;
}

static bool visit_stops(struct walk *walk)
{
    int64_t moments[6 * PLACES + 1];
    struct world *world = &walk->world;

    world->born_stopped = false;
    world->stop_ns = WORLD_LATE;
    if (!walk->visit(world, walk->data))
        return false;
    int count = moments_of(world, moments), wanted = walk->cut->moments < count ? walk->cut->moments : count;
    for (int i = 0; i < wanted; i++) {
        world->stop_ns = moments[wanted == 1 ? count / 2 : i * (count - 1) / (wanted - 1)];
        if (!walk->visit(world, walk->data))
            return false;
    }
    world->born_stopped = true;
    world->stop_ns = 0;
    bool more = walk->visit(world, walk->data);
    world->born_stopped = false;
    return more;
}

static bool visit_timings(struct walk *walk)
{
    for (int timing = 0; timing < TIMINGS; timing++) {
        walk->world.timing = timing;
        if ((walk->cut->timings & UINT32_C(1) << timing) != 0 && !visit_stops(walk))
            return false;
    }
    return true;
}

/* A refused world only with the outcomes that come first: the others are refused alike. */
static bool is_first_of_refused(const struct world *world)
{
    for (int c = 0; c < world->count; c++) {
        enum outcome first = outcomes[world->places[c].outcome].health_check ? HEALTHY_RUNS : RUNS;
        if (world->places[c].outcome != first || !world->places[c].essential)
            return false;
    }
    return true;
}

static bool visit_kinds(struct walk *walk, int c)
{
    if (c == walk->cut->count || c == PLACES) {
        if (!is_least_kind(walk) || (model_refuses(&walk->world) && !is_first_of_refused(&walk->world)))
            return true;
        return visit_timings(walk);
    }
    for (int kind = 0; kind < KINDS; kind++) {
        struct place *place = &walk->world.places[c];
        if (!matters(walk, c, (enum outcome)(kind / 2)))
            continue;
        place->outcome = (enum outcome)(kind / 2);
        place->essential = kind % 2 == 1;
        if (!visit_kinds(walk, c + 1))
            return false;
    }
    return true;
}

/* Whether it is refused whatever the containers are. */
static bool is_circular(struct walk *walk)
{
    for (int c = 0; c < walk->cut->count; c++)
        walk->world.places[c].outcome = HEALTHY_RUNS;
    return model_refuses(&walk->world);
}

static bool visit_circular(struct walk *walk)
{
    for (int c = 0; c < walk->cut->count; c++) {
        walk->world.places[c].outcome = RUNS;
        walk->world.places[c].essential = true;
    }
    return visit_timings(walk);
}

static bool visit_graph(struct walk *walk)
{
    for (int p = 0; p < PERMUTATIONS; p++) {
        int difference = keeps_rest(walk, permutations[p]) ? compare_graph(walk, permutations[p]) : 1;
        if (difference < 0 && !walk->cut->labelled)
            return true;
        walk->same[p] = difference == 0;
    }
    return is_circular(walk) ? visit_circular(walk) : visit_kinds(walk, 0);
}

static bool visit_edges(struct walk *walk, int edge)
{
    int count = walk->cut->count, from = edge / count, to = edge % count;

    if (edge == count * count)
        return visit_graph(walk);
    for (int condition = 0; condition < CONDITIONS; condition++) {
        walk->world.places[from].needs[to] = (enum condition)condition;
        if (!visit_edges(walk, edge + 1))
            return false;
        if (from == to && !walk->cut->self)
            break;
    }
    walk->world.places[from].needs[to] = CONDITION_NONE;
    return true;
}

bool enumerate(const struct cut *cut, visit_fn visit, void *data)
{
    struct walk walk = {.cut = cut, .visit = visit, .data = data, .world = {.count = cut->count, .pull = cut->pull}};

    return visit_edges(&walk, 0);
}
