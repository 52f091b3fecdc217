/*
 * What single values look like: dpt/field.c, dpt/number.c, dpt/values.c, dpt/time.c, dpt/text.c and
 * dpt/word.c through the public functions. Standard examples, special values, what is refused.
 */
#include "test_env.h"

#include "basalt/knx_dpt.h"
#include "knx/dpt/dpt.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct knx_dpt *find(const char *id)
{
    const struct knx_dpt *dpt = knx_dpt_find(id);
    if (dpt == NULL) {
        fail_msg("no type %s", id);
    }
    return dpt;
}

static const struct written {
    const char *id;
    const char *hex;
    const char *text;
} written[] = {
    /* one octet and less */
    { "1.001", "01", "on" },
    { "1.009", "00", "open" },
    { "1.023", "01", "move up/down and step/stop" },
    { "1", "01", "true" },
    { "2.001", "03", "control, on" },
    { "2.008", "01", "no control, down" },
    { "3.007", "09", "increase 1" },
    { "3.007", "03", "decrease 3" },
    { "3.008", "0f", "down 7" },
    { "3.007", "00", "stop" },
    { "3.007", "08", "stop" },
    { "4.001", "41", "A" },
    { "4.002", "e4", "ä" },
    { "4.001", "00", "" },
    { "5.001", "80", "50 %" },
    { "5.001", "7f", "49.8 %" },
    { "5.001", "ff", "100 %" },
    { "5.003", "40", "90 °" },
    { "5.004", "ff", "255 %" },
    { "5.006", "fe", "254" },
    { "6.010", "80", "-128" },
    { "6.020", "f9", "mode 0" },
    { "6.020", "52", "status A, status C, status E, mode 1" },
    { "17.001", "00", "1" },
    { "17.001", "3f", "64" },
    { "18.001", "bf", "learn, scene 64" },
    { "18.001", "04", "activate, scene 5" },
    { "20.102", "04", "building protection" },
    { "20.105", "14", "no demand" },
    { "20.114", "ff", "void" },
    { "20", "ff", "255" },
    { "20.60102", "94", "frost alarm, cooling, dew point, mode economy" },
    { "21.001", "00", "none" },
    { "21.001", "09", "in alarm, out of service" },
    { "23.001", "03", "on/off" },
    { "25.1000", "21", "busy 2, nak 1" },
    { "26.001", "45", "inactive, scene 6" },
    { "31.101", "07", "7" },
    { "236.001", "a5", "deactivate, priority 2, mode 5" },
    { "238.600", "c7", "ballast failure, lamp failure, address 7" },
    /* numbers */
    { "7.003", "ffff", "655350 ms" },
    { "7.600", "0bb8", "3000 K" },
    { "8.010", "ff38", "-2 %" },
    { "8.010", "0001", "0.01 %" },
    { "8.010", "7fff", "invalid" },
    { "8.001", "7fff", "32767" },
    { "9.001", "0c33", "21.5 °C" },
    { "9.001", "0c1a", "21 °C" },
    { "9.001", "8a24", "-30 °C" },
    { "9.001", "7fff", "invalid" },
    { "9", "f800", "-671088.64" },
    { "9", "7ffe", "670433.28" },
    { "12.001", "ffffffff", "4294967295" },
    { "13.010", "80000000", "-2147483648 Wh" },
    { "14.056", "3f71eb86", "0.94500005 W" },
    { "14.007", "43340000", "180 °" },
    { "14", "7fffffff", "invalid" },
    { "14", "7fc00000", "NaN" },
    { "14.068", "ff800000", "-inf" },
    { "29.010", "7fffffffffffffff", "9223372036854775807 Wh" },
    { "29.010", "8000000000000000", "-9223372036854775808 Wh" },
    { "29.010", "0020000000000001", "9007199254740993 Wh" },
    /* times */
    { "10.001", "4d172a", "Tue 13:23:42" },
    { "10.001", "000000", "00:00:00" },
    { "11.001", "15 0b 1a", "2026-11-21" },
    { "11.001", "1f015a", "1990-01-31" },
    { "11.001", "040c59", "2089-12-04" },
    { "19.001", "750b1c5707180080",
      "2017-11-28 23:07:24, weekday Tue, working day no, external clock" },
    { "19.001", "750b1c1707182400", "2017-11-28 23:07:24" },
    { "19.001", "7e0b150000004140",
      "2026-11-21 00:00:00, weekday any day, working day yes, summer time, "
      "reliable source" },
    { "19.001", "000000000000be00", "*-*-* *:*:*, fault" },
    { "19.001", "ff0c1f1800002400", "2155-12-31 24:00:00" },
    /* texts */
    { "16.000", "4b4e58206973204f4b0000000000", "KNX is OK" },
    { "16.001", "47e46e736566fcdf6368656e0000", "Gänsefüßchen" },
    { "16.000", "415c1b0000000000000000000000", "A\\\\\\x1B" },
    { "16.001", "9b41009999999999999999999999", "\\x9BA" },
    { "24.001", "e400", "ä" },
    { "28.001", "e282ac00", "€" },
    { "28.001", "f09f988000", "😀" },
    { "28.001", "00", "" },
    { "234.001", "6465", "de" },
    { "231.001", "64654445", "deDE" },
    /* structures */
    { "15.000", "12345641", "code 123456, permission, left to right, index 1" },
    { "22.101", "8000", NULL },
    { "22.101", "0101", "heating, fault" },
    { "27.001", "80018000", "output 16 on, output 1 off" },
    { "30.1010", "800001", "channel 24, channel 1" },
    { "206.100", "000a04", "delay 10 min, mode building protection" },
    { "207.600", "8001", "level 50 %" },
    { "213.100", "0419041a04190000",
      "comfort 20.98 °C, standby 21 °C, economy 20.98 °C, "
      "building protection 0 °C" },
    { "217.001", "0843", "magic 1, version 1, revision 3" },
    { "219.001", "0100140103 03",
      "log number 1, priority high, area lighting, error class 1, "
      "time stamp supported, acknowledge supported, "
      "alarm unacknowledged, in alarm" },
    { "221.001", "00fa01020304", "manufacturer 00fa, number 01020304" },
    { "222.100", "0c1a0c1a7fff", "comfort 21 °C, standby 21 °C, economy invalid" },
    { "225.001", "0028ff", "time 4000 ms, percent 100 %" },
    { "229.001", "0000000a0300", "counter 10, coding 3, status 0" },
    { "232.600", "ff8000", "red 255, green 128, blue 0" },
    { "235.001", "000000808000", "energy 128 Wh, tariff 128" },
    { "235.001", "000000000002", "tariff 0" },
    { "235.001", "000000000003", "none" },
    { "237.600", "0787",
      "converter error, ballast failure, lamp failure, read, device, address 7" },
    { "241.800", "ff80c001", "height 100 %, slats 50 %, upper end position" },
    { "242.600", "333333338003", "x 0.2, y 0.2, brightness 50 %" },
    { "242.600", "000000000001", "brightness 0 %" },
    { "243.600", "000a000000000001", "fade time 1 s, brightness 0 %" },
    { "244.600", "1155",
      "mode normal, hardwired inhibit, function test not pending, "
      "duration test not pending, partial duration test not pending, "
      "failure no failure" },
    { "249.600", "00050bb88007", "fade time 0.5 s, colour temperature 3000 K, brightness 50 %" },
    { "250.600", "0d0303", "colour temperature increase 5, brightness decrease 3" },
    { "250.600", "0d0002", "colour temperature increase 5" },
    { "251.600", "cccccccc000f", "red 80 %, green 80 %, blue 80 %, white 80 %" },
    { "251.600", "000000000007", "green 0 %, blue 0 %, white 0 %" },
    { "252.600", "0b0007000a", "red increase 3, blue decrease 7" },
    { "253.600", "09000405", "x increase 1, brightness decrease 4" },
    { "254.600", "09020f", "red increase 1, green decrease 2, blue increase 7" },
    { "255.001", "4155c28f4240f5c3", "longitude 13.36 °, latitude 48.24 °" },
};

