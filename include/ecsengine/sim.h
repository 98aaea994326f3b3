/* SPDX-License-Identifier: Apache-2.0 */
/* libecsengine-sim: simulated containers on a virtual clock, for tests and for trying things out.
 *
 * The simulator performs an engine's operations without a container anywhere. It reads no clock: the host says what time it is, so a
 * week of a task's life takes milliseconds. What a container does is scripted; how the runtime misbehaves is scripted or drawn from a
 * seed. Same seed, same script, same calls: same behaviour. One thread at a time. */
#ifndef ECSENGINE_SIM_H
#define ECSENGINE_SIM_H

#include "ecsengine/runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ecsengine_sim ecsengine_sim;

/* A simulated host. Owned by the caller. ENOMEM. */
ECSENGINE_API int ecsengine_sim_new(uint64_t seed, ecsengine_sim **out_sim, ecsengine_error **error);
ECSENGINE_API void ecsengine_sim_free(ecsengine_sim *sim);

/* Becomes the runtime of the engine. When the engine was freed, another one can be attached: the containers are still there. ESTATE. */
ECSENGINE_API int ecsengine_sim_attach(ecsengine_sim *sim, ecsengine *engine, ecsengine_error **error);

/* As if the engine's process had died at this moment: what the engine asks for from now on is not done, and it is told nothing more. Then
 * it is freed, and another one attached. May be called by the watch callback (below): then the operation that is shown is not done
 * either. What was asked for before and takes its time (delay=) is never done with `finish` 0; with 1 the daemon does it, client or not,
 * unless it is a pull. */
ECSENGINE_API void ecsengine_sim_cut(ecsengine_sim *sim, int32_t finish);

/* Lets the simulated host live until `mono_ns` (wall clock `wall_ns` then): completes operations, sends events. Call it before each
 * ecsengine_dispatch() with the same times. */
ECSENGINE_API int ecsengine_sim_advance(ecsengine_sim *sim, int64_t mono_ns, int64_t wall_ns, ecsengine_error **error);

/* When something happens next: a monotonic time, or ECSENGINE_NO_DEADLINE. */
ECSENGINE_API int64_t ecsengine_sim_deadline_ns(const ecsengine_sim *sim);

/* Adds one line of script; a later line wins over an earlier one. Words `key=value`, in double quotes where there are blanks (`\"` and
 * `\\` inside). Blank lines, and what follows a word that begins with `#`, say nothing. For example:
 *
 *   container=web run=5s exit=3                   lives 5 s, then exits with 3 (without `run`: for ever)
 *   container=db healthy-after=2s                 healthy 2 s after its start (needs a health check; also unhealthy-after=)
 *   container=web ignore-term=true                ends only when the grace period is over, with 137
 *   op=create container=web fault=error text="no room"      refuses
 *   op=start  nth=1 fault=lost                    does the work, loses the answer: the host sees FAILURE_UNREACHABLE
 *   op=stop   times=2 fault=hang                  never answers
 *   op=pull-image delay=30s                       takes its time (any op)
 *   event=die fault=drop | double | late | reorder [delay=5s] [container=..] [nth=..] [times=..]
 *   image=nginx:latest missing=true | local=true  not in any registry; there already
 *   cpus=4 memory-mib=8192                        what INFO answers (default 64 CPUs, 1048576 MiB)
 *   chance=5 op=start fault=error                 5 in 100, drawn from the seed
 *
 * `container=` is the name in the task, of a resource too, `task=` the task's ARN or its last part; both absent: any. `nth=3` is the third time that the
 * line fits, `times=2` the first two, both together two from the third on. Times are `1m30s`, `250ms`, `1.5h`, `5` (seconds), `never`.
 *
 * What containers do (one line sets one or more; each word is looked for by itself when the container starts):
 *   run=  exit=                how long it lives, and its exit code
 *   oom=true                   at its end it is killed for want of memory: exit code 137
 *   stop-after=  stop-exit=    how long it takes to end when it is asked to, and with which code (default 0, 0)
 *   ignore-term=true           the same as stop-after=never
 *   healthy-after=  unhealthy-after=
 *   exec-run=  exec-exit=      how long a process lives that EXEC_START starts in it, and its exit code (without exec-run: as long as it)
 *   exec-times=                of so many of them, counted from the container's start; the others live on
 *
 * How operations go (`op=any`: all kinds; `image=` is one more filter):
 *   fault=error                refused, nothing is done; with text=, failure=other | not-found | conflict | unreachable | unsupported,
 *                              error-name=CannotPullECRContainerError
 *   fault=lost                 done; the answer is FAILURE_UNREACHABLE, or failure=, with text= (default `unexpected EOF`)
 *   fault=hang                 never done, never answered
 *   fault=late                 done, and answered, 1 s after the deadline (or after delay=)
 *   fault=double               done, and answered twice
 *   fault=none                 as if no earlier line were there
 *   delay=  answer-delay=      the work is done so much later; the answer comes so much later than the work
 *   progress=false             a pull that takes its time (delay=) reports no progress meanwhile; else it does every 10 s
 *
 * What becomes of events (create, start, die, stop, oom, healthy, unhealthy, destroy, exec-die, any):
 *   fault=drop | double        it never comes; it comes twice
 *   fault=late, or delay=      it comes so much later (default 5 s)
 *   fault=reorder              it comes after the next one, or after delay= (default 1 s) if there is no next one
 *
 * What the host is like:
 *   cpus=  memory-mib=  version=
 *   records=false              START, STOP and events bring no container records: the engine has to inspect, as with Docker (default true)
 *   start-times=false          a record has no time of a start: so a Docker Engine leaves it that died while it started the container and
 *                              finds it running in its next life (default true)
 *
 * Without a script a container acts on its command: `sleep N`, `true`, `false`, other commands that take no time (`echo`, `mkdir` ...),
 * and lists of these with `exit N` in a `sh -c` text; anything else runs until it is stopped. Asked to stop, every container ends at
 * once with 0. One with a health check is healthy after the check's first interval, unless the script says when. An image is on the
 * host when it was pulled. The label `ecsengine.sim` of a container (`run=5s exit=3`) is a script of its own, and comes after the
 * script and before the command. EINVAL names the word. ENOMEM. */
