/* SPDX-License-Identifier: Apache-2.0 */
/* Why something could not be done, as the text that the operation fails with. The first fault sticks. */
#ifndef POSIX_FAULT_H
#define POSIX_FAULT_H

#include <stdbool.h>

struct posix_fault {
    char text[1024]; /* "" while all is well */
    bool no_memory;
};

bool posix_fault_found(const struct posix_fault *fault);

/* Always false, so that whoever fails can return it. */
bool posix_fault_set(struct posix_fault *fault, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool posix_fault_no_memory(struct posix_fault *fault);

/* A failed system call as Go's programs print it, and so the agent: `open /a/b: no such file or directory`. */
bool posix_fault_system(struct posix_fault *fault, const char *call, const char *path, int error);

/* Puts `what: ` before the text. */
bool posix_fault_within(struct posix_fault *fault, const char *what);

#endif
