/* Owns the clock of a device: the machine's, and what time synchronization says it is beside it. */
#define _DEFAULT_SOURCE /* tm_gmtoff, timegm */
#include "app/device/device.h"

#include <string.h>
#include <time.h>

#define MICROSECONDS INT64_C(1000000)

int64_t device_now(const struct device *d)
{
    return d->env.wall(d->env.ctx) + d->clock_offset;
}

/* Whole seconds of a time, downwards. */
static time_t seconds_of(int64_t time)
{
    return (time_t)(time / MICROSECONDS - (time % MICROSECONDS < 0 ? 1 : 0));
}

static void to_parts(int64_t time, struct tm *parts)
{
    time_t seconds = seconds_of(time);
    if (localtime_r(&seconds, parts) == NULL) {
        memset(parts, 0, sizeof(*parts));
    }
}

static struct bac_date_time from_parts(const struct tm *parts, int64_t time)
{
    int64_t rest = time - (int64_t)seconds_of(time) * MICROSECONDS;
    struct bac_date_time out = {
        .date = { .year = (uint8_t)parts->tm_year,
                  .month = (uint8_t)(parts->tm_mon + 1),
                  .day = (uint8_t)parts->tm_mday },
        .time = { (uint8_t)parts->tm_hour, (uint8_t)parts->tm_min,
                  (uint8_t)(parts->tm_sec < 60 ? parts->tm_sec : 59), (uint8_t)(rest / 10000) },
    };
    out.date.weekday = bac_date_weekday(out.date);
    return out;
}

struct bac_date_time device_date_time(const struct device *d, int64_t wall)
{
    struct bac_date_time out;
    struct tm parts;
    if (wall == 0) {
        memset(&out, 0xFF, sizeof(out));
        return out;
    }
    to_parts(wall + d->clock_offset, &parts);
    return from_parts(&parts, wall + d->clock_offset);
}

void device_set_clock(struct device *d, const struct bac_server_event *event)
{
    const struct bac_date *date = &event->date_time.date;
    const struct bac_time *time = &event->date_time.time;
    struct tm parts = { .tm_year = date->year,
                        .tm_mon = date->month - 1,
                        .tm_mday = date->day,
                        .tm_hour = time->hour,
                        .tm_min = time->minute,
                        .tm_sec = time->second,
                        .tm_isdst = -1 };
    time_t seconds = event->is_utc ? timegm(&parts) : mktime(&parts);
    int64_t now = (int64_t)seconds * MICROSECONDS + time->hundredths * INT64_C(10000);
    d->clock_offset = now - d->env.wall(d->env.ctx);
}

/* What the Device object shows. */

static bas_err get_clock(void *ctx, uint32_t property, uint32_t index, struct bas_buf *out)
{
    const struct device *d = ctx;
    struct tm parts;
    struct bac_value value = { .tag = BAC_TAG_NULL };
    int64_t now = device_now(d);
    (void)index;
    to_parts(now, &parts);
    const struct bac_date_time local = from_parts(&parts, now);
    const long minutes_east = parts.tm_gmtoff / 60 - (parts.tm_isdst > 0 ? 60 : 0);
    if (property == BAC_PROPERTY_LOCAL_DATE) {
        value = (struct bac_value){ .tag = BAC_TAG_DATE, .as.date = local.date };
    } else if (property == BAC_PROPERTY_LOCAL_TIME) {
        value = (struct bac_value){ .tag = BAC_TAG_TIME, .as.time = local.time };
    } else if (property == BAC_PROPERTY_UTC_OFFSET) { /* what is added to local time for UTC */
        value = (struct bac_value){ .tag = BAC_TAG_INTEGER, .as.integer = -minutes_east };
    } else {
        value = (struct bac_value){ .tag = BAC_TAG_BOOLEAN, .as.boolean = parts.tm_isdst > 0 };
    }
    return bac_encode(&bac_type_value, &value, BAC_APPLICATION, out);
}

void device_clock_properties(struct device *d,
                             struct bac_property_config properties[DEVICE_CLOCK_PROPERTIES])
{
    static const uint32_t numbers[DEVICE_CLOCK_PROPERTIES] = {
        BAC_PROPERTY_LOCAL_DATE,
        BAC_PROPERTY_LOCAL_TIME,
        BAC_PROPERTY_UTC_OFFSET,
        BAC_PROPERTY_DAYLIGHT_SAVINGS_STATUS,
    };
    for (size_t i = 0; i < DEVICE_CLOCK_PROPERTIES; i++) {
        properties[i] =
            (struct bac_property_config){ .property = numbers[i], .get = get_clock, .ctx = d };
    }
}
