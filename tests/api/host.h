/* SPDX-License-Identifier: Apache-2.0 */
/* A host made by hand, on public headers alone: it pulls operations and events, keeps a line for each, and can answer
 * operations out of a table of containers that outlives engines. Time only moves when a test says so. */
#ifndef TESTS_API_HOST_H
#define TESTS_API_HOST_H

#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ecsengine/ecsengine.h"

#define SECOND INT64_C(1000000000)
#define WALL_0 (INT64_C(1780000000) * SECOND)
#define ARN_HEAD "arn:aws:ecs:us-west-2:123456789012:task/default/"
#define ARN ARN_HEAD "t1"
#define DIGEST "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
/* Documents with ' for ". */
#define TASK(arn, containers) "{'taskArn':'" arn "','family':'fam','revision':3,'containerDefinitions':[" containers "]}"
#define WEB "{'name':'web','image':'nginx','memory':64,'cpu':10}"
#define DB "{'name':'db','image':'postgres:15','memory':64,'cpu':10}"
#define WEB_AFTER_DB \
    "{'name':'web','image':'nginx','memory':64,'cpu':10,'dependsOn':[{'containerName':'db','condition':'START'}]}," DB

enum { BOXES = 64, HELD = 256, TRACE = 1 << 17 };

/* A container of the runtime. */
struct box {
    char name[820];
    char id[80];
    bool there;
    bool running;
    bool started;
    int creates; /* that were done */
};

static struct host {
    ecsengine *engine;
    ecsengine_config *config;
    ecsengine_memory_store *store;
    int64_t mono_ns;
    int64_t wall_ns;
    bool no_acks;
    struct box boxes[BOXES];
    size_t box_count;
    ecsengine_op *held[HELD]; /* taken and not answered */
    size_t held_count;
    char trace[TRACE]; /* events and operations, a line each */
    size_t trace_len;
    uint64_t last_event;  /* not about the host */
    uint64_t last_status; /* the same without COMMAND_DONE */
    int done_codes[1000]; /* of commands, by id; 1: not done */
} host;

static inline const char *quoted(const char *text)
{
    static char out[8][16384];
    static unsigned next;
    char *at = out[next++ % 8];

    ck_assert_uint_lt(strlen(text), sizeof(out[0]));
    for (size_t i = 0; i <= strlen(text); i++)
        at[i] = text[i] == '\'' ? '"' : text[i];
    return at;
}

static inline void ok(int code, ecsengine_error *error)
{
    if (code < 0)
        ck_abort_msg("%s: %s", ecsengine_code_name(code), ecsengine_error_message(error));
}

#define OK(call)                        \
    do {                                \
        ecsengine_error *error_ = NULL; \
        int code_ = (call);             \
        ok(code_, error_);              \
    } while (0)

static inline void set(const char *key, const char *value)
{
    if (host.config == NULL)
        OK(ecsengine_config_new(&host.config, &error_));
    OK(ecsengine_config_set(host.config, key, value, &error_));
}

static inline void open_engine(void)
{
    for (size_t i = 0; i < sizeof(host.done_codes) / sizeof(host.done_codes[0]); i++)
        host.done_codes[i] = 1;
    host.last_event = 0;
    set("seed", "7");
    OK(ecsengine_new(host.config, NULL, &host.engine, &error_));
    if (host.store != NULL)
        OK(ecsengine_memory_store_attach(host.store, host.engine, &error_));
}

static inline void close_engine(void)
{
    for (size_t i = 0; i < host.held_count; i++)
        ecsengine_op_release(host.held[i]);
    host.held_count = 0;
    ck_assert_int_eq(0, ecsengine_free(host.engine));
    host.engine = NULL;
}

static inline void start_host(void)
{
    memset(&host, 0, sizeof(host));
    host.mono_ns = SECOND;
    host.wall_ns = WALL_0;
}

static inline void end_host(void)
{
    close_engine();
    ecsengine_memory_store_free(host.store);
    ecsengine_config_free(host.config);
}

static inline void tracef(const char *format, const char *a, const char *b, const char *c, const char *d)
{
    int len = snprintf(host.trace + host.trace_len, TRACE - host.trace_len, format, a, b, c, d);

    ck_assert_uint_lt(host.trace_len + (size_t)len, TRACE);
    host.trace_len += (size_t)len;
}

static inline void forget_trace(void) { host.trace[host.trace_len = 0] = '\0'; }

/* What happened since the last look. */
#define ck_trace(expected)                      \
    do {                                        \
        ck_assert_str_eq(expected, host.trace); \
        forget_trace();                         \
    } while (0)

