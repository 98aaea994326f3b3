/* SPDX-License-Identifier: Apache-2.0 */
/* The table of keys (task-engine: section 12) and the parsing of its types. */
#include "model/settings.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "base/timefmt.h"
#include "model/limits.h"

enum setting_type { TYPE_TEXT, TYPE_DURATION, TYPE_BOOL, TYPE_COUNT, TYPE_FACT, TYPE_CHOICE, TYPE_SIZE, TYPE_PORTS, TYPE_SEED, TYPE_RANGE, TYPE_GPUS };
enum below_minimum { BELOW_NONE = 0, BELOW_RAISE, BELOW_RESET }; /* what the agent does with a value below its minimum */

#define YEARS (INT64_C(365) * 24 * NS_PER_HOUR)
#define MINUTE NS_PER_MINUTE

struct setting {
    const char *key;
    const char *variable; /* NULL: a key of our own */
    enum setting_type type;
    size_t offset;
    const char *standard; /* the default, as text */
    int64_t min;
    int64_t max;
    enum below_minimum below;
    int64_t agent_min;
    const char *choices; /* CHOICE: words in order of their value, with | between */
    const char *help;
};

#define AT(member) offsetof(struct settings, member)
#define DURATION(key, variable, member, standard, min, below, agent_min, help) \
    {key, variable, TYPE_DURATION, AT(member), standard, min, 10 * YEARS, below, agent_min, NULL, help}

