/* SPDX-License-Identifier: Apache-2.0 */
/* The table of keys, row by row, and the parsing of values. */
#include "../base/unit.h"

#include "base/timefmt.h"
#include "model/limits.h"
#include "model/settings.h"

static const char *printed(const struct settings *settings, const struct setting *setting)
{
    static char text[4096];
    struct buf buf;

    buf_init(&buf, &unit_mem, 0);
    setting_print(settings, setting, &buf);
    ck_assert_int_eq(0, buf.failed);
    snprintf(text, sizeof(text), "%s", buf.data != NULL ? buf.data : "");
    buf_free(&buf);
    return text;
}

static const struct setting *key(const char *name)
{
    const struct setting *setting = setting_find(name);

    if (setting == NULL)
        ck_abort_msg("no key %s", name);
    return setting;
}

START_TEST(every_default_parses_and_its_canonical_text_too)
{
    struct settings standard, again;
    char first[4096];
    size_t i;

    settings_init(&standard);
    for (i = 0; setting_at(i) != NULL; i++) {
        const struct setting *setting = setting_at(i);
        ck_assert_uint_eq(i, setting_index(setting));
        settings_init(&again);
        ck_assert_int_eq(0, setting_set(&again, setting, setting_default(setting), NULL));
        ck_assert_int_eq(0, memcmp(&standard, &again, sizeof(standard)));
        snprintf(first, sizeof(first), "%s", printed(&standard, setting));
        ck_assert_int_eq(0, setting_set(&again, setting, first, NULL));
        ck_assert_int_eq(0, memcmp(&standard, &again, sizeof(standard)));
        ck_assert_str_eq(first, printed(&again, setting));
    }
    ck_assert_uint_gt(i, 20);
    unit_ends();
}
END_TEST

START_TEST(a_key_is_its_variable_without_ecs_in_lower_case)
{
    for (size_t i = 0; setting_at(i) != NULL; i++) {
        const struct setting *setting = setting_at(i);
        const char *variable = setting_variable(setting), *name = setting_key(setting);
        ck_assert_ptr_eq(setting, setting_find(name));
        ck_assert_str_ne("", setting_help(setting));
        ck_assert_str_ne("", setting_range(setting));
        if (variable[0] == '\0')
            continue;
        ck_assert_ptr_eq(setting, setting_find(variable));
        ck_assert_int_eq(0, strncmp("ECS_", variable, 4));
        ck_assert_uint_eq(strlen(variable) - 4, strlen(name));
        for (size_t j = 0; name[j] != '\0'; j++)
            ck_assert_int_eq(name[j] == '-' ? '_' : name[j] >= 'a' && name[j] <= 'z' ? name[j] - 32 : name[j], variable[4 + j]);
    }
    ck_assert_ptr_null(setting_find(""));
    ck_assert_ptr_null(setting_find("Cluster"));
    ck_assert_ptr_null(setting_find("ecs_cluster"));
}
END_TEST

static void takes(const char *name, const char *value, const char *canonical)
{
    struct settings settings;
    struct ecsengine_error *error = NULL;

    settings_init(&settings);
    if (setting_set(&settings, key(name), value, &error) < 0)
        ck_abort_msg("%s=%s: %s", name, value, ecsengine_error_message(error));
    ck_assert_str_eq(canonical, printed(&settings, key(name)));
}

static void refuses(const char *name, const char *value)
{
    struct settings settings, standard;
    struct ecsengine_error *error = NULL;

    settings_init(&settings);
    settings_init(&standard);
    if (setting_set(&settings, key(name), value, &error) != ECSENGINE_EINVAL)
        ck_abort_msg("%s=%s was taken as %s", name, value, printed(&settings, key(name)));
    if (strstr(ecsengine_error_message(error), setting_range(key(name))) == NULL ||
        strncmp(ecsengine_error_message(error), name, strlen(name)) != 0)
        ck_abort_msg("%s=%s: the message does not say what would be right: %s", name, value, ecsengine_error_message(error));
    ck_assert_int_eq(0, memcmp(&settings, &standard, sizeof(settings))); /* nothing has changed */
    ecsengine_error_free(error);
}

