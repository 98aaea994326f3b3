/* SPDX-License-Identifier: Apache-2.0 */
/* A growing byte buffer with a maximum, and JSON written into it.
 *
 * Appending never returns an error: the first failure (no memory, too long) sticks in `failed` and is looked at once, at the end. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>

#include "base/mem.h"

struct buf {
    struct mem *mem;
    char *data; /* NUL-terminated once anything was appended; NULL before */
    size_t len;
    size_t cap;
    size_t max;
    int failed; /* 0, ECSENGINE_ENOMEM or ECSENGINE_ELIMIT */
    bool comma; /* the JSON writer: a value was written at this level */
};

void buf_init(struct buf *buf, struct mem *mem, size_t max); /* max 0: SIZE_MAX / 4 */
void buf_free(struct buf *buf);
void buf_clear(struct buf *buf); /* keeps the memory; clears `failed` */
void buf_put(struct buf *buf, const void *data, size_t len);
static inline void buf_byte(struct buf *buf, char byte)
{
    if (buf->failed != 0 || buf->len >= buf->max || buf->len + 1 >= buf->cap) {
        buf_put(buf, &byte, 1);
        return;
    }
    buf->data[buf->len++] = byte;
    buf->data[buf->len] = '\0';
}
/* Room for `len` more bytes, for who writes them himself: where they begin, or NULL; buf_wrote() says how many came of it. */
char *buf_room(struct buf *buf, size_t len);
void buf_wrote(struct buf *buf, size_t len);
void buf_puts(struct buf *buf, const char *text);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The content as a block of its own, NUL-terminated, to be freed with mem_free(); NULL if something failed. The buffer is empty then. */
char *buf_take(struct buf *buf, size_t *out_len);

/* JSON: commas come by themselves. `key` NULL: an element of an array, or the top. Text that is no UTF-8 is written with U+FFFD. */
void json_open(struct buf *buf, const char *key, char bracket); /* '{' or '[' */
void json_close(struct buf *buf, char bracket);                 /* '}' or ']' */
void json_text(struct buf *buf, const char *key, const char *text);
void json_text_len(struct buf *buf, const char *key, const char *text, size_t len);
void json_int(struct buf *buf, const char *key, int64_t value);
void json_bool(struct buf *buf, const char *key, bool value);
void json_raw(struct buf *buf, const char *key, const char *json, size_t len); /* a value that is JSON already */
/* RFC 3339 with nanoseconds, trailing zeros trimmed, from ns since 1970. */
void json_time(struct buf *buf, const char *key, int64_t wall_ns);

#endif
