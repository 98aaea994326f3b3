/* SPDX-License-Identifier: Apache-2.0 */
/* ecsengine-run: what its files share.
 *
 * One thread, one `struct run`. The loop (loop.c) drives the engine and knows nothing of what the program is for; that is a `struct
 * face`: either the tasks of some files followed to their end (follow.c), or the line protocol (stdio.c). All output goes through one
 * bounded writer (output.c), so that a slow reader never stops the engine. */
#ifndef ECSENGINE_RUN_H
#define ECSENGINE_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ecsengine/ecsengine.h>

#include "options.h"
#include "output.h"

#define SECOND_NS INT64_C(1000000000)
#define MILLISECOND_NS INT64_C(1000000)

/* The exit statuses that are the program's own; any other one is a container's. */
#define STATUS_NONE 125        /* no essential container ended, or nothing was run at all */
#define STATUS_INTERRUPTED 130 /* Ctrl-C */
#define STATUS_TERMINATED 143  /* SIGTERM or SIGHUP, with a store: the tasks go on */

struct run;

/* What the loop calls. Times are monotonic nanoseconds. */
struct face {
    void (*event)(struct run *run, const ecsengine_event *event);
    /* After every turn, when its events were taken. `stirred`: the engine may have changed since the last one. */
    void (*turn)(struct run *run, int64_t now_ns, bool stirred);
    int64_t (*deadline)(struct run *run);             /* when to call turn() though nothing happened */
    bool (*wants_input)(const struct run *run);       /* stdin is to be read */
    void (*input)(struct run *run);                   /* stdin is readable, or at its end */
    void (*interrupt)(struct run *run, int count);    /* the count-th Ctrl-C */
    void (*terminate)(struct run *run, int count);    /* the same of SIGTERM and SIGHUP */
    void (*hidden)(struct run *run);                  /* about to be suspended: leave the terminal tidy */
    void (*shown)(struct run *run, int64_t now_ns);   /* continued, or the terminal has another size */
    void (*broken)(struct run *run);                  /* nobody reads the output any more */
    bool (*finished)(const struct run *run);          /* leave, once the output is written */
};

struct exec;
struct tasks;
struct table;
struct session;

/* leaving.c: the engine's graceful end, while its containers go on. */
struct leaving {
    bool begun;
    bool saved; /* or given up */
    uint64_t command_id;
    int64_t give_up_ns;
};

struct run {
    struct options options;
    const struct face *face;
    ecsengine *engine;
    struct store *store; /* NULL: nothing is kept */
    struct record *record; /* NULL: nothing is recorded */
    struct runtime *runtime;
    struct output out;
    struct leaving leaving;
    bool leave;  /* at once, whatever is unfinished or unwritten */
    int status;  /* what the process returns */

    struct tasks *tasks;     /* follow.c */
    struct table *table;     /* follow.c; NULL without a live table */
    struct exec *exec;       /* exec.c; NULL without --exec */
    struct session *session; /* stdio.c */
};

/* loop.c */
int64_t clock_mono_ns(void);
int64_t clock_wall_ns(void);
void loop_block_signals(void); /* before any thread is made: threads inherit the mask */
int loop_turn(struct run *run); /* one turn of the runtime and the engine; negative after a failure that was reported */
void loop_run(struct run *run);

/* runtime.c: what performs the engine's operations, Docker or the simulator. NULL after a failure that was reported. */
struct runtime *runtime_open(const struct options *options, ecsengine *engine);
void runtime_close(struct runtime *runtime);
int runtime_advance(struct runtime *runtime, int64_t mono_ns, int64_t wall_ns, ecsengine_error **error);
int64_t runtime_deadline(const struct runtime *runtime);
void runtime_work(struct runtime *runtime, ecsengine *engine); /* passes on the operations that the runtime does not do itself */

/* store.c. NULL after a failure that was reported. */
struct store *store_open(const char *path, ecsengine *engine);
void store_close(struct store *store); /* after the engine was freed */

/* record.c. NULL after a failure that was reported. */
struct record *record_open(const struct options *options, ecsengine *engine); /* before the store gives records back */
void record_turn(struct record *record, ecsengine *engine);                   /* begins another one when it has become long */
void record_close(struct record *record, ecsengine *engine);                  /* before the engine is freed */

/* leaving.c */
void leaving_begin(struct run *run);
bool leaving_is_done_by(struct run *run, const ecsengine_event *event); /* this event says that all is saved */
void leaving_turn(struct run *run, int64_t now_ns);                     /* gives up when it takes too long */
int64_t leaving_deadline(const struct run *run);

/* follow.c and stdio.c. The openers return NULL, or false, after a failure that was reported. */
extern const struct face follow_face;
extern const struct face stdio_face;
bool follow_open(struct run *run);
void follow_close(struct run *run);
bool stdio_open(struct run *run);
void stdio_close(struct run *run);

/* plan.c: the exit status. */
int plan_files(const struct options *options);

/* say.c: messages for the person, on stderr or above the live table. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void say_error(const char *what, ecsengine_error *error); /* frees the error */
void say_log(enum ecsengine_log_level level, int32_t message_id, const char *text, size_t text_len, void *user_data);
void say_through(void (*print)(const char *line, void *user_data), void *user_data); /* NULL: on stderr again */

#endif
