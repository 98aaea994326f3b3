/* SPDX-License-Identifier: Apache-2.0 */
/* Inputs in bytes: a kind, and what that kind has. */
#include "driver/input_record.h"

#include <string.h>

#include "model/manifest.h"
#include "model/result_record.h"
#include "model/task.h"

/* Who reads needs the definition again. Who writes needs to know that he has written it, and keeps none: what was a task's goes with the task. */
struct known_definition {
    struct map_node by_hash;
    struct list link;
    struct definition *definition; /* NULL: written */
};

enum { DOCUMENT_MAX = 1 << 20, MANIFEST_MAX = 1 << 20 };
enum { DEFINITION_NONE = 0, DEFINITION_KNOWN = 1, DEFINITION_NEW = 2 };

void input_codec_init(struct input_codec *codec, struct mailbox *mailbox)
{
    memset(codec, 0, sizeof(*codec));
    codec->mailbox = mailbox;
    map_init(&codec->definitions, &mailbox->root.mem);
    list_init(&codec->known);
}

void input_codec_free(struct input_codec *codec)
{
    input_codec_unlearn(codec, 0);
    map_free(&codec->definitions);
}

struct definition *input_codec_find(void *context, uint64_t hash)
{
    const struct input_codec *codec = context;
    struct map_node *node = map_find(&codec->definitions, hash);

    return node != NULL ? container_of(node, struct known_definition, by_hash)->definition : NULL;
}

/* `definition`: NULL, or the one of that hash. */
static int learn(struct input_codec *codec, uint64_t hash, struct definition *definition)
{
    struct mem *mem = &codec->mailbox->root.mem;

    if (map_find(&codec->definitions, hash) != NULL)
        return 0;
    struct known_definition *known = mem_zalloc(mem, sizeof(*known));
    if (known == NULL || map_reserve(&codec->definitions, codec->known_count + 1) < 0) {
        mem_free(mem, known);
        return ECSENGINE_ENOMEM;
    }
    known->definition = definition_ref(definition);
    map_insert(&codec->definitions, &known->by_hash, hash);
    list_append(&codec->known, &known->link);
    codec->known_count++;
    return 0;
}

void input_codec_unlearn(struct input_codec *codec, size_t count)
{
    while (codec->known_count > count) {
        struct known_definition *known = container_of(codec->known.prev, struct known_definition, link);
        list_remove(&known->link);
        map_remove(&codec->definitions, &known->by_hash);
        definition_unref(known->definition);
        mem_free(&codec->mailbox->root.mem, known);
        codec->known_count--;
    }
}

/* ---- Writing ---------------------------------------------------------------------------------------------------------------------- */

static void put_definition(struct input_codec *codec, struct buf *buf, struct definition *definition)
{
    if (definition == NULL) {
        record_number(buf, DEFINITION_NONE);
    } else if (map_find(&codec->definitions, definition->hash) != NULL) {
        record_number(buf, DEFINITION_KNOWN);
        record_number(buf, definition->hash);
    } else {
        record_number(buf, DEFINITION_NEW);
        record_number(buf, definition->content_len);
        buf_put(buf, definition->content, definition->content_len);
        if (learn(codec, definition->hash, NULL) < 0)
            buf->failed = ECSENGINE_ENOMEM;
    }
}

static void put_credentials(const struct input_codec *codec, struct buf *buf, const struct credentials *credentials)
{
    record_put_str(buf, credentials != NULL ? credentials->id : NULL);
    if (credentials != NULL)
        secret_put(buf, &codec->mask, credentials->document, credentials->len);
}

static void put_task(struct input_codec *codec, struct buf *buf, const struct command *command)
{
    const struct task *task = command->task;

    record_number(buf, command->desired);
    put_definition(codec, buf, task->definition);
    record_put_str(buf, task->reason);
    record_put_str(buf, task->execution_credentials_id);
    record_put_str(buf, task->role_credentials_id);
    put_credentials(codec, buf, command->credentials[0]);
    put_credentials(codec, buf, command->credentials[1]);
    record_number(buf, task->notice_count);
    for (size_t i = 0; i < task->notice_count; i++)
        record_put_str(buf, task->notices[i]);
}

static void put_manifest(struct buf *buf, const struct manifest *manifest)
{
    record_put_str(buf, manifest->message_id);
    record_put_str(buf, manifest->cluster_arn);
    record_signed(buf, manifest->timeline);
    record_number(buf, manifest->count);
    for (size_t i = 0; i < manifest->count; i++)
        record_put_str(buf, manifest->arns[i]);
}

