/* SPDX-License-Identifier: Apache-2.0 */
/* Documents that are cut, damaged, enormous or malicious, and memory that runs out: an answer every time, in time, and nothing
 * lost. */
#include "fixture.h"

/* One of everything, in both forms. */
static const char everything_payload[] =
    "{'arn':'" ARN "','family':'fam','version':'3','desiredStatus':'RUNNING','cpu':0.25,'memory':512,'networkMode':'bridge',"
    "'pidMode':'host','ipcMode':'none','launchType':'EC2','roleCredentials':{'credentialsId':'x'},'colour':'red',"
    "'volumes':[{'name':'v','type':'host','host':{'sourcePath':'/srv'}},{'name':'e','host':{}}],'containers':[{'name':'web',"
    "'image':'nginx','cpu':10,'memory':32,'essential':true,'command':['a','\\u00e4'],'entryPoint':['e'],'environment':{'b':'2','a':"
    "'1'},"
    "'links':['db:database'],'volumesFrom':[{'sourceContainer':'db','readOnly':true}],'dependsOn':[{'containerName':'db',"
    "'condition':'HEALTHY'}],'startTimeout':1,'stopTimeout':2,'portMappings':[{'containerPort':80,'hostPort':8080},{'containerPort'"
    ":80,"
    "'protocol':'udp'}],'mountPoints':[{'sourceVolume':'v','containerPath':'/x'}],'overrides':'{\\'command\\':[\\'z\\']}',"
    "'dockerConfig':{'config':'{\\'Labels\\':{\\'l\\':\\'1\\'},\\'user\\':\\'u\\'}','hostConfig':'{\\'MemoryReservation\\':5,\\'"
    "x\\':[1]}',"
    "'version':'1.17'}},{'name':'db','image':'pg','healthCheckType':'docker','dockerConfig':{'config':"
    "'{\\'Healthcheck\\':{\\'Test\\':[\\'CMD\\',\\'x\\']}}'}}]}";
static const char everything_taskdef[] =
    "{'taskArn':'" ARN "','taskDefinition':{'family':'fam','revision':7,'cpu':'0.5 vCPU','memory':'1GB','networkMode':'bridge',"
    "'volumes':[{'name':'v','host':{'sourcePath':'/srv'}}],'containerDefinitions':[{'name':'web','image':'nginx','memory':64,"
    "'memoryReservation':32,'environment':[{'name':'a','value':'1'},{'name':'a','value':'2'}],'portMappings':[{'containerPort':80}]"
    ","
    "'mountPoints':[{'sourceVolume':'v','containerPath':'/x','readOnly':true}],'healthCheck':{'command':['CMD','x'],'interval':5},"
    "'user':'u','workingDirectory':'/w','hostname':'h','interactive':true,'pseudoTerminal':true,'dockerLabels':{'b':'2','a':'1'},"
    "'privileged':true,'readonlyRootFilesystem':true,'dnsServers':['1.1.1.1'],'dnsSearchDomains':['d'],'extraHosts':[{'hostname':'"
    "h',"
    "'ipAddress':'10.0.0.1'}],'dockerSecurityOptions':['no-new-privileges'],'ulimits':[{'name':'nofile','softLimit':1,'hardLimit':"
    "2}],"
    "'systemControls':[{'namespace':'n','value':'v'}],'linuxParameters':{'capabilities':{'add':['A'],'drop':['B']},'devices':[{'"
    "hostPath':"
    "'/dev/a','permissions':['read']}],'initProcessEnabled':true,'sharedMemorySize':1,'tmpfs':[{'containerPath':'/t','size':1,"
    "'mountOptions':['rw']}],'maxSwap':1,'swappiness':2},'logConfiguration':{'logDriver':'json-file','options':{'mode':'non-"
    "blocking'}},"
    "'secrets':[{'name':'s'}]},{'name':'db','image':'pg','links':['web'],'volumesFrom':[{'sourceContainer':'web'}]}]}}";
