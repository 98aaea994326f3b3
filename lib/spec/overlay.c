/* SPDX-License-Identifier: Apache-2.0 */
/* The overlay. A scalar replaces; null changes a scalar not, and takes away what is a pointer, a list or a map in Go; a list
 * replaces as a whole; keys of a map are merged; a struct is merged member by member.
 *
 * Unlike the reference, which decodes into a struct, keys that Docker may have one day are kept (9.3 asks for it). And like
 * everywhere in a document an exact name wins over an inexact one. */
#include "spec/overlay.h"

#include <string.h>

struct layer {
    struct reader *reader;
    const char *prefix;
};

static bool wrong(const struct layer *layer, const struct json_value *at, const char *expected)
{
    char path[JSON_PATH_MAX];

    json_path(at, path);
    return reader_refuse(layer->reader, "%s: %s: expected %s, got %s", layer->prefix, path, expected, json_kind_name(at->kind));
}

static bool check_kind(const struct layer *layer, const struct json_value *value, enum json_kind kind)
{
    return value->kind == kind || wrong(layer, value, json_kind_name(kind));
}

static bool check_integer(const struct layer *layer, const struct json_value *value)
{
    int64_t number;

    return json_to_int64(value, &number) || wrong(layer, value, "a whole number");
}

/* Elements of a list, values of a map; in a map null is an empty string. */
static bool check_texts(const struct layer *layer, const struct json_value *container, enum json_kind kind)
{
    if (!check_kind(layer, container, kind))
        return false;
    for (const struct json_value *at = container->first; at != NULL; at = at->next)
        if (!(kind == JSON_KIND_OBJECT && at->kind == JSON_KIND_NULL) && !check_kind(layer, at, JSON_KIND_TEXT))
            return false;
    return true;
}

static bool check(const struct layer *layer, enum docker_kind kind, const struct json_value *value)
{
    switch (kind) {
    case DOCKER_TEXT:
        return check_kind(layer, value, JSON_KIND_TEXT);
    case DOCKER_INTEGER:
    case DOCKER_INTEGER_POINTER:
        return check_integer(layer, value);
    case DOCKER_BOOL:
    case DOCKER_BOOL_POINTER:
        return check_kind(layer, value, JSON_KIND_BOOL);
    case DOCKER_WORDS:
        return value->kind == JSON_KIND_TEXT || check_texts(layer, value, JSON_KIND_ARRAY);
    case DOCKER_TEXTS:
        return check_texts(layer, value, JSON_KIND_ARRAY);
    case DOCKER_LIST:
        return check_kind(layer, value, JSON_KIND_ARRAY);
    case DOCKER_TEXT_MAP:
        return check_texts(layer, value, JSON_KIND_OBJECT);
    case DOCKER_MAP:
    case DOCKER_STRUCT:
    case DOCKER_STRUCT_POINTER:
        return check_kind(layer, value, JSON_KIND_OBJECT);
    }
    return false;
}

/* A copy under another name. NULL after a failure. */
static struct json_value *copy_as(struct reader *reader, const struct json_value *value, const char *key, size_t key_len)
{
    struct json_value *copy = reader_scratch(reader, 0, sizeof(*copy));

    if (copy == NULL)
        return NULL;
    *copy = *value;
    copy->key = key;
    copy->key_len = (uint32_t)key_len;
    copy->next = NULL;
    return copy;
}

/* Puts a member in front. json_sorted() orders them in the end, and of equal keys takes the one that was added first. */
static void add(struct json_value *object, struct json_value *member)
{
    if (member == NULL)
        return;
    member->next = object->first;
    object->first = member;
    object->count++;
}

static void add_all(struct reader *reader, struct json_value *object, const struct json_value *from)
{
    READER_EACH(reader, member, from) { add(object, copy_as(reader, member, member->key, member->key_len)); }
}

static struct json_value *new_object(struct reader *reader)
{
    static const struct json_value empty = {.kind = JSON_KIND_OBJECT};

    return copy_as(reader, &empty, NULL, 0);
}

