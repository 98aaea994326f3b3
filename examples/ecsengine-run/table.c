/* SPDX-License-Identifier: Apache-2.0 */
/* The live table.
 *
 * It stands at the end of what was printed and is drawn over itself: up as many lines as it has, each line anew, the rest cleared. No
 * line is as wide as the terminal, since what a terminal does after its last column differs. When the width has changed, the terminal
 * may have broken the old lines anew; how many rows they take now is computed from their widths, and they are wiped first. */
#include "table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"
#include "terminal.h"

#define REDRAW_NS (100 * MILLISECOND_NS) /* at most this often */
#define AGE_NS SECOND_NS                 /* at least this often: ages grow */
#define COST_SHARE 10                    /* and at most this part of the time */

struct table {
    struct output *out;
    bool colour;
    bool changed;
    char *footer;
    size_t *widths; /* of the lines on the screen */
    size_t line_count;
    size_t line_cap;
    size_t columns; /* of the terminal, when they were drawn */
    int64_t next_ns; /* not before */
    int64_t drawn_ns;
};

/* What the columns are called, and the most room each takes; the last has what is left. */
static const struct {
    const char *title;
    size_t width_max;
    bool always; /* shown though it is empty */
} columns[VIEW_COLUMNS] = {
    [VIEW_TASK] = {"TASK", 24, true},      [VIEW_CONTAINER] = {"CONTAINER", 24, true}, [VIEW_STATUS] = {"STATUS", 21, true},
    [VIEW_HEALTH] = {"HEALTH", 9, false},  [VIEW_AGE] = {"AGE", 8, true},              [VIEW_EXIT] = {"EXIT", 5, false},
    [VIEW_PULL] = {"PULL", 40, false},     [VIEW_NOTE] = {"NOTE", SIZE_MAX, true},
};

static const char *const colours[] = {
    [TONE_GOOD] = "\033[32m", [TONE_BAD] = "\033[31m", [TONE_BUSY] = "\033[33m", [TONE_FAINT] = "\033[2m",
};

struct table *table_new(struct output *out)
{
    struct table *table = need(calloc(1, sizeof(*table)));

    table->out = out;
    table->colour = terminal_wants_colour();
    table->changed = true;
    terminal_take();
    return table;
}

void table_free(struct table *table)
{
    if (table == NULL)
        return;
    terminal_give_back();
    free(table->footer);
    free(table->widths);
    free(table);
}

void table_changed(struct table *table)
{
    table->changed = true;
}

void table_footer(struct table *table, const char *line)
{
    free(table->footer);
    table->footer = line != NULL ? need(strdup(line)) : NULL;
    table->changed = true;
}

int64_t table_deadline(const struct table *table)
{
    int64_t aged_ns = table->drawn_ns + AGE_NS;

    if (output_pending(table->out) > 0) /* the terminal is still busy with the last one */
        return ECSENGINE_NO_DEADLINE;
    return table->changed || aged_ns < table->next_ns ? table->next_ns : aged_ns;
}

bool table_is_due(const struct table *table, int64_t now_ns)
{
    return table_deadline(table) <= now_ns;
}

void table_drawn(struct table *table, int64_t began_ns, int64_t ended_ns)
{
    int64_t pause_ns = (ended_ns - began_ns) * COST_SHARE;

    table->drawn_ns = ended_ns;
    table->next_ns = ended_ns + (pause_ns > REDRAW_NS ? pause_ns : REDRAW_NS);
    table->changed = false;
}

/* Moves to the first row of the table, and wipes it where its lines cannot be drawn over. Row by row: some terminals keep in their
 * history what "clear all below" clears. */
static void go_to_top(const struct table *table, struct text *frame, size_t width, bool wipe)
{
    size_t rows = 0;

    for (size_t i = 0; i < table->line_count; i++)
        rows += table->widths[i] > width ? (table->widths[i] + width - 1) / width : 1;
    if (rows == 0)
        return;
    text_printf(frame, "\r\033[%zuA", rows);
    if (!wipe && width == table->columns)
        return;
    for (size_t i = 0; i < rows; i++)
        text_puts(frame, "\033[K\n");
    text_printf(frame, "\033[%zuA", rows);
}

void table_erase(struct table *table)
{
    struct text frame = {0};
    size_t width;
    size_t height;

    terminal_size(&width, &height);
    go_to_top(table, &frame, width, true);
    output_add(table->out, frame.data, frame.len);
    text_free(&frame);
    table->line_count = 0;
    table->changed = true;
    table->next_ns = 0;
}

