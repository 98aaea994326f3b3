/* SPDX-License-Identifier: Apache-2.0 */
/* What unit tests on the internal build share: memory that can fail and is counted, documents with ' for ", and a main. */
#ifndef TESTS_BASE_UNIT_H
#define TESTS_BASE_UNIT_H

#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ecsengine/error.h"

/* The allocator of `unit_mem`. */
static struct {
    long calls;
    long fail_at;   /* that call fails; 0: none */
    long fail_from; /* that one and all later ones; 0: none */
    bool fail_all;
    size_t blocks; /* out */
    size_t bytes;
} unit;

static struct mem unit_mem;

static inline void *unit_alloc(size_t size, void *user_data)
{
    (void)user_data;
    unit.calls++;
    if (unit.fail_all || unit.calls == unit.fail_at || (unit.fail_from > 0 && unit.calls >= unit.fail_from))
        return NULL;
    unit.blocks++;
    unit.bytes += size;
    return malloc(size);
}

static inline void unit_free(void *ptr, size_t size, void *user_data)
{
    (void)user_data;
    unit.blocks--;
    unit.bytes -= size;
    free(ptr);
}

static inline ecsengine_allocator unit_allocator(void)
{
    return (ecsengine_allocator){.size = sizeof(ecsengine_allocator), .alloc = unit_alloc, .free = unit_free};
}

static inline void unit_start(void)
{
    ecsengine_allocator allocator = unit_allocator();

    memset(&unit, 0, sizeof(unit));
    mem_init(&unit_mem, &allocator);
}

/* Nothing is left. */
static inline void unit_ends(void)
{
    mem_close(&unit_mem);
    ck_assert_uint_eq(0, unit.blocks);
    ck_assert_uint_eq(0, unit.bytes);
    ck_assert_uint_eq(0, atomic_load(&unit_mem.bytes));
}

static inline const char *unit_quoted(const char *text)
{
    static char out[8][16384];
    static unsigned next;
    char *at = out[next++ % 8];

    ck_assert_uint_lt(strlen(text), sizeof(out[0]));
    for (size_t i = 0; i <= strlen(text); i++)
        at[i] = text[i] == '\'' ? '"' : text[i];
    return at;
}

static inline int unit_run(const char *name, void (*fill)(TCase *tcase))
{
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create(name);

    tcase_set_timeout(tcase, 100);
    tcase_add_checked_fixture(tcase, unit_start, NULL);
    fill(tcase);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
