/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated host as a whole, and what its parts ask of each other.
 *
 *   sim.c       the public functions, and time              jobs.c     one operation's way from submit() to its completion
 *   perform.c   the work of each kind of operation          results.c  filling in answers
 *   life.c      containers start, end, become healthy       events.c   telling the engine, with the script's faults
 *   making.c    volumes, and what else a host makes
 *
 * Two rules hold everywhere. What happens is done to the containers first and told afterwards, so that whoever asks finds what he was
 * told. And nothing that goes through the engine's allocator (a result, an event) is needed for the simulator to stay right. */
#ifndef SIM_SIMULATOR_H
#define SIM_SIMULATOR_H

#include "containers.h"
#include "ecsengine/sim.h"
#include "images.h"
#include "ports.h"
#include "rules.h"
#include "schedule.h"
#include "volumes.h"

enum { SIM_OP_KINDS = 32 };

enum sim_counter {
    SIM_COUNT_EVENTS,
    SIM_COUNT_LOST_EVENTS,
    SIM_COUNT_LATE,
    SIM_COUNT_DOUBLE_TAKEN,
    SIM_COUNT_REFUSED,
    SIM_COUNT_NO_MEMORY,
    SIM_COUNT_STARVED,
    SIM_COUNT_OPEN,
    SIM_COUNT_CHANGES,
    SIM_COUNT_OP_ERRORS, /* from here on: how often a fault has struck */
    SIM_COUNT_OP_LOST,
    SIM_COUNT_OP_HANGS,
    SIM_COUNT_OP_LATE,
    SIM_COUNT_OP_DOUBLES,
    SIM_COUNT_OP_SLOW,
    SIM_COUNT_ANSWERS_SLOW,
    SIM_COUNT_OP_UNREACHABLE,
    SIM_COUNT_EVENTS_DROPPED,
    SIM_COUNT_EVENTS_DOUBLED,
    SIM_COUNT_EVENTS_LATE,
    SIM_COUNT_EVENTS_SWAPPED,
    SIM_COUNT_STREAMS_LOST,
    SIM_COUNTERS
};

/* What an engine holds of the simulator: it outlives whichever of the two ends first. */
struct sim_link {
    ecsengine_sim *sim; /* NULL: the simulator was freed */
};

/* What is to happen to one operation; a copy of the rule, which may move when the script grows. */
struct sim_plan {
    enum sim_fault fault;
    enum ecsengine_failure failure;
    int64_t delay_ns, answer_delay_ns; /* 0: none */
    bool silent;                       /* reports no progress */
    const char *text, *error_name;     /* live as long as the script; NULL: none */
};

enum sim_job_state {
    SIM_JOB_NEW /* not kept: lives on the stack of submit() */,
    SIM_JOB_DELAYED,
    SIM_JOB_WAITING,
    SIM_JOB_ANSWERED,
    SIM_JOB_HANGING
};

/* An operation that the simulator holds. */
struct sim_job {
    struct sim_job *prev, *next;     /* of all jobs */
    struct sim_job *waits_next;      /* of the stops that wait for one container */
    struct sim_container *container; /* WAITING: for the end of this one */
    struct sim_item item;
    ecsengine_op *op;
    uint64_t op_id;
    enum ecsengine_op_kind kind;
    enum sim_job_state state;
    struct sim_plan plan;
    int64_t begun_ns, work_at_ns; /* DELAYED: since when, and when the work is done */
    ecsengine_result *answer;     /* ANSWERED: owned; NULL: no memory for one */
    bool opens_stream;            /* its completion does */
    bool cancelled;               /* nobody waits for it, but it goes on */
    bool orphan;                  /* its engine is gone: in neither list nor table of jobs by their ids */
};

/* An event that was held back, or found no memory. */
struct sim_notice {
    struct sim_notice *prev, *next;  /* of all notices */
    struct sim_notice *starved_next; /* of those without memory */
    struct sim_item item;
    enum ecsengine_runtime_event_kind kind;
    char id[SIM_ID_DIGITS + 1];
    char exec_id[64]; /* EXEC_DIE */
    int32_t exit_code;
};

struct ecsengine_sim {
    uint64_t seed;
    int64_t mono_ns, wall_ns;
    bool interpret, records, start_times, down;

    ecsengine *engine; /* NULL: none is attached */
    struct sim_link *link;
    bool cut; /* the engine is as good as gone */
    bool stream_open;
    int64_t stream_from_ns; /* it cannot be opened before */

