/* SPDX-License-Identifier: Apache-2.0 */
/* JSON in: how a host describes a managed agent of its own. */
#ifndef SPEC_AGENT_H
#define SPEC_AGENT_H

#include "spec/spec.h"

/* `out_entry` is the caller's. ESYNTAX, EDOCUMENT (with the place), ELIMIT, ENOMEM. */
int agent_parse(struct mem *mem, const struct spec_limits *limits, const char *document, size_t document_len, struct agent_entry **out_entry,
                struct ecsengine_error **error);
void agent_entries_free(struct agent_entry *first); /* NULL is fine */

#endif
