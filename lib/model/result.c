/* SPDX-License-Identifier: Apache-2.0 */
/* Results: their life and their setters. A setter that fails leaves the result as it was. */
#include "model/result.h"

#include <string.h>

#include "model/definition.h"
#include "model/limits.h"

struct ports *ports_ref(struct ports *ports)
{
    if (ports != NULL)
        atomic_fetch_add_explicit(&ports->refs, 1, memory_order_relaxed);
    return ports;
}

void ports_unref(struct ports *ports)
{
    if (ports != NULL && atomic_fetch_sub_explicit(&ports->refs, 1, memory_order_acq_rel) == 1)
        mem_free(ports->mem, ports);
}

struct ecsengine_result *result_new(struct root *root)
{
    struct ecsengine_result *result = mem_zalloc(&root->mem, sizeof(*result));

    if (result != NULL)
        result->root = root_ref(root);
    return result;
}

static void pairs_clear(struct mem *mem, struct pairs *pairs)
{
    for (uint32_t i = 0; i < pairs->count; i++) {
        str_unref(pairs->items[i].key);
        str_unref(pairs->items[i].value);
    }
    mem_free(mem, pairs->items);
}

void ecsengine_result_free(ecsengine_result *result)
{
    if (result == NULL)
        return;
    struct root *root = result->root;
    struct str *texts[] = {result->text,     result->error_name, result->container_id, result->state_error,    result->health_output,
                           result->image_id, result->digest,     result->media_type,   result->runtime_version, result->volume_name,
                           result->exec_id,  result->agent_version};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        str_unref(texts[i]);
    for (size_t i = 0; i < result->agent_file_count; i++)
        str_unref(result->agent_files[i]);
    output_free(result->output);
    for (size_t i = 0; i < result->repo_digest_count; i++)
        str_unref(result->repo_digests[i]);
    mem_free(&root->mem, result->repo_digests);
    for (size_t i = 0; i < result->container_count; i++) {
        str_unref(result->containers[i].id);
        str_unref(result->containers[i].runtime_name);
        str_unref(result->containers[i].arn);
        str_unref(result->containers[i].container_name);
        str_unref(result->containers[i].family);
        str_unref(result->containers[i].version);
    }
    mem_free(&root->mem, result->containers);
    pairs_clear(&root->mem, &result->options);
    pairs_clear(&root->mem, &result->labels);
    ports_unref(result->ports);
    mem_free(&root->mem, result->gpus);
    mem_free(&root->mem, result);
    root_unref(root);
}

/* Sets one text; `max` bytes at most, more is EINVAL. */
static int set_text(struct ecsengine_result *result, struct str **slot, const char *text, size_t max)
{
    if (text == NULL)
        return ECSENGINE_EINVAL;
    size_t len = strnlen(text, max + 1);
    if (len > max || !utf8_valid(text, len))
        return ECSENGINE_EINVAL;
    struct str *made = str_new(&result->root->mem, text, len);
    if (made == NULL)
        return ECSENGINE_ENOMEM;
    str_unref(*slot);
    *slot = made;
    return 0;
}

/* A runtime's own words: cut instead of refused, and repaired where they are no UTF-8, since a failure must come through. */
static int set_words(struct ecsengine_result *result, struct str **slot, const char *text, size_t max)
{
    char kept[LIMIT_REASON + 1] = "";
    size_t len = text != NULL ? utf8_cut(text, strnlen(text, max + 1), max) : 0;
    if (len > 0)
        memcpy(kept, text, len);
    if (!utf8_valid(kept, len))
        for (size_t i = 0; i < len; i++)
            if ((unsigned char)kept[i] >= 0x80)
                kept[i] = '?';
    struct str *made = str_new(&result->root->mem, kept, len);
    if (made == NULL)
        return ECSENGINE_ENOMEM;
    str_unref(*slot);
    *slot = made;
    return 0;
}

