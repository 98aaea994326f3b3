/* SPDX-License-Identifier: Apache-2.0 */
/* The host of the benchmarks: an engine, a runtime, perhaps a store, and a loop as the headers tell a host to write it: dispatch while
 * the descriptor is readable, take every event. The clocks are the benchmark's own, so nothing is waited for. */
#ifndef BENCH_HOST_H
#define BENCH_HOST_H

#include "bare.h"
#include "ecsengine/sim.h"
#include "measure.h"
#include "payload.h"

/* A store that says at once that all is durable, and keeps nothing: what is left is the engine's own work for one. */
enum host_store { STORE_NONE, STORE_BLANK, STORE_MEMORY };

struct host {
    /* set before host_start() */
    bool on_simulator; /* else on the bare runtime */
    enum host_store store_kind;
    bool manifests;    /* image manifests are resolved; the reference's version that was measured does not */
    bool counts;       /* what the engine allocates; else it is malloc's, which is what most hosts have */
    unsigned host_cpu; /* CPU units to give out; 0: plenty */
    const char *const *config; /* more settings: key, value, ..., NULL; or NULL */
    void (*join_store)(struct host *host); /* a store of the caller's instead of `store_kind`; NULL: none */
    void (*told)(struct host *host, const ecsengine_event *event); /* sees every event; NULL: nobody does */
    void *context; /* the caller's */

    ecsengine *engine;
    struct bare bare;
    ecsengine_sim *sim;
    ecsengine_memory_store *store;
    struct counted_memory memory;
    int64_t mono_ns;
    int32_t fd;
    uint64_t turns, events;
    size_t running, stopped, removed; /* tasks that were told to be so */
    int64_t *turn_ns;                 /* how long each turn took, if somebody wants to know */
    size_t turn_count, turn_cap;
};

void host_start(struct host *host);
void host_end(struct host *host);
/* The engine ends, and a new one takes over on the same runtime and store; it has had no turn yet. */
void host_crash(struct host *host);
void host_again(struct host *host);
void host_turn(struct host *host);
/* Turns until there is nothing to do at the present time. */
void host_settle(struct host *host);
/* A turn; then waits, in real time, until there is something to do: for a store whose answers come from elsewhere. */
void host_turn_and_wait(struct host *host);
/* Lets the clock go on to `mono_ns`, deadline by deadline. Returns how often something was due. */
size_t host_run_until(struct host *host, int64_t mono_ns);
void host_add(struct host *host, const struct payload_shape *shape, size_t number);
void host_stop(struct host *host, size_t number);

#endif
