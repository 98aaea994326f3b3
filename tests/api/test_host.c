/* SPDX-License-Identifier: Apache-2.0 */
/* The host as it is asked about and changed while tasks run (host.h): what is known, who has what, who waits, and what each key does. */
#include "host.h"

#include "ecsengine/host.h"
#include "ecsengine/runtime.h"

#define TASK_OF(name, more) "{'taskArn':'" ARN_HEAD name "','family':'fam','containerDefinitions':[{'name':'a','image':'x'," more "}]}"
#define NO_RESERVED_PORTS "'PORTS_TCP':{'reserved':[],'consumed':0},'PORTS_UDP':{'reserved':[],'consumed':0}"
#define NO_GPUS "'GPU':{'capacity':[],'free':[]}"
#define FIFO_AND(holding, waiting) "'admissionPolicy':'fifo','backfillOvertakeLimit':64,'holding':" holding ",'waiting':" waiting

static const char *ask(enum ecsengine_host_detail detail)
{
    static char kept[16384];
    ecsengine_text *text = NULL;

    OK(ecsengine_host_describe(host.engine, detail, &text, &error_));
    ck_assert_uint_eq(strlen(ecsengine_text_data(text)), ecsengine_text_length(text));
    snprintf(kept, sizeof(kept), "%s", ecsengine_text_data(text));
    ecsengine_text_free(text);
    return kept;
}

#define ck_totals(expected) ck_assert_str_eq(quoted(expected), ask(ECSENGINE_HOST_TOTALS))

static void ck_says(const char *part)
{
    const char *text = ask(ECSENGINE_HOST_HOLDERS);

    if (strstr(text, quoted(part)) == NULL)
        ck_abort_msg("%s\nis not in\n%s", quoted(part), text);
}

/* Sets it and runs the turn that applies it. */
static void change(const char *key, const char *value)
{
    uint64_t id = 0;

    OK(ecsengine_host_set(host.engine, key, value, &id, &error_));
    turn();
    ck_assert_uint_gt(id, 0);
    ck_assert_int_eq(0, host.done_codes[id]);
}

static void begin(void)
{
    set("reserved-ports", "[]");
    set("image-manifest-resolution", "false");
    open_engine();
    settle();
    forget_trace();
}

/* The runtime says what the host has. */
static void answer_info(int cpus, int64_t memory_mib, const char *gpu)
{
    ecsengine_op *op = held(ECSENGINE_OP_INFO, NULL);
    ecsengine_result *result = NULL;

    OK(ecsengine_result_new(op, &result, &error_));
    ecsengine_result_set_cpus(result, cpus);
    ecsengine_result_set_memory_mib(result, memory_mib);
    if (gpu != NULL)
        ck_assert_int_eq(0, ecsengine_result_add_gpu(result, gpu));
    OK(ecsengine_op_complete(op, result, &error_));
    turn();
}

static bool is_running(const char *name)
{
    char arn[128];
    ecsengine_text *text = NULL;

    snprintf(arn, sizeof(arn), ARN_HEAD "%s", name);
    OK(ecsengine_task_describe(host.engine, arn, &text, &error_));
    bool running = strstr(ecsengine_text_data(text), "\"knownStatus\":\"RUNNING\"") != NULL;
    ecsengine_text_free(text);
    return running;
}

static void finish(const char *name)
{
    char arn[128];

    snprintf(arn, sizeof(arn), ARN_HEAD "%s", name);
    stop(arn);
    settle();
}

/* ---- what the host has ---- */

START_TEST(before_the_runtime_has_answered_nothing_is_known_and_nobody_is_admitted)
{
    set("reserved-ports", "[]");
    set("image-manifest-resolution", "false");
    set("reserved-memory", "192");
    open_engine();
    turn();
    add(TASK_OF("t1", "'cpu':10,'memory':64"));
    turn();
    ck_totals("{'known':false,'resources':{'CPU':{'reserved':0,'consumed':0},'MEMORY':{'reserved':192,'consumed':0}," NO_RESERVED_PORTS
              "," NO_GPUS "}," FIFO_AND("0", "1") "}");
    answer_info(4, 8192, NULL);
    settle();
    ck_totals("{'known':true,'resources':{'CPU':{'capacity':4096,'free':4086,'reserved':0,'consumed':10},"
              "'MEMORY':{'capacity':8000,'free':7936,'reserved':192,'consumed':64}," NO_RESERVED_PORTS "," NO_GPUS "}," FIFO_AND("1", "0")
              "}");
    end_host();
}
END_TEST

