/* SPDX-License-Identifier: Apache-2.0 */
/* A file system below SQLite that fails when it is told to: a VFS around the default one, which becomes the default. Of the main file and
 * the write-ahead log every write and sync is counted; the n-th one can fail in four ways. One database at a time; thread-safe. */
#ifndef TESTS_STORES_SHIM_H
#define TESTS_STORES_SHIM_H

#include <stdint.h>

enum shim_fault {
    SHIM_NONE,
    SHIM_ERROR, /* SQLITE_IOERR_WRITE or _FSYNC; nothing is written */
    SHIM_FULL,  /* SQLITE_FULL; nothing is written */
    SHIM_TORN,  /* half of it is written, then an error; and then, as after a power cut, every call fails until shim_heal() */
    SHIM_CUT,   /* nothing is written, and every call fails until shim_heal() */
};

void shim_install(void);
/* From now on: the `first`-th write or sync (from 1) fails, and so many more after it. */
void shim_arm(enum shim_fault fault, int64_t first, int64_t more);
void shim_heal(void);
int64_t shim_calls(void); /* since shim_arm() */
int64_t shim_failed(void);

/* What went through since the process began, of the main file or of the write-ahead log. */
struct shim_traffic {
    int64_t writes, bytes, syncs;
};

struct shim_traffic shim_traffic(int of_log);

#endif
