/* SPDX-License-Identifier: Apache-2.0 */
/* record.h: replaying. The recording's inputs go through an engine of the replay's own, in the same turns at the same times; a recorder
 * without a host takes down what comes out, and its bytes are held against the recorded ones. */
#include "ecsengine/record.h"

#include <stdio.h>
#include <string.h>

#include "api/handle.h"
#include "driver/recorder.h"
#include "driver/snapshot.h"
#include "engine/restore.h"
#include "model/record.h"

/* An operation that was handed out, as its taker has it. */
struct held_op {
    struct map_node by_id;
    struct list link;
    struct ecsengine_op *op;
};

enum { VERSION_MAX = 64, DIFFERENCE_MAX = 4096 };

struct ecsengine_replay {
    struct ecsengine *handle;
    struct root *root; /* of the handle */
    const unsigned char *data;
    size_t len;
    size_t at;         /* the next chunk */
    bool ended;
    bool cut;
    bool middle;
    bool middle_read; /* the state that it begins with */
    bool starved;
    uint64_t turn;
    uint64_t difference_turn;
    struct map held;
    struct list held_list;
    struct buf inputs; /* of the last turn, as JSON */
    char version[VERSION_MAX + 1];
    char difference[DIFFERENCE_MAX];
};

/* One output as a recording has it. */
struct output {
    uint64_t tag;
    uint64_t id;
    uint64_t hash;
};

static int damaged(struct ecsengine_replay *replay, size_t at, struct ecsengine_error **error)
{
    replay->ended = true;
    return error_set(error, ECSENGINE_ECORRUPT, "the recording is damaged at byte %zu", at);
}

static int starve(struct ecsengine_replay *replay, struct ecsengine_error **error)
{
    replay->ended = true;
    return error_nomem(error);
}

/* The next chunk. 1; 0: none, or not all of it; ECORRUPT, EUNSUPPORTED. */
static int next_chunk(struct ecsengine_replay *replay, char *out_kind, struct record_reader *out_body, struct ecsengine_error **error)
{
    struct record_reader reader = {.at = replay->data + replay->at, .end = replay->data + replay->len};
    size_t start = replay->at;

    if (reader.at == reader.end)
        return 0;
    uint64_t len = record_read_number(&reader, UINT64_MAX);
    if (reader.bad || len > (uint64_t)(reader.end - reader.at)) {
        replay->cut = true;
        return 0;
    }
    int code = record_open(reader.at, len, out_kind, out_body);
    if (code == ECSENGINE_EUNSUPPORTED)
        return error_set(error, code, "a newer version of the library wrote this recording");
    if (code < 0)
        return damaged(replay, start, error);
    replay->at = (size_t)(reader.at - replay->data) + len;
    return 1;
}

/* ---- Operations that are out ------------------------------------------------------------------------------------------------------ */

static uint64_t hash_of(uint64_t id) { return id * UINT64_C(0x9e3779b97f4a7c15); }

static int hold(struct ecsengine_replay *replay, struct ecsengine_op *op)
{
    struct held_op *held = mem_zalloc(&replay->root->mem, sizeof(*held));

    if (held == NULL || map_reserve(&replay->held, replay->held.count + 1) < 0) {
        mem_free(&replay->root->mem, held);
        return ECSENGINE_ENOMEM;
    }
    held->op = ecsengine_op_ref(op);
    map_insert(&replay->held, &held->by_id, hash_of(op->id));
    list_append(&replay->held_list, &held->link);
    return 0;
}

static void let_go(struct ecsengine_replay *replay, struct held_op *held)
{
    map_remove(&replay->held, &held->by_id);
    list_remove(&held->link);
    op_unref(held->op);
    mem_free(&replay->root->mem, held);
}

static struct ecsengine_op *find_op(void *context, uint64_t id)
{
    struct ecsengine_replay *replay = context;

    for (struct map_node *node = map_find(&replay->held, hash_of(id)); node != NULL; node = map_find_next(node)) {
        struct held_op *held = container_of(node, struct held_op, by_id);
        if (held->op->id == id)
            return ecsengine_op_ref(held->op);
    }
    return NULL;
}

/* What was answered will not be asked for again. */
static void let_go_of_answered(struct ecsengine_replay *replay)
{
    for (struct list *node = replay->held_list.next, *next; node != &replay->held_list; node = next) {
        struct held_op *held = container_of(node, struct held_op, link);
        next = node->next;
        if (held->op->completed)
            let_go(replay, held);
    }
}