START_TEST(what_the_runtime_can_not_say_is_not_limited)
{
    set("reserved-ports", "[]");
    set("image-manifest-resolution", "false");
    open_engine();
    turn();
    if (_i == 0)
        refuse(held(ECSENGINE_OP_INFO, NULL), ECSENGINE_FAILURE_UNSUPPORTED, "not here");
    else
        answer_info(0, 0, NULL);
    settle();
    add(TASK_OF("t1", "'cpu':100000,'memory':1000000"));
    settle();
    ck_assert(is_running("t1"));
    ck_totals("{'known':true,'resources':{'CPU':{'reserved':0,'consumed':100000},'MEMORY':{'reserved':0,'consumed':1000000}," NO_RESERVED_PORTS
              "," NO_GPUS "}," FIFO_AND("1", "0") "}");
    end_host();
}
END_TEST

START_TEST(a_host_of_which_all_memory_is_reserved_has_none_to_give_out)
{
    set("reserved-memory", "500");
    open_engine();
    turn();
    answer_info(1, 400, NULL);
    ck_says("'CPU':{'capacity':1024,'free':1024,'reserved':0,'consumed':0},'MEMORY':{'capacity':0,'free':0,'reserved':500,'consumed':0}");
    end_host();
}
END_TEST

START_TEST(the_hosts_facts_are_not_asked_for_where_all_is_set)
{
    set("host-cpu", "100");
    set("host-memory", "200");
    set("enable-gpu-support", "true");
    set("host-gpus", "g1");
    open_engine();
    settle();
    ck_assert_int_eq(0, traced("> info"));
    ck_says("{'known':true,'resources':{'CPU':{'capacity':100,'free':100,");
    ck_says("'GPU':{'capacity':['g1'],'free':['g1']}");
    change("host-cpu", "from-host"); /* what it was counts until the runtime answers */
    ck_says("{'known':true,'resources':{'CPU':{'capacity':100,");
    ck_assert_int_eq(1, traced("> info"));
    change("host-memory", "from-host");
    change("host-gpus", "from-host");
    ck_assert_int_eq(1, traced("> info")); /* one question is enough */
    ck_says("'MEMORY':{'capacity':200,");
    ck_says("'GPU':{'capacity':['g1']");
    answer_info(2, 4096, "g7");
    ck_says("'CPU':{'capacity':2048,'free':2048,'reserved':0,'consumed':0},'MEMORY':{'capacity':4096,");
    ck_says("'GPU':{'capacity':['g7'],'free':['g7']}");
    end_host();
}
END_TEST

START_TEST(gpus_alone_can_be_what_is_asked_of_the_runtime)
{
    set("host-cpu", "100");
    set("host-memory", "200");
    set("enable-gpu-support", "true");
    open_engine();
    turn();
    ck_says("{'known':false,");
    answer_info(64, 64000, "g1");
    ck_says("{'known':true,'resources':{'CPU':{'capacity':100,");
    ck_says("'MEMORY':{'capacity':200,");
    ck_says("'GPU':{'capacity':['g1']");
    end_host();
}
END_TEST

START_TEST(a_change_before_the_facts_are_known_makes_nothing_known)
{
    open_engine();
    turn();
    change("reserved-memory", "100");
    ck_says("{'known':false,");
    change("host-cpu", "7");
    ck_says("{'known':false,"); /* the memory is asked for still */
    change("host-memory", "8");
    ck_says("{'known':true,'resources':{'CPU':{'capacity':7,'free':7,'reserved':0,'consumed':0},'MEMORY':{'capacity':8,");
    end_host();
}
END_TEST

/* ---- changing it ---- */

