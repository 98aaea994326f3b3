/* SPDX-License-Identifier: Apache-2.0 */
/* The script: every word that is understood, every refusal. */
#include <string.h>

#include "fixture.h"

START_TEST(every_word_is_understood)
{
    static const char *const lines[] = {
        "container=web run=5s exit=3",
        "container=web task=t1 nth=2 times=3 chance=50 run=1m oom=true",
        "run=never",
        "container=web healthy-after=2s unhealthy-after=1.5h",
        "container=web ignore-term=true",
        "container=web ignore-term=false",
        "container=web stop-after=250ms stop-exit=143",
        "op=any fault=none",
        "op=info delay=1s",
        "op=create container=web fault=error text=\"no room\" failure=conflict error-name=CannotCreateContainerError",
        "op=create fault=error text=\"a \\\"quoted\\\" \\\\ word\"",
        "op=start nth=1 fault=lost text=EOF",
        "op=stop times=2 fault=hang",
        "op=remove fault=late delay=10m",
        "op=inspect fault=double",
        "op=pull-image image=nginx delay=30s progress=false answer-delay=1s",
        "op=pull-manifest fault=error failure=not-found",
        "op=ping fault=error failure=unreachable",
        "op=start fault=lost failure=other text=\"half done\"",
        "op=list fault=error failure=unsupported",
        "op=subscribe fault=error failure=other",
        "op=inspect-image fault=lost",
        "op=tag-image fault=lost",
        "event=die fault=drop",
        "event=start fault=double container=web nth=1",
        "event=create fault=late",
        "event=stop delay=5s",
        "event=oom fault=reorder delay=2s",
        "event=healthy fault=none",
        "event=unhealthy fault=drop",
        "event=destroy fault=drop",
        "event=any chance=5 fault=drop",
        "image=nginx:latest missing=true",
        "image=nginx:latest missing=false local=true",
        "cpus=4 memory-mib=8192",
        "version=25.0.1",
        "records=false",
        "start-times=false",
        "records=true # and a remark",
        "",
        "   \t ",
        "# nothing",
    };

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        script(lines[i]);
}
END_TEST

/* Each line is refused, and the message names the word. */
static const struct {
    const char *line, *named;
} refused[] = {
    {"colour=red", "`colour`"},
    {"run", "`run`"},
    {"run 5s", "`run`"},
    {"run=", "`run`"},
    {"run=5parsecs", "`5parsecs`"},
    {"run=-1s", "`run`"},
    {"run=1.s", "`run`"},
    {"run=20y", "`run`"},
    {"run=90000000h", "`run`"},
    {"run=5s run=6s", "`run`"},
    {"run=\"5s", "`run`"},
    {"run=\"5s\"x", "`run`"},
    {"exit=256", "`exit`"},
    {"exit=-1", "`exit`"},
    {"exit=1x", "`exit`"},
    {"oom=yes", "`oom`"},
    {"ignore-term=1", "`ignore-term`"},
    {"stop-after=1s ignore-term=true", "`ignore-term`"},
    {"stop-exit=999", "`stop-exit`"},
    {"container=web", "`run`"},
    {"container= run=5s", "`container`"},
    {"container=web nth=0 run=5s", "`nth`"},
    {"container=web times=x run=5s", "`times`"},
    {"container=web chance=101 run=5s", "`chance`"},
    {"container=web delay=5s", "`delay`"},
    {"op=fly fault=error", "`fly`"},
    {"op=none fault=error", "`none`"},
    {"op=cancel fault=error", "`cancel`"},
    {"op=create", "`fault`"},
    {"op=create fault=drop", "`drop`"},
    {"op=create fault=reorder", "`reorder`"},
    {"op=create run=5s", "`run`"},
    {"op=create text=oops", "`text`"},
    {"op=create delay=1s text=oops", "`text`"},
    {"op=create fault=late failure=other", "`failure`"},
    {"op=create fault=lost error-name=X", "`error-name`"},
    {"op=create fault=error failure=bad", "`bad`"},
    {"op=create fault=hang delay=1s", "`delay`"},
    {"op=create delay=never", "`delay`"},
    {"op=create event=die fault=double", "`event`"},
    {"op=pull-image progress=maybe delay=1s", "`progress`"},
    {"event=die", "`fault`"},
    {"event=fart fault=drop", "`fart`"},
    {"event=die fault=error", "`error`"},
    {"event=die fault=drop delay=1s", "`delay`"},
    {"event=die image=x fault=drop", "`image`"},
    {"image=nginx", "`missing`"},
    {"missing=true", "`image`"},
    {"image=nginx missing=perhaps", "`missing`"},
    {"image=nginx run=5s missing=true", "`run`"},
    {"cpus=0", "`cpus`"},
    {"cpus=99999999999", "`cpus`"},
    {"memory-mib=lots", "`memory-mib`"},
    {"records=never", "`records`"},
    {"cpus=4 container=web", "`container`"},
};

