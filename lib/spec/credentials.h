/* SPDX-License-Identifier: Apache-2.0 */
/* JSON in: the credentials of a role (task-payload: section 1.3). */
#ifndef SPEC_CREDENTIALS_H
#define SPEC_CREDENTIALS_H

#include "model/credentials.h"
#include "spec/reader.h"

/* A member of a payload; NULL if it says nothing, or after a failure. The caller's. */
struct credentials *credentials_read(struct reader *reader, const struct json_value *value);
/* A document of its own. `id` is what it will be known by; a credentialsId in the document must be the same. ESYNTAX, EDOCUMENT (with the
 * place), ELIMIT, ENOMEM. */
int credentials_parse(struct mem *mem, const struct spec_limits *limits, struct str *id, const char *document, size_t document_len,
                      struct credentials **out_credentials, struct ecsengine_error **error);

#endif
