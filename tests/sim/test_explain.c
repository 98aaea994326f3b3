/* SPDX-License-Identifier: Apache-2.0 */
/* Explanations: for every kind of cause a task that is in its way. Each test has the cause told, with what belongs to it, takes away
 * exactly what the cause names, and sees the task move at once, or at the time that was told. */
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explained.h"
#include "invariants.h"
#include "payload.h"
#include "scenario.h"

static struct harness harness;

/* ---- a world ---- */

static void begin(const char *const *config)
{
    harness = (struct harness){.seed = 5, .config = config, .at_rest = explained_check, .with_store = harness.with_store, .ack = harness.ack};
    harness_start(&harness);
    invariants_tampered(harness.invariants); /* what is done here is done from outside */
}

static void end(void)
{
    harness_end(&harness);
    if (harness.broken.len > 0)
        ck_abort_msg("%s\n%s", harness.broken.data, text_or_empty(&harness.trace));
    harness_free(&harness);
}

static void script(const char *line) { ck_assert_int_eq(0, ecsengine_sim_script(harness.sim, line, NULL)); }

/* `add("t1", "a", "essential=false", "b", "", NULL)` */
static void add(const char *name, ...)
{
    json_t *task = payload_task(name, "");
    const char *container;
    va_list args;

    va_start(args, name);
    while ((container = va_arg(args, const char *)) != NULL)
        ck_assert_int_eq(0, payload_add_container(task, container, va_arg(args, const char *)));
    va_end(args);
    char *text = json_dumps(task, JSON_COMPACT);
    json_decref(task);
    ck_assert_int_eq(0, harness_add(&harness, text));
    free(text);
    harness_settle(&harness);
}

static void stop(const char *task)
{
    ck_assert_int_eq(0, harness_stop(&harness, task));
    harness_settle(&harness);
}

static void after(int64_t ns)
{
    bool ran = harness_run_until(&harness, harness.mono_ns + ns, NULL, NULL);

    ck_assert_msg(ran, "%s", text_or_empty(&harness.broken));
}

static const char *runtime_name(const char *task, const char *container)
{
    const char *name = harness_runtime_name(&harness, task, container);

    ck_assert_ptr_nonnull(name);
    return name;
}

static void exits(const char *task, const char *container, int code)
{
    ck_assert_int_eq(0, ecsengine_sim_kill(harness.sim, runtime_name(task, container), code, NULL));
    harness_settle(&harness);
}

/* ---- what is said ---- */

static json_t *document; /* the last one */

/* `t1` or `t1/web`: its first cause; borrowed until the next question. */
static const json_t *cause_of(const char *what)
{
    char task[64], container[64] = "";

    sscanf(what, "%63[^/]/%63s", task, container);
    json_decref(document);
    document = explained(&harness, task);
    ck_assert_msg(document != NULL, "there is no %s", what);
    const json_t *found = *container == '\0' ? document : NULL;
    json_t *containers = json_object_get(document, "containers"), *one;
    size_t i;
    json_array_foreach(containers, i, one)
        if (strcmp(json_string_value(json_object_get(one, "containerName")), container) == 0)
            found = one;
    ck_assert_msg(found != NULL, "there is no %s", what);
    return json_array_get(json_object_get(found, "causes"), 0);
}

static const char *word_of(const char *what) { return json_string_value(json_object_get(cause_of(what), "cause")); }

/* The member at a path such as `dependency.condition`, `holders.0.taskArn`. */
static const json_t *at(const json_t *cause, const char *path)
{
    char part[64];

    for (size_t len; *path != '\0'; path += len + (path[len] == '.')) {
        len = strcspn(path, ".");
        snprintf(part, sizeof(part), "%.*s", (int)len, path);
        cause = json_is_array(cause) ? json_array_get(cause, strtoul(part, NULL, 10)) : json_object_get(cause, part);
    }
    return cause;
}

/* The first cause is this one, and has these members: `says("t1/a", "retry", "operation", "create", NULL)`. Numbers are written out. */
static void says(const char *what, const char *word, ...)
{
    const json_t *cause = cause_of(what);
    const char *path, *want;
    char number[32];
    va_list args;
    char *all = json_dumps(cause, JSON_COMPACT);

    ck_assert_msg(strcmp(json_string_value(at(cause, "cause")), word) == 0, "%s is not %s: %s", what, word, all);
    va_start(args, word);
    while ((path = va_arg(args, const char *)) != NULL) {
        want = va_arg(args, const char *);
        const json_t *value = at(cause, path);
        snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(value));
        const char *got = json_is_string(value)  ? json_string_value(value)
                          : json_is_boolean(value) ? (json_is_true(value) ? "true" : "false")
                          : value != NULL          ? number
                                                   : "(nothing)";
        ck_assert_msg(strcmp(got, want) == 0, "%s: %s is %s, not %s: %s", what, path, got, want, all);
    }
    va_end(args);
    free(all);
}

