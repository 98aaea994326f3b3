/* SPDX-License-Identifier: Apache-2.0 */
#include "life.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../payload.h"

enum { TURNS_MAX = 3000 };

const char *const life_tasks[LIFE_TASKS] = {"alpha", "bravo", "charlie-brown", "delta", "echo-echo"};

/* The containers of each, a word list as in scenarios. */
static const struct {
    size_t task;
    const char *name, *words;
} containers[] = {
    {0, "a", "image=alpha:1 ports=80:18080/tcp"},
    {1, "db", "image=db:1 health=true essential=false"},
    {1, "web", "image=web:1 dependsOn=db:HEALTHY links=db:database"},
    {2, "job", "image=job:1 mount=data"},
    {3, "late", "image=late:1"},
    {4, "again", "image=again:1 restart=60"},
};

static const char *const script[] = {"container=db healthy-after=2s",      "container=job run=12s exit=3", "container=late run=1h",
                                     "op=pull-image image=late:1 delay=9s", "container=again run=70s exit=1", "container=again nth=2 run=1h"};

static void must(int rc, const char *what)
{
    if (rc >= 0)
        return;
    fprintf(stderr, "%s: %s\n", what, ecsengine_code_name(rc));
    abort();
}

void life_begin(struct life *life, ecsengine_sim *sim)
{
    ecsengine_allocator allocator;
    ecsengine_config *config = NULL;

    test_memory_allocator(&life->memory, &allocator);
    must(ecsengine_config_new(&config, NULL), "config_new");
    must(ecsengine_config_set(config, "engine-task-cleanup-wait-duration", "1s", NULL), "config_set");
    must(ecsengine_config_set(config, "image-manifest-resolution", "false", NULL), "config_set");
    must(ecsengine_new(config, &allocator, &life->engine, NULL), "new");
    ecsengine_config_free(config);
    life->sim = sim;
    if (sim == NULL) {
        must(ecsengine_sim_new(1, &life->sim, NULL), "sim_new");
        for (size_t i = 0; i < sizeof(script) / sizeof(script[0]); i++)
            must(ecsengine_sim_script(life->sim, script[i], NULL), script[i]);
    }
    must(ecsengine_sim_attach(life->sim, life->engine, NULL), "sim_attach");
    must(ecsengine_get_fd(life->engine, &life->fd, NULL), "get_fd");
    if (life->kept != NULL)
        must(ecsengine_pull_batches(life->engine, NULL), "pull_batches");
}

static void keep(struct life *life)
{
    const ecsengine_batch *batch;

    while ((batch = ecsengine_next_batch(life->engine)) != NULL) {
        for (size_t i = 0; i < ecsengine_batch_count(batch); i++) {
            size_t len = 0;
            const void *value = ecsengine_batch_value(batch, i, &len);
            records_put(life->kept, ecsengine_batch_key(batch, i), value, len);
        }
        must(ecsengine_store_done(life->engine, ecsengine_batch_id(batch), 0, NULL), "store_done");
    }
}

static void hear(struct life *life, const ecsengine_event *event)
{
    const char *task = harness_last_part(ecsengine_event_task_arn(event));
    enum ecsengine_event_kind kind = ecsengine_event_get_kind(event);

    life->damaged += kind == ECSENGINE_EVENT_STORE && strcmp(ecsengine_event_status(event), "DAMAGED") == 0;
    for (size_t i = 0; i < LIFE_TASKS; i++) {
        bool own = strcmp(task, life_tasks[i]) == 0;
        life->stopped[i] |= own && kind == ECSENGINE_EVENT_TASK && strcmp(ecsengine_event_status(event), "STOPPED") == 0;
        life->removed[i] |= own && kind == ECSENGINE_EVENT_TASK_REMOVED;
    }
}

static void turn(struct life *life)
{
    ecsengine_event *event;

    must(ecsengine_sim_advance(life->sim, life->mono_ns, WALL_0 + life->mono_ns, NULL), "sim_advance");
    must(ecsengine_dispatch(life->engine, life->mono_ns, WALL_0 + life->mono_ns, NULL), "dispatch");
    if (life->kept != NULL)
        keep(life);
    if (life->wait != NULL)
        life->wait();
    while ((event = ecsengine_next_event(life->engine)) != NULL) {
        hear(life, event);
        ecsengine_event_ack(life->engine, ecsengine_event_id(event), NULL);
        ecsengine_event_free(event);
    }
}

static bool readable(const struct life *life)
{
    struct pollfd fd = {.fd = life->fd, .events = POLLIN};

    return poll(&fd, 1, 0) > 0;
}

static int64_t next_ns(const struct life *life)
{
    int64_t engine_ns = ecsengine_deadline_ns(life->engine), sim_ns = ecsengine_sim_deadline_ns(life->sim);

    return engine_ns < sim_ns ? engine_ns : sim_ns;
}

void life_run(struct life *life, int64_t for_ns)
{
    int64_t until_ns = life->mono_ns + for_ns;

    for (int turns = 0; turns < TURNS_MAX; turns++) {
        turn(life);
        int64_t due_ns = next_ns(life);
        if (readable(life) || due_ns <= life->mono_ns)
            continue;
        if (due_ns > until_ns) {
            life->mono_ns = until_ns;
            return;
        }
        life->mono_ns = due_ns;
    }
    life->restless = true;
}

static void arn_of(size_t task, char arn[128]) { snprintf(arn, 128, ARN_HEAD "%s", life_tasks[task]); }

/* The record of a definition that was not there before. */
static void note_definition(struct life *life, size_t task)
{
    for (size_t i = 0; life->kept != NULL && i < life->kept->count; i++) {
        const char *key = life->kept->list[i].key;
        bool known = strncmp(key, "definition/", strlen("definition/")) != 0;
        for (size_t k = 0; k < task; k++)
            known |= strcmp(life->definition[k], key) == 0;
        if (!known)
            snprintf(life->definition[task], sizeof(life->definition[task]), "%s", key);
    }
}

void life_add(struct life *life)
{
    for (size_t task = 0; task < LIFE_TASKS; task++) {
        json_t *json = payload_task(life_tasks[task], "");
        for (size_t i = 0; i < sizeof(containers) / sizeof(containers[0]); i++)
            if (containers[i].task == task && payload_add_container(json, containers[i].name, containers[i].words) < 0)
                abort();
        char *text = json_dumps(json, JSON_COMPACT);
        must(ecsengine_task_add(life->engine, text, strlen(text), NULL, NULL), "task_add");
        free(text);
        json_decref(json);
        life_run(life, 0);
        note_definition(life, task);
    }
}

void life_stop_all(struct life *life)
{
    char arn[128];

    for (size_t i = 0; i < LIFE_TASKS; i++) {
        arn_of(i, arn);
        must(ecsengine_task_stop(life->engine, arn, NULL, NULL), "task_stop");
    }
}

bool life_knows(const struct life *life, size_t task)
{
    char arn[128];
    ecsengine_text *text = NULL;

    arn_of(task, arn);
    int rc = ecsengine_task_describe(life->engine, arn, &text, NULL);
    ecsengine_text_free(text);
    return rc == 0;
}

bool life_end(struct life *life)
{
    must(ecsengine_free(life->engine), "free");
    life->engine = NULL;
    return life->memory.blocks == 0 && life->memory.wrong_frees == 0;
}
