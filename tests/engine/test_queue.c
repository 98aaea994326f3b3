/* SPDX-License-Identifier: Apache-2.0 */
/* The queue and the ports as such: places follow from numbers whoever comes first, and a node that is not what its children say is seen. */
#include "made.h"

#include "engine/ports.h"
#include "engine/queue.h"

enum { TASKS = 12 };

static struct task *tasks[TASKS];

static void begin(void)
{
    made_start();
    made_set("image-manifest-resolution", "false");
    made_set("host-cpu", "1000");
    made_set("host-memory", "1000");
    made_set("admission-policy", "backfill");
    made_open();
    made_settle();
}

/* A task of that number. Those of equal `cpu` are one class. */
static struct task *add(uint64_t number, int cpu)
{
    char document[512];

    snprintf(document, sizeof(document),
             "{'taskArn':'" ARN_HEAD "n%llu','family':'f','containerDefinitions':[{'name':'a','image':'x','cpu':%d,'memory':4}]}",
             (unsigned long long)number, cpu);
    made.next_number = number - 1;
    struct task *task = made_add(document);
    ck_assert_uint_eq(number, task->number);
    return task;
}

/* One that has all there is, so that the others wait. */
static void begin_full(void)
{
    begin();
    add(1000, 1000);
    made_settle();
}

START_TEST(a_place_follows_from_the_number_whoever_comes_first)
{
    static const uint64_t numbers[TASKS] = {70, 20, 60, 10, 120, 30, 90, 110, 40, 50, 100, 80};

    begin_full();
    for (int i = 0; i < TASKS; i++)
        tasks[numbers[i] / 10 - 1] = add(numbers[i], 100 + (int)(numbers[i] / 10 % 3));
    ck_assert_uint_eq(TASKS, queue_length(&made));
    const struct task *at = queue_first(&made);
    for (int i = 0; i < TASKS; i++, at = queue_next(at)) {
        ck_assert_ptr_eq(tasks[i], at);
        ck_assert_uint_eq((size_t)i + 1, queue_place(tasks[i]));
    }
    ck_assert_ptr_null(at);
    /* The first of each class is its candidate, the others are hidden. */
    for (int i = 0; i < TASKS; i++)
        ck_assert_uint_eq((i < 3 ? 100u + (unsigned)(i + 1) % 3 : WAITING_HIDDEN), tasks[i]->waiting.cpu_units);
    made_close();
}
END_TEST

START_TEST(nobody_fits_into_less_than_nothing_and_everybody_into_more_than_there_can_be)
{
    begin_full();
    tasks[0] = add(1, 100);
    ck_assert_ptr_null(queue_first_fitting(&made, -1, 1000));
    ck_assert_ptr_null(queue_first_fitting(&made, 1000, -1));
    ck_assert_ptr_null(queue_first_fitting(&made, 99, 1000));
    ck_assert_ptr_null(queue_first_fitting(&made, 1000, 3));
    ck_assert_ptr_eq(tasks[0], queue_first_fitting(&made, 100, 4));
    ck_assert_ptr_eq(tasks[0], queue_first_fitting(&made, INT64_MAX, INT64_MAX));
    made_close();
}
END_TEST

/* A document need not say how much memory. */
START_TEST(who_needs_no_memory_fits_where_there_is_none_left)
{
    begin_full();
    tasks[0] = made_add("{'arn':'" ARN_HEAD "n','family':'f','version':'1','containers':[{'name':'a','image':'x','cpu':100,'memory':0}]}");
    ck_assert_ptr_eq(tasks[0], queue_first_fitting(&made, 100, 0));
    ck_assert_ptr_null(queue_first_fitting(&made, 0, 0));
    made_close();
}
END_TEST

/* The root, which has children, and what can be wrong with it. */
static void spoil(struct waiting *node, int how)
{
    struct waiting *child = node->left != NULL ? node->left : node->right, *left = node->left;

    switch (how) {
    case 0:
        child->parent = child;
        break;
    case 1:
        node->priority = 0;
        child->priority = 1;
        break;
    case 2:
        node->left = node->right;
        node->right = left;
        break;
    case 3:
        node->count++;
        break;
    case 4:
        node->least_cpu++;
        break;
    case 5:
        node->least_memory++;
        break;
    default:
        node->any_possible = !node->any_possible;
    }
}

