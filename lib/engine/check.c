/* SPDX-License-Identifier: Apache-2.0 */
/* The books, added up again from the tasks: charges, ports, GPUs, the queue with its classes, and the rule of admission itself, asked
 * without any of what makes it quick; and what the pointers between tasks and operations promise. Nothing here changes anything, and it
 * trusts none of the sums that the other files keep. */
#include "engine/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "engine/accounting.h"
#include "engine/container.h"
#include "engine/ports.h"
#include "engine/queue.h"

struct check {
    const struct engine *engine;
    char *text; /* of the first that is wrong */
    bool wrong;
};

__attribute__((format(printf, 3, 4))) static void expect(struct check *check, bool holds, const char *format, ...)
{
    va_list args;

    if (holds || check->wrong)
        return;
    check->wrong = true;
    va_start(args, format);
    vsnprintf(check->text, CHECK_TEXT_MAX, format, args);
    va_end(args);
}

#define EACH_TASK(engine, task)                                                                                          \
    for (const struct list *node_ = (engine)->all.next; node_ != &(engine)->all; node_ = node_->next)                    \
        for (const struct task *task = container_of(node_, struct task, all), *once_ = task; once_ != NULL; once_ = NULL)

static bool is_alive(const struct task *task) { return task->phase == TASK_ACTIVE && task->known != ECSENGINE_TASK_STOPPED; }

/* ---- what is given out ---- */

static void check_numbers(struct check *check)
{
    const struct host *host = &check->engine->host;
    int64_t cpu_units = 0, memory_mib = 0;
    size_t charged = 0;

    EACH_TASK(check->engine, task)
    {
        cpu_units += task->charged_cpu_units;
        memory_mib += task->charged_memory_mib;
        charged += task->charged;
        expect(check, task->charged || (task->charged_cpu_units == 0 && task->charged_memory_mib == 0), "%s has something uncharged",
               str_text(task->arn));
        expect(check, is_alive(task) || !task->charged, "%s has ended and is still charged", str_text(task->arn));
    }
    expect(check, cpu_units == host->cpu_used && memory_mib == host->memory_used && charged == host->charged,
           "%zu tasks have %lld CPU units and %lld MiB; the host has given out %lld and %lld to %zu", charged, (long long)cpu_units,
           (long long)memory_mib, (long long)host->cpu_used, (long long)host->memory_used, host->charged);
}

static void check_ports(struct check *check)
{
    const struct engine *engine = check->engine;
    uint64_t ports[2][65536 / 64];
    size_t count = 0;

    memcpy(ports, engine->host.reserved, sizeof(ports));
    EACH_TASK(engine, task)
    {
        for (const struct list *node = task->charged_ports.next; node != &task->charged_ports; node = node->next, count++) {
            const struct port_charge *charge = container_of(node, struct port_charge, link);
            ports[charge->protocol][charge->port / 64] |= UINT64_C(1) << (charge->port % 64);
            expect(check, charge->task == task && ports_find(engine, task, charge->protocol, charge->port) == charge,
                   "%s: port %u is not found again", str_text(task->arn), charge->port);
        }
        expect(check, is_alive(task) || list_empty(&task->charged_ports), "%s has ended and still has ports", str_text(task->arn));
    }
    expect(check, memcmp(ports, engine->host.ports, sizeof(ports)) == 0, "the host's taken ports are not those of the tasks");
    expect(check, count == engine->port_holders.count, "tasks have %zu ports, the host knows of %zu", count, engine->port_holders.count);
}

static void check_gpus(struct check *check)
{
    const struct engine *engine = check->engine;
    uint64_t used = 0;
    size_t count = 0, known = 0;

    EACH_TASK(engine, task)
    {
        for (const struct list *node = task->charged_gpus.next; node != &task->charged_gpus; node = node->next, count++) {
            const struct gpu_charge *charge = container_of(node, struct gpu_charge, link);
            expect(check, charge->task == task && list_linked(&charge->held), "%s: GPU %s is nobody's", str_text(task->arn), charge->id);
            for (uint16_t i = 0; i < engine->host.gpus.count; i++)
                if (strcmp(engine->host.gpus.ids[i], charge->id) == 0)
                    used |= UINT64_C(1) << i;
        }
    }
    for (const struct list *node = engine->gpu_holders.next; node != &engine->gpu_holders; node = node->next)
        known++;
    expect(check, used == engine->host.gpus_used && count == known, "the host's taken GPUs are not those of the tasks");
}

/* A port that the runtime chose for a running container is somebody's. */
static void check_seen_ports(struct check *check, const struct container *container)
{
    const struct ports *ports = container->ports;

    if (ports == NULL || container->known == ECSENGINE_CONTAINER_STOPPED || ports->count > LIMIT_SEEN_PORTS)
        return;
    for (uint32_t i = 0; i < ports->count; i++)
        expect(check, ports->items[i].host_port == 0 ||
                          ports_find(check->engine, container->task, ports->items[i].protocol, ports->items[i].host_port) != NULL,
               "%s: port %u of %s is bound and not noted", str_text(container->task->arn), ports->items[i].host_port,
               container_def(container)->name);
}

/* ---- the queue ---- */

