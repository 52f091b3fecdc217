/* The rules of spec 2.1, 2.2 and 3.3, a sentence each; "row n" is a row of its section 11. */
#include "test_env.h"

#include "basalt/sc.h"

#include <stdio.h>
#include <string.h>

#define A    "123456789ABC"
#define B    "A20B0C0D0E0F"
#define ALL  "FFFFFFFFFFFF"
#define UUID "0F1E2D3C4B5A46879786A5B4C3D2E1F0"
#define ME   A UUID "064005D9" /* the payload of a Connect message */

enum { HUB, NODE, DIRECT, ACCEPTING, INITIATING };
enum { NO_FAULT = 0xFFFF };

/* Octets until the next call, at the end of their memory: ASan sees a read behind them. */
static struct bas_slice octets_of(const char *hex)
{
    static uint8_t memory[512];
    uint8_t octets[512];
    size_t len = sizeof(octets);
    assert_int_equal(bas_hex_decode(hex, octets, &len), BAS_OK);
    memcpy(memory + sizeof(memory) - len, octets, len);
    return (struct bas_slice){ memory + sizeof(memory) - len, len };
}

struct judged {
    struct bsc_message message;
    struct bas_fault fault;
};

/* Judges and compares action, code and marker; NO_FAULT: the fault must be untouched. */
static struct judged expect_marker(unsigned role, const char *hex, enum bsc_action wanted,
                                   unsigned code, unsigned marker)
{
    struct judged j;
    memset(&j.fault, 0xA5, sizeof(j.fault));
    const struct bas_fault before = j.fault;
    enum bsc_action action = bsc_judge((enum bsc_role)role, octets_of(hex), &j.message, &j.fault);
    bool clean = memcmp(&before, &j.fault, sizeof(before)) == 0;
    if (action != wanted || clean != (code == NO_FAULT) || (!clean && j.fault.error_code != code)) {
        fail_msg("role %u, %s: action %u with code %u, wanted %u with %u", role, hex,
                 (unsigned)action, clean ? (unsigned)NO_FAULT : j.fault.error_code,
                 (unsigned)wanted, code);
    }
    if (!clean) {
        assert_int_not_equal(j.fault.err, BAS_OK);
        assert_int_equal(j.fault.error_class, BAC_ERROR_CLASS_COMMUNICATION);
        assert_int_equal(j.fault.marker, marker);
        assert_int_not_equal(j.fault.text[0], 0);
    }
    return j;
}

static struct judged expect(unsigned role, const char *hex, enum bsc_action wanted, unsigned code)
{
    return expect_marker(role, hex, wanted, code, 0);
}

static void deliver(unsigned role, const char *hex)
{
    (void)expect(role, hex, BSC_ACTION_DELIVER, NO_FAULT);
}

static void answer(unsigned role, const char *hex)
{
    (void)expect(role, hex, BSC_ACTION_ANSWER, NO_FAULT);
}

static void forward(const char *hex)
{
    (void)expect(HUB, hex, BSC_ACTION_FORWARD, NO_FAULT);
}

static void drop(unsigned role, const char *hex, unsigned code)
{
    (void)expect(role, hex, BSC_ACTION_DROP, code);
}

/* Expects a NAK with this code, and its octets. */
static void nak(unsigned role, const char *hex, unsigned code, const char *reply)
{
    struct judged j = expect(role, hex, BSC_ACTION_NAK, code);
    uint8_t memory[64];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    bsc_nak(&j.message, &j.fault, false, &out);
    struct bas_slice wanted = test_hex(reply);
    assert_int_equal(out.len, wanted.len);
    assert_memory_equal(out.data, wanted.data, wanted.len);
}

/* A message that is fine but for its header, in hex: function, control, id 1, rest. */
static const char *make(char text[400], unsigned function, unsigned control, const char *rest)
{
    (void)snprintf(text, 400, "%02X%02X0001 %s", function, control, rest);
    return text;
}

/* A payload that is right for a function. */
static const char *payload_of(unsigned function)
{
    static const char *const payloads[] = {
        [BSC_BVLC_RESULT] = "0C00",
        [BSC_ENCAPSULATED_NPDU] = "0100",
        [BSC_ADVERTISEMENT] = "0101064005D9",
        [BSC_CONNECT_REQUEST] = ME,
        [BSC_CONNECT_ACCEPT] = ME,
        [BSC_PROPRIETARY_MESSAGE] = "010409",
    };
    const char *payload = function < BAS_ARRAY_LEN(payloads) ? payloads[function] : NULL;
    return payload != NULL ? payload : "";
}

