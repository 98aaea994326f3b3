/* SPDX-License-Identifier: Apache-2.0 */
/* Task manifests and the answers to their candidates: what is taken from them, and where they are wrong. */
#include "../base/unit.h"

#include "spec/manifest.h"

typedef int parse_fn(struct mem *mem, const struct spec_limits *limits, const char *document, size_t document_len,
                     struct manifest **out_manifest, struct ecsengine_error **error);

static const struct spec_limits limits = {.payload_bytes = 1 << 20, .container_count = 10};

static struct manifest *good(parse_fn *parse, const char *document)
{
    struct manifest *manifest = NULL;
    struct ecsengine_error *error = NULL;
    const char *text = unit_quoted(document);

    if (parse(&unit_mem, &limits, text, strlen(text), &manifest, &error) < 0)
        ck_abort_msg("%s", ecsengine_error_message(error));
    return manifest;
}

static void bad(parse_fn *parse, const char *document, int code, const char *message)
{
    struct manifest *manifest = NULL;
    struct ecsengine_error *error = NULL;
    const char *text = unit_quoted(document);

    ck_assert_int_eq(code, parse(&unit_mem, &limits, text, strlen(text), &manifest, &error));
    ck_assert_ptr_null(manifest);
    ck_assert_str_eq(message, ecsengine_error_message(error));
    ecsengine_error_free(error);
}

START_TEST(a_manifest_is_its_id_its_number_and_the_tasks_that_shall_run)
{
    struct manifest *manifest = good(manifest_parse, "{'messageId':'m1','clusterArn':'c','containerInstanceArn':'i','generatedAt':5,"
                                                     "'tasks':[{'taskArn':'b','desiredStatus':'RUNNING'},{'taskArn':'x',"
                                                     "'desiredStatus':'STOPPED'},{'TaskArn':'a','desiredStatus':'RUNNING'},"
                                                     "{'taskArn':'y'}],'timeline':9223372036854775807}");

    ck_assert_str_eq("m1", manifest->message_id->data);
    ck_assert_str_eq("c", manifest->cluster_arn->data);
    ck_assert(manifest->timeline == INT64_MAX);
    ck_assert_uint_eq(2, manifest->count);
    ck_assert_str_eq("a", manifest->arns[0]->data);
    ck_assert_str_eq("b", manifest->arns[1]->data);
    struct str *other = str_new(&unit_mem, "x", 1);
    ck_assert(manifest_has(manifest, manifest->arns[0]) && manifest_has(manifest, manifest->arns[1]));
    ck_assert(!manifest_has(manifest, other));
    str_unref(other);
    manifest_free(manifest);
    unit_ends();
}
END_TEST

START_TEST(a_manifest_without_tasks_says_that_none_shall_run)
{
    static const char *const documents[] = {"{'messageId':'m','timeline':-1}", "{'messageId':'m','timeline':-1,'tasks':null}",
                                            "{'messageId':'m','timeline':-1,'tasks':[],'clusterArn':''}"};

    for (int i = 0; i < 3; i++) {
        struct manifest *manifest = good(manifest_parse, documents[i]);
        ck_assert(manifest->timeline == -1 && manifest->count == 0 && manifest->cluster_arn == NULL);
        struct str *arn = str_new(&unit_mem, "x", 1);
        ck_assert(!manifest_has(manifest, arn));
        str_unref(arn);
        manifest_free(manifest);
    }
    unit_ends();
}
END_TEST

START_TEST(an_answer_is_its_id_and_all_its_tasks)
{
    struct manifest *manifest = good(stop_verification_parse, "{'messageId':'m1','stopTasks':[{'taskArn':'b','desiredStatus':"
                                                              "'STOPPED','clusterArn':'c'},{'taskArn':'a'}]}");

    ck_assert_uint_eq(2, manifest->count);
    ck_assert_str_eq("a", manifest->arns[0]->data);
    manifest_free(manifest);
    unit_ends();
}
END_TEST

