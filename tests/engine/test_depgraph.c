/* SPDX-License-Identifier: Apache-2.0 */
/* May a container move? Every condition against every state that a dependency can be in (task-engine: sections 4.4 to 4.8). */
#include "made.h"

#include "engine/depgraph.h"

static struct task *task;
static struct container *web, *db; /* web depends on db */

static void begin(void)
{
    made_start();
    made_open();
    task = made_task(TASK("{'name':'web','image':'nginx','memory':4,'dependsOn':[{'containerName':'db','condition':'START'}]},"
                          "{'name':'db','image':'postgres:15','memory':4,'essential':false,'startTimeout':100,"
                          "'healthCheck':{'command':['CMD','true']}}"));
    web = &task->containers[0];
    db = &task->containers[1];
    web->known = ECSENGINE_CONTAINER_MANIFEST_PULLED; /* past the step that goes without order */
    web->desired = db->desired = ECSENGINE_CONTAINER_RUNNING;
}

static void end(void)
{
    task_free(task);
    made_close();
}

static void depend(enum condition condition)
{
    ((struct dependency *)(uintptr_t)container_def(web)->dependencies)[0].condition = (uint8_t)condition;
}

struct state {
    const char *name;
    container_status known;
    int exit_code; /* -1: not known */
    enum ecsengine_health health;
    bool never_starts;
};

static const struct state states[] = {
    {"NONE", ECSENGINE_CONTAINER_NONE, -1, ECSENGINE_HEALTH_UNKNOWN, false},
    {"MANIFEST_PULLED", ECSENGINE_CONTAINER_MANIFEST_PULLED, -1, ECSENGINE_HEALTH_UNKNOWN, false},
    {"PULLED", ECSENGINE_CONTAINER_PULLED, -1, ECSENGINE_HEALTH_UNKNOWN, false},
    {"CREATED", ECSENGINE_CONTAINER_CREATED, -1, ECSENGINE_HEALTH_UNKNOWN, false},
    {"RUNNING", ECSENGINE_CONTAINER_RUNNING, -1, ECSENGINE_HEALTH_UNKNOWN, false},
    {"RUNNING and HEALTHY", ECSENGINE_CONTAINER_RUNNING, -1, ECSENGINE_HEALTH_HEALTHY, false},
    {"RUNNING and UNHEALTHY", ECSENGINE_CONTAINER_RUNNING, -1, ECSENGINE_HEALTH_UNHEALTHY, false},
    {"STOPPED without code", ECSENGINE_CONTAINER_STOPPED, -1, ECSENGINE_HEALTH_UNKNOWN, false},
    {"STOPPED with 0", ECSENGINE_CONTAINER_STOPPED, 0, ECSENGINE_HEALTH_UNKNOWN, false},
    {"STOPPED with 3", ECSENGINE_CONTAINER_STOPPED, 3, ECSENGINE_HEALTH_UNKNOWN, false},
    {"CREATED and never to start", ECSENGINE_CONTAINER_CREATED, -1, ECSENGINE_HEALTH_UNKNOWN, true},
};

enum { STATES = sizeof(states) / sizeof(states[0]) };

/* One letter a state: Go, Blocked, Terminal. */
static const char *const verdicts[] = {
    [CONDITION_START] = "BBBBGGGGGGT",   [CONDITION_COMPLETE] = "BBBBBBBTGGT", [CONDITION_SUCCESS] = "BBBBBBBTGTT",
    [CONDITION_HEALTHY] = "BBBBBGBTTTT", [CONDITION_CREATE] = "BBBGGGGGGGT",
};

static void put(const struct state *state)
{
    db->known = state->known;
    db->has_exit_code = state->exit_code >= 0;
    db->exit_code = state->exit_code >= 0 ? state->exit_code : 0;
    db->health = (uint8_t)state->health;
    db->desired = state->never_starts ? ECSENGINE_CONTAINER_STOPPED : ECSENGINE_CONTAINER_RUNNING;
}

