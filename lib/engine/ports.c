/* SPDX-License-Identifier: Apache-2.0 */
/* Host ports are bits, so that asking costs nothing and looking for a run of free ones goes word by word; who has a port is found by a
 * map of charges. Two tasks can have the same port only where the engine was told so: by records, or by a runtime that chose it.
 *
 * Choosing goes round: each search begins behind the port that was given out last (task-payload 10.5), and that place is in the engine's
 * record, so that a port is not given out again just after a restart. */
#include "engine/ports.h"

#include "engine/queue.h"

enum { PORTS = 65536, WORD = 64 };

static bool bit(const uint64_t *bits, uint16_t port) { return (bits[port / WORD] >> (port % WORD) & 1) != 0; }

static void set_bit(uint64_t *bits, uint16_t port, bool value)
{
    uint64_t mask = UINT64_C(1) << (port % WORD);

    bits[port / WORD] = value ? bits[port / WORD] | mask : bits[port / WORD] & ~mask;
}

bool ports_taken(const struct host *host, uint8_t protocol, uint16_t port) { return bit(host->ports[protocol], port); }
bool ports_reserved(const struct host *host, uint8_t protocol, uint16_t port) { return bit(host->reserved[protocol], port); }

const struct port_charge *ports_find(const struct engine *engine, const struct task *task, uint8_t protocol, uint16_t port)
{
    const struct port_charge *found = NULL;
    struct map_node *node = map_find(&engine->port_holders, port_hash(port_key(protocol, port)));

    for (; node != NULL; node = map_find_next(node)) {
        const struct port_charge *charge = container_of(node, struct port_charge, by_port);
        if ((task == NULL || charge->task == task) && (found == NULL || charge->task->number < found->task->number))
            found = charge; /* it is of this port: no other has this hash */
    }
    return found;
}

void ports_take(struct engine *engine, struct port_charge *charge)
{
    if (!list_linked(&charge->link))
        list_append(&charge->task->charged_ports, &charge->link);
    map_reserve(&engine->port_holders, engine->port_holders.count + 1); /* without room lookups get slower, no more */
    map_insert(&engine->port_holders, &charge->by_port, port_hash(port_key(charge->protocol, charge->port)));
    set_bit(engine->host.ports[charge->protocol], charge->port, true);
}

/* Nobody has it and it is not reserved: whoever waits for it may be admitted now. */
static void settle(struct engine *engine, uint8_t protocol, uint16_t port)
{
    struct host *host = &engine->host;
    bool taken = bit(host->reserved[protocol], port) || ports_find(engine, NULL, protocol, port) != NULL;

    if (bit(host->ports[protocol], port) == taken)
        return;
    set_bit(host->ports[protocol], port, taken);
    if (!taken)
        queue_port_freed(engine, protocol, port);
}

void ports_give(struct engine *engine, struct port_charge *charge)
{
    uint8_t protocol = charge->protocol;
    uint16_t port = charge->port;

    map_remove(&engine->port_holders, &charge->by_port);
    list_remove(&charge->link);
    mem_free(engine->mem, charge);
    settle(engine, protocol, port);
}

/* The first port from `from` on, before `end`, that is taken or is not; `end`: none. */
static uint32_t next_port(const uint64_t *bits, uint32_t from, uint32_t end, bool taken)
{
    while (from < end) {
        uint64_t word = (taken ? bits[from / WORD] : ~bits[from / WORD]) >> (from % WORD);
        if (word != 0) {
            from += (uint32_t)__builtin_ctzll(word);
            break;
        }
        from += WORD - from % WORD;
    }
    return from < end ? from : end;
}

/* The first run of `count` free ports in [from, end); 0: none. */
static uint16_t find_run(const uint64_t *bits, uint32_t from, uint32_t end, uint32_t count)
{
    while (from + count <= end) {
        from = next_port(bits, from, end, false);
        uint32_t stop = next_port(bits, from, from + count < end ? from + count : end, true);
        if (stop - from >= count)
            return (uint16_t)from;
        from = stop;
    }
    return 0;
}

uint16_t ports_choose(struct engine *engine, uint8_t protocol, uint16_t count)
{
    struct host *host = &engine->host;
    const struct port_range *range = &engine->settings.dynamic_ports;
    uint32_t end = range->last + 1u, from = host->port_cursor + 1u;

    if (from < range->first)
        from = range->first;
    uint16_t first = find_run(host->ports[protocol], from, end, count);
    if (first == 0)
        first = find_run(host->ports[protocol], range->first, end, count);
    if (first != 0) {
        host->port_cursor = (uint16_t)(first + count - 1);
        engine->instance_dirty = true;
    }
    return first;
}

void ports_reserve(struct engine *engine, uint8_t protocol, const struct port_list *list)
{
    uint64_t before[PORTS / WORD];

    for (size_t i = 0; i < PORTS / WORD; i++) {
        before[i] = engine->host.reserved[protocol][i];
        engine->host.reserved[protocol][i] = 0;
    }
    for (uint16_t i = 0; i < list->count; i++)
        set_bit(engine->host.reserved[protocol], list->ports[i], true);
    for (size_t i = 0; i < PORTS / WORD; i++)
        before[i] |= engine->host.reserved[protocol][i];
    for (uint32_t port = next_port(before, 0, PORTS, true); port < PORTS; port = next_port(before, port + 1, PORTS, true))
        settle(engine, protocol, (uint16_t)port);
}