int ecsengine_result_set_failure(ecsengine_result *result, enum ecsengine_failure failure, const char *text)
{
    if (result == NULL || failure < ECSENGINE_FAILURE_NONE || failure > ECSENGINE_FAILURE_CANCELLED)
        return ECSENGINE_EINVAL;
    int code = set_words(result, &result->text, text, LIMIT_REASON);
    result->failure = (uint8_t)failure; /* a failure without its text is still a failure */
    return code;
}

int ecsengine_result_set_error_name(ecsengine_result *result, const char *name)
{
    return result == NULL ? ECSENGINE_EINVAL : set_text(result, &result->error_name, name, 63);
}

int ecsengine_result_set_container_id(ecsengine_result *result, const char *id)
{
    return result == NULL ? ECSENGINE_EINVAL : set_text(result, &result->container_id, id, LIMIT_RUNTIME_ID);
}

int ecsengine_result_set_running(ecsengine_result *result, int32_t running)
{
    if (result == NULL)
        return ECSENGINE_EINVAL;
    result->has_record = true;
    result->running = running != 0;
    return 0;
}

int ecsengine_result_set_dead(ecsengine_result *result, int32_t dead)
{
    if (result == NULL)
        return ECSENGINE_EINVAL;
    result->dead = dead != 0;
    return 0;
}

int ecsengine_result_set_exit_code(ecsengine_result *result, int32_t exit_code)
{
    if (result == NULL)
        return ECSENGINE_EINVAL;
    result->has_exit_code = true;
    result->exit_code = exit_code;
    return 0;
}

int ecsengine_result_set_oom_killed(ecsengine_result *result, int32_t oom_killed)
{
    if (result == NULL)
        return ECSENGINE_EINVAL;
    result->oom_killed = oom_killed != 0;
    return 0;
}

int ecsengine_result_set_state_error(ecsengine_result *result, const char *text)
{
    return result == NULL ? ECSENGINE_EINVAL : set_words(result, &result->state_error, text, LIMIT_REASON);
}

static int set_time(struct ecsengine_result *result, size_t offset, int64_t wall_ns)
{
    if (result == NULL || wall_ns < 0 || wall_ns > LIMIT_WALL_NS)
        return ECSENGINE_EINVAL;
    *(int64_t *)((char *)result + offset) = wall_ns;
    return 0;
}

int ecsengine_result_set_created_at(ecsengine_result *result, int64_t wall_ns)
{
    return set_time(result, offsetof(struct ecsengine_result, created_at), wall_ns);
}

int ecsengine_result_set_started_at(ecsengine_result *result, int64_t wall_ns)
{
    return set_time(result, offsetof(struct ecsengine_result, started_at), wall_ns);
}

int ecsengine_result_set_finished_at(ecsengine_result *result, int64_t wall_ns)
{
    return set_time(result, offsetof(struct ecsengine_result, finished_at), wall_ns);
}

int ecsengine_result_set_health(ecsengine_result *result, enum ecsengine_health health, const char *output)
{
    if (result == NULL || health < ECSENGINE_HEALTH_UNKNOWN || health > ECSENGINE_HEALTH_UNHEALTHY)
        return ECSENGINE_EINVAL;
    int code = output != NULL ? set_words(result, &result->health_output, output, LIMIT_HEALTH_OUTPUT) : 0;
    if (code < 0)
        return code;
    result->has_health = true;
    result->health = (uint8_t)health;
    return 0;
}

int ecsengine_result_set_restart_count(ecsengine_result *result, int32_t count)
{
    if (result == NULL || count < 0)
        return ECSENGINE_EINVAL;
    result->restart_count = count;
    return 0;
}

/* Room for one more binding. */
static struct ports *ports_more(struct ecsengine_result *result)
{
    struct ports *ports = result->ports;

