/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a recording. Checksums are put right first, as somebody would who damages a recording with intent: what is behind them is
 * what is to be tried.
 *
 *     ./fuzz_replay corpus
 *
 * What must hold: an end, by an error or by the last turn; and the engine of a replay can be asked, whatever it was fed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "ecsengine/ecsengine.h"
#include "model/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const char magic[] = "ecsengine recording 1\n";

enum { MAGIC = sizeof(magic) - 1, TURNS_MAX = 2000, CHECKSUM = 8, HEAD = 5 };

/* The same chunks, each in a frame that is right. */
static void reframe(struct buf *out, const uint8_t *data, size_t len)
{
    struct record_reader reader = {.at = data, .end = data + len};

    buf_put(out, magic, MAGIC);
    while (reader.at < reader.end) {
        size_t chunk = record_read_number(&reader, 1 << 20);
        size_t left = (size_t)(reader.end - reader.at);
        if (reader.bad)
            break;
        chunk = chunk < left ? chunk : left;
        size_t body = chunk > HEAD + CHECKSUM ? chunk - HEAD - CHECKSUM : 0;
        struct buf frame;
        buf_init(&frame, out->mem, 0);
        size_t start = record_begin(&frame, chunk > 3 ? (char)reader.at[3] : 'T');
        buf_put(&frame, body > 0 ? reader.at + HEAD : (const uint8_t *)"", body);
        record_end(&frame, start);
        record_number(out, frame.len);
        buf_put(out, frame.data, frame.len);
        buf_free(&frame);
        reader.at += chunk;
    }
}

static void replay_it(const void *data, size_t len)
{
    ecsengine_replay *replay = NULL;
    ecsengine_text *text = NULL;
    int turns = 0;

    if (ecsengine_replay_new(data, len, NULL, &replay, NULL) < 0)
        return;
    while (turns++ < TURNS_MAX && ecsengine_replay_next(replay, NULL) > 0)
        if (ecsengine_replay_inputs(replay, &text, NULL) == 0)
            ecsengine_text_free(text);
    text = NULL;
    if (ecsengine_task_list(ecsengine_replay_engine(replay), &text, NULL) < 0)
        abort();
    ecsengine_text_free(text);
    ecsengine_replay_free(replay);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct mem mem;
    struct buf whole;

    replay_it(data, len);
    mem_init(&mem, NULL);
    buf_init(&whole, &mem, 0);
    if (len > MAGIC) {
        reframe(&whole, data + MAGIC, len - MAGIC);
        void *exact = malloc(whole.len); /* a block of its own length, so that a sanitizer sees a byte read too far */
        memcpy(exact, whole.data, whole.len);
        replay_it(exact, whole.len);
        free(exact);
    }
    buf_free(&whole);
    mem_close(&mem);
    return 0;
}
