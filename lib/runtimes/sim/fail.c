/* SPDX-License-Identifier: Apache-2.0 */
/* Making the error object of a failed call: the core library makes them, so that all are of one kind and freed by one function. */
#include "fail.h"

#include <stdarg.h>
#include <stdio.h>

int sim_fail(ecsengine_error **error, int code, const char *format, ...)
{
    char text[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return ecsengine_error_set(error, code, text);
}
