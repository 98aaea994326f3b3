/* SPDX-License-Identifier: Apache-2.0 */
/* The growing buffer, and the JSON that is written into it. */
#include "unit.h"

#include "base/buf.h"
#include "base/str.h"

START_TEST(a_buffer_has_a_maximum_and_the_first_failure_sticks)
{
    struct buf buf;

    buf_init(&buf, &unit_mem, 5);
    buf_puts(&buf, "abcde");
    ck_assert_int_eq(0, buf.failed);
    buf_puts(&buf, "f");
    ck_assert_int_eq(ECSENGINE_ELIMIT, buf.failed);
    buf_puts(&buf, "");
    ck_assert_int_eq(ECSENGINE_ELIMIT, buf.failed);
    ck_assert_str_eq("abcde", buf.data);
    ck_assert_ptr_null(buf_take(&buf, NULL));
    buf_clear(&buf);
    ck_assert_int_eq(0, buf.failed);
    buf_printf(&buf, "%d", 12345);
    ck_assert_str_eq("12345", buf.data);
    buf_printf(&buf, "%d", 6);
    ck_assert_int_eq(ECSENGINE_ELIMIT, buf.failed);
    buf_free(&buf);
    unit_ends();
}
END_TEST

START_TEST(a_buffer_without_memory_fails_once_and_for_all)
{
    struct buf buf;

    buf_init(&buf, &unit_mem, 0);
    unit.fail_all = true;
    buf_puts(&buf, "abc");
    unit.fail_all = false;
    buf_puts(&buf, "abc");
    ck_assert_int_eq(ECSENGINE_ENOMEM, buf.failed);
    ck_assert_uint_eq(0, buf.len);
    buf_free(&buf);
    unit_ends();
}
END_TEST

START_TEST(a_taken_content_is_the_takers)
{
    struct buf buf;
    size_t len = 77;

    buf_init(&buf, &unit_mem, 0);
    char *nothing = buf_take(&buf, &len);
    ck_assert_str_eq("", nothing);
    ck_assert_uint_eq(0, len);
    mem_free(&unit_mem, nothing);
    for (int i = 0; i < 1000; i++)
        buf_printf(&buf, "%d,", i);
    char *text = buf_take(&buf, &len);
    ck_assert_uint_eq(strlen(text), len);
    ck_assert_uint_eq(0, buf.len);
    buf_puts(&buf, "new");
    ck_assert_str_eq("new", buf.data);
    ck_assert_int_eq(0, strncmp("0,1,2,", text, 6));
    mem_free(&unit_mem, text);
    buf_free(&buf);
    unit_ends();
}
END_TEST

START_TEST(json_is_written_with_its_commas_and_escapes)
{
    struct buf buf;

    buf_init(&buf, &unit_mem, 0);
    json_open(&buf, NULL, '{');
    json_text(&buf, "a\"b", "\\ \" / \n \t \r \x01 \x1f \x7f \xc3\xa9");
    json_int(&buf, "min", INT64_MIN);
    json_int(&buf, "max", INT64_MAX);
    json_bool(&buf, "yes", true);
    json_open(&buf, "list", '[');
    json_open(&buf, NULL, '{');
    json_close(&buf, '}');
    json_bool(&buf, NULL, false);
    json_open(&buf, NULL, '[');
    json_close(&buf, ']');
    json_text_len(&buf, NULL, "a\0b", 3);
    json_close(&buf, ']');
    json_raw(&buf, "raw", "[1, 2]", 6);
    json_time(&buf, "time", 1500000000);
    json_close(&buf, '}');
    ck_assert_int_eq(0, buf.failed);
    ck_assert_str_eq("{\"a\\\"b\":\"\\\\ \\\" / \\n \\t \\u000d \\u0001 \\u001f \x7f \xc3\xa9\",\"min\":-9223372036854775808,"
                     "\"max\":9223372036854775807,\"yes\":true,\"list\":[{},false,[],\"a\\u0000b\"],\"raw\":[1, 2],"
                     "\"time\":\"1970-01-01T00:00:01.5Z\"}",
                     buf.data);
    buf_free(&buf);
    unit_ends();
}
END_TEST

START_TEST(bytes_that_are_no_utf_8_are_written_as_the_replacement_character)
{
    struct buf buf;

    buf_init(&buf, &unit_mem, 0);
    json_text(&buf, NULL, "a\xff\xc3\xa9\xe4\xb8\"\xf0\x9f\x98\x80\xed\xa0\x80");
    ck_assert_str_eq("\"a\xef\xbf\xbd\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd\\\"\xf0\x9f\x98\x80\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"",
                     buf.data);
    ck_assert(utf8_valid(buf.data, buf.len));
    buf_clear(&buf);
    unit.calls = 0;
    unit.fail_at = 1; /* the copy that is repaired */
    json_text(&buf, NULL, "\xff");
    ck_assert_int_eq(ECSENGINE_ENOMEM, buf.failed);
    buf_free(&buf);
    unit_ends();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_buffer_has_a_maximum_and_the_first_failure_sticks);
    tcase_add_test(tcase, a_buffer_without_memory_fails_once_and_for_all);
    tcase_add_test(tcase, a_taken_content_is_the_takers);
    tcase_add_test(tcase, json_is_written_with_its_commas_and_escapes);
    tcase_add_test(tcase, bytes_that_are_no_utf_8_are_written_as_the_replacement_character);
}

int main(void) { return unit_run("buf", fill); }
