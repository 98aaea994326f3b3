/* SPDX-License-Identifier: Apache-2.0 */
/* What a process that dies, or a store that has trouble, is allowed to change in a scenario. */
#ifndef TEST_EXCEPTIONS_H
#define TEST_EXCEPTIONS_H

#include <stdbool.h>

enum excuse {
    EXCUSE_ENDS = 1,    /* after a crash ends may be others */
    EXCUSE_UNHEARD = 2, /* nobody acknowledges anything */
    EXCUSE_REASON = 4,  /* after a crash a reason may be missing; all else of the ends is the same */
    EXCUSE_STORE = 8    /* ends may be others where the store has trouble: it takes time */
};

/* Whether the scenario has one of these. */
bool excused(const char *path, unsigned excuses);

#endif
