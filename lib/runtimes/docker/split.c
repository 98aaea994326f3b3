/* SPDX-License-Identifier: Apache-2.0 */
/* The splitter: braces are counted outside of strings, nothing more. What is in an object is the parser's business. */
#include "runtimes/docker/split.h"

#include <string.h>

void docker_split_init(struct docker_split *split, bool array)
{
    *split = (struct docker_split){.array = array};
    docker_bytes_init(&split->object, DOCKER_OBJECT_MAX);
}

void docker_split_free(struct docker_split *split) { docker_bytes_free(&split->object); }

/* How many of the bytes still belong to the object that is open; its state follows. */
static size_t walk_object(struct docker_split *split, const char *data, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        char c = data[i];

        if (split->escaped) {
            split->escaped = false;
        } else if (split->in_string) {
            split->escaped = c == '\\';
            split->in_string = c != '"';
        } else if (c == '"') {
            split->in_string = true;
        } else if (c == '{' || c == '[') {
            if (++split->depth > DOCKER_JSON_DEPTH_MAX)
                return i + 1;
        } else if ((c == '}' || c == ']') && --split->depth == 0) {
            return i + 1;
        }
    }
    return len;
}

static bool keep(struct docker_split *split, const char *data, size_t len, struct docker_fault *fault)
{
    if (split->depth > DOCKER_JSON_DEPTH_MAX) {
        docker_fault_set(fault, "it is nested deeper than %d levels", (int)DOCKER_JSON_DEPTH_MAX);
        return false;
    }
    if (docker_bytes_add(&split->object, data, len))
        return true;
    if (split->object.no_memory)
        fault->no_memory = true;
    else
        docker_fault_set(fault, "one object in it is longer than %d bytes", (int)DOCKER_OBJECT_MAX);
    return false;
}

/* One byte outside of objects. */
static bool step_between(struct docker_split *split, char c, struct docker_fault *fault)
{
    bool may_open = split->array ? split->state == DOCKER_SPLIT_FIRST || split->state == DOCKER_SPLIT_ELEMENT
                                 : split->state == DOCKER_SPLIT_START;

    if (c == ' ' || c == '\n' || c == '\r' || c == '\t')
        return true;
    if (c == '{' && may_open)
        split->state = DOCKER_SPLIT_INSIDE;
    else if (c == '[' && split->state == DOCKER_SPLIT_START && split->array)
        split->state = DOCKER_SPLIT_FIRST;
    else if (c == ',' && split->state == DOCKER_SPLIT_BETWEEN)
        split->state = DOCKER_SPLIT_ELEMENT;
    else if (c == ']' && (split->state == DOCKER_SPLIT_BETWEEN || split->state == DOCKER_SPLIT_FIRST))
        split->state = DOCKER_SPLIT_END;
    else
        docker_fault_set(fault, "it is no JSON (0x%02x stands where %s should)", (unsigned)(unsigned char)c,
                         split->array ? "a list of objects" : "an object");
    return !docker_fault_found(fault);
}

bool docker_split_feed(struct docker_split *split, const char *data, size_t len,
                       bool (*each)(const char *text, size_t len, void *user_data), void *user_data, struct docker_fault *fault)
{
    while (len > 0) {
        if (split->state != DOCKER_SPLIT_INSIDE && !step_between(split, *data, fault))
            return false;
        /* The opening brace is walked over as the object's own first byte. */
        size_t used = split->state == DOCKER_SPLIT_INSIDE ? walk_object(split, data, len) : 1;

        if (split->state == DOCKER_SPLIT_INSIDE) {
            if (!keep(split, data, used, fault))
                return false;
            if (split->depth == 0) {
                split->state = split->array ? DOCKER_SPLIT_BETWEEN : DOCKER_SPLIT_START;
                if (!each(split->object.data, split->object.len, user_data))
                    return false;
                docker_bytes_clear(&split->object);
            }
        }
        data += used;
        len -= used;
    }
    return true;
}

bool docker_split_end(const struct docker_split *split, struct docker_fault *fault)
{
    bool whole = split->state == (split->array ? DOCKER_SPLIT_END : DOCKER_SPLIT_START);

    if (!whole)
        docker_fault_set(fault, "it ends in the middle");
    return whole;
}
