/* SPDX-License-Identifier: Apache-2.0 */
/* Setting up and taking down. The adapter is freed before the double, which counts what was done wrong. */
#include "rig.h"

#include <stdlib.h>
#include <time.h>

struct rig rig;

void rig_up_with_backlog(int backlog)
{
    rig.daemon = daemon_new(backlog);
    rig.engine = double_new();
    ck_assert_int_eq(ecsengine_docker_new(daemon_url(rig.daemon), &rig.docker, NULL), 0);
    ck_assert_int_eq(ecsengine_docker_attach(rig.docker, rig.engine, NULL), 0);
}

void rig_up(void) { rig_up_with_backlog(0); }

void rig_down(void)
{
    ecsengine_docker_free(rig.docker);
    daemon_free(rig.daemon);
    ck_assert_int_eq(double_free(rig.engine), 0);
}

int64_t rig_in_ms(int ms)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec + (int64_t)ms * 1000000;
}

int rig_run(const char *name, void (*add)(TCase *tcase), double timeout_s)
{
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create(name);

    tcase_set_timeout(tcase, timeout_s);
    add(tcase);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
