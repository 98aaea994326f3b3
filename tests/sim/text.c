/* SPDX-License-Identifier: Apache-2.0 */
/* A text that grows. A test without memory is a test that ends. */
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void text_add(struct text *text, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (text->len + (size_t)len + 1 > text->size) {
        text->size = 2 * (text->size + (size_t)len) + 256;
        text->data = realloc(text->data, text->size);
        if (text->data == NULL)
            abort();
    }
    va_start(args, format);
    vsnprintf(text->data + text->len, text->size - text->len, format, args);
    va_end(args);
    text->len += (size_t)len;
}

void text_free(struct text *text)
{
    free(text->data);
    *text = (struct text){0};
}

const char *text_or_empty(const struct text *text) { return text->data != NULL ? text->data : ""; }