static void put_setting(struct buf *buf, const struct command *command)
{
    struct buf value;

    buf_init(&value, buf->mem, 0);
    setting_print(command->values, command->setting, &value);
    record_text(buf, setting_key(command->setting), strlen(setting_key(command->setting)));
    record_text(buf, value.data != NULL ? value.data : "", value.len);
    if (value.failed != 0)
        buf->failed = ECSENGINE_ENOMEM;
    buf_free(&value);
}

static void put_exec(const struct input_codec *codec, struct buf *buf, const struct command *command)
{
    record_put_str(buf, command->text);
    record_signed(buf, command->number);
    secret_put(buf, &codec->mask, command->config, command->config_len);
}

static void put_command(struct input_codec *codec, struct buf *buf, const struct command *command)
{
    record_number(buf, command->kind);
    record_number(buf, command->id);
    record_put_str(buf, command->arn);
    if (command->kind == COMMAND_TASK_ADD)
        put_task(codec, buf, command);
    else if (command->kind == COMMAND_TASK_MANIFEST || command->kind == COMMAND_STOP_VERIFIED)
        put_manifest(buf, command->manifest);
    else if (command->kind == COMMAND_PAYLOAD_SEQUENCE)
        record_signed(buf, command->number);
    else if (command->kind == COMMAND_CREDENTIALS_SET)
        put_credentials(codec, buf, command->credentials[0]);
    else if (command->kind == COMMAND_CREDENTIALS_REMOVE)
        record_put_str(buf, command->text);
    else if (command->kind == COMMAND_HOST_SET)
        put_setting(buf, command);
    else if (command->kind == COMMAND_EXEC)
        put_exec(codec, buf, command);
}

/* What was given up before the recording began is not known to a reader, and what it made must be removed: it comes along. */
static bool is_stranger(const struct input_codec *codec, const struct ecsengine_op *op)
{
    return op->answered && op->id < codec->first_op &&
           (op->kind == ECSENGINE_OP_CREATE || op->kind == ECSENGINE_OP_VOLUME_CREATE || op->kind == ECSENGINE_OP_RESOURCE_CREATE);
}

static void put_completion(struct input_codec *codec, struct buf *buf, const struct ecsengine_op *op)
{
    bool stranger = is_stranger(codec, op);

    record_number(buf, op->id);
    record_number(buf, stranger);
    if (stranger) {
        put_definition(codec, buf, op->definition);
        record_put_op(buf, op, &codec->mask);
    }
    record_number(buf, op->result != NULL);
    if (op->result != NULL)
        record_put_result(buf, op->result, &codec->mask);
}

static void put_notice(const struct input_codec *codec, struct buf *buf, const struct runtime_notice *notice)
{
    record_number(buf, notice->kind);
    record_put_str(buf, notice->container);
    record_put_str(buf, notice->reason);
    record_number(buf, notice->details != NULL);
    if (notice->details != NULL)
        record_put_result(buf, notice->details, &codec->mask);
}

void input_put(struct input_codec *codec, struct buf *buf, const struct input *input)
{
    record_number(buf, input->kind);
    switch (input->kind) {
    case INPUT_COMMAND:
        put_command(codec, buf, container_of(input, struct command, input));
        break;
    case INPUT_COMPLETION:
        put_completion(codec, buf, container_of(input, struct ecsengine_op, completion));
        break;
    case INPUT_UPDATE: {
        const struct ecsengine_op *op = container_of(input, struct ecsengine_op, update);
        record_number(buf, op->id);
        record_signed(buf, op->current);
        record_signed(buf, op->total);
        record_text(buf, op->progress, strlen(op->progress));
        break;
    }
    case INPUT_RUNTIME_EVENT:
    case INPUT_RUNTIME_LOST:
        put_notice(codec, buf, container_of(input, struct runtime_notice, input));
        break;
    case INPUT_ACK:
        record_number(buf, container_of(input, struct acknowledgement, input)->event_id);
        break;
    case INPUT_TAKEN:
        record_number(buf, container_of(input, struct ecsengine_event, taken)->id);
        break;
    default: {
        const struct store_answer *answer = container_of(input, struct store_answer, input);
        record_number(buf, answer->batch_id);
        record_signed(buf, answer->code);
        break;
    }
    }
}

/* ---- Reading ---------------------------------------------------------------------------------------------------------------------- */

struct reading {
    struct input_codec *codec;
    struct record_getter getter;
    input_op_fn *find_op;
    void *context;
};

