/* SPDX-License-Identifier: Apache-2.0 */
/* What the host has to give out: what INFO said, less what is reserved, unless it is set; and the same as an answer to a question.
 *
 * All of it may change while tasks run. A host that became smaller than what is given out stops nobody: nothing is admitted until what is
 * given out has become less. A change lasts as long as the engine; the next one begins with its configuration. */
#include "engine/host.h"

#include <string.h>

#include "engine/accounting.h"
#include "engine/admission.h"
#include "engine/ports.h"
#include "engine/queue.h"
#include "engine/runtime.h"

#define UNBOUNDED (INT64_MAX / 2)

void accounting_init(struct engine *engine)
{
    ports_reserve(engine, PROTOCOL_TCP, &engine->settings.reserved_tcp);
    ports_reserve(engine, PROTOCOL_UDP, &engine->settings.reserved_udp);
}

bool accounting_wants_facts(const struct engine *engine)
{
    const struct settings *settings = &engine->settings;

    return !engine->host.facts && (settings->host_cpu_units < 0 || settings->host_memory_mib < 0 ||
                                   (settings->gpu_support != 0 && settings->has_gpus == 0));
}

/* What is to be had from facts that are not known stays as it was. */
static void set_capacity(struct engine *engine)
{
    struct host *host = &engine->host;
    const struct settings *settings = &engine->settings;

    if (settings->host_cpu_units >= 0)
        host->cpu_units = settings->host_cpu_units;
    else if (host->facts)
        host->cpu_units = host->fact_cpus > 0 ? (int64_t)host->fact_cpus * 1024 : UNBOUNDED;
    if (settings->host_memory_mib >= 0)
        host->memory_mib = settings->host_memory_mib;
    else if (host->facts && host->fact_memory_mib <= 0)
        host->memory_mib = UNBOUNDED;
    else if (host->facts)
        host->memory_mib = host->fact_memory_mib > settings->reserved_memory_mib ? host->fact_memory_mib - settings->reserved_memory_mib : 0;
    if (settings->gpu_support == 0)
        host->gpus.count = 0;
    else if (settings->has_gpus != 0)
        host->gpus = settings->gpus;
    else if (host->facts)
        host->gpus = host->fact_gpus;
    accounting_refresh_gpus(engine);
}

void accounting_change(struct engine *engine)
{
    set_capacity(engine);
    engine->host.known = engine->host.known || !accounting_wants_facts(engine);
    admission_reconsider(engine);
}

void accounting_learn(struct engine *engine, const struct ecsengine_result *info)
{
    struct host *host = &engine->host;

    host->facts = true;
    host->fact_cpus = info != NULL ? info->cpus : 0;
    host->fact_memory_mib = info != NULL ? info->memory_mib : 0;
    if (info != NULL && info->gpus != NULL)
        host->fact_gpus = *info->gpus;
    accounting_change(engine);
}

const struct setting *host_setting(const char *key)
{
    static const char *const keys[] = {"host-cpu",       "host-memory",        "host-gpus",        "reserved-memory",
                                       "reserved-ports", "reserved-ports-udp", "admission-policy", "backfill-overtake-limit"};
    const struct setting *setting = setting_find(key);

    for (size_t i = 0; setting != NULL && i < sizeof(keys) / sizeof(keys[0]); i++)
        if (strcmp(setting_key(setting), keys[i]) == 0)
            return setting;
    return NULL;
}

void host_set(struct engine *engine, const struct setting *setting, const struct settings *from)
{
    setting_copy(&engine->settings, setting, from);
    if (strcmp(setting_key(setting), "reserved-ports") == 0)
        ports_reserve(engine, PROTOCOL_TCP, &engine->settings.reserved_tcp);
    else if (strcmp(setting_key(setting), "reserved-ports-udp") == 0)
        ports_reserve(engine, PROTOCOL_UDP, &engine->settings.reserved_udp);
    accounting_change(engine);
    runtime_ask_facts(engine);
}

/* ---- the answer ---- */

static void put_numbers(struct buf *out, const char *key, int64_t capacity, int64_t reserved, int64_t consumed)
{
    json_open(out, key, '{');
    if (capacity != UNBOUNDED) {
        json_int(out, "capacity", capacity);
        json_int(out, "free", capacity - consumed);
    }
    json_int(out, "reserved", reserved);
    json_int(out, "consumed", consumed);
    json_close(out, '}');
}

