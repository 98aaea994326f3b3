/* SPDX-License-Identifier: Apache-2.0 */
/* The allocator hook sees every byte that an engine keeps, gets everything back with the right sizes, and may say no at any
 * time. */
#include "host.h"

enum { SLOTS = 1 << 16 };

static struct {
    struct {
        void *ptr;
        size_t size;
    } blocks[SLOTS];
    size_t count; /* blocks out */
    size_t bytes;
    long calls;
    long fail_at;   /* that call fails; 0: none */
    long fail_from; /* that call and all after it fail; 0: none */
} memory;

static size_t slot_of(const void *ptr)
{
    size_t at = ((uintptr_t)ptr >> 4) * 0x9e3779b1u % SLOTS;

    while (memory.blocks[at].ptr != NULL && memory.blocks[at].ptr != ptr)
        at = (at + 1) % SLOTS;
    return at;
}

static void *seen_alloc(size_t size, void *user_data)
{
    ck_assert_ptr_eq(&memory, user_data);
    memory.calls++;
    if (memory.calls == memory.fail_at || (memory.fail_from != 0 && memory.calls >= memory.fail_from))
        return NULL;
    void *ptr = malloc(size);
    ck_assert_ptr_nonnull(ptr);
    ck_assert_uint_lt(memory.count, SLOTS / 2);
    size_t at = slot_of(ptr);
    memory.blocks[at].ptr = ptr;
    memory.blocks[at].size = size;
    memory.count++;
    memory.bytes += size;
    return ptr;
}

static void seen_free(void *ptr, size_t size, void *user_data)
{
    ck_assert_ptr_eq(&memory, user_data);
    size_t at = slot_of(ptr);
    ck_assert_ptr_eq(ptr, memory.blocks[at].ptr); /* ours */
    ck_assert_uint_eq(size, memory.blocks[at].size);
    memory.blocks[at].ptr = NULL;
    for (size_t next = (at + 1) % SLOTS; memory.blocks[next].ptr != NULL; next = (next + 1) % SLOTS) { /* close the gap */
        void *moved = memory.blocks[next].ptr;
        size_t moved_size = memory.blocks[next].size;
        memory.blocks[next].ptr = NULL;
        size_t place = slot_of(moved);
        memory.blocks[place].ptr = moved;
        memory.blocks[place].size = moved_size;
    }
    memory.count--;
    memory.bytes -= size;
    free(ptr);
}

static int open_seen(void)
{
    ecsengine_allocator allocator;

    ecsengine_allocator_init(&allocator, sizeof(allocator));
    allocator.alloc = seen_alloc;
    allocator.free = seen_free;
    allocator.user_data = &memory;
    set("seed", "7");
    return ecsengine_new(host.config, &allocator, &host.engine, NULL);
}

START_TEST(everything_is_given_back)
{
    ck_assert_int_eq(0, open_seen());
    ck_assert_uint_gt(memory.count, 0);
    add(TASK(ARN, WEB_AFTER_DB));
    settle();
    add(TASK(ARN_HEAD "t2", "{'name':'a','image':'x','memory':4}"));
    turn();
    add(TASK(ARN_HEAD "t3", "{'name':'a','image':'x','memory':4,'dependsOn':[{'containerName':'nobody','condition':'START'}]}"));
    stop(ARN); /* never applied */
    end_host();
    ck_assert_uint_eq(0, memory.count);
    ck_assert_uint_eq(0, memory.bytes);
}
END_TEST

START_TEST(what_outlives_the_engine_is_given_back_with_its_last_owner)
{
    ck_assert_int_eq(0, open_seen());
    add(TASK(ARN, WEB));
    settle();
    ecsengine_text *text = NULL;
    OK(ecsengine_task_list(host.engine, &text, &error_));
    stop(ARN);
    OK(ecsengine_dispatch(host.engine, host.mono_ns, host.wall_ns, &error_));
    ecsengine_event *event = ecsengine_next_event(host.engine);
    ecsengine_op *op = ecsengine_next_op(host.engine);
    ecsengine_result *result = NULL;
    OK(ecsengine_result_new(op, &result, &error_));
    ecsengine_op_ref(op);
    end_host();
    ck_assert_uint_gt(memory.count, 0);
    ck_assert_str_eq("web", ecsengine_op_container_name(op));
    ck_assert_int_eq(ECSENGINE_EVENT_COMMAND_DONE, ecsengine_event_get_kind(event));
    ecsengine_text_free(text);
    ecsengine_event_free(event);
    ck_assert_int_eq(ECSENGINE_ECLOSED, ecsengine_op_complete(op, result, NULL));
    ck_assert_uint_gt(memory.count, 0);
    ecsengine_op_release(op);
    ck_assert_uint_eq(0, memory.count);
}
END_TEST

