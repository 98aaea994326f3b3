/* SPDX-License-Identifier: Apache-2.0 */
/* Scenarios: one text file each, with a task or two, what is done to them when, and what must come of it.
 *
 *   what  an essential container ends, the other one is stopped
 *   config host-cpu 1024                     a configuration key (repeatable; the harness's own defaults come first)
 *   sim   container=a run=2s exit=7          a line for the simulator (repeatable)
 *   ack   auto | by-hand                     how events are acknowledged (default: each when it is taken)
 *   store                                    with a memory store
 *   task  t1 desired=STOPPED credentials=id                 a task (repeatable), and below it, indented, its containers:
 *     a   dependsOn=db:START,init:SUCCESS links=db:database volumesFrom=x essential=false image=busybox:1 cpu=10 memory=32
 *         ports=80:0/tcp,53:18053/udp stopTimeout=2 startTimeout=5 health=true restart=60:3,7 ecr=true command="sleep 5"
 *         mount=data range=8000-8003 gpu=gpu-1    (all on one line)
 *   document d1 {"arn": ...}                 a task as it is, in one line
 *   do    0 add t1                           at a time
 *   do    on t1/a RUNNING +300ms stop t1     or so much later than the first such event
 *   until 1h                                 when to give up (default 24h); the run ends when all tasks are removed or refused
 *   runs-on                                  it does not end before `until`
 *   volumes-left 1                           so many volumes are there in the end (default 0)
 *   leave t1 1                               so many containers of the task may be left behind
 *   tampered                                 the order of stops is not checked
 *   calls t1/a create start stop remove      the operations of a container, or of an image, without inspections and pulls of images
 *   before t1/db start t1/web create         the first operation of one comes before the first of the other
 *   expect                                   the events, in order, indented:
 *     t1/a STOPPED exit=3 error=CannotPullContainerError @2s
 *     t1   STOPPED reason="Task dependencies cannot" @any
 *     t1   REMOVED
 *     runtime UNREACHABLE
 *
 * Actions: add, add-document, stop, kill-task TASK; credentials, no-credentials ID (given, taken back); kill TASK/NAME CODE, start, remove TASK/NAME (an outsider's doing); lose DURATION; down; up;
 * damage TASK, forget TASK (a restart, before which the task's record comes to harm, or is gone); sim LINE; fail-store N; hold-store [2] (2: what is held is lost by a restart); release-store; restart; ack; set KEY VALUE (of the host, while it runs); wall SECONDS (sets the wall
 * clock, also back); sleep SECONDS (the host calls nothing for so long); volume NAME [JSON] (an outsider's volume, with the body that it was made with).
 * In `expect`, `exit=none` says that there is no exit code, `no-error` that the reason is empty, `ports="80/tcp"`, `digest` that there
 * is one. Events of the kinds runtime, store and done (`done NOTFOUND`) are compared only if the scenario names one of that kind. */
#ifndef TEST_SCENARIO_H
#define TEST_SCENARIO_H

#include "harness.h"

struct scenario;

/* Reads a file; says what is wrong with it on stderr and ends the program, as no test can go on. */
struct scenario *scenario_read(const char *path);
void scenario_free(struct scenario *scenario);
const char *scenario_what(const struct scenario *scenario);
bool scenario_is_timed(const struct scenario *scenario); /* something is done at a time, whatever came before it */
bool scenario_is_long(const struct scenario *scenario); /* `long`: too long for a run per allocation */

/* How much of the expectation must come true. */
enum scenario_compare {
    COMPARE_NOTHING, /* what always holds must hold; a step that has become impossible is left out */
    COMPARE_TASKS,   /* the events of each task, in their order and time */
    COMPARE_ALL      /* the events of all tasks together, the calls and their order */
};

/* Runs it from harness_start() to harness_end(). What memory, trace and checks the harness uses, the caller says before. Problems are
 * in harness->broken. */
void scenario_run(const struct scenario *scenario, struct harness *harness, enum scenario_compare compare);

/* TEST_STEP of the environment, else 1: tests that do something at each turn of each scenario go through every n-th alone in builds that
 * stand beside a whole one (-Dbrief=true). */
int scenario_step(void);

/* The paths of all scenarios in a folder, or every n-th of them, sorted, NULL at the end; owned by the caller. */
char **scenario_list(const char *folder);
void scenario_list_free(char **paths);

/* The folder: $ECSENGINE_SCENARIOS, or what the build says. */
const char *scenario_folder(void);

#endif
