/* SPDX-License-Identifier: Apache-2.0 */
/* Times and durations as text. */
#include "base/timefmt.h"

#include <stdio.h>
#include <string.h>

/* Days since 1970 to a date of the Gregorian calendar, by eras of 400 years that begin on the first of March. */
static void civil(int64_t days, int64_t *year, int *month, int *day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted = (5 * day_of_year + 2) / 153; /* months from March */
    *day = (int)(day_of_year - (153 * shifted + 2) / 5 + 1);
    *month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
    *year = year_of_era + era * 400 + (*month <= 2 ? 1 : 0);
}

/* ".5" out of 500000000; "" out of 0. */
static void fraction(int64_t value, int digits, char text[16])
{
    int len = snprintf(text, 16, ".%0*lld", digits, (long long)value);

    while (len > 1 && text[len - 1] == '0')
        text[--len] = '\0';
    if (len == 1)
        text[0] = '\0';
}

void time_format(int64_t wall_ns, char text[TIME_TEXT_MAX])
{
    int64_t seconds = wall_ns / NS_PER_S, rest = wall_ns % NS_PER_S, year;
    int month, day;
    char part[16];

    if (rest < 0) {
        rest += NS_PER_S;
        seconds--;
    }
    int64_t days = seconds / 86400, of_day = seconds % 86400;
    if (of_day < 0) {
        of_day += 86400;
        days--;
    }
    civil(days, &year, &month, &day);
    fraction(rest, 9, part);
    snprintf(text, TIME_TEXT_MAX, "%04lld-%02d-%02dT%02d:%02d:%02d%sZ", (long long)year, month, day, (int)(of_day / 3600),
             (int)(of_day / 60 % 60), (int)(of_day % 60), part);
}

void duration_format(int64_t duration_ns, char text[DURATION_TEXT_MAX])
{
    const char *sign = duration_ns < 0 ? "-" : "";
    uint64_t value = duration_ns < 0 ? 0 - (uint64_t)duration_ns : (uint64_t)duration_ns;
    char part[16];

    if (value == 0) {
        snprintf(text, DURATION_TEXT_MAX, "0s");
    } else if (value < 1000) {
        snprintf(text, DURATION_TEXT_MAX, "%s%lluns", sign, (unsigned long long)value);
    } else if (value < 1000000) {
        fraction((int64_t)(value % 1000), 3, part);
        snprintf(text, DURATION_TEXT_MAX, "%s%llu%sµs", sign, (unsigned long long)(value / 1000), part);
    } else if (value < 1000000000) {
        fraction((int64_t)(value % 1000000), 6, part);
        snprintf(text, DURATION_TEXT_MAX, "%s%llu%sms", sign, (unsigned long long)(value / 1000000), part);
    } else {
        uint64_t seconds = value / 1000000000;
        fraction((int64_t)(value % 1000000000), 9, part);
        if (seconds >= 3600)
            snprintf(text, DURATION_TEXT_MAX, "%s%lluh%llum%llu%ss", sign, (unsigned long long)(seconds / 3600),
                     (unsigned long long)(seconds / 60 % 60), (unsigned long long)(seconds % 60), part);
        else if (seconds >= 60)
            snprintf(text, DURATION_TEXT_MAX, "%s%llum%llu%ss", sign, (unsigned long long)(seconds / 60),
                     (unsigned long long)(seconds % 60), part);
        else
            snprintf(text, DURATION_TEXT_MAX, "%s%llu%ss", sign, (unsigned long long)seconds, part);
    }
}

struct unit {
    const char *name;
    int64_t ns;
};

static const struct unit units[] = {
    {"ns", 1}, {"us", 1000}, {"µs", 1000}, {"ms", NS_PER_MS}, {"s", NS_PER_S}, {"m", NS_PER_MINUTE}, {"h", NS_PER_HOUR},
};

/* One number with an optional fraction; the fraction in billionths. */
static const char *number(const char *at, int64_t *whole, int64_t *billionths)
{
    const char *start = at;
    int64_t scale = 100000000;

    *whole = *billionths = 0;
    for (; *at >= '0' && *at <= '9'; at++)
        if (__builtin_mul_overflow(*whole, 10, whole) || __builtin_add_overflow(*whole, *at - '0', whole))
            return NULL;
    if (*at != '.')
        return at > start ? at : NULL;
    bool digits = at > start;
    for (at++; *at >= '0' && *at <= '9'; at++, scale /= 10) {
        *billionths += (*at - '0') * scale;
        digits = true;
    }
    return digits ? at : NULL;
}

static const struct unit *unit_at(const char **at)
{
    const struct unit *found = NULL;
    size_t longest = 0;

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        size_t len = strlen(units[i].name);
        if (len > longest && strncmp(*at, units[i].name, len) == 0) {
            found = &units[i];
            longest = len;
        }
    }
    *at += longest;
    return found;
}

bool duration_parse(const char *text, int64_t *out_ns)
{
    const struct unit seconds = {"s", NS_PER_S};
    int64_t total = 0;
    const char *at = text;

    if (*at == '+')
        at++;
    if (*at == '\0')
        return false;
    for (bool first = true; *at != '\0'; first = false) {
        int64_t whole, billionths, part;
        at = number(at, &whole, &billionths);
        if (at == NULL)
            return false;
        const struct unit *unit = *at == '\0' && first ? &seconds : unit_at(&at);
        if (unit == NULL || __builtin_mul_overflow(whole, unit->ns, &part) || __builtin_add_overflow(total, part, &total))
            return false;
        part = unit->ns >= NS_PER_S ? billionths * (unit->ns / NS_PER_S) : billionths / (NS_PER_S / unit->ns);
        if (__builtin_add_overflow(total, part, &total))
            return false;
    }
    *out_ns = total;
    return true;
}