START_TEST(what_is_wrong_is_said_with_its_place)
{
    bad(manifest_parse, "{", ECSENGINE_ESYNTAX, "the document ends inside an object at line 1, column 2");
    bad(manifest_parse, "[]", ECSENGINE_EDOCUMENT, "expected an object at $ (line 1, column 1)");
    bad(manifest_parse, "{'timeline':1}", ECSENGINE_EDOCUMENT, "messageId is missing at $ (line 1, column 1)");
    bad(manifest_parse, "{'messageId':'','timeline':1}", ECSENGINE_EDOCUMENT,
        "expected messageId, a text of 1 to 255 bytes without U+0000 at $.messageId (line 1, column 14)");
    bad(manifest_parse, "{'messageId':5,'timeline':1}", ECSENGINE_EDOCUMENT,
        "expected messageId, a text of 1 to 255 bytes without U+0000 at $.messageId (line 1, column 14)");
    bad(manifest_parse, "{'messageId':'m'}", ECSENGINE_EDOCUMENT, "timeline is missing at $ (line 1, column 1)");
    bad(manifest_parse, "{'messageId':'m','timeline':'1'}", ECSENGINE_EDOCUMENT,
        "expected timeline, a whole number of 64 bits at $.timeline (line 1, column 29)");
    bad(manifest_parse, "{'messageId':'m','timeline':9223372036854775808}", ECSENGINE_EDOCUMENT,
        "expected timeline, a whole number of 64 bits at $.timeline (line 1, column 29)");
    bad(manifest_parse, "{'messageId':'m','timeline':1,'tasks':{}}", ECSENGINE_EDOCUMENT,
        "expected a list of tasks at $.tasks (line 1, column 39)");
    bad(manifest_parse, "{'messageId':'m','timeline':1,'tasks':[{'taskArn':'a'},null]}", ECSENGINE_EDOCUMENT,
        "expected a task: an object with taskArn at $.tasks[1] (line 1, column 56)");
    bad(manifest_parse, "{'messageId':'m','timeline':1,'tasks':[{}]}", ECSENGINE_EDOCUMENT,
        "taskArn is missing at $.tasks[0] (line 1, column 40)");
    bad(manifest_parse, "{'messageId':'m','timeline':1,'tasks':[{'taskArn':'a','desiredStatus':1}]}", ECSENGINE_EDOCUMENT,
        "expected desiredStatus, a text at $.tasks[0].desiredStatus (line 1, column 71)");
    bad(stop_verification_parse, "{'messageId':'m','stopTasks':[{'taskArn':''}]}", ECSENGINE_EDOCUMENT,
        "expected taskArn, a text of 1 to 2048 bytes without U+0000 at $.stopTasks[0].taskArn (line 1, column 42)");
    bad(stop_verification_parse, "{'messageId':'m','clusterArn':7}", ECSENGINE_EDOCUMENT,
        "expected clusterArn, a text of 1 to 2048 bytes without U+0000 at $.clusterArn (line 1, column 31)");
    unit_ends();
}
END_TEST

START_TEST(a_manifest_without_memory_is_no_damage)
{
    struct manifest *manifest = NULL;
    struct ecsengine_error *error = NULL;
    const char *text = unit_quoted("{'messageId':'m','clusterArn':'c','timeline':1,'tasks':[{'taskArn':'a','desiredStatus':'RUNNING'},"
                                   "{'taskArn':'b','desiredStatus':'RUNNING'}]}");
    int code = ECSENGINE_ENOMEM;

    for (long n = 1; code == ECSENGINE_ENOMEM; n++) {
        unit.calls = 0;
        unit.fail_at = n;
        code = manifest_parse(&unit_mem, &limits, text, strlen(text), &manifest, &error);
        unit.fail_at = 0;
        ck_assert(code == 0 || code == ECSENGINE_ENOMEM);
        ecsengine_error_free(error);
        error = NULL;
        ck_assert(code == 0 || unit.blocks == 0);
        ck_assert_int_lt(n, 100);
    }
    manifest_free(manifest);
    unit_ends();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_manifest_is_its_id_its_number_and_the_tasks_that_shall_run);
    tcase_add_test(tcase, a_manifest_without_tasks_says_that_none_shall_run);
    tcase_add_test(tcase, an_answer_is_its_id_and_all_its_tasks);
    tcase_add_test(tcase, what_is_wrong_is_said_with_its_place);
    tcase_add_test(tcase, a_manifest_without_memory_is_no_damage);
}

int main(void) { return unit_run("spec: manifest", fill); }
