/* SPDX-License-Identifier: Apache-2.0 */
/* A task and its containers: the state that the engine keeps and advances (task-engine: section 1.4).
 *
 * Of each status there are up to five: known (last observed fact), desired, applied (the status whose transition is in flight), sent
 * (acknowledged by the host; durable) and emitted (told in this life; volatile). Statuses only rise. One block holds a task with all of
 * its containers; it is made before admission, so that admitting it needs no memory. */
#ifndef MODEL_TASK_H
#define MODEL_TASK_H

#include "base/map.h"
#include "model/charge.h"
#include "model/op.h"
#include "model/result.h"
#include "model/waiting.h"

enum inspect_why {
    INSPECT_NONE = 0,
    INSPECT_EVENT = 1,  /* something happened to it */
    INSPECT_VERIFY = 2, /* nothing known; a gap in the event stream, a periodic look, a restart */
};

/* Why a container that has ended is started again, or stays stopped (task-engine: section 9). */
enum restart_decision {
    RESTART_UNDECIDED = 0,
    RESTART_STARTED,       /* it is started again */
    RESTART_STOPPING,      /* it shall be stopped */
    RESTART_NO_EXIT_CODE,  /* nobody knows how it ended */
    RESTART_IGNORED_CODE,  /* the policy ignores how it ended */
    RESTART_TOO_SOON,      /* its run was shorter than restartAttemptPeriod */
    RESTART_GONE,          /* there is nothing left to be started */
    RESTART_GAVE_UP,       /* it was tried, and did not start */
};

enum restart_phase {
    RESTART_IDLE = 0,
    RESTART_WAITING,   /* it has ended and is to be started: for a pause, or for a START that is on its way */
    RESTART_ANSWERED,  /* the runtime said that it was started: an inspection shows what came of it */
    RESTART_DOUBTFUL,  /* the answer was lost: an inspection shows whether it runs */
};

/* The restarts of a container that has a policy; made when it ends for the first time. */
struct restart {
    uint32_t count;
    uint8_t phase;            /* enum restart_phase */
    uint8_t decision;         /* enum restart_decision: the last one */
    uint8_t failures;         /* starts of this restart that have failed */
    bool timed;               /* last_mono_ns is of this life */
    int32_t exit_code;        /* of the run that has ended; kept until it is clear that another one began */
    int64_t last_at;          /* wall clock: the last restart, 0: none */
    int64_t last_mono_ns;
    int64_t first_started_at; /* of the first run; 0: there was no other */
    int64_t ended_started_at; /* of the run that has ended: how an old record of it is told from one of the next run */
    int64_t ended_at;
    struct str *error_name;   /* what was wrong with the end of that run; NULL: nothing */
    struct str *error_text;
};

/* What is done next for a managed agent, at once or when its timer says so (engine/agent.c). */
enum agent_phase {
    AGENT_WAITING = 0, /* nothing: its container does not run, or has no such agent */
    AGENT_LOOK,        /* does what was started run? */
    AGENT_CREATE,      /* make an exec */
    AGENT_START,       /* start it: never another one before it is known what became of this */
    AGENT_GAVE_UP,
};

/* A managed agent of a container (runtime-and-agents: section 3). */
struct agent {
    uint8_t index;     /* of the container's */
    uint8_t phase;     /* enum agent_phase */
    uint8_t status;    /* enum ecsengine_agent_status */
    uint8_t sent;      /* the status that was acknowledged; 0 again with each change of state */
    bool prepared;     /* the host has answered, well or not */
    bool init_failed;
    bool cleaned;
    bool fresh;        /* its container began to run after what is recorded was started */
    bool ran;          /* it was started once, and can't be again */
    bool unclear;      /* a START of it had no answer, and may be done yet: no refusal of another one says that it will not run */
    bool again;        /* something was heard of it while it was looked at: look once more */
    bool restarting;   /* its container ran with it before */
    bool untold;       /* its status is to be told when a former event is acknowledged */
    uint8_t tries;     /* of the round: a create, a start, a look */
    uint8_t looks;     /* in a row that brought nothing */
    uint32_t failures; /* rounds and short runs, in a row */
    uint32_t restarts; /* of this container's run */
    int32_t pid;
    int64_t started_at; /* wall clock; 0: it was not started, or is not known to run any more */
    int64_t steady_ns;  /* monotonic: when it was seen to run */
    int64_t round_ns;   /* monotonic: when the round began */
    uint64_t event_id;  /* of what was told last */
    struct container *container;
    struct ecsengine_op *op;
    struct timer timer;
    struct str *uuid;
    struct str *version;
    struct str *files; /* names, each ended by a newline */
    struct str *exec_id;
    struct str *reason;
    struct str *trouble; /* of the last try, for explain alone */
};

