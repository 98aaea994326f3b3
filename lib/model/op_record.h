/* SPDX-License-Identifier: Apache-2.0 */
/* An operation in bytes: what its getters show, which never changes. Recordings compare operations by it, and snapshots bring back those
 * that are under way. */
#ifndef MODEL_OP_RECORD_H
#define MODEL_OP_RECORD_H

#include "model/op.h"
#include "model/record.h"
#include "model/secret.h"

void record_put_op(struct buf *buf, const struct ecsengine_op *op, const struct secret_mask *mask);
/* An operation with one reference, in no list and on no heap, without a task. `find` gives the definition with that hash, or NULL.
 * ECORRUPT, ENOMEM. */
int record_get_op(struct record_reader *reader, struct root *root, struct definition *(*find)(void *context, uint64_t hash), void *context,
                  struct ecsengine_op **out_op);

#endif
