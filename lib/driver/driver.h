/* SPDX-License-Identifier: Apache-2.0 */
/* What stands behind a public engine handle: the deterministic engine, the mailbox at its border, and the four steps of a turn.
 *
 *   take inputs -> apply and settle -> write ahead -> release outputs
 *
 * `lock` guards the engine's state for queries from other threads; it is never held during a callback. `turning` says that a dispatch is
 * under way, callbacks included. */
#ifndef DRIVER_DRIVER_H
#define DRIVER_DRIVER_H

#include <pthread.h>

#include "driver/batch.h"
#include "driver/input_record.h"
#include "driver/mailbox.h"
#include "ecsengine/runtime.h"
#include "ecsengine/store.h"
#include "engine/cause.h"
#include "engine/engine.h"

enum store_state { STORE_IDLE = 0, STORE_IN_FLIGHT, STORE_PAUSING };

struct ecsengine {
    /* immutable after the first dispatch */
    struct mailbox *mailbox;
    ecsengine_runtime_vtable runtime;
    void *runtime_data;
    uint64_t kept_ops; /* bit n: operations of kind n are pulled, runtime or not */
    ecsengine_store_vtable store;
    void *store_data;
    ecsengine_event_fn event_callback;
    void *event_data;
    struct agent_entry *agents; /* that the host has described */
    bool has_runtime;
    bool has_store;
    bool pulls_batches;

    _Atomic bool turning;
    _Atomic bool began;       /* the first dispatch was made */
    _Atomic uint64_t next_command;

    pthread_mutex_t record_lock; /* who holds it gives chunks of the recording to the host, or changes the recorder; taken before `lock` */
    pthread_t record_thread;     /* that does, while record_writes */
    _Atomic bool record_writes;

    pthread_mutex_t lock;
    /* guarded by lock */
    struct engine engine;
    struct list inputs;       /* taken from the mailbox, not applied yet */
    struct list ops_now;      /* operations that rely on nothing unsaved */
    struct list ops_wait;     /* operations that wait for a batch */
    struct list events_now;   /* events about the host, which rely on nothing */
    struct list events_wait;  /* events about tasks and commands, in order */
    struct ecsengine_batch batch;
    struct store_answer answer; /* the answer's node; the rest under the mailbox's lock */
    bool answer_expected;     /* under the mailbox's lock: a batch is out */
    enum store_state store_state;
    bool store_failing;
    uint32_t store_attempt;
    int64_t store_retry_ns;
    int64_t store_since_ns;   /* when the batch that is under way was first handed out */
    int store_code;           /* how the store failed last */
    uint64_t next_batch;      /* the id that the next batch will have */
    uint64_t last_batch;      /* the newest one that was put together */
    uint64_t durable;         /* the newest one that is durable */
    bool commit_now;          /* the turn's end hands the batch to the store */
    uint64_t checks;          /* turns, in builds with checks */
    struct recorder *recorder; /* NULL: nothing is recorded */
    bool replays;             /* its turns come from a recording */
    bool records_given;
    bool records_ended;

    /* the library's own thread */
    pthread_t thread;
    bool thread_runs;
    _Atomic bool thread_stops;
};

/* turn.c. EREENTRANT, ENOMEM, ESTATE. */
int driver_dispatch(struct ecsengine *handle, int64_t mono_ns, int64_t wall_ns, struct ecsengine_error **error);

/* The turn itself: of an engine that is driven, and of one that replays. ENOMEM. */
int driver_turn(struct ecsengine *handle, int64_t mono_ns, int64_t wall_ns);

/* writeahead.c: records out. */
bool writeahead_keeps(const struct ecsengine *handle); /* is there a store at all? */
/* The batch that what happened in this turn will be in; 0: it is durable already. */
uint64_t writeahead_batch_of_turn(const struct ecsengine *handle);
/* Puts a batch together if there is something to keep and none is under way. ENOMEM: later. */
int writeahead_run(struct ecsengine *handle);
void writeahead_answer(struct ecsengine *handle, uint64_t batch_id, int code);
/* What explanations say about the store. Under the lock. */
void writeahead_view(const struct ecsengine *handle, struct store_view *out_store);

/* outbox.c: what the turn made is sorted by what it relies on, before the turn's batch is put together. */
void outbox_sort(struct ecsengine *handle);
/* What may leave. ENOMEM: some operation could not be finished; it stays. */
int outbox_release(struct ecsengine *handle, struct list *ops, struct list *events);

/* thread.c */
int thread_start(struct ecsengine *handle, struct ecsengine_error **error);
int thread_stop(struct ecsengine *handle, struct ecsengine_error **error);

#endif
