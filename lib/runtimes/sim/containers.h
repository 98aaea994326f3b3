/* SPDX-License-Identifier: Apache-2.0 */
/* The containers of the simulated host: found by id or by runtime name, and listed in the order of their creation. */
#ifndef SIM_CONTAINERS_H
#define SIM_CONTAINERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ecsengine/op.h"
#include "rules.h"
#include "schedule.h"
#include "table.h"

#define SIM_ID_DIGITS 64
#define SIM_CONTAINER_ITEMS 4 /* things that can be due for one container */

enum sim_state { SIM_CREATED, SIM_RUNNING, SIM_EXITED };

struct sim_port {
    int32_t container_port, host_port;
    int32_t wanted; /* what the create configuration says; 0: any */
    bool udp;
    char bind_ip[46];
};

/* What the create configuration says about a container; all zero where nobody looked. */
struct sim_shape {
    struct sim_behaviour behaviour;
    struct sim_port *ports; /* owned */
    size_t port_count;
    char *labels; /* owned; `key=value` after `key=value`, each with its NUL, and an empty one; NULL: nobody looked */
    char *volumes; /* owned; the names of the volumes that it mounts, each with its NUL, and an empty one; NULL: none, or nobody looked */
    bool health_check;
    int64_t health_interval_ns;
};

void sim_shape_free(struct sim_shape *shape);

struct sim_job;

/* A process beside the main one. */
struct sim_exec {
    struct sim_exec *next;
    struct sim_container *container;
    struct sim_item end;
    char id[64];
    enum sim_state state;
    bool started;
    int32_t exit_code; /* -1: none */
};

struct sim_container {
    char id[SIM_ID_DIGITS + 1];
    const char *runtime_name, *name, *task; /* in the same block of memory */
    uint64_t id_hash, name_hash;
    uint64_t who; /* a hash of task and name: the same for the same container of another run */
    size_t place; /* in the order of creation */

    enum sim_state state;
    int32_t exit_code;
    bool oom_killed, ports_bound;
    enum ecsengine_health health;
    int64_t created_at, started_at, finished_at; /* wall clock */

    struct sim_shape shape;
    struct sim_behaviour behaviour; /* of this start */
    struct sim_item end, kill, healthy, unhealthy;
    int32_t kill_exit;       /* with which code it ends when `kill` is due */
    struct sim_exec *execs;  /* owned; the newest first */
    uint32_t exec_count;     /* ever */
    uint64_t exec_starts;
    struct sim_job *waiting; /* the stops that wait for its end, first come first */
};

struct sim_containers {
    struct sim_container **order; /* NULL where one was removed */
    size_t size, end, count;
    struct sim_table ids, names;
    uint64_t created; /* ever */
};

void sim_containers_free(struct sim_containers *containers);

/* A new container with the next id. NULL: no memory. The name must be free. */
struct sim_container *sim_containers_add(struct sim_containers *containers, uint64_t seed, const char *runtime_name,
                                         const char *name, const char *task);
void sim_containers_remove(struct sim_containers *containers, struct sim_container *container);

/* By id or by runtime name, or NULL. */
struct sim_container *sim_containers_find(const struct sim_containers *containers, const char *text);
struct sim_container *sim_containers_named(const struct sim_containers *containers, const char *runtime_name);

/* The index-th in order of creation, or NULL. */
struct sim_container *sim_containers_at(struct sim_containers *containers, size_t index);

/* Whether it carries a label; true where nobody looked at its labels. */
bool sim_container_has_label(const struct sim_container *container, const char *label);

#endif
