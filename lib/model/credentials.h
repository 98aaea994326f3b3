/* SPDX-License-Identifier: Apache-2.0 */
/* Credentials of a role: an id, which may be told and kept, and a document, which may not. The document is in memory alone; whoever holds
 * it has a reference, and the last one to let go overwrites it. */
#ifndef MODEL_CREDENTIALS_H
#define MODEL_CREDENTIALS_H

#include "base/map.h"
#include "base/str.h"

struct credentials {
    struct map_node by_id; /* the engine's table */
    struct mem *mem;
    _Atomic uint32_t refs;
    struct str *id;
    size_t len;
    char document[]; /* NUL-terminated */
};

/* Copies the document; adds a reference to `id`. NULL: no memory. */
struct credentials *credentials_new(struct mem *mem, struct str *id, const char *document, size_t len);
struct credentials *credentials_ref(struct credentials *credentials); /* NULL is fine */
void credentials_unref(struct credentials *credentials);              /* NULL is fine; any thread */

#endif