    if (ports != NULL && ports->count < ports->cap)
        return ports;
    uint32_t cap = ports != NULL ? ports->cap * 2 : 2;
    struct ports *grown = mem_grow(&result->root->mem, ports, sizeof(*grown) + cap * sizeof(grown->items[0]));
    if (grown == NULL)
        return NULL;
    if (ports == NULL) {
        grown->mem = &result->root->mem;
        atomic_init(&grown->refs, 1);
        grown->count = 0;
    }
    grown->cap = cap;
    result->ports = grown;
    return grown;
}

int ecsengine_result_add_port(ecsengine_result *result, int32_t container_port, int32_t host_port, const char *protocol,
                              const char *bind_ip)
{
    if (result == NULL || protocol == NULL || container_port < 1 || container_port > 65535 || host_port < 0 || host_port > 65535)
        return ECSENGINE_EINVAL;
    const char *ip = bind_ip != NULL ? bind_ip : "";
    size_t ip_len = strnlen(ip, sizeof(((struct port_binding *)0)->bind_ip));
    if (ip_len >= sizeof(((struct port_binding *)0)->bind_ip) || !utf8_valid(ip, ip_len))
        return ECSENGINE_EINVAL;
    bool udp = strcmp(protocol, "udp") == 0;
    if (!udp && strcmp(protocol, "tcp") != 0) {
        result->bad_protocol = true;
        return 0;
    }
    if (result->ports != NULL && result->ports->count >= LIMIT_PORTS)
        return ECSENGINE_EINVAL;
    struct ports *ports = ports_more(result);
    if (ports == NULL)
        return ECSENGINE_ENOMEM;
    struct port_binding *item = &ports->items[ports->count++];
    memset(item, 0, sizeof(*item));
    item->container_port = (uint16_t)container_port;
    item->host_port = (uint16_t)host_port;
    item->protocol = udp ? PROTOCOL_UDP : PROTOCOL_TCP;
    memcpy(item->bind_ip, ip, ip_len);
    return 0;
}

int ecsengine_result_set_image_id(ecsengine_result *result, const char *id)
{
    return result == NULL ? ECSENGINE_EINVAL : set_text(result, &result->image_id, id, LIMIT_RUNTIME_ID);
}

int ecsengine_result_set_digest(ecsengine_result *result, const char *digest, const char *media_type)
{
    if (result == NULL)
        return ECSENGINE_EINVAL;
    struct str *made = NULL;
    int code = set_text(result, &made, digest, LIMIT_RUNTIME_ID);
    if (code == 0)
        code = set_text(result, &result->media_type, media_type != NULL ? media_type : "", LIMIT_RUNTIME_ID);
    if (code < 0) {
        str_unref(made);
        return code;
    }
    str_unref(result->digest);
    result->digest = made;
    return 0;
}

int ecsengine_result_add_repo_digest(ecsengine_result *result, const char *repo_digest)
{
    if (result == NULL || result->repo_digest_count >= LIMIT_REPO_DIGESTS)
        return ECSENGINE_EINVAL;
    struct str **grown =
        mem_grow(&result->root->mem, result->repo_digests, (result->repo_digest_count + 1) * sizeof(*result->repo_digests));
    if (grown == NULL)
        return ECSENGINE_ENOMEM;
    result->repo_digests = grown;
    struct str *made = NULL;
    int code = set_text(result, &made, repo_digest, LIMIT_IMAGE);
    if (code == 0)
        grown[result->repo_digest_count++] = made;
    return code;
}

/* Where the key is, or should be. */
static uint32_t pairs_find(const struct pairs *pairs, const char *key, bool *out_found)
{
    uint32_t at = 0;
    int order = 1;

    while (at < pairs->count && (order = strcmp(pairs->items[at].key->data, key)) < 0)
        at++;
    *out_found = at < pairs->count && order == 0;
    return at;
}

