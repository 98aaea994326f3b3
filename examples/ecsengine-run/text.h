/* SPDX-License-Identifier: Apache-2.0 */
/* A text that grows, and the end of the program when there is no memory for it. */
#ifndef ECSENGINE_RUN_TEXT_H
#define ECSENGINE_RUN_TEXT_H

#include <stddef.h>
#include <stdint.h>

struct text {
    char *data; /* NUL-terminated; NULL while nothing was added */
    size_t len;
    size_t cap;
};

void text_add(struct text *text, const char *data, size_t len);
void text_puts(struct text *text, const char *data);
void text_printf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3), nonnull(2)));
void text_json(struct text *text, const char *data); /* a JSON string, quotes included */
void text_clean(struct text *text, const char *data); /* control characters become blanks: safe to show on a terminal */
void text_free(struct text *text);

/* The memory, or, for NULL, the end of the program (through exit(), so that the terminal is put in order). */
void *need(void *memory);

#endif
