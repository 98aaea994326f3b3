/* SPDX-License-Identifier: Apache-2.0 */
/* A second engine, made of the snapshot of one that lives in a harness. Sees private headers: for programs that are linked with the
 * internal build. */
#ifndef TEST_TWIN_H
#define TEST_TWIN_H

#include "base/buf.h"
#include "harness.h"

/* The snapshot of an engine as it is now; 0 or a code. Secrets are hashed, or with `hidden` are hashes already. */
int twin_snapshot(ecsengine *engine, bool hidden, struct buf *out);
/* A fresh engine with the other's settings and seed, and nothing else of it. */
ecsengine *twin_new(ecsengine *engine, const ecsengine_allocator *allocator);
/* The code of reading a snapshot into it. */
int twin_read(ecsengine *twin, const void *data, size_t len);
/* What can be asked of both is answered alike: the host, and each task with why it is where it is. False: `text` says where they part. */
bool twin_answers_alike(ecsengine *engine, ecsengine *twin, struct text *text);

#endif
