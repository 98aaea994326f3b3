/* SPDX-License-Identifier: Apache-2.0 */
/* An event: what the host is told. Immutable once it has left the turn; belongs to whoever took it. */
#ifndef MODEL_EVENT_H
#define MODEL_EVENT_H

#include "base/list.h"
#include "base/root.h"
#include "ecsengine/event.h"
#include "model/definition.h"
#include "model/input.h"
#include "model/manifest.h"
#include "model/result.h"

struct ecsengine_event {
    struct root *root;
    _Atomic uint32_t refs;
    struct input taken; /* event-ack=auto: says to the turn that the host has it */
    struct list link;  /* the queue of events to hand out */
    uint64_t batch_id; /* leaves when this batch is durable; 0: at once */
    uint64_t id;
    uint64_t command_id;
    int64_t time_ns;
    int64_t pull_started_at;
    int64_t pull_stopped_at;
    int64_t execution_stopped_at;
    int command_code;
    int32_t exit_code;
    uint16_t container_index;
    uint8_t agent_index;
    uint8_t kind;
    uint8_t status; /* of a task, a container or an agent, or enum event_word */
    bool has_exit_code;
    struct str *arn;
    struct str *reason;
    struct str *runtime_id;
    struct str *image_digest;
    struct definition *definition;
    struct ports *ports;
    uint32_t ports_told; /* at most so many of them; 0: all */
    uint8_t family;      /* of the addresses of those; enum event_family */
    struct stop_candidates *candidates;
    struct exec_output *output; /* EXEC_DONE, or NULL */
    struct ecsengine_event *batch;      /* TASK: the first of the events that it sums up, each with a reference */
    struct ecsengine_event *batch_next; /* CONTAINER, MANAGED_AGENT: the next one */
};

/* Begins the life of zeroed memory as an event with one reference; NULL is passed on. */
struct ecsengine_event *event_init(struct ecsengine_event *event, struct root *root, enum ecsengine_event_kind kind);

enum event_family { EVENT_ANY_FAMILY = 0, EVENT_NO_IPV6, EVENT_NO_IPV4 };

/* Gives up a chain of events. NULL is fine. */
void event_batch_free(struct ecsengine_event *first);

enum event_word { EVENT_WORD_NONE = 0, EVENT_CONNECTED, EVENT_UNREACHABLE, EVENT_FAILING, EVENT_WORKING, EVENT_DAMAGED };

#endif
