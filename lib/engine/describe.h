/* SPDX-License-Identifier: Apache-2.0 */
/* Answers to questions, as JSON: what is, and why (docs/documents.md has the members). */
#ifndef ENGINE_DESCRIBE_H
#define ENGINE_DESCRIBE_H

#include "base/buf.h"
#include "engine/engine.h"

void describe_list(const struct engine *engine, struct buf *out);
void describe_task(const struct engine *engine, const struct task *task, struct buf *out);
/* explain.c. `container_name` NULL: all. False: there is no such container. */
bool explain_task(const struct engine *engine, const struct task *task, const char *container_name, struct buf *out);

#endif