static inline void pull_events(void)
{
    ecsengine_event *event;

    while ((event = ecsengine_next_event(host.engine)) != NULL) {
        enum ecsengine_event_kind kind = ecsengine_event_get_kind(event);
        const char *reason = ecsengine_event_reason(event);
        if (kind == ECSENGINE_EVENT_COMMAND_DONE) {
            char id[32];
            snprintf(id, sizeof(id), "%d", (int)ecsengine_event_command_id(event));
            tracef("done %s %s%s%s\n", id, ecsengine_code_name(ecsengine_event_command_code(event)), "", "");
            if (ecsengine_event_command_id(event) < 1000)
                host.done_codes[ecsengine_event_command_id(event)] = ecsengine_event_command_code(event);
        } else if (kind == ECSENGINE_EVENT_CONTAINER) {
            tracef("%s %s%s%s\n", ecsengine_event_container_name(event), ecsengine_event_status(event),
                   reason[0] != '\0' ? ": " : "", reason);
        } else {
            const char *status = ecsengine_event_status(event);
            tracef("%s%s%s%s", ecsengine_event_kind_name(kind), status[0] != '\0' ? " " : "", status, "");
            tracef("%s%s%s\n", reason[0] != '\0' ? ": " : "", reason, "", "");
        }
        if (kind != ECSENGINE_EVENT_READY && kind != ECSENGINE_EVENT_RUNTIME && kind != ECSENGINE_EVENT_STORE) {
            ck_assert_uint_gt(ecsengine_event_id(event), host.last_event); /* events about the host may overtake these */
            host.last_event = ecsengine_event_id(event);
            host.last_status = kind == ECSENGINE_EVENT_COMMAND_DONE ? host.last_status : host.last_event;
        }
        if (!host.no_acks)
            ecsengine_event_ack(host.engine, ecsengine_event_id(event), NULL);
        ecsengine_event_free(event);
    }
}

static inline void pull_ops(void)
{
    ecsengine_op *op;

    while ((op = ecsengine_next_op(host.engine)) != NULL) {
        if (ecsengine_op_get_kind(op) == ECSENGINE_OP_CANCEL) {
            tracef("> cancel%s%s%s%s\n", "", "", "", "");
            ecsengine_op_release(op);
            continue;
        }
        const char *name = ecsengine_op_container_name(op);
        tracef("> %s%s%s%s\n", ecsengine_op_kind_name(ecsengine_op_get_kind(op)), name[0] != '\0' ? " " : "", name, "");
        ck_assert_uint_lt(host.held_count, HELD);
        host.held[host.held_count++] = op;
    }
}

/* One turn, and all that comes out. */
static inline void turn(void)
{
    OK(ecsengine_dispatch(host.engine, host.mono_ns, host.wall_ns, &error_));
    pull_events();
    pull_ops();
}

static inline void pass_time(int64_t ns)
{
    host.mono_ns += ns;
    host.wall_ns += ns;
}

/* When something is due, once all that came in was seen. */
static inline int64_t deadline(void)
{
    OK(ecsengine_dispatch(host.engine, host.mono_ns, host.wall_ns, &error_));
    return ecsengine_deadline_ns(host.engine);
}

/* The operation of that kind (and container, or NULL) that waits for an answer. It is the caller's then. */
static inline ecsengine_op *find_held(enum ecsengine_op_kind kind, const char *container)
{
    for (size_t i = 0; i < host.held_count; i++) {
        ecsengine_op *op = host.held[i];
        if (ecsengine_op_get_kind(op) != kind || (container != NULL && strcmp(ecsengine_op_container_name(op), container) != 0))
            continue;
        memmove(&host.held[i], &host.held[i + 1], (host.held_count - i - 1) * sizeof(host.held[0]));
        host.held_count--;
        return op;
    }
    return NULL;
}

static inline ecsengine_op *held(enum ecsengine_op_kind kind, const char *container)
{
    ecsengine_op *op = find_held(kind, container);

    if (op == NULL)
        ck_abort_msg("no operation %s %s waits", ecsengine_op_kind_name(kind), container != NULL ? container : "");
    return op;
}

static inline struct box *box_of(const char *id_or_name)
{
    for (size_t i = 0; i < host.box_count; i++)
        if (host.boxes[i].there && (strcmp(host.boxes[i].id, id_or_name) == 0 || strcmp(host.boxes[i].name, id_or_name) == 0))
            return &host.boxes[i];
    return NULL;
}

