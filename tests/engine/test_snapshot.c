/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a bare engine in bytes, and what is refused. That a twin goes on as the engine does is shown by tests/sim. */
#include "snapshots.h"

#include "engine/aside.h"
#include "engine/container.h"
#include "engine/credentials.h"
#include "engine/orphans.h"

#define ONE(n, more) \
    "{'taskArn':'" ARN_HEAD n "','family':'f','containerDefinitions':[{'name':'a','image':'img-" n "','memory':4" more "}]}"

static bool speaks_of(const struct buf *bytes, const char *words)
{
    size_t len = strlen(words), at = 0;

    while (at + len <= bytes->len && memcmp(bytes->data + at, words, len) != 0)
        at++;
    return at + len <= bytes->len;
}

START_TEST(orphans_go_on_and_damaged_records_are_set_aside)
{
    made_open();
    made_settle();
    ck_assert_int_eq(0, orphans_adopt(&made, "left-1"));
    ck_assert_int_eq(0, orphans_adopt(&made, "left-2"));
    struct kept_record *kept = restore_keep(&made, "task/\xff", "\0damaged", 8);
    list_remove(&kept->link);
    aside_join(&made, kept);
    twin_is_the_same(); /* their removal is due */
    close_twin();
    ck_assert_int_eq(0, engine_settle(&made));
    twin_is_the_same(); /* and under way */
    struct orphan *first = container_of(twin.orphans.next, struct orphan, link);
    ck_assert_str_eq("left-1", str_text(first->runtime_name));
    ck_assert_ptr_eq(container_of(twin.open_ops.next, struct ecsengine_op, open), first->op);
    ck_assert_str_eq("task/\xff", container_of(twin.asides.next, struct kept_record, link)->key);
    close_twin();
    end();
}
END_TEST

#define GPU(n) ONE(n, ",'resourceRequirements':[{'type':'GPU','value':'1'}]")

START_TEST(who_has_a_gpu_and_who_waits_for_one)
{
    made_set("enable-gpu-support", "true");
    made_set("host-gpus", "g0,g1");
    made_set("admission-policy", "backfill");
    made_open();
    made_settle();
    made_add(GPU("t1"));
    made_add(GPU("t2"));
    made_add(GPU("t3"));
    made_add(GPU("t4"));
    made_settle();
    ck_assert(!list_empty(&made.gpu_waiters));
    twin_is_the_same();
    ck_assert(!list_empty(&twin.gpu_waiters));
    const struct gpu_charge *first = container_of(twin.gpu_holders.next, struct gpu_charge, held);
    ck_assert_str_eq("g0", first->id);
    ck_assert_str_eq(ARN_HEAD "t1", str_text(first->task->arn));
    close_twin();
    end();
}
END_TEST

START_TEST(of_two_containers_with_one_id_the_later_one_is_found)
{
    struct buf bytes;

    made_open();
    made_settle();
    struct container *one = &made_add(ONE("t1", ""))->containers[0], *two = &made_add(ONE("t2", ""))->containers[0];
    struct container *three = &made_add(ONE("t3", ""))->containers[0];
    made_settle();
    struct str *id = str_new(&made_root.mem, "twice", 5);
    container_set_id(&made, two, id);
    container_set_id(&made, three, id);
    container_set_id(&made, one, id); /* the other way round than they were admitted */
    ck_assert_ptr_eq(one, container_lookup(&made, "twice"));
    ck_assert_int_eq(0, put(&made, &bytes));
    ck_assert_int_eq(0, get(bytes.data, bytes.len));
    ck_assert_str_eq(ARN_HEAD "t1", str_text(container_lookup(&twin, "twice")->task->arn));
    container_set_id(&twin, container_lookup(&twin, "twice"), twin.instance);
    ck_assert_str_eq(ARN_HEAD "t3", str_text(container_lookup(&twin, "twice")->task->arn));
    close_twin();
    buf_free(&bytes);
    str_unref(id);
    end();
}
END_TEST

static void give_name(struct container *container, struct str *name)
{
    map_remove(&made.by_name, &container->by_name);
    str_unref(container->runtime_name);
    container->runtime_name = str_ref(name);
    map_insert(&made.by_name, &container->by_name, hash64(made.seed, name->data, name->len));
}

START_TEST(nor_do_names_that_were_given_twice_change_their_order)
{
    made_open();
    made_settle();
    struct container *one = &made_add(ONE("t1", ""))->containers[0], *two = &made_add(ONE("t2", ""))->containers[0];
    made_settle();
    struct str *name = str_new(&made_root.mem, "twice", 5);
    give_name(two, name);
    give_name(one, name);
    ck_assert_ptr_eq(one, container_lookup(&made, "twice"));
    twin_is_the_same();
    ck_assert_str_eq(ARN_HEAD "t1", str_text(container_lookup(&twin, "twice")->task->arn));
    close_twin();
    str_unref(name);
    end();
}
END_TEST

