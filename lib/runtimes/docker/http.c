/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP client on libcurl's multi interface.
 *
 * A full backlog looks to libcurl like a daemon that is gone; a connection of our own, tried once after such a failure, tells the two
 * apart and says exactly why. The environment (proxies, netrc) has no say. */
#include "runtimes/docker/http.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "ecsengine/error.h"

static const char origin[] = "http://docker";

/* Indices of docker_http.headers. */
enum { HEADERS_PLAIN = 0, HEADERS_JSON = 1, HEADERS_AUTH = 2 };

static bool add_header(struct curl_slist **list, const char *line)
{
    struct curl_slist *longer = curl_slist_append(*list, line);

    if (longer != NULL)
        *list = longer;
    return longer != NULL;
}

static bool make_headers(struct docker_http *http)
{
    /* No waiting for `100 Continue`, and no form type on requests without a body. */
    return add_header(&http->headers[HEADERS_PLAIN], "Expect:") && add_header(&http->headers[HEADERS_PLAIN], "Content-Type:") &&
           add_header(&http->headers[HEADERS_JSON], "Expect:") &&
           add_header(&http->headers[HEADERS_JSON], "Content-Type: application/json") &&
           add_header(&http->headers[HEADERS_AUTH], "Expect:") && add_header(&http->headers[HEADERS_AUTH], "Content-Type:") &&
           add_header(&http->headers[HEADERS_AUTH], "X-Registry-Auth: e30="); /* base64url of {} */
}

int docker_http_init(struct docker_http *http, const char *socket_path, long connections_max)
{
    *http = (struct docker_http){.multi = curl_multi_init(), .socket_path = strdup(socket_path)};
    docker_bytes_init(&http->base, DOCKER_TARGET_MAX);
    if (http->multi == NULL || http->socket_path == NULL || !docker_bytes_text(&http->base, "http://") ||
        !docker_bytes_escaped(&http->base, socket_path, "") || !make_headers(http) ||
        curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, connections_max) != CURLM_OK ||
        curl_multi_setopt(http->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING) != CURLM_OK) {
        docker_http_close(http);
        return ECSENGINE_ENOMEM;
    }
    /* Without descriptors libcurl makes a handle that nobody can wake. */
    if (curl_multi_wakeup(http->multi) != CURLM_OK) {
        docker_http_close(http);
        return ECSENGINE_ESYSTEM;
    }
    return 0;
}

void docker_http_close(struct docker_http *http)
{
    while (http->idle_count > 0)
        curl_easy_cleanup(http->idle[--http->idle_count]);
    if (http->multi != NULL)
        curl_multi_cleanup(http->multi); /* libcurl cannot be kept from ignoring SIGPIPE for this moment */
    for (size_t i = 0; i < sizeof(http->headers) / sizeof(http->headers[0]); i++)
        curl_slist_free_all(http->headers[i]);
    free(http->socket_path);
    docker_bytes_free(&http->base);
    *http = (struct docker_http){0};
}

void docker_http_begin(struct docker_http_exchange *exchange, const char *method)
{
    struct docker_http_exchange fresh = {.handler = exchange->handler, .owner = exchange->owner, .method = method};

    docker_http_exchange_free(exchange);
    *exchange = fresh;
    docker_bytes_init(&exchange->url, DOCKER_TARGET_MAX);
    docker_bytes_text(&exchange->url, origin);
}

void docker_http_exchange_free(struct docker_http_exchange *exchange)
{
    docker_bytes_free(&exchange->url);
    docker_bytes_free(&exchange->answer);
}

const char *docker_http_target(const struct docker_http_exchange *exchange)
{
    return exchange->url.len >= sizeof(origin) - 1 ? exchange->url.data + sizeof(origin) - 1 : "";
}

/* Makes libcurl end the exchange from inside a callback: any other count than the one given is an error to it. */
static size_t stop(struct docker_http_exchange *exchange, enum docker_http_outcome why, size_t len)
{
    exchange->stopped = true;
    exchange->why = why;
    return len > 0 ? 0 : 1;
}