START_TEST(durations)
{
    takes("container-stop-timeout", "90s", "1m30s");
    takes("container-stop-timeout", "90", "1m30s");
    takes("container-stop-timeout", "1.5", "1.5s");
    takes("container-stop-timeout", "1h30m", "1h30m0s");
    takes("container-stop-timeout", "1ms", "1ms");
    takes("container-stop-timeout", "87600h", "87600h0m0s");
    refuses("container-stop-timeout", "87600h1ns");
    refuses("container-stop-timeout", "999us");
    refuses("container-stop-timeout", "0");
    refuses("container-stop-timeout", "-1s");
    refuses("container-stop-timeout", "");
    refuses("container-stop-timeout", "soon");
    refuses("container-stop-timeout", "5 s");
    refuses("container-stop-timeout", "99999999999999999999h");
    takes("engine-task-cleanup-wait-duration", "0", "0s"); /* where 0 has a meaning */
    takes("engine-task-cleanup-wait-duration-jitter", "0s", "0s");
    takes("steady-state-poll-interval-jitter", "0s", "0s");
    refuses("steady-state-poll-interval", "0s");
}
END_TEST

START_TEST(yes_and_no)
{
    static const char *const yes[] = {"true", "1", "t", "on", "yes", "enabled", "TRUE", "Yes"};
    static const char *const no[] = {"false", "0", "f", "off", "no", "disabled", "False", "OFF"};

    for (size_t i = 0; i < 8; i++) {
        takes("pull-dependent-containers-upfront", yes[i], "true");
        takes("image-manifest-resolution", no[i], "false");
    }
    refuses("cleanup-waits-for-ack", "2");
    refuses("cleanup-waits-for-ack", "");
    refuses("cleanup-waits-for-ack", "tru");
}
END_TEST

START_TEST(counts_choices_sizes_and_facts)
{
    takes("image-pull-parallel", "1000", "1000");
    refuses("image-pull-parallel", "1001");
    refuses("image-pull-parallel", "0");
    refuses("image-pull-parallel", "-1");
    refuses("image-pull-parallel", "4 ");
    refuses("image-pull-parallel", "18446744073709551617");
    refuses("image-pull-parallel", "9223372036854775808");
    takes("reserved-memory", "0", "0");
    takes("reserved-memory", "65535", "65535");
    refuses("reserved-memory", "65536");
    takes("task-limit", "1", "1");
    refuses("task-limit", "1000001");
    takes("container-limit", "1000", "1000");
    refuses("container-limit", "1001");
    takes("image-pull-behavior", "prefer-cached", "prefer-cached");
    takes("image-pull-behavior", "always", "always");
    takes("image-pull-behavior", "once", "once");
    refuses("image-pull-behavior", "default|always");
    refuses("image-pull-behavior", "");
    refuses("image-pull-behavior", "ALWAYS");
    takes("event-ack", "auto", "auto");
    takes("payload-limit", "4096", "4096");
    takes("payload-limit", "2KiB", "2048");
    takes("payload-limit", "1GiB", "1073741824");
    refuses("payload-limit", "2GiB");
    refuses("payload-limit", "0");
    refuses("payload-limit", "1kb");
    refuses("payload-limit", "9223372036854775807GiB");
    refuses("payload-limit", "9223372036854775808");
    refuses("payload-limit", "000000000000000000004096");
    refuses("payload-limit", "MiB");
    refuses("payload-limit", "");
    takes("host-cpu", "from-host", "from-host");
    takes("host-cpu", "0", "0");
    takes("host-memory", "2147483647", "2147483647");
    refuses("host-memory", "2147483648");
    refuses("host-memory", "");
}
END_TEST

START_TEST(ports)
{
    char many[1024] = "";

    takes("reserved-ports", "[]", "[]");
    takes("reserved-ports", "", "[]");
    takes("reserved-ports", "22", "[22]");
    takes("reserved-ports", " [ 22 , 65535 ] ", "[22,65535]");
    takes("reserved-ports-udp", "53, 123", "[53,123]");
    for (int i = 1; i <= 128; i++)
        snprintf(many + strlen(many), sizeof(many) - strlen(many), "%s%d", i > 1 ? "," : "", i);
    struct settings settings;
    settings_init(&settings);
    ck_assert_int_eq(0, setting_set(&settings, key("reserved-ports"), many, NULL));
    ck_assert_uint_eq(128, settings.reserved_tcp.count);
    strcat(many, ",129");
    refuses("reserved-ports", many);
    refuses("reserved-ports", "0");
    refuses("reserved-ports", "65536");
    refuses("reserved-ports", "[22");
    refuses("reserved-ports", "22]");
    refuses("reserved-ports", "22,");
    refuses("reserved-ports", "[22,]");
    refuses("reserved-ports", "[22]x");
    refuses("reserved-ports", "22 23");
    refuses("reserved-ports", "000022");
    refuses("reserved-ports", "[a]");
}
END_TEST