ECSENGINE_API int ecsengine_sim_script(ecsengine_sim *sim, const char *line, ecsengine_error **error);

/* 0: do not look into a container's command and labels (faster); it runs until it is stopped, unless scripted. Default 1. */
ECSENGINE_API void ecsengine_sim_interpret(ecsengine_sim *sim, int32_t interpret);

/* What an outsider could do to a container, by its runtime id or runtime name: end it with an exit code; start it; remove it;
 * ENOTFOUND. And to the daemon: break the event stream (events of the gap are lost). */
ECSENGINE_API int ecsengine_sim_kill(ecsengine_sim *sim, const char *container, int32_t exit_code, ecsengine_error **error);
ECSENGINE_API int ecsengine_sim_start(ecsengine_sim *sim, const char *container, ecsengine_error **error);
ECSENGINE_API int ecsengine_sim_remove(ecsengine_sim *sim, const char *container, ecsengine_error **error);
ECSENGINE_API int ecsengine_sim_lose(ecsengine_sim *sim, int64_t gap_ns, ecsengine_error **error);

/* Ends what EXEC_START has started in a container; ENOTFOUND if nothing of that runs. And how much of it runs in the index-th container; -1
 * past the end. A one-off command (EXEC_RUN) writes its own words and ends with 0 (`false`: with 1). For managed agents the host finds a
 * version, and makes all files. */
ECSENGINE_API int ecsengine_sim_exec_kill(ecsengine_sim *sim, const char *container, int32_t exit_code, ecsengine_error **error);
ECSENGINE_API int32_t ecsengine_sim_exec_running(const ecsengine_sim *sim, size_t index);

/* And on the host: a container of somebody else's appears and runs, with a name of its own, without labels, and with a TCP port of the
 * host where `host_port` is not 0. EEXIST: the name is taken; ESTATE: it was made, but cannot start (the port is taken); ENOMEM. */
ECSENGINE_API int ecsengine_sim_foreign(ecsengine_sim *sim, const char *runtime_name, int32_t host_port, ecsengine_error **error);

/* 1: the whole daemon is down: every operation fails as unreachable, the event stream ends; containers live on. 0: up again. */
ECSENGINE_API int ecsengine_sim_set_down(ecsengine_sim *sim, int32_t down, ecsengine_error **error);

/* The containers that exist, in order of creation: their runtime name, the container's name in the task, its task's ARN, and whether it
 * runs. NULL and -1 past the end. Borrowed until the simulator changes. */
