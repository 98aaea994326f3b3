/* SPDX-License-Identifier: Apache-2.0 */
/* Hashing and draws: eight bytes at a time through the finisher of splitmix64 (Steele, Lea and Flood, 2014). The simulator needs
 * numbers that look unrelated and are the same everywhere, not numbers that nobody can guess. */
#include "prng.h"

#include <string.h>

static uint64_t finish(uint64_t value)
{
    value += 0x9e3779b97f4a7c15u;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
    return value ^ (value >> 31);
}

uint64_t sim_mix(uint64_t a, uint64_t b) { return finish(a ^ finish(b)); }

/* The bytes are put together by hand, so that a big-endian machine has the same numbers. */
static uint64_t word_at(const unsigned char *bytes, size_t len)
{
    uint64_t word = 0;

    for (size_t i = 0; i < len; i++)
        word |= (uint64_t)bytes[i] << (8 * i);
    return word;
}

uint64_t sim_hash(const void *data, size_t len)
{
    const unsigned char *bytes = data;
    uint64_t hash = len;

    for (; len >= 8; bytes += 8, len -= 8)
        hash = finish(hash ^ word_at(bytes, 8));
    return finish(hash ^ word_at(bytes, len));
}

uint64_t sim_hash_text(const char *text) { return sim_hash(text, strlen(text)); }

uint64_t sim_draw(uint64_t seed, uint64_t who, uint64_t purpose, uint64_t n)
{
    return sim_mix(sim_mix(seed, who), sim_mix(purpose, n));
}

void sim_draw_hex(uint64_t seed, uint64_t who, uint64_t purpose, char *out, size_t digits)
{
    static const char hex[] = "0123456789abcdef";
    uint64_t bits = 0;

    for (size_t i = 0; i < digits; i++) {
        if (i % 16 == 0)
            bits = sim_draw(seed, who, purpose, i / 16);
        out[i] = hex[bits & 15];
        bits >>= 4;
    }
    out[digits] = '\0';
}
