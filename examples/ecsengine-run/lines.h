/* SPDX-License-Identifier: Apache-2.0 */
/* Events as lines. */
#ifndef ECSENGINE_RUN_LINES_H
#define ECSENGINE_RUN_LINES_H

#include <ecsengine/event.h>

#include "output.h"
#include "tasks.h"

void line_plain(struct output *out, const struct tasks *tasks, const ecsengine_event *event);
void line_json(struct output *out, const ecsengine_event *event);

/* `0.0.0.0:32768->80/tcp`, as Docker writes it. */
void text_port(struct text *text, const char *bind_ip, int host_port, int container_port, const char *protocol);

#endif
