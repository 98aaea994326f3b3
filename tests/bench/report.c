/* SPDX-License-Identifier: Apache-2.0 */
/* The report. Everything is put into the document first; the tables are made from it, so both say the same. */
#include "report.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

static json_t *number(double value, double unit) { return json_real((double)(long long)(value / unit * 1000 + 0.5) / 1000); }

static void append(struct report *report, const char *list, json_t *row)
{
    json_t *rows = json_object_get(report->root, list);

    if (rows == NULL) {
        rows = json_array();
        json_object_set_new(report->root, list, rows);
    }
    json_array_append_new(rows, row);
}

static void put_processor(json_t *root)
{
    FILE *file = fopen("/proc/cpuinfo", "r");
    char line[256];

    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        if (strncmp(line, "model name", 10) != 0 || strchr(line, ':') == NULL)
            continue;
        line[strcspn(line, "\n")] = '\0';
        json_object_set_new(root, "processor", json_string(strchr(line, ':') + 2));
        break;
    }
    if (file != NULL)
        fclose(file);
}

void report_begin(struct report *report)
{
    struct utsname system;

    report->root = json_object();
    json_object_set_new(report->root, "version", json_string(ecsengine_version()));
    json_object_set_new(report->root, "compiler", json_string(__VERSION__));
    put_processor(report->root);
    if (uname(&system) == 0)
        json_object_set_new(report->root, "system", json_sprintf("%s %s %s", system.sysname, system.release, system.machine));
}

void report_lifecycles(struct report *report, const struct lifecycle *run, double least_engine_ns)
{
    double tasks = (double)run->tasks;
    json_t *row = json_object();

    json_object_set_new(row, "tasks", json_integer((json_int_t)run->tasks));
    json_object_set_new(row, "containers", json_integer(run->shape.containers));
    json_object_set_new(row, "host_ports", json_boolean(run->shape.ports));
    json_object_set_new(row, "runtime", json_string(run->on_simulator ? "simulator" : "bare"));
    json_object_set_new(row, "store", json_string(run->store == STORE_MEMORY ? "memory" : run->store == STORE_BLANK ? "blank" : "none"));
    json_object_set_new(row, "manifests", json_boolean(run->manifests));
    json_object_set_new(row, "burst", json_integer(run->burst));
    json_object_set_new(row, "up_wall_s", number((double)run->up.wall_ns, 1e9));
    json_object_set_new(row, "up_cpu_s", number((double)run->up.cpu_ns, 1e9));
    json_object_set_new(row, "down_wall_s", number((double)run->down.wall_ns, 1e9));
    json_object_set_new(row, "down_cpu_s", number((double)run->down.cpu_ns, 1e9));
    json_object_set_new(row, "clean_cpu_s", number((double)run->clean.cpu_ns, 1e9));
    json_object_set_new(row, "up_down_cpu_us", number((double)(run->up.cpu_ns + run->down.cpu_ns) / tasks, 1e3));
    json_object_set_new(row, "parse_cpu_us", number((double)run->add.cpu_ns / tasks, 1e3));
    json_object_set_new(row, "engine_cpu_us", number(lifecycle_engine_ns(run), 1e3));
    json_object_set_new(row, "engine_cpu_us_least", number(least_engine_ns, 1e3));
    json_object_set_new(row, "resident_bytes", number((double)(run->resident_bytes - run->runtime_bytes) / tasks, 1));
    json_object_set_new(row, "engine_bytes", number((double)run->engine_bytes / tasks, 1));
    json_object_set_new(row, "allocations", number((double)run->allocations / tasks, 1));
    json_object_set_new(row, "parse_allocations", number((double)run->add_allocations / tasks, 1));
    json_object_set_new(row, "operations", number((double)run->ops / tasks, 1));
    json_object_set_new(row, "events", number((double)run->events / tasks, 1));
    json_object_set_new(row, "turns", number((double)run->turns / tasks, 1));
    append(report, "lifecycles", row);
}

