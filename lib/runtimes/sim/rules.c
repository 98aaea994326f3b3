/* SPDX-License-Identifier: Apache-2.0 */
/* Which rule applies. The list is walked from its end; the first rule that fits, whose turn it is, and whom luck favours is it.
 *
 * `nth` and `times` count what a rule gets to see: what a later rule took is not counted. Chances are drawn from a stream of the rule
 * and the container, so that one container more, or one operation more of another, changes nothing for the rest. */
#include "rules.h"

#include <stdlib.h>
#include <string.h>

#include "ecsengine/error.h"
#include "prng.h"
#include "schedule.h"

void sim_rule_free(struct sim_rule *rule)
{
    sim_table_free(&rule->draws);
    free(rule->line);
    *rule = (struct sim_rule){0};
}

void sim_rules_free(struct sim_rules *rules)
{
    for (size_t i = 0; i < rules->count; i++)
        sim_rule_free(&rules->list[i]);
    free(rules->list);
    *rules = (struct sim_rules){0};
}

static uint32_t kind_bit(int32_t kind) { return kind < 0 ? UINT32_MAX : UINT32_C(1) << kind; }

int sim_rules_add(struct sim_rules *rules, struct sim_rule *rule)
{
    if (rules->count == rules->size) {
        size_t size = rules->size > 0 ? 2 * rules->size : 8;
        struct sim_rule *list = realloc(rules->list, size * sizeof(*list));
        if (list == NULL)
            return ECSENGINE_ENOMEM;
        rules->list = list;
        rules->size = size;
    }
    if (rule->kind == SIM_RULE_OP)
        rules->ops |= kind_bit(rule->op);
    if (rule->kind == SIM_RULE_EVENT)
        rules->events |= kind_bit(rule->event);
    rules->containers |= rule->kind == SIM_RULE_CONTAINER;
    rules->list[rules->count++] = *rule;
    return 0;
}

/* `task=` is the ARN, or what follows its last slash. */
static bool is_task(const char *wanted, const char *arn)
{
    const char *slash = strrchr(arn, '/');

    return strcmp(wanted, arn) == 0 || (slash != NULL && strcmp(wanted, slash + 1) == 0);
}

static bool fits(const struct sim_rule *rule, const struct sim_target *target)
{
    return (rule->container == NULL || strcmp(rule->container, target->container) == 0) &&
           (rule->task == NULL || is_task(rule->task, target->task)) &&
           (rule->image == NULL || strcmp(rule->image, target->image) == 0);
}

static bool its_turn(struct sim_rule *rule)
{
    uint64_t first = rule->nth > 0 ? (uint64_t)rule->nth : 1;
    uint64_t times = rule->times > 0 ? (uint64_t)rule->times : rule->nth > 0 ? 1 : UINT64_MAX;

    rule->seen++;
    return rule->seen >= first && rule->seen - first < times;
}

static bool lucky(struct sim_rule *rule, size_t index, uint64_t seed, uint64_t who)
{
    if (rule->chance < 0)
        return true;
    struct sim_slot *slot = sim_table_find(&rule->draws, who, NULL, NULL);
    if (slot == NULL && sim_table_reserve(&rule->draws) == 0)
        slot = sim_table_add(&rule->draws, who);
    uint64_t n = slot != NULL ? slot->count++ : 0; /* without memory: the same draw again */
    return (int32_t)(sim_draw(seed, who, index + 1, n) % 100) < rule->chance;
}

static bool applies(struct sim_rules *rules, size_t index, uint64_t seed, const struct sim_target *target)
{
    struct sim_rule *rule = &rules->list[index];

    return fits(rule, target) && its_turn(rule) && lucky(rule, index, seed, target->who);
}

const struct sim_rule *sim_rules_for_op(struct sim_rules *rules, uint64_t seed, enum ecsengine_op_kind kind,
                                        const struct sim_target *target)
{
    if (kind < 0 || kind > 31 || (rules->ops & kind_bit((int32_t)kind)) == 0)
        return NULL;
    for (size_t i = rules->count; i-- > 0;) {
        const struct sim_rule *rule = &rules->list[i];
        if (rule->kind == SIM_RULE_OP && (rule->op < 0 || rule->op == (int32_t)kind) && applies(rules, i, seed, target))
            return rule;
    }
    return NULL;
}

const struct sim_rule *sim_rules_for_event(struct sim_rules *rules, uint64_t seed, enum ecsengine_runtime_event_kind kind,
                                           const struct sim_target *target)
{
    if ((rules->events & kind_bit((int32_t)kind)) == 0)
        return NULL;
    for (size_t i = rules->count; i-- > 0;) {
        const struct sim_rule *rule = &rules->list[i];
        if (rule->kind == SIM_RULE_EVENT && (rule->event < 0 || rule->event == (int32_t)kind) && applies(rules, i, seed, target))
            return rule;
    }
    return NULL;
}

void sim_rules_for_start(struct sim_rules *rules, uint64_t seed, const struct sim_target *target, struct sim_behaviour *into)
{
    if (!rules->containers)
        return;
    for (size_t i = rules->count; i-- > 0;) {
        if (rules->list[i].kind == SIM_RULE_CONTAINER && applies(rules, i, seed, target))
            sim_behaviour_add(into, &rules->list[i].behaviour);
    }
}

void sim_behaviour_add(struct sim_behaviour *into, const struct sim_behaviour *from)
{
    uint32_t new = from->given & ~into->given;

    if (new &SIM_TRAIT_RUN)
        into->run_ns = from->run_ns;
    if (new &SIM_TRAIT_EXIT)
        into->exit_code = from->exit_code;
    if (new &SIM_TRAIT_OOM)
        into->oom = from->oom;
    if (new &SIM_TRAIT_HEALTHY)
        into->healthy_after_ns = from->healthy_after_ns;
    if (new &SIM_TRAIT_UNHEALTHY)
        into->unhealthy_after_ns = from->unhealthy_after_ns;
    if (new &SIM_TRAIT_STOP_AFTER)
        into->stop_after_ns = from->stop_after_ns;
    if (new &SIM_TRAIT_STOP_EXIT)
        into->stop_exit = from->stop_exit;
    if (new &SIM_TRAIT_EXEC_RUN)
        into->exec_run_ns = from->exec_run_ns;
    if (new &SIM_TRAIT_EXEC_EXIT)
        into->exec_exit = from->exec_exit;
    if (new &SIM_TRAIT_EXEC_TIMES)
        into->exec_times = from->exec_times;
    into->given |= new;
}
