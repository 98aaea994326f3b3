/* SPDX-License-Identifier: Apache-2.0 */
/* Prints what becomes of a task on a store that answers as late as it can (waits.h):
 *
 *     store_trace [one|chain|volume]...
 */
#include <string.h>

#include "waits.h"

static int print(const char *name)
{
    struct waits waits;

    for (int shape = 0; shape < WAITS_SHAPES; shape++)
        if (strcmp(name, waits_names[shape]) == 0) {
            waits_trace((enum waits_shape)shape, stdout, &waits);
            return 0;
        }
    fprintf(stderr, "usage: store_trace [one|chain|volume]...\n");
    return 2;
}

int main(int argc, char **argv)
{
    int code = argc < 2 ? print("one") : 0;

    for (int i = 1; i < argc && code == 0; i++)
        code = print(argv[i]);
    return code;
}
