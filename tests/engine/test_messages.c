/* SPDX-License-Identifier: Apache-2.0 */
/* docs/messages.md has each message id once, in order; and an id is never used for two things. */
#include "../base/unit.h"

static char *file_of(const char *path)
{
    static char texts[2][1 << 18];
    static int which;
    char name[4096];

    ck_assert_ptr_nonnull(getenv("ECSENGINE_SOURCE"));
    snprintf(name, sizeof(name), "%s/%s", getenv("ECSENGINE_SOURCE"), path);
    FILE *file = fopen(name, "r");
    if (file == NULL)
        ck_abort_msg("%s can not be read", path);
    char *text = texts[which ^= 1];
    text[fread(text, 1, sizeof(texts[0]) - 1, file)] = '\0';
    fclose(file);
    return text;
}

START_TEST(every_message_is_documented)
{
    const char *header = file_of("lib/engine/engine.h"), *docs = file_of("docs/messages.md"), *row = docs;
    long last = 1000;
    char want[32];

    for (const char *at = header; (at = strstr(at, "    MESSAGE_")) != NULL;) {
        at = strchr(at, '=');
        ck_assert_ptr_nonnull(at);
        long id = strtol(at + 1, NULL, 10);
        ck_assert_int_eq(last + 1, id);
        last = id;
        row = strstr(row, "\n| 1");
        snprintf(want, sizeof(want), "\n| %ld | ", id);
        if (row == NULL || strncmp(row, want, strlen(want)) != 0)
            ck_abort_msg("docs/messages.md has no row for %ld in its place", id);
        row++;
    }
    ck_assert_int_gt(last, 1010);
    ck_assert_ptr_null(strstr(row, "\n| 1")); /* and no row more */
}
END_TEST

START_TEST(every_limit_is_documented)
{
    const char *header = file_of("lib/model/limits.h"), *docs = file_of("docs/limits.md");
    int count = 0;
    char want[128];

    for (const char *at = header; (at = strstr(at, "    LIMIT_")) != NULL; count++) {
        at += 4;
        size_t len = strcspn(at, " =");
        const char *value = strchr(at, '=') + 2;
        snprintf(want, sizeof(want), "\n| `%.*s` | %.*s | ", (int)len, at, (int)strcspn(value, ","), value);
        if (strstr(docs, want) == NULL)
            ck_abort_msg("docs/limits.md has no row that begins with%s", want);
    }
    ck_assert_int_gt(count, 10);
    int rows = 0;
    for (const char *at = docs; (at = strstr(at, "\n| `LIMIT_")) != NULL; at++)
        rows++;
    ck_assert_int_eq(count + 1, rows); /* and LIMIT_WALL_NS, which is no enum's */
    ck_assert_ptr_nonnull(strstr(docs, "| `LIMIT_WALL_NS` | 4611686018427387904 |"));
    ck_assert_ptr_nonnull(strstr(header, "#define LIMIT_WALL_NS (INT64_C(1) << 62)"));
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, every_message_is_documented);
    tcase_add_test(tcase, every_limit_is_documented);
}

int main(void) { return unit_run("messages", fill); }
