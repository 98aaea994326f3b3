/* SPDX-License-Identifier: Apache-2.0 */
/* What the API's own files need of a configuration object. */
#ifndef API_CONFIG_H
#define API_CONFIG_H

#include "ecsengine/config.h"
#include "model/settings.h"

const struct settings *config_settings(const struct ecsengine_config *config);

#endif
