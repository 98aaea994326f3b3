/* SPDX-License-Identifier: Apache-2.0 */
/* The script: one line of words `key=value` becomes one rule. Every word stands in one table with its type, the kinds of lines that it
 * may stand in and its place in the rule; whatever is not understood to the last letter is refused with its name. A test that lies in
 * wait for a fault which never comes because of a slip of the pen is worse than none. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "rules.h"
#include "schedule.h"

enum type { TEXT, DURATION, COUNT, PERCENT, EXIT_CODE, YES_NO, OP_KIND, EVENT_KIND, FAULT, FAILURE, TERM };

#define FILTERED (SIM_RULE_OP | SIM_RULE_EVENT | SIM_RULE_CONTAINER)
#define BEHAVES (SIM_RULE_CONTAINER | SIM_RULE_LABEL)
#define PLACE(member) offsetof(struct sim_rule, member)

static const struct word {
    const char *name;
    enum type type;
    int lines; /* of enum sim_rule_kind */
    size_t place;
    uint32_t trait;
} words[] = {
    {"op", OP_KIND, SIM_RULE_OP, PLACE(op), 0},
    {"event", EVENT_KIND, SIM_RULE_EVENT, PLACE(event), 0},
    {"container", TEXT, FILTERED, PLACE(container), 0},
    {"task", TEXT, FILTERED, PLACE(task), 0},
    {"image", TEXT, SIM_RULE_OP | SIM_RULE_IMAGE, PLACE(image), 0},
    {"nth", COUNT, FILTERED, PLACE(nth), 0},
    {"times", COUNT, FILTERED, PLACE(times), 0},
    {"chance", PERCENT, FILTERED, PLACE(chance), 0},
    {"fault", FAULT, SIM_RULE_OP | SIM_RULE_EVENT, PLACE(fault), 0},
    {"failure", FAILURE, SIM_RULE_OP, PLACE(failure), 0},
    {"text", TEXT, SIM_RULE_OP, PLACE(text), 0},
    {"error-name", TEXT, SIM_RULE_OP, PLACE(error_name), 0},
    {"delay", DURATION, SIM_RULE_OP | SIM_RULE_EVENT, PLACE(delay_ns), 0},
    {"answer-delay", DURATION, SIM_RULE_OP, PLACE(answer_delay_ns), 0},
    {"progress", YES_NO, SIM_RULE_OP, PLACE(progress), 0},
    {"run", DURATION, BEHAVES, PLACE(behaviour.run_ns), SIM_TRAIT_RUN},
    {"exit", EXIT_CODE, BEHAVES, PLACE(behaviour.exit_code), SIM_TRAIT_EXIT},
    {"oom", YES_NO, BEHAVES, PLACE(behaviour.oom), SIM_TRAIT_OOM},
    {"healthy-after", DURATION, BEHAVES, PLACE(behaviour.healthy_after_ns), SIM_TRAIT_HEALTHY},
    {"unhealthy-after", DURATION, BEHAVES, PLACE(behaviour.unhealthy_after_ns), SIM_TRAIT_UNHEALTHY},
    {"ignore-term", TERM, BEHAVES, PLACE(behaviour.stop_after_ns), SIM_TRAIT_STOP_AFTER},
    {"stop-after", DURATION, BEHAVES, PLACE(behaviour.stop_after_ns), SIM_TRAIT_STOP_AFTER},
    {"stop-exit", EXIT_CODE, BEHAVES, PLACE(behaviour.stop_exit), SIM_TRAIT_STOP_EXIT},
    {"exec-run", DURATION, BEHAVES, PLACE(behaviour.exec_run_ns), SIM_TRAIT_EXEC_RUN},
    {"exec-exit", EXIT_CODE, BEHAVES, PLACE(behaviour.exec_exit), SIM_TRAIT_EXEC_EXIT},
    {"exec-times", COUNT, BEHAVES, PLACE(behaviour.exec_times), SIM_TRAIT_EXEC_TIMES},
    {"missing", YES_NO, SIM_RULE_IMAGE, PLACE(missing), 0},
    {"local", YES_NO, SIM_RULE_IMAGE, PLACE(local), 0},
    {"cpus", COUNT, SIM_RULE_HOST, PLACE(cpus), 0},
    {"memory-mib", COUNT, SIM_RULE_HOST, PLACE(memory_mib), 0},
    {"version", TEXT, SIM_RULE_HOST, PLACE(version), 0},
    {"records", YES_NO, SIM_RULE_HOST, PLACE(records), 0},
    {"start-times", YES_NO, SIM_RULE_HOST, PLACE(start_times), 0},
};

