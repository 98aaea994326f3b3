/* SPDX-License-Identifier: Apache-2.0 */
/* The check of the books (engine/check.c) sees each thing that can be wrong with them: each is made wrong alone, is reported in words, and
 * put right again. Without these a check that holds whatever happens would look like one that is kept. */
#include "made.h"

#include <string.h>

#include "engine/accounting.h"
#include "engine/admission.h"
#include "engine/queue.h"

static void begin(const char *policy)
{
    made_set("image-manifest-resolution", "false");
    made_set("host-cpu", "1000");
    made_set("host-memory", "1000");
    made_set("admission-policy", policy);
    made_set("enable-gpu-support", "true");
    made_set("host-gpus", "[\"g1\",\"g2\"]");
    made_open();
    made_settle();
}

static void end(void)
{
    struct list *node;

    made_check();
    while ((node = list_shift(&made.events_out)) != NULL)
        ecsengine_event_free(container_of(node, struct ecsengine_event, link));
    made_close();
}

static struct task *add(const char *name, int cpu, const char *more)
{
    char document[1024];

    snprintf(document, sizeof(document),
             "{'taskArn':'" ARN_HEAD "%s','family':'f','containerDefinitions':[{'name':'a','image':'x','cpu':%d,'memory':10%s}]}", name,
             cpu, more);
    return made_add(document);
}

/* The check says no, and this. */
static void ck_wrong(const char *part)
{
    char text[CHECK_TEXT_MAX];

    ck_assert_msg(!engine_check(&made, text), "not seen: %s", part);
    if (strstr(text, part) == NULL)
        ck_abort_msg("%s\nis not: %s", text, part);
}

/* Made wrong, it is reported; put right, the books balance as before. */
#define WRONG(part, place, value)                     \
    do {                                              \
        __typeof__(place) right_ = (place);           \
        (place) = (__typeof__(place))(value);         \
        ck_wrong(part);                               \
        (place) = right_;                             \
        made_check();                                 \
    } while (0)

START_TEST(sums_that_are_not_those_of_the_tasks_are_seen)
{
    begin("fifo");
    struct task *task = add("t1", 100, "");
    WRONG("1 tasks have 100 CPU units and 10 MiB; the host has given out 99 and 10 to 1", made.host.cpu_used, 99);
    WRONG("the host has given out 100 and 11 to 1", made.host.memory_used, 11);
    WRONG("the host has given out 100 and 10 to 2", made.host.charged, 2);
    WRONG("1 tasks have 101 CPU units and 10 MiB", task->charged_cpu_units, 101);
    WRONG("t1 has something uncharged", task->charged, false);
    int64_t cpu_units = task->charged_cpu_units, memory_mib = task->charged_memory_mib;
    task->charged = false;
    task->charged_cpu_units = 0; /* memory alone */
    ck_wrong("t1 has something uncharged");
    task->charged_memory_mib = 0;
    ck_wrong("0 tasks have 0 CPU units and 0 MiB; the host has given out 100 and 10 to 1");
    task->charged = true;
    task->charged_cpu_units = cpu_units;
    task->charged_memory_mib = memory_mib;
    end();
}
END_TEST

START_TEST(what_a_task_keeps_beyond_its_end_is_seen)
{
    begin("fifo");
    struct task *task = add("t1", 100, ",'portMappings':[{'containerPort':80,'hostPort':8080}]");
    WRONG("t1 has ended and is still charged", task->known, ECSENGINE_TASK_STOPPED);
    WRONG("t1 has ended and is still charged", task->phase, TASK_CLEANING);
    int64_t cpu_units = task->charged_cpu_units, memory_mib = task->charged_memory_mib;
    made.host.cpu_used = made.host.memory_used = 0;
    made.host.charged = 0;
    task->charged = false;
    task->charged_cpu_units = task->charged_memory_mib = 0;
    task->known = ECSENGINE_TASK_STOPPED; /* all is given back but the port */
    ck_wrong("t1 has ended and still has ports");
    task->known = ECSENGINE_TASK_NONE;
    task->charged = true;
    task->charged_cpu_units = made.host.cpu_used = cpu_units;
    task->charged_memory_mib = made.host.memory_used = memory_mib;
    made.host.charged = 1;
    end();
}
END_TEST

