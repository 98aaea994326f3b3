/* SPDX-License-Identifier: Apache-2.0 */
/* One thread accepts, one thread a connection serves. Everything shared stands behind one lock; writes to a client that is gone are
 * forgotten. */
#define _GNU_SOURCE /* memmem */

#include "fake_daemon.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { RULES_MAX = 64, REQUESTS_MAX = 8192, CLIENTS_MAX = 1024 };

struct request {
    char *head;
    char *body;
};

struct client {
    struct fake_daemon *daemon;
    pthread_t thread;
    int fd;       /* -1 once closed */
    bool to_hang; /* chosen, but its answer is not out yet */
    bool hanging;
    bool used;
};

struct fake_daemon {
    pthread_mutex_t lock;
    char folder[64];
    char path[96];
    char url[128];
    int backlog;
    int listener;
    pthread_t acceptor;
    bool running, hold;
    struct daemon_rule rules[RULES_MAX];
    char *texts[RULES_MAX];
    int used[RULES_MAX];
    size_t rule_count;
    struct request requests[REQUESTS_MAX];
    size_t request_count;
    struct client clients[CLIENTS_MAX];
    size_t client_count;
};

static bool send_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(fd, data, len, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        data += sent;
        len -= (size_t)sent;
    }
    return true;
}

static bool send_pieces(int fd, const struct daemon_rule *rule)
{
    size_t len = rule->len > 0 ? rule->len : strlen(rule->bytes);
    size_t piece = rule->piece > 0 ? rule->piece : len;

    for (size_t at = 0; at < len; at += piece) {
        if (!send_all(fd, rule->bytes + at, len - at < piece ? len - at : piece))
            return false;
        if (rule->pause_ms > 0)
            usleep((useconds_t)rule->pause_ms * 1000);
    }
    for (size_t i = 0; i < rule->fill_count; i++)
        if (!send_all(fd, rule->filler, strlen(rule->filler)))
            return false;
    return rule->after == NULL || send_all(fd, rule->after, strlen(rule->after));
}

static bool begins(const char *text, const char *with) { return strncmp(text, with, strlen(with)) == 0; }

static struct daemon_rule rule_for(struct fake_daemon *daemon, const char *head)
{
    static const char ping[] = "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: 2\r\n\r\nOK";
    static const char none[] =
        "HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 21\r\n\r\n{\"message\":\"no rule\"}";

    for (size_t i = daemon->rule_count; i-- > 0;) {
        struct daemon_rule *rule = &daemon->rules[i];
        if (!begins(head, rule->request) || (rule->times > 0 && daemon->used[i] >= rule->times))
            continue;
        daemon->used[i]++;
        return *rule;
    }
    return (struct daemon_rule){.bytes = begins(head, "GET /_ping ") ? ping : none};
}

/* Reads one request; false at the end of the connection. */
static bool read_request(int fd, char **out_head, char **out_body)
{
    size_t size = 1 << 16;
    size_t len = 0;
    char *data = malloc(size + 1);
    size_t head_len = 0;
    size_t body_len = 0;

    for (;;) {
        data[len] = '\0';
        char *end = memmem(data, len, "\r\n\r\n", 4);
        if (end != NULL && head_len == 0) {
            head_len = (size_t)(end - data) + 4;
            char *length = strcasestr(data, "\r\nContent-Length:");
            body_len = length != NULL && length < end ? strtoul(length + 17, NULL, 10) : 0;
        }
        if (head_len > 0 && len >= head_len + body_len)
            break;
        if (len == size)
            data = realloc(data, (size *= 2) + 1);
        ssize_t got = recv(fd, data + len, size - len, 0);
        if (got <= 0) {
            free(data);
            return false;
        }
        len += (size_t)got;
    }
    *out_head = strndup(data, head_len);
    *out_body = strndup(data + head_len, body_len);
    free(data);
    return true;
}

static void finish(struct client *client)
{
    pthread_mutex_lock(&client->daemon->lock);
    if (client->fd >= 0)
        close(client->fd);
    client->fd = -1;
    client->hanging = client->to_hang = false;
    pthread_mutex_unlock(&client->daemon->lock);
}

/* Waits until the other side is gone, or somebody here has shut the connection down. */
static void linger(int fd)
{
    char byte;

    while (recv(fd, &byte, 1, 0) > 0) {
    }
}

