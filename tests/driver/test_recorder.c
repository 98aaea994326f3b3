/* SPDX-License-Identifier: Apache-2.0 */
/* Recordings: what is in them and what is not, how a replay names what is different, and what it makes of bytes that are none. */
#include "../api/host.h"

#include "model/record.h"

enum { CHUNKS = 256, BYTES = 1 << 18 };

static struct {
    unsigned char data[BYTES];
    size_t len;
    int writes;
    int code; /* of a call from within */
} tape;

static void write_tape(const void *data, size_t len, void *user_data)
{
    ck_assert_ptr_eq(user_data, &tape);
    ck_assert_uint_le(tape.len + len, BYTES);
    memcpy(tape.data + tape.len, data, len);
    tape.len += len;
    tape.writes++;
}

static void open_recorded(void)
{
    memset(&tape, 0, sizeof(tape));
    start_host();
    OK(ecsengine_memory_store_new(&host.store, &error_));
    set("seed", "7");
    OK(ecsengine_new(host.config, NULL, &host.engine, &error_));
    OK(ecsengine_record_start(host.engine, write_tape, &tape, &error_));
    OK(ecsengine_memory_store_attach(host.store, host.engine, &error_));
}

static void give_task(void)
{
    const char *document = quoted(TASK(ARN, WEB_AFTER_DB));

    OK(ecsengine_task_add(host.engine, document, strlen(document), NULL, &error_));
}

static void run(void)
{
    for (int i = 0; i < 30; i++) {
        turn();
        while (host.held_count > 0)
            answer(held(ecsengine_op_get_kind(host.held[0]), NULL));
        pass_time(SECOND / 10);
    }
}

static void record_a_run(void)
{
    open_recorded();
    give_task();
    run();
    OK(ecsengine_task_stop(host.engine, ARN, NULL, &error_));
    run();
}

static ecsengine_replay *begin_replay(void)
{
    ecsengine_replay *replay = NULL;

    OK(ecsengine_replay_new(tape.data, tape.len, NULL, &replay, &error_));
    return replay;
}

/* To the end; the last code. */
static int replay_all(ecsengine_replay *replay)
{
    int code;

    while ((code = ecsengine_replay_next(replay, NULL)) > 0)
        ;
    return code;
}

START_TEST(a_replay_can_be_asked_what_the_engine_could_have_been_asked)
{
    ecsengine_text *live = NULL, *replayed = NULL;

    open_recorded();
    give_task();
    run();
    OK(ecsengine_task_describe(host.engine, ARN, &live, &error_));
    ecsengine_replay *replay = begin_replay();
    ck_assert_int_eq(0, replay_all(replay));
    ck_assert_str_eq("", ecsengine_replay_difference(replay));
    ck_assert_str_eq(ecsengine_version(), ecsengine_replay_version(replay));
    ck_assert_int_eq(0, ecsengine_replay_middle(replay));
    ck_assert_int_eq(0, ecsengine_replay_starved(replay));
    OK(ecsengine_task_describe(ecsengine_replay_engine(replay), ARN, &replayed, &error_));
    ck_assert_str_eq(ecsengine_text_data(live), ecsengine_text_data(replayed));
    ecsengine_text_free(live);
    ecsengine_text_free(replayed);
    ecsengine_replay_free(replay);
    end_host();
}
END_TEST

START_TEST(what_was_noticed_of_a_document_is_in_it)
{
    const char *document = quoted("{'taskArn':'" ARN "','family':'fam','attachments':[{'attachmentArn':'a'}],'containerDefinitions':[" WEB "]}");
    ecsengine_text *live = NULL, *replayed = NULL;

    open_recorded();
    OK(ecsengine_task_add(host.engine, document, strlen(document), NULL, &error_));
    run();
    OK(ecsengine_task_describe(host.engine, ARN, &live, &error_));
    ck_assert_ptr_nonnull(strstr(ecsengine_text_data(live), "\"notices\":[\"$.attachments"));
    ecsengine_replay *replay = begin_replay();
    ck_assert_int_eq(0, replay_all(replay));
    OK(ecsengine_task_describe(ecsengine_replay_engine(replay), ARN, &replayed, &error_));
    ck_assert_str_eq(ecsengine_text_data(live), ecsengine_text_data(replayed));
    ecsengine_text_free(live);
    ecsengine_text_free(replayed);
    ecsengine_replay_free(replay);
    end_host();
}
END_TEST