/* The keys of both; the upper one's win. */
static struct json_value *merge_maps(struct reader *reader, const struct json_value *base, const struct json_value *raw)
{
    struct json_value *made = new_object(reader);
    const struct json_value *const layers[] = {raw, base};

    for (size_t i = 0; i < 2 && layers[i] != NULL && made != NULL; i++) {
        size_t count;
        const struct json_value **members = json_sorted(&reader->scratch, layers[i], &count);
        if (members == NULL) {
            reader_nomem(reader);
            return NULL;
        }
        for (size_t at = 0; at < count; at++)
            add(made, copy_as(reader, members[at], members[at]->key, members[at]->key_len));
    }
    return made;
}

static struct json_value *one_word(struct reader *reader, const struct json_value *word)
{
    struct json_value *list = copy_as(reader, word, NULL, 0), *element = copy_as(reader, word, NULL, 0);

    if (list == NULL || element == NULL)
        return NULL;
    list->kind = JSON_KIND_ARRAY;
    list->first = element;
    list->count = 1;
    return list;
}

/* What a member is after the overlay, or NULL: nothing. */
static const struct json_value *merged(const struct layer *layer, const struct docker_key *key, const struct json_value *base,
                                       const struct json_value *raw)
{
    if (raw == NULL)
        return base;
    if (raw->kind == JSON_KIND_NULL)
        return key->kind <= DOCKER_STRUCT ? base : NULL;
    if (!check(layer, key->kind, raw))
        return NULL;
    switch (key->kind) {
    case DOCKER_STRUCT:
    case DOCKER_STRUCT_POINTER:
        return overlay(layer->reader, key->members, base, raw, layer->prefix);
    case DOCKER_MAP:
    case DOCKER_TEXT_MAP:
        return merge_maps(layer->reader, base, raw);
    case DOCKER_WORDS:
        return raw->kind == JSON_KIND_TEXT ? one_word(layer->reader, raw) : raw;
    default:
        return raw;
    }
}

static size_t key_find(const struct docker_keys *keys, const char *name)
{
    size_t i = 0;

    while (i < keys->count && !reader_means(name, keys->keys[i].name))
        i++;
    return i;
}

/* The members of a raw object by the keys they mean; what means none goes to `out`. NULL after a failure. */
static const struct json_value **by_key(struct reader *reader, const struct docker_keys *keys, const struct json_value *raw,
                                        struct json_value *out)
{
    const struct json_value **slots = reader_scratch(reader, keys->count, sizeof(*slots));
    struct json_value *unknown = new_object(reader);

    READER_EACH(reader, member, raw)
    {
        size_t i = key_find(keys, member->key);
        if (i == keys->count)
            add(unknown, copy_as(reader, member, member->key, member->key_len));
        else if (slots[i] == NULL || strcmp(member->key, keys->keys[i].name) == 0 || strcmp(slots[i]->key, keys->keys[i].name) != 0)
            slots[i] = member;
    }
    /* Twice turned round is the order of the document: of equal keys the last counts. */
    add_all(reader, out, unknown);
    return reader_failed(reader) ? NULL : slots;
}

const struct json_value *overlay(struct reader *reader, const struct docker_keys *keys, const struct json_value *base,
                                 const struct json_value *raw, const char *prefix)
{
    const struct layer layer = {.reader = reader, .prefix = prefix};
    struct json_value *made = new_object(reader);

    if (made == NULL)
        return NULL;
    /* A base is computed, or an overlay's result: its known keys are spelt right already. */
    const struct json_value **upper = by_key(reader, keys, raw, made);
    const struct json_value **lower = by_key(reader, keys, base, made);
    for (size_t i = 0; i < keys->count && !reader_failed(reader); i++) {
        const struct docker_key *key = &keys->keys[i];
        const struct json_value *member = merged(&layer, key, lower[i], upper[i]);
        if (member != NULL && !reader_failed(reader))
            add(made, copy_as(reader, member, key->name, strlen(key->name)));
    }
    return reader_failed(reader) ? NULL : made;
}
