/* SPDX-License-Identifier: Apache-2.0 */
/* The SQLite store: the contract of stores, the file, and a disk that fails. */
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ecsengine/sqlite.h"
#include "shim.h"
#include "suite.h"

#define SECOND INT64_C(1000000000)

static char folder[64], path[96];

static void new_path(void)
{
    /* In memory: what a disk does wrong is the shim's part here, and a sync that takes its time proves nothing. */
    snprintf(folder, sizeof(folder), "%s/ecsengine-sqlite.XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/store", folder);
}

static void remove_files(void)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    char name[128];

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        snprintf(name, sizeof(name), "%s%s", path, ends[i]);
        unlink(name);
    }
    rmdir(folder);
}

static ecsengine_sqlite *open_store(void)
{
    ecsengine_sqlite *store = NULL;
    ecsengine_error *error = NULL;

    if (ecsengine_sqlite_open(path, &store, &error) < 0)
        ck_abort_msg("%s", ecsengine_error_message(error));
    return store;
}

static void *opened(void)
{
    shim_install();
    new_path();
    return open_store();
}

static int attached(void *store, ecsengine *engine, ecsengine_error **error) { return ecsengine_sqlite_attach(store, engine, error); }

static void *reopened(void *store)
{
    ck_assert_int_eq(0, ecsengine_sqlite_close(store, NULL));
    return open_store();
}

static void ended(void *store)
{
    ck_assert_int_eq(0, ecsengine_sqlite_close(store, NULL));
    remove_files();
}

static void failing(void *store, int32_t count)
{
    (void)store;
    shim_arm(SHIM_ERROR, 1, count - 1);
}

static void run_sql(const char *sql)
{
    sqlite3 *handle;

    ck_assert_int_eq(SQLITE_OK, sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "unix"));
    ck_assert_int_eq(SQLITE_OK, sqlite3_exec(handle, sql, NULL, NULL, NULL));
    sqlite3_close(handle);
}


static int64_t ask_sql(const char *sql)
{
    sqlite3 *handle;
    sqlite3_stmt *statement;

    ck_assert_int_eq(SQLITE_OK, sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, "unix"));
    ck_assert_int_eq(SQLITE_OK, sqlite3_prepare_v2(handle, sql, -1, &statement, NULL));
    ck_assert_int_eq(SQLITE_ROW, sqlite3_step(statement));
    int64_t number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(handle);
    return number;
}

static void *damaged(void *store, const char *key)
{
    char sql[512];

    ck_assert_int_eq(0, ecsengine_sqlite_close(store, NULL));
    snprintf(sql, sizeof(sql), "UPDATE record SET value = CAST(substr(value, 1, 40) || x'ff' || substr(value, 42) AS BLOB) WHERE key = '%s'", key);
    run_sql(sql);
    return open_store();
}

/* While a store has the file nobody else reads it. */
static size_t set_aside(void **store)
{
    ck_assert_int_eq(0, ecsengine_sqlite_close(*store, NULL));
    int64_t count = ask_sql("SELECT count(*) FROM quarantine WHERE length(value) > 0");
    *store = open_store();
    return (size_t)count;
}

static const struct store_under_test sqlite_store = {"sqlite", opened, attached, reopened, ended, failing, damaged, set_aside};

/* ---- the file ---- */

static void refused(int code, const char *part)
{
    ecsengine_sqlite *store = NULL;
    ecsengine_error *error = NULL;

    ck_assert_int_eq(code, ecsengine_sqlite_open(path, &store, &error));
    ck_assert_ptr_null(store);
    ck_assert_msg(strstr(ecsengine_error_message(error), part) != NULL, "%s", ecsengine_error_message(error));
    ck_assert_ptr_nonnull(strstr(ecsengine_error_message(error), path));
    ecsengine_error_free(error);
}

