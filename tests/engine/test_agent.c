/* SPDX-License-Identifier: Apache-2.0 */
/* Managed agents through their lives, from the document to the events: each branch of the reference's start and restart has a test named after
 * it. The runtime here has execs that a test can end, refuse and lose the answers of. */
#include "../api/host.h"

#define MINUTE (60 * SECOND)
#define AGENT "'managedAgents':[{'name':'ExecuteCommandAgent','properties':{'sessionLimit':'3'}}]"
#define SHELL "{'name':'web','image':'nginx','memory':64," AGENT "}"
#define RESTARTED "{'name':'web','image':'nginx','memory':64,'restartPolicy':{'enabled':true,'restartAttemptPeriod':60}," AGENT "}"
#define STARTED "managed-agent RUNNING: ExecuteCommandAgent started"
#define AGAIN "managed-agent RUNNING: ExecuteCommandAgent restarted"
#define ENDED "managed-agent STOPPED: Received Container Stopped event"

enum { EXECS = 64 };

static struct execs {
    struct one {
        bool started, running;
        int code;
        int starts;
    } one[EXECS];
    int count;
    int fail[32]; /* of each kind so many of the next are refused ... */
    enum ecsengine_failure how;
    bool lost; /* the work is done, and the answer is lost */
    bool dies; /* what is started has ended at once */
} execs;

static struct one *exec_of(const char *id) { return &execs.one[strtol(id + 1, NULL, 10)]; }

static int running(void)
{
    int count = 0;

    for (int i = 0; i < execs.count; i++)
        count += execs.one[i].running;
    return count;
}

static void work(const ecsengine_op *op, ecsengine_result *result)
{
    char id[16];
    struct one *one = ecsengine_op_exec_id(op)[0] != '\0' ? exec_of(ecsengine_op_exec_id(op)) : NULL;

    switch (ecsengine_op_get_kind(op)) {
    case ECSENGINE_OP_EXEC_CREATE:
        ck_assert_int_lt(execs.count, EXECS);
        snprintf(id, sizeof(id), "e%d", execs.count++);
        ecsengine_result_set_exec_id(result, id);
        break;
    case ECSENGINE_OP_EXEC_START:
        if (one->started) {
            ecsengine_result_set_failure(result, ECSENGINE_FAILURE_CONFLICT, "it has already run");
            break;
        }
        one->started = true;
        one->running = !execs.dies;
        one->code = 9;
        break;
    case ECSENGINE_OP_EXEC_INSPECT:
        ecsengine_result_set_exec_state(result, one->running, one->started && !one->running ? one->code : -1, one->running ? 42 : 0);
        break;
    case ECSENGINE_OP_AGENT_PREPARE:
        ecsengine_result_set_agent_version(result, "3.1.0.0");
        ecsengine_result_add_agent_file(result, "amazon-ssm-agent-h1.json");
        ecsengine_result_add_agent_file(result, "seelog-h2.xml");
        break;
    default:
        break;
    }
}

static void reply(ecsengine_op *op)
{
    enum ecsengine_op_kind kind = ecsengine_op_get_kind(op);
    ecsengine_result *result = NULL;

    if (kind < ECSENGINE_OP_EXEC_CREATE) {
        answer(op);
        return;
    }
    bool fails = execs.fail[kind] > 0;
    execs.fail[kind] -= fails;
    OK(ecsengine_result_new(op, &result, &error_));
    if (!fails || execs.lost)
        work(op, result);
    if (fails) {
        ecsengine_result_free(result);
        OK(ecsengine_result_new(op, &result, &error_));
        ecsengine_result_set_failure(result, execs.lost ? ECSENGINE_FAILURE_UNREACHABLE : execs.how, "busy");
    }
    OK(ecsengine_op_complete(op, result, &error_));
}

static void live(void)
{
    for (int idle = 0, turns = 0; idle < 3; turns++) {
        size_t before = host.trace_len;
        ck_assert_int_lt(turns, 10000);
        while (host.held_count > 0)
            reply(held(ecsengine_op_get_kind(host.held[0]), NULL));
        turn();
        ck_assert_int_le(running(), 1); /* never two */
        idle = host.trace_len == before && host.held_count == 0 ? idle + 1 : 0;
    }
}

