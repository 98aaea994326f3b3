/* SPDX-License-Identifier: Apache-2.0 */
/* What a command has written: pieces of stdout and stderr in the order of arrival, in one block, with a maximum. */
#ifndef MODEL_OUTPUT_H
#define MODEL_OUTPUT_H

#include "model/secret.h"

struct record_getter;

struct exec_output {
    struct mem *mem;
    char *data; /* pieces one behind the other: a stream, four bytes of length, the bytes */
    size_t len;
    size_t cap;
    size_t kept; /* bytes of output, without what stands between */
    size_t last; /* where the last piece begins */
    bool cut;
};

void output_free(struct exec_output *output); /* NULL is fine */
/* What is beyond LIMIT_OUTPUT is left out, and marked so. 0, ENOMEM: nothing has changed. */
int output_add(struct exec_output *output, uint8_t stream, const void *bytes, size_t len);
/* The piece that begins at `*at`, which goes on to the next one; NULL: there is none. `*at` is 0 at first. `output` may be NULL. */
const char *output_next(const struct exec_output *output, size_t *at, uint8_t *out_stream, size_t *out_len);

/* As a record's text: hidden, since a command may write what nobody else shall read. */
void output_put(struct buf *buf, const struct exec_output *output, const struct secret_mask *mask);
/* NULL: no memory, or nonsense. */
struct exec_output *output_get(struct record_getter *getter);

#endif
