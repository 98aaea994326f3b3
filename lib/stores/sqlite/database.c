/* SPDX-License-Identifier: Apache-2.0 */
/* The file is ours when its application id says so; the schema's version is its user version. Before that is known nothing is written, so
 * that the database of another program is never touched. The lock is taken at once and kept (locking mode EXCLUSIVE): a second owner
 * finds the file busy, and a process that dies gives it up. */
#include "database.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* From one version to the next: what stands at index n makes version n + 1. A file of version 0 is empty. */
static const char *const migrations[DATABASE_SCHEMA] = {
    "CREATE TABLE record (key TEXT PRIMARY KEY NOT NULL, value BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE quarantine (id INTEGER PRIMARY KEY, key TEXT NOT NULL, value BLOB NOT NULL)",
};

int database_code(int sqlite_code)
{
    switch (sqlite_code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return 0;
    case SQLITE_NOMEM:
        return ECSENGINE_ENOMEM;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ECSENGINE_ESTATE;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return ECSENGINE_ECORRUPT;
    default:
        return ECSENGINE_EIO;
    }
}

static int failed(const struct database *database, const char *path, int sqlite_code, ecsengine_error **error)
{
    int code = database_code(sqlite_code);
    char message[1024];

    if (code == ECSENGINE_ESTATE)
        snprintf(message, sizeof(message), "the store `%.600s` is in use by another store or process", path);
    else
        snprintf(message, sizeof(message), "the store `%.600s`: %.300s", path,
                 database->handle != NULL ? sqlite3_errmsg(database->handle) : sqlite3_errstr(sqlite_code));
    return ecsengine_error_set(error, code, message);
}

/* A number that a pragma or a query answers with. */
static int ask(sqlite3 *handle, const char *sql, int64_t *out_number)
{
    sqlite3_stmt *statement;
    int rc = sqlite3_prepare_v2(handle, sql, -1, &statement, NULL);

    if (rc != SQLITE_OK)
        return rc;
    rc = sqlite3_step(statement);
    *out_number = rc == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    int ended = sqlite3_finalize(statement);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : ended != SQLITE_OK ? ended : rc;
}

static int run(sqlite3 *handle, const char *sql) { return sqlite3_exec(handle, sql, NULL, NULL, NULL); }

static int migrate(sqlite3 *handle, int64_t version)
{
    char sql[128];
    int rc = run(handle, "BEGIN IMMEDIATE");

    for (int64_t i = version; rc == SQLITE_OK && i < DATABASE_SCHEMA; i++)
        rc = run(handle, migrations[i]);
    snprintf(sql, sizeof(sql), "PRAGMA application_id=%d; PRAGMA user_version=%d; COMMIT", DATABASE_ID, DATABASE_SCHEMA);
    if (rc == SQLITE_OK)
        rc = run(handle, sql);
    if (rc != SQLITE_OK)
        run(handle, "ROLLBACK");
    return rc;
}

/* Whose is it, and how old? */
static int check(struct database *database, const char *path, int64_t *out_version, ecsengine_error **error)
{
    int64_t id = 0, tables = 0;
    char message[1024];
    int rc = ask(database->handle, "PRAGMA application_id", &id);

    if (rc == SQLITE_OK)
        rc = ask(database->handle, "PRAGMA user_version", out_version);
    if (rc == SQLITE_OK)
        rc = ask(database->handle, "SELECT count(*) FROM sqlite_master", &tables);
    if (rc != SQLITE_OK)
        return failed(database, path, rc, error);
    if (id == 0 && tables == 0 && *out_version == 0)
        return 0;
    if (id != DATABASE_ID) {
        snprintf(message, sizeof(message), "`%.600s` is the database of another program", path);
        return ecsengine_error_set(error, ECSENGINE_EINVAL, message);
    }
    if (*out_version < 1 || *out_version > DATABASE_SCHEMA) {
        snprintf(message, sizeof(message),
                 "the store `%.600s` has schema version %lld; this library reads up to version %d and leaves it as it is", path,
                 (long long)*out_version, DATABASE_SCHEMA);
        return ecsengine_error_set(error, ECSENGINE_EUNSUPPORTED, message);
    }
    return 0;
}

static int note_log(void *user_data, sqlite3 *handle, const char *name, int pages)
{
    struct database *database = user_data;

    (void)handle;
    (void)name;
    database->log_pages = pages;
    return SQLITE_OK;
}

