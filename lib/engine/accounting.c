/* SPDX-License-Identifier: Apache-2.0 */
/* Host resources: what fits, and the charges. A charge lives in the task that it pays for (model/charge.h); what the host has given out
 * is the sum of them, which check.c adds up again.
 *
 * Of the errors of 6.3 one can occur, a GPU that the host has not: the five keys are always there, and each is of the type it is. */
#include "engine/accounting.h"

#include <stdio.h>
#include <string.h>

#include "engine/ports.h"
#include "engine/queue.h"

int64_t accounting_free_cpu(const struct host *host) { return host->cpu_units - host->cpu_used; }
int64_t accounting_free_memory(const struct host *host) { return host->memory_mib - host->memory_used; }

/* ---- GPUs ---- */

static int gpu_index(const struct host *host, const char *id)
{
    for (uint16_t i = 0; i < host->gpus.count; i++)
        if (strcmp(host->gpus.ids[i], id) == 0)
            return i;
    return -1;
}

static uint64_t gpu_bit(const struct host *host, const char *id)
{
    int index = gpu_index(host, id);

    return index < 0 ? 0 : UINT64_C(1) << index;
}

/* Few have GPUs: all of them are gone through. */
void accounting_refresh_gpus(struct engine *engine)
{
    engine->host.gpus_used = 0;
    for (const struct list *node = engine->gpu_holders.next; node != &engine->gpu_holders; node = node->next)
        engine->host.gpus_used |= gpu_bit(&engine->host, container_of(node, struct gpu_charge, held)->id);
}

static const struct task *gpu_holder(const struct engine *engine, const char *id)
{
    for (const struct list *node = engine->gpu_holders.next; node != &engine->gpu_holders; node = node->next)
        if (strcmp(container_of(node, struct gpu_charge, held)->id, id) == 0)
            return container_of(node, struct gpu_charge, held)->task;
    return NULL;
}

static uint64_t named_gpus(const struct engine *engine, const struct need *need)
{
    uint64_t bits = 0;

    for (uint32_t i = 0; i < need->gpu_id_count; i++)
        bits |= gpu_bit(&engine->host, need->gpu_ids[i]);
    return bits;
}

static uint64_t all_gpus(const struct host *host)
{
    return host->gpus.count == 0 ? 0 : UINT64_MAX >> (64 - host->gpus.count);
}

/* GPUs that could be chosen beside those that are named. */
static uint32_t free_gpus(const struct host *host, uint64_t named)
{
    return (uint32_t)__builtin_popcountll(all_gpus(host) & ~(host->gpus_used | named));
}

const char *accounting_unknown_gpu(const struct engine *engine, const struct need *need)
{
    for (uint32_t i = 0; i < need->gpu_id_count; i++)
        if (gpu_index(&engine->host, need->gpu_ids[i]) < 0)
            return need->gpu_ids[i];
    return NULL;
}

/* ---- does it fit? ---- */

enum class_state accounting_class(const struct engine *engine, const struct need *need)
{
    const struct host *host = &engine->host;

    if (!host->known)
        return CLASS_OPEN;
    if (accounting_unknown_gpu(engine, need) != NULL)
        return CLASS_DOOMED;
    if (need->cpu_units > host->cpu_units || need->memory_mib > host->memory_mib ||
        need->gpu_id_count + need->gpu_count > host->gpus.count)
        return CLASS_IMPOSSIBLE;
    for (uint32_t i = 0; i < need->port_count; i++)
        if (ports_reserved(host, need->ports[i].protocol, need->ports[i].port))
            return CLASS_IMPOSSIBLE;
    return CLASS_OPEN;
}

enum fit accounting_fit(const struct engine *engine, const struct need *need, struct need_port *out_port)
{
    const struct host *host = &engine->host;

    if (need->cpu_units > accounting_free_cpu(host))
        return FITS_NOT_CPU;
    if (need->memory_mib > accounting_free_memory(host))
        return FITS_NOT_MEMORY;
    for (uint32_t i = 0; i < need->port_count; i++) {
        *out_port = need->ports[i];
        if (ports_taken(host, need->ports[i].protocol, need->ports[i].port))
            return FITS_NOT_PORT;
    }
    uint64_t named = named_gpus(engine, need);
    if ((named & host->gpus_used) != 0 || need->gpu_count > free_gpus(host, named))
        return FITS_NOT_GPU;
    return FITS;
}

/* ---- why not ---- */

