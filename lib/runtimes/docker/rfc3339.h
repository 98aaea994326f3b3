/* SPDX-License-Identifier: Apache-2.0 */
/* Times as Docker writes them: RFC 3339 with up to nine digits of a second. */
#ifndef DOCKER_RFC3339_H
#define DOCKER_RFC3339_H

#include <stdbool.h>
#include <stdint.h>

/* Nanoseconds since 1970; 0 for "", for the zero time (year 1) and for all before 1970. False if it is no time, or past the year 2262. */
bool docker_time_parse(const char *text, int64_t *out_wall_ns);

#endif
