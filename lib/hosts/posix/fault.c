/* SPDX-License-Identifier: Apache-2.0 */
/* Faults. The texts of system errors are the untranslated ones: users match on reasons, and a locale must not change them. */
#include "hosts/posix/fault.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool posix_fault_found(const struct posix_fault *fault) { return fault->no_memory || fault->text[0] != '\0'; }

bool posix_fault_set(struct posix_fault *fault, const char *format, ...)
{
    va_list args;

    if (posix_fault_found(fault))
        return false;
    va_start(args, format);
    vsnprintf(fault->text, sizeof(fault->text), format, args);
    va_end(args);
    return false;
}

bool posix_fault_no_memory(struct posix_fault *fault)
{
    fault->no_memory = true;
    return false;
}

bool posix_fault_system(struct posix_fault *fault, const char *call, const char *path, int error)
{
    const char *said = strerrordesc_np(error);
    char text[80];

    snprintf(text, sizeof(text), "%s", said != NULL ? said : "unknown error");
    text[0] = (char)tolower((unsigned char)text[0]);
    return posix_fault_set(fault, "%s %s: %s", call, path, text);
}

bool posix_fault_within(struct posix_fault *fault, const char *what)
{
    size_t size = sizeof(fault->text);
    size_t what_len = strnlen(what, size - 3);
    size_t said_len = strlen(fault->text);

    if (fault->no_memory)
        return false;
    if (said_len > size - what_len - 3)
        said_len = size - what_len - 3;
    memmove(fault->text + what_len + 2, fault->text, said_len);
    memcpy(fault->text, what, what_len);
    memcpy(fault->text + what_len, ": ", 2);
    fault->text[what_len + 2 + said_len] = '\0';
    return false;
}
