/* SPDX-License-Identifier: Apache-2.0 */
/* What a host has seen of an engine, kept. */
#ifndef TEST_SEEN_H
#define TEST_SEEN_H

#include <stdbool.h>
#include <stdint.h>

#include "ecsengine/ecsengine.h"

/* An event as it was taken. Texts are owned. */
struct seen_event {
    int64_t at_ns;
    enum ecsengine_event_kind kind;
    uint64_t id;
    char *task;      /* the last part of its ARN, or "" */
    char *container; /* or "" */
    char *status, *reason;
    bool has_exit_code, acked;
    bool heard; /* the acknowledgement has reached an engine */
    int32_t exit_code;
    char *ports; /* `80/tcp 53/udp` */
    char *digest;
    uint64_t command_id;
    int command_code;
};

/* An operation as it was submitted. */
struct seen_op {
    int64_t at_ns;
    enum ecsengine_op_kind kind;
    uint64_t id;
    char *task, *container; /* as above */
    char *image;
};

#endif
