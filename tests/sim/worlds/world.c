/* SPDX-License-Identifier: Apache-2.0 */
/* Worlds: what they are made of, and how they are written. */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../text.h"

const struct outcome_traits outcomes[OUTCOMES] = {
    [RUNS] = {'R', "runs until it is stopped", .exit_code = 0},
    [EXITS_0] = {'Z', "exits 0 after a while", .ends = true},
    [EXITS_3] = {'T', "exits 3 after a while", .ends = true, .exit_code = 3},
    [KILLED] = {'O', "is killed for want of memory after a while", .ends = true, .killed = true, .exit_code = 137},
    [NO_START] = {'S', "cannot be started", .failing = FAILS_START},
    [NO_CREATE] = {'C', "cannot be created", .failing = FAILS_CREATE},
    [NO_IMAGE] = {'P', "has an image that is nowhere", .failing = FAILS_PULL},
    [HEALTHY_RUNS] = {'H', "turns healthy and runs", .health_check = true, .healthy = true},
    [SICK_RUNS] = {'U', "turns unhealthy and runs", .health_check = true},
    [HEALTHY_EXITS_0] = {'E', "turns healthy, and exits 0 later", .ends = true, .health_check = true, .healthy = true},
    [EXITS_3_BEFORE_HEALTH] = {'F', "exits 3 before it could turn healthy", .ends = true, .ends_early = true, .exit_code = 3,
                               .health_check = true, .healthy = true},
    [RUNS_TIMED] = {'r', "runs until it is stopped, and has a startTimeout", .start_timeout = true},
    [HEALTHY_RUNS_TIMED] = {'h', "turns healthy, runs, and has a startTimeout", .health_check = true, .healthy = true,
                            .start_timeout = true},
    [SICK_RUNS_TIMED] = {'u', "turns unhealthy, runs, and has a startTimeout", .health_check = true, .start_timeout = true},
};

const char *const pull_names[PULLS] = {"default", "always", "once", "prefer-cached"};
static const char *const pull_codes[PULLS] = {"", "/always", "/once", "/cached"};

static const struct {
    char letter;
    const char *name;
} conditions[CONDITIONS] = {{'-', ""}, {'S', "START"}, {'C', "COMPLETE"}, {'X', "SUCCESS"}, {'H', "HEALTHY"}};

#define MS INT64_C(1000000)

/* Some nanoseconds, so that no two sums of durations are alike. */
static int64_t odd(unsigned phase, unsigned rank) { return (int64_t)((phase * 3 + rank + 1) * UINT64_C(2654435761) % 999983); }

void world_durations(int timing, struct durations out_durations[PLACES])
{
    const int64_t slower_ns = timing == TIMING_SLOW ? 300 * MS : 0;

    for (unsigned i = 0; i < PLACES; i++) {
        unsigned rank = timing == TIMING_BACKWARD ? PLACES - 1 - i : i;
        out_durations[i] = (struct durations){
            .pull_ns = 100 * MS + slower_ns + 31 * MS * rank + odd(0, rank),
            .create_ns = 150 * MS + 17 * MS * rank + odd(1, rank),
            .start_ns = 200 * MS + 13 * MS * rank + odd(2, rank),
            .life_ns = 2000 * MS + 407 * MS * rank + odd(3, rank),
            .health_ns = 700 * MS + 11 * MS * rank + odd(4, rank),
            .stop_ns = 300 * MS + 250 * MS * rank + odd(5, rank),
        };
        if (timing == TIMING_SAME)
            out_durations[i] = (struct durations){.life_ns = 2000 * MS, .health_ns = 700 * MS, .stop_ns = 300 * MS};
    }
}