static void note_api_version(struct docker_http_exchange *exchange, const char *line, size_t len)
{
    static const char name[] = "Api-Version:";
    size_t skip = sizeof(name) - 1;

    if (len > skip && strncasecmp(line, name, skip) == 0)
        docker_text_clean(exchange->api_version, sizeof(exchange->api_version), line + skip, len - skip);
}

static size_t on_header(char *line, size_t size, size_t count, void *user_data)
{
    struct docker_http_exchange *exchange = user_data;
    size_t len = size * count;
    long status = 0;

    exchange->heard = true;
    exchange->header_bytes += len;
    if (exchange->header_bytes > DOCKER_HEADERS_MAX)
        return stop(exchange, DOCKER_HTTP_TOO_LONG, len);
    note_api_version(exchange, line, len);
    bool blank = len > 0 && (line[0] == '\r' || line[0] == '\n');
    if (!blank || exchange->status != 0)
        return len;
    curl_easy_getinfo(exchange->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status < 200) /* an interim answer; the real one follows */
        return len;
    exchange->status = (int)status;
    bool good = status < 300;
    docker_bytes_init(&exchange->answer, good ? exchange->answer_max : DOCKER_REFUSAL_MAX);
    if (good && exchange->handler->opened != NULL && !exchange->handler->opened(exchange))
        return stop(exchange, DOCKER_HTTP_STOPPED, len);
    return len;
}

static size_t on_body(char *data, size_t size, size_t count, void *user_data)
{
    struct docker_http_exchange *exchange = user_data;
    size_t len = size * count;

    exchange->heard = true;
    if (exchange->handler->data != NULL && exchange->status >= 200 && exchange->status < 300)
        return exchange->handler->data(exchange, data, len) ? len : stop(exchange, DOCKER_HTTP_STOPPED, len);
    if (docker_bytes_add(&exchange->answer, data, len))
        return len;
    return stop(exchange, exchange->answer.no_memory ? DOCKER_HTTP_NO_MEMORY : DOCKER_HTTP_TOO_LONG, len);
}

/* Whether the request may go out now: a second time only if it merely reads. */
static bool may_send(const struct docker_http_exchange *exchange)
{
    return !exchange->sent || strcmp(exchange->method, "GET") == 0;
}

static int on_before_sending(void *user_data, char *peer, char *local, int peer_port, int local_port)
{
    struct docker_http_exchange *exchange = user_data;

    (void)peer;
    (void)local;
    (void)peer_port;
    (void)local_port;
    if (!may_send(exchange))
        return CURL_PREREQFUNC_ABORT;
    exchange->sent = true;
    return CURL_PREREQFUNC_OK;
}

static curl_socket_t on_open_socket(void *user_data, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct docker_http_exchange *exchange = user_data;

    (void)purpose;
    if (!may_send(exchange))
        return CURL_SOCKET_BAD;
    int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (fd < 0)
        exchange->connect_errno = errno;
    return fd;
}

/* Why libcurl could not connect: 0 or EAGAIN if somebody listens after all. */
static int connection_error(const struct docker_http *http)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int error = 0;

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", http->socket_path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
        error = errno;
    if (fd >= 0)
        close(fd);
    return error;
}

static bool set_connection(CURL *easy, struct docker_http_exchange *exchange)
{
    return curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, exchange->http->socket_path) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, exchange) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_before_sending) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PREREQDATA, exchange) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK && curl_easy_setopt(easy, CURLOPT_NOPROXY, "*") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK && curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK;
}

static bool set_request(CURL *easy, struct docker_http_exchange *exchange)
{
    bool post = strcmp(exchange->method, "POST") == 0;
    int headers = exchange->body != NULL ? HEADERS_JSON : exchange->registry_auth ? HEADERS_AUTH : HEADERS_PLAIN;

    if (post && (curl_easy_setopt(easy, CURLOPT_POST, 1L) != CURLE_OK ||
                 curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)exchange->body_len) != CURLE_OK ||
                 curl_easy_setopt(easy, CURLOPT_POSTFIELDS, exchange->body != NULL ? exchange->body : "") != CURLE_OK))
        return false;
    if (!post && curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, exchange->method) != CURLE_OK)
        return false;
    return curl_easy_setopt(easy, CURLOPT_URL, docker_bytes_string(&exchange->url)) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_USERAGENT, "libecsengine-docker/" ECSENGINE_VERSION) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HTTPHEADER, exchange->http->headers[headers]) == CURLE_OK;
}