START_TEST(each_key_has_its_effect_from_the_turn_that_applies_it)
{
    static const struct {
        const char *key, *value, *before, *after;
    } rows[] = {
        {"host-cpu", "512", "'CPU':{'capacity':4096,'free':4096,", "'CPU':{'capacity':512,'free':512,"},
        {"host-cpu", "0", "'CPU':{'capacity':4096,", "'CPU':{'capacity':0,'free':0,"},
        {"host-memory", "300", "'MEMORY':{'capacity':8192,'free':8192,'reserved':0,", "'MEMORY':{'capacity':300,'free':300,'reserved':0,"},
        {"reserved-memory", "192", "'MEMORY':{'capacity':8192,", "'MEMORY':{'capacity':8000,'free':8000,'reserved':192,'consumed':0}"},
        {"host-gpus", "[\"g1\",\"g2\"]", NO_GPUS, "'GPU':{'capacity':['g1','g2'],'free':['g1','g2']}"},
        {"reserved-ports", "[80,443]", "'PORTS_TCP':{'reserved':[],'consumed':0}", "'PORTS_TCP':{'reserved':[80,443],'consumed':0}"},
        {"reserved-ports-udp", "53", "'PORTS_UDP':{'reserved':[],'consumed':0}", "'PORTS_UDP':{'reserved':[53],'consumed':0}"},
        {"admission-policy", "backfill", "'admissionPolicy':'fifo'", "'admissionPolicy':'backfill'"},
        {"backfill-overtake-limit", "3", "'backfillOvertakeLimit':64", "'backfillOvertakeLimit':3"},
    };

    set("enable-gpu-support", "true");
    begin();
    ck_says(rows[_i].before);
    OK(ecsengine_host_set(host.engine, rows[_i].key, rows[_i].value, NULL, &error_));
    ck_says(rows[_i].before);
    turn();
    ck_says(rows[_i].after);
    end_host();
}
END_TEST

START_TEST(what_can_not_be_set_is_refused_with_what_would_be_right_and_changes_nothing)
{
    static const struct {
        const char *key, *value, *message;
    } rows[] = {
        {"no-such-key", "1", "`no-such-key` is no key that can be set while the engine runs"},
        {"", "1", "`` is no key that can be set while the engine runs"},
        {"enable-gpu-support", "true", "`enable-gpu-support` is no key that can be set while the engine runs"},
        {"dynamic-host-ports", "engine", "`dynamic-host-ports` is no key that can be set while the engine runs"},
        {"HOST-CPU", "1", "`HOST-CPU` is no key that can be set while the engine runs"},
        {"host-cpu", "much", "from-host"},
        {"host-cpu", "-1", "from-host"},
        {"host-memory", "2147483648", "2147483647"},
        {"reserved-memory", "65536", "65535"},
        {"reserved-ports", "[0]", "65535"},
        {"reserved-ports-udp", "[65536]", "65535"},
        {"admission-policy", "lifo", "backfill"},
        {"backfill-overtake-limit", "0", "1000000"},
        {"host-gpus", "[\"g1\",\"g1\"]", "different"},
    };
    char before[16384];

    begin();
    snprintf(before, sizeof(before), "%s", ask(ECSENGINE_HOST_HOLDERS));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ecsengine_error *error = NULL;
        uint64_t id = 77;
        ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_host_set(host.engine, rows[i].key, rows[i].value, &id, &error));
        if (strstr(ecsengine_error_message(error), rows[i].message) == NULL)
            ck_abort_msg("%s: %s: not said: %s", rows[i].key, ecsengine_error_message(error), rows[i].message);
        ck_assert_uint_eq(77, id);
        ecsengine_error_free(error);
    }
    turn();
    ck_assert_str_eq(before, ask(ECSENGINE_HOST_HOLDERS));
    ck_trace("");
    end_host();
}
END_TEST

