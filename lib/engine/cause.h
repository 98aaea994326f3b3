/* SPDX-License-Identifier: Apache-2.0 */
/* A cause: one thing that a task or a container waits for, or why it waits for nothing. */
#ifndef ENGINE_CAUSE_H
#define ENGINE_CAUSE_H

#include "base/buf.h"
#include "engine/engine.h"

/* The words are in cause.c and in docs/documents.md. */
enum cause_kind {
    CAUSE_NONE = 0,
    CAUSE_RUNNING,         /* it is where it shall be */
    CAUSE_STOPPED,         /* it has ended, or never ran */
    CAUSE_REMOVED,         /* there is nothing left of it */
    CAUSE_REFUSED,         /* it never was a task */
    CAUSE_LOST,            /* its record was damaged */
    CAUSE_MOVING,          /* the next turn moves it */
    CAUSE_SHUT_DOWN,       /* nothing is asked of the runtime any more */
    CAUSE_RUNTIME,         /* the runtime does not answer */
    CAUSE_HOST_FACTS,      /* what the host has is not known yet */
    CAUSE_QUEUED,          /* for host resources */
    CAUSE_OPERATION,       /* in flight */
    CAUSE_STORE,           /* what is to leave relies on a batch that is not durable */
    CAUSE_RETRY,           /* something has failed and will be tried again */
    CAUSE_RESTART,         /* it has ended, and is started again by its policy after a pause */
    CAUSE_REMOVAL_FAILING, /* the same of a container that will not go */
    CAUSE_PULL_SLOT,
    CAUSE_LOOK,            /* its turn to be looked at */
    CAUSE_CREDENTIALS,     /* of the task's execution role */
    CAUSE_DEPENDENCY,
    CAUSE_RESOURCE,
    CAUSE_STOP_ORDER,
    CAUSE_CONTAINERS,      /* of a task: some of its containers are not there yet */
    CAUSE_RESOURCE_REMOVAL, /* of a task: a volume or another resource is not removed yet */
    CAUSE_REMOVAL,         /* of a task: some of its containers are not removed yet */
    CAUSE_CLEANUP_DUE,     /* it is kept for a while */
    CAUSE_ACKNOWLEDGEMENT,
    CAUSE_KINDS
};

#define CAUSE_NO_TIME INT64_MIN

struct cause {
    uint8_t kind;
    uint8_t condition;       /* DEPENDENCY: enum condition */
    uint8_t satisfied;       /* RESOURCE: the status that is waited for */
    uint8_t needed;          /* DEPENDENCY, RESOURCE: the status that `on` must have reached, if there is no condition */
    uint8_t operation;       /* OPERATION, STORE, RETRY, REMOVAL_FAILING: enum ecsengine_op_kind, or 0 */
    uint32_t tries;          /* that have failed */
    int64_t since_ns;        /* monotonic, or CAUSE_NO_TIME */
    int64_t due_ns;          /* when it will be looked at again, at the latest; monotonic, or CAUSE_NO_TIME */
    uint64_t id;             /* of the operation, the event */
    uint64_t batch_id;
    const struct ecsengine_op *op;
    const struct container *on;
    const struct resource *resource;
    const char *error;       /* what went wrong last, or NULL */
};

/* The first so many; the others are counted. A task of 10 containers never has as many. */
enum { CAUSES_MAX = 32, CAUSE_TEXT_MAX = 1536 };

struct causes {
    uint32_t count; /* also of those that are left out */
    struct cause list[CAUSES_MAX + 1]; /* the last one is where those go */
};

/* What the driver alone knows: which outputs wait for the store. */
struct store_view {
    bool keeps;           /* there is a store; else nothing else here counts */
    bool pausing;         /* it failed, and is given the batch again at retry_ns */
    uint64_t durable;     /* the newest batch that is durable */
    uint64_t held_event;  /* the first event that waits for its batch; 0: none does */
    uint64_t held_batch;  /* ... and the batch */
    int64_t since_ns;     /* when the batch that is under way was first handed out */
    int64_t retry_ns;
    uint32_t tries;       /* that have failed */
    const char *error;    /* how */
};

struct view {
    const struct engine *engine;
    struct store_view store;
};

/* Adds a cause of that kind, without times; it may be filled in. Never NULL: what is too many goes nowhere. */
struct cause *cause_add(struct causes *causes, enum cause_kind kind);
bool cause_has(const struct causes *causes, enum cause_kind kind);
const char *cause_word(enum cause_kind kind);
/* One sentence, without capital and full stop. `container` NULL: it is about the task. */
void cause_sentence(const struct view *view, const struct cause *cause, const struct task *task, const struct container *container,
                    char text[CAUSE_TEXT_MAX]);
/* The cause as an object: word, sentence, and the members of its kind. */
void cause_json(const struct view *view, const struct cause *cause, const struct task *task, const struct container *container,
                struct buf *out);

/* Shared by what explains containers and tasks. */
void cause_of_admission(const struct view *view, const struct task *task, struct causes *out);
void cause_of_runtime(const struct view *view, struct causes *out);
bool cause_of_store(const struct view *view, uint64_t batch_id, struct causes *out);

#endif