/* Lives for so long, stopping whenever something is due. */
static void live_for(int64_t ns)
{
    int64_t until = host.mono_ns + ns;

    live();
    for (int64_t due; (due = ecsengine_deadline_ns(host.engine)) <= until; live())
        pass_time(due - host.mono_ns);
    pass_time(until - host.mono_ns);
    live();
}

/* Runs until the engine has asked for it, and leaves it at that. */
static void live_until_asked(enum ecsengine_op_kind kind)
{
    for (int i = 0; i < 60; i++) {
        while (host.held_count > 0 && ecsengine_op_get_kind(host.held[0]) != kind)
            reply(held(ecsengine_op_get_kind(host.held[0]), NULL));
        turn();
    }
    ck_assert_uint_eq(1, host.held_count);
}

static void begin(const char *container)
{
    char document[2048];

    memset(&execs, 0, sizeof(execs));
    execs.how = ECSENGINE_FAILURE_OTHER;
    snprintf(document, sizeof(document), TASK(ARN, "%s"), container);
    if (host.engine == NULL)
        open_engine();
    add(document);
}

/* With ends that are heard of, and further rounds. */
static void begin_immediate(const char *container)
{
    set("exec-agent-supervision", "immediate");
    begin(container);
}

static void end_process(int code)
{
    for (int i = 0; i < execs.count; i++)
        if (execs.one[i].running)
            execs.one[i] = (struct one){.started = true, .code = code};
}

static void say_exec_die(const char *exec_id)
{
    ecsengine_result *details = NULL;

    OK(ecsengine_result_new_for_event(host.engine, &details, &error_));
    ecsengine_result_set_exec_id(details, exec_id);
    ecsengine_result_set_exit_code(details, 1);
    OK(ecsengine_runtime_event(host.engine, ECSENGINE_RUNTIME_EVENT_EXEC_DIE, host.boxes[0].id, details, &error_));
}

static int asked(const char *kind)
{
    char line[64];

    snprintf(line, sizeof(line), "> %s web", kind);
    return traced(line);
}

/* What ecsengine_explain_text() says of the agent. */
static void explains(const char *words)
{
    ecsengine_text *text = NULL;

    OK(ecsengine_explain_text(host.engine, ARN, "web", &text, &error_));
    if (strstr(ecsengine_text_data(text), words) == NULL)
        ck_abort_msg("%s", ecsengine_text_data(text));
    ecsengine_text_free(text);
}

/* ---- the branches of the seed ---- */

START_TEST(not_enabled)
{
    begin(WEB);
    live_for(60 * MINUTE);
    ck_assert_int_eq(0, asked("agent-prepare") + asked("exec-create") + asked("exec-inspect"));
    end_host();
}
END_TEST

START_TEST(never_started)
{
    begin(SHELL);
    live_until_asked(ECSENGINE_OP_START);
    explains("ExecuteCommandAgent: it waits for its container to run");
    pass_time(2 * MINUTE); /* the start has three */
    turn();
    ck_assert_int_eq(1, asked("agent-prepare"));
    ck_assert_int_eq(0, asked("exec-create") + asked("exec-inspect"));
    end_host();
}
END_TEST

START_TEST(inspection_error)
{
    begin(SHELL);
    live();
    forget_trace();
    execs.fail[ECSENGINE_OP_EXEC_INSPECT] = 5;
    live_for(24 * MINUTE);
    ck_assert_int_eq(5, asked("exec-inspect"));
    ck_assert_int_eq(0, asked("exec-create") + traced(AGAIN));
    live_for(16 * MINUTE);
    ck_assert_int_eq(6, asked("exec-inspect"));
    ck_assert_int_eq(0, asked("exec-create"));
    end_host();
}
END_TEST

START_TEST(still_running)
{
    begin(SHELL);
    live();
    ck_assert_int_eq(1, traced(STARTED));
    forget_trace();
    explains("ExecuteCommandAgent: it runs since 2026-");
    live_for(150 * MINUTE); /* ten intervals, each with one look */
    ck_assert_int_ge(asked("exec-inspect"), 9);
    ck_assert_int_le(asked("exec-inspect"), 10);
    ck_assert_int_eq(0, asked("exec-create") + traced(AGAIN) + traced(STARTED));
    end_host();
}
END_TEST

