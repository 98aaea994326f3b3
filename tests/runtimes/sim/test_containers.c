/* SPDX-License-Identifier: Apache-2.0 */
/* The lives of simulated containers: what is done to them, what they do by themselves, and in which order it is told. */
#include <stdio.h>
#include <string.h>

#include "fixture.h"

/* The events so far as one line: `create start die`. */
static const char *told(void)
{
    static const char *const names[] = {"-", "create", "start", "die", "stop", "oom", "healthy", "unhealthy", "restart", "destroy"};
    static char line[1024];
    size_t len = 0;

    line[0] = '\0';
    for (size_t i = 0; i < engine.count; i++) {
        if (engine.said[i].what == SAID_EVENT)
            len += (size_t)snprintf(line + len, sizeof(line) - len, "%s%s", len > 0 ? " " : "", names[engine.said[i].event]);
    }
    return line;
}

START_TEST(a_container_is_created_started_stopped_and_removed)
{
    const struct ecsengine_result *made = good(create("web"));
    ck_assert_uint_eq(64, strlen(made->id));
    ck_assert_int_eq(64, (int)strspn(made->id, "0123456789abcdef"));
    at(2 * SECONDS);
    const struct ecsengine_result *started = good(start("web"));
    ck_assert(started->has_record && started->running);
    ck_assert_int_eq(WALL_0, started->created_at);
    ck_assert_int_eq(WALL_0 + 2 * SECONDS, started->started_at);
    at(5 * SECONDS);
    const struct ecsengine_result *stopped = good(stop("web", 30 * SECONDS));
    ck_assert(stopped->has_record && !stopped->running && stopped->has_exit_code);
    ck_assert_int_eq(0, stopped->exit_code);
    ck_assert_int_eq(WALL_0 + 5 * SECONDS, stopped->finished_at);
    ck_assert_uint_eq(1, ecsengine_sim_container_count(sim));
    good(remove_container("web", 0));
    ck_assert_uint_eq(0, ecsengine_sim_container_count(sim));
    ck_assert_str_eq("create start die stop destroy", told());
    ck_assert_int_eq(ECSENGINE_NO_DEADLINE, ecsengine_sim_deadline_ns(sim));
}
END_TEST

START_TEST(the_event_comes_just_before_the_completion)
{
    run("web", "");
    ck_assert_int_eq(SAID_EVENT, engine.said[engine.count - 2].what);
    ck_assert_int_eq(ECSENGINE_RUNTIME_EVENT_START, engine.said[engine.count - 2].event);
    ck_assert(engine.said[engine.count - 2].result.has_record);
    ck_assert_int_eq(SAID_ANSWER, engine.said[engine.count - 1].what);
}
END_TEST

START_TEST(records_can_be_left_out)
{
    script("records=false");
    run("web", "");
    ck_assert(!engine.said[engine.count - 1].result.has_record);
    ck_assert(!engine.said[engine.count - 2].has_result);
    ck_assert(good(inspect("web"))->has_record);
    ck_assert_int_eq(0, ecsengine_sim_kill(sim, "rt-web", 9, NULL));
    const struct fake_said *die = fake_event(&engine, ECSENGINE_RUNTIME_EVENT_DIE, 0);
    ck_assert(die->result.has_exit_code && !die->result.has_record);
    ck_assert_int_eq(9, die->result.exit_code);
}
END_TEST

START_TEST(times_of_starts_can_be_left_out)
{
    script("start-times=false");
    run("web", "");
    ck_assert(good(inspect("web"))->running);
    ck_assert_int_eq(0, good(inspect("web"))->started_at);
    ck_assert_int_eq(0, ecsengine_sim_kill(sim, "rt-web", 9, NULL));
    ck_assert(!good(inspect("web"))->running);
    ck_assert_int_eq(0, good(inspect("web"))->started_at);
    ck_assert_int_ne(0, good(inspect("web"))->finished_at);
}
END_TEST