static void note(struct reading *reading, int code)
{
    if (code == ECSENGINE_ENOMEM)
        reading->getter.no_memory = true;
    else if (code < 0)
        reading->getter.reader->bad = true;
}

/* One of the task's own, as it had one before it was added, or NULL. */
static struct definition *get_definition(struct reading *reading)
{
    struct record_reader *reader = reading->getter.reader;
    uint64_t which = record_read_number(reader, DEFINITION_NEW);
    struct definition *known = NULL, *made = NULL;
    const unsigned char *content = NULL;
    size_t len = 0;

    if (which == DEFINITION_KNOWN) {
        known = input_codec_find(reading->codec, record_read_number(reader, UINT64_MAX));
        reader->bad = reader->bad || known == NULL;
        content = known != NULL ? known->content : NULL;
        len = known != NULL ? known->content_len : 0;
    } else if (which == DEFINITION_NEW) {
        size_t left = (size_t)(reader->end - reader->at);
        len = record_read_number(reader, left);
        content = reader->at;
        reader->bad = reader->bad || len > (size_t)(reader->end - reader->at);
        reader->at += reader->bad ? 0 : len;
    }
    if (which == DEFINITION_NONE || reader->bad)
        return NULL;
    int code = definition_decode(reading->getter.mem, content, len, &made);
    if (code == 0 && known == NULL)
        code = learn(reading->codec, made->hash, made);
    note(reading, code);
    return made;
}

static struct credentials *get_credentials(struct reading *reading)
{
    struct str *id = record_get_str(&reading->getter, LIMIT_NAME);
    struct credentials *credentials = NULL;
    size_t len;

    if (id == NULL)
        return NULL;
    const char *document = record_read_text(reading->getter.reader, DOCUMENT_MAX, &len);
    credentials = credentials_new(reading->getter.mem, id, document, len);
    if (credentials == NULL)
        reading->getter.no_memory = true;
    str_unref(id);
    return credentials;
}

/* Who asks for a description is told of them. */
static void get_notices(struct record_getter *getter, struct task *task)
{
    size_t count = record_read_number(getter->reader, (uint64_t)(getter->reader->end - getter->reader->at));

    if (count == 0 || getter->reader->bad || getter->no_memory)
        return;
    task->notices = mem_array(getter->mem, count, sizeof(*task->notices));
    getter->no_memory = task->notices == NULL;
    for (size_t i = 0; i < count && !getter->reader->bad && !getter->no_memory; i++)
        task->notices[task->notice_count++] = record_get_str(getter, SIZE_MAX);
}

static void get_task(struct reading *reading, struct command *command)
{
    struct record_getter *getter = &reading->getter;

    command->desired = (task_status)record_read_number(getter->reader, ECSENGINE_TASK_STOPPED);
    struct definition *definition = get_definition(reading);
    struct str *reason = record_get_str(getter, 2 * LIMIT_REASON);
    if (command->arn == NULL || (definition == NULL) != (reason != NULL))
        getter->reader->bad = true;
    if (!getter->reader->bad && !getter->no_memory) {
        command->task = task_new(getter->mem, command->arn, definition, reason);
        getter->no_memory = command->task == NULL;
    }
    str_unref(reason);
    definition_unref(definition);
    if (command->task == NULL)
        return;
    command->task->execution_credentials_id = record_get_str(getter, LIMIT_NAME);
    command->task->role_credentials_id = record_get_str(getter, LIMIT_NAME);
    command->credentials[0] = get_credentials(reading);
    command->credentials[1] = get_credentials(reading);
    get_notices(getter, command->task);
}

static void get_manifest(struct reading *reading, struct command *command)
{
    struct record_getter *getter = &reading->getter;
    struct str *message_id = record_get_str(getter, LIMIT_REASON);
    struct str *cluster_arn = record_get_str(getter, LIMIT_ARN);
    int64_t timeline = record_read_signed(getter->reader);
    size_t count = record_read_number(getter->reader, MANIFEST_MAX), left = (size_t)(getter->reader->end - getter->reader->at);
    struct manifest *manifest = NULL;

    if (count > left) /* each has a length, if nothing else */
        getter->reader->bad = true;
    if (!getter->reader->bad) {
        manifest = manifest_new(getter->mem, count);
        getter->no_memory = getter->no_memory || manifest == NULL;
    }
    command->manifest = manifest;
    if (manifest == NULL) {
        str_unref(message_id);
        str_unref(cluster_arn);
        return;
    }
    manifest->message_id = message_id;
    manifest->cluster_arn = cluster_arn;
    manifest->timeline = timeline;
    for (size_t i = 0; i < count && !getter->reader->bad && !getter->no_memory; i++) {
        manifest->arns[i] = record_get_str(getter, LIMIT_ARN);
        manifest->count = i + 1;
        if (manifest->arns[i] == NULL || (i > 0 && strcmp(manifest->arns[i - 1]->data, manifest->arns[i]->data) > 0))
            getter->reader->bad = true;
    }
}