static const char *whole(char text[400], unsigned function, unsigned control, const char *addresses)
{
    char rest[300];
    (void)snprintf(rest, sizeof(rest), "%s%s", addresses, payload_of(function));
    return make(text, function, control, rest);
}

/* Spec 2.1 */

/* Hard rule 1, for every function and a few faults. bsc 2.1-15 */
static void a_broadcast_is_never_answered_whatever_is_wrong_with_it(void **state)
{
    (void)state;
    char text[400];
    for (unsigned function = 0; function < 256; function++) {
        for (unsigned role = HUB; role <= INITIATING; role++) {
            static const char *const rests[] = { ALL, ALL "00", ALL "0102030405060708" };
            for (size_t i = 0; i < BAS_ARRAY_LEN(rests); i++) {
                for (unsigned control = 0x04; control < 0x100; control += 0x11) {
                    struct judged j;
                    enum bsc_action action =
                        bsc_judge((enum bsc_role)role,
                                  octets_of(make(text, function, (control & 0xF7) | 4, rests[i])),
                                  &j.message, &j.fault);
                    assert_int_not_equal(action, BSC_ACTION_NAK);
                    assert_int_not_equal(action, BSC_ACTION_ANSWER);
                }
            }
        }
    }
    drop(NODE, "010C0001" A ALL, 149);
    drop(NODE, "0C0C0001" A ALL "0104", 147);
    (void)expect_marker(NODE, "010E0001" A ALL "7F000301040A 0100", BSC_ACTION_DROP, 146, 0x7F);
    (void)expect_marker(NODE, "010E0001" A ALL "40 0100", BSC_ACTION_DROP, 145, 0x40);
    drop(NODE, "0D0C0001" A ALL, 143);
    drop(NODE, "011C0001" A ALL "0100", 80);
}

/* Hard rule 2. bsc 2.1-01 2.1-04 2.1-05 2.1-08 2.1-10 2.1-12 2.1-16 */
static void responses_and_advertisements_are_never_answered_with_a_result(void **state)
{
    (void)state;
    char text[400];
    static const unsigned functions[] = { 0x00, 0x03, 0x04, 0x07, 0x09, 0x0B };
    for (size_t i = 0; i < BAS_ARRAY_LEN(functions); i++) {
        unsigned fn = functions[i];
        bool local = fn >= 0x06;
        /* reserved bits, a cut option, data options, an option that must be understood */
        drop(NODE, make(text, fn, local ? 0x10 : 0x18, local ? "" : A), 80);
        drop(NODE, make(text, fn, local ? 0x02 : 0x0A, local ? "3F00" : A "3F00"), 147);
        drop(NODE, make(text, fn, local ? 0x02 : 0x0A, local ? "00" : A "00"), 145);
        drop(NODE, make(text, fn, local ? 0x01 : 0x09, local ? "41" : A "41"), 7);
        (void)expect_marker(NODE, make(text, fn, local ? 0x02 : 0x0A, local ? "46" : A "46"),
                            BSC_ACTION_DROP, 146, 0x46);
    }
    drop(NODE, "00080001" B "0102", 80);
    drop(NODE, "00080001" B, 149);
    drop(NODE, "00080001" B "010100000700", 147);
    drop(NODE, "04080001" B "0301064005D9", 80);
    drop(NODE, "04080001" B "0101064005D900", 150);
    drop(NODE,
         "04000001"
         "0101064005D9",
         80);
    drop(NODE, "09000001 00", 150);
    drop(HUB, "0B000001 00", 150);
    drop(INITIATING, "07000001" ME "00", 150);
    drop(INITIATING, "07000001", 149);
    drop(INITIATING, "07000001" ALL UUID "064005D9", 80);
    drop(INITIATING, "00000001 06", 147);
}

/* Hard rule 3; row 52. bsc 2.1-17 2.2-01 11-52 */
static void fewer_than_four_octets_are_dropped_by_everybody(void **state)
{
    (void)state;
    for (unsigned role = HUB; role <= INITIATING; role++) {
        drop(role, "", 147);
        drop(role, "01", 147);
        drop(role, "0A00", 147);
        drop(role, "0A0000", 147);
    }
}