static const struct setting table[] = {
    {"cluster", "ECS_CLUSTER", TYPE_TEXT, AT(cluster), "default", 1, SETTING_TEXT_MAX, BELOW_NONE, 0, NULL,
     "Name of the cluster; a label of every container."},
    DURATION("engine-task-cleanup-wait-duration", "ECS_ENGINE_TASK_CLEANUP_WAIT_DURATION", cleanup_wait_ns, "3h", 0, BELOW_RESET,
             NS_PER_S, "How long a stopped task's containers are kept."),
    DURATION("engine-task-cleanup-wait-duration-jitter", "ECS_ENGINE_TASK_CLEANUP_WAIT_DURATION_JITTER", cleanup_jitter_ns, "0s", 0,
             BELOW_NONE, 0, "Up to so much is added to it, drawn per task."),
    DURATION("container-stop-timeout", "ECS_CONTAINER_STOP_TIMEOUT", stop_timeout_ns, "30s", NS_PER_MS, BELOW_RAISE, NS_PER_S,
             "Time between asking a container to end and killing it, where its definition has no stopTimeout."),
    DURATION("container-start-timeout", "ECS_CONTAINER_START_TIMEOUT", start_timeout_ns, "3m", NS_PER_MS, BELOW_RAISE, 45 * NS_PER_S,
             "Time limit of one start."),
    DURATION("container-create-timeout", "ECS_CONTAINER_CREATE_TIMEOUT", create_timeout_ns, "4m", NS_PER_MS, BELOW_RAISE, MINUTE,
             "Time limit of one create."),
    DURATION("manifest-pull-timeout", "ECS_MANIFEST_PULL_TIMEOUT", manifest_timeout_ns, "1m", NS_PER_MS, BELOW_RAISE, 30 * NS_PER_S,
             "Time limit of finding an image's digest, all tries together."),
    DURATION("image-pull-timeout", "ECS_IMAGE_PULL_TIMEOUT", pull_timeout_ns, "2h", NS_PER_MS, BELOW_NONE, 0,
             "Time limit of one pull, all tries together."),
    DURATION("image-pull-inactivity-timeout", "ECS_IMAGE_PULL_INACTIVITY_TIMEOUT", pull_inactivity_ns, "1m", NS_PER_MS, BELOW_RAISE,
             MINUTE, "A pull that reports nothing for so long is tried again."),
    {"image-pull-behavior", "ECS_IMAGE_PULL_BEHAVIOR", TYPE_CHOICE, AT(pull_behavior), "default", 0, 0, BELOW_NONE, 0,
     "default|always|once|prefer-cached", "When images are pulled, and whether a failed pull stops the task."},
    {"pull-dependent-containers-upfront", "ECS_PULL_DEPENDENT_CONTAINERS_UPFRONT", TYPE_BOOL, AT(pull_upfront), "false", 0, 1,
     BELOW_NONE, 0, NULL, "Pull images before the containers that a container depends on are where they should be."},
    {"image-manifest-resolution", NULL, TYPE_BOOL, AT(manifest_resolution), "true", 0, 1, BELOW_NONE, 0, NULL,
     "Find the image's digest first, pull by it, and report it."},
    {"shared-volume-match-full-config", "ECS_SHARED_VOLUME_MATCH_FULL_CONFIG", TYPE_BOOL, AT(volume_match), "false", 0, 1, BELOW_NONE, 0,
     NULL, "A shared volume that is there already must have the labels and driver options that the task gives it."},
    {"image-pull-parallel", NULL, TYPE_COUNT, AT(pull_parallel), "4", 1, 1000, BELOW_NONE, 0, NULL, "Pulls at once."},
    {"inspect-parallel", NULL, TYPE_COUNT, AT(inspect_parallel), "100", 1, 1000, BELOW_NONE, 0, NULL,
     "Inspections at once where every container is to be looked at: after a restart, or a gap in the event stream."},
    DURATION("steady-state-poll-interval", NULL, poll_interval_ns, "5m", NS_PER_MS, BELOW_NONE, 0,
             "How often containers are looked at though no event came."),
    DURATION("steady-state-poll-interval-jitter", NULL, poll_jitter_ns, "30s", 0, BELOW_NONE, 0, "Up to so much is added to it."),
    DURATION("exec-agent-monitor-interval", NULL, agent_interval_ns, "15m", NS_PER_MS, BELOW_NONE, 0,
             "How often a managed agent is looked at though nothing was heard of it; up to half of it is added."),
    {"exec-agent-supervision", NULL, TYPE_CHOICE, AT(agent_supervision), "scheduled", 0, 0, BELOW_NONE, 0, "scheduled|immediate",
     "Whether a managed agent's end is noticed at the next look alone, and five failed starts are the last; or at once, with further tries."},
    {"exec-agent-dir", NULL, TYPE_TEXT, AT(agent_dir), "/var/lib/ecs/deps/execute-command", 1, SETTING_TEXT_MAX, BELOW_NONE, 0, NULL,
     "Where the exec agent's binaries, certificates and generated configuration are, as the host sees it."},
    {"exec-agent-dir-for-runtime", NULL, TYPE_TEXT, AT(agent_dir_for_runtime), "same", 1, SETTING_TEXT_MAX, BELOW_NONE, 0, NULL,
     "The same directory as the container runtime sees it, or `same`."},
    {"exec-agent-log-dir", NULL, TYPE_TEXT, AT(agent_log_dir), "/var/log/ecs/exec", 1, SETTING_TEXT_MAX, BELOW_NONE, 0, NULL,
     "Where exec agents log: a directory for each task."},
    {"host-cpu", NULL, TYPE_FACT, AT(host_cpu_units), "from-host", 0, INT32_MAX, BELOW_NONE, 0, NULL,
     "CPU units to give out (1024 a core)."},
    {"host-memory", NULL, TYPE_FACT, AT(host_memory_mib), "from-host", 0, INT32_MAX, BELOW_NONE, 0, NULL,
     "Memory to give out, in MiB; from the host's facts less reserved-memory."},
    {"reserved-memory", "ECS_RESERVED_MEMORY", TYPE_COUNT, AT(reserved_memory_mib), "0", 0, UINT16_MAX, BELOW_NONE, 0, NULL,
     "Memory of the host that tasks do not get, in MiB."},
    {"reserved-ports", "ECS_RESERVED_PORTS", TYPE_PORTS, AT(reserved_tcp), "[22,2375,2376,51678,51679]", 1, 65535, BELOW_NONE, 0, NULL,
     "TCP ports of the host that tasks do not get."},
    {"reserved-ports-udp", "ECS_RESERVED_PORTS_UDP", TYPE_PORTS, AT(reserved_udp), "[]", 1, 65535, BELOW_NONE, 0, NULL,
     "UDP ports of the host that tasks do not get."},
    {"admission-policy", NULL, TYPE_CHOICE, AT(admission_policy), "fifo", 0, 0, BELOW_NONE, 0, "fifo|backfill",
     "Whether a task that fits may overtake one that waits for host resources."},
    {"backfill-overtake-limit", NULL, TYPE_COUNT, AT(overtake_limit), "64", 1, 1000000, BELOW_NONE, 0, NULL,
     "How many tasks may overtake a waiting one, with admission-policy=backfill."},
    {"dynamic-host-port-range", "ECS_DYNAMIC_HOST_PORT_RANGE", TYPE_RANGE, AT(dynamic_ports), "49153-65535", 1, 65535, BELOW_NONE, 0,
     NULL, "Where the engine looks for host ports that it chooses itself."},
    {"dynamic-host-ports", NULL, TYPE_CHOICE, AT(port_chooser), "runtime", 0, 0, BELOW_NONE, 0, "runtime|engine",
     "Who chooses the host port of a mapping that names none; of a port range it is always the engine."},
    {"enable-gpu-support", "ECS_ENABLE_GPU_SUPPORT", TYPE_BOOL, AT(gpu_support), "false", 0, 1, BELOW_NONE, 0, NULL,
     "Give out the host's GPUs; without it a task's wish for GPUs has no effect."},
    {"host-gpus", NULL, TYPE_GPUS, AT(gpus), "from-host", 0, LIMIT_GPUS, BELOW_NONE, 0, NULL, "Ids of the GPUs to give out."},
    {"nvidia-runtime", "ECS_NVIDIA_RUNTIME", TYPE_TEXT, AT(nvidia_runtime), "nvidia", 1, SETTING_TEXT_MAX, BELOW_NONE, 0, NULL,
     "The OCI runtime of containers with GPUs."},
    {"exclude-ipv6-portbinding", "ECS_EXCLUDE_IPV6_PORTBINDING", TYPE_BOOL, AT(exclude_ipv6), "true", 0, 1, BELOW_NONE, 0, NULL,
     "Leave network bindings to IPv6 addresses out of events; Docker has one beside each to an IPv4 address."},
    {"instance-ip-compatibility", "ECS_INSTANCE_IP_COMPATIBILITY", TYPE_CHOICE, AT(ipv6_only), "ipv4", 0, 0, BELOW_NONE, 0, "ipv4|ipv6",
     "What the host has: with ipv6 it has no IPv4, and bindings to that are left out of events instead."},
    {"event-ack", NULL, TYPE_CHOICE, AT(event_ack_auto), "explicit", 0, 0, BELOW_NONE, 0, "explicit|auto",
     "Whether the host acknowledges events, or taking one does."},
    {"cleanup-waits-for-ack", NULL, TYPE_BOOL, AT(cleanup_waits_for_ack), "true", 0, 1, BELOW_NONE, 0, NULL,
     "Keep a stopped task until its STOPPED event is acknowledged."},
    {"foreign-containers", NULL, TYPE_CHOICE, AT(foreign), "ignore", 0, 0, BELOW_NONE, 0, "ignore|adopt|stop",
     "What is done with containers that carry this engine's label and that no record knows."},
    {"seed", NULL, TYPE_SEED, AT(seed), "drawn", 0, 0, BELOW_NONE, 0, NULL, "Seed of all random draws, 64 bits."},
    {"task-limit", NULL, TYPE_COUNT, AT(task_limit), "1000000", 1, 1000000, BELOW_NONE, 0, NULL, "Tasks at once."},
    {"container-limit", NULL, TYPE_COUNT, AT(container_limit), "10", 1, LIMIT_CONTAINERS, BELOW_NONE, 0, NULL, "Containers a task."},
    {"payload-limit", NULL, TYPE_SIZE, AT(payload_limit), "64MiB", 1, INT64_C(1) << 30, BELOW_NONE, 0, NULL, "Bytes a document."},
};

