/* SPDX-License-Identifier: Apache-2.0 */
/* The lives of containers: started, healthy or not, ended by themselves, by a signal or by somebody else; and told in the order in which
 * Docker tells it (`oom` before `die`, `die` before `stop`). How a life goes is settled at its start, from the script, the label and the
 * command, in this order. */
#include <stdio.h>

#include "simulator.h"

enum { EXIT_KILLED = 137 };

struct sim_target sim_target_of(const struct sim_container *container)
{
    return (struct sim_target){container->name, container->task, "", container->who};
}

static int64_t later(int64_t now_ns, int64_t delay_ns) { return delay_ns >= SIM_NEVER - now_ns ? SIM_NEVER : now_ns + delay_ns; }

static void settle(ecsengine_sim *sim, struct sim_container *container)
{
    struct sim_target target = sim_target_of(container);
    struct sim_behaviour behaviour = {0};

    sim_rules_for_start(&sim->rules, sim->seed, &target, &behaviour);
    sim_behaviour_add(&behaviour, &container->shape.behaviour);
    bool asked = behaviour.given & (SIM_TRAIT_HEALTHY | SIM_TRAIT_UNHEALTHY);
    bool unknown = container->shape.labels == NULL; /* nobody looked whether it has a health check: the script knows */
    if (!container->shape.health_check && !(unknown && asked))
        behaviour.healthy_after_ns = behaviour.unhealthy_after_ns = SIM_NEVER;
    else if (!asked)
        behaviour.healthy_after_ns = container->shape.health_interval_ns;
    if (!(behaviour.given & SIM_TRAIT_HEALTHY) && asked)
        behaviour.healthy_after_ns = SIM_NEVER;
    if (!(behaviour.given & SIM_TRAIT_UNHEALTHY))
        behaviour.unhealthy_after_ns = SIM_NEVER;
    if (!(behaviour.given & SIM_TRAIT_RUN))
        behaviour.run_ns = SIM_NEVER;
    container->behaviour = behaviour;
    container->exec_starts = 0;
}

const char *sim_life_start(ecsengine_sim *sim, struct sim_container *container)
{
    static const char none_left[] = "all ephemeral ports are in use";
    int32_t taken = sim_ports_bind(&sim->ports, container);

    if (taken != 0)
        return taken < 0 ? none_left : "a port is already allocated";
    settle(sim, container);
    container->state = SIM_RUNNING;
    container->exit_code = 0;
    container->oom_killed = false;
    container->health = ECSENGINE_HEALTH_UNKNOWN;
    if (sim->start_times)
        container->started_at = sim->wall_ns;
    container->finished_at = 0;
    const struct sim_behaviour *behaviour = &container->behaviour;
    sim_schedule_set(&sim->schedule, &container->end, later(sim->mono_ns, behaviour->run_ns));
    sim_schedule_set(&sim->schedule, &container->healthy, later(sim->mono_ns, behaviour->healthy_after_ns));
    sim_schedule_set(&sim->schedule, &container->unhealthy, later(sim->mono_ns, behaviour->unhealthy_after_ns));
    sim_events_tell(sim, ECSENGINE_RUNTIME_EVENT_START, container);
    return NULL;
}

static void forget_plans(ecsengine_sim *sim, struct sim_container *container)
{
    sim_schedule_clear(&sim->schedule, &container->end);
    sim_schedule_clear(&sim->schedule, &container->kill);
    sim_schedule_clear(&sim->schedule, &container->healthy);
    sim_schedule_clear(&sim->schedule, &container->unhealthy);
}

void sim_life_end(ecsengine_sim *sim, struct sim_container *container, int32_t exit_code, bool oom)
{
    forget_plans(sim, container);
    sim_execs_end(sim, container);
    sim_ports_release(&sim->ports, container);
    container->state = SIM_EXITED;
    container->exit_code = exit_code;
    container->oom_killed = oom;
    container->finished_at = sim->wall_ns;
    if (oom)
        sim_events_tell(sim, ECSENGINE_RUNTIME_EVENT_OOM, container);
    sim_events_tell(sim, ECSENGINE_RUNTIME_EVENT_DIE, container);
    sim_jobs_ended(sim, container);
}

bool sim_life_stop(ecsengine_sim *sim, struct sim_container *container, int64_t grace_ns)
{
    int64_t takes_ns = container->behaviour.stop_after_ns;
    bool in_time = takes_ns <= grace_ns;
    int64_t due_ns = later(sim->mono_ns, in_time ? takes_ns : grace_ns);

    /* A second request never gives more time than an earlier one left. */
    if (container->kill.place != 0 && container->kill.due_ns <= due_ns)
        return false;
    container->kill_exit = in_time ? container->behaviour.stop_exit : EXIT_KILLED;
    if (due_ns <= sim->mono_ns) {
        sim_life_end(sim, container, container->kill_exit, false);
        return true;
    }
    sim_schedule_set(&sim->schedule, &container->kill, due_ns);
    return false;
}

void sim_life_remove(ecsengine_sim *sim, struct sim_container *container)
{
    if (container->state == SIM_RUNNING)
        sim_life_end(sim, container, EXIT_KILLED, false);
    sim_events_tell(sim, ECSENGINE_RUNTIME_EVENT_DESTROY, container);
    sim_schedule_unreserve(&sim->schedule, SIM_CONTAINER_ITEMS);
    sim_execs_forget(sim, container);
    sim_unmount(sim, &container->shape);
    sim_containers_remove(&sim->containers, container);
}

static void become(ecsengine_sim *sim, struct sim_container *container, bool healthy)
{
    container->health = healthy ? ECSENGINE_HEALTH_HEALTHY : ECSENGINE_HEALTH_UNHEALTHY;
    sim_events_tell(sim, healthy ? ECSENGINE_RUNTIME_EVENT_HEALTHY : ECSENGINE_RUNTIME_EVENT_UNHEALTHY, container);
}

void sim_life_due(ecsengine_sim *sim, struct sim_item *item)
{
    struct sim_container *container;

    switch (item->what) {
    case SIM_DUE_END:
        container = sim_container_of(item, struct sim_container, end);
        if (container->behaviour.oom)
            sim_life_end(sim, container, EXIT_KILLED, true);
        else
            sim_life_end(sim, container, container->behaviour.exit_code, false);
        break;
    case SIM_DUE_KILL:
        container = sim_container_of(item, struct sim_container, kill);
        sim_life_end(sim, container, container->kill_exit, false);
        break;
    case SIM_DUE_EXEC: {
        struct sim_exec *exec = sim_container_of(item, struct sim_exec, end);
        sim_exec_end(sim, exec, exec->container->behaviour.exec_exit);
        break;
    }
    case SIM_DUE_HEALTHY:
        become(sim, sim_container_of(item, struct sim_container, healthy), true);
        break;
    case SIM_DUE_UNHEALTHY:
        become(sim, sim_container_of(item, struct sim_container, unhealthy), false);
        break;
    default:
        break;
    }
}
