/* SPDX-License-Identifier: Apache-2.0 */
/* What the live table shows: the engine's own answers, a row for each container. */
#ifndef ECSENGINE_RUN_VIEW_H
#define ECSENGINE_RUN_VIEW_H

#include "tasks.h"

enum view_column { VIEW_TASK, VIEW_CONTAINER, VIEW_STATUS, VIEW_HEALTH, VIEW_AGE, VIEW_EXIT, VIEW_PULL, VIEW_NOTE, VIEW_COLUMNS };

enum tone { TONE_PLAIN, TONE_GOOD, TONE_BAD, TONE_BUSY, TONE_FAINT };

struct cell {
    struct text text;
    enum tone tone;
};

struct row {
    struct cell cells[VIEW_COLUMNS];
    bool over; /* the container has stopped */
};

struct view {
    struct row *rows;
    size_t count;
    size_t cap;
};

/* Builds the rows out of what task_refresh() has brought. */
void view_build(struct view *view, const struct tasks *tasks, int64_t wall_ns);
void view_free(struct view *view);

#endif
