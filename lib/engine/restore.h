/* SPDX-License-Identifier: Apache-2.0 */
/* From records back to a live engine (task-engine: section 10). */
#ifndef ENGINE_RESTORE_H
#define ENGINE_RESTORE_H

#include "engine/engine.h"

/* A record as it was given back, until all are; then those alone that are set aside. */
struct kept_record {
    struct list link;
    struct map_node by_hash;    /* a definition that was decoded */
    char kind;                  /* 0: it can't be read */
    const char *why;            /* what is wrong with it; NULL: nothing */
    struct definition *definition;
    struct task *task;
    const char *key;
    const unsigned char *value;
    size_t len;
    char text[]; /* what it is set aside under, which ends with its key; behind that its value */
};

/* Keeps one record until all are given. ECORRUPT: it is damaged, which restore_end() deals with; EUNSUPPORTED: of a newer version, and not
 * kept; ENOMEM. */
int restore_record(struct engine *engine, const char *key, const void *value, size_t len);
/* A copy of a record, in engine->restoring; NULL: no memory. */
struct kept_record *restore_keep(struct engine *engine, const char *key, const void *value, size_t len);
/* All are given: makes tasks of them. ENOMEM: call again. */
int restore_end(struct engine *engine);
/* Throws away what was not made a task of. */
void restore_forget(struct engine *engine);

/* Keys. `key` has room for LIMIT_RECORD_KEY bytes. */
void restore_key_of_task(const struct task *task, char *key);
void restore_key_of_definition(const struct definition *definition, char *key);
#define RESTORE_KEY_OF_ENGINE "engine"

#endif
