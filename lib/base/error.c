/* SPDX-License-Identifier: Apache-2.0 */
/* Error objects. They come from malloc and not from an engine's allocator: they outlive engines, and some are made before there is
 * one. A static object stands in when malloc fails too, so reporting never fails. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGE_MAX = 2048, PATH_MAX_BYTES = 512, NAME_MAX_BYTES = 64 };

struct ecsengine_error {
    int code;
    int32_t line;
    int32_t column;
    char name[NAME_MAX_BYTES];
    char path[PATH_MAX_BYTES];
    char message[MESSAGE_MAX];
};

static struct ecsengine_error out_of_memory = {
    .code = ECSENGINE_ENOMEM,
    .name = "ECSENGINE_ENOMEM",
    .message = "out of memory",
};

static const char *const code_names[] = {
    [-ECSENGINE_OK] = "ECSENGINE_OK",
    [-ECSENGINE_ENOMEM] = "ECSENGINE_ENOMEM",
    [-ECSENGINE_EINVAL] = "ECSENGINE_EINVAL",
    [-ECSENGINE_ESYNTAX] = "ECSENGINE_ESYNTAX",
    [-ECSENGINE_EDOCUMENT] = "ECSENGINE_EDOCUMENT",
    [-ECSENGINE_ELIMIT] = "ECSENGINE_ELIMIT",
    [-ECSENGINE_ENOTFOUND] = "ECSENGINE_ENOTFOUND",
    [-ECSENGINE_EEXIST] = "ECSENGINE_EEXIST",
    [-ECSENGINE_EALREADY] = "ECSENGINE_EALREADY",
    [-ECSENGINE_EREENTRANT] = "ECSENGINE_EREENTRANT",
    [-ECSENGINE_ECLOSED] = "ECSENGINE_ECLOSED",
    [-ECSENGINE_ESTATE] = "ECSENGINE_ESTATE",
    [-ECSENGINE_EUNSUPPORTED] = "ECSENGINE_EUNSUPPORTED",
    [-ECSENGINE_EIO] = "ECSENGINE_EIO",
    [-ECSENGINE_ESYSTEM] = "ECSENGINE_ESYSTEM",
    [-ECSENGINE_ECORRUPT] = "ECSENGINE_ECORRUPT",
};

const char *ecsengine_code_name(int code)
{
    size_t index = code <= 0 && code > -1000 ? (size_t)-code : sizeof(code_names);

    return index < sizeof(code_names) / sizeof(code_names[0]) ? code_names[index] : "ECSENGINE_E?";
}

int32_t ecsengine_error_is_fatal(int code)
{
    (void)code;
    return 0;
}

int ecsengine_error_code(const ecsengine_error *error) { return error != NULL ? error->code : ECSENGINE_OK; }
const char *ecsengine_error_name(const ecsengine_error *error) { return error != NULL ? error->name : "ECSENGINE_OK"; }
const char *ecsengine_error_message(const ecsengine_error *error) { return error != NULL ? error->message : ""; }
const char *ecsengine_error_path(const ecsengine_error *error) { return error != NULL ? error->path : ""; }
int32_t ecsengine_error_line(const ecsengine_error *error) { return error != NULL ? error->line : 0; }
int32_t ecsengine_error_column(const ecsengine_error *error) { return error != NULL ? error->column : 0; }

void ecsengine_error_free(ecsengine_error *error)
{
    if (error != &out_of_memory)
        free(error);
}

int error_nomem(struct ecsengine_error **error)
{
    if (error != NULL) {
        ecsengine_error_free(*error);
        *error = &out_of_memory;
    }
    return ECSENGINE_ENOMEM;
}

/* Takes bytes back until the text does not end inside a character. */
static void cut_at_character(char *text)
{
    size_t len = strlen(text), start = len;

    while (start > 0 && ((unsigned char)text[start - 1] & 0xc0) == 0x80)
        start--;
    if (start == 0)
        return;
    start--;
    unsigned char lead = (unsigned char)text[start];
    size_t want = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (len - start < want)
        text[start] = '\0';
}

static void append_place(struct ecsengine_error *made)
{
    size_t used = strlen(made->message);
    char *end = made->message + used;
    size_t left = sizeof(made->message) - used;

    if (made->path[0] != '\0' && made->line > 0)
        snprintf(end, left, " at %s (line %d, column %d)", made->path, (int)made->line, (int)made->column);
    else if (made->path[0] != '\0')
        snprintf(end, left, " at %s", made->path);
    else if (made->line > 0)
        snprintf(end, left, " at line %d, column %d", (int)made->line, (int)made->column);
}

static int set_va(struct ecsengine_error **error, int code, const char *name, const char *path, int32_t line, int32_t column,
                  const char *format, va_list args) __attribute__((format(printf, 7, 0)));

static int set_va(struct ecsengine_error **error, int code, const char *name, const char *path, int32_t line, int32_t column,
                  const char *format, va_list args)
{
    if (error == NULL)
        return code;
    struct ecsengine_error *made = malloc(sizeof(*made));
    if (made == NULL) {
        ecsengine_error_free(*error);
        *error = &out_of_memory;
        return code;
    }
    made->code = code;
    made->line = line;
    made->column = column;
    snprintf(made->name, sizeof(made->name), "%s", name != NULL ? name : ecsengine_code_name(code));
    snprintf(made->path, sizeof(made->path), "%s", path != NULL ? path : "");
    cut_at_character(made->path);
    vsnprintf(made->message, sizeof(made->message) - PATH_MAX_BYTES - 64, format, args);
    cut_at_character(made->message);
    append_place(made);
    ecsengine_error_free(*error); /* last: the arguments may point into it */
    *error = made;
    return code;
}

int error_set(struct ecsengine_error **error, int code, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    set_va(error, code, NULL, NULL, 0, 0, format, args);
    va_end(args);
    return code;
}

int error_set_at(struct ecsengine_error **error, int code, const char *name, const char *path, int32_t line, int32_t column,
                 const char *format, ...)
{
    va_list args;

    va_start(args, format);
    set_va(error, code, name, path, line, column, format, args);
    va_end(args);
    return code;
}

int ecsengine_error_set(ecsengine_error **error, int code, const char *message)
{
    return error_set(error, code, "%s", message != NULL ? message : "");
}