/* Hard rule 4; rows 5, 7 and 17. bsc 2.1-18 11-05 11-07 11-17 */
static void a_nak_copies_id_and_function_also_of_unknown_functions(void **state)
{
    (void)state;
    nak(NODE, "FF08BEEF" A "00", 143, "0004BEEF" A "FF01 00 0007 008F");
    nak(NODE, "0108FFFF" A, 149, "0004FFFF" A "0101 00 0007 0095");
    nak(DIRECT, "20000000", 143, "00000000 2001 00 0007 008F");
}

/* bsc 1.2-11 11-43 */
static void a_nak_goes_to_the_originating_address_and_else_without_addresses(void **state)
{
    (void)state;
    nak(NODE, "02080001" A "00", 150, "00040001" A "0201 00 0007 0096");
    nak(NODE, "02000001", 80, "00000001 0201 00 0007 0050");
    nak(DIRECT, "02000001 00", 150, "00000001 0201 00 0007 0096");
}

/* The connection-local functions are answered without addresses, always. bsc 1.2-08 1.2-05 */
static void a_nak_to_a_connection_local_function_has_no_address(void **state)
{
    (void)state;
    nak(ACCEPTING, "06080001" A ME, 80, "00000001 0601 00 0007 0050");
    nak(ACCEPTING, "06040001" B ME, 80, "00000001 0601 00 0007 0050");
    drop(ACCEPTING, "06040001" ALL ME, 80);
    drop(INITIATING, "07080001" A ME, 80);
    drop(INITIATING, "07040001" A ME, 80);
    drop(INITIATING, "00080001" A "0601 00 0007 0097", 80);
    drop(INITIATING, "00040001" A "0601 00 0007 0097", 80);
    nak(NODE, "0A080001" A, 80, "00000001 0A01 00 0007 0050");
    nak(HUB, "0A080001" A, 80, "00000001 0A01 00 0007 0050");
    nak(HUB, "0A040001" B, 80, "00000001 0A01 00 0007 0050");
    nak(HUB, "080C0001" A B, 80, "00000001 0801 00 0007 0050");
}

/* An Originating address that a hub or a direct peer has no reason to trust is no way back.
 * bsc 1.2-05 1.2-06 */
static void a_nak_on_the_same_connection_never_follows_an_originating_address(void **state)
{
    (void)state;
    nak(HUB, "01080001" B "0100", 80, "00000001 0101 00 0007 0050");
    nak(DIRECT, "01080001" B "0100", 80, "00000001 0101 00 0007 0050");
}

/* Spec 2.2, in its order */

/* #2 bsc 2.2-02 */
static void an_address_that_is_cut_off_is_incomplete(void **state)
{
    (void)state;
    drop(NODE, "01080001 123456789A", 147);     /* nobody to answer */
    drop(NODE, "010C0001" A "FFFFFFFFFF", 147); /* a broadcast, perhaps */
    drop(DIRECT, "01040001 FFFFFF", 147);       /* the same */
    drop(HUB, "00040001 A20B", 147);            /* a response */
    nak(HUB, "01040001 A20B", 147, "00000001 0101 00 0007 0093");
    nak(HUB, "01080001 A20B", 147, "00000001 0101 00 0007 0093");
    nak(HUB, "010C0001" A "A20B", 147, "00000001 0101 00 0007 0093");
    nak(DIRECT, "01080001 A20B", 147, "00000001 0101 00 0007 0093");
    nak(HUB, "0A040001 A2", 147, "00000001 0A01 00 0007 0093");
    drop(ACCEPTING, "01080001 A20B", BAC_ERROR_CODE_OTHER);
}

/* #2, #3, #4; rows 20 and 39: each fixed payload short, absent, long. bsc 2.2-03 2.2-04 11-04 */
static void a_payload_of_the_wrong_length_is_refused(void **state)
{
    (void)state;
    nak(NODE, "01080001" A, 149, "00040001" A "0101 00 0007 0095");
    deliver(NODE, "01080001" A "01");
    nak(NODE, "02080001" A "00", 150, "00040001" A "0201 00 0007 0096");
    nak(NODE, "05080001" A "00", 150, "00040001" A "0501 00 0007 0096");
    nak(NODE, "0C080001" A "0104", 147, "00040001" A "0C01 00 0007 0093");
    nak(NODE, "0C080001" A, 149, "00040001" A "0C01 00 0007 0095");
    nak(ACCEPTING, "06000001", 149, "00000001 0601 00 0007 0095");
    nak(ACCEPTING, "06000001" A UUID "064005", 147, "00000001 0601 00 0007 0093");
    nak(ACCEPTING, "06000001" ME "00", 150, "00000001 0601 00 0007 0096");
    nak(NODE, "08000001 00", 150, "00000001 0801 00 0007 0096");
    nak(HUB, "0A000001 00", 150, "00000001 0A01 00 0007 0096");
}