static const char *const everything[] = {everything_payload, everything_taskdef};

static char *with_quotes(const char *document)
{
    char *copy = strdup(document);

    for (char *c = copy; *c != '\0'; c++)
        if (*c == '\'')
            *c = '"';
    return copy;
}

START_TEST(one_of_everything_is_accepted)
{
    accept(everything[_i]);
    ck_assert_uint_eq(last.spec->definition->container_count, 2);
    has(0, "'Labels':{");
}
END_TEST

START_TEST(a_cut_document_is_no_json)
{
    char *document = with_quotes(everything[_i]);

    for (size_t len = 0; len < strlen(document); len++) {
        parse_bytes(document, len);
        ck_assert_int_eq(last.code, ECSENGINE_ESYNTAX);
        ck_assert_int_ge(ecsengine_error_line(last.error), 1);
        ck_assert_int_eq(ecsengine_error_column(last.error), (int)len + 1);
    }
    free(document);
}
END_TEST

START_TEST(a_changed_byte_never_does_harm)
{
    static const char bytes[] = "\0\"\\{}[],:-0e \xff";
    char *document = with_quotes(everything[_i]);
    size_t len = strlen(document);

    for (size_t at = 0; at < len; at++) {
        for (size_t i = 0; i < sizeof(bytes) - 1; i++) {
            char kept = document[at];
            document[at] = bytes[i];
            parse_bytes(document, len);
            document[at] = kept;
            ck_assert(last.code == 0 || last.code == ECSENGINE_ESYNTAX || last.code == ECSENGINE_EDOCUMENT);
            if (last.code == 0)
                ck_assert((last.spec->definition != NULL) != (last.spec->refusal != NULL));
        }
    }
    free(document);
}
END_TEST

START_TEST(deep_nesting_is_over_the_limit)
{
    enum { DEPTH = 100000 };
    char *document = malloc(DEPTH * 2 + 200);

    for (int kind = 0; kind < 2; kind++) {
        size_t at = (size_t)sprintf(document, "{\"arn\":\"" ARN "\",\"x\":");
        for (int i = 0; i < DEPTH; i++)
            at += (size_t)sprintf(document + at, kind == 0 ? "[" : i % 2 ? "{" : "[");
        parse_bytes(document, at);
        ck_assert_int_eq(last.code, kind == 0 ? ECSENGINE_ELIMIT : ECSENGINE_ESYNTAX);
        memset(document + at, ']', DEPTH);
        parse_bytes(document, at + DEPTH);
        if (kind == 0)
            ck_assert_str_eq(ecsengine_error_message(last.error), "the document has more than 200 levels at line 1, column 264");
    }
    free(document);
}
END_TEST

START_TEST(two_hundred_levels_are_taken_also_inside_a_text)
{
    char document[8192], raw[2048];

    for (int depth = 199; depth <= 200; depth++) {
        size_t at = (size_t)sprintf(raw, "{\\'x\\':");
        memset(raw + at, '[', (size_t)depth);
        memset(raw + at + depth, ']', (size_t)depth);
        strcpy(raw + at + 2 * depth, "}");
        snprintf(document, sizeof(document), PAYLOAD("{'name':'a','image':'i','dockerConfig':{'config':'%s'}}"), raw);
        if (depth == 199)
            accept(document);
        else
            refuse(document, "DockerClientConfigError: Unable decode given docker config: "
                             "the document has more than 200 levels at line 1, column 205");
    }
}
END_TEST

/* A document with one text of `len` bytes in it. */
static void parse_long_text(const char *before, char fill, size_t len, const char *after)
{
    size_t head = strlen(before), tail = strlen(after);
    char *document = malloc(head + len + tail);

    memcpy(document, before, head);
    memset(document + head, fill, len);
    memcpy(document + head + len, after, tail);
    parse_bytes(document, head + len + tail);
    free(document);
}

