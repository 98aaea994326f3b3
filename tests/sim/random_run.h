/* SPDX-License-Identifier: Apache-2.0 */
/* A run drawn from a seed: a few small tasks, what their containers do, what the host does to them, and faults. */
#ifndef TEST_RANDOM_RUN_H
#define TEST_RANDOM_RUN_H

#include "harness.h"

/* Runs it from harness_start() to harness_end(). Problems are in harness->broken; what was drawn stands first in the trace. */
void random_run(uint64_t seed, struct harness *harness);

#endif