/* #5; rows 10 and 17 bsc 2.1-14 2.2-05 */
static void an_unknown_function_is_refused_at_its_destination_only(void **state)
{
    (void)state;
    char text[400];
    for (unsigned function = 0x0D; function < 256; function++) {
        (void)expect(NODE, make(text, function, 0x08, A "00"), BSC_ACTION_NAK, 143);
        (void)expect(DIRECT, make(text, function, 0x00, ""), BSC_ACTION_NAK, 143);
        (void)expect(HUB, make(text, function, 0x00, ""), BSC_ACTION_NAK, 143);
        (void)expect(HUB, make(text, function, 0x04, B), BSC_ACTION_FORWARD, NO_FAULT);
        (void)expect(HUB, make(text, function, 0x04, ALL), BSC_ACTION_FORWARD, NO_FAULT);
        (void)expect(ACCEPTING, make(text, function, 0x00, ""), BSC_ACTION_DROP,
                     BAC_ERROR_CODE_OTHER);
    }
}

/* #6: delivered; what the owner of the node does with it is his. bsc 2.1-13 */
static void a_proprietary_message_is_delivered(void **state)
{
    (void)state;
    deliver(NODE, "0C080001" A "010409");
    deliver(NODE, "0C0C0001" A ALL "010409");
    deliver(DIRECT, "0C000001 010409");
}

/* #7 bsc 1.3-08 2.2-07 */
static void a_malformed_option_of_a_known_type_is_a_header_encoding_error(void **state)
{
    (void)state;
    nak(NODE, "01090001" A "40 0100", 145, "00040001" A "0101 00 0007 0091");
    nak(NODE, "01090001" A "61000100 0100", 145, "00040001" A "0101 00 0007 0091");
    nak(NODE, "01090001" A "3F00020104 0100", 145, "00040001" A "0101 00 0007 0091");
    nak(NODE, "01090001" A "1F 0100", 145, "00040001" A "0101 00 0007 0091");
    (void)expect_marker(NODE, "010A0001" A "40 0100", BSC_ACTION_NAK, 145, 0x40);
    (void)expect_marker(NODE, "010A0001" A "3F0002 0104 0100", BSC_ACTION_NAK, 145, 0x3F);
    (void)expect_marker(NODE, "010A0001" A "86 9F 06 0100", BSC_ACTION_NAK, 145, 0x9F);
    (void)expect_marker(HUB, "0A020001 3F00020104", BSC_ACTION_NAK, 145, 0x3F);
    /* flag set and no octets is no data; row 56: bit 6 of Secure Path does not matter */
    deliver(NODE, "01090001" A "610000 0100");
    deliver(NODE, "01090001" A "01 0100");
    deliver(NODE, "01090001" A "C13F0003010407 0100");
}

/* #8; rows 18 and 31 bsc 2.2-08 11-18 11-25 11-31 */
static void each_reserved_control_bit_is_out_of_range(void **state)
{
    (void)state;
    char text[400];
    for (unsigned bit = 0x10; bit <= 0x80; bit <<= 1) {
        nak(NODE, make(text, 0x01, 0x08 | bit, A "0100"), 80, "00040001" A "0101 00 0007 0050");
        nak(HUB, make(text, 0x0A, bit, ""), 80, "00000001 0A01 00 0007 0050");
        nak(DIRECT, make(text, 0x05, bit, ""), 80, "00000001 0501 00 0007 0050");
        nak(ACCEPTING, make(text, 0x06, bit, ME), 80, "00000001 0601 00 0007 0050");
        drop(NODE, make(text, 0x03, 0x08 | bit, A), 80);
        forward(make(text, 0x01, 0x04 | bit, B "0100")); /* they travel as received */
    }
}

/* #8; rows 13, 26 and 41: who must and must not have which address. bsc 1.2-07 1.2-08 1.2-10 2.2-08
 * 11-41 */