struct container {
    uint16_t index;
    container_status known;
    container_status desired;
    container_status applied;
    container_status sent;
    container_status emitted;
    uint8_t health;
    bool has_exit_code;
    bool create_tried;    /* a create went out: something of that name may exist */
    bool unanswered;      /* ... or may yet come: nobody has said what became of that create */
    bool restopped;       /* the one forced stop of a container that came back (task-engine 5.3.2) */
    bool force_stop;      /* stop it although it is not known to run (task-engine 5.4) */
    bool start_overdue;   /* its startTimeout is over, in this life of the engine by the monotonic clock (task-engine 4.5) */
    bool start_done;      /* the start was answered; an inspection decides what came of it */
    bool stop_done;       /* the same of a stop */
    bool adopting;        /* restored: a container of that name may be there already */
    bool died;            /* an event said that it ended */
    bool has_event_exit;  /* ... with this exit code */
    bool inspect_again;   /* what is in flight may be older than what made us ask */
    bool digest_resolved;
    bool pull_waits;      /* in the queue for a pull slot */
    bool removing;        /* a remove went out */
    bool removed;         /* cleanup is done with it */
    bool kill;            /* no grace period */
    bool remove_by_force;
    uint8_t remove_tries; /* by force, that the runtime refused */
    uint8_t inspect;      /* enum inspect_why: wanted */
    uint8_t attempt;      /* of the operation in flight, from 0 */
    uint8_t inspect_attempt;  /* looks in a row that brought nothing: how long the next pause is */
    uint8_t inspect_refusals; /* of them those that had an answer */
    uint8_t step;         /* within a transition (engine/container.c) */
    uint32_t listed;      /* the periodic look that it was seen in (engine/poll.c) */
    int32_t exit_code;
    int32_t event_exit_code;
    int64_t limit_ns;     /* monotonic: the transition in flight has until then, over all its tries */
    int64_t begun_ns;     /* monotonic: when the transition in flight began */
    int64_t created_at;   /* wall clock, 0: not known */
    int64_t started_at;
    int64_t finished_at;
    struct task *task;
    struct ecsengine_op *op;         /* the operation in flight, without inspections */
    struct ecsengine_op *inspect_op; /* the inspection in flight */
    struct timer retry;
    struct timer inspect_timer;
    struct timer start_timer;
    struct list pull_link;
    struct list look_link; /* waits for its turn to be looked at (engine/inspect.c) */
    struct map_node by_id;
    struct map_node by_name;
    struct str *runtime_name;
    struct str *runtime_id;
    struct str *error; /* `Name: text`; the first one sticks (task-engine 5.4) */
    struct str *failure; /* the text of a failed start or stop, while something else decides whether it counts */
    struct str *failure_name; /* ... and its error name */
    struct str *trouble; /* `Name: text` of the last try, while something is tried again: for explain alone */
    struct str *image_digest;
    struct str *health_output;
    struct ports *ports;
    struct restart *restart; /* NULL: it never ended, or has no policy */
    struct agent *agents;    /* as many as its definition says; NULL: none */
};

/* A volume, or what a host makes for the task. Its creation is all that happens to it while the task lives; REMOVED is said at once, and
 * what was made is removed when the containers are. */
struct resource {
    uint16_t index;
    resource_status known;
    resource_status desired;
    resource_status applied;
    bool tried;           /* a create went out: something of that name may exist, and is the task's to remove */
    bool unanswered;      /* ... or may yet come: nobody has said what became of that create */
    bool removing;        /* a remove went out */
    bool removed;         /* cleanup is done with it */
    uint8_t attempt;      /* of the remove, from 0 */
    uint8_t remove_tries; /* that the runtime refused */
    struct task *task;
    struct ecsengine_op *op; /* the operation in flight */
    struct timer retry;
    struct str *runtime_name; /* what the runtime knows it by; of a shared volume, its name */
    struct str *error;       /* why it could not be made */
};