static void get_setting(struct reading *reading, struct command *command)
{
    struct record_getter *getter = &reading->getter;
    struct str *key = record_get_str(getter, LIMIT_NAME), *value = record_get_str(getter, DOCUMENT_MAX);
    const struct setting *setting = key != NULL ? setting_find(key->data) : NULL;

    command->setting = setting;
    command->values = mem_alloc(getter->mem, sizeof(*command->values));
    if (command->values == NULL) {
        getter->no_memory = true;
    } else {
        settings_init(command->values);
        if (setting == NULL || setting_set(command->values, setting, str_text(value), NULL) < 0)
            getter->reader->bad = true;
    }
    str_unref(key);
    str_unref(value);
}

static void get_exec(struct record_getter *getter, struct command *command)
{
    command->text = record_get_str(getter, LIMIT_NAME);
    command->number = record_read_signed(getter->reader);
    const char *config = record_read_text(getter->reader, SECRET_TEXT, &command->config_len);
    command->config = mem_alloc(getter->mem, command->config_len + 1);
    getter->no_memory = getter->no_memory || command->config == NULL;
    if (command->config != NULL) {
        memcpy(command->config, config, command->config_len);
        command->config[command->config_len] = '\0';
    }
    if (!getter->no_memory && (command->arn == NULL || command->text == NULL || command->number < 1 || command->number > LIMIT_WALL_NS / 2))
        getter->reader->bad = true;
}

static void get_command_body(struct reading *reading, struct command *command)
{
    struct record_getter *getter = &reading->getter;

    switch (command->kind) {
    case COMMAND_TASK_ADD:
        get_task(reading, command);
        break;
    case COMMAND_TASK_STOP:
    case COMMAND_TASK_KILL:
        getter->reader->bad = getter->reader->bad || (command->arn == NULL && !getter->no_memory);
        break;
    case COMMAND_TASK_MANIFEST:
    case COMMAND_STOP_VERIFIED:
        get_manifest(reading, command);
        break;
    case COMMAND_PAYLOAD_SEQUENCE:
        command->number = record_read_signed(getter->reader);
        break;
    case COMMAND_CREDENTIALS_SET:
        command->credentials[0] = get_credentials(reading);
        getter->reader->bad = getter->reader->bad || (command->credentials[0] == NULL && !getter->no_memory);
        break;
    case COMMAND_CREDENTIALS_REMOVE:
        command->text = record_get_str(getter, LIMIT_NAME);
        getter->reader->bad = getter->reader->bad || (command->text == NULL && !getter->no_memory);
        break;
    case COMMAND_HOST_SET:
        get_setting(reading, command);
        break;
    case COMMAND_EXEC:
        get_exec(getter, command);
        break;
    default:
        break;
    }
}

static struct input *get_command(struct reading *reading)
{
    struct record_getter *getter = &reading->getter;
    struct root *root = &reading->codec->mailbox->root;
    struct command *command = mem_zalloc(getter->mem, sizeof(*command));

    if (command == NULL) {
        getter->no_memory = true;
        return NULL;
    }
    command->input.kind = INPUT_COMMAND;
    command->kind = (uint8_t)record_read_number(getter->reader, COMMAND_EXEC);
    command->id = record_read_number(getter->reader, UINT64_MAX);
    command->arn = record_get_str(getter, LIMIT_ARN);
    command->done = event_init(mem_zalloc(&root->mem, sizeof(*command->done)), root, ECSENGINE_EVENT_COMMAND_DONE);
    getter->no_memory = getter->no_memory || command->done == NULL;
    getter->reader->bad = getter->reader->bad || command->kind == 0;
    if (!getter->reader->bad)
        get_command_body(reading, command);
    return &command->input;
}

/* NULL: none was given. */
static struct ecsengine_result *get_result(struct reading *reading)
{
    struct ecsengine_result *result = NULL;

    if (record_read_number(reading->getter.reader, 1) != 0)
        note(reading, record_get_result(reading->getter.reader, &reading->codec->mailbox->root, &result));
    return result;
}

static struct input *get_completion(struct reading *reading)
{
    struct record_reader *reader = reading->getter.reader;
    uint64_t id = record_read_number(reader, UINT64_MAX);
    struct ecsengine_op *op = NULL;