    struct sim_schedule schedule;
    struct sim_containers containers;
    struct sim_images images;
    struct sim_ports ports;
    struct sim_volumes volumes;
    struct sim_volumes resources; /* what the host was asked to make beside volumes */
    struct sim_rules rules;
    struct sim_job *jobs, *jobs_last;
    struct sim_table job_ids;
    struct sim_notice *notices;
    const struct sim_exec *told; /* EXEC_DIE, while it is told: whose end it is */
    struct sim_notice *held;                   /* waits for the next event, to come after it */
    struct sim_notice *starved, *starved_last; /* wait for memory, in order */
    bool lost_untold;                          /* that the stream has ended found no memory */

    int32_t cpus;
    int64_t memory_mib;
    char *version;

    ecsengine_sim_watch_fn watch;
    void *watch_data;
    uint64_t op_counts[SIM_OP_KINDS], op_total;
    uint64_t counters[SIM_COUNTERS];
};

struct sim_target sim_target_of(const struct sim_container *container);

/* jobs.c */
void sim_jobs_submit(ecsengine_sim *sim, ecsengine_op *op);
bool sim_jobs_holds(const ecsengine_sim *sim, uint64_t op_id);
void sim_jobs_cancel(ecsengine_sim *sim, uint64_t op_id);
void sim_jobs_due(ecsengine_sim *sim, struct sim_job *job);
void sim_jobs_drop(ecsengine_sim *sim); /* the engine is gone: every operation is released, but those of orphans */
void sim_jobs_free(ecsengine_sim *sim); /* the simulator is: all are */
void sim_jobs_orphan(ecsengine_sim *sim); /* the engine is gone, but the daemon has begun: what is no pull is done when its time comes */
void sim_jobs_fail(ecsengine_sim *sim); /* the daemon went down: every operation fails as unreachable, but those that hang */
void sim_jobs_ended(ecsengine_sim *sim, struct sim_container *container); /* answers the stops that waited for it */

/* perform.c: does the work. DONE and the answer (NULL: no memory for one); WAITS: parks the operation at `job->container`;
 * LATER: is asked again at `job->work_at_ns`. */
enum sim_performed { SIM_DONE, SIM_WAITS, SIM_LATER };
enum sim_performed sim_perform(ecsengine_sim *sim, struct sim_job *job, ecsengine_result **out_answer);

/* making.c: the same for what is no container. And the volumes of a container that comes, 0 or ENOMEM, and goes. */
int sim_mount(ecsengine_sim *sim, const struct sim_shape *shape);
void sim_unmount(ecsengine_sim *sim, const struct sim_shape *shape);
enum sim_performed sim_make(ecsengine_sim *sim, struct sim_job *job, ecsengine_result **out_answer);

/* execs.c: processes beside the main one, and what a host does for agents. */
enum sim_performed sim_exec(ecsengine_sim *sim, struct sim_job *job, ecsengine_result **out_answer);
enum sim_performed sim_agent(ecsengine_sim *sim, struct sim_job *job, ecsengine_result **out_answer);
void sim_exec_end(ecsengine_sim *sim, struct sim_exec *exec, int32_t exit_code);
void sim_execs_end(ecsengine_sim *sim, struct sim_container *container);    /* their container has ended */
void sim_execs_forget(ecsengine_sim *sim, struct sim_container *container); /* ... and is removed: nothing of them is due */

/* results.c: answers; NULL where there was no memory. */
ecsengine_result *sim_result_ok(const ecsengine_op *op);
ecsengine_result *sim_result_failed(const ecsengine_op *op, enum ecsengine_failure failure, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
ecsengine_result *sim_result_recorded(const ecsengine_op *op, const struct sim_container *container, bool recorded);
/* 0, or negative if something found no memory. */
int sim_result_add_record(ecsengine_result *result, const struct sim_container *container);

/* life.c */
/* NULL, or why it cannot start; the text lives until the next call. */
const char *sim_life_start(ecsengine_sim *sim, struct sim_container *container);
void sim_life_end(ecsengine_sim *sim, struct sim_container *container, int32_t exit_code, bool oom);
/* Asks it to end: it has (true), or will at a time that the schedule knows. */
bool sim_life_stop(ecsengine_sim *sim, struct sim_container *container, int64_t grace_ns);
void sim_life_remove(ecsengine_sim *sim, struct sim_container *container);
void sim_life_due(ecsengine_sim *sim, struct sim_item *item);

/* events.c */
void sim_events_tell(ecsengine_sim *sim, enum ecsengine_runtime_event_kind kind, const struct sim_container *container);
void sim_events_due(ecsengine_sim *sim, struct sim_notice *notice);
void sim_events_retry(ecsengine_sim *sim); /* puts those that found no memory back into the schedule */
void sim_events_close(ecsengine_sim *sim); /* the stream is closed: what was held back is lost */
void sim_events_lose(ecsengine_sim *sim);  /* it breaks, if it is open, and the engine is told so */

#define sim_container_of(item, type, member) ((type *)(void *)((char *)(item)-offsetof(type, member)))

#endif
