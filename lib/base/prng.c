/* SPDX-License-Identifier: Apache-2.0 */
/* SipHash-2-4 and streams of it. */
#include "base/prng.h"

#include <string.h>

#define ROTATE(x, b) (((x) << (b)) | ((x) >> (64 - (b))))

static inline void round_of(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = ROTATE(v[1], 13) ^ v[0];
    v[0] = ROTATE(v[0], 32);
    v[2] += v[3];
    v[3] = ROTATE(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = ROTATE(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = ROTATE(v[1], 17) ^ v[2];
    v[2] = ROTATE(v[2], 32);
}

/* Little-endian, so that records and draws are the same on every machine. */
static uint64_t word_at(const unsigned char *data)
{
    uint64_t word;

    memcpy(&word, data, sizeof(word));
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap64(word) : word;
}

static uint64_t rest_at(const unsigned char *data, size_t len)
{
    uint64_t word = 0;

    for (size_t i = 0; i < len; i++)
        word |= (uint64_t)data[i] << (8 * i);
    return word;
}

static uint64_t siphash(uint64_t key0, uint64_t key1, const unsigned char *data, size_t len)
{
    uint64_t v[4] = {key0 ^ UINT64_C(0x736f6d6570736575), key1 ^ UINT64_C(0x646f72616e646f6d),
                     key0 ^ UINT64_C(0x6c7967656e657261), key1 ^ UINT64_C(0x7465646279746573)};
    size_t left = len;

    for (; left >= 8; left -= 8, data += 8) {
        uint64_t word = word_at(data);
        v[3] ^= word;
        round_of(v);
        round_of(v);
        v[0] ^= word;
    }
    uint64_t last = rest_at(data, left) | (uint64_t)len << 56;
    v[3] ^= last;
    round_of(v);
    round_of(v);
    v[0] ^= last;
    v[2] ^= 0xff;
    for (int i = 0; i < 4; i++)
        round_of(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

uint64_t hash64(uint64_t seed, const void *data, size_t len) { return siphash(seed, ~seed, data, len); }

uint64_t prng_draw(uint64_t seed, const void *who, size_t who_len, uint32_t purpose, uint64_t n)
{
    return prng_draw_hashed(seed, hash64(seed, who, who_len), purpose, n);
}

uint64_t prng_draw_hashed(uint64_t seed, uint64_t who_hash, uint32_t purpose, uint64_t n)
{
    uint64_t words[3] = {who_hash, purpose, n};
    unsigned char bytes[sizeof(words)];

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)(words[i / 8] >> (8 * (i % 8)));
    return siphash(seed, purpose, bytes, sizeof(bytes));
}

uint64_t prng_below(uint64_t draw, uint64_t limit)
{
    return (uint64_t)(((unsigned __int128)draw * limit) >> 64);
}
