/* SPDX-License-Identifier: Apache-2.0 */
/* What a document takes of its host: port ranges and host ports that are chosen later, GPUs, and sizes that are too large (task-payload:
 * 2.5, 3.1, 6.8, 8.2, 10.4, 10.5; task-engine: 6.2). */
#include "fixture.h"

#include "model/need.h"

static uint16_t chosen_port(const void *names, uint16_t index, uint16_t mapping)
{
    (void)names;
    return (uint16_t)(50000 + 1000 * index + 100 * mapping);
}

static const char *chosen_gpu(const void *names, uint16_t index, size_t n)
{
    static const char *const ids[] = {"GPU-a", "GPU-b"};

    (void)names;
    return index == 0 && n < 2 ? ids[n] : NULL;
}

/* A request as it leaves once the task was admitted, with ' for ". */
static const char *chosen(uint16_t index)
{
    const struct config_facts facts = {.task_arn = ARN, .cluster = "c", .instance = "", .runtime_name = runtime_name,
                                       .volume_name = volume_name, .host_port = chosen_port, .gpu = chosen_gpu};

    buf_clear(&last.config);
    container_config_build(last.spec->definition, index, &facts, &last.config);
    ck_assert_int_eq(last.config.failed, 0);
    for (char *c = last.config.data; *c != '\0'; c++)
        if (*c == '"')
            *c = '\'';
    return last.config.data;
}

static void ck_in(const char *member, const char *text) { ck_assert_msg(strstr(text, member) != NULL, "%s\nis not in\n%s", member, text); }

#define PORTS(list) "{'name':'web','image':'nginx','portMappings':[" list "]}"

/* ---- ports ---- */

START_TEST(a_range_is_bound_port_by_port)
{
    const struct container_def *def = accept(PAYLOAD(PORTS("{'containerPortRange':'8000-8002'}")))->containers;
    ck_assert_uint_eq(1, def->port_count);
    ck_assert(def->ports[0].is_range && def->ports[0].engine_chooses && def->ports[0].count == 3);
    ck_in("'ExposedPorts':{'8000/tcp':{},'8001/tcp':{},'8002/tcp':{}}", chosen(0));
    ck_in("'PortBindings':{'8000/tcp':[{'HostIp':'','HostPort':'50000'}],'8001/tcp':[{'HostIp':'','HostPort':'50001'}],"
          "'8002/tcp':[{'HostIp':'','HostPort':'50002'}]}",
          chosen(0));
}
END_TEST

START_TEST(a_port_wins_over_a_range_and_a_range_has_no_host_port_of_the_users)
{
    const struct container_def *def = accept(PAYLOAD(PORTS("{'containerPort':80,'containerPortRange':'8000-8002'},"
                                                           "{'containerPortRange':'9000-9000','hostPort':99,'protocol':'udp'}")))
                                          ->containers;
    ck_assert_uint_eq(2, def->port_count);
    ck_assert(!def->ports[0].is_range && !def->ports[0].engine_chooses && def->ports[0].count == 1);
    ck_assert(def->ports[1].is_range && def->ports[1].host_port == 0);
    ck_assert_str_eq(notices(), "$.containers[0].portMappings[1].hostPort has no effect beside containerPortRange.");
    ck_in("'80/tcp':[{'HostIp':'','HostPort':'0'}]", chosen(0)); /* Docker's own choice */
    ck_in("'9000/udp':[{'HostIp':'','HostPort':'50100'}]", chosen(0));
}
END_TEST

START_TEST(single_ports_are_left_to_docker_unless_the_engine_shall_choose)
{
    static const char *const wants[] = {"'HostPort':'0'", "'HostPort':'50000'"};

    last.limits.engine_chooses_ports = _i == 1;
    accept(PAYLOAD(PORTS("{'containerPort':80},{'containerPort':81,'hostPort':8081}")));
    ck_in(wants[_i], chosen(0));
    ck_in("'HostPort':'8081'", chosen(0));
    has(0, "'HostPort':'0'"); /* nothing is chosen yet */
}
END_TEST

