/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a daemon's JSON without trusting it.
 *
 * Nesting and the number of values are bounded before the parser sees a byte: jansson recurses as deep as a document does, and three
 * bytes of text can cost it two hundred of memory. Getters take a path for their message and look up its last part; they answer a
 * missing or null member with the default, and a member of the wrong type with a fault. The first fault sticks. */
#ifndef DOCKER_JSON_H
#define DOCKER_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    DOCKER_JSON_DEPTH_MAX = 64,      /* an inspection nests 8 deep */
    DOCKER_JSON_VALUES_MAX = 250000, /* about 50 MB of parsed values at the worst */
};

/* Why a text could not be read: part of a sentence. "" while all is well. */
struct docker_fault {
    char text[160];
    bool no_memory;
};

bool docker_fault_found(const struct docker_fault *fault);
void docker_fault_set(struct docker_fault *fault, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The object in a text, owned by the caller; NULL with a fault if there is none. */
json_t *docker_json_object(const char *text, size_t len, struct docker_fault *fault);

/* Members of an object (which may be NULL: all is missing then). What is returned is borrowed. */
json_t *docker_json_member(json_t *object, const char *path, json_type type, const char *type_name, struct docker_fault *fault);
json_t *docker_json_child(json_t *object, const char *path, struct docker_fault *fault);      /* an object, or NULL */
json_t *docker_json_array(json_t *object, const char *path, struct docker_fault *fault);      /* an array, or NULL */
const char *docker_json_string(json_t *object, const char *path, struct docker_fault *fault); /* "" by default */
bool docker_json_bool(json_t *object, const char *path, struct docker_fault *fault);          /* false by default */
int64_t docker_json_integer(json_t *object, const char *path, int64_t minimum, int64_t maximum, int64_t otherwise,
                            struct docker_fault *fault);

#endif
