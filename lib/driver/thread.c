/* SPDX-License-Identifier: Apache-2.0 */
/* The library's own thread: waits until something comes in or is due, and runs a turn. */
#include <time.h>

#include "driver/driver.h"

static int64_t now_of(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static int64_t deadline_of(struct mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    int64_t deadline_ns = mailbox->deadline_ns;
    pthread_mutex_unlock(&mailbox->lock);
    return deadline_ns < 0 ? 0 : deadline_ns;
}

static void *run(void *data)
{
    struct ecsengine *handle = data;

    while (!atomic_load(&handle->thread_stops)) {
        if (driver_dispatch(handle, now_of(CLOCK_MONOTONIC), now_of(CLOCK_REALTIME), NULL) < 0)
            nanosleep(&(struct timespec){.tv_nsec = 10 * NS_PER_MS}, NULL); /* no memory: give somebody time to free some */
        else if (!atomic_load(&handle->thread_stops))
            mailbox_wait(handle->mailbox, deadline_of(handle->mailbox));
    }
    return NULL;
}

int thread_start(struct ecsengine *handle, struct ecsengine_error **error)
{
    if (handle->thread_runs)
        return error_set(error, ECSENGINE_ESTATE, "the engine's thread runs already");
    atomic_store(&handle->thread_stops, false);
    pthread_mutex_lock(&handle->lock); /* its first turn begins when it is known as ours: callbacks may ask */
    handle->thread_runs = pthread_create(&handle->thread, NULL, run, handle) == 0;
    bool runs = handle->thread_runs;
    pthread_mutex_unlock(&handle->lock);
    return runs ? 0 : error_set(error, ECSENGINE_ESYSTEM, "the system gave no thread");
}

int thread_stop(struct ecsengine *handle, struct ecsengine_error **error)
{
    if (!handle->thread_runs)
        return error_set(error, ECSENGINE_ESTATE, "the engine has no thread that runs");
    if (pthread_equal(pthread_self(), handle->thread))
        return error_set(error, ECSENGINE_EREENTRANT, "the engine's thread can not wait for itself");
    atomic_store(&handle->thread_stops, true);
    mailbox_ring(handle->mailbox);
    pthread_join(handle->thread, NULL);
    handle->thread_runs = false;
    return 0;
}
