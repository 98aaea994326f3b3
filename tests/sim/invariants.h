/* SPDX-License-Identifier: Apache-2.0 */
/* What holds in every run, whatever goes wrong around the engine. One row an invariant, in invariants.c, with its sentence; the page
 * docs/simulation.md has the same rows.
 *
 * The checker is told what was seen (operations, events, descriptions, records, times) and asks the simulated world, which is the
 * witness: what runs there runs, whatever the engine believes. It knows no engine and no simulator itself, so that its own tests can
 * show it what must never be, one invariant after the other (test_invariants.c). watch.c is what shows it a real engine.
 *
 * Tasks are made known with their documents; what is not known is checked as far as it can be. */
#ifndef TEST_INVARIANTS_H
#define TEST_INVARIANTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ecsengine/ecsengine.h"
#include "seen.h"
#include "text.h"

enum invariant {
    CREATE_ORDER,
    START_ORDER,
    STOP_ORDER,
    STATUS_RISES,
    DESIRED_RISES,
    APPLIED_AHEAD,
    TASK_FOLLOWS,
    TOLD_RISES,
    STOPPED_ONCE,
    CONTAINERS_FIRST,
    SILENT_WHEN_REMOVED,
    QUIET_WHEN_REMOVED,
    OP_IDS_NEW,
    ONE_OP_AT_A_TIME,
    NAME_DURABLE,
    NAME_STABLE,
    ONE_CONTAINER,
    ONE_AGENT,
    NOTHING_LEFT,
    REMOVE_LAST,
    GRACE,
    EXIT_TRUE,
    OOM_TRUE,
    RAN_TRUE,
    RAN_ONCE,
    STOPPED_FOR_A_CAUSE,
    DONE_ONCE,
    DONE_DURABLE,
    EXPLAINED,
    CAPACITY,
    PORTS_ONCE,
    GPUS_ONCE,
    HEAD_IS_ADMITTED,
    NOBODY_OVERTAKES,
    DEADLINE_AHEAD,
    COMES_TO_REST,
    WAKES_FOR_SOMETHING,
    RECORDS_DECODE,
    BELIEVES_THE_TRUTH,
    REACHES_ITS_GOAL,
    ENDS_IN_TIME,
    LEAVES_NO_RECORD,
    SLEEPS_IN_THE_END,
    ANSWERED_ONCE,
    MEMORY_GIVEN_BACK,
    CALLS_WORK,
    INVARIANTS
};

struct invariant_row {
    const char *name;
    const char *text;
};
extern const struct invariant_row invariant_rows[INVARIANTS];

/* The simulated world, as far as it is a witness. Texts are borrowed for the call. */
struct world_container {
    const char *task; /* the last part of its ARN; "": somebody else's */
    const char *name, *id;
    bool running, ended, oom_killed;
    int32_t exit_code; /* if it has ended */
    int32_t execs;     /* processes beside the main one */
    enum ecsengine_health health;
};
struct world {
    const struct world_container *list;
    size_t count;
};
struct witness {
    void *data;
    const struct world *(*world)(void *data);
    bool (*is_open)(void *data, uint64_t op_id); /* nobody has answered it yet */
};

/* An operation as it is submitted, before anything is done about it. */
struct op_view {
    enum ecsengine_op_kind kind;
    uint64_t id, cancel_id;
    const char *task, *container, *runtime_name; /* "": none */
    int64_t now_ns, deadline_ns, grace_ns;
    const char *config; /* CREATE: the create configuration; NULL: not known */
    int durable;        /* CREATE: the store has the task with this runtime name: 1; it has not: 0; there is no store: -1 */
};

struct invariants;

/* What does not hold is added to `broken`, a line each: `[time] name: what`. */
struct invariants *invariants_new(struct text *broken, const struct witness *witness, int64_t default_grace_ns);
void invariants_free(struct invariants *invariants);

/* What it is now, for the lines. */
void invariants_time(struct invariants *invariants, int64_t mono_ns);

/* Counts one check of an invariant; `holds` false: notes it. */
void invariants_check(struct invariants *invariants, enum invariant which, bool holds, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
uint64_t invariants_checked(const struct invariants *invariants, enum invariant which);

/* A task as its payload has it: names, dependencies and the like are read from the document. Bad documents are ignored. */
void invariants_know(struct invariants *invariants, const char *document);

/* Containers that may be left behind by this task (a stop that never worked). */
void invariants_may_leave(struct invariants *invariants, const char *task, size_t containers);

/* Somebody other than the engine lays hands on containers, on this one or on any: what is told need not be what the world shows. */
void invariants_tampered(struct invariants *invariants);
void invariants_touched(struct invariants *invariants, const char *task, const char *container);

/* The world may differ from what the engine could see of it: a check that looks at both is left out for good. */
void invariants_excuse(struct invariants *invariants, enum invariant which);

/* A command was given: NULL for the task that it is about stands for the whole engine. */
void invariants_gave(struct invariants *invariants, uint64_t command_id, const char *task, bool stops, bool kills);

void invariants_saw_op(struct invariants *invariants, const struct op_view *op);
/* `durable`: as above, whether the store has the task of a COMMAND_DONE. */
void invariants_saw_event(struct invariants *invariants, const struct seen_event *event, int durable);
void invariants_saw_description(struct invariants *invariants, const char *task, const char *json);
void invariants_saw_world(struct invariants *invariants); /* looks at it before it changes again */
void invariants_saw_rest(struct invariants *invariants, int64_t now_ns, int64_t deadline_ns);
/* The engine asked to be woken now; whether anything came of it. */
void invariants_saw_wake(struct invariants *invariants, bool anything);
/* What the engine says of a task and what another engine says that was given a copy of the records. */
void invariants_saw_copy(struct invariants *invariants, const char *task, const char *json, const char *copy);

/* What the host has to give out (0: more than enough), and whether nobody may overtake. */
void invariants_host(struct invariants *invariants, int64_t cpu, int64_t memory_mib, bool fifo);
/* What the host has changes while tasks run: what fits is not asked any more. */
void invariants_host_changes(struct invariants *invariants);
/* After a turn: who has what. It may be doubtful because a task has stopped that nobody looked at since: look at all, then show it. */
bool invariants_books_doubtful(const struct invariants *invariants);
void invariants_saw_books(struct invariants *invariants);
/* A task that was perhaps overtaken (NULL: there is none); and whether it waits for the host's resources. */
const char *invariants_overtaken(const struct invariants *invariants);
void invariants_saw_overtaken(struct invariants *invariants, const char *task, bool queued);
/* At rest the engine says which place a task has among those that wait for the host's resources (from 1; 0: it is not among them). When
 * all tasks' places were seen: the first of them does not fit. */
void invariants_saw_place(struct invariants *invariants, const char *task, long place);
void invariants_saw_head(struct invariants *invariants);

/* So many second answers were taken. */
void invariants_saw_doubles(struct invariants *invariants, uint64_t count);

/* A new engine: ids start again, and what is not acknowledged is told again. */
void invariants_on_restart(struct invariants *invariants);

/* Faults are over since long: every task is where it should be, or waits for what will not come. */
void invariants_saw_goal(struct invariants *invariants, const char *task, const char *json, bool queued);

/* Every task that was told of is STOPPED and removed. */
bool invariants_all_removed(const struct invariants *invariants);
bool invariants_is_open(const struct invariants *invariants, const char *task); /* known, neither removed nor refused */
bool invariants_was_removed(const struct invariants *invariants, const char *task);
/* The names of tasks that are neither removed nor refused, by index; NULL past the end. */
const char *invariants_open_task(const struct invariants *invariants, size_t index);

#endif
