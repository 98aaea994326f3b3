/* SPDX-License-Identifier: Apache-2.0 */
/* Messages for the person at the terminal.
 *
 * A program that drives us over pipes may not read our stderr for a while. Messages are not worth waiting for: what does not fit is
 * dropped, and the next message that fits says how many were. */
#include "run.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct {
    void (*print)(const char *line, void *user_data);
    void *user_data;
    unsigned long dropped;
} speech;

static void print_on_stderr(const char *line)
{
    struct pollfd ready = {.fd = STDERR_FILENO, .events = POLLOUT};

    if (poll(&ready, 1, 0) <= 0) {
        speech.dropped++;
        return;
    }
    if (speech.dropped > 0)
        dprintf(STDERR_FILENO, "ecsengine-run: %lu messages dropped: nobody read them\n", speech.dropped);
    speech.dropped = 0;
    dprintf(STDERR_FILENO, "%s\n", line);
}

void say_through(void (*print)(const char *line, void *user_data), void *user_data)
{
    speech.print = print;
    speech.user_data = user_data;
}

static void say_line(const char *line)
{
    struct text clean = {0};

    text_clean(&clean, line);
    if (speech.print != NULL)
        speech.print(clean.data, speech.user_data);
    else
        print_on_stderr(clean.data);
    text_free(&clean);
}

void say(const char *format, ...)
{
    char line[2048];
    size_t used = (size_t)snprintf(line, sizeof(line), "ecsengine-run: ");
    va_list args;

    va_start(args, format);
    vsnprintf(line + used, sizeof(line) - used, format, args);
    va_end(args);
    say_line(line);
}

void say_error(const char *what, ecsengine_error *error)
{
    say("%s: %s", what, ecsengine_error_message(error));
    ecsengine_error_free(error);
}

void say_log(enum ecsengine_log_level level, int32_t message_id, const char *text, size_t text_len, void *user_data)
{
    static const char *const names[] = {"", "error", "warning", "info", "debug"};
    struct text line = {0};

    (void)user_data;
    text_printf(&line, "%s %d: ", level <= ECSENGINE_LOG_DEBUG ? names[level] : "log", (int)message_id);
    text_add(&line, text, text_len);
    say_line(line.data);
    text_free(&line);
}
