/* SPDX-License-Identifier: Apache-2.0 */
/* Stands between the engine and a store in a library of its own, and sees what passes: the batches, their answers, the records that are
 * given back. The program that this is linked into defines the functions of store.h by which the two speak; the dynamic linker takes
 * these, and they go on to the real ones. For one engine and one store at a time. */
#ifndef TEST_BETWEEN_H
#define TEST_BETWEEN_H

#include "records.h"

/* What was reported durable, and with the batch that was handed over last: that one may have come through although nobody was told. */
extern struct records between_durable, between_perhaps;
/* What was given back since between_forget_given(). */
extern struct records between_given;

/* Waits for the answer of whatever was handed over. */
void between_wait(void);
void between_forget_given(void);
/* Forgets everything. */
void between_reset(void);

#endif