START_TEST(a_change_lasts_as_long_as_the_engine)
{
    OK(ecsengine_memory_store_new(&host.store, &error_));
    begin();
    add(TASK_OF("t1", "'cpu':10,'memory':64"));
    settle();
    change("host-cpu", "100");
    change("admission-policy", "backfill");
    ck_says("'CPU':{'capacity':100,'free':90,");
    close_engine();
    open_engine();
    settle();
    ck_totals("{'known':true,'resources':{'CPU':{'capacity':4096,'free':4086,'reserved':0,'consumed':10},"
              "'MEMORY':{'capacity':8192,'free':8128,'reserved':0,'consumed':64}," NO_RESERVED_PORTS "," NO_GPUS "}," FIFO_AND("1", "0")
              "}");
    end_host();
}
END_TEST

START_TEST(an_engine_that_was_shut_down_changes_its_host_no_more)
{
    begin();
    OK(ecsengine_shutdown(host.engine, NULL, &error_));
    turn();
    ecsengine_error *error = NULL;
    ck_assert_int_eq(ECSENGINE_ECLOSED, ecsengine_host_set(host.engine, "host-cpu", "1", NULL, &error));
    ck_assert_ptr_nonnull(error);
    ecsengine_error_free(error);
    ck_says("'CPU':{'capacity':4096,");
    end_host();
}
END_TEST

START_TEST(a_smaller_host_stops_nobody_and_has_less_than_nothing_left)
{
    begin();
    add(TASK_OF("t1", "'cpu':1000,'memory':4000"));
    settle();
    change("host-cpu", "400");
    change("host-memory", "1000");
    ck_says("'CPU':{'capacity':400,'free':-600,'reserved':0,'consumed':1000},"
            "'MEMORY':{'capacity':1000,'free':-3000,'reserved':0,'consumed':4000}");
    add(TASK_OF("t2", "'cpu':1,'memory':4"));
    settle();
    ck_assert(is_running("t1") && !is_running("t2"));
    ck_says("'holding':1,'waiting':1");
    finish("t1");
    ck_assert(is_running("t2"));
    ck_says("'CPU':{'capacity':400,'free':399,");
    end_host();
}
END_TEST

START_TEST(who_fits_a_larger_host_is_admitted_in_the_turn_that_makes_it_larger)
{
    set("host-cpu", "100");
    begin();
    add(TASK_OF("t1", "'cpu':150,'memory':4"));
    turn();
    ck_says("'holding':0,'waiting':1");
    change("host-cpu", "150");
    ck_says("'CPU':{'capacity':150,'free':0,'reserved':0,'consumed':150}");
    ck_says("'holding':1,'waiting':0");
    settle();
    ck_assert(is_running("t1"));
    end_host();
}
END_TEST

START_TEST(a_port_that_becomes_reserved_is_not_consumed_and_stays_with_who_has_it)
{
    begin();
    add(TASK_OF("t1", "'memory':4,'portMappings':[{'containerPort':80,'hostPort':8080},{'containerPort':53,'hostPort':53,'protocol':'udp'}]"));
    settle();
    ck_says("'PORTS_TCP':{'reserved':[],'consumed':1},'PORTS_UDP':{'reserved':[],'consumed':1}");
    change("reserved-ports", "[22,8080]");
    change("reserved-ports-udp", "53");
    ck_says("'PORTS_TCP':{'reserved':[22,8080],'consumed':0},'PORTS_UDP':{'reserved':[53],'consumed':0}");
    ck_says("'hostPort':8080,");
    add(TASK_OF("t2", "'memory':4,'portMappings':[{'containerPort':80,'hostPort':8080}]"));
    add(TASK_OF("t3", "'memory':4,'portMappings':[{'containerPort':53,'hostPort':53,'protocol':'udp'}]"));
    finish("t1");
    ck_says("'holding':0,'waiting':2");
    change("reserved-ports", "22");
    settle();
    ck_assert(is_running("t2") && !is_running("t3"));
    change("reserved-ports-udp", "[]");
    settle();
    ck_assert(is_running("t3"));
    end_host();
}
END_TEST

/* ---- who has what, and who waits ---- */

START_TEST(totals_name_nobody)
{
    begin();
    add(TASK_OF("t1", "'cpu':10,'memory':64"));
    settle();
    ck_assert_ptr_null(strstr(ask(ECSENGINE_HOST_TOTALS), "tasks"));
    ck_assert_ptr_null(strstr(ask(ECSENGINE_HOST_TOTALS), "queue"));
    ck_assert_ptr_nonnull(strstr(ask(ECSENGINE_HOST_HOLDERS), "\"queue\":[]}"));
    end_host();
}
END_TEST

