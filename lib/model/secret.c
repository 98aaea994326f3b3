/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets are hashed. */
#include "model/secret.h"

#include <stdio.h>
#include <string.h>

#include "base/prng.h"
#include "model/record.h"

size_t secret_hide(const struct secret_mask *mask, const char *secret, size_t len, char *text)
{
    if (mask->hidden) {
        size_t kept = len < SECRET_TEXT ? len : SECRET_TEXT;
        memcpy(text, secret, kept);
        text[kept] = '\0';
        return kept;
    }
    int used = snprintf(text, SECRET_TEXT + 1, "hidden-%016llx%016llx", (unsigned long long)hash64(mask->key[0], secret, len),
                        (unsigned long long)hash64(mask->key[1], secret, len));
    return (size_t)used;
}

void secret_put(struct buf *buf, const struct secret_mask *mask, const char *secret, size_t len)
{
    char text[SECRET_TEXT + 1];

    record_text(buf, text, secret_hide(mask, secret, len, text));
}
