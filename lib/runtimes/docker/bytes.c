/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes, bounded. A daemon decides how much it sends; the maximum of each buffer decides how much of it we keep. */
#include "runtimes/docker/bytes.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void docker_bytes_init(struct docker_bytes *bytes, size_t max) { *bytes = (struct docker_bytes){.max = max}; }

void docker_bytes_free(struct docker_bytes *bytes)
{
    free(bytes->data);
    docker_bytes_init(bytes, bytes->max);
}

void docker_bytes_clear(struct docker_bytes *bytes)
{
    bytes->len = 0;
    bytes->full = false;
    bytes->no_memory = false;
    if (bytes->data != NULL)
        bytes->data[0] = '\0';
}

static bool make_room(struct docker_bytes *bytes, size_t len)
{
    if (len > bytes->max - bytes->len) {
        bytes->full = true;
        return false;
    }
    size_t need = bytes->len + len + 1;
    if (need <= bytes->capacity)
        return true;
    size_t capacity = bytes->capacity > 0 ? bytes->capacity : 256;
    while (capacity < need)
        capacity *= 2;
    char *data = realloc(bytes->data, capacity);
    if (data == NULL) {
        bytes->no_memory = true;
        return false;
    }
    bytes->data = data;
    bytes->capacity = capacity;
    return true;
}

bool docker_bytes_add(struct docker_bytes *bytes, const char *data, size_t len)
{
    if (bytes->full || bytes->no_memory || !make_room(bytes, len))
        return false;
    if (len > 0)
        memcpy(bytes->data + bytes->len, data, len);
    bytes->len += len;
    bytes->data[bytes->len] = '\0';
    return true;
}

bool docker_bytes_text(struct docker_bytes *bytes, const char *text) { return docker_bytes_add(bytes, text, strlen(text)); }

static bool unreserved(unsigned char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
           (byte != '\0' && strchr("-_.~", byte) != NULL);
}

bool docker_bytes_escaped(struct docker_bytes *bytes, const char *text, const char *keep)
{
    static const char digits[] = "0123456789ABCDEF";
    /* `.` and `..` alone would be steps in a path, not names. */
    bool dots = strcmp(text, ".") == 0 || strcmp(text, "..") == 0;

    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        bool plain = !dots && (unreserved(byte) || strchr(keep, byte) != NULL);
        char escaped[3] = {'%', digits[byte >> 4], digits[byte & 15]};

        if (!docker_bytes_add(bytes, plain ? text : escaped, plain ? 1 : 3))
            return false;
    }
    return docker_bytes_add(bytes, "", 0);
}

const char *docker_bytes_string(const struct docker_bytes *bytes) { return bytes->data != NULL ? bytes->data : ""; }

/* The length of the well-formed UTF-8 character at `text` (RFC 3629: shortest form, no surrogates), 0 if there is none. */
static size_t character_length(const unsigned char *text, size_t left)
{
    unsigned char first = text[0];
    size_t length = first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;

    if (length == 0 || length > left)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((text[i] & 0xC0) != 0x80)
            return 0;
    if ((first == 0xE0 && text[1] < 0xA0) || (first == 0xED && text[1] > 0x9F) || (first == 0xF0 && text[1] < 0x90) ||
        (first == 0xF4 && text[1] > 0x8F))
        return 0;
    return length;
}

static bool blank(unsigned char byte) { return byte <= ' ' || byte == 0x7F; }

void docker_text_clean(char *out, size_t size, const char *text, size_t len)
{
    size_t used = 0;

    while (len > 0 && blank((unsigned char)*text)) {
        text++;
        len--;
    }
    while (len > 0 && blank((unsigned char)text[len - 1]))
        len--;
    for (size_t at = 0; at < len;) {
        const unsigned char *here = (const unsigned char *)text + at;
        size_t length = character_length(here, len - at);
        size_t take = length > 0 ? length : 1;

        if (used + take >= size)
            break;
        if (length == 0)
            out[used] = '?';
        else if (blank(*here))
            out[used] = ' ';
        else
            memcpy(out + used, here, length);
        used += take;
        at += take;
    }
    out[used] = '\0';
}