START_TEST(ports_that_are_not_those_of_the_tasks_are_seen)
{
    begin("fifo");
    struct task *task = add("t1", 100, ",'portMappings':[{'containerPort':80,'hostPort':8080}]");
    struct task *other = add("t2", 100, "");
    struct port_charge *charge = container_of(task->charged_ports.next, struct port_charge, link);
    WRONG("the host's taken ports are not those of the tasks", made.host.ports[PROTOCOL_TCP][0], ~made.host.ports[PROTOCOL_TCP][0]);
    WRONG("the host's taken ports are not those of the tasks", made.host.ports[PROTOCOL_UDP][8080 / 64], UINT64_C(1) << 8080 % 64);
    WRONG("t1: port 8080 is not found again", charge->task, other);
    WRONG("t1: port 8081 is not found again", charge->port, 8081);
    WRONG("tasks have 1 ports, the host knows of 2", made.port_holders.count, 2);
    end();
}
END_TEST

START_TEST(a_port_that_a_running_container_was_bound_to_and_nobody_noted_is_seen)
{
    begin("fifo");
    struct task *task = add("t1", 100, ",'portMappings':[{'containerPort':80}]");
    struct container *container = &task->containers[0];
    struct ecsengine_result *result = made_result();
    ck_assert_int_eq(0, ecsengine_result_add_port(result, 80, 32768, "tcp", "0.0.0.0"));
    ck_assert_int_eq(0, ecsengine_result_add_port(result, 81, 0, "tcp", "0.0.0.0")); /* exposed, not bound */
    container->ports = ports_ref(result->ports);
    ck_wrong("t1: port 32768 of a is bound and not noted");
    accounting_note_ports(&made, container);
    made_check();
    ecsengine_result_free(result);
    end();
}
END_TEST

START_TEST(of_so_many_ports_that_not_all_are_noted_none_is_looked_for)
{
    begin("fifo");
    struct container *container = &add("t1", 100, ",'portMappings':[{'containerPort':80}]")->containers[0];
    struct ecsengine_result *result = made_result();
    for (int i = 0; i < LIMIT_SEEN_PORTS; i++)
        ck_assert_int_eq(0, ecsengine_result_add_port(result, 80, 32768 + i, "tcp", "0.0.0.0"));
    container->ports = ports_ref(result->ports);
    ck_wrong("t1: port 32768 of a is bound and not noted"); /* just as many as are */
    ck_assert_int_eq(0, ecsengine_result_add_port(result, 80, 40000, "tcp", "0.0.0.0"));
    made_check();
    ecsengine_result_free(result);
    end();
}
END_TEST

START_TEST(gpus_that_are_not_those_of_the_tasks_are_seen)
{
    begin("fifo");
    struct task *task = add("t1", 100, ",'resourceRequirements':[{'type':'GPU','value':'1'}]"), *other = add("t2", 100, "");
    struct gpu_charge *charge = container_of(task->charged_gpus.next, struct gpu_charge, link);
    struct list stray;
    WRONG("the host's taken GPUs are not those of the tasks", made.host.gpus_used, 0);
    WRONG("the host's taken GPUs are not those of the tasks", made.host.gpus_used, 2);
    WRONG("t1: GPU g1 is nobody's", charge->task, other);
    list_append(&made.gpu_holders, &stray); /* one too many */
    ck_wrong("the host's taken GPUs are not those of the tasks");
    list_remove(&stray);
    list_remove(&charge->held);
    ck_wrong("t1: GPU g1 is nobody's");
    list_append(&made.gpu_holders, &charge->held);
    end();
}
END_TEST

/* One that runs on all of the host, and three that wait; the last two need the same. */
struct waiters {
    struct task *first, *one, *two, *three;
};

static struct waiters waiters(void)
{
    struct waiters out = {.first = add("t0", 1000, "")};

    out.one = add("t1", 500, "");
    out.two = add("t2", 600, "");
    out.three = add("t3", 600, "");
    ck_assert_uint_eq(3, queue_length(&made));
    return out;
}

START_TEST(a_queue_that_is_out_of_order_or_holds_others_than_those_who_wait_is_seen)
{
    begin("fifo");
    struct waiters tasks = waiters();
    WRONG("what its place in the queue sums up is wrong", made.queue->least_cpu, 1);
    WRONG("what its place in the queue sums up is wrong", made.queue->least_memory, 1);
    WRONG("what its place in the queue sums up is wrong", made.queue->count, 7);
    WRONG("what its place in the queue sums up is wrong", made.queue->any_possible, !made.queue->any_possible);
    WRONG("was overtaken more often than one before it", tasks.three->waiting.overtaken, 5);
    WRONG("t1 waits and need not", tasks.one->known, ECSENGINE_TASK_STOPPED);
    WRONG("t1 waits and need not", tasks.one->admitted, true);
    tasks.one->charged = true;
    made.host.charged++; /* of which the sums know */
    ck_wrong("t1 waits and need not");
    tasks.one->charged = false;
    made.host.charged--;
    end();
}
END_TEST

