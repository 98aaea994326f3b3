/* SPDX-License-Identifier: Apache-2.0 */
/* A memory store that has trouble with its n-th batch. */
#ifndef TEST_TROUBLE_H
#define TEST_TROUBLE_H

#include <stdint.h>

enum trouble_kind {
    TROUBLE_NONE,
    TROUBLE_FAILS, /* the batch fails once */
    TROUBLE_FULL,  /* for a minute, this batch and all after it fail */
    TROUBLE_SLOW,  /* its answer takes two seconds */
    TROUBLE_TORN,  /* it fails, and the process dies before it hears of it */
};

struct trouble {
    enum trouble_kind kind; /* set before harness_start(), with deaths.counts (deaths.h) */
    uint64_t at;            /* which batch, from 1; those that are handed out again count again */
    uint64_t batches;       /* so far */
    int64_t until_ns;       /* FULL, SLOW: it lasts until then; 0: it has not begun, or is over */
};

#endif
