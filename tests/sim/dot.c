/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar: digraph ID { statement* }, where a statement is `ID = ID ;`, `node [..] ;`, `ID [..] ;`, `ID -> ID [..] ;` or
 * `subgraph ID { statement* }`. An ID is a word, a whole number, or a quoted string in which `\` takes the next character with it. */
#include "dot.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NODES_MAX = 10000, DEPTH_MAX = 4 };

struct dot {
    const char *start, *at;
    char word[8192];
    bool quoted;
    char **nodes;
    struct dot_counts counts;
    char (*edges)[2][64];
    size_t edge_count;
    const char *why;
};

static void skip(struct dot *dot)
{
    while (isspace((unsigned char)*dot->at))
        dot->at++;
}

static bool take(struct dot *dot, const char *token)
{
    skip(dot);
    if (strncmp(dot->at, token, strlen(token)) != 0)
        return false;
    dot->at += strlen(token);
    return true;
}

static bool need(struct dot *dot, const char *token)
{
    if (take(dot, token))
        return true;
    dot->why = token;
    return false;
}

static bool quoted(struct dot *dot)
{
    size_t len = 0;

    for (dot->at++; *dot->at != '"'; dot->at++) {
        if (*dot->at == '\\' && dot->at[1] != '\0')
            dot->word[len++] = *dot->at++;
        if ((unsigned char)*dot->at < 0x20 || len > sizeof(dot->word) - 3)
            return false;
        dot->word[len++] = *dot->at;
    }
    dot->at++;
    dot->word[len] = '\0';
    return dot->quoted = true;
}

static bool word(struct dot *dot)
{
    size_t len = 0;

    skip(dot);
    dot->quoted = false;
    dot->why = "an ID";
    if (*dot->at == '"')
        return quoted(dot);
    while ((isalnum((unsigned char)*dot->at) || *dot->at == '_') && len < 63)
        dot->word[len++] = *dot->at++;
    dot->word[len] = '\0';
    return len > 0;
}

static bool attributes(struct dot *dot)
{
    if (!take(dot, "["))
        return true;
    do
        if (!word(dot) || !need(dot, "=") || !word(dot))
            return false;
    while (take(dot, ","));
    return need(dot, "]");
}

static bool statements(struct dot *dot, int depth);

static bool statement(struct dot *dot, int depth)
{
    char name[64];

    if (!word(dot))
        return false;
    snprintf(name, sizeof(name), "%.63s", dot->word);
    if (strcmp(name, "subgraph") == 0) {
        dot->counts.subgraphs++;
        return depth < DEPTH_MAX && word(dot) && need(dot, "{") && statements(dot, depth + 1);
    }
    if (take(dot, "="))
        return word(dot) && need(dot, ";");
    if (take(dot, "->")) {
        if (!word(dot) || dot->edge_count >= NODES_MAX)
            return false;
        snprintf(dot->edges[dot->edge_count][0], 64, "%s", name);
        snprintf(dot->edges[dot->edge_count++][1], 64, "%.63s", dot->word);
        return attributes(dot) && need(dot, ";");
    }
    if (strcmp(name, "node") != 0 && dot->counts.nodes < NODES_MAX)
        dot->nodes[dot->counts.nodes++] = strdup(name);
    return attributes(dot) && need(dot, ";");
}

static bool statements(struct dot *dot, int depth)
{
    while (!take(dot, "}"))
        if (!statement(dot, depth))
            return false;
    return true;
}

static bool is_node(const struct dot *dot, const char *name)
{
    for (size_t i = 0; i < dot->counts.nodes; i++)
        if (strcmp(dot->nodes[i], name) == 0)
            return true;
    return false;
}

static bool joined(struct dot *dot)
{
    for (size_t i = 0; i < dot->edge_count; i++)
        if (!is_node(dot, dot->edges[i][0]) || !is_node(dot, dot->edges[i][1])) {
            dot->why = "a node for each end of an edge";
            return false;
        }
    dot->counts.edges = dot->edge_count;
    return true;
}

bool dot_parse(const char *text, struct dot_counts *out_counts, char why[128])
{
    struct dot *dot = calloc(1, sizeof(*dot));

    dot->start = dot->at = text;
    dot->nodes = calloc(NODES_MAX, sizeof(*dot->nodes));
    dot->edges = calloc(NODES_MAX, sizeof(*dot->edges));
    bool good = need(dot, "digraph") && word(dot) && need(dot, "{") && statements(dot, 0) && joined(dot);
    skip(dot);
    if (good && *dot->at != '\0') {
        good = false;
        dot->why = "the end";
    }
    snprintf(why, 128, "%s is missing at byte %zu", dot->why != NULL ? dot->why : "", (size_t)(dot->at - dot->start));
    *out_counts = dot->counts;
    for (size_t i = 0; i < dot->counts.nodes; i++)
        free(dot->nodes[i]);
    free(dot->nodes);
    free(dot->edges);
    free(dot);
    return good;
}
