/* Two stations of a secured project for the tests of the Data Secure engine, and the telegrams
 * between them. */
#ifndef BASALT_TEST_SECURE_WORLD_H
#define BASALT_TEST_SECURE_WORLD_H

#include "test_env.h"

#include "basalt/knx_secure.h"

#define ALICE    0x110A /* 1.1.10 */
#define BOB      0x1106 /* 1.1.6 */
#define STRANGER 0x1163 /* 1.1.99, no sender of the project */
#define GROUP    0x0901 /* 1/1/1, secured */
#define OTHER    0x0902 /* 1/1/2, secured */
#define OPEN     0x0801 /* 1/0/1, no key */

/* A cEMI in memory of its own, taken apart. */
struct telegram {
    uint8_t memory[300];
    size_t len;
    struct knx_cemi cemi;
};

extern const struct knx_group_key world_groups[2];
extern const struct knx_sender world_senders[2];
/* Keys of both groups, both senders, the pair of Alice and Bob; config->address is address. */
struct knx_data_secure_config world_config(knx_ia address);
/* With numbers 1 .. 1000000 granted and nothing left to drain. */
struct knx_data_secure *world_engine(struct test_env *env,
                                     const struct knx_data_secure_config *config);
/* Octets become a telegram; its message code becomes code. */
void telegram_set(struct telegram *t, struct bas_slice octets, uint8_t code);
/* engine (at source) sends tpdu to a group; the telegram is what others receive. */
void telegram_to_group(struct telegram *t, struct knx_data_secure *engine, knx_ia source,
                       knx_ga group, const char *tpdu);
void telegram_to(struct telegram *t, struct knx_data_secure *engine, knx_ia source, knx_ia to,
                 const char *tpdu);
/* What the engine makes of it; the memory of a delivered TPDU is kept until the next call. */
struct knx_opened receive(struct knx_data_secure *engine, const struct telegram *t, bas_time now);
enum knx_drop dropped(struct knx_data_secure *engine, const struct telegram *t);
void assert_delivers(struct knx_data_secure *engine, const struct telegram *t, const char *tpdu);
/* The next event is of that kind. */
struct knx_data_secure_event next_event(struct knx_data_secure *engine,
                                        enum knx_data_secure_event_kind kind);
void assert_no_event(struct knx_data_secure *engine);
void drain(struct knx_data_secure *engine);

#endif
