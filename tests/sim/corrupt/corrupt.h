/* SPDX-License-Identifier: Apache-2.0 */
/* One damaged store, given to a new engine. Two programs have the same main(): corrupt_records and corrupt_file. */
#ifndef TEST_CORRUPT_H
#define TEST_CORRUPT_H

#include <stdint.h>

#include "../text.h"
#include "../workers.h"

/* What is counted of each. */
enum { CORRUPTIONS, REFUSED, DAMAGED, WENT_ON };

/* Before the first. */
void corrupt_begin(void);
void corrupt_end(void);
/* What is wrong with what came of it is added to the text. */
void corrupt_one(uint64_t seed, struct work *work, struct text *out_wrong);

#endif
