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
#include "model/need.h"

enum condition {
    CONDITION_NONE = 0,
    CONDITION_START = 1,
    CONDITION_COMPLETE = 2,
    CONDITION_SUCCESS = 3,
    CONDITION_HEALTHY = 4,
    CONDITION_CREATE = 5, /* made by volumesFrom; not for users */
};

/* Who made a container (task-engine: 1.6). All but NORMAL are internal: nobody is told of them. */
enum container_type {
    CONTAINER_NORMAL = 0,
    CONTAINER_EMPTY_HOST_VOLUME = 1,
    CONTAINER_CNI_PAUSE = 2,
    CONTAINER_NAMESPACE_PAUSE = 3,
    CONTAINER_SERVICE_CONNECT_RELAY = 4,
    CONTAINER_MANAGED_DAEMON = 5,
};

/* What a task has beside its containers, made before those that need it and gone after them (task-engine: 1.6). */
enum resource_kind {
    RESOURCE_OF_HOST = 0, /* the host makes it: RESOURCE_CREATE and RESOURCE_REMOVE */
    RESOURCE_VOLUME = 1,
};

enum protocol { PROTOCOL_TCP = 0, PROTOCOL_UDP = 1 };

struct dependency {
    uint16_t on; /* index into the definition's containers */
    uint8_t condition;
};

/* The step to `next` waits until what it names is at least `satisfied`: a transition dependency (task-engine: 4.1). */
struct transition_dependency {
    uint16_t on;       /* index into the definition's containers, or resources */
    uint8_t next;      /* container_status, or resource_status */
    uint8_t satisfied; /* the same, of what it names */
};

struct text_pair {
    const char *key;
    const char *value;
};

/* A mount of a resource's volume, and all others of a container that has such: the name of the source is known only when a create leaves. */
struct bind {
    bool of_resource;
    uint16_t resource;  /* index, if of_resource */
    const char *source; /* a path of the host, else "" */
    const char *target; /* `<container path>` or `<container path>:ro` */
};

struct resource_def {
    const char *name; /* in the task; no two have the same */
    uint8_t kind;     /* enum resource_kind */
    const char *type; /* what the host calls it; `dockerVolume` for a volume */
    bool shared;      /* a volume that is not the task's own: its name is the volume's, and it is never removed */
    bool autoprovision;
    const char *driver;
    uint16_t option_count;
    uint16_t label_count;
    uint16_t dependency_count;
    const struct text_pair *options; /* of the driver; sorted by key */
    const struct text_pair *labels;  /* the same */
    const char *config_json;         /* RESOURCE_OF_HOST: as it stood in the document, compact; "{}" where there was none */
    const struct transition_dependency *dependencies; /* on containers, for CREATED */
};

struct link {
    uint16_t target; /* index */
    const char *alias;
};

struct volumes_from {
    uint16_t source; /* index */
    bool read_only;
};

/* How the registry is asked that an image comes from (task-payload: 2.3). */
struct registry_auth {
    const char *type;    /* `ecr` */
    bool execution_role; /* with the credentials of the task's execution role, else with the host's own */
    const char *details; /* JSON */
};

/* A container that ends is started again (task-engine: section 9). */
struct restart_policy {
    int64_t period_ns; /* what a run must last at least, to be followed by another one */
    uint16_t ignored_count;
    const int32_t *ignored; /* exit codes after which it stays stopped */
};

/* How a managed agent is made ready, run and looked after (exec_agent.h): JSON in which `${...}` stands for what is only known when a
 * container is made. */
struct agent_description {
    const char *name;
    const char *exec;    /* the body of what creates the exec */
    const char *prepare; /* what the host does before the container is created; "": nothing */
    const char *binds;   /* what is mounted: elements of HostConfig.Binds, or "" */
    const char *clean;   /* what the host does when the task is gone; "": nothing */
    int64_t interval_ns; /* between two looks; 0: the configured one */
    int64_t delay_min_ns; /* before it is started again: doubled each time ... */
    int64_t delay_max_ns; /* ... up to this */
    int64_t steady_ns;   /* a run that lasts so long begins the count anew */
    uint32_t tries;      /* that fail in a row, until it is given up */
};

/* An agent that a container wants. */
struct managed_agent {
    const char *name;
    const struct agent_description *description;
    uint16_t property_count;
    const struct text_pair *properties; /* in the order of the document */
};

/* One port, or a range of `count`. */
struct port_mapping {
    uint16_t container_port; /* the first */
    uint16_t host_port;      /* the first; 0: the engine chooses at admission, or the runtime does */
    uint16_t count;
    uint8_t protocol;
    bool is_range;
    bool engine_chooses;
};