START_TEST(restarted)
{
    begin(SHELL);
    live_for(30 * MINUTE);
    forget_trace();
    end_process(0); /* whatever the exit code */
    live_for(23 * MINUTE);
    ck_assert_int_eq(1, asked("exec-create"));
    ck_assert_int_eq(1, traced(AGAIN));
    ck_assert_int_eq(1, running());
    end_host();
}
END_TEST

START_TEST(already_running)
{
    OK(ecsengine_memory_store_new(&host.store, &error_));
    begin(SHELL);
    live();
    close_engine();
    forget_trace();
    open_engine();
    live_for(MINUTE);
    ck_assert_int_eq(1, asked("exec-inspect"));
    ck_assert_int_eq(0, asked("exec-create") + traced(STARTED) + traced(AGAIN));
    ck_assert_int_eq(1, running());
    end_host();
}
END_TEST

static const enum ecsengine_op_kind steps[] = {ECSENGINE_OP_EXEC_CREATE, ECSENGINE_OP_EXEC_START, ECSENGINE_OP_EXEC_INSPECT};
static const char *const texts[] = {"[create]", "[pre-start]", "[inspect]"};

START_TEST(retries_exhausted)
{
    char line[128];

    begin(SHELL);
    execs.fail[steps[_i]] = 5;
    live_for(15 * SECOND);
    snprintf(line, sizeof(line), "managed-agent STOPPED: unable to start ExecuteCommandAgent %s: busy", texts[_i]);
    ck_assert_int_eq(1, traced(line));
    ck_assert_int_eq(1, traced("task RUNNING"));
    int created = asked("exec-create");
    live_for(24 * 60 * MINUTE);
    ck_assert_int_eq(created, asked("exec-create"));
    explains("it is not started again before its container is");
    end_host();
}
END_TEST

START_TEST(a_try_that_failed_is_explained_with_the_time_of_the_next)
{
    begin(SHELL);
    execs.fail[ECSENGINE_OP_EXEC_CREATE] = 1;
    live_until_asked(ECSENGINE_OP_EXEC_CREATE);
    explains("it is started; 0 failures in a row\n");
    reply(held(ECSENGINE_OP_EXEC_CREATE, NULL));
    turn();
    explains("it is started; 0 failures in a row, the last one: unable to start ExecuteCommandAgent [create]: busy; the next try is in 1");
    end_host();
}
END_TEST

START_TEST(a_start_that_is_refused_is_one_of_another_exec_the_next_time)
{
    begin(SHELL);
    execs.fail[ECSENGINE_OP_EXEC_START] = 1;
    live_for(MINUTE);
    ck_assert_int_eq(2, asked("exec-create"));
    ck_assert_int_eq(1, running());
    end_host();
}
END_TEST

START_TEST(a_round_has_ten_minutes)
{
    begin(SHELL);
    live_until_asked(ECSENGINE_OP_EXEC_CREATE);
    pass_time(10 * MINUTE - _i); /* its answer's time is over long before */
    turn();
    turn();
    ck_assert_int_eq(_i == 0, strstr(host.trace, "managed-agent STOPPED: unable to start ExecuteCommandAgent [create]: ") != NULL);
    end_host();
}
END_TEST

/* The first end after it ran for ten minutes is made good at once, as the first of all is. */
START_TEST(what_ran_for_ten_minutes_has_no_failures)
{
    begin_immediate(SHELL);
    live();
    for (int i = 0; i < 2; i++) {
        end_process(7);
        say_exec_die(i == 0 ? "e0" : "e1");
        live();
        ck_assert_int_eq(i == 0 || _i == 0, running());
        pass_time(10 * MINUTE - _i);
    }
    end_host();
}
END_TEST

START_TEST(after_a_round_that_failed_there_is_another_for_who_wishes_it)
{
    begin_immediate(SHELL);
    execs.fail[steps[_i]] = 5;
    live_for(MINUTE);
    ck_assert_int_eq(1, traced(AGAIN));
    ck_assert_int_eq(1, running());
    end_host();
}
END_TEST