START_TEST(both_id_and_name_find_it)
{
    char id[80];

    strcpy(id, good(create("web"))->id);
    good(fake_submit(&engine, (struct ecsengine_op){.kind = ECSENGINE_OP_START, .container = id}));
    ck_assert_str_eq(id, good(inspect("web"))->id);
    ck_assert_str_eq(id, ecsengine_sim_container_id(sim, 0));
    ck_assert_str_eq("rt-web", ecsengine_sim_container_runtime_name(sim, 0));
    ck_assert_str_eq("web", ecsengine_sim_container_name(sim, 0));
    ck_assert_str_eq(TASK_ARN, ecsengine_sim_container_task(sim, 0));
    ck_assert_int_eq(1, ecsengine_sim_container_running(sim, 0));
    ck_assert_int_eq(-1, ecsengine_sim_container_running(sim, 1));
    ck_assert_ptr_null(ecsengine_sim_container_id(sim, 1));
}
END_TEST

START_TEST(what_is_not_there_is_not_found)
{
    uint64_t ops[] = {start("ghost"), stop("ghost", 0), inspect("ghost"), remove_container("ghost", 1)};

    for (size_t i = 0; i < 4; i++)
        ck_assert_ptr_nonnull(strstr(failed(ops[i], ECSENGINE_FAILURE_NOT_FOUND)->text, "No such container: rt-ghost"));
}
END_TEST

START_TEST(a_taken_name_is_a_conflict)
{
    good(create("web"));
    ck_assert_ptr_nonnull(strstr(failed(create("web"), ECSENGINE_FAILURE_CONFLICT)->text, "/rt-web"));
    ck_assert_uint_eq(1, ecsengine_sim_container_count(sim));
}
END_TEST

START_TEST(a_running_container_is_removed_by_force_alone)
{
    run("web", "");
    failed(remove_container("web", 0), ECSENGINE_FAILURE_CONFLICT);
    good(remove_container("web", 1));
    ck_assert_str_eq("create start die destroy", told());
    ck_assert_int_eq(137, fake_event(&engine, ECSENGINE_RUNTIME_EVENT_DIE, 0)->result.exit_code);
}
END_TEST

START_TEST(redundant_requests_are_fine)
{
    run("web", "");
    good(start("web"));
    good(stop("web", 0));
    good(stop("web", 0));
    ck_assert_uint_eq(1, fake_events(&engine, ECSENGINE_RUNTIME_EVENT_START));
    ck_assert_uint_eq(1, fake_events(&engine, ECSENGINE_RUNTIME_EVENT_DIE));
}
END_TEST

START_TEST(a_script_says_how_long_and_how)
{
    script("container=web run=5s exit=3");
    run("web", "");
    ck_assert_int_eq(5 * SECONDS, ecsengine_sim_deadline_ns(sim));
    at(4 * SECONDS);
    ck_assert(good(inspect("web"))->running);
    at(9 * SECONDS);
    const struct ecsengine_result *record = good(inspect("web"));
    ck_assert_int_eq(3, record->exit_code);
    ck_assert_int_eq(WALL_0 + 5 * SECONDS, record->finished_at);
    ck_assert_int_eq(3, fake_event(&engine, ECSENGINE_RUNTIME_EVENT_DIE, 0)->result.exit_code);
    int32_t exit_code = 0;
    ck_assert_int_eq(1, ecsengine_sim_container_exit_code(sim, 0, &exit_code));
    ck_assert_int_eq(3, exit_code);
    ck_assert_str_eq("create start die", told());
}
END_TEST

START_TEST(out_of_memory_is_137_with_its_mark)
{
    script("run=1s oom=true");
    run("web", "");
    at(SECONDS);
    const struct ecsengine_result *record = good(inspect("web"));
    ck_assert_int_eq(137, record->exit_code);
    ck_assert_int_eq(1, record->oom);
    ck_assert_str_eq("create start oom die", told());
}
END_TEST

START_TEST(who_ignores_the_signal_is_killed_after_the_grace_period)
{
    script("ignore-term=true");
    run("web", "");
    uint64_t first = stop("web", 10 * SECONDS);
    at(9 * SECONDS);
    ck_assert(is_open(first));
    at(10 * SECONDS);
    ck_assert_int_eq(137, good(first)->exit_code);
    ck_assert_str_eq("create start die stop", told());
}
END_TEST

START_TEST(a_second_stop_gives_no_more_time)
{
    script("ignore-term=true");
    run("web", "");
    uint64_t first = stop("web", 10 * SECONDS), second = stop("web", 20 * SECONDS);
    at(3 * SECONDS);
    ck_assert(is_open(first) && is_open(second));
    uint64_t third = stop("web", 0);
    ck_assert_int_eq(137, good(first)->exit_code);
    ck_assert_int_eq(137, good(second)->exit_code);
    ck_assert_int_eq(137, good(third)->exit_code);
}
END_TEST