static void addresses_are_there_where_they_must_be_and_nowhere_else(void **state)
{
    (void)state;
    char text[400];
    for (unsigned fn = 0; fn < BSC_FUNCTIONS; fn++) {
        bool local = fn >= 0x06 && fn <= 0x0B;
        bool request = fn == 1 || fn == 2 || fn == 5 || fn == 6 || fn == 8 || fn == 10 || fn == 12;
        bool good_without = local || fn == BSC_BVLC_RESULT;
        enum bsc_action bad = request ? BSC_ACTION_NAK : BSC_ACTION_DROP;
        bool answered = fn == 2 || fn == 5 || fn == 8 || fn == 10;
        enum bsc_action good = answered ? BSC_ACTION_ANSWER : BSC_ACTION_DELIVER;
        const char *none = whole(text, fn, 0, "");
        (void)expect(NODE, none, good_without ? good : bad, good_without ? NO_FAULT : 80);
        (void)expect(HUB, none, good_without ? good : bad, good_without ? NO_FAULT : 80);
        (void)expect(DIRECT, none, good, NO_FAULT);
        const char *from = whole(text, fn, 0x08, A);
        (void)expect(NODE, from, local ? bad : good, local ? 80 : NO_FAULT);
        (void)expect(DIRECT, from, bad, 80);
        (void)expect(HUB, from, fn == 0 ? good : bad, fn == 0 ? NO_FAULT : 80);
        const char *to = whole(text, fn, 0x04, B);
        drop(NODE, to, 80);
        drop(DIRECT, to, 80);
        (void)expect(HUB, to, local ? bad : BSC_ACTION_FORWARD, local ? 80 : NO_FAULT);
    }
}

/* #10 bsc 1.3-12 2.1-02 2.2-10 */
static void data_options_belong_to_npdus_only(void **state)
{
    (void)state;
    deliver(NODE, "01090001" A "41 0100");
    nak(NODE, "02090001" A "41", 7, "00040001" A "0201 00 0007 0007");
    nak(NODE, "05090001" A "41", 7, "00040001" A "0501 00 0007 0007");
    nak(NODE, "0C090001" A "41 010409", 7, "00040001" A "0C01 00 0007 0007");
    nak(ACCEPTING, "06010001 41" ME, 7, "00000001 0601 00 0007 0007");
    nak(HUB, "08010001 41", 7, "00000001 0801 00 0007 0007");
    nak(HUB, "0A010001 41", 7, "00000001 0A01 00 0007 0007");
    drop(NODE, "00090001" A "41 0C00", 7);
    drop(NODE, "03090001" A "41", 7);
    drop(NODE, "04090001" A "41 0101064005D9", 7);
    drop(INITIATING, "07010001 41" ME, 7);
    drop(HUB, "09010001 41", 7);
    drop(HUB, "0B010001 41", 7);
}

/* #11; rows 6 and 33 bsc 1.3-09 1.3-10 1.3-11 2.2-11 11-06 11-33 */
static void only_an_unknown_destination_option_that_must_be_understood_is_refused(void **state)
{
    (void)state;
    char text[400];
    for (unsigned type = 2; type < 32; type++) {
        char rest[100];
        const unsigned markers[] = { 0x20 | type, 0x60 | type };
        for (size_t i = 0; i < 2; i++) {
            (void)snprintf(rest, sizeof(rest), A "%02X 0003 01040A 0100", markers[i]);
            /* data options are the network layer's, whatever bit 6 says */
            deliver(NODE, make(text, 0x01, 0x09, rest));
        }
        (void)snprintf(rest, sizeof(rest), A "%02X 0003 01040A 0100", 0x20 | type);
        deliver(NODE, make(text, 0x01, 0x0A, rest));
        (void)snprintf(rest, sizeof(rest), A "%02X 0003 01040A 0100", 0x60 | type);
        (void)expect_marker(NODE, make(text, 0x01, 0x0A, rest), BSC_ACTION_NAK, 146, 0x60 | type);
    }
}

/* bsc 1.3-09 1.4-13 2.2-11 */
static void the_first_option_that_is_not_understood_is_named_with_its_whole_marker(void **state)
{
    (void)state;
    struct judged j = expect_marker(NODE, "010A1234" A "A60000 FF000301040A 7F000301040B 0100",
                                    BSC_ACTION_NAK, 146, 0xFF);
    uint8_t memory[64];
    struct bas_buf out;
    bas_buf_init(&out, memory, sizeof(memory));
    bsc_nak(&j.message, &j.fault, false, &out);
    assert_int_equal(out.len, 17);
    assert_memory_equal(out.data, test_hex("00041234" A "0101 FF 0007 0092").data, 17);
    (void)expect_marker(HUB, "0A020001 46", BSC_ACTION_NAK, 146, 0x46);
    (void)expect_marker(NODE, "08020001 C641", BSC_ACTION_NAK, 146, 0xC6);
    (void)expect_marker(ACCEPTING, "06020001 46" ME, BSC_ACTION_NAK, 146, 0x46);
}

