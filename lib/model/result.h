/* SPDX-License-Identifier: Apache-2.0 */
/* Results: what an operation brought, typed. Filled in by one thread of the host, then read by one turn, which takes what it keeps. */
#ifndef MODEL_RESULT_H
#define MODEL_RESULT_H

#include "base/root.h"
#include "base/str.h"
#include "ecsengine/op.h"
#include "model/output.h"
#include "model/settings.h"

/* Network bindings, shared by a container and its events. Immutable once the result is given away. */
struct port_binding {
    uint16_t container_port;
    uint16_t host_port;
    uint8_t protocol; /* enum protocol */
    char bind_ip[46]; /* INET6_ADDRSTRLEN */
};

struct ports {
    struct mem *mem;
    _Atomic uint32_t refs;
    uint32_t count;
    uint32_t cap;
    struct port_binding items[];
};

struct ports *ports_ref(struct ports *ports); /* NULL is fine */
void ports_unref(struct ports *ports);        /* NULL is fine */

/* A map of texts, sorted by key, no key twice. */
struct pair {
    struct str *key;
    struct str *value;
};

struct pairs {
    uint32_t count;
    uint32_t cap;
    struct pair *items;
};

struct listed_container {
    struct str *id;
    struct str *runtime_name;
    struct str *arn; /* of its labels; NULL: it has none such. So are the others */
    struct str *container_name;
    struct str *family;
    struct str *version;
    bool running;
    uint8_t health;
};

struct ecsengine_result {
    struct root *root;
    uint8_t failure; /* enum ecsengine_failure */
    bool has_record;
    bool running;
    bool dead;
    bool oom_killed;
    bool has_exit_code;
    bool has_health;
    bool bad_protocol; /* a port with a transport protocol that ECS does not know */
    uint8_t health;
    int32_t exit_code;
    int32_t restart_count;
    int32_t cpus;
    int64_t memory_mib;
    int64_t created_at;
    int64_t started_at;
    int64_t finished_at;
    struct str *text; /* of the failure */
    struct str *error_name;
    struct str *container_id;
    struct str *state_error;
    struct str *health_output;
    struct str *image_id;
    struct str *digest;
    struct str *media_type;
    struct str *runtime_version;
    struct gpu_list *gpus; /* NULL: none were said */
    struct str *volume_name;
    struct pairs options; /* of a volume */
    struct pairs labels;
    struct ports *ports;
    size_t repo_digest_count;
    struct str **repo_digests;
    size_t container_count;
    size_t container_cap;
    struct listed_container *containers;
    bool has_exec;       /* an exec's state */
    bool exec_running;
    int32_t exec_code;   /* -1: none */
    int32_t exec_pid;    /* 0: none */
    struct str *exec_id;
    struct exec_output *output;
    struct str *agent_version;
    uint8_t agent_file_count;
    struct str *agent_files[LIMIT_AGENT_FILES];
};

struct ecsengine_result *result_new(struct root *root); /* NULL: no memory */

#endif
