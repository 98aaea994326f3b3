/* SPDX-License-Identifier: Apache-2.0 */
/* Records that came to harm on their way: bytes changed, cut, lost, swapped, doubled. Each is told once and kept aside, the others go on,
 * and a task whose record is lost is told as STOPPED. */
#include "host.h"

/* A store whose records a test can get at. */
enum { SHELF = 64 };

static struct shelf_record {
    char *key;
    char *value; /* NULL: an empty place */
    size_t len;
} shelf[SHELF];

static struct shelf_record *on_shelf(const char *key)
{
    for (size_t i = 0; i < SHELF; i++)
        if (shelf[i].value != NULL && strcmp(shelf[i].key, key) == 0)
            return &shelf[i];
    return NULL;
}

static void throw_away(struct shelf_record *record)
{
    free(record->key);
    free(record->value);
    *record = (struct shelf_record){0};
}

static void put(const char *key, const void *value, size_t len)
{
    struct shelf_record *record = on_shelf(key);

    if (record != NULL)
        throw_away(record);
    for (record = shelf; record->value != NULL; record++)
        ck_assert_ptr_ne(&shelf[SHELF - 1], record);
    record->key = strdup(key);
    record->value = malloc(len + 1);
    record->len = len;
    memcpy(record->value, value, len);
}

static void commit(uint64_t batch_id, const ecsengine_batch *batch, void *user_data)
{
    for (size_t i = 0; i < ecsengine_batch_count(batch); i++) {
        const char *key = ecsengine_batch_key(batch, i);
        size_t len = 0;
        const void *value = ecsengine_batch_value(batch, i, &len);
        if (value != NULL)
            put(key, value, len);
        else if (on_shelf(key) != NULL)
            throw_away(on_shelf(key));
    }
    OK(ecsengine_store_done(user_data, batch_id, 0, &error_));
}

static size_t kept_aside(void)
{
    size_t count = 0;

    for (size_t i = 0; i < SHELF; i++)
        count += shelf[i].value != NULL && strncmp(shelf[i].key, "quarantine/", 11) == 0;
    return count;
}

/* A new engine with what is on the shelf; `*out_damaged` of the records were refused as they were given. */
static void begin_life(int *out_damaged)
{
    ecsengine_store_vtable vtable;

    *out_damaged = 0;
    forget_trace();
    open_engine();
    for (size_t i = 0; i < SHELF; i++) {
        if (shelf[i].value == NULL)
            continue;
        int code = ecsengine_restore_record(host.engine, shelf[i].key, shelf[i].value, shelf[i].len, NULL);
        ck_assert(code == 0 || code == ECSENGINE_ECORRUPT);
        *out_damaged += code < 0;
    }
    OK(ecsengine_restore_end(host.engine, &error_));
    ecsengine_store_vtable_init(&vtable, sizeof(vtable));
    vtable.commit = commit;
    OK(ecsengine_set_store(host.engine, &vtable, host.engine, &error_));
}

/* Three tasks that run, two of them with one definition. */
static void live_once(void)
{
    int damaged;

    set("engine-task-cleanup-wait-duration", "1m");
    begin_life(&damaged);
    add(TASK(ARN_HEAD "t1", WEB));
    add(TASK(ARN_HEAD "t2", WEB));
    add(TASK(ARN_HEAD "t3", DB));
    settle();
    ck_assert_int_eq(3, traced("task RUNNING"));
    close_engine();
}

static struct shelf_record *find(const char *part)
{
    for (size_t i = 0; i < SHELF; i++)
        if (shelf[i].value != NULL && strstr(shelf[i].key, part) != NULL)
            return &shelf[i];
    ck_abort_msg("no record %s", part);
}

/* The one with such a key that has this in its value. */
static struct shelf_record *find_in(const char *key, const char *part)
{
    for (size_t i = 0; i < SHELF; i++)
        for (size_t j = 0; shelf[i].value != NULL && strncmp(shelf[i].key, key, strlen(key)) == 0 && j + strlen(part) < shelf[i].len; j++)
            if (memcmp(shelf[i].value + j, part, strlen(part)) == 0)
                return &shelf[i];
    ck_abort_msg("no record %s with %s", key, part);
}

static bool is_known(const char *arn)
{
    ecsengine_text *text = NULL;
    bool known = ecsengine_task_describe(host.engine, arn, &text, NULL) == 0;

    ecsengine_text_free(text);
    return known;
}

