/* SPDX-License-Identifier: Apache-2.0 */
/* Image references. A reference is `[host[:port]/]path[:tag][@digest]`; the part after the last colon is a tag if no slash follows. */
#include "engine/reference.h"

#include <stdio.h>
#include <string.h>

const char *reference_digest(const char *reference)
{
    const char *at = strchr(reference, '@');

    return at != NULL && at[1] != '\0' ? at + 1 : NULL;
}

/* The length of the repository: all before tag and digest. */
static size_t repository_len(const char *reference)
{
    size_t len = strcspn(reference, "@");

    for (size_t i = len; i > 0 && reference[i - 1] != '/'; i--)
        if (reference[i - 1] == ':')
            return i - 1;
    return len;
}

void reference_with_tag(const char *reference, char *out, size_t size)
{
    bool bare = reference[repository_len(reference)] == '\0';

    snprintf(out, size, "%s%s", reference, bare ? ":latest" : "");
}

void reference_with_digest(const char *reference, const char *digest, char *out, size_t size)
{
    snprintf(out, size, "%.*s@%s", (int)repository_len(reference), reference, digest);
}

/* Steps over a host that is the default one, and over `library/` if no other folder follows. All of these are within the repository:
 * they end with a slash, and a tag comes after the last one. */
static const char *normalised(const char *reference, size_t *len)
{
    static const char *const hosts[] = {"docker.io/", "index.docker.io/"};

    *len = repository_len(reference);
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        size_t host = strlen(hosts[i]);
        if (strncmp(reference, hosts[i], host) == 0) {
            reference += host;
            *len -= host;
            break;
        }
    }
    if (strncmp(reference, "library/", 8) == 0 && memchr(reference + 8, '/', *len - 8) == NULL) {
        reference += 8;
        *len -= 8;
    }
    return reference;
}

bool reference_same_repository(const char *left, const char *right)
{
    size_t left_len, right_len;

    left = normalised(left, &left_len);
    right = normalised(right, &right_len);
    return left_len == right_len && memcmp(left, right, left_len) == 0;
}

static const char *hint_for(const char *text)
{
    const char *user = strstr(text, "denied: User: ");

    if (user != NULL && strstr(user, " is not authorized to perform: ecr:BatchGetImage on resource") != NULL)
        return "Check that the role has the permissions to pull images from the registry.";
    if (strstr(text, "denied: requested access to the resource is denied") != NULL)
        return "Check whether the image exists.";
    if (strstr(text, "request canceled while waiting for connection") != NULL)
        return "Check your network configuration.";
    return NULL;
}

/* Copies the text; a URL of ECR's layer bucket (it is signed, and so a secret) is replaced. */
static void copy_redacted(const char *text, char *out, size_t size)
{
    size_t used = 0;

    out[0] = '\0';
    while (*text != '\0' && used + 1 < size) {
        size_t word = strcspn(text, " \t\r\n");
        const char *url = strstr(text, "https");
        size_t before = url != NULL && url < text + word ? (size_t)(url - text) : word;
        const char *bucket = before < word ? strstr(url, "starport-layer-bucket") : NULL;
        if (bucket != NULL && bucket < text + word) {
            if (before > 0 && text[before - 1] == '"')
                before--;
            used += (size_t)snprintf(out + used, size - used, "%.*sREDACTED ECR URL", (int)before, text);
        } else {
            used += (size_t)snprintf(out + used, size - used, "%.*s", (int)word, text);
        }
        text += word;
        size_t blank = strspn(text, " \t\r\n");
        if (used < size)
            used += (size_t)snprintf(out + used, size - used, "%.*s", (int)blank, text);
        text += blank;
    }
}

const struct failure *reference_augment(const struct failure *failure, struct failure *out)
{
    char redacted[LIMIT_REASON + 1];

    if (strcmp(failure->name, "CannotPullContainerError") != 0 && strcmp(failure->name, "CannotPullECRContainerError") != 0)
        return failure;
    const char *hint = hint_for(failure->text);
    copy_redacted(failure->text, redacted, sizeof(redacted));
    *out = *failure;
    if (hint != NULL)
        snprintf(out->buffer, sizeof(out->buffer), "The task can\xe2\x80\x99t pull the image. %s %.800s", hint, redacted);
    else
        snprintf(out->buffer, sizeof(out->buffer), "%s", redacted);
    out->text = out->buffer;
    return out;
}
