/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP to one unix socket: many exchanges at a time on one thread, over connections that are kept.
 *
 * An exchange is one request and its answer. It belongs to its owner, who fills in the request, starts it, and hears of it through a
 * handler, on the thread that calls docker_http_turn(). A request that changes something is sent at most once: libcurl's own second
 * try, when a kept connection turns out to be dead, is forbidden to it, because the daemon may have done the work. */
#ifndef DOCKER_HTTP_H
#define DOCKER_HTTP_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtimes/docker/bytes.h"

enum {
    DOCKER_HEADERS_MAX = 128 * 1024, /* all headers of one answer, trailers and interim answers included */
    DOCKER_REFUSAL_MAX = 64 * 1024,  /* the body of an answer that is no success */
    DOCKER_TARGET_MAX = 64 * 1024,   /* path and query of a request */
    DOCKER_IDLE_HANDLES_MAX = 64,    /* libcurl handles kept for the next requests */
};

enum docker_http_outcome {
    DOCKER_HTTP_ANSWERED,      /* a whole answer, whatever its status */
    DOCKER_HTTP_NO_CONNECTION, /* nobody listens; connect_errno says why */
    DOCKER_HTTP_BACKLOG_FULL,  /* the daemon has not accepted earlier connections yet: nothing was sent, try a little later */
    DOCKER_HTTP_NO_ANSWER,     /* sent, and the connection closed */
    DOCKER_HTTP_HALF_ANSWER,   /* closed in the middle of the answer */
    DOCKER_HTTP_NOT_HTTP,      /* something came that is no HTTP */
    DOCKER_HTTP_TOO_LONG,      /* headers or body past their maximum */
    DOCKER_HTTP_STOPPED,       /* the handler did not want more */
    DOCKER_HTTP_NO_MEMORY
};

struct docker_http_exchange;

struct docker_http_handler {
    /* The status is there and good (2xx); the body may follow much later. False stops the exchange. May be NULL. */
    bool (*opened)(struct docker_http_exchange *exchange);
    /* A part of a good answer's body; false stops the exchange. NULL: the body is collected in `answer`. */
    bool (*data)(struct docker_http_exchange *exchange, const char *data, size_t len);
    /* Once, at the end; not after docker_http_abort(). May start, abort or free any exchange. */
    void (*ended)(struct docker_http_exchange *exchange, enum docker_http_outcome outcome);
};

struct docker_http_exchange {
    /* The request; set by the owner. */
    const struct docker_http_handler *handler;
    void *owner;
    const char *method;      /* GET, POST, DELETE */
    struct docker_bytes url; /* begun by docker_http_begin() */
    const char *body;        /* JSON, borrowed until the end; NULL: none */
    size_t body_len;
    bool registry_auth; /* send (empty) registry credentials */
    size_t answer_max;  /* bytes of a good answer's body, where it is collected */

    /* The answer. */
    int status; /* 0 until the headers are complete */
    struct docker_bytes answer;
    char api_version[16]; /* the header Api-Version, or "" */
    int connect_errno;

    /* http.c only. */
    struct docker_http *http;
    CURL *easy; /* NULL unless under way */
    size_t header_bytes;
    bool heard; /* a part of an answer came */
    bool sent;
    bool stopped; /* by ourselves; `why` says why */
    enum docker_http_outcome why;
};

struct docker_http {
    CURLM *multi;
    char *socket_path;
    struct docker_bytes base; /* what a URL begins with in texts: http://%2Fvar%2Frun%2Fdocker.sock */
    struct curl_slist *headers[4];
    CURL *idle[DOCKER_IDLE_HANDLES_MAX];
    size_t idle_count;
};

/* Prepares a client without connections; at most `connections_max` are kept. ENOMEM, ESYSTEM (no descriptors). */
int docker_http_init(struct docker_http *http, const char *socket_path, long connections_max);
/* Every exchange must have ended or been aborted. */
void docker_http_close(struct docker_http *http);

/* Makes the exchange a new request without a path. What an earlier one left is freed. */
void docker_http_begin(struct docker_http_exchange *exchange, const char *method);
void docker_http_exchange_free(struct docker_http_exchange *exchange);

/* Path and query as sent. Borrowed. */
const char *docker_http_target(const struct docker_http_exchange *exchange);

/* False: no memory, nothing was sent, the handler hears nothing. */
bool docker_http_start(struct docker_http *http, struct docker_http_exchange *exchange);
void docker_http_abort(struct docker_http_exchange *exchange);

/* Does what can be done without waiting, and calls handlers. */
void docker_http_turn(struct docker_http *http);
/* Waits for the daemon, for docker_http_wake(), or until the time is over. */
void docker_http_wait(struct docker_http *http, int timeout_ms);
/* The one function for other threads. */
void docker_http_wake(struct docker_http *http);

#endif
