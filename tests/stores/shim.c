/* SPDX-License-Identifier: Apache-2.0 */
#include "shim.h"

#include <sqlite3.h>
#include <stdatomic.h>
#include <string.h>

struct shim_file {
    sqlite3_file base;
    sqlite3_file *real; /* behind this struct */
    int of_log;
};

struct counts {
    _Atomic int64_t writes, bytes, syncs;
};

static sqlite3_vfs *below;
static _Atomic int fault_;
static _Atomic int64_t calls_, first_, more_, failed_;
static _Atomic int dead_;
static struct counts traffic_[2];

static struct counts *traffic_of(sqlite3_file *file) { return &traffic_[((struct shim_file *)file)->of_log]; }
static sqlite3_file *real_of(sqlite3_file *file) { return ((struct shim_file *)file)->real; }

/* The call that is to fail. */
static int strikes(void)
{
    int64_t call = atomic_fetch_add(&calls_, 1) + 1, first = atomic_load(&first_);
    int fault = atomic_load(&fault_);

    if (atomic_load(&dead_))
        return SHIM_CUT;
    if (fault == SHIM_NONE || call < first || call > first + atomic_load(&more_))
        return SHIM_NONE;
    atomic_fetch_add(&failed_, 1);
    if (fault == SHIM_TORN || fault == SHIM_CUT)
        atomic_store(&dead_, 1);
    return fault;
}

static int on_close(sqlite3_file *file)
{
    sqlite3_file *real = real_of(file);

    return real->pMethods != NULL ? real->pMethods->xClose(real) : SQLITE_OK;
}

static int on_read(sqlite3_file *file, void *out, int amount, sqlite3_int64 at)
{
    return real_of(file)->pMethods->xRead(real_of(file), out, amount, at);
}

static int on_write(sqlite3_file *file, const void *data, int amount, sqlite3_int64 at)
{
    sqlite3_file *real = real_of(file);

    atomic_fetch_add(&traffic_of(file)->writes, 1);
    atomic_fetch_add(&traffic_of(file)->bytes, amount);
    switch (strikes()) {
    case SHIM_NONE:
        return real->pMethods->xWrite(real, data, amount, at);
    case SHIM_FULL:
        return SQLITE_FULL;
    case SHIM_TORN:
        real->pMethods->xWrite(real, data, amount / 2, at);
        return SQLITE_IOERR_WRITE;
    default:
        return SQLITE_IOERR_WRITE;
    }
}

static int on_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    return atomic_load(&dead_) ? SQLITE_IOERR_TRUNCATE : real_of(file)->pMethods->xTruncate(real_of(file), size);
}

static int on_sync(sqlite3_file *file, int flags)
{
    atomic_fetch_add(&traffic_of(file)->syncs, 1);
    return strikes() != SHIM_NONE ? SQLITE_IOERR_FSYNC : real_of(file)->pMethods->xSync(real_of(file), flags);
}

static int on_size(sqlite3_file *file, sqlite3_int64 *size) { return real_of(file)->pMethods->xFileSize(real_of(file), size); }
static int on_lock(sqlite3_file *file, int level) { return real_of(file)->pMethods->xLock(real_of(file), level); }
static int on_unlock(sqlite3_file *file, int level) { return real_of(file)->pMethods->xUnlock(real_of(file), level); }
static int on_reserved(sqlite3_file *file, int *out) { return real_of(file)->pMethods->xCheckReservedLock(real_of(file), out); }
static int on_control(sqlite3_file *file, int op, void *arg) { return real_of(file)->pMethods->xFileControl(real_of(file), op, arg); }
static int on_sector(sqlite3_file *file) { return real_of(file)->pMethods->xSectorSize(real_of(file)); }
static int on_device(sqlite3_file *file) { return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file)); }

/* Version 1: no shared memory, which an exclusive owner does not need. */
static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = on_close,
    .xRead = on_read,
    .xWrite = on_write,
    .xTruncate = on_truncate,
    .xSync = on_sync,
    .xFileSize = on_size,
    .xLock = on_lock,
    .xUnlock = on_unlock,
    .xCheckReservedLock = on_reserved,
    .xFileControl = on_control,
    .xSectorSize = on_sector,
    .xDeviceCharacteristics = on_device,
};

static int on_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags, int *out_flags)
{
    struct shim_file *own = (struct shim_file *)file;

    (void)vfs;
    own->real = (sqlite3_file *)(own + 1);
    own->of_log = (flags & SQLITE_OPEN_WAL) != 0;
    int rc = below->xOpen(below, name, own->real, flags, out_flags);
    own->base.pMethods = rc == SQLITE_OK ? &methods : NULL;
    return rc;
}

void shim_install(void)
{
    static sqlite3_vfs vfs;

    if (below != NULL)
        return;
    below = sqlite3_vfs_find(NULL);
    vfs = *below;
    vfs.zName = "shim";
    vfs.pNext = NULL;
    vfs.szOsFile = (int)sizeof(struct shim_file) + below->szOsFile;
    vfs.xOpen = on_open;
    sqlite3_vfs_register(&vfs, 1);
}

void shim_arm(enum shim_fault fault, int64_t first, int64_t more)
{
    atomic_store(&dead_, 0);
    atomic_store(&calls_, 0);
    atomic_store(&failed_, 0);
    atomic_store(&first_, first);
    atomic_store(&more_, more);
    atomic_store(&fault_, fault);
}

void shim_heal(void) { shim_arm(SHIM_NONE, 0, 0); }
int64_t shim_calls(void) { return atomic_load(&calls_); }
int64_t shim_failed(void) { return atomic_load(&failed_); }

struct shim_traffic shim_traffic(int of_log)
{
    struct counts *counts = &traffic_[of_log != 0];

    return (struct shim_traffic){atomic_load(&counts->writes), atomic_load(&counts->bytes), atomic_load(&counts->syncs)};
}