START_TEST(a_replay_hands_out_what_the_engine_did_and_takes_nothing_in)
{
    uint64_t turns = 0, ops = 0, events = 0;
    ecsengine_event *event;
    ecsengine_op *op;
    ecsengine_text *inputs = NULL;

    record_a_run();
    ecsengine_replay *replay = begin_replay();
    ecsengine *engine = ecsengine_replay_engine(replay);
    while (ecsengine_replay_next(replay, NULL) > 0) {
        ck_assert_uint_eq(++turns, ecsengine_replay_turn(replay));
        ck_assert_int_gt(ecsengine_replay_wall_ns(replay), WALL_0 - 1);
        ck_assert_int_ge(ecsengine_replay_mono_ns(replay), SECOND);
        for (; (op = ecsengine_next_op(engine)) != NULL; ops++) /* answered by what was recorded, not by us */
            ck_assert_int_eq(ECSENGINE_ECLOSED, ecsengine_op_complete(op, NULL, NULL));
        for (; (event = ecsengine_next_event(engine)) != NULL; events++)
            ecsengine_event_free(event);
        if (turns == 1) {
            OK(ecsengine_replay_inputs(replay, &inputs, &error_));
            ck_assert_ptr_nonnull(strstr(ecsengine_text_data(inputs), quoted("{'input':'command','command':'task-add','commandId':1,")));
            ecsengine_text_free(inputs);
        }
    }
    ck_assert_str_eq("", ecsengine_replay_difference(replay));
    ck_assert_uint_gt(ops, 8);
    ck_assert_uint_gt(events, 8);
    ck_assert_int_eq(ECSENGINE_ECLOSED, ecsengine_task_stop(engine, ARN, NULL, NULL));
    ck_assert_int_eq(ECSENGINE_ESTATE, ecsengine_dispatch(engine, host.mono_ns, host.wall_ns, NULL));
    ck_assert_int_eq(ECSENGINE_ESTATE, ecsengine_free(engine));
    ck_assert_int_eq(ECSENGINE_ESTATE, ecsengine_record_start(engine, write_tape, &tape, NULL));
    ck_assert_int_eq(0, ecsengine_replay_next(replay, NULL)); /* the end stays the end */
    ecsengine_replay_free(replay);
    end_host();
}
END_TEST

static bool on_tape(const char *text)
{
    for (size_t i = 0; i + strlen(text) <= tape.len; i++)
        if (memcmp(tape.data + i, text, strlen(text)) == 0)
            return true;
    return false;
}

START_TEST(secrets_are_not_in_it)
{
    const char *document = quoted("{'taskArn':'" ARN "','family':'fam','revision':3,'executionRoleCredentials':{'credentialsId':'c1',"
                                  "'secretAccessKey':'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'},'containerDefinitions':["
                                  "{'name':'web','image':'i','memory':9,'registryAuthentication':{'type':'ecr','ecrAuthData':"
                                  "{'region':'r','registryId':'1','useExecutionRole':true}}}]}");
    const char *renewed = quoted("{'secretAccessKey':'AnotherSecretAccessKeyOfAnotherRole00000'}");

    open_recorded();
    OK(ecsengine_task_add(host.engine, document, strlen(document), NULL, &error_));
    OK(ecsengine_credentials_set(host.engine, "c2", renewed, strlen(renewed), NULL, &error_));
    run();
    ck_assert(!on_tape("wJalrXUtnFEMI") && !on_tape("AnotherSecretAccessKey"));
    ck_assert(on_tape("c2") && on_tape("hidden-"));
    ecsengine_replay *replay = begin_replay();
    ck_assert_int_eq(0, replay_all(replay));
    ck_assert_str_eq("", ecsengine_replay_difference(replay)); /* the operation that carried them is the same */
    ecsengine_replay_free(replay);
    end_host();
}
END_TEST

/* ---- Beginning and ending ---------------------------------------------------------------------------------------------------------- */

