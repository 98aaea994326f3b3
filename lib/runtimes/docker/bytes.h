/* SPDX-License-Identifier: Apache-2.0 */
/* A growing run of bytes that never grows past its maximum. A failed addition sticks, so a whole text can be put together and looked at
 * once at its end. What is there ends in a NUL that is not counted. */
#ifndef DOCKER_BYTES_H
#define DOCKER_BYTES_H

#include <stdbool.h>
#include <stddef.h>

struct docker_bytes {
    char *data; /* NULL while empty */
    size_t len;
    size_t capacity;
    size_t max;
    bool full;      /* an addition did not fit into `max` */
    bool no_memory; /* an addition found no memory */
};

void docker_bytes_init(struct docker_bytes *bytes, size_t max);
void docker_bytes_free(struct docker_bytes *bytes);

/* Forgets the content, keeps the memory. */
void docker_bytes_clear(struct docker_bytes *bytes);

/* Each returns false if this addition or an earlier one failed. */
bool docker_bytes_add(struct docker_bytes *bytes, const char *data, size_t len);
bool docker_bytes_text(struct docker_bytes *bytes, const char *text);

/* Adds a text as a part of a URL: all but unreserved characters and those in `keep` become %XX. */
bool docker_bytes_escaped(struct docker_bytes *bytes, const char *text, const char *keep);

/* The content as a text, "" while empty. Borrowed until the next change. */
const char *docker_bytes_string(const struct docker_bytes *bytes);

/* Copies a daemon's text into a buffer of `size` bytes: cut at a character's border, bytes that are no UTF-8 replaced by `?`, control
 * characters by spaces, blanks at both ends removed. The result is always a proper line of text. */
void docker_text_clean(char *out, size_t size, const char *text, size_t len);

#endif