START_TEST(a_node_that_is_not_what_its_children_say_is_seen)
{
    begin_full();
    for (int i = 0; i < TASKS; i++)
        tasks[i] = add((uint64_t)i + 1, 100 + i);
    struct waiting *root = made.queue, *child = root->left != NULL ? root->left : root->right;
    ck_assert_ptr_nonnull(child);
    ck_assert(queue_node_right(root));
    root->priority = root->left->priority > root->right->priority ? root->left->priority : root->right->priority;
    ck_assert(queue_node_right(root)); /* of two that have the same priority either may be above */
    struct waiting root_before = *root, child_before = *child;
    spoil(root, _i);
    ck_assert(!queue_node_right(root));
    *root = root_before;
    *child = child_before;
    ck_assert(queue_node_right(root));
    made_close();
}
END_TEST

/* ---- ports ---- */

static struct port_charge *take(struct task *task, uint8_t protocol, uint16_t port)
{
    struct port_charge *charge = mem_zalloc(&made_root.mem, sizeof(*charge));

    *charge = (struct port_charge){.task = task, .port = port, .protocol = protocol, .origin = PORT_SEEN};
    ports_take(&made, charge);
    return charge;
}

START_TEST(of_two_that_have_a_port_the_elder_is_its_holder)
{
    begin();
    tasks[0] = add(2, 100);
    tasks[1] = add(1, 100);
    struct port_charge *charges[3];
    charges[0] = take(tasks[_i], PROTOCOL_TCP, 8080);
    charges[1] = take(tasks[!_i], PROTOCOL_TCP, 8080);
    charges[2] = take(tasks[0], PROTOCOL_UDP, 8080);
    ck_assert_ptr_eq(tasks[1], ports_find(&made, NULL, PROTOCOL_TCP, 8080)->task);
    ck_assert_ptr_eq(tasks[0], ports_find(&made, NULL, PROTOCOL_UDP, 8080)->task);
    ck_assert_ptr_eq(charges[_i], ports_find(&made, tasks[0], PROTOCOL_TCP, 8080));
    ck_assert_ptr_null(ports_find(&made, tasks[1], PROTOCOL_UDP, 8080));
    ck_assert_ptr_null(ports_find(&made, NULL, PROTOCOL_TCP, 8081));
    ports_give(&made, charges[0]);
    ck_assert(ports_taken(&made.host, PROTOCOL_TCP, 8080)); /* the other one still has it */
    ports_give(&made, charges[1]);
    ck_assert(!ports_taken(&made.host, PROTOCOL_TCP, 8080));
    ck_assert(ports_taken(&made.host, PROTOCOL_UDP, 8080));
    ports_give(&made, charges[2]);
    made_close();
}
END_TEST

static int by_value(const void *left, const void *right)
{
    const uint64_t *a = left, *b = right;

    return *a < *b ? -1 : *a > *b;
}

START_TEST(no_two_ports_have_one_hash)
{
    static uint64_t hashes[2 << 16];

    for (uint32_t key = 0; key < 2 << 16; key++)
        hashes[key] = port_hash(key);
    qsort(hashes, 2 << 16, sizeof(hashes[0]), by_value);
    for (uint32_t i = 1; i < 2 << 16; i++)
        ck_assert_uint_ne(hashes[i - 1], hashes[i]);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_place_follows_from_the_number_whoever_comes_first);
    tcase_add_test(tcase, nobody_fits_into_less_than_nothing_and_everybody_into_more_than_there_can_be);
    tcase_add_test(tcase, who_needs_no_memory_fits_where_there_is_none_left);
    tcase_add_loop_test(tcase, a_node_that_is_not_what_its_children_say_is_seen, 0, 7);
    tcase_add_test(tcase, no_two_ports_have_one_hash);
    tcase_add_loop_test(tcase, of_two_that_have_a_port_the_elder_is_its_holder, 0, 2);
}

int main(void) { return made_run("queue", fill); }