/* What the host has not taken is gone with the next turn. */
static void clear_outputs(struct ecsengine_replay *replay)
{
    struct mailbox *mailbox = replay->handle->mailbox;
    struct ecsengine_op *op;
    struct ecsengine_event *event;

    while ((op = mailbox_next_op(mailbox)) != NULL)
        op_unref(op);
    while ((event = mailbox_next_event(mailbox)) != NULL)
        ecsengine_event_free(event);
}

static int hold_outputs(struct ecsengine_replay *replay)
{
    struct list *ops = &replay->handle->mailbox->ops;
    int code = 0;

    for (struct list *node = ops->next; node != ops && code == 0; node = node->next) {
        struct ecsengine_op *op = container_of(node, struct ecsengine_op, link);
        code = op->kind != ECSENGINE_OP_CANCEL ? hold(replay, op) : 0;
    }
    return code;
}

/* ---- Differences ------------------------------------------------------------------------------------------------------------------ */

static bool read_output(struct record_reader *reader, struct output *output)
{
    if (reader->at == reader->end)
        return false;
    output->tag = record_read_number(reader, UINT64_MAX);
    output->id = record_read_number(reader, UINT64_MAX);
    output->hash = record_read_number(reader, UINT64_MAX);
    return !reader->bad;
}

static void name_output(const struct output *output, char *text, size_t size)
{
    if (output->tag >= OUTPUT_BATCH)
        snprintf(text, size, "batch %llu", (unsigned long long)output->id);
    else if (output->tag >= OUTPUT_EVENT)
        snprintf(text, size, "event %llu (%s)", (unsigned long long)output->id,
                 ecsengine_event_kind_name((enum ecsengine_event_kind)(output->tag - OUTPUT_EVENT)));
    else
        snprintf(text, size, "operation %llu (%s)", (unsigned long long)output->id,
                 ecsengine_op_kind_name((enum ecsengine_op_kind)output->tag));
}

/* The replay's own output in full, as JSON; NULL: there is no more to say of it. */
static ecsengine_text *show_output(const struct ecsengine_replay *replay, const struct output *output)
{
    struct mailbox *mailbox = replay->handle->mailbox;
    ecsengine_text *text = NULL;

    for (struct list *node = mailbox->ops.next; output->tag < OUTPUT_EVENT && node != &mailbox->ops; node = node->next)
        if (container_of(node, struct ecsengine_op, link)->id == output->id)
            ecsengine_op_request(container_of(node, struct ecsengine_op, link), &text, NULL);
    for (struct list *node = mailbox->events.next; output->tag >= OUTPUT_EVENT && node != &mailbox->events; node = node->next)
        if (container_of(node, struct ecsengine_event, link)->id == output->id)
            ecsengine_event_json(container_of(node, struct ecsengine_event, link), &text, NULL);
    return text;
}

static void differ(struct ecsengine_replay *replay, size_t index, const struct output *recorded, const struct output *ours)
{
    char theirs_text[96] = "nothing more", ours_text[96] = "nothing more";

    if (recorded != NULL)
        name_output(recorded, theirs_text, sizeof(theirs_text));
    if (ours != NULL)
        name_output(ours, ours_text, sizeof(ours_text));
    ecsengine_text *full = ours != NULL ? show_output(replay, ours) : NULL;
    bool same_name = recorded != NULL && ours != NULL && recorded->tag == ours->tag && recorded->id == ours->id;
    if (same_name)
        snprintf(replay->difference, sizeof(replay->difference), "turn %llu, output %zu: %s has other contents than in the recording%s%s",
                 (unsigned long long)replay->turn, index + 1, ours_text, full != NULL ? ": " : "",
                 full != NULL ? ecsengine_text_data(full) : "");
    else
        snprintf(replay->difference, sizeof(replay->difference), "turn %llu, output %zu: the recording has %s, the replay has %s%s%s",
                 (unsigned long long)replay->turn, index + 1, theirs_text, ours_text, full != NULL ? ": " : "",
                 full != NULL ? ecsengine_text_data(full) : "");
    ecsengine_text_free(full);
}

