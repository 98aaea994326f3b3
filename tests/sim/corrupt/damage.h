/* SPDX-License-Identifier: Apache-2.0 */
/* Damage to what was kept, drawn from a seed: to records, and to the bytes of a file. */
#ifndef TEST_DAMAGE_H
#define TEST_DAMAGE_H

#include "../draws.h"
#include "../stores/records.h"

/* Does one to three things to the records: bits, lengths and whole values changed, swapped, doubled, lost, foreign ones added; a change that
 * makes the checksum right again goes deeper. `others`: of another store. */
void damage_records(struct draws *draws, struct records *records, const struct records *others);

/* Does one to four things to the bytes, in place; the length may become less. */
void damage_bytes(struct draws *draws, unsigned char *bytes, size_t *len);

#endif
