/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a handle, for who makes one without a configuration object: a replay. */
#ifndef API_HANDLE_H
#define API_HANDLE_H

#include "driver/driver.h"

/* `allocator` is as the caller gave it, or NULL. EINVAL, ENOMEM. */
int handle_new(const struct settings *settings, uint64_t seed, const ecsengine_allocator *allocator, struct ecsengine **out_handle,
               struct ecsengine_error **error);
/* Nobody drives it any more. */
void handle_free(struct ecsengine *handle);

#endif
