/* SPDX-License-Identifier: Apache-2.0 */
/* Writing task payloads from short words. */
#ifndef TEST_PAYLOAD_H
#define TEST_PAYLOAD_H

#include <jansson.h>

/* A task without containers: `key=value` words in `words` (desired=, family=, networkMode= ...). NULL and a word on stderr: not understood. */
json_t *payload_task(const char *name, const char *words);

/* Adds a container. 0, or -1. */
int payload_add_container(json_t *task, const char *name, const char *words);

#endif