#define WORD_COUNT (sizeof(words) / sizeof(words[0]))
_Static_assert(WORD_COUNT <= 64, "a word is a bit of a uint64_t");

struct choice {
    const char *name;
    int32_t value;
};

static const struct choice events[] = {
    {"any", -1},
    {"create", ECSENGINE_RUNTIME_EVENT_CREATE},
    {"start", ECSENGINE_RUNTIME_EVENT_START},
    {"die", ECSENGINE_RUNTIME_EVENT_DIE},
    {"stop", ECSENGINE_RUNTIME_EVENT_STOP},
    {"oom", ECSENGINE_RUNTIME_EVENT_OOM},
    {"healthy", ECSENGINE_RUNTIME_EVENT_HEALTHY},
    {"unhealthy", ECSENGINE_RUNTIME_EVENT_UNHEALTHY},
    {"destroy", ECSENGINE_RUNTIME_EVENT_DESTROY},
    {"exec-die", ECSENGINE_RUNTIME_EVENT_EXEC_DIE},
    {NULL, 0},
};

static const struct choice op_faults[] = {
    {"none", SIM_FAULT_NONE},
    {"error", SIM_FAULT_ERROR},
    {"lost", SIM_FAULT_LOST},
    {"hang", SIM_FAULT_HANG},
    {"late", SIM_FAULT_LATE},
    {"double", SIM_FAULT_DOUBLE},
    {NULL, 0},
};

static const struct choice event_faults[] = {
    {"none", SIM_FAULT_NONE}, {"drop", SIM_FAULT_DROP},       {"double", SIM_FAULT_DOUBLE},
    {"late", SIM_FAULT_LATE}, {"reorder", SIM_FAULT_REORDER}, {NULL, 0},
};

static const struct choice failures[] = {
    {"other", ECSENGINE_FAILURE_OTHER},
    {"not-found", ECSENGINE_FAILURE_NOT_FOUND},
    {"conflict", ECSENGINE_FAILURE_CONFLICT},
    {"unreachable", ECSENGINE_FAILURE_UNREACHABLE},
    {"unsupported", ECSENGINE_FAILURE_UNSUPPORTED},
    {NULL, 0},
};

static const struct choice yes_no[] = {{"true", 1}, {"false", 0}, {NULL, 0}};

static const struct word *word_named(const char *name)
{
    for (size_t i = 0; i < WORD_COUNT; i++) {
        if (strcmp(words[i].name, name) == 0)
            return &words[i];
    }
    return NULL;
}

static bool choose(const struct choice *choices, const char *text, int32_t *out_value)
{
    for (; choices->name != NULL; choices++) {
        if (strcmp(choices->name, text) == 0) {
            *out_value = choices->value;
            return true;
        }
    }
    return false;
}

/* The kinds of operations are named by the library itself, so that a new one needs no new name here. */
static bool choose_op(const char *text, int32_t *out_value)
{
    if (strcmp(text, "any") == 0) {
        *out_value = -1;
        return true;
    }
    for (int32_t kind = ECSENGINE_OP_INFO; kind < 32; kind++) {
        if (strcmp(ecsengine_op_kind_name((enum ecsengine_op_kind)kind), text) == 0) {
            *out_value = kind;
            return true;
        }
    }
    return false;
}

/* A decimal number without sign, at most `maximum`. */
static bool number(const char *text, int64_t maximum, int64_t *out_value)
{
    int64_t value = 0;

    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9' || value > (maximum - (*text - '0')) / 10)
            return false;
        value = 10 * value + (*text - '0');
    }
    *out_value = value;
    return true;
}

#define SECOND INT64_C(1000000000)
#define DURATION_MAX (INT64_C(10) * 366 * 24 * 3600 * SECOND)

