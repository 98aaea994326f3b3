/* SPDX-License-Identifier: Apache-2.0 */
/* The line protocol (docs/line-protocol.md): commands come in on stdin, events and replies go out on stdout, a JSON object a line.
 *
 * Rules that this file keeps: every line in has exactly one reply. A line that cannot be understood has that reply and no other
 * effect. Commands that change something are answered when the engine says that they are durable (COMMAND_DONE), so their replies come in
 * the engine's order, among the events; that to a command in a container comes when it has ended. While output waits for a slow reader, no
 * more lines are taken: nothing here grows without bound. */
#include "run.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "jsontext.h"
#include "linereader.h"
#include "lines.h"

#define PENDING_MAX_BYTES ((size_t)16 << 20) /* commands that wait for their COMMAND_DONE */
#define READER_NS (10 * SECOND_NS)           /* for a reader to take more of the last output */
#define OP_ECHO_MAX 64                       /* bytes of an unknown op that are repeated */
#define EXEC_TIMEOUT_MS (60 * 60 * 1000)     /* of a command in a container, unless it is said otherwise */
#define EXEC_TIMEOUT_MAX_MS INT64_C(315360000000)

/* A command that the engine has yet to finish. */
struct pending {
    struct pending *next;
    uint64_t command_id;
    const char *op;
    bool two_events; /* EXEC_DONE follows on COMMAND_DONE */
    size_t id_len;
    char id[];
};

struct session {
    struct linereader lines;
    bool queued; /* a command went to the engine since its last turn */
    struct pending *first;
    struct pending **last;
    size_t pending_bytes;
    struct pending *exit; /* what to answer at the end; NULL: nobody asked */
    bool done;            /* everything is answered */
    int64_t give_up_ns;
    uint64_t written; /* when the reader last took something */
};

struct request {
    const char *op;
    struct slice id;
    struct slice line;
    const json_t *json;
    const char *task_arn; /* NULL: none, or no text */
};

bool stdio_open(struct run *run)
{
    run->session = need(calloc(1, sizeof(*run->session)));
    run->session->lines.max = JSON_SIZE_MAX;
    run->session->last = &run->session->first;
    run->status = 0;
    return true;
}

void stdio_close(struct run *run)
{
    struct session *session = run->session;

    if (session == NULL)
        return;
    while (session->first != NULL) {
        struct pending *pending = session->first;

        session->first = pending->next;
        free(pending);
    }
    free(session->exit);
    linereader_free(&session->lines);
    free(session);
    run->session = NULL;
}

/* ---- Replies ---- */

static void begin_reply(struct text *line, const char *op, struct slice id, bool ok)
{
    text_puts(line, "{\"reply\":");
    text_json(line, op);
    if (id.data != NULL) {
        text_puts(line, ",\"id\":");
        text_add(line, id.data, id.len);
    }
    text_printf(line, ",\"ok\":%s", ok ? "true" : "false");
}

static void end_reply(struct run *run, struct text *line)
{
    text_puts(line, "}\n");
    output_add(&run->out, line->data, line->len);
    text_free(line);
}

static void reply_ok(struct run *run, const char *op, struct slice id)
{
    struct text line = {0};

    begin_reply(&line, op, id, true);
    end_reply(run, &line);
}

static void reply_refused(struct run *run, const char *op, struct slice id, int code, const char *message)
{
    struct text line = {0};

    begin_reply(&line, op, id, false);
    text_puts(&line, ",\"error\":{\"code\":");
    text_json(&line, ecsengine_code_name(code));
    text_puts(&line, ",\"message\":");
    text_json(&line, message);
    text_puts(&line, "}");
    end_reply(run, &line);
}

static void reply_error(struct run *run, const struct request *request, ecsengine_error *error)
{
    reply_refused(run, request->op, request->id, ecsengine_error_code(error), ecsengine_error_message(error));
    ecsengine_error_free(error);
}

/* ---- Commands that the engine answers later ---- */

static struct pending *make_pending(const struct request *request, uint64_t command_id)
{
    struct pending *pending = need(malloc(sizeof(*pending) + request->id.len));

    *pending = (struct pending){.command_id = command_id, .op = request->op, .id_len = request->id.len};
    if (request->id.len > 0)
        memcpy(pending->id, request->id.data, request->id.len);
    return pending;
}

static struct slice pending_id(const struct pending *pending)
{
    return (struct slice){pending->id_len > 0 ? pending->id : NULL, pending->id_len};
}

