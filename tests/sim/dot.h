/* SPDX-License-Identifier: Apache-2.0 */
/* Graphviz's language, as far as a plan may use it: enough to say that a text is a graph, and what is in it. */
#ifndef TEST_DOT_H
#define TEST_DOT_H

#include <stdbool.h>
#include <stddef.h>

struct dot_counts {
    size_t nodes, edges, subgraphs;
};

/* True if the text is one digraph in which every edge joins nodes that are there. `why` says where it is none. */
bool dot_parse(const char *text, struct dot_counts *out_counts, char why[128]);

#endif
