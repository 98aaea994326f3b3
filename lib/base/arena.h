/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that is given back as a whole: a definition with its hundred small texts is a few blocks. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/mem.h"

struct arena_block;

struct arena {
    struct mem *mem;
    struct arena_block *blocks;
};

void arena_init(struct arena *arena, struct mem *mem);
void arena_free(struct arena *arena);
void arena_wipe(struct arena *arena); /* overwrites what is in it, which must not be used any more; arena_free() follows */
void *arena_alloc(struct arena *arena, size_t size);                       /* zeroed, aligned for any object; NULL: no memory */
void *arena_array(struct arena *arena, size_t count, size_t size);         /* the same, NULL also on overflow */
char *arena_strndup(struct arena *arena, const char *text, size_t len);    /* NUL-terminated; NULL: no memory */

#endif