START_TEST(who_has_something_is_named_in_order_of_admission_and_who_waits_in_that_of_the_queue)
{
    set("host-cpu", "100");
    set("admission-policy", "backfill");
    begin();
    add(TASK_OF("t1", "'cpu':60,'memory':10"));
    add(TASK_OF("t2", "'cpu':50,'memory':20")); /* waits */
    add(TASK_OF("t3", "'cpu':45,'memory':20")); /* waits */
    add(TASK_OF("t4", "'cpu':40,'memory':30")); /* overtakes both */
    settle();
    ck_says("'admissionPolicy':'backfill','backfillOvertakeLimit':64,'holding':2,'waiting':2,'tasks':["
            "{'taskArn':'" ARN_HEAD "t1','cpu':60,'memory':10,'ports':[],'gpus':[]},"
            "{'taskArn':'" ARN_HEAD "t4','cpu':40,'memory':30,'ports':[],'gpus':[]}],'queue':["
            "{'taskArn':'" ARN_HEAD "t2','overtaken':1},{'taskArn':'" ARN_HEAD "t3','overtaken':1}]}");
    finish("t1");
    ck_says("'tasks':[{'taskArn':'" ARN_HEAD "t2','cpu':50,'memory':20,'ports':[],'gpus':[]},"
            "{'taskArn':'" ARN_HEAD "t4','cpu':40,'memory':30,'ports':[],'gpus':[]}],'queue':[{'taskArn':'" ARN_HEAD
            "t3','overtaken':1}]}");
    end_host();
}
END_TEST

/* The container is started, and the runtime says which host port it bound. */
static void settle_with_port(uint16_t port)
{
    ecsengine_op *op = NULL;
    ecsengine_result *result = NULL;

    for (int turns = 0; op == NULL; turns++) {
        ck_assert_int_lt(turns, 100);
        turn();
        op = find_held(ECSENGINE_OP_START, NULL);
        while (host.held_count > 0)
            answer(held(ecsengine_op_get_kind(host.held[0]), NULL));
    }
    OK(ecsengine_result_new(op, &result, &error_));
    perform(op, result);
    ck_assert_int_eq(0, ecsengine_result_add_port(result, 81, port, "tcp", "0.0.0.0"));
    OK(ecsengine_op_complete(op, result, &error_));
    settle();
}

START_TEST(it_is_said_who_chose_a_port)
{
    set("dynamic-host-port-range", "50000-50010");
    begin();
    add(TASK_OF("t1", "'memory':4,'portMappings':[{'containerPort':53,'hostPort':5353,'protocol':'udp'},{'containerPort':81},"
                      "{'containerPortRange':'90-91'}]"));
    settle_with_port(32768);
    ck_says("'PORTS_TCP':{'reserved':[],'consumed':3},'PORTS_UDP':{'reserved':[],'consumed':1}");
    ck_says("'tasks':[{'taskArn':'" ARN_HEAD "t1','cpu':0,'memory':4,'ports':["
            "{'containerName':'a','containerPort':53,'hostPort':5353,'protocol':'udp','chosenBy':'fixed'},"
            "{'containerName':'a','containerPort':90,'hostPort':50000,'protocol':'tcp','chosenBy':'engine'},"
            "{'containerName':'a','containerPort':91,'hostPort':50001,'protocol':'tcp','chosenBy':'engine'},"
            "{'containerName':'a','containerPort':81,'hostPort':32768,'protocol':'tcp','chosenBy':'runtime'}],'gpus':[]}]");
    finish("t1");
    ck_says("'PORTS_TCP':{'reserved':[],'consumed':0},'PORTS_UDP':{'reserved':[],'consumed':0}");
    ck_says("'tasks':[],'queue':[]}");
    end_host();
}
END_TEST

