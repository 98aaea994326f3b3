/* SPDX-License-Identifier: Apache-2.0 */
/* Keyed hashing, and streams of it. */
#include "unit.h"

#include "base/prng.h"

#define ROTATE(x, b) (((x) << (b)) | ((x) >> (64 - (b))))

/* SipHash-2-4 written down once more, straight from the paper. */
static uint64_t siphash_of_paper(uint64_t k0, uint64_t k1, const unsigned char *in, size_t len)
{
    uint64_t a = k0 ^ 0x736f6d6570736575u, b = k1 ^ 0x646f72616e646f6du, c = k0 ^ 0x6c7967656e657261u, d = k1 ^ 0x7465646279746573u;
    size_t words = len / 8 + 1;

    for (size_t i = 0; i < words + 1; i++) {
        uint64_t m = 0;
        for (size_t j = 0; i < words && j < 8; j++) {
            size_t at = i * 8 + j;
            uint64_t byte = at < len ? in[at] : j == 7 ? len & 0xff : 0;
            m |= byte << (8 * j);
        }
        if (i < words)
            d ^= m;
        else
            c ^= 0xff;
        for (int round = 0; round < (i < words ? 2 : 4); round++) {
            a += b;
            b = ROTATE(b, 13);
            b ^= a;
            a = ROTATE(a, 32);
            c += d;
            d = ROTATE(d, 16);
            d ^= c;
            a += d;
            d = ROTATE(d, 21);
            d ^= a;
            c += b;
            b = ROTATE(b, 17);
            b ^= c;
            c = ROTATE(c, 32);
        }
        if (i < words)
            a ^= m;
    }
    return a ^ b ^ c ^ d;
}

START_TEST(the_hash_is_siphash_2_4)
{
    /* The published vectors: key 00..0f, input 00, 01, 02 ... */
    static const uint64_t vectors[] = {0x726fdb47dd0e0e31u, 0x74f839c593dc67fdu, 0x0d6c8009d9a94f5au,
                                       0x85676696d7fb7e2du, 0xcf2794e0277187b7u, 0x18765564cd99a68du,
                                       0xcbc9466e58fee3ceu, 0xab0200f58b01d137u, 0x93f5f5799a932462u};
    unsigned char in[128];

    for (size_t i = 0; i < sizeof(in); i++)
        in[i] = (unsigned char)i;
    for (size_t len = 0; len < sizeof(vectors) / sizeof(vectors[0]); len++)
        ck_assert_uint_eq(vectors[len], siphash_of_paper(0x0706050403020100u, 0x0f0e0d0c0b0a0908u, in, len));
    ck_assert_uint_eq(0xa129ca6149be45e5u, siphash_of_paper(0x0706050403020100u, 0x0f0e0d0c0b0a0908u, in, 15));
    for (size_t len = 0; len <= sizeof(in); len++) {
        uint64_t seed = len * 0x9e3779b97f4a7c15u;
        ck_assert_uint_eq(siphash_of_paper(seed, ~seed, in, len), hash64(seed, in, len));
    }
}
END_TEST

START_TEST(streams_are_independent_and_the_same_every_time)
{
    uint64_t base = prng_draw(1, "arn", 3, 4, 5);

    ck_assert_uint_eq(base, prng_draw(1, "arn", 3, 4, 5));
    ck_assert_uint_ne(base, prng_draw(2, "arn", 3, 4, 5));
    ck_assert_uint_ne(base, prng_draw(1, "arm", 3, 4, 5));
    ck_assert_uint_ne(base, prng_draw(1, "arn", 2, 4, 5));
    ck_assert_uint_ne(base, prng_draw(1, "arn", 3, 5, 5));
    ck_assert_uint_ne(base, prng_draw(1, "arn", 3, 4, 6));
}
END_TEST

START_TEST(a_number_below_a_limit_is_uniform)
{
    int counts[10] = {0};

    ck_assert_uint_eq(0, prng_below(UINT64_MAX, 0));
    ck_assert_uint_eq(0, prng_below(0, 10));
    ck_assert_uint_eq(9, prng_below(UINT64_MAX, 10));
    ck_assert_uint_eq(UINT64_MAX - 1, prng_below(UINT64_MAX, UINT64_MAX));
    for (uint64_t n = 0; n < 10000; n++)
        counts[prng_below(prng_draw(7, "", 0, 1, n), 10)]++;
    for (int i = 0; i < 10; i++)
        ck_assert(counts[i] > 850 && counts[i] < 1150);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, the_hash_is_siphash_2_4);
    tcase_add_test(tcase, streams_are_independent_and_the_same_every_time);
    tcase_add_test(tcase, a_number_below_a_limit_is_uniform);
}

int main(void) { return unit_run("prng", fill); }
