/* SPDX-License-Identifier: Apache-2.0 */
/* Role credentials by their id, and who waits for some (task-engine: sections 2.6, 3.3, 3.6, 4.4). */
#ifndef ENGINE_CREDENTIALS_H
#define ENGINE_CREDENTIALS_H

#include "engine/engine.h"
#include "model/credentials.h"

/* Those known by that id, or NULL; `id` may be NULL. */
struct credentials *credentials_find(const struct engine *engine, const struct str *id);
/* Those of the task's execution role are known. */
bool credentials_known(const struct engine *engine, const struct task *task);
/* The container's image is pulled with them, and they are not known. */
bool credentials_lacking(const struct engine *engine, const struct container *container);
/* The resource is made with them, and they are not known. */
bool credentials_lacking_for(const struct engine *engine, const struct resource *resource);
/* The task is looked at again when they come. */
void credentials_wait(struct engine *engine, struct task *task);
/* Room for some more; then putting them in needs no memory. ENOMEM. */
int credentials_make_room(struct engine *engine);
/* Takes over the reference (NULL: nothing); takes the place of others of that id. */
void credentials_put(struct engine *engine, struct credentials *credentials);
void credentials_drop(struct engine *engine, const struct str *id); /* NULL is fine */
void credentials_forget_all(struct engine *engine);

/* Commands. ENOMEM: nothing was done. */
int credentials_set(struct engine *engine, struct command *command);
int credentials_remove(struct engine *engine, struct command *command);

#endif