/* Holds the turn's outputs against those in the recording, which are the rest of its chunk. */
static void compare(struct ecsengine_replay *replay, struct record_reader *body, int64_t deadline_ns)
{
    const struct recorder *recorder = replay->handle->recorder;
    int64_t recorded_ns = record_read_signed(body);
    uint64_t count = record_read_number(body, UINT64_MAX);
    size_t len = (size_t)(body->end - body->at);

    if (body->bad || replay->difference_turn != 0)
        return;
    if (count == recorder->output_count && len == recorder->outputs.len && (len == 0 || memcmp(body->at, recorder->outputs.data, len) == 0) &&
        recorded_ns == deadline_ns)
        return;
    struct record_reader ours = {.at = (const unsigned char *)recorder->outputs.data};
    struct output theirs_one, ours_one;
    ours.end = ours.at != NULL ? ours.at + recorder->outputs.len : NULL;
    replay->difference_turn = replay->turn;
    for (size_t i = 0;; i++) {
        bool theirs_has = read_output(body, &theirs_one), ours_has = read_output(&ours, &ours_one);
        if (!theirs_has && !ours_has)
            break;
        if (theirs_has != ours_has || memcmp(&theirs_one, &ours_one, sizeof(ours_one)) != 0) {
            differ(replay, i, theirs_has ? &theirs_one : NULL, ours_has ? &ours_one : NULL);
            return;
        }
    }
    snprintf(replay->difference, sizeof(replay->difference), "turn %llu: the recording has the next deadline at %lld ns, the replay at %lld ns",
             (unsigned long long)replay->turn, (long long)recorded_ns, (long long)deadline_ns);
}

/* ---- Turns ------------------------------------------------------------------------------------------------------------------------ */

/* Queues the turn's inputs. ECORRUPT, ENOMEM. */
static int read_inputs(struct ecsengine_replay *replay, struct record_reader *body)
{
    struct ecsengine *handle = replay->handle;
    uint64_t count = record_read_number(body, UINT64_MAX);
    int code = 0;

    json_open(&replay->inputs, NULL, '[');
    for (uint64_t i = 0; i < count && code == 0 && !body->bad; i++) {
        struct input *input = NULL;
        code = input_get(&handle->recorder->codec, body, find_op, replay, &handle->answer, &input);
        if (code < 0 || input == NULL)
            continue;
        input_describe(input, &replay->inputs);
        if (input->kind == INPUT_STORE_DONE && list_linked(&input->link))
            return ECSENGINE_ECORRUPT; /* one batch is out at a time */
        list_append(&handle->inputs, &input->link);
    }
    json_close(&replay->inputs, ']');
    return code == 0 && body->bad ? ECSENGINE_ECORRUPT : code;
}

static int run_turn(struct ecsengine_replay *replay, size_t at, struct record_reader *body, struct ecsengine_error **error)
{
    struct ecsengine *handle = replay->handle;
    uint64_t flags = record_read_number(body, TURN_FAILED | TURN_KEEPS);
    uint64_t mono_ns = record_read_number(body, LIMIT_WALL_NS), wall_ns = record_read_number(body, LIMIT_WALL_NS);

    buf_clear(&replay->inputs);
    clear_outputs(replay);
    if ((handle->records_given && !handle->records_ended) || replay->middle != replay->middle_read)
        return damaged(replay, at, error);
    handle->pulls_batches = (flags & TURN_KEEPS) != 0;
    int code = body->bad ? ECSENGINE_ECORRUPT : read_inputs(replay, body);
    if (code < 0)
        return code == ECSENGINE_ENOMEM ? starve(replay, error) : damaged(replay, at, error);
    replay->turn++;
    replay->starved = replay->starved || (flags & TURN_FAILED) != 0;
    atomic_store(&handle->began, true);
    if (driver_turn(handle, (int64_t)mono_ns, (int64_t)wall_ns) < 0 || handle->recorder->failed || hold_outputs(replay) < 0)
        return starve(replay, error);
    let_go_of_answered(replay);
    compare(replay, body, handle->mailbox->deadline_ns);
    return body->bad ? damaged(replay, at, error) : 1;
}

static int give_record(struct ecsengine_replay *replay, size_t at, struct record_reader *body, struct ecsengine_error **error)
{
    char key[LIMIT_RECORD_KEY];
    size_t len = record_read_number(body, LIMIT_RECORD_KEY - 1);

    if (body->bad || len > (size_t)(body->end - body->at))
        return damaged(replay, at, error);
    memcpy(key, body->at, len);
    key[len] = '\0';
    body->at += len;
    len = record_read_number(body, UINT64_MAX);
    if (body->bad || len != (size_t)(body->end - body->at) || atomic_load(&replay->handle->began) || replay->handle->records_ended)
        return damaged(replay, at, error);
    replay->handle->records_given = true;
    return restore_record(&replay->handle->engine, key, body->at, len) == ECSENGINE_ENOMEM ? starve(replay, error) : 0;
}

static int end_records(struct ecsengine_replay *replay, size_t at, struct ecsengine_error **error)
{
    if (atomic_load(&replay->handle->began) || replay->handle->records_ended)
        return damaged(replay, at, error);
    if (restore_end(&replay->handle->engine) < 0)
        return starve(replay, error);
    replay->handle->records_ended = true;
    return 0;
}

