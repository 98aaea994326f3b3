/* SPDX-License-Identifier: Apache-2.0 */
/* A directory of a test's own, and a few words for what is in it. Paths are relative to it; a returned path is one of a ring of 16. */
#ifndef TEST_SCRATCH_H
#define TEST_SCRATCH_H

#include <check.h>
#include <stdbool.h>
#include <stddef.h>

#include "hosts/posix/fault.h"

void scratch_up(void);
void scratch_down(void); /* also checks that no descriptor was left open */

const char *scratch(const char *path);                      /* the absolute path */
const char *scratch_text(const char *format, ...) __attribute__((format(printf, 1, 2)));
void scratch_dir(const char *path);                         /* with all that leads to it */
void scratch_file(const char *path, const char *content);   /* in a directory that is made where it is missing */
void scratch_link(const char *path, const char *target);
const char *scratch_read(const char *path);                 /* the content; NULL: none can be read */
bool scratch_has(const char *path);                         /* follows no link */
int scratch_count(const char *path);                        /* the entries of a directory; -1: there is none */
int scratch_mode(const char *path);

/* Asserts that it failed, and with what text. */
#define FAILS(expression, said)                   \
    do {                                          \
        struct posix_fault fault = {0};           \
        ck_assert(!(expression));                 \
        ck_assert_str_eq(fault.text, said);       \
        ck_assert(!fault.no_memory);              \
    } while (0)
#define WORKS(expression)                                       \
    do {                                                        \
        struct posix_fault fault = {0};                         \
        bool works = expression;                                \
        ck_assert_msg(works, "failed: %s", fault.text);         \
        ck_assert_str_eq(fault.text, "");                       \
    } while (0)

/* A suite of one test case, between whose tests these, or scratch_up() and scratch_down(), set up and take down; the program's status. */
int scratch_run_with(const char *name, void (*up)(void), void (*down)(void), void (*add)(TCase *tcase));
int scratch_run(const char *name, void (*add)(TCase *tcase));

#endif
