/* SPDX-License-Identifier: Apache-2.0 */
/* A Docker daemon that says what a test tells it to say, byte by byte: the hostile half of the adapter's tests.
 *
 * It answers each request by the last rule whose `request` begins the request line (`POST /v1.41/containers/x/start`). Without a rule
 * GET /_ping tells API version 1.41, and all else is 404. */
#ifndef TEST_FAKE_DAEMON_H
#define TEST_FAKE_DAEMON_H

#include <stdbool.h>
#include <stddef.h>

struct daemon_rule {
    const char *request;
    const char *bytes;  /* sent as they are: status line, headers, body */
    size_t len;         /* 0: strlen(bytes) */
    size_t piece;       /* bytes at a time, 0: all at once */
    int pause_ms;       /* between pieces */
    const char *filler; /* then this text, `fill_count` times */
    size_t fill_count;
    const char *after; /* then this */
    bool close;        /* then close the connection */
    bool hang;         /* then keep it open, and take no further request from it */
    int delay_ms;      /* before anything is sent */
    int times;         /* how often the rule holds; 0: always */
};

struct fake_daemon;

/* Listens on a socket in a new directory. `backlog` 0: plenty. */
struct fake_daemon *daemon_new(int backlog);
void daemon_free(struct fake_daemon *daemon);

const char *daemon_url(const struct fake_daemon *daemon); /* unix:///... */
const char *daemon_path(const struct fake_daemon *daemon);

void daemon_on(struct fake_daemon *daemon, const struct daemon_rule *rule);
/* A whole good answer with a JSON body. */
void daemon_json(struct fake_daemon *daemon, const char *request, int status, const char *body);

/* Stops and starts listening, as a daemon that is restarted does; open connections are closed. */
void daemon_stop(struct fake_daemon *daemon);
void daemon_start(struct fake_daemon *daemon);
/* While held, nothing is accepted. */
void daemon_hold(struct fake_daemon *daemon, bool hold);

/* Sends to, or closes, the connections that hang. */
void daemon_push(struct fake_daemon *daemon, const char *bytes);
void daemon_drop(struct fake_daemon *daemon);

/* How many requests began so, and waiting until there are so many. */
int daemon_count(struct fake_daemon *daemon, const char *request);
bool daemon_wait_count(struct fake_daemon *daemon, const char *request, int count);
/* The head and the body of the last request that began so; "" if none. Borrowed until the next one. */
const char *daemon_head(struct fake_daemon *daemon, const char *request);
const char *daemon_body(struct fake_daemon *daemon, const char *request);
int daemon_connections(struct fake_daemon *daemon); /* accepted in all */
int daemon_open_now(struct fake_daemon *daemon);    /* not closed by either side */

#endif