static void one_task(void)
{
    add(TASK(ARN, WEB_AFTER_DB));
    settle();
    stop(ARN);
    settle();
    pass_time(INT64_C(4) * 3600 * SECOND);
    settle();
    ck_assert_int_eq(1, traced("task-removed"));
    forget_trace();
}

START_TEST(tasks_that_are_gone_leave_nothing_behind)
{
    ck_assert_int_eq(0, open_seen());
    settle();
    one_task();
    one_task(); /* tables have their size by now */
    size_t count = memory.count, bytes = memory.bytes;
    for (int i = 0; i < 20; i++)
        one_task();
    ck_assert_uint_eq(count, memory.count);
    ck_assert_uint_le(memory.bytes, bytes);
    end_host();
}
END_TEST

START_TEST(operations_that_are_given_up_and_released_leave_nothing_behind)
{
    size_t count = 0;

    ck_assert_int_eq(0, open_seen());
    settle();
    add(TASK(ARN, WEB));
    for (int i = 0; i < 40; i++) {
        pass_time(300 * SECOND); /* the operation's time is over; whoever had it gives it up without an answer */
        turn();
        while (host.held_count > 0)
            ecsengine_op_release(host.held[--host.held_count]);
        OK(ecsengine_runtime_lost(host.engine, "gone", &error_));
        turn();
        if (i == 20)
            count = memory.count;
    }
    ck_assert_uint_le(memory.count, count + 2);
    end_host();
    ck_assert_uint_eq(0, memory.count);
}
END_TEST

/* A turn that may be refused for want of memory, and then is taken again. */
static void stubborn_turn(void)
{
    int code = ecsengine_dispatch(host.engine, host.mono_ns, host.wall_ns, NULL);

    ck_assert(code == 0 || code == ECSENGINE_ENOMEM);
    if (code < 0) {
        ck_assert_int_eq(0, ecsengine_deadline_ns(host.engine)); /* call again */
        OK(ecsengine_dispatch(host.engine, host.mono_ns, host.wall_ns, &error_));
    }
    pull_events();
    pull_ops();
}

static void stubborn_add(const char *document)
{
    const char *text = quoted(document);
    int code = ecsengine_task_add(host.engine, text, strlen(text), NULL, NULL);

    ck_assert(code == 0 || code == ECSENGINE_ENOMEM);
    if (code < 0)
        OK(ecsengine_task_add(host.engine, text, strlen(text), NULL, &error_));
}

static void stubborn_answer(ecsengine_op *op)
{
    ecsengine_result *result = NULL;
    struct box before[4];
    size_t count = host.box_count;

    memcpy(before, host.boxes, sizeof(before));
    long fail_at = memory.fail_at;
    if (ecsengine_result_new(op, &result, NULL) < 0)
        OK(ecsengine_result_new(op, &result, &error_));
    memory.fail_at = 0; /* setters that fail lose what they set; that is another test's */
    memcpy(host.boxes, before, sizeof(before));
    host.box_count = count;
    perform(op, result);
    memory.fail_at = fail_at;
    OK(ecsengine_op_complete(op, result, &error_));
}

START_TEST(any_one_allocation_may_fail_and_everything_still_happens)
{
    long fail_at = 1;

    for (bool failed = true; failed; fail_at++) {
        start_host();
        memset(&memory, 0, sizeof(memory));
        memory.fail_at = fail_at;
        if (open_seen() < 0) {
            ck_assert_uint_eq(0, memory.count);
            ck_assert_int_eq(0, open_seen());
        }
        stubborn_add(TASK(ARN, WEB_AFTER_DB));
        for (int i = 0; i < 40; i++) {
            stubborn_turn();
            while (host.held_count > 0)
                stubborn_answer(held(ecsengine_op_get_kind(host.held[0]), NULL));
            if (i == 20 && ecsengine_task_stop(host.engine, ARN, NULL, NULL) < 0)
                stop(ARN);
            if (i == 30)
                pass_time(INT64_C(4) * 3600 * SECOND);
        }
        failed = memory.calls >= fail_at;
        if (traced("task RUNNING") != 1 || traced("task STOPPED") != 1)
            ck_abort_msg("allocation %ld failed:\n%s", fail_at, host.trace);
        end_host();
        if (memory.count != 0)
            ck_abort_msg("allocation %ld failed: %zu blocks were lost", fail_at, memory.count);
    }
    ck_assert_int_gt(fail_at, 100);
}
END_TEST

