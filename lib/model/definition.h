/* SPDX-License-Identifier: Apache-2.0 */
/* A task's definition: everything of a task that does not change while it lives, and that tasks of one family and revision share.
 *
 * Immutable once it is built; counted; one arena. The engine keeps equal definitions once (interned by content), so a thousand tasks
 * cost one definition. What a container runtime is asked for is kept as JSON that is rendered already, without the parts that depend
 * on the task (labels, names of linked containers); spec/container_config.c puts both together when a create is released. */
#ifndef MODEL_DEFINITION_H
#define MODEL_DEFINITION_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/map.h"

enum condition {
    CONDITION_NONE = 0,
    CONDITION_START = 1,
    CONDITION_COMPLETE = 2,
    CONDITION_SUCCESS = 3,
    CONDITION_HEALTHY = 4,
    CONDITION_CREATE = 5, /* made by volumesFrom; not for users */
};

enum protocol { PROTOCOL_TCP = 0, PROTOCOL_UDP = 1 };

struct dependency {
    uint16_t on; /* index into the definition's containers */
    uint8_t condition;
};

struct link {
    uint16_t target; /* index */
    const char *alias;
};

struct volumes_from {
    uint16_t source; /* index */
    bool read_only;
};

struct port_mapping {
    uint16_t container_port;
    uint16_t host_port; /* 0: the runtime chooses */
    uint8_t protocol;
};

struct container_def {
    const char *name;
    const char *image; /* as the user wrote it */
    bool essential;
    bool health_check; /* healthCheckType is `docker`: health is reported */
    uint32_t cpu_units;
    uint32_t memory_mib;                /* hard limit, 0: none */
    uint64_t memory_reservation_bytes;  /* soft limit, 0: none */
    int64_t start_timeout_ns;           /* 0: none */
    int64_t stop_timeout_ns;            /* 0: the configured default */
    uint16_t dependency_count;
    uint16_t link_count;
    uint16_t volumes_from_count;
    uint16_t port_count;
    const struct dependency *dependencies; /* in the order of the document, then volumesFrom, then links */
    const struct link *links;
    const struct volumes_from *volumes_from;
    const struct port_mapping *ports;
    const char *config_json;      /* members of Docker's Config without Labels: `"Image":"busybox","Cmd":["true"]`, never empty */
    const char *labels_json;      /* members of Config.Labels, or "" */
    const char *host_config_json; /* members of HostConfig without what `links` and `volumes_from` bring, or "" */
};

struct definition {
    struct map_node by_content; /* the engine's table of definitions */
    uint32_t tasks;           /* that use it; the engine's */
    uint32_t tasks_going;     /* of them, those that the batch in the making deletes */
    uint64_t saved_batch;     /* the batch with its record; 0: none */
    _Atomic uint32_t refs;
    struct arena arena;
    const char *family;
    const char *version;
    const char *network_mode; /* `bridge` where the document has none */
    const char *launch_type;
    uint32_t cpu_units;  /* of the task: vCPU * 1024, truncated; 0: not set */
    uint64_t memory_mib; /* of the task; 0: not set */
    uint16_t container_count;
    struct container_def *containers;
    const unsigned char *content; /* the definition as record bytes (model/record.h): what interning compares */
    size_t content_len;
    uint64_t hash; /* of the content: what records refer to it by */
};

/* A definition with an arena and nothing in it; references: 1. NULL: no memory. */
struct definition *definition_new(struct mem *mem);
struct definition *definition_ref(struct definition *definition);
void definition_unref(struct definition *definition); /* NULL is fine; any thread */

/* Sets `content`. Last step of building one. 0 or ECSENGINE_ENOMEM. */
int definition_seal(struct definition *definition);

/* The other way: a definition out of record bytes. ECSENGINE_ECORRUPT, ECSENGINE_ENOMEM. */
int definition_decode(struct mem *mem, const unsigned char *content, size_t len, struct definition **out_definition);

/* The index of the container with that name, or -1. */
int definition_find(const struct definition *definition, const char *name);

#endif