void table_print(const char *line, void *user_data)
{
    struct table *table = user_data;

    table_erase(table);
    output_add(table->out, line, strlen(line));
    output_add(table->out, "\n", 1);
}

static void end_line(struct table *table, struct text *frame, size_t width)
{
    if (table->line_count == table->line_cap) {
        table->line_cap = table->line_cap == 0 ? 16 : table->line_cap * 2;
        table->widths = need(reallocarray(table->widths, table->line_cap, sizeof(*table->widths)));
    }
    table->widths[table->line_count++] = width;
    text_puts(frame, "\033[K\n");
}

/* How wide each column is; 0 for one that is not shown. */
static void measure(const struct view *view, size_t widths[VIEW_COLUMNS])
{
    for (int c = 0; c < VIEW_COLUMNS; c++) {
        size_t width = 0;

        for (size_t i = 0; i < view->count; i++) {
            size_t here = terminal_width(view->rows[i].cells[c].text.data);

            width = here > width ? here : width;
        }
        if ((width > 0 || columns[c].always) && width < strlen(columns[c].title))
            width = strlen(columns[c].title);
        widths[c] = width < columns[c].width_max ? width : columns[c].width_max;
    }
}

static void add_cell(const struct table *table, struct text *frame, const char *data, enum tone tone, size_t *used, size_t room)
{
    bool coloured = table->colour && tone != TONE_PLAIN && *data != '\0';

    if (coloured)
        text_puts(frame, colours[tone]);
    *used += terminal_cut(frame, data, room);
    if (coloured)
        text_puts(frame, "\033[0m");
}

/* A line of the table; without a row, its head. */
static void add_line(struct table *table, struct text *frame, const struct row *row, const size_t widths[VIEW_COLUMNS], size_t room)
{
    size_t used = 0;
    size_t column = 0; /* where the next cell begins */

    for (int c = 0; c < VIEW_COLUMNS; c++) {
        const char *data = row != NULL ? row->cells[c].text.data : columns[c].title;

        if (widths[c] == 0 || column >= room)
            continue;
        for (; *data != '\0' && used < column; used++)
            text_add(frame, " ", 1);
        if (*data != '\0')
            add_cell(table, frame, data, row != NULL ? row->cells[c].tone : TONE_FAINT, &used,
                     widths[c] < room - column ? widths[c] : room - column);
        column += widths[c] + 2;
    }
    end_line(table, frame, used);
}

/* Which rows fit: the ones that have stopped give way first. Returns how many are left out. */
static size_t choose(const struct view *view, size_t fit, bool *shown)
{
    size_t out = view->count > fit ? view->count - fit : 0;
    size_t left = out;

    for (size_t i = 0; i < view->count; i++) {
        shown[i] = !(left > 0 && view->rows[i].over);
        left -= shown[i] ? 0 : 1;
    }
    for (size_t i = view->count; i-- > 0 && left > 0;)
        if (shown[i]) {
            shown[i] = false;
            left--;
        }
    return out;
}

void table_draw(struct table *table, const struct view *view, bool last)
{
    bool *shown = need(calloc(view->count + 1, sizeof(*shown)));
    size_t widths[VIEW_COLUMNS];
    struct text frame = {0};
    size_t width;
    size_t height;
    size_t hidden;

    terminal_size(&width, &height);
    go_to_top(table, &frame, width, false);
    table->line_count = 0;
    table->columns = width;
    measure(view, widths);
    height -= height > 4 ? 4 : height - 1; /* the head, the footer, the line of what is left out, and the cursor's */
    hidden = choose(view, last ? view->count : height, shown);
    add_line(table, &frame, NULL, widths, width - 1);
    for (size_t i = 0; i < view->count; i++)
        if (shown[i])
            add_line(table, &frame, &view->rows[i], widths, width - 1);
    if (hidden > 0) {
        char more[64];

        snprintf(more, sizeof(more), "and %zu more", hidden);
        end_line(table, &frame, terminal_cut(&frame, more, width - 1));
    }
    if (table->footer != NULL && !last)
        end_line(table, &frame, terminal_cut(&frame, table->footer, width - 1));
    text_puts(&frame, "\033[J");
    output_add(table->out, frame.data, frame.len);
    text_free(&frame);
    free(shown);
}
