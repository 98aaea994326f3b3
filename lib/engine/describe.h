/* SPDX-License-Identifier: Apache-2.0 */
/* Answers to questions, as JSON: what is, and why (docs/documents.md has the members). */
#ifndef ENGINE_DESCRIBE_H
#define ENGINE_DESCRIBE_H

#include "base/buf.h"
#include "engine/engine.h"

void describe_list(const struct engine *engine, struct buf *out);
void describe_task(const struct engine *engine, const struct task *task, struct buf *out);

#endif
