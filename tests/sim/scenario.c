/* SPDX-License-Identifier: Apache-2.0 */
/* Reading scenarios. One function for each word; the runner is in scenario_run.c. */
#include "scenario_types.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "payload.h"

static _Noreturn void refuse(const struct scenario *scenario, const char *why, const char *line)
{
    fprintf(stderr, "%s:%d: %s: %s\n", scenario->path, scenario->line, why, line);
    exit(99);
}

static void *one_more(void *list, size_t count, size_t item)
{
    list = realloc(list, (count + 1) * item);
    if (list == NULL)
        abort();
    memset((char *)list + count * item, 0, item);
    return list;
}

static void add_line(struct lines *lines, const char *line)
{
    lines->list = one_more(lines->list, lines->count, sizeof(*lines->list));
    lines->list[lines->count++] = strdup(line);
}

/* The first word of a line into `word`; the rest, without blanks before it. */
static const char *cut(const char *line, char *word, size_t size)
{
    size_t len = strcspn(line, " \t");

    snprintf(word, size, "%.*s", (int)len, line);
    return line + len + strspn(line + len, " \t");
}

/* 2s, 300ms, 1h30m, 5 (seconds). */
static int64_t duration(const struct scenario *scenario, const char *text)
{
    static const struct {
        const char *unit;
        int64_t ns;
    } units[] = {{"ms", MS}, {"h", 3600 * SECOND}, {"m", 60 * SECOND}, {"s", SECOND}, {"", SECOND}};
    int64_t total = 0;

    while (*text != '\0') {
        char *end;
        double number = strtod(text, &end);
        size_t i = 0;
        while (i < 4 && strncmp(end, units[i].unit, strlen(units[i].unit)) != 0)
            i++;
        if (end == text || (i == 4 && *end != '\0'))
            refuse(scenario, "no length of time", text);
        total += (int64_t)(number * (double)units[i].ns + 0.5);
        text = end + strlen(units[i].unit);
    }
    return total;
}

static void on_config(struct scenario *scenario, const char *rest)
{
    char key[128];
    const char *value = cut(rest, key, sizeof(key));

    add_line(&scenario->config, key);
    add_line(&scenario->config, value);
}

static void on_task(struct scenario *scenario, const char *rest)
{
    char name[128];
    const char *words = cut(rest, name, sizeof(name));

    scenario->tasks = one_more(scenario->tasks, scenario->task_count, sizeof(*scenario->tasks));
    struct scenario_task *task = &scenario->tasks[scenario->task_count++];
    task->name = strdup(name);
    task->json = payload_task(name, words);
}

static void on_document(struct scenario *scenario, const char *rest)
{
    char name[128];
    const char *text = cut(rest, name, sizeof(name));

    scenario->tasks = one_more(scenario->tasks, scenario->task_count, sizeof(*scenario->tasks));
    struct scenario_task *task = &scenario->tasks[scenario->task_count++];
    task->name = strdup(name);
    task->text = strdup(text);
}

static void on_container(struct scenario *scenario, const char *line)
{
    char name[128];
    const char *words = cut(line, name, sizeof(name));

    if (payload_add_container(scenario->tasks[scenario->task_count - 1].json, name, words) < 0)
        refuse(scenario, "no container", line);
}

/* `t1/web` into its halves. */
static void split_target(const char *target, char **out_task, char **out_container)
{
    size_t len = strcspn(target, "/");

    *out_task = strndup(target, len);
    *out_container = strdup(target[len] == '/' ? target + len + 1 : "");
}

static void on_do(struct scenario *scenario, const char *rest)
{
    char word[128];

    scenario->steps = one_more(scenario->steps, scenario->step_count, sizeof(*scenario->steps));
    struct scenario_step *step = &scenario->steps[scenario->step_count++];
    rest = cut(rest, word, sizeof(word));
    if (strcmp(word, "on") == 0) {
        rest = cut(rest, word, sizeof(word));
        split_target(word, &step->on_task, &step->on_container);
        rest = cut(rest, word, sizeof(word));
        step->on_status = strdup(word);
        if (*rest == '+') {
            rest = cut(rest + 1, word, sizeof(word));
            step->after_ns = duration(scenario, word);
        }
    } else {
        step->after_ns = duration(scenario, word);
    }
    rest = cut(rest, word, sizeof(word));
    step->action = strdup(word);
    step->argument = strdup(rest);
}

