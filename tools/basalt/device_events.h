/* What a device tells of itself, a line for each event: of `basalt device`, and of the device in
 * the process of `basalt hub`. */
#ifndef BASALT_TOOLS_DEVICE_EVENTS_H
#define BASALT_TOOLS_DEVICE_EVENTS_H

#include "basalt/app.h"

#include "service.h"

struct device_events {
    struct service *service;
    struct bas_station *station; /* NULL: not running (any more) */
    const char *part;            /* as service->part while they are told; NULL: the only one */
    void (*stopped)(void *user); /* behind the last line; may be NULL */
    void *user;
    uint32_t instance;
    bool is_lost;          /* until something else happens */
    struct bas_fault lost; /* why the connection went */
};

/* The callback of bas_device_start; user is the struct device_events. */
void device_events_tell(void *user, const struct bas_station_event *event);

#endif