START_TEST(ranges_of_ports)
{
    takes("dynamic-host-port-range", "1-65535", "1-65535");
    takes("dynamic-host-port-range", "40000-40000", "40000-40000");
    refuses("dynamic-host-port-range", "");
    refuses("dynamic-host-port-range", "1");
    refuses("dynamic-host-port-range", "1-");
    refuses("dynamic-host-port-range", "-1");
    refuses("dynamic-host-port-range", "1-2-3");
    refuses("dynamic-host-port-range", "0-5");
    refuses("dynamic-host-port-range", "5-4");
    refuses("dynamic-host-port-range", "1-65536");
    refuses("dynamic-host-port-range", "100000-100001");
    refuses("dynamic-host-port-range", "1-100000");
    refuses("dynamic-host-port-range", "a-b");
    unit_ends();
}
END_TEST

START_TEST(lists_of_gpus)
{
    takes("host-gpus", "GPU-1,GPU-2", "[\"GPU-1\",\"GPU-2\"]");
    takes("host-gpus", "  GPU-1 , GPU-2 ", "[\"GPU-1\",\"GPU-2\"]");
    takes("host-gpus", "[ \"GPU-1\" , \"GPU-2\" ]", "[\"GPU-1\",\"GPU-2\"]");
    takes("host-gpus", "", "[]");
    takes("host-gpus", "[]", "[]");
    takes("host-gpus", "[ ]", "[]");
    refuses("host-gpus", "GPU-1,");
    refuses("host-gpus", ",GPU-1");
    refuses("host-gpus", "GPU-1,GPU-1");
    refuses("host-gpus", "[GPU-1]");
    refuses("host-gpus", "[\"GPU-1\",]");
    refuses("host-gpus", "[\"GPU-1");
    refuses("host-gpus", "[\"\"]");
    refuses("host-gpus", "[\"]");
    refuses("host-gpus", "GPU 1");
    refuses("host-gpus", "GPU\\1");
    refuses("host-gpus", "GPU\"1");
    refuses("host-gpus", "GPU\x7f");
    refuses("host-gpus", "[\"a,b\"]");
    refuses("host-gpus", "[\"GPU-1]");
    refuses("host-gpus", "[GPU-1\"]");
    refuses("host-gpus", "G\xc3\xa9");
    unit_ends();
}
END_TEST

START_TEST(more_gpus_than_a_host_has_are_refused)
{
    char text[LIMIT_GPUS * 8 + 16] = "";

    for (int i = 0; i < LIMIT_GPUS; i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%sg%d", i > 0 ? "," : "", i);
    struct settings settings;
    settings_init(&settings);
    ck_assert_int_eq(0, setting_set(&settings, key("host-gpus"), text, NULL));
    strcat(text, ",more");
    refuses("host-gpus", text);
    char id[LIMIT_GPU_ID + 2];
    memset(id, 'g', sizeof(id));
    id[LIMIT_GPU_ID + 1] = '\0';
    refuses("host-gpus", id);
    unit_ends();
}
END_TEST

START_TEST(seeds_and_text)
{
    char text[300];

    takes("seed", "0", "0");
    takes("seed", "18446744073709551615", "18446744073709551615");
    takes("seed", "0xFfFfFfFfFfFfFfFf", "18446744073709551615");
    takes("seed", "0X1a", "26");
    takes("seed", "drawn", "drawn");
    refuses("seed", "0xg");
    refuses("seed", "0xG");
    refuses("seed", "0x/");
    refuses("seed", "0x`");
    refuses("seed", "1:");
    refuses("seed", "x1");
    refuses("seed", "18446744073709551616");
    refuses("seed", "0x10000000000000000");
    refuses("seed", "0x");
    refuses("seed", "");
    refuses("seed", "1f");
    memset(text, 'a', sizeof(text));
    text[255] = '\0';
    takes("cluster", text, text);
    text[255] = 'a';
    text[256] = '\0';
    refuses("cluster", text);
    refuses("cluster", "");
    refuses("cluster", "a\xff");
}
END_TEST

START_TEST(one_setting_is_copied_and_no_other)
{
    static const char *const values[][2] = {
        {"cluster", "c"},     {"reserved-ports", "[1]"},    {"dynamic-host-port-range", "5-6"}, {"host-gpus", "GPU-1"},
        {"seed", "5"},        {"task-limit", "7"},          {"container-stop-timeout", "77s"},  {"image-pull-behavior", "once"},
    };
    struct settings from, to;

    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        const struct setting *setting = key(values[i][0]);
        settings_init(&to);
        settings_init(&from);
        ck_assert_int_eq(0, setting_set(&from, setting, values[i][1], NULL));
        ck_assert_int_eq(0, setting_set(&from, key("host-cpu"), "99", NULL));
        setting_copy(&to, setting, &from);
        ck_assert_int_ne(99, to.host_cpu_units);
        to.host_cpu_units = from.host_cpu_units;
        ck_assert_int_eq(0, memcmp(&from, &to, sizeof(from)));
    }
    unit_ends();
}
END_TEST