enum { TABLE_SIZE = sizeof(table) / sizeof(table[0]) };

const struct setting *setting_at(size_t index) { return index < TABLE_SIZE ? &table[index] : NULL; }
size_t setting_index(const struct setting *setting) { return (size_t)(setting - table); }
const char *setting_key(const struct setting *setting) { return setting->key; }
const char *setting_variable(const struct setting *setting) { return setting->variable != NULL ? setting->variable : ""; }
const char *setting_default(const struct setting *setting) { return setting->standard; }
const char *setting_help(const struct setting *setting) { return setting->help; }

const struct setting *setting_find(const char *key)
{
    for (size_t i = 0; i < TABLE_SIZE; i++)
        if (strcmp(key, table[i].key) == 0 || (table[i].variable != NULL && strcmp(key, table[i].variable) == 0))
            return &table[i];
    return NULL;
}

const char *setting_range(const struct setting *setting)
{
    switch (setting->type) {
    case TYPE_TEXT:
        return "1 to 255 bytes of text";
    case TYPE_DURATION:
        return setting->min == 0 ? "a duration from 0s to 10 years (`90s`, `1h30m`, `250ms`, or seconds)"
                                 : "a duration from 1ms to 10 years (`90s`, `1h30m`, `250ms`, or seconds)";
    case TYPE_BOOL:
        return "true or false";
    case TYPE_CHOICE:
        return setting->choices;
    case TYPE_PORTS:
        return "ports from 1 to 65535, at most 128, as a JSON array or with commas";
    case TYPE_RANGE:
        return "two ports from 1 to 65535 as `first-last`";
    case TYPE_GPUS:
        return "at most 64 different ids of 1 to 95 bytes, as a JSON array or with commas, or `from-host`";
    case TYPE_SEED:
        return "a number of 64 bits, decimal or with 0x, or `drawn`";
    case TYPE_SIZE:
        return "1 byte to 1GiB (`4096`, `64MiB`, `1GiB`)";
    case TYPE_FACT:
        return "a number from 0 to 2147483647, or `from-host`";
    default:
        return setting->max == 1000        ? (setting->offset == AT(container_limit) ? "a number from 1 to 1000, ECS has 10"
                                                                                       : "a number from 1 to 1000")
               : setting->max == UINT16_MAX ? "a number from 0 to 65535"
                                            : "a number from 1 to 1000000";
    }
}

