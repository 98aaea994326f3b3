/* SPDX-License-Identifier: Apache-2.0 */
/* Draws of the tests alone (splitmix64); the simulator and the engine have streams of their own. */
#ifndef TEST_DRAWS_H
#define TEST_DRAWS_H

#include <stdbool.h>
#include <stdint.h>

struct draws {
    uint64_t state;
};

static inline uint64_t draw(struct draws *draws)
{
    uint64_t z = draws->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* A stream of its own for each subject: what is drawn of one does not shift another. */
static inline struct draws draws_of(uint64_t seed, uint64_t subject)
{
    struct draws draws = {seed ^ (subject * UINT64_C(0xd6e8feb86659fd93))};

    draw(&draws);
    return draws;
}

static inline unsigned below(struct draws *draws, unsigned limit) { return (unsigned)(draw(draws) % limit); }
static inline bool one_in(struct draws *draws, unsigned n) { return below(draws, n) == 0; }
static inline bool percent(struct draws *draws, unsigned n) { return below(draws, 100) < n; }
static inline int64_t span_ns(struct draws *draws, int64_t limit_ns) { return (int64_t)(draw(draws) % (uint64_t)limit_ns); }

#endif