START_TEST(the_file_is_for_its_owner_alone)
{
    struct stat stat_;
    mode_t before = umask(0);

    ecsengine_sqlite *store = opened();
    struct store_host host = {0};
    char name[128];
    store_host_start(&host, NULL, store);
    store_host_add(&host, "t", "\"sleep\",\"1000\"");
    store_host_settle(&host);
    ck_assert_int_eq(0, stat(path, &stat_));
    ck_assert_int_eq(0600, stat_.st_mode & 0777);
    snprintf(name, sizeof(name), "%s-wal", path);
    ck_assert_int_eq(0, stat(name, &stat_));
    ck_assert_int_eq(0600, stat_.st_mode & 0777);
    umask(before);
    store_host_stop(&host);
    ecsengine_sim_free(host.sim);
    ended(store);
}
END_TEST

START_TEST(a_second_owner_is_refused_in_this_process_and_in_another)
{
    ecsengine_sqlite *store = opened();

    refused(ECSENGINE_ESTATE, "is in use by another store or process");
    pid_t child = fork();
    if (child == 0) {
        ecsengine_sqlite *other = NULL;
        _exit(ecsengine_sqlite_open(path, &other, NULL) == ECSENGINE_ESTATE ? 0 : 1);
    }
    int status = -1;
    ck_assert_int_eq(child, waitpid(child, &status, 0));
    ck_assert_int_eq(0, status);
    store = reopened(store); /* and the first one is none the worse */
    ended(store);
}
END_TEST

START_TEST(an_owner_that_was_killed_leaves_the_store_free)
{
    int ready[2];
    char byte;

    shim_install();
    new_path();
    ck_assert_int_eq(0, pipe(ready));
    pid_t child = fork();
    if (child == 0) {
        ecsengine_sqlite *store = NULL;
        if (ecsengine_sqlite_open(path, &store, NULL) == 0 && write(ready[1], "x", 1) == 1)
            pause();
        _exit(1);
    }
    ck_assert_int_eq(1, read(ready[0], &byte, 1));
    refused(ECSENGINE_ESTATE, "is in use");
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    ended(open_store());
}
END_TEST

START_TEST(a_newer_schema_is_refused_and_left_as_it_is)
{
    ecsengine_sqlite *store = opened();

    ck_assert_int_eq(0, ecsengine_sqlite_close(store, NULL));
    run_sql("PRAGMA user_version=3; CREATE TABLE of_tomorrow (x)");
    refused(ECSENGINE_EUNSUPPORTED, "has schema version 3; this library reads up to version 2");
    run_sql("SELECT x FROM of_tomorrow; PRAGMA user_version=2");
    ended(open_store());
}
END_TEST

START_TEST(an_older_schema_is_brought_up_to_date)
{
    shim_install();
    new_path();
    run_sql("PRAGMA application_id=1701016421; PRAGMA user_version=1;"
            "CREATE TABLE record (key TEXT PRIMARY KEY NOT NULL, value BLOB NOT NULL) WITHOUT ROWID;"
            "INSERT INTO record VALUES ('task/damaged', x'00')");
    ecsengine_sqlite *store = open_store();
    struct store_host host = {0};
    store_host_start(&host, NULL, store);
    store_host_settle(&host);
    ck_assert_uint_eq(1, ecsengine_sqlite_counter(store, "quarantined")); /* which version 1 had no place for */
    store_host_stop(&host);
    ecsengine_sim_free(host.sim);
    ended(store);
}
END_TEST

START_TEST(the_database_of_another_program_is_refused_and_left_as_it_is)
{
    shim_install();
    new_path();
    run_sql("CREATE TABLE bookmarks (url TEXT); INSERT INTO bookmarks VALUES ('x')");
    refused(ECSENGINE_EINVAL, "is the database of another program");
    run_sql("SELECT url FROM bookmarks");
    remove_files();
}
END_TEST

START_TEST(a_file_that_is_no_database_is_refused)
{
    shim_install();
    new_path();
    FILE *file = fopen(path, "w");
    for (int i = 0; i < 1000; i++)
        fprintf(file, "this is text, line %d\n", i);
    fclose(file);
    refused(ECSENGINE_ECORRUPT, "not a database");
    remove_files();
}
END_TEST

