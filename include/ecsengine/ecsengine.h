/* SPDX-License-Identifier: Apache-2.0 */
/* libecsengine: the Amazon ECS task engine as a library. This header brings all of the core library's API; each of the headers below
 * can be included and read alone. Adapters have headers of their own: docker.h, sim.h. Start with engine.h. */
#ifndef ECSENGINE_ECSENGINE_H
#define ECSENGINE_ECSENGINE_H

#include "ecsengine/config.h"
#include "ecsengine/credentials.h"
#include "ecsengine/engine.h"
#include "ecsengine/error.h"
#include "ecsengine/event.h"
#include "ecsengine/exec_agent.h"
#include "ecsengine/host.h"
#include "ecsengine/log.h"
#include "ecsengine/manifest.h"
#include "ecsengine/memory.h"
#include "ecsengine/op.h"
#include "ecsengine/plan.h"
#include "ecsengine/record.h"
#include "ecsengine/runtime.h"
#include "ecsengine/store.h"
#include "ecsengine/task.h"

#endif
