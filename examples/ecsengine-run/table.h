/* SPDX-License-Identifier: Apache-2.0 */
/* The live table: a view, drawn again and again in the same place. */
#ifndef ECSENGINE_RUN_TABLE_H
#define ECSENGINE_RUN_TABLE_H

#include "output.h"
#include "view.h"

struct table *table_new(struct output *out); /* takes the terminal */
void table_free(struct table *table);        /* gives it back */

void table_changed(struct table *table);                   /* what it shows may be old */
void table_footer(struct table *table, const char *line);  /* a line below it; NULL: none */
void table_print(const char *line, void *table);           /* a line above it, for good */
void table_erase(struct table *table);                     /* off the screen, until it is drawn again */
int64_t table_deadline(const struct table *table);         /* when to draw again */
bool table_is_due(const struct table *table, int64_t now_ns);

/* Draws what fits on the screen, or, the last time, everything. Costs are measured: a table that is slow to draw is drawn less often. */
void table_draw(struct table *table, const struct view *view, bool last);
void table_drawn(struct table *table, int64_t began_ns, int64_t ended_ns);

#endif