static void *serve(void *user_data)
{
    struct client *client = user_data;
    struct fake_daemon *daemon = client->daemon;
    int fd = client->fd;
    char *head;
    char *body;

    while (read_request(fd, &head, &body)) {
        pthread_mutex_lock(&daemon->lock);
        if (daemon->request_count == REQUESTS_MAX)
            abort();
        daemon->requests[daemon->request_count++] = (struct request){head, body};
        struct daemon_rule rule = rule_for(daemon, head);
        client->to_hang = rule.hang;
        pthread_mutex_unlock(&daemon->lock);
        if (rule.delay_ms > 0)
            usleep((useconds_t)rule.delay_ms * 1000);
        bool sent = send_pieces(fd, &rule);
        if (rule.hang) {
            pthread_mutex_lock(&daemon->lock);
            client->hanging = true;
            client->to_hang = false;
            pthread_mutex_unlock(&daemon->lock);
            linger(fd);
        }
        if (!sent || rule.hang || rule.close)
            break;
    }
    finish(client);
    return NULL;
}

static void *accept_all(void *user_data)
{
    struct fake_daemon *daemon = user_data;
    struct pollfd ready = {.fd = daemon->listener, .events = POLLIN};

    for (;;) {
        pthread_mutex_lock(&daemon->lock);
        bool running = daemon->running;
        bool hold = daemon->hold;
        pthread_mutex_unlock(&daemon->lock);
        if (!running)
            return NULL;
        if (hold || poll(&ready, 1, 5) <= 0) {
            usleep(1000);
            continue;
        }
        int fd = accept(daemon->listener, NULL, NULL);
        if (fd < 0)
            continue;
        pthread_mutex_lock(&daemon->lock);
        if (daemon->client_count == CLIENTS_MAX)
            abort();
        struct client *client = &daemon->clients[daemon->client_count++];
        *client = (struct client){.daemon = daemon, .fd = fd, .used = true};
        pthread_create(&client->thread, NULL, serve, client);
        pthread_mutex_unlock(&daemon->lock);
    }
}

void daemon_start(struct fake_daemon *daemon)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", daemon->path);
    unlink(daemon->path);
    daemon->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(daemon->listener, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(daemon->listener, daemon->backlog) < 0)
        abort();
    daemon->running = true;
    pthread_create(&daemon->acceptor, NULL, accept_all, daemon);
}

void daemon_stop(struct fake_daemon *daemon)
{
    pthread_mutex_lock(&daemon->lock);
    bool was_running = daemon->running;
    daemon->running = false;
    pthread_mutex_unlock(&daemon->lock);
    if (!was_running)
        return;
    pthread_join(daemon->acceptor, NULL);
    close(daemon->listener);
    unlink(daemon->path);
    pthread_mutex_lock(&daemon->lock);
    for (size_t i = 0; i < daemon->client_count; i++)
        if (daemon->clients[i].fd >= 0)
            shutdown(daemon->clients[i].fd, SHUT_RDWR);
    pthread_mutex_unlock(&daemon->lock);
    for (size_t i = 0; i < daemon->client_count; i++)
        if (daemon->clients[i].used)
            pthread_join(daemon->clients[i].thread, NULL);
    for (size_t i = 0; i < daemon->client_count; i++)
        daemon->clients[i].used = false;
}

struct fake_daemon *daemon_new(int backlog)
{
    struct fake_daemon *daemon = calloc(1, sizeof(*daemon));

    pthread_mutex_init(&daemon->lock, NULL);
    snprintf(daemon->folder, sizeof(daemon->folder), "/tmp/ecsengine-test-XXXXXX");
    if (mkdtemp(daemon->folder) == NULL)
        abort();
    snprintf(daemon->path, sizeof(daemon->path), "%s/docker.sock", daemon->folder);
    snprintf(daemon->url, sizeof(daemon->url), "unix://%s", daemon->path);
    daemon->backlog = backlog > 0 ? backlog : 1024;
    daemon_start(daemon);
    return daemon;
}

void daemon_free(struct fake_daemon *daemon)
{
    daemon_stop(daemon);
    for (size_t i = 0; i < daemon->request_count; i++) {
        free(daemon->requests[i].head);
        free(daemon->requests[i].body);
    }
    for (size_t i = 0; i < daemon->rule_count; i++)
        free(daemon->texts[i]);
    rmdir(daemon->folder);
    pthread_mutex_destroy(&daemon->lock);
    free(daemon);
}