static struct pending *answer_later(struct session *session, const struct request *request, uint64_t command_id)
{
    struct pending *pending = make_pending(request, command_id);

    *session->last = pending;
    session->last = &pending->next;
    session->pending_bytes += sizeof(*pending) + pending->id_len;
    session->queued = true;
    return pending;
}

/* A command in a container has ended: the members of the event become the reply's. */
static void reply_exec(struct run *run, const struct pending *pending, const ecsengine_event *event)
{
    static const char *const members[] = {"exitCode", "output", "cut"};
    ecsengine_text *text = NULL;
    struct text line = {0};

    if (ecsengine_event_json(event, &text, NULL) < 0)
        need(NULL);
    begin_reply(&line, pending->op, pending_id(pending), true);
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        struct slice member = json_slice(ecsengine_text_data(text), ecsengine_text_length(text), members[i]);

        if (member.data == NULL)
            continue;
        text_printf(&line, ",\"%s\":", members[i]);
        text_add(&line, member.data, member.len);
    }
    end_reply(run, &line);
    ecsengine_text_free(text);
}

/* `ended`: the event of a command in a container, or NULL. */
static void answer_pending(struct run *run, struct pending **place, const ecsengine_event *ended, int code, const char *message)
{
    struct session *session = run->session;
    struct pending *pending = *place;

    if (code != 0)
        reply_refused(run, pending->op, pending_id(pending), code, message);
    else if (ended != NULL)
        reply_exec(run, pending, ended);
    else
        reply_ok(run, pending->op, pending_id(pending));
    session->pending_bytes -= sizeof(*pending) + pending->id_len;
    if (session->last == &pending->next)
        session->last = place;
    *place = pending->next;
    free(pending);
}

/* COMMAND_DONE, or EXEC_DONE. What a command in a container has come to is known with the second. */
static void command_done(struct run *run, const ecsengine_event *event)
{
    struct session *session = run->session;
    uint64_t command_id = ecsengine_event_command_id(event);
    bool ended = ecsengine_event_get_kind(event) == ECSENGINE_EVENT_EXEC_DONE;

    for (struct pending **place = &session->first; *place != NULL; place = &(*place)->next)
        if ((*place)->command_id == command_id) {
            if ((*place)->two_events && !ended && ecsengine_event_command_code(event) == 0)
                return;
            answer_pending(run, place, ended ? event : NULL, ecsengine_event_command_code(event), ecsengine_event_reason(event));
            return;
        }
}

/* ---- The end ---- */

/* Leaves: what has changed is saved first. `request` is what to answer then, or NULL. */
static void begin_exit(struct run *run, const struct request *request)
{
    struct session *session = run->session;

    if (run->leaving.begun)
        return;
    if (request != NULL)
        session->exit = make_pending(request, 0);
    leaving_begin(run);
}

static void finish_exit(struct run *run)
{
    struct session *session = run->session;

    while (session->first != NULL)
        answer_pending(run, &session->first, NULL, ECSENGINE_ECLOSED, "the engine was shut down before this was done");
    if (session->exit != NULL)
        reply_ok(run, session->exit->op, pending_id(session->exit));
    session->done = true;
    session->written = run->out.written;
    session->give_up_ns = clock_mono_ns() + READER_NS;
}

/* ---- Lines ---- */

/* A command that is a document: the member of that name goes to the engine as it is written. */
static void do_document(struct run *run, const struct request *request, const char *member,
                        int (*give)(ecsengine *engine, const char *document, size_t len, uint64_t *out_id, ecsengine_error **error))
{
    struct slice document = {NULL, 0};
    ecsengine_error *error = NULL;
    char message[96];
    uint64_t command_id;

    if (json_is_object(json_object_get(request->json, member)))
        document = json_slice(request->line.data, request->line.len, member);
    snprintf(message, sizeof(message), "%s needs \"%s\", an object", request->op, member);
    if (document.data == NULL)
        reply_refused(run, request->op, request->id, ECSENGINE_EDOCUMENT, message);
    else if (give(run->engine, document.data, document.len, &command_id, &error) < 0)
        reply_error(run, request, error);
    else
        answer_later(run->session, request, command_id);
}

static void do_add_task(struct run *run, const struct request *request) { do_document(run, request, "task", ecsengine_task_add); }

