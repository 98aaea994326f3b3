/* SPDX-License-Identifier: Apache-2.0 */
/* Records: how the model is kept. Bytes of our own: compact, the same every time, with a version and a checksum; integers and text
 * only, never a secret. Numbers are little-endian base-128, text has its length before it.
 *
 *   frame: 'e' 'c' 's' kind version body checksum(8, of all before)
 *
 * Keys: `task/<arn>` (kind 't'), `definition/<hash>` (kind 'd', the body is definition.content), `engine` (kind 'e'),
 * `orphan/<runtime name>` (kind 'o'). */
#ifndef MODEL_RECORD_H
#define MODEL_RECORD_H

#include "base/buf.h"
#include "model/task.h"

enum { RECORD_VERSION = 1, RECORD_FRAME = 13 };

/* Writing: into a buffer, failures in buf->failed. */
void record_long_number(struct buf *buf, uint64_t value); /* one of 128 and more */
static inline void record_number(struct buf *buf, uint64_t value)
{
    if (value < 0x80)
        buf_byte(buf, (char)value);
    else
        record_long_number(buf, value);
}
void record_signed(struct buf *buf, int64_t value);
void record_text(struct buf *buf, const char *text, size_t len);

/* Reading: what is beyond the end, or makes no sense, sets `bad` and reads as 0 or "". */
struct record_reader {
    const unsigned char *at;
    const unsigned char *end;
    bool bad;
};

uint64_t record_read_number(struct record_reader *reader, uint64_t max); /* more than max is bad */
int64_t record_read_signed(struct record_reader *reader);
const char *record_read_text(struct record_reader *reader, size_t max, size_t *out_len); /* UTF-8 without NUL; not terminated */
const unsigned char *record_read_bytes(struct record_reader *reader, size_t max, size_t *out_len); /* the same, whatever the bytes are */

/* Reading into memory: beside `bad`, whether some was lacking. */
struct record_getter {
    struct record_reader *reader;
    struct mem *mem;
    bool no_memory;
};

/* Shared texts; "" and NULL are the same. */
void record_put_str(struct buf *buf, const struct str *str);
struct str *record_get_str(struct record_getter *getter, size_t max);
struct str *record_get_key(struct record_getter *getter); /* the same, whatever its bytes are */
/* Network bindings; none and NULL are the same. */
void record_put_ports(struct buf *buf, const struct ports *ports);
struct ports *record_get_ports(struct record_getter *getter);

/* Puts a frame around what `body` appended since `start` (buf->len before record_begin). */
size_t record_begin(struct buf *buf, char kind);
void record_end(struct buf *buf, size_t start);
/* Checks a frame. ECSENGINE_ECORRUPT: damaged; ECSENGINE_EUNSUPPORTED: of a newer version. */
int record_open(const void *value, size_t len, char *out_kind, struct record_reader *out_body);

/* A task without its definition: arn, hash of the definition, statuses, containers. */
void record_put_task(struct buf *buf, const struct task *task);
/* Reads a task's body. `find` gives the definition with that content hash, or NULL. ECORRUPT, ENOMEM. */
int record_get_task(struct record_reader *body, struct mem *mem,
                    struct definition *(*find)(void *context, uint64_t hash), void *context, struct task **out_task);

#endif