static bool parse_number(const char *text, int64_t *out_value)
{
    int64_t value = 0;

    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++)
        if (*text < '0' || *text > '9' || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, *text - '0', &value))
            return false;
    *out_value = value;
    return true;
}

static bool parse_bool(const char *text, int64_t *out_value)
{
    static const char *const yes[] = {"true", "1", "t", "on", "yes", "enabled"};
    static const char *const no[] = {"false", "0", "f", "off", "no", "disabled"};

    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
        if (ascii_equal(text, yes[i]) || ascii_equal(text, no[i])) {
            *out_value = ascii_equal(text, yes[i]);
            return true;
        }
    }
    return false;
}

static bool parse_size(const char *text, int64_t *out_value)
{
    static const struct {
        const char *unit;
        int64_t bytes;
    } units[] = {{"", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}};
    char digits[24];
    size_t len = strspn(text, "0123456789");

    if (len == 0 || len >= sizeof(digits))
        return false;
    memcpy(digits, text, len);
    digits[len] = '\0';
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (strcmp(text + len, units[i].unit) == 0)
            return parse_number(digits, out_value) && !__builtin_mul_overflow(*out_value, units[i].bytes, out_value);
    return false;
}

static bool parse_choice(const char *choices, const char *text, int64_t *out_value)
{
    size_t len = strlen(text);

    for (int64_t i = 0; *choices != '\0'; i++) {
        size_t word = strcspn(choices, "|");
        if (word == len && memcmp(choices, text, len) == 0) {
            *out_value = i;
            return true;
        }
        choices += word + (choices[word] == '|' ? 1 : 0);
    }
    return false;
}