static inline struct box *make_box(const char *name)
{
    size_t i = 0;

    while (i < host.box_count && strcmp(host.boxes[i].name, name) != 0)
        i++;
    ck_assert_uint_lt(i, BOXES);
    struct box *box = &host.boxes[i];
    if (i == host.box_count) {
        host.box_count++;
        snprintf(box->name, sizeof(box->name), "%s", name);
    }
    box->creates++;
    snprintf(box->id, sizeof(box->id), "id-%zu-%d", i, box->creates);
    box->there = true;
    box->running = box->started = false;
    return box;
}

static inline void record(ecsengine_result *result, const struct box *box)
{
    ecsengine_result_set_container_id(result, box->id);
    ecsengine_result_set_running(result, box->running);
    if (box->started)
        ecsengine_result_set_started_at(result, WALL_0);
    if (box->started && !box->running) {
        ecsengine_result_set_finished_at(result, WALL_0);
        ecsengine_result_set_exit_code(result, 0);
    }
}

static inline void perform(ecsengine_op *op, ecsengine_result *result)
{
    struct box *box = box_of(ecsengine_op_container(op));
    enum ecsengine_op_kind kind = ecsengine_op_get_kind(op);

    switch (kind) {
    case ECSENGINE_OP_INFO:
        ecsengine_result_set_cpus(result, 4);
        ecsengine_result_set_memory_mib(result, 8192);
        return;
    case ECSENGINE_OP_PULL_MANIFEST:
        ecsengine_result_set_digest(result, DIGEST, "application/vnd.oci.image.index.v1+json");
        return;
    case ECSENGINE_OP_CREATE:
        if (box != NULL)
            ecsengine_result_set_failure(result, ECSENGINE_FAILURE_CONFLICT, "the name is taken");
        else
            ecsengine_result_set_container_id(result, make_box(ecsengine_op_runtime_name(op))->id);
        return;
    case ECSENGINE_OP_START:
    case ECSENGINE_OP_STOP:
    case ECSENGINE_OP_INSPECT:
    case ECSENGINE_OP_REMOVE:
        break;
    default:
        return;
    }
    if (box == NULL) {
        ecsengine_result_set_failure(result, ECSENGINE_FAILURE_NOT_FOUND, "no such container");
        return;
    }
    if (kind == ECSENGINE_OP_START)
        box->running = box->started = true;
    else if (kind == ECSENGINE_OP_STOP)
        box->running = false;
    else if (kind == ECSENGINE_OP_REMOVE)
        box->there = false;
    if (kind != ECSENGINE_OP_REMOVE)
        record(result, box);
}

/* Does what the operation asks for, and says so. */
static inline void answer(ecsengine_op *op)
{
    ecsengine_result *result = NULL;

    OK(ecsengine_result_new(op, &result, &error_));
    perform(op, result);
    OK(ecsengine_op_complete(op, result, &error_));
}

static inline void refuse(ecsengine_op *op, enum ecsengine_failure failure, const char *text)
{
    ecsengine_result *result = NULL;

    OK(ecsengine_result_new(op, &result, &error_));
    ck_assert_int_eq(0, ecsengine_result_set_failure(result, failure, text));
    OK(ecsengine_op_complete(op, result, &error_));
}

/* Turns and answers until nothing more happens by itself. */
static inline void settle(void)
{
    for (int idle = 0, turns = 0; idle < 3; turns++) {
        size_t before = host.trace_len;
        ck_assert_int_lt(turns, 10000);
        while (host.held_count > 0)
            answer(held(ecsengine_op_get_kind(host.held[0]), NULL));
        turn();
        idle = host.trace_len == before && host.held_count == 0 ? idle + 1 : 0;
    }
}

static inline uint64_t add(const char *document)
{
    uint64_t id = 0;
    const char *text = quoted(document);

    OK(ecsengine_task_add(host.engine, text, strlen(text), &id, &error_));
    return id;
}

static inline uint64_t stop(const char *arn)
{
    uint64_t id = 0;

    OK(ecsengine_task_stop(host.engine, arn, &id, &error_));
    return id;
}

static inline size_t boxes_there(void)
{
    size_t count = 0;

    for (size_t i = 0; i < host.box_count; i++)
        count += host.boxes[i].there;
    return count;
}

/* How often a line is in the trace. */
static inline int traced(const char *line)
{
    int count = 0;
    size_t len = strlen(line);

    for (const char *at = host.trace; *at != '\0'; at += strcspn(at, "\n") + 1)
        count += strncmp(at, line, len) == 0 && at[len] == '\n';
    return count;
}

/* Runs one or more cases as this program's suite. */
static inline int run_tests(const char *name, void (*fill)(TCase *tcase))
{
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create(name);

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, start_host, NULL);
    fill(tcase);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
