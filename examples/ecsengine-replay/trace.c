/* SPDX-License-Identifier: Apache-2.0 */
/* --trace. A turn is a line with its time; below it stand what went in (`<`), the operations that came out (`>`) and the events (`*`), each
 * as one JSON object. */
#include "replay.h"

#include <string.h>
#include <time.h>

const char *trace_time(int64_t wall_ns, char text[40])
{
    time_t seconds = wall_ns / 1000000000;
    struct tm parts;
    size_t used;

    gmtime_r(&seconds, &parts);
    used = strftime(text, 24, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(text + used, 40 - used, ".%09dZ", (int)(wall_ns % 1000000000));
    return text;
}

/* The elements of a JSON array of objects, a line each. */
static void print_elements(FILE *out, const char *mark, const char *array)
{
    const char *start = array;
    int depth = 0;
    bool quoted = false;

    for (const char *at = array; *at != '\0'; at++) {
        if (quoted) {
            if (*at == '\\')
                at++;
            else if (*at == '"')
                quoted = false;
        } else if (*at == '"') {
            quoted = true;
        } else if (*at == '{' && depth++ == 0) {
            start = at;
        } else if (*at == '}' && --depth == 0) {
            fprintf(out, "  %s %.*s\n", mark, (int)(at + 1 - start), start);
        }
    }
}

static void print_inputs(FILE *out, ecsengine_replay *replay)
{
    ecsengine_text *text = NULL;

    if (ecsengine_replay_inputs(replay, &text, NULL) == 0)
        print_elements(out, "<", ecsengine_text_data(text));
    ecsengine_text_free(text);
}

static void print_ops(FILE *out, ecsengine *engine)
{
    ecsengine_op *op;

    while ((op = ecsengine_next_op(engine)) != NULL) {
        ecsengine_text *text = NULL;
        if (ecsengine_op_request(op, &text, NULL) == 0)
            fprintf(out, "  > %s\n", ecsengine_text_data(text));
        ecsengine_text_free(text);
        ecsengine_op_release(op);
    }
}

static void print_events(FILE *out, ecsengine *engine)
{
    ecsengine_event *event;

    while ((event = ecsengine_next_event(engine)) != NULL) {
        ecsengine_text *text = NULL;
        if (ecsengine_event_json(event, &text, NULL) == 0)
            fprintf(out, "  * %s\n", ecsengine_text_data(text));
        ecsengine_text_free(text);
        ecsengine_event_free(event);
    }
}

void trace_turn(FILE *out, ecsengine_replay *replay)
{
    char text[40];

    fprintf(out, "turn %llu at %s\n", (unsigned long long)ecsengine_replay_turn(replay), trace_time(ecsengine_replay_wall_ns(replay), text));
    print_inputs(out, replay);
    print_ops(out, ecsengine_replay_engine(replay));
    print_events(out, ecsengine_replay_engine(replay));
}
