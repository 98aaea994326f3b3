/* SPDX-License-Identifier: Apache-2.0 */
/* Managed agents: those that a container wants, and the descriptions of what they are. What a description is kept as are texts of JSON with
 * placeholders, so nothing of it is looked into here beyond its form. */
#include "spec/agent.h"

#include <string.h>

#include "base/timefmt.h"
#include "model/limits.h"
#include "spec/source.h"

static const struct agent_description *find(const struct source_task *task, const char *name)
{
    for (const struct agent_entry *entry = task->limits->agents; entry != NULL; entry = entry->next)
        if (strcmp(entry->description.name, name) == 0)
            return &entry->description;
    return strcmp(agent_builtin.name, name) == 0 ? &agent_builtin : NULL;
}

static void properties_read(struct reader *reader, const struct json_value *object, struct managed_agent *out)
{
    struct text_pair *pairs = reader_scratch(reader, object != NULL ? object->count : 0, sizeof(*pairs));

    READER_EACH(reader, member, reader_object(reader, object))
    {
        if (member->kind != JSON_KIND_NULL)
            pairs[out->property_count++] = (struct text_pair){member->key, reader_text(reader, member)};
    }
    out->properties = pairs;
}

void agents_read(struct reader *reader, const struct source_task *task, const struct json_value *list, struct source_container *out)
{
    enum { NAME, PROPERTIES, COUNT };
    static const struct field fields[COUNT] = {
        [NAME] = {"name", JSON_KIND_TEXT, {FIELD_READ, FIELD_READ}},
        [PROPERTIES] = {"properties", JSON_KIND_OBJECT, {FIELD_READ, FIELD_READ}},
    };
    const struct json_value *slots[COUNT];

    if (list != NULL && list->count > LIMIT_AGENTS)
        reader_wrong(reader, list, "has %u elements, more than %d", list->count, LIMIT_AGENTS);
    out->agents = reader_scratch(reader, list != NULL ? list->count : 0, sizeof(*out->agents));
    READER_EACH(reader, element, list)
    {
        reader_fields(reader, reader_object(reader, element), fields, COUNT, FORM_PAYLOAD, slots);
        struct managed_agent agent = {.name = reader_text(reader, slots[NAME])};
        agent.description = find(task, agent.name);
        properties_read(reader, slots[PROPERTIES], &agent);
        for (uint16_t i = 0; i < out->agent_count; i++)
            if (strcmp(out->agents[i].name, agent.name) == 0)
                agent.description = NULL; /* of two with one name the agent finds the first */
        if (agent.description != NULL && !reader_failed(reader))
            out->agents[out->agent_count++] = agent;
        else
            reader_notice(reader, element, "is an agent that nobody has described, or one that is there already: it has no effect");
    }
}

const struct agent_description *agent_keep(struct reader *reader, const struct agent_description *description)
{
    struct agent_description *kept = description != &agent_builtin ? arena_array(reader->kept, 1, sizeof(*kept)) : NULL;

    if (description == &agent_builtin)
        return description;
    if (kept == NULL) {
        reader_nomem(reader);
        return &agent_builtin;
    }
    *kept = *description;
    kept->name = reader_keep(reader, description->name);
    kept->exec = reader_keep(reader, description->exec);
    kept->prepare = reader_keep(reader, description->prepare);
    kept->binds = reader_keep(reader, description->binds);
    kept->clean = reader_keep(reader, description->clean);
    return kept;
}

/* A value, or with `inside` its elements, as text; "" if it is not there. */
static const char *rendered(struct reader *reader, const struct json_value *value, bool inside)
{
    struct buf out;

    if (value == NULL || reader_failed(reader))
        return "";
    buf_init(&out, reader->mem, 0);
    json_write(&out, NULL, value, &reader->scratch);
    if (out.failed != 0)
        reader_nomem(reader);
    else if (inside)
        out.data[out.len - 1] = '\0';
    const char *kept = reader_keep(reader, out.data != NULL ? out.data + (inside ? 1 : 0) : "");
    buf_free(&out);
    return kept;
}

static int64_t duration_read(struct reader *reader, const struct json_value *value, int64_t standard)
{
    int64_t ns = standard;

    if (value != NULL && (!duration_parse(reader_text(reader, value), &ns) || ns < 0 || ns > LIMIT_TIMEOUT_NS))
        reader_wrong(reader, value, "expected a duration from 0s to 10 years");
    return ns;
}

