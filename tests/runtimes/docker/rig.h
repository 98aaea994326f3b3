/* SPDX-License-Identifier: Apache-2.0 */
/* What every test of the adapter stands on: a scripted daemon, an engine without a mind, and the adapter between them. Taking the rig
 * down checks that every operation was completed exactly once and that nothing was said to a closed engine. */
#ifndef TEST_RIG_H
#define TEST_RIG_H

#include <check.h>

#include "ecsengine/docker.h"
#include "engine_double.h"
#include "fake_daemon.h"

#define OK_CHUNKED "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"

struct rig {
    struct fake_daemon *daemon;
    ecsengine *engine;
    ecsengine_docker *docker;
};

extern struct rig rig;

void rig_up(void);
void rig_down(void);

/* With a daemon of a short backlog. */
void rig_up_with_backlog(int backlog);

#define do_op(...) double_do(rig.engine, &(struct double_op){__VA_ARGS__})
#define submit_op(...) double_submit(rig.engine, &(struct double_op){__VA_ARGS__})

/* Asserts that a text contains another. */
#define assert_has(text, part) ck_assert_msg(strstr(text, part) != NULL, "`%s` should have `%s`", text, part)

/* Nanoseconds of the monotonic clock, `ms` from now. */
int64_t rig_in_ms(int ms);

/* Runs a suite made of one test case; the program's exit status. */
int rig_run(const char *name, void (*add)(TCase *tcase), double timeout_s);

#endif