START_TEST(several_mappings_of_one_port_are_one_list)
{
    last.limits.engine_chooses_ports = true;
    accept(PAYLOAD(PORTS("{'containerPort':80,'hostPort':8080},{'containerPortRange':'79-80'},{'containerPort':80}")));
    ck_in("'80/tcp':[{'HostIp':'','HostPort':'8080'},{'HostIp':'','HostPort':'50101'},{'HostIp':'','HostPort':'50200'}]", chosen(0));
    ck_in("'79/tcp':[{'HostIp':'','HostPort':'50100'}]", chosen(0));
}
END_TEST

START_TEST(in_networks_of_their_own_nothing_is_chosen)
{
    static const char *const modes[] = {"host", "none"}; /* awsvpc is bridge, as long as it is not honoured */
    char document[512];

    last.limits.engine_chooses_ports = true;
    for (size_t i = 0; i < 2; i++) {
        snprintf(document, sizeof(document),
                 "{'arn':'" ARN "','family':'f','version':'1','networkMode':'%s','containers':[" PORTS(
                     "{'containerPortRange':'8000-8001'},{'containerPort':80}") "]}",
                 modes[i]);
        const struct definition *definition = accept(document);
        ck_assert(!definition->containers[0].ports[0].engine_chooses && !definition->containers[0].ports[1].engine_chooses);
        ck_assert_uint_eq(i == 0 ? 8000 : 0, definition->containers[0].ports[0].host_port);
        ck_assert_uint_eq(i == 0 ? 3 : 0, definition->need->port_count); /* the host's own ports are taken, those of a range too */
    }
}
END_TEST

START_TEST(ranges_that_are_none_are_refused)
{
    static const char *const bad[] = {"8000", "8001-8000", "0-5", "1-65536", "a-b", "1-2-3", "-", "1-", "-2", " 1-2"};
    char document[512], reason[512];

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        snprintf(document, sizeof(document), PAYLOAD(PORTS("{'containerPortRange':'%s'}")), bad[i]);
        parse(document);
        snprintf(reason, sizeof(reason), "%s", str_text(last.spec->refusal));
        ck_assert_msg(strstr(reason, DECODE "$.containers[0].portMappings[0].containerPortRange: expected a range of ports") == reason,
                      "%s: %s", bad[i], reason);
    }
}
END_TEST

START_TEST(a_container_maps_at_most_1000_ports)
{
    ck_assert_uint_eq(1000, accept(PAYLOAD(PORTS("{'containerPortRange':'1-999'},{'containerPort':2000}")))->port_total);
    parse(PAYLOAD(PORTS("{'containerPortRange':'1-999'},{'containerPort':2000},{'containerPort':2001}")));
    ck_assert_ptr_nonnull(strstr(str_text(last.spec->refusal), "portMappings[2]: with this the container maps more than 1000 ports"));
    parse(PAYLOAD(PORTS("{'containerPortRange':'1-65535'}")));
    ck_assert_ptr_nonnull(strstr(str_text(last.spec->refusal), "more than 1000 ports"));
}
END_TEST

START_TEST(raw_bindings_replace_chosen_ones_by_port_and_what_looks_like_a_mark_stays)
{
    accept(PAYLOAD("{'name':'web','image':'nginx','portMappings':[{'containerPortRange':'8000-8001'}],'dockerConfig':{'hostConfig':"
                   "'{\\'PortBindings\\':{\\'8000/tcp\\':[{\\'HostPort\\':\\'@0@0.0.\\'}]},\\'Dns\\':[\\'@1@0.1.\\']}'}}"));
    ck_in("'8000/tcp':[{'HostPort':'@0@0.0.'}],'8001/tcp':[{'HostIp':'','HostPort':'50001'}]", chosen(0));
    ck_in("'@1@0.1.'", chosen(0));
    ck_assert_uint_eq(1, last.spec->definition->containers[0].port_splice_count);
}
END_TEST

