/* SPDX-License-Identifier: Apache-2.0 */
/* Holds what was seen of a world against what the model expects, and says in words what differs. */
#ifndef WORLDS_COMPARE_H
#define WORLDS_COMPARE_H

#include "../text.h"
#include "host.h"
#include "model.h"

/* True: it is as expected. Else `out_text` (NULL: not wanted) gets a line for each difference. `slack_ns`: how far times may be
 * off. */
bool compare(const struct world *world, const struct expectation *expected, const struct sight *sight, int64_t slack_ns,
             struct text *out_text);

/* Whether the world went as the model allows, whatever its timing: where all happens at the same time, any order of it is right. */
bool world_agrees(const struct world *world, const struct sight *sight, struct text *out_text);

/* What was seen, a line each. */
void sight_tell(const struct sight *sight, struct text *out_text);

#endif