/* The words of an expected event after its target and status. */
static void expect_word(struct scenario *scenario, struct expected *expected, const char *word, const char *value)
{
    if (strcmp(word, "exit") == 0 && strcmp(value, "none") == 0)
        expected->exit = EXIT_MUST_NOT;
    else if (strcmp(word, "exit") == 0)
        expected->exit = EXIT_MUST, expected->exit_code = atoi(value);
    else if (strcmp(word, "error") == 0 || strcmp(word, "reason") == 0)
        expected->reason = strdup(value);
    else if (strcmp(word, "no-error") == 0)
        expected->reason = strdup("");
    else if (strcmp(word, "ports") == 0)
        expected->ports = strdup(value);
    else if (strcmp(word, "digest") == 0)
        expected->digest = true;
    else if (word[0] == '@' && strcmp(word, "@any") != 0)
        expected->timed = true, expected->at_ns = duration(scenario, word + 1);
    else if (word[0] != '@')
        refuse(scenario, "an expected event knows no such word", word);
}

static void on_expected(struct scenario *scenario, const char *line)
{
    char word[512];

    scenario->expected = one_more(scenario->expected, scenario->expected_count, sizeof(*scenario->expected));
    struct expected *expected = &scenario->expected[scenario->expected_count++];
    expected->line = strdup(line);
    const char *rest = cut(line, word, sizeof(word));
    split_target(word, &expected->task, &expected->container);
    rest = cut(rest, word, sizeof(word));
    expected->status = strdup(word);
    while (*rest != '\0') {
        const char *quote = rest + strcspn(rest, " \t\"");
        size_t len = *quote == '"' ? (size_t)(quote - rest) + 1 + strcspn(quote + 1, "\"") + 1 : strcspn(rest, " \t");
        snprintf(word, sizeof(word), "%.*s", (int)len, rest);
        rest += strnlen(rest, len);
        rest += strspn(rest, " \t");
        char *equals = strchr(word, '='), *value = equals != NULL ? equals + 1 : word + strlen(word);
        if (equals != NULL)
            *equals = '\0';
        if (*value == '"')
            value++, value[strcspn(value, "\"")] = '\0';
        expect_word(scenario, expected, word, value);
    }
}

static void on_leave(struct scenario *scenario, const char *rest)
{
    char name[128];
    const char *count = cut(rest, name, sizeof(name));

    scenario->leave_task = strdup(name);
    scenario->leave = (size_t)atoi(count);
}

static void on_ack(struct scenario *scenario, const char *rest)
{
    if (strcmp(rest, "auto") != 0 && strcmp(rest, "by-hand") != 0)
        refuse(scenario, "no way to acknowledge", rest);
    scenario->ack = strcmp(rest, "auto") == 0 ? ACK_AUTO : ACK_BY_HAND;
}

static void on_word(struct scenario *scenario, const char *word, const char *rest)
{
    if (strcmp(word, "what") == 0)
        scenario->what = strdup(rest);
    else if (strcmp(word, "config") == 0)
        on_config(scenario, rest);
    else if (strcmp(word, "sim") == 0)
        add_line(&scenario->sim, rest);
    else if (strcmp(word, "ack") == 0)
        on_ack(scenario, rest);
    else if (strcmp(word, "store") == 0)
        scenario->with_store = true;
    else if (strcmp(word, "task") == 0)
        on_task(scenario, rest);
    else if (strcmp(word, "document") == 0)
        on_document(scenario, rest);
    else if (strcmp(word, "do") == 0)
        on_do(scenario, rest);
    else if (strcmp(word, "until") == 0)
        scenario->until_ns = duration(scenario, rest);
    else if (strcmp(word, "runs-on") == 0)
        scenario->runs_on = true;
    else if (strcmp(word, "long") == 0)
        scenario->is_long = true;
    else if (strcmp(word, "tampered") == 0)
        scenario->tampered = true;
    else if (strcmp(word, "leave") == 0)
        on_leave(scenario, rest);
    else if (strcmp(word, "volumes-left") == 0)
        scenario->volumes_left = (size_t)atoi(rest);
    else if (strcmp(word, "calls") == 0)
        add_line(&scenario->calls, rest);
    else if (strcmp(word, "before") == 0)
        add_line(&scenario->before, rest);
    else if (strcmp(word, "expect") != 0)
        refuse(scenario, "a scenario knows no such word", word);
}

