/* SPDX-License-Identifier: Apache-2.0 */
#include "waits.h"

#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "ecsengine/ecsengine.h"
#include "ecsengine/sim.h"

#define ARN "arn:aws:ecs:us-west-2:123456789012:task/default/t"
#define WALL_0 (INT64_C(1780000000) * 1000000000)

enum { TURNS_MAX = 1000 };

const char *const waits_names[WAITS_SHAPES] = {"one", "chain", "volume"};

struct tracer {
    struct waits *waits;
    FILE *out;
    ecsengine *engine;
    ecsengine_sim *sim;
    const ecsengine_batch *batch; /* not answered yet */
    bool task_named;              /* the record of the task is durable */
    bool told;
    int turn, shown; /* the turn that has its number on the page */
    int so_far;      /* waits since the add */
};

static void must(int code, const char *what)
{
    if (code == 0)
        return;
    fprintf(stderr, "waits: %s: %s\n", what, ecsengine_code_name(code));
    exit(1);
}

static void __attribute__((format(printf, 2, 3))) say(struct tracer *tracer, const char *format, ...)
{
    va_list args;

    if (tracer->out == NULL)
        return;
    if (tracer->shown != tracer->turn)
        fprintf(tracer->out, "turn %2d  ", tracer->turn);
    else
        fprintf(tracer->out, "         ");
    tracer->shown = tracer->turn;
    va_start(args, format);
    vfprintf(tracer->out, format, args);
    va_end(args);
    fprintf(tracer->out, "\n");
}

/* ---- what leaves the engine ---- */

static void watch(const ecsengine_op *op, void *user_data)
{
    struct tracer *tracer = user_data;
    enum ecsengine_op_kind kind = ecsengine_op_get_kind(op);
    const char *name = ecsengine_op_container_name(op);

    if (ecsengine_op_task_arn(op)[0] == '\0')
        return;
    if (kind == ECSENGINE_OP_CREATE || kind == ECSENGINE_OP_VOLUME_CREATE)
        tracer->waits->early += !tracer->task_named;
    tracer->waits->creates += kind == ECSENGINE_OP_CREATE;
    tracer->waits->starts += kind == ECSENGINE_OP_START;
    if (kind == ECSENGINE_OP_START)
        tracer->waits->to_start = tracer->so_far;
    say(tracer, "operation %-13s %s%s", ecsengine_op_kind_name(kind), name[0] != '\0' ? name : ecsengine_op_resource_name(op),
        tracer->batch != NULL ? "   (a batch is out)" : "");
}

static void take_events(struct tracer *tracer)
{
    ecsengine_event *event;

    while ((event = ecsengine_next_event(tracer->engine)) != NULL) {
        const char *status = ecsengine_event_status(event), *container = ecsengine_event_container_name(event);
        if (ecsengine_event_task_arn(event)[0] != '\0')
            say(tracer, "event     %s%s%s %s", ecsengine_event_kind_name(ecsengine_event_get_kind(event)), container[0] != '\0' ? " " : "",
                container, status);
        if (!tracer->told && ecsengine_event_task_status(event) == ECSENGINE_TASK_RUNNING) {
            tracer->told = true;
            tracer->waits->to_told = tracer->so_far;
        }
        ecsengine_event_ack(tracer->engine, ecsengine_event_id(event), NULL);
        ecsengine_event_free(event);
    }
}

static void take_batch(struct tracer *tracer)
{
    const ecsengine_batch *batch = ecsengine_next_batch(tracer->engine);

    if (batch == NULL)
        return;
    tracer->batch = batch;
    tracer->waits->batches++;
    say(tracer, "batch %-3llu %zu record%s", (unsigned long long)ecsengine_batch_id(batch), ecsengine_batch_count(batch),
        ecsengine_batch_count(batch) == 1 ? "" : "s");
    for (size_t i = 0; i < ecsengine_batch_count(batch); i++) {
        size_t len = 0;
        const void *value = ecsengine_batch_value(batch, i, &len);
        if (value != NULL)
            say(tracer, "            %s, %zu bytes", ecsengine_batch_key(batch, i), len);
        else
            say(tracer, "            %s is deleted", ecsengine_batch_key(batch, i));
    }
}

/* ---- the loop ---- */

static bool readable(const struct tracer *tracer)
{
    struct pollfd fd = {.events = POLLIN};

    must(ecsengine_get_fd(tracer->engine, &fd.fd, NULL), "a descriptor");
    return poll(&fd, 1, 0) > 0;
}