static void do_set_credentials(struct run *run, const struct request *request)
{
    const char *id = json_string_value(json_object_get(request->json, "credentialsId"));
    struct slice document = json_slice(request->line.data, request->line.len, "credentials");
    ecsengine_error *error = NULL;
    uint64_t command_id;

    if (id == NULL || !json_is_object(json_object_get(request->json, "credentials")))
        reply_refused(run, request->op, request->id, ECSENGINE_EDOCUMENT,
                      "set-credentials needs \"credentialsId\", a text, and \"credentials\", an object");
    else if (ecsengine_credentials_set(run->engine, id, document.data, document.len, &command_id, &error) < 0)
        reply_error(run, request, error);
    else
        answer_later(run->session, request, command_id);
}

static void do_remove_credentials(struct run *run, const struct request *request)
{
    const char *id = json_string_value(json_object_get(request->json, "credentialsId"));
    ecsengine_error *error = NULL;
    uint64_t command_id;

    if (id == NULL)
        reply_refused(run, request->op, request->id, ECSENGINE_EDOCUMENT, "remove-credentials needs \"credentialsId\", a text");
    else if (ecsengine_credentials_remove(run->engine, id, &command_id, &error) < 0)
        reply_error(run, request, error);
    else
        answer_later(run->session, request, command_id);
}

static void do_task_manifest(struct run *run, const struct request *request)
{
    do_document(run, request, "manifest", ecsengine_task_manifest);
}

static void do_stop_verified(struct run *run, const struct request *request)
{
    do_document(run, request, "ack", ecsengine_task_stop_verified);
}

static void do_payload_sequence(struct run *run, const struct request *request)
{
    const json_t *number = json_object_get(request->json, "seqNum");
    ecsengine_error *error = NULL;
    uint64_t command_id;

    if (!json_is_integer(number))
        reply_refused(run, request->op, request->id, ECSENGINE_EDOCUMENT, "payload-sequence needs \"seqNum\", a whole number");
    else if (ecsengine_payload_sequence(run->engine, json_integer_value(number), &command_id, &error) < 0)
        reply_error(run, request, error);
    else
        answer_later(run->session, request, command_id);
}

static void do_exec(struct run *run, const struct request *request)
{
    const char *container = json_string_value(json_object_get(request->json, "containerName"));
    const json_t *timeout = json_object_get(request->json, "timeoutMs");
    json_int_t timeout_ms = timeout != NULL ? json_integer_value(timeout) : EXEC_TIMEOUT_MS;
    struct slice config = json_slice(request->line.data, request->line.len, "exec");
    ecsengine_error *error = NULL;
    uint64_t command_id;

    if (container == NULL || !json_is_object(json_object_get(request->json, "exec")) || (timeout != NULL && !json_is_integer(timeout)) ||
        timeout_ms < 1 || timeout_ms > EXEC_TIMEOUT_MAX_MS)
        reply_refused(run, request->op, request->id, ECSENGINE_EDOCUMENT,
                      "exec needs \"containerName\", a text, and \"exec\", an object; \"timeoutMs\" is a whole number from 1 to ten years");
    else if (ecsengine_exec(run->engine, request->task_arn, container, config.data, config.len, timeout_ms * MILLISECOND_NS, &command_id,
                            &error) < 0)
        reply_error(run, request, error);
    else
        answer_later(run->session, request, command_id)->two_events = true;
}

static void do_stop_task(struct run *run, const struct request *request)
{
    ecsengine_error *error = NULL;
    uint64_t command_id;

    if (ecsengine_task_stop(run->engine, request->task_arn, &command_id, &error) < 0)
        reply_error(run, request, error);
    else
        answer_later(run->session, request, command_id);
}

/* Answers a query with one member. The engine answers for its last turn: commands of earlier lines are given theirs first. */
static void answer_query(struct run *run, const struct request *request, const char *member,
                         int (*ask)(ecsengine *engine, const char *arn, ecsengine_text **out_text, ecsengine_error **error))
{
    ecsengine_error *error = NULL;
    ecsengine_text *text = NULL;
    struct text line = {0};

    if (run->session->queued)
        loop_turn(run);
    run->session->queued = false;
    if (ask(run->engine, request->task_arn, &text, &error) < 0) {
        reply_error(run, request, error);
        return;
    }
    begin_reply(&line, request->op, request->id, true);
    text_printf(&line, ",\"%s\":", member);
    text_add(&line, ecsengine_text_data(text), ecsengine_text_length(text));
    end_reply(run, &line);
    ecsengine_text_free(text);
}

static int ask_explain(ecsengine *engine, const char *arn, ecsengine_text **out_text, ecsengine_error **error)
{
    return ecsengine_explain(engine, arn, NULL, out_text, error);
}

