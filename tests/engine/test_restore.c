/* SPDX-License-Identifier: Apache-2.0 */
/* Records that somebody made up: their checksum is right and their content is not. An engine that is given one refuses it or
 * lives with it; it never crashes, and it can always be driven and freed. */
#include "../api/host.h"

#include "model/record.h"

/* All records of an engine with a running task, and one that waits for its dependency. */
static void make_records(void)
{
    OK(ecsengine_memory_store_new(&host.store, &error_));
    open_engine();
    add(TASK(ARN, WEB_AFTER_DB));
    settle();
    add(TASK(ARN_HEAD "t2",
             "{'name':'web','image':'nginx','memory':64,'dependsOn':[{'containerName':'db','condition':'COMPLETE'}]},"
             "{'name':'db','image':'postgres','memory':64,'startTimeout':100,'essential':false}"));
    settle();
    close_engine();
}

/* Flips one bit of the body and makes the checksum right again. */
static void changed(struct buf *out, const unsigned char *value, size_t len, size_t bit)
{
    buf_clear(out);
    size_t start = record_begin(out, (char)value[3]);
    buf_put(out, value + 5, len - RECORD_FRAME);
    if (bit < (len - RECORD_FRAME) * 8)
        out->data[start + 5 + bit / 8] ^= (char)(1 << (bit % 8));
    record_end(out, start);
}

static void live_with(size_t which, size_t bit, struct buf *out)
{
    size_t len = 0;

    OK(ecsengine_new(host.config, NULL, &host.engine, &error_));
    for (size_t i = 0; i < ecsengine_memory_store_count(host.store); i++) {
        const void *value = ecsengine_memory_store_value(host.store, i, &len);
        const char *key = ecsengine_memory_store_key(host.store, i);
        if (i == which) {
            changed(out, value, len, bit);
            ecsengine_restore_record(host.engine, key, out->data, out->len, NULL);
        } else {
            OK(ecsengine_restore_record(host.engine, key, value, len, &error_));
        }
    }
    OK(ecsengine_restore_end(host.engine, &error_));
    host.trace_len = 0;
    host.last_event = 0;
    for (int i = 0; i < 6; i++) {
        turn();
        pass_time(bit % 3 == 0 ? 120 * SECOND : 0);
        while (host.held_count > 0)
            answer(held(ecsengine_op_get_kind(host.held[0]), NULL));
    }
    ecsengine_text *text = NULL;
    OK(ecsengine_task_list(host.engine, &text, &error_));
    ecsengine_text_free(text);
    stop(ARN);
    turn();
    close_engine();
}

START_TEST(a_record_with_any_bit_changed_is_refused_or_lived_with)
{
    struct mem mem;
    struct buf out;
    size_t len = 0, changes = 0;

    make_records();
    mem_init(&mem, NULL);
    buf_init(&out, &mem, 0);
    for (size_t which = 0; which < ecsengine_memory_store_count(host.store); which++) {
        struct box before[4];
        memcpy(before, host.boxes, sizeof(before));
        ecsengine_memory_store_value(host.store, which, &len);
        for (size_t bit = (size_t)_i * 3; bit < (len - RECORD_FRAME) * 8; bit += 24, changes++) {
            memcpy(host.boxes, before, sizeof(before));
            host.box_count = 3;
            live_with(which, bit, &out);
        }
    }
    ck_assert_uint_gt(changes, 150);
    buf_free(&out);
    ecsengine_memory_store_free(host.store);
    ecsengine_config_free(host.config);
}
END_TEST

START_TEST(an_unchanged_record_made_again_is_taken)
{
    struct mem mem;
    struct buf out;

    make_records();
    mem_init(&mem, NULL);
    buf_init(&out, &mem, 0);
    for (size_t which = 0; which < ecsengine_memory_store_count(host.store); which++) {
        size_t len = 0;
        const void *value = ecsengine_memory_store_value(host.store, which, &len);
        changed(&out, value, len, SIZE_MAX);
        ck_assert_uint_eq(len, out.len);
        ck_assert_int_eq(0, memcmp(value, out.data, len));
    }
    buf_free(&out);
    ecsengine_memory_store_free(host.store);
    ecsengine_config_free(host.config);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_loop_test(tcase, a_record_with_any_bit_changed_is_refused_or_lived_with, 0, 8);
    tcase_add_test(tcase, an_unchanged_record_made_again_is_taken);
}

int main(void) { return run_tests("restore", fill); }
