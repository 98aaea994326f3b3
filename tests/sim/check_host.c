/* SPDX-License-Identifier: Apache-2.0 */
/* The host's resources, in books of the checker's own: what a task needs is read from its document, it has that from its first operation
 * until it is STOPPED, and what its containers got of ports and GPUs is read from their create configurations. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checker.h"

void invariants_host(struct invariants *invariants, int64_t cpu, int64_t memory_mib, bool fifo)
{
    invariants->host_cpu = cpu;
    invariants->host_memory_mib = memory_mib;
    invariants->fifo = fifo;
}

void invariants_host_changes(struct invariants *invariants)
{
    invariants_host(invariants, 0, 0, false);
    invariants->host_changes = true;
}

static bool is_charged(const struct known_task *task)
{
    return task->begun && !task->removed && !task->refused && !task->stopped && task->described != ECSENGINE_TASK_STOPPED;
}

/* `"80/tcp":[{"HostPort":"18000"}]` and the like, one after the other. */
static void read_ports(struct known_container *container, const char *config)
{
    const char *at = strstr(config, "\"PortBindings\":{"), *end = at != NULL ? strstr(at, "]}") : NULL, *number;

    container->port_count = 0;
    while (at != NULL && end != NULL && (number = strstr(at, "\"HostPort\":\"")) != NULL && number < end) {
        const char *tcp = strstr(at, "/tcp\""), *udp = strstr(at, "/udp\"");
        uint32_t port = (uint32_t)strtoul(number + strlen("\"HostPort\":\""), NULL, 10);
        bool is_udp = udp != NULL && udp < number && (tcp == NULL || tcp > udp);
        if (port > 0 && container->port_count < PORTS_MAX)
            container->ports[container->port_count++] = port | (is_udp ? UINT32_C(1) << 16 : 0);
        at = number + 1;
    }
}

/* `NVIDIA_VISIBLE_DEVICES=a,b` in the environment. */
static void read_gpus(struct known_container *container, const char *config)
{
    static const char variable[] = "\"NVIDIA_VISIBLE_DEVICES=";
    const char *at = strstr(config, variable);

    container->gpus[0] = '\0';
    if (at == NULL)
        return;
    at += strlen(variable);
    snprintf(container->gpus, sizeof(container->gpus), "%.*s", (int)strcspn(at, "\""), at);
}

void checker_got(struct known_container *container, const char *config)
{
    read_ports(container, config);
    read_gpus(container, config);
}

void checker_begins(struct invariants *invariants, struct known_task *task)
{
    if (task->begun)
        return;
    task->begun = true;
    invariants->books_changed = true;
    if (invariants->fifo && !task->begun_ever)
        invariants_check(invariants, NOBODY_OVERTAKES, true, " "); /* unless somebody is found below who really waits */
    for (struct known_task *other = invariants->tasks; other != NULL && !task->begun_ever && invariants->fifo;
         other = other->next) {
        bool waits = !other->begun_ever && !other->wanted_stopped && !other->removed && !other->refused && !other->stopped;
        if (waits && other->order != 0 && other->order < task->order && !invariants->restarted)
            other->overtaken = true;
    }
    task->begun_ever = true;
}

/* Both lists separated by commas. */
static bool share_a_gpu(const char *one, const char *other)
{
    for (size_t len; *one != '\0'; one += len + (one[len] == ',')) {
        len = strcspn(one, ",");
        for (const char *at = other; len > 0 && *at != '\0'; at += strcspn(at, ","), at += *at == ',') {
            if (strcspn(at, ",") == len && strncmp(at, one, len) == 0)
                return true;
        }
    }
    return false;
}

static bool share_a_port(const struct known_container *one, const struct known_container *other)
{
    for (size_t i = 0; i < one->port_count; i++) {
        for (size_t k = 0; k < other->port_count; k++) {
            if (one->ports[i] == other->ports[k])
                return true;
        }
    }
    return false;
}

/* The first container of another charged task that has the same; NULL: there is none. */
static const struct known_container *sharer(const struct known_task *others, const struct known_container *container,
                                            bool (*share)(const struct known_container *one, const struct known_container *other))
{
    for (const struct known_task *task = others; task != NULL; task = task->next) {
        for (size_t i = 0; i < task->container_count && is_charged(task); i++) {
            if (share(container, &task->containers[i]))
                return &task->containers[i];
        }
    }
    return NULL;
}

static bool share_gpus(const struct known_container *one, const struct known_container *other)
{
    return one->gpus[0] != '\0' && other->gpus[0] != '\0' && share_a_gpu(one->gpus, other->gpus);
}

