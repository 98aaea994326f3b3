/* SPDX-License-Identifier: Apache-2.0 */
/* Who is admitted when (task-engine: sections 3.2 and 6.5), with both policies; the last tests hold random queues against a model that
 * knows nothing of trees and classes. */
#include "made.h"

#include <stdlib.h>

#include "base/prng.h"
#include "engine/accounting.h"
#include "engine/admission.h"
#include "engine/host.h"
#include "engine/queue.h"

static void begin(const char *policy)
{
    made_set("image-manifest-resolution", "false");
    made_set("host-cpu", "1000");
    made_set("host-memory", "1000");
    made_set("admission-policy", policy);
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

/* A task with one container; `more` are members of it, beginning with a comma, or "". */
static struct task *add_with(const char *name, int cpu, int memory, const char *more)
{
    char document[1024];

    snprintf(document, sizeof(document),
             "{'taskArn':'" ARN_HEAD "%s','family':'f','containerDefinitions':[{'name':'a','image':'x','cpu':%d,'memory':%d%s}]}", name,
             cpu, memory, more);
    return made_add(document);
}

static struct task *add(const char *name, int cpu, int memory) { return add_with(name, cpu, memory, ""); }

static struct task *add_port(const char *name, int cpu, const char *port)
{
    char more[128];

    snprintf(more, sizeof(more), ",'portMappings':[{'containerPort':80,'hostPort':%s}]", port);
    return add_with(name, cpu, 4, more);
}

static struct task *add_gpus(const char *name, const char *count)
{
    char more[128];

    snprintf(more, sizeof(more), ",'resourceRequirements':[{'type':'GPU','value':'%s'}]", count);
    return add_with(name, 1, 4, more);
}

static void finish(struct task *task)
{
    made_stop(task);
    made_settle();
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, task->known);
    made_check();
}

static void set(const char *key, const char *value)
{
    struct settings values;

    settings_init(&values);
    ck_assert_int_eq(0, setting_set(&values, host_setting(key), value, NULL));
    host_set(&made, host_setting(key), &values);
    ck_assert_int_eq(0, engine_advance(&made));
    made_check();
}

static struct waiting_place place_of(const struct task *task)
{
    struct waiting_place place;

    ck_assert(admission_place(&made, task, &place));
    return place;
}

/* ---- fifo ---- */

START_TEST(nobody_overtakes_in_fifo)
{
    begin("fifo");
    struct task *first = add("t1", 600, 10), *large = add("t2", 600, 10), *small = add("t3", 100, 10);
    ck_assert(first->admitted && !large->admitted && !small->admitted);
    ck_assert_uint_eq(1, place_of(large).place);
    ck_assert_uint_eq(2, place_of(small).place);
    ck_assert_uint_eq(2, place_of(small).total);
    ck_assert_ptr_eq(large, place_of(small).barrier);
    ck_assert_ptr_null(place_of(large).barrier);
    finish(first);
    ck_assert(large->admitted && small->admitted);
    end();
}
END_TEST

START_TEST(a_head_that_is_too_large_for_the_host_keeps_others_out_in_fifo_and_not_in_backfill)
{
    static const char *const policies[] = {"fifo", "backfill"};

    begin(policies[_i]);
    struct task *huge = add("t1", 1001, 10), *small = add("t2", 1, 1);
    struct lack lacks[LACKS_MAX];
    ck_assert(!huge->admitted && small->admitted == (_i == 1));
    ck_assert_uint_eq(1, accounting_all_lacks(&made, huge, lacks));
    ck_assert(lacks[0].kind == LACK_CPU && lacks[0].never);
    made_stop(huge);
    ck_assert(small->admitted);
    end();
}
END_TEST

