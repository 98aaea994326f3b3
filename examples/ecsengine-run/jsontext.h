/* SPDX-License-Identifier: Apache-2.0 */
/* JSON as text: what must be known before a parser sees it, and where in the text a member stands. */
#ifndef ECSENGINE_RUN_JSONTEXT_H
#define ECSENGINE_RUN_JSONTEXT_H

#include <stdbool.h>
#include <stddef.h>

/* The most bytes of one document or one line of the protocol. */
#define JSON_SIZE_MAX ((size_t)64 << 20)

/* How deep brackets may be nested. jansson parses by recursion, with a bound of its own that depends on how it was built. */
#define JSON_DEPTH_MAX 200

struct slice {
    const char *data; /* NULL: no such member */
    size_t len;
};

bool json_is_too_deep(const char *text, size_t len);

/* The value of a member of the object that `text` is, exactly as it is written there. `text` must have been parsed without an error.
 * Of members of the same name the last one counts, as it does for the parser. */
struct slice json_slice(const char *text, size_t len, const char *name);

#endif
