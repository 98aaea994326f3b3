/* SPDX-License-Identifier: Apache-2.0 */
/* Needs: computed from a definition, compared, counted. The reference adds in 32 bits and lets the sum wrap; what does not fit is refused
 * here, when the document is read. */
#include "model/need.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/prng.h"
#include "base/str.h"
#include "ecsengine/error.h"
#include "model/definition.h"
#include "model/limits.h"

struct sums {
    uint64_t cpu_units;
    uint64_t memory_mib;
    size_t fixed_ports;
    size_t gpu_ids;
    uint64_t gpu_count;
    const struct container_def *crowded; /* has more than LIMIT_CONTAINER_PORTS */
};

static uint64_t container_memory(const struct container_def *def)
{
    return def->memory_reservation_bytes > 0 ? def->memory_reservation_bytes >> 20 : def->memory_mib;
}

/* In awsvpc mode a task has addresses of its own. */
static bool ports_count(const struct definition *definition) { return strcmp(definition->network_mode, "awsvpc") != 0; }

static struct sums sums_of(const struct definition *definition)
{
    struct sums sums = {0};
    uint64_t cpu_units = 0, memory_mib = 0;

    for (uint16_t i = 0; i < definition->container_count; i++) {
        const struct container_def *def = &definition->containers[i];
        size_t ports = 0;
        cpu_units += def->cpu_units;
        memory_mib += container_memory(def); /* at most 2^44 each, of 1000 */
        for (uint16_t j = 0; j < def->port_count; j++) {
            ports += def->ports[j].count;
            if (def->ports[j].host_port != 0)
                sums.fixed_ports += def->ports[j].count;
        }
        if (ports > LIMIT_CONTAINER_PORTS && sums.crowded == NULL)
            sums.crowded = def;
        sums.gpu_ids += def->gpu_id_count;
        sums.gpu_count += def->gpu_count;
    }
    sums.cpu_units = definition->cpu_units > 0 ? definition->cpu_units : cpu_units;
    sums.memory_mib = definition->memory_mib > 0 ? definition->memory_mib : memory_mib;
    if (!ports_count(definition))
        sums.fixed_ports = 0;
    return sums;
}

/* GPUs can not be: 16 bits a container, of 1000. */
static bool too_much(const struct sums *sums)
{
    return sums->cpu_units > INT32_MAX || sums->memory_mib > INT32_MAX || sums->crowded != NULL;
}

void need_limit_text(const struct definition *definition, char *text, size_t size)
{
    struct sums sums = sums_of(definition);

    if (sums.crowded != NULL)
        snprintf(text, size, "container %.255s maps more than %d ports", sums.crowded->name, LIMIT_CONTAINER_PORTS);
    else if (sums.cpu_units > INT32_MAX)
        snprintf(text, size, "CPU: the task needs %llu units, more than %d", (unsigned long long)sums.cpu_units, INT32_MAX);
    else
        snprintf(text, size, "MEMORY: the task needs %llu MiB, more than %d", (unsigned long long)sums.memory_mib, INT32_MAX);
}

static int by_port(const void *left, const void *right)
{
    const struct need_port *a = left, *b = right;

    return a->protocol != b->protocol ? a->protocol - b->protocol : (int)a->port - (int)b->port;
}

static int by_text(const void *left, const void *right) { return strcmp(*(const char *const *)left, *(const char *const *)right); }

static uint32_t put_ports(const struct definition *definition, struct need_port *ports)
{
    size_t count = 0, kept = 0;

    for (uint16_t i = 0; ports_count(definition) && i < definition->container_count; i++) {
        const struct container_def *def = &definition->containers[i];
        for (uint16_t j = 0; j < def->port_count; j++)
            for (uint16_t k = 0; def->ports[j].host_port != 0 && k < def->ports[j].count; k++)
                ports[count++] = (struct need_port){.port = (uint16_t)(def->ports[j].host_port + k), .protocol = def->ports[j].protocol};
    }
    if (count > 0)
        qsort(ports, count, sizeof(*ports), by_port);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || by_port(&ports[i], &ports[i - 1]) != 0)
            ports[kept++] = ports[i];
    return (uint32_t)kept;
}

