/* SPDX-License-Identifier: Apache-2.0 */
/* The equations. Section numbers are those of the task-engine reference. */
#include "model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const model_reasons[REASONS] = {
    [REASON_NONE] = "",
    [REASON_PULL] = "CannotPullECRContainerError: no such image",
    [REASON_CREATE] = "CannotCreateContainerError: no room",
    [REASON_START] = "CannotStartContainerError: cannot start",
    [REASON_DEPENDENCY] = "CannotStartContainerError: dependency graph: ",
    [REASON_KILLED] = "OutOfMemoryError: Container killed due to memory usage",
};

struct deviations model_deviations = {.unmeetable_ends = true, .ended_never_starts = true, .timeouts_between_steps = true};

enum { EXIT_DEPENDENCY = 143, ROUNDS_MAX = 200 };

/* All that can come to be true of a container, and when. */
struct facts {
    moment go;          /* its dependencies are met: the pull begins */
    moment create;      /* the pull is over: the create begins */
    moment start;       /* it is created: the start begins */
    moment running;     /* known RUNNING */
    moment healthy;     /* health HEALTHY */
    moment failed;      /* a create or start failed: its own desired status becomes STOPPED (5.4) */
    moment doomed;      /* a dependency can never be met (4.8) */
    moment wanted_down; /* its desired status is STOPPED, for whatever reason */
    moment stop;        /* the stop begins */
    moment stopped;     /* known STOPPED */
    bool has_exit_code;
    int exit_code;
    enum reason reason;
};

struct state {
    struct facts of[PLACES];
    moment task_down; /* the task's desired status is STOPPED */
};

struct model {
    const struct world *world;
    const struct durations *durations;
    struct state now; /* as the last round left it: what equations look at */
};

static moment at_ns(int64_t ns) { return ns * MOMENT_STEPS; }
static moment min2(moment a, moment b) { return a < b ? a : b; }
static moment max2(moment a, moment b) { return a > b ? a : b; }

/* `ns` later, in its first step; or at the same time, a step later. */
static moment later(moment at, int64_t ns)
{
    return at == MOMENT_NEVER ? MOMENT_NEVER : at_ns(moment_ns(at) + ns) + (ns == 0 ? at % MOMENT_STEPS : 0);
}
static moment step_later(moment at) { return at == MOMENT_NEVER ? MOMENT_NEVER : at + 1; }

static const struct outcome_traits *traits(const struct model *model, int c) { return &outcomes[model->world->places[c].outcome]; }
static enum condition need(const struct model *model, int target, int on) { return model->world->places[target].needs[on]; }

/* ---- 4.2: is the task refused? ---- */

static bool can_be_satisfied(const struct world *world, int target, int on, const bool accepted[PLACES])
{
    enum condition condition = world->places[target].needs[on];

    if (condition == CONDITION_NONE)
        return true;
    return accepted[on] && (condition != CONDITION_HEALTHY || outcomes[world->places[on].outcome].health_check);
}

/* The least set that holds every container all of whose dependencies it holds. A task that is added with desired status STOPPED is
 * always valid, circles and all. */
bool model_refuses(const struct world *world)
{
    bool accepted[PLACES] = {false};

    if (world->born_stopped)
        return false;
    for (int round = 0; round < world->count; round++) {
        for (int c = 0; c < world->count; c++) {
            bool all = true;
            for (int on = 0; on < world->count; on++)
                all = all && can_be_satisfied(world, c, on, accepted);
            accepted[c] = accepted[c] || all;
        }
    }
    for (int c = 0; c < world->count; c++) {
        if (!accepted[c])
            return true;
    }
    return false;
}

/* ---- 4.5: the conditions ---- */

/* The table of conditions. Each stays fulfilled once it is: the health of a container stays as it was last seen (5.7). */
static moment met(const struct model *model, int target, int on)
{
    const struct facts *dependency = &model->now.of[on];

    switch (need(model, target, on)) {
    case CONDITION_START:
        return min2(dependency->running, dependency->stopped);
    case CONDITION_COMPLETE:
        return dependency->has_exit_code ? dependency->stopped : MOMENT_NEVER;
    case CONDITION_SUCCESS:
        return dependency->has_exit_code && dependency->exit_code == 0 ? dependency->stopped : MOMENT_NEVER;
    case CONDITION_HEALTHY:
        return dependency->healthy;
    default:
        return 0;
    }
}

