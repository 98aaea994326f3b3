/* SPDX-License-Identifier: Apache-2.0 */
/* The engine: the Amazon ECS task engine as an object that a program drives.
 *
 * An engine is a deterministic state machine. It never blocks, reads no clock and does no I/O: the host feeds it commands (task.h),
 * completions (op.h), runtime events (runtime.h), store completions (store.h) and the time, and takes operations (op.h), events
 * (event.h) and record batches (store.h). Two ways to drive it:
 *
 *   In the host's own loop: poll the descriptor of ecsengine_get_fd() until ecsengine_deadline_ns(); call ecsengine_dispatch();
 *   take what ecsengine_next_op() and ecsengine_next_event() give, until both return NULL.
 *
 *   On a thread of the library's own: ecsengine_start() and ecsengine_stop().
 *
 * Commands, completions, runtime events and acknowledgements may come from any thread at any time, callbacks included. Dispatching,
 * and freeing, are one thread's business; from inside a callback they return ECSENGINE_EREENTRANT. After fork() the child may only
 * exec. Engines share nothing. The library sets no signal handler, prints nothing and never aborts. */
#ifndef ECSENGINE_ENGINE_H
#define ECSENGINE_ENGINE_H

#include "ecsengine/config.h"
#include "ecsengine/error.h"
#include "ecsengine/log.h"
#include "ecsengine/memory.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ecsengine ecsengine;

/* No deadline: nothing will be due until something comes in. */
#define ECSENGINE_NO_DEADLINE INT64_MAX

/* Makes an engine. `config` is copied, NULL means all defaults; `allocator` is copied, NULL means malloc. The seed of all random
 * draws comes from the key `seed`, or from the operating system where it is not set. Owned by the caller.
 * ENOMEM, EINVAL (allocator of an unknown size), ESYSTEM (no entropy). */
ECSENGINE_API int ecsengine_new(const ecsengine_config *config, const ecsengine_allocator *allocator, ecsengine **out_engine,
                                ecsengine_error **error);

/* Frees the engine; NULL is fine. Containers keep running. Operations and events that the host still holds stay valid; completing
 * them returns ECLOSED. Stops the library's thread first. EREENTRANT from inside a callback (nothing happens). */
ECSENGINE_API int ecsengine_free(ecsengine *engine);

/* Sets the log hook and the lowest level that it gets; NULL removes it. Before the first dispatch, or from the dispatching thread. */
ECSENGINE_API void ecsengine_set_log(ecsengine *engine, enum ecsengine_log_level minimum, ecsengine_log_fn log, void *user_data);

/* Runs one turn: applies what has come in, advances what that touched, hands changed records to the store, and releases the
 * outputs that rely on nothing unsaved. `mono_ns` is a monotonic clock, `wall_ns` the wall clock (since 1970); both in nanoseconds.
 * `mono_ns` from 0, `wall_ns` from 1 (0 stands for never), both up to 2^62. A `mono_ns` before an earlier one counts as that earlier one. Never blocks. Callbacks are called from here.
 * EREENTRANT; ENOMEM: what could not be applied is still queued, call again; ESTATE: records were given, ecsengine_restore_end() not. */
ECSENGINE_API int ecsengine_dispatch(ecsengine *engine, int64_t mono_ns, int64_t wall_ns, ecsengine_error **error);

/* When to dispatch next though nothing came in: a monotonic time, or ECSENGINE_NO_DEADLINE; 0 before the first turn. What has come in
 * since the last turn shows in the descriptor, not here: a host with a virtual clock dispatches until that is quiet, then jumps. Any
 * thread. */
ECSENGINE_API int64_t ecsengine_deadline_ns(ecsengine *engine);

/* A descriptor that is readable while the host has something to do: dispatch, or operations, events or batches to take. Created at
 * the first call, owned by the engine, for poll() only. Any thread. ESYSTEM. */
ECSENGINE_API int ecsengine_get_fd(ecsengine *engine, int32_t *out_fd, ecsengine_error **error);

/* Starts a thread that dispatches whenever there is something to do, with CLOCK_MONOTONIC and CLOCK_REALTIME. Callbacks are then
 * called on that thread. ESTATE if it runs already, ESYSTEM. */
ECSENGINE_API int ecsengine_start(ecsengine *engine, ecsengine_error **error);

/* Ends that thread and waits for it; the engine can be driven by hand, or started, again. Nothing is lost. ESTATE if none runs,
 * EREENTRANT from inside a callback. */
ECSENGINE_API int ecsengine_stop(ecsengine *engine, ecsengine_error **error);

/* Graceful end: no command is accepted any more (ECLOSED), no new operation goes out, containers keep running; what has changed is
 * still handed to the store. The command is done (COMMAND_DONE) when everything is saved. Any thread. ECLOSED if it was called before. */
ECSENGINE_API int ecsengine_shutdown(ecsengine *engine, uint64_t *out_command_id, ecsengine_error **error);

/* The library's version (`0.1.0`). Static. */
ECSENGINE_API const char *ecsengine_version(void);

#ifdef __cplusplus
}
#endif
#endif
