/*
 * Owns header options (AB.2): one iterator, the lists of a message, what is allowed in them at the
 * destination, and how a list of our own is made. The octets of a received list are never changed.
 */
#include "sc/bvlc.h"

#include "sc/policy.h"
#include "wire/wr.h"

/* The one place that knows what an option looks like. False when it is cut off. bsc 1.3-02 1.3-04
 * 11-06 11-37 */
static bool option_read(struct rd *r, struct bsc_option *option)
{
    struct bsc_option read = { 0 };
    read.marker = rd_u8(r);
    read.type = read.marker & 0x1F;
    if ((read.marker & BSC_OPTION_HAS_DATA) != 0) {
        read.data = rd_take(r, rd_u16(r));
    }
    if (r->err != BAS_OK) {
        return false;
    }
    *option = read;
    return true;
}

bool bsc_option_next(struct bas_slice *list, struct bsc_option *option)
{
    struct rd r = rd_init(*list);
    if (!option_read(&r, option)) {
        return false;
    }
    *list = (option->marker & BSC_OPTION_MORE) != 0 ? rd_rest(&r) : (struct bas_slice){ 0 };
    return true;
}

bool bsc_option_find(struct bas_slice list, unsigned type, struct bsc_option *option)
{
    struct bsc_option found = { 0 };
    while (bsc_option_next(&list, &found)) {
        if (found.type == type) {
            *option = found;
            return true;
        }
    }
    return false;
}

/* One option list up to its last option. bsc 1.3-01 1.3-05 2.2-02 2.2-07 11-08 11-19 11-31 */
static bas_err list_read(struct rd *r, bool is_dest, struct bas_slice *list,
                         struct bas_fault *fault)
{
    const char *which = is_dest ? "destination" : "data";
    struct rd start = *r;
    struct bsc_option option = { 0 };
    do {
        if (!option_read(r, &option)) {
            return bas_fail_code(fault, BAS_ERR_TRUNCATED, BAC_ERROR_CLASS_COMMUNICATION,
                                 BAC_ERROR_CODE_MESSAGE_INCOMPLETE, "the %s options are cut off",
                                 which);
        }
        if (option.type == 0) {
            bas_err err = bas_fail_code(fault, BAS_ERR_MALFORMED, BAC_ERROR_CLASS_COMMUNICATION,
                                        BAC_ERROR_CODE_HEADER_ENCODING_ERROR,
                                        "a %s option has the type 0", which);
            if (fault != NULL && is_dest) {
                fault->marker = option.marker;
            }
            return err;
        }
    } while ((option.marker & BSC_OPTION_MORE) != 0);
    *list = rd_take(&start, rd_left(&start) - rd_left(r));
    return BAS_OK;
}

bas_err bsc_lists_read(struct rd *r, struct bsc_message *message, struct bas_fault *fault)
{
    bas_err err = BAS_OK;
    if ((message->control & BSC_CONTROL_DEST_OPTIONS) != 0) {
        err = list_read(r, true, &message->dest_options, fault);
    }
    if (err == BAS_OK && (message->control & BSC_CONTROL_DATA_OPTIONS) != 0) {
        err = list_read(r, false, &message->data_options, fault);
    }
    return err;
}

enum { PROPRIETARY_MIN = 3 }; /* vendor identifier and option type */

static bas_err option_fail(struct bas_fault *fault, bas_err err, unsigned code, uint8_t marker,
                           const char *what)
{
    (void)bas_fail_code(fault, err, BAC_ERROR_CLASS_COMMUNICATION, code, "%s", what);
    if (fault != NULL) {
        fault->marker = marker;
    }
    return err;
}

/* Hello is known in the two Connect messages; no other destination option is, to us. */
static bool is_known(unsigned function, unsigned type)
{
    return type == BSC_OPTION_HELLO &&
           (function == BSC_CONNECT_REQUEST || function == BSC_CONNECT_ACCEPT);
}

/* bsc 1.3-08 1.3-09 1.3-10 1.4-13 2.2-07 2.2-11 11-06 11-33 */
static bas_err dest_option_check(unsigned function, const struct bsc_option *option,
                                 struct bas_fault *fault)
{
    if (option->type == BSC_OPTION_SECURE_PATH) {
        return option_fail(fault, BAS_ERR_UNSUPPORTED, BSC_POLICY_SECURE_PATH_DESTINATION_CODE,
                           option->marker, "Secure Path stands among the destination options");
    }
    if (option->type == BSC_OPTION_PROPRIETARY && option->data.len < PROPRIETARY_MIN) {
        return option_fail(fault, BAS_ERR_MALFORMED, BAC_ERROR_CODE_HEADER_ENCODING_ERROR,
                           option->marker, "a proprietary destination option is too short");
    }
    if ((option->marker & BSC_OPTION_BIT6) != 0 && !is_known(function, option->type)) {
        return option_fail(fault, BAS_ERR_UNSUPPORTED, BAC_ERROR_CODE_HEADER_NOT_UNDERSTOOD,
                           option->marker, "a destination option must be understood and is not");
    }
    return BAS_OK;
}