static void call_from_within(const void *data, size_t len, void *user_data)
{
    (void)data;
    (void)user_data;
    if (len == 0)
        return;
    tape.code = ecsengine_record_stop(host.engine, NULL);
    ck_assert_int_eq(tape.code, ecsengine_record_start(host.engine, write_tape, &tape, NULL));
}

START_TEST(it_begins_and_ends_when_it_is_told)
{
    open_recorded();
    size_t begun = tape.len;
    ck_assert_uint_gt(begun, 0);
    turn();
    ck_assert_uint_gt(tape.len, begun);
    OK(ecsengine_record_stop(host.engine, &error_));
    size_t ended = tape.len;
    turn();
    ck_assert_uint_eq(ended, tape.len);
    ck_assert_int_eq(ECSENGINE_ESTATE, ecsengine_record_stop(host.engine, NULL));
    end_host();
}
END_TEST

/* A damaged one, which leaves something for the first turn: it is set aside and told. */
START_TEST(it_does_not_begin_while_records_are_given_back)
{
    memset(&tape, 0, sizeof(tape));
    start_host();
    set("seed", "7");
    OK(ecsengine_new(host.config, NULL, &host.engine, &error_));
    OK(ecsengine_pull_batches(host.engine, &error_));
    ck_assert_int_eq(ECSENGINE_ECORRUPT, ecsengine_restore_record(host.engine, "task/" ARN, "damaged", 7, NULL));
    ck_assert_int_eq(ECSENGINE_ESTATE, ecsengine_record_start(host.engine, write_tape, &tape, NULL));
    OK(ecsengine_restore_end(host.engine, &error_));
    OK(ecsengine_record_start(host.engine, write_tape, &tape, &error_));
    give_task();
    run();
    ecsengine_replay *replay = begin_replay();
    ck_assert_int_eq(1, ecsengine_replay_middle(replay));
    ck_assert_int_eq(0, replay_all(replay));
    ck_assert_str_eq("", ecsengine_replay_difference(replay));
    ck_assert_uint_gt(ecsengine_replay_turn(replay), 1);
    ecsengine_replay_free(replay);
    end_host();
}
END_TEST

START_TEST(a_turn_that_does_nothing_costs_nothing)
{
    open_recorded();
    run();
    size_t len = tape.len;
    int writes = tape.writes;
    for (int i = 0; i < 100; i++)
        turn(); /* the time stands still */
    ck_assert_uint_eq(len, tape.len);
    ck_assert_int_eq(writes, tape.writes);
    end_host();
}
END_TEST

START_TEST(the_function_that_writes_can_not_end_it)
{
    start_host();
    set("seed", "7");
    OK(ecsengine_new(host.config, NULL, &host.engine, &error_));
    OK(ecsengine_record_start(host.engine, call_from_within, NULL, &error_));
    ck_assert_int_eq(ECSENGINE_EREENTRANT, tape.code);
    end_host();
}
END_TEST

/* ---- Differences ------------------------------------------------------------------------------------------------------------------- */

/* Chunks, taken apart; put together again after one was changed. */
struct chunk {
    size_t at; /* of its length */
    size_t end;
    struct record_reader body;
    char kind;
};

static size_t take_apart(struct chunk chunks[CHUNKS])
{
    struct record_reader reader = {.at = tape.data + strlen("ecsengine recording 1\n"), .end = tape.data + tape.len};
    size_t count = 0;

    while (reader.at < reader.end) {
        struct chunk *chunk = &chunks[count++];
        ck_assert_uint_le(count, CHUNKS);
        chunk->at = (size_t)(reader.at - tape.data);
        size_t len = record_read_number(&reader, BYTES);
        ck_assert_int_eq(0, record_open(reader.at, len, &chunk->kind, &chunk->body));
        reader.at += len;
        chunk->end = (size_t)(reader.at - tape.data);
    }
    return count;
}

/* Puts another body into a chunk. */
static void put_chunk(const struct chunk *chunk, const void *body, size_t len)
{
    struct mem mem;
    struct buf frame, all;

    mem_init(&mem, NULL);
    buf_init(&frame, &mem, 0);
    buf_init(&all, &mem, 0);
    size_t start = record_begin(&frame, chunk->kind);
    buf_put(&frame, body, len);
    record_end(&frame, start);
    buf_put(&all, tape.data, chunk->at);
    record_number(&all, frame.len);
    buf_put(&all, frame.data, frame.len);
    buf_put(&all, tape.data + chunk->end, tape.len - chunk->end);
    ck_assert_uint_le(all.len, BYTES);
    memcpy(tape.data, all.data, all.len);
    tape.len = all.len;
    buf_free(&frame);
    buf_free(&all);
    mem_close(&mem);
}