static void put_ports(const struct engine *engine, struct buf *out, const char *key, uint8_t protocol, const struct port_list *reserved)
{
    int64_t taken = 0, kept = 0;

    for (size_t i = 0; i < 65536 / 64; i++) {
        taken += __builtin_popcountll(engine->host.ports[protocol][i]);
        kept += __builtin_popcountll(engine->host.reserved[protocol][i] & engine->host.ports[protocol][i]);
    }
    json_open(out, key, '{');
    json_open(out, "reserved", '[');
    for (uint16_t i = 0; i < reserved->count; i++)
        json_int(out, NULL, reserved->ports[i]);
    json_close(out, ']');
    json_int(out, "consumed", taken - kept);
    json_close(out, '}');
}

static void put_gpus(const struct engine *engine, struct buf *out)
{
    const struct host *host = &engine->host;

    json_open(out, "GPU", '{');
    json_open(out, "capacity", '[');
    for (uint16_t i = 0; i < host->gpus.count; i++)
        json_text(out, NULL, host->gpus.ids[i]);
    json_close(out, ']');
    json_open(out, "free", '[');
    for (uint16_t i = 0; i < host->gpus.count; i++)
        if ((host->gpus_used >> i & 1) == 0)
            json_text(out, NULL, host->gpus.ids[i]);
    json_close(out, ']');
    json_close(out, '}');
}

static void put_holdings(const struct task *task, struct buf *out)
{
    static const char *const origins[] = {[PORT_FIXED] = "fixed", [PORT_CHOSEN] = "engine", [PORT_SEEN] = "runtime"};

    json_int(out, "cpu", task->charged_cpu_units);
    json_int(out, "memory", task->charged_memory_mib);
    json_open(out, "ports", '[');
    for (const struct list *node = task->charged_ports.next; node != &task->charged_ports; node = node->next) {
        const struct port_charge *port = container_of(node, struct port_charge, link);
        json_open(out, NULL, '{');
        json_text(out, "containerName", container_def(&task->containers[port->container])->name);
        json_int(out, "containerPort", port->container_port);
        json_int(out, "hostPort", port->port);
        json_text(out, "protocol", port->protocol == PROTOCOL_UDP ? "udp" : "tcp");
        json_text(out, "chosenBy", origins[port->origin]);
        json_close(out, '}');
    }
    json_close(out, ']');
    json_open(out, "gpus", '[');
    for (const struct list *node = task->charged_gpus.next; node != &task->charged_gpus; node = node->next) {
        const struct gpu_charge *gpu = container_of(node, struct gpu_charge, link);
        json_open(out, NULL, '{');
        json_text(out, "containerName", container_def(&task->containers[gpu->container])->name);
        json_text(out, "id", gpu->id);
        json_close(out, '}');
    }
    json_close(out, ']');
}

static void put_everything(const struct engine *engine, struct buf *out)
{
    json_open(out, "tasks", '[');
    for (const struct list *node = engine->all.next; node != &engine->all; node = node->next) {
        const struct task *task = container_of(node, struct task, all);
        if (!task->charged && list_empty(&task->charged_ports))
            continue;
        json_open(out, NULL, '{');
        json_text(out, "taskArn", str_text(task->arn));
        put_holdings(task, out);
        json_close(out, '}');
    }
    json_close(out, ']');
    json_open(out, "queue", '[');
    for (const struct task *task = queue_first(engine); task != NULL; task = queue_next(task)) {
        json_open(out, NULL, '{');
        json_text(out, "taskArn", str_text(task->arn));
        json_int(out, "overtaken", queue_overtaken(task));
        json_close(out, '}');
    }
    json_close(out, ']');
}

void host_describe(const struct engine *engine, bool everything, struct buf *out)
{
    const struct host *host = &engine->host;
    const struct settings *settings = &engine->settings;

    json_open(out, NULL, '{');
    json_bool(out, "known", host->known);
    json_open(out, "resources", '{');
    put_numbers(out, "CPU", host->known ? host->cpu_units : UNBOUNDED, 0, host->cpu_used);
    put_numbers(out, "MEMORY", host->known ? host->memory_mib : UNBOUNDED, settings->reserved_memory_mib, host->memory_used);
    put_ports(engine, out, "PORTS_TCP", PROTOCOL_TCP, &settings->reserved_tcp);
    put_ports(engine, out, "PORTS_UDP", PROTOCOL_UDP, &settings->reserved_udp);
    put_gpus(engine, out);
    json_close(out, '}');
    json_text(out, "admissionPolicy", settings->admission_policy == POLICY_BACKFILL ? "backfill" : "fifo");
    json_int(out, "backfillOvertakeLimit", settings->overtake_limit);
    json_int(out, "holding", (int64_t)host->charged);
    json_int(out, "waiting", (int64_t)queue_length(engine));
    if (everything)
        put_everything(engine, out);
    json_close(out, '}');
}
