/* SPDX-License-Identifier: Apache-2.0 */
/* What a command would do, as far as examples and tests need it: `sleep N`, `true`, `false`, and shell texts made of these with `exit N`
 * and commands that take no time. Whatever is not understood runs until it is stopped: a simulated web server needs no program. */
#include "command.h"

#include <stdlib.h>
#include <string.h>

#include "schedule.h"

#define TEXT_WORDS 64
#define TEXT_SIZE 4096

struct run {
    int64_t ns;
    int32_t status;
    bool ended;   /* `exit` */
    bool forever; /* something that does not end by itself */
};

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

static bool is_one_of(const char *word, const char *const *list)
{
    for (; *list != NULL; list++) {
        if (strcmp(word, *list) == 0)
            return true;
    }
    return false;
}

/* Commands that are done at once, with 0. `trap` only arranges for later, and the simulator stops containers in its own way. */
static const char *const instant[] = {"true", ":",    "echo", "printf", "mkdir", "touch",  "rm",   "cp",
                                      "mv",   "ln",   "cd",   "chmod",  "chown", "export", "set",  "umask",
                                      "trap", "date", "env",  "id",     "ls",    "pwd",    "test", NULL};
static const char *const shells[] = {"sh", "bash", "ash", "dash", NULL};

static void run_words(const char *const *words, size_t count, struct run *run)
{
    const char *name = base_name(words[0]);
    int64_t ns = strcmp(name, "sleep") == 0 && count == 2 ? sim_duration_parse(words[1]) : -1;

    if (ns >= 0 && ns != SIM_NEVER) {
        run->ns = run->ns > INT64_MAX - ns ? INT64_MAX : run->ns + ns;
        run->status = 0;
    } else if (strcmp(name, "exit") == 0 && count <= 2) {
        run->status = count == 2 ? (int32_t)(strtoul(words[1], NULL, 10) & 255) : run->status;
        run->ended = true;
    } else if (strcmp(name, "false") == 0) {
        run->status = 1;
    } else if (is_one_of(name, instant)) {
        run->status = 0;
    } else {
        run->forever = true;
    }
}

enum end { END_OF_TEXT, END_ANY, END_AND, END_OR, END_OTHER };

static enum end end_at(const char **at)
{
    static const struct {
        const char *text;
        enum end end;
    } ends[] = {{"&&", END_AND}, {"||", END_OR}, {";", END_ANY}, {"\n", END_ANY}, {"&", END_OTHER}, {"|", END_OTHER}};

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        size_t len = strlen(ends[i].text);
        if (strncmp(*at, ends[i].text, len) == 0) {
            *at += len;
            return ends[i].end;
        }
    }
    return END_OF_TEXT;
}

/* One word of a shell text, without its quotes, copied to `*to`; false: there is none before the end of the command. */
static bool cut_word(const char **at, char **to)
{
    char quote = '\0';
    const char *start;

    while (**at == ' ' || **at == '\t')
        (*at)++;
    for (start = *at; **at != '\0' && (quote != '\0' || strchr(" \t\n;&|", **at) == NULL); (*at)++) {
        if (quote == '\0' && (**at == '\'' || **at == '"'))
            quote = **at;
        else if (**at == quote)
            quote = '\0';
        else
            *(*to)++ = **at;
    }
    *(*to)++ = '\0';
    return *at != start;
}

static void run_text(const char *text, struct run *run)
{
    char copy[TEXT_SIZE];
    bool skipped = false;

    if (strlen(text) >= sizeof(copy) / 2) {
        run->forever = true;
        return;
    }
    while (*text != '\0' && !run->ended && !run->forever) {
        const char *words[TEXT_WORDS];
        char *to = copy;
        size_t count = 0;
        for (const char *word = to; cut_word(&text, &to); word = to) {
            if (count < TEXT_WORDS)
                words[count++] = word;
        }
        enum end end = end_at(&text);
        if (end == END_OTHER || (end == END_OF_TEXT && *text != '\0'))
            run->forever = true;
        else if (count > 0 && !skipped)
            run_words(words, count, run);
        skipped = (end == END_AND && run->status != 0) || (end == END_OR && run->status == 0);
    }
}

void sim_command_read(const char *const *words, size_t count, struct sim_behaviour *out_behaviour)
{
    struct run run = {0};

    *out_behaviour = (struct sim_behaviour){0};
    if (count == 3 && is_one_of(base_name(words[0]), shells) && strcmp(words[1], "-c") == 0)
        run_text(words[2], &run);
    else if (count > 0 && strcmp(base_name(words[0]), "exit") != 0)
        run_words(words, count, &run);
    else
        run.forever = true;
    if (run.forever)
        return;
    out_behaviour->run_ns = run.ns;
    out_behaviour->exit_code = run.status;
    out_behaviour->given = SIM_TRAIT_RUN | SIM_TRAIT_EXIT;
}
