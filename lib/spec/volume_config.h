/* SPDX-License-Identifier: Apache-2.0 */
/* Volume configuration out: the body of Docker's `POST /volumes/create`. */
#ifndef SPEC_VOLUME_CONFIG_H
#define SPEC_VOLUME_CONFIG_H

#include "base/buf.h"
#include "model/definition.h"

/* Appends the JSON to `out`; failures are in out->failed. */
void volume_config_build(const struct resource_def *def, const char *name, struct buf *out);

#endif