START_TEST(every_condition_against_every_state)
{
    for (enum condition condition = CONDITION_START; condition <= CONDITION_CREATE; condition++) {
        ck_assert_uint_eq(STATES, strlen(verdicts[condition]));
        depend(condition);
        for (size_t i = 0; i < STATES; i++) {
            struct blocker found;
            char text[DEPGRAPH_TEXT_MAX];
            put(&states[i]);
            enum verdict verdict = depgraph_check(&made, web, &found);
            char letter = verdict == VERDICT_GO ? 'G' : verdict == VERDICT_ORDER ? 'B' : verdict == VERDICT_TERMINAL ? 'T' : '?';
            if (letter != verdicts[condition][i])
                ck_abort_msg("%s with a dependency that is %s: %c", condition_name(condition), states[i].name, letter);
            ck_assert_int_eq(verdict, found.verdict);
            ck_assert_ptr_eq(verdict == VERDICT_GO ? NULL : db, found.on);
            ck_assert_int_eq(verdict == VERDICT_GO ? CONDITION_NONE : condition, found.condition);
            ck_assert_int_eq(verdict == VERDICT_TERMINAL, found.hopeless != HOPELESS_NOT);
            depgraph_text(web, &found, text);
            ck_assert_int_eq(verdict != VERDICT_GO, text[0] != '\0');
            ck_assert_int_eq(verdict, depgraph_check(&made, web, NULL));
        }
    }
    end();
}
END_TEST

/* The verdict on a container, in the reference's words. */
static const char *text_of(const struct container *target)
{
    static char text[DEPGRAPH_TEXT_MAX];
    struct blocker blocker;

    depgraph_check(&made, target, &blocker);
    depgraph_text(target, &blocker, text);
    return text;
}

static const char *text_for(enum condition condition, size_t state)
{
    depend(condition);
    put(&states[state]);
    return text_of(web);
}

START_TEST(texts_are_the_references)
{
    ck_assert_str_eq(
        "dependency graph: failed to resolve container ordering dependency [db(postgres:15) (STOPPED->RUNNING) - Exit: 3] "
        "for target [web(nginx) (MANIFEST_PULLED->RUNNING)] as dependency did not exit successfully.",
        text_for(CONDITION_SUCCESS, 9));
    ck_assert_str_eq("dependency graph: failed to resolve container ordering dependency [db(postgres:15) (CREATED->STOPPED)] "
                     "for target [web(nginx) (MANIFEST_PULLED->RUNNING)] because dependency will never start",
                     text_for(CONDITION_START, 10));
    ck_assert_str_eq("dependency graph: failed to resolve container ordering dependency [db(postgres:15) (STOPPED->RUNNING)] "
                     "for target [web(nginx) (MANIFEST_PULLED->RUNNING)] because dependency has stopped and can not fulfil the condition",
                     text_for(CONDITION_COMPLETE, 7));
    db->start_overdue = true;
    ck_assert_str_eq("dependency graph: container ordering dependency [db(postgres:15) (RUNNING->RUNNING)] "
                     "for target [web(nginx) (MANIFEST_PULLED->RUNNING)] has timed out.",
                     text_for(CONDITION_HEALTHY, 6));
    db->start_overdue = false;
    ck_assert_str_eq("dependency graph: failed to resolve the container ordering dependency [&{db HEALTHY}] "
                     "for target [web(nginx) (MANIFEST_PULLED->RUNNING)]",
                     text_for(CONDITION_HEALTHY, 6));
    web->desired = ECSENGINE_CONTAINER_MANIFEST_PULLED;
    ck_assert_str_eq("container transition: container status is equal or greater than desired status", text_of(web));
    end();
}
END_TEST

START_TEST(a_start_timeout_ends_the_wait_for_an_end_or_for_health_alone)
{
    put(&states[6]); /* it runs and is not healthy */
    for (enum condition condition = CONDITION_START; condition <= CONDITION_CREATE; condition++) {
        bool counts = condition == CONDITION_COMPLETE || condition == CONDITION_SUCCESS || condition == CONDITION_HEALTHY;
        depend(condition);
        db->start_overdue = false;
        ck_assert_int_eq(counts ? VERDICT_ORDER : VERDICT_GO, depgraph_check(&made, web, NULL));
        db->start_overdue = true;
        ck_assert_int_eq(counts ? VERDICT_TERMINAL : VERDICT_GO, depgraph_check(&made, web, NULL));
        web->known = ECSENGINE_CONTAINER_CREATED; /* too late to be given up for that */
        ck_assert_int_eq(counts ? VERDICT_ORDER : VERDICT_GO, depgraph_check(&made, web, NULL));
        web->known = ECSENGINE_CONTAINER_MANIFEST_PULLED;
    }
    end();
}
END_TEST