static void do_describe_task(struct run *run, const struct request *request)
{
    answer_query(run, request, "task", ecsengine_task_describe);
}

static void do_explain_task(struct run *run, const struct request *request)
{
    answer_query(run, request, "explanation", ask_explain);
}

static int ask_host(ecsengine *engine, const char *arn, ecsengine_text **out_text, ecsengine_error **error)
{
    (void)arn;
    return ecsengine_host_describe(engine, ECSENGINE_HOST_HOLDERS, out_text, error);
}

static int ask_totals(ecsengine *engine, const char *arn, ecsengine_text **out_text, ecsengine_error **error)
{
    (void)arn;
    return ecsengine_host_describe(engine, ECSENGINE_HOST_TOTALS, out_text, error);
}

static void do_describe_host(struct run *run, const struct request *request)
{
    answer_query(run, request, "host", json_is_true(json_object_get(request->json, "totals")) ? ask_totals : ask_host);
}

static void do_set_host(struct run *run, const struct request *request)
{
    const char *key = json_string_value(json_object_get(request->json, "key"));
    const char *value = json_string_value(json_object_get(request->json, "value"));
    ecsengine_error *error = NULL;
    uint64_t command_id;

    if (key == NULL || value == NULL)
        reply_refused(run, request->op, request->id, ECSENGINE_EDOCUMENT, "set-host needs \"key\" and \"value\", both texts");
    else if (ecsengine_host_set(run->engine, key, value, &command_id, &error) < 0)
        reply_error(run, request, error);
    else
        answer_later(run->session, request, command_id);
}

/* The engine's document is {"tasks":[...]}; its array becomes the reply's. */
static void do_list_tasks(struct run *run, const struct request *request)
{
    ecsengine_error *error = NULL;
    ecsengine_text *text = NULL;
    struct text line = {0};
    struct slice tasks;

    if (run->session->queued)
        loop_turn(run);
    run->session->queued = false;
    if (ecsengine_task_list(run->engine, &text, &error) < 0) {
        reply_error(run, request, error);
        return;
    }
    tasks = json_slice(ecsengine_text_data(text), ecsengine_text_length(text), "tasks");
    begin_reply(&line, request->op, request->id, true);
    text_puts(&line, ",\"tasks\":");
    text_add(&line, tasks.data != NULL ? tasks.data : "[]", tasks.data != NULL ? tasks.len : 2);
    end_reply(run, &line);
    ecsengine_text_free(text);
}

static const struct {
    const char *op;
    bool needs_arn;
    void (*perform)(struct run *run, const struct request *request);
} operations[] = {
    {"add-task", false, do_add_task},           {"stop-task", true, do_stop_task},
    {"list-tasks", false, do_list_tasks},       {"describe-task", true, do_describe_task},
    {"explain-task", true, do_explain_task},    {"exit", false, begin_exit},
    {"task-manifest", false, do_task_manifest}, {"stop-verified", false, do_stop_verified},
    {"payload-sequence", false, do_payload_sequence},
    {"set-credentials", false, do_set_credentials}, {"remove-credentials", false, do_remove_credentials},
    {"describe-host", false, do_describe_host}, {"set-host", false, do_set_host},
    {"exec", true, do_exec},
};

static void perform(struct run *run, struct request *request, const char *op)
{
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
        if (strcmp(operations[i].op, op) == 0) {
            request->op = operations[i].op;
            if (operations[i].needs_arn && request->task_arn == NULL)
                reply_refused(run, op, request->id, ECSENGINE_EDOCUMENT, "this op needs \"taskArn\", a text");
            else
                operations[i].perform(run, request);
            return;
        }
    request->op = strlen(op) <= OP_ECHO_MAX ? op : "unknown";
    reply_refused(run, request->op, request->id, ECSENGINE_EUNSUPPORTED, "there is no such op");
}

/* A line that says nothing that could be repeated. */
static void refuse_line(struct run *run, int code, const char *message)
{
    reply_refused(run, "unknown", (struct slice){NULL, 0}, code, message);
}

