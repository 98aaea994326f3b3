/* SPDX-License-Identifier: Apache-2.0 */
/* A fuzz target without its fuzzer: runs the files that it is given, or all files of the folders that it is given, once each. An input that
 * found a bug stays in the corpus. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { INPUT_MAX = 1 << 20 };

static int run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = malloc(INPUT_MAX + 1);

    if (file == NULL || data == NULL) {
        fprintf(stderr, "%s: cannot be read\n", path);
        return -1;
    }
    size_t len = fread(data, 1, INPUT_MAX + 1, file);
    fclose(file);
    /* A block of its own length, so that a sanitizer sees a byte read too far. */
    uint8_t *exact = malloc(len > 0 ? len : 1);
    memcpy(exact, data, len);
    free(data);
    printf("%s\n", path);
    fflush(stdout);
    LLVMFuzzerTestOneInput(exact, len);
    free(exact);
    return 1;
}

/* How many inputs ran; -1: one could not be read. */
static int run(const char *path)
{
    char inner[4096];
    DIR *folder = opendir(path);
    int total = 0;

    if (folder == NULL)
        return run_file(path);
    for (struct dirent *entry = readdir(folder); entry != NULL && total >= 0; entry = readdir(folder)) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(inner, sizeof(inner), "%s/%s", path, entry->d_name);
        int count = run(inner);
        total = count < 0 ? -1 : total + count;
    }
    closedir(folder);
    return total;
}

int main(int argc, char **argv)
{
    int total = 0;

    for (int i = 1; i < argc && total >= 0; i++) {
        int count = run(argv[i]);
        total = count < 0 ? -1 : total + count;
    }
    /* A corpus that is not there must not look like one that passed. */
    if (total <= 0)
        fprintf(stderr, "usage: %s FILE-OR-FOLDER...\n", argv[0]);
    return total > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
