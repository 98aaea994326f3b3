/* SPDX-License-Identifier: Apache-2.0 */
/* What a task needs of its host (task-engine: 6.1, 6.2), out of definitions made by hand. */
#include "../base/unit.h"

#include "ecsengine/error.h"
#include "model/definition.h"
#include "model/limits.h"
#include "model/need.h"

static struct container_def containers[2];
static struct definition definition;
static struct port_mapping ports[2];
static const char *gpus[2] = {"GPU-b", "GPU-a"};

/* Two containers, the first with two ports and two GPUs by name. */
static void begin(void)
{
    memset(containers, 0, sizeof(containers));
    memset(&definition, 0, sizeof(definition));
    definition.network_mode = "bridge";
    definition.launch_type = "EC2";
    definition.containers = containers;
    definition.container_count = 2;
    ports[0] = (struct port_mapping){.container_port = 80, .host_port = 8080, .count = 1};
    ports[1] = (struct port_mapping){.container_port = 53, .host_port = 53, .protocol = PROTOCOL_UDP, .count = 3};
    containers[0] = (struct container_def){.name = "web", .cpu_units = 100, .memory_mib = 64, .port_count = 2, .ports = ports,
                                           .gpu_id_count = 2, .gpu_ids = gpus};
    containers[1] = (struct container_def){.name = "db", .cpu_units = 28, .memory_mib = 99, .memory_reservation_bytes = 36 << 20,
                                           .gpu_count = 1};
}

static struct need *made(void)
{
    struct need *need = NULL;

    ck_assert_int_eq(0, need_new(&unit_mem, &definition, &need));
    return need;
}

START_TEST(containers_add_up_and_a_soft_limit_goes_before_a_hard_one)
{
    begin();
    struct need *need = made();
    ck_assert_uint_eq(128, need->cpu_units);
    ck_assert_uint_eq(100, need->memory_mib);
    ck_assert_uint_eq(1, need->gpu_count);
    ck_assert_uint_eq(2, need->gpu_id_count);
    ck_assert_str_eq("GPU-a", need->gpu_ids[0]); /* sorted */
    ck_assert_uint_eq(4, need->port_count);
    ck_assert(need->ports[0].port == 8080 && need->ports[0].protocol == PROTOCOL_TCP);
    ck_assert(need->ports[3].port == 55 && need->ports[3].protocol == PROTOCOL_UDP);
    ck_assert(!need->exempt);
    need_unref(need);
    need_unref(NULL);
    unit_ends();
}
END_TEST

START_TEST(what_the_task_says_goes_before_its_containers)
{
    begin();
    definition.cpu_units = 512;
    definition.memory_mib = 1024;
    struct need *need = made();
    ck_assert_uint_eq(512, need->cpu_units);
    ck_assert_uint_eq(1024, need->memory_mib);
    need_unref(need);
    unit_ends();
}
END_TEST

START_TEST(a_port_or_gpu_that_is_named_twice_is_one)
{
    static const char *again[1] = {"GPU-a"};

    begin();
    containers[1].ports = ports;
    containers[1].port_count = 1;
    containers[1].gpu_ids = again;
    containers[1].gpu_id_count = 1;
    struct need *need = made();
    ck_assert_uint_eq(4, need->port_count);
    ck_assert_uint_eq(2, need->gpu_id_count);
    need_unref(need);
    unit_ends();
}
END_TEST

START_TEST(addresses_of_its_own_and_ports_that_are_chosen_later_are_no_ports_of_the_host)
{
    begin();
    definition.network_mode = "awsvpc";
    struct need *need = made();
    ck_assert_uint_eq(0, need->port_count);
    need_unref(need);
    begin();
    ports[0].host_port = ports[1].host_port = 0;
    need = made();
    ck_assert_uint_eq(0, need->port_count);
    need_unref(need);
    unit_ends();
}
END_TEST

START_TEST(fargate_in_any_letters_is_exempt)
{
    begin();
    definition.launch_type = "FarGate";
    struct need *need = made();
    ck_assert(need->exempt);
    need_unref(need);
    unit_ends();
}
END_TEST

/* ---- what does not fit ---- */

