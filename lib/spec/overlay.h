/* SPDX-License-Identifier: Apache-2.0 */
/* Laying raw Docker JSON over what was computed, by the rules of Go's JSON decoder into a filled struct (task-payload: 9.3). */
#ifndef SPEC_OVERLAY_H
#define SPEC_OVERLAY_H

#include "spec/docker_keys.h"
#include "spec/reader.h"

/* A new object in scratch memory; `base` may be NULL. Its known keys are spelt as Docker spells them; unknown ones are kept as they
 * are written. A raw value of the wrong kind refuses the task: `<prefix>: <path>: expected ...`. NULL after a failure. */
const struct json_value *overlay(struct reader *reader, const struct docker_keys *keys, const struct json_value *base,
                                 const struct json_value *raw, const char *prefix);

#endif
