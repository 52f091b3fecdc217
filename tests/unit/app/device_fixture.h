/* A device on a loop of its own, with what its properties must read as. */
#ifndef BASALT_TEST_DEVICE_FIXTURE_H
#define BASALT_TEST_DEVICE_FIXTURE_H

#include "rt_hub.h"
#include "rt_station.h"
#include "test_folder.h"

#include <stdio.h>
#include <string.h>

enum { INSTANCE = 1234 };

/* A device and its settings; no hub is needed to look at its objects. */
struct fixture {
    struct rt_hub h; /* its world; the hub runs when a test starts it */
    struct rt_station s;
    struct bas_device_settings settings;
    char uri[80];
};

static inline void begin(struct fixture *f, struct bas_object_settings *objects, size_t n)
{
    rt_hub_begin(&f->h);
    rt_station_begin(&f->h.w, &f->s, "device", "wss://127.0.0.1:1/");
    f->settings = (struct bas_device_settings){
        .instance = INSTANCE,
        .vendor_identifier = 555,
        .tls = f->s.tls,
        .engine = f->s.node,
        .objects = objects,
        .n_objects = n,
    };
}

static inline void start(struct fixture *f)
{
    f->s.station =
        bas_device_start(f->h.w.loop, &f->settings, NULL, rt_station_event, &f->s, &f->s.fault);
    if (f->s.station == NULL) {
        fail_msg("%s", f->s.fault.text);
    }
}

/* With a hub to connect to. */
static inline void start_with_hub(struct fixture *f)
{
    rt_hub_start(&f->h);
    (void)snprintf(f->uri, sizeof(f->uri), "wss://%s/", bas_hub_address(f->h.hub));
    f->settings.engine.primary_uri = f->uri;
}

static inline void end(struct fixture *f)
{
    if (f->s.station != NULL) {
        rt_station_end(&f->s);
    }
    if (f->h.hub != NULL) {
        rt_hub_end(&f->h);
    } else {
        rt_end(&f->h.w);
    }
}

/* The property must read as these octets. */
static inline void reads(const struct fixture *f, uint32_t type, uint32_t instance,
                         uint32_t property, const char *hex)
{
    uint8_t memory[512];
    char text[1100];
    struct bas_buf out;
    struct bas_buf shown;
    struct bas_fault fault = { 0 };
    const struct bac_read_property what = { .object = { (uint16_t)type, instance },
                                            .property = property };
    bas_buf_init(&out, memory, sizeof(memory));
    if (bac_server_read(bas_station_server(f->s.station), &what, &out, &fault) != BAS_OK) {
        fail_msg("%u,%u %u: %s", type, instance, property, fault.text);
    }
    bas_buf_init(&shown, text, sizeof(text));
    bas_buf_add_hex(&shown, (struct bas_slice){ memory, out.len });
    struct bas_slice want = test_hex(hex);
    if (want.len != out.len || memcmp(want.data, memory, out.len) != 0) {
        fail_msg("%u,%u %u reads %s, not %s", type, instance, property, bas_buf_text(&shown), hex);
    }
}

static inline void reads_text(const struct fixture *f, uint32_t type, uint32_t instance,
                              uint32_t property, const char *text)
{
    char hex[600];
    struct bas_buf out;
    size_t len = strlen(text) + 1; /* and the character set */
    bas_buf_init(&out, hex, sizeof(hex));
    bas_buf_format(&out, len < 5 ? "7%zx00" : "75%02zx00", len);
    bas_buf_add_hex(&out, (struct bas_slice){ (const uint8_t *)text, strlen(text) });
    reads(f, type, instance, property, bas_buf_text(&out));
}

/* Writes as a node of the network did. */
static inline bas_err writes(const struct fixture *f, struct bac_object_id object,
                             uint32_t property, const char *hex)
{
    struct bas_fault fault = { 0 };
    const struct bac_server_event event = { .kind = BAC_SERVER_WRITTEN,
                                            .object = object,
                                            .property = property,
                                            .index = BAC_NO_INDEX,
                                            .raw = test_hex(hex) };
    return bac_server_restore(bas_station_server(f->s.station), &event, &fault);
}

#endif
