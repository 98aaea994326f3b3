/* SPDX-License-Identifier: Apache-2.0 */
/* A descriptor that can be made readable and unreadable again. */
#ifndef DRIVER_WAKEUP_H
#define DRIVER_WAKEUP_H

#include <stdbool.h>
#include <stdint.h>

int32_t wakeup_open(void); /* -1: the system refused */
void wakeup_set(int32_t fd, bool readable); /* never blocks */
void wakeup_close(int32_t fd);

#endif
