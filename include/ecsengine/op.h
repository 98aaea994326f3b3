/* SPDX-License-Identifier: Apache-2.0 */
/* Operations: what the engine wants done, and the answers.
 *
 * The engine never calls a container runtime. It hands out operations; the host, or an adapter such as libecsengine-docker, performs
 * each one once and completes it, from any thread. Retries, back-off, time limits, inspection after an event and the meaning of an
 * error are the engine's: an adapter only does and tells.
 *
 * An operation is immutable. Whoever took it from ecsengine_next_op(), or got it in submit() (runtime.h), owns it until
 * ecsengine_op_complete() or ecsengine_op_release(). Getters are thread-safe; what they return is borrowed for the operation's life.
 * Exactly one completion counts. An operation whose deadline has passed was answered by the engine itself; a late completion is
 * harmless, and the container that a late CREATE made is removed again. */
#ifndef ECSENGINE_OP_H
#define ECSENGINE_OP_H

#include "ecsengine/engine.h"
#include "ecsengine/task.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What is wanted. A host completes a kind that it does not know with ECSENGINE_FAILURE_UNSUPPORTED. In brackets: what the request
 * has, and what a good result must have. (runtime-and-agents: section 0.) */
enum ecsengine_op_kind {
    ECSENGINE_OP_NONE = 0,
    ECSENGINE_OP_CANCEL = 1,        /* an operation is not wanted any more [cancel_id]; needs no completion: release it */
    ECSENGINE_OP_INFO = 2,          /* facts of the host [-> cpus, memory_mib, server version] */
    ECSENGINE_OP_PING = 3,          /* does the runtime answer? */
    ECSENGINE_OP_SUBSCRIBE = 4,     /* open the event stream; complete when it is open; then ecsengine_runtime_event() and _lost() */
    ECSENGINE_OP_PULL_IMAGE = 5,    /* [image; registry auth] -> the image is usable under that reference; report progress */
    ECSENGINE_OP_PULL_MANIFEST = 6, /* [image] -> digest, media type */
    ECSENGINE_OP_INSPECT_IMAGE = 7, /* [image] -> image id, repo digests */
    ECSENGINE_OP_TAG_IMAGE = 8,     /* [image, image_target] */
    ECSENGINE_OP_CREATE = 9,        /* [runtime name, create config] -> container id; a taken name is FAILURE_CONFLICT */
    ECSENGINE_OP_START = 10,        /* [container] -> optionally a container record (below); one that may run is FAILURE_CONFLICT */
    ECSENGINE_OP_STOP = 11,         /* [container, grace] ask to end, kill after the grace period; -> optionally a record */
    ECSENGINE_OP_INSPECT = 12,      /* [container] -> a container record */
    ECSENGINE_OP_REMOVE = 13,       /* [container, force] with its anonymous volumes */
    ECSENGINE_OP_LIST = 14,         /* [label filter] -> all containers that carry the label, each with its state and labels */
    ECSENGINE_OP_PROVISION = 15,    /* [container] do what it needs after its start, such as its network; may be asked twice */
    ECSENGINE_OP_VOLUME_CREATE = 16,   /* [volume name, driver, volume config]; one that is there already is good; may be asked twice */
    ECSENGINE_OP_VOLUME_INSPECT = 17,  /* [volume name] -> options and labels; none is FAILURE_NOT_FOUND */
    ECSENGINE_OP_VOLUME_REMOVE = 18,   /* [volume name] */
    ECSENGINE_OP_RESOURCE_CREATE = 19, /* [resource name, type, config] what only the host can make; may be asked twice */
    ECSENGINE_OP_RESOURCE_REMOVE = 20, /* [resource name, type, config] ... and takes away; also if it was not made, or half */
    ECSENGINE_OP_EXEC_CREATE = 21,  /* [container, exec config] prepare a process in a running container -> exec id */
    ECSENGINE_OP_EXEC_START = 22,   /* [container, exec id] start it detached; one that was started before is FAILURE_CONFLICT */
    ECSENGINE_OP_EXEC_INSPECT = 23, /* [container, exec id] -> exec state; FAILURE_NOT_FOUND says that it can't be running any more */
    ECSENGINE_OP_EXEC_RUN = 24,     /* [container, exec config] run it and wait for its end -> exit code, output */
    ECSENGINE_OP_AGENT_PREPARE = 25, /* [agent name, agent config] find and make on the host what a managed agent mounts
                                      * (exec_agent.h) -> agent version, agent files; may be asked twice */
    ECSENGINE_OP_AGENT_CLEAN = 26    /* [agent name, agent config] take away what it has left behind of a task; may be asked twice */
};