START_TEST(stop_before_capacity_never_consumes)
{
    begin("fifo");
    struct task *first = add("t1", 1000, 10), *waiting = add("t2", 1000, 10);
    made_stop(waiting);
    ck_assert(!waiting_has(&waiting->waiting) && !waiting->charged);
    made_settle();
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, waiting->known);
    ck_assert_int_eq(1000, made.host.cpu_used);
    finish(first);
    ck_assert_int_eq(0, made.host.cpu_used);
    end();
}
END_TEST

START_TEST(a_task_of_fargate_waits_for_nothing_and_takes_nothing)
{
    begin("fifo");
    struct task *first = add("t1", 1000, 10);
    struct task *exempt = made_add("{'arn':'" ARN_HEAD "t2','family':'f','version':'1','launchType':'fargate','containers':["
                                   "{'name':'a','image':'x','essential':true,'cpu':5000,'memory':5000}]}");
    ck_assert(exempt->admitted && !exempt->charged);
    ck_assert_int_eq(1000, made.host.cpu_used);
    made_settle();
    ck_assert_int_eq(ECSENGINE_TASK_RUNNING, exempt->known);
    finish(exempt);
    finish(first);
    end();
}
END_TEST

/* ---- backfill ---- */

START_TEST(a_task_that_fits_overtakes_in_backfill)
{
    begin("backfill");
    struct task *first = add("t1", 600, 10), *large = add("t2", 600, 10), *small = add("t3", 100, 10);
    ck_assert(!large->admitted && small->admitted);
    ck_assert_uint_eq(1, place_of(large).overtaken);
    ck_assert_ptr_null(place_of(large).barrier);
    finish(first);
    ck_assert(large->admitted);
    end();
}
END_TEST

START_TEST(a_large_task_starts_after_at_most_n_overtakings)
{
    char name[16];
    struct task *smalls[10];

    made_set("backfill-overtake-limit", "3");
    begin("backfill");
    struct task *first = add("t1", 600, 10), *large = add("large", 600, 10);
    for (int i = 0; i < 6; i++) {
        snprintf(name, sizeof(name), "s%d", i);
        smalls[i] = add(name, 10, 1);
        ck_assert_int_eq(i < 3, smalls[i]->admitted);
    }
    ck_assert_uint_eq(3, place_of(large).overtaken);
    ck_assert_ptr_eq(large, place_of(smalls[5]).barrier); /* what fits waits behind it */
    finish(smalls[0]);
    ck_assert(!smalls[3]->admitted);
    finish(first);
    ck_assert(large->admitted && smalls[5]->admitted);
    end();
}
END_TEST

START_TEST(one_that_the_host_never_could_have_is_no_barrier)
{
    char name[16];

    made_set("backfill-overtake-limit", "1");
    begin("backfill");
    struct task *huge = add("huge", 1001, 1);
    for (int i = 0; i < 5; i++) {
        snprintf(name, sizeof(name), "s%d", i);
        ck_assert(add(name, 1, 1)->admitted);
    }
    ck_assert_uint_eq(5, place_of(huge).overtaken);
    set("host-cpu", "1001"); /* now it could: it is the next */
    ck_assert(!add("s9", 1, 1)->admitted);
    set("host-cpu", "1006");
    ck_assert(huge->admitted);
    end();
}
END_TEST

START_TEST(who_waits_for_a_port_comes_back_when_it_is_given_back)
{
    begin("backfill");
    struct task *holder = add_port("t1", 1, "8080"), *next = add_port("t2", 1, "8080"), *other = add_port("t3", 2, "8080");
    struct task *free_port = add_port("t4", 1, "8081");
    struct lack lacks[LACKS_MAX];
    ck_assert(!next->admitted && !other->admitted && free_port->admitted);
    ck_assert_uint_eq(1, accounting_all_lacks(&made, next, lacks));
    ck_assert(lacks[0].kind == LACK_PORT && lacks[0].port == 8080 && lacks[0].holder == holder && !lacks[0].never);
    finish(holder);
    ck_assert(next->admitted && !other->admitted);
    finish(next);
    ck_assert(other->admitted);
    end();
}
END_TEST

