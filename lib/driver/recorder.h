/* SPDX-License-Identifier: Apache-2.0 */
/* The recorder: what an engine was given, turn by turn, and what came of it, as bytes for the host to keep.
 *
 * A recording is a line of text and a sequence of chunks, each with its length before it and in a record's frame (model/record.h):
 *
 *   H  first: the library's version, the seed, every setting, and whether the engine is new or in the middle of its life
 *   S  in the middle: its whole state (driver/snapshot.h)
 *   R  a record that was given back; E all were
 *   T  a turn: its times, its inputs in the order in which they were applied, its outputs
 *
 * Of an output there are its kind, its id and a hash of its bytes: enough to see that a replay does the same, byte for byte, and to
 * name the first that is not. A turn that did nothing, because nothing came in and nothing was due, is left out.
 *
 * The recorder is called under the engine's lock and never fails a turn: when it has no memory it is the recording that ends. */
#ifndef DRIVER_RECORDER_H
#define DRIVER_RECORDER_H

#include "driver/driver.h"
#include "ecsengine/record.h"

#define RECORDING_MAGIC "ecsengine recording 1\n"

enum { TURN_FAILED = 1, TURN_KEEPS = 2 }; /* flags: memory was lacking; records are kept */
enum { OUTPUT_EVENT = 64, OUTPUT_BATCH = 96 }; /* tags: an operation has its kind, an event its kind above 64 */
enum { START_NEW = 0, START_MIDDLE = 1 };

struct recorder {
    struct input_codec codec;
    struct buf pending;  /* chunks for the host */
    struct buf writing;  /* chunks that it is being given; under record_lock */
    struct buf body;     /* of the chunk in the making */
    struct buf inputs;   /* of the turn */
    struct buf outputs;  /* of the turn */
    struct buf scratch;  /* the bytes of one output */
    uint64_t input_count;
    uint64_t output_count;
    bool due;            /* something was, at the beginning of the turn */
    bool failed;         /* no memory: nothing more is recorded */
    bool keeps;          /* chunks go nowhere: a replay compares `outputs` */
    ecsengine_record_fn write;
    void *write_data;
};

/* Where an input begins, to be taken back if it could not be applied. */
struct recorder_mark {
    size_t len;
    size_t known;
};

struct recorder *recorder_new(struct mailbox *mailbox, const uint64_t key[2]);
void recorder_free(struct recorder *recorder); /* NULL is fine */
/* The first chunks. ENOMEM; ESTATE: records are being given back, or an input waits for memory. */
int recorder_begin(struct recorder *recorder, struct ecsengine *handle);
/* Records that are given back. NULL: all are. */
void recorder_restored(struct recorder *recorder, const char *key, const void *value, size_t len);

void recorder_turn(struct recorder *recorder, const struct ecsengine *handle, bool due);
struct recorder_mark recorder_input(struct recorder *recorder, const struct input *input);
void recorder_take_back(struct recorder *recorder, struct recorder_mark mark);
void recorder_turn_end(struct recorder *recorder, struct ecsengine *handle, const struct list *ops, const struct list *events,
                       bool commit, int64_t deadline_ns, int code);
/* Hands what is complete to the host. Out of the lock. */
void recorder_flush(struct ecsengine *handle);

#endif
