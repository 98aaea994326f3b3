/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes become lines.
 *
 * Each byte is looked at once, and moved a bounded number of times, however the bytes are cut up on their way. A line that is too long
 * is told of as soon as it is, and thrown away as it comes: it never takes more memory than the longest line that is allowed. */
#include "linereader.h"

#include <string.h>

#define KEEP_MAX ((size_t)1 << 20) /* more memory than this is given back when it is not needed */

void linereader_free(struct linereader *reader)
{
    text_free(&reader->input);
}

void linereader_end(struct linereader *reader)
{
    reader->ended = true;
}

/* Gives back the room of the lines that were taken. */
static void compact(struct linereader *reader)
{
    struct text *input = &reader->input;

    if (reader->start == 0)
        return;
    memmove(input->data, input->data + reader->start, input->len - reader->start);
    input->len -= reader->start;
    reader->scanned -= reader->start;
    reader->start = 0;
    if (input->len == 0 && input->cap > KEEP_MAX)
        text_free(input);
}

void linereader_add(struct linereader *reader, const char *data, size_t len)
{
    compact(reader);
    text_add(&reader->input, data, len);
}

/* Where the next line ends: at a newline, or at the end of all; NULL while that has not come. */
static const char *find_end(struct linereader *reader)
{
    const struct text *input = &reader->input;
    const char *end = NULL;

    if (input->len > reader->scanned)
        end = memchr(input->data + reader->scanned, '\n', input->len - reader->scanned);
    reader->scanned = end != NULL ? (size_t)(end - input->data) + 1 : input->len;
    if (end == NULL && reader->ended && input->len > reader->start)
        end = input->data + input->len;
    return end;
}

/* No end of the line in sight: it may be too long already. */
static enum line_outcome check_unfinished(struct linereader *reader)
{
    bool too_long = reader->input.len - reader->start > reader->max;
    bool told = reader->skipping;

    if (!too_long && !told)
        return LINE_NONE;
    reader->skipping = true;
    reader->start = reader->scanned = reader->input.len;
    return told ? LINE_NONE : LINE_TOO_LONG;
}

enum line_outcome linereader_next(struct linereader *reader, const char **out_line, size_t *out_len)
{
    const char *end;

    while ((end = find_end(reader)) != NULL) {
        const char *line = reader->input.data + reader->start;

        reader->start = reader->scanned;
        if (reader->skipping) { /* it was told of before */
            reader->skipping = false;
            continue;
        }
        if ((size_t)(end - line) > reader->max)
            return LINE_TOO_LONG;
        *out_line = line;
        *out_len = (size_t)(end - line);
        return LINE_TAKEN;
    }
    return check_unfinished(reader);
}