static void restart_read(struct reader *reader, const struct json_value *object, struct agent_description *out)
{
    enum { INTERVAL, DELAY_MIN, DELAY_MAX, STEADY, TRIES, COUNT };
    static const struct field fields[COUNT] = {
        [INTERVAL] = {"interval", JSON_KIND_TEXT, {FIELD_READ}},   [DELAY_MIN] = {"delayMin", JSON_KIND_TEXT, {FIELD_READ}},
        [DELAY_MAX] = {"delayMax", JSON_KIND_TEXT, {FIELD_READ}},  [STEADY] = {"steadyAfter", JSON_KIND_TEXT, {FIELD_READ}},
        [TRIES] = {"tries", JSON_KIND_NUMBER, {FIELD_READ}},
    };
    const struct json_value *slots[COUNT];

    reader_fields(reader, reader_object(reader, object), fields, COUNT, FORM_PAYLOAD, slots);
    out->interval_ns = duration_read(reader, slots[INTERVAL], 0);
    out->delay_min_ns = duration_read(reader, slots[DELAY_MIN], agent_builtin.delay_min_ns);
    out->delay_max_ns = duration_read(reader, slots[DELAY_MAX], agent_builtin.delay_max_ns);
    out->steady_ns = duration_read(reader, slots[STEADY], agent_builtin.steady_ns);
    out->tries = slots[TRIES] != NULL ? (uint32_t)reader_integer(reader, slots[TRIES], 0, INT32_MAX) : agent_builtin.tries;
}

static void description_read(struct reader *reader, void *description)
{
    struct agent_description *out = description;
    enum { NAME, EXEC, PREPARE, BINDS, CLEAN, RESTART, COUNT };
    static const struct field fields[COUNT] = {
        [NAME] = {"name", JSON_KIND_TEXT, {FIELD_READ}},      [EXEC] = {"exec", JSON_KIND_OBJECT, {FIELD_READ}},
        [PREPARE] = {"prepare", JSON_KIND_OBJECT, {FIELD_READ}}, [BINDS] = {"binds", JSON_KIND_ARRAY, {FIELD_READ}},
        [CLEAN] = {"clean", JSON_KIND_OBJECT, {FIELD_READ}},  [RESTART] = {"restart", JSON_KIND_OBJECT, {FIELD_READ}},
    };
    const struct json_value *slots[COUNT], *root = reader_object(reader, reader->doc->root);

    reader_fields(reader, root, fields, COUNT, FORM_PAYLOAD, slots);
    out->name = reader_keep(reader, reader_text(reader, slots[NAME]));
    if (!reader_failed(reader) && (out->name[0] == '\0' || strlen(out->name) > LIMIT_NAME))
        reader_wrong(reader, slots[NAME] != NULL ? slots[NAME] : root, "name is missing, or has more than %d bytes", LIMIT_NAME);
    const struct json_value *command = json_member(slots[EXEC], "Cmd");
    if (!reader_failed(reader) && (reader_texts(reader, command) == NULL || command->count == 0))
        reader_wrong(reader, slots[EXEC] != NULL ? slots[EXEC] : root, "exec.Cmd is missing, or empty");
    reader_texts(reader, slots[BINDS]);
    out->exec = rendered(reader, slots[EXEC], false);
    out->prepare = rendered(reader, slots[PREPARE], false);
    out->binds = rendered(reader, slots[BINDS], true);
    out->clean = rendered(reader, slots[CLEAN], false);
    restart_read(reader, slots[RESTART], out);
}

void agent_entries_free(struct agent_entry *first)
{
    while (first != NULL) {
        struct agent_entry *next = first->next;
        struct mem *mem = first->arena.mem;
        arena_free(&first->arena);
        mem_free(mem, first);
        first = next;
    }
}

int agent_parse(struct mem *mem, const struct spec_limits *limits, const char *document, size_t document_len, struct agent_entry **out_entry,
                struct ecsengine_error **error)
{
    struct agent_entry *entry = mem_zalloc(mem, sizeof(*entry));

    if (entry == NULL)
        return error_nomem(error);
    arena_init(&entry->arena, mem);
    int code = reader_document(mem, limits, document, document_len, &entry->arena, description_read, &entry->description, error);
    if (code < 0)
        agent_entries_free(entry);
    else
        *out_entry = entry;
    return code;
}
