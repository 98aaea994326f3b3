/* SPDX-License-Identifier: Apache-2.0 */
#include <ecsengine/ecsengine.h>
#include <ecsengine/sim.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
    const char *task = "{\"taskArn\": \"arn:aws:ecs:local:000000000000:task/default/1\", \"family\": \"hello\","
                       " \"containerDefinitions\": [{\"name\": \"nap\", \"image\": \"busybox\", \"memory\": 64,"
                       " \"command\": [\"sleep\", \"7200\"]}]}";
    ecsengine *engine = NULL;
    ecsengine_sim *sim = NULL; /* simulated containers; ecsengine_docker for real ones */
    int64_t now_ns = 0;        /* the engine reads no clock: here, time is what we say it is, */
    const int64_t birth_ns = INT64_C(1700000000000000000); /* and began at this moment of the wall clock */
    struct pollfd engine_ready = {.events = POLLIN};

    if (ecsengine_new(NULL, NULL, &engine, NULL) < 0 || ecsengine_sim_new(1, &sim, NULL) < 0)
        return 1;
    ecsengine_sim_attach(sim, engine, NULL);
    ecsengine_get_fd(engine, &engine_ready.fd, NULL);
    ecsengine_task_add(engine, task, strlen(task), NULL, NULL);
    for (enum ecsengine_event_kind kind = 0; kind != ECSENGINE_EVENT_TASK_REMOVED;) {
        ecsengine_event *event;

        ecsengine_sim_advance(sim, now_ns, birth_ns + now_ns, NULL);
        ecsengine_dispatch(engine, now_ns, birth_ns + now_ns, NULL);
        while ((event = ecsengine_next_event(engine)) != NULL) {
            kind = ecsengine_event_get_kind(event);
            printf("%9.3f s  %-12s %s %s\n", (double)now_ns / 1e9, ecsengine_event_kind_name(kind),
                   ecsengine_event_container_name(event), ecsengine_event_status(event));
            ecsengine_event_ack(engine, ecsengine_event_id(event), NULL);
            ecsengine_event_free(event);
        }
        if (poll(&engine_ready, 1, 0) == 0) { /* nothing left to do now: on to when something is due */
            int64_t engine_due_ns = ecsengine_deadline_ns(engine), sim_due_ns = ecsengine_sim_deadline_ns(sim);

            now_ns = engine_due_ns < sim_due_ns ? engine_due_ns : sim_due_ns;
        }
    }
    ecsengine_free(engine);
    ecsengine_sim_free(sim);
    return 0;
}
