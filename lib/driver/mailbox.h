/* SPDX-License-Identifier: Apache-2.0 */
/* The border between the host's threads and the turn: what has come in and is not applied, what may go out and is not taken.
 *
 * One lock guards it all; it is held for a few pointer moves, never during a turn, a callback or I/O. The mailbox is counted (through
 * its root): every operation out with the host holds it, so a completion after the engine's end finds a closed mailbox and nothing
 * else. The descriptor is readable while the host has something to do. */
#ifndef DRIVER_MAILBOX_H
#define DRIVER_MAILBOX_H

#include <pthread.h>

#include "base/error.h"
#include "base/root.h"
#include "model/event.h"
#include "model/input.h"
#include "model/op.h"

struct mailbox {
    struct root root; /* first: the mailbox is freed with its last reference */
    pthread_mutex_t lock;
    pthread_cond_t arrived; /* something came in; the library's own thread waits for it */

    /* guarded by lock */
    struct list inputs; /* struct input, in order of arrival */
    struct list ops;    /* struct ecsengine_op, for a host that pulls */
    struct list events; /* struct ecsengine_event, for a host that pulls */
    const struct ecsengine_batch *batch; /* for a host that pulls; NULL: none, or taken */
    int64_t deadline_ns;
    int32_t fd;         /* -1: never asked for */
    bool readable;
    bool closed;
    bool rung;
    bool refusing; /* shut down: no new commands */
};

/* Copies the allocator. NULL: no memory. */
struct mailbox *mailbox_new(const ecsengine_allocator *allocator);
/* No input is accepted any more; what is queued is thrown away. Gives up the caller's reference. */
void mailbox_close(struct mailbox *mailbox);

/* Queues an input. 0, or ECLOSED: then it is still the caller's. */
int mailbox_put(struct mailbox *mailbox, struct input *input, bool command);
/* Moves all that waits to `into`; false if there was nothing. */
bool mailbox_take(struct mailbox *mailbox, struct list *into);
/* An update is about to be applied: its newest values become the operation's. */
void mailbox_accept_update(struct mailbox *mailbox, struct ecsengine_op *op);
/* The turn's end: operations and events to hand out, the next deadline; makes the descriptor tell the truth. */
void mailbox_publish(struct mailbox *mailbox, struct list *ops, struct list *events, const struct ecsengine_batch *batch,
                     int64_t deadline_ns, bool again);

struct ecsengine_op *mailbox_next_op(struct mailbox *mailbox);
struct ecsengine_event *mailbox_next_event(struct mailbox *mailbox);
/* The host has the event, which acknowledges it (event-ack=auto). Needs no memory. */
void mailbox_taken(struct mailbox *mailbox, struct ecsengine_event *event);
const struct ecsengine_batch *mailbox_next_batch(struct mailbox *mailbox);

/* The answers of operations, from any thread. */
int mailbox_complete(struct ecsengine_op *op, struct ecsengine_result *result);
int mailbox_update(struct ecsengine_op *op, int64_t current, int64_t total, const char *text);

/* Waits until something has come in, a CLOCK_MONOTONIC time has come, or somebody rings. */
void mailbox_wait(struct mailbox *mailbox, int64_t until_mono_ns);
void mailbox_ring(struct mailbox *mailbox);

int mailbox_get_fd(struct mailbox *mailbox, int32_t *out_fd); /* 0 or ECSENGINE_ESYSTEM */
/* Frees one input that was not applied. */
void input_free(struct mailbox *mailbox, struct input *input);

#endif