/* ---- the agent's environment ---- */

static char warned[1024];

static void warn(const char *text, void *user_data)
{
    ck_assert_ptr_eq(warned, user_data);
    snprintf(warned, sizeof(warned), "%s", text);
}

static void forgives(const char *name, const char *value, bool taken, const char *canonical, const char *warning)
{
    struct settings settings;

    settings_init(&settings);
    warned[0] = '\0';
    ck_assert_int_eq(taken, setting_set_forgiving(&settings, key(name), value, warn, warned));
    ck_assert_str_eq(canonical, printed(&settings, key(name)));
    if (warning[0] == '\0' ? warned[0] != '\0' : strstr(warned, warning) == NULL)
        ck_abort_msg("%s=%s: `%s`", name, value, warned);
    settings_init(&settings);
    ck_assert_int_eq(taken, setting_set_forgiving(&settings, key(name), value, NULL, NULL)); /* nobody listens */
    ck_assert_str_eq(canonical, printed(&settings, key(name)));
}

START_TEST(the_agents_environment_is_forgiven)
{
    forgives("ECS_CONTAINER_STOP_TIMEOUT", "45s", true, "45s", "");
    forgives("ECS_CONTAINER_STOP_TIMEOUT", "1s", true, "1s", "");
    forgives("ECS_CONTAINER_STOP_TIMEOUT", "500ms", true, "1s", "is below the agent's minimum of 1s; 1s is used");
    forgives("ECS_CONTAINER_START_TIMEOUT", "44s", true, "45s", "ECS_CONTAINER_START_TIMEOUT: `44s` is below");
    forgives("ECS_CONTAINER_CREATE_TIMEOUT", "30s", true, "1m0s", "below");
    forgives("ECS_MANIFEST_PULL_TIMEOUT", "29s", true, "30s", "below");
    forgives("ECS_IMAGE_PULL_INACTIVITY_TIMEOUT", "5s", true, "1m0s", "below");
    forgives("ECS_IMAGE_PULL_TIMEOUT", "5s", true, "5s", "");                                 /* has no minimum */
    forgives("ECS_ENGINE_TASK_CLEANUP_WAIT_DURATION", "100ms", true, "3h0m0s", "3h is used"); /* reset, not raised */
    forgives("ECS_CONTAINER_STOP_TIMEOUT", "soon", false, "30s", "the default 30s is used");
    forgives("ECS_CONTAINER_STOP_TIMEOUT", "", false, "30s", "default");
    forgives("ECS_IMAGE_PULL_BEHAVIOR", "sometimes", false, "default", "default");
    forgives("ECS_RESERVED_MEMORY", "-5", false, "0", "default");
    forgives("ECS_RESERVED_PORTS", "[80]", true, "[80]", "");
    forgives("ECS_RESERVED_PORTS", "", false, "[22,2375,2376,51678,51679]", "default");
    forgives("ECS_PULL_DEPENDENT_CONTAINERS_UPFRONT", "enabled", true, "true", "");
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, every_default_parses_and_its_canonical_text_too);
    tcase_add_test(tcase, a_key_is_its_variable_without_ecs_in_lower_case);
    tcase_add_test(tcase, durations);
    tcase_add_test(tcase, yes_and_no);
    tcase_add_test(tcase, counts_choices_sizes_and_facts);
    tcase_add_test(tcase, ports);
    tcase_add_test(tcase, ranges_of_ports);
    tcase_add_test(tcase, lists_of_gpus);
    tcase_add_test(tcase, more_gpus_than_a_host_has_are_refused);
    tcase_add_test(tcase, seeds_and_text);
    tcase_add_test(tcase, one_setting_is_copied_and_no_other);
    tcase_add_test(tcase, the_agents_environment_is_forgiven);
}

int main(void) { return unit_run("settings", fill); }