/* How long until the time that the cause names. */
static int64_t due_in(const char *what)
{
    const json_t *due = json_object_get(cause_of(what), "due");

    ck_assert_ptr_nonnull(due);
    return json_integer_value(due) - json_integer_value(json_object_get(document, "asOf"));
}

static bool is(const char *what, const char *word) { return strcmp(word_of(what), word) == 0; }

/* The cause ends at the time that it names, and neither later nor before. */
static void ends_when_due(const char *what)
{
    char before[64];
    int64_t left = due_in(what);

    ck_assert_int_gt(left, 0);
    snprintf(before, sizeof(before), "%s", word_of(what));
    if (left > 1)
        after(left - 1);
    ck_assert_msg(is(what, before), "%s is %s before it is due", what, word_of(what));
    after(1);
    ck_assert_msg(!is(what, before) || due_in(what) > 1, "%s is still %s when it is due", what, before);
}

/* Has it also that cause? */
static bool has_also(const char *what, const char *word)
{
    cause_of(what);
    bool found = false;
    json_t *cause;
    size_t i;
    const json_t *whole = document;
    json_t *containers = json_object_get(document, "containers"), *one;

    json_array_foreach(containers, i, one)
        if (strchr(what, '/') != NULL && strcmp(json_string_value(json_object_get(one, "containerName")), strchr(what, '/') + 1) == 0)
            whole = one;
    json_array_foreach(json_object_get(whole, "causes"), i, cause)
        found = found || strcmp(json_string_value(json_object_get(cause, "cause")), word) == 0;
    return found;
}

/* ---- the runtime ---- */

static void runtime_that_never_answered(void)
{
    begin(NULL);
    ecsengine_sim_set_down(harness.sim, 1, NULL);
    harness_settle(&harness);
    add("t1", "a", "", NULL);
    says("t1", "runtime-unreachable", NULL);
    says("t1/a", "runtime-unreachable", "tries", "1", NULL);
    ck_assert_str_ne("", json_string_value(at(cause_of("t1"), "error")));
    ck_assert_int_eq(0, ecsengine_sim_set_down(harness.sim, 0, NULL));
    after(due_in("t1"));
    says("t1", "running", NULL);
    end();
}

static void host_facts_that_do_not_come(void)
{
    begin(NULL);
    script("op=info fault=hang times=1");
    harness_settle(&harness);
    add("t1", "a", "", NULL);
    says("t1/a", "waits-for-host-facts", "operation", "info", "operationId", "2", NULL);
    ends_when_due("t1");
    after(due_in("t1"));
    says("t1", "running", NULL);
    end();
}

static void runtime_that_went_away(void)
{
    begin(NULL);
    harness_settle(&harness);
    add("t1", "a", "", NULL);
    ecsengine_sim_set_down(harness.sim, 1, NULL);
    harness_settle(&harness);
    ck_assert(has_also("t1", "runtime-unreachable"));
    ck_assert(has_also("t1/a", "runtime-unreachable"));
    stop("t1");
    after(60 * SECOND);
    says("t1/a", "retry", "operation", "stop", NULL);
    ck_assert(has_also("t1/a", "runtime-unreachable"));
    ck_assert_int_eq(60 * SECOND, json_integer_value(json_object_get(document, "asOf")) -
                                      json_integer_value(at(document, "causes.1.since")));
    ecsengine_sim_set_down(harness.sim, 0, NULL);
    ends_when_due("t1/a");
    says("t1/a", "stopped", NULL);
    end();
}

static void restored_while_the_runtime_is_away(void)
{
    harness.with_store = true;
    begin(NULL);
    harness_settle(&harness);
    add("t1", "a", "", NULL);
    says("t1", "running", NULL);
    ecsengine_sim_set_down(harness.sim, 1, NULL);
    harness_restart(&harness);
    harness_settle(&harness);
    stop("t1");
    says("t1", "runtime-unreachable", NULL);
    says("t1/a", "runtime-unreachable", NULL);
    ecsengine_sim_set_down(harness.sim, 0, NULL);
    after(due_in("t1"));
    says("t1", "cleanup-due", NULL);
    end();
}

/* ---- the queue ---- */

