/* SPDX-License-Identifier: Apache-2.0 */
/* Batches: one buffer, and offsets into it, since it moves while it grows. */
#include "driver/batch.h"

#include <string.h>

#include "ecsengine/error.h"

void batch_init(struct ecsengine_batch *batch, struct mem *mem)
{
    *batch = (struct ecsengine_batch){0};
    buf_init(&batch->data, mem, 0);
}

void batch_free(struct ecsengine_batch *batch)
{
    mem_free(batch->data.mem, batch->entries);
    buf_free(&batch->data);
    batch->entries = NULL;
    batch->count = batch->cap = 0;
}

void batch_clear(struct ecsengine_batch *batch)
{
    enum { KEEP = 1 << 20 };

    if (batch->data.cap > KEEP) { /* a burst of tasks is no reason to keep its memory */
        struct mem *mem = batch->data.mem;
        uint64_t id = batch->id;
        batch_free(batch);
        batch_init(batch, mem);
        batch->id = id;
    }
    buf_clear(&batch->data);
    batch->count = 0;
    batch->failed = 0;
}

void batch_begin(struct ecsengine_batch *batch, const char *key)
{
    if (batch->count == batch->cap) {
        size_t cap = batch->cap > 0 ? batch->cap * 2 : 16;
        struct batch_entry *grown = mem_grow(batch->data.mem, batch->entries, cap * sizeof(*grown));
        if (grown == NULL) {
            batch->failed = ECSENGINE_ENOMEM;
            return;
        }
        batch->entries = grown;
        batch->cap = cap;
    }
    struct batch_entry *entry = &batch->entries[batch->count++];
    *entry = (struct batch_entry){.key = batch->data.len};
    buf_put(&batch->data, key, strlen(key) + 1);
    entry->value = batch->data.len;
}

void batch_end(struct ecsengine_batch *batch)
{
    if (batch->data.failed != 0)
        batch->failed = batch->data.failed;
    if (batch->failed == 0)
        batch->entries[batch->count - 1].value_len = batch->data.len - batch->entries[batch->count - 1].value;
}

void batch_delete(struct ecsengine_batch *batch, const char *key)
{
    batch_begin(batch, key);
    batch_end(batch);
    if (batch->failed == 0)
        batch->entries[batch->count - 1].deletes = true;
}

uint64_t ecsengine_batch_id(const ecsengine_batch *batch) { return batch != NULL ? batch->id : 0; }
size_t ecsengine_batch_count(const ecsengine_batch *batch) { return batch != NULL ? batch->count : 0; }

const char *ecsengine_batch_key(const ecsengine_batch *batch, size_t index)
{
    return index < ecsengine_batch_count(batch) ? batch->data.data + batch->entries[index].key : NULL;
}

const void *ecsengine_batch_value(const ecsengine_batch *batch, size_t index, size_t *out_len)
{
    if (index >= ecsengine_batch_count(batch) || batch->entries[index].deletes)
        return NULL;
    if (out_len != NULL)
        *out_len = batch->entries[index].value_len;
    return batch->data.data + batch->entries[index].value;
}