static void values_are_written_as_people_read_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < BAS_ARRAY_LEN(written); i++) {
        const struct written *row = &written[i];
        char memory[400];
        struct bas_buf out;
        bas_buf_init(&out, memory, sizeof(memory));
        struct bas_fault fault = { 0 };
        bas_err err = knx_dpt_text(find(row->id), test_hex(row->hex), &out, &fault);
        const char *text = bas_buf_text(&out);
        if ((err == BAS_OK) != (row->text != NULL) ||
            (err == BAS_OK && strcmp(text, row->text) != 0)) {
            fail_msg("%s %s: is \"%s\"%s, wanted \"%s\"", row->id, row->hex, text, fault.text,
                     row->text);
        }
    }
}

static const struct refused {
    const char *id;
    const char *hex;
    const char *why; /* in the fault */
} refused[] = {
    { "1.001", "02", "bits are set" },
    { "2.001", "04", "bits are set" },
    { "3.007", "1f", "bits are set" },
    { "4.001", "80", "not ASCII" },
    { "5.006", "ff", "255 is outside 0 .. 254" },
    { "6.020", "03", "3 is reserved" },
    { "9.001", "b1e6", "-999.68 is outside -273 .. 670433.28 °C" },
    { "9.007", "87ff", "-0.01 is outside 0" },
    { "9.027", "b000", "outside -459.6" },
    { "10.001", "f73b3c", "second: 60 is outside 0 .. 59" },
    { "10.001", "180000", "hour: 24" },
    { "10.001", "004000", "reserved bits" },
    { "11.001", "000101", "day: 0" },
    { "11.001", "040059", "month: 0" },
    { "11.001", "040164", "year" },
    { "15.000", "1234a641", "digits above 9" },
    { "16.000", "41e40000000000000000000000 00", "octet 1 is E4" },
    { "17.001", "40", "bits are set" },
    { "18.001", "40", "reserved bits" },
    { "19.001", "ff0d1ff73b3b0000", "month: 13" },
    { "19.001", "7e0b1518013b0000", "later than 24:00:00" },
    { "20.102", "05", "5 is reserved" },
    { "20.105", "12", "18 is reserved" },
    { "20.108", "00", "0 is reserved" },
    { "20.114", "09", "9 is reserved" },
    { "21.001", "20", "reserved bits" },
    { "23.002", "03", "3 is reserved" },
    { "24.001", "41", "none is 0" },
    { "24.001", "410041 00", "more are 0" },
    { "28.001", "c3 00", "octet 0 is not UTF-8" },
    { "28.001", "eda080 00", "not UTF-8" },
    { "28.001", "c080 00", "not UTF-8" },
    { "28.001", "f490808000", "not UTF-8" },
    { "206.100", "000a05", "mode: 5 is reserved" },
    { "235.001", "00000000ff00", "tariff: 255 is outside 0 .. 254" },
    { "242.600", "000000000007", "reserved bits" },
};