void report_parse(struct report *report, const char *what, const struct parse_cost *cost)
{
    json_t *row = json_object();

    json_object_set_new(row, "document", json_string(what));
    json_object_set_new(row, "bytes", json_integer((json_int_t)cost->bytes));
    json_object_set_new(row, "task_add_us", number((double)cost->add_ns, 1e3));
    json_object_set_new(row, "jansson_us", number((double)cost->jansson_ns, 1e3));
    json_object_set_new(row, "allocations", number(cost->add_allocations, 1));
    json_object_set_new(row, "jansson_bytes", json_integer((json_int_t)cost->jansson_bytes));
    append(report, "parsing", row);
}

void report_admission(struct report *report, const char *what, const struct admission_cost *cost)
{
    json_t *row = json_object();

    json_object_set_new(row, "policy", json_string(what));
    json_object_set_new(row, "queued", json_integer((json_int_t)cost->queued));
    json_object_set_new(row, "enqueue_cpu_us", number((double)cost->enqueue_ns, 1e3));
    json_object_set_new(row, "admit_cpu_us", number((double)cost->admit_ns, 1e3));
    append(report, "admission", row);
}

void report_latency(struct report *report, const char *what, const struct latency_cost *cost)
{
    json_t *row = json_object();

    json_object_set_new(row, "shape", json_string(what));
    json_object_set_new(row, "running", json_integer((json_int_t)cost->running));
    json_object_set_new(row, "turn_p50_us", number((double)cost->turn_p50_ns, 1e3));
    json_object_set_new(row, "turn_p99_us", number((double)cost->turn_p99_ns, 1e3));
    json_object_set_new(row, "life_cpu_us", number((double)cost->round_cpu_ns, 1e3));
    json_object_set_new(row, "idle_wakeups_an_hour", json_integer((json_int_t)cost->woken_an_hour));
    append(report, "latency", row);
}

void report_restore(struct report *report, const char *what, const struct restore_cost *cost)
{
    json_t *row = json_object();

    json_object_set_new(row, "shape", json_string(what));
    json_object_set_new(row, "tasks", json_integer((json_int_t)cost->tasks));
    json_object_set_new(row, "records_cpu_s", number((double)cost->records_ns, 1e9));
    json_object_set_new(row, "ready_cpu_s", number((double)cost->ready_ns, 1e9));
    append(report, "restore", row);
}

static double a_second(size_t count, int64_t wall_ns) { return (double)count / ((double)wall_ns / 1e9); }

void report_durable(struct report *report, const struct durable *own, const struct durable *plain, int64_t alone_wall_ns)
{
    double lives = (double)own->lives, commits = (double)own->commits;
    double own_s = a_second(own->lives, own->took.wall_ns), alone_s = a_second(plain->lives, alone_wall_ns);
    json_t *row = json_object();

    json_object_set_new(row, "at_once", json_integer((json_int_t)own->concurrent));
    json_object_set_new(row, "lives", json_integer((json_int_t)own->lives));
    json_object_set_new(row, "lives_a_second", number(own_s, 1));
    json_object_set_new(row, "plain_writer_lives_a_second", number(a_second(plain->lives, plain->took.wall_ns), 1));
    json_object_set_new(row, "batches_alone_lives_a_second", number(alone_s, 1));
    json_object_set_new(row, "share_of_alone", number(own_s / alone_s, 1));
    json_object_set_new(row, "commits_a_second", number(a_second(own->commits, own->took.wall_ns), 1));
    json_object_set_new(row, "commits_a_life", number(commits / lives, 1));
    json_object_set_new(row, "records_a_life", number((double)own->records / lives, 1));
    json_object_set_new(row, "records_a_commit", number((double)own->records / commits, 1));
    json_object_set_new(row, "plain_records_a_commit", number((double)plain->records / (double)plain->commits, 1));
    json_object_set_new(row, "syncs_a_commit", number((double)own->syncs / commits, 1));
    json_object_set_new(row, "record_bytes_a_life", number((double)own->value_bytes / lives, 1));
    json_object_set_new(row, "written_bytes_a_life", number((double)own->file_bytes / lives, 1));
    json_object_set_new(row, "engine_cpu_us", number((double)own->engine_cpu_ns / lives, 1e3));
    json_object_set_new(row, "commit_cpu_us", number((double)(own->took.cpu_ns - own->engine_cpu_ns) / lives, 1e3));
    json_object_set_new(row, "alone_cpu_us", number((double)plain->alone.cpu_ns / lives, 1e3));
    json_object_set_new(row, "log_bytes", json_integer((json_int_t)own->log_size_max));
    append(report, "durable", row);
}

