/* SPDX-License-Identifier: Apache-2.0 */
/* Agents in several containers of one task: what is put into their texts, whose traces are swept for whom, whose news is told and summed up. */
#include "made.h"

#include "engine/agent.h"
#include "engine/events.h"

#define AGENT "'managedAgents':[{'name':'ExecuteCommandAgent','properties':{'mode':'M','size':' 5'}}]"
#define THREE                                                                  \
    "{'name':'a','image':'nginx','memory':64," AGENT "},{'name':'b','image':'nginx','memory':64," AGENT "}," \
    "{'name':'c','image':'nginx','memory':64," AGENT "}"

static struct task *task;

static void begin(void)
{
    made_start();
    made_open();
    made_settle();
    task = made_add(TASK(THREE));
}

static struct agent *agent_of(int container) { return &task->containers[container].agents[0]; }

/* ---- texts ---- */

static const struct text {
    const char *text, *becomes;
} texts[] = {
    {"a${property:mode}b${property:none}c", "aMbc"},
    {"${nobody}${nobody:mode}${property:}", "${nobody}${nobody:mode}${property:}"},
    {"[${count:none}${count:mode}]", "[]"},
    {"${count:none:2}, ${count:size:3}", "2, 3"}, /* no number begins with a space */
};

START_TEST(what_is_known_of_an_agent_is_put_into_its_texts)
{
    struct buf buf;

    begin();
    buf_init(&buf, &made_root.mem, 0);
    agent_expand(&made, agent_of(0), texts[_i].text, &buf);
    ck_assert_str_eq(texts[_i].becomes, buf.data);
    buf_free(&buf);
    made_close();
}
END_TEST

START_TEST(an_operation_has_the_text_of_its_kind)
{
    const struct agent_description *description;

    begin();
    struct ecsengine_op *op = made_until(ECSENGINE_OP_AGENT_PREPARE);
    description = agent_def(agent_of(0))->description;
    ck_assert_ptr_eq(description->prepare, agent_template(op));
    op->kind = ECSENGINE_OP_EXEC_CREATE;
    ck_assert_ptr_eq(description->exec, agent_template(op));
    op->kind = ECSENGINE_OP_AGENT_CLEAN;
    ck_assert_ptr_eq(description->clean, agent_template(op));
    op->kind = ECSENGINE_OP_EXEC_START;
    ck_assert_ptr_null(agent_template(op));
    op->kind = ECSENGINE_OP_AGENT_PREPARE;
    made_good(op);
    made_close();
}
END_TEST

/* ---- what is left behind ---- */

/* Which of the three are swept for, of those that are prepared. */
static int swept(int prepared)
{
    int found = 0;

    for (int i = 0; i < 3; i++)
        agent_of(i)->prepared = (prepared & 1 << i) != 0;
    ck_assert_int_eq(0, engine_reserve(&made, task));
    ck_assert_int_eq(prepared == 0, agents_sweep(&made, task));
    for (int i = 0; i < 3; i++)
        if (agent_of(i)->op != NULL && agent_of(i)->op->kind == ECSENGINE_OP_AGENT_CLEAN)
            found |= 1 << i;
    return found;
}

START_TEST(the_first_of_a_kind_that_was_made_ready_is_swept_for)
{
    begin();
    struct ecsengine_op *prepare = made_until(ECSENGINE_OP_AGENT_PREPARE); /* while it is asked for nothing else is */
    ck_assert_int_eq(_i & -_i, swept(_i));
    op_unref(prepare);
    made_close();
}
END_TEST

START_TEST(what_would_not_go_is_remembered_and_is_no_reason_to_wait)
{
    begin();
    struct ecsengine_op *prepare = made_until(ECSENGINE_OP_AGENT_PREPARE);
    for (int fails = 0; fails < 2; fails++) {
        agent_of(fails)->prepared = true;
        agent_of(0)->prepared = fails == 0;
        ck_assert_int_eq(0, engine_reserve(&made, task));
        ck_assert(!agents_sweep(&made, task));
        struct ecsengine_op *op = made_until(ECSENGINE_OP_AGENT_CLEAN);
        if (fails)
            made_fail(op, ECSENGINE_FAILURE_OTHER, NULL, "busy");
        else
            made_good(op);
        ck_assert(agent_of(fails)->cleaned);
        ck_assert_int_eq(fails != 0, agent_of(fails)->trouble != NULL);
        ck_assert(agents_sweep(&made, task));
    }
    ck_assert_str_eq("ExecuteCommandAgent: what it has left behind could not be removed: busy", str_text(agent_of(1)->trouble));
    op_unref(prepare);
    made_close();
}
END_TEST