static const struct unit {
    const char *name;
    int64_t ns;
} units[] = {{"h", 3600 * SECOND}, {"ms", SECOND / 1000}, {"m", 60 * SECOND}, {"s", SECOND}, {"us", 1000}, {"ns", 1}};

static int64_t unit_taken(const char **text)
{
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        size_t len = strlen(units[i].name);
        if (strncmp(*text, units[i].name, len) == 0) {
            *text += len;
            return units[i].ns;
        }
    }
    return -1;
}

/* One number with its unit; a number alone, if it is all there is, means seconds. */
static int64_t part_taken(const char **text, bool first)
{
    int64_t whole = 0, part = 0, scale = 1;
    const char *at = *text;

    for (; *at >= '0' && *at <= '9'; at++) {
        if (whole > DURATION_MAX / 10)
            return -1;
        whole = 10 * whole + (*at - '0');
    }
    if (at == *text)
        return -1;
    if (*at == '.') {
        for (at++; *at >= '0' && *at <= '9' && scale < SECOND; at++, scale *= 10)
            part = 10 * part + (*at - '0');
        if (scale == 1)
            return -1;
    }
    int64_t unit = first && *at == '\0' ? SECOND : unit_taken(&at);
    if (unit < 0 || whole > DURATION_MAX / unit)
        return -1;
    *text = at;
    return whole * unit + (unit >= scale ? part * (unit / scale) : part * unit / scale);
}

int64_t sim_duration_parse(const char *text)
{
    int64_t total = 0;

    if (strcmp(text, "never") == 0)
        return SIM_NEVER;
    for (const char *at = text; at == text || *at != '\0';) {
        int64_t part = part_taken(&at, at == text);
        if (part < 0 || part > DURATION_MAX - total)
            return -1;
        total += part;
    }
    return total;
}

static void store32(struct sim_rule *rule, const struct word *word, int32_t value)
{
    memcpy((char *)rule + word->place, &value, sizeof(value));
}

static void store64(struct sim_rule *rule, const struct word *word, int64_t value)
{
    memcpy((char *)rule + word->place, &value, sizeof(value));
}

/* What a number may be, by the word: the CPUs are the one count that has 32 bits in the rule. */
static bool set_number(struct sim_rule *rule, const struct word *word, const char *value)
{
    static const int64_t maxima[] = {[COUNT] = INT32_MAX, [PERCENT] = 100, [EXIT_CODE] = 255};
    int64_t n;

    if (!number(value, maxima[word->type], &n) || (word->type == COUNT && n == 0))
        return false;
    if (word->type == COUNT && word->place != PLACE(cpus))
        store64(rule, word, n);
    else
        store32(rule, word, (int32_t)n);
    return true;
}

static bool set_duration(struct sim_rule *rule, const struct word *word, const char *value)
{
    int64_t ns = sim_duration_parse(value);
    int32_t ignores;

    if (word->type == TERM) {
        if (!choose(yes_no, value, &ignores))
            return false;
        ns = ignores ? SIM_NEVER : 0;
    }
    if (ns < 0 || (ns == SIM_NEVER && word->trait == 0)) /* an operation that never ends is a fault of its own: hang */
        return false;
    store64(rule, word, ns);
    return true;
}

static bool set_choice(struct sim_rule *rule, const struct word *word, const char *value)
{
    const struct choice *faults = rule->kind == SIM_RULE_OP ? op_faults : event_faults;
    int32_t n;
    bool known = word->type == OP_KIND      ? choose_op(value, &n)
                 : word->type == EVENT_KIND ? choose(events, value, &n)
                 : word->type == FAULT      ? choose(faults, value, &n)
                 : word->type == FAILURE    ? choose(failures, value, &n)
                                            : choose(yes_no, value, &n);

    if (known)
        store32(rule, word, n);
    return known;
}

_Static_assert(sizeof(enum sim_fault) == 4 && sizeof(enum ecsengine_failure) == 4, "enums are stored as 32 bits");