START_TEST(a_path_that_leads_nowhere_is_refused)
{
    ecsengine_sqlite *store = NULL;
    ecsengine_error *error = NULL;

    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_sqlite_open("", &store, NULL));
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_sqlite_open(NULL, &store, NULL));
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_sqlite_open("x", NULL, NULL));
    ck_assert_int_eq(ECSENGINE_EIO, ecsengine_sqlite_open("/nowhere/at/all", &store, &error));
    ck_assert_ptr_nonnull(strstr(ecsengine_error_message(error), "No such file or directory"));
    ecsengine_error_free(error);
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_sqlite_attach(NULL, NULL, NULL));
    ck_assert_int_eq(0, ecsengine_sqlite_close(NULL, NULL));
    ck_assert_uint_eq(0, ecsengine_sqlite_counter(NULL, "commits"));
    ck_assert_str_eq("", ecsengine_sqlite_failure(NULL));
}
END_TEST

START_TEST(a_store_is_not_closed_under_its_engine)
{
    ecsengine_sqlite *store = opened();
    struct store_host host = {0};

    store_host_start(&host, NULL, store);
    ck_assert_int_eq(ECSENGINE_ESTATE, ecsengine_sqlite_close(store, NULL));
    store_host_add(&host, "t", "\"sleep\",\"1000\"");
    store_host_settle(&host);
    store_host_stop(&host);
    ecsengine_sim_free(host.sim);
    ended(store);
}
END_TEST

/* ---- records ---- */

START_TEST(a_damaged_record_goes_into_a_table_of_its_own_under_its_own_key)
{
    ecsengine_sqlite *store = opened();
    struct store_host host = {0};

    store_host_start(&host, NULL, store);
    for (char name[2] = "a"; name[0] <= 'e'; name[0]++)
        store_host_add(&host, name, "\"sleep\",\"1000\"");
    store_host_settle(&host);
    store_host_stop(&host);
    store = damaged(store, "task/arn:aws:ecs:us-west-2:123456789012:task/default/c");
    store_host_start(&host, host.sim, store);
    ck_assert_uint_eq(0, ecsengine_sqlite_counter(store, "quarantined")); /* not before it is durable */
    store_host_settle(&host);
    ck_assert_uint_eq(1, ecsengine_sqlite_counter(store, "quarantined"));
    store_host_stop(&host);
    store = reopened(store);
    store_host_start(&host, host.sim, store);
    store_host_settle(&host);
    ck_assert_uint_eq(0, ecsengine_sqlite_counter(store, "quarantined")); /* once and for all */
    store_host_stop(&host);
    ck_assert_int_eq(0, ecsengine_sqlite_close(store, NULL));
    ck_assert_int_eq(1, ask_sql("SELECT count(*) FROM quarantine WHERE key LIKE 'task/%/c' AND length(value) > 40"));
    ck_assert_int_eq(0, ask_sql("SELECT count(*) FROM record WHERE key LIKE 'quarantine/%'"));
    remove_files();
    ecsengine_sim_free(host.sim);
}
END_TEST

/* Keys of a kind that this store never writes: no batch could name them, so the store itself puts them aside. */
START_TEST(rows_that_no_key_names_are_put_aside)
{
    ecsengine_sqlite *store = opened();
    struct store_host host = {0};

    store_host_start(&host, NULL, store);
    store_host_add(&host, "t", "\"sleep\",\"1000\"");
    store_host_settle(&host);
    store_host_stop(&host);
    ck_assert_int_eq(0, ecsengine_sqlite_close(store, NULL));
    run_sql("INSERT INTO record VALUES ('task/x' || char(0) || 'y', x'01'), (x'ff00', x'02'), (x'7461736b2f7a', x'03'), ('', x'04'), ('odd', 'text')");
    store = open_store();
    store_host_start(&host, host.sim, store);
    store_host_settle(&host);
    ck_assert_int_eq(5, host.damaged);
    store_host_stop(&host);
    ck_assert_int_eq(0, ecsengine_sqlite_close(store, NULL));
    ck_assert_int_eq(1, ask_sql("SELECT count(*) FROM record WHERE key LIKE 'task/%/t'"));
    ck_assert_int_eq(0, ask_sql("SELECT count(*) FROM record WHERE typeof(key) <> 'text' OR instr(key, char(0)) > 0 OR key IN ('', 'odd')"));
    ck_assert_int_ge(ask_sql("SELECT count(DISTINCT value) FROM quarantine"), 5);
    store = open_store();
    store_host_start(&host, host.sim, store);
    store_host_settle(&host);
    ck_assert_int_eq(0, host.damaged);
    store_host_stop(&host);
    ended(store);
    ecsengine_sim_free(host.sim);
}
END_TEST

