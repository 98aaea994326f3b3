/* SPDX-License-Identifier: Apache-2.0 */
/* How often a task waits for its store on the way from its add to its last start: turn by turn, on a store that is as slow as a store can
 * be. A batch is answered only when nothing else in the world can move, so each wait that there may be is one. Public headers alone. */
#ifndef TESTS_STORES_WAITS_H
#define TESTS_STORES_WAITS_H

#include <stdint.h>
#include <stdio.h>

enum waits_shape {
    WAITS_ONE,    /* one container */
    WAITS_CHAIN,  /* three; each depends on the START of the one before */
    WAITS_VOLUME, /* the same, and they share a volume of the task */
    WAITS_SHAPES,
};

struct waits {
    int to_start;    /* waits from the add until the last start has left */
    int to_told;     /* and until the host was told that the task runs */
    int containers;  /* of the task */
    int creates, starts;
    int early;       /* creates, of containers or volumes, that left before the names of their task were durable: must be 0 */
    int batches;     /* of the task's records, until it was told */
};

extern const char *const waits_names[WAITS_SHAPES];

/* `out` NULL: nothing is printed. Ends the program if the engine does not do what it is told. */
void waits_trace(enum waits_shape shape, FILE *out, struct waits *out_waits);

#endif