/* ---- GPUs ---- */

START_TEST(gpus_are_given_out_once_and_chosen_in_order)
{
    made_set("enable-gpu-support", "true");
    made_set("host-gpus", "g0,g1,g2");
    begin("fifo");
    struct task *two = add_gpus("t1", "2"), *also_two = add_gpus("t2", "2");
    ck_assert(two->admitted && !also_two->admitted);
    ck_assert_str_eq("g0", accounting_gpu_of(two, 0, 0));
    ck_assert_str_eq("g1", accounting_gpu_of(two, 0, 1));
    ck_assert_ptr_null(accounting_gpu_of(two, 0, 2));
    finish(two);
    ck_assert_str_eq("g0", accounting_gpu_of(also_two, 0, 0));
    finish(also_two);
    ck_assert_uint_eq(0, made.host.gpus_used);
    end();
}
END_TEST

START_TEST(who_lacks_a_gpu_is_overtaken_in_backfill_and_comes_back_when_it_is_given_back)
{
    made_set("enable-gpu-support", "true");
    made_set("host-gpus", "g0,g1");
    begin("backfill");
    struct task *one = add_gpus("t1", "1"), *two = add_gpus("t2", "2"), *same = add_gpus("t3", "2"), *other = add("t4", 1, 4);
    ck_assert(one->admitted && !two->admitted && !same->admitted && other->admitted);
    ck_assert_uint_eq(CLASS_GPU, two->definition->need->state);
    finish(one);
    ck_assert(two->admitted && !same->admitted);
    finish(two);
    ck_assert(same->admitted);
    end();
}
END_TEST

START_TEST(who_needs_all_of_the_host_may_have_it_when_the_others_have_ended)
{
    struct lack lacks[LACKS_MAX];

    begin("backfill");
    struct task *small = add("t1", 1, 4), *all = add("t2", 1000, 1000);
    ck_assert(small->admitted && !all->admitted);
    ck_assert_uint_eq(CLASS_OPEN, all->definition->need->state);
    ck_assert_uint_eq(2, accounting_all_lacks(&made, all, lacks));
    ck_assert(!lacks[0].never && !lacks[1].never);
    struct task *more = add("t3", 1001, 1001);
    ck_assert_uint_eq(CLASS_IMPOSSIBLE, more->definition->need->state);
    ck_assert_uint_eq(2, accounting_all_lacks(&made, more, lacks));
    ck_assert(lacks[0].never && lacks[1].never);
    finish(small);
    ck_assert(all->admitted);
    end();
}
END_TEST

START_TEST(who_needs_none_of_what_is_used_up_is_admitted)
{
    begin("backfill");
    struct task *all = add("t1", 1000, 10), *more = add("t2", 1, 10), *none = add("t3", 0, 10);
    ck_assert(all->admitted && !more->admitted && none->admitted);
    set("host-cpu", "999"); /* less than is given out */
    ck_assert(!add("t4", 0, 20)->admitted);
    end();
}
END_TEST

START_TEST(who_comes_back_to_the_queue_stands_where_its_number_says)
{
    begin("fifo");
    struct task *all = add("t1", 1000, 10), *first = add("t2", 2, 10), *second = add("t3", 2, 10);
    queue_remove(&made, first);
    ck_assert_ptr_eq(second, queue_first(&made));
    queue_add(&made, first); /* as after a restart: the same class, an earlier number */
    made_check();
    ck_assert_ptr_eq(first, queue_first(&made));
    ck_assert_uint_eq(2, place_of(second).place);
    finish(all);
    ck_assert(first->admitted && second->admitted);
    end();
}
END_TEST

static struct task *add_named(const char *name, const char *gpu)
{
    char document[1024];

