/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 3339 by hand: strptime depends on the locale and knows no fractions. */
#include "runtimes/docker/rfc3339.h"

#include <stddef.h>

/* Days from 1970-01-01 in the Gregorian calendar. A year is counted from March, so that the leap day is its last. */
static int64_t days_since_1970(int year, int month, int day)
{
    int64_t years = month <= 2 ? year - 1 : year;
    int64_t months = month <= 2 ? month + 9 : month - 3;

    return years * 365 + years / 4 - years / 100 + years / 400 + (months * 153 + 2) / 5 + day - 1 - 719468;
}

/* Exactly `count` digits, and a value within the bounds. */
static bool number(const char **text, int count, int minimum, int maximum, int *out)
{
    int value = 0;

    for (int i = 0; i < count; i++) {
        char c = (*text)[i];
        if (c < '0' || c > '9')
            return false;
        value = value * 10 + (c - '0');
    }
    *text += count;
    *out = value;
    return value >= minimum && value <= maximum;
}

static bool mark(const char **text, char upper, char lower)
{
    if (**text != upper && **text != lower)
        return false;
    (*text)++;
    return true;
}

static bool fraction(const char **text, int *out_ns)
{
    int scale = 100000000;

    *out_ns = 0;
    if (**text != '.')
        return true;
    (*text)++;
    if (**text < '0' || **text > '9')
        return false;
    for (; **text >= '0' && **text <= '9'; (*text)++, scale /= 10)
        *out_ns += (**text - '0') * scale;
    return true;
}

static bool offset(const char **text, int *out_s)
{
    int sign = **text == '-' ? -1 : 1;
    int hours;
    int minutes;

    *out_s = 0;
    if (mark(text, 'Z', 'z'))
        return true;
    if (!mark(text, '+', '-') || !number(text, 2, 0, 23, &hours) || !mark(text, ':', ':') || !number(text, 2, 0, 59, &minutes))
        return false;
    *out_s = sign * (hours * 3600 + minutes * 60);
    return true;
}

bool docker_time_parse(const char *text, int64_t *out_wall_ns)
{
    int year, month, day, hour, minute, second, ns, offset_s;
    int64_t total;

    if (*text == '\0') {
        *out_wall_ns = 0;
        return true;
    }
    if (!number(&text, 4, 0, 9999, &year) || !mark(&text, '-', '-') || !number(&text, 2, 1, 12, &month) || !mark(&text, '-', '-') ||
        !number(&text, 2, 1, 31, &day) || !mark(&text, 'T', 't') || !number(&text, 2, 0, 23, &hour) || !mark(&text, ':', ':') ||
        !number(&text, 2, 0, 59, &minute) || !mark(&text, ':', ':') || !number(&text, 2, 0, 60, &second) || !fraction(&text, &ns) ||
        !offset(&text, &offset_s) || *text != '\0')
        return false;
    int64_t seconds = days_since_1970(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - offset_s;
    if (seconds < 0)
        seconds = ns = 0;
    if (__builtin_mul_overflow(seconds, INT64_C(1000000000), &total) || __builtin_add_overflow(total, ns, &total))
        return false;
    *out_wall_ns = total;
    return true;
}