START_TEST(ending_takes_time_and_has_a_code)
{
    script("stop-after=2s stop-exit=143");
    run("web", "");
    uint64_t op = stop("web", 10 * SECONDS);
    at(2 * SECONDS);
    ck_assert_int_eq(143, good(op)->exit_code);
    good(start("web"));
    op = stop("web", SECONDS);
    at(3 * SECONDS);
    ck_assert_int_eq(137, good(op)->exit_code);
}
END_TEST

START_TEST(ending_by_itself_answers_the_stop)
{
    script("ignore-term=true run=3s exit=4");
    run("web", "");
    uint64_t op = stop("web", 10 * SECONDS);
    at(3 * SECONDS);
    ck_assert_int_eq(4, good(op)->exit_code);
    ck_assert_int_eq(ECSENGINE_NO_DEADLINE, ecsengine_sim_deadline_ns(sim));
}
END_TEST

static const struct {
    const char *config;
    int64_t run_ns; /* -1: until it is stopped */
    int32_t exit_code;
} commands[] = {
    {"\"Cmd\":[\"true\"]", 0, 0},
    {"\"Cmd\":[\"/bin/false\"]", 0, 1},
    {"\"Cmd\":[\"sleep\",\"2\"]", 2 * SECONDS, 0},
    {"\"Cmd\":[\"sleep\",\"1.5\"]", 1500 * MS, 0},
    {"\"Cmd\":[\"sleep\",\"infinity\"]", -1, 0},
    {"\"Cmd\":[\"sleep\"]", -1, 0},
    {"\"Cmd\":[\"nginx\"]", -1, 0},
    {"\"Cmd\":[\"echo\",\"hello\"]", 0, 0},
    {"\"Cmd\":null", -1, 0},
    {"\"Cmd\":[7]", -1, 0},
    {"\"Entrypoint\":[\"sleep\"],\"Cmd\":[\"3\"]", 3 * SECONDS, 0},
    {"\"Cmd\":[\"sh\",\"-c\",\"sleep 1; exit 5\"]", SECONDS, 5},
    {"\"Cmd\":[\"sh\",\"-c\",\"exit 3\"]", 0, 3},
    {"\"Cmd\":[\"sh\",\"-c\",\"exit\"]", 0, 0},
    {"\"Cmd\":[\"/bin/sh\",\"-c\",\"sleep 1 && sleep 2 && false\"]", 3 * SECONDS, 1},
    {"\"Cmd\":[\"sh\",\"-c\",\"false && exit 9; sleep 1\"]", SECONDS, 0},
    {"\"Cmd\":[\"sh\",\"-c\",\"false || exit 9\"]", 0, 9},
    {"\"Cmd\":[\"sh\",\"-c\",\"true || exit 9\"]", 0, 0},
    {"\"Cmd\":[\"sh\",\"-c\",\"echo 'a; exit 3' > /d/x; sleep 1\"]", SECONDS, 0},
    {"\"Cmd\":[\"sh\",\"-c\",\"trap 'exit 0' TERM; while true; do sleep 0.1; done\"]", -1, 0},
    {"\"Cmd\":[\"sh\",\"-c\",\"mkdir -p /tmp; sleep 2; touch /tmp/ok; exec nginx\"]", -1, 0},
    {"\"Cmd\":[\"sh\",\"-c\",\"sleep 1 & wait\"]", -1, 0},
    {"\"Cmd\":[\"sh\",\"-c\",\"\"]", 0, 0},
};

START_TEST(without_a_script_it_acts_on_its_command)
{
    run("web", commands[_i].config);
    at(3600 * SECONDS);
    const struct ecsengine_result *record = good(inspect("web"));
    ck_assert_msg((commands[_i].run_ns < 0) == record->running, "%s", commands[_i].config);
    if (commands[_i].run_ns < 0)
        return;
    ck_assert_msg(record->finished_at == WALL_0 + commands[_i].run_ns, "%s", commands[_i].config);
    ck_assert_msg(record->exit_code == commands[_i].exit_code, "%s: %d", commands[_i].config, record->exit_code);
}
END_TEST

