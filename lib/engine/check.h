/* SPDX-License-Identifier: Apache-2.0 */
/* Do the books balance? For tests, and for builds with -Dchecks=true after every turn. */
#ifndef ENGINE_CHECK_H
#define ENGINE_CHECK_H

#include "engine/engine.h"

enum { CHECK_TEXT_MAX = 512 };

/* True if what the engine keeps beside its tasks is what follows from them, and the rules of engine.h hold; else `text` says what does
 * not. To be asked when nothing is left to advance. O(n). */
bool engine_check(const struct engine *engine, char text[CHECK_TEXT_MAX]);

#endif
