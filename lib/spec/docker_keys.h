/* SPDX-License-Identifier: Apache-2.0 */
/* What Docker's create request knows: names, and the kind of each, which decides how a raw value is laid over a computed one. */
#ifndef SPEC_DOCKER_KEYS_H
#define SPEC_DOCKER_KEYS_H

#include <stddef.h>
#include <stdint.h>

enum docker_kind {
    /* Null changes nothing. */
    DOCKER_TEXT,
    DOCKER_INTEGER,
    DOCKER_BOOL,
    DOCKER_STRUCT, /* merged member by member */
    /* Null takes the computed value away. */
    DOCKER_INTEGER_POINTER,
    DOCKER_BOOL_POINTER,
    DOCKER_STRUCT_POINTER,
    DOCKER_TEXTS,    /* a list of strings */
    DOCKER_WORDS,    /* the same, or one string */
    DOCKER_LIST,     /* a list of anything */
    DOCKER_MAP,      /* keys are merged */
    DOCKER_TEXT_MAP, /* the same, of strings */
};

struct docker_key {
    const char *name;
    uint8_t kind;
    const struct docker_keys *members; /* of a struct */
};

struct docker_keys {
    const struct docker_key *keys;
    size_t count;
};

extern const struct docker_keys docker_config_keys;
extern const struct docker_keys docker_host_config_keys;

#endif
