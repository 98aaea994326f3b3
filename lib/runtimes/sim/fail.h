/* SPDX-License-Identifier: Apache-2.0 */
/* Making the error object of a failed call. */
#ifndef SIM_FAIL_H
#define SIM_FAIL_H

#include "ecsengine/error.h"

/* Sets an error with a finished sentence, if there is a place for it, and returns `code`. */
int sim_fail(ecsengine_error **error, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
