/* SPDX-License-Identifier: Apache-2.0 */
/* Linked into a program with mutants, which it rules by the environment:
 *
 *   MUTANT        the number of the one that is on; 0 or nothing: none
 *   MUTANT_ASKED  a file, to which the program writes at its end a byte for each number: was it reached?
 *   MUTANT_CPU    milliseconds of its own time after which it is killed: a mutant may loop for ever
 *   MUTANT_WALL   seconds after which it is killed: a mutant may wait for ever
 *
 * With limits of time, memory is limited as well. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include "mutant.h"

int mutant_on;
unsigned char mutant_asked[MUTANTS_MAX];

/* Before the constructors that wipe out rows of tables. */
__attribute__((constructor(200))) static void mutant_begin(void)
{
    const char *number = getenv("MUTANT"), *cpu = getenv("MUTANT_CPU"), *wall = getenv("MUTANT_WALL");

    mutant_on = number != NULL ? atoi(number) : 0;
    if (cpu == NULL || wall == NULL)
        return;
    long ms = atol(cpu);
#ifndef __SANITIZE_ADDRESS__ /* which lays claim to all addresses, and has a limit of its own */
    struct rlimit memory = {.rlim_cur = 2UL << 30, .rlim_max = 2UL << 30};
    setrlimit(RLIMIT_AS, &memory);
#endif
    struct itimerval limit = {.it_value = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000}};
    setitimer(ITIMER_PROF, &limit, NULL);
    alarm((unsigned)atoi(wall));
}

__attribute__((destructor)) static void mutant_end(void)
{
    const char *path = getenv("MUTANT_ASKED");
    int fd = path != NULL ? open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600) : -1;

    if (fd < 0)
        return;
    if (write(fd, mutant_asked, sizeof(mutant_asked)) != (ssize_t)sizeof(mutant_asked))
        abort();
    close(fd);
}
