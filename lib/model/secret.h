/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets where they must not be: in what is written down of an engine's life. In their place stands a hash under a key that is thrown
 * away with the one who writes, so that equal secrets stay equal and nobody can try guesses. */
#ifndef MODEL_SECRET_H
#define MODEL_SECRET_H

#include "base/buf.h"

struct secret_mask {
    bool hidden; /* what is written are hashes already: they stay as they are */
    uint64_t key[2];
};

enum { SECRET_TEXT = 39 }; /* `hidden-` and 32 hex digits */

/* `text` has room for SECRET_TEXT + 1 bytes; the length, without the NUL. */
size_t secret_hide(const struct secret_mask *mask, const char *secret, size_t len, char *text);
/* Appends it as a record's text. */
void secret_put(struct buf *buf, const struct secret_mask *mask, const char *secret, size_t len);

#endif
