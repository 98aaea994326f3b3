/* SPDX-License-Identifier: Apache-2.0 */
/* Where a crash may change what comes out, and why. What always holds must hold there, too. A row that excuses nothing is a failure of
 * the test. */
#include "exceptions.h"

#include <stddef.h>
#include <string.h>

#define COUNTS "the script counts, and what it has in mind for the n-th try meets another one"
#define TIMES "the crash comes between two things of one moment, which then come the other way round"
#define SECRETS "credentials came with the payload; they are in no record, and nobody gives them again"
#define UNSAVED "why a pull has failed is not saved yet when the create goes out; the next engine finds the container, and pulls nothing"
#define WALL "across engines there is the wall clock alone, and it was set"

/* The name is the file's without `.txt`. */
static const struct exception {
    const char *name;
    unsigned excuses;
    const char *why;
} table[] = {
    {"ack-not-awaited", EXCUSE_UNHEARD, "nobody acknowledges anything"},
    {"create-answer-lost", EXCUSE_ENDS, "the next engine finds the container of which this one's answer was lost"},
    {"credentials-after-restart", EXCUSE_ENDS, SECRETS},
    {"credentials-gone-before-pull", EXCUSE_ENDS, COUNTS},
    {"credentials-with-payload", EXCUSE_ENDS, SECRETS},
    {"healthy-ended-while-creating", EXCUSE_ENDS, COUNTS},
    {"inspect-fails-after-start", EXCUSE_ENDS, COUNTS},
    {"pull-default-local", EXCUSE_REASON, UNSAVED},
    {"removed-outside", EXCUSE_ENDS, "the container was gone before anybody could see how it had ended"},
    {"restart-policy-given-up", EXCUSE_ENDS, COUNTS},
    {"restart-policy-given-up-after-oom", EXCUSE_ENDS, COUNTS},
    {"restart-policy-killed-in-start", EXCUSE_ENDS, COUNTS},
    {"restart-policy-removed-in-pause", EXCUSE_ENDS, COUNTS},
    {"restart-policy-runtime-lost", EXCUSE_ENDS, COUNTS},
    {"restart-policy-stopped-in-start", EXCUSE_ENDS, COUNTS},
    {"start-answer-and-event-lost", EXCUSE_ENDS, "the next engine looks, and sees that the start went well"},
    {"start-late", EXCUSE_ENDS, "a start that is too late for the engine that asked for it is in time for the next one"},
    {"start-timeout-wall-set-back", EXCUSE_ENDS, WALL},
    {"start-timeout-wall-set-forward", EXCUSE_ENDS, WALL},
    {"stop-during-start", EXCUSE_ENDS, TIMES},
    {"upfront-local", EXCUSE_REASON, UNSAVED},
    {"upfront-missing-essential", EXCUSE_STORE, "what would start meanwhile waits for the store, and then is not wanted any more"},
    {"volume-create-fails", EXCUSE_ENDS, TIMES},
    {"volumes-of-one-that-failed", EXCUSE_ENDS, COUNTS},
};

bool excused(const char *path, unsigned excuses)
{
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        size_t len = strlen(table[i].name);
        if (strncmp(table[i].name, name, len) == 0 && strcmp(name + len, ".txt") == 0)
            return (table[i].excuses & excuses) != 0;
    }
    return false;
}