static void check_order(struct check *check)
{
    const struct engine *engine = check->engine;
    size_t place = 0, waiting = 0;
    uint64_t number = 0;
    uint32_t overtaken = UINT32_MAX;

    for (const struct task *task = queue_first(engine); task != NULL && !check->wrong; task = queue_next(task)) {
        place++;
        expect(check, queue_node_right(&task->waiting), "%s: what its place in the queue sums up is wrong", str_text(task->arn));
        expect(check, place == 1 || task->number > number, "%s is out of its order", str_text(task->arn));
        expect(check, queue_place(task) == place, "%s is %zu. and counted as %zu.", str_text(task->arn), place, queue_place(task));
        expect(check, queue_overtaken(task) <= overtaken, "%s was overtaken more often than one before it", str_text(task->arn));
        expect(check, is_alive(task) && !task->admitted && !task->charged, "%s waits and need not", str_text(task->arn));
        number = task->number;
        overtaken = queue_overtaken(task);
    }
    EACH_TASK(engine, task) { waiting += waiting_has(&task->waiting); }
    expect(check, place == waiting, "%zu tasks wait, the queue has %zu", waiting, place);
}

static void check_class(struct check *check, const struct need *need)
{
    const struct waiting *first = container_of(need->waiting.next, struct waiting, same);
    bool open = need->state == CLASS_OPEN;

    expect(check, !list_empty(&need->waiting), "a class without waiting tasks is kept");
    for (const struct list *node = need->waiting.next; node != &need->waiting; node = node->next) {
        const struct waiting *waiting = container_of(node, struct waiting, same);
        const struct task *task = queue_task(waiting);
        bool shown = waiting == first && open;
        expect(check, task->definition->need == need, "%s waits in the class of others", str_text(task->arn));
        expect(check, node->prev == &need->waiting || queue_task(container_of(node->prev, struct waiting, same))->number < task->number,
               "%s is out of order in its class", str_text(task->arn));
        expect(check, waiting->cpu_units == (shown ? need->cpu_units : WAITING_HIDDEN) &&
                          waiting->memory_mib == (shown ? need->memory_mib : WAITING_HIDDEN) &&
                          waiting->possible == (waiting == first && need->state != CLASS_IMPOSSIBLE),
               "%s is %s a candidate and should%s be", str_text(task->arn), shown ? "not" : "", shown ? "" : " not");
    }
    if (need->state == CLASS_PORT)
        expect(check, ports_taken(&check->engine->host, (uint8_t)(need->parked_at >> 16), (uint16_t)need->parked_at),
               "tasks wait for port %u, which is free", need->parked_at & 0xffff);
}

/* The rule: who the policy would let in does not fit. */
static void check_rule(struct check *check)
{
    const struct engine *engine = check->engine;
    bool fifo = engine->settings.admission_policy == POLICY_FIFO;
    struct need_port port;

    for (const struct task *task = queue_first(engine); task != NULL && !check->wrong; task = queue_next(task)) {
        const struct need *need = task->definition->need;
        enum class_state state = accounting_class(engine, need);
        expect(check, state != CLASS_DOOMED, "%s names a GPU that the host has not, and waits", str_text(task->arn));
        expect(check, accounting_fit(engine, need, &port) != FITS, "%s fits and waits", str_text(task->arn));
        if (fifo || (state != CLASS_IMPOSSIBLE && queue_overtaken(task) >= engine->settings.overtake_limit))
            return; /* nobody overtakes it */
    }
}

static void check_queue(struct check *check)
{
    size_t count = 0;

    check_order(check);
    for (const struct list *node = check->engine->classes.next; node != &check->engine->classes && !check->wrong; node = node->next) {
        const struct need *need = container_of(node, struct need, class_link);
        for (const struct list *task = need->waiting.next; task != &need->waiting; task = task->next)
            count++;
        check_class(check, need);
    }
    expect(check, count == queue_length(check->engine), "%zu tasks are in classes, %zu in the queue", count,
           queue_length(check->engine));
    if (check->engine->ready && list_empty(&check->engine->touched))
        check_rule(check);
}

/* ---- operations ---- */

static void check_container(struct check *check, const struct container *container)
{
    const struct task *task = container->task;
    const char *arn = str_text(task->arn), *name = container_def(container)->name;

    expect(check, container->op == NULL || (container->op->task == task && list_linked(&container->op->open)),
           "%s: the operation of %s is not open", arn, name);
    expect(check, container->inspect_op == NULL || (container->inspect_op->task == task && list_linked(&container->inspect_op->open)),
           "%s: the inspection of %s is not open", arn, name);
    expect(check, container->op == NULL || container->op != container->inspect_op, "%s: %s has one operation twice", arn, name);
    if (is_alive(task))
        check_seen_ports(check, container);
}

static void check_operations(struct check *check)
{
    uint64_t looking = 0;

    for (const struct list *node = check->engine->open_ops.next; node != &check->engine->open_ops; node = node->next) {
        const struct ecsengine_op *op = container_of(node, struct ecsengine_op, open);
        expect(check, !op->answered, "operation %llu was answered and is open", (unsigned long long)op->id);
        looking += op->kind == ECSENGINE_OP_INSPECT;
    }
    expect(check, looking == check->engine->looking, "%llu inspections are open, %llu are counted", (unsigned long long)looking,
           (unsigned long long)check->engine->looking);
    expect(check, list_empty(&check->engine->looks) || !list_empty(&check->engine->touched) ||
                      looking >= (uint64_t)check->engine->settings.inspect_parallel,
           "a container waits to be looked at, and %llu inspections are in flight", (unsigned long long)looking);
    EACH_TASK(check->engine, task)
    {
        for (uint16_t i = 0; task->definition != NULL && i < task->container_count; i++)
            check_container(check, &task->containers[i]);
    }
}

bool engine_check(const struct engine *engine, char text[CHECK_TEXT_MAX])
{
    struct check check = {.engine = engine, .text = text};

    text[0] = '\0';
    check_numbers(&check);
    check_ports(&check);
    check_gpus(&check);
    check_queue(&check);
    check_operations(&check);
    return !check.wrong;
}