/* A place in rendered JSON where something goes that is known at admission. */
struct splice {
    uint32_t at;      /* bytes before it */
    uint16_t mapping; /* the host port of this mapping ... */
    uint16_t offset;  /* ... and of this port of its range */
};

/* `ExecuteCommandAgent` (model/agent_builtin.c). */
extern const struct agent_description agent_builtin;

struct container_def {
    const char *name;
    const char *image; /* as the user wrote it */
    bool essential;
    bool health_check; /* healthCheckType is `docker`: health is reported */
    uint8_t type;      /* enum container_type */
    uint8_t steady;    /* container_status: where it stays while the task runs */
    uint32_t cpu_units;
    uint32_t memory_mib;                /* hard limit, 0: none */
    uint64_t memory_reservation_bytes;  /* soft limit, 0: none */
    int64_t start_timeout_ns;           /* 0: none */
    int64_t stop_timeout_ns;            /* 0: the configured default */
    uint16_t dependency_count;
    uint16_t run_dependency_count;
    uint16_t container_wait_count;
    uint16_t resource_wait_count;
    uint16_t bind_count;
    uint16_t link_count;
    uint16_t volumes_from_count;
    uint16_t port_count;
    uint16_t gpu_count;    /* GPUs that the engine chooses */
    uint16_t gpu_id_count; /* GPUs that the document names */
    uint16_t gpu_splice_count;
    uint16_t port_splice_count;
    uint16_t agent_count;
    const struct managed_agent *agents;
    const char *const *gpu_ids;
    const struct splice *gpu_splices;  /* in config_json: the ids of the container's GPUs, with commas */
    const struct splice *port_splices; /* in host_config_json */
    const struct dependency *dependencies; /* in the order of the document, then volumesFrom, then links */
    const uint16_t *run_dependencies; /* indices: the older form of START (RunDependencies) */
    const struct transition_dependency *container_waits;
    const struct transition_dependency *resource_waits;
    const struct bind *binds; /* none: host_config_json has them, or there are none */
    const struct link *links;
    const struct volumes_from *volumes_from;
    const struct port_mapping *ports;
    const struct registry_auth *registry_auth; /* NULL: what the host has for all */
    const struct restart_policy *restart; /* NULL: none, or not enabled */
    const char *config_json;      /* members of Docker's Config without Labels: `"Image":"busybox","Cmd":["true"]`, never empty */
    const char *labels_json;      /* members of Config.Labels, or "" */
    const char *host_config_json; /* members of HostConfig without what `binds`, `links` and `volumes_from` bring, or "" */
};

/* In place of a batch: an earlier life has written the record. */
#define SAVED_BEFORE ((uint64_t)INT64_MAX)

struct definition {
    struct map_node by_content; /* the engine's table of definitions */
    uint32_t tasks;           /* that use it; the engine's */
    uint32_t tasks_going;     /* of them, those that the batch in the making deletes */
    uint64_t saved_batch;     /* the batch with its record; 0: none; or SAVED_BEFORE */
    _Atomic uint32_t refs;
    struct arena arena;
    const char *family;
    const char *version;
    const char *network_mode; /* `bridge` where the document has none */
    const char *launch_type;
    uint32_t cpu_units;  /* of the task: vCPU * 1024, truncated; 0: not set */
    uint64_t memory_mib; /* of the task; 0: not set */
    uint16_t container_count;
    uint16_t resource_count;
    struct container_def *containers;
    struct resource_def *resources;
    uint32_t agent_total; /* managed agents of all containers */
    uint32_t port_total;  /* host ports that a task of it can be charged with */
    struct need *need;   /* what a task of it takes of the host; tasks of equal needs share one, once the engine has it */
    const unsigned char *content; /* the definition as record bytes (model/record.h): what interning compares */
    size_t content_len;
    uint64_t hash; /* of the content: what records refer to it by */
};

/* A definition with an arena and nothing in it; references: 1. NULL: no memory. */
struct definition *definition_new(struct mem *mem);
struct definition *definition_ref(struct definition *definition);
void definition_unref(struct definition *definition); /* NULL is fine; any thread */

/* Sets `content` and `need`. Last step of building one. 0, ECSENGINE_ENOMEM, or ECSENGINE_ELIMIT: need_limit_text() says what is too much. */
int definition_seal(struct definition *definition);

/* The other way: a definition out of record bytes. ECSENGINE_ECORRUPT, ECSENGINE_ENOMEM. */
int definition_decode(struct mem *mem, const unsigned char *content, size_t len, struct definition **out_definition);

/* The index of the container with that name, or -1. */
int definition_find(const struct definition *definition, const char *name);

/* The index of the resource with that name, or -1. */
int definition_find_resource(const struct definition *definition, const char *name);

#endif
