/* SPDX-License-Identifier: Apache-2.0 */
/* The tasks that wait for host resources, in order, and the questions that admission asks of them: who is first, who is the first that
 * could be admitted now, who stands where, who was overtaken how often. Each is O(log n). */
#ifndef ENGINE_QUEUE_H
#define ENGINE_QUEUE_H

#include "engine/engine.h"

/* The task waits from now on; it did not. Its place follows from its number. */
void queue_add(struct engine *engine, struct task *task);
/* It waits no more. One that does not wait is fine. */
void queue_remove(struct engine *engine, struct task *task);

struct task *queue_first(const struct engine *engine);                          /* NULL: nobody waits */
struct task *queue_next(const struct task *task);                               /* the one behind it, or NULL */
struct task *queue_first_possible(const struct engine *engine);                 /* of those that this host could have */
struct task *queue_first_fitting(const struct engine *engine, int64_t cpu_units, int64_t memory_mib); /* of the open classes */
size_t queue_length(const struct engine *engine);
size_t queue_place(const struct task *task);                                    /* 1: it is the first */
uint32_t queue_overtaken(const struct task *task);
/* A task of this number goes first: each that waits before it was overtaken once more. */
void queue_overtake(struct engine *engine, const struct task *task);

/* Classes: all tasks of one need, of which one waits at least. Parked ones are no candidates until what they wait for is given back. */
void queue_set_class(struct engine *engine, struct need *need, enum class_state state);
void queue_park_at_port(struct engine *engine, struct need *need, uint8_t protocol, uint16_t port);
void queue_port_freed(struct engine *engine, uint8_t protocol, uint16_t port);
void queue_gpu_freed(struct engine *engine);

/* What `node` holds of its subtree is what its children say: for the checks. */
bool queue_node_right(const struct waiting *node);

static inline struct task *queue_task(const struct waiting *node)
{
    return container_of((struct waiting *)node, struct task, waiting);
}

static inline uint32_t port_key(uint8_t protocol, uint16_t port) { return (uint32_t)protocol << 16 | port; }
/* Each key has a hash of its own. */
static inline uint64_t port_hash(uint32_t key) { return key * UINT64_C(0x9e3779b97f4a7c15) >> 20; }

#endif
