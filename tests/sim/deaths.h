/* SPDX-License-Identifier: Apache-2.0 */
/* Where a process may die. What an engine does to the world is a row of effects: an operation is handed out, which the simulator does at
 * once unless its script says otherwise; a batch that the store has been given is durable; an event is taken by the host; it is
 * acknowledged; and a turn begins. In front of each of them the process may be gone.
 *
 * A process can not really be killed in the middle of a call and live on as its own witness. So it is cut off: from that effect on nothing
 * that the engine still does in its turn comes out (ecsengine_sim_cut(), a store that keeps nothing, events and acknowledgements that
 * nobody sees), and when the turn returns the engine is freed. It is deterministic and reads nothing but what it is given, so it can not
 * tell the difference, and the world can not either. */
#ifndef TEST_DEATHS_H
#define TEST_DEATHS_H

#include <stdbool.h>
#include <stdint.h>

enum { DEATHS = 2 };

struct deaths {
    /* set before harness_start() */
    bool counts;        /* effects are counted; without that none of this has a meaning */
    bool late_store;    /* a batch is durable only when the events of its turn were taken; else before */
    bool finishes;      /* what the daemon was asked for and takes its time it does, though who asked is gone */
    int64_t away_ns;    /* so long nobody is there; the world lives on */
    uint64_t at[DEATHS]; /* it dies in front of the effects with these numbers, in rising order, from 1; 0: no more */

    uint64_t effects; /* so far */
    uint32_t died;
    bool dead;          /* cut off; a new engine comes at the end of this turn */
    uint64_t recovered; /* the effects so far when the engine after the first death had come to rest; 0: it has not */
};

#endif