/* The ids move into `text`, which has room. */
static uint32_t put_ids(const struct definition *definition, const char **ids, char *text)
{
    size_t count = 0, kept = 0;

    for (uint16_t i = 0; i < definition->container_count; i++)
        for (uint16_t j = 0; j < definition->containers[i].gpu_id_count; j++)
            ids[count++] = definition->containers[i].gpu_ids[j];
    if (count > 0)
        qsort(ids, count, sizeof(*ids), by_text);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && strcmp(ids[i], ids[i - 1]) == 0)
            continue;
        ids[kept++] = ids[i];
    }
    for (size_t i = 0; i < kept; i++) {
        size_t len = strlen(ids[i]) + 1;
        memcpy(text, ids[i], len);
        ids[i] = text;
        text += len;
    }
    return (uint32_t)kept;
}

static uint64_t hash_of(const struct need *need)
{
    uint64_t numbers[] = {need->cpu_units, need->memory_mib, need->gpu_count, need->exempt, need->port_count, need->gpu_id_count};
    uint64_t hash = hash64(0, numbers, sizeof(numbers));

    for (uint32_t i = 0; i < need->port_count; i++) {
        uint32_t port = (uint32_t)need->ports[i].protocol << 16 | need->ports[i].port;
        hash = hash64(hash, &port, sizeof(port));
    }
    for (uint32_t i = 0; i < need->gpu_id_count; i++)
        hash = hash64(hash, need->gpu_ids[i], strlen(need->gpu_ids[i]));
    return hash;
}

static size_t text_size(const struct definition *definition)
{
    size_t size = 0;

    for (uint16_t i = 0; i < definition->container_count; i++)
        for (uint16_t j = 0; j < definition->containers[i].gpu_id_count; j++)
            size += strlen(definition->containers[i].gpu_ids[j]) + 1;
    return size;
}

int need_new(struct mem *mem, const struct definition *definition, struct need **out_need)
{
    struct sums sums = sums_of(definition);

    if (too_much(&sums))
        return ECSENGINE_ELIMIT;
    size_t ids = sums.gpu_ids * sizeof(const char *), ports = sums.fixed_ports * sizeof(struct need_port);
    struct need *need = mem_zalloc(mem, sizeof(*need) + ids + ports + text_size(definition));
    if (need == NULL)
        return ECSENGINE_ENOMEM;
    need->mem = mem;
    atomic_init(&need->refs, 1);
    list_init(&need->waiting);
    need->cpu_units = (uint32_t)sums.cpu_units;
    need->memory_mib = (uint32_t)sums.memory_mib;
    need->gpu_count = (uint32_t)sums.gpu_count;
    need->exempt = ascii_equal(definition->launch_type, "FARGATE");
    const char **id_list = (const char **)(need + 1);
    struct need_port *port_list = (struct need_port *)(id_list + sums.gpu_ids);
    need->gpu_ids = id_list;
    need->ports = port_list;
    need->port_count = put_ports(definition, port_list);
    need->gpu_id_count = put_ids(definition, id_list, (char *)(port_list + sums.fixed_ports));
    need->hash = hash_of(need);
    *out_need = need;
    return 0;
}

struct need *need_ref(struct need *need)
{
    atomic_fetch_add_explicit(&need->refs, 1, memory_order_relaxed);
    return need;
}

void need_unref(struct need *need)
{
    if (need != NULL && atomic_fetch_sub_explicit(&need->refs, 1, memory_order_acq_rel) == 1)
        mem_free(need->mem, need);
}

bool need_equal(const struct need *left, const struct need *right)
{
    if (left->cpu_units != right->cpu_units || left->memory_mib != right->memory_mib || left->gpu_count != right->gpu_count ||
        left->exempt != right->exempt || left->port_count != right->port_count || left->gpu_id_count != right->gpu_id_count)
        return false;
    for (uint32_t i = 0; i < left->port_count; i++)
        if (by_port(&left->ports[i], &right->ports[i]) != 0)
            return false;
    for (uint32_t i = 0; i < left->gpu_id_count; i++)
        if (strcmp(left->gpu_ids[i], right->gpu_ids[i]) != 0)
            return false;
    return true;
}