static void values_that_the_type_does_not_have_are_refused_with_a_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < BAS_ARRAY_LEN(refused); i++) {
        char memory[400];
        struct bas_buf out;
        bas_buf_init(&out, memory, sizeof(memory));
        struct bas_fault fault = { 0 };
        bas_err err = knx_dpt_text(find(refused[i].id), test_hex(refused[i].hex), &out, &fault);
        if (err != BAS_ERR_MALFORMED || out.len != 0 ||
            strstr(fault.text, refused[i].why) == NULL) {
            fail_msg("%s %s: \"%s\"", refused[i].id, refused[i].hex, fault.text);
        }
    }
}

/* Ways to write a value that are not the one that we write. */
static const struct written read[] = {
    { "1.001", "01", "ON" },
    { "1.001", "01", "true" },
    { "1.001", "00", "0" },
    { "1.008", "01", "on" },
    { "1.009", "00", "Open" },
    { "1.017", "01", "trigger" },
    { "2.001", "03", "on, control" },
    { "2.001", "01", "on" },
    { "2.001", "02", "control, 0" },
    { "3.007", "0b", "Increase  3" },
    { "3.007", "09", "increase" },
    { "3.008", "00", "break" },
    { "5.001", "80", " 50% " },
    { "5.001", "80", "50" },
    { "5.001", "4c", "29.8" },
    { "7.001", "000a", "1e1" },
    { "9.001", "0c33", "21.5" },
    { "9.001", "0c33", "21.5°C" },
    { "9.001", "0c33", "+21.50 °c" },
    { "9.001", "8a24", "-30" },
    { "9.001", "0000", "0.004" },
    { "9.024", "7ffe", "670433.28 kW" },
    { "9.007", "7fff", "Invalid" },
    { "14", "7fc00000", "nan" },
    { "14.056", "42c80000", "1e2 W" },
    { "29.010", "0020000000000001", "9007199254740993" },
    { "10.001", "4d172a", "tuesday 13:23:42" },
    { "10.001", "0d1700", "13:23" },
    { "10.001", "e90000", "Sun 9:00" },
    { "11.001", "150b1a", "2026-11-21" },
    { "19.001", "7e0b1500 00002400", "2026-11-21 0:00" },
    { "19.001", "7e0b154000002000", "2026-11-21 00:00:00, weekday tue" },
    { "16.000", "41000000000000000000000000 00", "\\x41" },
    { "16.001", "fc00000000000000000000000000", "ü" },
    { "18.001", "83", "learn, 4" },
    { "18.001", "03", "scene 4" },
    { "20.102", "01", "1" },
    { "20.102", "01", "COMFORT" },
    { "20", "2a", "42" },
    { "232.600", "ff8000", "255, 128, 0" },
    { "232.600", "ff8000", "blue 0, red 255, green 128" },
    { "232.600", "ff8000", "blue=0, red: 255, green = 128" },
    { "249.600", "00000bb80002", "colour_temperature 3000" },
    { "242.600", "333333338003", "0.2, 0.2, 50" },
    { "251.600", "000000000000", "none" },
    { "252.600", "0b0007000a", "red increase 3, blue decrease 7" },
    { "21.001", "02", "FAULT" },
    { "6.020", "f9", "mode 0" },
    { "27.001", "00010001", "output 1 on" },
};

