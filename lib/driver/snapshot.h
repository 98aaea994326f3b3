/* SPDX-License-Identifier: Apache-2.0 */
/* A snapshot of what stands behind a handle: the engine (engine/snapshot.h), and what its driver keeps: outputs that wait for the store, the
 * batch that is under way, how far the store has got. */
#ifndef DRIVER_SNAPSHOT_H
#define DRIVER_SNAPSHOT_H

#include "driver/driver.h"
#include "model/secret.h"

/* Appends to `buf`. Under the handle's lock, between two turns or where one begins. 0; ESTATE: records are being given back, or inputs were
 * taken and could not be applied yet; ENOMEM, ELIMIT. */
int driver_snapshot_put(struct ecsengine *handle, const struct secret_mask *mask, struct buf *buf);
/* Into a fresh handle with the settings and the seed of the other, under its lock. Whether there is a store is in the snapshot: where there
 * is one, the handle's batches are pulled unless a store was joined. The next thing to be done with the handle is a turn. 0; ENOMEM,
 * ECORRUPT, EUNSUPPORTED: the handle can only be freed. */
int driver_snapshot_get(struct ecsengine *handle, const void *data, size_t len);

#endif
