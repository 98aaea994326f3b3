/* SPDX-License-Identifier: Apache-2.0 */
/* Host resources: what a task needs, what is taken and given back, and by whom (task-engine: sections 6.1 to 6.4). */
#include "made.h"

#include "engine/accounting.h"

static char why[160];

static void learn(int32_t cpus, int64_t memory_mib)
{
    struct ecsengine_result *info = made_result();

    ecsengine_result_set_cpus(info, cpus);
    ecsengine_result_set_memory_mib(info, memory_mib);
    accounting_learn(&made, info);
    ecsengine_result_free(info);
}

START_TEST(capacity_is_the_hosts_less_what_is_reserved_unless_it_is_set)
{
    made_set("reserved-memory", "100");
    made_open();
    learn(4, 8192);
    ck_assert_int_eq(4096, made.host.cpu_units);
    ck_assert_int_eq(8092, made.host.memory_mib);
    made.settings.host_cpu_units = 512;
    made.settings.host_memory_mib = 256;
    learn(4, 8192);
    ck_assert_int_eq(512, made.host.cpu_units);
    ck_assert_int_eq(256, made.host.memory_mib);
    made_close();
}
END_TEST

START_TEST(a_task_needs_what_it_says_or_the_sum_of_its_containers)
{
    static const struct {
        const char *document;
        int64_t cpu, memory;
    } rows[] = {
        {TASK("{'name':'a','image':'x','cpu':10,'memory':64},{'name':'b','image':'x','cpu':5,'memory':32}"), 15, 96},
        {TASK("{'name':'a','image':'x','cpu':10,'memory':64,'memoryReservation':16}"), 10, 16}, /* the soft limit counts */
        {"{'taskArn':'" ARN "','family':'f','cpu':'256','memory':'512','containerDefinitions':["
         "{'name':'a','image':'x','cpu':10,'memory':64}]}",
         256, 512},
    };

    made_open();
    learn(4, 8192);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct task *task = made_task(rows[i].document);
        accounting_charge(&made, task);
        ck_assert_int_eq(rows[i].cpu, made.host.cpu_used);
        ck_assert_int_eq(rows[i].memory, made.host.memory_used);
        accounting_release(&made, task);
        task_free(task);
    }
    ck_assert_int_eq(0, made.host.cpu_used);
    made_close();
}
END_TEST

START_TEST(charging_and_releasing_twice_is_once)
{
    made_open();
    learn(4, 8192);
    struct task *task = made_task(TASK("{'name':'a','image':'x','cpu':10,'memory':64}"));
    accounting_release(&made, task); /* nothing was taken */
    ck_assert_int_eq(0, made.host.cpu_used);
    accounting_charge(&made, task);
    accounting_charge(&made, task);
    ck_assert_int_eq(10, made.host.cpu_used);
    ck_assert_int_eq(64, made.host.memory_used);
    accounting_release(&made, task);
    accounting_release(&made, task);
    ck_assert_int_eq(0, made.host.cpu_used);
    ck_assert_int_eq(0, made.host.memory_used);
    task_free(task);
    made_close();
}
END_TEST

START_TEST(what_is_missing_is_said)
{
    made_open();
    struct task *task = made_task(TASK("{'name':'a','image':'x','cpu':2048,'memory':64}"));
    ck_assert(accounting_lacks(&made, task, why, sizeof(why)));
    ck_assert_str_eq("the host's resources are not known yet", why);
    learn(1, 8192);
    ck_assert(accounting_lacks(&made, task, why, sizeof(why)));
    ck_assert_str_eq("needs 2048 CPU units, 1024 of 1024 are free", why);
    learn(2, 63);
    ck_assert(accounting_lacks(&made, task, why, sizeof(why)));
    ck_assert_str_eq("needs 64 MiB of memory, 63 of 63 are free", why);
    learn(2, 64); /* to the last bit */
    ck_assert(!accounting_lacks(&made, task, why, sizeof(why)));
    task_free(task);
    made_close();
}
END_TEST

#define PORT(container, host, protocol)                                                                                           \
    "{'name':'a','image':'x','memory':4,'portMappings':[{'containerPort':" container ",'hostPort':" host ",'protocol':'" protocol \
    "'}]}"

START_TEST(a_host_port_is_taken_once_by_protocol)
{
    made_open();
    learn(4, 8192);
    struct task *one = made_task(TASK(PORT("80", "8080", "tcp"))), *two = made_task(TASK(PORT("81", "8080", "tcp")));
    struct task *udp = made_task(TASK(PORT("80", "8080", "udp"))), *any = made_task(TASK(PORT("80", "0", "tcp")));
    accounting_charge(&made, one);
    ck_assert(accounting_lacks(&made, two, why, sizeof(why)));
    ck_assert_str_eq("needs host port 8080/tcp, which is taken", why);
    ck_assert(!accounting_lacks(&made, udp, why, sizeof(why)));
    ck_assert(!accounting_lacks(&made, any, why, sizeof(why)));
    accounting_release(&made, one);
    ck_assert(!accounting_lacks(&made, two, why, sizeof(why)));
    task_free(one);
    task_free(two);
    task_free(udp);
    task_free(any);
    made_close();
}
END_TEST

START_TEST(reserved_ports_are_never_given_out)
{
    made_set("reserved-ports", "[22,8080]");
    made_set("reserved-ports-udp", "53");
    made_open();
    learn(4, 8192);
    struct task *tcp = made_task(TASK(PORT("80", "8080", "tcp"))), *udp = made_task(TASK(PORT("80", "53", "udp")));
    struct task *other = made_task(TASK(PORT("80", "53", "tcp")));
    ck_assert(accounting_lacks(&made, tcp, why, sizeof(why)));
    ck_assert(accounting_lacks(&made, udp, why, sizeof(why)));
    ck_assert_str_eq("needs host port 53/udp, which is reserved", why);
    ck_assert(!accounting_lacks(&made, other, why, sizeof(why)));
    accounting_charge(&made, tcp); /* it ran already when the port was reserved */
    accounting_release(&made, tcp);
    ck_assert(accounting_lacks(&made, tcp, why, sizeof(why)));
    task_free(tcp);
    task_free(udp);
    task_free(other);
    made_close();
}
END_TEST

START_TEST(a_task_with_addresses_of_its_own_takes_no_host_port)
{
    made_open();
    learn(4, 8192);
    struct task *one = made_task(TASK(PORT("80", "8080", "tcp")));
    struct task *own = made_task(TASK(PORT("8080", "8080", "tcp")));
    own->definition->network_mode = "awsvpc";
    accounting_charge(&made, own);
    ck_assert(!accounting_lacks(&made, one, why, sizeof(why)));
    accounting_charge(&made, one);
    accounting_release(&made, own);
    ck_assert(accounting_lacks(&made, one, why, sizeof(why))); /* its release gave nothing away */
    accounting_release(&made, one);
    task_free(one);
    task_free(own);
    made_close();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, made_start, NULL);
    tcase_add_test(tcase, capacity_is_the_hosts_less_what_is_reserved_unless_it_is_set);
    tcase_add_test(tcase, a_task_needs_what_it_says_or_the_sum_of_its_containers);
    tcase_add_test(tcase, charging_and_releasing_twice_is_once);
    tcase_add_test(tcase, what_is_missing_is_said);
    tcase_add_test(tcase, a_host_port_is_taken_once_by_protocol);
    tcase_add_test(tcase, reserved_ports_are_never_given_out);
    tcase_add_test(tcase, a_task_with_addresses_of_its_own_takes_no_host_port);
}

int main(void) { return made_run("accounting", fill); }