static void queued_for_cpu(void)
{
    static const char *const config[] = {"host-cpu", "1000", "host-memory", "1000", NULL};

    begin(config);
    harness_settle(&harness);
    add("t1", "a", "cpu=700", NULL);
    add("t2", "a", "cpu=400", NULL);
    add("t3", "a", "cpu=100", NULL);
    says("t1", "running", NULL);
    says("t2", "queued", "place", "1", "queueLength", "2", "lacks.0.resource", "cpu", "lacks.0.needed", "400", "lacks.0.free", "300",
         "lacks.0.missing", "100", "lacks.0.capacity", "1000", "lacks.0.never", "false", NULL);
    says("t2/a", "queued", "lacks.0.resource", "cpu", NULL);
    says("t3", "queued", "place", "2", "behind", ARN_HEAD "t2", NULL);
    stop("t1");
    says("t2", "running", NULL);
    says("t3", "running", NULL);
    end();
}

static void queued_behind_another(void)
{
    static const char *const config[] = {"host-cpu", "1000", "host-memory", "1000", NULL};

    begin(config);
    harness_settle(&harness);
    add("t1", "a", "cpu=700", NULL);
    add("t2", "a", "cpu=400", NULL);
    add("t3", "a", "cpu=100", NULL);
    says("t3", "queued", "behind", ARN_HEAD "t2", NULL);
    stop("t2");
    says("t3", "running", NULL);
    end();
}

static void queued_for_a_port(void)
{
    begin(NULL);
    harness_settle(&harness);
    add("t1", "a", "ports=80:8080/tcp", NULL);
    add("t2", "a", "ports=80:8080/tcp", NULL);
    says("t2", "queued", "lacks.0.resource", "port", "lacks.0.port", "8080", "lacks.0.protocol", "tcp", "lacks.0.holder", ARN_HEAD "t1",
         "lacks.0.never", "false", NULL);
    stop("t1");
    says("t2", "running", NULL);
    end();
}

static void queued_for_more_than_there_is(void)
{
    static const char *const config[] = {"host-cpu", "1000", "host-memory", "1000", NULL};

    begin(config);
    harness_settle(&harness);
    add("t1", "a", "memory=2000", NULL);
    says("t1", "queued", "lacks.0.resource", "memory", "lacks.0.missing", "1000", "lacks.0.never", "true", NULL);
    stop("t1"); /* all that can be done about it */
    says("t1", "cleanup-due", NULL);
    end();
}

/* ---- operations, retries, pulls ---- */

static void operation_that_hangs(void)
{
    begin(NULL);
    script("op=create fault=hang times=1");
    harness_settle(&harness);
    add("t1", "a", "", NULL);
    says("t1", "waits-for-containers", "parts.0.containerName", "a", "parts.0.cause", "operation-in-flight", NULL);
    says("t1/a", "operation-in-flight", "operation", "create", NULL);
    ends_when_due("t1/a");
    says("t1/a", "stopped", NULL);
    ck_assert_int_eq(0, strncmp("DockerTimeoutError", json_string_value(at(cause_of("t1/a"), "reason")), 18));
    end();
}

static void operation_that_is_answered(void)
{
    begin(NULL);
    script("op=start delay=7s");
    harness_settle(&harness);
    add("t1", "a", "health=true", NULL);
    says("t1/a", "operation-in-flight", "operation", "start", NULL);
    after(7 * SECOND - 1);
    says("t1/a", "operation-in-flight", "operation", "start", NULL);
    after(1);
    says("t1/a", "running", "health", "UNKNOWN", NULL);
    end();
}

static void pull_that_takes_its_time(void)
{
    begin(NULL);
    script("op=pull-image delay=1m");
    harness_settle(&harness);
    add("t1", "a", "", NULL);
    after(25 * SECOND);
    says("t1/a", "operation-in-flight", "operation", "pull-image", NULL);
    ck_assert_ptr_nonnull(at(cause_of("t1/a"), "pull.current"));
    ck_assert_ptr_nonnull(at(cause_of("t1/a"), "pull.total"));
    ck_assert_ptr_nonnull(at(cause_of("t1/a"), "pull.text"));
    ck_assert_int_gt(due_in("t1/a"), 50 * SECOND); /* patience begins anew with each report */
    after(35 * SECOND);
    says("t1", "running", NULL);
    end();
}

static void pull_that_fails_at_first(void)
{
    begin(NULL);
    script("op=pull-image fault=error text=\"no network\" times=2");
    harness_settle(&harness);
    add("t1", "a", "", NULL);
    says("t1/a", "retry", "operation", "pull-image", "tries", "1", "error", "CannotPullContainerError: no network", NULL);
    ends_when_due("t1/a");
    says("t1/a", "retry", "operation", "pull-image", "tries", "2", NULL);
    ends_when_due("t1/a");
    says("t1", "running", NULL);
    end();
}