/* The n-th turn, counted from 1. */
static struct chunk *turn_chunk(struct chunk chunks[CHUNKS], size_t count, size_t n)
{
    for (size_t i = 0; i < count; i++)
        if (chunks[i].kind == 'T' && --n == 0)
            return &chunks[i];
    ck_abort_msg("there are not so many turns");
    return NULL;
}

static const char *difference_of(ecsengine_replay **out_replay)
{
    *out_replay = begin_replay();
    ck_assert_int_eq(0, replay_all(*out_replay));
    return ecsengine_replay_difference(*out_replay);
}

START_TEST(another_hash_is_other_contents)
{
    struct chunk chunks[CHUNKS];
    unsigned char body[BYTES];
    ecsengine_replay *replay;

    record_a_run();
    struct chunk *first = turn_chunk(chunks, take_apart(chunks), 1);
    size_t len = (size_t)(first->body.end - first->body.at);
    memcpy(body, first->body.at, len);
    body[len - 2] ^= 1; /* in the hash of the last output, the turn's batch */
    put_chunk(first, body, len);
    ck_assert_str_eq("turn 1, output 3: batch 1 has other contents than in the recording", difference_of(&replay));
    ck_assert_uint_eq(1, ecsengine_replay_difference_turn(replay));
    ecsengine_replay_free(replay);
    end_host();
}
END_TEST

/* A turn that is left out: what it was given is missing from then on. */
START_TEST(a_missing_turn_shows_in_the_next)
{
    struct chunk chunks[CHUNKS];
    ecsengine_replay *replay;

    record_a_run();
    struct chunk *second = turn_chunk(chunks, take_apart(chunks), 2);
    memmove(tape.data + second->at, tape.data + second->end, tape.len - second->end);
    tape.len -= second->end - second->at;
    const char *difference = difference_of(&replay);
    ck_assert_msg(strncmp(difference, "turn 2, output 1: the recording has ", 36) == 0, "%s", difference);
    ck_assert_ptr_nonnull(strstr(difference, ", the replay has "));
    ecsengine_replay_free(replay);
    end_host();
}
END_TEST

START_TEST(another_deadline_is_a_difference)
{
    struct chunk chunks[CHUNKS];
    struct mem mem;
    struct buf body;
    ecsengine_replay *replay;

    open_recorded();
    turn();
    struct chunk *first = turn_chunk(chunks, take_apart(chunks), 1);
    mem_init(&mem, NULL);
    buf_init(&body, &mem, 0);
    struct record_reader reader = first->body;
    for (int i = 0; i < 4; i++) /* flags, times, inputs: none */
        record_number(&body, record_read_number(&reader, UINT64_MAX));
    record_signed(&body, record_read_signed(&reader) + 5);
    buf_put(&body, reader.at, (size_t)(reader.end - reader.at));
    put_chunk(first, body.data, body.len);
    buf_free(&body);
    mem_close(&mem);
    const char *difference = difference_of(&replay);
    ck_assert_msg(strncmp(difference, "turn 1: the recording has the next deadline at ", 47) == 0, "%s", difference);
    ecsengine_replay_free(replay);
    end_host();
}
END_TEST

/* ---- Bytes that are no recording --------------------------------------------------------------------------------------------------- */

START_TEST(it_may_break_off_anywhere)
{
    size_t whole, cuts = 0, turns = 0;

    record_a_run();
    whole = tape.len;
    for (tape.len = 0; tape.len < whole; tape.len++) {
        ecsengine_replay *replay = NULL;
        ecsengine_error *error = NULL;
        int code = ecsengine_replay_new(tape.data, tape.len, NULL, &replay, &error);
        if (code == 0) {
            ck_assert_int_eq(0, replay_all(replay));
            ck_assert_str_eq("", ecsengine_replay_difference(replay));
            ck_assert_uint_ge(ecsengine_replay_turn(replay), turns); /* more bytes, more turns */
            turns = ecsengine_replay_turn(replay);
            cuts += ecsengine_replay_cut(replay) == 1;
            ecsengine_replay_free(replay);
        } else {
            ck_assert(code == ECSENGINE_ESYNTAX || code == ECSENGINE_ECORRUPT);
            ck_assert_uint_gt(strlen(ecsengine_error_message(error)), 0);
        }
        ecsengine_error_free(error);
    }
    ck_assert_uint_gt(turns, 10);
    ck_assert_uint_gt(cuts, 1000);
    end_host();
}
END_TEST

