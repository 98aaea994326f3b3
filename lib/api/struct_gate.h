/* SPDX-License-Identifier: Apache-2.0 */
/* The one gate for structs that hosts fill in: they begin with their own size and only ever grow at the end. */
#ifndef API_STRUCT_GATE_H
#define API_STRUCT_GATE_H

#include "base/error.h"

/* Copies a struct of the caller's size into ours of `own` bytes. A shorter one is zero-filled: its host knew no tail. A longer one
 * must be zero there: a tail that we do not know is never ignored. `least` is the size of the first version. */
int struct_gate(void *out, size_t own, size_t least, const void *given, const char *what, struct ecsengine_error **error);

#endif
