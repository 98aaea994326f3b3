/* SPDX-License-Identifier: Apache-2.0 */
/* An event in bytes: what its getters show, with the container events that it sums up. Recordings compare events by it, and snapshots
 * bring back those that wait. */
#ifndef MODEL_EVENT_RECORD_H
#define MODEL_EVENT_RECORD_H

#include "model/event.h"
#include "model/record.h"

void record_put_event(struct buf *buf, const struct ecsengine_event *event, const struct secret_mask *mask);
/* An event with one reference, in no list. `find` gives the definition with that hash, or NULL. ECORRUPT, ENOMEM. */
int record_get_event(struct record_reader *reader, struct root *root, struct definition *(*find)(void *context, uint64_t hash),
                     void *context, struct ecsengine_event **out_event);

#endif
