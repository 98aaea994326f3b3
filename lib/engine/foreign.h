/* SPDX-License-Identifier: Apache-2.0 */
/* Containers that carry this engine's label and that no record knows. */
#ifndef ENGINE_FOREIGN_H
#define ENGINE_FOREIGN_H

#include "engine/engine.h"

/* The list of all containers with the label was answered: makes ready what is to be done with those that nobody knows. `list` NULL: it is no
 * good answer. ENOMEM: nothing is ready. */
int foreign_prepare(struct engine *engine, const struct ecsengine_result *list);
/* ... and does it, and tells the end of lost tasks of which nothing is there. Needs no memory that was not reserved. */
void foreign_answered(struct engine *engine);
void foreign_forget_found(struct engine *engine);
/* A container is gone: a list that was made before shows it, and that is old news. */
void foreign_gone(struct engine *engine, struct str *runtime_name);
void foreign_forget_gone(struct engine *engine);
/* For who writes them down: the name of one of engine->gone; and one more. False: no memory. */
const struct str *foreign_name_of_gone(const struct list *node);
bool foreign_note_gone(struct engine *engine, struct str *runtime_name);

#endif
