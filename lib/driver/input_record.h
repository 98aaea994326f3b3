/* SPDX-License-Identifier: Apache-2.0 */
/* An input in bytes, for recordings: everything that can come into an engine, as it is when it is applied. Definitions are written once
 * and named by their hash after that; secrets are hashed. */
#ifndef DRIVER_INPUT_RECORD_H
#define DRIVER_INPUT_RECORD_H

#include "driver/mailbox.h"
#include "ecsengine/runtime.h"
#include "ecsengine/store.h"
#include "model/op_record.h"

/* How the store answered; one at a time, so it lives in the engine's handle. */
struct store_answer {
    struct input input;
    uint64_t batch_id;
    int code;
};

/* What writer and reader must both remember. */
struct input_codec {
    struct mailbox *mailbox;
    struct secret_mask mask;
    uint64_t first_op;      /* an operation with a smaller id was made before the recording began */
    struct map definitions; /* struct known_definition, by hash */
    struct list known;      /* the same, in the order in which they were written */
    size_t known_count;
};

void input_codec_init(struct input_codec *codec, struct mailbox *mailbox);
void input_codec_free(struct input_codec *codec);
/* Forgets what was learnt since there were so many. */
void input_codec_unlearn(struct input_codec *codec, size_t count);
struct definition *input_codec_find(void *codec, uint64_t hash); /* NULL: none, or it was written */

/* Failures in buf->failed. */
void input_put(struct input_codec *codec, struct buf *buf, const struct input *input);

/* Who is asked for the operation with that id, as the taker of operations; with a reference for the input, or NULL. */
typedef struct ecsengine_op *input_op_fn(void *context, uint64_t id);
/* NULL in `*out_input`: it was about an operation that nobody waited for any more, and had no effect. The answer of a store goes into
 * `answer`. ECORRUPT, ENOMEM. */
int input_get(struct input_codec *codec, struct record_reader *reader, input_op_fn *find_op, void *context, struct store_answer *answer,
              struct input **out_input);

/* Appends what it says as one JSON object. */
void input_describe(const struct input *input, struct buf *buf);

#endif
