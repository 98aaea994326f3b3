/* SPDX-License-Identifier: Apache-2.0 */
/* A small host that lives through many worlds at once, on public headers alone: one engine, a virtual clock, and a runtime that is
 * just large enough. Each world is a task of its own; nothing but the engine's memory is common to them. */
#ifndef WORLDS_HOST_H
#define WORLDS_HOST_H

#include "ecsengine/ecsengine.h"
#include "world.h"

#define SEEN_MAX 40
#define SEEN_TASK PLACES
#define SEEN_REASON 160

enum seen_kind { SEEN_EVENT, SEEN_REMOVED, SEEN_CALL };

/* Something that was seen of a world; in order. */
struct seen {
    enum seen_kind kind;
    int who;       /* a container's index, or SEEN_TASK */
    int64_t at_ns; /* since the task was added */
    int what;      /* EVENT: a container's or task's status; CALL: the kind of operation */
    bool has_exit_code;
    int exit_code;
    char reason[SEEN_REASON]; /* how it begins */
};

struct sight {
    struct seen list[SEEN_MAX];
    int count;
    bool too_many;
    bool removed;
    int left; /* containers that still exist in the end */
};

struct host;

/* `batch`: how many worlds it lives through at once, at most; all with the same way of pulling. Ends the program if there is no
 * memory. */
struct host *host_new(size_t batch, enum pull pull);
void host_free(struct host *host);

/* At most `batch` worlds. False: the engine did not come to rest. */
bool host_live(struct host *host, const struct world *worlds, size_t count, struct sight *out_sights);

#endif