static void secure_path_is_no_destination_option(void **state)
{
    (void)state;
    (void)expect_marker(NODE, "010A0001" A "41 0100", BSC_ACTION_NAK, 146, 0x41);
    (void)expect_marker(NODE, "010A0001" A "01 0100", BSC_ACTION_NAK, 146, 0x01);
    (void)expect_marker(ACCEPTING, "06020001 C1 22000100" ME, BSC_ACTION_NAK, 146, 0xC1);
}

/* Rows 6 and 44 bsc 1.3-07 1.3-14 11-44 */
static void hello_is_welcome_in_the_connect_messages_and_not_required(void **state)
{
    (void)state;
    answer(ACCEPTING, "06000001" ME);
    answer(ACCEPTING, "06020001 22000100" ME);
    answer(ACCEPTING, "06020001 22000101" ME);
    answer(ACCEPTING, "06020001 62000100" ME);
    answer(ACCEPTING, "06020001 A2000100 3F000301040A" ME);
    answer(ACCEPTING, "06020001 02" ME);
    deliver(INITIATING, "07000001" ME);
    deliver(INITIATING, "07020001 22000100" ME);
    deliver(INITIATING, "07020001 62000100" ME);
    (void)expect_marker(HUB, "0A020001 62000100", BSC_ACTION_NAK, 146, 0x62);
    answer(HUB, "0A020001 22000100");
}

/* Row 8 bsc 1.3-05 11-08 */
static void a_message_may_have_many_options(void **state)
{
    (void)state;
    static uint8_t octets[8192];
    memset(octets, 0x86, sizeof(octets));
    memcpy(octets, test_hex("010A0001" A).data, 10);
    octets[8000] = 0x06;
    octets[8001] = 0x01;
    struct judged j = { 0 };
    enum bsc_action action = bsc_judge(BSC_ROLE_NODE, (struct bas_slice){ octets, sizeof(octets) },
                                       &j.message, &j.fault);
    assert_int_equal(action, BSC_ACTION_DELIVER);
    assert_int_equal(j.message.dest_options.len, 8001 - 10);
    octets[7999] = 0xC6;
    action = bsc_judge(BSC_ROLE_NODE, (struct bas_slice){ octets, sizeof(octets) }, &j.message,
                       &j.fault);
    assert_int_equal(action, BSC_ACTION_NAK);
    assert_int_equal(j.fault.marker, 0xC6);
}

/* #16; spec 5.2 and 5.3 bsc 2.2-16 5.2-11 5.3-08 */
static void before_connected_only_the_messages_of_connecting_are_looked_at(void **state)
{
    (void)state;
    char text[400];
    for (unsigned fn = 0; fn < 256; fn++) {
        const char *hex = whole(text, fn, 0, "");
        if (fn != 0x06 && fn != 0x08) {
            drop(ACCEPTING, hex, BAC_ERROR_CODE_OTHER);
            drop(ACCEPTING, make(text, fn, 0xFF, "0102"), BAC_ERROR_CODE_OTHER);
        }
        hex = whole(text, fn, 0, "");
        if (fn != 0x00 && fn != 0x07 && fn != 0x08 && fn != 0x09) {
            drop(INITIATING, hex, BAC_ERROR_CODE_OTHER);
            drop(INITIATING, make(text, fn, 0xFF, "0102"), BAC_ERROR_CODE_OTHER);
        }
    }
    answer(ACCEPTING, "06000001" ME);
    answer(ACCEPTING, "08000001");
    deliver(INITIATING, "07000001" ME);
    deliver(INITIATING, "00000001 0601 00 0007 0097");
    answer(INITIATING, "08000001");
    deliver(INITIATING, "09000001");
}