/* Check 2: a dependency with a startTimeout that has run for longer and is not STOPPED, though it may meanwhile be as it should;
 * only while the target is not CREATED. It is seen at once if the target waits; and when its pull is over, if that was under
 * way. */
static moment timed_out(const struct model *model, int target, int on)
{
    const struct facts *dependency = &model->now.of[on];
    moment over = later(dependency->running, WORLD_TIMEOUT), go = model->now.of[target].go;
    moment pulled = later(go, model->durations[target].pull_ns);

    if (need(model, target, on) == CONDITION_START || !traits(model, on)->start_timeout)
        return MOMENT_NEVER;
    if (!model_deviations.timeouts_between_steps)
        return over < dependency->stopped && over < model->now.of[target].start ? over : MOMENT_NEVER;
    moment seen = over < go ? over : over < pulled ? pulled : MOMENT_NEVER;
    return seen < dependency->stopped ? seen : MOMENT_NEVER;
}

/* Check 4: the dependency has not started and is wanted STOPPED, with nothing of its own in flight. A failure leaves it so until
 * its dependents have stopped (4.4 step 5). One that is ended by its own dependency is so, in the reference, only in the pass
 * that finds that out: for those that come after it in the order of the task (3.5); a pass later it is STOPPED, and a START on it
 * is fulfilled. */
static moment never_starts(const struct model *model, int target, int on)
{
    const struct facts *dependency = &model->now.of[on];
    bool comes_after = (target > on) != world_reversed(model->world->timing);

    if (dependency->failed < dependency->stopped)
        return dependency->failed;
    /* Between steps nothing is in flight: a pull that has just ended is over. */
    bool idle = model_deviations.timeouts_between_steps || dependency->doomed < dependency->go;
    if (comes_after && idle)
        return dependency->doomed;
    return model_deviations.ended_never_starts ? step_later(dependency->doomed) : MOMENT_NEVER;
}

/* Check 3, and what the reference leaves blocked for ever. */
static moment cannot_be_met(const struct model *model, int target, int on)
{
    const struct facts *dependency = &model->now.of[on];
    enum condition condition = need(model, target, on);
    bool unmet = met(model, target, on) > dependency->stopped;

    if (condition == CONDITION_SUCCESS && unmet)
        return dependency->stopped;
    if (model_deviations.unmeetable_ends && (condition == CONDITION_COMPLETE || condition == CONDITION_HEALTHY) && unmet)
        return dependency->stopped;
    return MOMENT_NEVER;
}

/* 4.5, 4.8. Only for a container that shall run (4.4) and has not been created: the desired status is looked at first (2.4,
 * 3.5). */
static moment doomed(const struct model *model, int c)
{
    const struct facts *facts = &model->now.of[c];
    moment first = MOMENT_NEVER;

    for (int on = 0; on < model->world->count; on++) {
        if (need(model, c, on) == CONDITION_NONE)
            continue;
        first = min2(first, timed_out(model, c, on));
        first = min2(first, never_starts(model, c, on));
        first = min2(first, cannot_be_met(model, c, on));
    }
    return first < min2(model->now.task_down, facts->failed) && first < facts->start ? first : MOMENT_NEVER;
}

/* ---- 3.5, 5.4: the way up ---- */

/* When what would begin at `at` begins: never, if the container is wanted STOPPED by then. */
static moment unless_down(const struct model *model, int c, moment at)
{
    return at < min2(model->now.task_down, model->now.of[c].doomed) ? at : MOMENT_NEVER;
}

/* 4.7: the pull and all that follows wait for all dependencies; containers without any go on at once. */
static moment go(const struct model *model, int c)
{
    moment last = 0;

    for (int on = 0; on < model->world->count; on++)
        last = max2(last, met(model, c, on));
    return unless_down(model, c, last);
}

/* With pull behaviour `always` or `once` a pull that fails is the end of the whole task, whoever needs the image (5.4). */
static bool pull_is_the_end(const struct model *model, int c)
{
    bool must = model->world->pull == PULL_ALWAYS || model->world->pull == PULL_ONCE;

    return must && traits(model, c)->failing == FAILS_PULL;
}

