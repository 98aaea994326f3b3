/* SPDX-License-Identifier: Apache-2.0 */
/* May a container or a resource move, and if not, what blocks it (task-engine: sections 4.4 to 4.6). Looks only; changes nothing. The one
 * place that decides: what moves them, what explains them and what is told to users all ask here. */
#ifndef ENGINE_DEPGRAPH_H
#define ENGINE_DEPGRAPH_H

#include "engine/engine.h"

/* In the order in which they are looked for; the first one counts. */
enum verdict {
    VERDICT_GO = 0,
    VERDICT_PAST,       /* it is where it shall be, or past it */
    VERDICT_CREDENTIALS, /* those that its image is pulled with are not known */
    VERDICT_ORDER,      /* a dependsOn entry is not met, and may still be */
    VERDICT_TERMINAL,   /* a dependsOn entry will never be met */
    VERDICT_LEGACY,     /* a container of RunDependencies is not in its steady state */
    VERDICT_CONTAINER,  /* a container is not as far as the next step needs it */
    VERDICT_RESOURCE,   /* a resource is not */
    VERDICT_STOP_ORDER, /* containers that depend on it must stop first */
};

/* Why a dependsOn entry will never be met. */
enum hopeless {
    HOPELESS_NOT = 0,
    HOPELESS_TIMED_OUT,
    HOPELESS_FAILED,       /* SUCCESS, and it has ended otherwise */
    HOPELESS_NEVER_STARTS,
    HOPELESS_ENDED,        /* it has ended without the exit code, or the health, that is waited for */
};

struct blocker {
    enum verdict verdict;
    const struct container *on;      /* the container that blocks, or NULL */
    const struct resource *resource; /* the resource that blocks, or NULL */
    enum condition condition;        /* ORDER, TERMINAL: of the entry */
    enum hopeless hopeless;          /* TERMINAL */
    uint8_t next;                    /* CONTAINER, RESOURCE: the status whose step waits */
    uint8_t satisfied;               /* LEGACY, CONTAINER, RESOURCE, STOP_ORDER: the status that `on` or `resource` must have reached */
};

enum { DEPGRAPH_TEXT_MAX = LIMIT_REASON + 256 }; /* two containers, described in full; who keeps it cuts it */

/* `out` may be NULL. */
enum verdict depgraph_check(const struct engine *engine, const struct container *container, struct blocker *out);
/* Every entry that counts for the container, as it stands, in the order in which they are looked at: what depgraph_check() makes its verdict
 * of. (It tells the first that is not met; of dependsOn entries the last, or one that never will be.) */
enum depgraph_state {
    DEPGRAPH_UNMET = 0,
    DEPGRAPH_MET,
    DEPGRAPH_NOT_YET, /* not looked at before a later step */
};
typedef void (*depgraph_visit_fn)(const struct blocker *entry, enum depgraph_state state, void *data);
void depgraph_walk(const struct engine *engine, const struct container *container, depgraph_visit_fn visit, void *data);
/* The same of a resource: GO, PAST or CONTAINER. */
enum verdict depgraph_check_resource(const struct resource *resource, struct blocker *out);
/* The reference's words for what blocks a container, or with `target` NULL a resource; "" for GO. */
void depgraph_text(const struct container *target, const struct blocker *blocker, char text[DEPGRAPH_TEXT_MAX]);
const char *condition_name(enum condition condition); /* of any but CONDITION_NONE */

#endif
