/* SPDX-License-Identifier: Apache-2.0 */
/* What nobody waits for any more: a container, a volume or a host's resource that was made, was perhaps made, or may yet be made, by a
 * create that was given up. It must not stay. */
#ifndef ENGINE_ORPHANS_H
#define ENGINE_ORPHANS_H

#include "engine/ops.h"
#include "model/record.h"

struct orphan {
    struct list link;
    struct map_node by_name; /* while it is in the list */
    struct list dirty;       /* its record is to be written, or deleted */
    struct timer retry;
    struct ecsengine_op *op; /* the REMOVE in flight */
    struct str *arn;
    struct str *runtime_name;
    struct str *runtime_id;  /* or NULL */
    struct definition *definition; /* of a resource; NULL: it is a container */
    uint16_t resource_index;
    uint32_t attempt;
    uint32_t refusals;
    uint32_t looks;          /* that found nothing, while it may yet come */
    bool unanswered;         /* it may yet come */
    bool saved;              /* there is a record of it */
    bool gone;               /* only its record is left */
};

/* Does the answer to a create say what became of it? Else what it was asked for may be there, or may yet come. */
bool orphans_answers(const struct ecsengine_result *result);
/* A removal is answered, of what a create was asked for that nobody has answered. If it has found nothing that may yet come: it is an orphan,
 * whose record is written together with the one that says that the task is done with it. */
void orphans_await(struct engine *engine, const struct ecsengine_op *removal, const struct failure *failure);
/* A create that the engine had given up is answered after all. */
void orphans_late_create(struct engine *engine, const struct ecsengine_op *create);
/* A REMOVE of an orphan was answered, or its time is over; false: it is none of these. */
bool orphans_answer(struct engine *engine, const struct ecsengine_op *op, const struct failure *failure);
/* The pause before another try is over. */
void orphans_retry(struct engine *engine, struct timer *timer);
void orphans_forget_all(struct engine *engine);

/* Records: `orphan/<runtime name>`, kind 'o'. `key` has room for LIMIT_RECORD_KEY bytes. */
void orphans_key(const struct orphan *orphan, char *key);
void orphans_put(const struct orphan *orphan, struct buf *out);
/* What was dirty is written. */
void orphans_settle(struct engine *engine);
/* From its record. 1: it stands under another key than its own, which it will be written under. ECORRUPT, ENOMEM. */
int orphans_restore(struct engine *engine, const char *key, struct record_reader *body);
bool orphans_has(const struct engine *engine, const char *runtime_name);
/* One that is nobody's yet: NULL for want of memory; thrown away (NULL is fine); or the engine's from then on. */
struct orphan *orphans_make(struct engine *engine, const char *runtime_name);
void orphans_discard(struct engine *engine, struct orphan *orphan);
void orphans_join(struct engine *engine, struct orphan *orphan);
/* Puts one that has a name into the list and the map, and no more. */
void orphans_list(struct engine *engine, struct orphan *orphan);
/* A container of which no more than the name is known. ENOMEM. */
int orphans_adopt(struct engine *engine, const char *runtime_name);

#endif
