/* SPDX-License-Identifier: Apache-2.0 */
/* The adapter's small tools, on the inside: bounded bytes, measured JSON, the splitter, times. */
#include <stdlib.h>
#include <string.h>

#include "rig.h"
#include "runtimes/docker/bytes.h"
#include "runtimes/docker/json.h"
#include "runtimes/docker/rfc3339.h"
#include "runtimes/docker/split.h"

START_TEST(bytes_never_pass_their_maximum)
{
    struct docker_bytes bytes;

    docker_bytes_init(&bytes, 5);
    ck_assert_str_eq(docker_bytes_string(&bytes), "");
    ck_assert(docker_bytes_text(&bytes, "12345"));
    ck_assert(docker_bytes_text(&bytes, ""));
    ck_assert(!docker_bytes_text(&bytes, "6"));
    ck_assert(bytes.full);
    ck_assert(!docker_bytes_text(&bytes, "")); /* a failure sticks */
    ck_assert_str_eq(docker_bytes_string(&bytes), "12345");
    docker_bytes_clear(&bytes);
    ck_assert(docker_bytes_text(&bytes, "67"));
    ck_assert_str_eq(docker_bytes_string(&bytes), "67");
    docker_bytes_free(&bytes);
}
END_TEST

START_TEST(escaping_keeps_what_it_is_told_and_no_more)
{
    struct docker_bytes bytes;

    docker_bytes_init(&bytes, 1000);
    docker_bytes_escaped(&bytes, "aZ9-_.~ /:@?#%&=+\"\xc3\xbc", "/:@");
    ck_assert_str_eq(docker_bytes_string(&bytes), "aZ9-_.~%20/:@%3F%23%25%26%3D%2B%22%C3%BC");
    docker_bytes_clear(&bytes);
    docker_bytes_escaped(&bytes, "..", "/");
    docker_bytes_escaped(&bytes, ".", "");
    docker_bytes_escaped(&bytes, "...", "");
    ck_assert_str_eq(docker_bytes_string(&bytes), "%2E%2E%2E...");
    docker_bytes_free(&bytes);
}
END_TEST

START_TEST(cleaned_text_is_one_line_of_utf8)
{
    static const struct {
        const char *in;
        const char *out;
    } cases[] = {
        {"", ""},
        {" \r\n\t ", ""},
        {"  a\nb\t\x7f", "a b"},
        {"\xc3\xbc\xe2\x82\xac\xf0\x9f\x90\xb3", "\xc3\xbc\xe2\x82\xac\xf0\x9f\x90\xb3"},
        {"\xc0\x80 \xe0\x80\x80 \xed\xa0\x80 \xf5\x80\x80\x80 \xf4\x90\x80\x80 \xf0\x8f\xbf\xbf", "?? ??? ??? ???? ???? ????"},
        {"x\xc3", "x?"},
        {"\xc3(", "?("},
    };
    char out[64];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        docker_text_clean(out, sizeof(out), cases[i].in, strlen(cases[i].in));
        ck_assert_str_eq(out, cases[i].out);
    }
    docker_text_clean(out, 4, "ab\xe2\x82\xac", 5);
    ck_assert_str_eq(out, "ab");
    docker_text_clean(out, 1, "ab", 2);
    ck_assert_str_eq(out, "");
}
END_TEST

START_TEST(times_are_read_to_the_nanosecond)
{
    static const struct {
        const char *text;
        int64_t ns;
    } cases[] = {
        {"", 0},
        {"0001-01-01T00:00:00Z", 0},
        {"0000-02-29T00:00:00Z", 0},
        {"1969-12-31T23:59:59.9Z", 0},
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01T00:00:00.000000001Z", 1},
        {"1970-01-01T01:00:00+01:00", 0},
        {"1969-12-31T23:00:01-01:00", INT64_C(1000000000)},
        {"2000-02-29T12:00:00Z", INT64_C(951825600000000000)},
        {"2024-02-29T23:59:60Z", INT64_C(1709251200000000000)},
        {"2024-05-01t10:00:00.5z", INT64_C(1714557600500000000)},
        {"2024-05-01T10:00:00.1234567891234Z", INT64_C(1714557600123456789)},
        {"2262-04-11T23:47:16.854775807Z", INT64_MAX},
    };
    int64_t ns;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ck_assert_msg(docker_time_parse(cases[i].text, &ns), "%s", cases[i].text);
        ck_assert_msg(ns == cases[i].ns, "%s: %lld", cases[i].text, (long long)ns);
    }
}
END_TEST

START_TEST(what_is_no_time_is_refused)
{
    static const char *const cases[] = {
        "x",
        "2024",
        "2024-05-01",
        "2024-05-01T10:00:00",
        "2024-05-01 10:00:00Z",
        "2024-00-01T10:00:00Z",
        "2024-13-01T10:00:00Z",
        "2024-05-32T10:00:00Z",
        "2024-05-01T24:00:00Z",
        "2024-05-01T10:60:00Z",
        "2024-05-01T10:00:61Z",
        "2024-05-01T10:00:00.Z",
        "2024-05-01T10:00:00Zx",
        "2024-05-01T10:00:00+1:00",
        "2024-05-01T10:00:00+24:00",
        "2262-04-11T23:47:16.854775808Z",
        "9999-12-31T23:59:59Z",
        "-001-01-01T00:00:00Z",
        "2024-5-01T10:00:00Z",
    };
    int64_t ns = 7;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        ck_assert_msg(!docker_time_parse(cases[i], &ns), "%s", cases[i]);
    ck_assert_int_eq(ns, 7);
}
END_TEST