/* The life after the damage. So many records are told to be damaged, and kept aside; the tasks of these letters are lost. */
static void live_on(int told, const char *lost)
{
    size_t aside = kept_aside();
    char arn[] = ARN_HEAD "t0";
    int damaged;

    begin_life(&damaged);
    settle();
    int events = 0, stopped = 0;
    for (const char *at = host.trace; (at = strstr(at, "store DAMAGED: record `")) != NULL; at++)
        events++;
    for (const char *at = host.trace; (at = strstr(at, "task STOPPED: StateLostError")) != NULL; at++)
        stopped++;
    ck_assert_msg(events == told && stopped == (int)strlen(lost), "%s", host.trace);
    ck_assert_uint_eq(aside + (size_t)told, kept_aside());
    for (char digit = '1'; digit <= '3'; digit++) {
        arn[sizeof(arn) - 2] = digit;
        if (strchr(lost, digit) == NULL)
            ck_assert_msg(is_known(arn), "%s is gone", arn);
    }
    close_engine();
    begin_life(&damaged); /* once and for all */
    settle();
    ck_assert_int_eq(0, damaged);
    ck_assert_ptr_null(strstr(host.trace, "DAMAGED"));
    ck_assert_ptr_null(strstr(host.trace, "StateLostError"));
    for (char digit = '1'; digit <= '3'; digit++) {
        arn[sizeof(arn) - 2] = digit;
        if (strchr(lost, digit) == NULL)
            stop(arn);
    }
    settle();
    pass_time(60 * SECOND);
    settle();
    ck_assert_int_eq(3 - (int)strlen(lost), traced("task-removed"));
    close_engine();
}

static void clear_shelf(void)
{
    for (size_t i = 0; i < SHELF; i++)
        throw_away(&shelf[i]);
    ecsengine_config_free(host.config);
}

START_TEST(a_task_whose_record_is_damaged_anywhere_is_told_as_stopped)
{
    for (size_t at = 0; at < 96; at += 7) {
        start_host();
        live_once();
        struct shelf_record *record = find("/t2");
        record->value[at % record->len] ^= 0x40;
        live_on(1, "2");
        clear_shelf();
    }
}
END_TEST

START_TEST(a_record_that_is_cut_or_empty_is_damaged)
{
    for (size_t keep = 0; keep < 40; keep += 13) {
        start_host();
        live_once();
        find("/t3")->len = keep;
        live_on(2, "3"); /* and its definition, which nobody has any more */
        clear_shelf();
    }
}
END_TEST

START_TEST(the_tasks_of_a_damaged_definition_are_lost_and_no_other)
{
    live_once();
    find_in("definition/", "postgres")->value[20] ^= 1;
    live_on(2, "3"); /* the definition, and the record that can't be read without it */
    clear_shelf();
}
END_TEST

START_TEST(a_missing_definition_is_as_good_as_a_damaged_one)
{
    live_once();
    for (size_t i = 0; i < SHELF; i++)
        if (shelf[i].value != NULL && strncmp(shelf[i].key, "definition/", 11) == 0)
            throw_away(&shelf[i]);
    live_on(3, "123");
    ck_assert_int_eq(3, (int)kept_aside());
    clear_shelf();
}
END_TEST

START_TEST(records_that_were_swapped_are_taken_for_what_they_say)
{
    live_once();
    struct shelf_record *one = find("/t1"), *other = find("/t3");
    char *key = one->key;
    one->key = other->key;
    other->key = key;
    live_on(2, "");
    clear_shelf();
}
END_TEST

START_TEST(a_record_under_a_key_that_nobody_knows_is_taken_for_what_it_says)
{
    static const char *const parts[] = {"definition/", "engine", "/t1"};

    start_host();
    live_once();
    struct shelf_record *record = find(parts[_i]);
    free(record->key);
    record->key = strdup("something/else");
    live_on(1, "");
    clear_shelf();
}
END_TEST

START_TEST(a_record_that_stands_in_the_place_of_another_costs_that_one)
{
    live_once();
    struct shelf_record *from = find("/t1"), *to = find("/t2");
    free(to->value);
    to->value = malloc(from->len + 1);
    to->len = from->len;
    memcpy(to->value, from->value, from->len);
    live_on(1, "2");
    clear_shelf();
}
END_TEST

START_TEST(the_engines_own_record_may_be_damaged)
{
    live_once();
    find("engine")->value[7] ^= 1;
    live_on(1, "");
    ck_assert_ptr_nonnull(on_shelf("engine")); /* a new one */
    clear_shelf();
}
END_TEST

START_TEST(an_event_says_which_record_of_which_task_and_why)
{
    int damaged, events = 0;
    ecsengine_event *event;

    live_once();
    find("/t2")->value[9] ^= 1;
    begin_life(&damaged);
    ck_assert_int_eq(1, damaged);
    OK(ecsengine_dispatch(host.engine, host.mono_ns, host.wall_ns, &error_));
    while ((event = ecsengine_next_event(host.engine)) != NULL) {
        if (strcmp(ecsengine_event_status(event), "DAMAGED") == 0) {
            ecsengine_text *text = NULL;
            events++;
            ck_assert_int_eq(ECSENGINE_EVENT_STORE, ecsengine_event_get_kind(event));
            ck_assert_str_eq(ARN_HEAD "t2", ecsengine_event_task_arn(event));
            ck_assert_str_eq("record `task/" ARN_HEAD "t2`: it can not be read", ecsengine_event_reason(event));
            ck_assert_int_eq(host.wall_ns, ecsengine_event_time_ns(event));
            OK(ecsengine_event_json(event, &text, &error_));
            ck_assert_str_eq(quoted("{'event':'store','taskArn':'" ARN_HEAD "t2','status':'DAMAGED','reason':'record `task/" ARN_HEAD
                                    "t2`: it can not be read'}"),
                             ecsengine_text_data(text));
            ecsengine_text_free(text);
        }
        ecsengine_event_free(event);
    }
    ck_assert_int_eq(1, events);
    close_engine();
    clear_shelf();
}
END_TEST