/* Whose place among the checks is not seen by another rule: the order of Appendix B. bsc 2.2-19 */
static void of_two_faults_the_earlier_check_speaks(void **state)
{
    (void)state;
    nak(NODE, "FF980001" A "40", 143, "00040001" A "FF01 00 0007 008F"); /* before bits, options */
    nak(NODE, "011A0001" A "40", 80, "00040001" A "0101 00 0007 0050");  /* bits before options */
    nak(NODE, "02030001 46 C1", 147, "00000001 0201 00 0007 0093"); /* options before address */
    nak(NODE, "02030001 46 41", 80, "00000001 0201 00 0007 0050");  /* address before data */
    nak(NODE, "020B0001" A "46 41", 7, "00040001" A "0201 00 0007 0007"); /* data before 146 */
    (void)expect_marker(NODE, "020A0001" A "46 00", BSC_ACTION_NAK, 146, 0x46); /* before payload */
    drop(NODE, "FF1E0001" A B "40", 80); /* somebody else's, whatever else is wrong */
}

static void a_judge_needs_no_fault(void **state)
{
    (void)state;
    const char *const texts[] = { "01",
                                  "01080001 1234",
                                  "FF080001" A,
                                  "01180001" A,
                                  "010A0001" A "40",
                                  "010A0001" A "46 01",
                                  "01090001" A "610001 55 01",
                                  "02090001" A "41",
                                  "02000001",
                                  "01080001" A,
                                  "04080001" A "0301064005D9" };
    for (size_t i = 0; i < BAS_ARRAY_LEN(texts); i++) {
        struct bsc_message m;
        enum bsc_action action = bsc_judge(BSC_ROLE_NODE, octets_of(texts[i]), &m, NULL);
        assert_true(action == BSC_ACTION_NAK || action == BSC_ACTION_DROP);
    }
}

/* Spec 3.3 */

/* Rows 10, 26 and 27 bsc 3.1-04 3.3-07 3.3-15 11-10 11-26 11-27 */
static void a_hub_forwards_every_addressed_function_and_reads_no_more_than_its_header(void **state)
{
    (void)state;
    char text[400];
    for (unsigned fn = 0; fn < 256; fn++) {
        if (fn >= 0x06 && fn <= 0x0B) {
            continue;
        }
        struct judged j = expect(HUB, make(text, fn, 0xF7, B "C1 3F00"), BSC_ACTION_FORWARD,
                                 NO_FAULT); /* cut options */
        assert_int_equal(j.message.function, fn);
        assert_int_equal(j.message.id, 1);
        assert_int_equal(j.message.payload.len, 3);
        assert_int_equal(j.message.dest_options.len + j.message.data_options.len, 0);
        forward(make(text, fn, 0x04, B));
    }
}

/* Row 3 bsc 3.3-08 11-03 */
static void a_hub_forwards_what_has_an_origin(void **state)
{
    (void)state;
    forward("010C0001" A B "0100");
    forward("010C0001" B A "0100");
    forward("010C0001" ALL ALL "0100");
}

/* bsc 2.1-02 2.1-13 3.3-09 */
static void a_hub_forwards_broadcasts_of_npdus_proprietary_and_unknown_functions_only(void **state)
{
    (void)state;
    char text[400];
    for (unsigned fn = 0; fn < 256; fn++) {
        bool may = fn == 0x01 || fn >= 0x0C;
        (void)expect(HUB, whole(text, fn, 0x04, ALL), may ? BSC_ACTION_FORWARD : BSC_ACTION_DROP,
                     may ? NO_FAULT : 80);
    }
}

/* Rows 13, 14 and 32 bsc 3.3-01 11-14 11-32 */
static void a_message_without_destination_is_for_the_hub_and_never_a_broadcast(void **state)
{
    (void)state;
    nak(HUB, "01000001 0100", 80, "00000001 0101 00 0007 0050");
    nak(HUB, "02000001", 80, "00000001 0201 00 0007 0050");
    nak(HUB, "05000001", 80, "00000001 0501 00 0007 0050");
    nak(HUB, "0C000001 010409", 80, "00000001 0C01 00 0007 0050");
    drop(HUB, "03000001", 80);
    drop(HUB, "04000001 0101064005D9", 80);
    deliver(HUB, "00000001 0A01 00 0007 0096");
}

static void a_hub_judges_connection_local_functions_itself(void **state)
{
    (void)state;
    answer(HUB, "0A000001");
    answer(HUB, "08000001");
    deliver(HUB, "0B000001");
    deliver(HUB, "09000001");
    deliver(HUB, "06000001" ME); /* a second one: the connection decides */
    deliver(HUB, "07000001" ME);
    nak(HUB, "06000001" ME "00", 150, "00000001 0601 00 0007 0096");
}