static void pull_that_waits_for_a_slot(void)
{
    static const char *const config[] = {"image-pull-parallel", "1", NULL};

    begin(config);
    script("op=pull-image delay=10s");
    harness_settle(&harness);
    add("t1", "a", "", NULL);
    add("t2", "b", "", NULL);
    add("t3", "c", "", NULL);
    says("t2/b", "waits-for-pull", "place", "1", "slots", "1", "holders.0.taskArn", ARN_HEAD "t1", "holders.0.containerName", "a", NULL);
    says("t3/c", "waits-for-pull", "place", "2", NULL);
    stop("t1"); /* the one that has it */
    after(10 * SECOND);
    ck_assert(!is("t2/b", "waits-for-pull"));
    says("t3/c", "waits-for-pull", "place", "1", "holders.0.containerName", "b", NULL);
    end();
}

static void stop_that_fails_at_first(void)
{
    begin(NULL);
    script("op=stop fault=error text=\"busy\" times=1");
    harness_settle(&harness);
    add("t1", "a", "", NULL);
    stop("t1");
    says("t1/a", "retry", "operation", "stop", "tries", "1", "error", "CannotStopContainerError: busy", NULL);
    ends_when_due("t1/a");
    says("t1/a", "stopped", "exitCode", "0", NULL);
    end();
}

static void inspection_after_a_start(void)
{
    begin(NULL);
    script("records=false");
    script("op=inspect delay=3s");
    harness_settle(&harness);
    add("t1", "a", "", NULL);
    says("t1/a", "operation-in-flight", "operation", "inspect", NULL);
    after(3 * SECOND);
    says("t1/a", "running", NULL);
    end();
}

/* ---- dependencies ---- */

static void depends(const char *condition, const char *on)
{
    char words[64];

    begin(NULL);
    if (on[0] != 's')
        script("container=db run=never");
    if (on[0] == 's')
        script("container=db op=start delay=5s");
    harness_settle(&harness);
    snprintf(words, sizeof(words), "dependsOn=db:%s", condition);
    add("t1", "web", words, "db", "essential=false health=true startTimeout=60", NULL);
}

static void dependency_that_starts(void)
{
    depends("START", "slow");
    says("t1/web", "waits-for-dependency", "dependency.containerName", "db", "dependency.condition", "START", "dependency.knownStatus",
         "CREATED", "dependency.desiredStatus", "RUNNING", NULL);
    after(5 * SECOND);
    says("t1/web", "running", NULL);
    end();
}

static void dependency_that_ends(void)
{
    depends("COMPLETE", "runs");
    says("t1/web", "waits-for-dependency", "dependency.condition", "COMPLETE", "dependency.knownStatus", "RUNNING", NULL);
    exits("t1", "db", 3);
    says("t1/web", "running", NULL);
    end();
}

static void dependency_that_succeeds(void)
{
    depends("SUCCESS", "runs");
    says("t1/web", "waits-for-dependency", "dependency.condition", "SUCCESS", NULL);
    exits("t1", "db", 0);
    says("t1/web", "running", NULL);
    end();
}

static void dependency_that_becomes_healthy(void)
{
    begin(NULL);
    script("container=db healthy-after=20s");
    harness_settle(&harness);
    add("t1", "web", "dependsOn=db:HEALTHY", "db", "health=true", NULL);
    says("t1/web", "waits-for-dependency", "dependency.condition", "HEALTHY", "dependency.health", "UNKNOWN", NULL);
    ck_assert_ptr_null(at(cause_of("t1/web"), "due"));
    after(20 * SECOND);
    says("t1/db", "running", "health", "HEALTHY", NULL);
    says("t1/web", "running", NULL);
    end();
}

static void several_dependencies_at_once(void)
{
    begin(NULL);
    script("container=db healthy-after=20s");
    harness_settle(&harness);
    add("t1", "web", "dependsOn=init:SUCCESS,db:HEALTHY", "db", "health=true", "init", "essential=false", NULL);
    says("t1/web", "waits-for-dependency", "dependency.containerName", "db", NULL); /* the last one is the one that the engine names */
    ck_assert_str_eq("init", json_string_value(at(document, "containers.0.causes.1.dependency.containerName")));
    ck_assert_uint_eq(2, json_array_size(at(document, "containers.0.causes")));
    after(20 * SECOND);
    says("t1/web", "waits-for-dependency", "dependency.containerName", "init", "dependency.condition", "SUCCESS", NULL);
    ck_assert_uint_eq(1, json_array_size(at(document, "containers.0.causes")));
    exits("t1", "init", 0);
    says("t1/web", "running", NULL);
    end();
}

static void add_document(const char *text)
{
    ck_assert_int_eq(0, harness_add(&harness, text));
    harness_settle(&harness);
}

