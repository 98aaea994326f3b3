/* SPDX-License-Identifier: Apache-2.0 */
/* Output of a process as Docker multiplexes it: frames of 8 bytes of header (the stream, three zeros, the length in network order) and
 * their content, cut anywhere by the transport. Lengths are believed for counting alone: nothing is kept but a header. */
#ifndef DOCKER_FRAMES_H
#define DOCKER_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtimes/docker/json.h"

struct docker_frames {
    unsigned char header[8];
    size_t header_len;
    uint32_t left;      /* of the content of the frame that is being read */
    int stream;         /* 1 stdout, 2 stderr, 3 the daemon's own word that something went wrong */
    char error[256];    /* what it said */
    size_t error_len;
};

/* Takes a piece of output; false ends the feeding. */
typedef bool (*docker_frames_fn)(int stream, const char *data, size_t len, void *user_data);

/* False with a fault for a stream that does not exist, and when `take` says so. */
bool docker_frames_feed(struct docker_frames *frames, const char *data, size_t len, docker_frames_fn take, void *user_data,
                        struct docker_fault *fault);

/* No more comes: a fault if that is in the middle of a frame, or if the daemon has told an error of its own. */
void docker_frames_end(const struct docker_frames *frames, struct docker_fault *fault);

#endif
