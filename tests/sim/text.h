/* SPDX-License-Identifier: Apache-2.0 */
/* A text that grows: traces. */
#ifndef TEST_TEXT_H
#define TEST_TEXT_H

#include <stddef.h>

struct text {
    char *data; /* NUL-terminated once something was added; NULL before */
    size_t len, size;
};

void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_free(struct text *text);
const char *text_or_empty(const struct text *text);

#endif