START_TEST(manifests_are_resolved_without_order_and_pulls_too_if_wanted)
{
    depend(CONDITION_START);
    put(&states[0]);
    web->known = ECSENGINE_CONTAINER_NONE;
    ck_assert_int_eq(VERDICT_GO, depgraph_check(&made, web, NULL));
    web->known = ECSENGINE_CONTAINER_MANIFEST_PULLED;
    ck_assert_int_eq(VERDICT_ORDER, depgraph_check(&made, web, NULL));
    made.settings.pull_upfront = 1;
    ck_assert_int_eq(VERDICT_GO, depgraph_check(&made, web, NULL));
    web->known = ECSENGINE_CONTAINER_PULLED;
    ck_assert_int_eq(VERDICT_ORDER, depgraph_check(&made, web, NULL));
    web->known = ECSENGINE_CONTAINER_NONE;
    put(&states[10]); /* but what is hopeless is hopeless */
    ck_assert_int_eq(VERDICT_TERMINAL, depgraph_check(&made, web, NULL));
    end();
}
END_TEST

START_TEST(a_container_stops_after_those_that_depend_on_it)
{
    struct blocker blocker;

    db->known = web->known = ECSENGINE_CONTAINER_RUNNING;
    db->desired = web->desired = ECSENGINE_CONTAINER_STOPPED;
    ck_assert_int_eq(VERDICT_GO, depgraph_check(&made, web, &blocker));
    ck_assert_ptr_null(blocker.on);
    ck_assert_int_eq(VERDICT_STOP_ORDER, depgraph_check(&made, db, &blocker));
    ck_assert_ptr_eq(web, blocker.on);
    ck_assert_str_eq("dependency graph: target db needs other containers stopped before it can stop: [web]", text_of(db));
    web->known = ECSENGINE_CONTAINER_STOPPED;
    ck_assert_int_eq(VERDICT_GO, depgraph_check(&made, db, &blocker));
    end();
}
END_TEST

/* Gives the container of that name one more wait, by hand: no document makes these yet. */
static void wait_for(struct container *container, bool resource, uint16_t on, uint8_t next, uint8_t satisfied)
{
    static struct transition_dependency waits[8];
    static uint16_t used;
    struct container_def *def = &container->task->definition->containers[container->index];

    waits[used % 8] = (struct transition_dependency){.on = on, .next = next, .satisfied = satisfied};
    if (resource) {
        def->resource_waits = &waits[used % 8];
        def->resource_wait_count = 1;
    } else {
        def->container_waits = &waits[used % 8];
        def->container_wait_count = 1;
    }
    used++;
}

/* web waits for the end of db, whose start was refused when it ran already: db must not wait for web. */
START_TEST(what_runs_does_not_wait_with_its_stop_for_who_does_not)
{
    depend(CONDITION_SUCCESS);
    db->known = ECSENGINE_CONTAINER_RUNNING;
    db->desired = ECSENGINE_CONTAINER_STOPPED;
    ck_assert_int_eq(VERDICT_ORDER, depgraph_check(&made, web, NULL));
    ck_assert_int_eq(VERDICT_GO, depgraph_check(&made, db, NULL));
    web->known = ECSENGINE_CONTAINER_CREATED;
    ck_assert_int_eq(VERDICT_GO, depgraph_check(&made, db, NULL));
    web->applied = ECSENGINE_CONTAINER_RUNNING; /* it may run any moment */
    ck_assert_int_eq(VERDICT_STOP_ORDER, depgraph_check(&made, db, NULL));
    web->applied = ECSENGINE_CONTAINER_NONE;
    web->desired = ECSENGINE_CONTAINER_STOPPED; /* it is STOPPED at once, and first */
    ck_assert_int_eq(VERDICT_STOP_ORDER, depgraph_check(&made, db, NULL));
    web->desired = ECSENGINE_CONTAINER_RUNNING;
    web->known = ECSENGINE_CONTAINER_RUNNING;
    ck_assert_int_eq(VERDICT_STOP_ORDER, depgraph_check(&made, db, NULL));
    web->known = ECSENGINE_CONTAINER_PULLED;
    db->known = ECSENGINE_CONTAINER_CREATED; /* web is to see first that db will never start */
    ck_assert_int_eq(VERDICT_STOP_ORDER, depgraph_check(&made, db, NULL));
    ck_assert_int_eq(VERDICT_TERMINAL, depgraph_check(&made, web, NULL));
    end();
}
END_TEST

