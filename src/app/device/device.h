/*
 * The inside of a device, shared by its files: device.c (beginning, events, end), device/clock.c,
 * device/values.c (what lasts), device/files.c, device/simulation.c; device/port.h has the Network
 * Port object.
 */
#ifndef BASALT_APP_DEVICE_H
#define BASALT_APP_DEVICE_H

#include "app/station.h"

#include "basalt/store.h"

enum { DEVICE_PORT_INSTANCE = 1 };

struct device {
    struct bas_env env;
    struct bas_loop *loop;
    struct bas_station *station; /* NULL until it is started */
    void (*event)(void *user, const struct bas_station_event *event);
    void *user;
    struct bsc_node_config node; /* as it is now: timers change */
    struct bas_hub *host;        /* NULL: none in this process */
    struct device_port *port;
    uint32_t instance;
    uint32_t revision;       /* of the database, at the start */
    int64_t clock_offset;    /* of its own clock to the machine's, microseconds */
    struct bas_store *store; /* NULL: nothing is kept */
    char *values_file;       /* its name; NULL: none */
    size_t values_file_len;
    bool is_changing;                     /* a change of the store has begun and not ended */
    bool has_failed;                      /* the last one; told once */
    struct device_files *files;           /* NULL: none is kept */
    struct device_simulation *simulation; /* NULL: nothing is simulated */
};

/* The clock: local time of the device, which time synchronization sets and nobody else. */

/* Microseconds since 1970 by it. */
int64_t device_now(const struct device *device);
/* A time of the machine's wall clock as the device tells it; 0: unspecified. */
struct bac_date_time device_date_time(const struct device *device, int64_t wall);
void device_set_clock(struct device *device, const struct bac_server_event *event);
enum { DEVICE_CLOCK_PROPERTIES = 4 };
void device_clock_properties(struct device *device,
                             struct bac_property_config properties[DEVICE_CLOCK_PROPERTIES]);

/* What lasts: writes and created objects, kept in a store before their answers leave. */

/* Opens the store that settings name, if any, and counts the revision of the database on when
 * objects of the configuration came, went or were renamed since. */
BAS_MUST_USE bas_err device_values_open(struct device *device,
                                        const struct bas_device_settings *settings,
                                        struct bas_fault *fault);
/* Gives back to the server what was kept. What does not fit any more is told and stays kept. */
BAS_MUST_USE bas_err device_values_restore(struct device *device, struct bas_fault *fault);
void device_values_take(struct device *device, const struct bac_server_event *event);
/* The change, ready to be written to: NULL: nothing is kept, or it cannot be. */
struct bas_store *device_values_change(struct device *device);
/* Ends the change. Called before anything that was answered since leaves. */
void device_values_settle(struct device *device);

/* Files that can be written, of the n objects of the settings: theirs is the content from here on.
 */
BAS_MUST_USE bas_err device_files_open(struct device *device, struct bac_object_config *objects,
                                       size_t n, struct bas_fault *fault);
void device_files_close(struct device *device);
/* Puts what has changed into the change of the store. */
BAS_MUST_USE bas_err device_files_keep(struct device *device, struct bas_store *store,
                                       struct bas_fault *fault);

/* Simulation */

BAS_MUST_USE bas_err device_simulation_start(struct device *device,
                                             const struct bas_device_settings *settings,
                                             struct bas_fault *fault);
void device_simulation_stop(struct device *device);

#endif