START_TEST(two_of_one_number_in_the_queue_are_seen)
{
    char name[8];
    struct waiting *later = NULL;

    begin("fifo");
    add("t0", 1000, "");
    for (int i = 1; i < 9; i++) {
        snprintf(name, sizeof(name), "t%d", i);
        add(name, 500, "");
    }
    /* a node that is the next one behind its parent: the two are right as parent and child */
    for (struct task *task = queue_first(&made); task != NULL && later == NULL; task = queue_next(task))
        if (task->waiting.right != NULL && task->waiting.right->left == NULL)
            later = task->waiting.right;
    ck_assert_ptr_nonnull(later);
    WRONG("is out of its order", queue_task(later)->number, queue_task(later->parent)->number);
    end();
}
END_TEST

START_TEST(one_who_waits_and_is_not_in_the_queue_is_seen)
{
    begin("fifo");
    struct waiters tasks = waiters();
    struct list stray;
    list_init(&stray);
    list_append(&stray, &tasks.first->waiting.same); /* linked, and nowhere in the tree */
    ck_wrong("4 tasks wait, the queue has 3");
    list_remove(&tasks.first->waiting.same);
    end();
}
END_TEST

START_TEST(classes_that_do_not_hold_their_waiting_tasks_in_order_are_seen)
{
    begin("backfill");
    struct waiters tasks = waiters();
    struct need *need = tasks.two->definition->need, *alone = tasks.one->definition->need;
    struct list *one = &tasks.one->waiting.same, *two = &tasks.two->waiting.same, *three = &tasks.three->waiting.same;
    list_remove(three);
    list_append(&alone->waiting, three); /* in the class of t1 */
    ck_wrong("t3 waits in the class of others");
    list_remove(three);
    queue_set_class(&made, need, CLASS_IMPOSSIBLE); /* nobody of it is shown: who comes first makes no other difference */
    list_append(two, three); /* before t2 */
    ck_wrong("t2 is out of order in its class");
    list_remove(three);
    list_append(&need->waiting, three);
    queue_set_class(&made, need, CLASS_OPEN);
    made_check();
    list_remove(one);
    ck_wrong("2 tasks wait, the queue has 3");
    list_append(&alone->waiting, one);
    list_remove(&alone->class_link);
    ck_wrong("2 tasks are in classes, 3 in the queue");
    list_append(&made.classes, &alone->class_link);
    list_append(&made.classes, &tasks.first->definition->need->class_link);
    ck_wrong("a class without waiting tasks is kept");
    list_remove(&tasks.first->definition->need->class_link);
    end();
}
END_TEST

/* The sums over the tree are made to fit, so that it is the class that is looked at. */
static void show(struct task *task, uint32_t cpu_units, uint32_t memory_mib, bool possible)
{
    task->waiting.cpu_units = task->waiting.least_cpu = cpu_units;
    task->waiting.memory_mib = task->waiting.least_memory = memory_mib;
    task->waiting.possible = task->waiting.any_possible = possible;
}

START_TEST(a_candidate_that_is_shown_as_none_or_the_other_way_is_seen)
{
    begin("fifo");
    struct task *first = add("t0", 1000, ""), *task = add("t1", 500, "");
    ck_assert(first->admitted && !task->admitted);
    show(task, WAITING_HIDDEN, 10, true);
    ck_wrong("t1 is not a candidate and should be");
    show(task, 500, WAITING_HIDDEN, true);
    ck_wrong("t1 is not a candidate and should be");
    show(task, 500, 10, false);
    ck_wrong("t1 is not a candidate and should be");
    show(task, 500, 10, true);
    made_check();
    task->definition->need->state = CLASS_IMPOSSIBLE;
    ck_wrong("t1 is  a candidate and should not be");
    show(task, WAITING_HIDDEN, 10, false);
    ck_wrong("t1 is  a candidate and should not be");
    show(task, WAITING_HIDDEN, WAITING_HIDDEN, true);
    ck_wrong("t1 is  a candidate and should not be");
    task->definition->need->state = CLASS_OPEN;
    show(task, 500, 10, true);
    end();
}
END_TEST

START_TEST(who_waits_for_a_port_that_is_free_is_seen)
{
    begin("backfill");
    struct task *first = add("t0", 100, ",'portMappings':[{'containerPort':80,'hostPort':8080}]");
    struct task *task = add("t1", 101, ",'portMappings':[{'containerPort':80,'hostPort':8080}]");
    ck_assert(first->admitted && !task->admitted);
    ck_assert_int_eq(CLASS_PORT, task->definition->need->state);
    WRONG("tasks wait for port 8081, which is free", task->definition->need->parked_at, port_key(PROTOCOL_TCP, 8081));
    WRONG("tasks wait for port 8080, which is free", task->definition->need->parked_at, port_key(PROTOCOL_UDP, 8080));
    end();
}
END_TEST

