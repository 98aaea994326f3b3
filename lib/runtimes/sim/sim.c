/* SPDX-License-Identifier: Apache-2.0 */
/* The public functions, and time. Nothing happens in a simulated host but in ecsengine_sim_advance(), where the schedule is worked off
 * in its order with the clock set to each thing's own time, and in what is asked of it directly. */
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "simulator.h"

enum { CPUS = 64, MEMORY_MIB = 1048576 };

int ecsengine_sim_new(uint64_t seed, ecsengine_sim **out_sim, ecsengine_error **error)
{
    if (out_sim == NULL)
        return sim_fail(error, ECSENGINE_EINVAL, "no place for the simulator");
    ecsengine_sim *sim = calloc(1, sizeof(*sim));
    if (sim == NULL)
        return sim_fail(error, ECSENGINE_ENOMEM, "out of memory");
    sim->seed = seed;
    sim->interpret = sim->records = sim->start_times = true;
    sim->cpus = CPUS;
    sim->memory_mib = MEMORY_MIB;
    *out_sim = sim;
    return 0;
}

void ecsengine_sim_free(ecsengine_sim *sim)
{
    if (sim == NULL)
        return;
    if (sim->link != NULL)
        sim->link->sim = NULL;
    sim_jobs_free(sim);
    sim_events_close(sim);
    sim_containers_free(&sim->containers);
    sim_images_free(&sim->images);
    sim_volumes_free(&sim->volumes);
    sim_volumes_free(&sim->resources);
    sim_rules_free(&sim->rules);
    sim_table_free(&sim->job_ids);
    sim_schedule_free(&sim->schedule);
    free(sim->version);
    free(sim);
}

static void on_submit(ecsengine_op *op, void *user_data)
{
    struct sim_link *link = user_data;

    if (link->sim != NULL && link->sim->cut)
        ecsengine_op_release(op);
    else if (link->sim != NULL)
        sim_jobs_submit(link->sim, op);
    else
        ecsengine_op_complete(op, sim_result_failed(op, ECSENGINE_FAILURE_UNREACHABLE, "the simulator was freed"), NULL);
}

static void on_cancel(uint64_t op_id, void *user_data)
{
    struct sim_link *link = user_data;

    if (link->sim != NULL && !link->sim->cut)
        sim_jobs_cancel(link->sim, op_id);
}

static void on_close(void *user_data)
{
    struct sim_link *link = user_data;

    if (link->sim != NULL) {
        sim_jobs_drop(link->sim);
        sim_events_close(link->sim);
        link->sim->engine = NULL;
        link->sim->link = NULL;
    }
    free(link);
}

int ecsengine_sim_attach(ecsengine_sim *sim, ecsengine *engine, ecsengine_error **error)
{
    ecsengine_runtime_vtable vtable;

    if (sim == NULL || engine == NULL)
        return sim_fail(error, ECSENGINE_EINVAL, "no simulator or no engine");
    if (sim->engine != NULL)
        return sim_fail(error, ECSENGINE_ESTATE, "the simulator is the runtime of another engine");
    struct sim_link *link = malloc(sizeof(*link));
    if (link == NULL)
        return sim_fail(error, ECSENGINE_ENOMEM, "out of memory");
    link->sim = sim;
    ecsengine_runtime_vtable_init(&vtable, sizeof(vtable));
    vtable.submit = on_submit;
    vtable.cancel = on_cancel;
    vtable.close = on_close;
    int rc = ecsengine_set_runtime(engine, &vtable, link, error);
    if (rc < 0) {
        free(link);
        return rc;
    }
    sim->engine = engine;
    sim->link = link;
    sim->cut = false;
    return 0;
}

void ecsengine_sim_cut(ecsengine_sim *sim, int32_t finish)
{
    if (sim == NULL || sim->engine == NULL || sim->cut)
        return;
    if (finish != 0)
        sim_jobs_orphan(sim);
    sim_jobs_drop(sim);
    sim_events_close(sim);
    sim->cut = true;
}

static void happen(ecsengine_sim *sim, struct sim_item *item)
{
    switch (item->what) {
    case SIM_DUE_JOB:
        sim_jobs_due(sim, sim_container_of(item, struct sim_job, item));
        break;
    case SIM_DUE_NOTICE:
        sim_events_due(sim, sim_container_of(item, struct sim_notice, item));
        break;
    default:
        sim_life_due(sim, item);
        break;
    }
}

