/* SPDX-License-Identifier: Apache-2.0 */
/* A stand-in for the core library, as seen from a runtime: operations whose every member the test chooses, results that can be read, and
 * a list of what the runtime said, in order. Linked instead of the core, so that a test of the simulator depends on nothing else. */
#ifndef FAKE_ENGINE_H
#define FAKE_ENGINE_H

#include "ecsengine/sim.h"

struct ecsengine_result {
    bool failed, has_record, has_exit_code;
    enum ecsengine_failure failure;
    char text[1100], error_name[64], id[80], image_id[80], digest[80], repo_digest[200], version[32], ports[256];
    int32_t running, exit_code, oom, cpus;
    int64_t created_at, started_at, finished_at, memory_mib;
    enum ecsengine_health health;
    size_t containers, containers_running, container_labels; /* of a list */
    char exec_id[80], output[200], agent_version[32], agent_files[200];
    int32_t exec_running, exec_code, exec_pid;
    char volume[80], options[200], labels[200]; /* `key=value;` in the order in which they were added */
};

/* What a test wants done. Texts must live as long as the operation; NULL is "". */
struct ecsengine_op {
    enum ecsengine_op_kind kind;
    uint64_t id; /* 0: the next one */
    int64_t deadline_ns, grace_ns;
    const char *task, *name, *runtime_name, *container, *config, *image, *target, *label;
    const char *exec_id;
    const char *resource; /* its name; a volume's runtime name is `runtime_name`, its body `config` */
    int32_t force;
    uint64_t cancel_id;
    int refs;
};

/* What the runtime said: an answer, an event, or that the stream is lost. */
enum fake_said_kind { SAID_ANSWER, SAID_EVENT, SAID_LOST };
struct fake_said {
    enum fake_said_kind what;
    uint64_t op_id;
    enum ecsengine_runtime_event_kind event;
    char container[80];
    bool has_result;
    int rc; /* what it was told: 0 or ECSENGINE_EALREADY */
    struct ecsengine_result result;
};

struct ecsengine {
    ecsengine_runtime_vtable vtable;
    void *data;
    struct fake_said said[4096];
    size_t count;
    int fail_results, fail_events; /* so many of the next ones find no memory */
    int updates;                   /* progress reports so far */
};

extern int fake_ops_alive, fake_results_alive;

void fake_engine_init(ecsengine *engine);
void fake_engine_close(ecsengine *engine);

/* Hands a copy of the operation to the runtime; its id. */
uint64_t fake_submit(ecsengine *engine, struct ecsengine_op op);

/* The answer to an operation, or NULL; the nth event of a kind (from 0), or NULL. */
const struct fake_said *fake_answer(const ecsengine *engine, uint64_t op_id);
const struct fake_said *fake_event(const ecsengine *engine, enum ecsengine_runtime_event_kind kind, size_t nth);
size_t fake_events(const ecsengine *engine, enum ecsengine_runtime_event_kind kind);

#endif