    snprintf(document, sizeof(document),
             "{'arn':'" ARN_HEAD "%s','family':'f','version':'1','desiredStatus':'RUNNING','associations':[{'name':'%s','type':'gpu',"
             "'containers':['a']}],'containers':[{'name':'a','image':'x','essential':true,'memory':4}]}",
             name, gpu);
    return made_add(document);
}

START_TEST(a_gpu_that_is_named_is_waited_for)
{
    made_set("enable-gpu-support", "true");
    made_set("host-gpus", "g0,g1");
    begin("fifo");
    struct task *one = add_named("t1", "g1"), *same = add_named("t2", "g1");
    struct lack lacks[LACKS_MAX];
    ck_assert(one->admitted && !same->admitted);
    ck_assert_uint_eq(1, accounting_all_lacks(&made, same, lacks));
    ck_assert(lacks[0].kind == LACK_GPU && lacks[0].holder == one);
    ck_assert_str_eq("g1", lacks[0].gpu);
    finish(one);
    ck_assert(same->admitted);
    end();
}
END_TEST

START_TEST(a_gpu_that_the_host_has_not_stops_the_task_with_the_reason)
{
    made_set("enable-gpu-support", "true");
    made_set("host-gpus", "g0");
    begin("fifo");
    struct task *first = add("t1", 1000, 4); /* the queue is not empty: it need not come to its head */
    struct task *second = add("t2", 1000, 4), *wrong = add_named("t3", "g7");
    made_settle();
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, wrong->known);
    ck_assert_str_eq("task gpu g7 not found in host gpus", str_text(wrong->reason));
    ck_assert(first->admitted && !second->admitted);
    ck_assert_ptr_null(wrong->containers[0].runtime_id);
    end();
}
END_TEST

START_TEST(a_gpu_that_is_taken_away_stops_those_who_wait_for_it)
{
    made_set("enable-gpu-support", "true");
    made_set("host-gpus", "g0,g1");
    begin("fifo");
    struct task *running = add_named("t1", "g1"), *waiting = add_named("t2", "g1");
    set("host-gpus", "g0");
    made_settle();
    ck_assert_int_eq(ECSENGINE_TASK_RUNNING, running->known); /* nobody who runs is stopped */
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, waiting->known);
    finish(running);
    end();
}
END_TEST

/* ---- changes ---- */

START_TEST(a_smaller_host_stops_nobody_and_admits_nobody_until_it_fits)
{
    begin("fifo");
    struct task *one = add("t1", 400, 10), *two = add("t2", 400, 10);
    set("host-cpu", "500");
    struct task *next = add("t3", 100, 10);
    made_settle();
    ck_assert(one->known == ECSENGINE_TASK_RUNNING && two->known == ECSENGINE_TASK_RUNNING && !next->admitted);
    ck_assert_int_eq(-300, accounting_free_cpu(&made.host));
    finish(one);
    ck_assert(next->admitted);
    end();
}
END_TEST

START_TEST(a_larger_host_admits_at_once)
{
    begin("fifo");
    add("t1", 1000, 10);
    struct task *next = add("t2", 1000, 10);
    set("host-cpu", "2000");
    ck_assert(next->admitted);
    end();
}
END_TEST

START_TEST(another_policy_counts_at_once)
{
    begin("fifo");
    add("t1", 600, 10);
    struct task *large = add("t2", 600, 10), *small = add("t3", 100, 10);
    set("admission-policy", "backfill");
    ck_assert(!large->admitted && small->admitted);
    set("admission-policy", "fifo");
    ck_assert(!add("t4", 1, 1)->admitted);
    end();
}
END_TEST

START_TEST(a_port_that_is_no_longer_reserved_is_given_out)
{
    begin("fifo");
    struct task *task = add_port("t1", 1, "22");
    struct lack lacks[LACKS_MAX];
    ck_assert(!task->admitted);
    ck_assert_uint_eq(1, accounting_all_lacks(&made, task, lacks));
    ck_assert(lacks[0].never && lacks[0].holder == NULL);
    set("reserved-ports", "[23]");
    ck_assert(task->admitted);
    set("reserved-ports", "[22]"); /* it keeps what it has */
    ck_assert(task->charged);
    finish(task);
    ck_assert(!add_port("t2", 1, "22")->admitted);
    end();
}
END_TEST