void report_durable_restore(struct report *report, const char *what, const struct durable_restore *run)
{
    json_t *row = json_object();

    json_object_set_new(row, "shape", json_string(what));
    json_object_set_new(row, "tasks", json_integer((json_int_t)run->tasks));
    json_object_set_new(row, "file_bytes_a_task", number((double)run->file_size / (double)run->tasks, 1));
    json_object_set_new(row, "attach_wall_s", number((double)run->attach.wall_ns, 1e9));
    json_object_set_new(row, "attach_cpu_s", number((double)run->attach.cpu_ns, 1e9));
    json_object_set_new(row, "known_wall_s", number((double)run->known.wall_ns, 1e9));
    json_object_set_new(row, "known_cpu_s", number((double)run->known.cpu_ns, 1e9));
    json_object_set_new(row, "records_written", json_integer((json_int_t)run->records));
    json_object_set_new(row, "bytes_written", json_integer((json_int_t)run->value_bytes));
    json_object_set_new(row, "inspections", json_integer((json_int_t)run->looks));
    json_object_set_new(row, "at_once", json_integer((json_int_t)run->looks_at_once));
    json_object_set_new(row, "lists", json_integer((json_int_t)run->lists));
    append(report, "durable restore", row);
}

void report_budget(struct report *report, const char *what, double value, double limit, const char *unit)
{
    json_t *row = json_object();

    json_object_set_new(row, "budget", json_string(what));
    json_object_set_new(row, "value", number(value, 1));
    json_object_set_new(row, "limit", number(limit, 1));
    json_object_set_new(row, "unit", json_string(unit));
    json_object_set_new(row, "kept", json_boolean(value <= limit));
    append(report, "budgets", row);
}

static void print_value(const json_t *value)
{
    if (json_is_string(value))
        printf(" %s |", json_string_value(value));
    else if (json_is_boolean(value))
        printf(" %s |", json_is_true(value) ? "yes" : "no");
    else
        printf(" %.*f |", json_is_integer(value) || json_number_value(value) >= 1000 ? 0 : json_number_value(value) < 1 ? 3 : 2,
               json_number_value(value));
}

static void print_table(const char *name, json_t *rows)
{
    const char *key;
    json_t *row, *value;
    size_t index;

    printf("\n%s\n\n|", name);
    json_object_foreach(json_array_get(rows, 0), key, value)
        printf(" %s |", key);
    printf("\n|");
    json_object_foreach(json_array_get(rows, 0), key, value)
        printf(" --- |");
    printf("\n");
    json_array_foreach(rows, index, row) {
        printf("|");
        json_object_foreach(row, key, value)
            print_value(value);
        printf("\n");
    }
}

size_t report_end(struct report *report, const char *path)
{
    const char *key;
    json_t *rows, *row;
    size_t index, missed = 0;

    printf("libecsengine %s, %s, %s\n", ecsengine_version(), json_string_value(json_object_get(report->root, "processor")),
           json_string_value(json_object_get(report->root, "compiler")));
    json_object_foreach(report->root, key, rows)
        if (json_is_array(rows))
            print_table(key, rows);
    json_array_foreach(json_object_get(report->root, "budgets"), index, row)
        missed += !json_is_true(json_object_get(row, "kept"));
    if (path != NULL && json_dump_file(report->root, path, JSON_INDENT(2)) < 0)
        bench_must(ECSENGINE_ESYSTEM, path);
    json_decref(report->root);
    return missed;
}