START_TEST(on_the_schedule_an_end_is_noticed_by_the_next_look)
{
    set("exec-agent-monitor-interval", "1m");
    begin(SHELL);
    live();
    forget_trace();
    end_process(1);
    say_exec_die("e0");
    live_for(59 * SECOND);
    ck_assert_int_eq(0, asked("exec-inspect"));
    ck_assert_int_eq(0, running());
    live_for(MINUTE);
    ck_assert_int_eq(1, traced(AGAIN));
    ck_assert_int_eq(1, running());
    end_host();
}
END_TEST

START_TEST(one_that_can_not_be_restarted_is_told_so_once)
{
    set("exec-agent-monitor-interval", "1m");
    begin(SHELL);
    live();
    end_process(1);
    execs.fail[ECSENGINE_OP_EXEC_CREATE] = 5;
    live_for(24 * 60 * MINUTE);
    ck_assert_int_eq(1, traced("managed-agent STOPPED: ExecuteCommandAgent cannot be restarted"));
    ck_assert_int_eq(6, asked("exec-create"));
    ck_assert_int_eq(0, running());
    end_host();
}
END_TEST

START_TEST(a_start_that_never_works_is_given_up_and_told)
{
    begin_immediate(SHELL);
    execs.fail[ECSENGINE_OP_EXEC_CREATE] = 10000;
    live_for(15 * SECOND);
    explains("it is started again; 1 failures in a row, the last one: unable to start ExecuteCommandAgent [create]: busy; the next try is in ");
    live_for(24 * 60 * MINUTE);
    ck_assert_int_eq(5 * 17, asked("exec-create"));
    explains("cannot be restarted: given up after 17 failures in a row");
    ck_assert_int_eq(1, traced("managed-agent STOPPED: ExecuteCommandAgent cannot be restarted: given up after 17 failures in a row"));
    ck_assert_int_eq(2, traced("managed-agent STOPPED: unable to start ExecuteCommandAgent [create]: busy") + 1);
    end_host();
}
END_TEST

START_TEST(an_agent_that_ends_at_once_is_started_again_after_longer_and_longer_pauses)
{
    begin_immediate(SHELL);
    execs.dies = true;
    live_for(10 * SECOND);
    ck_assert_int_eq(1, traced("managed-agent STOPPED: ExecuteCommandAgent process exited with exit code: 9"));
    execs.dies = false;
    live_for(5 * MINUTE);
    ck_assert_int_eq(1, traced(AGAIN));
    ck_assert_int_eq(1, running());
    end_host();
}
END_TEST

START_TEST(one_that_keeps_dying_is_told_stopped_while_it_waits)
{
    begin_immediate(SHELL);
    live();
    for (int i = 0; i < 3; i++) {
        end_process(7);
        say_exec_die(i == 0 ? "e0" : i == 1 ? "e1" : "e2");
        live_for(MINUTE);
    }
    ck_assert_int_eq(1, running());
    ck_assert_int_eq(4, asked("exec-create"));
    ck_assert_int_eq(3, traced(AGAIN));
    ck_assert_int_eq(2, traced("managed-agent STOPPED: ExecuteCommandAgent process exited with exit code: 7")); /* the first one came back at once */
    end_host();
}
END_TEST

/* ---- beyond it ---- */

START_TEST(what_the_runtime_says_of_an_exec_is_looked_into_at_once)
{
    begin_immediate(SHELL);
    live();
    forget_trace();
    end_process(1);
    say_exec_die("e9"); /* somebody else's */
    live();
    ck_assert_int_eq(0, asked("exec-inspect"));
    say_exec_die("e0");
    live();
    ck_assert_int_eq(1, traced(AGAIN));
    ck_assert_int_eq(1, running());
    end_host();
}
END_TEST

START_TEST(a_start_whose_answer_is_lost_makes_no_second_agent)
{
    begin(SHELL);
    execs.fail[ECSENGINE_OP_EXEC_START] = 1;
    execs.lost = true;
    live_for(MINUTE);
    ck_assert_int_eq(1, asked("exec-create"));
    ck_assert_int_eq(1, asked("exec-start"));
    ck_assert_int_eq(1, traced(STARTED));
    ck_assert_int_eq(1, running());
    end_host();
}
END_TEST

