/* SPDX-License-Identifier: Apache-2.0 */
/* The terminal: its size, its state, and how much room a text takes on it. */
#ifndef ECSENGINE_RUN_TERMINAL_H
#define ECSENGINE_RUN_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

#include "text.h"

bool terminal_is_capable(void); /* stdout is a terminal that can move its cursor */
bool terminal_wants_colour(void);
void terminal_size(size_t *out_columns, size_t *out_rows);

/* Silences the keyboard's echo, which would write into a table, and hides the cursor; and back. Back comes by itself at exit(). */
void terminal_take(void);
void terminal_give_back(void);

/* Columns that a text takes. */
size_t terminal_width(const char *data);
/* Appends at most `columns` of a text; a mark says that something was cut off. Returns the columns used. */
size_t terminal_cut(struct text *text, const char *data, size_t columns);

#endif
