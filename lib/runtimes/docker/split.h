/* SPDX-License-Identifier: Apache-2.0 */
/* Cuts a stream of bytes into whole JSON objects, however the bytes were cut on their way: objects one after another (events, pull
 * progress), or the elements of one array (lists). At most one object is held, and its size and depth are bounded. */
#ifndef DOCKER_SPLIT_H
#define DOCKER_SPLIT_H

#include "runtimes/docker/bytes.h"
#include "runtimes/docker/json.h"

enum { DOCKER_OBJECT_MAX = 1024 * 1024 }; /* bytes of one object */

enum docker_split_state {
    DOCKER_SPLIT_START,   /* an object, or the array's `[`, comes */
    DOCKER_SPLIT_FIRST,   /* after the array's `[` */
    DOCKER_SPLIT_ELEMENT, /* after a comma: an object has to come */
    DOCKER_SPLIT_INSIDE,  /* in an object */
    DOCKER_SPLIT_BETWEEN, /* in the array, after an object */
    DOCKER_SPLIT_END      /* after the array */
};

struct docker_split {
    struct docker_bytes object;
    enum docker_split_state state;
    bool array;
    bool in_string;
    bool escaped;
    int depth;
};

void docker_split_init(struct docker_split *split, bool array);
void docker_split_free(struct docker_split *split);

/* Gives each object that is complete to `each`, which returns false to stop. Returns false if it did, or with a fault. */
bool docker_split_feed(struct docker_split *split, const char *data, size_t len,
                       bool (*each)(const char *text, size_t len, void *user_data), void *user_data, struct docker_fault *fault);

/* Says whether the stream may end here; if not, with a fault. */
bool docker_split_end(const struct docker_split *split, struct docker_fault *fault);

#endif