struct sums {
    int64_t cpu, memory_mib;
    const char *port, *gpu; /* the container that has what another task's has, too */
};

static struct sums sums_of(const struct invariants *invariants)
{
    struct sums sums = {0};

    for (const struct known_task *task = invariants->tasks; task != NULL; task = task->next) {
        if (!is_charged(task))
            continue;
        sums.cpu += task->cpu;
        sums.memory_mib += task->memory_mib;
        for (size_t i = 0; i < task->container_count; i++) {
            const struct known_container *container = &task->containers[i];
            if (container->port_count > 0 && sharer(task->next, container, share_a_port) != NULL)
                sums.port = container->name;
            if (container->gpus[0] != '\0' && sharer(task->next, container, share_gpus) != NULL)
                sums.gpu = container->name;
        }
    }
    return sums;
}

static bool within(const struct invariants *invariants, const struct sums *sums)
{
    return (invariants->host_cpu == 0 || sums->cpu <= invariants->host_cpu) &&
           (invariants->host_memory_mib == 0 || sums->memory_mib <= invariants->host_memory_mib);
}

bool invariants_books_doubtful(const struct invariants *invariants)
{
    if (!invariants->books_changed)
        return false;
    struct sums sums = sums_of(invariants);
    return !within(invariants, &sums) || sums.port != NULL || sums.gpu != NULL;
}

void invariants_saw_books(struct invariants *invariants)
{
    if (!invariants->books_changed)
        return;
    struct sums sums = sums_of(invariants);
    invariants->books_changed = false;
    invariants_check(invariants, CAPACITY, within(invariants, &sums), "tasks have %lld CPU units of %lld and %lld MiB of %lld",
                     (long long)sums.cpu, (long long)invariants->host_cpu, (long long)sums.memory_mib,
                     (long long)invariants->host_memory_mib);
    invariants_check(invariants, PORTS_ONCE, sums.port == NULL, "%s was given a host port that another task has",
                     sums.port != NULL ? sums.port : "");
    invariants_check(invariants, GPUS_ONCE, sums.gpu == NULL, "%s was given a GPU that another task has",
                     sums.gpu != NULL ? sums.gpu : "");
}

const char *invariants_overtaken(const struct invariants *invariants)
{
    for (const struct known_task *task = invariants->tasks; task != NULL; task = task->next) {
        if (task->overtaken)
            return task->name;
    }
    return NULL;
}

void invariants_saw_overtaken(struct invariants *invariants, const char *name, bool queued)
{
    struct known_task *task = checker_task(invariants, name);

    if (task == NULL || !task->overtaken)
        return;
    task->overtaken = false;
    invariants_check(invariants, NOBODY_OVERTAKES, !queued, "%s waits for the host's resources, and a later task has begun", name);
}

/* It has what it needs, or may have it: it has not stopped, and does not wait for it. */
static bool may_have(const struct known_task *task)
{
    return task->order != 0 && !task->queued && !task->removed && !task->refused && task->described != ECSENGINE_TASK_STOPPED;
}

static bool holds_port(const struct invariants *invariants, const struct known_task *waiting, uint32_t port)
{
    for (const struct known_task *task = invariants->tasks; task != NULL; task = task->next) {
        for (size_t i = 0; task != waiting && may_have(task) && i < task->fixed_count; i++) {
            if (task->fixed[i] == port)
                return true;
        }
    }
    return false;
}

static bool fits(const struct invariants *invariants, const struct known_task *task)
{
    int64_t cpu = task->cpu, memory_mib = task->memory_mib;

    for (const struct known_task *other = invariants->tasks; other != NULL; other = other->next) {
        if (other == task || !may_have(other))
            continue;
        cpu += other->cpu;
        memory_mib += other->memory_mib;
    }
    for (size_t i = 0; i < task->fixed_count; i++) {
        if (holds_port(invariants, task, task->fixed[i]))
            return false;
    }
    return (invariants->host_cpu == 0 || cpu <= invariants->host_cpu) &&
           (invariants->host_memory_mib == 0 || memory_mib <= invariants->host_memory_mib);
}

void invariants_saw_place(struct invariants *invariants, const char *name, long place)
{
    struct known_task *task = checker_task(invariants, name);

    if (task != NULL)
        task->queued = place > 0;
    if (task != NULL && place == 1)
        invariants->head = task;
}

void invariants_saw_head(struct invariants *invariants)
{
    const struct known_task *head = invariants->head;

    invariants->head = NULL;
    if (head != NULL && !head->odd_needs && !invariants->host_changes)
        invariants_check(invariants, HEAD_IS_ADMITTED, !fits(invariants, head), "%s is the first that waits, and fits", head->name);
}
