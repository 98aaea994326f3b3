/* SPDX-License-Identifier: Apache-2.0 */
/* An engine for testing adapters: it has no mind of its own. A test submits any operation it likes and sees the result field by field,
 * through the same public functions (op.h, runtime.h) that an adapter calls on the real engine.
 *
 * It also keeps watch: a second completion, a text that is no UTF-8, or a call after close() is counted as a violation. */
#ifndef TEST_ENGINE_DOUBLE_H
#define TEST_ENGINE_DOUBLE_H

#include <stdbool.h>

#include "ecsengine/runtime.h"

struct double_op {
    enum ecsengine_op_kind kind;
    const char *name; /* runtime name, of a volume too */
    const char *container;
    const char *config;
    const char *image;
    const char *target;
    const char *label;
    int64_t grace_ns;
    int32_t force;
    int64_t deadline_ns; /* 0: none */
    uint64_t cancel_id;
    const char *exec_id;
};

struct double_port {
    int32_t inside;
    int32_t outside;
    char protocol[16];
    char ip[64];
};

enum { DOUBLE_PORTS_MAX = 8, DOUBLE_CONTAINERS_MAX = 4 };

/* The library's own name, so that the public functions can hand it out. */
struct ecsengine_result {
    enum ecsengine_failure failure;
    char text[1025];
    char error_name[64];
    char id[256];
    bool has_record;
    bool has_exit_code;
    int32_t running, dead, exit_code, oom_killed, restart_count;
    char state_error[2048];
    int64_t created_at, started_at, finished_at;
    enum ecsengine_health health;
    char health_output[2048];
    struct double_port ports[DOUBLE_PORTS_MAX];
    size_t port_count;
    char image_id[256], digest[256], media_type[256], repo_digest[256], version[256];
    size_t repo_digest_count;
    char volume_name[256], options[512], labels[512]; /* `key=value;` as they were added */
    char container_ids[DOUBLE_CONTAINERS_MAX][128];
    char container_names[DOUBLE_CONTAINERS_MAX][128];
    int32_t container_running[DOUBLE_CONTAINERS_MAX];
    enum ecsengine_health container_health[DOUBLE_CONTAINERS_MAX];
    size_t container_count;
    int32_t cpus;
    int64_t memory_mib;
    char exec_id[256];
    bool has_exec_state;
    int32_t exec_running, exec_exit_code, exec_pid;
    char output[4096]; /* `<stream>` before each change of the stream, bytes that are no text as `\xx`; the first of it */
    int last_stream;
    size_t output_len; /* bytes of it all */
    char agent_version[256], agent_files[512]; /* `name;` as they were added */
};

struct double_event {
    enum ecsengine_runtime_event_kind kind;
    char container[128];
    char exec_id[256];
    bool has_exit_code;
    int32_t exit_code;
};

ecsengine *double_new(void);

/* Calls close() as ecsengine_free() does. Operations in flight stay valid; completing them is ECLOSED. */
void double_close(ecsengine *engine);

/* Frees the double itself: after the adapter is gone too. Returns the number of violations, unanswered operations included. */
int double_free(ecsengine *engine);

uint64_t double_submit(ecsengine *engine, const struct double_op *op);
void double_cancel(ecsengine *engine, uint64_t op_id);

/* The engine answers the operation itself: the adapter's completion will be EALREADY. */
void double_answer(ecsengine *engine, uint64_t op_id);

/* An operation that the host pulled, and is now its own. */
ecsengine_op *double_pull(ecsengine *engine, const struct double_op *op);

/* Waits for a completion. NULL: none in time. A completion without a result shows as failure OTHER, text "no memory". Borrowed. */
const struct ecsengine_result *double_wait(ecsengine *engine, uint64_t op_id, int timeout_ms);
const struct ecsengine_result *double_do(ecsengine *engine, const struct double_op *op); /* submits and waits 10 s */

/* Waits until so many events, or losses, came in all; returns how many did. */
size_t double_wait_events(ecsengine *engine, size_t count, int timeout_ms);
struct double_event double_event_at(ecsengine *engine, size_t index);
size_t double_wait_lost(ecsengine *engine, size_t count, int timeout_ms);
const char *double_lost_reason(ecsengine *engine);

/* The updates of an operation so far. */
int double_updates(ecsengine *engine, uint64_t op_id, int64_t *out_current, int64_t *out_total, char *out_text, size_t size);

/* The next so many calls of that kind fail with ENOMEM. */
void double_fail_events(ecsengine *engine, int count);
void double_fail_lost(ecsengine *engine, int count);
void double_fail_results(ecsengine *engine, int count);

/* Which kinds the host has kept, a bit for each. */
uint64_t double_kept(ecsengine *engine);

#endif
