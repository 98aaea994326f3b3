/* SPDX-License-Identifier: Apache-2.0 */
/* The plain members of an engine's state, by struct. tests/abi/test_snapshot.py sees that each member of these structs is here, is put by
 * hand, or need not be. */
#ifndef ENGINE_SNAPSHOT_FIELDS_H
#define ENGINE_SNAPSHOT_FIELDS_H

#include "model/fields.h"

enum snapshot_table {
    TABLE_ENGINE = 0,
    TABLE_HOST,
    TABLE_DEFINITION,
    TABLE_NEED,
    TABLE_TASK,
    TABLE_CONTAINER,
    TABLE_RESTART,
    TABLE_RESOURCE,
    TABLE_AGENT,
    TABLE_PORT_CHARGE,
    TABLE_GPU_CHARGE,
    TABLE_PENDING_ACK,
    TABLE_OP,
    TABLE_EVENT,
    TABLE_ORPHAN,
    TABLE_COUNT,
};

extern const struct fields snapshot_tables[TABLE_COUNT];

#endif
