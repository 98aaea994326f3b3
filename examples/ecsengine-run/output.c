/* SPDX-License-Identifier: Apache-2.0 */
/* The one writer of standard output.
 *
 * It must not block, and it must not make the descriptor non-blocking either: that flag belongs to the open file, which the shell or
 * the program that started us shares. Poll promises that one piece of PIPE_BUF bytes fits into a pipe or a terminal that is ready, so
 * pieces of that size are written, each after a poll; a socket has a flag of its own for it. */
#include "output.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Above this much unwritten output the loop adds no more of its own. One more line of any size may still come. */
#define OUTPUT_FULL ((size_t)1 << 20)

void output_open(struct output *out, int fd)
{
    struct stat status;

    *out = (struct output){.fd = fd};
    out->socket = fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode);
}

void output_close(struct output *out)
{
    text_free(&out->waiting);
    free(out->marks);
    *out = (struct output){.fd = -1};
}

void output_add(struct output *out, const char *data, size_t len)
{
    if (!out->broken)
        text_add(&out->waiting, data, len);
}

void output_event(struct output *out, uint64_t event_id)
{
    if (out->broken && !out->careless)
        return;
    if (out->mark_first > out->mark_cap / 2) {
        out->mark_count -= out->mark_first;
        memmove(out->marks, out->marks + out->mark_first, out->mark_count * sizeof(*out->marks));
        out->mark_first = 0;
    }
    if (out->mark_count == out->mark_cap) {
        out->mark_cap = out->mark_cap == 0 ? 64 : out->mark_cap * 2;
        out->marks = need(reallocarray(out->marks, out->mark_cap, sizeof(*out->marks)));
    }
    out->marks[out->mark_count++] = (struct output_mark){out->written + output_pending(out), event_id};
}

size_t output_pending(const struct output *out)
{
    return out->waiting.len - out->start;
}

bool output_idle(const struct output *out)
{
    return output_pending(out) == 0 && out->mark_first == out->mark_count;
}

bool output_full(const struct output *out)
{
    return output_pending(out) >= OUTPUT_FULL;
}

/* One piece. Returns the bytes written, 0 if the reader is not ready, negative if there is none. */
static ssize_t write_piece(struct output *out, const char *data, size_t len)
{
    struct pollfd ready = {.fd = out->fd, .events = POLLOUT};
    ssize_t count;

    if (out->socket) {
        count = send(out->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);
    } else {
        if (poll(&ready, 1, 0) <= 0)
            return 0;
        count = write(out->fd, data, len < PIPE_BUF ? len : PIPE_BUF);
    }
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    return count;
}

static void acknowledge(struct output *out, ecsengine *engine)
{
    while (out->mark_first < out->mark_count) {
        if (!out->careless && (out->broken || out->marks[out->mark_first].offset > out->written))
            return;
        if (ecsengine_event_ack(engine, out->marks[out->mark_first].event_id, NULL) == ECSENGINE_ENOMEM)
            return; /* tried again at the next call */
        out->mark_first++;
    }
}

void output_write(struct output *out, ecsengine *engine)
{
    ssize_t count = 0;

    while (!out->broken && output_pending(out) > 0) {
        count = write_piece(out, out->waiting.data + out->start, output_pending(out));
        if (count <= 0)
            break;
        out->start += (size_t)count;
        out->written += (uint64_t)count;
    }
    if (count < 0)
        out->broken = true;
    if (out->broken || output_pending(out) == 0) {
        if (out->waiting.cap > OUTPUT_FULL)
            text_free(&out->waiting);
        out->waiting.len = out->start = 0;
    } else if (out->start > OUTPUT_FULL / 2) {
        memmove(out->waiting.data, out->waiting.data + out->start, output_pending(out));
        out->waiting.len -= out->start;
        out->start = 0;
    }
    acknowledge(out, engine);
}
