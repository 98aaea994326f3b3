/* SPDX-License-Identifier: Apache-2.0 */
/* The ports of the simulated host. As with Docker they are taken at the start and given back at the end, so that a container that is
 * started again may have others. */
#include "ports.h"

enum { EPHEMERAL_FIRST = 32768, EPHEMERAL_LAST = 60999 };

static bool in_use(const struct sim_ports *ports, bool udp, int32_t port)
{
    return (ports->used[udp][port / 64] >> (port % 64)) & 1;
}

static void mark(struct sim_ports *ports, bool udp, int32_t port, bool used)
{
    uint64_t bit = UINT64_C(1) << (port % 64);

    if (used)
        ports->used[udp][port / 64] |= bit;
    else
        ports->used[udp][port / 64] &= ~bit;
}

static int32_t lowest_free(const struct sim_ports *ports, bool udp)
{
    int32_t port = EPHEMERAL_FIRST;

    while (port <= EPHEMERAL_LAST && in_use(ports, udp, port))
        port += ports->used[udp][port / 64] == UINT64_MAX ? 64 - port % 64 : 1;
    return port <= EPHEMERAL_LAST ? port : -1;
}

static void release_first(struct sim_ports *ports, struct sim_container *container, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct sim_port *port = &container->shape.ports[i];
        mark(ports, port->udp, port->host_port, false);
        port->host_port = 0;
    }
    container->ports_bound = false;
}

int32_t sim_ports_bind(struct sim_ports *ports, struct sim_container *container)
{
    for (size_t i = 0; i < container->shape.port_count; i++) {
        struct sim_port *port = &container->shape.ports[i];
        int32_t number = port->wanted > 0 ? port->wanted : lowest_free(ports, port->udp);
        if (number < 0 || in_use(ports, port->udp, number)) {
            release_first(ports, container, i);
            return number;
        }
        mark(ports, port->udp, number, true);
        port->host_port = number;
    }
    container->ports_bound = container->shape.port_count > 0;
    return 0;
}

void sim_ports_release(struct sim_ports *ports, struct sim_container *container)
{
    if (container->ports_bound)
        release_first(ports, container, container->shape.port_count);
}