START_TEST(nobody_begins_to_rely_on_what_is_being_stopped)
{
    depend(CONDITION_START);
    db->known = ECSENGINE_CONTAINER_RUNNING;
    ck_assert_int_eq(VERDICT_GO, depgraph_check(&made, web, NULL));
    db->desired = ECSENGINE_CONTAINER_STOPPED; /* its start was refused, when it ran already */
    ck_assert_int_eq(VERDICT_ORDER, depgraph_check(&made, web, NULL));
    db->known = ECSENGINE_CONTAINER_STOPPED;
    ck_assert_int_eq(VERDICT_GO, depgraph_check(&made, web, NULL));
    end();
}
END_TEST

/* web shares the volumes of db, whose start has failed: nobody will stop web for that, and db is to be told. */
START_TEST(what_never_ran_does_not_wait_with_its_end_for_who_runs)
{
    depend(CONDITION_CREATE);
    db->known = ECSENGINE_CONTAINER_CREATED;
    db->desired = ECSENGINE_CONTAINER_STOPPED;
    web->known = ECSENGINE_CONTAINER_RUNNING;
    ck_assert_int_eq(VERDICT_GO, depgraph_check(&made, db, NULL));
    web->desired = ECSENGINE_CONTAINER_STOPPED; /* when all end, each in its turn */
    ck_assert_int_eq(VERDICT_STOP_ORDER, depgraph_check(&made, db, NULL));
    end();
}
END_TEST

START_TEST(a_steady_state_other_than_running_is_what_START_waits_for)
{
    depend(CONDITION_START);
    task->definition->containers[1].steady = ECSENGINE_CONTAINER_RESOURCES_PROVISIONED;
    db->desired = ECSENGINE_CONTAINER_RESOURCES_PROVISIONED;
    put(&states[4]); /* it runs */
    ck_assert_int_eq(VERDICT_ORDER, depgraph_check(&made, web, NULL));
    db->known = ECSENGINE_CONTAINER_RESOURCES_PROVISIONED;
    ck_assert_int_eq(VERDICT_GO, depgraph_check(&made, web, NULL));
    end();
}
END_TEST

START_TEST(a_container_wait_holds_one_step_back_until_the_other_is_so_far)
{
    struct blocker blocker;

    depend(CONDITION_CREATE);
    put(&states[3]);
    wait_for(web, false, 1, ECSENGINE_CONTAINER_CREATED, ECSENGINE_CONTAINER_RUNNING);
    ck_assert_int_eq(VERDICT_GO, depgraph_check(&made, web, NULL)); /* its next step is the pull */
    web->known = ECSENGINE_CONTAINER_PULLED;
    ck_assert_int_eq(VERDICT_CONTAINER, depgraph_check(&made, web, &blocker));
    ck_assert_ptr_eq(db, blocker.on);
    ck_assert_int_eq(ECSENGINE_CONTAINER_CREATED, blocker.next);
    ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, blocker.satisfied);
    ck_assert_str_eq("dependency graph: dependency on containers not resolved", text_of(web));
    for (container_status known = ECSENGINE_CONTAINER_RUNNING; known <= ECSENGINE_CONTAINER_STOPPED; known++) {
        db->known = known; /* what is further is far enough */
        ck_assert_int_eq(VERDICT_GO, depgraph_check(&made, web, NULL));
    }
    db->known = ECSENGINE_CONTAINER_CREATED;
    web->known = ECSENGINE_CONTAINER_CREATED; /* past it */
    ck_assert_int_eq(VERDICT_GO, depgraph_check(&made, web, NULL));
    end();
}
END_TEST

START_TEST(a_resource_wait_holds_one_step_back_until_the_resource_is_made_or_not_wanted)
{
    static struct resource resource;
    static struct resource_def def = {.name = "data"};
    struct blocker blocker;

    resource.task = task;
    task->resources = &resource;
    task->resource_count = 1;
    task->definition->resources = &def;
    depend(CONDITION_CREATE);
    put(&states[3]);
    wait_for(web, true, 0, ECSENGINE_CONTAINER_PULLED, RESOURCE_CREATED);
    ck_assert_int_eq(VERDICT_RESOURCE, depgraph_check(&made, web, &blocker));
    ck_assert_ptr_eq(&resource, blocker.resource);
    ck_assert_ptr_null(blocker.on);
    ck_assert_int_eq(ECSENGINE_CONTAINER_PULLED, blocker.next);
    ck_assert_int_eq(RESOURCE_CREATED, blocker.satisfied);
    ck_assert_str_eq("dependency graph: dependency on resources not resolved", text_of(web));
    resource.known = RESOURCE_CREATED;
    ck_assert_int_eq(VERDICT_GO, depgraph_check(&made, web, NULL));
    resource.known = RESOURCE_REMOVED;
    ck_assert_int_eq(VERDICT_GO, depgraph_check(&made, web, NULL));
    task->resource_count = 0;
    end();
}
END_TEST

