/* SPDX-License-Identifier: Apache-2.0 */
/* --record: everything that comes into the engine, in a file that ecsengine-replay runs again.
 *
 * A recording that is there already is kept as FILE.1: it may be that of a life that ended badly. With --record-limit a recording that has
 * come to half of that is kept as FILE.1 too, and another one begun, which begins with the engine's whole state: so the two together hold
 * the last half of the limit at least, and never more than about all of it. */
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct record {
    const char *path;
    char *kept_path; /* FILE.1 */
    int64_t limit;   /* bytes; 0: none */
    int64_t written;
    int fd;          /* -1: it has failed */
};

static void fail(struct record *record, const char *path)
{
    say("--record %s: %s; nothing more is recorded", path, strerror(errno));
    if (record->fd >= 0)
        close(record->fd);
    record->fd = -1;
}

static void write_some(const void *data, size_t len, void *user_data)
{
    struct record *record = user_data;
    const char *at = data;

    while (len > 0 && record->fd >= 0) {
        ssize_t done = write(record->fd, at, len);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0) {
            fail(record, record->path);
            return;
        }
        at += done;
        len -= (size_t)done;
        record->written += done;
    }
}

/* A file of its own, mode 0600: a recording has what a store has. */
static bool open_file(struct record *record)
{
    if (rename(record->path, record->kept_path) < 0 && errno != ENOENT) {
        fail(record, record->kept_path);
        return false;
    }
    record->written = 0;
    record->fd = open(record->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (record->fd < 0)
        fail(record, record->path);
    return record->fd >= 0;
}

struct record *record_open(const struct options *options, ecsengine *engine)
{
    struct record *record = need(calloc(1, sizeof(*record)));
    ecsengine_error *error = NULL;

    record->path = options->record;
    record->limit = options->record_limit;
    record->fd = -1;
    record->kept_path = need(malloc(strlen(record->path) + 3));
    sprintf(record->kept_path, "%s.1", record->path);
    if (open_file(record)) {
        if (ecsengine_record_start(engine, write_some, record, &error) == 0)
            return record;
        say_error("--record", error);
    }
    record_close(record, NULL);
    return NULL;
}

void record_turn(struct record *record, ecsengine *engine)
{
    ecsengine_error *error = NULL;

    if (record == NULL || record->fd < 0 || record->limit == 0 || record->written < record->limit / 2)
        return;
    ecsengine_record_stop(engine, NULL); /* ESTATE or ENOMEM: it has ended already */
    close(record->fd);
    if (open_file(record) && ecsengine_record_start(engine, write_some, record, &error) < 0)
        say_error("--record", error);
}

void record_close(struct record *record, ecsengine *engine)
{
    if (record == NULL)
        return;
    if (engine != NULL)
        ecsengine_record_stop(engine, NULL);
    if (record->fd >= 0)
        close(record->fd);
    free(record->kept_path);
    free(record);
}