static bool set_word(struct sim_rule *rule, const struct word *word, const char *value)
{
    rule->behaviour.given |= word->trait;
    switch (word->type) {
    case TEXT:
        memcpy((char *)rule + word->place, &value, sizeof(value));
        return *value != '\0';
    case DURATION:
    case TERM:
        return set_duration(rule, word, value);
    case COUNT:
    case PERCENT:
    case EXIT_CODE:
        return set_number(rule, word, value);
    default:
        return set_choice(rule, word, value);
    }
}

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/* Cuts the next word off a line, in place: `key=value` or `key="value"`. 1: there was one; 0: the line is at its end. */
static int cut_word(char **line, char **out_key, char **out_value, ecsengine_error **error)
{
    char *at = *line;

    while (is_blank(*at))
        at++;
    if (*at == '\0' || *at == '#')
        return 0;
    *out_key = at;
    while (*at != '\0' && *at != '=' && !is_blank(*at))
        at++;
    if (*at != '=') {
        *at = '\0';
        return sim_fail(error, ECSENGINE_EINVAL, "the script's word `%.64s` has no value", *out_key);
    }
    *at++ = '\0';
    bool quoted = *at == '"';
    char *to = *out_value = at += quoted;
    while (*at != '\0' && (quoted ? *at != '"' : !is_blank(*at))) {
        if (quoted && *at == '\\' && (at[1] == '"' || at[1] == '\\'))
            at++;
        *to++ = *at++;
    }
    if (quoted && (*at != '"' || (at[1] != '\0' && !is_blank(at[1]))))
        return sim_fail(error, ECSENGINE_EINVAL, "the quotes of the script's word `%.64s` are not closed", *out_key);
    *line = *at != '\0' ? at + 1 : at;
    *to = '\0';
    return 1;
}

struct pair {
    const struct word *word;
    char *value;
};

/* All words of a line, in order; each at most once. The number of words, or an error. */
static int cut_line(char *line, struct pair pairs[WORD_COUNT], ecsengine_error **error)
{
    int count = 0, rc;
    uint64_t seen = 0;
    char *key = NULL, *value = NULL;

    while ((rc = cut_word(&line, &key, &value, error)) > 0) {
        const struct word *word = word_named(key);
        if (word == NULL)
            return sim_fail(error, ECSENGINE_EINVAL, "the script knows no word `%.64s`", key);
        uint64_t bit = UINT64_C(1) << (word - words);
        if (seen & bit)
            return sim_fail(error, ECSENGINE_EINVAL, "the script's word `%s` stands there twice", key);
        seen |= bit;
        pairs[count++] = (struct pair){word, value};
    }
    return rc < 0 ? rc : count;
}

/* What a line is about: its word that no other kind of line has. */
static enum sim_rule_kind line_kind(const struct pair *pairs, int count)
{
    int lines = 0;

    for (int i = 0; i < count; i++)
        lines |= pairs[i].word->lines;
    for (int i = 0; i < count; i++) {
        if (pairs[i].word->type == OP_KIND || pairs[i].word->type == EVENT_KIND)
            return (enum sim_rule_kind)pairs[i].word->lines;
    }
    if (lines & SIM_RULE_IMAGE)
        return SIM_RULE_IMAGE;
    return lines & SIM_RULE_HOST ? SIM_RULE_HOST : SIM_RULE_CONTAINER;
}

static int set_words(struct sim_rule *rule, const struct pair *pairs, int count, ecsengine_error **error)
{
    static const char *const kinds[] = {"op=", "event=", "container=", "image=", "the host", "a label"};

    for (int i = 0; i < count; i++) {
        const char *name = pairs[i].word->name;
        if ((pairs[i].word->lines & (int)rule->kind) == 0)
            return sim_fail(error, ECSENGINE_EINVAL, "the script's word `%s` does not go with %s", name,
                            kinds[__builtin_ctz(rule->kind)]);
        if (pairs[i].word->trait & rule->behaviour.given)
            return sim_fail(error, ECSENGINE_EINVAL, "the script's word `%s` says again what another one says", name);
        if (!set_word(rule, pairs[i].word, pairs[i].value))
            return sim_fail(error, ECSENGINE_EINVAL, "the script's word `%s` cannot be `%.64s`", name, pairs[i].value);
    }
    return 0;
}

