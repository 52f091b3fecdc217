/*
 * Owns header options (AB.2): one iterator, the lists of a message, and what is allowed in them at
 * the destination. The octets of a list are never changed.
 */
#include "sc/bvlc.h"

#include "sc/policy.h"

/* The one place that knows what an option looks like. False when it is cut off. */
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

/* One option list up to its last option. */
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