START_TEST(a_text_of_fifty_megabytes_is_taken_in_its_time)
{
    enum { LEN = 50 << 20 };

    parse_long_text("{\"arn\":\"" ARN "\",\"containers\":[{\"name\":\"a\",\"image\":\"i\",\"environment\":{\"x\":\"", 'v', LEN,
                    "\"}}]}");
    ck_assert_int_eq(last.code, 0);
    ck_assert_uint_gt(strlen(last.spec->definition->containers[0].config_json), LEN);
    parse_long_text("{\"arn\":\"" ARN "\",\"containers\":[{\"name\":\"", 'v', LEN, "\",\"image\":\"i\"}]}");
    ck_assert_ptr_nonnull(last.spec->refusal);
    parse_long_text("{\"arn\":\"", 'v', LEN, "\"}");
    ck_assert_int_eq(last.code, ECSENGINE_EDOCUMENT);
    parse_long_text("{\"arn\":\"" ARN "\",\"containers\":[{\"name\":\"a\",\"image\":\"i\",\"cpu\":", '9', LEN, "}]}");
    ck_assert_ptr_nonnull(last.spec->refusal);
    ck_assert_uint_le(str_len(last.spec->refusal), 1024);
    parse_long_text("{\"arn\":\"" ARN "\",\"containers\":[{\"name\":\"a\",\"image\":\"i\"}],\"", 'k', LEN, "\":1}");
    ck_assert_uint_eq(last.spec->notice_count, 1);
    parse_long_text("", ' ', LEN, "");
    ck_assert_int_eq(last.code, ECSENGINE_ESYNTAX);
    parse_long_text("", ' ', (64 << 20) + 1, "");
    ck_assert_int_eq(last.code, ECSENGINE_ELIMIT);
}
END_TEST

START_TEST(ten_thousand_containers_are_refused)
{
    struct buf document;

    buf_init(&document, &last.mem, 0);
    buf_puts(&document, "{'arn':'" ARN "','containers':[");
    for (int i = 0; i < 10000; i++)
        buf_printf(&document, "%s{'name':'c%d','image':'i'}", i > 0 ? "," : "", i);
    buf_puts(&document, "]}");
    refuse(document.data, DECODE "$.containers: the task has 10000 containers, more than 10 (container-limit) (line 1, column 74)");
    last.limits.container_count = 1000;
    refuse(document.data,
           DECODE "$.containers: the task has 10000 containers, more than 1000 (container-limit) (line 1, column 74)");
    buf_free(&document);
}
END_TEST

START_TEST(a_million_values_are_the_limit)
{
    struct buf document;

    buf_init(&document, &last.mem, 0);
    buf_puts(&document, "{'arn':'" ARN "','containers':[" WEB "],'x':[");
    for (int i = 0; i < 1000000; i++)
        buf_puts(&document, "0,");
    buf_puts(&document, "0]}");
    parse(document.data);
    ck_assert_int_eq(last.code, ECSENGINE_ELIMIT);
    ck_assert_ptr_nonnull(strstr(ecsengine_error_message(last.error), "the document has more than 1000000 values at line 1"));
    buf_free(&document);
}
END_TEST

START_TEST(many_members_take_linear_time)
{
    struct buf document;

    buf_init(&document, &last.mem, 0);
    buf_puts(&document, "{'arn':'" ARN "','containers':[{'name':'a','image':'i','environment':{'x':'y'");
    for (int i = 0; i < 100000; i++)
        buf_printf(&document, ",'v%d':'w'", (i * 7919) % 90001);
    buf_puts(&document, "}");
    for (int i = 0; i < 100000; i++)
        buf_printf(&document, ",'u%d':0,'cpu':%d", i, i);
    buf_puts(&document, "}]");
    for (int i = 0; i < 100000; i++)
        buf_printf(&document, ",'t%d':1", i);
    buf_puts(&document, "}");
    ck_assert_uint_eq(accept(document.data)->containers[0].cpu_units, 99999);
    ck_assert_uint_eq(last.spec->notice_count, 101);
    buf_free(&document);
}
END_TEST

