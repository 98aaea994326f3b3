/* SPDX-License-Identifier: Apache-2.0 */
/* The border: order, closing, and a descriptor that is readable exactly while the host has something to do. */
#include "../api/host.h"

#include <poll.h>
#include <time.h>

#include "driver/mailbox.h"

static struct runtime_notice *notice(struct mailbox *mailbox, const char *reason)
{
    struct runtime_notice *made = mem_zalloc(&mailbox->root.mem, sizeof(*made));

    made->input.kind = INPUT_RUNTIME_LOST;
    made->reason = str_new(&mailbox->root.mem, reason, strlen(reason));
    return made;
}

static struct ecsengine_op *operation(struct mailbox *mailbox, enum ecsengine_op_kind kind)
{
    struct ecsengine_op *op = mem_zalloc(&mailbox->root.mem, sizeof(*op));

    op->root = root_ref(&mailbox->root);
    op->kind = (uint8_t)kind;
    op->deadline_ns = INT64_MAX;
    op->completion.kind = INPUT_COMPLETION;
    op->update.kind = INPUT_UPDATE;
    atomic_init(&op->refs, 1);
    return op;
}

static void throw_away(struct mailbox *mailbox, struct list *inputs)
{
    struct list *node;

    while ((node = list_shift(inputs)) != NULL)
        input_free(mailbox, container_of(node, struct input, link));
}

START_TEST(inputs_are_taken_in_the_order_in_which_they_came)
{
    struct mailbox *mailbox = mailbox_new(NULL);
    struct list taken;
    char reason[16];

    list_init(&taken);
    ck_assert(!mailbox_take(mailbox, &taken));
    for (int i = 0; i < 100; i++) {
        snprintf(reason, sizeof(reason), "%d", i);
        ck_assert_int_eq(0, mailbox_put(mailbox, &notice(mailbox, reason)->input, false));
    }
    ck_assert(mailbox_take(mailbox, &taken));
    ck_assert(!mailbox_take(mailbox, &taken));
    int i = 0;
    for (struct list *node = taken.next; node != &taken; node = node->next, i++) {
        snprintf(reason, sizeof(reason), "%d", i);
        ck_assert_str_eq(reason,
                         str_text(container_of(container_of(node, struct input, link), struct runtime_notice, input)->reason));
    }
    ck_assert_int_eq(100, i);
    throw_away(mailbox, &taken);
    mailbox_close(mailbox);
}
END_TEST

START_TEST(a_refusing_mailbox_takes_no_commands_but_all_else)
{
    struct mailbox *mailbox = mailbox_new(NULL);
    struct runtime_notice *one = notice(mailbox, "a command, say");

    mailbox->refusing = true;
    ck_assert_int_eq(ECSENGINE_ECLOSED, mailbox_put(mailbox, &one->input, true));
    ck_assert_int_eq(0, mailbox_put(mailbox, &one->input, false)); /* it was still ours */
    mailbox_close(mailbox);
}
END_TEST

START_TEST(a_closed_mailbox_takes_nothing_and_lives_as_long_as_its_operations)
{
    struct mailbox *mailbox = mailbox_new(NULL);
    struct ecsengine_op *op = operation(mailbox, ECSENGINE_OP_START), *queued = operation(mailbox, ECSENGINE_OP_START);
    struct ecsengine_result *result = result_new(&mailbox->root);

    root_ref(&mailbox->root);
    ck_assert_int_eq(0, mailbox_put(mailbox, &notice(mailbox, "thrown away")->input, false));
    list_append(&mailbox->ops, &queued->link);
    mailbox_close(mailbox);
    struct runtime_notice *late = notice(mailbox, "late");
    ck_assert_int_eq(ECSENGINE_ECLOSED, mailbox_put(mailbox, &late->input, false));
    input_free(mailbox, &late->input);
    root_unref(&mailbox->root);
    ck_assert_int_eq(ECSENGINE_ECLOSED, mailbox_update(op, 1, 2, "x"));
    ck_assert_int_eq(ECSENGINE_ECLOSED, mailbox_complete(op, result)); /* the last reference: all is freed */
}
END_TEST

/* Takes the one input that waits, an update of `op`, and applies it as a turn does. */
static void apply_update(struct mailbox *mailbox, struct ecsengine_op *op)
{
    struct list taken;

    list_init(&taken);
    ck_assert(mailbox_take(mailbox, &taken));
    ck_assert_ptr_eq(&op->update.link, list_shift(&taken));
    ck_assert(list_empty(&taken));
    mailbox_accept_update(mailbox, op);
    op_unref(op); /* the input's */
}

