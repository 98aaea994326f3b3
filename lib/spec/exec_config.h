/* SPDX-License-Identifier: Apache-2.0 */
/* JSON in: what a one-off command is. */
#ifndef SPEC_EXEC_CONFIG_H
#define SPEC_EXEC_CONFIG_H

#include "spec/spec.h"

/* The body of Docker's `POST /containers/{id}/exec`, the caller's, to be freed with mem_free(). ESYNTAX, EDOCUMENT (with the place), ELIMIT,
 * ENOMEM. */
int exec_config_parse(struct mem *mem, const struct spec_limits *limits, const char *document, size_t document_len, char **out_config,
                      size_t *out_len, struct ecsengine_error **error);

#endif
