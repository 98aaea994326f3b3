/* SPDX-License-Identifier: Apache-2.0 */
/* The whole state of an engine in bytes, at any time of its life, and back: the engine that is read is the one that was written, in the
 * middle of whatever is under way, and from the same inputs makes the same outputs, to the byte. (Records are another thing: they are
 * what outlives a process, and after them everything is looked at again.)
 *
 * Not in it: settings, seed and what the host joined, which the fresh engine was made with; and operations that were given up while the
 * host has them. Of those a create matters when it is answered after all: whoever writes that answer down writes the operation with it. */
#ifndef ENGINE_SNAPSHOT_H
#define ENGINE_SNAPSHOT_H

#include "engine/engine.h"
#include "model/record.h"
#include "model/secret.h"

/* What the turn made and its driver keeps: lists by `link` of operations and of events. */
enum { SNAPSHOT_QUEUES = 2 };
struct snapshot_queues {
    struct list *ops[SNAPSHOT_QUEUES];
    struct list *events[SNAPSHOT_QUEUES];
};

/* Appends to `buf`, whose `failed` says whether that went well. Between two turns, or before the first. 0, ESTATE (while records are given
 * back), ENOMEM, ELIMIT. */
int snapshot_put(const struct engine *engine, const struct snapshot_queues *queues, const struct secret_mask *mask, struct buf *buf);
/* Into an engine fresh from engine_init(), with the settings and the seed of the other, and empty queues. 0, ENOMEM, ECORRUPT,
 * EUNSUPPORTED (of a newer version). After a failure the engine can only be closed, and the queues emptied. The operations that are out
 * with the host are in open_ops with one reference, the books'; whoever answers one takes another, the taker's, first. */
int snapshot_get(struct engine *engine, const struct snapshot_queues *queues, struct record_reader *reader);

#endif
