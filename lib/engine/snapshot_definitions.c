/* SPDX-License-Identifier: Apache-2.0 */
/* Every definition that a task, an operation, an event or an orphan has, once, in the order of their hashes. */
#include <stdlib.h>

#include "engine/definitions.h"
#include "engine/orphans.h"
#include "engine/snapshot_parts.h"

/* ---- putting ---- */

/* Into a buffer of pointers. */
static void collect(void *buf, const struct definition *definition)
{
    struct buf *found = buf;
    const struct definition *last = NULL;

    if (definition == NULL)
        return;
    if (found->len > 0)
        last = ((const struct definition *const *)(const void *)found->data)[found->len / sizeof(last) - 1];
    if (last != definition)
        buf_put(found, &definition, sizeof(definition)); /* a thousand tasks of one come one after the other */
}

static void collect_all(const struct snapshot_writer *writer, struct buf *found)
{
    const struct engine *engine = writer->engine;

    for (size_t i = 0; i < writer->task_count; i++) {
        collect(found, writer->tasks[i]->definition);
        for (const struct ecsengine_event *one = writer->tasks[i]->batch_first; one != NULL; one = one->batch_next)
            collect(found, one->definition);
    }
    for (const struct list *node = engine->open_ops.next; node != &engine->open_ops; node = node->next)
        collect(found, container_of(node, struct ecsengine_op, open)->definition);
    for (const struct list *node = engine->orphans.next; node != &engine->orphans; node = node->next)
        collect(found, container_of(node, struct orphan, link)->definition);
    snapshot_each_queued(engine, writer->queues, collect, found);
}

static int by_hash(const void *left, const void *right)
{
    uint64_t a = (*(const struct definition *const *)left)->hash, b = (*(const struct definition *const *)right)->hash;

    return a < b ? -1 : a > b;
}

/* Of two with the same content the one that the engine keeps has what is to be known of it. */
static void put_one(const struct snapshot_writer *writer, const struct definition *definition)
{
    const struct definition *kept = definitions_find(writer->engine, definition->hash);

    record_text(writer->buf, (const char *)definition->content, definition->content_len);
    snapshot_put_fields(writer->buf, TABLE_DEFINITION, kept != NULL ? kept : definition);
}

void snapshot_put_definitions(const struct snapshot_writer *writer)
{
    struct buf found;
    size_t kept = 0;

    buf_init(&found, writer->buf->mem, 0);
    collect_all(writer, &found);
    const struct definition **all = (const struct definition **)(void *)found.data;
    size_t count = found.len / sizeof(*all);
    if (count > 0)
        qsort(all, count, sizeof(*all), by_hash);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || all[kept - 1]->hash != all[i]->hash)
            all[kept++] = all[i];
    record_number(writer->buf, kept);
    for (size_t i = 0; i < kept; i++)
        put_one(writer, all[i]);
    if (found.failed != 0 && writer->buf->failed == 0)
        writer->buf->failed = found.failed;
    buf_free(&found);
}

/* ---- getting ---- */

static void get_one(struct snapshot_reader *reader)
{
    struct definition *definition = NULL;
    size_t len;
    const unsigned char *content = record_read_bytes(reader->getter.reader, SIZE_MAX, &len);
    int code = snapshot_stuck(reader) ? ECSENGINE_ECORRUPT : definition_decode(reader->engine->mem, content, len, &definition);

    reader->getter.no_memory = code == ECSENGINE_ENOMEM;
    snapshot_expect(reader, code == 0);
    if (code < 0)
        return;
    reader->definitions[reader->definition_count++] = definition; /* one that is out of order is not found */
    snapshot_get_fields(reader, TABLE_DEFINITION, definition);
}

void snapshot_get_definitions(struct snapshot_reader *reader)
{
    size_t count = snapshot_get_count(reader);

    reader->definitions = snapshot_pointers(reader, count);
    for (size_t i = 0; i < count && !snapshot_stuck(reader); i++)
        get_one(reader);
}

static int against_hash(const void *hash, const void *item)
{
    uint64_t a = *(const uint64_t *)hash, b = (*(struct definition *const *)item)->hash;

    return a < b ? -1 : a > b;
}

struct definition *snapshot_find_definition(void *snapshot_reader, uint64_t hash)
{
    const struct snapshot_reader *reader = snapshot_reader;
    struct definition **found =
        bsearch(&hash, reader->definitions, reader->definition_count, sizeof(*reader->definitions), against_hash);

    return found != NULL ? *found : NULL;
}

struct definition *snapshot_get_definition(struct snapshot_reader *reader)
{
    uint64_t hash = record_read_number(reader->getter.reader, UINT64_MAX);
    struct definition *definition = hash != 0 && !snapshot_stuck(reader) ? snapshot_find_definition(reader, hash) : NULL;

    snapshot_expect(reader, hash == 0 || definition != NULL);
    return definition;
}