static const char with_volume[] =
    "{\"arn\":\"" ARN_HEAD "t1\",\"family\":\"fam\",\"version\":\"1\",\"desiredStatus\":\"RUNNING\",\"containers\":[{\"name\":\"a\","
    "\"image\":\"busybox:1\",\"essential\":true,\"cpu\":10,\"memory\":32,\"mountPoints\":[{\"sourceVolume\":\"data\",\"containerPath\":"
    "\"/data\"}]}],\"volumes\":[{\"name\":\"data\",\"type\":\"docker\",\"dockerVolumeConfiguration\":{\"scope\":\"task\",\"driver\":"
    "\"local\"}}]}";

static void volume_that_takes_its_time(void)
{
    begin(NULL);
    script("op=volume-create delay=7s");
    script("op=volume-remove fault=error text=\"in use\" times=1");
    script("op=volume-remove nth=2 delay=3s");
    harness_settle(&harness);
    add_document(with_volume);
    says("t1/a", "waits-for-resource", "resource.name", "data", "resource.neededStatus", "CREATED", "resource.knownStatus", "NONE",
         "operation", "volume-create", NULL);
    ck_assert_int_gt(due_in("t1/a"), 200 * SECOND);
    after(7 * SECOND);
    says("t1", "running", NULL);
    stop("t1");
    after(SECOND);
    says("t1", "waits-for-resource-removal", "resource.name", "data", "operation", "volume-remove", "tries", "1", NULL);
    ends_when_due("t1");
    says("t1", "waits-for-resource-removal", "operation", "volume-remove", NULL);
    after(3 * SECOND);
    ck_assert_ptr_null(explained(&harness, "t1"));
    end();
}

static void restart_that_pauses(void)
{
    begin(NULL);
    harness_settle(&harness);
    json_t *task = payload_task("t1", "");
    payload_add_container(task, "a", "");
    json_object_set_new(json_array_get(json_object_get(task, "containers"), 0), "restartPolicy",
                        json_pack("{s:b,s:i}", "enabled", 1, "restartAttemptPeriod", 60));
    char *text = json_dumps(task, JSON_COMPACT);
    json_decref(task);
    add_document(text);
    free(text);
    script("op=start fault=error text=\"no room\" times=1");
    after(120 * SECOND);
    exits("t1", "a", 3);
    says("t1/a", "restart-back-off", "operation", "start", "tries", "1", "exitCode", "3", "restarts", "1", "error",
         "CannotStartContainerError: no room", NULL);
    ends_when_due("t1/a");
    says("t1", "running", NULL);
    says("t1/a", "running", NULL);
    end();
}

static void dependency_whose_start_timeout_is_over(void)
{
    begin(NULL);
    script("container=db healthy-after=never");
    harness_settle(&harness);
    add("t1", "web", "dependsOn=db:HEALTHY", "db", "health=true startTimeout=30", NULL);
    says("t1/web", "waits-for-dependency", "dependency.condition", "HEALTHY", NULL);
    ck_assert_int_le(due_in("t1/web"), 30 * SECOND + 1);
    ends_when_due("t1/web");
    says("t1/web", "stopped", NULL);
    ck_assert_ptr_nonnull(strstr(json_string_value(at(cause_of("t1/web"), "reason")), "has timed out"));
    end();
}

static void stop_in_order(void)
{
    begin(NULL);
    script("container=web stop-after=8s");
    harness_settle(&harness);
    add("t1", "web", "dependsOn=db:START", "db", "", NULL);
    stop("t1");
    says("t1/web", "operation-in-flight", "operation", "stop", NULL);
    says("t1/db", "waits-for-stop-order", "dependent.containerName", "web", "dependent.knownStatus", "RUNNING", "dependent.desiredStatus",
         "STOPPED", NULL);
    exits("t1", "web", 0);
    says("t1/db", "stopped", NULL);
    end();
}

/* ---- the store ---- */

static void create_that_waits_for_a_slow_store(void)
{
    harness.with_store = true;
    begin(NULL);
    harness_settle(&harness);
    ecsengine_memory_store_hold(harness.store, 1);
    add("t1", "a", "", NULL);
    after(2 * SECOND);
    says("t1/a", "waits-for-store", "operation", "create", NULL);
    ck_assert_int_gt(json_integer_value(at(cause_of("t1/a"), "batchId")), 0);
    ck_assert_int_eq(2 * SECOND, json_integer_value(json_object_get(document, "asOf")) - json_integer_value(at(cause_of("t1/a"), "since")));
    ecsengine_memory_store_hold(harness.store, 0);
    ecsengine_memory_store_flush(harness.store);
    harness_settle(&harness);
    says("t1", "running", NULL);
    end();
}

static void create_that_waits_for_a_failing_store(void)
{
    harness.with_store = true;
    begin(NULL);
    harness_settle(&harness);
    ecsengine_memory_store_fail(harness.store, 2, ECSENGINE_EIO);
    add("t1", "a", "", NULL);
    says("t1/a", "waits-for-store", "operation", "create", "tries", "1", "error", "ECSENGINE_EIO", NULL);
    ends_when_due("t1/a");
    says("t1/a", "waits-for-store", "tries", "2", NULL);
    ends_when_due("t1/a");
    says("t1", "running", NULL);
    end();
}

