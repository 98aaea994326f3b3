/* SPDX-License-Identifier: Apache-2.0 */
/* The plan of a document, asked of a host made by hand. */
#ifndef TESTS_API_PLANNED_H
#define TESTS_API_PLANNED_H

#include "host.h"

#include "ecsengine/plan.h"

/* Until it is called again. */
static const char *plan_in(const char *document, enum ecsengine_plan_format format)
{
    static char copy[16384];
    ecsengine_text *text = NULL;

    document = quoted(document);
    OK(ecsengine_plan(host.engine, document, strlen(document), format, &text, &error_));
    ck_assert_uint_lt(ecsengine_text_length(text), sizeof(copy));
    memcpy(copy, ecsengine_text_data(text), ecsengine_text_length(text) + 1);
    ecsengine_text_free(text);
    return copy;
}

#endif
