/* SPDX-License-Identifier: Apache-2.0 */
/* Plans: what a task would do, before it does it. */
#ifndef ECSENGINE_PLAN_H
#define ECSENGINE_PLAN_H

#include "ecsengine/engine.h"

#ifdef __cplusplus
extern "C" {
#endif

enum ecsengine_plan_format {
    ECSENGINE_PLAN_NONE = 0, /* no format: refused */
    ECSENGINE_PLAN_TEXT = 1, /* lines for a person; the wording is no part of the promise */
    ECSENGINE_PLAN_JSON = 2, /* docs/documents.md has the members; they are only ever added to */
    ECSENGINE_PLAN_DOT = 3   /* a digraph in Graphviz's language: `dot -Tsvg` draws it */
};

/* What would become of this task if it were added now: whether the host has room for it, and then step by step what would be asked of the
 * runtime, each step with the steps that it comes after and why, up to RUNNING, then to STOPPED when the stop is asked for, then the
 * cleanup. The engine's own rules say so, fed with a runtime that does everything well at once; where the task's course depends on what
 * its containers do, the plan says what it assumes (that one becomes healthy, that one ends with 0).
 *
 * `document` is what ecsengine_task_add() takes. A task that would be refused has a plan that says so, with the reason that its STOPPED
 * event would have; one whose ARN is known has one that says that. Nothing is changed, nothing is asked of a runtime, and none is needed;
 * what is not known yet without one (how much the host has) is said to be so. The text is owned by the caller. Any thread, callbacks but
 * the log hook included. EINVAL, ESYNTAX, EDOCUMENT, ELIMIT, ENOMEM. (docs/embedding.md) */
ECSENGINE_API int ecsengine_plan(ecsengine *engine, const char *document, size_t document_len, enum ecsengine_plan_format format,
                                 ecsengine_text **out_text, ecsengine_error **error);

#ifdef __cplusplus
}
#endif
#endif
