/* SPDX-License-Identifier: Apache-2.0 */
/* Recordings in memory. */
#include "recording.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void append(const void *data, size_t len, void *user_data)
{
    struct recording *recording = user_data;

    while (recording->len + len > recording->size) {
        recording->size = recording->size > 0 ? 2 * recording->size : 1 << 16;
        recording->data = realloc(recording->data, recording->size);
        if (recording->data == NULL)
            abort();
    }
    memcpy(recording->data + recording->len, data, len);
    recording->len += len;
}

int recording_start(struct recording *recording, ecsengine *engine)
{
    recording->len = 0;
    return ecsengine_record_start(engine, append, recording, NULL);
}

void recording_free(struct recording *recording)
{
    free(recording->data);
    recording->data = NULL;
    recording->len = recording->size = 0;
}

/* A replay has memory enough: what it does otherwise after a turn that had not is to be expected (docs/recordings.md). */
static bool is_different(const ecsengine_replay *replay)
{
    return ecsengine_replay_difference_turn(replay) != 0 && ecsengine_replay_starved(replay) == 0;
}

int recording_replay_with(const struct recording *recording, const ecsengine_allocator *allocator, bool *out_differs)
{
    ecsengine_replay *replay = NULL;
    int code = ecsengine_replay_new(recording->data, recording->len, allocator, &replay, NULL);

    if (code == 0)
        while ((code = ecsengine_replay_next(replay, NULL)) > 0)
            ;
    *out_differs = is_different(replay);
    ecsengine_replay_free(replay);
    return code;
}

bool recording_replays(const struct recording *recording, const char *what, uint64_t *out_turns)
{
    ecsengine_replay *replay = NULL;
    ecsengine_error *error = NULL;
    int code = ecsengine_replay_new(recording->data, recording->len, NULL, &replay, &error);

    if (code == 0)
        while ((code = ecsengine_replay_next(replay, &error)) > 0)
            ;
    bool well = code == 0 && !is_different(replay) && ecsengine_replay_cut(replay) == 0 &&
                (ecsengine_replay_turn(replay) > 0 || recording->from_turn != 0);
    if (!well)
        fprintf(stderr, "%s: replayed %llu turns: %s %s\n", what, (unsigned long long)ecsengine_replay_turn(replay),
                code < 0 ? ecsengine_error_message(error) : "", ecsengine_replay_difference(replay));
    if (out_turns != NULL)
        *out_turns = ecsengine_replay_turn(replay);
    ecsengine_error_free(error);
    ecsengine_replay_free(replay);
    return well;
}
