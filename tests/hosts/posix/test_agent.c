/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of a preparation: their order, what each fails with, and documents that are not as they should be. (runtime-and-agents: 3.2.) */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hosts/posix/agent.h"
#include "scratch.h"

static struct posix_agent_found found;

/* The document of the built-in agent, with every path in the scratch directory. */
static const char *document(void)
{
    static char text[8192];
    json_t *root = json_pack(
        "{s:{s:s,s:s,s:[s,s,s]},s:[{s:s,s:s,s:s,s:s,s:s},{s:s,s:s,s:s,s:s,s:s}],s:[{s:s,s:s}],s:{s:s,s:[s,s]}}", "versions", "dir",
        scratch("ec/bin"), "shown", "/var/lib/ecs/deps/execute-command/bin", "files", "amazon-ssm-agent", "ssm-agent-worker",
        "ssm-session-worker", "generated", "dir", scratch("ec/config"), "prefix", "amazon-ssm-agent-", "suffix", ".json", "content", "{}", "error",
        "could not generate ExecAgent Config File", "dir", scratch("ec/config"), "prefix", "seelog-", "suffix", ".xml", "content", "<seelog/>",
        "error", "could not generate ExecAgent LogConfig file", "required", "path", scratch("ec/certs/tls-ca-bundle.pem"), "error",
        "could not find certs", "log", "dir", scratch("log"), "path", "0123abcd", "web");
    char *dumped = json_dumps(root, 0);

    ck_assert_ptr_nonnull(dumped);
    snprintf(text, sizeof(text), "%s", dumped);
    free(dumped);
    json_decref(root);
    return text;
}

static void install(void)
{
    scratch_file("ec/bin/3.1.0.0/amazon-ssm-agent", "");
    scratch_file("ec/bin/3.1.0.0/ssm-agent-worker", "");
    scratch_file("ec/bin/3.1.0.0/ssm-session-worker", "");
    scratch_dir("ec/config");
    scratch_file("ec/certs/tls-ca-bundle.pem", "");
}

static bool prepare(const char *text, struct posix_fault *fault) { return posix_agent_prepare(text, strlen(text), &found, fault); }
static bool clean(const char *text, struct posix_fault *fault) { return posix_agent_clean(text, strlen(text), fault); }

START_TEST(all_is_made_and_told)
{
    install();
    for (int i = 0; i < 2; i++) {
        WORKS(prepare(document(), &fault));
        ck_assert_str_eq(found.version, "3.1.0.0");
        ck_assert_uint_eq(found.file_count, 2);
        ck_assert_str_eq(found.files[0], "amazon-ssm-agent-RBNvo1WzZ4oRRq0W9-hknpT7T8If536DEMBg9hyq_4o=.json");
        ck_assert_int_eq(strncmp(found.files[1], "seelog-", 7), 0);
        ck_assert_str_eq(scratch_read(scratch_text("ec/config/%s", found.files[0])), "{}");
        ck_assert_str_eq(scratch_read(scratch_text("ec/config/%s", found.files[1])), "<seelog/>");
        ck_assert(scratch_has("log/0123abcd/web"));
    }
    ck_assert_int_eq(scratch_count("ec/config"), 2);
}
END_TEST

START_TEST(the_first_failure_ends_it_in_the_agent_s_order)
{
    FAILS(prepare(document(), &fault), scratch_text("open %s: no such file or directory", scratch("ec/bin")));
    scratch_dir("ec/bin");
    FAILS(prepare(document(), &fault), "no valid versions were found in /var/lib/ecs/deps/execute-command/bin");
    install();
    ck_assert_int_eq(rmdir(scratch("ec/config")), 0);
    scratch_file("ec/config", "");
    FAILS(prepare(document(), &fault),
          scratch_text("could not generate ExecAgent Config File: open %s: not a directory", scratch("ec/config")));
    ck_assert_int_eq(unlink(scratch("ec/config")), 0);
    ck_assert_int_eq(unlink(scratch("ec/certs/tls-ca-bundle.pem")), 0);
    FAILS(prepare(document(), &fault), "could not find certs");
    ck_assert_int_eq(scratch_count("ec/config"), 2); /* what was written stays */
    scratch_dir("ec/certs/tls-ca-bundle.pem");
    FAILS(prepare(document(), &fault), "could not find certs");
    ck_assert_int_eq(rmdir(scratch("ec/certs/tls-ca-bundle.pem")), 0);
    ck_assert(!scratch_has("log"));
    install();
    scratch_file("log", "");
    FAILS(prepare(document(), &fault), scratch_text("open %s: not a directory", scratch("log")));
}
END_TEST

START_TEST(steps_that_are_not_asked_for_are_not_done)
{
    WORKS(prepare("{}", &fault));
    ck_assert_str_eq(found.version, "");
    ck_assert_uint_eq(found.file_count, 0);
    WORKS(prepare("{\"generated\":[],\"required\":[]}", &fault));
}
END_TEST

