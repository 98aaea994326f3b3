/* SPDX-License-Identifier: Apache-2.0 */
/* What rewritten sources ask (schemata.py): is this mutant on? That it was asked is remembered. */
#ifndef TESTS_MUTATION_MUTANT_H
#define TESTS_MUTATION_MUTANT_H

#define MUTANTS_MAX 20000

extern int mutant_on;
extern unsigned char mutant_asked[MUTANTS_MAX];

#define MUTANT(number) (mutant_asked[number] = 1, mutant_on == (number))

#endif
