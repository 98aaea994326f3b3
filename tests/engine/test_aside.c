/* SPDX-License-Identifier: Apache-2.0 */
/* Damaged records, and what their keys still say: a task that is lost, a container that is to go, or nothing. */
#include "made.h"

#include "engine/aside.h"
#include "engine/container.h"
#include "engine/orphans.h"

static size_t asides(void)
{
    size_t count = 0;

    for (const struct list *node = made.asides.next; node != &made.asides; node = node->next)
        count++;
    return count;
}

static void begin(void)
{
    made_start();
    made_open();
}

static void end(void)
{
    struct list *node;

    while ((node = list_shift(&made.events_out)) != NULL)
        ecsengine_event_free(container_of(node, struct ecsengine_event, link));
    made_check();
    made_close();
}

/* Under this prefix, with a name of so many letters. */
static void damaged(const char *prefix, size_t len)
{
    static char key[LIMIT_RECORD_KEY + 1];

    int used = snprintf(key, sizeof(key), "%s", prefix);
    memset(key + used, 'x', len);
    key[(size_t)used + len] = '\0';
    ck_assert_int_eq(ECSENGINE_ECORRUPT, restore_record(&made, key, "garbage", 7));
}

START_TEST(a_key_that_names_nothing_that_can_be_loses_nothing)
{
    begin();
    damaged("task/", 0);
    damaged("task/", LIMIT_ARN + 1);
    damaged("task/\xff", 3);
    damaged("orphan/", 0);
    damaged("orphan/", LIMIT_RUNTIME_NAME + 1);
    damaged("definition/", 16);
    damaged("else", 3);
    ck_assert_int_eq(0, restore_end(&made));
    ck_assert_uint_eq(0, made.tasks.count);
    ck_assert(list_empty(&made.orphans));
    ck_assert_uint_eq(7, asides());
    end();
}
END_TEST

START_TEST(the_shortest_and_the_longest_names_are_names)
{
    begin();
    damaged("task/", 1);
    damaged("task/", LIMIT_ARN);
    damaged("orphan/", 1);
    damaged("orphan/", LIMIT_RUNTIME_NAME);
    ck_assert_int_eq(0, restore_end(&made));
    ck_assert_uint_eq(2, made.tasks.count);
    ck_assert_ptr_nonnull(engine_find_task(&made, "x"));
    ck_assert(orphans_has(&made, "x"));
    ck_assert_str_ne("x", str_text(container_of(made.orphans.prev, struct orphan, link)->runtime_name));
    ck_assert_uint_eq(4, asides());
    end();
}
END_TEST

START_TEST(a_container_of_a_task_is_no_orphan_whatever_a_damaged_record_says)
{
    struct buf records[2];
    char key[LIMIT_RECORD_KEY];

    begin();
    made_settle();
    struct task *task = made_add(TASK("{'name':'web','image':'nginx','memory':64}"));
    made_settle();
    snprintf(key, sizeof(key), "orphan/%s", str_text(task->containers[0].runtime_name));
    made_records(task, records);
    engine_close(&made);
    made_open();
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(0, made_give(&records[i]));
        buf_free(&records[i]);
    }
    ck_assert_int_eq(ECSENGINE_ECORRUPT, restore_record(&made, key, "garbage", 7));
    damaged("orphan/", 1);
    ck_assert_int_eq(0, restore_end(&made));
    ck_assert_uint_eq(2, asides());
    ck_assert(!orphans_has(&made, key + 7));
    ck_assert(orphans_has(&made, "x"));
    end();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_key_that_names_nothing_that_can_be_loses_nothing);
    tcase_add_test(tcase, the_shortest_and_the_longest_names_are_names);
    tcase_add_test(tcase, a_container_of_a_task_is_no_orphan_whatever_a_damaged_record_says);
}

int main(void) { return made_run("aside", fill); }