static void event_that_waits_for_the_store(void)
{
    harness.with_store = true;
    begin(NULL);
    harness_settle(&harness);
    add("t1", "a", "", NULL);
    ecsengine_memory_store_hold(harness.store, 1);
    stop("t1");
    after(2 * SECOND);
    says("t1", "waits-for-store", NULL);
    ck_assert_ptr_null(at(cause_of("t1"), "operation"));
    ecsengine_memory_store_hold(harness.store, 0);
    ecsengine_memory_store_flush(harness.store);
    harness_settle(&harness);
    ck_assert_ptr_null(explained(&harness, "t1")); /* it went all the way */
    end();
}

/* ---- the end ---- */

static void ack_one(uint64_t id)
{
    for (size_t i = 0; i < harness.event_count; i++)
        if (harness.events[i].id == id)
            harness.events[i].acked = true;
    ck_assert_int_eq(0, ecsengine_event_ack(harness.engine, id, NULL));
    harness_settle(&harness);
}

static void kept_for_a_while_then_for_the_host(void)
{
    static const char *const config[] = {"engine-task-cleanup-wait-duration", "10m", NULL};

    harness.ack = ACK_BY_HAND;
    begin(config);
    harness_settle(&harness);
    add("t1", "a", "", NULL);
    stop("t1");
    says("t1/a", "stopped", NULL);
    says("t1", "cleanup-due", NULL);
    ends_when_due("t1");
    says("t1", "waits-for-acknowledgement", NULL);
    ck_assert_uint_eq(1, ecsengine_sim_container_count(harness.sim));
    ack_one((uint64_t)json_integer_value(at(cause_of("t1"), "eventId")));
    ck_assert_uint_eq(0, ecsengine_sim_container_count(harness.sim));
    says("t1", "waits-for-acknowledgement", NULL); /* of its removal */
    says("t1/a", "removed", NULL);
    ack_one((uint64_t)json_integer_value(at(cause_of("t1"), "eventId")));
    ck_assert_ptr_null(explained(&harness, "t1"));
    end();
}

static void refused(void)
{
    harness.ack = ACK_BY_HAND;
    begin(NULL);
    harness_settle(&harness);
    add("t1", "a", "dependsOn=b:START", "b", "dependsOn=a:START", NULL);
    says("t1", "refused", NULL);
    ck_assert_ptr_nonnull(strstr(json_string_value(at(cause_of("t1"), "reason")), "dependencies"));
    ck_assert(has_also("t1", "waits-for-acknowledgement"));
    cause_of("t1");
    ack_one((uint64_t)json_integer_value(at(document, "causes.1.eventId")));
    ck_assert_ptr_null(explained(&harness, "t1"));
    end();
}

static void removal_that_fails(void)
{
    begin(NULL);
    script("op=remove fault=error text=\"in use\" times=3");
    script("op=remove nth=4 delay=5s");
    harness_settle(&harness);
    add("t1", "a", "", NULL);
    stop("t1");
    after(SECOND);
    says("t1", "waits-for-removal", "parts.0.containerName", "a", "parts.0.cause", "removal-failing", NULL);
    says("t1/a", "removal-failing", "operation", "remove", "tries", "1", "error", "CannotRemoveContainerError: in use", NULL);
    ends_when_due("t1/a");
    says("t1/a", "removal-failing", "tries", "2", NULL);
    ends_when_due("t1/a");
    says("t1/a", "operation-in-flight", "operation", "remove", "tries", "2", NULL);
    after(5 * SECOND);
    ck_assert_ptr_null(explained(&harness, "t1"));
    end();
}

static void shut_down(void)
{
    begin(NULL);
    script("op=create delay=5s");
    harness_settle(&harness);
    add("t1", "a", "", NULL);
    ck_assert_int_eq(0, ecsengine_shutdown(harness.engine, NULL, NULL));
    after(10 * SECOND);
    says("t1/a", "engine-shut-down", NULL);
    ck_assert(has_also("t1", "engine-shut-down"));
    end();
}

static void what_is_restored_is_looked_at_first(void)
{
    harness.with_store = true;
    begin(NULL);
    harness_settle(&harness);
    add("t1", "a", "", NULL);
    script("op=inspect fault=error failure=unreachable text=\"no answer\" times=1");
    script("op=inspect nth=2 delay=2s");
    harness_restart(&harness);
    harness_settle(&harness);
    stop("t1");
    says("t1/a", "retry", "operation", "inspect", "tries", "1", "error", "CannotInspectContainerError: no answer", NULL);
    ends_when_due("t1/a");
    says("t1/a", "operation-in-flight", "operation", "inspect", NULL);
    after(2 * SECOND);
    says("t1/a", "stopped", NULL);
    end();
}