START_TEST(one_that_fits_and_waits_is_seen_where_the_policy_would_let_it_in)
{
    begin("backfill");
    add("t0", 1000, "");
    struct task *first = add("t1", 700, "");
    add("t2", 500, "");
    WRONG("t1 fits and waits", made.host.cpu_units, 1700);
    made.host.cpu_units = 1500; /* t2 would fit */
    ck_wrong("t2 fits and waits");
    made.settings.overtake_limit = 0; /* t1 is overtaken no more */
    made_check();
    made.settings.overtake_limit = 64;
    made.settings.admission_policy = POLICY_FIFO;
    made_check();
    WRONG("t1 fits and waits", made.host.cpu_units, 1700);
    engine_touch(&made, first); /* nobody is let in before what was touched is advanced */
    made.host.cpu_units = 1700;
    made_check();
    made.host.cpu_units = 1000;
    ck_assert_int_eq(0, engine_advance(&made));
    end();
}
END_TEST

START_TEST(one_that_the_host_could_never_have_bars_nobody)
{
    begin("backfill");
    add("t0", 1000, "");
    add("t1", 5000, "");
    add("t2", 500, "");
    made.settings.overtake_limit = 0;
    WRONG("t2 fits and waits", made.host.cpu_units, 1500);
    made.settings.overtake_limit = 64;
    end();
}
END_TEST

START_TEST(one_that_waits_for_a_gpu_that_the_host_has_not_is_seen)
{
    begin("fifo");
    add("t0", 1000, "");
    add("t1", 500, "");
    struct need *need = queue_first(&made)->definition->need;
    static const char *const ids[] = {"g9"};
    need->gpu_ids = ids;
    WRONG("t1 names a GPU that the host has not, and waits", need->gpu_id_count, 1);
    need->gpu_ids = NULL;
    end();
}
END_TEST

START_TEST(operations_that_are_not_those_of_the_containers_are_seen)
{
    begin("fifo");
    struct task *task = add("t1", 100, ""), *other = add("t2", 100, "");
    struct container *container = &task->containers[0];
    struct ecsengine_op *op = made_until(ECSENGINE_OP_CREATE);
    ck_assert_ptr_eq(container->op, op);
    WRONG("was answered and is open", op->answered, true);
    WRONG("t1: the operation of a is not open", op->task, other);
    WRONG("t1: a has one operation twice", container->inspect_op, op);
    list_remove(&op->open);
    ck_wrong("t1: the operation of a is not open");
    container->op = NULL;
    container->inspect_op = op;
    ck_wrong("t1: the inspection of a is not open");
    list_append(&made.open_ops, &op->open);
    made_check(); /* to the check an operation is like another */
    WRONG("t1: the inspection of a is not open", op->task, other);
    container->inspect_op = NULL;
    container->op = op;
    made_good(op);
    made_settle();
    end();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, made_start, NULL);
    tcase_add_test(tcase, sums_that_are_not_those_of_the_tasks_are_seen);
    tcase_add_test(tcase, what_a_task_keeps_beyond_its_end_is_seen);
    tcase_add_test(tcase, ports_that_are_not_those_of_the_tasks_are_seen);
    tcase_add_test(tcase, a_port_that_a_running_container_was_bound_to_and_nobody_noted_is_seen);
    tcase_add_test(tcase, gpus_that_are_not_those_of_the_tasks_are_seen);
    tcase_add_test(tcase, a_queue_that_is_out_of_order_or_holds_others_than_those_who_wait_is_seen);
    tcase_add_test(tcase, two_of_one_number_in_the_queue_are_seen);
    tcase_add_test(tcase, one_who_waits_and_is_not_in_the_queue_is_seen);
    tcase_add_test(tcase, classes_that_do_not_hold_their_waiting_tasks_in_order_are_seen);
    tcase_add_test(tcase, a_candidate_that_is_shown_as_none_or_the_other_way_is_seen);
    tcase_add_test(tcase, who_waits_for_a_port_that_is_free_is_seen);
    tcase_add_test(tcase, one_that_fits_and_waits_is_seen_where_the_policy_would_let_it_in);
    tcase_add_test(tcase, one_that_the_host_could_never_have_bars_nobody);
    tcase_add_test(tcase, one_that_waits_for_a_gpu_that_the_host_has_not_is_seen);
    tcase_add_test(tcase, operations_that_are_not_those_of_the_containers_are_seen);
    tcase_add_test(tcase, of_so_many_ports_that_not_all_are_noted_none_is_looked_for);
}

int main(void) { return made_run("check", fill); }
