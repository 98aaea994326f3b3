/* SPDX-License-Identifier: Apache-2.0 */
/* Durable lives. The clock is the bench's own and stands still: nothing is waited for but the store. */
#include "durable.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../stores/shim.h"
#include "ecsengine/sqlite.h"
#include "plain.h"

static const char *const no_wait[] = {"engine-task-cleanup-wait-duration", "0s", NULL};

/* ---- files ---- */

static void make_path(const char *folder, char path[DURABLE_PATH])
{
    int len = snprintf(path, DURABLE_PATH, "%s/bench-store-%ld", folder, (long)getpid());

    bench_must(len > 0 && len < DURABLE_PATH ? 0 : ECSENGINE_EINVAL, folder);
}

static void remove_files(const char *path)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char name[DURABLE_PATH + 8];

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        snprintf(name, sizeof(name), "%s%s", path, ends[i]);
        unlink(name);
    }
}

static int64_t size_of(const char *path, const char *end)
{
    char name[DURABLE_PATH + 8];
    struct stat found;

    snprintf(name, sizeof(name), "%s%s", path, end);
    return stat(name, &found) == 0 ? (int64_t)found.st_size : 0;
}

static struct shim_traffic traffic(void)
{
    struct shim_traffic file = shim_traffic(0), log = shim_traffic(1);

    return (struct shim_traffic){file.writes + log.writes, file.bytes + log.bytes, file.syncs + log.syncs};
}

/* ---- lives ---- */

struct work {
    struct durable *run;
    struct plain plain;
    ecsengine_sqlite *sqlite;
    size_t added, gone;
};

static void join_store(struct host *host)
{
    struct work *work = host->context;

    if (work->run->store == DURABLE_PLAIN)
        plain_attach(&work->plain, host->engine);
    else
        bench_must(ecsengine_sqlite_attach(work->sqlite, host->engine, NULL), "the store");
}

static void add_next(struct host *host, struct work *work)
{
    if (work->added < work->run->lives)
        host_add(host, &work->run->shape, work->added++);
}

static void told(struct host *host, const ecsengine_event *event)
{
    struct work *work = host->context;

    if (ecsengine_event_task_status(event) == ECSENGINE_TASK_RUNNING)
        bench_must(ecsengine_task_stop(host->engine, ecsengine_event_task_arn(event), NULL, NULL), "a stop");
    if (ecsengine_event_get_kind(event) != ECSENGINE_EVENT_TASK_REMOVED)
        return;
    work->gone++;
    add_next(host, work);
}

static void live(struct work *work, struct host *host)
{
    struct durable *run = work->run;
    struct shim_traffic before = traffic();
    struct moment start = measure_now();
    int64_t thread_ns = measure_thread_cpu_ns();

    for (size_t i = 0; i < run->concurrent; i++)
        add_next(host, work);
    while (work->gone < run->lives)
        host_turn_and_wait(host);
    run->took = measure_since(start);
    run->engine_cpu_ns = measure_thread_cpu_ns() - thread_ns;
    struct shim_traffic now = traffic();
    run->syncs = now.syncs - before.syncs;
    run->file_bytes = now.bytes - before.bytes;
}

static void count_sqlite(struct durable *run, ecsengine_sqlite *sqlite)
{
    run->commits = ecsengine_sqlite_counter(sqlite, "commits");
    run->records = ecsengine_sqlite_counter(sqlite, "records");
    run->value_bytes = ecsengine_sqlite_counter(sqlite, "bytes");
}

static void count_plain(struct durable *run, const struct plain_log *log)
{
    run->commits = log->batches;
    run->records = log->count;
    run->value_bytes = 0;
    for (size_t i = 0; i < log->count; i++)
        run->value_bytes += log->entries[i].value_len;
}

static void write_alone(struct durable *run, const char *path, struct plain_log *log)
{
    struct plain alone;

    remove_files(path);
    plain_open(&alone, path);
    struct moment start = measure_now();
    plain_write_again(&alone, log);
    run->alone = measure_since(start);
    plain_close(&alone);
    plain_log_free(log);
}

