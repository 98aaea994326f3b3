/* SPDX-License-Identifier: Apache-2.0 */
/* May a container move, and if not, what blocks it (task-engine: sections 4.4 to 4.6). Looks only; changes nothing. */
#ifndef ENGINE_DEPGRAPH_H
#define ENGINE_DEPGRAPH_H

#include "engine/engine.h"

enum verdict {
    VERDICT_GO = 0,
    VERDICT_BLOCKED,    /* by a dependsOn entry that may still be met */
    VERDICT_TERMINAL,   /* by one that never will be */
    VERDICT_STOP_ORDER, /* containers that depend on it must stop first */
};

enum { DEPGRAPH_TEXT_MAX = LIMIT_REASON };

/* `out_on` (may be NULL): the container that blocks. `text` (may be NULL): the reference's words for it. */
enum verdict depgraph_check(const struct engine *engine, const struct container *container, const struct container **out_on,
                            enum condition *out_condition, char text[DEPGRAPH_TEXT_MAX]);
const char *condition_name(enum condition condition);

#endif
