/* SPDX-License-Identifier: Apache-2.0 */
/* A batch: keys with new values, or none for records that are to be deleted. Applied in order: of two entries for a key the later counts. */
#ifndef DRIVER_BATCH_H
#define DRIVER_BATCH_H

#include "base/buf.h"
#include "ecsengine/store.h"

struct batch_entry {
    size_t key; /* offsets into the data */
    size_t value;
    size_t value_len;
    bool deletes;
};

struct ecsengine_batch {
    uint64_t id;
    struct buf data;
    struct batch_entry *entries;
    size_t count;
    size_t cap;
    int failed; /* 0 or ENOMEM: sticks, like the buffer's */
};

void batch_init(struct ecsengine_batch *batch, struct mem *mem);
void batch_free(struct ecsengine_batch *batch);
void batch_clear(struct ecsengine_batch *batch);
/* Begins an entry; the value is what is appended to batch->data until batch_end(). */
void batch_begin(struct ecsengine_batch *batch, const char *key);
void batch_end(struct ecsengine_batch *batch);
void batch_delete(struct ecsengine_batch *batch, const char *key);

#endif
