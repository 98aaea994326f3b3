/* SPDX-License-Identifier: Apache-2.0 */
/* The tables, in the order of the members. The bounds are what the engine's arithmetic and its enums can bear. */
#include "engine/snapshot_fields.h"

#include "ecsengine/exec_agent.h"
#include "engine/events.h"
#include "engine/image.h"
#include "engine/orphans.h"

#define ALL UINT32_MAX /* as much as fits */

static const struct field engine_fields[] = {
    SIGNED(engine, mono_ns, RANGE_CLOCK),
    SIGNED(engine, wall_ns, RANGE_CLOCK),
    NUMBER(engine, next_op, ALL),
    NUMBER(engine, next_event, ALL),
    NUMBER(engine, next_number, ALL),
    NUMBER(engine, runtime, RUNTIME_UNREACHABLE),
    FLAG(engine, began),
    FLAG(engine, ready),
    FLAG(engine, shut_down),
    NUMBER(engine, runtime_attempt, ALL),
    SIGNED(engine, runtime_since_ns, RANGE_MONOTONIC),
    SIGNED(engine, runtime_lost_ns, RANGE_MONOTONIC),
    TEXT(engine, runtime_error, LIMIT_REASON),
    NUMBER(engine, poll_count, ALL),
    NUMBER(engine, list_count, ALL),
    NUMBER(engine, look_attempt, ALL),
    FLAG(engine, has_past),
    FLAG(engine, look),
    TEXT(engine, instance, LIMIT_NAME),
    FLAG(engine, instance_dirty),
    SIGNED(engine, manifest_number, RANGE_ANY),
    TEXT(engine, manifest_message, LIMIT_REASON),
};

static const struct field host_fields[] = {
    FLAG(host, known),
    FLAG(host, facts),
    SIGNED(host, fact_cpus, RANGE_ANY),
    SIGNED(host, fact_memory_mib, RANGE_ANY),
    SIGNED(host, cpu_units, RANGE_AMOUNT),
    SIGNED(host, memory_mib, RANGE_AMOUNT),
    NUMBER(host, port_cursor, ALL),
};

static const struct field definition_fields[] = {
    NUMBER(definition, saved_batch, ALL),
};

static const struct field need_fields[] = {
    NUMBER(need, state, CLASS_DOOMED),
    NUMBER(need, parked_at, PROTOCOL_UDP << 16 | UINT16_MAX),
};

static const struct field task_fields[] = {
    TEXT(task, execution_credentials_id, LIMIT_NAME),
    TEXT(task, role_credentials_id, LIMIT_NAME),
    TEXT(task, reason, 2 * LIMIT_REASON),
    NUMBER(task, number, ALL),
    NUMBER(task, saved_batch, ALL),
    SIGNED(task, known_at, RANGE_CLOCK),
    SIGNED(task, pull_started_at, RANGE_CLOCK),
    SIGNED(task, pull_stopped_at, RANGE_CLOCK),
    SIGNED(task, execution_stopped_at, RANGE_CLOCK),
    SIGNED(task, charged_memory_mib, RANGE_SMALL),
    SIGNED(task, charged_cpu_units, RANGE_SMALL),
    NUMBER(task, known, ECSENGINE_TASK_STOPPED),
    NUMBER(task, desired, ECSENGINE_TASK_STOPPED),
    NUMBER(task, sent, ECSENGINE_TASK_STOPPED),
    NUMBER(task, emitted, ECSENGINE_TASK_STOPPED),
    NUMBER(task, phase, TASK_LOST),
    FLAG(task, admitted),
    FLAG(task, charged),
    FLAG(task, cleanup_due),
    FLAG(task, ack_overdue),
    FLAG(task, removal_sent),
    FLAG(task, deleted),
    FLAG(task, gave_up),
    FLAG(task, restored),
};

