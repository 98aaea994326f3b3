/* SPDX-License-Identifier: Apache-2.0 */
/* The ports of the simulated host: one use of a number by a protocol, whatever the address. */
#ifndef SIM_PORTS_H
#define SIM_PORTS_H

#include <stdbool.h>
#include <stdint.h>

#include "containers.h"

struct sim_ports {
    uint64_t used[2][65536 / 64]; /* tcp, udp */
};

/* Gives the container its host ports: those it wants, and the lowest free ones from 32768 up for the rest. All or none; the number
 * that was in the way, or 0, or -1 if there are none left. */
int32_t sim_ports_bind(struct sim_ports *ports, struct sim_container *container);
void sim_ports_release(struct sim_ports *ports, struct sim_container *container);

#endif
