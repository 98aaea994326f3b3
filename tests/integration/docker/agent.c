/* SPDX-License-Identifier: Apache-2.0 */
/* A stand-in for an agent, linked statically, so that it runs in any container. The environment of its container says what it does:
 *
 *   AGENT_EXIT=N       ends at once
 *   AGENT_STUBBORN=1   hears no signal that can be ignored
 *
 * Else it waits to be killed. Each start is a line in the directory of its logs, which the test sees from outside. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(void)
{
    const char *code = getenv("AGENT_EXIT");
    int fd = open("/var/log/amazon/ssm/starts", O_WRONLY | O_CREAT | O_APPEND, 0644);

    if (fd >= 0) {
        dprintf(fd, "%d\n", (int)getpid());
        close(fd);
    }
    if (code != NULL)
        return atoi(code);
    for (int signo = 1; signo < 32 && getenv("AGENT_STUBBORN") != NULL; signo++)
        signal(signo, SIG_IGN);
    for (;;)
        pause();
}