/* ---- news ---- */

static void tell(int container, enum ecsengine_agent_status status)
{
    ck_assert_int_eq(0, engine_reserve(&made, task));
    agent_tell(&made, agent_of(container), (uint8_t)status, "news");
}

static bool is(const struct ecsengine_event *event, int container, enum ecsengine_agent_status status)
{
    return event->kind == ECSENGINE_EVENT_MANAGED_AGENT && event->container_index == container && event->status == status;
}

/* How often it was told; the first of them is left in `first`. */
static int told(int container, enum ecsengine_agent_status status, uint64_t *first)
{
    int count = 0;

    for (const struct list *node = made.events_out.next; node != &made.events_out; node = node->next) {
        const struct ecsengine_event *event = container_of(node, const struct ecsengine_event, link);
        if (is(event, container, status) && count++ == 0 && first != NULL)
            *first = event->id;
    }
    return count;
}

static int summed_up(int container, enum ecsengine_agent_status status)
{
    int count = 0;

    for (const struct ecsengine_event *event = task->batch_first; event != NULL; event = event->batch_next)
        count += is(event, container, status);
    return count;
}

START_TEST(news_that_is_told_already_and_not_acknowledged_waits_for_that)
{
    uint64_t first = 0;
    struct acknowledgement input = {.input.kind = INPUT_ACK};

    begin();
    tell(0, ECSENGINE_AGENT_RUNNING);
    tell(1, ECSENGINE_AGENT_RUNNING); /* that of another container */
    tell(0, ECSENGINE_AGENT_STOPPED);
    ck_assert_int_eq(1, told(0, ECSENGINE_AGENT_RUNNING, &first));
    ck_assert_int_eq(1, told(1, ECSENGINE_AGENT_RUNNING, NULL));
    ck_assert_int_eq(1, told(0, ECSENGINE_AGENT_STOPPED, NULL));
    ck_assert(!agent_of(0)->untold);
    tell(0, ECSENGINE_AGENT_RUNNING);
    ck_assert_int_eq(1, told(0, ECSENGINE_AGENT_RUNNING, NULL));
    ck_assert(agent_of(0)->untold);
    ck_assert(!agent_of(1)->untold);
    engine_settle(&made);
    ck_assert_int_eq(1, told(0, ECSENGINE_AGENT_RUNNING, NULL));
    input.event_id = first;
    made_apply(&input.input);
    ck_assert_int_eq(2, told(0, ECSENGINE_AGENT_RUNNING, NULL));
    ck_assert(!agent_of(0)->untold);
    made_close();
}
END_TEST

START_TEST(of_each_agent_the_newest_news_is_summed_up)
{
    begin();
    tell(0, ECSENGINE_AGENT_RUNNING);
    tell(1, ECSENGINE_AGENT_RUNNING);
    tell(0, ECSENGINE_AGENT_STOPPED);
    tell(2, ECSENGINE_AGENT_STOPPED);
    ck_assert_int_eq(0, summed_up(0, ECSENGINE_AGENT_RUNNING));
    ck_assert_int_eq(1, summed_up(0, ECSENGINE_AGENT_STOPPED));
    ck_assert_int_eq(1, summed_up(1, ECSENGINE_AGENT_RUNNING));
    ck_assert_int_eq(1, summed_up(2, ECSENGINE_AGENT_STOPPED));
    ck_assert(is(task->batch_last, 2, ECSENGINE_AGENT_STOPPED));
    made_close();
}
END_TEST

START_TEST(of_none_there_is_no_news)
{
    begin();
    ck_assert_int_eq(0, engine_reserve(&made, task));
    events_agent(&made, agent_of(0));
    ck_assert_int_eq(0, told(0, ECSENGINE_AGENT_NONE, NULL));
    ck_assert(!agent_of(0)->untold);
    made_close();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_loop_test(tcase, what_is_known_of_an_agent_is_put_into_its_texts, 0, sizeof(texts) / sizeof(texts[0]));
    tcase_add_test(tcase, an_operation_has_the_text_of_its_kind);
    tcase_add_loop_test(tcase, the_first_of_a_kind_that_was_made_ready_is_swept_for, 0, 8);
    tcase_add_test(tcase, what_would_not_go_is_remembered_and_is_no_reason_to_wait);
    tcase_add_test(tcase, news_that_is_told_already_and_not_acknowledged_waits_for_that);
    tcase_add_test(tcase, of_each_agent_the_newest_news_is_summed_up);
    tcase_add_test(tcase, of_none_there_is_no_news);
}

int main(void) { return made_run("agent: parts", fill); }
