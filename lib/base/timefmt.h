/* SPDX-License-Identifier: Apache-2.0 */
/* Times and durations as text: RFC 3339, and Go's duration form (`1m30s`, `250ms`), which users see in reasons and write in
 * configuration. Pure arithmetic: no clock, no locale, no time zone. */
#ifndef BASE_TIMEFMT_H
#define BASE_TIMEFMT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S INT64_C(1000000000)
#define NS_PER_MINUTE (60 * NS_PER_S)
#define NS_PER_HOUR (3600 * NS_PER_S)

enum { TIME_TEXT_MAX = 64, DURATION_TEXT_MAX = 64 };

void time_format(int64_t wall_ns, char text[TIME_TEXT_MAX]);             /* 2026-06-01T12:00:00.5Z */
void duration_format(int64_t duration_ns, char text[DURATION_TEXT_MAX]); /* as Go's Duration.String() */
/* Go syntax, or a plain number of seconds (also with a fraction). False if it is neither or out of range. */
bool duration_parse(const char *text, int64_t *out_ns);

#endif