/* A damaged page can have what its schema forbids. */
START_TEST(a_row_without_a_key_is_put_aside)
{
    ecsengine_sqlite *store = opened();
    struct store_host host = {0};

    ck_assert_int_eq(0, ecsengine_sqlite_close(store, NULL));
    run_sql("DROP TABLE record; CREATE TABLE record (key TEXT UNIQUE, value BLOB); INSERT INTO record VALUES (NULL, x'05'), (NULL, NULL)");
    store = open_store();
    store_host_start(&host, NULL, store);
    store_host_settle(&host);
    ck_assert_int_eq(2, host.damaged);
    store_host_stop(&host);
    ck_assert_int_eq(0, ecsengine_sqlite_close(store, NULL));
    ck_assert_int_eq(0, ask_sql("SELECT count(*) FROM record WHERE key IS NULL"));
    ck_assert_int_ge(ask_sql("SELECT count(*) FROM quarantine WHERE value = x'05'"), 1);
    store = open_store();
    store_host_start(&host, host.sim, store);
    store_host_settle(&host);
    ck_assert_int_eq(0, host.damaged);
    store_host_stop(&host);
    ended(store);
    ecsengine_sim_free(host.sim);
}
END_TEST

START_TEST(commits_are_counted_and_a_turn_is_one_at_most)
{
    ecsengine_sqlite *store = opened();
    struct store_host host = {0};
    char name[32];

    store_host_start(&host, NULL, store);
    store_host_settle(&host);
    uint64_t commits = ecsengine_sqlite_counter(store, "commits");
    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof(name), "t%d", i);
        store_host_add(&host, name, "\"sleep\",\"1000\"");
    }
    store_host_settle(&host);
    ck_assert_uint_le(ecsengine_sqlite_counter(store, "commits") - commits, host.turns); /* however many tasks there are */
    ck_assert_uint_ge(ecsengine_sqlite_counter(store, "records"), 1000);
    ck_assert_uint_gt(ecsengine_sqlite_counter(store, "bytes"), 1000);
    ck_assert_uint_eq(0, ecsengine_sqlite_counter(store, "failed-commits"));
    ck_assert_uint_eq(0, ecsengine_sqlite_counter(store, "anything"));
    store_host_stop(&host);
    ecsengine_sim_free(host.sim);
    ended(store);
}
END_TEST

enum { PATIENCE = 1000 };

static int64_t size_of(const char *end)
{
    char name[128];
    struct stat found;

    snprintf(name, sizeof(name), "%s%s", path, end);
    return stat(name, &found) == 0 ? (int64_t)found.st_size : 0;
}

static struct shim_traffic traffic_since(struct shim_traffic before, int of_log)
{
    struct shim_traffic now = shim_traffic(of_log);

    return (struct shim_traffic){now.writes - before.writes, now.bytes - before.bytes, now.syncs - before.syncs};
}

/* So many tasks come, run, and are gone. */
static void lives(struct store_host *host, int count)
{
    char name[32];
    int removed = host->removed;

    for (int i = 0; i < count; i++) {
        snprintf(name, sizeof(name), "t%d-%d", removed, i);
        store_host_add(host, name, "\"sleep\",\"5\"");
    }
    for (int i = 0; i < PATIENCE && host->removed < removed + count; i++) /* on a slow disk some begin late */
        store_host_run(host, 10 * SECOND);
    ck_assert_int_eq(removed + count, host->removed);
}

/* Until so many records were written in all. */
static void wait_for_records(struct store_host *host, ecsengine_sqlite *store, uint64_t records)
{
    for (int i = 0; i < PATIENCE && ecsengine_sqlite_counter(store, "records") < records; i++)
        store_host_settle(host);
    ck_assert_uint_ge(ecsengine_sqlite_counter(store, "records"), records);
}

