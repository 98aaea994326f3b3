/* SPDX-License-Identifier: Apache-2.0 */
/* Two things of one hash are told apart by what they are. The hashes are keyed and of 64 bits, so no two of one are to be had; here a thing is
 * put where the other one would be looked for. */
#include "made.h"

#include "base/prng.h"
#include "engine/container.h"
#include "engine/credentials.h"
#include "engine/definitions.h"
#include "engine/events.h"
#include "engine/image.h"

#define ONE(n, more) \
    "{'taskArn':'" ARN_HEAD n "','family':'f','containerDefinitions':[{'name':'a','image':'img-" n "','memory':4" more "}]}"

static uint64_t hash_of(const char *text) { return hash64(made.seed, text, strlen(text)); }

/* As if its hash were this one. */
static void move(struct map *map, struct map_node *node, uint64_t hash)
{
    map_remove(map, node);
    map_insert(map, node, hash);
}

static void begin(void)
{
    made_set("image-pull-behavior", "once");
    made_open();
    made_settle();
}

static void end(void)
{
    struct ecsengine_op *op;
    struct list *node;

    while ((op = made_next()) != NULL)
        op_unref(op);
    while ((node = list_shift(&made.events_out)) != NULL)
        ecsengine_event_free(container_of(node, struct ecsengine_event, link));
    made_close();
}

START_TEST(containers_of_one_hash_are_told_apart_by_id_and_by_name)
{
    begin();
    struct container *one = &made_add(ONE("t1", ""))->containers[0], *two = &made_add(ONE("t2", ""))->containers[0];
    made_settle();
    char id[LIMIT_RUNTIME_ID + 1], name[LIMIT_RUNTIME_NAME + 1];
    snprintf(id, sizeof(id), "%s", str_text(one->runtime_id));
    snprintf(name, sizeof(name), "%s", str_text(one->runtime_name));
    move(&made.by_id, &two->by_id, hash_of(id));
    move(&made.by_name, &two->by_name, hash_of(name));
    ck_assert_ptr_eq(one, container_lookup(&made, id));
    ck_assert_ptr_eq(one, container_lookup(&made, name));
    move(&made.by_id, &one->by_id, 1);
    move(&made.by_name, &one->by_name, 1);
    ck_assert_ptr_null(container_lookup(&made, id)); /* the other one is no better than none */
    ck_assert_ptr_null(container_lookup(&made, name));
    end();
}
END_TEST

START_TEST(images_of_one_hash_are_told_apart)
{
    begin();
    ck_assert_int_eq(0, engine_reserve(&made, NULL));
    image_remember(&made, "one");
    image_remember(&made, "two");
    struct map_node *one = map_find(&made.images, hash_of("one")), *two = map_find(&made.images, hash_of("two"));
    move(&made.images, two, hash_of("one"));
    ck_assert(image_pulled(&made, "one") && !image_pulled(&made, "two"));
    move(&made.images, one, hash_of("two"));
    ck_assert(!image_pulled(&made, "one") && !image_pulled(&made, "two"));
    end();
}
END_TEST

START_TEST(definitions_of_one_hash_are_shared_by_content_alone)
{
    begin();
    struct task *one = made_task(ONE("t1", "")), *longer = made_task(ONE("t2", ",'command':['x']")), *other = made_task(ONE("t3", ""));
    longer->definition->hash = other->definition->hash = one->definition->hash;
    ck_assert_uint_eq(one->definition->content_len, other->definition->content_len);
    made_add_task(one);
    made_add_task(longer);
    made_add_task(other);
    ck_assert_ptr_ne(one->definition, longer->definition);
    ck_assert_ptr_ne(one->definition, other->definition);
    ck_assert_uint_eq(1, one->definition->tasks);
    ck_assert_uint_eq(1, other->definition->tasks);
    struct task *same = made_task("{'taskArn':'" ARN_HEAD "t4','family':'f','containerDefinitions':[{'name':'a','image':'img-t1','memory':4}]}");
    made_add_task(same);
    ck_assert_ptr_eq(one->definition, same->definition);
    ck_assert_uint_eq(2, one->definition->tasks);
    end();
}
END_TEST

START_TEST(needs_of_one_hash_are_shared_by_content_alone)
{
    begin();
    struct task *one = made_task(ONE("t1", "")), *other = made_task(ONE("t2", ",'cpu':7"));
    other->definition->need->hash = one->definition->need->hash;
    made_add_task(one);
    made_add_task(other);
    ck_assert_ptr_ne(one->definition->need, other->definition->need);
    ck_assert_uint_eq(1, one->definition->need->users);
    ck_assert_uint_eq(1, other->definition->need->users);
    end();
}
END_TEST

START_TEST(credentials_of_one_hash_are_told_apart)
{
    static struct credentials one, two;
    struct str *ids[2] = {str_new(&made_root.mem, "one", 3), str_new(&made_root.mem, "two", 3)};

    begin();
    one.id = ids[0];
    two.id = ids[1];
    ck_assert_int_eq(0, credentials_make_room(&made));
    map_insert(&made.credentials, &one.by_id, hash_of("one"));
    map_insert(&made.credentials, &two.by_id, hash_of("one"));
    ck_assert_ptr_eq(&one, credentials_find(&made, ids[0]));
    ck_assert_ptr_null(credentials_find(&made, ids[1]));
    ck_assert_ptr_null(credentials_find(&made, NULL));
    map_remove(&made.credentials, &one.by_id);
    ck_assert_ptr_null(credentials_find(&made, ids[0]));
    map_remove(&made.credentials, &two.by_id);
    str_unref(ids[0]);
    str_unref(ids[1]);
    end();
}
END_TEST

START_TEST(events_of_one_hash_are_acknowledged_by_their_id)
{
    /* The hash of an id is its product with a constant, without 16 bits; this is the other id of the same one. */
    const uint64_t constant = UINT64_C(0x9e3779b97f4a7c15);
    uint64_t inverse = 1;

    for (int i = 0; i < 6; i++)
        inverse *= 2 - constant * inverse;
    ck_assert_uint_eq(1, constant * inverse);
    begin();
    made_set("image-manifest-resolution", "false");
    made.next_event = 0x10000 - 3;
    struct task *task = made_add(ONE("t1", ""));
    made_settle();
    ck_assert(!list_empty(&task->open_events));
    uint64_t id = events_pending(task, ECSENGINE_EVENT_TASK, ECSENGINE_TASK_RUNNING);
    ck_assert_uint_ne(0, id);
    bool below = (id * constant & 0xffff) == 0xffff; /* the neighbour with the same upper bits */
    events_acknowledge(&made, id + (below ? -inverse : inverse));
    ck_assert_int_lt(task->sent, ECSENGINE_TASK_RUNNING);
    events_acknowledge(&made, id);
    ck_assert_int_eq(ECSENGINE_TASK_RUNNING, task->sent);
    end();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, made_start, NULL);
    tcase_add_test(tcase, containers_of_one_hash_are_told_apart_by_id_and_by_name);
    tcase_add_test(tcase, images_of_one_hash_are_told_apart);
    tcase_add_test(tcase, definitions_of_one_hash_are_shared_by_content_alone);
    tcase_add_test(tcase, needs_of_one_hash_are_shared_by_content_alone);
    tcase_add_test(tcase, credentials_of_one_hash_are_told_apart);
    tcase_add_test(tcase, events_of_one_hash_are_acknowledged_by_their_id);
}

int main(void) { return made_run("collisions", fill); }
