/* SPDX-License-Identifier: Apache-2.0 */
/* Shared text and UTF-8. */
#include "unit.h"

#include "base/str.h"

START_TEST(a_text_is_freed_with_its_last_reference)
{
    struct str *str = str_new(&unit_mem, "abc", 3);

    ck_assert_ptr_eq(str, str_ref(str));
    str_unref(str);
    ck_assert_str_eq("abc", str_text(str));
    ck_assert_uint_eq(3, str_len(str));
    str_unref(str);
    str_unref(NULL);
    ck_assert_ptr_null(str_ref(NULL));
    ck_assert_str_eq("", str_text(NULL));
    ck_assert_uint_eq(0, str_len(NULL));
    unit.fail_all = true;
    ck_assert_ptr_null(str_new(&unit_mem, "abc", 3));
    unit_ends();
}
END_TEST

START_TEST(utf_8_is_well_formed)
{
    static const char *const good[] = {"",
                                       "abc",
                                       "\x7f",
                                       "\xc2\x80",
                                       "\xdf\xbf",
                                       "\xe0\xa0\x80",
                                       "\xed\x9f\xbf",
                                       "\xee\x80\x80",
                                       "\xef\xbf\xbf",
                                       "\xf0\x90\x80\x80",
                                       "\xf4\x8f\xbf\xbf"};
    static const char *const bad[] = {"\x80",
                                      "\xbf",
                                      "\xc0\x80",
                                      "\xc1\xbf",
                                      "\xc2",
                                      "\xc2z",
                                      "\xe0\x9f\xbf",
                                      "\xe0\xa0",
                                      "\xed\xa0\x80",
                                      "\xed\xbf\xbf",
                                      "\xf0\x8f\xbf\xbf",
                                      "\xf0\x90\x80",
                                      "\xf4\x90\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xff",
                                      "abc\xff",
                                      "\xe4\xb8\x96\x96"};

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        ck_assert(utf8_valid(good[i], strlen(good[i])));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (utf8_valid(bad[i], strlen(bad[i])))
            ck_abort_msg("the %zu-th bad text passed", i);
    ck_assert(utf8_valid("a\0b", 3));
}
END_TEST

START_TEST(cutting_never_leaves_half_a_character)
{
    const char *text = "a\xc3\xa9\xe4\xb8\x96\xf0\x9f\x98\x80z"; /* 1, 2, 3, 4, 1 bytes */
    static const size_t cuts[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11};

    for (size_t max = 0; max < sizeof(cuts) / sizeof(cuts[0]); max++) {
        ck_assert_uint_eq(cuts[max], utf8_cut(text, strlen(text), max));
        ck_assert(utf8_valid(text, utf8_cut(text, strlen(text), max)));
    }
}
END_TEST

START_TEST(repairing_changes_bad_bytes_alone)
{
    char text[] = "a\xff\xc3\xa9\xe4\xb8 \xe4\xb8\x96\xc3";

    utf8_repair(text, strlen(text));
    ck_assert_str_eq("a?\xc3\xa9?? \xe4\xb8\x96?", text);
    ck_assert(utf8_valid(text, strlen(text)));
}
END_TEST

START_TEST(letters_are_equal_without_case_in_ascii_alone)
{
    ck_assert(ascii_equal("TRUE", "true"));
    ck_assert(ascii_equal("", ""));
    ck_assert(!ascii_equal("true", "tru"));
    ck_assert(!ascii_equal("tru", "true"));
    ck_assert(!ascii_equal("\xc3\x84", "\xc3\xa4"));
    ck_assert(!ascii_equal("[", "{"));
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_text_is_freed_with_its_last_reference);
    tcase_add_test(tcase, utf_8_is_well_formed);
    tcase_add_test(tcase, cutting_never_leaves_half_a_character);
    tcase_add_test(tcase, repairing_changes_bad_bytes_alone);
    tcase_add_test(tcase, letters_are_equal_without_case_in_ascii_alone);
}

int main(void) { return unit_run("str", fill); }