/* splitmix64 */
static uint64_t draw(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

void world_durations_drawn(int timing, uint64_t seed, struct durations out_durations[PLACES])
{
    world_durations(timing, out_durations);
    for (int i = 0; i < PLACES && timing == TIMING_SAME; i++) {
        struct durations *durations = &out_durations[i];
        int64_t *all[] = {&durations->pull_ns, &durations->create_ns, &durations->start_ns,
                          &durations->life_ns, &durations->health_ns, &durations->stop_ns};
        for (size_t k = 0; k < sizeof(all) / sizeof(all[0]); k++)
            *all[k] += 1 + (int64_t)(draw(&seed) % 1000);
    }
}

bool world_reversed(int timing) { return timing == TIMING_BACKWARD; }
bool world_records(int timing) { return timing != TIMING_BARE; }
int world_stop_code(int place) { return 40 + place; }

void world_write(const struct world *world, char out_code[WORLD_CODE])
{
    char *at = out_code;

    for (int i = 0; i < world->count; i++) {
        const struct place *place = &world->places[i];
        if (i > 0)
            *at++ = '.';
        *at++ = outcomes[place->outcome].letter;
        *at++ = place->essential ? '+' : '-';
        for (int k = 0; k < world->count; k++) {
            if (place->needs[k] == CONDITION_NONE)
                continue;
            *at++ = (char)('a' + k);
            *at++ = conditions[place->needs[k]].letter;
        }
    }
    at += sprintf(at, "/t%d%s", world->timing, pull_codes[world->pull]);
    if (world->born_stopped)
        sprintf(at, "/born");
    else if (world->stop_ns != WORLD_LATE)
        sprintf(at, "/stop=%lldus", (long long)(world->stop_ns / 1000));
}

static bool read_need(const char **at, struct place *place)
{
    int which = (*at)[0] - 'a';

    if (which < 0 || which >= PLACES)
        return false;
    for (int i = CONDITION_START; i < CONDITIONS; i++) {
        if (conditions[i].letter == (*at)[1]) {
            place->needs[which] = (enum condition)i;
            *at += 2;
            return true;
        }
    }
    return false;
}

static bool read_place(const char **at, struct place *out_place)
{
    int outcome = 0;

    while (outcome < OUTCOMES && outcomes[outcome].letter != **at)
        outcome++;
    if (outcome == OUTCOMES || ((*at)[1] != '+' && (*at)[1] != '-'))
        return false;
    *out_place = (struct place){.outcome = (enum outcome)outcome, .essential = (*at)[1] == '+'};
    *at += 2;
    while (**at != '.' && **at != '/' && **at != '\0') {
        if (!read_need(at, out_place))
            return false;
    }
    return true;
}

static bool read_pull(const char **at, struct world *world)
{
    for (int i = PULL_ALWAYS; i < PULLS; i++) {
        size_t len = strlen(pull_codes[i] + 1);
        if (strncmp(*at, pull_codes[i] + 1, len) == 0) {
            world->pull = (enum pull)i;
            *at += len;
            return true;
        }
    }
    return false;
}

static bool read_rest(const char *at, struct world *world)
{
    char *end;

    while (*at == '/') {
        at++;
        if (read_pull(&at, world))
            continue;
        if (at[0] == 't' && at[1] >= '0' && at[1] < '0' + TIMINGS) {
            world->timing = at[1] - '0';
            at += 2;
        } else if (strncmp(at, "born", 4) == 0) {
            world->born_stopped = true;
            world->stop_ns = 0;
            at += 4;
        } else if (strncmp(at, "stop=", 5) == 0) {
            world->stop_ns = strtoll(at + 5, &end, 10) * 1000;
            if (end == at + 5 || world->stop_ns <= 0 || world->stop_ns > WORLD_LATE || strncmp(end, "us", 2) != 0)
                return false;
            at = end + 2;
        } else
            return false;
    }
    return *at == '\0';
}

bool world_read(const char *code, struct world *out_world)
{
    struct world world = {.stop_ns = WORLD_LATE};

    do {
        code += world.count > 0;
        if (world.count == PLACES || !read_place(&code, &world.places[world.count]))
            return false;
        world.count++;
    } while (*code == '.');
    for (int i = 0; i < world.count; i++) {
        for (int k = world.count; k < PLACES; k++) {
            if (world.places[i].needs[k] != CONDITION_NONE)
                return false;
        }
    }
    if (!read_rest(code, &world))
        return false;
    *out_world = world;
    return true;
}

void world_tell(const struct world *world, struct text *out_text)
{
    static const char *const timings[TIMINGS] = {"a is the fastest and first",
                                                 "the last one is the fastest and first",
                                                 "all at the same time",
                                                 "a is the fastest, and there are no records",
                                                 "a is the fastest; events and answers come twice",
                                                 "a is the fastest; pulls are slow"};

    for (int i = 0; i < world->count; i++) {
        const struct place *place = &world->places[i];
        text_add(out_text, "  %c, %s, %s", 'a' + i, place->essential ? "essential" : "not essential",
                 outcomes[place->outcome].words);
        for (int k = 0; k < world->count; k++) {
            if (place->needs[k] != CONDITION_NONE)
                text_add(out_text, "; depends on %c: %s", 'a' + k, conditions[place->needs[k]].name);
        }
        text_add(out_text, "\n");
    }
    text_add(out_text, "  timing: %s\n", timings[world->timing]);
    if (world->pull != PULL_DEFAULT)
        text_add(out_text, "  image-pull-behavior: %s\n", pull_names[world->pull]);
    if (world->born_stopped)
        text_add(out_text, "  added with desired status STOPPED\n");
    else
        text_add(out_text, "  stopped by the user at %.6f\n", (double)world->stop_ns / 1e9);
}
