/* SPDX-License-Identifier: Apache-2.0 */
/* A text that grows.
 *
 * A program that has no memory for a line of output cannot do its work, and losing it loses nothing: unacknowledged events come again,
 * and containers are found again by a store. So unlike the library, this program ends when an allocation fails. */
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *need(void *memory)
{
    if (memory == NULL) {
        fputs("ecsengine-run: out of memory\n", stderr);
        exit(125);
    }
    return memory;
}

static void reserve(struct text *text, size_t more)
{
    size_t cap = text->cap == 0 ? 256 : text->cap;

    if (more < text->cap - text->len)
        return;
    if (more > SIZE_MAX / 4 - text->len)
        need(NULL);
    while (cap - text->len <= more)
        cap *= 2;
    text->data = need(realloc(text->data, cap));
    text->cap = cap;
}

void text_add(struct text *text, const char *data, size_t len)
{
    reserve(text, len);
    if (len > 0) /* data may be NULL then */
        memcpy(text->data + text->len, data, len);
    text->len += len;
    text->data[text->len] = '\0';
}

void text_puts(struct text *text, const char *data)
{
    text_add(text, data, strlen(data));
}

void text_printf(struct text *text, const char *format, ...)
{
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len <= 0)
        return;
    reserve(text, (size_t)len);
    va_start(args, format);
    vsnprintf(text->data + text->len, (size_t)len + 1, format, args);
    va_end(args);
    text->len += (size_t)len;
}

/* The bytes of the well-formed character of UTF-8 at data; 0 where there is none. */
static size_t character(const char *data)
{
    const unsigned char *byte = (const unsigned char *)data;
    size_t len = byte[0] < 0x80 ? 1 : byte[0] < 0xc2 ? 0 : byte[0] < 0xe0 ? 2 : byte[0] < 0xf0 ? 3 : byte[0] < 0xf5 ? 4 : 0;

    for (size_t i = 1; i < len; i++)
        if ((byte[i] & 0xc0) != 0x80)
            return 0;
    if ((byte[0] == 0xe0 && byte[1] < 0xa0) || (byte[0] == 0xed && byte[1] > 0x9f)) /* too long a form; half of a pair */
        return 0;
    if ((byte[0] == 0xf0 && byte[1] < 0x90) || (byte[0] == 0xf4 && byte[1] > 0x8f)) /* too long a form; past the last one */
        return 0;
    return len;
}

void text_json(struct text *text, const char *data)
{
    size_t len;

    text_puts(text, "\"");
    for (; *data != '\0'; data += len > 0 ? len : 1) {
        len = character(data);
        if (len == 0)
            text_puts(text, "\xef\xbf\xbd"); /* U+FFFD: not what was meant, but valid */
        else if (*data == '"' || *data == '\\')
            text_printf(text, "\\%c", *data);
        else if ((unsigned char)*data < 0x20)
            text_printf(text, "\\u%04x", (unsigned int)*data);
        else
            text_add(text, data, len);
    }
    text_puts(text, "\"");
}

void text_clean(struct text *text, const char *data)
{
    for (; *data != '\0'; data++) {
        unsigned char byte = (unsigned char)*data;
        unsigned char next = (unsigned char)data[1];

        if (byte < 0x20 || byte == 0x7f) {
            text_add(text, " ", 1);
        } else if (byte == 0xc2 && next >= 0x80 && next < 0xa0) { /* U+0080 to U+009F: some terminals obey them */
            text_add(text, " ", 1);
            data++;
        } else {
            text_add(text, data, 1);
        }
    }
}

void text_free(struct text *text)
{
    free(text->data);
    *text = (struct text){0};
}