START_TEST(of_updates_between_two_turns_the_last_is_kept)
{
    struct mailbox *mailbox = mailbox_new(NULL);
    struct ecsengine_op *op = operation(mailbox, ECSENGINE_OP_PULL_IMAGE);

    ck_assert_int_eq(0, mailbox_update(op, 1, 10, "one"));
    ck_assert_int_eq(0, mailbox_update(op, 2, 10, "two"));
    apply_update(mailbox, op);
    ck_assert_int_eq(2, op->current);
    ck_assert_int_eq(10, op->total);
    ck_assert_str_eq("two", op->progress);
    ck_assert_int_eq(0, mailbox_update(op, 3, -1, NULL));
    apply_update(mailbox, op);
    ck_assert_str_eq("", op->progress);
    ck_assert_int_eq(3, op->current);
    op_unref(op);
    mailbox_close(mailbox);
}
END_TEST

START_TEST(an_update_that_is_taken_but_not_applied_is_not_queued_again)
{
    struct mailbox *mailbox = mailbox_new(NULL);
    struct ecsengine_op *op = operation(mailbox, ECSENGINE_OP_PULL_IMAGE);
    struct list taken, none;

    list_init(&taken);
    list_init(&none);
    ck_assert_int_eq(0, mailbox_update(op, 1, 10, "one"));
    ck_assert(mailbox_take(mailbox, &taken));
    ck_assert_int_eq(0, mailbox_update(op, 2, 10, "two"));
    ck_assert(!mailbox_take(mailbox, &none));
    ck_assert_ptr_eq(&op->update.link, list_shift(&taken));
    mailbox_accept_update(mailbox, op);
    ck_assert_str_eq("two", op->progress);
    op_unref(op); /* the input's */
    op_unref(op);
    mailbox_close(mailbox);
}
END_TEST

START_TEST(a_cancel_needs_and_takes_no_completion)
{
    struct mailbox *mailbox = mailbox_new(NULL);
    struct ecsengine_op *op = operation(mailbox, ECSENGINE_OP_CANCEL);

    ck_assert_int_eq(ECSENGINE_EALREADY, mailbox_update(op, 1, 1, NULL));
    ck_assert_int_eq(ECSENGINE_EALREADY, mailbox_complete(op, NULL));
    mailbox_close(mailbox);
}
END_TEST

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * SECOND + now.tv_nsec;
}

START_TEST(waiting_ends_at_the_time_with_an_input_and_with_a_ring)
{
    struct mailbox *mailbox = mailbox_new(NULL);
    int64_t until = now_ns() + 20000000;

    mailbox_wait(mailbox, until);
    ck_assert_int_ge(now_ns(), until);
    mailbox_ring(mailbox);
    mailbox_wait(mailbox, INT64_MAX); /* a ring before the wait counts */
    ck_assert_int_eq(0, mailbox_put(mailbox, &notice(mailbox, "x")->input, false));
    mailbox_wait(mailbox, INT64_MAX);
    mailbox_close(mailbox);
}
END_TEST

/* ---- the descriptor ---- */

static bool readable(void)
{
    int32_t fd = -1;

    OK(ecsengine_get_fd(host.engine, &fd, &error_));
    struct pollfd what = {.fd = fd, .events = POLLIN};
    return poll(&what, 1, 0) == 1 && (what.revents & POLLIN) != 0;
}

static void dispatch(void) { OK(ecsengine_dispatch(host.engine, host.mono_ns, host.wall_ns, &error_)); }

START_TEST(the_descriptor_is_readable_until_the_first_turn)
{
    open_engine();
    ck_assert(readable());
    dispatch();
    ck_assert(readable()); /* two operations wait */
    end_host();
}
END_TEST

START_TEST(there_is_one_descriptor)
{
    int32_t first = -1, second = -1;

    open_engine();
    OK(ecsengine_get_fd(host.engine, &first, &error_));
    OK(ecsengine_get_fd(host.engine, &second, &error_));
    ck_assert_int_eq(first, second);
    end_host();
}
END_TEST