bas_err bsc_dest_options_check(unsigned function, struct bas_slice list, struct bas_fault *fault)
{
    struct bsc_option option = { 0 };
    while (bsc_option_next(&list, &option)) {
        bas_err err = dest_option_check(function, &option, fault);
        if (err != BAS_OK) {
            return err;
        }
    }
    return BAS_OK;
}

/* bsc 1.3-11 2.2-07 11-33 11-56 */
bas_err bsc_data_options_check(struct bas_slice list, struct bas_fault *fault)
{
    struct bsc_option option = { 0 };
    while (bsc_option_next(&list, &option)) {
        if (option.type == BSC_OPTION_SECURE_PATH && option.data.len != 0) {
            return option_fail(fault, BAS_ERR_MALFORMED, BSC_POLICY_SECURE_PATH_DATA_CODE, 0,
                               "Secure Path has data");
        }
        if (option.type == BSC_OPTION_PROPRIETARY && option.data.len < PROPRIETARY_MIN) {
            return option_fail(fault, BAS_ERR_MALFORMED, BAC_ERROR_CODE_HEADER_ENCODING_ERROR, 0,
                               "a proprietary data option is too short");
        }
    }
    return BAS_OK;
}

/* Lists of our own */

enum { OPTION_TYPE_MAX = 31, OPTION_DATA_MAX = UINT16_MAX };

/* Where the last option of a list starts: its More bit is still to be set. False: the list is
 * empty. */
static bool last_option(const struct bas_buf *list, size_t *at)
{
    struct bas_slice rest = { list->data, list->len };
    struct bsc_option option = { 0 };
    bool found = false;
    while (rest.len != 0) {
        *at = list->len - rest.len;
        found = true;
        if (!bsc_option_next(&rest, &option)) {
            return false;
        }
    }
    return found;
}

/* The marker and length of an option whose data is written behind it. False, and list is full:
 * data of len octets does not fit. */
static bool option_begin(struct bas_buf *list, uint8_t marker, size_t len)
{
    bool has_data = (marker & BSC_OPTION_HAS_DATA) != 0;
    size_t last = 0;
    if (list->full || list->cap - list->len < (has_data ? 3 : 1) + len) {
        list->full = true;
        return false;
    }
    if (last_option(list, &last)) {
        list->data[last] |= BSC_OPTION_MORE;
    }
    wr_u8(list, marker);
    if (has_data) {
        wr_u16(list, (uint16_t)len);
    }
    return true;
}

bas_err bsc_option_append(struct bas_buf *list, const struct bsc_option *option)
{
    if (option->type == 0 || option->type > OPTION_TYPE_MAX || option->data.len > OPTION_DATA_MAX) {
        return BAS_ERR_INVALID;
    }
    unsigned marker = option->marker & (BSC_OPTION_BIT6 | BSC_OPTION_HAS_DATA);
    marker |= option->data.len != 0 ? BSC_OPTION_HAS_DATA : 0;
    if (option_begin(list, (uint8_t)(marker | option->type), option->data.len)) {
        wr_slice(list, option->data);
    }
    return BAS_OK;
}

/* bsc 1.3-06 11-56 1.3-15 */
bas_err bsc_option_append_secure_path(struct bas_buf *list)
{
    const struct bsc_option option = { .marker = BSC_OPTION_BIT6, .type = BSC_OPTION_SECURE_PATH };
    return bsc_option_append(list, &option);
}

/* bsc 1.3-15 11-02 */
bas_err bsc_option_append_proprietary(struct bas_buf *list,
                                      const struct bsc_proprietary_option *option)
{
    unsigned marker = BSC_OPTION_HAS_DATA | BSC_OPTION_PROPRIETARY;
    marker |= option->must_understand ? BSC_OPTION_BIT6 : 0;
    if (option->data.len > OPTION_DATA_MAX - PROPRIETARY_MIN) {
        return BAS_ERR_INVALID;
    }
    if (option_begin(list, (uint8_t)marker, PROPRIETARY_MIN + option->data.len)) {
        wr_u16(list, option->vendor);
        wr_u8(list, option->type);
        wr_slice(list, option->data);
    }
    return BAS_OK;
}

bas_err bsc_option_proprietary(const struct bsc_option *option,
                               struct bsc_proprietary_option *proprietary)
{
    *proprietary = (struct bsc_proprietary_option){ 0 };
    if (option->type != BSC_OPTION_PROPRIETARY || option->data.len < PROPRIETARY_MIN) {
        return BAS_ERR_MALFORMED;
    }
    struct rd r = rd_init(option->data);
    proprietary->vendor = rd_u16(&r);
    proprietary->type = rd_u8(&r);
    proprietary->must_understand = (option->marker & BSC_OPTION_BIT6) != 0;
    proprietary->data = rd_rest(&r);
    return BAS_OK;
}