START_TEST(a_damaged_byte_is_found)
{
    record_a_run();
    for (size_t i = 0; i < tape.len; i++) {
        ecsengine_replay *replay = NULL;
        tape.data[i] ^= 0x10;
        int code = ecsengine_replay_new(tape.data, tape.len, NULL, &replay, NULL);
        if (code == 0)
            code = replay_all(replay);
        ck_assert_msg(code < 0 || ecsengine_replay_cut(replay) == 1, "byte %zu", i);
        ecsengine_replay_free(replay);
        tape.data[i] ^= 0x10;
    }
    end_host();
}
END_TEST

/* Whoever damages a recording with intent gets the checksums right. */
START_TEST(nothing_in_a_body_is_believed)
{
    struct chunk chunks[CHUNKS];
    unsigned char body[BYTES], copy[BYTES];
    size_t refused = 0, len_before;

    record_a_run();
    size_t count = take_apart(chunks);
    memcpy(copy, tape.data, len_before = tape.len);
    for (size_t n = 0; n < count; n++) {
        size_t len = (size_t)(chunks[n].body.end - chunks[n].body.at);
        memcpy(body, chunks[n].body.at, len);
        for (size_t i = 0; i < len; i++) {
            static const unsigned char changes[] = {0x01, 0x7f, 0x80, 0xff};
            ecsengine_replay *replay = NULL;
            unsigned char was = body[i];
            body[i] ^= changes[(i + n) % sizeof(changes)];
            put_chunk(&chunks[n], body, len);
            int code = ecsengine_replay_new(tape.data, tape.len, NULL, &replay, NULL);
            if (code == 0)
                code = replay_all(replay);
            refused += code < 0;
            ecsengine_replay_free(replay);
            body[i] = was;
            memcpy(tape.data, copy, tape.len = len_before);
        }
    }
    ck_assert_uint_gt(refused, 100);
    end_host();
}
END_TEST

START_TEST(what_is_no_recording_is_refused)
{
    ecsengine_replay *replay = NULL;
    ecsengine_error *error = NULL;

    ck_assert_int_eq(ECSENGINE_ESYNTAX, ecsengine_replay_new("{}", 2, NULL, &replay, &error));
    ck_assert_str_eq("this is no recording of an engine: it does not begin with `ecsengine recording 1`", ecsengine_error_message(error));
    ck_assert_ptr_null(replay);
    ecsengine_error_free(error);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("recorder");
    TCase *tcase = tcase_create("recorder");

    tcase_add_test(tcase, a_replay_can_be_asked_what_the_engine_could_have_been_asked);
    tcase_add_test(tcase, what_was_noticed_of_a_document_is_in_it);
    tcase_add_test(tcase, a_replay_hands_out_what_the_engine_did_and_takes_nothing_in);
    tcase_add_test(tcase, secrets_are_not_in_it);
    tcase_add_test(tcase, it_begins_and_ends_when_it_is_told);
    tcase_add_test(tcase, it_does_not_begin_while_records_are_given_back);
    tcase_add_test(tcase, a_turn_that_does_nothing_costs_nothing);
    tcase_add_test(tcase, the_function_that_writes_can_not_end_it);
    tcase_add_test(tcase, another_hash_is_other_contents);
    tcase_add_test(tcase, a_missing_turn_shows_in_the_next);
    tcase_add_test(tcase, another_deadline_is_a_difference);
    tcase_add_test(tcase, it_may_break_off_anywhere);
    tcase_add_test(tcase, a_damaged_byte_is_found);
    tcase_add_test(tcase, nothing_in_a_body_is_believed);
    tcase_add_test(tcase, what_is_no_recording_is_refused);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
