/* Owns the register of services (services.def). */
#include "bacnet/rows.h"

#include "basalt/bacnet_enum.h"

enum { NO_BIT = 255 };

#define BAC_SERVICE(number, bit, text, request_type, ack_type, error_type)                         \
    { .choice = number,                                                                            \
      .confirmed = IS_CONFIRMED,                                                                   \
      .is_coded = true,                                                                            \
      .supported_bit = bit,                                                                        \
      .name = text,                                                                                \
      .request = request_type,                                                                     \
      .ack = ack_type,                                                                             \
      .error = error_type },
#define BAC_NAMED_SERVICE(number, bit, text)                                                       \
    { .choice = number,                                                                            \
      .confirmed = IS_CONFIRMED,                                                                   \
      .supported_bit = bit,                                                                        \
      .name = text,                                                                                \
      .error = IS_CONFIRMED ? &bac_type_error : NULL },

static const struct bac_service services[] = {
#define BAC_CONFIRMED_SERVICES
#define IS_CONFIRMED true
#include "bacnet/services.def"
#undef IS_CONFIRMED
#undef BAC_CONFIRMED_SERVICES
#define BAC_UNCONFIRMED_SERVICES
#define IS_CONFIRMED false
#include "bacnet/services.def"
#undef IS_CONFIRMED
#undef BAC_UNCONFIRMED_SERVICES
};

const struct bac_service *bac_services(size_t *n)
{
    *n = BAS_ARRAY_LEN(services);
    return services;
}

const struct bac_service *bac_service_find(bool confirmed, uint8_t choice)
{
    for (size_t i = 0; i < BAS_ARRAY_LEN(services); i++) {
        if (services[i].confirmed == confirmed && services[i].choice == choice) {
            return &services[i];
        }
    }
    return NULL;
}
