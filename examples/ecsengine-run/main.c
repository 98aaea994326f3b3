/* SPDX-License-Identifier: Apache-2.0 */
/* ecsengine-run: runs ECS tasks from files, or drives an engine over the line protocol.
 *
 * This file puts the parts together: options, an engine, a store, a runtime, a face (run.h), the loop. It uses the public headers alone,
 * so all of it can be copied. */
#include "run.h"

#include <locale.h>
#include <stdio.h>
#include <unistd.h>

static bool open_engine(struct run *run)
{
    ecsengine_error *error = NULL;

    if (ecsengine_new(run->options.config, NULL, &run->engine, &error) < 0) {
        say_error("cannot make an engine", error);
        return false;
    }
    ecsengine_set_log(run->engine, run->options.verbose ? ECSENGINE_LOG_DEBUG : ECSENGINE_LOG_WARNING, say_log, NULL);
    if (run->options.record != NULL) {
        run->record = record_open(&run->options, run->engine);
        if (run->record == NULL)
            return false;
    }
    if (run->options.store != NULL) {
        run->store = store_open(run->options.store, run->engine);
        if (run->store == NULL)
            return false;
    }
    run->runtime = runtime_open(&run->options, run->engine);
    return run->runtime != NULL;
}

static bool open_face(struct run *run)
{
    run->face = run->options.stdio ? &stdio_face : &follow_face;
    return run->options.stdio ? stdio_open(run) : follow_open(run);
}

int main(int argc, char **argv)
{
    struct run run = {.status = STATUS_NONE};

    setlocale(LC_CTYPE, ""); /* how wide a character is; no other category: numbers must stay as JSON has them */
    switch (options_read(&run.options, argc, argv)) {
    case OPTIONS_DONE:
        run.status = fflush(stdout) == 0 ? 0 : STATUS_NONE;
        break;
    case OPTIONS_RUN:
        if (run.options.plan) {
            run.status = plan_files(&run.options);
            break;
        }
        loop_block_signals();
        output_open(&run.out, STDOUT_FILENO);
        if (open_engine(&run) && open_face(&run))
            loop_run(&run);
        stdio_close(&run);
        follow_close(&run);
        record_close(run.record, run.engine);
        ecsengine_free(run.engine);
        runtime_close(run.runtime);
        store_close(run.store);
        output_close(&run.out);
        break;
    case OPTIONS_WRONG:
        break;
    }
    options_free(&run.options);
    return run.status;
}
