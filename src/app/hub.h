/* What the device in the hub's process (spec 3.1) takes from its hub: the same certificates, the
 * same identity. */
#ifndef BASALT_APP_HUB_H
#define BASALT_APP_HUB_H

#include "app/connection_log.h"

#include "basalt/app.h"

/* The certificates in use now; a reload replaces them. The caller takes a reference of its own if
 * it keeps them. NULL: the hub speaks ws://. */
struct bas_tls_context *hub_tls(const struct bas_hub *hub);
/* Who the hub's device is, and its file. Closed with the hub. */
struct bas_state *hub_state(struct bas_hub *hub);
/* The VMAC of the port had to change (it is saved already): the hub tells the new one in
 * Connect-Accept from now on. */
void hub_set_vmac(struct bas_hub *hub, const struct bsc_vmac *vmac);

/* Connections that have ended, and those that were refused. */
const struct connection_log *hub_ended(const struct bas_hub *hub);
struct connection_log *hub_failed(struct bas_hub *hub);

#endif