/* The recording begins in the middle of a life: what was out with the host then is out with the replay. */
static int take_state(struct ecsengine_replay *replay, size_t at, const struct record_reader *body, struct ecsengine_error **error)
{
    struct ecsengine *handle = replay->handle;

    if (!replay->middle || atomic_load(&handle->began) || handle->records_given)
        return damaged(replay, at, error);
    int code = driver_snapshot_get(handle, body->at, (size_t)(body->end - body->at));
    if (code == ECSENGINE_ENOMEM)
        return starve(replay, error);
    if (code == ECSENGINE_EUNSUPPORTED) {
        replay->ended = true;
        return error_set(error, code, "a newer version of the library wrote this recording");
    }
    if (code < 0)
        return damaged(replay, at, error);
    replay->middle_read = true;
    for (struct list *node = handle->engine.open_ops.next; node != &handle->engine.open_ops; node = node->next) {
        struct ecsengine_op *op = container_of(node, struct ecsengine_op, open);
        if (op->left && hold(replay, op) < 0)
            return starve(replay, error);
    }
    return 0;
}

int ecsengine_replay_next(ecsengine_replay *replay, ecsengine_error **error)
{
    struct record_reader body;
    char kind;

    if (replay == NULL)
        return error_set(error, ECSENGINE_EINVAL, "a replay is needed");
    while (!replay->ended) {
        size_t at = replay->at;
        int code = next_chunk(replay, &kind, &body, error);
        if (code <= 0)
            replay->ended = true;
        else if (kind == 'T')
            return run_turn(replay, at, &body, error);
        else if (kind == 'S')
            code = take_state(replay, at, &body, error);
        else if (kind == 'R')
            code = give_record(replay, at, &body, error);
        else if (kind == 'E')
            code = end_records(replay, at, error);
        else
            code = damaged(replay, at, error);
        if (code < 0)
            return code;
    }
    return 0;
}

/* ---- Its life --------------------------------------------------------------------------------------------------------------------- */

static int read_settings(struct record_reader *body, struct settings *settings)
{
    uint64_t count = record_read_number(body, UINT16_MAX);
    char key[LIMIT_NAME + 1], value[SETTING_TEXT_MAX * 32];
    size_t len;

    settings_init(settings);
    for (uint64_t i = 0; i < count && !body->bad; i++) {
        const char *text = record_read_text(body, sizeof(key) - 1, &len);
        memcpy(key, text, len);
        key[len] = '\0';
        text = record_read_text(body, sizeof(value) - 1, &len);
        memcpy(value, text, len);
        value[len] = '\0';
        const struct setting *setting = setting_find(key);
        if (setting != NULL && value[0] != '\0')
            setting_set(settings, setting, value, NULL); /* what this version does not have, or allow, stays at its default */
    }
    return body->bad ? ECSENGINE_ECORRUPT : 0;
}

/* The chunk before all others. */
static int read_head(struct ecsengine_replay *replay, struct settings *settings, uint64_t *out_seed, struct ecsengine_error **error)
{
    struct record_reader body;
    char kind;
    size_t len;

    replay->at = sizeof(RECORDING_MAGIC) - 1;
    if (replay->len < replay->at || memcmp(replay->data, RECORDING_MAGIC, replay->at) != 0)
        return error_set(error, ECSENGINE_ESYNTAX, "this is no recording of an engine: it does not begin with `ecsengine recording 1`");
    size_t at = replay->at;
    int code = next_chunk(replay, &kind, &body, error);
    if (code <= 0)
        return code < 0 ? code : damaged(replay, at, error);
    const char *version = record_read_text(&body, VERSION_MAX, &len);
    memcpy(replay->version, version, len);
    replay->middle = record_read_number(&body, START_MIDDLE) == START_MIDDLE;
    *out_seed = record_read_number(&body, UINT64_MAX);
    if (kind != 'H' || read_settings(&body, settings) < 0)
        return damaged(replay, at, error);
    return 0;
}

static int prepare(struct ecsengine_replay *replay, struct ecsengine_error **error)
{
    static const uint64_t no_key[2];
    struct ecsengine *handle = replay->handle;

    handle->replays = true;
    handle->recorder = recorder_new(handle->mailbox, no_key);
    if (handle->recorder == NULL)
        return error_nomem(error);
    handle->recorder->keeps = true;
    handle->recorder->codec.mask.hidden = true;
    pthread_mutex_lock(&handle->mailbox->lock);
    handle->mailbox->closed = true; /* nothing comes in but what was recorded */
    pthread_mutex_unlock(&handle->mailbox->lock);
    return 0;
}