int ecsengine_sim_advance(ecsengine_sim *sim, int64_t mono_ns, int64_t wall_ns, ecsengine_error **error)
{
    struct sim_item *item;

    if (sim == NULL)
        return sim_fail(error, ECSENGINE_EINVAL, "no simulator");
    if (mono_ns < sim->mono_ns)
        mono_ns = sim->mono_ns;
    sim_events_retry(sim);
    while ((item = sim_schedule_first(&sim->schedule)) != NULL && item->due_ns <= mono_ns) {
        sim_schedule_clear(&sim->schedule, item);
        if (item->due_ns > sim->mono_ns)
            sim->mono_ns = item->due_ns;
        sim->wall_ns = wall_ns - (mono_ns - sim->mono_ns);
        happen(sim, item);
    }
    sim->mono_ns = mono_ns;
    sim->wall_ns = wall_ns;
    return 0;
}

int64_t ecsengine_sim_deadline_ns(const ecsengine_sim *sim)
{
    if (sim == NULL)
        return ECSENGINE_NO_DEADLINE;
    if (sim->starved != NULL || sim->lost_untold)
        return sim->mono_ns;
    const struct sim_item *item = sim_schedule_first(&sim->schedule);
    return item != NULL ? item->due_ns : ECSENGINE_NO_DEADLINE;
}

static int apply_image(ecsengine_sim *sim, const struct sim_rule *rule, ecsengine_error **error)
{
    struct sim_image *image = sim_images_get(&sim->images, rule->image);

    if (image == NULL)
        return strlen(rule->image) < SIM_IMAGE_REF_SIZE / 2
                   ? sim_fail(error, ECSENGINE_ENOMEM, "out of memory")
                   : sim_fail(error, ECSENGINE_EINVAL, "the script's word `image` is too long");
    if (rule->missing >= 0)
        image->missing = rule->missing;
    if (rule->local >= 0)
        image->local = rule->local;
    return 0;
}

static int apply_host(ecsengine_sim *sim, const struct sim_rule *rule, ecsengine_error **error)
{
    if (rule->version != NULL) {
        char *version = strdup(rule->version);
        if (version == NULL)
            return sim_fail(error, ECSENGINE_ENOMEM, "out of memory");
        free(sim->version);
        sim->version = version;
    }
    if (rule->cpus >= 0)
        sim->cpus = rule->cpus;
    if (rule->memory_mib >= 0)
        sim->memory_mib = rule->memory_mib;
    if (rule->records >= 0)
        sim->records = rule->records;
    if (rule->start_times >= 0)
        sim->start_times = rule->start_times;
    return 0;
}

int ecsengine_sim_script(ecsengine_sim *sim, const char *line, ecsengine_error **error)
{
    struct sim_rule rule;

    if (sim == NULL || line == NULL)
        return sim_fail(error, ECSENGINE_EINVAL, "no simulator or no line");
    int rc = sim_rule_parse(line, &rule, error);
    if (rc < 0 || rule.kind == SIM_RULE_NONE)
        return rc;
    if (rule.kind == SIM_RULE_IMAGE)
        rc = apply_image(sim, &rule, error);
    else if (rule.kind == SIM_RULE_HOST)
        rc = apply_host(sim, &rule, error);
    else if (sim_rules_add(&sim->rules, &rule) == 0)
        return 0;
    else
        rc = sim_fail(error, ECSENGINE_ENOMEM, "out of memory");
    sim_rule_free(&rule);
    return rc;
}

void ecsengine_sim_interpret(ecsengine_sim *sim, int32_t interpret)
{
    if (sim != NULL)
        sim->interpret = interpret != 0;
}

void ecsengine_sim_set_watch(ecsengine_sim *sim, ecsengine_sim_watch_fn watch, void *user_data)
{
    if (sim == NULL)
        return;
    sim->watch = watch;
    sim->watch_data = user_data;
}

/* What an outsider does. */

static int find(const ecsengine_sim *sim, const char *name, struct sim_container **out_container, ecsengine_error **error)
{
    if (sim == NULL || name == NULL)
        return sim_fail(error, ECSENGINE_EINVAL, "no simulator or no container");
    *out_container = sim_containers_find(&sim->containers, name);
    return *out_container != NULL ? 0 : sim_fail(error, ECSENGINE_ENOTFOUND, "there is no container %.128s", name);
}

