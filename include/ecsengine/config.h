/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration: keys and text values, so that a new knob never changes the ABI.
 *
 * A key is the Amazon ECS agent's environment variable without `ECS_`, in lower case with hyphens (`container-stop-timeout`); the
 * variable's own name is accepted too. docs/configuration.md lists every key with unit, default and range; the same table can be
 * read with ecsengine_config_key(). An unknown key or a bad value is an error that says what would have been right.
 * A configuration object belongs to one thread at a time; an engine copies it at creation. */
#ifndef ECSENGINE_CONFIG_H
#define ECSENGINE_CONFIG_H

#include "ecsengine/error.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ecsengine_config ecsengine_config;

/* A configuration with every key at its default. Owned by the caller. ENOMEM. */
ECSENGINE_API int ecsengine_config_new(ecsengine_config **out_config, ecsengine_error **error);
ECSENGINE_API void ecsengine_config_free(ecsengine_config *config);

/* Sets one key. Both texts are copied. EINVAL (unknown key, bad value, out of range: the text gives the range), ENOMEM. */
ECSENGINE_API int ecsengine_config_set(ecsengine_config *config, const char *key, const char *value, ecsengine_error **error);

/* The value of a key in canonical text (`30s`, `true`, `default`). Borrowed until the key is set again or the object is freed.
 * NULL for an unknown key. */
ECSENGINE_API const char *ecsengine_config_get(const ecsengine_config *config, const char *key);

/* Takes every key whose environment variable is set in this process, with the agent's own forgiveness: a value that does not parse
 * keeps the default, one below the agent's minimum is raised or reset as the agent does. Each such case calls `warn` (may be NULL)
 * with a finished text. The library never reads the environment otherwise. Returns the number of keys taken, or ENOMEM. */
ECSENGINE_API int ecsengine_config_from_env(ecsengine_config *config, void (*warn)(const char *text, void *user_data),
                                            void *user_data, ecsengine_error **error);

/* The table of keys: the name, environment variable, default, range and meaning of the index-th key. NULL past the end. Static. */
ECSENGINE_API const char *ecsengine_config_key(size_t index);
ECSENGINE_API const char *ecsengine_config_key_variable(size_t index);
ECSENGINE_API const char *ecsengine_config_key_default(size_t index);
ECSENGINE_API const char *ecsengine_config_key_range(size_t index);
ECSENGINE_API const char *ecsengine_config_key_help(size_t index);

#ifdef __cplusplus
}
#endif
#endif
