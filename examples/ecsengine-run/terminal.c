/* SPDX-License-Identifier: Apache-2.0 */
/* The terminal.
 *
 * Width is asked of the C library, so it follows the user's locale; what the locale cannot show becomes a question mark, and so does
 * what is no UTF-8. */
#include "terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

static struct {
    bool taken;
    bool echo_changed;
    bool atexit_set;
    struct termios before;
} state;

bool terminal_is_capable(void)
{
    const char *kind = getenv("TERM");

    return isatty(STDOUT_FILENO) && kind != NULL && *kind != '\0' && strcmp(kind, "dumb") != 0;
}

bool terminal_wants_colour(void)
{
    const char *none = getenv("NO_COLOR"); /* no-color.org: present and not empty */

    return none == NULL || *none == '\0';
}

void terminal_size(size_t *out_columns, size_t *out_rows)
{
    struct winsize size;
    bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;

    *out_columns = known && size.ws_col > 0 ? size.ws_col : 80;
    *out_rows = known && size.ws_row > 0 ? size.ws_row : 24;
}

static void send_now(const char *sequence)
{
    ssize_t count = write(STDOUT_FILENO, sequence, strlen(sequence));

    (void)count; /* a terminal that is gone needs no tidying */
}

void terminal_take(void)
{
    struct termios quiet;

    if (state.taken)
        return;
    if (!state.atexit_set)
        atexit(terminal_give_back);
    state.atexit_set = true;
    state.taken = true;
    if (tcgetpgrp(STDIN_FILENO) == getpgrp() && tcgetattr(STDIN_FILENO, &state.before) == 0) {
        quiet = state.before;
        quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
        state.echo_changed = tcsetattr(STDIN_FILENO, TCSANOW, &quiet) == 0;
    }
    send_now("\033[?25l");
}

void terminal_give_back(void)
{
    if (!state.taken)
        return;
    state.taken = false;
    send_now("\033[?25h");
    if (state.echo_changed)
        tcsetattr(STDIN_FILENO, TCSANOW, &state.before);
    state.echo_changed = false;
}

/* The character at data: its bytes, and the columns it takes. Nothing is shown as it is that could move the cursor. */
static size_t character(const char *data, size_t *out_columns, bool *out_shown)
{
    wchar_t wide;
    mbstate_t shift = {0};
    size_t len = mbrtowc(&wide, data, strnlen(data, MB_CUR_MAX), &shift);
    int columns = len == (size_t)-1 || len == (size_t)-2 ? -1 : wcwidth(wide);

    *out_shown = columns >= 0;
    *out_columns = columns >= 0 ? (size_t)columns : 1;
    if (columns >= 0)
        return len;
    for (len = 1; ((unsigned char)data[len] & 0xc0) == 0x80; len++) /* one mark for one character of UTF-8 */
        ;
    return len;
}

size_t terminal_width(const char *data)
{
    size_t width = 0;
    size_t columns;
    bool shown;

    while (*data != '\0') {
        data += character(data, &columns, &shown);
        width += columns;
    }
    return width;
}

size_t terminal_cut(struct text *text, const char *data, size_t columns)
{
    bool whole = terminal_width(data) <= columns;
    size_t room = whole ? columns : columns > 0 ? columns - 1 : 0;
    size_t used = 0;

    while (*data != '\0') {
        size_t width;
        bool shown;
        size_t len = character(data, &width, &shown);

        if (used + width > room)
            break;
        text_add(text, shown ? data : "?", shown ? len : 1);
        used += width;
        data += len;
    }
    if (!whole && columns > 0) {
        text_puts(text, MB_CUR_MAX > 1 ? "\xe2\x80\xa6" : "~");
        used++;
    }
    return used;
}
