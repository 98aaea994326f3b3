/* SPDX-License-Identifier: Apache-2.0 */
/* Credentials in a payload, and as a document of their own: kept as written, and never quoted where they are wrong. */
#include "fixture.h"

#include "spec/credentials.h"

#define EXECUTION(object) PAYLOAD_WITH("'executionRoleCredentials':" object, WEB)

START_TEST(credentials_are_kept_as_they_are_written)
{
    accept(EXECUTION("{ 'credentialsId' : 'e1', 'x':[1,'}\\\\'] ,'secretAccessKey':'a\\n'}"));
    ck_assert_str_eq("e1", last.spec->execution_credentials->id->data);
    ck_assert_str_eq("{ \"credentialsId\" : \"e1\", \"x\":[1,\"}\\\\\"] ,\"secretAccessKey\":\"a\\n\"}",
                     last.spec->execution_credentials->document);
    ck_assert_ptr_null(last.spec->role_credentials);
    ck_assert_uint_eq(0, last.spec->notice_count);
    accept(PAYLOAD_WITH("'roleCredentials':{'credentialsId':'r1'}", WEB));
    ck_assert_str_eq("r1", last.spec->role_credentials->id->data);
    ck_assert_uint_eq(1, last.spec->notice_count);
}
END_TEST

START_TEST(credentials_are_no_part_of_the_definition)
{
    uint64_t hash = accept(PAYLOAD(WEB))->hash;

    ck_assert_uint_eq(hash, accept(EXECUTION("{'credentialsId':'e1'}"))->hash);
}
END_TEST

START_TEST(credentials_that_say_nothing_are_none)
{
    accept(EXECUTION("null"));
    ck_assert_ptr_null(last.spec->execution_credentials);
    accept(EXECUTION("{'credentialsId':'','roleArn':null}"));
    ck_assert_ptr_null(last.spec->execution_credentials);
}
END_TEST

START_TEST(credentials_without_an_id_refuse_the_task)
{
    refuse(EXECUTION("{'roleArn':'x'}"), DECODE "$.executionRoleCredentials: CredentialsId is empty (line 1, column 143)");
    refuse(EXECUTION("{'credentialsId':'','roleArn':'x'}"),
           DECODE "$.executionRoleCredentials: CredentialsId is empty (line 1, column 143)");
    refuse(EXECUTION("{'credentialsId':'e1','secretAccessKey':123456}"),
           DECODE "$.executionRoleCredentials.secretAccessKey: expected a string, got a number (line 1, column 183)");
}
END_TEST

START_TEST(registry_authentication_is_part_of_the_definition)
{
    const struct registry_auth *auth =
        accept(PAYLOAD("{'name':'web','image':'nginx','registryAuthentication':{'type':'ecr','ecrAuthData':{'region':'r',"
                       "'registryId':'1','endpointOverride':'e','useExecutionRole':true}}}"))
            ->containers[0]
            .registry_auth;
    uint64_t hash = last.spec->definition->hash;

    ck_assert_str_eq("ecr", auth->type);
    ck_assert(auth->execution_role);
    ck_assert_str_eq("{\"region\":\"r\",\"registryId\":\"1\",\"endpointOverride\":\"e\",\"useExecutionRole\":true}", auth->details);
    ck_assert_uint_eq(0, last.spec->notice_count);
    ck_assert_uint_ne(hash, accept(PAYLOAD("{'name':'web','image':'nginx','registryAuthentication':{'type':'ecr'}}"))->hash);
    ck_assert(!last.spec->definition->containers[0].registry_auth->execution_role);
    ck_assert_ptr_null(accept(PAYLOAD("{'name':'web','image':'nginx','registryAuthentication':{}}"))->containers[0].registry_auth);
}
END_TEST

static int parse_alone(const char *document, char message[256])
{
    struct spec_limits limits = {.payload_bytes = 1 << 20};
    struct credentials *credentials = NULL;
    struct ecsengine_error *error = NULL;
    struct str *id = str_new(&last.mem, "e1", 2);

    int code = credentials_parse(&last.mem, &limits, id, document, strlen(document), &credentials, &error);
    snprintf(message, 256, "%s", ecsengine_error_message(error));
    ecsengine_error_free(error);
    credentials_unref(credentials);
    str_unref(id);
    return code;
}

START_TEST(a_document_of_its_own_is_checked)
{
    char message[256];

    ck_assert_int_eq(0, parse_alone("{}", message));
    ck_assert_int_eq(0, parse_alone("{\"CredentialsId\":\"e1\"}", message));
    ck_assert_int_eq(ECSENGINE_ESYNTAX, parse_alone("{\"secretAccessKey\":\"HUSH", message));
    ck_assert_ptr_null(strstr(message, "HUSH"));
    ck_assert_int_eq(ECSENGINE_EDOCUMENT, parse_alone("[]", message));
    ck_assert_str_eq("expected credentials: an object at $ (line 1, column 1)", message);
    ck_assert_int_eq(ECSENGINE_EDOCUMENT, parse_alone("{\"credentialsId\":\"e2\"}", message));
    ck_assert_str_eq("expected the id that the credentials are given under at $.credentialsId (line 1, column 18)", message);
    ck_assert_int_eq(ECSENGINE_EDOCUMENT, parse_alone("{\"accessKeyId\":7}", message));
    ck_assert_str_eq("expected a string at $.accessKeyId (line 1, column 16)", message);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_test(tcase, credentials_are_kept_as_they_are_written);
    tcase_add_test(tcase, credentials_are_no_part_of_the_definition);
    tcase_add_test(tcase, credentials_that_say_nothing_are_none);
    tcase_add_test(tcase, credentials_without_an_id_refuse_the_task);
    tcase_add_test(tcase, registry_authentication_is_part_of_the_definition);
    tcase_add_test(tcase, a_document_of_its_own_is_checked);
}

int main(void) { return run_cases("spec: credentials", add); }