static void too_much(const char *expected)
{
    struct need *need = NULL;
    char text[512];

    ck_assert_int_eq(ECSENGINE_ELIMIT, need_new(&unit_mem, &definition, &need));
    ck_assert_ptr_null(need);
    need_limit_text(&definition, text, sizeof(text));
    ck_assert_str_eq(expected, text);
    unit_ends();
}

START_TEST(cpu_that_does_not_fit_is_refused_by_name)
{
    begin();
    containers[0].cpu_units = INT32_MAX;
    containers[1].cpu_units = 1;
    too_much("CPU: the task needs 2147483648 units, more than 2147483647");
}
END_TEST

START_TEST(memory_that_does_not_fit_is_refused_by_name)
{
    begin();
    definition.memory_mib = UINT64_C(1) << 31;
    too_much("MEMORY: the task needs 2147483648 MiB, more than 2147483647");
}
END_TEST

START_TEST(a_container_with_too_many_ports_is_named)
{
    begin();
    ports[1].count = LIMIT_CONTAINER_PORTS;
    containers[1].ports = ports;
    containers[1].port_count = 2;
    too_much("container web maps more than 1000 ports"); /* the first of the two */
}
END_TEST

/* ---- who shares one ---- */

/* Changes one thing; the need must be another one then. */
static void another(void (*change)(void), const char *what)
{
    begin();
    struct need *one = made();
    struct need *same = made();
    ck_assert(need_equal(one, same) && one->hash == same->hash);
    change();
    struct need *other = made();
    ck_assert_msg(!need_equal(one, other) && !need_equal(other, one), "%s", what);
    ck_assert_msg(one->hash != other->hash, "%s", what);
    need_unref(one);
    need_unref(same);
    need_unref(other);
}

static void more_cpu(void) { containers[0].cpu_units++; }
static void more_memory(void) { containers[0].memory_mib++; }
static void more_gpus(void) { containers[0].gpu_count++; }
static void is_exempt(void) { definition.launch_type = "FARGATE"; }
static void fewer_ports(void) { containers[0].port_count = 1; }
static void another_port(void) { ports[0].host_port = 8081; }
static void another_protocol(void) { ports[0].protocol = PROTOCOL_UDP; }
static void fewer_ids(void) { containers[0].gpu_id_count = 1; }

static void another_id(void)
{
    static const char *ids[2] = {"GPU-b", "GPU-c"};

    containers[0].gpu_ids = ids;
}

START_TEST(needs_are_equal_when_nothing_in_them_differs)
{
    another(more_cpu, "CPU");
    another(more_memory, "memory");
    another(more_gpus, "the number of GPUs");
    another(is_exempt, "the launch type");
    another(fewer_ports, "the number of ports");
    another(another_port, "a port");
    another(another_protocol, "a protocol");
    another(fewer_ids, "the number of named GPUs");
    another(another_id, "a named GPU");
    unit_ends();
}
END_TEST

START_TEST(without_memory_there_is_none)
{
    struct need *need = NULL;

    begin();
    unit.fail_at = 1;
    ck_assert_int_eq(ECSENGINE_ENOMEM, need_new(&unit_mem, &definition, &need));
    ck_assert_ptr_null(need);
    unit_ends();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, containers_add_up_and_a_soft_limit_goes_before_a_hard_one);
    tcase_add_test(tcase, what_the_task_says_goes_before_its_containers);
    tcase_add_test(tcase, a_port_or_gpu_that_is_named_twice_is_one);
    tcase_add_test(tcase, addresses_of_its_own_and_ports_that_are_chosen_later_are_no_ports_of_the_host);
    tcase_add_test(tcase, fargate_in_any_letters_is_exempt);
    tcase_add_test(tcase, cpu_that_does_not_fit_is_refused_by_name);
    tcase_add_test(tcase, memory_that_does_not_fit_is_refused_by_name);
    tcase_add_test(tcase, a_container_with_too_many_ports_is_named);
    tcase_add_test(tcase, needs_are_equal_when_nothing_in_them_differs);
    tcase_add_test(tcase, without_memory_there_is_none);
}

int main(void) { return unit_run("need", fill); }