START_TEST(without_any_memory_nothing_is_lost)
{
    memory.fail_at = 0;
    ck_assert_int_eq(0, open_seen());
    settle();
    add(TASK(ARN, WEB));
    memory.fail_from = memory.calls + 1;
    for (int i = 0; i < 5; i++) {
        int code = ecsengine_dispatch(host.engine, host.mono_ns, host.wall_ns, NULL);
        ck_assert(code == 0 || code == ECSENGINE_ENOMEM);
        ck_assert_int_eq(ECSENGINE_ENOMEM, ecsengine_task_stop(host.engine, ARN, NULL, NULL));
        ck_assert_int_eq(ECSENGINE_ENOMEM, ecsengine_task_list(host.engine, &(ecsengine_text *){NULL}, NULL));
        ck_assert_int_eq(ECSENGINE_ENOMEM, ecsengine_event_ack(host.engine, 1, NULL));
    }
    memory.fail_from = 0;
    settle();
    ck_assert_int_eq(1, traced("task RUNNING"));
    end_host();
    ck_assert_uint_eq(0, memory.count);
}
END_TEST

/* A task so large that to begin with it memory has to be set aside anew. */
static void add_large(void)
{
    static char document[32768];
    size_t len = (size_t)snprintf(document, sizeof(document), "{\"arn\":\"%s-large\",\"desiredStatus\":\"RUNNING\",\"containers\":[", ARN);

    for (int i = 0; i < 200; i++)
        len += (size_t)snprintf(document + len, sizeof(document) - len, "%s{\"name\":\"c%d\",\"image\":\"i\",\"essential\":true}",
                                i > 0 ? "," : "", i);
    snprintf(document + len, sizeof(document) - len, "]}");
    OK(ecsengine_task_add(host.engine, document, strlen(document), NULL, &error_));
}

START_TEST(progress_that_waits_for_memory_can_be_followed_by_more)
{
    set("container-limit", "1000");
    ck_assert_int_eq(0, open_seen());
    turn();
    answer(held(ECSENGINE_OP_SUBSCRIBE, NULL));
    answer(held(ECSENGINE_OP_INFO, NULL));
    add(TASK(ARN, WEB));
    turn();
    answer(held(ECSENGINE_OP_PULL_MANIFEST, "web"));
    turn();
    ecsengine_op *pull = held(ECSENGINE_OP_PULL_IMAGE, "web");
    add_large();
    OK(ecsengine_op_update(pull, 1, 100, "first", &error_));
    memory.fail_from = memory.calls + 1;
    ck_assert_int_eq(ECSENGINE_ENOMEM, ecsengine_dispatch(host.engine, host.mono_ns, host.wall_ns, NULL));
    OK(ecsengine_op_update(pull, 2, 100, "second", &error_)); /* the first is not applied yet */
    ck_assert_int_eq(ECSENGINE_ENOMEM, ecsengine_dispatch(host.engine, host.mono_ns, host.wall_ns, NULL));
    memory.fail_from = 0;
    OK(ecsengine_op_update(pull, 3, 100, "third", &error_));
    OK(ecsengine_dispatch(host.engine, host.mono_ns, host.wall_ns, &error_));
    ecsengine_text *text = NULL;
    OK(ecsengine_task_describe(host.engine, ARN, &text, &error_));
    ck_assert_ptr_nonnull(strstr(ecsengine_text_data(text), "\"pull\":{\"current\":3,\"total\":100,\"text\":\"third\"}"));
    ecsengine_text_free(text);
    OK(ecsengine_op_complete(pull, NULL, &error_));
    end_host();
    ck_assert_uint_eq(0, memory.count);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, everything_is_given_back);
    tcase_add_test(tcase, what_outlives_the_engine_is_given_back_with_its_last_owner);
    tcase_add_test(tcase, tasks_that_are_gone_leave_nothing_behind);
    tcase_add_test(tcase, operations_that_are_given_up_and_released_leave_nothing_behind);
    tcase_add_test(tcase, any_one_allocation_may_fail_and_everything_still_happens);
    tcase_add_test(tcase, without_any_memory_nothing_is_lost);
    tcase_add_test(tcase, progress_that_waits_for_memory_can_be_followed_by_more);
}

int main(void) { return run_tests("memory", fill); }
