/* SPDX-License-Identifier: Apache-2.0 */
/* A bare engine, driven input by input: no driver, no store, no host. */
#ifndef TESTS_ENGINE_MADE_H
#define TESTS_ENGINE_MADE_H

#include "../base/unit.h"

#include "base/prng.h"
#include "engine/check.h"
#include "engine/engine.h"
#include "engine/ops.h"
#include "engine/restore.h"
#include "model/record.h"
#include "spec/spec.h"

#define ARN_HEAD "arn:aws:ecs:us-west-2:123456789012:task/default/"
#define ARN ARN_HEAD "t1"
#define TASK(containers) "{'taskArn':'" ARN "','family':'fam','revision':3,'containerDefinitions':[" containers "]}"
#define WALL_0 (INT64_C(1780000000) * NS_PER_S)

static struct root made_root;
static struct settings made_settings;
static struct engine made;

static inline void made_gone(struct root *root) { (void)root; }

static inline void made_start(void)
{
    ecsengine_allocator allocator = unit_allocator();

    root_init(&made_root, &allocator, made_gone);
    settings_init(&made_settings);
}

static inline void made_set(const char *key, const char *value)
{
    ck_assert_int_eq(0, setting_set(&made_settings, setting_find(key), value, NULL));
}

/* Gives a record back under the key that it says itself. */
static inline int made_give(const struct buf *record)
{
    char key[LIMIT_RECORD_KEY] = "engine", kind = '\0';
    struct record_reader body;
    size_t len = 0;

    if (record_open(record->data, record->len, &kind, &body) == 0 && kind == 'd') {
        snprintf(key, sizeof(key), "definition/%016llx", (unsigned long long)hash64(0, body.at, (size_t)(body.end - body.at)));
    } else if (kind == 't') {
        const char *arn = record_read_text(&body, LIMIT_ARN, &len);
        snprintf(key, sizeof(key), "task/%.*s", (int)len, arn);
    }
    return restore_record(&made, key, record->data, record->len);
}

/* The records of a task: of its definition, and its own. */
static inline void made_records(const struct task *task, struct buf records[2])
{
    for (int i = 0; i < 2; i++) {
        buf_init(&records[i], &made_root.mem, 0);
        size_t start = record_begin(&records[i], i == 0 ? 'd' : 't');
        if (i == 0)
            buf_put(&records[i], task->definition->content, task->definition->content_len);
        else
            record_put_task(&records[i], task);
        record_end(&records[i], start);
        ck_assert_int_eq(0, records[i].failed);
    }
}

static inline void made_open(void)
{
    ck_assert_int_eq(0, engine_init(&made, &made_root, &made_settings, 7));
    made.mono_ns = NS_PER_S;
    made.wall_ns = WALL_0;
}

static inline void made_close(void)
{
    engine_close(&made);
    mem_close(&made_root.mem);
    ck_assert_uint_eq(1, atomic_load(&made_root.refs));
    ck_assert_uint_eq(0, unit.blocks);
}

static inline struct ecsengine_result *made_result(void)
{
    struct ecsengine_result *result = result_new(&made_root);

    ck_assert_ptr_nonnull(result);
    return result;
}

/* The parsed document as a task, not yet the engine's. */
static inline struct task *made_task(const char *document)
{
    struct spec_limits limits = {
        .payload_bytes = 1 << 20,
        .container_count = 20,
        .gpu_support = made_settings.gpu_support != 0,
        .engine_chooses_ports = made_settings.port_chooser == PORTS_BY_ENGINE,
        .nvidia_runtime = made_settings.nvidia_runtime,
    };
    struct task_spec *spec = NULL;
    struct ecsengine_error *error = NULL;
    const char *text = unit_quoted(document);

    if (spec_parse(&made_root.mem, &limits, text, strlen(text), &spec, &error) < 0)
        ck_abort_msg("%s", ecsengine_error_message(error));
    if (spec->definition == NULL)
        ck_abort_msg("refused: %s", str_text(spec->refusal));
    struct task *task = task_new(&made_root.mem, spec->arn, spec->definition, NULL);
    task->desired = spec->desired;
    task_spec_free(spec);
    return task;
}

static inline void made_check(void)
{
    char text[CHECK_TEXT_MAX];

    if (!engine_check(&made, text))
        ck_abort_msg("%s", text);
}

/* The lines of one message: how many there were, and the last. */
static struct {
    int32_t id;
    unsigned count;
    enum ecsengine_log_level level;
    char text[512];
} made_lines;

static inline void made_on_log(enum ecsengine_log_level level, int32_t id, const char *text, size_t len, void *user_data)
{
    (void)user_data;
    if (id != made_lines.id)
        return;
    made_lines.count++;
    made_lines.level = level;
    snprintf(made_lines.text, sizeof(made_lines.text), "%.*s", (int)len, text);
}

static inline void made_listen(int32_t id)
{
    memset(&made_lines, 0, sizeof(made_lines));
    made_lines.id = id;
    made.log = made_on_log;
    made.log_minimum = ECSENGINE_LOG_DEBUG;
}

