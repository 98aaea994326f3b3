/* SPDX-License-Identifier: Apache-2.0 */
/* The struct gate: three errors for three mistakes. */
#include "api/struct_gate.h"

#include <string.h>

int struct_gate(void *out, size_t own, size_t least, const void *given, const char *what, struct ecsengine_error **error)
{
    size_t size;

    if (given == NULL)
        return error_set(error, ECSENGINE_EINVAL, "%s: none was given", what);
    memcpy(&size, given, sizeof(size));
    if (size < least)
        return error_set(error, ECSENGINE_EINVAL, "%s: its size is %zu, the first version had %zu; is `size` set?", what, size, least);
    if (size > 4096)
        return error_set(error, ECSENGINE_EINVAL, "%s: a size of %zu makes no sense", what, size);
    for (size_t i = own; i < size; i++)
        if (((const unsigned char *)given)[i] != 0)
            return error_set(error, ECSENGINE_EINVAL, "%s: it uses a member that this version of the library does not know", what);
    memset(out, 0, own);
    memcpy(out, given, size < own ? size : own);
    memcpy(out, &own, sizeof(own));
    return 0;
}
