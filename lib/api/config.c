/* SPDX-License-Identifier: Apache-2.0 */
/* config.h: a configuration object around the table of settings, with the values' canonical texts beside them. */
#include "api/config.h"

#include <stdlib.h>
#include <string.h>

struct ecsengine_config {
    struct mem mem;
    struct settings settings;
    char *texts[]; /* one a key */
};

const struct settings *config_settings(const struct ecsengine_config *config) { return &config->settings; }

static size_t key_count(void)
{
    size_t count = 0;

    while (setting_at(count) != NULL)
        count++;
    return count;
}

/* Renders a key's text anew. */
static int render(struct ecsengine_config *config, const struct setting *setting)
{
    struct buf buf;

    buf_init(&buf, &config->mem, 0);
    setting_print(&config->settings, setting, &buf);
    char *text = buf_take(&buf, NULL);
    if (text == NULL)
        return ECSENGINE_ENOMEM;
    mem_free(&config->mem, config->texts[setting_index(setting)]);
    config->texts[setting_index(setting)] = text;
    return 0;
}

int ecsengine_config_new(ecsengine_config **out_config, ecsengine_error **error)
{
    struct mem mem;

    if (out_config == NULL)
        return error_set(error, ECSENGINE_EINVAL, "a place for the configuration is needed");
    mem_init(&mem, NULL);
    struct ecsengine_config *config = mem_zalloc(&mem, sizeof(*config) + key_count() * sizeof(config->texts[0]));
    if (config == NULL)
        return error_nomem(error);
    config->mem = mem;
    settings_init(&config->settings);
    for (size_t i = 0; i < key_count(); i++) {
        if (render(config, setting_at(i)) < 0) {
            ecsengine_config_free(config);
            return error_nomem(error);
        }
    }
    *out_config = config;
    return 0;
}

void ecsengine_config_free(ecsengine_config *config)
{
    if (config == NULL)
        return;
    struct mem mem = config->mem;
    for (size_t i = 0; i < key_count(); i++)
        mem_free(&mem, config->texts[i]);
    mem_free(&mem, config);
}

int ecsengine_config_set(ecsengine_config *config, const char *key, const char *value, ecsengine_error **error)
{
    if (config == NULL || key == NULL || value == NULL)
        return error_set(error, ECSENGINE_EINVAL, "a configuration, a key and a value are needed");
    const struct setting *setting = setting_find(key);
    if (setting == NULL)
        return error_set(error, ECSENGINE_EINVAL, "`%.80s` is not a configuration key", key);
    struct settings before = config->settings;
    int code = setting_set(&config->settings, setting, value, error);
    if (code == 0 && render(config, setting) < 0) {
        config->settings = before;
        code = error_nomem(error);
    }
    return code;
}

const char *ecsengine_config_get(const ecsengine_config *config, const char *key)
{
    const struct setting *setting = config != NULL && key != NULL ? setting_find(key) : NULL;

    return setting != NULL ? config->texts[setting_index(setting)] : NULL;
}

int ecsengine_config_from_env(ecsengine_config *config, void (*warn)(const char *text, void *user_data), void *user_data,
                              ecsengine_error **error)
{
    int taken = 0;

    if (config == NULL)
        return error_set(error, ECSENGINE_EINVAL, "a configuration is needed");
    for (size_t i = 0; setting_at(i) != NULL; i++) {
        const struct setting *setting = setting_at(i);
        const char *value = setting_variable(setting)[0] != '\0' ? getenv(setting_variable(setting)) : NULL;
        if (value == NULL || !setting_set_forgiving(&config->settings, setting, value, warn, user_data))
            continue;
        if (render(config, setting) < 0)
            return error_nomem(error);
        taken++;
    }
    return taken;
}

#define COLUMN(name, getter)                                       \
    const char *name(size_t index)                                 \
    {                                                              \
        const struct setting *setting = setting_at(index);         \
        return setting != NULL ? getter(setting) : NULL;           \
    }

COLUMN(ecsengine_config_key, setting_key)
COLUMN(ecsengine_config_key_variable, setting_variable)
COLUMN(ecsengine_config_key_default, setting_default)
COLUMN(ecsengine_config_key_range, setting_range)
COLUMN(ecsengine_config_key_help, setting_help)
