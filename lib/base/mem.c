/* SPDX-License-Identifier: Apache-2.0 */
/* The allocator hook with a header before each block, the cache of small ones, and the reserve.
 *
 * The header says how large the block is (hosts' free() wants to know, and growing needs it) and whether it was cut from a reserve
 * chunk. A chunk is one block of the host's allocator, cut from front to back; it goes back when the reserve has moved on to another
 * chunk and its last block is freed. Blocks of a chunk may be freed by any thread, hence the atomic count. */
#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ecsengine/error.h"

struct mem_chunk {
    _Atomic size_t live; /* blocks out, and one for being the reserve */
    size_t size;         /* of the usable part */
    size_t used;
    _Alignas(max_align_t) unsigned char data[];
};

union header {
    struct {
        size_t size; /* asked for, without the header */
        struct mem_chunk *chunk;
    } at;
    union header *next; /* of one that is kept for the next who asks */
    max_align_t align;
};

static void *malloc_alloc(size_t size, void *user_data)
{
    (void)user_data;
    return malloc(size);
}

static void malloc_free(void *ptr, size_t size, void *user_data)
{
    (void)size;
    (void)user_data;
    free(ptr);
}

void mem_init(struct mem *mem, const ecsengine_allocator *allocator)
{
    memset(mem, 0, sizeof(*mem));
    atomic_flag_clear(&mem->cache.busy);
    if (allocator != NULL)
        mem->allocator = *allocator;
    else
        mem->allocator = (ecsengine_allocator){.size = sizeof(*allocator), .alloc = malloc_alloc, .free = malloc_free};
}