static size_t lack_of_numbers(const struct host *host, const struct need *need, struct lack *lacks)
{
    size_t count = 0;

    if (need->cpu_units > accounting_free_cpu(host))
        lacks[count++] = (struct lack){.kind = LACK_CPU, .never = need->cpu_units > host->cpu_units, .needed = need->cpu_units,
                                       .free = accounting_free_cpu(host), .capacity = host->cpu_units, .holders = host->charged};
    if (need->memory_mib > accounting_free_memory(host))
        lacks[count++] = (struct lack){.kind = LACK_MEMORY, .never = need->memory_mib > host->memory_mib, .needed = need->memory_mib,
                                       .free = accounting_free_memory(host), .capacity = host->memory_mib, .holders = host->charged};
    return count;
}

static size_t lack_of_ports(const struct engine *engine, const struct need *need, struct lack *lacks, size_t count)
{
    for (uint32_t i = 0; i < need->port_count && count < LACKS_MAX; i++) {
        const struct need_port *port = &need->ports[i];
        if (!ports_taken(&engine->host, port->protocol, port->port))
            continue;
        const struct port_charge *holder = ports_find(engine, NULL, port->protocol, port->port);
        lacks[count++] = (struct lack){.kind = LACK_PORT, .protocol = port->protocol, .port = port->port,
                                       .never = ports_reserved(&engine->host, port->protocol, port->port),
                                       .holder = holder != NULL ? holder->task : NULL, .holders = holder != NULL};
    }
    return count;
}

static size_t lack_of_gpus(const struct engine *engine, const struct need *need, struct lack *lacks, size_t count)
{
    const struct host *host = &engine->host;
    uint64_t named = named_gpus(engine, need);

    for (uint32_t i = 0; i < need->gpu_id_count && count < LACKS_MAX; i++) {
        bool unknown = gpu_index(host, need->gpu_ids[i]) < 0;
        if (unknown || (gpu_bit(host, need->gpu_ids[i]) & host->gpus_used) != 0)
            lacks[count++] = (struct lack){.kind = LACK_GPU, .gpu = need->gpu_ids[i], .needed = 1, .capacity = !unknown,
                                           .never = unknown, .holder = gpu_holder(engine, need->gpu_ids[i]), .holders = !unknown};
    }
    if (need->gpu_count > free_gpus(host, named) && count < LACKS_MAX)
        lacks[count++] = (struct lack){.kind = LACK_GPU, .needed = need->gpu_count, .free = free_gpus(host, named),
                                       .capacity = host->gpus.count, .never = need->gpu_id_count + need->gpu_count > host->gpus.count,
                                       .holders = (size_t)__builtin_popcountll(host->gpus_used)};
    return count;
}

size_t accounting_all_lacks(const struct engine *engine, const struct task *task, struct lack lacks[LACKS_MAX])
{
    const struct need *need = task->definition->need;

    if (!engine->host.known) {
        lacks[0] = (struct lack){.kind = LACK_FACTS};
        return 1;
    }
    size_t count = lack_of_numbers(&engine->host, need, lacks);
    count = lack_of_ports(engine, need, lacks, count);
    return lack_of_gpus(engine, need, lacks, count);
}

static void port_lack_text(const struct lack *lack, char *text, size_t size)
{
    const char *protocol = lack->protocol == PROTOCOL_UDP ? "udp" : "tcp";

    if (lack->never)
        snprintf(text, size, "needs host port %u/%s, which is reserved", lack->port, protocol);
    else
        snprintf(text, size, "needs host port %u/%s, which is taken", lack->port, protocol);
}

static void gpu_lack_text(const struct lack *lack, char *text, size_t size)
{
    if (lack->gpu == NULL)
        snprintf(text, size, "needs %lld GPUs, %lld of %lld are free", (long long)lack->needed, (long long)lack->free,
                 (long long)lack->capacity);
    else
        snprintf(text, size, "needs GPU %s, which %s", lack->gpu, lack->never ? "the host has not" : "is taken");
}

void lack_text(const struct lack *lack, char *text, size_t size)
{
    switch ((enum lack_kind)lack->kind) {
    case LACK_FACTS:
        snprintf(text, size, "the host's resources are not known yet");
        return;
    case LACK_CPU:
        snprintf(text, size, "needs %lld CPU units, %lld of %lld are free", (long long)lack->needed, (long long)lack->free,
                 (long long)lack->capacity);
        return;
    case LACK_MEMORY:
        snprintf(text, size, "needs %lld MiB of memory, %lld of %lld are free", (long long)lack->needed, (long long)lack->free,
                 (long long)lack->capacity);
        return;
    case LACK_PORT:
        port_lack_text(lack, text, size);
        return;
    default:
        gpu_lack_text(lack, text, size);
        return;
    }
}

