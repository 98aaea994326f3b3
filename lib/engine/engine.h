/* SPDX-License-Identifier: Apache-2.0 */
/* The engine: a deterministic state machine. Inputs and the time go in, operations, events and changed records come out; no system
 * call, clock, thread or random source is anywhere below this header. One thread at a time.
 *
 * Invariants, after every step:
 *   a container's known status has not fallen; each status was told at most once in this life;
 *   what the host has given out equals the sum of the tasks' charges;
 *   if the head of the waiting tasks fits, it is not waiting;
 *   each container has at most one operation in flight beside an inspection;
 *   each operation without an answer is in open_ops and, if it has a deadline, on the heap. */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include <string.h>

#include "base/backoff.h"
#include "base/prng.h"
#include "base/timefmt.h"
#include "ecsengine/log.h"
#include "model/event.h"
#include "model/settings.h"
#include "model/task.h"

/* What the host has, and what is given out of it (engine/accounting.c). */
struct host {
    bool known;
    bool facts;               /* INFO was answered */
    int32_t fact_cpus;        /* 0: it can't say */
    int64_t fact_memory_mib;
    struct gpu_list fact_gpus;
    int64_t cpu_units;        /* to give out */
    int64_t memory_mib;
    struct gpu_list gpus;
    int64_t cpu_used;
    int64_t memory_used;
    uint64_t gpus_used;       /* by index into `gpus` */
    size_t charged;           /* tasks that have something */
    uint16_t port_cursor;     /* the host port that was chosen last */
    uint64_t ports[2][65536 / 64]; /* by enum protocol: taken or reserved */
    uint64_t reserved[2][65536 / 64];
};

enum runtime_state { RUNTIME_NEW = 0, RUNTIME_CONNECTED, RUNTIME_UNREACHABLE };

struct engine {
    struct root *root;
    struct mem *mem;
    struct settings settings;
    uint64_t seed;
    int64_t mono_ns;
    int64_t wall_ns;
    uint64_t next_op;
    uint64_t next_event;
    uint64_t next_number;

    struct map tasks;       /* by ARN */
    struct map by_id;       /* containers by runtime id */
    struct map by_name;     /* containers by runtime name */
    struct map orphan_names; /* by runtime name */
    struct map definitions; /* by content */
    struct map images;      /* pulled by this engine, by reference: for pull behaviour `once` */
    struct map needs;       /* of the definitions, by content */
    struct map parked;      /* needs that wait for a host port, by port */
    struct map port_holders; /* struct port_charge, by port */
    struct map acks;        /* events given out and not acknowledged, by id */
    struct map credentials; /* by id (engine/credentials.c) */
    struct list credential_waits; /* tasks that lack those of their execution role */
    size_t container_count;

    struct list all;        /* tasks in the order of admission */
    struct list touched;    /* tasks to be advanced */
    struct list dirty;      /* tasks whose record is to be written */
    struct waiting *queue;  /* root of the tasks that wait for host resources (queue.c) */
    struct list classes;    /* needs with waiting tasks */
    struct list doomed;     /* of them, those that name a GPU which the host has not */
    struct list gpu_waiters; /* of them, those that wait for a GPU which is taken */
    struct list gpu_holders; /* struct gpu_charge */
    struct list pull_queue; /* containers for a pull slot, in order */
    struct list pulling;    /* containers that have one */
    struct list looks;      /* containers that wait for their turn to be looked at */
    struct list orphans;    /* containers of creates that came too late */
    struct list dirty_orphans;
    struct list open_ops;   /* operations that were not completed */
    struct list ops_out;    /* what leaves: operations */
    struct list events_out; /* and events */
    struct heap timers;
    struct host host;

    uint8_t runtime;        /* enum runtime_state */
    bool began;             /* the first operations have gone out */
    bool ready;
    bool shut_down;
    uint32_t runtime_attempt;
    int64_t runtime_since_ns; /* monotonic: when it was first heard not to answer */
    int64_t runtime_lost_ns;  /* monotonic: when it last went away */
    struct str *runtime_error; /* what was heard last; NULL: it answers */
    uint64_t poll_count;
    uint32_t list_count;    /* lists that were answered */
    uint32_t look_attempt;
    bool has_past;          /* records were given back: something of an earlier life may be there */
    bool look;              /* a list is owed, for what was missed */
    struct ecsengine_op *info_op;
    struct ecsengine_op *subscribe_op;
    struct ecsengine_op *list_op; /* the periodic look */
    struct ecsengine_op *ping_op; /* something was not answered: is anybody there? */
    struct timer runtime_timer;
    struct timer poll_timer;
    uint32_t pulls;         /* slots in use */
    uint64_t looking;       /* inspections in flight */