int ecsengine_sim_kill(ecsengine_sim *sim, const char *name, int32_t exit_code, ecsengine_error **error)
{
    struct sim_container *container;
    int rc = find(sim, name, &container, error);

    if (rc == 0 && container->state != SIM_RUNNING)
        rc = sim_fail(error, ECSENGINE_ENOTFOUND, "container %.128s does not run", name);
    if (rc == 0)
        sim_life_end(sim, container, exit_code, false);
    return rc;
}

int ecsengine_sim_start(ecsengine_sim *sim, const char *name, ecsengine_error **error)
{
    struct sim_container *container;
    int rc = find(sim, name, &container, error);
    const char *refusal = rc == 0 && container->state != SIM_RUNNING ? sim_life_start(sim, container) : NULL;

    return refusal != NULL ? sim_fail(error, ECSENGINE_ESTATE, "container %.128s cannot start: %s", name, refusal) : rc;
}

int ecsengine_sim_remove(ecsengine_sim *sim, const char *name, ecsengine_error **error)
{
    struct sim_container *container;
    int rc = find(sim, name, &container, error);

    if (rc == 0)
        sim_life_remove(sim, container);
    return rc;
}

/* Its labels were looked at, and there are none: no list of an engine shows it. */
static int make_foreign(ecsengine_sim *sim, const char *runtime_name, int32_t host_port, struct sim_container **out_container)
{
    struct sim_shape shape = {.labels = calloc(1, 1), .ports = calloc(1, sizeof(struct sim_port))};
    struct sim_container *container = NULL;

    if (shape.labels != NULL && shape.ports != NULL && sim_schedule_reserve(&sim->schedule, SIM_CONTAINER_ITEMS) == 0) {
        container = sim_containers_add(&sim->containers, sim->seed, runtime_name, "", "");
        if (container == NULL)
            sim_schedule_unreserve(&sim->schedule, SIM_CONTAINER_ITEMS);
    }
    if (container == NULL) {
        sim_shape_free(&shape);
        return ECSENGINE_ENOMEM;
    }
    shape.ports[0] = (struct sim_port){.container_port = host_port, .wanted = host_port};
    shape.port_count = host_port > 0;
    container->shape = shape;
    container->created_at = sim->wall_ns;
    *out_container = container;
    return 0;
}

int ecsengine_sim_foreign(ecsengine_sim *sim, const char *runtime_name, int32_t host_port, ecsengine_error **error)
{
    struct sim_container *container;

    if (sim == NULL || runtime_name == NULL || *runtime_name == '\0' || host_port < 0 || host_port > 65535)
        return sim_fail(error, ECSENGINE_EINVAL, "no simulator, no name, or no port");
    if (sim_containers_named(&sim->containers, runtime_name) != NULL)
        return sim_fail(error, ECSENGINE_EEXIST, "there is a container %.128s", runtime_name);
    if (make_foreign(sim, runtime_name, host_port, &container) < 0)
        return sim_fail(error, ECSENGINE_ENOMEM, "out of memory");
    sim_events_tell(sim, ECSENGINE_RUNTIME_EVENT_CREATE, container);
    const char *refusal = sim_life_start(sim, container);
    return refusal != NULL ? sim_fail(error, ECSENGINE_ESTATE, "container %.128s cannot start: %s", runtime_name, refusal) : 0;
}

int ecsengine_sim_lose(ecsengine_sim *sim, int64_t gap_ns, ecsengine_error **error)
{
    if (sim == NULL || gap_ns < 0 || gap_ns > INT64_MAX - sim->mono_ns)
        return sim_fail(error, ECSENGINE_EINVAL, "no simulator, or no length of time");
    sim->stream_from_ns = sim->mono_ns + gap_ns;
    sim_events_lose(sim);
    return 0;
}

int ecsengine_sim_set_down(ecsengine_sim *sim, int32_t down, ecsengine_error **error)
{
    if (sim == NULL)
        return sim_fail(error, ECSENGINE_EINVAL, "no simulator");
    bool goes = down != 0 && !sim->down;
    sim->down = down != 0;
    if (goes) {
        sim_jobs_fail(sim);
        sim_events_lose(sim);
    }
    return 0;
}

/* Looking at it. The list closes its gaps when it is looked at: nothing that can be seen from outside changes. */

static const struct sim_container *at(const ecsengine_sim *sim, size_t index)
{
    return sim != NULL ? sim_containers_at(&((ecsengine_sim *)(uintptr_t)sim)->containers, index) : NULL;
}

