/* SPDX-License-Identifier: Apache-2.0 */
/* Image references as text, and the words of failed pulls. */
#include "made.h"

#include "engine/reference.h"

START_TEST(a_digest_is_what_comes_after_the_at_sign)
{
    ck_assert_str_eq("sha256:00", reference_digest("busybox@sha256:00"));
    ck_assert_str_eq("sha256:00", reference_digest("host:5000/a/b:tag@sha256:00"));
    ck_assert_ptr_null(reference_digest("busybox:1"));
    ck_assert_ptr_null(reference_digest("busybox@"));
    ck_assert_ptr_null(reference_digest(""));
}
END_TEST

START_TEST(latest_is_added_where_there_is_no_tag_and_no_digest)
{
    static const char *const rows[][2] = {
        {"busybox", "busybox:latest"},
        {"busybox:1.36", "busybox:1.36"},
        {"host:5000/app", "host:5000/app:latest"},
        {"host:5000/app:2", "host:5000/app:2"},
        {"busybox@sha256:00", "busybox@sha256:00"},
        {"a/b:1@sha256:00", "a/b:1@sha256:00"},
    };
    char out[64];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        reference_with_tag(rows[i][0], out, sizeof(out));
        ck_assert_str_eq(rows[i][1], out);
    }
}
END_TEST

START_TEST(a_digest_takes_the_place_of_a_tag)
{
    static const char *const rows[][2] = {
        {"busybox", "busybox@sha256:11"},
        {"busybox:1.36", "busybox@sha256:11"},
        {"host:5000/app", "host:5000/app@sha256:11"},
        {"host:5000/app:2", "host:5000/app@sha256:11"},
        {"a:1@sha256:00", "a@sha256:11"},
    };
    char out[64];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        reference_with_digest(rows[i][0], "sha256:11", out, sizeof(out));
        ck_assert_str_eq(rows[i][1], out);
    }
}
END_TEST

START_TEST(a_repository_has_short_and_long_names)
{
    static const char *const same[][2] = {
        {"busybox", "busybox:1"},         {"busybox", "docker.io/library/busybox@sha256:00"},
        {"library/busybox", "busybox"},   {"index.docker.io/a/b:2", "a/b"},
        {"host:5000/a", "host:5000/a:9"},
    };
    static const char *const other[][2] = {
        {"busybox", "busybox2"},        {"a/b", "b"}, {"host/a/b", "a/b"}, {"host:5000/a", "host:5001/a"}, {"busybox", "a/busybox"},
        {"quay.io/busybox", "busybox"}, {"library/foo/bar", "foo/bar"},
    };

    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        ck_assert(reference_same_repository(same[i][0], same[i][1]));
        ck_assert(reference_same_repository(same[i][1], same[i][0]));
    }
    for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
        ck_assert(!reference_same_repository(other[i][0], other[i][1]));
        ck_assert(!reference_same_repository(other[i][1], other[i][0]));
    }
}
END_TEST

static const char *augmented(const char *name, const char *text)
{
    static struct failure out;
    struct failure failure = {.kind = ECSENGINE_FAILURE_OTHER, .name = name, .text = text};

    return reference_augment(&failure, &out)->text;
}

#define HEAD "The task can\xe2\x80\x99t pull the image. "

START_TEST(hints_are_put_before_the_words_of_a_failed_pull)
{
    ck_assert_str_eq(HEAD "Check whether the image exists. x denied: requested access to the resource is denied",
                     augmented("CannotPullContainerError", "x denied: requested access to the resource is denied"));
    ck_assert_str_eq(HEAD "Check your network configuration. net/http: request canceled while waiting for connection",
                     augmented("CannotPullContainerError", "net/http: request canceled while waiting for connection"));
    ck_assert_str_eq(HEAD "Check that the role has the permissions to pull images from the registry. "
                          "denied: User: arn:x is not authorized to perform: ecr:BatchGetImage on resource: y",
                     augmented("CannotPullECRContainerError",
                               "denied: User: arn:x is not authorized to perform: ecr:BatchGetImage on resource: y"));
    ck_assert_str_eq("something else", augmented("CannotPullContainerError", "something else"));
    ck_assert_str_eq("denied: User: arn:x may not", augmented("CannotPullContainerError", "denied: User: arn:x may not"));
    ck_assert_str_eq("", augmented("CannotPullContainerError", ""));
}
END_TEST

START_TEST(other_failures_are_left_alone)
{
    static const char text[] = "denied: requested access to the resource is denied";

    ck_assert_ptr_eq(text, augmented("CannotCreateContainerError", text));
    ck_assert_ptr_eq(text, augmented("DockerTimeoutError", text));
}
END_TEST

START_TEST(signed_urls_of_layers_never_leave)
{
    ck_assert_str_eq(
        "Get REDACTED ECR URL  failed",
        augmented("CannotPullContainerError",
                  "Get \"https://prod-us-west-2-starport-layer-bucket.s3.amazonaws.com/a?X-Amz-Signature=secret\":  failed"));
    ck_assert_str_eq("REDACTED ECR URL",
                     augmented("CannotPullContainerError", "https://prod-starport-layer-bucket.s3.amazonaws.com/secret"));
    ck_assert_str_eq("https://example.com/other stays", augmented("CannotPullContainerError", "https://example.com/other stays"));
    ck_assert_str_eq("starport-layer-bucket https", augmented("CannotPullContainerError", "starport-layer-bucket https"));
    ck_assert_str_eq("url=REDACTED ECR URL .",
                     augmented("CannotPullContainerError", "url=https://prod-starport-layer-bucket/secret ."));
    ck_assert_str_eq("https://example.com starport-layer-bucket",
                     augmented("CannotPullContainerError", "https://example.com starport-layer-bucket"));
    char text[1025];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    memcpy(text + 900, " https://starport-layer-bucket/secret", 37);
    ck_assert_ptr_null(strstr(augmented("CannotPullContainerError", text), "starport"));
}
END_TEST

START_TEST(a_reason_is_cut_where_there_is_no_more_room)
{
    char text[2 * LIMIT_REASON];

    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = _i == 0 || i % 8 != 7 ? 'x' : ' '; /* one word, or many */
    text[sizeof(text) - 1] = '\0';
    const char *cut = augmented("CannotPullContainerError", text);
    ck_assert_uint_eq(LIMIT_REASON, strlen(cut));
    ck_assert_int_eq(0, strncmp(text, cut, LIMIT_REASON));
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_digest_is_what_comes_after_the_at_sign);
    tcase_add_test(tcase, latest_is_added_where_there_is_no_tag_and_no_digest);
    tcase_add_test(tcase, a_digest_takes_the_place_of_a_tag);
    tcase_add_test(tcase, a_repository_has_short_and_long_names);
    tcase_add_test(tcase, hints_are_put_before_the_words_of_a_failed_pull);
    tcase_add_test(tcase, other_failures_are_left_alone);
    tcase_add_test(tcase, signed_urls_of_layers_never_leave);
    tcase_add_loop_test(tcase, a_reason_is_cut_where_there_is_no_more_room, 0, 2);
}

int main(void) { return made_run("reference", fill); }
