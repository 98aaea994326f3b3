/* SPDX-License-Identifier: Apache-2.0 */
/* Host resources. A charge lives in the task that it pays for: what was taken is written there and given back from there, so that a
 * release can never be another amount, nor happen twice. Host ports are bits. */
#include "engine/accounting.h"

#include <stdio.h>
#include <string.h>

static void need_of(const struct task *task, int64_t *cpu_units, int64_t *memory_mib)
{
    const struct definition *definition = task->definition;
    int64_t cpu = 0, memory = 0;

    for (uint16_t i = 0; i < definition->container_count; i++) {
        const struct container_def *def = &definition->containers[i];
        cpu += def->cpu_units;
        memory += def->memory_reservation_bytes > 0 ? (int64_t)(def->memory_reservation_bytes >> 20) : def->memory_mib;
    }
    *cpu_units = definition->cpu_units > 0 ? definition->cpu_units : cpu;
    *memory_mib = definition->memory_mib > 0 ? (int64_t)definition->memory_mib : memory;
}

static void set_ports(struct host *host, const struct port_list *list, enum protocol protocol)
{
    for (uint16_t i = 0; i < list->count; i++)
        host->ports[protocol][list->ports[i] / 64] |= UINT64_C(1) << (list->ports[i] % 64);
}

void accounting_learn(struct engine *engine, const struct ecsengine_result *info)
{
    struct host *host = &engine->host;
    const struct settings *settings = &engine->settings;

    host->cpu_units = info != NULL && info->cpus > 0 ? (int64_t)info->cpus * 1024 : INT64_MAX / 2;
    host->memory_mib = info != NULL && info->memory_mib > 0 ? info->memory_mib : INT64_MAX / 2;
    host->memory_mib -= settings->reserved_memory_mib;
    if (settings->host_cpu_units >= 0)
        host->cpu_units = settings->host_cpu_units;
    if (settings->host_memory_mib >= 0)
        host->memory_mib = settings->host_memory_mib;
    if (!host->known) {
        set_ports(host, &settings->reserved_tcp, PROTOCOL_TCP);
        set_ports(host, &settings->reserved_udp, PROTOCOL_UDP);
    }
    host->known = true;
}

/* In awsvpc mode a task has addresses of its own; else each host port that is given counts. */
static bool ports_count(const struct task *task) { return strcmp(task->definition->network_mode, "awsvpc") != 0; }

static const struct port_mapping *taken_port(const struct engine *engine, const struct task *task)
{
    for (uint16_t i = 0; ports_count(task) && i < task->container_count; i++) {
        const struct container_def *def = &task->definition->containers[i];
        for (uint16_t j = 0; j < def->port_count; j++) {
            const struct port_mapping *port = &def->ports[j];
            if (port->host_port > 0 && (engine->host.ports[port->protocol][port->host_port / 64] >> (port->host_port % 64) & 1) != 0)
                return port;
        }
    }
    return NULL;
}

static const struct task *port_holder(const struct engine *engine, const struct port_mapping *port)
{
    for (struct list *node = engine->all.next; node != &engine->all; node = node->next) {
        const struct task *task = container_of(node, struct task, all);
        for (uint16_t i = 0; task->charged && ports_count(task) && i < task->container_count; i++) {
            const struct container_def *def = &task->definition->containers[i];
            for (uint16_t j = 0; j < def->port_count; j++)
                if (def->ports[j].host_port == port->host_port && def->ports[j].protocol == port->protocol)
                    return task;
        }
    }
    return NULL;
}

size_t accounting_all_lacks(const struct engine *engine, const struct task *task, struct lack lacks[LACKS_MAX])
{
    const struct host *host = &engine->host;
    int64_t cpu, memory;
    size_t count = 0;

    if (!host->known) {
        lacks[0] = (struct lack){.kind = LACK_FACTS};
        return 1;
    }
    need_of(task, &cpu, &memory);
    if (cpu > host->cpu_units - host->cpu_used)
        lacks[count++] = (struct lack){.kind = LACK_CPU, .never = cpu > host->cpu_units, .needed = cpu,
                                       .free = host->cpu_units - host->cpu_used, .capacity = host->cpu_units};
    if (memory > host->memory_mib - host->memory_used)
        lacks[count++] = (struct lack){.kind = LACK_MEMORY, .never = memory > host->memory_mib, .needed = memory,
                                       .free = host->memory_mib - host->memory_used, .capacity = host->memory_mib};
    const struct port_mapping *port = taken_port(engine, task);
    if (port != NULL) {
        const struct task *holder = port_holder(engine, port);
        lacks[count++] = (struct lack){.kind = LACK_PORT, .port = port->host_port, .protocol = port->protocol, .holder = holder,
                                       .never = holder == NULL};
    }
    return count;
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
        snprintf(text, size, "needs host port %u/%s, which is taken", lack->port, lack->protocol == PROTOCOL_UDP ? "udp" : "tcp");
        return;
    case LACK_GPU:
        snprintf(text, size, "needs %lld GPUs, %lld of %lld are free", (long long)lack->needed, (long long)lack->free,
                 (long long)lack->capacity);
        return;
    default:
        snprintf(text, size, "lacks nothing");
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

static void mark_ports(struct engine *engine, const struct task *task, bool taken)
{
    for (uint16_t i = 0; ports_count(task) && i < task->container_count; i++) {
        const struct container_def *def = &task->definition->containers[i];
        for (uint16_t j = 0; j < def->port_count; j++) {
            const struct port_mapping *port = &def->ports[j];
            uint64_t bit = UINT64_C(1) << (port->host_port % 64), *word = &engine->host.ports[port->protocol][port->host_port / 64];
            if (port->host_port > 0)
                *word = taken ? *word | bit : *word & ~bit;
        }
    }
}

void accounting_charge(struct engine *engine, struct task *task)
{
    int64_t cpu, memory;

    if (task->charged)
        return;
    need_of(task, &cpu, &memory);
    task->charged = true;
    task->charged_cpu_units = cpu;
    task->charged_memory_mib = memory;
    engine->host.cpu_used += cpu;
    engine->host.memory_used += memory;
    mark_ports(engine, task, true);
}

void accounting_release(struct engine *engine, struct task *task)
{
    if (!task->charged)
        return;
    task->charged = false;
    engine->host.cpu_used -= task->charged_cpu_units;
    engine->host.memory_used -= task->charged_memory_mib;
    mark_ports(engine, task, false);
    set_ports(&engine->host, &engine->settings.reserved_tcp, PROTOCOL_TCP); /* it may have had one before that was reserved */
    set_ports(&engine->host, &engine->settings.reserved_udp, PROTOCOL_UDP);
}