/* ---- a model ---- */

enum { TASKS_MAX = 260, GONE = 2 };

struct modelled {
    int cpu, memory, port; /* 0: none */
    int state;             /* 0: waits, 1: runs, GONE */
    int overtaken;
    struct task *task;
};

static struct modelled model[TASKS_MAX];
static int model_count, model_cpu, model_limit;
static uint64_t model_draw;

static int draw(int below) { return (int)prng_below(prng_draw(17, "model", 5, 0, model_draw++), (uint64_t)below); }

static bool model_fits(const struct modelled *one)
{
    int cpu = one->cpu, memory = one->memory;

    for (int i = 0; i < model_count; i++) {
        if (model[i].state != 1)
            continue;
        cpu += model[i].cpu;
        memory += model[i].memory;
        if (one->port != 0 && model[i].port == one->port)
            return false;
    }
    return cpu <= model_cpu && memory <= 1000;
}

/* The one that goes in now by the policy, or NULL; scans all. */
static struct modelled *model_next(bool backfill)
{
    bool barrier_seen = false;

    for (int i = 0; i < model_count; i++) {
        struct modelled *one = &model[i];
        if (one->state != 0)
            continue;
        if (model_fits(one))
            return one;
        bool possible = one->cpu <= model_cpu && one->memory <= 1000;
        barrier_seen = barrier_seen || !backfill || (possible && one->overtaken >= model_limit);
        if (barrier_seen)
            return NULL;
    }
    return NULL;
}

static void model_settle(bool backfill)
{
    struct modelled *next;

    while ((next = model_next(backfill)) != NULL) {
        next->state = 1;
        for (struct modelled *before = model; before < next; before++)
            before->overtaken += before->state == 0;
    }
}

static void model_compare(void)
{
    size_t place = 0;

    for (int i = 0; i < model_count; i++) {
        struct modelled *one = &model[i];
        if (one->state == GONE)
            continue;
        ck_assert_msg(one->task->charged == (one->state == 1), "task %d: the engine %s it", i, one->task->charged ? "admitted" : "holds");
        if (one->state != 0)
            continue;
        ck_assert_uint_eq(++place, place_of(one->task).place);
        ck_assert_uint_eq((unsigned)one->overtaken, place_of(one->task).overtaken);
    }
    ck_assert_uint_eq(place, queue_length(&made));
}

static void model_add(void)
{
    struct modelled *one = &model[model_count];
    char name[16], port[16];

    *one = (struct modelled){.cpu = draw(8) == 0 ? 300 + draw(900) : 1 + draw(150), .memory = 4 + draw(draw(6) == 0 ? 900 : 100)};
    if (draw(3) == 0)
        one->cpu = 100, one->memory = 50; /* of one need with others */
    if (draw(4) == 0)
        one->port = 8000 + draw(4);
    snprintf(name, sizeof(name), "m%d", model_count++);
    snprintf(port, sizeof(port), "%d", one->port);
    char more[128] = "";
    if (one->port != 0)
        snprintf(more, sizeof(more), ",'portMappings':[{'containerPort':80,'hostPort':%s}]", port);
    one->task = add_with(name, one->cpu, one->memory, more);
}

static void model_stop(void)
{
    struct modelled *one = &model[draw(model_count)];

    if (one->state == GONE)
        return;
    one->state = GONE;
    made_stop(one->task);
}

static void model_resize(void)
{
    char value[16];

    model_cpu = 500 + draw(1000);
    snprintf(value, sizeof(value), "%d", model_cpu);
    set("host-cpu", value);
}

