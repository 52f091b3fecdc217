/* Owns the date and time that the server puts into what it sends. */
#include "bacnet/server/cov.h"

enum { DAY_S = 86400, DAYS_TO_1970 = 719468, ERA_DAYS = 146097, SECOND_US = 1000000 };

/* Days since 1970 as a date: years begin in March and go by eras of 400, so that a leap day is the
 * last day of its year. */
static struct bac_date date_of(int64_t days)
{
    int64_t shifted = days + DAYS_TO_1970;
    int64_t era = shifted / ERA_DAYS;
    int64_t day_of_era = shifted % ERA_DAYS;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153; /* 0: March */
    int64_t year = year_of_era + era * 400 + (month >= 10);
    struct bac_date date = { .year = (uint8_t)(year - 1900),
                             .month = (uint8_t)(month < 10 ? month + 3 : month - 9),
                             .day = (uint8_t)(day_of_year - (153 * month + 2) / 5 + 1) };
    date.weekday = bac_date_weekday(date);
    return date;
}

static struct bac_date_time utc(int64_t wall)
{
    int64_t seconds = wall / SECOND_US;
    int64_t of_day = seconds % DAY_S;
    return (struct bac_date_time){ .date = date_of(seconds / DAY_S),
                                   .time = { .hour = (uint8_t)(of_day / 3600),
                                             .minute = (uint8_t)(of_day / 60 % 60),
                                             .second = (uint8_t)(of_day % 60),
                                             .hundredths =
                                                 (uint8_t)(wall / (SECOND_US / 100) % 100) } };
}

static bool read_device(const struct bac_server *server, uint32_t property,
                        const struct bac_type *type, void *value)
{
    uint8_t memory[8];
    struct bas_buf raw;
    bas_buf_init(&raw, memory, sizeof(memory));
    bas_err err = bac_object_read(server->db.device, property, BAC_NO_INDEX, &raw, NULL);
    return err == BAS_OK && !raw.full &&
           bac_decode_all(type, (struct bas_slice){ raw.data, raw.len }, value, NULL, NULL) ==
               BAS_OK;
}

void bac_server_clock(const struct bac_server *server, struct bac_date_time *clock)
{
    if (!read_device(server, BAC_PROPERTY_LOCAL_DATE, &bac_type_date, &clock->date) ||
        !read_device(server, BAC_PROPERTY_LOCAL_TIME, &bac_type_time, &clock->time)) {
        int64_t wall = server->env.wall(server->env.ctx);
        *clock = utc(wall > 0 ? wall : 0);
    }
}