int ecsengine_replay_new(const void *recording, size_t len, const ecsengine_allocator *allocator, ecsengine_replay **out_replay,
                         ecsengine_error **error)
{
    struct ecsengine_replay begun = {.data = recording, .len = len};
    struct ecsengine *handle;
    struct settings settings;
    uint64_t seed = 0;

    if (out_replay == NULL || recording == NULL)
        return error_set(error, ECSENGINE_EINVAL, "a recording and a place for the replay are needed");
    int code = read_head(&begun, &settings, &seed, error);
    if (code == 0)
        code = handle_new(&settings, seed, allocator, &handle, error);
    if (code < 0)
        return code;
    struct ecsengine_replay *replay = mem_zalloc(&handle->mailbox->root.mem, sizeof(*replay));
    if (replay == NULL) {
        handle_free(handle);
        return error_nomem(error);
    }
    *replay = begun;
    replay->handle = handle;
    replay->root = root_ref(&handle->mailbox->root);
    map_init(&replay->held, &replay->root->mem);
    list_init(&replay->held_list);
    buf_init(&replay->inputs, &replay->root->mem, 0);
    code = prepare(replay, error);
    if (code < 0) {
        ecsengine_replay_free(replay);
        return code;
    }
    *out_replay = replay;
    return 0;
}

void ecsengine_replay_free(ecsengine_replay *replay)
{
    if (replay == NULL)
        return;
    struct root *root = replay->root;
    while (!list_empty(&replay->held_list))
        let_go(replay, container_of(replay->held_list.next, struct held_op, link));
    map_free(&replay->held);
    buf_free(&replay->inputs);
    struct ecsengine *handle = replay->handle;
    mem_free(&root->mem, replay);
    handle_free(handle);
    root_unref(root);
}

uint64_t ecsengine_replay_turn(const ecsengine_replay *replay) { return replay != NULL ? replay->turn : 0; }
uint64_t ecsengine_replay_difference_turn(const ecsengine_replay *replay) { return replay != NULL ? replay->difference_turn : 0; }
const char *ecsengine_replay_difference(const ecsengine_replay *replay) { return replay != NULL ? replay->difference : ""; }
const char *ecsengine_replay_version(const ecsengine_replay *replay) { return replay != NULL ? replay->version : ""; }
int32_t ecsengine_replay_middle(const ecsengine_replay *replay) { return replay != NULL && replay->middle ? 1 : 0; }
int32_t ecsengine_replay_cut(const ecsengine_replay *replay) { return replay != NULL && replay->cut ? 1 : 0; }
int32_t ecsengine_replay_starved(const ecsengine_replay *replay) { return replay != NULL && replay->starved ? 1 : 0; }
ecsengine *ecsengine_replay_engine(ecsengine_replay *replay) { return replay != NULL ? replay->handle : NULL; }

int64_t ecsengine_replay_mono_ns(const ecsengine_replay *replay)
{
    return replay != NULL && replay->turn > 0 ? replay->handle->engine.mono_ns : 0;
}

int64_t ecsengine_replay_wall_ns(const ecsengine_replay *replay)
{
    return replay != NULL && replay->turn > 0 ? replay->handle->engine.wall_ns : 0;
}

int64_t ecsengine_replay_next_wall_ns(const ecsengine_replay *replay)
{
    struct record_reader body;
    char kind = '\0';

    if (replay == NULL || replay->ended)
        return INT64_MAX;
    struct ecsengine_replay ahead = *replay; /* only its place changes */
    while (kind != 'T')
        if (next_chunk(&ahead, &kind, &body, NULL) <= 0)
            return INT64_MAX;
    record_read_number(&body, UINT64_MAX); /* flags */
    record_read_number(&body, UINT64_MAX); /* the monotonic time */
    uint64_t wall_ns = record_read_number(&body, LIMIT_WALL_NS);
    return body.bad ? INT64_MAX : (int64_t)wall_ns;
}

int ecsengine_replay_inputs(const ecsengine_replay *replay, ecsengine_text **out_text, ecsengine_error **error)
{
    struct buf copy;

    if (replay == NULL || out_text == NULL)
        return error_set(error, ECSENGINE_EINVAL, "a replay and a place for the text are needed");
    buf_init(&copy, &replay->root->mem, 0);
    if (replay->inputs.failed != 0)
        copy.failed = replay->inputs.failed;
    else if (replay->inputs.len == 0)
        buf_puts(&copy, "[]");
    else
        buf_put(&copy, replay->inputs.data, replay->inputs.len);
    int code = text_new(replay->root, &copy, out_text);
    buf_free(&copy);
    return code < 0 ? error_nomem(error) : 0;
}