static int pairs_make_room(struct mem *mem, struct pairs *pairs)
{
    uint32_t cap = pairs->cap > 0 ? pairs->cap * 2 : 8;

    if (pairs->count < pairs->cap)
        return 0;
    struct pair *grown = mem_grow(mem, pairs->items, cap * sizeof(*grown));
    if (grown == NULL)
        return ECSENGINE_ENOMEM;
    pairs->items = grown;
    pairs->cap = cap;
    return 0;
}

static int add_pair(struct ecsengine_result *result, struct pairs *pairs, const char *key, const char *value)
{
    struct pair made = {NULL, NULL};
    bool known = false;

    int code = set_text(result, &made.key, key, LIMIT_VOLUME_TEXT);
    if (code == 0)
        code = set_text(result, &made.value, value, LIMIT_VOLUME_TEXT);
    uint32_t at = code == 0 ? pairs_find(pairs, key, &known) : 0;
    if (code == 0 && !known)
        code = pairs->count >= LIMIT_VOLUME_PAIRS ? ECSENGINE_EINVAL : pairs_make_room(&result->root->mem, pairs);
    if (code == 0 && known) {
        struct str *old = pairs->items[at].value;
        pairs->items[at].value = made.value;
        made.value = old;
    } else if (code == 0) {
        memmove(&pairs->items[at + 1], &pairs->items[at], (pairs->count - at) * sizeof(*pairs->items));
        pairs->items[at] = made;
        pairs->count++;
        return 0;
    }
    str_unref(made.key);
    str_unref(made.value);
    return code;
}

int ecsengine_result_set_volume_name(ecsengine_result *result, const char *name)
{
    return result != NULL ? set_text(result, &result->volume_name, name, LIMIT_RUNTIME_NAME) : ECSENGINE_EINVAL;
}

int ecsengine_result_add_volume_option(ecsengine_result *result, const char *key, const char *value)
{
    return result != NULL ? add_pair(result, &result->options, key, value) : ECSENGINE_EINVAL;
}

int ecsengine_result_add_volume_label(ecsengine_result *result, const char *key, const char *value)
{
    return result != NULL ? add_pair(result, &result->labels, key, value) : ECSENGINE_EINVAL;
}

int ecsengine_result_add_container(ecsengine_result *result, const char *id, const char *runtime_name, int32_t running,
                                   enum ecsengine_health health)
{
    struct listed_container item = {.running = running != 0, .health = (uint8_t)health};

    if (result == NULL || result->container_count >= LIMIT_LIST || (unsigned)health > ECSENGINE_HEALTH_UNHEALTHY)
        return ECSENGINE_EINVAL;
    if (result->container_count == result->container_cap) {
        size_t cap = result->container_cap > 0 ? result->container_cap * 2 : 16;
        struct listed_container *grown = mem_grow(&result->root->mem, result->containers, cap * sizeof(*grown));
        if (grown == NULL)
            return ECSENGINE_ENOMEM;
        result->containers = grown;
        result->container_cap = cap;
    }
    int code = set_text(result, &item.id, id, LIMIT_RUNTIME_ID);
    if (code == 0)
        code = set_text(result, &item.runtime_name, runtime_name, LIMIT_RUNTIME_NAME);
    if (code < 0) {
        str_unref(item.id);
        return code;
    }
    result->containers[result->container_count++] = item;
    return 0;
}

int ecsengine_result_add_container_label(ecsengine_result *result, const char *key, const char *value)
{
    static const char prefix[] = "com.amazonaws.ecs.";

    if (result == NULL || result->container_count == 0 || key == NULL || value == NULL)
        return ECSENGINE_EINVAL;
    struct listed_container *last = &result->containers[result->container_count - 1];
    const struct {
        const char *name;
        struct str **slot;
        size_t max;
    } known[] = {{"task-arn", &last->arn, LIMIT_ARN},
                 {"container-name", &last->container_name, LIMIT_NAME},
                 {"task-definition-family", &last->family, LIMIT_NAME},
                 {"task-definition-version", &last->version, LIMIT_NAME}};
    if (strncmp(key, prefix, sizeof(prefix) - 1) != 0)
        return 0;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strcmp(key + sizeof(prefix) - 1, known[i].name) == 0 && value[0] != '\0') {
            int code = set_text(result, known[i].slot, value, known[i].max);
            return code == ECSENGINE_EINVAL ? 0 : code; /* none of ours, then */
        }
    return 0;
}

