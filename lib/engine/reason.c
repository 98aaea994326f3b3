/* SPDX-License-Identifier: Apache-2.0 */
/* The reference makes a sentence out of a resource's error in a way that users see: it splits the text at white space, gives the first word
 * title case, and joins the words by blanks. Title case raises each letter that follows no letter, digit or underscore (`asm-auth` becomes
 * `Asm-Auth`); letters beyond ASCII are left as they are. */
#include "engine/reason.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* How many bytes of white space, as Unicode knows it, begin here; 0: none. */
static size_t space(const char *text)
{
    static const char *const wide[] = {"\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\xa8", "\xe2\x80\xa9",
                                       "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"};

    if (*text == ' ' || (*text >= '\t' && *text <= '\r'))
        return 1;
    for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++)
        if (strncmp(text, wide[i], strlen(wide[i])) == 0)
            return strlen(wide[i]);
    return strncmp(text, "\xe2\x80", 2) == 0 && (unsigned char)text[2] >= 0x80 && (unsigned char)text[2] <= 0x8a ? 3 : 0;
}

static bool separates(char c)
{
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';

    return !plain && (unsigned char)c < 0x80;
}

void reason_title(char *text)
{
    char *out = text, before = ' ';
    bool first_word = true;

    for (const char *at = text; *at != '\0';) {
        size_t skip = space(at);
        if (skip > 0) {
            at += skip;
            if (out != text && out[-1] != ' ')
                *out++ = ' ';
            first_word = out == text;
            continue;
        }
        char c = *at++;
        *out = first_word && separates(before) && c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
        before = *out++;
    }
    if (out != text && out[-1] == ' ')
        out--;
    *out = '\0';
}