typedef struct ecsengine_op ecsengine_op;
typedef struct ecsengine_result ecsengine_result;

/* The next operation that waits to be done, or NULL. Owned by the caller. For hosts without a runtime vtable. Any thread. */
ECSENGINE_API ecsengine_op *ecsengine_next_op(ecsengine *engine);

/* What an operation asks for. Getters take NULL as an operation that asks for nothing. */
ECSENGINE_API enum ecsengine_op_kind ecsengine_op_get_kind(const ecsengine_op *op);
ECSENGINE_API const char *ecsengine_op_kind_name(enum ecsengine_op_kind kind); /* `pull-image`; static */
ECSENGINE_API uint64_t ecsengine_op_id(const ecsengine_op *op);                /* never reused in one engine */
ECSENGINE_API int64_t ecsengine_op_deadline_ns(const ecsengine_op *op);        /* monotonic, or ECSENGINE_NO_DEADLINE */
ECSENGINE_API const char *ecsengine_op_task_arn(const ecsengine_op *op);       /* "" where the operation is no task's */
ECSENGINE_API const char *ecsengine_op_container_name(const ecsengine_op *op); /* the name in the task, or "" */

/* The name that the container, or the resource, has, or shall have, in the runtime (`ecs-<family>-<version>-<name>-<hex>`; a shared volume
 * its own), or "". */
ECSENGINE_API const char *ecsengine_op_runtime_name(const ecsengine_op *op);

/* The runtime's id of the container where it is known, else the runtime name: what START, STOP, INSPECT and REMOVE act on. */
ECSENGINE_API const char *ecsengine_op_container(const ecsengine_op *op);

/* CREATE: the body of Docker's `POST /containers/create` (Config members, "HostConfig", "NetworkingConfig"), NUL-terminated JSON. */
ECSENGINE_API const char *ecsengine_op_create_config(const ecsengine_op *op, size_t *out_len);

/* PULL_IMAGE, PULL_MANIFEST, INSPECT_IMAGE, TAG_IMAGE: the reference (`repo:tag`, `repo@digest`; `:latest` is added), or "". */
ECSENGINE_API const char *ecsengine_op_image(const ecsengine_op *op);
ECSENGINE_API const char *ecsengine_op_image_target(const ecsengine_op *op); /* TAG_IMAGE: the new reference, or "" */
ECSENGINE_API int64_t ecsengine_op_grace_ns(const ecsengine_op *op);         /* STOP: time between asking and killing */
ECSENGINE_API int32_t ecsengine_op_force(const ecsengine_op *op);            /* REMOVE: 1 to remove even a running container */
ECSENGINE_API const char *ecsengine_op_label(const ecsengine_op *op);        /* LIST: `key=value`, or "" */
ECSENGINE_API uint64_t ecsengine_op_cancel_id(const ecsengine_op *op);       /* CANCEL: the operation, else 0 */

/* VOLUME_CREATE, VOLUME_INSPECT, VOLUME_REMOVE: the volume's runtime name, and its driver, or "". */
ECSENGINE_API const char *ecsengine_op_volume_name(const ecsengine_op *op);
ECSENGINE_API const char *ecsengine_op_volume_driver(const ecsengine_op *op);

/* VOLUME_CREATE: the body of Docker's `POST /volumes/create`, NUL-terminated JSON, or "". `out_len` may be NULL. */
ECSENGINE_API const char *ecsengine_op_volume_config(const ecsengine_op *op, size_t *out_len);

/* Operations on a resource of a task: its name in the task, and its type, `dockerVolume` for a volume, else as the document has it;
 * RESOURCE_CREATE, RESOURCE_REMOVE: its configuration as in the document, NUL-terminated JSON; "" for other kinds. */
ECSENGINE_API const char *ecsengine_op_resource_name(const ecsengine_op *op);
ECSENGINE_API const char *ecsengine_op_resource_type(const ecsengine_op *op);
ECSENGINE_API const char *ecsengine_op_resource_config(const ecsengine_op *op, size_t *out_len);

/* EXEC_CREATE, EXEC_RUN: the body of Docker's `POST /containers/{id}/exec` ("Cmd", "User", "Env", "WorkingDir", "Tty", "Detach",
 * "AttachStdout", "AttachStderr"), NUL-terminated JSON, or "". `out_len` may be NULL. */
ECSENGINE_API const char *ecsengine_op_exec_config(const ecsengine_op *op, size_t *out_len);
ECSENGINE_API const char *ecsengine_op_exec_id(const ecsengine_op *op); /* EXEC_START, EXEC_INSPECT: the exec, or "" */

