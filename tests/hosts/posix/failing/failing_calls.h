/* SPDX-License-Identifier: Apache-2.0 */
/* Included before every file of the library in one of its builds: each call that can fail asks a test first whether it shall. */
#ifndef TEST_FAILING_CALLS_H
#define TEST_FAILING_CALLS_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* Is it this call's turn? Then errno is EIO. */
bool call_fails(void);

#undef strdup
#define FAILING(otherwise, call) (call_fails() ? (otherwise) : (call))
#define open(...) FAILING(-1, open(__VA_ARGS__))
#define openat(...) FAILING(-1, openat(__VA_ARGS__))
#define mkdir(...) FAILING(-1, mkdir(__VA_ARGS__))
#define mkdirat(...) FAILING(-1, mkdirat(__VA_ARGS__))
#define unlinkat(...) FAILING(-1, unlinkat(__VA_ARGS__))
#define renameat(...) FAILING(-1, renameat(__VA_ARGS__))
#define stat(...) FAILING(-1, stat(__VA_ARGS__))
#define fstat(...) FAILING(-1, fstat(__VA_ARGS__))
#define fstatat(...) FAILING(-1, fstatat(__VA_ARGS__))
#define fchmod(...) FAILING(-1, fchmod(__VA_ARGS__))
#define read(...) FAILING(-1, read(__VA_ARGS__))
#define write(...) FAILING(-1, write(__VA_ARGS__))
#define getrandom(...) FAILING(-1, getrandom(__VA_ARGS__))
#define opendir(...) FAILING(NULL, opendir(__VA_ARGS__))
#define fdopendir(...) FAILING(NULL, fdopendir(__VA_ARGS__))
#define readdir(...) FAILING(NULL, readdir(__VA_ARGS__))
#define strdup(...) FAILING(NULL, strdup(__VA_ARGS__))
#define reallocarray(...) FAILING(NULL, reallocarray(__VA_ARGS__))
#define EVP_Digest(...) FAILING(0, EVP_Digest(__VA_ARGS__))

#endif
