/* SPDX-License-Identifier: Apache-2.0 */
/* The output of a command. */
#include "model/output.h"

#include <string.h>

#include "ecsengine/error.h"
#include "model/limits.h"
#include "model/record.h"

enum { HEAD = 1 + sizeof(uint32_t) };

void output_free(struct exec_output *output)
{
    if (output == NULL)
        return;
    mem_free(output->mem, output->data);
    mem_free(output->mem, output);
}

static void set_length(struct exec_output *output, size_t at, uint32_t len) { memcpy(output->data + at + 1, &len, sizeof(len)); }

static uint32_t length_at(const struct exec_output *output, size_t at)
{
    uint32_t len;

    memcpy(&len, output->data + at + 1, sizeof(len));
    return len;
}

int output_add(struct exec_output *output, uint8_t stream, const void *bytes, size_t len)
{
    size_t room = LIMIT_OUTPUT - output->kept, taken = len < room ? len : room;
    bool goes_on = output->len > 0 && (uint8_t)output->data[output->last] == stream;

    if (output->len + HEAD + taken > output->cap && taken > 0) {
        size_t cap = output->cap * 2 > output->len + HEAD + taken ? output->cap * 2 : output->len + HEAD + taken;
        char *grown = mem_grow(output->mem, output->data, cap);
        if (grown == NULL)
            return ECSENGINE_ENOMEM;
        output->data = grown;
        output->cap = cap;
    }
    output->cut = output->cut || taken < len;
    if (taken == 0)
        return 0;
    if (!goes_on) {
        output->last = output->len;
        output->data[output->len] = (char)stream;
        set_length(output, output->last, 0);
        output->len += HEAD;
    }
    memcpy(output->data + output->len, bytes, taken);
    set_length(output, output->last, length_at(output, output->last) + (uint32_t)taken);
    output->len += taken;
    output->kept += taken;
    return 0;
}

const char *output_next(const struct exec_output *output, size_t *at, uint8_t *out_stream, size_t *out_len)
{
    if (output == NULL || *at >= output->len)
        return NULL;
    const char *piece = output->data + *at + HEAD;
    *out_stream = (uint8_t)output->data[*at];
    *out_len = length_at(output, *at);
    *at += HEAD + *out_len;
    return piece;
}

void output_put(struct buf *buf, const struct exec_output *output, const struct secret_mask *mask)
{
    size_t at = 0, len = output->len;
    uint8_t stream;
    const char *data = mask->hidden ? output_next(output, &at, &stream, &len) : output->data; /* what is hidden is one piece */

    record_number(buf, output->cut);
    secret_put(buf, mask, data != NULL ? data : "", data != NULL ? len : 0);
}

struct exec_output *output_get(struct record_getter *getter)
{
    struct exec_output *output = mem_zalloc(getter->mem, sizeof(*output));
    size_t len;

    if (output == NULL) {
        getter->no_memory = true;
        return NULL;
    }
    output->mem = getter->mem;
    bool cut = record_read_number(getter->reader, 1) != 0;
    const char *text = record_read_text(getter->reader, SECRET_TEXT, &len);
    if (output_add(output, 1, text, len) < 0) {
        output_free(output);
        getter->no_memory = true;
        return NULL;
    }
    output->cut = cut;
    return output;
}
