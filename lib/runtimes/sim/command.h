/* SPDX-License-Identifier: Apache-2.0 */
/* What a command would do. */
#ifndef SIM_COMMAND_H
#define SIM_COMMAND_H

#include <stddef.h>

#include "rules.h"

/* `words` are the words of the entry point and the command. Says how long it runs and how it ends, if it would end by itself. */
void sim_command_read(const char *const *words, size_t count, struct sim_behaviour *out_behaviour);

#endif
