/* SPDX-License-Identifier: Apache-2.0 */
/* A source whose mutants are known one by one (test_mutate.py). */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define LIMIT 10
#define TWICE(x) ((x) > 0 && (x) < 5 ? 2 * (x) : 0)

enum colour { RED, GREEN, BLUE };

static const char *const names[] = {
    [RED] = "red", /* , not a row */
    [GREEN] = "green, or so",
};

int toy_calls;

static void called(int by) { toy_calls += by; }

void engine_log(const char *text) { (void)text; }

bool toy_between(int value, const int *low)
{
    if (low != NULL && value < *low)
        return false;
    return value <= LIMIT;
}

const char *toy_name(enum colour colour)
{
    switch (colour) {
    case RED:
    case GREEN:
        return names[colour];
    default:
        return "none";
    }
}

int toy_sum(int count)
{
    static const struct {
        int value;
    } rows[] = {{1}, {20}};
    int sum = 0;

    for (int i = 0; i < count; i++)
        sum += rows[i % 2].value;
    engine_log("sum");
    called(sum);
    return TWICE(sum) != 0 ? TWICE(sum) : sum;
}
