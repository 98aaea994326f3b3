/* SPDX-License-Identifier: Apache-2.0 */
/* Keyed hashing, and randomness made of it: a draw is a hash of (seed, who, what for, how many-eth), so a draw more in one place never
 * shifts the draws of another (per-purpose streams). SipHash-2-4 (Aumasson and Bernstein, 2012). */
#ifndef BASE_PRNG_H
#define BASE_PRNG_H

#include <stddef.h>
#include <stdint.h>

uint64_t hash64(uint64_t seed, const void *data, size_t len);
/* The n-th number of the stream (seed, who, purpose). `who_len` bytes. */
uint64_t prng_draw(uint64_t seed, const void *who, size_t who_len, uint32_t purpose, uint64_t n);
/* The same of a stream whose hash64(seed, who, who_len) is known already. */
uint64_t prng_draw_hashed(uint64_t seed, uint64_t who_hash, uint32_t purpose, uint64_t n);
/* Uniform in [0, limit); 0 for a limit of 0. */
uint64_t prng_below(uint64_t draw, uint64_t limit);

#endif
