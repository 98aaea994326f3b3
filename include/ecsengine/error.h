/* SPDX-License-Identifier: Apache-2.0 */
/* Errors: a code, and an object that says what was wrong and where.
 *
 * A function that can fail returns 0 or one of the negative codes below and, where the caller passed a place for it, an error
 * object. The object belongs to the caller, who frees it; on success the place is not touched. There is no thread-local state.
 * When there is no memory for an object, a static one is given: to report a failure never fails.
 *
 * A container that fails is data (an event), never the error of a call. */
#ifndef ECSENGINE_ERROR_H
#define ECSENGINE_ERROR_H

#include "ecsengine/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Codes are stable and only ever added to; messages are not stable. */
enum ecsengine_code {
    ECSENGINE_OK = 0,
    ECSENGINE_ENOMEM = -1,       /* an allocation failed; nothing was half-done; call again when there is memory */
    ECSENGINE_EINVAL = -2,       /* an argument breaks the function's contract */
    ECSENGINE_ESYNTAX = -3,      /* a document is no JSON; line and column say where */
    ECSENGINE_EDOCUMENT = -4,    /* a document is JSON, but not what it should be; the JSON path says where */
    ECSENGINE_ELIMIT = -5,       /* a maximum is exceeded; the message names it */
    ECSENGINE_ENOTFOUND = -6,    /* no such task, container or key */
    ECSENGINE_EEXIST = -7,       /* it is there already */
    ECSENGINE_EALREADY = -8,     /* done before: a second completion or acknowledgement, an old manifest; harmless */
    ECSENGINE_EREENTRANT = -9,   /* not from inside a callback, and not from two threads at once */
    ECSENGINE_ECLOSED = -10,     /* the engine is gone or shut down; nothing was done */
    ECSENGINE_ESTATE = -11,      /* too early or too late for this call */
    ECSENGINE_EUNSUPPORTED = -12,/* this build, host or runtime cannot do it */
    ECSENGINE_EIO = -13,         /* a store or a runtime failed */
    ECSENGINE_ESYSTEM = -14,     /* the operating system refused something (a descriptor, a thread) */
    ECSENGINE_ECORRUPT = -15     /* a record is damaged */
};

typedef struct ecsengine_error ecsengine_error;

/* The code, one of enum ecsengine_code. 0 for NULL. */
ECSENGINE_API int ecsengine_error_code(const ecsengine_error *error);

/* The ECS error name (`CannotPullContainerError`, `ResourceInitializationError` ...) where the reference has one, else the
 * code's own name (`ECSENGINE_EINVAL`). Borrowed: lives as long as the object. Never NULL. */
ECSENGINE_API const char *ecsengine_error_name(const ecsengine_error *error);

/* One finished sentence, with the place in it. Borrowed. Never NULL. */
ECSENGINE_API const char *ecsengine_error_message(const ecsengine_error *error);

/* Where in a document: a JSON path such as `$.containers[2].cpu`, or "" where there is none. Borrowed. Never NULL. */
ECSENGINE_API const char *ecsengine_error_path(const ecsengine_error *error);

/* Line and column in a document, counted from 1 (columns in bytes); 0 where unknown. */
ECSENGINE_API int32_t ecsengine_error_line(const ecsengine_error *error);
ECSENGINE_API int32_t ecsengine_error_column(const ecsengine_error *error);

/* For adapters and hosts that report errors in the same way: sets `*error` (freeing one that is there; NULL: no place for it) to an object
 * with this code and finished sentence, which is copied and cut at 1,400 bytes. Returns `code`. */
ECSENGINE_API int ecsengine_error_set(ecsengine_error **error, int code, const char *message);

/* Frees an error object; NULL is fine. */
ECSENGINE_API void ecsengine_error_free(ecsengine_error *error);

/* The name of a code (`ECSENGINE_ENOMEM`), or `ECSENGINE_E?` for a number that is none. Static. Never NULL. */
ECSENGINE_API const char *ecsengine_code_name(int code);

/* 1 if after this code only ecsengine_free() is legal on that engine. Today no code is. */
ECSENGINE_API int32_t ecsengine_error_is_fatal(int code);

#ifdef __cplusplus
}
#endif
#endif
