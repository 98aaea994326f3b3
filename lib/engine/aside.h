/* SPDX-License-Identifier: Apache-2.0 */
/* Records that make no sense. */
#ifndef ENGINE_ASIDE_H
#define ENGINE_ASIDE_H

#include "engine/restore.h"

/* What damaged records are kept under: `quarantine/<16 hex digits of their bytes>/<key>`. */
#define ASIDE_PREFIX "quarantine/"
enum { ASIDE_ROOM = sizeof(ASIDE_PREFIX) - 1 + 16 + 1 };

/* Was it set aside in an earlier life? */
bool aside_key(const char *key);
/* Deals with a damaged record, which has left the others: tells it, makes good what can be, and has its bytes kept by the next batch. ENOMEM:
 * nothing was done. */
int aside_take(struct engine *engine, struct kept_record *kept);
/* The next batch sets the record aside; it is in no list. */
void aside_join(struct engine *engine, struct kept_record *kept);
/* They are written, or nobody keeps anything. */
void aside_settle(struct engine *engine);

#endif
