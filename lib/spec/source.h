/* SPDX-License-Identifier: Apache-2.0 */
/* What a document says, in one shape for both forms: the step between reading (payload.c, taskdef.c) and building (build.c).
 *
 * It lives in the reader's scratch memory and points into the document; nothing of it is kept. What a form has and the other has
 * not is translated on the way in, as the ECS backend does it: a task definition's `user` or `ulimits` become raw Docker JSON,
 * which is how a payload carries them. So there is one way from here to a container configuration. */
#ifndef SPEC_SOURCE_H
#define SPEC_SOURCE_H

#include "base/map.h"
#include "spec/reader.h"

struct source_dependency {
    const char *name;
    uint8_t condition; /* CONDITION_NONE: one that does not exist */
};

struct source_volumes_from {
    const char *name;
    bool read_only;
};

struct source_mount {
    const char *volume;
    const char *container_path;
    bool read_only;
};

enum volume_kind {
    VOLUME_OTHER = 0, /* not honoured yet */
    VOLUME_PATH,      /* a directory of the host */
    VOLUME_EMPTY,     /* the task's own, made for it */
    VOLUME_DOCKER,    /* dockerVolumeConfiguration */
};

struct source_volume {
    struct map_node by_name;
    const char *name;
    uint8_t kind;            /* enum volume_kind */
    bool ignored;            /* another one before it has its name */
    bool mounted;            /* by some container */
    bool shared;             /* EMPTY, DOCKER: and the rest too */
    bool autoprovision;
    const char *source_path; /* PATH */
    const char *driver;
    const struct json_value *options; /* objects of texts, or NULL */
    const struct json_value *labels;
    int32_t resource;        /* index into the definition's, -1: it needs none */
};

struct source_wait {
    uint16_t container; /* index */
    uint8_t status;
};

/* What the host makes (resources.c). */
struct source_resource {
    const struct json_value *at;
    const char *name;
    const char *type;
    const struct json_value *config; /* an object, or NULL */
    struct source_wait *required;     /* containers whose step to that status waits for it */
    size_t required_count;
    struct source_wait *dependencies; /* containers that must be so far before it is made */
    size_t dependency_count;
};

/* Docker JSON in a text; len 0: none. */
struct source_raw {
    const char *text;
    size_t len;
};

struct source_container {
    struct map_node by_name;
    const struct json_value *at;
    const char *name;
    const char *image;
    bool essential;
    bool health_check;
    uint32_t cpu_units;
    uint32_t memory_mib;
    int64_t start_timeout_ns;
    int64_t stop_timeout_ns;
    bool has_registry_auth;
    bool uses_execution_role;
    const char *region;
    const char *registry_id;
    const char *endpoint_override;
    bool restarts;
    struct restart_policy restart;
    const struct json_value *command;      /* a list of strings, or NULL: the image's */
    const struct json_value *entry_point;  /* the same */
    const struct json_value **environment; /* members whose values are text or null, sorted by name, no name twice */
    size_t environment_count;
    struct port_mapping *ports;
    size_t port_count;
    size_t port_total; /* the ports of ranges one by one */
    const char **gpu_ids;
    uint16_t gpu_id_count;
    uint16_t gpu_count; /* that the engine is to choose */
    struct source_dependency *dependencies;
    size_t dependency_count;
    struct source_volumes_from *volumes_from;
    size_t volumes_from_count;
    struct source_mount *mounts;
    size_t mount_count;
    const struct json_value *links; /* a list of strings, or NULL */
    const struct json_value *run_dependencies; /* the same */
    uint16_t agent_count;
    struct managed_agent *agents; /* scratch */
    struct source_raw config;
    struct source_raw host_config;
};

struct source_task {
    const struct spec_limits *limits;
    const char *arn;
    const char *family;
    const char *version;
    const char *launch_type;
    const char *network_mode;        /* what the definition says; never "" */
    const char *network_mode_base;   /* HostConfig.NetworkMode under the raw overlay, or NULL */
    const char *network_mode_forced; /* and over it, or NULL */
    const char *pid_mode;            /* `host`, or NULL */
    const char *ipc_mode;            /* `host`, `none`, or NULL */
    uint32_t cpu_units;
    uint64_t memory_mib;
    task_status desired;
    struct credentials *execution_credentials; /* or NULL */
    struct credentials *role_credentials;      /* or NULL */
    size_t volume_count;
    struct source_volume *volumes;
    size_t resource_count;
    struct source_resource *resources;
    struct map volumes_by_name;
    struct map containers_by_name;
    size_t container_count;
    struct source_container *containers;
};

void source_task_init(struct source_task *task, struct mem *mem, const char *arn);
void source_task_free(struct source_task *task); /* its tables; the rest is scratch memory */
struct source_container *source_find(const struct source_task *task, const char *name, size_t len); /* or NULL */
const struct source_volume *source_find_volume(const struct source_task *task, const char *name);   /* or NULL */

/* 1 to LIMIT_NAME bytes: letters, digits, hyphens and underscores as RegisterTaskDefinition has it; in a payload, as the agent
 * takes what the backend sends, anything without spaces and control characters. */
bool source_name_valid(const char *name, enum form form);

