/* SPDX-License-Identifier: Apache-2.0 */
/* Error objects: what and where, and never a failure to report a failure. */
#include "unit.h"

#include "base/error.h"
#include "base/str.h"

START_TEST(an_error_says_what_and_where)
{
    struct ecsengine_error *error = NULL;

    ck_assert_int_eq(ECSENGINE_EINVAL, error_set(&error, ECSENGINE_EINVAL, "no %s", "good"));
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_error_code(error));
    ck_assert_str_eq("ECSENGINE_EINVAL", ecsengine_error_name(error));
    ck_assert_str_eq("no good", ecsengine_error_message(error));
    ck_assert_str_eq("", ecsengine_error_path(error));
    ck_assert_int_eq(0, ecsengine_error_line(error));
    error_set_at(&error, ECSENGINE_EDOCUMENT, "SomeError", "$.a[2]", 7, 12, "before: %s", ecsengine_error_message(error));
    ck_assert_str_eq("before: no good at $.a[2] (line 7, column 12)", ecsengine_error_message(error));
    ck_assert_str_eq("SomeError", ecsengine_error_name(error));
    ck_assert_str_eq("$.a[2]", ecsengine_error_path(error));
    ck_assert_int_eq(7, ecsengine_error_line(error));
    ck_assert_int_eq(12, ecsengine_error_column(error));
    error_set_at(&error, ECSENGINE_ESYNTAX, NULL, NULL, 3, 4, "bad");
    ck_assert_str_eq("bad at line 3, column 4", ecsengine_error_message(error));
    error_set_at(&error, ECSENGINE_EDOCUMENT, NULL, "$.x", 0, 0, "bad");
    ck_assert_str_eq("bad at $.x", ecsengine_error_message(error));
    ck_assert_int_eq(ECSENGINE_ENOMEM, error_nomem(&error));
    ck_assert_int_eq(ECSENGINE_ENOMEM, ecsengine_error_code(error));
    ck_assert_str_eq("out of memory", ecsengine_error_message(error));
    ecsengine_error_free(error); /* a static one */
    ck_assert_int_eq(ECSENGINE_EIO, error_set(NULL, ECSENGINE_EIO, "x"));
    ck_assert_int_eq(ECSENGINE_ENOMEM, error_nomem(NULL));
}
END_TEST

START_TEST(a_long_message_is_cut_at_a_character_and_keeps_its_place)
{
    struct ecsengine_error *error = NULL;
    char text[8000];

    for (size_t shift = 0; shift < 3; shift++) {
        memset(text, 'x', shift);
        for (size_t i = shift; i + 3 < sizeof(text); i += 3)
            memcpy(text + i, "\xe4\xb8\x96", 4);
        error_set_at(&error, ECSENGINE_EDOCUMENT, NULL, text, 7, 12, "%s", text);
        const char *message = ecsengine_error_message(error);
        ck_assert(utf8_valid(message, strlen(message)));
        ck_assert(utf8_valid(ecsengine_error_path(error), strlen(ecsengine_error_path(error))));
        ck_assert_ptr_nonnull(strstr(message, "(line 7, column 12)"));
    }
    ecsengine_error_free(error);
}
END_TEST

START_TEST(every_code_has_a_name)
{
    for (int code = 0; code >= ECSENGINE_ECORRUPT; code--) {
        ck_assert_int_eq(0, strncmp("ECSENGINE_", ecsengine_code_name(code), 10));
        ck_assert_str_ne("ECSENGINE_E?", ecsengine_code_name(code));
    }
    ck_assert_str_eq("ECSENGINE_ENOTFOUND", ecsengine_code_name(ECSENGINE_ENOTFOUND));
    ck_assert_str_eq("ECSENGINE_E?", ecsengine_code_name(INT32_MIN));
    ck_assert_str_eq("ECSENGINE_E?", ecsengine_code_name(INT32_MAX));
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, an_error_says_what_and_where);
    tcase_add_test(tcase, a_long_message_is_cut_at_a_character_and_keeps_its_place);
    tcase_add_test(tcase, every_code_has_a_name);
}

int main(void) { return unit_run("error", fill); }