START_TEST(script_wins_over_label_wins_over_command)
{
    static const char config[] = "\"Cmd\":[\"sleep\",\"9\"],\"Labels\":{\"ecsengine.sim\":\"run=5s exit=3\"}";

    run("a", config);
    script("container=b exit=4");
    run("b", config);
    at(5 * SECONDS);
    ck_assert_int_eq(3, good(inspect("a"))->exit_code);
    ck_assert_int_eq(4, good(inspect("b"))->exit_code);
}
END_TEST

START_TEST(a_bad_configuration_is_refused)
{
    failed(create_with("a", "\"Labels\":{\"ecsengine.sim\":\"colour=red\"}"), ECSENGINE_FAILURE_OTHER);
    failed(create_with("a", "\"Labels\":{\"ecsengine.sim\":\"op=start fault=error\"}"), ECSENGINE_FAILURE_OTHER);
    failed(create_with("a", "]"), ECSENGINE_FAILURE_OTHER);
    ck_assert_uint_eq(0, ecsengine_sim_container_count(sim));
}
END_TEST

START_TEST(without_interpretation_nothing_is_read)
{
    ecsengine_sim_interpret(sim, 0);
    good(create_with("a", "]"));
    good(start("a"));
    at(3600 * SECONDS);
    ck_assert(good(inspect("a"))->running);
    script("container=b run=1s healthy-after=500ms");
    run("b", "\"Cmd\":[\"true\"]");
    at(3601 * SECONDS);
    ck_assert(!good(inspect("b"))->running);
    ck_assert_uint_eq(1, fake_events(&engine, ECSENGINE_RUNTIME_EVENT_HEALTHY));
}
END_TEST

#define CHECKED "\"Healthcheck\":{\"Test\":[\"CMD\",\"true\"],\"Interval\":4000000000}"

START_TEST(health_comes_with_a_check_alone)
{
    script("container=b healthy-after=2s unhealthy-after=6s");
    run("a", CHECKED);
    run("b", CHECKED);
    run("c", "\"Healthcheck\":{\"Test\":[\"NONE\"]}");
    script("container=d healthy-after=1s");
    run("d", "");
    script("container=e healthy-after=never");
    run("e", CHECKED);
    at(5 * SECONDS);
    ck_assert_int_eq(ECSENGINE_HEALTH_HEALTHY, good(inspect("a"))->health);
    ck_assert_int_eq(ECSENGINE_HEALTH_HEALTHY, ecsengine_sim_container_health(sim, 1));
    ck_assert_int_eq(ECSENGINE_HEALTH_UNKNOWN, good(inspect("c"))->health);
    ck_assert_int_eq(ECSENGINE_HEALTH_UNKNOWN, good(inspect("d"))->health);
    at(60 * SECONDS);
    ck_assert_int_eq(ECSENGINE_HEALTH_UNHEALTHY, good(inspect("b"))->health);
    ck_assert_int_eq(ECSENGINE_HEALTH_UNKNOWN, good(inspect("e"))->health);
    ck_assert_uint_eq(2, fake_events(&engine, ECSENGINE_RUNTIME_EVENT_HEALTHY));
    ck_assert_uint_eq(1, fake_events(&engine, ECSENGINE_RUNTIME_EVENT_UNHEALTHY));
}
END_TEST

START_TEST(ports_are_the_wanted_ones_or_the_lowest_free)
{
    static const char config[] = "\"HostConfig\":{\"PortBindings\":{\"80/tcp\":[{\"HostPort\":\"0\"},{\"HostPort\":\"\"}],"
                                 "\"53/udp\":[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"18053\"}],\"9/sctp\":[{}]}}";

    run("a", config);
    ck_assert_str_eq("127.0.0.1:18053->53/udp 0.0.0.0:32768->80/tcp 0.0.0.0:32769->80/tcp", good(inspect("a"))->ports);
    good(create_with("b", config));
    ck_assert_ptr_nonnull(strstr(failed(start("b"), ECSENGINE_FAILURE_OTHER)->text, "port is already allocated"));
    run("c", "\"HostConfig\":{\"PortBindings\":{\"80/tcp\":[{}]}}");
    ck_assert_str_eq("0.0.0.0:32770->80/tcp", good(inspect("c"))->ports);
    good(stop("a", 0));
    ck_assert_str_eq("", good(inspect("a"))->ports);
    ck_assert_str_eq("127.0.0.1:18053->53/udp 0.0.0.0:32768->80/tcp 0.0.0.0:32769->80/tcp", good(start("b"))->ports);
}
END_TEST

