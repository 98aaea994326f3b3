/* SPDX-License-Identifier: Apache-2.0 */
/* Exponential back-off as arithmetic: the n-th delay is min * multiplier^n, at most max, and then up to jitter * delay is added
 * (task-engine: reading rules). In thousandths, so that no floating point is needed and every machine agrees. */
#ifndef BASE_BACKOFF_H
#define BASE_BACKOFF_H

#include <stdint.h>

struct backoff {
    int64_t min_ns;
    int64_t max_ns;
    uint32_t jitter_milli;     /* 200: up to a fifth is added */
    uint32_t multiplier_milli; /* 1300: times 1.3 */
};

/* The delay before the attempt after the n-th failure (n from 0). `draw` is a random number (base/prng.h). */
int64_t backoff_delay_ns(const struct backoff *backoff, uint32_t n, uint64_t draw);

#endif
