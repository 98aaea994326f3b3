/* SPDX-License-Identifier: Apache-2.0 */
/* The smallest complete embedding: an engine in a loop of one's own, with real time and a simulated runtime.
 *
 * What a program has to do is all here: make an engine, join a runtime to it, give it a task, and then, again and again, tell it the
 * time, take its events and sleep until its descriptor is readable or its deadline has come. With ecsengine_docker in place of
 * ecsengine_sim the same program runs real containers, and is shorter: that adapter has a thread of its own, so the two lines about the
 * simulator's time fall away. */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <ecsengine/ecsengine.h>
#include <ecsengine/sim.h>

/* An ECS task definition as one keeps it in a repository; only the ARN is added, by which the engine knows the task. */
static const char task[] =
    "{"
    "  \"taskArn\": \"arn:aws:ecs:local:000000000000:task/default/smallest\","
    "  \"family\": \"smallest\","
    "  \"containerDefinitions\": ["
    "    {\"name\": \"migrate\", \"image\": \"busybox\", \"memory\": 32, \"essential\": false, \"command\": [\"sleep\", \"1\"]},"
    "    {\"name\": \"serve\", \"image\": \"busybox\", \"memory\": 32, \"command\": [\"sleep\", \"1\"],"
    "     \"dependsOn\": [{\"containerName\": \"migrate\", \"condition\": \"SUCCESS\"}]}"
    "  ]"
    "}";

static int64_t clock_ns(clockid_t clock)
{
    struct timespec time;

    clock_gettime(clock, &time);
    return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

/* Says what went wrong. Every function that can fail returns a negative code, and tells the rest through its last parameter. */
static int failed(const char *what, ecsengine_error *error)
{
    fprintf(stderr, "%s: %s\n", what, ecsengine_error_message(error));
    ecsengine_error_free(error);
    return 1;
}

static int set_up(ecsengine **out_engine, ecsengine_sim **out_sim)
{
    ecsengine_config *config = NULL;
    ecsengine_error *error = NULL;
    int code = ecsengine_config_new(&config, &error);

    /* How long a task is kept for a look after it has stopped: by default three hours. */
    if (code == 0)
        code = ecsengine_config_set(config, "engine-task-cleanup-wait-duration", "500ms", &error);
    if (code == 0)
        code = ecsengine_new(config, NULL, out_engine, &error);
    if (code == 0)
        code = ecsengine_sim_new(1, out_sim, &error);
    if (code == 0)
        code = ecsengine_sim_attach(*out_sim, *out_engine, &error);
    /* The task is parsed here; a document that is none is refused now. The rest happens in later turns. */
    if (code == 0)
        code = ecsengine_task_add(*out_engine, task, strlen(task), NULL, &error);
    ecsengine_config_free(config); /* the engine has its own copy */
    return code == 0 ? 0 : failed("cannot set up", error);
}

/* Takes the events of a turn. Returns 1 when the task is gone. */
static int take_events(ecsengine *engine)
{
    ecsengine_event *event;
    int gone = 0;

    while ((event = ecsengine_next_event(engine)) != NULL) {
        enum ecsengine_event_kind kind = ecsengine_event_get_kind(event);

        if (kind == ECSENGINE_EVENT_CONTAINER || kind == ECSENGINE_EVENT_TASK)
            printf("%-9s %-8s %s\n", ecsengine_event_kind_name(kind), ecsengine_event_container_name(event),
                   ecsengine_event_status(event));
        if (kind == ECSENGINE_EVENT_TASK_REMOVED)
            gone = 1;
        /* It has arrived where it should. With a store, what is not acknowledged comes again after a restart. */
        ecsengine_event_ack(engine, ecsengine_event_id(event), NULL);
        ecsengine_event_free(event);
    }
    return gone;
}

/* Sleeps until the engine has something to do, or something is due. */
static void wait_for_work(ecsengine *engine, const ecsengine_sim *sim, int32_t fd)
{
    struct pollfd engine_ready = {.fd = fd, .events = POLLIN};
    int64_t due_ns = ecsengine_deadline_ns(engine);
    int64_t left_ns;

    if (ecsengine_sim_deadline_ns(sim) < due_ns) /* simulated containers have appointments of their own */
        due_ns = ecsengine_sim_deadline_ns(sim);
    left_ns = due_ns - clock_ns(CLOCK_MONOTONIC);
    if (due_ns == ECSENGINE_NO_DEADLINE)
        poll(&engine_ready, 1, -1);
    else
        poll(&engine_ready, 1, left_ns > 0 ? (int)(left_ns / 1000000 + 1) : 0);
}

static int run(ecsengine *engine, ecsengine_sim *sim)
{
    ecsengine_error *error = NULL;
    int32_t fd;

    if (ecsengine_get_fd(engine, &fd, &error) < 0)
        return failed("no descriptor", error);
    for (;;) {
        int64_t mono_ns = clock_ns(CLOCK_MONOTONIC); /* for all waiting */
        int64_t wall_ns = clock_ns(CLOCK_REALTIME);  /* for what people read */

        if (ecsengine_sim_advance(sim, mono_ns, wall_ns, &error) < 0)
            return failed("simulator", error);
        if (ecsengine_dispatch(engine, mono_ns, wall_ns, &error) < 0)
            return failed("engine", error);
        if (take_events(engine))
            return 0;
        wait_for_work(engine, sim, fd);
    }
}

int main(void)
{
    ecsengine *engine = NULL;
    ecsengine_sim *sim = NULL;
    int status = set_up(&engine, &sim);

    if (status == 0)
        status = run(engine, sim);
    ecsengine_free(engine);
    ecsengine_sim_free(sim);
    return status;
}