static moment create(const struct model *model, int c)
{
    moment pulled = later(model->now.of[c].go, model->durations[c].pull_ns);

    return pull_is_the_end(model, c) ? MOMENT_NEVER : unless_down(model, c, pulled);
}

/* What fails: with the other behaviours a pull that fails is not the end, the create that finds no image is (5.4). A failure
 * that comes when the container is STOPPED already is redundant (5.3); a start is waited for (3.5 rule 3). */
static moment failed(const struct model *model, int c)
{
    const struct facts *facts = &model->now.of[c];
    moment created = later(facts->create, model->durations[c].create_ns);
    moment pulled = later(facts->go, model->durations[c].pull_ns);
    moment at = pull_is_the_end(model, c) ? pulled : created;

    switch (traits(model, c)->failing) {
    case FAILS_PULL:
    case FAILS_CREATE:
        /* Its own failure may be what the task is wanted STOPPED for, at the same moment. */
        return at <= min2(model->now.task_down, facts->doomed) ? at : MOMENT_NEVER;
    case FAILS_START:
        return later(facts->start, model->durations[c].start_ns);
    default:
        return MOMENT_NEVER;
    }
}

static moment start(const struct model *model, int c)
{
    enum failing failing = traits(model, c)->failing;
    moment created = later(model->now.of[c].create, model->durations[c].create_ns);

    return failing == FAILS_PULL || failing == FAILS_CREATE ? MOMENT_NEVER : unless_down(model, c, created);
}

static moment running(const struct model *model, int c)
{
    return traits(model, c)->failing == FAILS_START ? MOMENT_NEVER : later(model->now.of[c].start, model->durations[c].start_ns);
}

static moment healthy(const struct model *model, int c)
{
    moment at = later(model->now.of[c].running, model->durations[c].health_ns);

    return traits(model, c)->healthy && at < model->now.of[c].stopped ? at : MOMENT_NEVER;
}

/* ---- 4.4 step 5, 8.3: the way down ---- */

/* When all that depend on it, by whatever condition, are STOPPED. */
static moment dependents_stopped(const struct model *model, int c)
{
    moment last = 0;

    for (int by = 0; by < model->world->count; by++) {
        if (need(model, by, c) != CONDITION_NONE)
            last = max2(last, model->now.of[by].stopped);
    }
    return last;
}

/* One that has been started, or is being: it ends by itself, or it is asked to when it is wanted STOPPED and runs, whichever is
 * first. */
static void end_of_started(const struct model *model, int c, struct facts *out_facts)
{
    const struct outcome_traits *does = traits(model, c);
    const struct facts *facts = &model->now.of[c];
    int64_t life_ns = does->ends_early ? model->durations[c].health_ns / 2 : model->durations[c].life_ns;
    moment by_itself = does->ends ? later(facts->running, life_ns) : MOMENT_NEVER;
    moment asked = max2(max2(facts->wanted_down, dependents_stopped(model, c)), facts->running);

    out_facts->stop = asked < by_itself ? asked : MOMENT_NEVER;
    moment by_stop = later(out_facts->stop, model->durations[c].stop_ns);
    if (by_stop < by_itself) {
        out_facts->stopped = by_stop;
        out_facts->exit_code = world_stop_code(c);
    } else {
        out_facts->stopped = by_itself;
        out_facts->exit_code = does->exit_code;
        out_facts->reason = does->killed ? REASON_KILLED : REASON_NONE;
    }
    out_facts->has_exit_code = out_facts->stopped != MOMENT_NEVER;
}

/* One that does not run and never will: STOPPED without a call, without an exit code, as soon as its dependents are (3.5 rule 3);
 * but not while a start is in flight. Its reason is its own first error (5.4), if that came in time. */