/* Words that need another one, and lines that say nothing. */
static int check_rule(const struct sim_rule *rule, ecsengine_error **error)
{
    bool fails = rule->fault == SIM_FAULT_ERROR, texts = fails || rule->fault == SIM_FAULT_LOST;
    bool plain = rule->fault == SIM_FAULT_UNSAID || rule->fault == SIM_FAULT_NONE;
    bool waits = plain || rule->fault == SIM_FAULT_LATE || rule->fault == SIM_FAULT_REORDER;
    bool silent = rule->fault == SIM_FAULT_UNSAID && rule->delay_ns < 0 && rule->answer_delay_ns < 0 && rule->progress < 0;
    const char *wrong = NULL;

    if (rule->error_name != NULL && !fails)
        wrong = "the script's word `error-name` needs `fault=error`";
    if (rule->failure != 0 && !fails && rule->fault != SIM_FAULT_LOST)
        wrong = "the script's word `failure` needs `fault=error` or `fault=lost`";
    else if (rule->text != NULL && !texts)
        wrong = "the script's word `text` needs `fault=error` or `fault=lost`";
    else if (silent && (rule->kind == SIM_RULE_OP || rule->kind == SIM_RULE_EVENT))
        wrong = "the script's line does not say what happens (`fault`, `delay`)";
    else if (rule->kind == SIM_RULE_EVENT && rule->delay_ns >= 0 && !waits)
        wrong = "the script's word `delay` does not go with this `fault` of an event";
    else if ((rule->delay_ns >= 0 || rule->answer_delay_ns >= 0) && rule->fault == SIM_FAULT_HANG)
        wrong = "the script's word `delay` does not go with `fault=hang`";
    else if (rule->kind == SIM_RULE_IMAGE && (rule->image == NULL || (rule->missing < 0 && rule->local < 0)))
        wrong = "the script's word `image` needs `missing` or `local`, or `op`; and they need `image`";
    else if (rule->kind == SIM_RULE_CONTAINER && rule->behaviour.given == 0)
        wrong = "the script's line does not say what the container does (`run`, `exit`, `healthy-after` ...)";
    return wrong != NULL ? sim_fail(error, ECSENGINE_EINVAL, "%s", wrong) : 0;
}

static const struct sim_rule blank = {
    .op = -1,
    .event = -1,
    .chance = -1,
    .delay_ns = -1,
    .answer_delay_ns = -1,
    .progress = -1,
    .missing = -1,
    .local = -1,
    .records = -1,
    .start_times = -1,
    .cpus = -1,
    .memory_mib = -1,
};

static int parse(const char *line, enum sim_rule_kind kind, struct sim_rule *out_rule, ecsengine_error **error)
{
    struct pair pairs[WORD_COUNT];
    struct sim_rule rule = blank;

    rule.line = strdup(line);
    if (rule.line == NULL)
        return sim_fail(error, ECSENGINE_ENOMEM, "out of memory");
    int rc = cut_line(rule.line, pairs, error);
    if (rc > 0) {
        rule.kind = kind != SIM_RULE_NONE ? kind : line_kind(pairs, rc);
        rc = set_words(&rule, pairs, rc, error);
    }
    if (rc >= 0 && rule.kind != SIM_RULE_NONE && kind == SIM_RULE_NONE)
        rc = check_rule(&rule, error);
    if (rc < 0 || rule.kind == SIM_RULE_NONE) {
        sim_rule_free(&rule);
        rule.kind = SIM_RULE_NONE;
    }
    if (rc >= 0)
        *out_rule = rule;
    return rc < 0 ? rc : 0;
}

int sim_rule_parse(const char *line, struct sim_rule *out_rule, ecsengine_error **error)
{
    return parse(line, SIM_RULE_NONE, out_rule, error);
}

int sim_rule_parse_label(const char *line, struct sim_behaviour *out_behaviour, ecsengine_error **error)
{
    struct sim_rule rule;
    int rc = parse(line, SIM_RULE_LABEL, &rule, error);

    if (rc == 0) {
        *out_behaviour = rule.behaviour;
        sim_rule_free(&rule);
    }
    return rc;
}