/* The members of a container, for both forms (container.c). */
enum container_field {
    C_NAME,
    C_IMAGE,
    C_CPU,
    C_MEMORY,
    C_ESSENTIAL,
    C_COMMAND,
    C_ENTRY_POINT,
    C_ENVIRONMENT,
    C_LINKS,
    C_DEPENDS_ON,
    C_RUN_DEPENDENCIES,
    C_START_TIMEOUT,
    C_STOP_TIMEOUT,
    C_PORT_MAPPINGS,
    C_MOUNT_POINTS,
    C_VOLUMES_FROM,
    C_RESTART_POLICY,
    C_HEALTH_CHECK_TYPE,
    C_DOCKER_CONFIG,
    C_OVERRIDES,
    C_MEMORY_RESERVATION,
    C_USER,
    C_WORKING_DIRECTORY,
    C_HOSTNAME,
    C_HEALTH_CHECK,
    C_INTERACTIVE,
    C_PSEUDO_TERMINAL,
    C_DISABLE_NETWORKING,
    C_DOCKER_LABELS,
    C_PRIVILEGED,
    C_READONLY_ROOT,
    C_DNS_SERVERS,
    C_DNS_SEARCH_DOMAINS,
    C_EXTRA_HOSTS,
    C_SECURITY_OPTIONS,
    C_ULIMITS,
    C_SYSTEM_CONTROLS,
    C_LINUX_PARAMETERS,
    C_LOG_CONFIGURATION,
    C_CONTAINER_ARN,
    C_VERSION_CONSISTENCY,
    C_ENVIRONMENT_FILES,
    C_SECRETS,
    C_REGISTRY_AUTHENTICATION,
    C_REPOSITORY_CREDENTIALS,
    C_RESOURCE_REQUIREMENTS,
    C_FIRELENS,
    C_CREDENTIAL_SPECS,
    C_MANAGED_AGENTS,
    C_LOGS_AUTH_STRATEGY,
    C_NETWORK_INTERFACE_NAMES,
    C_FIELD_COUNT
};

/* Reads what both forms have alike. `slots` is filled for the caller, who reads the rest. */
void container_read(struct reader *reader, enum form form, const struct source_task *task, const struct json_value *value,
                    struct source_container *out, const struct json_value *slots[C_FIELD_COUNT]);
/* agent.c: the managed agents of a container that there is a description of; a description, kept with the definition. */
void agents_read(struct reader *reader, const struct source_task *task, const struct json_value *list, struct source_container *out);
const struct agent_description *agent_keep(struct reader *reader, const struct agent_description *description);

/* Task members that both forms have alike: network, PID and IPC mode. Each may be NULL. */
void modes_read(struct reader *reader, enum form form, struct source_task *task, const struct json_value *network_mode,
                const struct json_value *pid_mode, const struct json_value *ipc_mode);
void volumes_read(struct reader *reader, enum form form, struct source_task *task, const struct json_value *list);
/* What the host makes, after the containers. */
void resources_read(struct reader *reader, struct source_task *task, const struct json_value *list);
/* The list of containers: how many, their names, one of each. `read_one` is called for each, in order. */
typedef void container_reader(struct reader *reader, const struct source_task *task, const struct json_value *value,
                              struct source_container *out);
void containers_read(struct reader *reader, const struct spec_limits *limits, struct source_task *task,
                     const struct json_value *list, container_reader *read_one);

/* The two forms. */
void payload_read(struct reader *reader, const struct spec_limits *limits, const struct json_value *root, struct source_task *task);
void taskdef_read(struct reader *reader, const struct spec_limits *limits, const struct json_value *root, struct source_task *task);
/* What a task definition's container says in its own words, as raw Docker JSON (taskdef_docker.c). */
void taskdef_docker(struct reader *reader, const struct json_value *const slots[C_FIELD_COUNT], struct source_container *container);

/* The GPUs of a payload's `associations`, and how many a task definition's container asks for (gpu.c; task-payload: 3.1, 8.2). */
void gpu_read_associations(struct reader *reader, struct source_task *task, const struct json_value *list);
void gpu_read_requirements(struct reader *reader, const struct source_task *task, const struct json_value *list,
                           struct source_container *out);
/* True if some container of the task has GPUs. */
bool gpu_any(const struct source_task *task);

/* Refuses the task as the reference's preparation of a task does: `resource cannot be initialized for task ARN: CAUSE NAME`. */
void resource_refusal(struct reader *reader, const struct source_task *task, const char *cause, const char *name);

/* Sets the definition's containers (build.c), after the rules over the whole task (validate.c). */
void build_definition(struct reader *reader, struct source_task *task, struct definition *definition);
/* Dependencies of all containers, resolved and checked; links and volumesFrom too. */
void validate_order(struct reader *reader, const struct source_task *task, struct definition *definition);
/* The definition's resources, and which containers wait for them (resources.c). */
void resources_build(struct reader *reader, struct source_task *task, struct definition *definition);
/* config_json, labels_json and host_config_json, and what the raw overlay changes in `out` (docker.c). */
void docker_render(struct reader *reader, const struct source_task *task, const struct source_container *container,
                   struct container_def *out);

#endif
