/* SPDX-License-Identifier: Apache-2.0 */
/* What was measured, as tables to read and as one JSON document. */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include <jansson.h>

#include "cases.h"
#include "durable.h"
#include "lifecycle.h"

/* The document: one array for each kind of measurement, and the budgets. */
struct report {
    json_t *root;
};

void report_begin(struct report *report);
void report_lifecycles(struct report *report, const struct lifecycle *median, double least_engine_ns);
void report_parse(struct report *report, const char *what, const struct parse_cost *cost);
void report_admission(struct report *report, const char *what, const struct admission_cost *cost);
void report_latency(struct report *report, const char *what, const struct latency_cost *cost);
void report_restore(struct report *report, const char *what, const struct restore_cost *cost);
/* The library's run, that of the plain writer, and the fastest that its batches were written alone. */
void report_durable(struct report *report, const struct durable *own, const struct durable *plain, int64_t alone_wall_ns);
void report_durable_restore(struct report *report, const char *what, const struct durable_restore *run);
/* One number that design says a limit for. */
void report_budget(struct report *report, const char *what, double value, double limit, const char *unit);
/* Prints all as tables in Markdown, and writes the document to `path` (NULL: nowhere). Returns the number of budgets that are missed. */
size_t report_end(struct report *report, const char *path);

#endif