static void look_that_waits_for_its_turn(void)
{
    static const char *const config[] = {"inspect-parallel", "1", NULL};

    harness.with_store = true;
    begin(config);
    script("container=db healthy-after=1h");
    harness_settle(&harness);
    add("t1", "a", "", NULL);
    add("t2", "web", "dependsOn=db:HEALTHY", "db", "health=true", NULL);
    script("op=inspect delay=5s");
    harness_restart(&harness);
    harness_settle(&harness);
    says("t2/web", "waits-for-look", "place", "1", "slots", "1", NULL);
    after(5 * SECOND);
    says("t2/web", "operation-in-flight", "operation", "inspect", NULL);
    after(5 * SECOND);
    says("t2/web", "waits-for-dependency", "dependency.condition", "HEALTHY", NULL);
    end();
}

static void lost_until_it_is_looked_for(void)
{
    harness.with_store = true;
    begin(NULL);
    harness_settle(&harness);
    add("t1", "a", "", NULL);
    script("op=list fault=error times=1");
    script("op=list nth=2 delay=2s");
    harness_spoil(&harness, "t1", false);
    harness_settle(&harness);
    says("t1", "state-lost", "reason", "StateLostError: the saved state of the task was damaged", NULL);
    after(due_in("t1"));
    says("t1", "state-lost", NULL);
    after(2 * SECOND);
    says("t1/a", "stopped", NULL);
    end();
}

static void pull_without_credentials(void)
{
    static const char *const config[] = {"image-manifest-resolution", "true", NULL};
    json_t *task = payload_task("t1", "credentials=c1");

    begin(config);
    harness_settle(&harness);
    ck_assert_int_eq(0, payload_add_container(task, "a", "ecr=true"));
    char *text = json_dumps(task, JSON_COMPACT);
    json_decref(task);
    ck_assert_int_eq(0, harness_add(&harness, text));
    ck_assert_int_eq(0, harness_take_credentials(&harness, "c1"));
    free(text);
    harness_settle(&harness);
    says("t1/a", "waits-for-credentials", "credentialsId", "c1", NULL);
    after(3600 * SECOND);
    says("t1/a", "waits-for-credentials", "credentialsId", "c1", NULL);
    ck_assert_int_eq(0, harness_give_credentials(&harness, "c1"));
    harness_settle(&harness);
    says("t1", "running", NULL);
    end();
}

/* A task that could not start by itself on this host is passed, so often; then it is the one that all others stand behind. */
static void overtaken_as_often_as_may_be(void)
{
    static const char *const config[] = {"host-cpu", "1000", "host-memory", "1000", "admission-policy", "backfill",
                                         "backfill-overtake-limit", "1", NULL};

    begin(config);
    harness_settle(&harness);
    add("t1", "a", "cpu=700", NULL);
    add("t2", "a", "cpu=400", NULL);
    says("t2", "queued", "overtaken", "0", NULL);
    add("t3", "a", "cpu=10", NULL);
    says("t3", "running", NULL);
    says("t2", "queued", "overtaken", "1", NULL);
    add("t4", "a", "cpu=10", NULL);
    says("t4", "queued", "behind", ARN_HEAD "t2", NULL);
    stop("t1");
    says("t2", "running", NULL);
    says("t4", "running", NULL);
    end();
}

/* ---- all of them ---- */

static void (*const worlds[])(void) = {
    runtime_that_never_answered,
    host_facts_that_do_not_come,
    runtime_that_went_away,
    restored_while_the_runtime_is_away,
    queued_for_cpu,
    queued_behind_another,
    queued_for_a_port,
    queued_for_more_than_there_is,
    operation_that_hangs,
    operation_that_is_answered,
    pull_that_takes_its_time,
    pull_that_fails_at_first,
    pull_that_waits_for_a_slot,
    stop_that_fails_at_first,
    inspection_after_a_start,
    dependency_that_starts,
    dependency_that_ends,
    dependency_that_succeeds,
    dependency_that_becomes_healthy,
    several_dependencies_at_once,
    volume_that_takes_its_time,
    restart_that_pauses,
    dependency_whose_start_timeout_is_over,
    stop_in_order,
    create_that_waits_for_a_slow_store,
    create_that_waits_for_a_failing_store,
    event_that_waits_for_the_store,
    kept_for_a_while_then_for_the_host,
    refused,
    removal_that_fails,
    shut_down,
    what_is_restored_is_looked_at_first,
    look_that_waits_for_its_turn,
    lost_until_it_is_looked_for,
    pull_without_credentials,
    overtaken_as_often_as_may_be,
};

