/* SPDX-License-Identifier: Apache-2.0 */
/* Frames, byte by byte as they come. */
#include "runtimes/docker/frames.h"

#include <string.h>

#include "runtimes/docker/bytes.h"

enum { STREAM_STDIN = 0, STREAM_STDOUT = 1, STREAM_STDERR = 2, STREAM_ERROR = 3 };

/* The header is whole. Docker's own client writes what comes as stdin to its stdout. */
static bool begin_frame(struct docker_frames *frames, struct docker_fault *fault)
{
    const unsigned char *header = frames->header;

    if (header[0] > STREAM_ERROR) {
        docker_fault_set(fault, "a frame of it belongs to a stream %u, which there is not", (unsigned)header[0]);
        return false;
    }
    frames->stream = header[0] == STREAM_STDIN ? STREAM_STDOUT : header[0];
    frames->left = (uint32_t)header[4] << 24 | (uint32_t)header[5] << 16 | (uint32_t)header[6] << 8 | header[7];
    return true;
}

static void note_error(struct docker_frames *frames, const char *data, size_t len)
{
    size_t room = sizeof(frames->error) - frames->error_len;

    if (len > room)
        len = room;
    memcpy(frames->error + frames->error_len, data, len);
    frames->error_len += len;
}

bool docker_frames_feed(struct docker_frames *frames, const char *data, size_t len, docker_frames_fn take, void *user_data,
                        struct docker_fault *fault)
{
    while (len > 0) {
        size_t used;

        if (frames->left > 0) {
            used = len < frames->left ? len : frames->left;
            if (frames->stream == STREAM_ERROR)
                note_error(frames, data, used);
            else if (!take(frames->stream, data, used, user_data))
                return false;
            frames->left -= (uint32_t)used;
        } else {
            used = sizeof(frames->header) - frames->header_len;
            used = len < used ? len : used;
            memcpy(frames->header + frames->header_len, data, used);
            frames->header_len += used;
            if (frames->header_len == sizeof(frames->header)) {
                frames->header_len = 0;
                if (!begin_frame(frames, fault))
                    return false;
            }
        }
        data += used;
        len -= used;
    }
    return true;
}

void docker_frames_end(const struct docker_frames *frames, struct docker_fault *fault)
{
    char text[sizeof(fault->text) - 40];

    if (frames->error_len > 0) {
        docker_text_clean(text, sizeof(text), frames->error, frames->error_len);
        docker_fault_set(fault, "error from daemon in stream: %s", text);
    } else if (frames->left > 0 || frames->header_len > 0) {
        docker_fault_set(fault, "it ends in the middle of a frame");
    }
}