    if (record_read_number(reader, 1) != 0) {
        definition_unref(get_definition(reading)); /* it is known now */
        if (!reader->bad && !reading->getter.no_memory)
            note(reading, record_get_op(reader, &reading->codec->mailbox->root, input_codec_find, reading->codec, &op));
        if (op != NULL)
            op->answered = true;
    } else {
        op = reading->find_op(reading->context, id);
    }
    struct ecsengine_result *result = get_result(reading);
    if (op == NULL || op->completed || op->kind == ECSENGINE_OP_CANCEL) {
        ecsengine_result_free(result);
        op_unref(op);
        return NULL;
    }
    op->result = result;
    op->completed = true;
    return &op->completion;
}

static struct input *get_update(struct reading *reading)
{
    struct record_reader *reader = reading->getter.reader;
    struct ecsengine_op *op = reading->find_op(reading->context, record_read_number(reader, UINT64_MAX));
    int64_t current = record_read_signed(reader), total = record_read_signed(reader);
    size_t len;
    const char *text = record_read_text(reader, LIMIT_PROGRESS_TEXT, &len);

    if (op == NULL || op->update_queued || op->kind == ECSENGINE_OP_CANCEL) {
        op_unref(op);
        return NULL;
    }
    op->update_queued = true;
    op->update_current = current;
    op->update_total = total;
    memcpy(op->update_text, text, len);
    op->update_text[len] = '\0';
    return &op->update;
}

static struct input *get_notice(struct reading *reading, enum input_kind kind)
{
    struct record_getter *getter = &reading->getter;
    struct runtime_notice *notice = mem_zalloc(getter->mem, sizeof(*notice));

    if (notice == NULL) {
        getter->no_memory = true;
        return NULL;
    }
    notice->input.kind = (uint8_t)kind;
    notice->kind = (uint8_t)record_read_number(getter->reader, ECSENGINE_RUNTIME_EVENT_EXEC_DIE);
    notice->container = record_get_str(getter, LIMIT_RUNTIME_NAME);
    notice->reason = record_get_str(getter, LIMIT_REASON);
    notice->details = get_result(reading);
    if (kind == INPUT_RUNTIME_EVENT && notice->container == NULL && !getter->no_memory)
        getter->reader->bad = true;
    return &notice->input;
}

static struct input *get_ack(struct reading *reading)
{
    struct acknowledgement *ack = mem_zalloc(reading->getter.mem, sizeof(*ack));

    if (ack == NULL) {
        reading->getter.no_memory = true;
        return NULL;
    }
    ack->input.kind = INPUT_ACK;
    ack->event_id = record_read_number(reading->getter.reader, UINT64_MAX);
    return &ack->input;
}

static struct input *get_answer(struct reading *reading, struct store_answer *answer)
{
    answer->batch_id = record_read_number(reading->getter.reader, UINT64_MAX);
    int64_t code = record_read_signed(reading->getter.reader);
    if (code > 0 || code < INT32_MIN)
        reading->getter.reader->bad = true;
    answer->code = (int)code;
    return &answer->input;
}

static struct input *get_one(struct reading *reading, struct store_answer *answer)
{
    enum input_kind kind = (enum input_kind)record_read_number(reading->getter.reader, INPUT_STORE_DONE);

    switch (kind) {
    case INPUT_COMMAND:
        return get_command(reading);
    case INPUT_COMPLETION:
        return get_completion(reading);
    case INPUT_UPDATE:
        return get_update(reading);
    case INPUT_RUNTIME_EVENT:
    case INPUT_RUNTIME_LOST:
        return get_notice(reading, kind);
    case INPUT_ACK:
    case INPUT_TAKEN: /* the host had it, which acknowledged it */
        return get_ack(reading);
    case INPUT_STORE_DONE:
        return get_answer(reading, answer);
    default:
        reading->getter.reader->bad = true;
        return NULL;
    }
}

int input_get(struct input_codec *codec, struct record_reader *reader, input_op_fn *find_op, void *context, struct store_answer *answer,
              struct input **out_input)
{
    struct reading reading = {
        .codec = codec, .getter = {.reader = reader, .mem = &codec->mailbox->root.mem}, .find_op = find_op, .context = context};
    struct input *input = get_one(&reading, answer);

    if (!reading.getter.no_memory && !reader->bad) {
        *out_input = input;
        return 0;
    }
    if (input != NULL)
        input_free(codec->mailbox, input);
    return reading.getter.no_memory ? ECSENGINE_ENOMEM : ECSENGINE_ECORRUPT;
}