START_TEST(a_task_of_fargate_has_the_port_that_it_was_seen_with_and_nothing_else)
{
    begin();
    add("{'arn':'" ARN_HEAD "t1','family':'f','version':'1','launchType':'fargate','containers':["
        "{'name':'a','image':'x','essential':true,'cpu':5,'memory':5}]}");
    turn();
    ck_says("'holding':0,'waiting':0,'tasks':[],'queue':[]}");
    settle_with_port(32768);
    ck_says("'holding':0,'waiting':0,'tasks':[{'taskArn':'" ARN_HEAD "t1','cpu':0,'memory':0,'ports':[{'containerName':'a',"
            "'containerPort':81,'hostPort':32768,'protocol':'tcp','chosenBy':'runtime'}],'gpus':[]}],'queue':[]}");
    end_host();
}
END_TEST

START_TEST(a_gpu_is_free_or_somebodys)
{
    set("enable-gpu-support", "true");
    set("host-gpus", "[\"g1\",\"g2\",\"g3\"]");
    begin();
    add("{'taskArn':'" ARN_HEAD "t1','family':'f','containerDefinitions':["
        "{'name':'a','image':'x','cpu':1,'memory':4,'resourceRequirements':[{'type':'GPU','value':'1'}]},"
        "{'name':'b','image':'x','cpu':1,'memory':4,'resourceRequirements':[{'type':'GPU','value':'1'}]}]}");
    add(TASK_OF("t2", "'cpu':1,'memory':4,'resourceRequirements':[{'type':'GPU','value':'2'}]"));
    settle();
    ck_says("'GPU':{'capacity':['g1','g2','g3'],'free':['g3']}");
    ck_says("'gpus':[{'containerName':'a','id':'g1'},{'containerName':'b','id':'g2'}]}],'queue':[{'taskArn':'" ARN_HEAD "t2','overtaken':0}]}");
    change("host-gpus", "[\"g2\",\"g3\"]"); /* one is gone, and still somebody's */
    ck_says("'GPU':{'capacity':['g2','g3'],'free':['g3']}");
    ck_says("'gpus':[{'containerName':'a','id':'g1'},{'containerName':'b','id':'g2'}]}]");
    finish("t1");
    ck_says("'GPU':{'capacity':['g2','g3'],'free':[]}");
    ck_says("'gpus':[{'containerName':'a','id':'g2'},{'containerName':'a','id':'g3'}]}],'queue':[]}");
    end_host();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, before_the_runtime_has_answered_nothing_is_known_and_nobody_is_admitted);
    tcase_add_loop_test(tcase, what_the_runtime_can_not_say_is_not_limited, 0, 2);
    tcase_add_test(tcase, a_host_of_which_all_memory_is_reserved_has_none_to_give_out);
    tcase_add_test(tcase, the_hosts_facts_are_not_asked_for_where_all_is_set);
    tcase_add_test(tcase, gpus_alone_can_be_what_is_asked_of_the_runtime);
    tcase_add_test(tcase, a_change_before_the_facts_are_known_makes_nothing_known);
    tcase_add_loop_test(tcase, each_key_has_its_effect_from_the_turn_that_applies_it, 0, 9);
    tcase_add_test(tcase, what_can_not_be_set_is_refused_with_what_would_be_right_and_changes_nothing);
    tcase_add_test(tcase, a_change_lasts_as_long_as_the_engine);
    tcase_add_test(tcase, an_engine_that_was_shut_down_changes_its_host_no_more);
    tcase_add_test(tcase, a_smaller_host_stops_nobody_and_has_less_than_nothing_left);
    tcase_add_test(tcase, who_fits_a_larger_host_is_admitted_in_the_turn_that_makes_it_larger);
    tcase_add_test(tcase, a_port_that_becomes_reserved_is_not_consumed_and_stays_with_who_has_it);
    tcase_add_test(tcase, totals_name_nobody);
    tcase_add_test(tcase, who_has_something_is_named_in_order_of_admission_and_who_waits_in_that_of_the_queue);
    tcase_add_test(tcase, it_is_said_who_chose_a_port);
    tcase_add_test(tcase, a_task_of_fargate_has_the_port_that_it_was_seen_with_and_nothing_else);
    tcase_add_test(tcase, a_gpu_is_free_or_somebodys);
}

int main(void) { return run_tests("host", fill); }