START_TEST(images_must_be_pulled)
{
    static const char config[] = "{\"Image\":\"nginx\"}";
    struct ecsengine_op op = {.kind = ECSENGINE_OP_CREATE, .name = "a", .runtime_name = "rt-a", .config = config};
    struct ecsengine_op look = {.kind = ECSENGINE_OP_INSPECT_IMAGE, .image = "nginx"};

    ck_assert_ptr_nonnull(strstr(failed(fake_submit(&engine, op), ECSENGINE_FAILURE_NOT_FOUND)->text, "No such image: nginx"));
    failed(fake_submit(&engine, look), ECSENGINE_FAILURE_NOT_FOUND);
    good(pull("nginx:latest"));
    good(fake_submit(&engine, op));
    const struct ecsengine_result *image = good(fake_submit(&engine, look));
    ck_assert_int_eq(0, strncmp(image->image_id, "sha256:", 7));
    ck_assert_int_eq(0, strncmp(image->repo_digest, "nginx@sha256:", 13));
    look = (struct ecsengine_op){.kind = ECSENGINE_OP_PULL_MANIFEST, .image = "nginx:latest"};
    ck_assert_str_eq(image->repo_digest + 6, good(fake_submit(&engine, look))->digest);
}
END_TEST

START_TEST(an_image_is_the_same_by_tag_and_by_digest)
{
    char by_digest[128];
    uint64_t op = fake_submit(&engine, (struct ecsengine_op){.kind = ECSENGINE_OP_PULL_MANIFEST, .image = "registry:5000/nginx:1"});

    snprintf(by_digest, sizeof(by_digest), "registry:5000/nginx@%s", good(op)->digest);
    struct ecsengine_op tag = {.kind = ECSENGINE_OP_TAG_IMAGE, .image = by_digest, .target = "mine:2"};
    failed(fake_submit(&engine, tag), ECSENGINE_FAILURE_NOT_FOUND);
    good(pull(by_digest));
    good(fake_submit(&engine, (struct ecsengine_op){.kind = ECSENGINE_OP_INSPECT_IMAGE, .image = "registry:5000/nginx:1"}));
    good(fake_submit(&engine, tag));
    good(fake_submit(&engine, (struct ecsengine_op){.kind = ECSENGINE_OP_INSPECT_IMAGE, .image = "mine:2"}));
    script("image=registry:5000/gone:1 missing=true");
    failed(pull("registry:5000/gone:1"), ECSENGINE_FAILURE_NOT_FOUND);
    failed(fake_submit(&engine, (struct ecsengine_op){.kind = ECSENGINE_OP_PULL_MANIFEST, .image = "registry:5000/gone:1"}),
           ECSENGINE_FAILURE_NOT_FOUND);
}
END_TEST

START_TEST(the_list_is_by_label)
{
    static const char ours[] = "\"Labels\":{\"ecsengine.instance\":\"i1\",\"x\":\"y\"}";

    good(create_with("a", ours));
    good(create_with("b", ours));
    good(create_with("c", "\"Labels\":{\"ecsengine.instance\":\"i2\",\"com.amazonaws.ecs.task-arn\":\"t=1\",\"com.amazonaws.ecs\":\"x\"}"));
    ck_assert_uint_eq(
        2,
        good(fake_submit(&engine, (struct ecsengine_op){.kind = ECSENGINE_OP_LIST, .label = "ecsengine.instance=i1"}))->containers);
    ck_assert_uint_eq(3, good(ask(ECSENGINE_OP_LIST))->containers);
    ck_assert_uint_eq(1, good(ask(ECSENGINE_OP_LIST))->container_labels); /* those that an engine knows */
    ck_assert_uint_eq(0, good(ask(ECSENGINE_OP_LIST))->containers_running);
}
END_TEST

