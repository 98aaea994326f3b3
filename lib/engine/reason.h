/* SPDX-License-Identifier: Apache-2.0 */
/* Why a task stopped, made presentable. */
#ifndef ENGINE_REASON_H
#define ENGINE_REASON_H

/* White space becomes single blanks, none at the ends; the first word gets capitals as in a title (task-payload: 12.1). In place, UTF-8. */
void reason_title(char *text);

#endif
