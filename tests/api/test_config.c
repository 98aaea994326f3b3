/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration by name and text; and docs/configuration.md says the same as the library. */
#include "host.h"

static ecsengine_config *fresh(void)
{
    ecsengine_config *config = NULL;

    OK(ecsengine_config_new(&config, &error_));
    return config;
}

START_TEST(a_new_configuration_has_every_key_at_its_default)
{
    ecsengine_config *config = fresh();
    size_t i;

    for (i = 0; ecsengine_config_key(i) != NULL; i++) {
        const char *key = ecsengine_config_key(i);
        char before[512];
        snprintf(before, sizeof(before), "%s", ecsengine_config_get(config, key));
        OK(ecsengine_config_set(config, key, ecsengine_config_key_default(i), &error_));
        ck_assert_str_eq(before, ecsengine_config_get(config, key));
        OK(ecsengine_config_set(config, key, before, &error_)); /* the canonical text is a value too */
        ck_assert_str_eq(before, ecsengine_config_get(config, key));
    }
    ck_assert_uint_gt(i, 20);
    ck_assert_str_eq("3h0m0s", ecsengine_config_get(config, "engine-task-cleanup-wait-duration"));
    ecsengine_config_free(config);
}
END_TEST

START_TEST(the_agents_variable_is_another_name_of_a_key)
{
    ecsengine_config *config = fresh();

    OK(ecsengine_config_set(config, "ECS_CONTAINER_STOP_TIMEOUT", "45", &error_));
    ck_assert_str_eq("45s", ecsengine_config_get(config, "container-stop-timeout"));
    ck_assert_str_eq("45s", ecsengine_config_get(config, "ECS_CONTAINER_STOP_TIMEOUT"));
    ecsengine_config_free(config);
}
END_TEST

START_TEST(an_unknown_key_and_a_bad_value_change_nothing)
{
    ecsengine_config *config = fresh();
    ecsengine_error *error = NULL;

    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_config_set(config, "no-such-key", "1", &error));
    ck_assert_ptr_nonnull(strstr(ecsengine_error_message(error), "`no-such-key` is not a configuration key"));
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_config_set(config, "container-stop-timeout", "0", &error));
    ck_assert_ptr_nonnull(
        strstr(ecsengine_error_message(error), "container-stop-timeout: `0` is not a duration from 1ms to 10 years"));
    ck_assert_str_eq("30s", ecsengine_config_get(config, "container-stop-timeout"));
    ecsengine_error_free(error);
    ecsengine_config_free(config);
}
END_TEST

START_TEST(an_engine_copies_its_configuration)
{
    set("container-stop-timeout", "11s");
    open_engine();
    set("container-stop-timeout", "99s");
    add(TASK(ARN, WEB));
    settle();
    stop(ARN);
    turn();
    ecsengine_op *op = held(ECSENGINE_OP_STOP, "web");
    ck_assert_int_eq(11 * SECOND, ecsengine_op_grace_ns(op));
    answer(op);
    end_host();
}
END_TEST

static int warnings;

static void warn(const char *text, void *user_data)
{
    ck_assert_ptr_eq(&warnings, user_data);
    ck_assert_int_eq(0, strncmp("ECS_", text, 4));
    warnings++;
}

START_TEST(the_environment_is_read_when_asked_for_and_forgiven)
{
    ecsengine_config *config = fresh();

    setenv("ECS_CLUSTER", "from-env", 1);
    setenv("ECS_CONTAINER_STOP_TIMEOUT", "500ms", 1); /* raised */
    setenv("ECS_CONTAINER_START_TIMEOUT", "soon", 1); /* dropped */
    setenv("ECS_RESERVED_PORTS", "", 1);              /* dropped */
    ck_assert_str_eq("default", ecsengine_config_get(config, "cluster"));
    ck_assert_int_eq(2, ecsengine_config_from_env(config, warn, &warnings, NULL));
    ck_assert_int_eq(3, warnings);
    ck_assert_str_eq("from-env", ecsengine_config_get(config, "cluster"));
    ck_assert_str_eq("1s", ecsengine_config_get(config, "container-stop-timeout"));
    ck_assert_str_eq("3m0s", ecsengine_config_get(config, "container-start-timeout"));
    ck_assert_str_eq("[22,2375,2376,51678,51679]", ecsengine_config_get(config, "reserved-ports"));
    ecsengine_config_free(config);
}
END_TEST

static const char *dispatched_name(const char *seed)
{
    static char name[2][820];
    static int which;

    start_host();
    open_engine();
    close_engine();
    set("seed", seed);
    OK(ecsengine_new(host.config, NULL, &host.engine, &error_));
    settle();
    add(TASK(ARN, WEB));
    settle();
    snprintf(name[which ^= 1], sizeof(name[0]), "%s", host.boxes[0].name);
    end_host();
    return name[which];
}

START_TEST(equal_seeds_draw_equally_and_others_do_not)
{
    char first[820];

    snprintf(first, sizeof(first), "%s", dispatched_name("5"));
    ck_assert_str_eq(first, dispatched_name("0x5"));
    ck_assert_str_ne(first, dispatched_name("6"));
    snprintf(first, sizeof(first), "%s", dispatched_name("drawn"));
    ck_assert_str_ne(first, dispatched_name("drawn"));
}
END_TEST

/* Appends text as a cell of a table. */
static void cell(char *out, size_t size, const char *text, bool code)
{
    size_t len = strlen(out);

    len += (size_t)snprintf(out + len, size - len, "%s", code && text[0] != '\0' ? " `" : " ");
    for (; *text != '\0'; text++)
        len += (size_t)snprintf(out + len, size - len, "%s%c", *text == '|' ? "\\" : "", *text);
    snprintf(out + len, size - len, "%s |", code && out[len - 1] != ' ' ? "`" : "");
}

START_TEST(the_documentation_lists_every_key_as_it_is)
{
    static char want[1 << 16], found[1 << 16], line[4096];
    char path[4096];

    ck_assert_ptr_nonnull(getenv("ECSENGINE_SOURCE"));
    snprintf(path, sizeof(path), "%s/docs/configuration.md", getenv("ECSENGINE_SOURCE"));
    for (size_t i = 0; ecsengine_config_key(i) != NULL; i++) {
        size_t len = strlen(want);
        snprintf(want + len, sizeof(want) - len, "|");
        cell(want, sizeof(want), ecsengine_config_key(i), true);
        cell(want, sizeof(want), ecsengine_config_key_variable(i), true);
        cell(want, sizeof(want), ecsengine_config_key_default(i), true);
        cell(want, sizeof(want), ecsengine_config_key_range(i), false);
        cell(want, sizeof(want), ecsengine_config_key_help(i), false);
        strcat(want, "\n");
    }
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    while (fgets(line, sizeof(line), file) != NULL)
        if (strncmp(line, "| `", 3) == 0)
            strcat(found, line);
    fclose(file);
    if (strcmp(want, found) != 0)
        ck_abort_msg("docs/configuration.md should have this table:\n%s", want);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_new_configuration_has_every_key_at_its_default);
    tcase_add_test(tcase, the_agents_variable_is_another_name_of_a_key);
    tcase_add_test(tcase, an_unknown_key_and_a_bad_value_change_nothing);
    tcase_add_test(tcase, an_engine_copies_its_configuration);
    tcase_add_test(tcase, the_environment_is_read_when_asked_for_and_forgiven);
    tcase_add_test(tcase, equal_seeds_draw_equally_and_others_do_not);
    tcase_add_test(tcase, the_documentation_lists_every_key_as_it_is);
}

int main(void) { return run_tests("config", fill); }