static bool parse_seed(const char *text, uint64_t *out_value)
{
    uint64_t value = 0, base = 10;

    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        base = 16;
        text += 2;
    }
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        uint64_t digit = *text >= '0' && *text <= '9'   ? (uint64_t)(*text - '0')
                         : *text >= 'a' && *text <= 'f' ? (uint64_t)(*text - 'a' + 10)
                         : *text >= 'A' && *text <= 'F' ? (uint64_t)(*text - 'A' + 10)
                                                        : 16;
        if (digit >= base || __builtin_mul_overflow(value, base, &value) || __builtin_add_overflow(value, digit, &value))
            return false;
    }
    *out_value = value;
    return true;
}

/* `[22, 80]`, `22,80` or nothing. */
static bool parse_ports(const char *text, struct port_list *out_list)
{
    struct port_list list = {0};
    const char *at = text + strspn(text, " ");
    bool bracket = *at == '[';

    at += bracket ? 1 : 0;
    for (at += strspn(at, " "); *at != '\0' && *at != ']';) {
        unsigned port = 0;
        size_t digits = strspn(at, "0123456789");
        if (digits == 0 || digits > 5 || list.count == SETTING_PORTS_MAX)
            return false;
        for (size_t i = 0; i < digits; i++)
            port = port * 10 + (unsigned)(at[i] - '0');
        if (port < 1 || port > 65535)
            return false;
        list.ports[list.count++] = (uint16_t)port;
        at += digits;
        at += strspn(at, " ");
        if (*at != ',')
            break;
        at++;
        at += strspn(at, " ");
        if (*at == '\0' || *at == ']')
            return false;
    }
    if (bracket ? *at != ']' || at[1 + strspn(at + 1, " ")] != '\0' : *at != '\0')
        return false;
    *out_list = list;
    return true;
}

/* `49153-65535`. */
static bool parse_range(const char *text, struct port_range *out_range)
{
    int64_t ports[2] = {0, 0};

    for (size_t i = 0; i < 2; i++) {
        size_t digits = strspn(text, "0123456789");
        if (digits == 0 || digits > 5 || text[digits] != (i == 0 ? '-' : '\0'))
            return false;
        for (size_t j = 0; j < digits; j++)
            ports[i] = ports[i] * 10 + (text[j] - '0');
        text += digits + 1;
    }
    if (ports[0] < 1 || ports[1] > 65535 || ports[0] > ports[1])
        return false;
    *out_range = (struct port_range){.first = (uint16_t)ports[0], .last = (uint16_t)ports[1]};
    return true;
}

bool setting_gpu_id_valid(const char *id, size_t len)
{
    if (len < 1 || len > LIMIT_GPU_ID)
        return false;
    for (size_t i = 0; i < len; i++)
        if (id[i] <= ' ' || id[i] > '~' || id[i] == ',' || id[i] == '"' || id[i] == '\\')
            return false;
    return true;
}

bool gpu_list_has(const struct gpu_list *list, const char *id)
{
    for (uint16_t i = 0; i < list->count; i++)
        if (strcmp(list->ids[i], id) == 0)
            return true;
    return false;
}

bool gpu_list_add(struct gpu_list *list, const char *id, size_t len)
{
    char text[LIMIT_GPU_ID + 1];

    if (!setting_gpu_id_valid(id, len) || list->count == LIMIT_GPUS)
        return false;
    memcpy(text, id, len);
    text[len] = '\0';
    if (gpu_list_has(list, text))
        return false;
    memcpy(list->ids[list->count++], text, len + 1);
    return true;
}

