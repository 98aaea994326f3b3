/* SPDX-License-Identifier: Apache-2.0 */
/* The checker from inside: what it knows of tasks, and what its parts ask of each other. invariants.c has the table and the tasks;
 * check_ops.c, check_events.c and check_state.c have the invariants of what they are named after. */
#ifndef TEST_CHECKER_H
#define TEST_CHECKER_H

#include "description.h"
#include "invariants.h"

enum { NAME_SIZE = 128, NEEDS_MAX = 24, CODES_MAX = 12, PORTS_MAX = 32, TASKS_HASHED = 256 };

struct need {
    char name[NAME_SIZE];
    char condition[16];
};

struct known_container {
    char name[NAME_SIZE];
    struct need needs[NEEDS_MAX];
    size_t need_count;
    bool essential, restarts;
    int64_t stop_timeout_ns; /* 0: the default */

    int32_t told;      /* the last status told, as a number; -1: none */
    bool told_stopped; /* also in an earlier engine's life */
    int32_t described; /* the last known status described; -1: none */
    int32_t described_desired;
    char runtime_name[NAME_SIZE];       /* of its create; "": none yet */
    struct known_container *next_named; /* of those whose runtime names have the same hash */
    uint64_t op_id;                     /* the last operation beside inspections; 0: none in this life */
    int64_t op_deadline_ns;
    bool op_cancelled;

    /* the truth, as the simulated world showed it: */
    bool ran, was_healthy, is_healthy, was_oom_killed, is_running, has_ended, tampered;
    int32_t codes[CODES_MAX]; /* exit codes that it had */
    size_t code_count;
    int32_t last_code;
    uint64_t look; /* the last look at the world that showed it */
    char id[80];

    /* what its create configuration gave it */
    uint32_t ports[PORTS_MAX]; /* of the host; those of UDP have bit 16 set */
    size_t port_count;
    char gpus[128]; /* `a,b` */
};

struct known_task {
    struct known_task *next, *next_hashed;
    char name[NAME_SIZE];
    struct known_container *containers;
    struct known_container *former; /* of a life before this one; NULL: there was none */
    size_t container_count, may_leave;
    int32_t told, described, described_desired;
    bool removed, refused, stopped;
    bool anew;                 /* it was added after a removal, and that is not done yet: the former life may be told again */
    bool queued;               /* the engine said so when it was last asked */
    int64_t cpu, memory_mib;   /* that it needs of the host */
    uint32_t fixed[PORTS_MAX]; /* host ports that its document names, as above */
    size_t fixed_count;
    bool odd_needs;              /* it needs what the checker has no books of, or too much */
    uint64_t order;              /* in which tasks were added; 0: it was not */
    bool begun, begun_ever;      /* it has had an operation beyond a look for what was never made, in this engine's life, in any */
    bool overtaken;              /* a later one has begun; perhaps it does not wait at all */
    bool wanted_stopped, killed; /* a command said so, or its document */
    bool may_repeat;             /* it was removed in an earlier engine's life, which may not have known that this had arrived */
    struct need doubtful[NEEDS_MAX]; /* what somebody was created or stopped for, though the simulated world shows no sign of it */
    enum invariant doubted[NEEDS_MAX];
    size_t doubtful_count;
};

struct given {
    uint64_t id;
    bool done;
};

struct invariants {
    struct text *broken;
    struct witness witness;
    int64_t now_ns, default_grace_ns;
    uint64_t checked[INVARIANTS];
    bool excused[INVARIANTS];
    bool tampered, restarted;
    int64_t host_cpu, host_memory_mib; /* to give out; 0: more than enough */
    bool host_changes;
    bool fifo, books_changed;
    uint64_t orders;               /* given out */
    const struct known_task *head; /* of the queue */

    struct known_task *tasks, **last;
    struct known_task *hashed[TASKS_HASHED];
    struct known_container *named[TASKS_HASHED];
    uint64_t *op_ids; /* a table of ids, 0: free */
    size_t op_id_count, op_id_size;
    struct given *given;
    size_t given_count, given_size;
    uint64_t look;
    size_t idle_wakes;              /* in this engine's life */
    struct description description; /* scratch */
};

size_t checker_hash(const char *name); /* below TASKS_HASHED */
struct known_task *checker_task(const struct invariants *invariants, const char *name);
struct known_container *checker_container(const struct known_task *task, const char *name);
bool checker_any_told(const struct known_task *task);

/* The task has an operation; the container got what its create configuration says. */
void checker_begins(struct invariants *invariants, struct known_task *task);
void checker_got(struct known_container *container, const char *config);

/* The new life was refused: the former one is what there is. */
void checker_not_anew(struct known_task *task);

/* Whether a condition is met in the simulated world. */
bool checker_is_met(const struct known_task *task, const struct need *need);
/* What only the engine can know of; the next description of the task must confirm it. */
void checker_doubt(struct invariants *invariants, struct known_task *task, enum invariant which, const char *name,
                   const char *condition);

#endif
