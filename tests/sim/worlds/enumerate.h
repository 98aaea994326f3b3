/* SPDX-License-Identifier: Apache-2.0 */
/* All worlds of a kind, each once. */
#ifndef WORLDS_ENUMERATE_H
#define WORLDS_ENUMERATE_H

#include "world.h"

/* A cut through all worlds. */
struct cut {
    const char *name;
    int count;         /* containers */
    uint32_t outcomes; /* bit n: outcome n */
    enum pull pull;
    uint32_t timings; /* bit n: timing n */
    bool self;        /* containers that depend on themselves too */
    bool labelled;    /* every labelling; else one of those that differ only in the names of the containers */
    bool alike;       /* outcomes that nobody could tell apart, too: health that nobody waits for, timeouts of those */
    int moments;      /* at how many moments the user stops the task, at most; the first, the last and what lies evenly between */
};

/* The next world is handed to `visit`; false ends the enumeration. */
typedef bool (*visit_fn)(const struct world *world, void *data);
bool enumerate(const struct cut *cut, visit_fn visit, void *data);

#endif