/* `["GPU-1","GPU-2"]`, `GPU-1,GPU-2` or nothing. */
static bool parse_gpus(const char *text, struct gpu_list *out_list)
{
    struct gpu_list list = {0};
    size_t len = strlen(text);
    bool bracket = len >= 2 && text[0] == '[' && text[len - 1] == ']';
    const char *at = text + (bracket ? 1 : 0), *end = text + len - (bracket ? 1 : 0);

    while (at < end && *at == ' ')
        at++;
    while (at < end) {
        const char *comma = memchr(at, ',', (size_t)(end - at)), *stop = comma != NULL ? comma : end;
        const char *next = comma != NULL ? comma + 1 : end;
        while (at < stop && *at == ' ')
            at++;
        while (stop > at && stop[-1] == ' ')
            stop--;
        if (bracket && (stop - at < 2 || *at != '"' || stop[-1] != '"'))
            return false;
        if (!gpu_list_add(&list, at + (bracket ? 1 : 0), (size_t)(stop - at) - (bracket ? 2 : 0)) || (comma != NULL && next == end))
            return false;
        at = next;
    }
    *out_list = list;
    return true;
}

static bool parse_fact(const char *text, int64_t *out_value)
{
    if (strcmp(text, "from-host") == 0) {
        *out_value = -1;
        return true;
    }
    return parse_number(text, out_value);
}

/* Types that end up in an int64_t. */
static bool parse_integer(const struct setting *setting, const char *text, int64_t *out_value)
{
    switch (setting->type) {
    case TYPE_DURATION:
        return duration_parse(text, out_value);
    case TYPE_BOOL:
        return parse_bool(text, out_value);
    case TYPE_CHOICE:
        return parse_choice(setting->choices, text, out_value);
    case TYPE_SIZE:
        return parse_size(text, out_value);
    case TYPE_FACT:
        return parse_fact(text, out_value);
    default:
        return parse_number(text, out_value);
    }
}

static bool in_range(const struct setting *setting, int64_t value)
{
    if (setting->type == TYPE_CHOICE || (setting->type == TYPE_FACT && value == -1))
        return true;
    return value >= setting->min && value <= setting->max;
}

static bool set_value(struct settings *settings, const struct setting *setting, const char *text)
{
    char *place = (char *)settings + setting->offset;
    int64_t value;

    switch (setting->type) {
    case TYPE_TEXT: {
        size_t len = strlen(text);
        if (len < 1 || len > SETTING_TEXT_MAX || !utf8_valid(text, len))
            return false;
        memcpy(place, text, len + 1);
        return true;
    }
    case TYPE_PORTS:
        return parse_ports(text, (struct port_list *)place);
    case TYPE_RANGE:
        return parse_range(text, (struct port_range *)place);
    case TYPE_GPUS:
        if (strcmp(text, "from-host") != 0) {
            settings->has_gpus = 1;
            return parse_gpus(text, &settings->gpus);
        }
        settings->has_gpus = 0;
        settings->gpus.count = 0;
        return true;
    case TYPE_SEED:
        settings->has_seed = strcmp(text, "drawn") != 0;
        if (settings->has_seed == 0) {
            settings->seed = 0;
            return true;
        }
        return parse_seed(text, &settings->seed);
    default:
        if (!parse_integer(setting, text, &value) || !in_range(setting, value))
            return false;
        memcpy(place, &value, sizeof(value));
        return true;
    }
}

int setting_set(struct settings *settings, const struct setting *setting, const char *value, struct ecsengine_error **error)
{
    struct settings changed = *settings;

    if (!set_value(&changed, setting, value))
        return error_set(error, ECSENGINE_EINVAL, "%s: `%.80s` is not %s", setting->key, value, setting_range(setting));
    *settings = changed;
    return 0;
}

void setting_copy(struct settings *settings, const struct setting *setting, const struct settings *from)
{
    char *to = (char *)settings + setting->offset;
    const char *place = (const char *)from + setting->offset;

    switch (setting->type) {
    case TYPE_TEXT:
        memcpy(to, place, SETTING_TEXT_MAX + 1);
        return;
    case TYPE_PORTS:
        memcpy(to, place, sizeof(struct port_list));
        return;
    case TYPE_RANGE:
        memcpy(to, place, sizeof(struct port_range));
        return;
    case TYPE_GPUS:
        settings->has_gpus = from->has_gpus;
        settings->gpus = from->gpus;
        return;
    case TYPE_SEED:
        settings->has_seed = from->has_seed;
        settings->seed = from->seed;
        return;
    default:
        memcpy(to, place, sizeof(int64_t));
        return;
    }
}