bool accounting_lacks(const struct engine *engine, const struct task *task, char *why, size_t size)
{
    struct lack lacks[LACKS_MAX];

    if (accounting_all_lacks(engine, task, lacks) == 0)
        return false;
    lack_text(&lacks[0], why, size);
    return true;
}

/* ---- charges ---- */

size_t accounting_bytes(const struct task *task)
{
    enum { BLOCK = 64 }; /* what a block costs beside its content */
    const struct need *need = task->definition->need;

    return task->definition->port_total * (sizeof(struct port_charge) + BLOCK) +
           (size_t)(need->gpu_id_count + need->gpu_count) * task->container_count * (sizeof(struct gpu_charge) + BLOCK);
}

static struct port_charge *new_port(struct engine *engine, struct container *container, uint8_t protocol, uint16_t port,
                                    enum port_origin origin)
{
    struct port_charge *charge = mem_sure(engine->mem, sizeof(*charge));

    charge->task = container->task;
    charge->container = container->index;
    charge->protocol = protocol;
    charge->port = port;
    charge->origin = (uint8_t)origin;
    return charge;
}

static void charge_mapping(struct engine *engine, struct container *container, uint16_t index, uint16_t first, enum port_origin origin)
{
    const struct port_mapping *mapping = &container_def(container)->ports[index];

    for (uint16_t i = 0; i < mapping->count; i++) {
        uint16_t port = (uint16_t)(first + i);
        if (ports_find(engine, container->task, mapping->protocol, port) != NULL)
            continue; /* twice in the document */
        struct port_charge *charge = new_port(engine, container, mapping->protocol, port, origin);
        charge->mapping = index;
        charge->container_port = (uint16_t)(mapping->container_port + i);
        ports_take(engine, charge);
    }
}

/* First those that are named, so that no choice takes one of them. */
static void charge_ports(struct engine *engine, struct task *task, enum port_origin origin)
{
    for (uint16_t i = 0; i < task->container_count; i++) {
        const struct container_def *def = container_def(&task->containers[i]);
        for (uint16_t j = 0; j < def->port_count; j++) {
            const struct port_mapping *mapping = &def->ports[j];
            uint16_t first = mapping->host_port;
            if (mapping->engine_chooses != (origin == PORT_CHOSEN))
                continue;
            if (mapping->engine_chooses)
                first = ports_choose(engine, mapping->protocol, mapping->count);
            if (first != 0)
                charge_mapping(engine, &task->containers[i], j, first, origin);
        }
    }
}

static void charge_gpu(struct engine *engine, struct container *container, const char *id)
{
    struct gpu_charge *charge = mem_sure(engine->mem, sizeof(*charge));

    charge->task = container->task;
    charge->container = container->index;
    snprintf(charge->id, sizeof(charge->id), "%s", id);
    list_append(&container->task->charged_gpus, &charge->link);
    list_append(&engine->gpu_holders, &charge->held);
    engine->host.gpus_used |= gpu_bit(&engine->host, id);
}

static void charge_gpus(struct engine *engine, struct task *task)
{
    const struct host *host = &engine->host;

    for (uint16_t i = 0; i < task->container_count; i++)
        for (uint16_t j = 0; j < container_def(&task->containers[i])->gpu_id_count; j++)
            charge_gpu(engine, &task->containers[i], container_def(&task->containers[i])->gpu_ids[j]);
    for (uint16_t i = 0; i < task->container_count; i++) {
        for (uint16_t j = 0; j < container_def(&task->containers[i])->gpu_count; j++) {
            uint64_t left = all_gpus(host) & ~host->gpus_used;
            if (left != 0)
                charge_gpu(engine, &task->containers[i], host->gpus.ids[__builtin_ctzll(left)]);
        }
    }
}

static void charge_numbers(struct engine *engine, struct task *task, int64_t cpu_units, int64_t memory_mib)
{
    task->charged = true;
    task->charged_cpu_units = cpu_units;
    task->charged_memory_mib = memory_mib;
    engine->host.cpu_used += cpu_units;
    engine->host.memory_used += memory_mib;
    engine->host.charged++;
}

void accounting_charge(struct engine *engine, struct task *task)
{
    const struct need *need = task->definition->need;

    if (task->charged)
        return;
    charge_numbers(engine, task, need->cpu_units, need->memory_mib);
    if (strcmp(task->definition->network_mode, "awsvpc") != 0) {
        charge_ports(engine, task, PORT_FIXED);
        charge_ports(engine, task, PORT_CHOSEN);
    }
    charge_gpus(engine, task);
}

