/* SPDX-License-Identifier: Apache-2.0 */
/* Images: the manifest step and the pull step (task-engine: sections 5.8 and 5.9; runtime-and-agents: 1.3 to 1.5). */
#ifndef ENGINE_IMAGE_H
#define ENGINE_IMAGE_H

#include "engine/transitions.h"

enum image_step { STEP_NONE = 0, STEP_MANIFEST, STEP_LOOK, STEP_PULL, STEP_TAG, STEP_LOCAL };

enum next image_manifest_begin(struct engine *engine, struct container *container);
void image_manifest_answer(struct engine *engine, struct container *container, struct ecsengine_op *op,
                           const struct ecsengine_result *result, const struct failure *failure);
void image_manifest_retry(struct engine *engine, struct container *container);

enum next image_pull_begin(struct engine *engine, struct container *container);
void image_pull_answer(struct engine *engine, struct container *container, struct ecsengine_op *op,
                       const struct ecsengine_result *result, const struct failure *failure);
void image_pull_retry(struct engine *engine, struct container *container);

/* A pull has reported something: its guard starts anew. */
void image_progress(struct engine *engine, struct ecsengine_op *op);
/* A pull's guard, or its time, is over: what to say. */
void image_pull_overdue(struct engine *engine, const struct ecsengine_op *op, struct failure *failure);
/* The container will not use the operation in flight any more. */
void image_abandon(struct engine *engine, struct container *container);
/* Was the image pulled in this life? Asked, and kept, for pull behaviour `once` alone; keeping takes reserved memory. */
bool image_pulled(const struct engine *engine, const char *reference);
void image_remember(struct engine *engine, const char *reference);
/* Those that were, in no order; `into` has room for engine->images.count. */
void image_list(const struct engine *engine, const struct str **into);
/* Forgets which images were pulled. */
void image_forget_all(struct engine *engine);

#endif
