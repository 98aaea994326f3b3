/* SPDX-License-Identifier: Apache-2.0 */
/* The one writer of standard output: never blocks, bounded, and it knows which event has arrived.
 *
 * What is added waits in memory until the reader takes it. The loop takes no more events and reads no more commands while
 * output_full(): so a reader that pauses costs a bounded amount of memory, and the engine, whose own queue of events is bounded by its
 * tasks, works on. An event is acknowledged when the last byte of its line was written, not before. */
#ifndef ECSENGINE_RUN_OUTPUT_H
#define ECSENGINE_RUN_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ecsengine/event.h>

#include "text.h"

struct output_mark {
    uint64_t offset; /* bytes of output, from the beginning, that must be written */
    uint64_t event_id;
};

struct output {
    int fd;
    bool socket;
    bool broken;   /* nobody reads any more: what is added is dropped */
    bool careless; /* acknowledge even what nobody read */
    struct text waiting;
    size_t start;     /* bytes of `waiting` that are written */
    uint64_t written; /* bytes, from the beginning */
    struct output_mark *marks;
    size_t mark_first;
    size_t mark_count;
    size_t mark_cap;
};

void output_open(struct output *out, int fd);
void output_close(struct output *out);
void output_add(struct output *out, const char *data, size_t len);
void output_event(struct output *out, uint64_t event_id); /* acknowledge once all that was added so far is written */
size_t output_pending(const struct output *out);           /* bytes that wait */
bool output_idle(const struct output *out);                /* all is written, and acknowledged */
bool output_full(const struct output *out);
void output_write(struct output *out, ecsengine *engine); /* what can be written without waiting; then acknowledges */

#endif
