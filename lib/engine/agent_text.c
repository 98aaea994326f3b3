/* SPDX-License-Identifier: Apache-2.0 */
/* What stands in a description for what is only known when a container is made. The texts are JSON and stay so: what is put in is escaped. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/agent.h"

static void put(struct buf *out, const char *text, size_t len)
{
    struct buf quoted;

    buf_init(&quoted, out->mem, 0);
    json_text_len(&quoted, NULL, text, len);
    if (quoted.failed != 0)
        out->failed = quoted.failed;
    else
        buf_put(out, quoted.data + 1, quoted.len - 2);
    buf_free(&quoted);
}

/* What the directory of a container is called: a leading hyphen would be an option to somebody. */
static void put_container(const struct agent *agent, struct buf *out)
{
    const char *name = container_def(agent->container)->name;

    name += strspn(name, "-");
    if (name[0] == '\0')
        buf_printf(out, "nameless-container-%s", str_text(agent->uuid));
    else
        put(out, name, strlen(name));
}

static void put_file(const struct agent *agent, unsigned long n, struct buf *out)
{
    const char *at = str_text(agent->files);

    for (; n > 0 && *at != '\0'; n--)
        at = strchr(at, '\n') + 1;
    put(out, at, strcspn(at, "\n"));
}

static const char *property(const struct agent *agent, const char *name, size_t len)
{
    const struct managed_agent *def = agent_def(agent);
    const char *value = NULL;

    for (uint16_t i = 0; i < def->property_count; i++)
        if (strncmp(def->properties[i].key, name, len) == 0 && def->properties[i].key[len] == '\0')
            value = def->properties[i].value;
    return value;
}

/* `name:standard`: a property that is a number above 0, as Go's strconv.Atoi reads one, else the other. What is none becomes the
 * standard too, where the reference writes 0, or the largest number there is. */
static void put_count(const struct agent *agent, const char *text, size_t len, struct buf *out)
{
    size_t name_len = strcspn(text, ":}");
    const char *value = property(agent, text, name_len);
    int64_t number = 0;
    char *end = NULL;

    if (value != NULL && value[0] != '\0' && strspn(value + (value[0] == '+' || value[0] == '-'), "0123456789") > 0)
        number = strtoll(value, &end, 10);
    if (number > 0 && number < INT64_MAX && *end == '\0')
        buf_printf(out, "%lld", (long long)number);
    else if (name_len < len)
        buf_put(out, text + name_len + 1, len - name_len - 1);
}

static void put_text(struct buf *out, const char *text) { put(out, text, strlen(text)); }

/* False: there is no such placeholder. */
static bool put_value(const struct engine *engine, const struct agent *agent, const char *name, size_t len, struct buf *out)
{
    const struct settings *settings = &engine->settings;
    const char *arn = str_text(agent->container->task->arn), *slash = strrchr(arn, '/');
    bool same = strcmp(settings->agent_dir_for_runtime, "same") == 0;
#define IS(word) (len == sizeof(word) - 1 && memcmp(name, word, len) == 0)
#define HAS(word) (len > sizeof(word) - 1 && memcmp(name, word, sizeof(word) - 1) == 0)

    if (IS("uuid"))
        put_text(out, str_text(agent->uuid));
    else if (IS("version"))
        put_text(out, str_text(agent->version));
    else if (IS("task"))
        put_text(out, slash != NULL ? slash + 1 : arn);
    else if (IS("container"))
        put_container(agent, out);
    else if (IS("dir"))
        put_text(out, settings->agent_dir);
    else if (IS("runtime-dir"))
        put_text(out, same ? settings->agent_dir : settings->agent_dir_for_runtime);
    else if (IS("log-dir"))
        put_text(out, settings->agent_log_dir);
    else if (IS("dual-stack"))
        buf_puts(out, settings->ipv6_only != 0 ? "true" : "false");
    else if (HAS("file:"))
        put_file(agent, strtoul(name + 5, NULL, 10), out);
    else if (HAS("count:"))
        put_count(agent, name + 6, len - 6, out);
    else if (HAS("property:"))
        put_text(out, property(agent, name + 9, len - 9) != NULL ? property(agent, name + 9, len - 9) : "");
    else
        return false;
    return true;
}

void agent_expand(const struct engine *engine, const struct agent *agent, const char *text, struct buf *out)
{
    const char *open, *close;

    while ((open = strstr(text, "${")) != NULL && (close = strchr(open, '}')) != NULL) {
        buf_put(out, text, (size_t)(open - text));
        if (!put_value(engine, agent, open + 2, (size_t)(close - open - 2), out))
            buf_put(out, open, (size_t)(close + 1 - open));
        text = close + 1;
    }
    buf_puts(out, text);
}

const char *agent_template(const struct ecsengine_op *op)
{
    const struct agent_description *description = op->definition->containers[op->container_index].agents[op->agent_index].description;

    switch (op->kind) {
    case ECSENGINE_OP_EXEC_CREATE:
        return description->exec;
    case ECSENGINE_OP_AGENT_PREPARE:
        return description->prepare;
    default:
        return op->kind == ECSENGINE_OP_AGENT_CLEAN ? description->clean : NULL;
    }
}