static void chunk_drop(struct mem *mem, struct mem_chunk *chunk)
{
    if (atomic_fetch_sub(&chunk->live, 1) == 1)
        mem->allocator.free(chunk, sizeof(*chunk) + chunk->size, mem->allocator.user_data);
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WATCHED
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define WATCHED
#endif

void mem_keep_blocks(struct mem *mem)
{
#ifndef WATCHED
    mem->keeps = mem->cache.open = mem->allocator.alloc == malloc_alloc;
#else
    (void)mem;
#endif
}

static void cache_close(struct mem_cache *cache)
{
    while (atomic_flag_test_and_set_explicit(&cache->busy, memory_order_acquire))
        ; /* the only place that waits: for the few instructions of one who takes or gives */
    cache->open = false;
    for (size_t i = 0; i < MEM_CLASSES; i++) {
        for (union header *header = cache->blocks[i], *next; header != NULL; header = next) {
            next = header->next;
            free(header);
        }
        cache->blocks[i] = NULL;
    }
    cache->bytes = 0;
    atomic_flag_clear_explicit(&cache->busy, memory_order_release);
}

void mem_close(struct mem *mem)
{
    if (mem->reserve != NULL)
        chunk_drop(mem, mem->reserve);
    mem->reserve = NULL;
    if (mem->keeps)
        cache_close(&mem->cache);
}

/* The class of a block of so many bytes, header included; MEM_CLASSES and more: too large to be kept. */
static size_t class_of(size_t total) { return (total + MEM_STEP - 1) / MEM_STEP - 1; }

static union header *cache_take(struct mem_cache *cache, size_t class)
{
    if (atomic_flag_test_and_set_explicit(&cache->busy, memory_order_acquire))
        return NULL;
    union header *header = cache->blocks[class];
    if (header != NULL) {
        cache->blocks[class] = header->next;
        cache->bytes -= (class + 1) * MEM_STEP;
    }
    atomic_flag_clear_explicit(&cache->busy, memory_order_release);
    return header;
}

static bool cache_keep(struct mem_cache *cache, union header *header, size_t class)
{
    if (atomic_flag_test_and_set_explicit(&cache->busy, memory_order_acquire))
        return false;
    bool room = cache->open && cache->bytes + (class + 1) * MEM_STEP <= MEM_CACHE_MAX;
    if (room) {
        header->next = cache->blocks[class];
        cache->blocks[class] = header;
        cache->bytes += (class + 1) * MEM_STEP;
    }
    atomic_flag_clear_explicit(&cache->busy, memory_order_release);
    return room;
}

static void *block_alloc(struct mem *mem, size_t total)
{
    size_t class = class_of(total);

    if (!mem->keeps || class >= MEM_CLASSES)
        return mem->allocator.alloc(total, mem->allocator.user_data);
    union header *header = cache_take(&mem->cache, class);
    return header != NULL ? header : malloc((class + 1) * MEM_STEP); /* for any other of its class, later */
}

static void block_free(struct mem *mem, union header *header, size_t total)
{
    size_t class = class_of(total);

    if (!mem->keeps || class >= MEM_CLASSES || !cache_keep(&mem->cache, header, class))
        mem->allocator.free(header, total, mem->allocator.user_data);
}

void *mem_alloc(struct mem *mem, size_t size)
{
    if (size > SIZE_MAX / 2)
        return NULL;
    union header *header = block_alloc(mem, sizeof(*header) + size);
    if (header == NULL)
        return NULL;
    header->at.size = size;
    header->at.chunk = NULL;
    atomic_fetch_add_explicit(&mem->bytes, sizeof(*header) + size, memory_order_relaxed);
    return header + 1;
}

void *mem_zalloc(struct mem *mem, size_t size)
{
    void *block = mem_alloc(mem, size);

    if (block != NULL)
        memset(block, 0, size);
    return block;
}

void *mem_array(struct mem *mem, size_t count, size_t size)
{
    size_t total;

    return __builtin_mul_overflow(count, size, &total) ? NULL : mem_zalloc(mem, total);
}

void mem_free(struct mem *mem, void *block)
{
    if (block == NULL)
        return;
    union header *header = (union header *)block - 1;
    size_t size = sizeof(*header) + header->at.size;
    atomic_fetch_sub_explicit(&mem->bytes, size, memory_order_relaxed);
    if (header->at.chunk != NULL)
        chunk_drop(mem, header->at.chunk);
    else
        block_free(mem, header, size);
}

void *mem_grow(struct mem *mem, void *block, size_t size)
{
    size_t old = block != NULL ? ((union header *)block - 1)->at.size : 0;
    void *grown = mem_alloc(mem, size);

    if (grown == NULL)
        return NULL;
    if (block != NULL)
        memcpy(grown, block, old < size ? old : size);
    mem_free(mem, block);
    return grown;
}

char *mem_strdup(struct mem *mem, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = mem_alloc(mem, size);

    return copy != NULL ? memcpy(copy, text, size) : NULL;
}

void mem_wipe(void *block, size_t size)
{
    volatile unsigned char *at = block;

    while (size > 0)
        at[--size] = 0;
}

int mem_reserve(struct mem *mem, size_t size)
{
    struct mem_chunk *reserve = mem->reserve;

    if (reserve != NULL && reserve->size - reserve->used >= size)
        return 0;
    /* Room for a while, so that a step that did use the reserve does not cost a chunk each time. */
    size_t want = size < 32768 ? 65536 : size * 2;
    struct mem_chunk *chunk = mem->allocator.alloc(sizeof(*chunk) + want, mem->allocator.user_data);
    if (chunk == NULL)
        return ECSENGINE_ENOMEM;
    atomic_init(&chunk->live, 1);
    chunk->size = want;
    chunk->used = 0;
    mem->reserve = chunk;
    if (reserve != NULL)
        chunk_drop(mem, reserve);
    return 0;
}

void *mem_sure(struct mem *mem, size_t size)
{
    void *block = mem_zalloc(mem, size);

    if (block != NULL)
        return block;
    struct mem_chunk *chunk = mem->reserve;
    size_t need = (sizeof(union header) + size + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
    assert(chunk != NULL && chunk->size - chunk->used >= need);
    union header *header = (union header *)(chunk->data + chunk->used);
    chunk->used += need;
    atomic_fetch_add(&chunk->live, 1);
    header->at.size = size;
    header->at.chunk = chunk;
    atomic_fetch_add_explicit(&mem->bytes, sizeof(*header) + size, memory_order_relaxed);
    return memset(header + 1, 0, size);
}