/* The engine dies when the START has left; it was done or not. */
START_TEST(a_start_that_a_dead_engine_has_asked_for_is_the_only_one)
{
    OK(ecsengine_memory_store_new(&host.store, &error_));
    begin(SHELL);
    live_until_asked(ECSENGINE_OP_EXEC_START);
    ck_assert_int_eq(1, asked("exec-start"));
    if (_i == 1)
        work(host.held[0], NULL);
    close_engine();
    forget_trace();
    open_engine();
    live_for(MINUTE);
    ck_assert_int_eq(0, asked("exec-create"));
    ck_assert_int_eq(_i == 0 ? 1 : 0, asked("exec-start"));
    ck_assert_int_eq(1, traced(STARTED));
    ck_assert_int_eq(1, running());
    end_host();
}
END_TEST

START_TEST(an_agent_stops_before_its_container_does)
{
    begin(SHELL);
    live();
    forget_trace();
    stop(ARN);
    live();
    const char *agent = strstr(host.trace, ENDED "\n"), *container = strstr(host.trace, "\nweb STOPPED\n");
    ck_assert(agent != NULL && container != NULL && agent < container);
    live_for(4 * 60 * MINUTE);
    ck_assert_int_eq(1, asked("agent-clean"));
    ck_assert_int_eq(1, traced("task-removed"));
    end_host();
}
END_TEST

START_TEST(an_agent_that_can_not_be_made_ready_is_told_and_its_container_runs_without)
{
    begin(SHELL);
    execs.fail[ECSENGINE_OP_AGENT_PREPARE] = 1;
    live_for(60 * MINUTE);
    ck_assert_int_eq(1, traced("managed-agent STOPPED: ExecuteCommandAgent Initialization failed - busy"));
    ck_assert_int_eq(1, traced("web RUNNING"));
    ck_assert_int_eq(0, asked("exec-create"));
    explains("it could not be made ready: ExecuteCommandAgent Initialization failed - busy");
    stop(ARN);
    live();
    ck_assert_int_eq(1, traced(ENDED));
    end_host();
}
END_TEST

START_TEST(a_container_that_is_started_again_has_its_agent_started_again)
{
    begin(RESTARTED);
    live_for(2 * MINUTE);
    forget_trace();
    end_process(137);
    host.boxes[0].running = false;
    OK(ecsengine_runtime_event(host.engine, ECSENGINE_RUNTIME_EVENT_DIE, host.boxes[0].id, NULL, &error_));
    live_for(MINUTE);
    ck_assert_int_eq(1, asked("start"));
    ck_assert_int_eq(1, asked("exec-create"));
    ck_assert_int_eq(1, traced(STARTED));
    ck_assert_int_eq(0, traced(ENDED));
    ck_assert_int_eq(1, running());
    end_host();
}
END_TEST

static char created[16384], prepared[16384];

static void keep(ecsengine_op *op)
{
    if (ecsengine_op_get_kind(op) == ECSENGINE_OP_CREATE)
        snprintf(created, sizeof(created), "%s", ecsengine_op_create_config(op, NULL));
    if (ecsengine_op_get_kind(op) == ECSENGINE_OP_AGENT_PREPARE)
        snprintf(prepared, sizeof(prepared), "%s", ecsengine_op_agent_config(op, NULL));
    reply(op);
}