enum { WORLDS = sizeof(worlds) / sizeof(worlds[0]) };

static void forget(void)
{
    json_decref(document);
    document = NULL;
    harness = (struct harness){0};
}

START_TEST(without_the_cause_it_moves)
{
    worlds[_i]();
    forget();
}
END_TEST

/* Words and members that were seen: `retry.operation`. */
static json_t *seen;

static void note_members(const char *prefix, const json_t *value)
{
    char name[256];
    const char *key;
    json_t *member;
    size_t i;

    json_array_foreach(value, i, member)
        note_members(prefix, member);
    json_object_foreach((json_t *)value, key, member) {
        snprintf(name, sizeof(name), "%s.%s", prefix, key);
        json_object_set_new(seen, name, json_true());
        note_members(name, member);
    }
}

static void note(const json_t *cause) { note_members(json_string_value(json_object_get(cause, "cause")), cause); }

/* tests/abi/explain.txt holds what programs may rely on: words, and the members that a cause with that word can have. A new one is shown
 * with ECSENGINE_SHOW_MEMBERS=1 CK_FORK=no test_sim_explain. */
START_TEST(no_word_and_no_member_was_taken_away)
{
    char path[4096], line[256];
    int count = 0;

    seen = json_object();
    explained_seen = note;
    for (size_t i = 0; i < WORLDS; i++) {
        worlds[i]();
        forget();
    }
    explained_seen = NULL;
    if (getenv("ECSENGINE_SHOW_MEMBERS") != NULL) {
        const char *key;
        json_t *value;
        json_object_foreach(seen, key, value)
            printf("%s\n", key);
    }
    snprintf(path, sizeof(path), "%s/../../abi/explain.txt", scenario_folder());
    FILE *file = fopen(path, "r");
    ck_assert_msg(file != NULL, "%s can not be read", path);
    while (fgets(line, sizeof(line), file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (*line == '#' || *line == '\0')
            continue;
        ck_assert_msg(json_object_get(seen, line) != NULL, "no explanation has %s any more, or no test shows it", line);
        count++;
    }
    fclose(file);
    ck_assert_int_gt(count, 90);
    json_decref(seen);
}
END_TEST

/* Whatever happens in a scenario: at rest all is explained. */
START_TEST(every_scenario_is_explained_at_rest)
{
    char **paths = scenario_list(scenario_folder());

    for (size_t i = 0; paths[i] != NULL; i++) {
        struct scenario *scenario = scenario_read(paths[i]);
        struct harness one = {.seed = 1, .at_rest = explained_check};
        scenario_run(scenario, &one, COMPARE_NOTHING);
        ck_assert_msg(one.broken.len == 0, "%s: %s", paths[i], one.broken.data);
        harness_free(&one);
        scenario_free(scenario);
    }
    scenario_list_free(paths);
}
END_TEST

START_TEST(text_for_a_terminal)
{
    ecsengine_text *text = NULL;

    begin(NULL);
    script("container=web stop-after=8s");
    harness_settle(&harness);
    add("t1", "web", "dependsOn=db:START", "db", "", NULL);
    ck_assert_int_eq(0, ecsengine_explain_text(harness.engine, ARN_HEAD "t1", NULL, &text, NULL));
    ck_assert_str_eq(ARN_HEAD "t1: RUNNING\n"
                              "  running\n"
                              "  web: RUNNING\n"
                              "    running\n"
                              "  db: RUNNING\n"
                              "    running\n",
                     ecsengine_text_data(text));
    ecsengine_text_free(text);
    stop("t1");
    after(SECOND);
    ck_assert_int_eq(0, ecsengine_explain_text(harness.engine, ARN_HEAD "t1", "db", &text, NULL));
    ck_assert_str_eq(ARN_HEAD "t1: RUNNING, shall be STOPPED\n"
                              "  waits for its containers: web (operation-in-flight), db (waits-for-stop-order)\n"
                              "  db: RUNNING, shall be STOPPED\n"
                              "    stops when web, which depends on it, has stopped; that is RUNNING\n",
                     ecsengine_text_data(text));
    ecsengine_text_free(text);
    ck_assert_int_eq(ECSENGINE_ENOTFOUND, ecsengine_explain_text(harness.engine, ARN_HEAD "t1", "nobody", &text, NULL));
    end();
    forget();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("explain");
    TCase *tcase = tcase_create("explain");

    tcase_set_timeout(tcase, 300);
    tcase_add_loop_test(tcase, without_the_cause_it_moves, 0, WORLDS);
    tcase_add_test(tcase, no_word_and_no_member_was_taken_away);
    tcase_add_test(tcase, every_scenario_is_explained_at_rest);
    tcase_add_test(tcase, text_for_a_terminal);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
