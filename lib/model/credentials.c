/* SPDX-License-Identifier: Apache-2.0 */
/* Credentials: their life. */
#include "model/credentials.h"

#include <string.h>

struct credentials *credentials_new(struct mem *mem, struct str *id, const char *document, size_t len)
{
    struct credentials *credentials = mem_zalloc(mem, sizeof(*credentials) + len + 1);

    if (credentials == NULL)
        return NULL;
    credentials->mem = mem;
    atomic_init(&credentials->refs, 1);
    credentials->id = str_ref(id);
    credentials->len = len;
    memcpy(credentials->document, document, len);
    return credentials;
}

struct credentials *credentials_ref(struct credentials *credentials)
{
    if (credentials != NULL)
        atomic_fetch_add_explicit(&credentials->refs, 1, memory_order_relaxed);
    return credentials;
}

void credentials_unref(struct credentials *credentials)
{
    if (credentials == NULL || atomic_fetch_sub_explicit(&credentials->refs, 1, memory_order_acq_rel) != 1)
        return;
    str_unref(credentials->id);
    mem_wipe(credentials->document, credentials->len);
    mem_free(credentials->mem, credentials);
}
