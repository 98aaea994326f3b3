/* SPDX-License-Identifier: Apache-2.0 */
/* The growing buffer and the JSON writer. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "base/timefmt.h"
#include "ecsengine/error.h"

void buf_init(struct buf *buf, struct mem *mem, size_t max)
{
    *buf = (struct buf){.mem = mem, .max = max != 0 ? max : SIZE_MAX / 4};
}

void buf_free(struct buf *buf)
{
    mem_free(buf->mem, buf->data);
    buf->data = NULL;
    buf->len = buf->cap = 0;
}

void buf_clear(struct buf *buf)
{
    buf->len = 0;
    buf->failed = 0;
    buf->comma = false;
    if (buf->data != NULL)
        buf->data[0] = '\0';
}

static bool grow(struct buf *buf, size_t more)
{
    if (more > buf->max || buf->len > buf->max - more) {
        buf->failed = ECSENGINE_ELIMIT;
        return false;
    }
    size_t cap = buf->cap < 128 ? 256 : buf->cap * 2;
    while (cap < buf->len + more + 1)
        cap *= 2;
    char *data = mem_grow(buf->mem, buf->data, cap);
    if (data == NULL) {
        buf->failed = ECSENGINE_ENOMEM;
        return false;
    }
    buf->data = data;
    buf->cap = cap;
    return true;
}

/* Makes room for `more` bytes and the NUL. */
static inline bool room(struct buf *buf, size_t more)
{
    if (buf->failed != 0)
        return false;
    bool fits = more <= buf->max && buf->len <= buf->max - more;
    return (fits && buf->len + more + 1 <= buf->cap) || grow(buf, more);
}

void buf_put(struct buf *buf, const void *data, size_t len)
{
    if (!room(buf, len))
        return;
    if (len > 0)
        memcpy(buf->data + buf->len, data, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
}

char *buf_room(struct buf *buf, size_t len) { return room(buf, len) ? buf->data + buf->len : NULL; }

void buf_wrote(struct buf *buf, size_t len)
{
    buf->len += len;
    buf->data[buf->len] = '\0';
}

void buf_puts(struct buf *buf, const char *text) { buf_put(buf, text, strlen(text)); }

void buf_printf(struct buf *buf, const char *format, ...)
{
    va_list args, again;

    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    if (len >= 0 && room(buf, (size_t)len)) {
        vsnprintf(buf->data + buf->len, (size_t)len + 1, format, again);
        buf->len += (size_t)len;
    }
    va_end(again);
    va_end(args);
}

char *buf_take(struct buf *buf, size_t *out_len)
{
    if (!room(buf, 0))
        return NULL;
    char *data = buf->data;
    data[buf->len] = '\0';
    if (out_len != NULL)
        *out_len = buf->len;
    buf->data = NULL;
    buf->len = buf->cap = 0;
    return data;
}

/* How many bytes from here need no escape, eight at a time: none below 0x20, no quotation mark, no backslash. */
static size_t plain(const char *text, size_t len)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), highs = ones << 7;
    size_t done = 0;

    for (; len - done >= sizeof(uint64_t); done += sizeof(uint64_t)) {
        uint64_t eight;
        memcpy(&eight, text + done, sizeof(eight));
        uint64_t quote = eight ^ ones * '"', slash = eight ^ ones * '\\';
        uint64_t low = (eight - ones * 0x20) & ~eight;
        if (((low | ((quote - ones) & ~quote) | ((slash - ones) & ~slash)) & highs) != 0)
            break;
    }
    return done;
}

static void quoted(struct buf *buf, const char *text, size_t len)
{
    static const char hex[] = "0123456789abcdef";
    size_t start = 0;

    buf_byte(buf, '"');
    for (size_t i = plain(text, len); i < len; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte >= 0x20 && byte != '"' && byte != '\\')
            continue;
        buf_put(buf, text + start, i - start);
        start = i + 1;
        if (byte == '"' || byte == '\\') {
            buf_put(buf, (char[]){'\\', (char)byte}, 2);
        } else if (byte == '\n') {
            buf_put(buf, "\\n", 2);
        } else if (byte == '\t') {
            buf_put(buf, "\\t", 2);
        } else {
            buf_put(buf, (char[]){'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]}, 6);
        }
    }
    buf_put(buf, text + start, len - start);
    buf_byte(buf, '"');
}

/* Writes text that is no UTF-8: each bad byte becomes U+FFFD. */
static void quoted_repaired(struct buf *buf, const char *text, size_t len)
{
    struct buf repaired;

    buf_init(&repaired, buf->mem, 0);
    for (size_t i = 0; i < len;) {
        size_t step = 1;
        while (step <= 4 && i + step <= len && !utf8_valid(text + i, step))
            step++;
        if (step <= 4 && i + step <= len) {
            buf_put(&repaired, text + i, step);
            i += step;
        } else {
            buf_puts(&repaired, "\xef\xbf\xbd");
            i++;
        }
    }
    if (repaired.failed != 0)
        buf->failed = repaired.failed;
    else
        quoted(buf, repaired.len > 0 ? repaired.data : "", repaired.len);
    buf_free(&repaired);
}

static void before(struct buf *buf, const char *key)
{
    if (buf->comma)
        buf_byte(buf, ',');
    buf->comma = true;
    if (key != NULL) {
        quoted(buf, key, strlen(key));
        buf_byte(buf, ':');
    }
}

void json_open(struct buf *buf, const char *key, char bracket)
{
    before(buf, key);
    buf_byte(buf, bracket);
    buf->comma = false;
}

void json_close(struct buf *buf, char bracket)
{
    buf_byte(buf, bracket);
    buf->comma = true;
}

void json_text_len(struct buf *buf, const char *key, const char *text, size_t len)
{
    before(buf, key);
    if (utf8_valid(text, len))
        quoted(buf, text, len);
    else
        quoted_repaired(buf, text, len);
}

void json_text(struct buf *buf, const char *key, const char *text) { json_text_len(buf, key, text, strlen(text)); }

void json_int(struct buf *buf, const char *key, int64_t value)
{
    before(buf, key);
    buf_printf(buf, "%lld", (long long)value);
}

void json_bool(struct buf *buf, const char *key, bool value)
{
    before(buf, key);
    buf_puts(buf, value ? "true" : "false");
}

void json_raw(struct buf *buf, const char *key, const char *json, size_t len)
{
    before(buf, key);
    buf_put(buf, json, len);
}

void json_time(struct buf *buf, const char *key, int64_t wall_ns)
{
    char text[TIME_TEXT_MAX];

    time_format(wall_ns, text);
    json_text(buf, key, text);
}