static const struct field container_fields[] = {
    NUMBER(container, known, ECSENGINE_CONTAINER_STOPPED),
    NUMBER(container, desired, ECSENGINE_CONTAINER_STOPPED),
    NUMBER(container, applied, ECSENGINE_CONTAINER_STOPPED),
    NUMBER(container, sent, ECSENGINE_CONTAINER_STOPPED),
    NUMBER(container, emitted, ECSENGINE_CONTAINER_STOPPED),
    NUMBER(container, health, ECSENGINE_HEALTH_UNHEALTHY),
    FLAG(container, has_exit_code),
    FLAG(container, create_tried),
    FLAG(container, unanswered),
    FLAG(container, restopped),
    FLAG(container, force_stop),
    FLAG(container, start_overdue),
    FLAG(container, start_done),
    FLAG(container, stop_done),
    FLAG(container, adopting),
    FLAG(container, died),
    FLAG(container, has_event_exit),
    FLAG(container, inspect_again),
    FLAG(container, digest_resolved),
    FLAG(container, pull_waits),
    FLAG(container, removing),
    FLAG(container, removed),
    FLAG(container, kill),
    FLAG(container, remove_by_force),
    NUMBER(container, remove_tries, ALL),
    NUMBER(container, inspect, INSPECT_VERIFY),
    NUMBER(container, attempt, ALL),
    NUMBER(container, inspect_attempt, ALL),
    NUMBER(container, inspect_refusals, ALL),
    NUMBER(container, step, STEP_LOCAL),
    NUMBER(container, listed, ALL),
    SIGNED(container, exit_code, RANGE_ANY),
    SIGNED(container, event_exit_code, RANGE_ANY),
    SIGNED(container, limit_ns, RANGE_ANY),
    SIGNED(container, begun_ns, RANGE_MONOTONIC),
    SIGNED(container, created_at, RANGE_CLOCK),
    SIGNED(container, started_at, RANGE_CLOCK),
    SIGNED(container, finished_at, RANGE_CLOCK),
    TEXT(container, runtime_name, LIMIT_RUNTIME_NAME),
    TEXT(container, runtime_id, LIMIT_RUNTIME_ID),
    TEXT(container, error, 2 * LIMIT_REASON),
    TEXT(container, failure, 2 * LIMIT_REASON),
    TEXT(container, failure_name, LIMIT_REASON),
    TEXT(container, trouble, 2 * LIMIT_REASON),
    TEXT(container, image_digest, LIMIT_IMAGE),
    TEXT(container, health_output, LIMIT_HEALTH_OUTPUT),
};

static const struct field restart_fields[] = {
    NUMBER(restart, count, ALL),
    NUMBER(restart, phase, RESTART_DOUBTFUL),
    NUMBER(restart, decision, RESTART_GAVE_UP),
    NUMBER(restart, failures, ALL),
    FLAG(restart, timed),
    SIGNED(restart, exit_code, RANGE_ANY),
    SIGNED(restart, last_at, RANGE_CLOCK),
    SIGNED(restart, last_mono_ns, RANGE_MONOTONIC),
    SIGNED(restart, first_started_at, RANGE_CLOCK),
    SIGNED(restart, ended_started_at, RANGE_CLOCK),
    SIGNED(restart, ended_at, RANGE_CLOCK),
    TEXT(restart, error_name, LIMIT_REASON),
    TEXT(restart, error_text, 2 * LIMIT_REASON),
};

static const struct field agent_fields[] = {
    NUMBER(agent, phase, AGENT_GAVE_UP),
    NUMBER(agent, status, ECSENGINE_AGENT_STOPPED),
    NUMBER(agent, sent, ECSENGINE_AGENT_STOPPED),
    FLAG(agent, prepared),
    FLAG(agent, init_failed),
    FLAG(agent, cleaned),
    FLAG(agent, fresh),
    FLAG(agent, ran),
    FLAG(agent, unclear),
    FLAG(agent, again),
    FLAG(agent, restarting),
    FLAG(agent, untold),
    NUMBER(agent, tries, ALL),
    NUMBER(agent, looks, ALL),
    NUMBER(agent, failures, ALL),
    NUMBER(agent, restarts, ALL),
    SIGNED(agent, pid, RANGE_ANY),
    SIGNED(agent, started_at, RANGE_CLOCK),
    SIGNED(agent, steady_ns, RANGE_MONOTONIC),
    SIGNED(agent, round_ns, RANGE_MONOTONIC),
    NUMBER(agent, event_id, ALL),
    TEXT(agent, uuid, LIMIT_NAME),
    TEXT(agent, version, LIMIT_NAME),
    TEXT(agent, files, LIMIT_AGENT_FILES * (LIMIT_NAME + 1)),
    TEXT(agent, exec_id, LIMIT_EXEC_ID),
    TEXT(agent, reason, LIMIT_REASON),
    TEXT(agent, trouble, LIMIT_REASON),
};