ECSENGINE_API size_t ecsengine_sim_container_count(const ecsengine_sim *sim);
ECSENGINE_API const char *ecsengine_sim_container_runtime_name(const ecsengine_sim *sim, size_t index);
ECSENGINE_API const char *ecsengine_sim_container_name(const ecsengine_sim *sim, size_t index);
ECSENGINE_API const char *ecsengine_sim_container_task(const ecsengine_sim *sim, size_t index);
ECSENGINE_API int32_t ecsengine_sim_container_running(const ecsengine_sim *sim, size_t index);
ECSENGINE_API const char *ecsengine_sim_container_id(const ecsengine_sim *sim, size_t index);

/* The volumes that exist, and what the host was asked to make beside them (RESOURCE_CREATE: the simulator takes every type for done), in the
 * order of their making, by their runtime names. NULL past the end. Borrowed until the simulator changes. A volume that a container mounts
 * can't be removed; one that a container names and that is not there is made when the container is, as Docker does it. */
ECSENGINE_API size_t ecsengine_sim_volume_count(const ecsengine_sim *sim);
ECSENGINE_API const char *ecsengine_sim_volume_name(const ecsengine_sim *sim, size_t index);
ECSENGINE_API size_t ecsengine_sim_resource_count(const ecsengine_sim *sim);
ECSENGINE_API const char *ecsengine_sim_resource_name(const ecsengine_sim *sim, size_t index);

/* Makes a volume that no task has asked for. `config` (may be NULL): a JSON object with `DriverOpts` and `Labels`, as in the body of Docker's
 * `POST /volumes/create`. One of that name that is there stays as it is. EINVAL, ENOMEM. */
ECSENGINE_API int ecsengine_sim_volume_create(ecsengine_sim *sim, const char *name, const char *config, ecsengine_error **error);

/* How many operations of a kind were asked for so far; with the kind NONE: of all. */
ECSENGINE_API uint64_t ecsengine_sim_op_count(const ecsengine_sim *sim, enum ecsengine_op_kind kind);

/* More about the index-th container. The exit code: 1 if it has ended, and then the code; else 0. */
ECSENGINE_API int32_t ecsengine_sim_container_exit_code(const ecsengine_sim *sim, size_t index, int32_t *out_exit_code);
ECSENGINE_API enum ecsengine_health ecsengine_sim_container_health(const ecsengine_sim *sim, size_t index);
ECSENGINE_API int32_t ecsengine_sim_container_oom_killed(const ecsengine_sim *sim, size_t index); /* 1: its end was that */

/* 1 while the simulator holds the operation: it is delayed, waits for a container's end, or hangs. 0 when it was answered or cancelled. */
ECSENGINE_API int32_t ecsengine_sim_op_open(const ecsengine_sim *sim, uint64_t op_id);

/* Shows every operation to a callback before anything is done about it, borrowed for the call: for traces and checks. The callback is
 * called where operations are submitted (runtime.h) and may look at the simulator, but changes nothing. NULL ends it. */
typedef void (*ecsengine_sim_watch_fn)(const ecsengine_op *op, void *user_data);
ECSENGINE_API void ecsengine_sim_set_watch(ecsengine_sim *sim, ecsengine_sim_watch_fn watch, void *user_data);

/* A count by its name: `events` (sent), `lost-events` (not sent: dropped, or no stream was open), `refused-events` (the engine took
 * none), `late-answers` (the engine had given up), `double-answers-taken` (second answers that were not refused: always 0),
 * `answers-without-memory` (a NULL result), `events-without-memory` (ENOMEM: tried again in the next turn), `open-operations` (held
 * now: delayed, waiting or hanging), `changes` (of containers: while it stays, all looks the same). 0 for other names.
 *
 * And how often a fault has really struck, since the simulator was made: `op-errors`, `op-answers-lost`, `op-hangs`, `op-late` (done when
 * the engine had given up), `op-doubled`, `op-slow` (delay=), `op-answers-slow` (answer-delay=), `op-unreachable` (the daemon was down),
 * `events-dropped`, `events-doubled`, `events-late`, `events-swapped`, `streams-lost`. */
ECSENGINE_API uint64_t ecsengine_sim_counter(const ecsengine_sim *sim, const char *name);

#ifdef __cplusplus
}
#endif
#endif
