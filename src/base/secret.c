/* Owns the two things that every secret needs: comparison in constant time and a wipe that stays.
 */
#define _DEFAULT_SOURCE /* explicit_bzero */
#include "basalt/base.h"

#include <string.h>

bool bas_equal_secret(const void *a, const void *b, size_t len)
{
    const volatile uint8_t *x = a;
    const volatile uint8_t *y = b;
    uint8_t different = 0;
    for (size_t i = 0; i < len; i++) {
        different |= (uint8_t)(x[i] ^ y[i]);
    }
    return different == 0;
}

void bas_wipe(void *memory, size_t len)
{
    explicit_bzero(memory, len);
}