START_TEST(under_steady_load_the_file_and_its_log_stay_as_they_are)
{
    enum { ROUNDS = 120, WARM = 30, LOG_MAX = 4000 * 4120 + (1 << 20) }; /* where the log has to go back, and a batch more */
    ecsengine_sqlite *store = opened();
    struct store_host host = {0};
    int64_t warm = 0, log_most = 0;

    store_host_start(&host, NULL, store);
    for (int i = 0; i < ROUNDS; i++) {
        lives(&host, 100);
        log_most = size_of("-wal") > log_most ? size_of("-wal") : log_most;
        warm = i == WARM ? size_of("") : warm;
    }
    ck_assert_uint_ge(ecsengine_sqlite_counter(store, "checkpoints"), 3);
    ck_assert_int_le(log_most, LOG_MAX);
    ck_assert_int_gt(warm, 0);
    ck_assert_int_le(size_of(""), warm + warm / 4);
    store_host_stop(&host);
    ecsengine_sim_free(host.sim);
    ended(store);
}
END_TEST

START_TEST(a_commit_is_one_sync_and_a_checkpoint_two)
{
    ecsengine_sqlite *store = opened();
    struct store_host host = {0};

    store_host_start(&host, NULL, store);
    lives(&host, 1); /* the log's head is written once */
    struct shim_traffic file = shim_traffic(0), log = shim_traffic(1);
    uint64_t commits = ecsengine_sqlite_counter(store, "commits");
    for (int i = 0; i < 100 && ecsengine_sqlite_counter(store, "checkpoints") == 0; i++)
        lives(&host, 100);
    store_host_stop(&host); /* waits for what the store has begun */
    commits = ecsengine_sqlite_counter(store, "commits") - commits;
    ck_assert_uint_eq(1, ecsengine_sqlite_counter(store, "checkpoints"));
    int64_t more = traffic_since(log, 1).syncs - (int64_t)commits;
    ck_assert_int_ge(more, 1); /* the checkpoint's */
    ck_assert_int_le(more, 2); /* and that of the head, if the log was begun anew */
    ck_assert_int_eq(1, traffic_since(file, 0).syncs);
    ecsengine_sim_free(host.sim);
    ended(store);
}
END_TEST

static size_t running(const struct store_host *host)
{
    size_t count = 0;

    for (size_t i = 0; i < ecsengine_sim_container_count(host->sim); i++)
        count += ecsengine_sim_container_running(host->sim, i) == 1;
    return count;
}

/* Each page that a batch touches is written once, in whichever order its tasks come, and although the page cache is smaller. */
START_TEST(a_large_batch_writes_no_page_twice)
{
    enum { MANY = 8000 };
    ecsengine_sqlite *store = opened();
    struct store_host host = {0};
    char name[32];

    store_host_start(&host, NULL, store);
    for (int i = 0; i < MANY; i++) {
        snprintf(name, sizeof(name), "t%u", (unsigned)i * 2654435761u);
        store_host_add(&host, name, "\"sleep\",\"1000\"");
    }
    for (int i = 0; i < PATIENCE && running(&host) < MANY; i++)
        store_host_settle(&host);
    wait_for_records(&host, store, 2 * MANY); /* added, and running */
    struct shim_traffic log = shim_traffic(1);
    uint64_t commits = ecsengine_sqlite_counter(store, "commits");
    uint64_t records = ecsengine_sqlite_counter(store, "records");
    store_host_run(&host, 1001 * SECOND); /* all end at once */
    wait_for_records(&host, store, records + MANY);
    commits = ecsengine_sqlite_counter(store, "commits") - commits;
    struct shim_traffic written = traffic_since(log, 1);
    store_host_stop(&host);
    ecsengine_sim_free(host.sim);
    ck_assert_int_eq(0, ecsengine_sqlite_close(store, NULL)); /* now all is in the file */
    ck_assert_int_gt(size_of(""), 3 << 20); /* more than the cache */
    ck_assert_uint_le(commits, 16);
    /* A page is 4 KiB and a frame's head: a commit that writes none twice writes the file at most, however much of it the batch was. */
    ck_assert_int_le(written.bytes, (int64_t)(commits + 1) * (size_of("") / 4096) * 4120);
    remove_files();
}
END_TEST

/* ---- a disk that fails ---- */

static const enum shim_fault faults[] = {SHIM_ERROR, SHIM_FULL, SHIM_TORN, SHIM_CUT};