static void end_of_unstarted(const struct model *model, int c, struct facts *out_facts)
{
    static const enum reason reasons[] = {[FAILS_PULL] = REASON_PULL, [FAILS_CREATE] = REASON_CREATE, [FAILS_START] = REASON_START};
    const struct facts *facts = &model->now.of[c];
    enum failing failing = traits(model, c)->failing;
    moment settled = facts->start == MOMENT_NEVER ? 0 : facts->failed;
    moment error = failing == FAILS_PULL && !pull_is_the_end(model, c) ? facts->create : facts->failed;

    out_facts->stopped = step_later(max2(max2(facts->wanted_down, dependents_stopped(model, c)), settled));
    if (failing != FAILS_NOT && error < out_facts->stopped)
        out_facts->reason = reasons[failing];
}

/* 4.8: STOPPED at once, in the reference without regard to the order of stops. */
static void end_of_doomed(const struct model *model, int c, struct facts *out_facts)
{
    moment doomed = model->now.of[c].doomed;

    out_facts->stopped = step_later(model_deviations.ended_never_starts ? max2(doomed, dependents_stopped(model, c)) : doomed);
    out_facts->has_exit_code = true;
    out_facts->exit_code = EXIT_DEPENDENCY;
    out_facts->reason = REASON_DEPENDENCY;
}

/* ---- The task ---- */

/* 2.4, 5.4: the user's wish, or an essential container that is STOPPED, or wanted STOPPED, or an image that cannot be pulled. */
static moment task_down(const struct model *model)
{
    moment first = at_ns(model->world->stop_ns);

    for (int c = 0; c < model->world->count; c++) {
        const struct facts *facts = &model->now.of[c];
        if (model->world->places[c].essential)
            first = min2(first, min2(facts->stopped, min2(facts->failed, step_later(facts->doomed))));
        else if (pull_is_the_end(model, c))
            first = min2(first, facts->failed);
    }
    return first;
}

static void solve_container(const struct model *model, int c, struct facts *out_facts)
{
    const struct facts *facts = &model->now.of[c];

    *out_facts = (struct facts){
        .go = go(model, c),
        .create = create(model, c),
        .start = start(model, c),
        .running = running(model, c),
        .healthy = healthy(model, c),
        .failed = failed(model, c),
        .doomed = doomed(model, c),
        .wanted_down = min2(model->now.task_down, min2(facts->failed, facts->doomed)),
        .stop = MOMENT_NEVER,
    };
    if (facts->doomed != MOMENT_NEVER)
        end_of_doomed(model, c, out_facts);
    else if (facts->running != MOMENT_NEVER)
        end_of_started(model, c, out_facts);
    else
        end_of_unstarted(model, c, out_facts);
}

static const struct facts nothing = {
    .go = MOMENT_NEVER,
    .create = MOMENT_NEVER,
    .start = MOMENT_NEVER,
    .running = MOMENT_NEVER,
    .healthy = MOMENT_NEVER,
    .failed = MOMENT_NEVER,
    .doomed = MOMENT_NEVER,
    .wanted_down = MOMENT_NEVER,
    .stop = MOMENT_NEVER,
    .stopped = MOMENT_NEVER,
};

enum { FACTS = 10 };

static void list_facts(struct facts *facts, moment *out_list[FACTS])
{
    moment *const list[FACTS] = {&facts->go,     &facts->create, &facts->start,       &facts->running, &facts->healthy,
                                 &facts->failed, &facts->doomed, &facts->wanted_down, &facts->stop,    &facts->stopped};

    memcpy(out_list, list, sizeof(list));
}

/* The earliest moment of which two rounds say different things. */
static moment first_change(const struct model *model, struct state *a, struct state *b)
{
    moment first = a->task_down != b->task_down ? min2(a->task_down, b->task_down) : MOMENT_NEVER;

    for (int c = 0; c < model->world->count; c++) {
        moment *left[FACTS], *right[FACTS];
        list_facts(&a->of[c], left);
        list_facts(&b->of[c], right);
        for (int i = 0; i < FACTS; i++) {
            if (*left[i] != *right[i])
                first = min2(first, min2(*left[i], *right[i]));
        }
        if (a->of[c].exit_code != b->of[c].exit_code || a->of[c].has_exit_code != b->of[c].has_exit_code ||
            a->of[c].reason != b->of[c].reason)
            first = min2(first, b->of[c].stopped);
    }
    return first;
}