START_TEST(documents_that_are_none)
{
    static const struct {
        const char *document, *said;
    } bad[] = {
        {"", "the agent's configuration is no JSON object"},
        {"[]", "the agent's configuration is no JSON object"},
        {"{\"versions\":1}", "the agent's configuration: versions.dir is no text"},
        {"{\"versions\":{\"dir\":\"/\",\"shown\":1}}", "the agent's configuration: versions.shown is no text"},
        {"{\"versions\":{\"dir\":\"/\\u0000x\",\"shown\":\"\"}}", "the agent's configuration: versions.dir is no text"},
        {"{\"versions\":{\"dir\":\"/\",\"shown\":\"\",\"files\":\"a\"}}", "the agent's configuration: versions.files is no array of at most 16 texts"},
        {"{\"versions\":{\"dir\":\"/\",\"shown\":\"\",\"files\":[1]}}", "the agent's configuration: versions.files[0] is no text"},
        {"{\"versions\":{\"dir\":\"/\",\"shown\":\"\",\"files\":[\"../a\"]}}", "the agent's configuration: versions.files[0] is no file name"},
        {"{\"versions\":{\"dir\":\"/\",\"shown\":\"\",\"files\":[1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8]}}",
         "the agent's configuration: versions.files is no array of at most 16 texts"},
        {"{\"generated\":{}}", "the agent's configuration: generated is no array"},
        {"{\"generated\":[1]}", "the agent's configuration: generated.dir is no text"},
        {"{\"generated\":[{\"dir\":\"/\",\"prefix\":\"\",\"suffix\":\"\",\"error\":\"\"}]}",
         "the agent's configuration: generated.content is no text"},
        {"{\"required\":[{}]}", "the agent's configuration: required.path is no text"},
        {"{\"required\":[{\"path\":\"/nowhere\"}]}", "the agent's configuration: required.error is no text"},
        {"{\"log\":{\"dir\":\"/tmp\"}}", "the agent's configuration: log.path is no array of at most 8 texts"},
        {"{\"log\":{\"dir\":\"/tmp\",\"path\":[]}}", "between 1 and 8 names are needed below /tmp"},
        {"{\"log\":{\"dir\":\"/tmp\",\"path\":[\"..\"]}}", "`..` is no name of a directory below /tmp"},
        {"{\"log\":{\"dir\":\"tmp\",\"path\":[\"a\"]}}", "`tmp` is no absolute path"},
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        FAILS(prepare(bad[i].document, &fault), bad[i].said);
    FAILS(clean("{}", &fault), "the agent's configuration: log.dir is no text");
    FAILS(clean("null", &fault), "the agent's configuration is no JSON object");
    FAILS(clean("{\"log\":{\"dir\":\"/tmp\",\"path\":[\"a/../..\"]}}", &fault), "`a/../..` is no name of a directory below /tmp");
}
END_TEST

START_TEST(more_generated_files_than_results_take)
{
    json_t *root = json_pack("{s:[]}", "generated");

    for (int i = 0; i < POSIX_AGENT_FILES_MAX + 1; i++)
        json_array_append_new(json_object_get(root, "generated"),
                              json_pack("{s:s,s:s,s:s,s:s,s:s}", "dir", scratch("config"), "prefix", scratch_text("%d-", i), "suffix", "",
                                        "content", "x", "error", "no"));
    char *text = json_dumps(root, 0);
    json_decref(root);
    FAILS(prepare(text, &fault), "the agent's configuration: more than 16 generated files");
    free(text);
}
END_TEST

START_TEST(cleaning_takes_the_task_s_logs_away_and_may_be_asked_twice)
{
    char text[256];

    snprintf(text, sizeof(text), "{\"log\":{\"dir\":\"%s\",\"path\":[\"0123abcd\"]}}", scratch("log"));
    install();
    WORKS(prepare(document(), &fault));
    scratch_file("log/0123abcd/web/errors.log", "x");
    scratch_file("log/another/web/errors.log", "stays");
    WORKS(clean(text, &fault));
    WORKS(clean(text, &fault));
    ck_assert(!scratch_has("log/0123abcd"));
    ck_assert_str_eq(scratch_read("log/another/web/errors.log"), "stays");
    ck_assert_int_eq(scratch_count("ec/config"), 2); /* shared by content, never removed */
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_test(tcase, all_is_made_and_told);
    tcase_add_test(tcase, the_first_failure_ends_it_in_the_agent_s_order);
    tcase_add_test(tcase, steps_that_are_not_asked_for_are_not_done);
    tcase_add_test(tcase, documents_that_are_none);
    tcase_add_test(tcase, more_generated_files_than_results_take);
    tcase_add_test(tcase, cleaning_takes_the_task_s_logs_away_and_may_be_asked_twice);
}

int main(void) { return scratch_run("agent", add); }
