/* SPDX-License-Identifier: Apache-2.0 */
/* The event loop: this is how a program embeds an engine in a loop of its own.
 *
 * The engine gives a descriptor, which is readable while there is something to do, and a deadline, which says when there will be though
 * nothing comes in. One round: tell the time (dispatch), take the events, write what can be written, sleep in ppoll() until something
 * happens. The descriptor is level-triggered, so nothing is lost between two rounds, and an idle program does not wake up.
 *
 * Signals are read from a descriptor too: no handler runs at a bad moment, and the engine is never entered from one. */
#include "run.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

/* How long the engine's descriptor is not looked at: it stays readable while events wait that there is no room for, and after a turn
 * that had no memory. The engine is given its turns meanwhile. */
#define PAUSE_NS (20 * MILLISECOND_NS)

enum { POLL_SIGNALS, POLL_ENGINE, POLL_INPUT, POLL_OUTPUT, POLL_COUNT };

struct loop {
    struct run *run;
    struct pollfd fds[POLL_COUNT];
    int interrupts;
    bool stirred; /* the engine woke us, or was due */
    bool broken_told;
};

static int64_t clock_ns(clockid_t clock)
{
    struct timespec time;

    clock_gettime(clock, &time);
    return time.tv_sec * SECOND_NS + time.tv_nsec;
}

int64_t clock_mono_ns(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}

int64_t clock_wall_ns(void)
{
    return clock_ns(CLOCK_REALTIME);
}

/* What we want to hear of. What our parent had us ignore (SIGHUP under nohup) stays ignored; but a script that runs us in the
 * background, where shells ignore SIGINT, still means it when it sends one. */
static void watched_signals(sigset_t *set)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH};

    sigemptyset(set);
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        struct sigaction action;

        if (signals[i] == SIGINT || (sigaction(signals[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN))
            sigaddset(set, signals[i]);
    }
}

void loop_block_signals(void)
{
    sigset_t set;

    watched_signals(&set);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN); /* a reader that is gone is an error of write() */
}

int loop_turn(struct run *run)
{
    int64_t mono_ns = clock_mono_ns();
    int64_t wall_ns = clock_wall_ns();
    ecsengine_error *error = NULL;
    int code = runtime_advance(run->runtime, mono_ns, wall_ns, &error);

    if (code == 0)
        code = ecsengine_dispatch(run->engine, mono_ns, wall_ns, &error);
    if (code == 0)
        runtime_work(run->runtime, run->engine);
    if (code == 0)
        record_turn(run->record, run->engine);
    if (code == 0)
        return 0;
    if (code == ECSENGINE_ENOMEM || code == ECSENGINE_ECLOSED) { /* again later; shut down: nothing to do any more */
        ecsengine_error_free(error);
        return code;
    }
    say_error("the engine cannot be driven", error);
    run->status = STATUS_NONE;
    run->leave = true;
    return code;
}

static void take_events(struct run *run)
{
    ecsengine_event *event;

    while (!run->face->finished(run) && !output_full(&run->out) && (event = ecsengine_next_event(run->engine)) != NULL) {
        run->face->event(run, event);
        output_event(&run->out, ecsengine_event_id(event));
        ecsengine_event_free(event);
    }
}

static void take_signal(struct loop *loop, uint32_t signo)
{
    struct run *run = loop->run;

    switch (signo) {
    case SIGTSTP:
        run->face->hidden(run);
        raise(SIGSTOP);
        break;
    case SIGCONT:
    case SIGWINCH:
        run->face->shown(run, clock_mono_ns());
        break;
    case SIGQUIT:
        run->status = STATUS_INTERRUPTED;
        run->leave = true;
        break;
    case SIGTERM:
    case SIGHUP:
        run->face->terminate(run, ++loop->interrupts);
        break;
    default:
        run->face->interrupt(run, ++loop->interrupts);
        break;
    }
}

static void take_signals(struct loop *loop)
{
    struct signalfd_siginfo info;

    while (read(loop->fds[POLL_SIGNALS].fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
        take_signal(loop, info.ssi_signo);
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Sleeps until something happens or is due. `quiet`: the engine's descriptor would only wake us for what cannot be done now. */
static void sleep_until_due(struct loop *loop, bool quiet)
{
    struct run *run = loop->run;
    int64_t now_ns = clock_mono_ns();
    int64_t engine_due_ns = earlier(ecsengine_deadline_ns(run->engine), runtime_deadline(run->runtime));
    int64_t due_ns = earlier(engine_due_ns, run->face->deadline(run));
    struct timespec timeout;
    struct timespec *wait = &timeout;

    if (quiet)
        due_ns = now_ns + PAUSE_NS;
    if (due_ns == ECSENGINE_NO_DEADLINE)
        wait = NULL;
    if (due_ns < now_ns)
        due_ns = now_ns;
    timeout = (struct timespec){(due_ns - now_ns) / SECOND_NS, (due_ns - now_ns) % SECOND_NS};
    loop->fds[POLL_ENGINE].events = quiet ? 0 : POLLIN;
    loop->fds[POLL_INPUT].fd = run->face->wants_input(run) ? STDIN_FILENO : -1; /* poll skips negative ones */
    loop->fds[POLL_OUTPUT].fd = output_pending(&run->out) > 0 && !run->out.broken ? run->out.fd : -1;
    for (int i = 0; i < POLL_COUNT; i++)
        loop->fds[i].revents = 0;
    ppoll(loop->fds, POLL_COUNT, wait, NULL);
    loop->stirred = quiet || loop->fds[POLL_ENGINE].revents != 0 || engine_due_ns <= clock_mono_ns();
}

/* One round. False when there is nothing left to do. */
static bool one_round(struct loop *loop)
{
    struct run *run = loop->run;
    int code = loop_turn(run);

    if (run->leave)
        return false;
    take_events(run);
    run->face->turn(run, clock_mono_ns(), loop->stirred);
    output_write(&run->out, run->engine);
    if (run->out.broken && !loop->broken_told) {
        loop->broken_told = true;
        run->face->broken(run);
    }
    if (run->face->finished(run) && output_pending(&run->out) == 0)
        return false;
    sleep_until_due(loop, code != 0 || output_full(&run->out));
    if (loop->fds[POLL_SIGNALS].revents != 0)
        take_signals(loop);
    if (!run->leave && loop->fds[POLL_INPUT].revents != 0)
        run->face->input(run);
    return !run->leave;
}

void loop_run(struct run *run)
{
    struct loop loop = {.run = run, .stirred = true};
    ecsengine_error *error = NULL;
    int32_t engine_fd = -1;
    sigset_t set;

    watched_signals(&set);
    loop.fds[POLL_SIGNALS] = (struct pollfd){.fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC), .events = POLLIN};
    if (loop.fds[POLL_SIGNALS].fd < 0) {
        say("signalfd: %s", strerror(errno));
        run->status = STATUS_NONE;
        return;
    }
    if (ecsengine_get_fd(run->engine, &engine_fd, &error) < 0) {
        say_error("the engine's descriptor", error);
        run->status = STATUS_NONE;
    } else {
        loop.fds[POLL_ENGINE] = (struct pollfd){.fd = engine_fd, .events = POLLIN};
        loop.fds[POLL_INPUT] = (struct pollfd){.fd = -1, .events = POLLIN};
        loop.fds[POLL_OUTPUT] = (struct pollfd){.fd = -1, .events = POLLOUT};
        while (one_round(&loop))
            ;
        if (run->store != NULL && !run->leave)
            loop_turn(run); /* that the last events have arrived is kept too */
    }
    close(loop.fds[POLL_SIGNALS].fd);
}