START_TEST(bytes_that_are_no_utf8_are_no_json)
{
    static const char *const bad[] = {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\x80"};
    char document[256];

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        snprintf(document, sizeof(document), "{'arn':'" ARN "','family':'%s','containers':[" WEB "]}", bad[i]);
        fail_with(document, ECSENGINE_ESYNTAX, "a string is no UTF-8 at line 1, column 71");
    }
}
END_TEST

/* Parses with the n-th allocation failing, for every n, and with all after it failing too. */
static void starve(const char *document)
{
    char *expected = NULL;
    size_t len = 0;
    bool failed = true;

    parse(document);
    ck_assert_int_eq(last.code, 0);
    if (last.spec->definition != NULL) {
        len = last.spec->definition->content_len;
        expected = malloc(len);
        memcpy(expected, last.spec->definition->content, len);
    } else {
        expected = strdup(str_text(last.spec->refusal));
    }
    size_t expected_notices = last.spec->notice_count;
    for (long n = 1; failed; n++) {
        fixture_drop();
        ck_assert_uint_eq(last.mem.bytes, 0);
        last.allocations = 0;
        last.fail_at = n;
        parse(document);
        failed = last.allocations >= n;
        last.fail_at = 0;
        ck_assert_int_eq(last.code, failed ? ECSENGINE_ENOMEM : 0);
        ck_assert_int_eq(ecsengine_error_code(last.error), last.code);
        if (failed)
            continue;
        ck_assert_uint_eq(last.spec->notice_count, expected_notices);
        if (last.spec->definition != NULL) {
            ck_assert_uint_eq(last.spec->definition->content_len, len);
            ck_assert_mem_eq(last.spec->definition->content, expected, len);
        } else {
            ck_assert_str_eq(str_text(last.spec->refusal), expected);
        }
    }
    ck_assert_int_gt(last.allocations, 5);
    free(expected);
}

START_TEST(every_failed_allocation_is_no_memory_and_loses_none)
{
    static const char *const documents[] = {
        everything_payload,
        everything_taskdef,
        PAYLOAD("{'name':'a','image':'i','links':['x']}"),
        PAYLOAD("{'name':'a','image':'i','cpu':-1}"),
        PAYLOAD("{'name':'a','image':'i','dockerConfig':{'config':'{'}}"),
        PAYLOAD("{'name':'a','image':'i','dependsOn':[{'containerName':'a','condition':'START'}]}"),
    };

    starve(documents[_i]);
}
END_TEST

START_TEST(a_long_list_of_notices_survives_no_memory)
{
    struct buf document;

    buf_init(&document, &last.mem, 0);
    buf_puts(&document, "{'arn':'" ARN "','containers':[" WEB "]");
    for (int i = 0; i < 150; i++)
        buf_printf(&document, ",'x%d':1", i);
    buf_puts(&document, "}");
    char *copy = strdup(document.data);
    buf_free(&document);
    starve(copy);
    free(copy);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, one_of_everything_is_accepted, 0, 2);
    tcase_add_loop_test(tcase, a_cut_document_is_no_json, 0, 2);
    tcase_add_loop_test(tcase, a_changed_byte_never_does_harm, 0, 2);
    tcase_add_test(tcase, deep_nesting_is_over_the_limit);
    tcase_add_test(tcase, two_hundred_levels_are_taken_also_inside_a_text);
    tcase_add_test(tcase, a_text_of_fifty_megabytes_is_taken_in_its_time);
    tcase_add_test(tcase, ten_thousand_containers_are_refused);
    tcase_add_test(tcase, a_million_values_are_the_limit);
    tcase_add_test(tcase, many_members_take_linear_time);
    tcase_add_test(tcase, bytes_that_are_no_utf8_are_no_json);
    tcase_add_loop_test(tcase, every_failed_allocation_is_no_memory_and_loses_none, 0, 6);
    tcase_add_test(tcase, a_long_list_of_notices_survives_no_memory);
}

int main(void) { return run_cases("spec: hostile", add); }
