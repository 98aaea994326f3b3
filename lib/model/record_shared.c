/* SPDX-License-Identifier: Apache-2.0 */
/* What records of several kinds have in common: shared texts, network bindings. */
#include <string.h>

#include "model/definition.h"
#include "model/limits.h"
#include "model/record.h"

void record_put_str(struct buf *buf, const struct str *str) { record_text(buf, str_text(str), str_len(str)); }

static struct str *made_of(struct record_getter *getter, const char *text, size_t len)
{
    if (len == 0)
        return NULL;
    struct str *made = str_new(getter->mem, text, len);
    if (made == NULL)
        getter->no_memory = true;
    return made;
}

struct str *record_get_str(struct record_getter *getter, size_t max)
{
    size_t len;
    const char *text = record_read_text(getter->reader, max, &len);

    return made_of(getter, text, len);
}

struct str *record_get_key(struct record_getter *getter)
{
    size_t len;
    const char *text = (const char *)record_read_bytes(getter->reader, SIZE_MAX, &len);

    if (memchr(text, '\0', len) == NULL)
        return made_of(getter, text, len);
    getter->reader->bad = true;
    return NULL;
}

void record_put_ports(struct buf *buf, const struct ports *ports)
{
    uint32_t count = ports != NULL ? ports->count : 0;

    record_number(buf, count);
    for (uint32_t i = 0; i < count; i++) {
        record_number(buf, ports->items[i].container_port);
        record_number(buf, ports->items[i].host_port);
        record_number(buf, ports->items[i].protocol);
        record_text(buf, ports->items[i].bind_ip, strlen(ports->items[i].bind_ip));
    }
}

struct ports *record_get_ports(struct record_getter *getter)
{
    uint32_t count = (uint32_t)record_read_number(getter->reader, LIMIT_PORTS);

    if (count == 0)
        return NULL;
    struct ports *ports = mem_zalloc(getter->mem, sizeof(*ports) + count * sizeof(ports->items[0]));
    if (ports == NULL) {
        getter->no_memory = true;
        return NULL;
    }
    ports->mem = getter->mem;
    atomic_init(&ports->refs, 1);
    ports->count = ports->cap = count;
    for (uint32_t i = 0; i < count; i++) {
        size_t len;
        ports->items[i].container_port = (uint16_t)record_read_number(getter->reader, UINT16_MAX);
        ports->items[i].host_port = (uint16_t)record_read_number(getter->reader, UINT16_MAX);
        ports->items[i].protocol = (uint8_t)record_read_number(getter->reader, PROTOCOL_UDP);
        const char *ip = record_read_text(getter->reader, sizeof(ports->items[i].bind_ip) - 1, &len);
        memcpy(ports->items[i].bind_ip, ip, len);
    }
    return ports;
}
