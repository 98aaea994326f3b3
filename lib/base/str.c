/* SPDX-License-Identifier: Apache-2.0 */
/* Shared text and UTF-8. */
#include "base/str.h"

#include <string.h>

static struct str *fill(struct str *str, struct mem *mem, const char *text, size_t len)
{
    if (str == NULL)
        return NULL;
    str->mem = mem;
    atomic_init(&str->refs, 1);
    str->len = (uint32_t)len;
    memcpy(str->data, text, len);
    str->data[len] = '\0';
    return str;
}

struct str *str_new(struct mem *mem, const char *text, size_t len)
{
    return fill(mem_alloc(mem, sizeof(struct str) + len + 1), mem, text, len);
}

struct str *str_new_sure(struct mem *mem, const char *text, size_t len)
{
    return fill(mem_sure(mem, sizeof(struct str) + len + 1), mem, text, len);
}

struct str *str_ref(struct str *str)
{
    if (str != NULL)
        atomic_fetch_add_explicit(&str->refs, 1, memory_order_relaxed);
    return str;
}

void str_unref(struct str *str)
{
    if (str != NULL && atomic_fetch_sub_explicit(&str->refs, 1, memory_order_acq_rel) == 1)
        mem_free(str->mem, str);
}

/* The length of the well-formed character at text, or 0. */
static size_t character(const unsigned char *text, size_t len)
{
    unsigned char lead = text[0];
    size_t want = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;

    if (want == 0 || want > len)
        return 0;
    for (size_t i = 1; i < want; i++)
        if ((text[i] & 0xc0) != 0x80)
            return 0;
    if ((lead == 0xe0 && text[1] < 0xa0) || (lead == 0xed && text[1] > 0x9f) || (lead == 0xf0 && text[1] < 0x90) ||
        (lead == 0xf4 && text[1] > 0x8f))
        return 0;
    return want;
}

bool utf8_valid(const char *text, size_t len)
{
    const unsigned char *at = (const unsigned char *)text;

    while (len > 0) {
        uint64_t eight;
        if (len >= sizeof(eight) && (memcpy(&eight, at, sizeof(eight)), (eight & UINT64_C(0x8080808080808080)) == 0)) {
            at += sizeof(eight);
            len -= sizeof(eight);
            continue;
        }
        size_t step = character(at, len);
        if (step == 0)
            return false;
        at += step;
        len -= step;
    }
    return true;
}

void utf8_repair(char *text, size_t len)
{
    for (size_t i = 0; i < len;) {
        size_t step = character((const unsigned char *)text + i, len - i);
        if (step == 0)
            text[i] = '?';
        i += step > 0 ? step : 1;
    }
}

size_t utf8_cut(const char *text, size_t len, size_t max)
{
    if (len <= max)
        return len;
    while (max > 0 && ((unsigned char)text[max] & 0xc0) == 0x80)
        max--;
    return max;
}

bool ascii_equal(const char *left, const char *right)
{
    for (; *left != '\0' && *right != '\0'; left++, right++) {
        char l = *left >= 'A' && *left <= 'Z' ? (char)(*left + 32) : *left;
        char r = *right >= 'A' && *right <= 'Z' ? (char)(*right + 32) : *right;
        if (l != r)
            return false;
    }
    return *left == *right;
}