void settings_init(struct settings *settings)
{
    memset(settings, 0, sizeof(*settings));
    for (size_t i = 0; i < TABLE_SIZE; i++)
        set_value(settings, &table[i], table[i].standard);
}

bool setting_set_forgiving(struct settings *settings, const struct setting *setting, const char *value,
                           void (*warn)(const char *text, void *user_data), void *user_data)
{
    char text[512];
    int64_t number = 0;

    if (value[0] == '\0' || !set_value(settings, setting, value)) {
        snprintf(text, sizeof(text), "%s: `%.80s` is not %s; the default %s is used", setting->variable, value,
                 setting_range(setting), setting->standard);
        if (warn != NULL)
            warn(text, user_data);
        return false;
    }
    if (setting->below == BELOW_NONE)
        return true;
    memcpy(&number, (char *)settings + setting->offset, sizeof(number));
    if (number >= setting->agent_min)
        return true;
    char minimum[DURATION_TEXT_MAX];
    duration_format(setting->agent_min, minimum);
    if (setting->below == BELOW_RESET)
        set_value(settings, setting, setting->standard);
    else
        memcpy((char *)settings + setting->offset, &setting->agent_min, sizeof(number));
    snprintf(text, sizeof(text), "%s: `%.80s` is below the agent's minimum of %s; %s is used", setting->variable, value, minimum,
             setting->below == BELOW_RESET ? setting->standard : minimum);
    if (warn != NULL)
        warn(text, user_data);
    return true;
}

static void print_ports(const struct port_list *list, struct buf *out)
{
    buf_puts(out, "[");
    for (uint16_t i = 0; i < list->count; i++)
        buf_printf(out, "%s%u", i > 0 ? "," : "", list->ports[i]);
    buf_puts(out, "]");
}

static void print_gpus(const struct gpu_list *list, struct buf *out)
{
    buf_puts(out, "[");
    for (uint16_t i = 0; i < list->count; i++)
        buf_printf(out, "%s\"%s\"", i > 0 ? "," : "", list->ids[i]);
    buf_puts(out, "]");
}

static void print_choice(const char *choices, int64_t value, struct buf *out)
{
    for (; value > 0; value--)
        choices += strcspn(choices, "|") + 1;
    buf_put(out, choices, strcspn(choices, "|"));
}

void setting_print(const struct settings *settings, const struct setting *setting, struct buf *out)
{
    const char *place = (const char *)settings + setting->offset;
    char duration[DURATION_TEXT_MAX];
    int64_t value = 0;

    if (setting->type != TYPE_TEXT && setting->type != TYPE_PORTS && setting->type != TYPE_RANGE && setting->type != TYPE_GPUS)
        memcpy(&value, place, sizeof(value));
    switch (setting->type) {
    case TYPE_TEXT:
        buf_puts(out, place);
        break;
    case TYPE_PORTS:
        print_ports((const struct port_list *)place, out);
        break;
    case TYPE_RANGE:
        buf_printf(out, "%u-%u", settings->dynamic_ports.first, settings->dynamic_ports.last);
        break;
    case TYPE_GPUS:
        if (settings->has_gpus != 0)
            print_gpus(&settings->gpus, out);
        else
            buf_puts(out, "from-host");
        break;
    case TYPE_SEED:
        if (settings->has_seed != 0)
            buf_printf(out, "%llu", (unsigned long long)settings->seed);
        else
            buf_puts(out, "drawn");
        break;
    case TYPE_DURATION:
        duration_format(value, duration);
        buf_puts(out, duration);
        break;
    case TYPE_BOOL:
        buf_puts(out, value != 0 ? "true" : "false");
        break;
    case TYPE_CHOICE:
        print_choice(setting->choices, value, out);
        break;
    case TYPE_FACT:
        if (value < 0) {
            buf_puts(out, "from-host");
            break;
        }
        /* fall through */
    default:
        buf_printf(out, "%lld", (long long)value);
        break;
    }
}
