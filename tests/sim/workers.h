/* SPDX-License-Identifier: Apache-2.0 */
/* Much work on a few processes: items by number, each done by whichever process is free. One that crashes loses its item alone, which is
 * then said to be broken. */
#ifndef TEST_WORKERS_H
#define TEST_WORKERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WORKERS_MAX = 64, WORK_COUNTS = 12 };

/* What came of an item. */
struct work {
    uint64_t counts[WORK_COUNTS]; /* of whatever the caller counts */
    bool begun, done, broken;
};

typedef void (*work_fn)(size_t item, void *data, struct work *work);

/* Does the items 0 ... `count` - 1, `jobs` at once, and adds up what they count in `out_sum`. Returns how many are broken. With one job it
 * all happens in this process. `name` says what the i-th is, for one that has crashed. */
size_t workers_run(unsigned jobs, size_t count, work_fn work, void *data, const char *(*name)(size_t item, void *data),
                   struct work *out_sum);

/* Prints a text of many lines in one piece. */
void workers_print(const char *text);

#endif