static void people_may_write_values_in_other_ways(void **state)
{
    (void)state;
    for (size_t i = 0; i < BAS_ARRAY_LEN(read); i++) {
        uint8_t memory[260];
        struct bas_buf out;
        bas_buf_init(&out, memory, sizeof(memory));
        struct bas_fault fault = { 0 };
        struct bas_slice wanted = test_hex(read[i].hex);
        bas_err err = knx_dpt_parse(find(read[i].id), read[i].text, &out, &fault);
        if (err != BAS_OK || out.len != wanted.len ||
            memcmp(memory, wanted.data, wanted.len) != 0) {
            char hex[100];
            struct bas_buf is;
            bas_buf_init(&is, hex, sizeof(hex));
            bas_buf_add_hex(&is, (struct bas_slice){ memory, out.len });
            fail_msg("%s \"%s\": is %s %s", read[i].id, read[i].text, bas_buf_text(&is),
                     fault.text);
        }
    }
}

static const struct refused wrong[] = {
    { "1.001", "maybe", "none of: off, on" },
    { "1.001", "2", "none of: off, on" },
    { "1.001", "", "none of" },
    { "3.007", "increase 8", "step 1 .. 7" },
    { "3.007", "sideways 1", "stop nor decrease or increase" },
    { "4.001", "ä", "U+00E4 is not in ASCII" },
    { "4.001", "AB", "longer than 1" },
    { "5.001", "101", "101 is outside 0 .. 100 %" },
    { "5.001", "50 °C", "no number; allowed is 0 .. 100 %" },
    { "5.001", "", "no number" },
    { "5.001", "5-0", "no number" },
    { "5.001", "0x10", "no number" },
    { "5.001", "111111111111111111111111111111111111111111111111111", "no number" },
    { "9.001", "-274", "-274 is outside -273 .. 670433.28 °C" },
    { "9.001", "1e999", "no number" },
    { "9.001", "21,5", "no number" },
    { "9.001", "nan", "no number" },
    { "9", "670760.96", "outside -671088.64 .. 670433.28" },
    { "7.001", "invalid", "no number" },
    { "8.010", "327.67", "outside -327.68 .. 327.66 %" },
    { "29.010", "9223372036854775808", "outside" },
    { "29.010", "-9223372036854775809000", "outside" },
    { "10.001", "24:00", "hour: 24 is outside 0 .. 23" },
    { "10.001", "12", "hour:minute:second" },
    { "10.001", "12:00:00:00", "hour:minute:second" },
    { "10.001", "Xyz 12:00", "weekday" },
    { "10.001", "*:00:00", "hour" },
    { "11.001", "1989-12-31", "year: 1989 is outside 1990 .. 2089" },
    { "11.001", "21.11.2026", "year-month-day" },
    { "11.001", "2026-13-01", "month: 13 is outside 1 .. 12" },
    { "15.000", "12345, index 1", "6 digits" },
    { "16.000", "fifteen letters", "longer than 14" },
    { "16.000", "a\\b", "backslash" },
    { "16.000", "a\\x00b", "character 0" },
    { "16.001", "€", "U+20AC is not in ISO 8859-1" },
    { "16.001", "\xC3", "not UTF-8" },
    { "17.001", "0", "0 is outside 1 .. 64" },
    { "17.001", "65", "65 is outside 1 .. 64" },
    { "19.001", "2026-11-21 24:00:01", "later than 24:00:00" },
    { "19.001", "2026-11-* 00:00", "day: it is missing" },
    { "19.001", "2026-11-21", "hour:minute:second" },
    { "19.001", "2026-11-21 00:00, sunny", "" },
    { "20.102", "5", "none of: auto, comfort, standby, economy, building protection" },
    { "20", "256", "none of: 0 .. 255" },
    { "21.001", "broken", "\"broken\" is no part of it" },
    { "21.001", "fault, fault", "no part" },
    { "232.600", "1, 2", "blue: it is missing" },
    { "232.600", "1, 2, 3, 4", "\"4\" is no part" },
    { "232.600", "none", "red: it is missing" },
    { "232.600", "red 256, 0, 0", "red: 256 is outside 0 .. 255" },
    { "232.600", "red 1, red 2, blue 3", "" },
    { "242.600", "x 0.5", "y: it is missing" },
};