static const struct field resource_fields[] = {
    NUMBER(resource, known, RESOURCE_REMOVED),
    NUMBER(resource, desired, RESOURCE_REMOVED),
    NUMBER(resource, applied, RESOURCE_REMOVED),
    FLAG(resource, tried),
    FLAG(resource, unanswered),
    FLAG(resource, removing),
    FLAG(resource, removed),
    NUMBER(resource, attempt, ALL),
    NUMBER(resource, remove_tries, ALL),
    TEXT(resource, runtime_name, LIMIT_RUNTIME_NAME),
    TEXT(resource, error, 2 * LIMIT_REASON),
};

static const struct field port_charge_fields[] = {
    NUMBER(port_charge, port, ALL),
    NUMBER(port_charge, container, LIMIT_CONTAINERS - 1),
    NUMBER(port_charge, mapping, ALL),
    NUMBER(port_charge, container_port, ALL),
    NUMBER(port_charge, protocol, PROTOCOL_UDP),
    NUMBER(port_charge, origin, PORT_SEEN),
};

static const struct field gpu_charge_fields[] = {
    NUMBER(gpu_charge, container, LIMIT_CONTAINERS - 1),
};

static const struct field pending_ack_fields[] = {
    NUMBER(pending_ack, id, ALL),
    NUMBER(pending_ack, container_index, LIMIT_CONTAINERS - 1),
    NUMBER(pending_ack, agent_index, LIMIT_AGENTS - 1),
    NUMBER(pending_ack, kind, ECSENGINE_EVENT_EXEC_DONE),
    NUMBER(pending_ack, status, ECSENGINE_CONTAINER_STOPPED),
};

/* Beside what model/op_record.c puts. */
static const struct field op_fields[] = {
    NUMBER(ecsengine_op, batch_id, ALL),
    SIGNED(ecsengine_op, begun_ns, RANGE_MONOTONIC),
    FLAG(ecsengine_op, after_record),
    FLAG(ecsengine_op, left),
    FLAG(ecsengine_op, answered),
    FLAG(ecsengine_op, progressed),
    SIGNED(ecsengine_op, current, RANGE_ANY),
    SIGNED(ecsengine_op, total, RANGE_ANY),
};

/* Beside what model/event_record.c puts. */
static const struct field event_fields[] = {
    NUMBER(ecsengine_event, batch_id, ALL),
};

static const struct field orphan_fields[] = {
    TEXT(orphan, arn, LIMIT_ARN),
    TEXT(orphan, runtime_name, LIMIT_RUNTIME_NAME),
    TEXT(orphan, runtime_id, LIMIT_RUNTIME_ID),
    NUMBER(orphan, resource_index, LIMIT_RESOURCES - 1),
    NUMBER(orphan, attempt, ALL),
    NUMBER(orphan, refusals, ALL),
    NUMBER(orphan, looks, ALL),
    FLAG(orphan, unanswered),
    FLAG(orphan, saved),
    FLAG(orphan, gone),
};

#define TABLE(items) {items, sizeof(items) / sizeof((items)[0])}

const struct fields snapshot_tables[TABLE_COUNT] = {
    [TABLE_ENGINE] = TABLE(engine_fields),
    [TABLE_HOST] = TABLE(host_fields),
    [TABLE_DEFINITION] = TABLE(definition_fields),
    [TABLE_NEED] = TABLE(need_fields),
    [TABLE_TASK] = TABLE(task_fields),
    [TABLE_CONTAINER] = TABLE(container_fields),
    [TABLE_RESTART] = TABLE(restart_fields),
    [TABLE_RESOURCE] = TABLE(resource_fields),
    [TABLE_AGENT] = TABLE(agent_fields),
    [TABLE_PORT_CHARGE] = TABLE(port_charge_fields),
    [TABLE_GPU_CHARGE] = TABLE(gpu_charge_fields),
    [TABLE_PENDING_ACK] = TABLE(pending_ack_fields),
    [TABLE_OP] = TABLE(op_fields),
    [TABLE_EVENT] = TABLE(event_fields),
    [TABLE_ORPHAN] = TABLE(orphan_fields),
};