static int prepare(struct database *database)
{
    const struct {
        sqlite3_stmt **statement;
        const char *sql;
    } all[] = {
        {&database->put, "INSERT INTO record (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2"},
        {&database->delete, "DELETE FROM record WHERE key = ?1"},
        {&database->set_aside, "INSERT INTO quarantine (key, value) VALUES (?1, ?2)"},
        {&database->begin, "BEGIN IMMEDIATE"},
        {&database->commit, "COMMIT"},
        {&database->rollback, "ROLLBACK"},
    };
    int rc = SQLITE_OK;

    sqlite3_wal_hook(database->handle, note_log, database); /* instead of SQLite's own, which tidies up within a commit */
    for (size_t i = 0; rc == SQLITE_OK && i < sizeof(all) / sizeof(all[0]); i++)
        rc = sqlite3_prepare_v3(database->handle, all[i].sql, -1, SQLITE_PREPARE_PERSISTENT, all[i].statement, NULL);
    return rc;
}

/* For the owner alone, whatever the umask; SQLite gives the files beside it the same mode. */
static int make_private(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0)
        return -1;
    int rc = fchmod(fd, 0600);
    close(fd);
    return rc;
}

static int open_file(struct database *database, const char *path, ecsengine_error **error)
{
    char message[1024];
    int64_t version = 0;

    if (make_private(path) < 0) {
        snprintf(message, sizeof(message), "the store `%.600s` can't be opened: %m", path);
        return ecsengine_error_set(error, ECSENGINE_EIO, message);
    }
    int rc = sqlite3_open_v2(path, &database->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (rc == SQLITE_OK)
        rc = run(database->handle, "PRAGMA locking_mode=EXCLUSIVE; PRAGMA trusted_schema=OFF");
    if (rc != SQLITE_OK)
        return failed(database, path, rc, error);
    int code = check(database, path, &version, error);
    if (code < 0)
        return code;
    rc = run(database->handle, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA journal_size_limit=33554432");
    if (rc == SQLITE_OK && version < DATABASE_SCHEMA)
        rc = migrate(database->handle, version);
    if (rc == SQLITE_OK) /* an owner must hold the file from here on, also if there was nothing to write */
        rc = run(database->handle, "BEGIN IMMEDIATE; COMMIT");
    if (rc == SQLITE_OK)
        rc = prepare(database);
    return rc == SQLITE_OK ? 0 : failed(database, path, rc, error);
}

int database_open(struct database *database, const char *path, ecsengine_error **error)
{
    memset(database, 0, sizeof(*database));
    int code = open_file(database, path, error);
    if (code < 0)
        database_close(database);
    return code;
}

void database_close(struct database *database)
{
    sqlite3_finalize(database->put);
    sqlite3_finalize(database->delete);
    sqlite3_finalize(database->set_aside);
    sqlite3_finalize(database->begin);
    sqlite3_finalize(database->commit);
    sqlite3_finalize(database->rollback);
    sqlite3_close(database->handle);
    order_free(&database->order);
    memset(database, 0, sizeof(*database));
}

/* Runs a prepared statement that answers nothing, and leaves it ready for the next time. */
static int step(sqlite3_stmt *statement)
{
    int rc = sqlite3_step(statement);
    int ended = sqlite3_reset(statement);

    return rc == SQLITE_DONE || rc == SQLITE_ROW ? SQLITE_OK : ended != SQLITE_OK ? ended : rc;
}

/* The key of what an engine sets aside: behind `quarantine/<digits>/`. NULL: it is a record like others. */
static const char *set_aside(const char *key)
{
    static const char prefix[] = "quarantine/";

    if (strncmp(key, prefix, sizeof(prefix) - 1) != 0)
        return NULL;
    const char *slash = strchr(key + sizeof(prefix) - 1, '/');
    return slash != NULL ? slash + 1 : key;
}

bool database_sets_aside(const char *key) { return set_aside(key) != NULL; }

static int write_one(struct database *database, const char *key, const void *value, size_t len)
{
    const char *aside = value != NULL ? set_aside(key) : NULL;
    sqlite3_stmt *statement = value == NULL ? database->delete : aside != NULL ? database->set_aside : database->put;
    int rc = sqlite3_bind_text(statement, 1, aside != NULL ? aside : key, -1, SQLITE_STATIC);

    if (rc == SQLITE_OK && value != NULL)
        rc = sqlite3_bind_blob64(statement, 2, value, len, SQLITE_STATIC);
    int written = rc == SQLITE_OK ? step(statement) : rc;
    sqlite3_clear_bindings(statement);
    return written;
}

int database_commit(struct database *database, const ecsengine_batch *batch, char *text, size_t size)
{
    int rc = order_make(&database->order, batch) == 0 ? step(database->begin) : SQLITE_NOMEM;

    for (size_t i = 0; rc == SQLITE_OK && i < database->order.count; i++) {
        size_t len = 0;
        const void *value = ecsengine_batch_value(batch, database->order.items[i].index, &len);
        rc = write_one(database, database->order.items[i].key, value, len);
    }
    if (rc == SQLITE_OK)
        rc = step(database->commit);
    if (rc == SQLITE_OK)
        return 0;
    snprintf(text, size, "%s", rc == SQLITE_NOMEM ? sqlite3_errstr(rc) : sqlite3_errmsg(database->handle));
    if (!sqlite3_get_autocommit(database->handle))
        step(database->rollback);
    return database_code(rc);
}

/* 4 MiB, SQLite's own measure; while there is work for the disk without it, the log may have four times that. */
enum { TIDY_PAGES = 1000, TIDY_PAGES_MAX = 4 * TIDY_PAGES };

bool database_tidy_due(const struct database *database, bool other_work)
{
    return database->log_pages >= (other_work ? TIDY_PAGES_MAX : TIDY_PAGES);
}

int database_tidy(struct database *database, char *text, size_t size)
{
    int rc = sqlite3_wal_checkpoint_v2(database->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);

    database->log_pages = 0; /* if it failed, the next commit says how many there are */
    if (rc != SQLITE_OK)
        snprintf(text, size, "%s", sqlite3_errmsg(database->handle));
    return database_code(rc);
}

/* Goes through all records. SQLITE_DONE: at the end; SQLITE_OK: a code from `each` has ended it. Some of a damaged file can have keys that
 * no batch could name again; they are counted. */
static int read_all(sqlite3_stmt *select, database_reader *each, void *user_data, size_t *out_odd, int *out_code, ecsengine_error **error)
{
    int rc;

    *out_code = 0;
    *out_odd = 0;
    while ((rc = sqlite3_step(select)) == SQLITE_ROW) {
        int type = sqlite3_column_type(select, 0);
        const char *key = type != SQLITE_NULL ? (const char *)sqlite3_column_text(select, 0) : "";
        const void *value = sqlite3_column_blob(select, 1);
        size_t len = (size_t)sqlite3_column_bytes(select, 1);
        if (key == NULL)
            return SQLITE_NOMEM;
        *out_odd += type != SQLITE_TEXT || strlen(key) != (size_t)sqlite3_column_bytes(select, 0);
        *out_code = each(key, value != NULL ? value : "", len, user_data, error);
        if (*out_code < 0)
            return SQLITE_OK;
    }
    return rc;
}

int database_read(struct database *database, database_reader *each, void *user_data, ecsengine_error **error)
{
    static const char move[] = "BEGIN IMMEDIATE;"
                               "INSERT INTO quarantine (key, value) SELECT ifnull(CAST(key AS TEXT), ''), ifnull(value, x'')"
                               " FROM record"
                               " WHERE typeof(key) <> 'text' OR instr(key, char(0)) > 0;"
                               "DELETE FROM record WHERE typeof(key) <> 'text' OR instr(key, char(0)) > 0; COMMIT";
    sqlite3_stmt *select = NULL;
    size_t odd = 0;
    int code = 0, rc = sqlite3_prepare_v2(database->handle, "SELECT key, value FROM record ORDER BY key", -1, &select, NULL);

    if (rc == SQLITE_OK)
        rc = read_all(select, each, user_data, &odd, &code, error);
    sqlite3_finalize(select);
    if (code < 0)
        return code;
    if (rc == SQLITE_DONE)
        rc = odd > 0 ? run(database->handle, move) : SQLITE_OK;
    if (rc != SQLITE_OK && !sqlite3_get_autocommit(database->handle))
        step(database->rollback);
    return rc == SQLITE_OK ? 0 : failed(database, sqlite3_db_filename(database->handle, "main"), rc, error);
}
