/* SPDX-License-Identifier: Apache-2.0 */
/* --exec TASK/CONTAINER -- CMD...: one command in a container, once that runs. */
#ifndef ECSENGINE_RUN_EXEC_H
#define ECSENGINE_RUN_EXEC_H

#include <ecsengine/ecsengine.h>

#include "run.h"

/* Finds the task. False after a failure that was reported. With no --exec nothing is to be done, here and below. */
bool exec_open(struct run *run);
void exec_close(struct run *run);
void exec_turn(struct run *run);                                 /* gives the command to the engine when its time has come */
bool exec_event(struct run *run, const ecsengine_event *event); /* true: it was about the command */

#endif