/* Spec 1.2, AB.5.4 bsc 1.2-09 */
static void a_node_takes_broadcasts_and_what_has_no_destination(void **state)
{
    (void)state;
    deliver(NODE, "01080001" A "0100");
    deliver(NODE, "010C0001" A ALL "0100");
    drop(NODE, "010C0001" A B "0100", 80);
    drop(NODE, "010C0001" A "000000000000 0100", 80);
    drop(NODE, "020C0001" A ALL, 80);
    drop(NODE, "0A040001" ALL, 80);
    drop(NODE, "0A040001" B, 80);
}

/* An answer would be a broadcast, or go nowhere. */
static void a_node_never_answers_a_reserved_originating_address(void **state)
{
    (void)state;
    char text[400];
    for (unsigned fn = 0; fn < 256; fn++) {
        drop(NODE, whole(text, fn, 0x08, ALL), 80);
        drop(NODE, whole(text, fn, 0x08, "000000000000"), 80);
    }
    drop(NODE, "010C0001" ALL ALL "0100", 80);
}

/* Spec 6.5 bsc 1.2-07 6.5-01 6.5-02 */
static void a_direct_connection_carries_no_broadcast_and_no_addresses(void **state)
{
    (void)state;
    deliver(DIRECT, "01000001 0100");
    deliver(DIRECT, "03000001");
    answer(DIRECT, "02000001");
    answer(DIRECT, "05000001");
    answer(DIRECT, "0A000001");
    drop(DIRECT, "01040001" ALL "0100", 80);
    drop(DIRECT, "0C040001" ALL "010409", 80);
    drop(DIRECT, "FF040001" ALL, 80);
    drop(DIRECT, "01040001" B "0100", 80);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_broadcast_is_never_answered_whatever_is_wrong_with_it),
        cmocka_unit_test(responses_and_advertisements_are_never_answered_with_a_result),
        cmocka_unit_test(fewer_than_four_octets_are_dropped_by_everybody),
        cmocka_unit_test(a_nak_copies_id_and_function_also_of_unknown_functions),
        cmocka_unit_test(a_nak_goes_to_the_originating_address_and_else_without_addresses),
        cmocka_unit_test(a_nak_to_a_connection_local_function_has_no_address),
        cmocka_unit_test(a_nak_on_the_same_connection_never_follows_an_originating_address),
        cmocka_unit_test(an_address_that_is_cut_off_is_incomplete),
        cmocka_unit_test(a_payload_of_the_wrong_length_is_refused),
        cmocka_unit_test(an_unknown_function_is_refused_at_its_destination_only),
        cmocka_unit_test(a_proprietary_message_is_delivered),
        cmocka_unit_test(a_malformed_option_of_a_known_type_is_a_header_encoding_error),
        cmocka_unit_test(each_reserved_control_bit_is_out_of_range),
        cmocka_unit_test(addresses_are_there_where_they_must_be_and_nowhere_else),
        cmocka_unit_test(data_options_belong_to_npdus_only),
        cmocka_unit_test(only_an_unknown_destination_option_that_must_be_understood_is_refused),
        cmocka_unit_test(the_first_option_that_is_not_understood_is_named_with_its_whole_marker),
        cmocka_unit_test(secure_path_is_no_destination_option),
        cmocka_unit_test(hello_is_welcome_in_the_connect_messages_and_not_required),
        cmocka_unit_test(a_message_may_have_many_options),
        cmocka_unit_test(before_connected_only_the_messages_of_connecting_are_looked_at),
        cmocka_unit_test(of_two_faults_the_earlier_check_speaks),
        cmocka_unit_test(a_judge_needs_no_fault),
        cmocka_unit_test(a_hub_forwards_every_addressed_function_and_reads_no_more_than_its_header),
        cmocka_unit_test(a_hub_forwards_what_has_an_origin),
        cmocka_unit_test(a_hub_forwards_broadcasts_of_npdus_proprietary_and_unknown_functions_only),
        cmocka_unit_test(a_message_without_destination_is_for_the_hub_and_never_a_broadcast),
        cmocka_unit_test(a_hub_judges_connection_local_functions_itself),
        cmocka_unit_test(a_node_takes_broadcasts_and_what_has_no_destination),
        cmocka_unit_test(a_node_never_answers_a_reserved_originating_address),
        cmocka_unit_test(a_direct_connection_carries_no_broadcast_and_no_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