static bool set_answer(CURL *easy, struct docker_http_exchange *exchange)
{
    return curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HEADERDATA, exchange) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEDATA, exchange) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PRIVATE, exchange) == CURLE_OK;
}

/* Takes libcurl's handle off the exchange, and keeps it for another if there is room. */
static void put_back(struct docker_http *http, struct docker_http_exchange *exchange)
{
    CURL *easy = exchange->easy;

    exchange->easy = NULL;
    if (easy == NULL)
        return;
    if (http->idle_count == DOCKER_IDLE_HANDLES_MAX) {
        curl_easy_cleanup(easy);
        return;
    }
    curl_easy_reset(easy);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L); /* or freeing it would touch SIGPIPE */
    http->idle[http->idle_count++] = easy;
}

bool docker_http_start(struct docker_http *http, struct docker_http_exchange *exchange)
{
    exchange->http = http;
    exchange->easy = http->idle_count > 0 ? http->idle[--http->idle_count] : curl_easy_init();
    if (exchange->easy != NULL && !exchange->url.full && !exchange->url.no_memory && set_connection(exchange->easy, exchange) &&
        set_request(exchange->easy, exchange) && set_answer(exchange->easy, exchange) &&
        curl_multi_add_handle(http->multi, exchange->easy) == CURLM_OK)
        return true;
    put_back(http, exchange);
    return false;
}

void docker_http_abort(struct docker_http_exchange *exchange)
{
    if (exchange->easy == NULL)
        return;
    curl_multi_remove_handle(exchange->http->multi, exchange->easy);
    put_back(exchange->http, exchange);
}

static enum docker_http_outcome outcome_unsent(struct docker_http_exchange *exchange, CURLcode code)
{
    if (code != CURLE_COULDNT_CONNECT)
        return DOCKER_HTTP_NO_CONNECTION;
    if (exchange->connect_errno == 0)
        exchange->connect_errno = connection_error(exchange->http);
    return exchange->connect_errno == 0 || exchange->connect_errno == EAGAIN ? DOCKER_HTTP_BACKLOG_FULL : DOCKER_HTTP_NO_CONNECTION;
}

static enum docker_http_outcome outcome_of(struct docker_http_exchange *exchange, CURLcode code)
{
    bool cut = code == CURLE_GOT_NOTHING || code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR || code == CURLE_PARTIAL_FILE;

    if (exchange->stopped)
        return exchange->why;
    if (code == CURLE_OK && exchange->status != 0)
        return DOCKER_HTTP_ANSWERED;
    if (code == CURLE_OUT_OF_MEMORY)
        return DOCKER_HTTP_NO_MEMORY;
    if (!exchange->sent)
        return outcome_unsent(exchange, code);
    if (exchange->heard)
        return cut ? DOCKER_HTTP_HALF_ANSWER : DOCKER_HTTP_NOT_HTTP;
    /* The other two are what forbidding a second try looks like from here. */
    return cut || code == CURLE_COULDNT_CONNECT || code == CURLE_ABORTED_BY_CALLBACK ? DOCKER_HTTP_NO_ANSWER : DOCKER_HTTP_NOT_HTTP;
}

void docker_http_turn(struct docker_http *http)
{
    int left;
    CURLMsg *message;

    curl_multi_perform(http->multi, &left);
    while ((message = curl_multi_info_read(http->multi, &left)) != NULL) {
        struct docker_http_exchange *exchange = NULL;
        CURLcode code = message->data.result;

        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &exchange);
        docker_http_abort(exchange); /* done with it; the connection is kept where the answer was whole */
        exchange->handler->ended(exchange, outcome_of(exchange, code));
    }
}

void docker_http_wait(struct docker_http *http, int timeout_ms) { curl_multi_poll(http->multi, NULL, 0, timeout_ms, NULL); }

void docker_http_wake(struct docker_http *http) { curl_multi_wakeup(http->multi); }
