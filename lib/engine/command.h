/* SPDX-License-Identifier: Apache-2.0 */
/* What the host asks for: add, stop, kill, shut down (task-engine: sections 2.1 to 2.3). */
#ifndef ENGINE_COMMAND_H
#define ENGINE_COMMAND_H

#include "engine/engine.h"

/* Applies a command. ENOMEM: nothing was done. Else it is done or refused, and the command may be freed. */
int command_apply(struct engine *engine, struct command *command);
/* Puts a task into the engine's tables; room was made by command_make_room(). */
void command_insert(struct engine *engine, struct task *task);
int command_make_room(struct engine *engine, const struct task *task);
int command_make_rooms(struct engine *engine, size_t tasks, size_t containers); /* for so many of them */

#endif