enum task_phase {
    TASK_ACTIVE = 0,
    TASK_CLEANING, /* its containers are being removed */
    TASK_REMOVED,  /* all is gone but the acknowledgement */
    TASK_REFUSED,  /* never was one; waits for the acknowledgement of its STOPPED event */
    TASK_LOST,     /* its record was damaged; what is left of it is looked for, or it is STOPPED and that is not acknowledged */
};

/* A task without definition was refused or lost, or was lost and is removed. */
static inline bool task_phase_fits(uint8_t phase, bool has_definition)
{
    bool bare = phase == TASK_REFUSED || phase == TASK_LOST;

    return has_definition ? !bare : bare || phase == TASK_REMOVED;
}

struct task {
    struct mem *mem;
    struct str *arn;
    struct definition *definition; /* NULL: refused, or lost */
    struct str *execution_credentials_id; /* NULL: none; so is the next */
    struct str *role_credentials_id;
    struct str *reason;            /* terminal reason, or why it was refused */
    struct map_node by_arn;
    struct list all;     /* every task, in the order of admission */
    struct list touched; /* to be advanced */
    struct list dirty;   /* its record is to be written */
    struct waiting waiting; /* for host resources */
    struct list credential_wait; /* for credentials of its execution role */
    struct timer timer;
    uint64_t number;     /* order of admission */
    uint64_t saved_batch;   /* the batch with its first record; 0: none yet; or SAVED_BEFORE */
    struct list open_events; /* struct pending_ack: given out and not acknowledged */
    struct ecsengine_event *batch_first; /* container events since the last event of the task */
    struct ecsengine_event *batch_last;
    int64_t known_at;       /* wall clock of the known status */
    int64_t pull_started_at;
    int64_t pull_stopped_at;
    int64_t execution_stopped_at;
    int64_t charged_memory_mib; /* what it has of the host (model/charge.h) */
    int64_t charged_cpu_units;
    struct list charged_ports;  /* struct port_charge, in the order in which they were taken */
    struct list charged_gpus;   /* struct gpu_charge */
    task_status known;
    task_status desired;
    task_status sent;
    task_status emitted;
    uint8_t phase;
    bool admitted;
    bool charged;
    bool cleanup_due;    /* the wait after STOPPED is over */
    bool ack_overdue;    /* ... and so is the wait for its acknowledgement */
    bool removal_sent;
    bool deleted;        /* its record is to be deleted */
    bool gave_up;        /* task-engine 3.4 */
    bool restored;       /* moves when the event stream is open and its containers were looked at */
    uint16_t container_count;
    uint16_t resource_count;
    struct resource *resources; /* behind the containers, in the same block */
    size_t notice_count;
    struct str **notices;
    struct container containers[];
};

/* A task with all that it will need; takes over nothing: references are added. `definition` may be NULL (refused). NULL: no memory. */
struct task *task_new(struct mem *mem, struct str *arn, struct definition *definition, struct str *refusal);
/* Forgets what it is charged with, which the engine does not know of. */
void task_drop_charge(struct task *task);
/* Frees a task that is in no list, map or heap. NULL is fine. */
void task_free(struct task *task);

void restart_free(struct mem *mem, struct restart *restart); /* NULL is fine */

static inline bool restart_pending(const struct container *container)
{
    return container->restart != NULL && container->restart->phase != RESTART_IDLE;
}

/* When the first of its runs began: what its startTimeout counts from. */
static inline int64_t container_first_started_at(const struct container *container)
{
    return container->restart != NULL && container->restart->first_started_at != 0 ? container->restart->first_started_at
                                                                                  : container->started_at;
}

static inline const struct container_def *container_def(const struct container *container)
{
    return &container->task->definition->containers[container->index];
}

static inline uint16_t agent_count(const struct container *container)
{
    return container->agents != NULL ? container_def(container)->agent_count : 0;
}

static inline const struct managed_agent *agent_def(const struct agent *agent)
{
    return &container_def(agent->container)->agents[agent->index];
}

static inline container_status container_steady(const struct container *container) { return container_def(container)->steady; }

static inline const struct resource_def *resource_def(const struct resource *resource)
{
    return &resource->task->definition->resources[resource->index];
}

#endif
