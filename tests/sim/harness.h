/* SPDX-License-Identifier: Apache-2.0 */
/* A host for tests: an engine, a simulated runtime, a store and a clock, none of them real, and a trace that a human can read.
 *
 * The harness drives the engine as the headers tell a host to: take what there is, dispatch while the descriptor is readable, and when
 * there is nothing left to do let the clock jump to the next deadline. After every turn it checks what must always hold (invariants.h).
 * It sees public headers alone. */
#ifndef TEST_HARNESS_H
#define TEST_HARNESS_H

#include <stdbool.h>
#include <stdint.h>

#include "ecsengine/ecsengine.h"
#include "deaths.h"
#include "ecsengine/sim.h"
#include "invariants.h"
#include "memory.h"
#include "recording.h"
#include "seen.h"
#include "text.h"
#include "trouble.h"

#define MS INT64_C(1000000)
#define SECOND INT64_C(1000000000)
#define WALL_0 (INT64_C(1700000000) * SECOND)
#define ARN_HEAD "arn:aws:ecs:us-west-2:123456789012:task/default/"

/* A command that was given; one that is not done when the engine goes away is given again to the next one, as a host would. */
enum given_kind { GIVEN_ADD, GIVEN_STOP, GIVEN_KILL, GIVEN_CREDENTIALS, TAKEN_CREDENTIALS };
struct given_command {
    enum given_kind kind;
    char *text; /* the document, or the ARN */
    uint64_t id;
    bool done;
};

/* A store other than the memory store. */
struct other_store {
    int (*attach)(void *data, ecsengine *engine); /* the API's code */
    bool (*settle)(void *data); /* after a turn: waits until what was handed over is answered; false: the process has died of it */
    void *data;
};

enum harness_ack { ACK_AT_ONCE, ACK_AUTO, ACK_BY_HAND };

struct watch;

struct harness {
    /* set before harness_start() */
    uint64_t seed;
    const char *const *config; /* key, value, ..., NULL */
    enum harness_ack ack;
    bool with_store;
    bool full_trace; /* the trace holds every output to the byte: requests, create configurations, event JSON */
    bool no_checks;  /* of descriptions and of the world: too slow for thousands of tasks */
    void (*at_rest)(struct harness *harness); /* called whenever it has come to rest; NULL: not */
    void (*before_turn)(struct harness *harness); /* called between two turns, also before the first; NULL: not */
    const char *spoilt;                       /* the task whose record comes to harm at the restart; NULL: none */
    bool spoilt_gone;
    uint64_t restart_turn;                    /* a new engine takes over after so many turns; 0: never */
    struct recording *recording;              /* of the engine that lives; NULL: none */
    const struct other_store *other; /* instead of the memory store; NULL: none */
    struct deaths deaths;
    struct trouble trouble;
    struct test_memory memory;

    ecsengine *engine;
    ecsengine_sim *sim;
    ecsengine_memory_store *store;
    ecsengine_config *engine_config;
    int64_t mono_ns;
    int64_t wall_shift_ns; /* the wall clock was set by so much */
    uint64_t turns;
    uint64_t wakes;      /* turns at the engine's own deadline */
    uint64_t unanswered; /* answers and events that the simulator had no memory for; known at the end */
    int32_t fd;
    bool store_is_slow; /* harness_hold_store() */

    struct seen_event *events;
    size_t event_count, event_size;
    struct seen_op *ops;
    size_t op_count, op_size;
    struct given_command *commands;
    size_t command_count, command_size;
    struct text trace;
    struct invariants *invariants;
    struct watch *watch;
    struct text broken; /* what did not hold; empty: all well */
};

/* Makes simulator, store and engine. The memory must be set up (all zero is fine) before; it is the harness's until harness_end(). */
void harness_start(struct harness *harness);

/* Frees all, and checks that the engine gave back every byte. `broken` and `trace` stay until harness_free(). */
void harness_end(struct harness *harness);
void harness_free(struct harness *harness);

/* Frees the engine as a crash or a restart would, and makes a new one on the same simulator and store. */
void harness_restart(struct harness *harness);

/* The same, and meanwhile the record of a task is damaged, or (`gone`) is not there any more, as in an older copy of the store. */
void harness_spoil(struct harness *harness, const char *task, bool gone);

/* The same with notice: shuts the engine down, waits until it says that all is saved (at most `patience_ns`), then frees it and makes a
 * new one. False: it did not say so in time. */
bool harness_hand_over(struct harness *harness, int64_t patience_ns);

/* The host sleeps: the simulated world lives on until then, the engine is not called. */
void harness_sleep_until(struct harness *harness, int64_t mono_ns);

/* Turns at the present time until there is nothing to do. */
void harness_settle(struct harness *harness);

/* The next time at which something is due, or ECSENGINE_NO_DEADLINE. */
int64_t harness_next_ns(const struct harness *harness);

/* Lets the clock go on to `mono_ns`, deadline by deadline. Stops early when `stop` says so (NULL: never). False: out of patience. */
bool harness_run_until(struct harness *harness, int64_t mono_ns, bool (*stop)(struct harness *harness, void *data), void *data);

/* Commands, by the last part of an ARN. They are queued; a settle or a run applies them. 0 or the API's code. */
int harness_add(struct harness *harness, const char *document);
int harness_stop(struct harness *harness, const char *task);
int harness_kill(struct harness *harness, const char *task);
/* Gives credentials with that id, or takes them back. The next engine is given again what was given: engines forget. */
int harness_give_credentials(struct harness *harness, const char *id);
int harness_take_credentials(struct harness *harness, const char *id);
/* Another value for a key of the host; engines that come later have it too. */
int harness_set(struct harness *harness, const char *key, const char *value);
void harness_ack_all(struct harness *harness);
/* The store answers nothing (ecsengine_memory_store_hold()) until it is released. */
void harness_hold_store(struct harness *harness, int32_t hold);
void harness_release_store(struct harness *harness);

/* The wall clock, as it is set now. */
int64_t harness_wall_ns(const struct harness *harness);

/* The runtime name of a task's container in the simulator; NULL: there is none. */
const char *harness_runtime_name(const struct harness *harness, const char *task, const char *container);

/* Adds the trace without the looks that an engine takes every few minutes as long as anything runs. */
void harness_tell_trace(const struct harness *harness, struct text *out_text);

/* Notes a broken expectation that is no invariant. */
void harness_broken(struct harness *harness, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* `t1` of an ARN. */
const char *harness_last_part(const char *arn);

#endif