START_TEST(waits_count_on_the_way_down_too_by_the_next_step_up)
{
    depend(CONDITION_START);
    put(&states[0]);
    db->desired = web->desired = ECSENGINE_CONTAINER_STOPPED;
    ck_assert_int_eq(VERDICT_GO, depgraph_check(&made, web, NULL)); /* dependsOn does not */
    wait_for(web, false, 1, ECSENGINE_CONTAINER_PULLED, ECSENGINE_CONTAINER_CREATED);
    ck_assert_int_eq(VERDICT_CONTAINER, depgraph_check(&made, web, NULL));
    db->known = ECSENGINE_CONTAINER_STOPPED;
    ck_assert_int_eq(VERDICT_GO, depgraph_check(&made, web, NULL));
    db->known = ECSENGINE_CONTAINER_RUNNING;
    wait_for(web, false, 1, ECSENGINE_CONTAINER_STOPPED, ECSENGINE_CONTAINER_STOPPED);
    ck_assert_int_eq(VERDICT_GO, depgraph_check(&made, web, NULL)); /* a wait for STOPPED is one of the steady state */
    web->known = ECSENGINE_CONTAINER_RUNNING;
    ck_assert_int_eq(VERDICT_CONTAINER, depgraph_check(&made, web, NULL));
    end();
}
END_TEST

START_TEST(a_run_dependency_waits_for_the_steady_state_manifests_too)
{
    static const uint16_t on_db[] = {1};
    struct blocker blocker;

    depend(CONDITION_CREATE);
    task->definition->containers[0].run_dependencies = on_db;
    task->definition->containers[0].run_dependency_count = 1;
    put(&states[3]);
    web->known = ECSENGINE_CONTAINER_NONE;
    ck_assert_int_eq(VERDICT_LEGACY, depgraph_check(&made, web, &blocker));
    ck_assert_ptr_eq(db, blocker.on);
    ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, blocker.satisfied);
    ck_assert_str_eq("dependency graph: dependent container not in expected state", text_of(web));
    db->known = ECSENGINE_CONTAINER_RUNNING;
    ck_assert_int_eq(VERDICT_GO, depgraph_check(&made, web, NULL));
    db->known = ECSENGINE_CONTAINER_STOPPED;
    ck_assert_int_eq(VERDICT_GO, depgraph_check(&made, web, NULL));
    put(&states[3]);
    web->desired = ECSENGINE_CONTAINER_STOPPED; /* and it is in nobody's way down */
    ck_assert_int_eq(VERDICT_GO, depgraph_check(&made, web, NULL));
    ck_assert_int_eq(VERDICT_GO, depgraph_check(&made, db, NULL));
    end();
}
END_TEST

START_TEST(of_several_that_block_the_first_in_order_is_told)
{
    static const uint16_t on_db[] = {1};
    static struct resource resource;
    static struct resource_def def = {.name = "data"};

    resource.task = task;
    task->resources = &resource;
    task->definition->resources = &def;
    depend(CONDITION_START);
    put(&states[0]);
    task->definition->containers[0].run_dependencies = on_db;
    task->definition->containers[0].run_dependency_count = 1;
    wait_for(web, false, 1, ECSENGINE_CONTAINER_PULLED, ECSENGINE_CONTAINER_CREATED);
    wait_for(web, true, 0, ECSENGINE_CONTAINER_PULLED, RESOURCE_CREATED);
    ck_assert_int_eq(VERDICT_ORDER, depgraph_check(&made, web, NULL));
    task->definition->containers[0].dependency_count = 0;
    ck_assert_int_eq(VERDICT_LEGACY, depgraph_check(&made, web, NULL));
    task->definition->containers[0].run_dependency_count = 0;
    ck_assert_int_eq(VERDICT_CONTAINER, depgraph_check(&made, web, NULL));
    task->definition->containers[0].container_wait_count = 0;
    ck_assert_int_eq(VERDICT_RESOURCE, depgraph_check(&made, web, NULL));
    resource.known = RESOURCE_CREATED;
    ck_assert_int_eq(VERDICT_GO, depgraph_check(&made, web, NULL));
    end();
}
END_TEST