/* The machine is gone, and comes back; a host gives a command again that was not done. */
static ecsengine_sqlite *power_cut(ecsengine_sqlite *store, struct store_host *host, bool early)
{
    store_host_stop(host);
    ck_assert_int_eq(0, ecsengine_sqlite_close(store, NULL));
    shim_heal();
    store = open_store();
    store_host_start(host, host->sim, store);
    if (early) {
        store_host_add(host, "short", "\"sleep\",\"5\"");
        store_host_add(host, "long", "\"sleep\",\"1000\"");
    }
    return store;
}

/* A life of two tasks, in which the n-th write fails. False: there were not so many. */
static bool live(enum shim_fault fault, int64_t n)
{
    static const int64_t phases[] = {0, 5, 1, 3, 990, 1, 1, 3, 100}; /* ends where something happens: a dead disk costs real time */
    ecsengine_sqlite *store = opened();
    struct store_host host = {0};
    bool reached = false;

    store_host_start(&host, NULL, store);
    store_host_settle(&host);
    shim_arm(fault, n, 0);
    store_host_add(&host, "short", "\"sleep\",\"5\"");
    store_host_add(&host, "long", "\"sleep\",\"1000\"");
    for (size_t i = 0; i < sizeof(phases) / sizeof(phases[0]); i++) {
        store_host_run(&host, phases[i] * SECOND);
        bool now = !reached && shim_failed() > 0;
        reached = reached || now;
        if (now)
            ck_assert_str_ne("", ecsengine_sqlite_failure(store));
        if (now && (fault == SHIM_TORN || fault == SHIM_CUT)) {
            store = power_cut(store, &host, i == 0);
            store_host_run(&host, SECOND);
        }
        ck_assert_uint_le(ecsengine_sim_container_count(host.sim), 2); /* nothing is doubled */
    }
    ck_assert_uint_eq(0, store_host_tasks(&host));
    ck_assert_uint_eq(0, ecsengine_sim_container_count(host.sim)); /* nothing is left behind */
    store_host_stop(&host);
    ecsengine_sim_free(host.sim);
    ended(store);
    return reached;
}

START_TEST(every_write_may_fail_and_nothing_is_lost)
{
    const char *step_text = getenv("TEST_STEP"); /* builds that stand beside a whole one: every n-th */
    int64_t n = 1, step = step_text != NULL ? atoi(step_text) : 1;

    while (live(faults[_i], n))
        n += step;
    ck_assert_int_gt(n, 4);
}
END_TEST

static void more(TCase *tcase)
{
    tcase_add_test(tcase, the_file_is_for_its_owner_alone);
    tcase_add_test(tcase, a_second_owner_is_refused_in_this_process_and_in_another);
    tcase_add_test(tcase, an_owner_that_was_killed_leaves_the_store_free);
    tcase_add_test(tcase, a_newer_schema_is_refused_and_left_as_it_is);
    tcase_add_test(tcase, an_older_schema_is_brought_up_to_date);
    tcase_add_test(tcase, the_database_of_another_program_is_refused_and_left_as_it_is);
    tcase_add_test(tcase, a_file_that_is_no_database_is_refused);
    tcase_add_test(tcase, a_path_that_leads_nowhere_is_refused);
    tcase_add_test(tcase, a_store_is_not_closed_under_its_engine);
    tcase_add_test(tcase, a_damaged_record_goes_into_a_table_of_its_own_under_its_own_key);
    tcase_add_test(tcase, rows_that_no_key_names_are_put_aside);
    tcase_add_test(tcase, a_row_without_a_key_is_put_aside);
    tcase_add_test(tcase, commits_are_counted_and_a_turn_is_one_at_most);
    tcase_add_test(tcase, under_steady_load_the_file_and_its_log_stay_as_they_are);
    tcase_add_test(tcase, a_commit_is_one_sync_and_a_checkpoint_two);
    tcase_add_test(tcase, a_large_batch_writes_no_page_twice);
    tcase_add_loop_test(tcase, every_write_may_fail_and_nothing_is_lost, 0, sizeof(faults) / sizeof(faults[0]));
}

int main(void) { return store_suite_run(&sqlite_store, more); }