/* _i: the policy by its lowest bit, then a seed. */
START_TEST(random_queues_come_out_as_in_the_model)
{
    bool backfill = (_i & 1) != 0;
    char limit[16];

    model_count = 0;
    model_cpu = 1000;
    model_draw = (uint64_t)_i << 32;
    model_limit = 1 + draw(6);
    snprintf(limit, sizeof(limit), "%d", model_limit);
    made_set("backfill-overtake-limit", limit);
    begin(backfill ? "backfill" : "fifo");
    for (int step = 0; step < 400 && model_count < TASKS_MAX; step++) {
        int deed = draw(20);
        if (deed < 10 || model_count == 0)
            model_add();
        else if (deed < 19)
            model_stop();
        else
            model_resize();
        model_settle(backfill);
        made_settle();
        model_compare();
        made_check();
    }
    end();
}
END_TEST

/* The bound itself: whatever comes, and however often, who could run is overtaken no more than that. */
START_TEST(nobody_is_overtaken_more_often_than_the_limit)
{
    model_count = 0;
    model_cpu = 1000;
    model_draw = UINT64_C(1) << 50 | (uint64_t)_i << 32;
    model_limit = 4;
    made_set("backfill-overtake-limit", "4");
    begin("backfill");
    for (int step = 0; step < 500 && model_count < TASKS_MAX; step++) {
        if (draw(2) == 0 || model_count == 0)
            model_add();
        else
            model_stop();
        model_settle(true);
        made_settle();
        for (int i = 0; i < model_count; i++)
            if (model[i].state == 0 && model[i].cpu <= 1000)
                ck_assert_uint_le(place_of(model[i].task).overtaken, 4);
    }
    end();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, made_start, NULL);
    tcase_add_test(tcase, nobody_overtakes_in_fifo);
    tcase_add_loop_test(tcase, a_head_that_is_too_large_for_the_host_keeps_others_out_in_fifo_and_not_in_backfill, 0, 2);
    tcase_add_test(tcase, stop_before_capacity_never_consumes);
    tcase_add_test(tcase, a_task_of_fargate_waits_for_nothing_and_takes_nothing);
    tcase_add_test(tcase, a_task_that_fits_overtakes_in_backfill);
    tcase_add_test(tcase, a_large_task_starts_after_at_most_n_overtakings);
    tcase_add_test(tcase, one_that_the_host_never_could_have_is_no_barrier);
    tcase_add_test(tcase, who_waits_for_a_port_comes_back_when_it_is_given_back);
    tcase_add_test(tcase, gpus_are_given_out_once_and_chosen_in_order);
    tcase_add_test(tcase, who_lacks_a_gpu_is_overtaken_in_backfill_and_comes_back_when_it_is_given_back);
    tcase_add_test(tcase, who_needs_all_of_the_host_may_have_it_when_the_others_have_ended);
    tcase_add_test(tcase, who_needs_none_of_what_is_used_up_is_admitted);
    tcase_add_test(tcase, who_comes_back_to_the_queue_stands_where_its_number_says);
    tcase_add_test(tcase, a_gpu_that_is_named_is_waited_for);
    tcase_add_test(tcase, a_gpu_that_the_host_has_not_stops_the_task_with_the_reason);
    tcase_add_test(tcase, a_gpu_that_is_taken_away_stops_those_who_wait_for_it);
    tcase_add_test(tcase, a_smaller_host_stops_nobody_and_admits_nobody_until_it_fits);
    tcase_add_test(tcase, a_larger_host_admits_at_once);
    tcase_add_test(tcase, another_policy_counts_at_once);
    tcase_add_test(tcase, a_port_that_is_no_longer_reserved_is_given_out);
    tcase_add_loop_test(tcase, random_queues_come_out_as_in_the_model, 0, 24);
    tcase_add_loop_test(tcase, nobody_is_overtaken_more_often_than_the_limit, 0, 6);
}

int main(void) { return made_run("admission", fill); }
