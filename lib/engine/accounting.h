/* SPDX-License-Identifier: Apache-2.0 */
/* What the host has, and the charges against it (task-engine: sections 6.1 to 6.4). */
#ifndef ENGINE_ACCOUNTING_H
#define ENGINE_ACCOUNTING_H

#include "engine/engine.h"

/* Capacity becomes known: from the settings, and from what INFO said (NULL: it can't say; what is not set is unbounded). */
void accounting_learn(struct engine *engine, const struct ecsengine_result *info);
/* What a task lacks of one resource, now. */
enum lack_kind { LACK_NONE = 0, LACK_FACTS /* the host's resources are not known yet */, LACK_CPU, LACK_MEMORY, LACK_PORT, LACK_GPU };

struct lack {
    uint8_t kind;              /* enum lack_kind */
    uint8_t protocol;          /* of a port */
    uint16_t port;
    bool never;                /* the host does not have it at all, whoever ends: a cause that only a change of the host removes */
    const char *gpu;           /* the id that is asked for; NULL: any */
    int64_t needed;            /* CPU units, MiB, GPUs */
    int64_t free;              /* below 0: the host was made smaller than what is given out */
    int64_t capacity;
    const struct task *holder; /* of the port or the GPU; NULL: it is reserved */
    size_t holders;            /* tasks that have something of this resource */
};

enum { LACKS_MAX = 16 };

/* All that the task lacks now, at most LACKS_MAX: CPU, memory, then its ports, then GPUs; 0: it fits. What it lacks is why it waits only
 * if it is at the head, or the policy lets others overtake: see admission_place(). */
size_t accounting_all_lacks(const struct engine *engine, const struct task *task, struct lack lacks[LACKS_MAX]);
/* One clause without a full stop, `needs 2048 CPU units, 1024 of 1024 are free`. */
void lack_text(const struct lack *lack, char *text, size_t size);
/* The first of these as text, of at most `size` bytes in `why`; false if it fits. */
bool accounting_lacks(const struct engine *engine, const struct task *task, char *why, size_t size);
/* Takes what the task needs; it must fit, or be running already. Idempotent. */
void accounting_charge(struct engine *engine, struct task *task);
/* Gives back what it took. Idempotent. */
void accounting_release(struct engine *engine, struct task *task);

#endif