START_TEST(what_is_mounted_and_generated_is_as_the_reference_has_it)
{
    char uuid[64] = "", want[4096];

    set("exec-agent-dir", "/managed-agents/execute-command");
    set("exec-agent-dir-for-runtime", "/var/lib/ecs/deps/execute-command");
    begin(SHELL);
    for (int i = 0; i < 20; i++) {
        while (host.held_count > 0)
            keep(held(ecsengine_op_get_kind(host.held[0]), NULL));
        turn();
    }
    const char *at = strstr(created, "/ecs-execute-command-");
    ck_assert_ptr_nonnull(at);
    snprintf(uuid, sizeof(uuid), "%.36s", at + 21);
    ck_assert(uuid[8] == '-' && uuid[14] == '4' && strchr("89ab", uuid[19]) != NULL);
    snprintf(want, sizeof(want),
             "\"Binds\":[\"/var/lib/ecs/deps/execute-command/bin/3.1.0.0/amazon-ssm-agent:/ecs-execute-command-%s/amazon-ssm-agent:ro\","
             "\"/var/lib/ecs/deps/execute-command/bin/3.1.0.0/ssm-agent-worker:/ecs-execute-command-%s/ssm-agent-worker:ro\","
             "\"/var/lib/ecs/deps/execute-command/bin/3.1.0.0/ssm-session-worker:/ecs-execute-command-%s/ssm-session-worker:ro\","
             "\"/var/lib/ecs/deps/execute-command/config/amazon-ssm-agent-h1.json:/ecs-execute-command-%s/configuration/amazon-ssm-agent.json:ro\","
             "\"/var/lib/ecs/deps/execute-command/config/seelog-h2.xml:/ecs-execute-command-%s/configuration/seelog.xml:ro\","
             "\"/var/lib/ecs/deps/execute-command/certs/tls-ca-bundle.pem:/ecs-execute-command-%s/certs/amazon-ssm-agent.crt:ro\","
             "\"/var/log/ecs/exec/t1/web:/var/log/amazon/ssm\"]",
             uuid, uuid, uuid, uuid, uuid, uuid);
    ck_assert_ptr_nonnull(strstr(created, want));
    ck_assert_ptr_nonnull(strstr(prepared, "\"content\":\"{\\n\\t\\\"Mgs\\\": {\\n\\t\\t\\\"StopTimeoutMillis\\\": 20000,\\n\\t\\t\\\"SessionWorkersLimit\\\": 3\\n"
                                           "\\t},\\n\\t\\\"Agent\\\": {\\n\\t\\t\\\"ContainerMode\\\": true,\\n\\t\\t\\\"UseDualStackEndpoint\\\": false\\n\\t}\\n}\""));
    ck_assert_ptr_nonnull(strstr(prepared, "{\"versions\":{\"dir\":\"/managed-agents/execute-command/bin\",\"shown\":\"/var/lib/ecs/deps/execute-command/bin\","));
    ck_assert_ptr_nonnull(strstr(prepared, "\"log\":{\"dir\":\"/var/log/ecs/exec\",\"path\":[\"t1\",\"web\"]}"));
    end_host();
}
END_TEST

static const struct limit {
    const char *value;
    int number;
} limits[] = {{"'5'", 5}, {"'+5'", 5}, {"'0'", 2}, {"'-1'", 2}, {"'x'", 2}, {"''", 2}, {"'5x'", 2}, {"'99999999999999999999'", 2}};

START_TEST(the_session_limit_is_a_number_above_0_or_2)
{
    char container[512], want[64];

    snprintf(container, sizeof(container), "{'name':'-web','image':'nginx','memory':64,'managedAgents':[{'name':'ExecuteCommandAgent',"
             "'properties':{'sessionLimit':%s}}]}", limits[_i].value);
    begin(container);
    for (int i = 0; i < 20; i++) {
        while (host.held_count > 0)
            keep(held(ecsengine_op_get_kind(host.held[0]), NULL));
        turn();
    }
    snprintf(want, sizeof(want), "SessionWorkersLimit\\\": %d", limits[_i].number);
    if (strstr(prepared, want) == NULL)
        ck_abort_msg("%s", prepared);
    end_host();
}
END_TEST