static void the_fault_tells_a_person_what_is_allowed(void **state)
{
    (void)state;
    for (size_t i = 0; i < BAS_ARRAY_LEN(wrong); i++) {
        uint8_t memory[260];
        struct bas_buf out;
        bas_buf_init(&out, memory, sizeof(memory));
        struct bas_fault fault = { 0 };
        bas_err err = knx_dpt_parse(find(wrong[i].id), wrong[i].hex, &out, &fault);
        if (err != BAS_ERR_INVALID || out.len != 0 || strstr(fault.text, wrong[i].why) == NULL) {
            fail_msg("%s \"%s\": \"%s\"", wrong[i].id, wrong[i].hex, fault.text);
        }
    }
}

static const struct written json_rows[] = {
    { "1.001", "01", "{\"dpt\":\"1.001\",\"value\":true,\"text\":\"on\"}" },
    { "3.007", "0b",
      "{\"dpt\":\"3.007\",\"value\":{\"direction\":\"increase\",\"step\":3},\"text\":\"increase "
      "3\"}" },
    { "5.001", "4c", "{\"dpt\":\"5.001\",\"value\":29.8,\"unit\":\"%\",\"text\":\"29.8 %\"}" },
    { "9.001", "0c33", "{\"dpt\":\"9.001\",\"value\":21.5,\"unit\":\"°C\",\"text\":\"21.5 °C\"}" },
    { "9.001", "7fff", "{\"dpt\":\"9.001\",\"value\":null,\"unit\":\"°C\",\"text\":\"invalid\"}" },
    { "14", "7f800000", "{\"dpt\":\"14\",\"value\":\"Infinity\",\"text\":\"inf\"}" },
    { "14", "7fc00000", "{\"dpt\":\"14\",\"value\":null,\"text\":\"NaN\"}" },
    { "20.102", "01", "{\"dpt\":\"20.102\",\"value\":1,\"text\":\"comfort\"}" },
    { "16.000", "415c1b0000000000000000000000",
      "{\"dpt\":\"16.000\",\"value\":\"A\\\\\\u001b\",\"text\":\"A\\\\\\\\\\\\x1B\"}" },
    { "17.001", "00", "{\"dpt\":\"17.001\",\"value\":1,\"text\":\"1\"}" },
    { "29.010", "7fffffffffffffff",
      "{\"dpt\":\"29.010\",\"value\":9223372036854775807,\"unit\":\"Wh\","
      "\"text\":\"9223372036854775807 Wh\"}" },
    { "10.001", "4d172a",
      "{\"dpt\":\"10.001\",\"value\":{\"weekday\":\"Tue\",\"hour\":13,\"minute\":23,\"second\":42},"
      "\"text\":\"Tue 13:23:42\"}" },
    { "206.100", "000a04",
      "{\"dpt\":\"206.100\",\"value\":{\"delay\":10,\"mode\":\"building protection\"},"
      "\"text\":\"delay 10 min, mode building protection\"}" },
    { "21.104", "05",
      "{\"dpt\":\"21.104\",\"value\":{\"solid_state\":true,\"gas\":false,\"oil\":true},"
      "\"text\":\"solid state, oil\"}" },
    { "2.001", "03",
      "{\"dpt\":\"2.001\",\"value\":{\"control\":true,\"value\":true},\"text\":\"control, on\"}" },
    { "6.020", "52",
      "{\"dpt\":\"6.020\",\"value\":{\"status_A\":true,\"status_B\":false,\"status_C\":true,"
      "\"status_D\":false,\"status_E\":true,\"value\":\"mode 1\"},"
      "\"text\":\"status A, status C, status E, mode 1\"}" },
    { "242.600", "333333338002",
      "{\"dpt\":\"242.600\",\"value\":{\"x\":0.2,\"y\":0.2,\"brightness\":null},"
      "\"text\":\"x 0.2, y 0.2\"}" },
    { "221.001", "00fa01020304",
      "{\"dpt\":\"221.001\",\"value\":{\"manufacturer\":\"00fa\",\"number\":\"01020304\"},"
      "\"text\":\"manufacturer 00fa, number 01020304\"}" },
};

