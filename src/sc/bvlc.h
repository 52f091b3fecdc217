/* The rows of the BVLC-SC functions, and reading a message in steps: for bvlc.c and rules.c. */
#ifndef BASALT_SC_BVLC_H
#define BASALT_SC_BVLC_H

#include "basalt/sc.h"
#include "wire/rd.h"

#include <string.h>

enum bsc_scope { BSC_SCOPE_LOCAL, BSC_SCOPE_ADDRESSED, BSC_SCOPE_RESULT, BSC_SCOPES };

enum {
    BSC_CONTROL_DATA_OPTIONS = 0x01,
    BSC_CONTROL_DEST_OPTIONS = 0x02,
    BSC_CONTROL_DESTINATION = 0x04,
    BSC_CONTROL_ORIGINATING = 0x08,
    BSC_CONTROL_RESERVED = 0xF0
};

#define BSC_ANY_LENGTH SIZE_MAX

struct bsc_row {
    const char *name;
    enum bsc_scope scope;
    bool broadcast;
    bool request;
    bool answered;
    bool data_options;
    size_t payload_min;
    size_t payload_max;
};

/* By function; the last row stands for all unknown functions. */
extern const struct bsc_row bsc_rows[BSC_FUNCTIONS + 1];

static inline const struct bsc_row *bsc_row(unsigned function)
{
    return &bsc_rows[function < BSC_FUNCTIONS ? function : BSC_FUNCTIONS];
}

/* False, and vmac stays, when it is cut off. */
static inline bool bsc_vmac_read(struct rd *r, struct bsc_vmac *vmac)
{
    struct bas_slice s = rd_take(r, sizeof(vmac->octets));
    if (s.len != sizeof(vmac->octets)) {
        return false;
    }
    memcpy(vmac->octets, s.data, sizeof(vmac->octets));
    return true;
}

/* Function, control and id. False, and nothing is read, when there are fewer than four octets.
 * bsc 1.1-02 */
static inline bool bsc_fixed_read(struct rd *r, struct bsc_message *message)
{
    struct bas_slice s = rd_take(r, 4);
    if (s.len != 4) {
        return false;
    }
    message->function = s.data[0];
    message->control = s.data[1];
    message->id = (uint16_t)(s.data[2] << 8 | s.data[3]);
    return true;
}

/* The addresses that control announces. False when one is cut off; has_ tells what was read.
 * bsc 1.1-03 */
static inline bool bsc_addresses_read(struct rd *r, struct bsc_message *message)
{
    if ((message->control & BSC_CONTROL_ORIGINATING) != 0) {
        message->has_originating = bsc_vmac_read(r, &message->originating);
    }
    if ((message->control & BSC_CONTROL_DESTINATION) != 0) {
        message->has_destination = bsc_vmac_read(r, &message->destination);
    }
    return r->err == BAS_OK;
}

/* The option lists that control announces. */
BAS_MUST_USE bas_err bsc_lists_read(struct rd *r, struct bsc_message *message,
                                    struct bas_fault *fault);
/* What the destination checks in its lists; unknown options pass, except a destination option that
 * must be understood. */
BAS_MUST_USE bas_err bsc_dest_options_check(unsigned function, struct bas_slice list,
                                            struct bas_fault *fault);
BAS_MUST_USE bas_err bsc_data_options_check(struct bas_slice list, struct bas_fault *fault);
/* Length and values of a payload by its function; unknown functions pass. */
BAS_MUST_USE bas_err bsc_payload_check(unsigned function, struct bas_slice payload,
                                       struct bas_fault *fault);

#endif