START_TEST(json_is_measured_before_it_is_parsed)
{
    struct docker_fault fault = {0};
    size_t len = 200000;
    char *deep = malloc(len + 1);

    memset(deep, '[', len);
    deep[len] = '\0';
    ck_assert_ptr_null(docker_json_object(deep, len, &fault));
    ck_assert_str_eq(fault.text, "it is nested deeper than 64 levels");
    memset(deep, '{', len);
    fault = (struct docker_fault){0};
    ck_assert_ptr_null(docker_json_object(deep, len, &fault));
    free(deep);
    /* Brackets in strings are text. */
    static const char text[] = "{\"a\":\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[\"}";
    fault = (struct docker_fault){0};
    json_t *object = docker_json_object(text, sizeof(text) - 1, &fault);
    ck_assert_ptr_nonnull(object);
    json_decref(object);
}
END_TEST

START_TEST(the_first_fault_sticks)
{
    struct docker_fault fault = {0};
    json_t *object = json_pack("{s:s, s:i}", "a", "text", "b", 5);

    ck_assert_int_eq(docker_json_integer(object, "x.a", 0, 9, -1, &fault), -1);
    ck_assert_str_eq(docker_json_string(object, "x.b", &fault), "");
    ck_assert_str_eq(fault.text, "x.a is no whole number");
    ck_assert_int_eq(docker_json_integer(object, "x.b", 0, 9, -1, &fault), 5);
    ck_assert_ptr_null(docker_json_child(NULL, "x.y", &fault));
    json_decref(object);
}
END_TEST

struct seen {
    int count;
    int stop_after;
    char all[256];
};

static bool note(const char *text, size_t len, void *user_data)
{
    struct seen *seen = user_data;

    strncat(seen->all, text, len);
    strcat(seen->all, "|");
    return ++seen->count != seen->stop_after;
}

/* Feeds the text in pieces of that size; the splitter's verdict on the whole. */
static bool split_up(const char *text, bool array, size_t piece, struct seen *seen)
{
    struct docker_split split;
    struct docker_fault fault = {0};
    size_t len = strlen(text);
    bool good = true;

    docker_split_init(&split, array);
    for (size_t at = 0; at < len && good; at += piece)
        good = docker_split_feed(&split, text + at, len - at < piece ? len - at : piece, note, seen, &fault);
    good = good && docker_split_end(&split, &fault);
    docker_split_free(&split);
    return good;
}

START_TEST(streams_are_cut_into_objects_whatever_the_pieces)
{
    static const char text[] = " {\"a\":\"}{\\\"\"}{}\r\n{\"b\":[{},[1]]}\n";

    for (size_t piece = 1; piece < sizeof(text); piece++) {
        struct seen seen = {0};
        ck_assert(split_up(text, false, piece, &seen));
        ck_assert_str_eq(seen.all, "{\"a\":\"}{\\\"\"}|{}|{\"b\":[{},[1]]}|");
    }
}
END_TEST

START_TEST(arrays_are_cut_into_their_objects)
{
    static const char *const bad[] = {"", "{}", "[", "[{}", "[{},]", "[,{}]", "[{}{}]", "[{}],", "[5]", "[[{}]]", "]"};
    static const char text[] = "[ {\"a\":1} ,{\"b\":[]}\n]\n";

    for (size_t piece = 1; piece < sizeof(text); piece++) {
        struct seen seen = {0};
        ck_assert(split_up(text, true, piece, &seen));
        ck_assert_str_eq(seen.all, "{\"a\":1}|{\"b\":[]}|");
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct seen seen = {0};
        ck_assert_msg(!split_up(bad[i], true, 1, &seen), "%s", bad[i]);
    }
    struct seen none = {0};
    ck_assert(split_up("[]", true, 1, &none));
    ck_assert_int_eq(none.count, 0);
}
END_TEST

START_TEST(whoever_reads_a_stream_may_stop_it)
{
    struct seen seen = {.stop_after = 2};

    ck_assert(!split_up("{}{}{}", false, 6, &seen));
    ck_assert_int_eq(seen.count, 2);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_test(tcase, bytes_never_pass_their_maximum);
    tcase_add_test(tcase, escaping_keeps_what_it_is_told_and_no_more);
    tcase_add_test(tcase, cleaned_text_is_one_line_of_utf8);
    tcase_add_test(tcase, times_are_read_to_the_nanosecond);
    tcase_add_test(tcase, what_is_no_time_is_refused);
    tcase_add_test(tcase, json_is_measured_before_it_is_parsed);
    tcase_add_test(tcase, the_first_fault_sticks);
    tcase_add_test(tcase, streams_are_cut_into_objects_whatever_the_pieces);
    tcase_add_test(tcase, arrays_are_cut_into_their_objects);
    tcase_add_test(tcase, whoever_reads_a_stream_may_stop_it);
}

int main(void) { return rig_run("docker-text", add, 30); }