/* An agent of the host's own: mounts beside the user's, no preparation, and its own rule of restarts. */
START_TEST(a_host_describes_agents_of_its_own)
{
    static const char probe[] = "{\"name\":\"probe\",\"exec\":{\"Cmd\":[\"/probe\",\"${property:mode}\"],\"User\":\"7\"},"
                                "\"binds\":[\"/opt/probe:/probe:ro\"],\"restart\":{\"tries\":0}}";
    ecsengine_error *error = NULL;

    memset(&execs, 0, sizeof(execs));
    open_engine();
    ck_assert_int_eq(ECSENGINE_EDOCUMENT, ecsengine_set_agent(host.engine, "{\"name\":\"x\"}", 12, &error));
    ecsengine_error_free(error);
    OK(ecsengine_set_agent(host.engine, probe, sizeof(probe) - 1, &error_));
    begin("{'name':'web','image':'nginx','memory':64,'mountPoints':[],"
          "'managedAgents':[{'name':'probe','properties':{'mode':'a\\'b'}},{'name':'nobody'}]}");
    for (int i = 0; i < 30; i++) {
        while (host.held_count > 0)
            keep(held(ecsengine_op_get_kind(host.held[0]), NULL));
        turn();
    }
    ck_assert_ptr_nonnull(strstr(created, "\"Binds\":[\"/opt/probe:/probe:ro\"]"));
    ck_assert_int_eq(0, asked("agent-prepare"));
    ck_assert_int_eq(1, traced("managed-agent RUNNING: probe started"));
    end_process(1);
    say_exec_die("e0");
    live_for(60 * MINUTE);
    ck_assert_int_eq(1, asked("exec-create"));
    ck_assert_int_eq(1, traced("managed-agent STOPPED: probe cannot be restarted: given up after 1 failures in a row"));
    end_host();
}
END_TEST

START_TEST(what_is_not_acknowledged_is_told_again_in_the_next_life)
{
    OK(ecsengine_memory_store_new(&host.store, &error_));
    begin(SHELL);
    host.no_acks = true;
    live();
    ck_assert_int_eq(1, traced(STARTED));
    close_engine();
    forget_trace();
    host.no_acks = false;
    host.last_event = 0;
    open_engine();
    live();
    ck_assert_int_eq(1, traced(STARTED));
    end_host();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, not_enabled);
    tcase_add_test(tcase, never_started);
    tcase_add_test(tcase, inspection_error);
    tcase_add_test(tcase, still_running);
    tcase_add_test(tcase, restarted);
    tcase_add_test(tcase, already_running);
    tcase_add_loop_test(tcase, retries_exhausted, 0, 3);
    tcase_add_test(tcase, a_try_that_failed_is_explained_with_the_time_of_the_next);
    tcase_add_test(tcase, a_start_that_is_refused_is_one_of_another_exec_the_next_time);
    tcase_add_loop_test(tcase, a_round_has_ten_minutes, 0, 2);
    tcase_add_loop_test(tcase, what_ran_for_ten_minutes_has_no_failures, 0, 2);
    tcase_add_loop_test(tcase, after_a_round_that_failed_there_is_another_for_who_wishes_it, 0, 3);
    tcase_add_test(tcase, on_the_schedule_an_end_is_noticed_by_the_next_look);
    tcase_add_test(tcase, one_that_can_not_be_restarted_is_told_so_once);
    tcase_add_test(tcase, a_start_that_never_works_is_given_up_and_told);
    tcase_add_test(tcase, an_agent_that_ends_at_once_is_started_again_after_longer_and_longer_pauses);
    tcase_add_test(tcase, one_that_keeps_dying_is_told_stopped_while_it_waits);
    tcase_add_test(tcase, what_the_runtime_says_of_an_exec_is_looked_into_at_once);
    tcase_add_test(tcase, a_start_whose_answer_is_lost_makes_no_second_agent);
    tcase_add_loop_test(tcase, a_start_that_a_dead_engine_has_asked_for_is_the_only_one, 0, 2);
    tcase_add_test(tcase, an_agent_stops_before_its_container_does);
    tcase_add_test(tcase, an_agent_that_can_not_be_made_ready_is_told_and_its_container_runs_without);
    tcase_add_test(tcase, a_container_that_is_started_again_has_its_agent_started_again);
    tcase_add_test(tcase, what_is_mounted_and_generated_is_as_the_reference_has_it);
    tcase_add_loop_test(tcase, the_session_limit_is_a_number_above_0_or_2, 0, sizeof(limits) / sizeof(limits[0]));
    tcase_add_test(tcase, a_host_describes_agents_of_its_own);
    tcase_add_test(tcase, what_is_not_acknowledged_is_told_again_in_the_next_life);
}

int main(void) { return run_tests("agent", fill); }