static void take_line(struct run *run, const char *data, size_t len)
{
    struct request request = {0};
    json_error_t where;
    char message[sizeof(where.text) + 64];
    json_t *json;
    const char *op;

    if (json_is_too_deep(data, len)) {
        refuse_line(run, ECSENGINE_ELIMIT, "the line is nested too deep");
        return;
    }
    json = json_loadb(data, len, 0, &where);
    if (json == NULL) {
        snprintf(message, sizeof(message), "the line is no JSON object: %s (column %d)", where.text, where.column);
        refuse_line(run, ECSENGINE_ESYNTAX, message);
        return;
    }
    request.id = json_slice(data, len, "id");
    request.line = (struct slice){data, len};
    request.json = json;
    request.task_arn = json_string_value(json_object_get(json, "taskArn"));
    op = json_string_value(json_object_get(json, "op"));
    if (op == NULL)
        reply_refused(run, "unknown", request.id, ECSENGINE_EDOCUMENT, "a line is a JSON object with \"op\", a text");
    else
        perform(run, &request, op);
    json_decref(json);
}

/* ---- Input ---- */

static bool may_take(const struct run *run)
{
    const struct session *session = run->session;

    return !run->leaving.begun && !output_full(&run->out) && session->pending_bytes < PENDING_MAX_BYTES;
}

/* Takes the lines that are complete, as long as there is room for what they cause. After the last one: the end. */
static void take_lines(struct run *run)
{
    struct session *session = run->session;
    enum line_outcome outcome = LINE_TAKEN;

    while (may_take(run) && outcome != LINE_NONE) {
        const char *line;
        size_t len;

        outcome = linereader_next(&session->lines, &line, &len);
        if (outcome == LINE_TAKEN)
            take_line(run, line, len);
        else if (outcome == LINE_TOO_LONG)
            refuse_line(run, ECSENGINE_ELIMIT, "the line is longer than 64 MiB");
    }
    if (outcome == LINE_NONE && session->lines.ended)
        begin_exit(run, NULL);
}

static bool stdio_wants_input(const struct run *run)
{
    return !run->session->lines.ended && may_take(run);
}

static void stdio_input(struct run *run)
{
    struct session *session = run->session;
    char chunk[65536];
    ssize_t count = read(STDIN_FILENO, chunk, sizeof(chunk));

    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (count > 0)
        linereader_add(&session->lines, chunk, (size_t)count);
    else
        linereader_end(&session->lines);
    take_lines(run);
}

/* ---- The face ---- */

static void stdio_event(struct run *run, const ecsengine_event *event)
{
    if (leaving_is_done_by(run, event))
        return;
    if (ecsengine_event_get_kind(event) == ECSENGINE_EVENT_COMMAND_DONE || ecsengine_event_get_kind(event) == ECSENGINE_EVENT_EXEC_DONE)
        command_done(run, event);
    else
        line_json(&run->out, event);
}

/* Everything is answered; what is left is a reader that has to take it. One that takes nothing for long is not waited for. */
static void wait_for_reader(struct run *run, int64_t now_ns)
{
    struct session *session = run->session;

    if (run->out.written != session->written) {
        session->written = run->out.written;
        session->give_up_ns = now_ns + READER_NS;
    }
    run->leave = now_ns >= session->give_up_ns;
}

static void stdio_turn(struct run *run, int64_t now_ns, bool stirred)
{
    struct session *session = run->session;

    (void)stirred;
    session->queued = false;
    if (!run->leaving.begun)
        take_lines(run); /* what had to wait for room */
    leaving_turn(run, now_ns);
    if (session->done)
        wait_for_reader(run, now_ns);
    else if (run->leaving.saved)
        finish_exit(run);
}

static int64_t stdio_deadline(struct run *run)
{
    return run->session->done ? run->session->give_up_ns : leaving_deadline(run);
}

static void stdio_interrupt(struct run *run, int count)
{
    run->status = STATUS_INTERRUPTED;
    run->leave = count > 1;
    begin_exit(run, NULL);
}

static void stdio_screen(struct run *run)
{
    (void)run; /* no table, nothing to tidy */
}

static void stdio_shown(struct run *run, int64_t now_ns)
{
    (void)run, (void)now_ns;
}

static void stdio_broken(struct run *run)
{
    run->status = STATUS_NONE;
    begin_exit(run, NULL);
}

static bool stdio_finished(const struct run *run)
{
    return run->session->done;
}

const struct face stdio_face = {
    .event = stdio_event,
    .turn = stdio_turn,
    .deadline = stdio_deadline,
    .wants_input = stdio_wants_input,
    .input = stdio_input,
    .interrupt = stdio_interrupt,
    .terminate = stdio_interrupt,
    .hidden = stdio_screen,
    .shown = stdio_shown,
    .broken = stdio_broken,
    .finished = stdio_finished,
};