int ecsengine_result_set_cpus(ecsengine_result *result, int32_t cpus)
{
    if (result == NULL || cpus < 0 || cpus > 1 << 20)
        return ECSENGINE_EINVAL;
    result->cpus = cpus;
    return 0;
}

int ecsengine_result_set_memory_mib(ecsengine_result *result, int64_t memory_mib)
{
    if (result == NULL || memory_mib < 0)
        return ECSENGINE_EINVAL;
    result->memory_mib = memory_mib;
    return 0;
}

int ecsengine_result_add_gpu(ecsengine_result *result, const char *id)
{
    if (result == NULL || id == NULL)
        return ECSENGINE_EINVAL;
    size_t len = strnlen(id, LIMIT_GPU_ID + 1);
    if (!setting_gpu_id_valid(id, len) || (result->gpus != NULL && result->gpus->count == LIMIT_GPUS))
        return ECSENGINE_EINVAL;
    if (result->gpus == NULL)
        result->gpus = mem_zalloc(&result->root->mem, sizeof(*result->gpus));
    if (result->gpus == NULL)
        return ECSENGINE_ENOMEM;
    gpu_list_add(result->gpus, id, len); /* one that is in already is in */
    return 0;
}

int ecsengine_result_set_runtime_version(ecsengine_result *result, const char *version)
{
    return result == NULL ? ECSENGINE_EINVAL : set_text(result, &result->runtime_version, version, LIMIT_RUNTIME_ID);
}

int ecsengine_result_set_exec_id(ecsengine_result *result, const char *id)
{
    return result == NULL || id == NULL || id[0] == '\0' ? ECSENGINE_EINVAL : set_text(result, &result->exec_id, id, LIMIT_EXEC_ID);
}

int ecsengine_result_set_exec_state(ecsengine_result *result, int32_t running, int32_t exit_code, int32_t pid)
{
    if (result == NULL || exit_code < -1 || pid < 0)
        return ECSENGINE_EINVAL;
    result->has_exec = true;
    result->exec_running = running != 0;
    result->exec_code = exit_code;
    result->exec_pid = pid;
    return 0;
}

int ecsengine_result_add_output(ecsengine_result *result, int32_t stream, const void *bytes, size_t len)
{
    if (result == NULL || stream < 1 || stream > 2 || (bytes == NULL && len > 0))
        return ECSENGINE_EINVAL;
    if (result->output == NULL) {
        result->output = mem_zalloc(&result->root->mem, sizeof(*result->output));
        if (result->output == NULL)
            return ECSENGINE_ENOMEM;
        result->output->mem = &result->root->mem;
    }
    return output_add(result->output, (uint8_t)stream, bytes, len);
}

/* It becomes part of a path in JSON. */
static bool is_file_name(const char *name)
{
    for (const char *at = name; at != NULL && *at != '\0'; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f || strchr("/\"\\", *at) != NULL)
            return false;
    return name != NULL && name[0] != '\0';
}

int ecsengine_result_set_agent_version(ecsengine_result *result, const char *version)
{
    return result == NULL || !is_file_name(version) ? ECSENGINE_EINVAL : set_text(result, &result->agent_version, version, LIMIT_NAME);
}

int ecsengine_result_add_agent_file(ecsengine_result *result, const char *name)
{
    if (result == NULL || !is_file_name(name) || result->agent_file_count == LIMIT_AGENT_FILES)
        return ECSENGINE_EINVAL;
    int code = set_text(result, &result->agent_files[result->agent_file_count], name, LIMIT_NAME);
    result->agent_file_count += code == 0;
    return code;
}