START_TEST(a_resource_waits_for_containers)
{
    static const struct transition_dependency wait = {.on = 1, .next = RESOURCE_CREATED, .satisfied = ECSENGINE_CONTAINER_RUNNING};
    static struct resource resource;
    static struct resource_def def = {.name = "data", .dependencies = &wait, .dependency_count = 1};
    struct blocker blocker;
    char text[DEPGRAPH_TEXT_MAX];

    resource.task = task;
    resource.desired = RESOURCE_CREATED;
    task->definition->resources = &def;
    put(&states[3]);
    ck_assert_int_eq(VERDICT_CONTAINER, depgraph_check_resource(&resource, &blocker));
    ck_assert_ptr_eq(db, blocker.on);
    ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, blocker.satisfied);
    depgraph_text(NULL, &blocker, text);
    ck_assert_str_eq("dependency graph: resource's dependency on containers not resolved", text);
    db->known = ECSENGINE_CONTAINER_STOPPED;
    ck_assert_int_eq(VERDICT_GO, depgraph_check_resource(&resource, NULL));
    put(&states[3]);
    resource.desired = RESOURCE_REMOVED; /* one that was never made waits all the same (3.6) */
    ck_assert_int_eq(VERDICT_CONTAINER, depgraph_check_resource(&resource, NULL));
    resource.known = RESOURCE_CREATED;
    ck_assert_int_eq(VERDICT_GO, depgraph_check_resource(&resource, NULL));
    resource.known = RESOURCE_REMOVED;
    ck_assert_int_eq(VERDICT_PAST, depgraph_check_resource(&resource, &blocker));
    depgraph_text(NULL, &blocker, text);
    ck_assert_str_eq("task resource transition: task resource status is equal or greater than desired status", text);
    end();
}
END_TEST

START_TEST(a_hopeless_dependency_ends_its_target_with_143)
{
    struct ecsengine_op *op;
    task_free(task);
    made_settle();
    task = made_add(TASK("{'name':'web','image':'nginx','memory':4,'dependsOn':[{'containerName':'db','condition':'SUCCESS'}]},"
                         "{'name':'db','image':'postgres:15','memory':4,'essential':false}"));
    web = &task->containers[0];
    db = &task->containers[1];
    made_settle();
    ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, db->known);
    struct str *id = str_ref(db->runtime_id);
    struct runtime_notice notice = {.input.kind = INPUT_RUNTIME_EVENT, .kind = 3 /* die */, .container = id};
    made_apply(&notice.input);
    op = made_next();
    ck_assert_int_eq(ECSENGINE_OP_INSPECT, op->kind);
    struct ecsengine_result *result = made_result();
    ecsengine_result_set_running(result, 0);
    ecsengine_result_set_started_at(result, WALL_0);
    ecsengine_result_set_exit_code(result, 3);
    made_answer(op, result);
    ck_assert_int_eq(ECSENGINE_CONTAINER_STOPPED, web->known);
    ck_assert(web->has_exit_code && web->exit_code == 143);
    ck_assert_ptr_nonnull(strstr(str_text(web->error), "CannotStartContainerError: dependency graph: failed to resolve"));
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, task->known);
    str_unref(id);
    made_close();
}
END_TEST

struct walked {
    size_t unmet;
    bool same; /* the one that depgraph_check() names is among them */
    struct blocker named;
};

static void note_entry(const struct blocker *entry, enum depgraph_state state, void *data)
{
    struct walked *walked = data;

    if (state != DEPGRAPH_UNMET)
        return;
    walked->unmet++;
    walked->same = walked->same || (entry->verdict == walked->named.verdict && entry->on == walked->named.on &&
                                    entry->condition == walked->named.condition);
}

static void walk_agrees(const struct task *task)
{
    for (uint16_t i = 0; i < task->container_count; i++) {
        const struct container *container = &task->containers[i];
        struct walked walked = {0};
        enum verdict verdict = depgraph_check(&made, container, &walked.named);
        if (verdict == VERDICT_PAST)
            continue;
        depgraph_walk(&made, container, note_entry, &walked);
        ck_assert_int_eq(verdict == VERDICT_GO, walked.unmet == 0);
        ck_assert(verdict == VERDICT_GO || walked.same);
    }
}

/* After every answer, up and down. */
START_TEST(what_is_walked_is_what_the_verdict_is_made_of)
{
    struct ecsengine_op *op;

    struct task *whole = made_add(TASK("{'name':'web','image':'i','memory':4,'dependsOn':[{'containerName':'db','condition':'START'},"
                                      "{'containerName':'log','condition':'HEALTHY'}]},"
                                      "{'name':'db','image':'i','memory':4},"
                                      "{'name':'log','image':'i','memory':4,'essential':false,'healthCheck':{'command':['CMD','x']}}"));
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(0, engine_settle(&made));
        while ((op = made_next()) != NULL) {
            walk_agrees(whole);
            made_good(op);
        }
        walk_agrees(whole);
        if (i == 0) {
            struct blocker blocker;
            ck_assert_int_eq(VERDICT_ORDER, depgraph_check(&made, &whole->containers[0], &blocker)); /* nobody is healthy yet */
            made_stop(whole);
        }
    }
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, whole->known);
    end();
}
END_TEST

