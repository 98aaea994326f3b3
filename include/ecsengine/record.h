/* SPDX-License-Identifier: Apache-2.0 */
/* Recording an engine, and replaying it: how a fault that was seen once is seen again, elsewhere and as often as one likes.
 *
 * An engine is deterministic, so what came into it is all that is needed. A recording holds every input with the turn that applied it, the
 * clocks, the seed and the configuration, and a hash of each output. A replay runs the inputs through an engine of its own, which talks to no
 * runtime and no store, and finds the same outputs, byte for byte, or names the first that is not. At any point it can be asked what the
 * real one could have been asked: descriptions, explanations, plans.
 *
 * Secrets are not in a recording: a document of credentials is replaced by a hash under a key that nobody keeps. Everything else of a task is,
 * as in a store: treat the one like the other. */
#ifndef ECSENGINE_RECORD_H
#define ECSENGINE_RECORD_H

#include "ecsengine/engine.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Recording ----------------------------------------------------------------------------------------------------------------------
 *
 * Takes the next bytes of the recording; borrowed for the call. They come at a turn's end, before its operations are handed out, so that a
 * recording is whole up to whatever a runtime did to the process. From the dispatching thread, or from within ecsengine_record_start() and
 * ecsengine_record_stop(); never two at a time. May take its time, if turns may. It must not call record functions of this engine. */
typedef void (*ecsengine_record_fn)(const void *data, size_t len, void *user_data);

/* Begins a recording, at any time of an engine's life: before anything was put into it, or between two turns, when the recording begins with
 * the engine's whole state. One that is under way ends, and the new one takes its place: so a host keeps recordings short, by beginning
 * anew and throwing away the eldest. It also keeps them small in memory: a recording remembers of each definition that it has written it down.
 * From another thread than the one that dispatches it waits for the end of a turn. EINVAL, ENOMEM (also while the engine waits for memory
 * to go on with a turn), ESTATE (while records are given back; an engine of a replay), EREENTRANT (from within a write function of this
 * engine), ESYSTEM (no random key). */
ECSENGINE_API int ecsengine_record_start(ecsengine *engine, ecsengine_record_fn write, void *user_data, ecsengine_error **error);

/* Ends it. After this returns `write` is not called again. ESTATE if there is none, ENOMEM if it ended before, for want of memory:
 * what was written until then is good. EREENTRANT. */
ECSENGINE_API int ecsengine_record_stop(ecsengine *engine, ecsengine_error **error);

/* ---- Replaying ----------------------------------------------------------------------------------------------------------------------
 *
 * One thread at a time, with all that belongs to it. */
typedef struct ecsengine_replay ecsengine_replay;

/* Begins a replay of a recording in memory (a mapped file), which is borrowed until the replay is freed. `allocator` may be NULL.
 * EINVAL, ESYNTAX (no recording), ECORRUPT (its beginning is damaged), EUNSUPPORTED (of a newer form), ENOMEM. */
ECSENGINE_API int ecsengine_replay_new(const void *recording, size_t len, const ecsengine_allocator *allocator,
                                       ecsengine_replay **out_replay, ecsengine_error **error);
ECSENGINE_API void ecsengine_replay_free(ecsengine_replay *replay); /* its engine too; NULL is fine */

/* Runs the next turn. 1: one was run; 0: there is none. A recording whose last bytes were lost ends there: ecsengine_replay_cut().
 * ECORRUPT: damaged, with the place; EUNSUPPORTED: the state that it begins with is of a newer form; ENOMEM. After an error there are no
 * more turns. */
ECSENGINE_API int ecsengine_replay_next(ecsengine_replay *replay, ecsengine_error **error);

/* The turn that was run last, counted from 1; its times (monotonic, and since 1970); its inputs as a JSON array, owned by the caller
 * (ENOMEM). 0, 0 and `[]` before the first. */
ECSENGINE_API uint64_t ecsengine_replay_turn(const ecsengine_replay *replay);
ECSENGINE_API int64_t ecsengine_replay_mono_ns(const ecsengine_replay *replay);
ECSENGINE_API int64_t ecsengine_replay_wall_ns(const ecsengine_replay *replay);
ECSENGINE_API int ecsengine_replay_inputs(const ecsengine_replay *replay, ecsengine_text **out_text, ecsengine_error **error);
/* When the next turn will be; INT64_MAX: there is none, or it is damaged. */
ECSENGINE_API int64_t ecsengine_replay_next_wall_ns(const ecsengine_replay *replay);

/* The first output that was another one than in the recording, with both of them; "" while there is none. Of a recording that another version
 * of the library wrote it is information, not a fault. Borrowed for the replay's life. */
ECSENGINE_API const char *ecsengine_replay_difference(const ecsengine_replay *replay);
/* The turn of that; 0: there is none. */
ECSENGINE_API uint64_t ecsengine_replay_difference_turn(const ecsengine_replay *replay);

/* The version of the library that wrote it, borrowed; whether it begins in the middle of an engine's life; whether it breaks off within a
 * turn, as far as was read; whether a turn of it lacked memory, after which differences are to be expected. */
ECSENGINE_API const char *ecsengine_replay_version(const ecsengine_replay *replay);
ECSENGINE_API int32_t ecsengine_replay_middle(const ecsengine_replay *replay);
ECSENGINE_API int32_t ecsengine_replay_cut(const ecsengine_replay *replay);
ECSENGINE_API int32_t ecsengine_replay_starved(const ecsengine_replay *replay);

/* The engine, to be asked (task.h, host.h, plan.h), and to take from what the last turn handed out (ecsengine_next_op(),
 * ecsengine_next_event()): what is not taken before the next turn is gone. It belongs to the replay and takes nothing in: commands,
 * completions and events are ECLOSED, turns and its end ESTATE. */
ECSENGINE_API ecsengine *ecsengine_replay_engine(ecsengine_replay *replay);

#ifdef __cplusplus
}
#endif
#endif
