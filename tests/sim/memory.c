/* SPDX-License-Identifier: Apache-2.0 */
/* The counting allocator: a word with the size in front of each block. */
#include "memory.h"

#include <stdlib.h>

#include "draws.h"

#define MARK UINT64_C(0x5ca1ab1e0ddba11)

struct head {
    uint64_t mark;
    uint64_t size;
};

static void *counted_alloc(size_t size, void *user_data)
{
    struct test_memory *memory = user_data;

    struct draws draws = {memory->draws};
    memory->count++;
    if (memory->fail_per_million > 0 && below(&draws, 1000000) < memory->fail_per_million) {
        memory->draws = draws.state;
        memory->failed++;
        return NULL;
    }
    memory->draws = draws.state;
    if (memory->fail_first != 0 && memory->count >= memory->fail_first && memory->count - memory->fail_first < memory->fail_count) {
        memory->failed++;
        return NULL;
    }
    struct head *head = malloc(sizeof(*head) + size);
    if (head == NULL)
        return NULL;
    *head = (struct head){MARK, size};
    memory->blocks++;
    memory->bytes += size;
    if (memory->bytes > memory->bytes_max)
        memory->bytes_max = memory->bytes;
    return head + 1;
}

static void counted_free(void *ptr, size_t size, void *user_data)
{
    struct test_memory *memory = user_data;
    struct head *head = (struct head *)ptr - 1;

    if (ptr == NULL || head->mark != MARK || head->size != size) {
        memory->wrong_frees++;
        return;
    }
    head->mark = 0;
    memory->blocks--;
    memory->bytes -= size;
    free(head);
}

void test_memory_allocator(struct test_memory *memory, ecsengine_allocator *out_allocator)
{
    ecsengine_allocator_init(out_allocator, sizeof(*out_allocator));
    out_allocator->alloc = counted_alloc;
    out_allocator->free = counted_free;
    out_allocator->user_data = memory;
}
