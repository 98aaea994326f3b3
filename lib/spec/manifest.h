/* SPDX-License-Identifier: Apache-2.0 */
/* JSON in: a task manifest, and the answer to the candidates found by one. */
#ifndef SPEC_MANIFEST_H
#define SPEC_MANIFEST_H

#include "model/manifest.h"
#include "spec/spec.h"

/* `out_manifest` is the caller's. ESYNTAX, EDOCUMENT (with the place), ELIMIT, ENOMEM. */
int manifest_parse(struct mem *mem, const struct spec_limits *limits, const char *document, size_t document_len,
                   struct manifest **out_manifest, struct ecsengine_error **error);
int stop_verification_parse(struct mem *mem, const struct spec_limits *limits, const char *document, size_t document_len,
                            struct manifest **out_manifest, struct ecsengine_error **error);

#endif