START_TEST(the_host_is_what_the_script_says)
{
    ck_assert_int_eq(1048576, good(ask(ECSENGINE_OP_INFO))->memory_mib);
    script("cpus=4 memory-mib=8192 version=25.0");
    const struct ecsengine_result *info = good(ask(ECSENGINE_OP_INFO));
    ck_assert_int_eq(4, info->cpus);
    ck_assert_int_eq(8192, info->memory_mib);
    ck_assert_str_eq("25.0", info->version);
    failed(ask((enum ecsengine_op_kind)31), ECSENGINE_FAILURE_UNSUPPORTED);
    failed(ask((enum ecsengine_op_kind)77), ECSENGINE_FAILURE_UNSUPPORTED);
    ck_assert_uint_eq(2, ecsengine_sim_op_count(sim, ECSENGINE_OP_INFO));
    ck_assert_uint_eq(5, ecsengine_sim_op_count(sim, ECSENGINE_OP_NONE));
}
END_TEST

START_TEST(an_outsider_can_kill_start_and_remove)
{
    run("web", "");
    ck_assert_int_eq(0, ecsengine_sim_kill(sim, "rt-web", 137, NULL));
    ck_assert_int_eq(ECSENGINE_ENOTFOUND, ecsengine_sim_kill(sim, "rt-web", 137, NULL));
    ck_assert_int_eq(0, ecsengine_sim_start(sim, "rt-web", NULL));
    ck_assert_int_eq(0, ecsengine_sim_start(sim, "rt-web", NULL));
    ck_assert_int_eq(0, ecsengine_sim_remove(sim, "rt-web", NULL));
    ck_assert_str_eq("create start die start die destroy", told());
}
END_TEST

START_TEST(the_order_of_creation_is_kept)
{
    char name[32];

    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof(name), "c%d", i);
        good(create(name));
    }
    for (int i = 0; i < 100; i += 3) {
        snprintf(name, sizeof(name), "c%d", i);
        good(remove_container(name, 0));
    }
    ck_assert_uint_eq(66, ecsengine_sim_container_count(sim));
    for (int i = 0, index = 0; i < 100; i++) {
        snprintf(name, sizeof(name), "c%d", i);
        if (i % 3 != 0)
            ck_assert_str_eq(name, ecsengine_sim_container_name(sim, (size_t)index++));
    }
}
END_TEST

static void noted(const ecsengine_op *op, void *user_data)
{
    strcat(user_data, ecsengine_op_kind_name(ecsengine_op_get_kind(op)));
    strcat(user_data, " ");
}

START_TEST(operations_can_be_watched)
{
    char line[256] = "";

    ecsengine_sim_set_watch(sim, noted, line);
    run("web", "");
    ecsengine_sim_set_watch(sim, NULL, NULL);
    good(stop("web", 0));
    ck_assert_str_eq("create start ", line);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {a_container_is_created_started_stopped_and_removed,
                            the_event_comes_just_before_the_completion,
                            records_can_be_left_out,
                            times_of_starts_can_be_left_out,
                            both_id_and_name_find_it,
                            what_is_not_there_is_not_found,
                            a_taken_name_is_a_conflict,
                            a_running_container_is_removed_by_force_alone,
                            redundant_requests_are_fine,
                            a_script_says_how_long_and_how,
                            out_of_memory_is_137_with_its_mark,
                            who_ignores_the_signal_is_killed_after_the_grace_period,
                            a_second_stop_gives_no_more_time,
                            ending_takes_time_and_has_a_code,
                            ending_by_itself_answers_the_stop,
                            script_wins_over_label_wins_over_command,
                            a_bad_configuration_is_refused,
                            without_interpretation_nothing_is_read,
                            health_comes_with_a_check_alone,
                            ports_are_the_wanted_ones_or_the_lowest_free,
                            images_must_be_pulled,
                            an_image_is_the_same_by_tag_and_by_digest,
                            the_list_is_by_label,
                            the_host_is_what_the_script_says,
                            an_outsider_can_kill_start_and_remove,
                            the_order_of_creation_is_kept,
                            operations_can_be_watched};
    int rc = run_tests("sim containers", tests, sizeof(tests) / sizeof(tests[0]));

    return rc == EXIT_SUCCESS ? run_loop_test("sim commands", without_a_script_it_acts_on_its_command,
                                              (int)(sizeof(commands) / sizeof(commands[0])))
                              : rc;
}
