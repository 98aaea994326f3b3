/* SPDX-License-Identifier: Apache-2.0 */
/* Making error objects. The object is public and opaque (ecsengine/error.h); inside, a fallible function takes `struct ecsengine_error
 * **error` last and returns the negative code that it set. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "ecsengine/error.h"

/* Sets an error, if there is a place for it, and returns `code`. An error that is set already is replaced. */
int error_set(struct ecsengine_error **error, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The same with an ECS error name and a place in a document: path may be NULL, line and column 0. The path is appended to the message
 * (`... at $.containers[2].cpu (line 7, column 12)`). */
int error_set_at(struct ecsengine_error **error, int code, const char *name, const char *path, int32_t line, int32_t column,
                 const char *format, ...) __attribute__((format(printf, 7, 8)));

/* ENOMEM with its static object. */
int error_nomem(struct ecsengine_error **error);

#endif