START_TEST(START_of_a_task_that_shall_be_created_alone_is_met_by_one_that_is_created)
{
    depend(CONDITION_START);
    web->desired = db->desired = ECSENGINE_CONTAINER_CREATED;
    db->known = ECSENGINE_CONTAINER_PULLED;
    ck_assert_int_eq(VERDICT_ORDER, depgraph_check(&made, web, NULL));
    db->known = ECSENGINE_CONTAINER_CREATED;
    ck_assert_int_eq(VERDICT_GO, depgraph_check(&made, web, NULL));
    web->desired = ECSENGINE_CONTAINER_RUNNING;
    ck_assert_int_eq(VERDICT_ORDER, depgraph_check(&made, web, NULL));
    end();
}
END_TEST

START_TEST(health_is_of_a_container_that_has_a_check)
{
    depend(CONDITION_HEALTHY);
    put(&states[5]);
    ck_assert_int_eq(VERDICT_GO, depgraph_check(&made, web, NULL));
    task->definition->containers[1].health_check = false;
    ck_assert_int_eq(VERDICT_ORDER, depgraph_check(&made, web, NULL));
    end();
}
END_TEST

START_TEST(what_is_about_to_begin_may_start_yet_though_it_shall_stop)
{
    static struct ecsengine_op op;

    depend(CONDITION_START);
    put(&states[10]);
    ck_assert_int_eq(VERDICT_TERMINAL, depgraph_check(&made, web, NULL));
    db->applied = ECSENGINE_CONTAINER_RUNNING;
    ck_assert_int_eq(VERDICT_ORDER, depgraph_check(&made, web, NULL));
    db->applied = ECSENGINE_CONTAINER_NONE;
    db->op = &op;
    ck_assert_int_eq(VERDICT_ORDER, depgraph_check(&made, web, NULL));
    db->op = NULL;
    end();
}
END_TEST

START_TEST(of_several_entries_of_one_kind_the_first_that_blocks_is_told)
{
    static const uint16_t runs[] = {1, 1};
    static struct transition_dependency waits[] = {
        {.on = 1, .next = ECSENGINE_CONTAINER_PULLED, .satisfied = ECSENGINE_CONTAINER_PULLED},
        {.on = 1, .next = ECSENGINE_CONTAINER_PULLED, .satisfied = ECSENGINE_CONTAINER_CREATED},
        {.on = 1, .next = ECSENGINE_CONTAINER_PULLED, .satisfied = ECSENGINE_CONTAINER_RUNNING},
    };
    static struct resource resources[2];
    static struct resource_def defs[] = {{.name = "one"}, {.name = "two"}};
    static const struct transition_dependency on_resources[] = {
        {.on = 0, .next = ECSENGINE_CONTAINER_PULLED, .satisfied = RESOURCE_CREATED},
        {.on = 1, .next = ECSENGINE_CONTAINER_PULLED, .satisfied = RESOURCE_CREATED},
    };
    struct container_def *def = &task->definition->containers[0];
    struct blocker blocker;

    depend(CONDITION_CREATE);
    put(&states[3]);
    def->container_waits = waits;
    def->container_wait_count = 3;
    ck_assert_int_eq(VERDICT_CONTAINER, depgraph_check(&made, web, &blocker)); /* the third, since db is created */
    ck_assert_int_eq(ECSENGINE_CONTAINER_RUNNING, blocker.satisfied);
    def->dependency_count = 0;
    db->known = ECSENGINE_CONTAINER_NONE;
    depgraph_check(&made, web, &blocker);
    ck_assert_int_eq(ECSENGINE_CONTAINER_PULLED, blocker.satisfied);
    def->run_dependencies = runs;
    def->run_dependency_count = 2;
    ck_assert_int_eq(VERDICT_LEGACY, depgraph_check(&made, web, &blocker));
    def->run_dependency_count = def->container_wait_count = 0;
    resources[0].task = resources[1].task = task;
    task->resources = resources;
    task->definition->resources = defs;
    def->resource_waits = on_resources;
    def->resource_wait_count = 2;
    ck_assert_int_eq(VERDICT_RESOURCE, depgraph_check(&made, web, &blocker));
    ck_assert_ptr_eq(&resources[0], blocker.resource);
    resources[0].known = RESOURCE_CREATED;
    ck_assert_int_eq(VERDICT_RESOURCE, depgraph_check(&made, web, &blocker));
    ck_assert_ptr_eq(&resources[1], blocker.resource);
    end();
}
END_TEST