const char *daemon_url(const struct fake_daemon *daemon) { return daemon->url; }
const char *daemon_path(const struct fake_daemon *daemon) { return daemon->path; }

void daemon_on(struct fake_daemon *daemon, const struct daemon_rule *rule)
{
    pthread_mutex_lock(&daemon->lock);
    if (daemon->rule_count == RULES_MAX)
        abort();
    daemon->rules[daemon->rule_count++] = *rule;
    pthread_mutex_unlock(&daemon->lock);
}

void daemon_json(struct fake_daemon *daemon, const char *request, int status, const char *body)
{
    char *text = NULL;

    if (asprintf(&text, "HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", status, strlen(body),
                 body) < 0)
        abort();
    daemon_on(daemon, &(struct daemon_rule){.request = request, .bytes = text});
    daemon->texts[daemon->rule_count - 1] = text;
}

void daemon_hold(struct fake_daemon *daemon, bool hold)
{
    pthread_mutex_lock(&daemon->lock);
    daemon->hold = hold;
    pthread_mutex_unlock(&daemon->lock);
}

/* A connection counts as hanging a moment after its answer went out. */
static void wait_for_hanging(struct fake_daemon *daemon)
{
    for (int i = 0; i < 5000; i++) {
        pthread_mutex_lock(&daemon->lock);
        bool found = false;
        bool more = false;
        for (size_t k = 0; k < daemon->client_count; k++) {
            found = found || daemon->clients[k].hanging;
            more = more || daemon->clients[k].to_hang;
        }
        pthread_mutex_unlock(&daemon->lock);
        if (found && !more)
            return;
        usleep(1000);
    }
}

void daemon_push(struct fake_daemon *daemon, const char *bytes)
{
    wait_for_hanging(daemon);
    pthread_mutex_lock(&daemon->lock);
    for (size_t i = 0; i < daemon->client_count; i++)
        if (daemon->clients[i].hanging)
            send_all(daemon->clients[i].fd, bytes, strlen(bytes));
    pthread_mutex_unlock(&daemon->lock);
}

void daemon_drop(struct fake_daemon *daemon)
{
    wait_for_hanging(daemon);
    pthread_mutex_lock(&daemon->lock);
    for (size_t i = 0; i < daemon->client_count; i++)
        if (daemon->clients[i].hanging)
            shutdown(daemon->clients[i].fd, SHUT_RDWR);
    pthread_mutex_unlock(&daemon->lock);
}

int daemon_count(struct fake_daemon *daemon, const char *request)
{
    int count = 0;

    pthread_mutex_lock(&daemon->lock);
    for (size_t i = 0; i < daemon->request_count; i++)
        count += begins(daemon->requests[i].head, request);
    pthread_mutex_unlock(&daemon->lock);
    return count;
}

bool daemon_wait_count(struct fake_daemon *daemon, const char *request, int count)
{
    for (int i = 0; i < 5000 && daemon_count(daemon, request) < count; i++)
        usleep(1000);
    return daemon_count(daemon, request) >= count;
}

static const struct request *last(struct fake_daemon *daemon, const char *request)
{
    static const struct request none = {(char *)"", (char *)""};

    for (size_t i = daemon->request_count; i-- > 0;)
        if (begins(daemon->requests[i].head, request))
            return &daemon->requests[i];
    return &none;
}

const char *daemon_head(struct fake_daemon *daemon, const char *request) { return last(daemon, request)->head; }
const char *daemon_body(struct fake_daemon *daemon, const char *request) { return last(daemon, request)->body; }

int daemon_connections(struct fake_daemon *daemon)
{
    pthread_mutex_lock(&daemon->lock);
    int count = (int)daemon->client_count;
    pthread_mutex_unlock(&daemon->lock);
    return count;
}

int daemon_open_now(struct fake_daemon *daemon)
{
    int count = 0;

    pthread_mutex_lock(&daemon->lock);
    for (size_t i = 0; i < daemon->client_count; i++)
        count += daemon->clients[i].fd >= 0;
    pthread_mutex_unlock(&daemon->lock);
    return count;
}
