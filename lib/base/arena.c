/* SPDX-License-Identifier: Apache-2.0 */
/* The arena: blocks that double in size up to 16 KiB; what is larger gets a block of its own. */
#include "base/arena.h"

#include <string.h>

struct arena_block {
    struct arena_block *next;
    size_t size;
    size_t used;
    _Alignas(max_align_t) unsigned char data[];
};

void arena_init(struct arena *arena, struct mem *mem) { *arena = (struct arena){.mem = mem}; }

void arena_free(struct arena *arena)
{
    for (struct arena_block *block = arena->blocks, *next; block != NULL; block = next) {
        next = block->next;
        mem_free(arena->mem, block);
    }
    arena->blocks = NULL;
}

void arena_wipe(struct arena *arena)
{
    for (struct arena_block *block = arena->blocks; block != NULL; block = block->next)
        mem_wipe(block->data, block->used);
}

static struct arena_block *more(struct arena *arena, size_t size)
{
    size_t want = arena->blocks != NULL ? arena->blocks->size * 2 : 960;

    if (want > 16384)
        want = 16384;
    if (want < size)
        want = size;
    struct arena_block *block = mem_alloc(arena->mem, sizeof(*block) + want);
    if (block == NULL)
        return NULL;
    block->size = want;
    block->used = 0;
    block->next = arena->blocks;
    arena->blocks = block;
    return block;
}

static void *cut(struct arena *arena, size_t size, size_t align)
{
    struct arena_block *block = arena->blocks;

    if (size > SIZE_MAX / 4)
        return NULL;
    size_t at = block != NULL ? (block->used + align - 1) & ~(align - 1) : 0;
    if (block == NULL || at > block->size || block->size - at < size) {
        block = more(arena, size);
        at = 0;
    }
    if (block == NULL)
        return NULL;
    block->used = at + size;
    return block->data + at;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    void *made = cut(arena, size, _Alignof(max_align_t));

    return made != NULL ? memset(made, 0, size) : NULL;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    size_t total;

    return __builtin_mul_overflow(count, size, &total) ? NULL : arena_alloc(arena, total);
}

char *arena_strndup(struct arena *arena, const char *text, size_t len)
{
    char *copy = len < SIZE_MAX / 4 ? cut(arena, len + 1, 1) : NULL;

    if (copy == NULL)
        return NULL;
    memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}
