/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of faults, one row each, in faults.c, with its sentence; the page docs/simulation.md has the same rows. Each is counted when
 * it has really struck, so that a campaign knows that it tested what it says. */
#ifndef TEST_FAULTS_H
#define TEST_FAULTS_H

#include <stdint.h>

#include "ecsengine/sim.h"

enum fault {
    FAULT_OP_ERROR,
    FAULT_OP_LOST,
    FAULT_OP_HANG,
    FAULT_OP_LATE,
    FAULT_OP_DOUBLE,
    FAULT_OP_SLOW,
    FAULT_ANSWER_SLOW,
    FAULT_NO_IMAGE,
    FAULT_NO_RECORDS,
    FAULT_NO_START_TIMES,
    FAULT_EVENT_DROPPED,
    FAULT_EVENT_DOUBLED,
    FAULT_EVENT_LATE,
    FAULT_EVENT_SWAPPED,
    FAULT_STREAM_LOST,
    FAULT_DAEMON_DOWN,
    FAULT_STORE_FAILS,
    FAULT_STORE_SLOW,
    FAULT_STORE_FAILS_LONG,
    FAULT_WALL_FORWARD,
    FAULT_WALL_BACK,
    FAULT_HOST_SLEEPS,
    FAULT_FOREIGN,
    FAULT_KILLED_OUTSIDE,
    FAULT_REMOVED_OUTSIDE,
    FAULT_STARTED_OUTSIDE,
    FAULT_STOPPED_ANY_TIME,
    FAULT_KILLED_ANY_TIME,
    FAULT_ADDED_AGAIN,
    FAULT_ADDED_ANEW,
    FAULT_CREDENTIALS_GONE,
    FAULT_CRASH,
    FAULT_CRASH_LOSES,
    FAULT_HAND_OVER,
    FAULT_ACK_LATE,
    FAULT_ACK_NEVER,
    FAULT_NO_MEMORY,
    FAULTS
};

struct fault_row {
    const char *name;
    const char *text;
    const char *counter; /* the simulator counts it under this name; NULL: whoever does it counts it */
};
extern const struct fault_row fault_rows[FAULTS];

/* Adds what the simulator has counted. */
void faults_of_sim(const ecsengine_sim *sim, uint64_t struck[FAULTS]);

#endif
