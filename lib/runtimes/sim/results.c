/* SPDX-License-Identifier: Apache-2.0 */
/* Filling in answers. Results come from the engine's allocator and may fail at any step; a half-filled one is never given away, as an
 * answer without its exit code would be a wrong answer, while none at all is one that the engine knows how to treat. */
#include <stdarg.h>
#include <stdio.h>

#include "simulator.h"

ecsengine_result *sim_result_ok(const ecsengine_op *op)
{
    ecsengine_result *result = NULL;

    return ecsengine_result_new(op, &result, NULL) == 0 ? result : NULL;
}

ecsengine_result *sim_result_failed(const ecsengine_op *op, enum ecsengine_failure failure, const char *format, ...)
{
    char text[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    ecsengine_result *result = sim_result_ok(op);
    if (result != NULL && ecsengine_result_set_failure(result, failure, text) < 0) {
        ecsengine_result_free(result);
        result = NULL;
    }
    return result;
}

static int add_ports(ecsengine_result *result, const struct sim_container *container)
{
    int rc = 0;

    for (size_t i = 0; i < container->shape.port_count && container->ports_bound && rc == 0; i++) {
        const struct sim_port *port = &container->shape.ports[i];
        rc = ecsengine_result_add_port(result, port->container_port, port->host_port, port->udp ? "udp" : "tcp", port->bind_ip);
    }
    return rc;
}

static int add_end(ecsengine_result *result, const struct sim_container *container)
{
    int rc = ecsengine_result_set_exit_code(result, container->exit_code);

    if (rc == 0)
        rc = ecsengine_result_set_finished_at(result, container->finished_at);
    if (rc == 0 && container->oom_killed)
        rc = ecsengine_result_set_oom_killed(result, 1);
    return rc;
}

int sim_result_add_record(ecsengine_result *result, const struct sim_container *container)
{
    int rc = ecsengine_result_set_running(result, container->state == SIM_RUNNING);

    if (rc == 0)
        rc = ecsengine_result_set_container_id(result, container->id);
    if (rc == 0)
        rc = ecsengine_result_set_created_at(result, container->created_at);
    if (rc == 0 && container->state != SIM_CREATED)
        rc = ecsengine_result_set_started_at(result, container->started_at);
    if (rc == 0 && container->state == SIM_EXITED)
        rc = add_end(result, container);
    if (rc == 0 && container->health != ECSENGINE_HEALTH_UNKNOWN)
        rc = ecsengine_result_set_health(result, container->health, "");
    return rc == 0 ? add_ports(result, container) : rc;
}

ecsengine_result *sim_result_recorded(const ecsengine_op *op, const struct sim_container *container, bool recorded)
{
    ecsengine_result *result = sim_result_ok(op);

    if (result != NULL && recorded && sim_result_add_record(result, container) < 0) {
        ecsengine_result_free(result);
        result = NULL;
    }
    return result;
}