size_t ecsengine_sim_container_count(const ecsengine_sim *sim) { return sim != NULL ? sim->containers.count : 0; }

const char *ecsengine_sim_container_runtime_name(const ecsengine_sim *sim, size_t index)
{
    const struct sim_container *container = at(sim, index);

    return container != NULL ? container->runtime_name : NULL;
}

const char *ecsengine_sim_container_name(const ecsengine_sim *sim, size_t index)
{
    const struct sim_container *container = at(sim, index);

    return container != NULL ? container->name : NULL;
}

const char *ecsengine_sim_container_task(const ecsengine_sim *sim, size_t index)
{
    const struct sim_container *container = at(sim, index);

    return container != NULL ? container->task : NULL;
}

const char *ecsengine_sim_container_id(const ecsengine_sim *sim, size_t index)
{
    const struct sim_container *container = at(sim, index);

    return container != NULL ? container->id : NULL;
}

int32_t ecsengine_sim_container_running(const ecsengine_sim *sim, size_t index)
{
    const struct sim_container *container = at(sim, index);

    return container != NULL ? container->state == SIM_RUNNING : -1;
}

int32_t ecsengine_sim_container_exit_code(const ecsengine_sim *sim, size_t index, int32_t *out_exit_code)
{
    const struct sim_container *container = at(sim, index);
    bool ended = container != NULL && container->state == SIM_EXITED;

    if (ended && out_exit_code != NULL)
        *out_exit_code = container->exit_code;
    return ended;
}

enum ecsengine_health ecsengine_sim_container_health(const ecsengine_sim *sim, size_t index)
{
    const struct sim_container *container = at(sim, index);

    return container != NULL ? container->health : ECSENGINE_HEALTH_UNKNOWN;
}

uint64_t ecsengine_sim_op_count(const ecsengine_sim *sim, enum ecsengine_op_kind kind)
{
    if (sim == NULL)
        return 0;
    if (kind == ECSENGINE_OP_NONE)
        return sim->op_total;
    return (unsigned)kind < SIM_OP_KINDS ? sim->op_counts[kind] : 0;
}

int32_t ecsengine_sim_op_open(const ecsengine_sim *sim, uint64_t op_id) { return sim != NULL && sim_jobs_holds(sim, op_id); }

int32_t ecsengine_sim_container_oom_killed(const ecsengine_sim *sim, size_t index)
{
    const struct sim_container *container = at(sim, index);

    return container != NULL && container->oom_killed;
}

uint64_t ecsengine_sim_counter(const ecsengine_sim *sim, const char *name)
{
    static const char *const names[SIM_COUNTERS] = {
        [SIM_COUNT_EVENTS] = "events",
        [SIM_COUNT_LOST_EVENTS] = "lost-events",
        [SIM_COUNT_LATE] = "late-answers",
        [SIM_COUNT_DOUBLE_TAKEN] = "double-answers-taken",
        [SIM_COUNT_REFUSED] = "refused-events",
        [SIM_COUNT_NO_MEMORY] = "answers-without-memory",
        [SIM_COUNT_STARVED] = "events-without-memory",
        [SIM_COUNT_OPEN] = "open-operations",
        [SIM_COUNT_CHANGES] = "changes",
        [SIM_COUNT_OP_ERRORS] = "op-errors",
        [SIM_COUNT_OP_LOST] = "op-answers-lost",
        [SIM_COUNT_OP_HANGS] = "op-hangs",
        [SIM_COUNT_OP_LATE] = "op-late",
        [SIM_COUNT_OP_DOUBLES] = "op-doubled",
        [SIM_COUNT_OP_SLOW] = "op-slow",
        [SIM_COUNT_ANSWERS_SLOW] = "op-answers-slow",
        [SIM_COUNT_OP_UNREACHABLE] = "op-unreachable",
        [SIM_COUNT_EVENTS_DROPPED] = "events-dropped",
        [SIM_COUNT_EVENTS_DOUBLED] = "events-doubled",
        [SIM_COUNT_EVENTS_LATE] = "events-late",
        [SIM_COUNT_EVENTS_SWAPPED] = "events-swapped",
        [SIM_COUNT_STREAMS_LOST] = "streams-lost",
    };

    for (size_t i = 0; sim != NULL && name != NULL && i < SIM_COUNTERS; i++) {
        if (strcmp(names[i], name) == 0)
            return sim->counters[i];
    }
    return 0;
}
