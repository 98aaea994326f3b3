/* SPDX-License-Identifier: Apache-2.0 */
/* What every test of the simulator begins with: a simulator attached to the stand-in for an engine, its event stream open, and a short
 * way to ask for things. */
#ifndef FIXTURE_H
#define FIXTURE_H

#include <check.h>
#include <stdbool.h>
#include <stdlib.h>

#include "fake_engine.h"

#define MS INT64_C(1000000)
#define SECONDS INT64_C(1000000000)
#define WALL_0 (INT64_C(1700000000) * SECONDS)
#define TASK_ARN "arn:aws:ecs:us-west-2:123456789012:task/default/t1"

extern ecsengine_sim *sim;
extern ecsengine engine;

void fixture_setup(void);
void fixture_teardown(void); /* also checks that no operation and no result is left */

/* A script line that must be good. */
void script(const char *line);

/* Lets time pass, until then in one step. */
void at(int64_t mono_ns);

uint64_t ask(enum ecsengine_op_kind kind);
uint64_t create(const char *name);                          /* runtime name `rt-<name>`, image busybox, no command */
uint64_t create_with(const char *name, const char *config); /* members of the create configuration, after the image */
uint64_t start(const char *name);
uint64_t stop(const char *name, int64_t grace_ns);
uint64_t inspect(const char *name);
uint64_t remove_container(const char *name, int32_t force);
uint64_t pull(const char *image);

/* Created and started. */
void run(const char *name, const char *config);

/* The answer, which must be there: a good one, a failed one. */
const struct ecsengine_result *good(uint64_t op_id);
const struct ecsengine_result *failed(uint64_t op_id, enum ecsengine_failure failure);
bool is_open(uint64_t op_id); /* not answered yet */

/* Runs a suite made of one test case with the fixture. */
int run_tests(const char *name, const TTest *const *tests, size_t count);
int run_loop_test(const char *name, const TTest *test, int end); /* one test, for each _i before `end` */

#endif
