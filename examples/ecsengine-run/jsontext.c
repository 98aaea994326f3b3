/* SPDX-License-Identifier: Apache-2.0 */
/* JSON as text.
 *
 * A task travels from the line to the engine as the slice of text that it is, and an id goes back the same way: nothing is written
 * anew, so a number keeps its digits, and the place in an error message is a place in what the sender wrote. */
#include "jsontext.h"

#include <jansson.h>
#include <string.h>

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

/* Past the string that begins at `at`; never past `end`. */
static const char *skip_string(const char *at, const char *end)
{
    for (at++; at < end && *at != '"'; at++)
        if (*at == '\\')
            at++;
    return at < end ? at + 1 : end;
}

static const char *skip_blank(const char *at, const char *end)
{
    while (at < end && is_blank(*at))
        at++;
    return at;
}

/* Past the value that begins at `at`. */
static const char *skip_value(const char *at, const char *end)
{
    size_t depth = 0;

    while (at < end) {
        if (*at == '"') {
            at = skip_string(at, end);
        } else if (*at == '{' || *at == '[') {
            depth++;
            at++;
        } else if (*at == '}' || *at == ']') {
            if (depth == 0)
                return at; /* the end of what the scalar stands in */
            depth--;
            at++;
        } else if (depth == 0 && (*at == ',' || is_blank(*at))) {
            return at;
        } else {
            at++;
            continue; /* a scalar goes on */
        }
        if (depth == 0)
            return at;
    }
    return end;
}

bool json_is_too_deep(const char *text, size_t len)
{
    const char *end = text + len;
    size_t depth = 0;

    while (text < end) {
        if (*text == '"') {
            text = skip_string(text, end);
            continue;
        }
        if (*text == '{' || *text == '[') {
            if (++depth > JSON_DEPTH_MAX)
                return true;
        } else if ((*text == '}' || *text == ']') && depth > 0) {
            depth--;
        }
        text++;
    }
    return false;
}

/* Whether the key, quotes included, says `name`. */
static bool key_is(const char *key, size_t len, const char *name)
{
    json_t *decoded;
    bool same;

    if (memchr(key, '\\', len) == NULL)
        return len - 2 == strlen(name) && memcmp(key + 1, name, len - 2) == 0;
    decoded = json_loadb(key, len, JSON_DECODE_ANY, NULL);
    same = decoded != NULL && strcmp(json_string_value(decoded), name) == 0;
    json_decref(decoded);
    return same;
}

struct slice json_slice(const char *text, size_t len, const char *name)
{
    const char *end = text + len;
    const char *at = skip_blank(text, end);
    struct slice found = {NULL, 0};

    if (at == end || *at != '{')
        return found;
    at = skip_blank(at + 1, end);
    while (at < end && *at == '"') {
        const char *key = at;
        const char *key_end = skip_string(at, end);
        const char *value;

        at = skip_blank(key_end, end);
        value = skip_blank(at < end ? at + 1 : end, end); /* past the colon */
        at = skip_value(value, end);
        if (key_is(key, (size_t)(key_end - key), name))
            found = (struct slice){value, (size_t)(at - value)};
        at = skip_blank(at, end);
        at = skip_blank(at < end ? at + 1 : end, end); /* past the comma, or the last bracket */
    }
    return found;
}
