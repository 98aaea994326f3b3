/* SPDX-License-Identifier: Apache-2.0 */
/* Back-off arithmetic. */
#include "base/backoff.h"

#include "base/prng.h"

int64_t backoff_delay_ns(const struct backoff *backoff, uint32_t n, uint64_t draw)
{
    int64_t delay = backoff->min_ns;

    for (uint32_t i = 0; i < n && delay < backoff->max_ns; i++)
        delay = (int64_t)((__int128)delay * backoff->multiplier_milli / 1000);
    if (delay > backoff->max_ns)
        delay = backoff->max_ns;
    return delay + (int64_t)prng_below(draw, (uint64_t)((__int128)delay * backoff->jitter_milli / 1000) + 1);
}
