/* SPDX-License-Identifier: Apache-2.0 */
/* op.h: the answers to operations. What an operation says of itself is in model/op.c, results are in model/result.c. */
#include "base/error.h"
#include "driver/mailbox.h"

static int explained(int code, struct ecsengine_error **error)
{
    if (code == ECSENGINE_EALREADY)
        return error_set(error, code, "this operation is completed already");
    if (code == ECSENGINE_ECLOSED)
        return error_set(error, code, "the engine of this operation is gone");
    return code;
}

int ecsengine_op_complete(ecsengine_op *op, ecsengine_result *result, ecsengine_error **error)
{
    if (op == NULL) {
        ecsengine_result_free(result);
        return error_set(error, ECSENGINE_EINVAL, "an operation is needed");
    }
    return explained(mailbox_complete(op, result), error);
}

int ecsengine_op_update(ecsengine_op *op, int64_t current, int64_t total, const char *text, ecsengine_error **error)
{
    if (op == NULL)
        return error_set(error, ECSENGINE_EINVAL, "an operation is needed");
    return explained(mailbox_update(op, current, total, text), error);
}

int ecsengine_result_new(const ecsengine_op *op, ecsengine_result **out_result, ecsengine_error **error)
{
    if (op == NULL || out_result == NULL)
        return error_set(error, ECSENGINE_EINVAL, "an operation and a place for the result are needed");
    struct ecsengine_result *result = result_new(op->root);
    if (result == NULL)
        return error_nomem(error);
    *out_result = result;
    return 0;
}
