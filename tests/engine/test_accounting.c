/* SPDX-License-Identifier: Apache-2.0 */
/* Host resources: what a task needs, what is taken and given back, and by whom (task-engine: sections 6.1 to 6.4). */
#include "made.h"

#include "engine/accounting.h"
#include "engine/ports.h"

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

START_TEST(nothing_is_a_capacity_too_and_not_asked_for)
{
    made_set("host-cpu", "0");
    made_set("host-memory", "0");
    made_open();
    ck_assert(!accounting_wants_facts(&made));
    made.settings.host_cpu_units = -1;
    ck_assert(accounting_wants_facts(&made));
    learn(4, 8192);
    ck_assert_int_eq(4096, made.host.cpu_units);
    ck_assert_int_eq(0, made.host.memory_mib);
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
    struct lack lacks[LACKS_MAX];
    ck_assert_uint_eq(1, accounting_all_lacks(&made, two, lacks));
    ck_assert_ptr_eq(one, lacks[0].holder);
    ck_assert_uint_eq(1, lacks[0].holders);
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

#define RANGE(ports, more) "{'name':'a','image':'x','memory':4,'portMappings':[{'containerPortRange':'" ports "'}" more "]}"

START_TEST(a_ranges_host_ports_are_chosen_in_a_row_and_after_the_last)
{
    made_set("dynamic-host-port-range", "50000-50009");
    made_open();
    learn(4, 8192);
    struct task *one = made_task(TASK(RANGE("8000-8002", ""))), *two = made_task(TASK(RANGE("9000-9003", "")));
    struct task *three = made_task(TASK(RANGE("9000-9003", "")));
    accounting_charge(&made, one);
    ck_assert_uint_eq(50000, accounting_port_of(one, 0, 0));
    accounting_charge(&made, two);
    ck_assert_uint_eq(50003, accounting_port_of(two, 0, 0));
    accounting_release(&made, one);
    accounting_charge(&made, three); /* 50007 to 50009 are three, 50000 to 50002 too: there are no four in a row */
    ck_assert_uint_eq(0, accounting_port_of(three, 0, 0));
    ck_assert(accounting_lacks_ports(&three->containers[0], why, sizeof(why)));
    ck_assert_str_eq("error retrieving docker port map: 4 contiguous host ports are unavailable", why);
    accounting_release(&made, two);
    accounting_charge(&made, one); /* goes on behind the last one */
    ck_assert_uint_eq(50007, accounting_port_of(one, 0, 0));
    ck_assert(!accounting_lacks_ports(&one->containers[0], why, sizeof(why)));
    accounting_charge(&made, two); /* and begins again */
    ck_assert_uint_eq(50000, accounting_port_of(two, 0, 0));
    ck_assert_uint_eq(50003, made.host.port_cursor);
    struct task *tasks[] = {one, two, three};
    for (size_t i = 0; i < 3; i++) {
        accounting_release(&made, tasks[i]);
        task_free(tasks[i]);
    }
    made_close();
}
END_TEST

START_TEST(a_choice_avoids_what_is_taken_reserved_or_named_by_the_task_itself)
{
    made_set("dynamic-host-port-range", "50000-50009");
    made_set("reserved-ports", "50002");
    made_open();
    learn(4, 8192);
    struct task *task = made_task(TASK(RANGE("8000-8001", ",{'containerPort':1,'hostPort':50004},{'containerPort':2,'hostPort':50007}")));
    accounting_charge(&made, task);
    ck_assert_uint_eq(50000, accounting_port_of(task, 0, 0));
    struct task *next = made_task(TASK(RANGE("8000-8001", "")));
    accounting_charge(&made, next);
    ck_assert_uint_eq(50005, accounting_port_of(next, 0, 0));
    struct task *udp = made_task(TASK("{'name':'a','image':'x','memory':4,'portMappings':[{'containerPortRange':'1-4','protocol':'udp'}]}"));
    accounting_charge(&made, udp);
    ck_assert_uint_eq(50000, accounting_port_of(udp, 0, 0)); /* 50007 to 50009 are three */
    struct task *tasks[] = {task, next, udp};
    for (size_t i = 0; i < 3; i++) {
        accounting_release(&made, tasks[i]);
        task_free(tasks[i]);
    }
    made_close();
}
END_TEST

START_TEST(runs_are_found_across_words_and_at_the_end_of_the_range)
{
    made_set("dynamic-host-port-range", "64-1087");
    made_set("reserved-ports", "[100,200,201,333]");
    made_open();
    learn(4, 8192);
    ck_assert_uint_eq(64, ports_choose(&made, PROTOCOL_TCP, 36));
    ck_assert_uint_eq(101, ports_choose(&made, PROTOCOL_TCP, 99));
    ck_assert_uint_eq(334, ports_choose(&made, PROTOCOL_TCP, 700));
    ck_assert_uint_eq(1034, ports_choose(&made, PROTOCOL_TCP, 54)); /* up to the last one */
    ck_assert_uint_eq(64, ports_choose(&made, PROTOCOL_TCP, 1));
    ck_assert_uint_eq(334, ports_choose(&made, PROTOCOL_TCP, 754));
    ck_assert_uint_eq(0, ports_choose(&made, PROTOCOL_TCP, 755));
    ck_assert_uint_eq(64, ports_choose(&made, PROTOCOL_UDP, 1000)); /* its reserved ports are others */
    made_close();
}
END_TEST

START_TEST(single_ports_are_the_engines_choice_where_the_key_says_so)
{
    made_set("dynamic-host-ports", "engine");
    made_set("dynamic-host-port-range", "50000-50000");
    made_open();
    learn(4, 8192);
    struct task *one = made_task(TASK(PORT("80", "0", "tcp"))), *two = made_task(TASK(PORT("80", "0", "tcp")));
    accounting_charge(&made, one);
    accounting_charge(&made, two);
    ck_assert_uint_eq(50000, accounting_port_of(one, 0, 0));
    ck_assert(accounting_lacks_ports(&two->containers[0], why, sizeof(why)));
    ck_assert_str_eq("error retrieving docker port map: a host port is unavailable", why);
    accounting_release(&made, one);
    accounting_release(&made, two);
    task_free(one);
    task_free(two);
    made_close();
}
END_TEST

static void bind(struct container *container, uint16_t port)
{
    struct ecsengine_result *result = made_result();

    ck_assert_int_eq(0, ecsengine_result_add_port(result, 80, port, "tcp", "0.0.0.0"));
    ck_assert_int_eq(0, ecsengine_result_add_port(result, 80, port, "tcp", "::"));
    ports_unref(container->ports);
    container->ports = ports_ref(result->ports);
    accounting_note_ports(&made, container);
    ecsengine_result_free(result);
}

START_TEST(a_port_that_the_runtime_chose_is_waited_for)
{
    made_open();
    learn(4, 8192);
    struct task *any = made_task(TASK(PORT("80", "0", "tcp"))), *fixed = made_task(TASK(PORT("80", "32768", "tcp")));
    accounting_charge(&made, any);
    any->containers[0].known = ECSENGINE_CONTAINER_RUNNING;
    bind(&any->containers[0], 32768);
    ck_assert(accounting_lacks(&made, fixed, why, sizeof(why)));
    ck_assert_str_eq("needs host port 32768/tcp, which is taken", why);
    ck_assert_ptr_eq(any, ports_find(&made, NULL, PROTOCOL_TCP, 32768)->task);
    bind(&any->containers[0], 32769); /* started again, with another one */
    ck_assert(!accounting_lacks(&made, fixed, why, sizeof(why)));
    bind(&any->containers[0], 32768);
    any->containers[0].known = ECSENGINE_CONTAINER_STOPPED;
    accounting_note_ports(&made, &any->containers[0]);
    ck_assert(!accounting_lacks(&made, fixed, why, sizeof(why)));
    accounting_release(&made, any);
    task_free(any);
    task_free(fixed);
    made_close();
}
END_TEST

START_TEST(a_port_that_went_to_another_container_of_the_task_stays_taken)
{
    made_open();
    learn(4, 8192);
    struct task *task = made_task(TASK(PORT("80", "0", "tcp") ",{'name':'b','image':'x','memory':4}"));
    accounting_charge(&made, task);
    task->containers[0].known = task->containers[1].known = ECSENGINE_CONTAINER_RUNNING;
    bind(&task->containers[0], 32768);
    bind(&task->containers[1], 32768); /* the first has ended, and that is not known yet */
    task->containers[0].known = ECSENGINE_CONTAINER_STOPPED;
    accounting_note_ports(&made, &task->containers[0]);
    ck_assert(ports_taken(&made.host, PROTOCOL_TCP, 32768));
    task->containers[1].known = ECSENGINE_CONTAINER_STOPPED;
    accounting_note_ports(&made, &task->containers[1]);
    ck_assert(!ports_taken(&made.host, PROTOCOL_TCP, 32768));
    accounting_release(&made, task);
    task_free(task);
    made_close();
}
END_TEST

START_TEST(two_who_have_a_port_both_have_to_give_it_back)
{
    made_open();
    learn(4, 8192);
    struct task *one = made_task(TASK(PORT("80", "8080", "tcp"))), *two = made_task(TASK(PORT("80", "8080", "tcp")));
    accounting_charge(&made, one);
    accounting_charge(&made, two); /* as records can say */
    accounting_release(&made, one);
    ck_assert(ports_taken(&made.host, PROTOCOL_TCP, 8080));
    accounting_release(&made, two);
    ck_assert(!ports_taken(&made.host, PROTOCOL_TCP, 8080));
    task_free(one);
    task_free(two);
    made_close();
}
END_TEST

START_TEST(a_port_that_a_task_names_twice_is_one)
{
    made_open();
    learn(4, 8192);
    struct task *task = made_task(TASK("{'name':'a','image':'x','memory':4,'portMappings':[{'containerPort':80,'hostPort':8080},"
                                       "{'containerPort':81,'hostPort':8080}]}"));
    ck_assert_uint_eq(1, task->definition->need->port_count);
    accounting_charge(&made, task);
    ck_assert_uint_eq(1, made.port_holders.count);
    accounting_release(&made, task);
    ck_assert(!ports_taken(&made.host, PROTOCOL_TCP, 8080));
    task_free(task);
    made_close();
}
END_TEST

START_TEST(gpus_are_the_hosts_facts_unless_set_and_only_with_support)
{
    for (int i = 0; i < 3; i++) {
        made_set("enable-gpu-support", i > 0 ? "true" : "false");
        made_set("host-gpus", i == 2 ? "[\"g9\"]" : "from-host");
        made_open();
        struct ecsengine_result *info = made_result();
        ck_assert_int_eq(0, ecsengine_result_add_gpu(info, "g1"));
        ck_assert_int_eq(0, ecsengine_result_add_gpu(info, "g2"));
        ck_assert_int_eq(0, ecsengine_result_add_gpu(info, "g1")); /* is in already */
        accounting_learn(&made, info);
        ecsengine_result_free(info);
        ck_assert_uint_eq(i == 0 ? 0 : i == 1 ? 2 : 1, made.host.gpus.count);
        if (i > 0)
            ck_assert_str_eq(i == 1 ? "g1" : "g9", made.host.gpus.ids[0]);
        engine_close(&made);
    }
    made_open();
    made_close();
}
END_TEST

START_TEST(definitions_that_need_the_same_share_their_need)
{
    made_open();
    made_settle();
    struct task *one = made_add("{'taskArn':'" ARN_HEAD "t1','family':'f','containerDefinitions':[{'name':'a','image':'x','cpu':5,'memory':8}]}");
    struct task *two = made_add("{'taskArn':'" ARN_HEAD "t2','family':'g','containerDefinitions':[{'name':'b','image':'y','cpu':5,'memory':8}]}");
    struct task *other = made_add("{'taskArn':'" ARN_HEAD "t3','family':'g','containerDefinitions':[{'name':'b','image':'y','cpu':6,'memory':8}]}");
    ck_assert_ptr_ne(one->definition, two->definition);
    ck_assert_ptr_eq(one->definition->need, two->definition->need);
    ck_assert_ptr_ne(one->definition->need, other->definition->need);
    ck_assert_uint_eq(2, one->definition->need->users);
    struct list *node;
    while ((node = list_shift(&made.events_out)) != NULL)
        ecsengine_event_free(container_of(node, struct ecsengine_event, link));
    made_close();
}
END_TEST

START_TEST(no_more_is_told_to_be_lacking_than_there_is_place_for)
{
    static const char *const ids[] = {"g8", "g9"};
    char document[4096];
    struct lack lacks[LACKS_MAX];

    made_set("enable-gpu-support", "true");
    made_set("host-gpus", "g1");
    made_open();
    learn(4, 8192);
    for (int ports = 14; ports <= 17; ports++) {
        size_t len = (size_t)snprintf(document, sizeof(document), "{'taskArn':'" ARN "','family':'f','containerDefinitions':[{'name':'a','image':'x','memory':4,"
                                                                  "'resourceRequirements':[{'type':'GPU','value':'5'}],'portMappings':[");
        for (int i = 0; i < ports; i++)
            len += (size_t)snprintf(document + len, sizeof(document) - len, "%s{'containerPort':%d,'hostPort':%d}", i > 0 ? "," : "", 80 + i, 8000 + i);
        snprintf(document + len, sizeof(document) - len, "]}]}");
        struct task *holder = made_task(document), *task = made_task(document);
        holder->definition->need->gpu_count = 0;
        task->definition->need->gpu_ids = ids;
        task->definition->need->gpu_id_count = 2;
        accounting_charge(&made, holder);
        ck_assert_uint_eq(16, accounting_all_lacks(&made, task, lacks));
        ck_assert_int_eq(ports == 17 ? LACK_PORT : ports == 16 ? LACK_PORT : LACK_GPU, lacks[15].kind);
        ck_assert_ptr_eq(ports == 14 ? ids[1] : ports == 15 ? ids[0] : NULL, lacks[15].gpu);
        task->definition->need->gpu_ids = NULL;
        task->definition->need->gpu_id_count = 0;
        accounting_release(&made, holder);
        task_free(holder);
        task_free(task);
    }
    made_close();
}
END_TEST

#define GPUS(n) TASK("{'name':'a','image':'x','memory':4,'resourceRequirements':[{'type':'GPU','value':'" n "'}]}")

START_TEST(more_gpus_than_the_host_has_are_never_to_be_had)
{
    struct lack lacks[LACKS_MAX];

    made_set("enable-gpu-support", "true");
    made_set("host-gpus", "g1,g2");
    made_open();
    learn(4, 8192);
    struct task *one = made_task(GPUS("1")), *two = made_task(GPUS("2")), *three = made_task(GPUS("3"));
    ck_assert_int_eq(CLASS_OPEN, accounting_class(&made, two->definition->need));
    ck_assert_int_eq(CLASS_IMPOSSIBLE, accounting_class(&made, three->definition->need));
    ck_assert_uint_eq(1, accounting_all_lacks(&made, three, lacks));
    ck_assert(lacks[0].kind == LACK_GPU && lacks[0].never && lacks[0].needed == 3 && lacks[0].free == 2);
    lack_text(&lacks[0], why, sizeof(why));
    ck_assert_str_eq("needs 3 GPUs, 2 of 2 are free", why);
    accounting_charge(&made, three); /* by force, as records can say: what there is */
    ck_assert_str_eq("g1", accounting_gpu_of(three, 0, 0));
    ck_assert_str_eq("g2", accounting_gpu_of(three, 0, 1));
    ck_assert_ptr_null(accounting_gpu_of(three, 0, 2));
    ck_assert_ptr_null(accounting_gpu_of(three, 1, 0));
    accounting_release(&made, three);
    accounting_charge(&made, one);
    ck_assert_uint_eq(1, accounting_all_lacks(&made, two, lacks)); /* all that the host has, when it is there again */
    ck_assert(lacks[0].kind == LACK_GPU && !lacks[0].never && lacks[0].needed == 2 && lacks[0].free == 1 && lacks[0].holders == 1);
    accounting_release(&made, one);
    task_free(one);
    task_free(two);
    task_free(three);
    made_close();
}
END_TEST

START_TEST(of_the_ports_that_a_runtime_chose_so_many_are_noted_and_no_port_0)
{
    made_open();
    learn(4, 8192);
    struct task *task = made_task(TASK(PORT("80", "0", "tcp")));
    struct container *container = &task->containers[0];
    struct ecsengine_result *result = made_result();
    ck_assert_int_eq(0, ecsengine_result_add_port(result, 80, 0, "tcp", "0.0.0.0")); /* exposed alone */
    for (int i = 0; i <= LIMIT_SEEN_PORTS; i++)
        ck_assert_int_eq(0, ecsengine_result_add_port(result, 80, (uint16_t)(20000 + i), "tcp", "0.0.0.0"));
    accounting_charge(&made, task);
    container->known = ECSENGINE_CONTAINER_RUNNING;
    container->ports = ports_ref(result->ports);
    task->known = ECSENGINE_TASK_STOPPED; /* it was given up, and something of it runs */
    accounting_note_ports(&made, container);
    ck_assert(!ports_taken(&made.host, PROTOCOL_TCP, 20000));
    task->known = ECSENGINE_TASK_RUNNING;
    accounting_note_ports(&made, container);
    ck_assert(!ports_taken(&made.host, PROTOCOL_TCP, 0));
    ck_assert(ports_taken(&made.host, PROTOCOL_TCP, 20000));
    ck_assert(ports_taken(&made.host, PROTOCOL_TCP, 20000 + LIMIT_SEEN_PORTS - 1));
    ck_assert(!ports_taken(&made.host, PROTOCOL_TCP, 20000 + LIMIT_SEEN_PORTS));
    accounting_release(&made, task);
    ecsengine_result_free(result);
    task_free(task);
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
    tcase_add_test(tcase, a_ranges_host_ports_are_chosen_in_a_row_and_after_the_last);
    tcase_add_test(tcase, a_choice_avoids_what_is_taken_reserved_or_named_by_the_task_itself);
    tcase_add_test(tcase, runs_are_found_across_words_and_at_the_end_of_the_range);
    tcase_add_test(tcase, single_ports_are_the_engines_choice_where_the_key_says_so);
    tcase_add_test(tcase, a_port_that_the_runtime_chose_is_waited_for);
    tcase_add_test(tcase, a_port_that_went_to_another_container_of_the_task_stays_taken);
    tcase_add_test(tcase, two_who_have_a_port_both_have_to_give_it_back);
    tcase_add_test(tcase, a_port_that_a_task_names_twice_is_one);
    tcase_add_test(tcase, gpus_are_the_hosts_facts_unless_set_and_only_with_support);
    tcase_add_test(tcase, definitions_that_need_the_same_share_their_need);
    tcase_add_test(tcase, no_more_is_told_to_be_lacking_than_there_is_place_for);
    tcase_add_test(tcase, more_gpus_than_the_host_has_are_never_to_be_had);
    tcase_add_test(tcase, of_the_ports_that_a_runtime_chose_so_many_are_noted_and_no_port_0);
    tcase_add_test(tcase, nothing_is_a_capacity_too_and_not_asked_for);
}

int main(void) { return made_run("accounting", fill); }
