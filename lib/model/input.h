/* SPDX-License-Identifier: Apache-2.0 */
/* What comes into an engine. Every input is one node of the inbox; the nodes of completions and updates live in their operation, so that
 * answering never needs memory. */
#ifndef MODEL_INPUT_H
#define MODEL_INPUT_H

#include "base/list.h"
#include "base/str.h"
#include "model/definition.h"
#include "model/status.h"

enum input_kind {
    INPUT_NONE = 0,
    INPUT_COMMAND,       /* struct command */
    INPUT_COMPLETION,    /* in struct ecsengine_op */
    INPUT_UPDATE,        /* in struct ecsengine_op */
    INPUT_RUNTIME_EVENT, /* struct runtime_notice */
    INPUT_RUNTIME_LOST,  /* struct runtime_notice */
    INPUT_ACK,           /* struct acknowledgement */
    INPUT_TAKEN,         /* in struct ecsengine_event: taken, which acknowledges it */
    INPUT_STORE_DONE,    /* the driver's own */
};

struct input {
    struct list link;
    uint8_t kind;
};

enum command_kind { COMMAND_TASK_ADD = 1, COMMAND_TASK_STOP, COMMAND_TASK_KILL, COMMAND_SHUTDOWN,
                    COMMAND_TASK_MANIFEST, COMMAND_STOP_VERIFIED, COMMAND_PAYLOAD_SEQUENCE,
                    COMMAND_CREDENTIALS_SET, COMMAND_CREDENTIALS_REMOVE, COMMAND_HOST_SET, COMMAND_EXEC };

struct task;
struct credentials;
struct manifest;
struct setting;
struct settings;
struct ecsengine_event;

struct command {
    struct input input;
    uint8_t kind;
    uint64_t id;
    struct str *arn;
    task_status desired;         /* TASK_ADD */
    struct task *task;           /* TASK_ADD: made beforehand, so that admission needs no memory; taken if the ARN is new */
    struct credentials *credentials[2]; /* TASK_ADD: of its execution role, of its own role; CREDENTIALS_SET: the first */
    struct str *text;            /* CREDENTIALS_REMOVE: the id; EXEC: the container's name */
    struct manifest *manifest;   /* TASK_MANIFEST, STOP_VERIFIED */
    int64_t number;              /* PAYLOAD_SEQUENCE; EXEC: nanoseconds that it has */
    char *config;                /* EXEC */
    size_t config_len;
    const struct setting *setting; /* HOST_SET */
    struct settings *values;     /* HOST_SET: with the new value among them */
    struct ecsengine_event *done; /* COMMAND_DONE, made beforehand */
};

struct ecsengine_result;

struct runtime_notice {
    struct input input;
    uint8_t kind; /* enum ecsengine_runtime_event_kind */
    struct str *container;
    struct str *reason;
    struct ecsengine_result *details; /* or NULL */
};

struct acknowledgement {
    struct input input;
    uint64_t event_id;
};

#endif