/* Forgets what is later. */
static void forget_after(const struct model *model, struct state *state, moment last)
{
    for (int c = 0; c < model->world->count; c++) {
        moment *list[FACTS];
        list_facts(&state->of[c], list);
        for (int i = 0; i < FACTS; i++) {
            if (*list[i] > last)
                *list[i] = MOMENT_NEVER;
        }
    }
}

static void no_solution(const struct world *world)
{
    char code[WORLD_CODE];

    world_write(world, code);
    fprintf(stderr, "the model has no solution for %s\n", code);
    abort();
}

/* Solves all equations from the last round's facts, until a round changes nothing. What is later than the first change may rely
 * on what was wrong, and is forgotten: each round settles one moment more. */
static void solve(struct model *model)
{
    for (int c = 0; c < PLACES; c++)
        model->now.of[c] = nothing;
    model->now.task_down = at_ns(model->world->stop_ns);
    for (int round = 0; round < ROUNDS_MAX; round++) {
        struct state next = {.task_down = task_down(model)};
        for (int c = 0; c < model->world->count; c++)
            solve_container(model, c, &next.of[c]);
        moment first = first_change(model, &model->now, &next);
        if (first == MOMENT_NEVER)
            return;
        forget_after(model, &next, first);
        model->now = next;
    }
    no_solution(model->world);
}

/* 2.5: whether the task is RUNNING by what is known at a moment: all containers are RUNNING or STOPPED, one is RUNNING, and none
 * that is essential is STOPPED. */
static bool is_running(const struct model *model, moment at)
{
    bool any = false;

    for (int c = 0; c < model->world->count; c++) {
        const struct facts *facts = &model->now.of[c];
        bool stopped = facts->stopped <= at;
        if (!stopped && facts->running > at)
            return false;
        if (stopped && model->world->places[c].essential)
            return false;
        any = any || !stopped;
    }
    return any;
}

/* The task's status only rises and changes only where a container's does. */
static moment task_running(const struct model *model)
{
    moment first = MOMENT_NEVER;

    for (int c = 0; c < model->world->count; c++) {
        const struct facts *facts = &model->now.of[c];
        if (facts->running != MOMENT_NEVER && is_running(model, facts->running))
            first = min2(first, facts->running);
        if (facts->stopped != MOMENT_NEVER && is_running(model, facts->stopped))
            first = min2(first, facts->stopped);
    }
    return first;
}

/* STOPPED when all are; or, where some cannot, when nothing moves any more (3.4). */
static moment task_stopped(const struct model *model, bool *out_gives_up)
{
    moment last = 0;

    *out_gives_up = false;
    for (int c = 0; c < model->world->count; c++) {
        if (model->now.of[c].stopped == MOMENT_NEVER)
            *out_gives_up = true;
        else
            last = max2(last, model->now.of[c].stopped);
    }
    return *out_gives_up ? max2(last, model->now.task_down) : last;
}

void model_expect(const struct world *world, const struct durations durations[PLACES], struct expectation *out_expected)
{
    struct model model = {.world = world, .durations = durations};
    bool gives_up = false;

    *out_expected = (struct expectation){.running = MOMENT_NEVER, .reason = ""};
    if (model_refuses(world)) {
        out_expected->verdict = VERDICT_REFUSED;
        out_expected->removed = MOMENT_NEVER;
        out_expected->reason = "Task dependencies cannot be resolved, taskArn: arn:";
        return;
    }
    solve(&model);
    for (int c = 0; c < world->count; c++) {
        const struct facts *facts = &model.now.of[c];
        out_expected->fates[c] = (struct fate){
            .pull = facts->go,
            .create = facts->create,
            .start = facts->start,
            .stop = facts->stop,
            .running = facts->running,
            .stopped = facts->stopped,
            .has_exit_code = facts->has_exit_code,
            .exit_code = facts->exit_code,
            .reason = facts->reason,
        };
    }
    out_expected->stopped = task_stopped(&model, &gives_up);
    out_expected->removed = later(out_expected->stopped, WORLD_CLEANUP);
    if (gives_up) {
        out_expected->verdict = VERDICT_GIVES_UP;
        out_expected->reason = "TaskStateError: Agent could not progress task's state to stopped";
    } else
        out_expected->running = task_running(&model);
}
