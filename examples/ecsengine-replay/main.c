/* SPDX-License-Identifier: Apache-2.0 */
/* ecsengine-replay: runs a recording again. It is how a fault that somebody else has seen is looked at: the recording goes through the
 * engine turn by turn, as often as one likes, under a debugger if need be, and the engine can be asked at any point. */
#include "replay.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct file {
    void *data; /* NULL: nothing is mapped */
    size_t len;
};

static bool map_file(const char *path, struct file *file)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat about;

    *file = (struct file){NULL, 0};
    if (fd >= 0 && fstat(fd, &about) == 0 && about.st_size > 0) {
        void *data = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (data != MAP_FAILED)
            *file = (struct file){data, (size_t)about.st_size};
    }
    if (file->data == NULL)
        fprintf(stderr, "ecsengine-replay: %s: %s\n", path, fd >= 0 && errno == 0 ? "the file is empty" : strerror(errno));
    if (fd >= 0)
        close(fd);
    return file->data != NULL;
}

static int failed(const char *what, ecsengine_error *error)
{
    fflush(stdout);
    fprintf(stderr, "ecsengine-replay: %s: %s\n", what, ecsengine_error_message(error));
    ecsengine_error_free(error);
    return STATUS_FAILED;
}

/* Runs the turns that are wanted. 0, or the status after an error. */
static int run(const struct options *options, ecsengine_replay *replay)
{
    ecsengine_error *error = NULL;
    int code = 1;

    while (ecsengine_replay_turn(replay) < options->until_turn && ecsengine_replay_next_wall_ns(replay) <= options->until_wall_ns &&
           (code = ecsengine_replay_next(replay, &error)) > 0) {
        if (options->trace)
            trace_turn(stdout, replay);
    }
    return code < 0 ? failed(options->file, error) : 0;
}

static int print(const char *what, int code, ecsengine_text *text, ecsengine_error *error)
{
    if (code < 0)
        return failed(what, error);
    const char *data = ecsengine_text_data(text);
    fputs(data, stdout);
    if (*data != '\0' && data[strlen(data) - 1] != '\n')
        putchar('\n');
    ecsengine_text_free(text);
    return 0;
}

static int ask(const struct options *options, ecsengine *engine)
{
    int status = 0, one;

    for (size_t i = 0; i < options->explain_count; i++) {
        ecsengine_text *text = NULL;
        ecsengine_error *error = NULL;
        int code = ecsengine_explain_text(engine, options->explain[i], NULL, &text, &error);
        one = print(options->explain[i], code, text, error);
        status = status != 0 ? status : one;
    }
    for (size_t i = 0; i < options->describe_count; i++) {
        ecsengine_text *text = NULL;
        ecsengine_error *error = NULL;
        int code = ecsengine_task_describe(engine, options->describe[i], &text, &error);
        one = print(options->describe[i], code, text, error);
        status = status != 0 ? status : one;
    }
    if (options->list) {
        ecsengine_text *text = NULL;
        ecsengine_error *error = NULL;
        int code = ecsengine_task_list(engine, &text, &error);
        one = print("--list", code, text, error);
        status = status != 0 ? status : one;
    }
    return status;
}

/* The last line, on stderr if something else was asked for. */
static int judge(const struct options *options, ecsengine_replay *replay)
{
    bool asked = options->trace || options->list || options->explain_count > 0 || options->describe_count > 0;
    bool same_version = strcmp(ecsengine_replay_version(replay), ecsengine_version()) == 0;
    bool differs = ecsengine_replay_difference_turn(replay) != 0;
    FILE *out = asked ? stderr : stdout;
    char time[40];

    fflush(stdout);
    fprintf(out, "%llu turns", (unsigned long long)ecsengine_replay_turn(replay));
    if (ecsengine_replay_turn(replay) > 0)
        fprintf(out, ", to %s", trace_time(ecsengine_replay_wall_ns(replay), time));
    fprintf(out, "%s%s: %s\n", ecsengine_replay_middle(replay) ? "; begun in the middle of the engine's life" : "",
            ecsengine_replay_cut(replay) ? "; the recording breaks off within a turn" : "", differs ? "a difference" : "the same, byte for byte");
    if (differs)
        fprintf(out, "%s\n", ecsengine_replay_difference(replay));
    if (differs && !same_version)
        fprintf(out, "(recorded by version %s, replayed by %s)\n", ecsengine_replay_version(replay), ecsengine_version());
    if (differs && ecsengine_replay_starved(replay))
        fprintf(out, "(memory was lacking in the recorded run, which a replay does not imitate)\n");
    return differs && same_version && !ecsengine_replay_starved(replay) ? STATUS_DIFFERENCE : 0;
}

static int replay_file(const struct options *options, const struct file *file)
{
    ecsengine_replay *replay = NULL;
    ecsengine_error *error = NULL;

    if (ecsengine_replay_new(file->data, file->len, NULL, &replay, &error) < 0)
        return failed(options->file, error);
    int status = run(options, replay);
    int asked = ask(options, ecsengine_replay_engine(replay));
    int judged = judge(options, replay);
    ecsengine_replay_free(replay);
    return status != 0 ? status : asked != 0 ? asked : judged;
}

int main(int argc, char **argv)
{
    struct options options;
    struct file file;
    int status = STATUS_FAILED;

    switch (options_read(&options, argc, argv)) {
    case OPTIONS_DONE:
        status = fflush(stdout) == 0 ? 0 : STATUS_FAILED;
        break;
    case OPTIONS_RUN:
        errno = 0;
        if (map_file(options.file, &file)) {
            status = replay_file(&options, &file);
            munmap(file.data, file.len);
        }
        break;
    case OPTIONS_WRONG:
        break;
    }
    options_free(&options);
    return status;
}