/* ---- GPUs ---- */

#define GPUS(name, containers) "'associations':[{'name':'" name "','type':'gpu','containers':[" containers "]}]"

START_TEST(named_gpus_go_into_the_environment_and_choose_the_runtime)
{
    last.limits.gpu_support = true;
    accept(PAYLOAD_WITH("'associations':[{'name':'GPU-2','type':'gpu','containers':['web']},{'name':'GPU-1','type':'gpu',"
                        "'containers':['web']}]",
                        "{'name':'web','image':'nginx','environment':{'NVIDIA_VISIBLE_DEVICES':'all','A':'1','Z':'2'}},"
                        "{'name':'db','image':'db'}"));
    has(0, "'Env':['A=1','NVIDIA_VISIBLE_DEVICES=GPU-2,GPU-1','Z=2']"); /* in the order of the associations */
    has(0, "'Runtime':'nvidia'");
    has_not(1, "NVIDIA");
    has_not(1, "Runtime");
    ck_assert_uint_eq(2, last.spec->definition->need->gpu_id_count);
    ck_assert_str_eq("GPU-1", last.spec->definition->need->gpu_ids[0]);
}
END_TEST

START_TEST(the_runtime_of_gpus_is_a_key_and_a_container_that_names_the_variable_has_it_too)
{
    last.limits.gpu_support = true;
    last.limits.nvidia_runtime = "nv2";
    accept(PAYLOAD_WITH(GPUS("GPU-1", "'web'"), "{'name':'web','image':'nginx'},"
                                                "{'name':'db','image':'db','environment':{'NVIDIA_VISIBLE_DEVICES':'none'}}"));
    has(0, "'Runtime':'nv2'");
    has(1, "'Runtime':'nv2'");
    accept(PAYLOAD("{'name':'db','image':'db','environment':{'NVIDIA_VISIBLE_DEVICES':'none'}}"));
    has_not(0, "Runtime"); /* the task has no GPU */
}
END_TEST

START_TEST(gpus_by_number_are_filled_in_when_they_are_chosen)
{
    last.limits.gpu_support = true;
    const struct definition *definition =
        accept(TASKDEF("{'name':'web','image':'nginx','environment':[{'name':'B','value':'@0@0.0.'}],"
                       "'resourceRequirements':[{'type':'GPU','value':'2'}]}"));
    ck_assert_uint_eq(2, definition->need->gpu_count);
    ck_in("'Env':['B=@0@0.0.','NVIDIA_VISIBLE_DEVICES=GPU-a,GPU-b']", chosen(0));
    ck_in("'Runtime':'nvidia'", chosen(0));
    has(0, "'NVIDIA_VISIBLE_DEVICES='");
}
END_TEST

START_TEST(associations_that_make_no_sense_are_refused_in_the_references_words)
{
#define RESOURCE "resource cannot be initialized for task " ARN ": "
    last.limits.gpu_support = true;
    refuse(PAYLOAD_WITH(GPUS("GPU-1", "'web','db'"), WEB), RESOURCE "could not associate multiple containers to GPU GPU-1");
    refuse(PAYLOAD_WITH(GPUS("GPU-1", ""), WEB), RESOURCE "could not associate multiple containers to GPU GPU-1");
    refuse(PAYLOAD_WITH(GPUS("GPU-1", "'db'"), WEB), RESOURCE "could not find container with name db for associating GPU GPU-1");
}
END_TEST