static void turns(struct tracer *tracer)
{
    do {
        tracer->turn++;
        if (tracer->turn > TURNS_MAX)
            must(ECSENGINE_ESTATE, "the engine gives no rest");
        must(ecsengine_sim_advance(tracer->sim, 0, WALL_0, NULL), "the simulator");
        must(ecsengine_dispatch(tracer->engine, 0, WALL_0, NULL), "a turn");
        take_events(tracer);
        take_batch(tracer);
    } while (readable(tracer) || ecsengine_sim_deadline_ns(tracer->sim) <= 0);
}

static bool names_task(const ecsengine_batch *batch)
{
    for (size_t i = 0; i < ecsengine_batch_count(batch); i++)
        if (strcmp(ecsengine_batch_key(batch, i), "task/" ARN) == 0)
            return true;
    return false;
}

static void run(struct tracer *tracer)
{
    turns(tracer);
    while (tracer->batch != NULL) {
        const ecsengine_batch *batch = tracer->batch;
        tracer->so_far++;
        if (tracer->out != NULL)
            fprintf(tracer->out, "         -- nothing else can move: waits for batch %llu --\n", (unsigned long long)ecsengine_batch_id(batch));
        tracer->batch = NULL;
        tracer->task_named = tracer->task_named || names_task(batch);
        must(ecsengine_store_done(tracer->engine, ecsengine_batch_id(batch), 0, NULL), "a batch");
        turns(tracer);
    }
}

static void begin(struct tracer *tracer)
{
    ecsengine_config *config = NULL;

    must(ecsengine_config_new(&config, NULL), "a configuration");
    must(ecsengine_config_set(config, "seed", "1", NULL), "a seed");
    must(ecsengine_new(config, NULL, &tracer->engine, NULL), "an engine");
    ecsengine_config_free(config);
    must(ecsengine_sim_new(1, &tracer->sim, NULL), "a simulator");
    must(ecsengine_sim_attach(tracer->sim, tracer->engine, NULL), "the simulator");
    must(ecsengine_pull_batches(tracer->engine, NULL), "batches");
    run(tracer); /* the engine's own record */
}

static void add(struct tracer *tracer, enum waits_shape shape)
{
    static const char mount[] = ",\"mountPoints\":[{\"sourceVolume\":\"v\",\"containerPath\":\"/v\"}]";
    char document[2048], depends[128] = "";
    int count = shape == WAITS_ONE ? 1 : 3;
    size_t len = (size_t)snprintf(document, sizeof(document), "{\"taskArn\":\"" ARN "\",\"family\":\"f\",%s\"containerDefinitions\":[",
                                  shape == WAITS_VOLUME ? "\"volumes\":[{\"name\":\"v\",\"dockerVolumeConfiguration\":{\"scope\":\"task\"}}]," : "");

    for (int i = 1; i <= count; i++) {
        len += (size_t)snprintf(document + len, sizeof(document) - len,
                                "%s{\"name\":\"c%d\",\"image\":\"busybox\",\"memory\":8,\"command\":[\"sleep\",\"1000\"]%s%s}", i > 1 ? "," : "",
                                i, depends, shape == WAITS_VOLUME ? mount : "");
        snprintf(depends, sizeof(depends), ",\"dependsOn\":[{\"containerName\":\"c%d\",\"condition\":\"START\"}]", i);
    }
    len += (size_t)snprintf(document + len, sizeof(document) - len, "]}");
    must(ecsengine_task_add(tracer->engine, document, len, NULL, NULL), "a task");
    tracer->waits->containers = count;
    say(tracer, "a task is added: %s", waits_names[shape]);
}

void waits_trace(enum waits_shape shape, FILE *out, struct waits *out_waits)
{
    struct tracer tracer = {.waits = out_waits, .out = NULL};

    *out_waits = (struct waits){0};
    begin(&tracer);
    *out_waits = (struct waits){0};
    tracer.turn = tracer.so_far = 0;
    tracer.shown = -1;
    tracer.out = out;
    ecsengine_sim_set_watch(tracer.sim, watch, &tracer);
    add(&tracer, shape);
    run(&tracer);
    must(ecsengine_free(tracer.engine), "the end");
    ecsengine_sim_free(tracer.sim);
    if (out != NULL)
        fprintf(out, "waits between add and the last start: %d; until RUNNING was told: %d\n", out_waits->to_start, out_waits->to_told);
}
