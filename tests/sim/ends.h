/* SPDX-License-Identifier: Apache-2.0 */
/* What became of each task and container in a run: the last word that was told of it. */
#ifndef TEST_ENDS_H
#define TEST_ENDS_H

#include "harness.h"

/* A line for each task and container of which anything was told, in the order of their names: its last status, exit code, reason, and
 * whether it was removed. */
void ends_of(const struct harness *harness, struct text *out_text);

/* Whether two such texts are the same, but for reasons that the second one has not. */
bool ends_same_but_reasons(const char *wanted, const char *came);

/* Each that was told to be STOPPED has been acknowledged as such to some engine; else it is noted as broken. */
void ends_check_heard(struct harness *harness);

#endif
