/* SPDX-License-Identifier: Apache-2.0 */
/* Records: numbers, text, frames. Readers trust nothing: every length is checked against what is left. */
#include "model/record.h"

#include <string.h>

#include "ecsengine/error.h"

enum { NUMBER_MAX = 10 };

/* A checksum against damage, not against intent: each step can be undone, so that no change within eight bytes goes unseen. */
static uint64_t checksum(const char *data, size_t len)
{
    uint64_t sum = len, word;

    for (; len > 0; len -= len < sizeof(word) ? len : sizeof(word), data += sizeof(word)) {
        word = 0;
        if (len >= sizeof(word))
            memcpy(&word, data, sizeof(word));
        else
            memcpy(&word, data, len);
        if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
            word = __builtin_bswap64(word);
        sum = (sum ^ word) * UINT64_C(0x9fb21c651e98df25);
        sum ^= sum >> 32;
    }
    return sum;
}

static char *put_number(char *at, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        *at++ = (char)(value | 0x80);
    *at++ = (char)value;
    return at;
}

void record_long_number(struct buf *buf, uint64_t value)
{
    char *at = buf_room(buf, NUMBER_MAX);

    if (at != NULL)
        buf_wrote(buf, (size_t)(put_number(at, value) - at));
}

void record_signed(struct buf *buf, int64_t value)
{
    record_number(buf, (uint64_t)value << 1 ^ (uint64_t)(value >> 63));
}

void record_text(struct buf *buf, const char *text, size_t len)
{
    record_number(buf, len);
    buf_put(buf, text, len);
}

uint64_t record_read_number(struct record_reader *reader, uint64_t max)
{
    uint64_t value = 0;

    for (unsigned shift = 0;; shift += 7) {
        if (reader->at == reader->end)
            break;
        unsigned char byte = *reader->at++;
        if (shift == 63 && byte > 1)
            break;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0) {
            if (value <= max)
                return value;
            break;
        }
    }
    reader->bad = true;
    reader->at = reader->end;
    return 0;
}

int64_t record_read_signed(struct record_reader *reader)
{
    uint64_t value = record_read_number(reader, UINT64_MAX);

    return (int64_t)(value >> 1 ^ (0 - (value & 1)));
}

const unsigned char *record_read_bytes(struct record_reader *reader, size_t max, size_t *out_len)
{
    size_t len = record_read_number(reader, max);
    const unsigned char *bytes = reader->at;

    *out_len = 0;
    if (reader->bad || len > (size_t)(reader->end - reader->at)) {
        reader->bad = true;
        reader->at = reader->end;
        return (const unsigned char *)"";
    }
    reader->at += len;
    *out_len = len;
    return bytes;
}

const char *record_read_text(struct record_reader *reader, size_t max, size_t *out_len)
{
    const char *text = (const char *)record_read_bytes(reader, max, out_len);

    if (memchr(text, '\0', *out_len) == NULL && utf8_valid(text, *out_len))
        return text;
    *out_len = 0;
    reader->bad = true;
    reader->at = reader->end;
    return "";
}

size_t record_begin(struct buf *buf, char kind)
{
    size_t start = buf->len;
    const char head[5] = {'e', 'c', 's', kind, RECORD_VERSION};

    buf_put(buf, head, sizeof(head));
    return start;
}

void record_end(struct buf *buf, size_t start)
{
    if (buf->failed != 0)
        return;
    uint64_t sum = checksum(buf->data + start, buf->len - start);
    unsigned char bytes[8];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)(sum >> (8 * i));
    buf_put(buf, bytes, sizeof(bytes));
}

int record_open(const void *value, size_t len, char *out_kind, struct record_reader *out_body)
{
    const unsigned char *bytes = value;
    uint64_t sum = 0;

    if (len < RECORD_FRAME || memcmp(bytes, "ecs", 3) != 0)
        return ECSENGINE_ECORRUPT;
    for (size_t i = 0; i < 8; i++)
        sum |= (uint64_t)bytes[len - 8 + i] << (8 * i);
    if (sum != checksum(value, len - 8))
        return ECSENGINE_ECORRUPT;
    if (bytes[4] > RECORD_VERSION)
        return ECSENGINE_EUNSUPPORTED;
    *out_kind = (char)bytes[3];
    *out_body = (struct record_reader){.at = bytes + 5, .end = bytes + len - 8};
    return bytes[4] == RECORD_VERSION ? 0 : ECSENGINE_ECORRUPT;
}
