/* SPDX-License-Identifier: Apache-2.0 */
/* An operation: one thing that the engine wants done, from its birth in a turn to its completion.
 *
 * Three parties touch it. The turn makes it and, until it is answered, has it on its deadline heap. The host reads it, from any thread:
 * what getters return never changes. The inbox owns the completion's side, under its lock. References: one of the engine while it waits
 * for an answer, one of whoever holds it (the queue, then the taker). */
#ifndef MODEL_OP_H
#define MODEL_OP_H

#include "base/heap.h"
#include "base/root.h"
#include "ecsengine/op.h"
#include "model/credentials.h"
#include "model/input.h"
#include "model/limits.h"
#include "model/timer.h"

struct ecsengine_op {
    /* immutable once it has left the turn */
    struct root *root;
    uint64_t id;
    uint64_t cancel_id;
    uint64_t command_id; /* whose command it is, or 0: EXEC_RUN */
    int64_t deadline_ns;
    int64_t grace_ns;
    struct str *arn;
    struct str *runtime_name;
    struct str *runtime_id;
    struct str *image;
    struct str *image_target;
    struct str *label;
    struct str *exec_id;
    struct definition *definition;
    struct credentials *credentials; /* a pull's, or NULL */
    char *create_config; /* of a container, a volume, an exec; or what is to be done for an agent */
    size_t create_config_len;
    uint16_t container_index;
    uint16_t resource_index;
    uint8_t agent_index; /* of its container's agents, if it is about one */
    bool of_agent;
    bool of_resource; /* it is about that one, and about no container */
    uint8_t kind;
    uint8_t cancel_kind; /* of the operation that a CANCEL is about */
    bool force;

    _Atomic uint32_t refs;

    /* the turn's */
    struct list link;     /* the queue of operations to hand out */
    struct list open;     /* all that are not completed */
    uint64_t batch_id;    /* leaves when this batch is durable; 0: at once */
    struct timer timer;   /* deadline, or a pull's guard */
    struct task *task;    /* NULL: no task's, or its task is gone */
    int64_t begun_ns;
    bool after_record;    /* relies on what this turn changed being durable */
    bool left;            /* it went out to the host */
    bool answered;        /* by the engine, or completed */
    bool progressed;      /* a pull that has reported something */
    int64_t current;
    int64_t total;
    char progress[LIMIT_PROGRESS_TEXT + 1];

    /* under the mailbox's lock, but for the inputs' kinds, which never change */
    struct input completion;
    struct input update;
    struct ecsengine_result *result;
    bool completed;
    bool update_queued;
    int64_t update_current;
    int64_t update_total;
    char update_text[LIMIT_PROGRESS_TEXT + 1];
};

/* Gives up one reference; the last one frees. Any thread. NULL is fine. */
void op_unref(struct ecsengine_op *op);

#endif
