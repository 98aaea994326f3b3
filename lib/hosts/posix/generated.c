/* SPDX-License-Identifier: Apache-2.0 */
/* Generated files.
 *
 * A file is written under another name and renamed, so that a container that starts meanwhile never mounts half of one. It is not synced:
 * after a power failure its content may be gone, but then it is another content, and the next container that needs it writes it anew. */
#include "hosts/posix/generated.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hosts/posix/below.h"

enum { FILE_MODE = 0644, SHA256_LEN = 32 };

bool posix_hash(const char *data, size_t len, char out[POSIX_HASH_LEN + 1])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int digest_len = 0;

    if (EVP_Digest(data, len, digest, &digest_len, EVP_sha256(), NULL) != 1 || digest_len != SHA256_LEN)
        return false;
    EVP_EncodeBlock((unsigned char *)out, digest, SHA256_LEN);
    for (char *at = out; *at != '\0'; at++)
        *at = (char)(*at == '+' ? '-' : *at == '/' ? '_' : *at);
    return true;
}

/* Does the open file have exactly these bytes? */
static bool has_content(int fd, const char *content, size_t len)
{
    char chunk[4096];
    size_t seen = 0;
    ssize_t count;

    while ((count = read(fd, chunk, sizeof(chunk))) != 0) {
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0 || (size_t)count > len - seen || memcmp(chunk, content + seen, (size_t)count) != 0)
            return false;
        seen += (size_t)count;
    }
    return seen == len;
}

/* A link is no file of ours, wherever it leads, and a pipe must not hold us up. */
static bool is_there(int dir, const char *name, const char *content, size_t len)
{
    int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat status;

    if (fd < 0)
        return false;
    bool same = fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && (status.st_mode & 07777) == FILE_MODE &&
                (size_t)status.st_size == len && has_content(fd, content, len);
    close(fd);
    return same;
}

static bool write_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t count = write(fd, data, len);

        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return false;
        data += count;
        len -= (size_t)count;
    }
    return true;
}

/* Writes and renames; on failure nothing is left behind, and errno says why. */
static bool put(int dir, const char *name, const char *content, size_t len, const char **out_call)
{
    uint64_t number = 0;
    char temporary[40];

    *out_call = "open";
    if (getrandom(&number, sizeof(number), 0) < 0)
        return false;
    snprintf(temporary, sizeof(temporary), ".ecsengine-%016" PRIx64, number);
    int fd = openat(dir, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
    if (fd < 0)
        return false;
    *out_call = "write";
    bool written = write_all(fd, content, len) && fchmod(fd, FILE_MODE) == 0; /* whatever the umask is */
    int error = errno;
    if (close(fd) < 0 && written) {
        written = false;
        error = errno;
    }
    if (written) {
        *out_call = "rename";
        written = renameat(dir, temporary, dir, name) == 0;
        error = errno;
    }
    if (!written)
        unlinkat(dir, temporary, 0);
    errno = error;
    return written;
}

static bool make_in(int dir, const char *path, const char *name, const char *content, size_t len, struct posix_fault *fault)
{
    const char *call;
    char whole[PATH_MAX];

    if (is_there(dir, name, content, len) || put(dir, name, content, len, &call))
        return true;
    if (errno == EISDIR && strcmp(call, "rename") == 0 &&
        (!posix_entry_remove(dir, path, name, fault) || put(dir, name, content, len, &call)))
        return !posix_fault_found(fault);
    snprintf(whole, sizeof(whole), "%s/%s", path, name);
    return posix_fault_system(fault, call, whole, errno);
}

bool posix_generated_make(const char *dir, const char *prefix, const char *suffix, const char *content, size_t len, char *out_name,
                          size_t size, struct posix_fault *fault)
{
    char hash[POSIX_HASH_LEN + 1];

    if (!posix_hash(content, len, hash))
        return posix_fault_no_memory(fault);
    if ((size_t)snprintf(out_name, size, "%s%s%s", prefix, hash, suffix) >= size || !posix_name_is_plain(out_name))
        return posix_fault_set(fault, "`%.100s...%.100s` makes no file name", prefix, suffix);
    if (mkdir(dir, 0755) < 0 && errno != EEXIST)
        return posix_fault_system(fault, "mkdir", dir, errno);
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return posix_fault_system(fault, "open", dir, errno);
    bool made = make_in(fd, dir, out_name, content, len, fault);
    close(fd);
    return made;
}