static inline void made_apply(struct input *input)
{
    ck_assert_int_eq(0, engine_apply(&made, input));
    ck_assert_int_eq(0, engine_advance(&made));
    made_check();
}

/* Gives a task to the engine. */
static inline void made_add_task(struct task *task)
{
    struct command command = {.input.kind = INPUT_COMMAND, .kind = COMMAND_TASK_ADD, .id = 1};

    command.task = task;
    command.arn = str_ref(task->arn);
    command.desired = ECSENGINE_TASK_RUNNING;
    command.done = event_init(mem_zalloc(&made_root.mem, sizeof(*command.done)), &made_root, ECSENGINE_EVENT_COMMAND_DONE);
    made_apply(&command.input);
    ck_assert_ptr_null(command.task);
    str_unref(command.arn);
}

static inline struct task *made_add(const char *document)
{
    struct task *task = made_task(document);

    made_add_task(task);
    return task;
}

static inline void made_stop(struct task *task)
{
    struct command command = {.input.kind = INPUT_COMMAND, .kind = COMMAND_TASK_STOP, .id = 2, .arn = str_ref(task->arn)};

    command.done = event_init(mem_zalloc(&made_root.mem, sizeof(*command.done)), &made_root, ECSENGINE_EVENT_COMMAND_DONE);
    made_apply(&command.input);
    str_unref(command.arn);
}

/* The first operation that waits to be handed out; cancels are dropped. NULL: none. */
static inline void made_good(struct ecsengine_op *op);

/* Whether made_next() has the engine's own PING; else that is answered well. */
static bool made_shows_pings;

static inline struct ecsengine_op *made_next(void)
{
    struct list *node;

    while ((node = list_shift(&made.ops_out)) != NULL) {
        struct ecsengine_op *op = container_of(node, struct ecsengine_op, link);
        if (op == made.ping_op && !made_shows_pings)
            made_good(op);
        else if (op->kind != ECSENGINE_OP_CANCEL)
            return op;
        else
            op_unref(op);
    }
    return NULL;
}

/* Answers; takes the operation and the result. */
static inline void made_answer(struct ecsengine_op *op, struct ecsengine_result *result)
{
    op->completed = true;
    op->result = result;
    op->completion.kind = INPUT_COMPLETION;
    made_apply(&op->completion);
}

static inline void made_fail(struct ecsengine_op *op, enum ecsengine_failure kind, const char *name, const char *text)
{
    struct ecsengine_result *result = made_result();

    ck_assert_int_eq(0, ecsengine_result_set_failure(result, kind, text));
    if (name != NULL)
        ck_assert_int_eq(0, ecsengine_result_set_error_name(result, name));
    made_answer(op, result);
}

static inline void made_good(struct ecsengine_op *op)
{
    struct ecsengine_result *result = made_result();

    switch (op->kind) {
    case ECSENGINE_OP_INFO:
        ecsengine_result_set_cpus(result, 4);
        ecsengine_result_set_memory_mib(result, 8192);
        break;
    case ECSENGINE_OP_PULL_MANIFEST:
        ecsengine_result_set_digest(result, "sha256:00", "application/vnd.oci.image.index.v1+json");
        break;
    case ECSENGINE_OP_CREATE:
        ecsengine_result_set_container_id(result, str_text(op->runtime_name) + 20);
        break;
    case ECSENGINE_OP_START:
    case ECSENGINE_OP_INSPECT:
        ecsengine_result_set_running(result, 1);
        ecsengine_result_set_started_at(result, made.wall_ns);
        break;
    case ECSENGINE_OP_STOP:
        ecsengine_result_set_running(result, 0);
        ecsengine_result_set_started_at(result, WALL_0);
        ecsengine_result_set_exit_code(result, 0);
        break;
    default:
        break;
    }
    made_answer(op, result);
}

/* Runs until an operation of that kind comes; it is the caller's. */
static inline struct ecsengine_op *made_until(enum ecsengine_op_kind kind)
{
    struct ecsengine_op *op;

    ck_assert_int_eq(0, engine_settle(&made));
    while ((op = made_next()) != NULL) {
        if (op->kind == kind)
            return op;
        made_good(op);
    }
    return NULL;
}

/* Answers everything well until nothing more comes. */
static inline void made_settle(void) { ck_assert_ptr_null(made_until(ECSENGINE_OP_NONE)); }

/* Lets time pass up to the next deadline, and runs what is due. */
static inline void made_wait(void)
{
    int64_t due = engine_deadline(&made);

    ck_assert_int_ne(INT64_MAX, due);
    if (due > made.mono_ns) {
        made.wall_ns += due - made.mono_ns;
        made.mono_ns = due;
    }
    ck_assert_int_eq(0, engine_settle(&made));
}

static inline int made_run(const char *name, void (*fill)(TCase *tcase)) { return unit_run(name, fill); }

#endif