static void json_has_numbers_as_numbers_and_the_text_beside(void **state)
{
    (void)state;
    for (size_t i = 0; i < BAS_ARRAY_LEN(json_rows); i++) {
        char memory[600];
        struct bas_buf out;
        struct bas_json json;
        bas_buf_init(&out, memory, sizeof(memory));
        bas_json_init(&json, &out);
        bas_json_open(&json, NULL, '{');
        struct bas_fault fault = { 0 };
        assert_int_equal(
            knx_dpt_json(find(json_rows[i].id), test_hex(json_rows[i].hex), &json, &fault), BAS_OK);
        bas_json_close(&json, '}');
        assert_string_equal(bas_buf_text(&out), json_rows[i].text);
    }
}

static void numbers_are_given_where_there_are_some(void **state)
{
    (void)state;
    static const struct {
        const char *id;
        const char *hex;
        bool has_number;
        double number;
    } rows[] = {
        { "1.001", "01", true, 1 },         { "5.001", "ff", true, 100 },
        { "9.001", "0c33", true, 21.5 },    { "9.001", "7fff", false, 0 },
        { "8.010", "7fff", false, 0 },      { "14.056", "42c80000", true, 100 },
        { "14.056", "7fc00000", false, 0 }, { "17.001", "00", true, 1 },
        { "20.102", "03", true, 3 },        { "20.102", "05", false, 0 },
        { "3.007", "01", false, 0 },        { "16.000", "41", false, 0 },
        { "232.600", "000000", false, 0 },  { "29.010", "ffffffffffffffff", true, -1 },
        { "9.001", "b1e6", false, 0 },      { "7.003", "0001", true, 10 },
        { "13.001", "ffffffff", true, -1 }, { "10.001", "000000", false, 0 },
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(rows); i++) {
        double number = 0;
        bool has_number = knx_dpt_number(find(rows[i].id), test_hex(rows[i].hex), &number);
        if (has_number != rows[i].has_number || fabs(number - rows[i].number) > 1e-9) {
            fail_msg("%s %s: %d %f", rows[i].id, rows[i].hex, has_number, number);
        }
    }
}