START_TEST(the_loss_of_a_task_is_told_until_it_is_acknowledged)
{
    int damaged;

    live_once();
    find("/t2")->value[9] ^= 1;
    for (int life = 0; life < 3; life++) {
        host.no_acks = life < 2;
        begin_life(&damaged);
        settle();
        ck_assert_int_eq(1, traced("task STOPPED: StateLostError: the saved state of the task was damaged"));
        close_engine();
    }
    begin_life(&damaged);
    settle();
    ck_assert_ptr_null(strstr(host.trace, "StateLostError"));
    close_engine();
    clear_shelf();
}
END_TEST

/* Whatever a disk makes of keys and values: an engine begins, and everything that it says is text. */
START_TEST(keys_of_any_bytes_are_lived_with)
{
    static const char *const keys[] = {"", "task/", "task/\xff\xfe", "orphan/", "orphan/\x80", "orphan/x", "\x01", "quarantine", "definition/"};
    char long_key[6000];
    int damaged;

    memset(long_key, 'x', sizeof(long_key));
    memcpy(long_key, "task/", 5);
    long_key[sizeof(long_key) - 1] = '\0';
    live_once();
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        put(keys[i], "xyz", 3);
    put(long_key, "", 0);
    begin_life(&damaged);
    ck_assert_int_eq(10, damaged);
    settle();
    ck_assert_uint_eq(10, kept_aside());
    ck_assert(is_known(ARN_HEAD "t1") && is_known(ARN_HEAD "t3"));
    close_engine();
    begin_life(&damaged);
    ck_assert_int_eq(0, damaged);
    settle();
    close_engine();
    clear_shelf();
}
END_TEST

START_TEST(without_a_store_damage_is_told_and_nothing_is_kept)
{
    char garbage[20] = "garbage";

    open_engine();
    ck_assert_int_eq(ECSENGINE_ECORRUPT, ecsengine_restore_record(host.engine, "task/" ARN, garbage, sizeof(garbage), NULL));
    OK(ecsengine_restore_end(host.engine, &error_));
    settle();
    ck_assert_int_eq(1, traced("store DAMAGED: record `task/" ARN "`: it can not be read"));
    close_engine();
    ecsengine_config_free(host.config);
}
END_TEST

START_TEST(a_record_of_a_newer_version_is_no_damage_and_refuses_the_engine)
{
    char value[] = {'e', 'c', 's', 't', 2, 0, 0, 0, 0, 0, 0, 0, 0};
    uint64_t sum = 5;

    /* The checksum of five bytes, as lib/model/record.c makes it: a newer version would know it too. */
    uint64_t word = UINT64_C(0x0274736365);
    sum = (sum ^ word) * UINT64_C(0x9fb21c651e98df25);
    sum ^= sum >> 32;
    for (int i = 0; i < 8; i++)
        value[5 + i] = (char)(sum >> (8 * i));
    ecsengine_error *error = NULL;
    open_engine();
    ck_assert_int_eq(ECSENGINE_EUNSUPPORTED, ecsengine_restore_record(host.engine, "task/" ARN, value, sizeof(value), &error));
    ck_assert_str_eq("record `task/" ARN "` was written by a newer version of the library", ecsengine_error_message(error));
    ecsengine_error_free(error);
    OK(ecsengine_restore_end(host.engine, &error_));
    settle();
    ck_assert_ptr_null(strstr(host.trace, "DAMAGED"));
    close_engine();
    ecsengine_config_free(host.config);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_task_whose_record_is_damaged_anywhere_is_told_as_stopped);
    tcase_add_test(tcase, a_record_that_is_cut_or_empty_is_damaged);
    tcase_add_test(tcase, the_tasks_of_a_damaged_definition_are_lost_and_no_other);
    tcase_add_test(tcase, a_missing_definition_is_as_good_as_a_damaged_one);
    tcase_add_test(tcase, records_that_were_swapped_are_taken_for_what_they_say);
    tcase_add_loop_test(tcase, a_record_under_a_key_that_nobody_knows_is_taken_for_what_it_says, 0, 3);
    tcase_add_test(tcase, a_record_that_stands_in_the_place_of_another_costs_that_one);
    tcase_add_test(tcase, the_engines_own_record_may_be_damaged);
    tcase_add_test(tcase, an_event_says_which_record_of_which_task_and_why);
    tcase_add_test(tcase, the_loss_of_a_task_is_told_until_it_is_acknowledged);
    tcase_add_test(tcase, keys_of_any_bytes_are_lived_with);
    tcase_add_test(tcase, without_a_store_damage_is_told_and_nothing_is_kept);
    tcase_add_test(tcase, a_record_of_a_newer_version_is_no_damage_and_refuses_the_engine);
}

int main(void) { return run_tests("damage", fill); }
