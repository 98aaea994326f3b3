/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes as they come become lines, none longer than a bound. */
#ifndef ECSENGINE_RUN_LINEREADER_H
#define ECSENGINE_RUN_LINEREADER_H

#include <stdbool.h>
#include <stddef.h>

#include "text.h"

struct linereader {
    struct text input;
    size_t max;     /* bytes of a line, the newline not counted */
    size_t start;   /* of the first line that was not taken */
    size_t scanned; /* no newline from there to here */
    bool skipping;  /* the rest of a line that is too long */
    bool ended;
};

enum line_outcome {
    LINE_NONE,     /* not yet; after the end: no more */
    LINE_TAKEN,    /* a line */
    LINE_TOO_LONG, /* one that is not kept; said once */
};

void linereader_add(struct linereader *reader, const char *data, size_t len);
void linereader_end(struct linereader *reader); /* nothing more comes: what is left is a line, newline or not */
/* The next line, without its newline; borrowed until the reader is called again. */
enum line_outcome linereader_next(struct linereader *reader, const char **out_line, size_t *out_len);
void linereader_free(struct linereader *reader);

#endif
