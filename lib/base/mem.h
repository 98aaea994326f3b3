/* SPDX-License-Identifier: Apache-2.0 */
/* Memory of one engine, and the promise that no turn fails half-way.
 *
 * There are two ways to ask. mem_alloc() may say no, and its caller must cope: parsing, admission, queries. mem_sure() may not say no:
 * it is for code in the middle of a turn, where giving up would leave the model half-changed. It can keep that promise because a turn
 * begins each step by mem_reserve(): so many bytes are set aside before anything is touched, and if they can't be had the step does
 * not begin. mem_sure() asks the allocator first and falls back on what was set aside.
 *
 * mem_alloc() and mem_free() may be called from any thread (if the host's allocator may); the reserve belongs to the turn. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stdatomic.h>
#include <stdbool.h>

#include "ecsengine/memory.h"

struct mem_chunk;

enum { MEM_STEP = 16, MEM_CLASSES = 64, MEM_CACHE_MAX = 1 << 20 };

/* Small blocks that were given back, by size, for the next who asks: what one turn gives back the next one wants. */
struct mem_cache {
    atomic_flag busy; /* guards the rest; whoever finds it set goes to the allocator instead of waiting */
    bool open;
    size_t bytes;
    void *blocks[MEM_CLASSES];
};

struct mem {
    ecsengine_allocator allocator;
    bool keeps;                    /* set before the first block: small ones go through the cache */
    struct mem_cache cache;
    struct mem_chunk *reserve;     /* what mem_sure() falls back on; the turn's alone */
    _Atomic size_t bytes;          /* given out and not yet back, without the reserve's unused part */
};

/* `allocator` NULL: malloc. */
void mem_init(struct mem *mem, const ecsengine_allocator *allocator);
/* Small blocks that are given back are kept for the next who asks, up to MEM_CACHE_MAX bytes. Before the first block, and with malloc alone:
 * a host that brings an allocator sees every block come and go. Without effect where a sanitizer watches for what is used too late. */
void mem_keep_blocks(struct mem *mem);
/* Gives the reserve back, and what is kept; nothing is kept any more. Blocks that are still out stay valid. */
void mem_close(struct mem *mem);

void *mem_alloc(struct mem *mem, size_t size);  /* uninitialised; NULL when there is none */
void *mem_zalloc(struct mem *mem, size_t size); /* zeroed; NULL when there is none */
/* count * size, zeroed, NULL also on overflow. */
void *mem_array(struct mem *mem, size_t count, size_t size);
/* Grows a block (NULL: a new one) to `size` bytes, keeping its content; NULL leaves it as it was. */
void *mem_grow(struct mem *mem, void *block, size_t size);
void mem_free(struct mem *mem, void *block); /* NULL is fine */
char *mem_strdup(struct mem *mem, const char *text); /* NULL when there is no memory */

/* Overwrites memory that held a secret; no compiler leaves it out. */
void mem_wipe(void *block, size_t size);

/* Sets at least `size` bytes aside, or returns ECSENGINE_ENOMEM and changes nothing. */
int mem_reserve(struct mem *mem, size_t size);
/* Zeroed memory that was reserved: never NULL, as long as the step stays within what it reserved. */
void *mem_sure(struct mem *mem, size_t size);

#endif
