/* SPDX-License-Identifier: Apache-2.0 */
#include <ecsengine/ecsengine.h>
#include <ecsengine/sim.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
    const char *task = "{\"taskArn\": \"arn:aws:ecs:local:000000000000:task/default/1\", \"family\": \"hello\", \"containerDefinitions\":"
                       " [{\"name\": \"nap\", \"image\": \"busybox\", \"memory\": 64, \"command\": [\"sleep\", \"7200\"]}]}";
    ecsengine *engine = NULL;
    ecsengine_sim *sim = NULL; /* simulated containers; ecsengine_docker for real ones */
    ecsengine_event *event;
    enum ecsengine_event_kind kind = ECSENGINE_EVENT_NONE;

    if (ecsengine_new(NULL, NULL, &engine, NULL) < 0 || ecsengine_sim_new(1, &sim, NULL) < 0)
        return 1;
    ecsengine_sim_attach(sim, engine, NULL);
    ecsengine_task_add(engine, task, strlen(task), NULL, NULL);
    /* The engine reads no clock: time is what we say it is, and here each turn is a second. */
    for (int64_t now_ns = 0; kind != ECSENGINE_EVENT_TASK_REMOVED; now_ns += 1000000000) {
        ecsengine_sim_advance(sim, now_ns, INT64_C(1700000000000000000) + now_ns, NULL);
        ecsengine_dispatch(engine, now_ns, INT64_C(1700000000000000000) + now_ns, NULL);
        while ((event = ecsengine_next_event(engine)) != NULL) {
            kind = ecsengine_event_get_kind(event);
            printf("%7lld s  %-12s  %s %s\n", (long long)now_ns / 1000000000, ecsengine_event_kind_name(kind),
                   ecsengine_event_container_name(event), ecsengine_event_status(event));
            ecsengine_event_ack(engine, ecsengine_event_id(event), NULL);
            ecsengine_event_free(event);
        }
    }
    ecsengine_free(engine);
    ecsengine_sim_free(sim);
    return 0;
}