    struct str *instance;   /* label of our containers */
    bool instance_dirty;    /* the engine's own record is to be written */
    int64_t manifest_number;      /* the newest of all manifests and payloads; kept */
    struct str *manifest_message; /* whose stop verification is waited for, or NULL */
    struct list restoring;  /* records given back, until all are */
    struct map restored_definitions; /* of them, by the hash of their content */
    struct list found;               /* within a step: what a list has shown (engine/foreign.c) */
    struct list gone;                /* containers that were removed since the list in flight was asked for (engine/foreign.c) */
    struct list asides;              /* records that the next batch sets aside (engine/aside.c) */

    enum ecsengine_log_level log_minimum;
    ecsengine_log_fn log;
    void *log_data;
};

/* life: engine/life.c. `root` is borrowed. */
int engine_init(struct engine *engine, struct root *root, const struct settings *settings, uint64_t seed);
void engine_close(struct engine *engine);

/* step.c: applies one input; what it applied is freed. ENOMEM: nothing was applied, the input is still the caller's. */
int engine_apply(struct engine *engine, struct input *input);
/* Advances what was touched, and admits what fits now. ENOMEM: the rest is done by the next call. */
int engine_advance(struct engine *engine);
/* The same, and runs the timers that are due. */
int engine_settle(struct engine *engine);
int64_t engine_deadline(const struct engine *engine); /* monotonic, INT64_MAX: none */
/* Sets enough aside for one step that touches this task (NULL: none). */
int engine_reserve(struct engine *engine, const struct task *task);
int engine_reserve_more(struct engine *engine, const struct task *task, size_t bytes); /* so many beside that */
void engine_touch(struct engine *engine, struct task *task);
void engine_dirty(struct engine *engine, struct task *task);
struct task *engine_find_task(const struct engine *engine, const char *arn);
/* What maps of names and ids are keyed by. */
static inline uint64_t engine_hash(const struct engine *engine, const char *text) { return hash64(engine->seed, text, strlen(text)); }
/* A random number of a task's (or with NULL the engine's) stream. */
uint64_t engine_draw(const struct engine *engine, const struct task *task, uint32_t purpose, uint64_t n);
/* For what is drawn once and kept: also another one for each task that comes under the same ARN, whose former ones may have left something. */
uint64_t engine_draw_once(const struct engine *engine, const struct task *task, uint32_t purpose, uint64_t n);
void engine_log(struct engine *engine, enum ecsengine_log_level level, int32_t id, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

enum draw_purpose {
    DRAW_NAME = 1,
    DRAW_CLEANUP,
    DRAW_RETRY,
    DRAW_POLL,
    DRAW_RUNTIME,
    DRAW_INSTANCE,
    DRAW_RESTART,
    DRAW_RESOURCE_NAME,
    DRAW_RESOURCE_RETRY,
    DRAW_AGENT_ID,
    DRAW_AGENT,
};

/* Log message ids; docs/messages.md. */
enum message {
    MESSAGE_TASK_ADDED = 1001,
    MESSAGE_TASK_REFUSED = 1002,
    MESSAGE_TASK_STATUS = 1003,
    MESSAGE_CONTAINER_STATUS = 1004,
    MESSAGE_CONTAINER_ERROR = 1005,
    MESSAGE_FIELD_NOTICE = 1006,
    MESSAGE_GAVE_UP = 1007,
    MESSAGE_REMOVE_FAILED = 1008,
    MESSAGE_RUNTIME_LOST = 1009,
    MESSAGE_RUNTIME_CONNECTED = 1010,
    MESSAGE_OP_TIMEOUT = 1011,
    MESSAGE_LATE_CREATE = 1012,
    MESSAGE_RECORD_DAMAGED = 1013,
    MESSAGE_INFO_FAILED = 1014,
    MESSAGE_STORE_FAILED = 1015,
    MESSAGE_CAME_BACK = 1016,
    MESSAGE_LIST_FAILED = 1017,
    MESSAGE_ACK_OVERDUE = 1018,
    MESSAGE_RESTART = 1019,
    MESSAGE_RESTART_FAILED = 1020,
    MESSAGE_RESOURCE_FAILED = 1021,
    MESSAGE_RESOURCE_LEFT = 1022,
    MESSAGE_NEVER_ADMITTED = 1023,
    MESSAGE_BINDINGS_CUT = 1024,
    MESSAGE_CHECK_FAILED = 1025,
    MESSAGE_RECORDING_FAILED = 1026,
    MESSAGE_FOREIGN = 1027,
    MESSAGE_AGENT_FAILED = 1028,
};

#endif
