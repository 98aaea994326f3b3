/* SPDX-License-Identifier: Apache-2.0 */
/* The descriptor, as an eventfd: its counter is 1 while it is readable. */
#include "driver/wakeup.h"

#include <sys/eventfd.h>
#include <unistd.h>

int32_t wakeup_open(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

void wakeup_set(int32_t fd, bool readable)
{
    uint64_t value = 1;

    ssize_t done = readable ? write(fd, &value, sizeof(value)) : read(fd, &value, sizeof(value));
    (void)done; /* refused: it is so already */
}

void wakeup_close(int32_t fd)
{
    if (fd >= 0)
        close(fd);
}
