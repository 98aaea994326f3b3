/* SPDX-License-Identifier: Apache-2.0 */
/* Host ports: which are taken or reserved, and by whom. */
#ifndef ENGINE_PORTS_H
#define ENGINE_PORTS_H

#include "engine/engine.h"

bool ports_taken(const struct host *host, uint8_t protocol, uint16_t port); /* or reserved */
bool ports_reserved(const struct host *host, uint8_t protocol, uint16_t port);
/* Enters a port that a task has; it may be taken already. Takes the node over to the task's list if it is in none. */
void ports_take(struct engine *engine, struct port_charge *charge);
/* The other way; frees the node. Whoever waits for the port is a candidate again. */
void ports_give(struct engine *engine, struct port_charge *charge);
/* The charge by which a task, or (NULL) whoever took it first, has the port; NULL: none. */
const struct port_charge *ports_find(const struct engine *engine, const struct task *task, uint8_t protocol, uint16_t port);
/* Chooses so many free ports in a row out of dynamic-host-port-range; the first one, or 0: there are none. */
uint16_t ports_choose(struct engine *engine, uint8_t protocol, uint16_t count);
/* Another set of reserved ports. */
void ports_reserve(struct engine *engine, uint8_t protocol, const struct port_list *list);

#endif