/* Spec 6, row 9: the smallest exponent that keeps the mantissa in 12 bits. */
static void each_float16_encodes_to_the_same_number_with_the_smallest_exponent(void **state)
{
    (void)state;
    for (uint32_t bits = 0; bits <= 0xFFFF; bits++) {
        double value = knx_float16_decode((uint16_t)bits);
        uint16_t back = knx_float16_encode(value);
        unsigned exponent = back >> 11 & 0xF;
        assert_true(fabs(knx_float16_decode(back) - value) < 1e-9);
        assert_true(exponent <= (bits >> 11 & 0xF));
        double mantissa = round(value * 100 / (double)(1U << exponent >> 1));
        assert_true(exponent == 0 || mantissa < -2048 || mantissa > 2047);
    }
}

static void a_number_between_two_float16_becomes_the_nearer_one(void **state)
{
    (void)state;
    assert_int_equal(knx_float16_encode(499.9), 0x2E1A);
    assert_int_equal(knx_float16_encode(500.1), 0x2E1B);
    assert_int_equal(knx_float16_encode(20.474), 0x07FF);
    assert_int_equal(knx_float16_encode(20.478), 0x0C00);
    assert_int_equal(knx_float16_encode(-20.484), 0x8000);
}

static void an_output_that_is_too_small_is_full_and_not_written_past(void **state)
{
    (void)state;
    for (size_t cap = 0; cap < 7; cap++) {
        char text[8] = "........";
        struct bas_buf out;
        bas_buf_init(&out, text, cap);
        assert_int_equal(knx_dpt_text(find("9.001"), test_hex("0c33"), &out, NULL), BAS_OK);
        assert_true(out.full);
        assert_memory_equal(text + cap, "........", sizeof(text) - cap);
    }
    uint8_t octets[2] = { 0, 0xAA };
    struct bas_buf out;
    bas_buf_init(&out, octets, 1);
    assert_int_equal(knx_dpt_parse(find("9.001"), "21.5", &out, NULL), BAS_OK);
    assert_true(out.full);
    assert_int_equal(octets[1], 0xAA);
}

static void texts_of_any_length_end_at_the_longest_frame(void **state)
{
    (void)state;
    char text[256];
    memset(text, 'x', sizeof(text));
    text[KNX_DPT_MAX_SIZE - 1] = 0;
    uint8_t memory[300];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    assert_int_equal(knx_dpt_parse(find("28.001"), text, &out, NULL), BAS_OK);
    assert_int_equal(out.len, KNX_DPT_MAX_SIZE);
    struct bas_fault fault = { 0 };
    text[KNX_DPT_MAX_SIZE - 1] = 'x';
    text[KNX_DPT_MAX_SIZE] = 0;
    assert_int_equal(knx_dpt_parse(find("28.001"), text, &out, &fault), BAS_ERR_INVALID);
    assert_non_null(strstr(fault.text, "longer than 253 octets"));
    memset(memory, 1, sizeof(memory));
    memory[KNX_DPT_MAX_SIZE - 1] = 0;
    char long_text[1200];
    struct bas_buf longest;
    bas_buf_init(&longest, long_text, sizeof(long_text));
    struct bas_slice octets = { memory, KNX_DPT_MAX_SIZE };
    assert_int_equal(knx_dpt_text(find("24.001"), octets, &longest, NULL), BAS_OK);
    assert_int_equal(longest.len, 4 * (KNX_DPT_MAX_SIZE - 1));
    octets.len++;
    assert_int_equal(knx_dpt_text(find("24.001"), octets, &longest, NULL), BAS_ERR_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_written_as_people_read_them),
        cmocka_unit_test(values_that_the_type_does_not_have_are_refused_with_a_reason),
        cmocka_unit_test(people_may_write_values_in_other_ways),
        cmocka_unit_test(the_fault_tells_a_person_what_is_allowed),
        cmocka_unit_test(json_has_numbers_as_numbers_and_the_text_beside),
        cmocka_unit_test(numbers_are_given_where_there_are_some),
        cmocka_unit_test(each_float16_encodes_to_the_same_number_with_the_smallest_exponent),
        cmocka_unit_test(a_number_between_two_float16_becomes_the_nearer_one),
        cmocka_unit_test(an_output_that_is_too_small_is_full_and_not_written_past),
        cmocka_unit_test(texts_of_any_length_end_at_the_longest_frame),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