/* Names as long as they may be: the text has those that fit. */
START_TEST(who_is_waited_for_with_a_stop_is_named_as_far_as_there_is_place)
{
    static char document[16384];
    char name[256], text[DEPGRAPH_TEXT_MAX];
    struct blocker blocker;

    end();
    made_start();
    made_open();
    memset(name, 'x', 250);
    name[250] = '\0';
    size_t len = (size_t)snprintf(document, sizeof(document), "{'taskArn':'" ARN "','family':'f','containerDefinitions':[{'name':'db','image':'x','memory':4}");
    for (int i = 0; i < 8; i++)
        len += (size_t)snprintf(document + len, sizeof(document) - len,
                                ",{'name':'%d%s','image':'x','memory':4,'dependsOn':[{'containerName':'db','condition':'START'}]}", i, name);
    snprintf(document + len, sizeof(document) - len, "]}");
    task = made_task(document);
    for (uint16_t i = 0; i < task->container_count; i++) {
        task->containers[i].known = ECSENGINE_CONTAINER_RUNNING;
        task->containers[i].desired = ECSENGINE_CONTAINER_STOPPED;
    }
    task->containers[1].known = ECSENGINE_CONTAINER_STOPPED;
    ck_assert_int_eq(VERDICT_STOP_ORDER, depgraph_check(&made, &task->containers[0], &blocker));
    depgraph_text(&task->containers[0], &blocker, text);
    ck_assert_uint_eq(DEPGRAPH_TEXT_MAX - 1, strlen(text));
    ck_assert_ptr_null(strstr(text, "[0x"));
    ck_assert_ptr_nonnull(strstr(text, ": [1x"));
    ck_assert_ptr_nonnull(strstr(text, ", [4x"));
    ck_assert_ptr_null(strstr(text, "[6x"));
    end();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, what_is_walked_is_what_the_verdict_is_made_of);
    tcase_add_checked_fixture(tcase, begin, NULL);
    tcase_add_test(tcase, every_condition_against_every_state);
    tcase_add_test(tcase, texts_are_the_references);
    tcase_add_test(tcase, a_start_timeout_ends_the_wait_for_an_end_or_for_health_alone);
    tcase_add_test(tcase, manifests_are_resolved_without_order_and_pulls_too_if_wanted);
    tcase_add_test(tcase, a_container_stops_after_those_that_depend_on_it);
    tcase_add_test(tcase, nobody_begins_to_rely_on_what_is_being_stopped);
    tcase_add_test(tcase, what_never_ran_does_not_wait_with_its_end_for_who_runs);
    tcase_add_test(tcase, what_runs_does_not_wait_with_its_stop_for_who_does_not);
    tcase_add_test(tcase, a_steady_state_other_than_running_is_what_START_waits_for);
    tcase_add_test(tcase, a_container_wait_holds_one_step_back_until_the_other_is_so_far);
    tcase_add_test(tcase, a_resource_wait_holds_one_step_back_until_the_resource_is_made_or_not_wanted);
    tcase_add_test(tcase, waits_count_on_the_way_down_too_by_the_next_step_up);
    tcase_add_test(tcase, a_run_dependency_waits_for_the_steady_state_manifests_too);
    tcase_add_test(tcase, of_several_that_block_the_first_in_order_is_told);
    tcase_add_test(tcase, a_resource_waits_for_containers);
    tcase_add_test(tcase, a_hopeless_dependency_ends_its_target_with_143);
    tcase_add_test(tcase, START_of_a_task_that_shall_be_created_alone_is_met_by_one_that_is_created);
    tcase_add_test(tcase, health_is_of_a_container_that_has_a_check);
    tcase_add_test(tcase, what_is_about_to_begin_may_start_yet_though_it_shall_stop);
    tcase_add_test(tcase, of_several_entries_of_one_kind_the_first_that_blocks_is_told);
    tcase_add_test(tcase, who_is_waited_for_with_a_stop_is_named_as_far_as_there_is_place);
}

int main(void) { return made_run("depgraph", fill); }