/* Operations for a managed agent: which one (`ExecuteCommandAgent`), or ""; AGENT_PREPARE, AGENT_CLEAN: what is to be done (exec_agent.h),
 * NUL-terminated JSON, or "". `out_len` may be NULL. */
ECSENGINE_API const char *ecsengine_op_agent_name(const ecsengine_op *op);
ECSENGINE_API const char *ecsengine_op_agent_config(const ecsengine_op *op, size_t *out_len);

/* The whole request as one JSON object (docs/documents.md). Owned by the caller. ENOMEM. */
ECSENGINE_API int ecsengine_op_request(const ecsengine_op *op, ecsengine_text **out_text, ecsengine_error **error);

/* Reports progress of long work; any number of times, before the completion. Of updates that come faster than turns the last is
 * kept. An operation that reports none for too long is ended by the engine (image-pull-inactivity-timeout). `current` and `total` in
 * bytes, -1 where unknown; `text` is one short line, cut at 63 bytes, may be NULL. Never fails for want of memory.
 * EALREADY after the completion, ECLOSED. */
ECSENGINE_API int ecsengine_op_update(ecsengine_op *op, int64_t current, int64_t total, const char *text, ecsengine_error **error);

/* Completes an operation; gives up the caller's ownership of `op` and of `result`, whatever is returned. A NULL result means that the
 * host had no memory for one, and counts as a failure. Never fails for want of memory. EALREADY (a second one), ECLOSED. */
ECSENGINE_API int ecsengine_op_complete(ecsengine_op *op, ecsengine_result *result, ecsengine_error **error);

/* Another owner: each is ended by one ecsengine_op_release(). Only the taker completes. */
ECSENGINE_API ecsengine_op *ecsengine_op_ref(ecsengine_op *op);

/* Gives an operation up without an answer (a CANCEL, or one that was cancelled); its deadline will answer it. NULL is fine. */
ECSENGINE_API void ecsengine_op_release(ecsengine_op *op);

/* ---- Results -------------------------------------------------------------------------------------------------------------------
 *
 * Made for one operation or for one runtime event, filled in by one thread, given away by completing. Texts are copied; a setter
 * returns 0, ENOMEM, or EINVAL for a text that is no UTF-8 or too long (limits in docs/limits.md). */
ECSENGINE_API int ecsengine_result_new(const ecsengine_op *op, ecsengine_result **out_result, ecsengine_error **error);
ECSENGINE_API int ecsengine_result_new_for_event(ecsengine *engine, ecsengine_result **out_result, ecsengine_error **error);
ECSENGINE_API void ecsengine_result_free(ecsengine_result *result); /* one that was not given away */

/* Why an operation failed, in the classes that the engine tells apart. */
enum ecsengine_failure {
    ECSENGINE_FAILURE_NONE = 0,
    ECSENGINE_FAILURE_OTHER = 1,       /* the runtime said no; the text says why */
    ECSENGINE_FAILURE_NOT_FOUND = 2,   /* no such container or image */
    ECSENGINE_FAILURE_CONFLICT = 3,    /* the name is taken; the container runs, or may: a START is asked for four times more */
    ECSENGINE_FAILURE_UNREACHABLE = 4, /* no answer, or half an answer: the work may have been done */
    ECSENGINE_FAILURE_UNSUPPORTED = 5, /* this runtime cannot do that kind of operation */
    ECSENGINE_FAILURE_CANCELLED = 6    /* given up after an ECSENGINE_OP_CANCEL */
};

/* Makes the result a failure. `text` is the runtime's own, copied, cut at 1,024 bytes at a character's border. */
ECSENGINE_API int ecsengine_result_set_failure(ecsengine_result *result, enum ecsengine_failure failure, const char *text);

/* The ECS error name where the host knows better than the operation's kind (`CannotPullECRContainerError`). */
ECSENGINE_API int ecsengine_result_set_error_name(ecsengine_result *result, const char *name);

/* The runtime's id of the container; at most 255 bytes. */
ECSENGINE_API int ecsengine_result_set_container_id(ecsengine_result *result, const char *id);

