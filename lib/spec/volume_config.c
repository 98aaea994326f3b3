/* SPDX-License-Identifier: Apache-2.0 */
/* A volume as Docker is asked for it (task-payload: 12.7). */
#include "spec/volume_config.h"

static void put_map(struct buf *out, const char *key, const struct text_pair *pairs, uint16_t count)
{
    json_open(out, key, '{');
    for (uint16_t i = 0; i < count; i++)
        json_text(out, pairs[i].key, pairs[i].value);
    json_close(out, '}');
}

void volume_config_build(const struct resource_def *def, const char *name, struct buf *out)
{
    json_open(out, NULL, '{');
    json_text(out, "Name", name);
    json_text(out, "Driver", def->driver);
    put_map(out, "DriverOpts", def->options, def->option_count);
    put_map(out, "Labels", def->labels, def->label_count);
    json_close(out, '}');
}
