/* SPDX-License-Identifier: Apache-2.0 */
/* An allocator that counts, can fail, and notices a wrong size or a block that is given back twice. */
#ifndef TEST_MEMORY_H
#define TEST_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "ecsengine/memory.h"

struct test_memory {
    uint64_t count;                  /* allocations so far, failed ones too */
    uint64_t fail_first, fail_count; /* those numbered fail_first ... fail_first + fail_count - 1 fail, from 1; 0: none */
    uint32_t fail_per_million;       /* and so many of the others, drawn */
    uint64_t draws;                  /* the state of these draws */
    uint64_t failed;
    size_t bytes, bytes_max, blocks; /* outstanding */
    uint64_t wrong_frees;
};

/* Fills in the allocator; `memory` must outlive all that it gives. */
void test_memory_allocator(struct test_memory *memory, ecsengine_allocator *out_allocator);

#endif
