/* SPDX-License-Identifier: Apache-2.0 */
/* Log: the library prints nothing; a host that wants to read its diary sets a hook (ecsengine_set_log in engine.h).
 *
 * The hook gets the level, a message id that is never reused (docs/messages.md lists them), and the finished text. It is called on
 * the thread that runs the turn, must not call back into the engine, and its text is borrowed for the call. Secrets never appear. */
#ifndef ECSENGINE_LOG_H
#define ECSENGINE_LOG_H

#include "ecsengine/export.h"

#ifdef __cplusplus
extern "C" {
#endif

enum ecsengine_log_level {
    ECSENGINE_LOG_NONE = 0, /* as a minimum: nothing at all */
    ECSENGINE_LOG_ERROR = 1,
    ECSENGINE_LOG_WARNING = 2,
    ECSENGINE_LOG_INFO = 3,
    ECSENGINE_LOG_DEBUG = 4
};

typedef void (*ecsengine_log_fn)(enum ecsengine_log_level level, int32_t message_id, const char *text, size_t text_len,
                                 void *user_data);

#ifdef __cplusplus
}
#endif
#endif
