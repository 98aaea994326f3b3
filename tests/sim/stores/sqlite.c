/* SPDX-License-Identifier: Apache-2.0 */
/* libecsengine-sqlite on a file system that fails when it is told to (tests/stores/shim.h). What the file has after a torn write is held
 * against what was reported durable. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../stores/shim.h"
#include "between.h"
#include "ecsengine/sqlite.h"
#include "faulty.h"

const struct fault_kind fault_kinds[] = {
    {"fails", "fails once", false},
    {"full", "and the four after it find the disk full", true},
    {"torn", "is half done, and the power is gone", false},
    {"cut", "is not done, and the power is gone", false},
};
const size_t fault_kind_count = sizeof(fault_kinds) / sizeof(fault_kinds[0]);
const char *const faulty_writes = "writes and syncs of a file";

static const struct {
    enum shim_fault fault;
    int64_t more;
} shims[] = {{SHIM_ERROR, 0}, {SHIM_FULL, 4}, {SHIM_TORN, 0}, {SHIM_CUT, 0}};

struct file {
    struct harness *harness;
    struct faulty_run *run;
    char folder[64], path[96];
    ecsengine_sqlite *store;
    bool dies; /* of the trouble that is armed */
};

static void must(struct file *file, int rc, const char *what, ecsengine_error *error)
{
    if (rc < 0)
        harness_broken(file->harness, "%s: %s %s", what, ecsengine_code_name(rc), ecsengine_error_message(error));
    ecsengine_error_free(error);
}

static void open_store(struct file *file)
{
    ecsengine_error *error = NULL;

    must(file, ecsengine_sqlite_open(file->path, &file->store, &error), "open", error);
}

static bool power_is_gone(const struct file *file) { return file->dies && shim_failed() > 0; }

/* A new process after the power came back. */
static void come_back(struct file *file)
{
    if (file->store != NULL && !power_is_gone(file))
        return;
    ecsengine_sqlite_close(file->store, NULL);
    file->store = NULL;
    if (power_is_gone(file)) {
        file->run->struck = true;
        file->run->restarts++;
        file->dies = false;
        shim_heal();
    }
    open_store(file);
}

/* The file has all that was reported durable; and of the batch that was on its way all or nothing. */
static void check_given(struct file *file)
{
    bool exact = records_equal(&between_given, &between_durable), more = records_equal(&between_given, &between_perhaps);

    if (!exact && !more)
        harness_broken(file->harness, "the file has %zu records, which are not the %zu that were reported durable", between_given.count,
                       between_durable.count);
    records_copy(&between_durable, &between_given);
    records_copy(&between_perhaps, &between_given);
}

static int attach(void *data, ecsengine *engine)
{
    struct file *file = data;
    ecsengine_error *error = NULL;

    come_back(file);
    between_forget_given();
    int rc = file->store != NULL ? ecsengine_sqlite_attach(file->store, engine, &error) : ECSENGINE_EIO;
    if (rc < 0)
        harness_broken(file->harness, "attach: %s", ecsengine_error_message(error));
    ecsengine_error_free(error);
    check_given(file);
    return rc;
}

static bool settle(void *data)
{
    struct file *file = data;

    between_wait();
    return !power_is_gone(file);
}

static void make_folder(struct file *file)
{
    const char *top = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"; /* nothing here has to outlive a power cut that is real */

    snprintf(file->folder, sizeof(file->folder), "%s/ecsengine-store.XXXXXX", top);
    if (mkdtemp(file->folder) == NULL) {
        perror(file->folder);
        exit(2);
    }
    snprintf(file->path, sizeof(file->path), "%s/store", file->folder);
}

static void remove_folder(const struct file *file)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    char path[128];

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        snprintf(path, sizeof(path), "%s%s", file->path, ends[i]);
        unlink(path);
    }
    rmdir(file->folder);
}

/* Closed and opened once more: the log is back in the file, and nothing is missing. */
static void look_again(struct file *file)
{
    ecsengine *engine = NULL;

    ecsengine_sqlite_close(file->store, NULL);
    file->store = NULL;
    if (!file->dies)
        file->run->struck |= shim_failed() > 0;
    if (!power_is_gone(file))
        shim_heal();
    if (ecsengine_new(NULL, NULL, &engine, NULL) == 0) {
        attach(file, engine);
        ecsengine_free(engine);
    }
    ecsengine_sqlite_close(file->store, NULL);
}

void faulty_run(struct faulty_run *run, struct harness *harness)
{
    struct file file = {.harness = harness, .run = run};
    struct other_store other = {attach, settle, &file};

    shim_install();
    shim_heal();
    between_reset();
    make_folder(&file);
    run->restarts = 0;
    *harness = (struct harness){
        .with_store = true, .other = &other, .deaths.counts = true};
    open_store(&file);
    file.dies = run->at != 0 && (shims[run->kind].fault == SHIM_TORN || shims[run->kind].fault == SHIM_CUT);
    if (run->at != 0)
        shim_arm(shims[run->kind].fault, (int64_t)run->at, shims[run->kind].more);
    scenario_run(run->scenario, harness, COMPARE_NOTHING);
    look_again(&file);
    harness->other = NULL;
    remove_folder(&file);
}