START_TEST(what_is_not_understood_is_refused_by_name)
{
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        ecsengine_error *error = NULL;
        int rc = ecsengine_sim_script(sim, refused[i].line, &error);
        ck_assert_msg(rc == ECSENGINE_EINVAL, "`%s` gave %d", refused[i].line, rc);
        ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_error_code(error));
        ck_assert_msg(strstr(ecsengine_error_message(error), refused[i].named) != NULL, "`%s`: %s", refused[i].line,
                      ecsengine_error_message(error));
        ecsengine_error_free(error);
    }
}
END_TEST

START_TEST(a_refused_line_changes_nothing)
{
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_sim_script(sim, "op=ping fault=error text", NULL));
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_sim_script(sim, "cpus=2 memory-mib=none", NULL));
    good(ask(ECSENGINE_OP_PING));
    ck_assert_int_eq(64, good(ask(ECSENGINE_OP_INFO))->cpus);
}
END_TEST

START_TEST(arguments_are_checked)
{
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_sim_script(sim, NULL, NULL));
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_sim_script(NULL, "cpus=2", NULL));
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_sim_new(1, NULL, NULL));
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_sim_attach(NULL, &engine, NULL));
    ck_assert_int_eq(ECSENGINE_ESTATE, ecsengine_sim_attach(sim, &engine, NULL));
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_sim_advance(NULL, 0, 0, NULL));
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_sim_lose(sim, -1, NULL));
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_sim_kill(sim, NULL, 1, NULL));
    ck_assert_int_eq(ECSENGINE_ENOTFOUND, ecsengine_sim_kill(sim, "nobody", 1, NULL));
    ck_assert_int_eq(ECSENGINE_ENOTFOUND, ecsengine_sim_start(sim, "nobody", NULL));
    ck_assert_int_eq(ECSENGINE_ENOTFOUND, ecsengine_sim_remove(sim, "nobody", NULL));
    ecsengine_sim_free(NULL);
}
END_TEST

START_TEST(a_later_line_wins)
{
    script("op=ping fault=error text=first");
    script("op=ping fault=error text=second");
    ck_assert_str_eq("second", failed(ask(ECSENGINE_OP_PING), ECSENGINE_FAILURE_OTHER)->text);
    script("op=ping fault=none");
    good(ask(ECSENGINE_OP_PING));
}
END_TEST

START_TEST(nth_and_times_count_what_fits)
{
    script("op=ping nth=2 times=2 fault=error");
    good(ask(ECSENGINE_OP_PING));
    failed(ask(ECSENGINE_OP_PING), ECSENGINE_FAILURE_OTHER);
    good(ask(ECSENGINE_OP_INFO));
    failed(ask(ECSENGINE_OP_PING), ECSENGINE_FAILURE_OTHER);
    good(ask(ECSENGINE_OP_PING));
    script("op=ping nth=2 fault=error");
    good(ask(ECSENGINE_OP_PING));
    failed(ask(ECSENGINE_OP_PING), ECSENGINE_FAILURE_OTHER);
    good(ask(ECSENGINE_OP_PING));
    script("op=ping times=1 fault=error");
    failed(ask(ECSENGINE_OP_PING), ECSENGINE_FAILURE_OTHER);
    good(ask(ECSENGINE_OP_PING));
}
END_TEST

START_TEST(filters_are_container_task_and_image)
{
    script("op=start container=web fault=error");
    script("op=create task=t1 fault=error text=by-task");
    script("op=pull-image image=nginx:1 fault=error");
    good(pull("nginx:2"));
    failed(pull("nginx:1"), ECSENGINE_FAILURE_OTHER);
    failed(create("db"), ECSENGINE_FAILURE_OTHER);
    script("op=create fault=none");
    script("op=create task=" TASK_ARN " container=none-such fault=error");
    good(create("web"));
    good(create("db"));
    failed(start("web"), ECSENGINE_FAILURE_OTHER);
    good(start("db"));
}
END_TEST

START_TEST(chance_is_a_share)
{
    int failures = 0;

    script("op=ping chance=20 fault=error");
    for (int i = 0; i < 1000; i++)
        failures += fake_answer(&engine, ask(ECSENGINE_OP_PING))->result.failed;
    ck_assert_int_ge(failures, 140);
    ck_assert_int_le(failures, 260);
    script("op=ping chance=0 fault=error");
    script("op=info chance=100 fault=error");
    failed(ask(ECSENGINE_OP_INFO), ECSENGINE_FAILURE_OTHER);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {every_word_is_understood,
                            what_is_not_understood_is_refused_by_name,
                            a_refused_line_changes_nothing,
                            arguments_are_checked,
                            a_later_line_wins,
                            nth_and_times_count_what_fits,
                            filters_are_container_task_and_image,
                            chance_is_a_share};

    return run_tests("sim script", tests, sizeof(tests) / sizeof(tests[0]));
}