static void on_line(struct scenario *scenario, char *line, char *section, size_t section_size)
{
    char word[128];

    line[strcspn(line, "\n")] = '\0';
    for (size_t len = strlen(line); len > 0 && isblank((unsigned char)line[len - 1]); len--)
        line[len - 1] = '\0';
    const char *start = line + strspn(line, " \t");
    if (*start == '\0' || *start == '#')
        return;
    if (start != line && strcmp(section, "task") == 0) {
        on_container(scenario, start);
    } else if (start != line && strcmp(section, "expect") == 0) {
        on_expected(scenario, start);
    } else if (start != line) {
        refuse(scenario, "only containers and expected events are indented", line);
    } else {
        const char *rest = cut(line, word, sizeof(word));
        on_word(scenario, word, rest);
        snprintf(section, section_size, "%s", word);
    }
}

struct scenario *scenario_read(const char *path)
{
    struct scenario *scenario = calloc(1, sizeof(*scenario));
    char line[8192], section[128] = "";
    FILE *file = fopen(path, "r");

    if (file == NULL || scenario == NULL) {
        perror(path);
        exit(99);
    }
    scenario->path = strdup(path);
    scenario->until_ns = 24 * 3600 * SECOND;
    while (fgets(line, sizeof(line), file) != NULL) {
        scenario->line++;
        on_line(scenario, line, section, sizeof(section));
    }
    fclose(file);
    if (scenario->what == NULL || scenario->step_count == 0)
        refuse(scenario, "a scenario says what it is about, and does something", path);
    add_line(&scenario->config, "");
    free(scenario->config.list[--scenario->config.count]);
    scenario->config.list[scenario->config.count] = NULL;
    return scenario;
}

static void free_lines(struct lines *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        free(lines->list[i]);
    free(lines->list);
}

void scenario_free(struct scenario *scenario)
{
    struct lines *lists[] = {&scenario->config, &scenario->sim, &scenario->calls, &scenario->before};

    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        free_lines(lists[i]);
    for (size_t i = 0; i < scenario->task_count; i++) {
        json_decref(scenario->tasks[i].json);
        free(scenario->tasks[i].name);
        free(scenario->tasks[i].text);
    }
    for (size_t i = 0; i < scenario->step_count; i++) {
        struct scenario_step *step = &scenario->steps[i];
        char *texts[] = {step->on_task, step->on_container, step->on_status, step->action, step->argument};
        for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++)
            free(texts[k]);
    }
    for (size_t i = 0; i < scenario->expected_count; i++) {
        struct expected *expected = &scenario->expected[i];
        char *texts[] = {expected->line, expected->task, expected->container, expected->status, expected->reason, expected->ports};
        for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++)
            free(texts[k]);
    }
    free(scenario->tasks);
    free(scenario->steps);
    free(scenario->expected);
    free(scenario->leave_task);
    free(scenario->what);
    free(scenario->path);
    free(scenario);
}

const char *scenario_what(const struct scenario *scenario) { return scenario->what; }

bool scenario_is_timed(const struct scenario *scenario)
{
    for (size_t i = 0; i < scenario->step_count; i++) {
        if (scenario->steps[i].on_task == NULL && scenario->steps[i].after_ns > 0)
            return true;
    }
    return false;
}

bool scenario_is_long(const struct scenario *scenario) { return scenario->is_long; }

static int is_scenario(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');

    return dot != NULL && strcmp(dot, ".txt") == 0;
}

int scenario_step(void)
{
    const char *step = getenv("TEST_STEP");

    return step != NULL && atoi(step) > 1 ? atoi(step) : 1;
}

char **scenario_list(const char *folder)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, is_scenario, alphasort), kept = 0;
    int step = scenario_step();

    if (count <= 0) {
        fprintf(stderr, "%s: no scenarios\n", folder);
        exit(99);
    }
    char **paths = calloc((size_t)count + 1, sizeof(*paths));
    for (int i = 0; i < count; i++) {
        size_t size = strlen(folder) + strlen(entries[i]->d_name) + 2;
        if (i % step == 0) {
            paths[kept] = malloc(size);
            snprintf(paths[kept++], size, "%s/%s", folder, entries[i]->d_name);
        }
        free(entries[i]);
    }
    free(entries);
    return paths;
}

void scenario_list_free(char **paths)
{
    for (size_t i = 0; paths[i] != NULL; i++)
        free(paths[i]);
    free(paths);
}

const char *scenario_folder(void)
{
    const char *folder = getenv("ECSENGINE_SCENARIOS");

    return folder != NULL ? folder : SCENARIO_FOLDER;
}
