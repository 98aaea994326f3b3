/* SPDX-License-Identifier: Apache-2.0 */
/* Hashing, and draws made of it. A draw is a pure function of (seed, who, what for, how many-eth): there is no generator whose state
 * one draw more would shift for everybody else. Not for secrets. */
#ifndef SIM_PRNG_H
#define SIM_PRNG_H

#include <stddef.h>
#include <stdint.h>

uint64_t sim_mix(uint64_t a, uint64_t b);
uint64_t sim_hash(const void *data, size_t len);
uint64_t sim_hash_text(const char *text);

/* The n-th number of the stream (seed, who, purpose). */
uint64_t sim_draw(uint64_t seed, uint64_t who, uint64_t purpose, uint64_t n);

/* `digits` lower-case hex digits of a stream, and a NUL. */
void sim_draw_hex(uint64_t seed, uint64_t who, uint64_t purpose, char *out, size_t digits);

#endif
