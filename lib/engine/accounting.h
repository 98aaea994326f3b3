/* SPDX-License-Identifier: Apache-2.0 */
/* What the host has, and the charges against it (task-engine: sections 6.1 to 6.4). */
#ifndef ENGINE_ACCOUNTING_H
#define ENGINE_ACCOUNTING_H

#include "engine/engine.h"

/* Ports that are reserved from the beginning. */
void accounting_init(struct engine *engine);
/* What INFO said becomes known (NULL: it can't say; what is not set is unbounded), or nothing more is to be asked. */
void accounting_learn(struct engine *engine, const struct ecsengine_result *info);
/* True if a setting refers to the host's facts, which are not known. */
bool accounting_wants_facts(const struct engine *engine);
/* A setting that is about the host has another value. */
void accounting_change(struct engine *engine);

/* Which of the host's GPUs are given out, anew. */
void accounting_refresh_gpus(struct engine *engine);

/* What kind of class tasks of this need are, by what the host has at all: OPEN, IMPOSSIBLE or DOOMED. */
enum class_state accounting_class(const struct engine *engine, const struct need *need);
/* Why a task of this need does not fit now. */
enum fit { FITS = 0, FITS_NOT_CPU, FITS_NOT_MEMORY, FITS_NOT_PORT, FITS_NOT_GPU };
enum fit accounting_fit(const struct engine *engine, const struct need *need, struct need_port *out_port);
int64_t accounting_free_cpu(const struct host *host);
int64_t accounting_free_memory(const struct host *host);
/* The first GPU that a doomed task names and the host has not. */
const char *accounting_unknown_gpu(const struct engine *engine, const struct need *need);

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

/* How much memory charging the task can need; to be reserved before. */
size_t accounting_bytes(const struct task *task);
/* Takes what the task needs, and chooses its host ports and GPUs; it must fit, or be running already. Host ports that can't be had are
 * left out: accounting_lacks_ports() says so when the container is to be created, as the reference does. Idempotent. */
void accounting_charge(struct engine *engine, struct task *task);
/* Takes by force what the record says that the task has. */
void accounting_restore(struct engine *engine, struct task *task);
/* Gives back what it took, and what it was seen to have. Idempotent. */
void accounting_release(struct engine *engine, struct task *task);
/* The container's bindings are others than before, or it has stopped: host ports that the runtime chose are kept free of others. */
void accounting_note_ports(struct engine *engine, struct container *container);

/* The first host port that was chosen for a mapping; 0: none. */
uint16_t accounting_port_of(const struct task *task, uint16_t container, uint16_t mapping);
/* The id of the n-th GPU of a container, or NULL. */
const char *accounting_gpu_of(const struct task *task, uint16_t container, size_t n);
/* True if host ports of the container were to be chosen and none were free; the reference's words. */
bool accounting_lacks_ports(const struct container *container, char *text, size_t size);

#endif