void accounting_restore(struct engine *engine, struct task *task)
{
    charge_numbers(engine, task, task->charged_cpu_units, task->charged_memory_mib);
    for (struct list *node = task->charged_ports.next; node != &task->charged_ports; node = node->next)
        ports_take(engine, container_of(node, struct port_charge, link));
    for (struct list *node = task->charged_gpus.next; node != &task->charged_gpus; node = node->next)
        list_append(&engine->gpu_holders, &container_of(node, struct gpu_charge, link)->held);
    accounting_refresh_gpus(engine);
}

void accounting_release(struct engine *engine, struct task *task)
{
    struct list *node;
    bool gpus = !list_empty(&task->charged_gpus);

    while (!list_empty(&task->charged_ports))
        ports_give(engine, container_of(task->charged_ports.next, struct port_charge, link));
    while ((node = list_shift(&task->charged_gpus)) != NULL) {
        struct gpu_charge *charge = container_of(node, struct gpu_charge, link);
        list_remove(&charge->held);
        mem_free(engine->mem, charge);
    }
    if (gpus) {
        accounting_refresh_gpus(engine);
        queue_gpu_freed(engine);
    }
    if (!task->charged)
        return;
    task->charged = false;
    engine->host.cpu_used -= task->charged_cpu_units;
    engine->host.memory_used -= task->charged_memory_mib;
    engine->host.charged--;
    task->charged_cpu_units = task->charged_memory_mib = 0;
}

/* ---- ports that the runtime chose ---- */

/* True if there was anything to forget. */
static bool forget_seen(struct engine *engine, const struct container *container)
{
    struct list *head = &container->task->charged_ports;
    bool any = false;

    for (struct list *node = head->next, *next; node != head; node = next) {
        struct port_charge *charge = container_of(node, struct port_charge, link);
        next = node->next;
        if (charge->origin == PORT_SEEN && charge->container == container->index) {
            ports_give(engine, charge);
            any = true;
        }
    }
    return any;
}

static void note(struct engine *engine, struct container *container)
{
    const struct ports *ports = container->ports;
    const struct task *task = container->task;
    uint32_t noted = 0;

    if (ports == NULL || container->known == ECSENGINE_CONTAINER_STOPPED || task->known == ECSENGINE_TASK_STOPPED)
        return;
    for (uint32_t i = 0; i < ports->count && noted < LIMIT_SEEN_PORTS; i++) {
        const struct port_binding *port = &ports->items[i];
        if (port->host_port == 0 || ports_find(engine, task, port->protocol, port->host_port) != NULL)
            continue;
        struct port_charge *charge = new_port(engine, container, port->protocol, port->host_port, PORT_SEEN);
        charge->container_port = port->container_port;
        ports_take(engine, charge);
        noted++;
    }
}

/* A port is noted once for a task. The runtime may have given it to another container of the task before the end of the first was heard
 * of; then it is that one's now. */
void accounting_note_ports(struct engine *engine, struct container *container)
{
    struct task *task = container->task;
    bool forgotten = forget_seen(engine, container);

    note(engine, container);
    for (uint16_t i = 0; forgotten && i < task->container_count; i++)
        note(engine, &task->containers[i]);
}

/* ---- what was chosen ---- */

uint16_t accounting_port_of(const struct task *task, uint16_t container, uint16_t mapping)
{
    for (const struct list *node = task->charged_ports.next; node != &task->charged_ports; node = node->next) {
        const struct port_charge *charge = container_of(node, struct port_charge, link);
        if (charge->origin == PORT_CHOSEN && charge->container == container && charge->mapping == mapping)
            return charge->port;
    }
    return 0;
}

const char *accounting_gpu_of(const struct task *task, uint16_t container, size_t n)
{
    for (const struct list *node = task->charged_gpus.next; node != &task->charged_gpus; node = node->next)
        if (container_of(node, struct gpu_charge, link)->container == container && n-- == 0)
            return container_of(node, struct gpu_charge, link)->id;
    return NULL;
}

bool accounting_lacks_ports(const struct container *container, char *text, size_t size)
{
    static const char head[] = "error retrieving docker port map";
    const struct container_def *def = container_def(container);

    for (uint16_t i = 0; i < def->port_count; i++) {
        if (!def->ports[i].engine_chooses || accounting_port_of(container->task, container->index, i) != 0)
            continue;
        if (def->ports[i].is_range)
            snprintf(text, size, "%s: %u contiguous host ports are unavailable", head, def->ports[i].count);
        else
            snprintf(text, size, "%s: a host port is unavailable", head);
        return true;
    }
    return false;
}
