/* SPDX-License-Identifier: Apache-2.0 */
/* Shared text: immutable, counted, so that a task's ARN is one block however many operations and events carry it. The count is atomic:
 * operations and events are freed on the host's threads. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/mem.h"

struct str {
    struct mem *mem;
    _Atomic uint32_t refs;
    uint32_t len;
    char data[]; /* NUL-terminated */
};

struct str *str_new(struct mem *mem, const char *text, size_t len);      /* NULL when there is no memory */
struct str *str_new_sure(struct mem *mem, const char *text, size_t len); /* from the reserve */
struct str *str_ref(struct str *str);                                    /* NULL is fine */
void str_unref(struct str *str);                                         /* NULL is fine */
static inline const char *str_text(const struct str *str) { return str != NULL ? str->data : ""; }
static inline size_t str_len(const struct str *str) { return str != NULL ? str->len : 0; }

/* True for well-formed UTF-8 (no surrogates, no overlong forms). */
bool utf8_valid(const char *text, size_t len);
void utf8_repair(char *text, size_t len); /* each byte that is of no character becomes `?` */
/* The longest prefix of at most `max` bytes that does not cut a character. */
size_t utf8_cut(const char *text, size_t len, size_t max);
bool ascii_equal(const char *left, const char *right); /* without regard to case */

#endif
