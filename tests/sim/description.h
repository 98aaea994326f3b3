/* SPDX-License-Identifier: Apache-2.0 */
/* A task's description, read once in one pass, into places that are there already: it is read after every turn in which it changed. */
#ifndef TEST_DESCRIPTION_H
#define TEST_DESCRIPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DESCRIPTION_CONTAINERS = 32, DESCRIPTION_TEXT = 160 };

struct described_container {
    char name[DESCRIPTION_TEXT], runtime_name[DESCRIPTION_TEXT], reason[DESCRIPTION_TEXT]; /* long ones are cut */
    int32_t known, desired, applied; /* enum ecsengine_container_status; -1: not said */
    bool healthy, has_exit_code;
    int32_t exit_code;
};

struct description {
    int32_t known, desired; /* enum ecsengine_task_status; -1: not said */
    char reason[DESCRIPTION_TEXT];
    struct described_container containers[DESCRIPTION_CONTAINERS];
    size_t container_count;
    bool truncated; /* there were more containers */
};

/* False: it is not a description. */
bool description_read(const char *json, struct description *out);

const struct described_container *description_find(const struct description *description, const char *name);

/* The statuses by their names; -1 for others. */
int32_t container_status_of(const char *name);
int32_t task_status_of(const char *name);

#endif
