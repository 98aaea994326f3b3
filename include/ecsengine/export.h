/* SPDX-License-Identifier: Apache-2.0 */
/* What every public header begins with: the mark of an exported function, C++ guards and fixed-width integers. */
#ifndef ECSENGINE_EXPORT_H
#define ECSENGINE_EXPORT_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define ECSENGINE_API __attribute__((visibility("default")))
#else
#define ECSENGINE_API
#endif

#endif
