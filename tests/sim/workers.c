/* SPDX-License-Identifier: Apache-2.0 */
/* Results are in memory that all processes share, and so is the number of the next item. */
#include "workers.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct shared {
    _Atomic size_t next;
    struct work items[];
};

static FILE *printing; /* locked by who prints; NULL: there is one process */

void workers_print(const char *text)
{
    if (printing != NULL && lockf(fileno(printing), F_LOCK, 0) < 0)
        perror("workers: lockf");
    fputs(text, stdout);
    fflush(stdout);
    if (printing != NULL && lockf(fileno(printing), F_ULOCK, 0) < 0)
        perror("workers: lockf");
}

static void work_off(struct shared *shared, size_t count, work_fn work, void *data)
{
    for (size_t item; (item = atomic_fetch_add(&shared->next, 1)) < count;) {
        shared->items[item].begun = true;
        work(item, data, &shared->items[item]);
        shared->items[item].done = true;
    }
}

static void start(struct shared *shared, size_t count, work_fn work, void *data)
{
    fflush(stdout);
    pid_t pid = fork();

    if (pid < 0) {
        perror("workers: fork");
        exit(2);
    }
    if (pid == 0) {
        work_off(shared, count, work, data);
        fflush(stdout);
        _exit(0);
    }
}

/* Another process goes on behind the item that one has died of. */
static void run_all(unsigned jobs, struct shared *shared, size_t count, work_fn work, void *data)
{
    int status;

    for (unsigned i = 0; i < jobs; i++)
        start(shared, count, work, data);
    while (wait(&status) > 0) {
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
            start(shared, count, work, data);
    }
}

size_t workers_run(unsigned jobs, size_t count, work_fn work, void *data, const char *(*name)(size_t item, void *data),
                   struct work *out_sum)
{
    size_t size = sizeof(struct shared) + (count + 1) * sizeof(struct work), broken = 0;
    struct shared *shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (shared == MAP_FAILED) {
        perror("workers: mmap");
        exit(2);
    }
    if (jobs > 1) {
        printing = tmpfile();
        run_all(jobs < WORKERS_MAX ? jobs : WORKERS_MAX, shared, count, work, data);
        if (printing != NULL)
            fclose(printing);
        printing = NULL;
    } else {
        work_off(shared, count, work, data);
    }
    *out_sum = (struct work){0};
    for (size_t item = 0; item < count; item++) {
        const struct work *one = &shared->items[item];
        if (!one->done)
            printf("%s: its process has died\n", name(item, data));
        broken += one->broken || !one->done;
        for (size_t i = 0; i < WORK_COUNTS; i++)
            out_sum->counts[i] += one->counts[i];
    }
    munmap(shared, size);
    return broken;
}