START_TEST(numbers_and_ids_of_gpus_have_bounds)
{
    static const char *const bad[] = {"0", "-1", "65", "x", "1.5", "", "100"};
    char document[512];

    last.limits.gpu_support = true;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        snprintf(document, sizeof(document), TASKDEF("{'name':'web','image':'nginx','resourceRequirements':[{'type':'GPU','value':'%s'}]}"),
                 bad[i]);
        parse(document);
        ck_assert_msg(last.spec->refusal != NULL && strstr(str_text(last.spec->refusal), "expected 1 to 64 GPUs, as text") != NULL, "%s",
                      bad[i]);
    }
    parse(PAYLOAD_WITH(GPUS("a,b", "'web'"), WEB));
    ck_assert_ptr_nonnull(strstr(str_text(last.spec->refusal), "expected a GPU id of 1 to 95 bytes"));
}
END_TEST

START_TEST(without_gpu_support_gpus_have_no_effect_and_are_noticed)
{
    const struct definition *definition = accept(PAYLOAD_WITH(GPUS("GPU-1", "'nobody'"), WEB));
    ck_assert_uint_eq(0, definition->need->gpu_id_count);
    has_not(0, "NVIDIA");
    ck_assert_str_eq(notices(), "$.associations[0] has no effect: enable-gpu-support is off.");
    accept(TASKDEF("{'name':'web','image':'nginx','resourceRequirements':[{'type':'GPU','value':'1'}]}"));
    ck_assert_str_eq(notices(), "$.containerDefinitions[0].resourceRequirements[0] has no effect: enable-gpu-support is off.");
}
END_TEST

/* ---- sizes ---- */

START_TEST(what_does_not_fit_32_bits_is_refused_by_name)
{
    accept(PAYLOAD("{'name':'a','image':'x','cpu':2147483647,'memory':2147483647}"));
    refuse(PAYLOAD("{'name':'a','image':'x','cpu':2147483647},{'name':'b','image':'x','cpu':1}"),
           DECODE "CPU: the task needs 2147483648 units, more than 2147483647");
    refuse(PAYLOAD("{'name':'a','image':'x','memory':2147483647},{'name':'b','image':'x','memory':2}"),
           DECODE "MEMORY: the task needs 2147483649 MiB, more than 2147483647");
    refuse(PAYLOAD_WITH("'memory':2147483648", WEB), DECODE "MEMORY: the task needs 2147483648 MiB, more than 2147483647");
    accept(PAYLOAD_WITH("'cpu':1,'memory':1", "{'name':'a','image':'x','cpu':2147483647},{'name':'b','image':'x','cpu':1}")); /* its own */
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_test(tcase, a_range_is_bound_port_by_port);
    tcase_add_test(tcase, a_port_wins_over_a_range_and_a_range_has_no_host_port_of_the_users);
    tcase_add_loop_test(tcase, single_ports_are_left_to_docker_unless_the_engine_shall_choose, 0, 2);
    tcase_add_test(tcase, several_mappings_of_one_port_are_one_list);
    tcase_add_test(tcase, in_networks_of_their_own_nothing_is_chosen);
    tcase_add_test(tcase, ranges_that_are_none_are_refused);
    tcase_add_test(tcase, a_container_maps_at_most_1000_ports);
    tcase_add_test(tcase, raw_bindings_replace_chosen_ones_by_port_and_what_looks_like_a_mark_stays);
    tcase_add_test(tcase, named_gpus_go_into_the_environment_and_choose_the_runtime);
    tcase_add_test(tcase, the_runtime_of_gpus_is_a_key_and_a_container_that_names_the_variable_has_it_too);
    tcase_add_test(tcase, gpus_by_number_are_filled_in_when_they_are_chosen);
    tcase_add_test(tcase, associations_that_make_no_sense_are_refused_in_the_references_words);
    tcase_add_test(tcase, numbers_and_ids_of_gpus_have_bounds);
    tcase_add_test(tcase, without_gpu_support_gpus_have_no_effect_and_are_noticed);
    tcase_add_test(tcase, what_does_not_fit_32_bits_is_refused_by_name);
}

int main(void) { return run_cases("spec: capacity", add); }
