/* SPDX-License-Identifier: Apache-2.0 */
/* What a task that waits for host resources lacks, who has it, and who stands before it. */
#include "engine/explain.h"

#include <stdio.h>
#include <string.h>

#include "engine/accounting.h"
#include "engine/admission.h"

static const char *resource_name(const struct lack *lack)
{
    switch (lack->kind) {
    case LACK_CPU:
        return "cpu";
    case LACK_MEMORY:
        return "memory";
    case LACK_PORT:
        return "port";
    case LACK_GPU:
        return "gpu";
    default:
        return "host-facts";
    }
}

static size_t append(char *text, size_t size, size_t len, const char *format, const char *value)
{
    size_t more = (size_t)snprintf(text + len, size - len, format, value);

    return len + more < size ? len + more : size - 1;
}

void explain_queue_text(const struct engine *engine, const struct task *task, char *text, size_t size)
{
    struct lack lacks[LACKS_MAX];
    struct waiting_place place;
    size_t count = accounting_all_lacks(engine, task, lacks);
    char why[160], where[64];
    size_t len = append(text, size, 0, "waits for host resources%s", "");

    for (size_t i = 0; i < count && i < 4; i++) {
        lack_text(&lacks[i], why, sizeof(why));
        len = append(text, size, len, i == 0 ? ": %s" : ", %s", why);
        if (lacks[i].holder != NULL)
            len = append(text, size, len, " (held by %.300s)", str_text(lacks[i].holder->arn));
        if (lacks[i].never)
            len = append(text, size, len, "%s", " (more than the host has at all)");
    }
    if (!admission_place(engine, task, &place))
        return;
    if (place.barrier != NULL)
        len = append(text, size, len, count == 0 ? ": %.300s, which came earlier, must be admitted first" : "; after %.300s",
                     str_text(place.barrier->arn));
    snprintf(where, sizeof(where), "; place %zu of %zu", place.place, place.total);
    append(text, size, len, "%s", where);
}

static void put_lack(const struct lack *lack, struct buf *out)
{
    char text[160];

    lack_text(lack, text, sizeof(text));
    json_open(out, NULL, '{');
    json_text(out, "resource", resource_name(lack));
    json_text(out, "text", text);
    if (lack->kind == LACK_PORT) {
        json_int(out, "port", lack->port);
        json_text(out, "protocol", lack->protocol == PROTOCOL_UDP ? "udp" : "tcp");
    } else if (lack->kind != LACK_FACTS) {
        json_int(out, "needed", lack->needed);
        json_int(out, "free", lack->free);
        json_int(out, "capacity", lack->capacity);
        json_int(out, "missing", lack->needed - lack->free);
    }
    if (lack->gpu != NULL)
        json_text(out, "gpuId", lack->gpu);
    if (lack->holder != NULL)
        json_text(out, "holder", str_text(lack->holder->arn));
    json_int(out, "holderCount", (int64_t)lack->holders);
    json_bool(out, "never", lack->never);
    json_close(out, '}');
}

void explain_queue_lacks(const struct engine *engine, const struct task *task, const char *key, struct buf *out)
{
    struct lack lacks[LACKS_MAX];
    size_t count = accounting_all_lacks(engine, task, lacks);

    json_open(out, key, '[');
    for (size_t i = 0; i < count; i++)
        put_lack(&lacks[i], out);
    json_close(out, ']');
}

void explain_queue_json(const struct engine *engine, const struct task *task, struct buf *out)
{
    struct waiting_place place;

    explain_queue_lacks(engine, task, "lacks", out);
    if (!admission_place(engine, task, &place))
        return;
    json_int(out, "place", (int64_t)place.place);
    json_int(out, "queueLength", (int64_t)place.total);
    json_int(out, "overtaken", place.overtaken);
    if (place.barrier != NULL)
        json_text(out, "behind", str_text(place.barrier->arn));
}
