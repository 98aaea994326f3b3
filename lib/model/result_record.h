/* SPDX-License-Identifier: Apache-2.0 */
/* A result in bytes: a list of what was set, each with a tag. It is read back through the setters, which check it. */
#ifndef MODEL_RESULT_RECORD_H
#define MODEL_RESULT_RECORD_H

#include "model/record.h"
#include "model/result.h"

/* `mask` hides what a command has written. */
void record_put_result(struct buf *buf, const struct ecsengine_result *result, const struct secret_mask *mask);
/* ECORRUPT, ENOMEM. */
int record_get_result(struct record_reader *reader, struct root *root, struct ecsengine_result **out_result);

#endif
