/* Owns the questions that are asked of a keyring (spec 5.4). */
#include "basalt/knx_keyring.h"

enum { ADDRESSES = 65536 };

const struct knx_keyring_interface *knx_keyring_find_interface(const struct knx_keyring *keyring,
                                                               knx_ia address)
{
    for (size_t i = 0; i < keyring->n_interfaces; i++) {
        if (keyring->interfaces[i].address == address) {
            return &keyring->interfaces[i];
        }
    }
    return NULL;
}

const struct knx_keyring_device *knx_keyring_find_device(const struct knx_keyring *keyring,
                                                         knx_ia address)
{
    for (size_t i = 0; i < keyring->n_devices; i++) {
        if (keyring->devices[i].address == address) {
            return &keyring->devices[i];
        }
    }
    return NULL;
}

/* A bit for each address. */
struct senders {
    uint8_t bits[ADDRESSES / 8];
    size_t n;
};

static bool is_sender(const struct senders *senders, size_t address)
{
    return (senders->bits[address >> 3U] & 1U << (address & 7U)) != 0;
}

static void add_senders(struct senders *senders, const struct knx_keyring_interface *interface)
{
    for (size_t i = 0; i < interface->n_groups; i++) {
        const struct knx_keyring_group *group = &interface->groups[i];
        for (size_t j = 0; j < group->n_senders; j++) {
            knx_ia address = group->senders[j];
            senders->n += !is_sender(senders, address);
            senders->bits[address >> 3U] |= (uint8_t)(1U << (address & 7U));
        }
    }
}

/* The row of an address, which are sorted; NULL. */
static struct knx_sender *find(struct knx_sender *table, size_t n, knx_ia address)
{
    size_t low = 0;
    while (low < n) {
        size_t middle = low + (n - low) / 2;
        if (table[middle].address == address) {
            return &table[middle];
        }
        if (table[middle].address < address) {
            low = middle + 1;
        } else {
            n = middle;
        }
    }
    return NULL;
}

struct knx_sender *knx_keyring_senders(const struct bas_env *env, const struct knx_keyring *keyring,
                                       knx_ia tunnel, size_t *n)
{
    struct senders senders = { { 0 }, 0 };
    for (size_t i = 0; i < keyring->n_interfaces; i++) {
        if (keyring->interfaces[i].address == tunnel) {
            add_senders(&senders, &keyring->interfaces[i]);
        }
    }
    *n = senders.n;
    struct knx_sender *table = bas_alloc(env, senders.n * sizeof(*table));
    if (table == NULL) {
        return NULL;
    }
    size_t at = 0;
    for (size_t address = 0; address < ADDRESSES; address++) {
        if (is_sender(&senders, address)) {
            table[at++].address = (knx_ia)address;
        }
    }
    for (size_t i = 0; i < keyring->n_devices; i++) {
        const struct knx_keyring_device *device = &keyring->devices[i];
        struct knx_sender *sender = find(table, at, device->address);
        if (sender != NULL && device->sequence > sender->last) {
            sender->last = device->sequence;
        }
    }
    return table;
}
