/* SPDX-License-Identifier: Apache-2.0 */
/* What outlives an engine: its memory, kept as long as anything that was made from it is still out with the host (operations, events,
 * texts). Each of those holds one reference; the engine holds one. */
#ifndef BASE_ROOT_H
#define BASE_ROOT_H

#include <stdatomic.h>

#include "base/mem.h"

struct root {
    struct mem mem;
    _Atomic uint32_t refs;
    void (*destroy)(struct root *root); /* called with the last reference; frees the object that the root is part of */
};

void root_init(struct root *root, const ecsengine_allocator *allocator, void (*destroy)(struct root *root));
struct root *root_ref(struct root *root);
void root_unref(struct root *root);

/* A text for the host out of a buffer; takes the buffer's content. 0, ECSENGINE_ENOMEM or ECSENGINE_ELIMIT. */
struct buf;
int text_new(struct root *root, struct buf *buf, struct ecsengine_text **out_text);

#endif