START_TEST(secrets_are_hashed_and_images_are_known)
{
    static const char secret[] = "{\"AccessKeyId\":\"a secret\"}";
    struct buf bytes;

    made_set("image-pull-behavior", "once");
    made_open();
    made_settle();
    made_add(ONE("t1", ""));
    made_settle();
    struct str *id = str_new(&made_root.mem, "c1", 2);
    ck_assert_int_eq(0, credentials_make_room(&made));
    credentials_put(&made, credentials_new(&made_root.mem, id, secret, sizeof(secret) - 1));
    ck_assert_int_eq(0, put(&made, &bytes));
    ck_assert(!speaks_of(&bytes, "a secret") && speaks_of(&bytes, "hidden-"));
    ck_assert_int_eq(0, get(bytes.data, bytes.len));
    ck_assert_uint_eq(SECRET_TEXT, credentials_find(&twin, id)->len);
    ck_assert_uint_eq(made.images.count, twin.images.count);
    ck_assert_uint_gt(twin.images.count, 0);
    close_twin();
    buf_free(&bytes);
    str_unref(id);
    end();
}
END_TEST

START_TEST(what_is_newer_is_told_from_what_is_damaged)
{
    struct buf bytes;

    made_open();
    ck_assert_int_eq(0, put(&made, &bytes));
    ck_assert_int_eq(0, get(bytes.data, bytes.len));
    close_twin();
    bytes.data[0]++;
    ck_assert_int_eq(ECSENGINE_EUNSUPPORTED, get(bytes.data, bytes.len));
    close_twin();
    bytes.data[0] = 0;
    ck_assert_int_eq(ECSENGINE_ECORRUPT, get(bytes.data, bytes.len));
    close_twin();
    buf_free(&bytes);
    end();
}
END_TEST

START_TEST(there_is_none_while_records_are_given_back)
{
    struct buf bytes;

    made_open();
    ck_assert_ptr_nonnull(restore_keep(&made, "task/x", "", 0));
    ck_assert_int_eq(ECSENGINE_ESTATE, put(&made, &bytes));
    restore_forget(&made);
    ck_assert_int_eq(0, put(&made, &bytes));
    buf_free(&bytes);
    end();
}
END_TEST

/* An engine with something of most: tasks that run, that wait for the host, for a port, for a pull, that were refused. */
static void fill_engine(void)
{
    made_set("host-cpu", "1000");
    made_set("image-pull-parallel", "1");
    made_open();
    made_settle();
    made_add(ONE("t1", ",'cpu':600,'portMappings':[{'containerPort':80,'hostPort':8080}]"));
    made_settle();
    made_add(ONE("t2", ",'cpu':100,'portMappings':[{'containerPort':80,'hostPort':8080}]"));
    made_add(ONE("t3", ",'cpu':900"));
    made_add(ONE("t4", ",'cpu':900"));
}

START_TEST(what_is_cut_is_refused)
{
    struct buf bytes;

    fill_engine();
    ck_assert_int_eq(0, put(&made, &bytes));
    for (size_t len = 0; len < bytes.len; len++) {
        char *cut = malloc(len + 1);
        memcpy(cut, bytes.data, len);
        ck_assert_msg(get(cut, len) == ECSENGINE_ECORRUPT, "%zu of %zu bytes", len, bytes.len);
        close_twin();
        free(cut);
    }
    buf_free(&bytes);
    end();
}
END_TEST

START_TEST(what_is_changed_is_refused_or_its_books_balance)
{
    struct buf bytes;
    char text[CHECK_TEXT_MAX];
    size_t refused = 0, read = 0;

    fill_engine();
    ck_assert_int_eq(0, put(&made, &bytes));
    for (size_t at = 0; at < bytes.len; at++) {
        static const char changes[] = {1, 2, 64, (char)128, (char)255};
        for (size_t i = 0; i < sizeof(changes); i++) {
            bytes.data[at] ^= changes[i];
            int code = get(bytes.data, bytes.len);
            bytes.data[at] ^= changes[i];
            if (code == 0)
                ck_assert_msg(engine_check(&twin, text), "byte %zu: %s", at, text);
            else
                ck_assert(code == ECSENGINE_ECORRUPT || code == ECSENGINE_EUNSUPPORTED);
            read += code == 0;
            refused += code < 0;
            close_twin();
        }
    }
    ck_assert_uint_gt(refused, 1000);
    ck_assert_uint_gt(read, 100); /* a text, a count: what can't be known to be wrong */
    buf_free(&bytes);
    end();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, made_start, NULL);
    tcase_add_test(tcase, orphans_go_on_and_damaged_records_are_set_aside);
    tcase_add_test(tcase, who_has_a_gpu_and_who_waits_for_one);
    tcase_add_test(tcase, of_two_containers_with_one_id_the_later_one_is_found);
    tcase_add_test(tcase, nor_do_names_that_were_given_twice_change_their_order);
    tcase_add_test(tcase, secrets_are_hashed_and_images_are_known);
    tcase_add_test(tcase, what_is_newer_is_told_from_what_is_damaged);
    tcase_add_test(tcase, there_is_none_while_records_are_given_back);
    tcase_add_test(tcase, what_is_cut_is_refused);
    tcase_add_test(tcase, what_is_changed_is_refused_or_its_books_balance);
}

int main(void) { return made_run("snapshot", fill); }