START_TEST(the_descriptor_is_readable_exactly_while_there_is_something_to_do)
{
    ecsengine_op *op;
    ecsengine_event *event;

    open_engine();
    dispatch();
    op = ecsengine_next_op(host.engine);
    ck_assert(readable()); /* one more */
    host.held[host.held_count++] = op;
    host.held[host.held_count++] = ecsengine_next_op(host.engine);
    ck_assert(!readable());
    answer(held(ECSENGINE_OP_SUBSCRIBE, NULL));
    ck_assert(readable()); /* to be dispatched */
    dispatch();
    ck_assert(readable()); /* an event waits */
    event = ecsengine_next_event(host.engine);
    ck_assert_int_eq(ECSENGINE_EVENT_RUNTIME, ecsengine_event_get_kind(event));
    ck_assert(!readable());
    ecsengine_event_ack(host.engine, ecsengine_event_id(event), NULL);
    ecsengine_event_free(event);
    ck_assert(readable());
    dispatch();
    ck_assert(!readable());
    settle();
    ck_assert(!readable());
    stop(ARN);
    ck_assert(readable());
    settle();
    ck_assert(!readable());
    end_host();
}
END_TEST

START_TEST(a_descriptor_made_late_tells_the_truth)
{
    open_engine();
    settle();
    ck_assert(!readable());
    end_host();
    start_host();
    open_engine();
    settle();
    stop(ARN);
    ck_assert(readable());
    end_host();
}
END_TEST

START_TEST(a_batch_that_was_answered_can_not_be_taken)
{
    OK(ecsengine_new(NULL, NULL, &host.engine, &error_));
    OK(ecsengine_pull_batches(host.engine, &error_));
    turn();
    OK(ecsengine_store_done(host.engine, 1, 0, &error_));
    dispatch();
    ck_assert_ptr_null(ecsengine_next_batch(host.engine));
    ck_assert(!readable());
    end_host();
}
END_TEST

START_TEST(a_batch_to_take_makes_the_descriptor_readable)
{
    OK(ecsengine_new(NULL, NULL, &host.engine, &error_));
    OK(ecsengine_pull_batches(host.engine, &error_));
    turn();
    ck_assert(readable());
    const ecsengine_batch *batch = ecsengine_next_batch(host.engine);
    ck_assert(!readable());
    OK(ecsengine_store_done(host.engine, ecsengine_batch_id(batch), 0, &error_));
    ck_assert(readable());
    dispatch();
    ck_assert(!readable());
    end_host();
}
END_TEST

START_TEST(an_idle_engine_has_no_deadline_but_its_poll)
{
    set("steady-state-poll-interval", "1h");
    set("steady-state-poll-interval-jitter", "0s");
    open_engine();
    settle();
    ck_assert_int_eq(host.mono_ns + 3600 * SECOND, ecsengine_deadline_ns(host.engine));
    end_host();
}
END_TEST

START_TEST(a_monotonic_clock_that_goes_back_counts_as_standing_still)
{
    open_engine();
    settle();
    int64_t before = deadline();
    OK(ecsengine_dispatch(host.engine, 0, host.wall_ns, &error_));
    add(TASK(ARN, WEB));
    OK(ecsengine_dispatch(host.engine, 0, host.wall_ns, &error_));
    ck_assert_int_eq(host.mono_ns + 60 * SECOND, ecsengine_deadline_ns(host.engine)); /* of the manifest */
    ck_assert_int_gt(before, ecsengine_deadline_ns(host.engine));
    end_host();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, inputs_are_taken_in_the_order_in_which_they_came);
    tcase_add_test(tcase, a_refusing_mailbox_takes_no_commands_but_all_else);
    tcase_add_test(tcase, a_closed_mailbox_takes_nothing_and_lives_as_long_as_its_operations);
    tcase_add_test(tcase, of_updates_between_two_turns_the_last_is_kept);
    tcase_add_test(tcase, an_update_that_is_taken_but_not_applied_is_not_queued_again);
    tcase_add_test(tcase, a_cancel_needs_and_takes_no_completion);
    tcase_add_test(tcase, waiting_ends_at_the_time_with_an_input_and_with_a_ring);
    tcase_add_test(tcase, the_descriptor_is_readable_until_the_first_turn);
    tcase_add_test(tcase, there_is_one_descriptor);
    tcase_add_test(tcase, the_descriptor_is_readable_exactly_while_there_is_something_to_do);
    tcase_add_test(tcase, a_descriptor_made_late_tells_the_truth);
    tcase_add_test(tcase, a_batch_that_was_answered_can_not_be_taken);
    tcase_add_test(tcase, a_batch_to_take_makes_the_descriptor_readable);
    tcase_add_test(tcase, an_idle_engine_has_no_deadline_but_its_poll);
    tcase_add_test(tcase, a_monotonic_clock_that_goes_back_counts_as_standing_still);
}

int main(void) { return run_tests("mailbox", fill); }
