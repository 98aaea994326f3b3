/* SPDX-License-Identifier: Apache-2.0 */
/* Why a task and its containers are where they are. Every answer is asked of the rule that moves them (depgraph.h, accounting.h,
 * cleanup.h, ...), so that it can not differ from what the engine does; nothing is kept for it beside the last error of a try.
 *
 *   cause.c              one cause: its word, its sentence, its members as JSON
 *   explain_container.c  the causes of a container
 *   explain_task.c       the causes of a task
 *   explain_queue.c      what it lacks of the host
 *   explain.c            both as one document, JSON or text */
#ifndef ENGINE_EXPLAIN_H
#define ENGINE_EXPLAIN_H

#include "base/buf.h"
#include "engine/cause.h"

enum explain_form { EXPLAIN_JSON, EXPLAIN_TEXT };

/* Appends the document. `container_name` NULL: all containers. False: there is no such container. */
bool explain_document(const struct view *view, const struct task *task, const char *container_name, enum explain_form form,
                      struct buf *out);

/* The causes, the one that decides first. There is always one. */
void explain_task(const struct view *view, const struct task *task, struct causes *out);
void explain_container(const struct view *view, const struct container *container, struct causes *out);
/* Do these causes keep the container from where it shall be? */
bool explain_holds_back(const struct causes *causes);

/* For the cause `queued`, and for plans: what is missing of the host, and the place in the queue. */
void explain_queue_text(const struct engine *engine, const struct task *task, char *text, size_t size);
void explain_queue_json(const struct engine *engine, const struct task *task, struct buf *out);
void explain_queue_lacks(const struct engine *engine, const struct task *task, const char *key, struct buf *out);

/* The container's managed agents: the member `managedAgents`, or a line each; nothing if it has none. */
void explain_agents(const struct engine *engine, const struct container *container, enum explain_form form, struct buf *out);

#endif