void durable_run(struct durable *run)
{
    struct work work = {.run = run};
    struct host host = {.on_simulator = true, .config = no_wait, .join_store = join_store, .told = told, .context = &work};
    char path[DURABLE_PATH];

    shim_install();
    make_path(run->folder, path);
    remove_files(path);
    if (run->store == DURABLE_PLAIN)
        plain_open(&work.plain, path);
    else
        bench_must(ecsengine_sqlite_open(path, &work.sqlite, NULL), path);
    host_start(&host);
    live(&work, &host);
    run->log_size_max = size_of(path, "-wal");
    run->file_size = size_of(path, "");
    host_end(&host);
    if (run->store == DURABLE_PLAIN) {
        plain_close(&work.plain);
        count_plain(run, &work.plain.log);
        write_alone(run, path, &work.plain.log);
    } else {
        count_sqlite(run, work.sqlite);
        bench_must(ecsengine_sqlite_close(work.sqlite, NULL), "the store's end");
    }
    remove_files(path);
}

/* ---- kept and given back ---- */

struct kept {
    struct durable_restore *run;
    ecsengine_sqlite *sqlite;
    uint64_t looks, looks_of_turn, turn;
    struct moment attach;
    struct host *host;
    uint64_t last_command;
    bool saved; /* it is done, and with it all before it */
};

static void join_kept(struct host *host)
{
    struct kept *kept = host->context;
    struct moment start = measure_now();

    bench_must(ecsengine_sqlite_attach(kept->sqlite, host->engine, NULL), "the store");
    kept->attach = measure_since(start);
}

static void watch(const ecsengine_op *op, void *user_data)
{
    struct kept *kept = user_data;

    kept->run->lists += ecsengine_op_get_kind(op) == ECSENGINE_OP_LIST;
    if (ecsengine_op_get_kind(op) != ECSENGINE_OP_INSPECT)
        return;
    if (kept->turn != kept->host->turns)
        kept->looks_of_turn = 0;
    kept->turn = kept->host->turns;
    kept->run->looks++;
    if (++kept->looks_of_turn > kept->run->looks_at_once)
        kept->run->looks_at_once = kept->looks_of_turn;
}

static void told_kept(struct host *host, const ecsengine_event *event)
{
    struct kept *kept = host->context;

    kept->saved = kept->saved || (kept->last_command != 0 && ecsengine_event_command_id(event) == kept->last_command);
}

/* Also what was acknowledged last is kept: nothing is told again. */
static void save_all(struct host *host, struct kept *kept)
{
    bench_must(ecsengine_shutdown(host->engine, &kept->last_command, NULL), "a shutdown");
    while (!kept->saved)
        host_turn_and_wait(host);
}

static void come_up(struct host *host, const struct durable_restore *run)
{
    enum { BURST = 1000 };

    for (size_t i = 0; i < run->tasks;) {
        for (size_t k = 0; k < BURST && i < run->tasks; k++, i++)
            host_add(host, &run->shape, i);
        host_turn(host);
    }
    while (host->running < run->tasks)
        host_turn_and_wait(host);
}

void durable_restore_run(struct durable_restore *run)
{
    struct kept kept = {.run = run};
    struct host host = {.on_simulator = true, .join_store = join_kept, .told = told_kept, .context = &kept};
    char path[DURABLE_PATH];

    kept.host = &host;
    make_path(run->folder, path);
    remove_files(path);
    bench_must(ecsengine_sqlite_open(path, &kept.sqlite, NULL), path);
    host_start(&host);
    come_up(&host, run);
    save_all(&host, &kept);
    host_crash(&host);
    bench_must(ecsengine_sqlite_close(kept.sqlite, NULL), "the store's end");
    run->file_size = size_of(path, "");
    bench_must(ecsengine_sqlite_open(path, &kept.sqlite, NULL), path);
    run->looks = run->lists = run->looks_at_once = 0;
    ecsengine_sim_set_watch(host.sim, watch, &kept);
    host_again(&host);
    run->attach = kept.attach;
    struct moment start = measure_now();
    host_settle(&host);
    run->known = measure_since(start);
    run->records = ecsengine_sqlite_counter(kept.sqlite, "records");
    run->value_bytes = ecsengine_sqlite_counter(kept.sqlite, "bytes");
    /* What was not yet acknowledged durably is told again. */
    bench_must(run->looks >= run->tasks && host.running >= run->tasks && host.stopped == 0 ? 0 : ECSENGINE_ESTATE,
               "a restart has changed what runs, or has not looked");
    host_end(&host);
    bench_must(ecsengine_sqlite_close(kept.sqlite, NULL), "the store's end");
    remove_files(path);
}
