/* SPDX-License-Identifier: Apache-2.0 */
/* Commands on their way in: what each public function that gives one does alike. */
#ifndef API_COMMAND_H
#define API_COMMAND_H

#include "driver/driver.h"
#include "spec/spec.h"

/* A command with its COMMAND_DONE; takes over nothing. `arn` may be NULL. NULL: no memory. */
struct command *command_new(struct ecsengine *engine, enum command_kind kind, struct str *arn);
/* Gives the command to the engine, or frees it. ECLOSED. */
int command_put(struct ecsengine *engine, struct command *command, uint64_t *out_command_id, struct ecsengine_error **error);
/* What documents may hold. */
struct spec_limits command_limits(const struct ecsengine *engine);

#endif
