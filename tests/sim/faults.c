/* SPDX-License-Identifier: Apache-2.0 */
#include "faults.h"

#include <stddef.h>

const struct fault_row fault_rows[FAULTS] = {
    [FAULT_OP_ERROR] = {"op-error", "an operation is refused", "op-errors"},
    [FAULT_OP_LOST] = {"op-answer-lost", "an operation is done, and its answer is lost", "op-answers-lost"},
    [FAULT_OP_HANG] = {"op-hangs", "an operation is never done and never answered", "op-hangs"},
    [FAULT_OP_LATE] = {"op-late", "an operation is done and answered after its deadline", "op-late"},
    [FAULT_OP_DOUBLE] = {"op-doubled", "an operation is answered twice", "op-doubled"},
    [FAULT_OP_SLOW] = {"op-slow", "an operation takes its time", "op-slow"},
    [FAULT_ANSWER_SLOW] = {"answer-slow", "an operation is done, and its answer takes its time", "op-answers-slow"},
    [FAULT_NO_IMAGE] = {"no-image", "an image is in no registry", NULL},
    [FAULT_NO_RECORDS] = {"no-records", "the runtime's answers and events bring no container records", NULL},
    [FAULT_NO_START_TIMES] = {"no-start-times", "the runtime's records do not say when a container started", NULL},
    [FAULT_EVENT_DROPPED] = {"event-dropped", "a runtime event never comes", "events-dropped"},
    [FAULT_EVENT_DOUBLED] = {"event-doubled", "a runtime event comes twice", "events-doubled"},
    [FAULT_EVENT_LATE] = {"event-late", "a runtime event comes late", "events-late"},
    [FAULT_EVENT_SWAPPED] = {"event-swapped", "a runtime event comes after the next one", "events-swapped"},
    [FAULT_STREAM_LOST] = {"stream-lost", "the event stream breaks, and what happens in the gap is never told", "streams-lost"},
    [FAULT_DAEMON_DOWN] = {"daemon-down", "the daemon is away, and operations fail as unreachable", "op-unreachable"},
    [FAULT_STORE_FAILS] = {"store-fails", "the next commits fail", NULL},
    [FAULT_STORE_SLOW] = {"store-slow", "commits are answered late", NULL},
    [FAULT_STORE_FAILS_LONG] = {"store-fails-long", "every commit fails, for minutes", NULL},
    [FAULT_WALL_FORWARD] = {"wall-forward", "the wall clock is set forward", NULL},
    [FAULT_WALL_BACK] = {"wall-back", "the wall clock is set back", NULL},
    [FAULT_HOST_SLEEPS] = {"host-sleeps", "the host calls nothing for a while: much is overdue at once", NULL},
    [FAULT_FOREIGN] = {"foreign-container", "somebody else's container appears, with a host port that a task may want", NULL},
    [FAULT_KILLED_OUTSIDE] = {"killed-outside", "somebody kills a container", NULL},
    [FAULT_REMOVED_OUTSIDE] = {"removed-outside", "somebody removes a container", NULL},
    [FAULT_STARTED_OUTSIDE] = {"started-outside", "somebody starts a container that has ended", NULL},
    [FAULT_STOPPED_ANY_TIME] = {"stopped-any-time", "a task is stopped, whatever it is about to do", NULL},
    [FAULT_KILLED_ANY_TIME] = {"killed-any-time", "a task is killed, whatever it is about to do", NULL},
    [FAULT_ADDED_AGAIN] = {"added-again", "a task that is there is added again", NULL},
    [FAULT_ADDED_ANEW] = {"added-anew", "a new task comes under the ARN of one that was removed", NULL},
    [FAULT_CREDENTIALS_GONE] = {"credentials-gone", "a task's credentials are taken back, and come again later", NULL},
    [FAULT_CRASH] = {"crash", "the engine is gone at once, and a new one has the store's records", NULL},
    [FAULT_CRASH_LOSES] = {"crash-loses-batch", "the same, and the batch that was on its way is lost", NULL},
    [FAULT_HAND_OVER] = {"hand-over", "the engine is shut down, and a new one takes over", NULL},
    [FAULT_ACK_LATE] = {"ack-late", "events are acknowledged late", NULL},
    [FAULT_ACK_NEVER] = {"ack-never", "no event is acknowledged before the end", NULL},
    [FAULT_NO_MEMORY] = {"no-memory", "an allocation of the engine fails", NULL},
};

void faults_of_sim(const ecsengine_sim *sim, uint64_t struck[FAULTS])
{
    for (size_t i = 0; i < FAULTS; i++) {
        if (fault_rows[i].counter != NULL)
            struck[i] += ecsengine_sim_counter(sim, fault_rows[i].counter);
    }
}
