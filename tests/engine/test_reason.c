/* SPDX-License-Identifier: Apache-2.0 */
/* A reason begins like a title: each part of its first word with a large letter, and blanks of any kind are one blank. */
#include "made.h"

#include "engine/reason.h"

static const struct {
    const char *text, *title;
} table[] = {
    {"", ""},
    {"  ", ""},
    {" a  bc ", "A bc"},
    {"one\xe2\x80\x80two", "One two"}, /* the first and the last of the narrow blanks, and what stands beside them */
    {"one\xe2\x80\x8atwo", "One two"},
    {"one\xe2\x80\x8btwo", "One\xe2\x80\x8btwo"},
    {"one\xe3\x80\x80two", "One two"},
    {"a-b c", "A-B c"},
    {"Za 0a 9a", "Za 0a 9a"},
    {"Za", "Za"},
    {"0a", "0a"},
    {"9a", "9a"},
    {"_a", "_a"},
    {"zz", "Zz"},
    {"[a", "[A"},
    {"/a", "/A"},
    {":a", ":A"},
    {"@a", "@A"},
    {"`a", "`A"},
    {"{a", "{A"},
    {"\x7f" "a", "\x7f" "A"},
    {"\xc3\xa9" "a", "\xc3\xa9" "a"},
    {"\xc3\x80" "a", "\xc3\x80" "a"},
};

START_TEST(a_reason_is_a_title_of_its_first_word)
{
    char text[64];

    snprintf(text, sizeof(text), "%s", table[_i].text);
    reason_title(text);
    ck_assert_str_eq(table[_i].title, text);
}
END_TEST

static void fill(TCase *tcase) { tcase_add_loop_test(tcase, a_reason_is_a_title_of_its_first_word, 0, sizeof(table) / sizeof(table[0])); }

int main(void) { return made_run("reason", fill); }