/* A container record: what an inspection shows. Setting `running` says that the result has one. Times in ns since 1970, 0: never. */
ECSENGINE_API int ecsengine_result_set_running(ecsengine_result *result, int32_t running); /* paused and restarting count as running */
ECSENGINE_API int ecsengine_result_set_dead(ecsengine_result *result, int32_t dead);
ECSENGINE_API int ecsengine_result_set_exit_code(ecsengine_result *result, int32_t exit_code);
ECSENGINE_API int ecsengine_result_set_oom_killed(ecsengine_result *result, int32_t oom_killed);
ECSENGINE_API int ecsengine_result_set_state_error(ecsengine_result *result, const char *text);
ECSENGINE_API int ecsengine_result_set_created_at(ecsengine_result *result, int64_t wall_ns);
ECSENGINE_API int ecsengine_result_set_started_at(ecsengine_result *result, int64_t wall_ns);
ECSENGINE_API int ecsengine_result_set_finished_at(ecsengine_result *result, int64_t wall_ns);
ECSENGINE_API int ecsengine_result_set_health(ecsengine_result *result, enum ecsengine_health health, const char *output);
ECSENGINE_API int ecsengine_result_set_restart_count(ecsengine_result *result, int32_t count);
/* `protocol` is `tcp` or `udp` (another one is a failure UnrecognizedTransportProtocol of the record). At most 1,000. */
ECSENGINE_API int ecsengine_result_add_port(ecsengine_result *result, int32_t container_port, int32_t host_port,
                                            const char *protocol, const char *bind_ip);

/* Images. */
ECSENGINE_API int ecsengine_result_set_image_id(ecsengine_result *result, const char *id);
ECSENGINE_API int ecsengine_result_set_digest(ecsengine_result *result, const char *digest, const char *media_type);
ECSENGINE_API int ecsengine_result_add_repo_digest(ecsengine_result *result, const char *repo_digest);

/* LIST: one container; whether it runs (paused and restarting count as running), and its health where the list shows it, else UNKNOWN.
 * At most 1,000,000. */
ECSENGINE_API int ecsengine_result_add_container(ecsengine_result *result, const char *id, const char *runtime_name,
                                                 int32_t running, enum ecsengine_health health);

/* LIST: a label of the container that was added last. The engine uses those that it gives its containers itself (`com.amazonaws.ecs.*`), to know
 * what a container is of that none of its records knows; all others are dropped, so that an adapter may simply give all. EINVAL, ENOMEM. */
ECSENGINE_API int ecsengine_result_add_container_label(ecsengine_result *result, const char *key, const char *value);

/* Volumes. VOLUME_CREATE: the name that the runtime gave it, if another than it was asked for; it is what containers mount, and what will be
 * removed. VOLUME_INSPECT: a driver option, a label; of equal keys the last counts. At most 1,000 each, of 4,096 bytes each. */
ECSENGINE_API int ecsengine_result_set_volume_name(ecsengine_result *result, const char *name);
ECSENGINE_API int ecsengine_result_add_volume_option(ecsengine_result *result, const char *key, const char *value);
ECSENGINE_API int ecsengine_result_add_volume_label(ecsengine_result *result, const char *key, const char *value);

/* Execs. EXEC_CREATE, and of an event EXEC_DIE: the exec's id; at most 255 bytes. EXEC_INSPECT: whether the process runs; its exit code, -1
 * where it has none (not started yet, or it runs, or nobody knows); its process id on the host, 0 where it has none. EXEC_RUN: the exit code
 * by ecsengine_result_set_exit_code(), and what was written to stdout (`stream` 1; all of a terminal) and stderr (2), piece by piece in the
 * order of arrival. The first 1 MiB of output is kept and what follows only noted: the rest is still to be read. */
ECSENGINE_API int ecsengine_result_set_exec_id(ecsengine_result *result, const char *id);
ECSENGINE_API int ecsengine_result_set_exec_state(ecsengine_result *result, int32_t running, int32_t exit_code, int32_t pid);
ECSENGINE_API int ecsengine_result_add_output(ecsengine_result *result, int32_t stream, const void *bytes, size_t len);

/* AGENT_PREPARE: the version that was chosen, and the names of the files that were generated, in the order in which they were asked for (at
 * most 16). At most 255 bytes each, without `/`, control characters, `"` and `\`. */
ECSENGINE_API int ecsengine_result_set_agent_version(ecsengine_result *result, const char *version);
ECSENGINE_API int ecsengine_result_add_agent_file(ecsengine_result *result, const char *name);

/* INFO. */
ECSENGINE_API int ecsengine_result_set_cpus(ecsengine_result *result, int32_t cpus);
ECSENGINE_API int ecsengine_result_set_memory_mib(ecsengine_result *result, int64_t memory_mib);
/* A GPU that may be given out, by its id: 1 to 95 bytes of printable ASCII without space, comma, quote and backslash; at most 64. They are
 * given out in this order. Counts only with the key `enable-gpu-support` and where `host-gpus` is not set. */
ECSENGINE_API int ecsengine_result_add_gpu(ecsengine_result *result, const char *id);
ECSENGINE_API int ecsengine_result_set_runtime_version(ecsengine_result *result, const char *version);

#ifdef __cplusplus
}
#endif
#endif
