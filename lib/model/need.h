/* SPDX-License-Identifier: Apache-2.0 */
/* What a task needs of its host (task-engine: 6.1, 6.2): CPU, memory, host ports, GPUs.
 *
 * It follows from the definition and never changes, so it is computed once. Definitions whose tasks need the same share one need (the
 * engine interns them as it does definitions): tasks of one need are the same to admission, and wait in one class. */
#ifndef MODEL_NEED_H
#define MODEL_NEED_H

#include <stdatomic.h>

#include "base/list.h"
#include "base/map.h"

struct definition;

struct need_port {
    uint16_t port;
    uint8_t protocol; /* enum protocol */
};

enum class_state {
    CLASS_OPEN = 0,   /* a candidate as soon as CPU and memory suffice */
    CLASS_PORT,       /* parked: waits for a host port that is taken */
    CLASS_GPU,        /* parked: waits for GPUs that are taken */
    CLASS_IMPOSSIBLE, /* the host has not so much at all */
    CLASS_DOOMED,     /* asks for a GPU that the host has not: an error (6.3) */
};

struct need {
    struct mem *mem;
    _Atomic uint32_t refs;
    uint32_t cpu_units;  /* at most INT32_MAX, as the next one */
    uint32_t memory_mib;
    uint32_t port_count; /* fixed ones, sorted, none twice */
    uint32_t gpu_id_count; /* sorted, none twice */
    uint32_t gpu_count;  /* that the engine chooses, beside those with ids */
    bool exempt;         /* launch type FARGATE: somebody else counts (3.2) */
    const struct need_port *ports;
    const char *const *gpu_ids;
    uint64_t hash;

    /* the engine's (engine/queue.c) */
    struct map_node by_content;
    uint32_t users;        /* definitions of the engine's table */
    uint8_t state;         /* enum class_state */
    uint32_t parked_at;    /* PORT: protocol << 16 | port */
    struct map_node by_port; /* PORT */
    struct list link;      /* GPU: those that wait for one; DOOMED: those that are to be stopped */
    struct list waiting;   /* its tasks in the queue, by number */
    struct list class_link; /* all classes with waiting tasks */
};

/* The need of a definition's tasks. ENOMEM; ELIMIT: a number does not fit 32 bits signed, or a container has too many ports. */
int need_new(struct mem *mem, const struct definition *definition, struct need **out_need);
struct need *need_ref(struct need *need);
void need_unref(struct need *need); /* NULL is fine; any thread */
bool need_equal(const struct need *left, const struct need *right);
/* What ELIMIT is about, with the numbers. */
void need_limit_text(const struct definition *definition, char *text, size_t size);

#endif
