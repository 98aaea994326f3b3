/* SPDX-License-Identifier: Apache-2.0 */
/* The host for tests. Where the engine says that it has no memory the harness does what the headers say, calls again: a scenario whose
 * n-th allocation fails must come to the same end. */
#define _GNU_SOURCE /* memmem */
#include "harness.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "watch.h"

#define FULL_FOR (60 * SECOND)
#define SLOW_FOR (2 * SECOND)

enum { PATIENCE = 1000, TURNS_MAX = 2000000, RESTART_SHORT_MAX = 500 };

const char *harness_last_part(const char *arn)
{
    const char *slash = strrchr(arn, '/');

    return slash != NULL ? slash + 1 : arn;
}

void harness_broken(struct harness *harness, const char *format, ...)
{
    char line[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    text_add(&harness->broken, "[%7.3f] %s\n", (double)harness->mono_ns / 1e9, line);
}

/* Calls again while there is no memory, as the headers say. */
#define AGAIN(rc, call)                                          \
    do {                                                         \
        int tries_ = 0;                                          \
        do                                                       \
            (rc) = (call);                                       \
        while ((rc) == ECSENGINE_ENOMEM && ++tries_ < PATIENCE); \
    } while (0)

static void must(struct harness *harness, int rc, const char *what)
{
    invariants_check(harness->invariants, CALLS_WORK, rc >= 0, "%s: %s", what, ecsengine_code_name(rc));
}

/* `t1/web`, `t1`, an image, or nothing. */
static const char *whom(const char *task, const char *container, const char *image, char out[256])
{
    snprintf(out, 256, "%s%s%s", task, *container != '\0' ? "/" : "", container);
    return *out == '\0' ? image : out;
}

static void note(struct harness *harness, const char *who, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void note(struct harness *harness, const char *who, const char *format, ...)
{
    char line[2048];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    text_add(&harness->trace, "[%7.3f] %-12s %s\n", (double)harness->mono_ns / 1e9, who, line);
}

static void *grown(void *list, size_t count, size_t *size, size_t item)
{
    if (count < *size)
        return list;
    *size = *size > 0 ? 2 * *size : 64;
    list = realloc(list, *size * item);
    if (list == NULL)
        abort();
    return list;
}

static void die(struct harness *harness)
{
    harness->deaths.dead = true;
    harness->deaths.died++;
    ecsengine_sim_cut(harness->sim, harness->deaths.finishes);
}

/* One more effect is about to be. False: the process is gone, it will not be. */
static bool effect(struct harness *harness, const char *what, const char *of)
{
    struct deaths *deaths = &harness->deaths;

    if (!deaths->counts)
        return true;
    if (deaths->dead)
        return false;
    if (++deaths->effects != (deaths->died < DEATHS ? deaths->at[deaths->died] : 0))
        return true;
    note(harness, "the process", "dies at point %llu, before %s%s%s", (unsigned long long)deaths->effects, what, *of ? " " : "", of);
    die(harness);
    return false;
}

static void trace_op(struct harness *harness, const ecsengine_op *op, const struct seen_op *seen)
{
    char who[256], until[32] = "";
    int64_t deadline_ns = ecsengine_op_deadline_ns(op);
    ecsengine_text *request = NULL;

    if (deadline_ns != ECSENGINE_NO_DEADLINE)
        snprintf(until, sizeof(until), " until %.3f", (double)deadline_ns / 1e9);
    note(harness, whom(seen->task, seen->container, seen->image, who), "-> op %llu: %s%s", (unsigned long long)seen->id,
         ecsengine_op_kind_name(seen->kind), until);
    if (!harness->full_trace)
        return;
    if (ecsengine_op_request(op, &request, NULL) == 0)
        text_add(&harness->trace, "%lld %s\n", (long long)deadline_ns, ecsengine_text_data(request));
    ecsengine_text_free(request);
    size_t len = 0;
    const char *config = seen->kind == ECSENGINE_OP_CREATE ? ecsengine_op_create_config(op, &len) : NULL;
    if (config != NULL)
        text_add(&harness->trace, "%s\n", config);
}

static void on_op(const ecsengine_op *op, void *user_data)
{
    struct harness *harness = user_data;

    if (!effect(harness, "the operation", ecsengine_op_kind_name(ecsengine_op_get_kind(op))))
        return;
    harness->ops = grown(harness->ops, harness->op_count, &harness->op_size, sizeof(*harness->ops));
    struct seen_op *seen = &harness->ops[harness->op_count++];
    *seen = (struct seen_op){
        .at_ns = harness->mono_ns,
        .kind = ecsengine_op_get_kind(op),
        .id = ecsengine_op_id(op),
        .task = strdup(harness_last_part(ecsengine_op_task_arn(op))),
        .container =
            strdup(*ecsengine_op_resource_name(op) != '\0' ? ecsengine_op_resource_name(op) : ecsengine_op_container_name(op)),
        .image = strdup(ecsengine_op_image(op)),
    };
    trace_op(harness, op, seen);
    watch_op(harness, op);
}

/* `80/tcp 53/udp`, sorted, each once. */
static char *ports_of(const ecsengine_event *event)
{
    char ports[1024] = "", port[64];

    for (size_t i = 0; i < ecsengine_event_port_count(event); i++) {
        snprintf(port, sizeof(port), "%s%d/%s", i > 0 ? " " : "", ecsengine_event_port_container(event, i),
                 ecsengine_event_port_protocol(event, i));
        strncat(ports, port, sizeof(ports) - strlen(ports) - 1);
    }
    return strdup(ports);
}

static void trace_event(struct harness *harness, const ecsengine_event *event, const struct seen_event *seen)
{
    char who[256], exit_code[24] = "", command[64] = "";
    ecsengine_text *json = NULL;

    if (seen->has_exit_code)
        snprintf(exit_code, sizeof(exit_code), " exit %d", seen->exit_code);
    if (seen->kind == ECSENGINE_EVENT_COMMAND_DONE)
        snprintf(command, sizeof(command), " command %llu %s", (unsigned long long)seen->command_id,
                 ecsengine_code_name(seen->command_code));
    note(harness, whom(seen->task, seen->container, ecsengine_event_kind_name(seen->kind), who), "%s%s%s%s%s%s%s",
         seen->kind == ECSENGINE_EVENT_TASK_REMOVED ? "REMOVED" : seen->status, exit_code, command, *seen->ports ? "  " : "",
         seen->ports, *seen->reason ? "  " : "", seen->reason);
    if (harness->full_trace && ecsengine_event_json(event, &json, NULL) == 0)
        text_add(&harness->trace, "%s\n", ecsengine_text_data(json));
    ecsengine_text_free(json);
}

static void command_done(struct harness *harness, uint64_t id)
{
    for (size_t i = harness->command_count; i-- > 0;) {
        if (harness->commands[i].id == id && !harness->commands[i].done) {
            harness->commands[i].done = true;
            return;
        }
    }
}

static void take_event(struct harness *harness, const ecsengine_event *event)
{
    harness->events = grown(harness->events, harness->event_count, &harness->event_size, sizeof(*harness->events));
    struct seen_event *seen = &harness->events[harness->event_count++];
    *seen = (struct seen_event){
        .at_ns = harness->mono_ns,
        .kind = ecsengine_event_get_kind(event),
        .id = ecsengine_event_id(event),
        .task = strdup(harness_last_part(ecsengine_event_task_arn(event))),
        .container = strdup(ecsengine_event_container_name(event)),
        .status = strdup(ecsengine_event_status(event)),
        .reason = strdup(ecsengine_event_reason(event)),
        .ports = ports_of(event),
        .digest = strdup(ecsengine_event_image_digest(event)),
        .command_id = ecsengine_event_command_id(event),
        .command_code = ecsengine_event_command_code(event),
        .acked = harness->ack != ACK_BY_HAND,
        .heard = harness->ack == ACK_AUTO,
    };
    seen->has_exit_code = ecsengine_event_exit_code(event, &seen->exit_code);
    if (seen->kind == ECSENGINE_EVENT_COMMAND_DONE)
        command_done(harness, seen->command_id);
    trace_event(harness, event, seen);
    watch_event(harness, seen);
}

static void ack(struct harness *harness, struct seen_event *event)
{
    int rc;

    AGAIN(rc, ecsengine_event_ack(harness->engine, event->id, NULL));
    if (rc != ECSENGINE_EALREADY)
        must(harness, rc, "event_ack");
    event->heard = true;
}

static bool take_events(struct harness *harness)
{
    ecsengine_event *event;
    bool any = false;

    while ((event = ecsengine_next_event(harness->engine)) != NULL) {
        if (effect(harness, "an event is taken", "")) {
            take_event(harness, event);
            if (harness->ack == ACK_AT_ONCE && effect(harness, "it is acknowledged", ""))
                ack(harness, &harness->events[harness->event_count - 1]);
        }
        ecsengine_event_free(event);
        any = true;
    }
    return any;
}

void harness_ack_all(struct harness *harness)
{
    for (size_t i = 0; i < harness->event_count; i++) {
        if (!harness->events[i].acked)
            ack(harness, &harness->events[i]);
        harness->events[i].acked = true;
    }
}

int64_t harness_wall_ns(const struct harness *harness) { return WALL_0 + harness->mono_ns + harness->wall_shift_ns; }

static void record(struct harness *harness)
{
    struct recording *recording = harness->recording;
    int rc;

    AGAIN(rc, recording_start(recording, harness->engine));
    if (rc == ECSENGINE_ENOMEM && recording->from_turn != 0)
        recording->from_turn++; /* an input waits for memory: after the next turn, then */
    else
        must(harness, rc, "record_start");
}

/* The store decides about a batch when it comes. */
static void prepare_trouble(struct harness *harness)
{
    const struct trouble *trouble = &harness->trouble;
    bool fails = trouble->kind == TROUBLE_FAILS || trouble->kind == TROUBLE_TORN;

    if (trouble->at == 0 || trouble->batches + 1 != trouble->at)
        return;
    if (fails)
        ecsengine_memory_store_fail(harness->store, 1, ECSENGINE_EIO);
    else if (trouble->kind == TROUBLE_FULL)
        ecsengine_memory_store_fail(harness->store, INT32_MAX, ECSENGINE_EIO);
}

static void begin_trouble(struct harness *harness)
{
    struct trouble *trouble = &harness->trouble;

    note(harness, "store", "has trouble with batch %llu", (unsigned long long)trouble->batches);
    if (trouble->kind == TROUBLE_FULL)
        trouble->until_ns = harness->mono_ns + FULL_FOR;
    else if (trouble->kind == TROUBLE_SLOW)
        trouble->until_ns = harness->mono_ns + SLOW_FOR;
    else if (trouble->kind == TROUBLE_TORN)
        die(harness);
}

static void end_trouble(struct harness *harness)
{
    if (harness->trouble.until_ns == 0 || harness->mono_ns < harness->trouble.until_ns)
        return;
    ecsengine_memory_store_fail(harness->store, 0, 0);
    harness->trouble.kind = TROUBLE_NONE;
    harness->trouble.until_ns = 0;
}

/* False: its answer has to wait. */
static bool is_answered(struct harness *harness)
{
    struct trouble *trouble = &harness->trouble;

    if (trouble->kind == TROUBLE_SLOW && trouble->until_ns != 0)
        return false;
    if (++trouble->batches == trouble->at && trouble->kind != TROUBLE_NONE)
        begin_trouble(harness);
    else
        prepare_trouble(harness);
    return trouble->kind != TROUBLE_SLOW || trouble->until_ns == 0;
}

/* With deaths the store holds every batch: it is durable when this lets it be. */
static void let_be_durable(struct harness *harness)
{
    if (!harness->deaths.counts)
        return;
    end_trouble(harness);
    if (harness->store_is_slow || !ecsengine_memory_store_holds(harness->store))
        return;
    if (is_answered(harness) && effect(harness, "a batch is durable", ""))
        ecsengine_memory_store_flush(harness->store);
}

void harness_hold_store(struct harness *harness, int32_t hold)
{
    harness->store_is_slow = true;
    ecsengine_memory_store_hold(harness->store, harness->deaths.counts ? 2 : hold);
}

void harness_release_store(struct harness *harness)
{
    harness->store_is_slow = false;
    ecsengine_memory_store_hold(harness->store, harness->deaths.counts ? 2 : 0);
    ecsengine_memory_store_flush(harness->store);
}

/* The process has died in its turn; after a while there is another. */
static void come_again(struct harness *harness)
{
    harness_restart(harness);
    harness->deaths.dead = false;
    if (harness->deaths.away_ns > 0)
        harness_sleep_until(harness, harness->mono_ns + harness->deaths.away_ns);
}

static void turn(struct harness *harness)
{
    int rc;

    if (!effect(harness, "a turn begins", ""))
        come_again(harness);
    if (harness->restart_turn != 0 && harness->turns == harness->restart_turn)
        harness_restart(harness);
    if (harness->recording != NULL && harness->recording->from_turn != 0 && harness->turns == harness->recording->from_turn)
        record(harness);
    if (harness->before_turn != NULL)
        harness->before_turn(harness);
    harness->turns++;
    invariants_time(harness->invariants, harness->mono_ns);
    must(harness, ecsengine_sim_advance(harness->sim, harness->mono_ns, harness_wall_ns(harness), NULL), "sim_advance");
    AGAIN(rc, ecsengine_dispatch(harness->engine, harness->mono_ns, harness_wall_ns(harness), NULL));
    must(harness, rc, "dispatch");
    if (harness->other != NULL && !harness->other->settle(harness->other->data))
        die(harness);
    if (!harness->deaths.late_store)
        let_be_durable(harness);
    take_events(harness);
    if (harness->deaths.late_store)
        let_be_durable(harness);
    if (harness->deaths.dead) {
        come_again(harness);
        turn(harness);
        return;
    }
    watch_turn(harness);
}

static bool readable(const struct harness *harness)
{
    struct pollfd fd = {.fd = harness->fd, .events = POLLIN};

    return poll(&fd, 1, 0) > 0;
}

int64_t harness_next_ns(const struct harness *harness)
{
    int64_t engine_ns = ecsengine_deadline_ns(harness->engine), sim_ns = ecsengine_sim_deadline_ns(harness->sim);
    int64_t next_ns = engine_ns < sim_ns ? engine_ns : sim_ns, store_ns = harness->trouble.until_ns;

    return store_ns != 0 && store_ns < next_ns ? store_ns : next_ns;
}

void harness_settle(struct harness *harness)
{
    int turns = 0;

    do
        turn(harness);
    while ((readable(harness) || harness_next_ns(harness) <= harness->mono_ns) && ++turns < PATIENCE);
    invariants_check(harness->invariants, COMES_TO_REST, turns < PATIENCE, "%d turns were not enough", turns);
    invariants_saw_rest(harness->invariants, harness->mono_ns, ecsengine_deadline_ns(harness->engine));
    if (harness->deaths.died > 0 && harness->deaths.recovered == 0)
        harness->deaths.recovered = harness->deaths.effects;
    if (turns < PATIENCE && harness->at_rest != NULL)
        harness->at_rest(harness);
}

/* To the next time at which something is due. */
static void go_on(struct harness *harness, int64_t next_ns)
{
    bool wakes = next_ns == ecsengine_deadline_ns(harness->engine) && next_ns < ecsengine_sim_deadline_ns(harness->sim) &&
                 harness->turns > 0;
    size_t ops = harness->op_count, events = harness->event_count;

    harness->mono_ns = next_ns;
    harness_settle(harness);
    harness->wakes += wakes;
    if (wakes)
        invariants_saw_wake(harness->invariants,
                            harness->op_count > ops || harness->event_count > events || watch_store_fails(harness));
}

bool harness_run_until(struct harness *harness, int64_t mono_ns, bool (*stop)(struct harness *harness, void *data), void *data)
{
    harness_settle(harness);
    for (;;) {
        if (stop != NULL && stop(harness, data))
            return true;
        int64_t next_ns = harness_next_ns(harness);
        if (next_ns > mono_ns)
            break;
        if (harness->turns > TURNS_MAX || harness->broken.len > 0)
            return false;
        go_on(harness, next_ns);
    }
    if (mono_ns != ECSENGINE_NO_DEADLINE && mono_ns > harness->mono_ns) {
        harness->mono_ns = mono_ns;
        harness_settle(harness);
    }
    return true;
}

/* The defaults of the harness, before those of the scenario: what the reference was recorded with. */
static const char *const defaults[] = {"engine-task-cleanup-wait-duration", "1s", "image-manifest-resolution", "false", NULL};

static void configure(struct harness *harness, const char *const *config)
{
    ecsengine_error *error = NULL;

    for (; config != NULL && *config != NULL; config += 2) {
        if (ecsengine_config_set(harness->engine_config, config[0], config[1], &error) < 0)
            harness_broken(harness, "config %s=%s: %s", config[0], config[1], ecsengine_error_message(error));
        ecsengine_error_free(error);
        error = NULL;
    }
}

static void start_engine(struct harness *harness)
{
    ecsengine_allocator allocator;
    int rc;

    test_memory_allocator(&harness->memory, &allocator);
    AGAIN(rc, ecsengine_new(harness->engine_config, &allocator, &harness->engine, NULL));
    must(harness, rc, "new");
    if (harness->recording != NULL && harness->recording->from_turn == 0)
        record(harness);
    AGAIN(rc, ecsengine_sim_attach(harness->sim, harness->engine, NULL));
    must(harness, rc, "sim_attach");
    if (harness->other != NULL)
        must(harness, harness->other->attach(harness->other->data, harness->engine), "attach");
    if (harness->store != NULL) {
        AGAIN(rc, ecsengine_memory_store_attach(harness->store, harness->engine, NULL));
        must(harness, rc, "memory_store_attach");
    }
    must(harness, ecsengine_get_fd(harness->engine, &harness->fd, NULL), "get_fd");
}

void harness_start(struct harness *harness)
{
    char seed[24];

    watch_start(harness);
    must(harness, ecsengine_config_new(&harness->engine_config, NULL), "config_new");
    snprintf(seed, sizeof(seed), "%llu", (unsigned long long)harness->seed);
    configure(harness, (const char *const[]){"seed", seed, "event-ack", harness->ack == ACK_AUTO ? "auto" : "explicit", NULL});
    configure(harness, defaults);
    configure(harness, harness->config);
    must(harness, ecsengine_sim_new(harness->seed, &harness->sim, NULL), "sim_new");
    ecsengine_sim_set_watch(harness->sim, on_op, harness);
    if (harness->with_store && harness->other == NULL)
        must(harness, ecsengine_memory_store_new(&harness->store, NULL), "memory_store_new");
    if (harness->deaths.counts)
        ecsengine_memory_store_hold(harness->store, 2);
    prepare_trouble(harness);
    start_engine(harness);
}

static int give(struct harness *harness, struct given_command *command)
{
    int rc;

    if (command->kind == GIVEN_ADD)
        AGAIN(rc, ecsengine_task_add(harness->engine, command->text, strlen(command->text), &command->id, NULL));
    else if (command->kind == GIVEN_STOP)
        AGAIN(rc, ecsengine_task_stop(harness->engine, command->text, &command->id, NULL));
    else if (command->kind == GIVEN_CREDENTIALS)
        AGAIN(rc, ecsengine_credentials_set(harness->engine, command->text, "{}", 2, &command->id, NULL));
    else if (command->kind == TAKEN_CREDENTIALS)
        AGAIN(rc, ecsengine_credentials_remove(harness->engine, command->text, &command->id, NULL));
    else
        AGAIN(rc, ecsengine_task_kill(harness->engine, command->text, &command->id, NULL));
    bool stops = command->kind == GIVEN_STOP || command->kind == GIVEN_KILL;
    if (rc == 0)
        invariants_gave(harness->invariants, command->id, stops ? harness_last_part(command->text) : NULL, stops,
                        command->kind == GIVEN_KILL);
    return rc;
}

/* Takes over the text. */
static int give_new(struct harness *harness, enum given_kind kind, char *text)
{
    harness->commands = grown(harness->commands, harness->command_count, &harness->command_size, sizeof(*harness->commands));
    struct given_command *command = &harness->commands[harness->command_count++];
    *command = (struct given_command){.kind = kind, .text = text};
    int rc = give(harness, command);
    command->done = rc < 0;
    return rc;
}

static void spoil(struct harness *harness)
{
    char key[512];

    snprintf(key, sizeof(key), "task/" ARN_HEAD "%s", harness->spoilt);
    for (size_t i = 0; i < ecsengine_memory_store_count(harness->store); i++) {
        size_t len = 0;
        const char *value = ecsengine_memory_store_value(harness->store, i, &len);
        if (strcmp(ecsengine_memory_store_key(harness->store, i), key) != 0)
            continue;
        char *copy = malloc(len);
        memcpy(copy, value, len);
        copy[len / 2] ^= 1;
        must(harness, ecsengine_memory_store_put(harness->store, key, harness->spoilt_gone ? NULL : copy, len, NULL), "put");
        free(copy);
        break;
    }
    harness->spoilt = NULL;
}

void harness_spoil(struct harness *harness, const char *task, bool gone)
{
    harness->spoilt = task;
    harness->spoilt_gone = gone;
    harness_restart(harness);
}

void harness_restart(struct harness *harness)
{
    uint32_t short_of = harness->memory.fail_per_million;

    must(harness, ecsengine_free(harness->engine), "free");
    harness->memory.fail_per_million =
        short_of > RESTART_SHORT_MAX ? RESTART_SHORT_MAX : short_of; /* else it never gets all records */
    invariants_on_restart(harness->invariants);
    watch_restart(harness);
    for (size_t i = 0; i < harness->event_count; i++)
        harness->events[i].acked = true; /* to whom? it is told again */
    note(harness, "engine", "restarted");
    if (harness->spoilt != NULL)
        spoil(harness);
    start_engine(harness);
    harness->memory.fail_per_million = short_of;
    for (size_t i = 0; i < harness->command_count; i++) {
        enum given_kind kind = harness->commands[i].kind;
        if (!harness->commands[i].done || kind == GIVEN_CREDENTIALS || kind == TAKEN_CREDENTIALS)
            must(harness, give(harness, &harness->commands[i]), "a command for the new engine");
    }
}

static bool is_done(struct harness *harness, void *data)
{
    const uint64_t *id = data;

    for (size_t i = harness->event_count; i-- > 0;) {
        if (harness->events[i].kind == ECSENGINE_EVENT_COMMAND_DONE && harness->events[i].command_id == *id)
            return true;
    }
    return false;
}

bool harness_hand_over(struct harness *harness, int64_t patience_ns)
{
    uint64_t id = 0;
    int rc;

    AGAIN(rc, ecsengine_shutdown(harness->engine, &id, NULL));
    must(harness, rc, "shutdown");
    invariants_gave(harness->invariants, id, NULL, false, false);
    harness_run_until(harness, harness->mono_ns + patience_ns, is_done, &id);
    bool done = is_done(harness, &id);
    harness_restart(harness);
    return done;
}

void harness_sleep_until(struct harness *harness, int64_t mono_ns)
{
    int64_t due_ns;

    while ((due_ns = ecsengine_sim_deadline_ns(harness->sim)) <= mono_ns) {
        harness->mono_ns = due_ns > harness->mono_ns ? due_ns : harness->mono_ns;
        must(harness, ecsengine_sim_advance(harness->sim, harness->mono_ns, harness_wall_ns(harness), NULL), "sim_advance");
        invariants_saw_world(harness->invariants);
    }
    if (mono_ns > harness->mono_ns)
        harness->mono_ns = mono_ns;
}

void harness_end(struct harness *harness)
{
    must(harness, ecsengine_free(harness->engine), "free");
    harness->engine = NULL;
    uint64_t doubles = ecsengine_sim_counter(harness->sim, "double-answers-taken");
    invariants_saw_doubles(harness->invariants, doubles);
    harness->unanswered = ecsengine_sim_counter(harness->sim, "answers-without-memory") +
                          ecsengine_sim_counter(harness->sim, "events-without-memory");
    ecsengine_sim_free(harness->sim);
    ecsengine_memory_store_free(harness->store);
    ecsengine_config_free(harness->engine_config);
    harness->sim = NULL;
    harness->store = NULL;
    invariants_check(harness->invariants, MEMORY_GIVEN_BACK, harness->memory.blocks == 0, "%zu blocks with %zu bytes were not",
                     harness->memory.blocks, harness->memory.bytes);
    invariants_check(harness->invariants, MEMORY_GIVEN_BACK, harness->memory.wrong_frees == 0, "%llu blocks had a wrong size",
                     (unsigned long long)harness->memory.wrong_frees);
}

void harness_free(struct harness *harness)
{
    for (size_t i = 0; i < harness->event_count; i++) {
        struct seen_event *event = &harness->events[i];
        char *texts[] = {event->task, event->container, event->status, event->reason, event->ports, event->digest};
        for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++)
            free(texts[k]);
    }
    for (size_t i = 0; i < harness->op_count; i++) {
        free(harness->ops[i].task);
        free(harness->ops[i].container);
        free(harness->ops[i].image);
    }
    for (size_t i = 0; i < harness->command_count; i++)
        free(harness->commands[i].text);
    free(harness->events);
    free(harness->ops);
    free(harness->commands);
    text_free(&harness->trace);
    text_free(&harness->broken);
    invariants_free(harness->invariants);
    watch_free(harness->watch);
    *harness = (struct harness){0};
}

int harness_add(struct harness *harness, const char *document)
{
    invariants_know(harness->invariants, document);
    return give_new(harness, GIVEN_ADD, strdup(document));
}

static char *arn_of(const char *task)
{
    char arn[512];

    snprintf(arn, sizeof(arn), ARN_HEAD "%s", task);
    return strdup(arn);
}

int harness_set(struct harness *harness, const char *key, const char *value)
{
    uint64_t id = 0;
    int rc;

    configure(harness, (const char *const[]){key, value, NULL});
    invariants_host_changes(harness->invariants);
    AGAIN(rc, ecsengine_host_set(harness->engine, key, value, &id, NULL));
    if (rc == 0)
        invariants_gave(harness->invariants, id, NULL, false, false);
    return rc;
}

int harness_stop(struct harness *harness, const char *task) { return give_new(harness, GIVEN_STOP, arn_of(task)); }
int harness_give_credentials(struct harness *harness, const char *id) { return give_new(harness, GIVEN_CREDENTIALS, strdup(id)); }
int harness_take_credentials(struct harness *harness, const char *id) { return give_new(harness, TAKEN_CREDENTIALS, strdup(id)); }
int harness_kill(struct harness *harness, const char *task) { return give_new(harness, GIVEN_KILL, arn_of(task)); }

const char *harness_runtime_name(const struct harness *harness, const char *task, const char *container)
{
    for (size_t i = 0; i < ecsengine_sim_container_count(harness->sim); i++) {
        if (strcmp(ecsengine_sim_container_name(harness->sim, i), container) == 0 &&
            strcmp(harness_last_part(ecsengine_sim_container_task(harness->sim, i)), task) == 0)
            return ecsengine_sim_container_runtime_name(harness->sim, i);
    }
    return NULL;
}

void harness_tell_trace(const struct harness *harness, struct text *out_text)
{
    const char *trace = text_or_empty(&harness->trace);

    for (size_t len; *trace != '\0'; trace += len) {
        len = strcspn(trace, "\n") + 1;
        if (memmem(trace, len, ": list until ", strlen(": list until ")) == NULL)
            text_add(out_text, "%.*s", (int)len, trace);
    }
}
