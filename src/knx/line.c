/*
 * Owns the virtual line: devices, their group objects and values, and what they answer
 * (03_03_07 section 3.1 for the group services, flags as ETS means them).
 *
 * What devices send waits in a ring of slots until it was told; each of them is also heard by the
 * other devices, after the telegram that caused it. No device answers an answer, so that ends.
 */
#include "basalt/knx_line.h"

#include <stdlib.h>
#include <string.h>

enum {
    SLOT = 264, /* the longest L_Data without additional information */
    PLAIN = 256,
    DEFAULT_MASK = 0x07B0,
    NO_DESCRIPTOR = 0x3F /* in a DeviceDescriptorResponse: there is none of that type */
};
#define NOBODY UINT32_MAX

/* Of device or object (first), sorted by what is looked for. */
struct place {
    uint16_t key;
    uint32_t first;
    uint32_t second;
};

/* One bit for each kind of event that waits in the ring. */
struct device {
    knx_ia address;
    struct knx_data_secure *secure; /* NULL: plain */
    uint32_t told;
    struct knx_line_event dropped;
    struct knx_line_event unsent;
};
struct object {
    uint32_t device;
    knx_ga group;
    uint8_t flags;
    uint8_t size; /* of struct knx_dpt */
    uint8_t len;
    bool is_told;
    knx_ia source; /* who changed it */
    uint8_t *value;
};
struct slot {
    uint32_t device;
    size_t len;
    uint8_t octets[SLOT];
};
struct queued {
    enum knx_line_event_kind kind;
    uint32_t index; /* of slot, object or device */
};

struct knx_line {
    struct bas_env env;
    uint16_t mask;
    struct device *devices;
    size_t n_devices;
    struct object *objects;
    size_t n_objects;
    struct place *by_address; /* devices */
    struct place *by_group;   /* first: device, second: object */
    uint8_t *values;
    size_t values_len;
    struct slot *slots;
    size_t n_slots;
    size_t sent;    /* slots used so far, ever: the next is this modulo n_slots */
    size_t heard;   /* slots that the other devices heard */
    size_t pending; /* slots that wait to be told */
    struct queued *queue;
    size_t queue_cap, queue_first, queue_n;
    uint8_t plain[PLAIN];
};

/* A telegram that is heard. */
struct heard {
    const struct knx_cemi *cemi;
    uint32_t except; /* the device that sent it, or NOBODY */
    bas_time now;
};

/* Creation */

static int compare_places(const void *a, const void *b)
{
    const struct place *x = a;
    const struct place *y = b;
    if (x->key != y->key) {
        return x->key < y->key ? -1 : 1;
    }
    if (x->first != y->first) {
        return x->first < y->first ? -1 : 1;
    }
    return x->second < y->second ? -1 : x->second > y->second ? 1 : 0;
}

/* The first place whose key is not below key; n when there is none. */
static size_t find_place(const struct place *places, size_t n, uint16_t key)
{
    size_t low = 0;
    while (low < n) {
        size_t middle = low + (n - low) / 2;
        if (places[middle].key < key) {
            low = middle + 1;
        } else {
            n = middle;
        }
    }
    return low;
}

/* NOBODY: no device has the address. */
static uint32_t find_device(const struct knx_line *line, knx_ia address)
{
    size_t i = find_place(line->by_address, line->n_devices, address);
    bool is_there = i < line->n_devices && line->by_address[i].key == address;
    return is_there ? line->by_address[i].first : NOBODY;
}

static bool make_devices(struct knx_line *line, const struct knx_line_config *config)
{
    for (size_t i = 0; i < config->n_devices; i++) {
        const struct knx_line_device *from = &config->devices[i];
        struct device *device = &line->devices[i];
        device->address = from->address;
        line->by_address[i] = (struct place){ from->address, (uint32_t)i, 0 };
        if (from->secure != NULL) {
            struct knx_data_secure_config secure = *from->secure;
            secure.address = from->address;
            device->secure = knx_data_secure_new(&line->env, &secure);
            bas_wipe(&secure, sizeof(secure));
            if (device->secure == NULL) {
                return false;
            }
        }
    }
    qsort(line->by_address, line->n_devices, sizeof(*line->by_address), compare_places);
    for (size_t i = 1; i < line->n_devices; i++) {
        if (line->by_address[i - 1].key == line->by_address[i].key) {
            return false;
        }
    }
    return true;
}

/* Octets that a value of the type may take. */
static size_t room_of(uint8_t size)
{
    return size == 0 ? 1 : size == KNX_DPT_ANY_LENGTH ? KNX_LINE_VALUE : size;
}

static bool fits(uint8_t size, size_t len)
{
    return size == KNX_DPT_ANY_LENGTH ? len <= KNX_LINE_VALUE : len == room_of(size);
}

static bool is_object(const struct knx_line_object *object)
{
    return object->dpt != NULL && object->group != 0 &&
           (object->value.len == 0 || fits(object->dpt->size, object->value.len));
}

static bool make_objects(struct knx_line *line, const struct knx_line_config *config)
{
    uint8_t *value = line->values;
    for (size_t i = 0; i < config->n_objects; i++) {
        const struct knx_line_object *from = &config->objects[i];
        uint32_t device = find_device(line, from->device);
        if (device == NOBODY) {
            return false;
        }
        uint8_t size = from->dpt->size;
        size_t len = from->value.len != 0         ? from->value.len
                     : size == KNX_DPT_ANY_LENGTH ? 0
                                                  : room_of(size);
        line->objects[i] = (struct object){ .device = device,
                                            .group = from->group,
                                            .flags = from->flags,
                                            .size = size,
                                            .len = (uint8_t)len,
                                            .value = value };
        if (from->value.len != 0) {
            memcpy(value, from->value.data, len);
        }
        value += room_of(size);
        line->by_group[i] = (struct place){ from->group, device, (uint32_t)i };
    }
    if (line->n_objects != 0) {
        qsort(line->by_group, line->n_objects, sizeof(*line->by_group), compare_places);
    }
    return true;
}

/* True also for none: there is nothing to allocate then. */
static bool allocate(struct knx_line *line, void *memory, size_t n, size_t size)
{
    void *made = n == 0 ? NULL : bas_alloc(&line->env, n * size);
    memcpy(memory, &made, sizeof(made));
    return n == 0 || made != NULL;
}

static bool take_sizes(struct knx_line *line, const struct knx_line_config *config)
{
    if (config->n_objects > KNX_LINE_MAX_OBJECTS || config->n_devices > KNX_LINE_MAX_OBJECTS) {
        return false;
    }
    for (size_t i = 0; i < config->n_objects; i++) {
        if (!is_object(&config->objects[i])) {
            return false;
        }
        line->values_len += room_of(config->objects[i].dpt->size);
    }
    line->mask = config->mask != 0 ? config->mask : DEFAULT_MASK;
    line->n_devices = config->n_devices;
    line->n_objects = config->n_objects;
    line->n_slots = config->pending != 0 ? config->pending : KNX_LINE_PENDING;
    line->queue_cap = line->n_slots + line->n_objects + 3 * line->n_devices;
    return true;
}

struct knx_line *knx_line_new(const struct bas_env *env, const struct knx_line_config *config)
{
    struct knx_line *line = bas_alloc(env, sizeof(*line));
    if (line == NULL) {
        return NULL;
    }
    line->env = *env;
    bool is_made = take_sizes(line, config) &&
                   allocate(line, &line->devices, line->n_devices, sizeof(*line->devices)) &&
                   allocate(line, &line->by_address, line->n_devices, sizeof(*line->by_address)) &&
                   allocate(line, &line->objects, line->n_objects, sizeof(*line->objects)) &&
                   allocate(line, &line->by_group, line->n_objects, sizeof(*line->by_group)) &&
                   allocate(line, &line->values, line->values_len, 1) &&
                   allocate(line, &line->slots, line->n_slots, sizeof(*line->slots)) &&
                   allocate(line, &line->queue, line->queue_cap, sizeof(*line->queue)) &&
                   (line->n_devices == 0 || make_devices(line, config)) &&
                   make_objects(line, config);
    if (!is_made) {
        knx_line_free(line);
        return NULL;
    }
    return line;
}

void knx_line_free(struct knx_line *line)
{
    if (line == NULL) {
        return;
    }
    struct bas_env env = line->env;
    for (size_t i = 0; line->devices != NULL && i < line->n_devices; i++) {
        knx_data_secure_free(line->devices[i].secure);
    }
    bas_release(&env, line->devices, line->n_devices * sizeof(*line->devices));
    bas_release(&env, line->by_address, line->n_devices * sizeof(*line->by_address));
    bas_release(&env, line->objects, line->n_objects * sizeof(*line->objects));
    bas_release(&env, line->by_group, line->n_objects * sizeof(*line->by_group));
    bas_release(&env, line->values, line->values_len);
    bas_release(&env, line->slots, line->n_slots * sizeof(*line->slots));
    bas_release(&env, line->queue, line->queue_cap * sizeof(*line->queue));
    bas_release(&env, line, sizeof(*line));
}

/* Events: the ring has room for all that can wait at the same time. */

static void enqueue(struct knx_line *line, enum knx_line_event_kind kind, uint32_t index)
{
    size_t at = (line->queue_first + line->queue_n) % line->queue_cap;
    line->queue[at] = (struct queued){ kind, index };
    line->queue_n++;
}

static void enqueue_once(struct knx_line *line, enum knx_line_event_kind kind, uint32_t device)
{
    uint32_t bit = UINT32_C(1) << kind;
    if ((line->devices[device].told & bit) == 0) {
        line->devices[device].told |= bit;
        enqueue(line, kind, device);
    }
}

static void tell_dropped(struct knx_line *line, uint32_t device, const struct knx_cemi *cemi,
                         enum knx_drop drop)
{
    line->devices[device].dropped =
        (struct knx_line_event){ .kind = KNX_LINE_DROPPED,
                                 .device = device,
                                 .drop = drop,
                                 .source = cemi->source,
                                 .group = knx_cemi_is_group(cemi) ? cemi->destination : 0 };
    enqueue_once(line, KNX_LINE_DROPPED, device);
}

static void tell_unsent(struct knx_line *line, uint32_t device, const struct knx_cemi *cemi,
                        bas_err err)
{
    line->devices[device].unsent =
        (struct knx_line_event){ .kind = KNX_LINE_UNSENT,
                                 .device = device,
                                 .err = err,
                                 .group = knx_cemi_is_group(cemi) ? cemi->destination : 0 };
    enqueue_once(line, KNX_LINE_UNSENT, device);
}

static void tell_changed(struct knx_line *line, uint32_t object, knx_ia source)
{
    line->objects[object].source = source;
    if (!line->objects[object].is_told) {
        line->objects[object].is_told = true;
        enqueue(line, KNX_LINE_CHANGED, object);
    }
}

static struct knx_line_event telegram_event(struct knx_line *line, uint32_t index)
{
    const struct slot *slot = &line->slots[index];
    line->pending--;
    return (struct knx_line_event){ .kind = KNX_LINE_TELEGRAM,
                                    .device = slot->device,
                                    .source = line->devices[slot->device].address,
                                    .cemi = { slot->octets, slot->len } };
}

static struct knx_line_event changed_event(struct knx_line *line, uint32_t index)
{
    struct object *object = &line->objects[index];
    object->is_told = false;
    return (struct knx_line_event){ .kind = KNX_LINE_CHANGED,
                                    .device = object->device,
                                    .object = index,
                                    .source = object->source,
                                    .group = object->group };
}

static struct knx_line_event device_event(struct knx_line *line, struct queued queued)
{
    struct device *device = &line->devices[queued.index];
    device->told &= ~(UINT32_C(1) << queued.kind);
    return queued.kind == KNX_LINE_DROPPED ? device->dropped
           : queued.kind == KNX_LINE_UNSENT
               ? device->unsent
               : (struct knx_line_event){ .kind = queued.kind, .device = queued.index };
}

bool knx_line_next_event(struct knx_line *line, struct knx_line_event *event)
{
    if (line->queue_n == 0) {
        return false;
    }
    struct queued queued = line->queue[line->queue_first];
    line->queue_first = (line->queue_first + 1) % line->queue_cap;
    line->queue_n--;
    *event = queued.kind == KNX_LINE_TELEGRAM  ? telegram_event(line, queued.index)
             : queued.kind == KNX_LINE_CHANGED ? changed_event(line, queued.index)
                                               : device_event(line, queued);
    return true;
}

/* Sending */

/* A telegram as one device sees it. */
struct seen {
    struct knx_tpdu tpdu;
    bool is_secured;
    bool is_tool;
};

/* Secured where device has a key; as the telegram was that it answers (NULL: it answers none). */
static bas_err seal(struct device *device, const struct knx_cemi *cemi, const struct seen *question,
                    bas_time now, struct bas_buf *out)
{
    bool is_secured = false;
    if (device->secure == NULL) {
        knx_cemi_encode(cemi, out);
        return BAS_OK;
    }
    if (question != NULL && question->is_tool) {
        return knx_data_secure_seal_tool(device->secure, cemi, now, out, NULL);
    }
    bas_err err = knx_data_secure_seal(device->secure, cemi, now, out, &is_secured, NULL);
    bool must_be = question != NULL && question->is_secured;
    return err == BAS_OK && must_be && !is_secured ? BAS_ERR_KEY : err;
}

static bas_err send(struct knx_line *line, uint32_t device, const struct knx_cemi *cemi,
                    const struct seen *question, bas_time now)
{
    if (line->pending == line->n_slots) {
        return BAS_ERR_BUSY;
    }
    uint32_t index = (uint32_t)(line->sent % line->n_slots);
    struct slot *slot = &line->slots[index];
    struct bas_buf out;
    bas_buf_init(&out, slot->octets, sizeof(slot->octets));
    bas_err err = seal(&line->devices[device], cemi, question, now, &out);
    if (line->devices[device].secure != NULL) {
        enqueue_once(line, KNX_LINE_SECURE, device);
    }
    if (err != BAS_OK || out.full) {
        return err != BAS_OK ? err : BAS_ERR_TOO_LONG;
    }
    slot->device = device;
    slot->len = out.len;
    line->sent++;
    line->pending++;
    enqueue(line, KNX_LINE_TELEGRAM, index);
    return BAS_OK;
}

static bas_err send_value(struct knx_line *line, const struct object *object, unsigned apci,
                          struct bas_slice octets, const struct heard *cause)
{
    uint8_t tpdu[PLAIN];
    struct bas_buf out;
    bas_buf_init(&out, tpdu, sizeof(tpdu));
    const struct knx_group_value value = { object->size == 0, octets };
    knx_group_encode(apci, &value, &out);
    const struct bas_slice whole = { tpdu, out.len };
    struct knx_cemi cemi =
        knx_cemi_group(KNX_L_DATA_IND, line->devices[object->device].address, object->group, whole);
    bas_err err = send(line, object->device, &cemi, NULL, cause->now);
    if (err != BAS_OK && cause->cemi != NULL) {
        tell_unsent(line, object->device, &cemi, err);
    }
    return err;
}

/* Receiving */

/* False: it is nothing for the device, which has told why. */
static bool open_for(struct knx_line *line, uint32_t index, const struct heard *heard,
                     struct seen *seen)
{
    const struct device *device = &line->devices[index];
    struct knx_opened opened = { .cemi = *heard->cemi };
    if (device->secure != NULL) {
        struct bas_buf plain;
        bas_buf_init(&plain, line->plain, sizeof(line->plain));
        knx_data_secure_open(device->secure, heard->cemi, heard->now, &plain, &opened);
        enqueue_once(line, KNX_LINE_SECURE, index);
        if (opened.is_consumed) {
            return false;
        }
    }
    enum knx_drop drop = opened.drop;
    if (drop == KNX_DROP_NONE) {
        bas_err err = knx_tpdu_decode(opened.cemi.tpdu, &seen->tpdu, NULL);
        bool is_closed =
            err == BAS_OK && seen->tpdu.has_apdu && seen->tpdu.apci == KNX_SECURE_SERVICE;
        drop = err != BAS_OK ? KNX_DROP_MALFORMED : is_closed ? KNX_DROP_UNKNOWN_KEY : drop;
    }
    if (drop != KNX_DROP_NONE) {
        tell_dropped(line, index, heard->cemi, drop);
    }
    seen->is_secured = opened.is_secured;
    seen->is_tool = opened.is_tool;
    return drop == KNX_DROP_NONE;
}

static void store(struct knx_line *line, uint32_t index, const struct heard *heard,
                  const struct knx_group_value *value)
{
    struct object *object = &line->objects[index];
    if (value->is_small != (object->size == 0) || !fits(object->size, value->octets.len)) {
        tell_dropped(line, object->device, heard->cemi, KNX_DROP_MALFORMED);
        return;
    }
    if (value->octets.len != 0) {
        memcpy(object->value, value->octets.data, value->octets.len);
    }
    object->len = (uint8_t)value->octets.len;
    tell_changed(line, index, heard->cemi->source);
}

/* A group service, as the flags of one object allow. */
static void serve(struct knx_line *line, uint32_t index, const struct heard *heard,
                  const struct seen *seen)
{
    const struct object *object = &line->objects[index];
    const struct bas_slice own = { object->value, object->len };
    struct knx_group_value value;
    if (!knx_group_value_of(&seen->tpdu, &value)) {
        return;
    }
    unsigned apci = seen->tpdu.apci;
    if (apci == KNX_GROUP_VALUE_READ && (object->flags & KNX_OBJECT_READ) != 0) {
        (void)send_value(line, object, KNX_GROUP_VALUE_RESPONSE, own, heard);
    } else if ((apci == KNX_GROUP_VALUE_WRITE && (object->flags & KNX_OBJECT_WRITE) != 0) ||
               (apci == KNX_GROUP_VALUE_RESPONSE && (object->flags & KNX_OBJECT_UPDATE) != 0)) {
        store(line, index, heard, &value);
    }
}

/* Each device opens it once, for all of its objects. */
static void hear_group(struct knx_line *line, const struct heard *heard)
{
    const struct place *places = line->by_group;
    knx_ga group = heard->cemi->destination;
    uint32_t device = NOBODY;
    bool is_open = false;
    struct seen seen = { 0 };
    for (size_t i = find_place(places, line->n_objects, group);
         i < line->n_objects && places[i].key == group; i++) {
        if (places[i].first == heard->except) {
            continue;
        }
        if (places[i].first != device) {
            device = places[i].first;
            is_open = open_for(line, device, heard, &seen);
        }
        if (is_open) {
            serve(line, places[i].second, heard, &seen);
        }
    }
}

/* DeviceDescriptorRead, connectionless: the mask is descriptor type 0. */
static void answer_descriptor(struct knx_line *line, uint32_t device, const struct heard *heard,
                              const struct seen *seen)
{
    const uint8_t mask[2] = { (uint8_t)(line->mask >> 8), (uint8_t)line->mask };
    bool is_known = seen->tpdu.small == 0;
    const struct knx_tpdu answer = { .kind = KNX_T_DATA_GROUP,
                                     .has_apdu = true,
                                     .apci = KNX_DEVICE_DESCRIPTOR_RESPONSE,
                                     .small = is_known ? 0 : NO_DESCRIPTOR,
                                     .data = { mask, is_known ? sizeof(mask) : 0 } };
    uint8_t octets[4];
    struct bas_buf out;
    bas_buf_init(&out, octets, sizeof(octets));
    knx_tpdu_encode(&answer, &out);
    const struct knx_cemi cemi = { .code = KNX_L_DATA_IND,
                                   .control1 = KNX_DEFAULT_CONTROL1,
                                   .control2 = KNX_DEFAULT_CONTROL2_INDIVIDUAL,
                                   .source = line->devices[device].address,
                                   .destination = heard->cemi->source,
                                   .tpdu = { octets, out.len } };
    bas_err err = send(line, device, &cemi, seen, heard->now);
    if (err != BAS_OK) {
        tell_unsent(line, device, &cemi, err);
    }
}

/* T_Connect, T_Disconnect and what else a device does not have are heard and nothing more. */
static void hear_individual(struct knx_line *line, const struct heard *heard)
{
    uint32_t device = find_device(line, heard->cemi->destination);
    struct seen seen = { 0 };
    if (device == NOBODY || device == heard->except || !open_for(line, device, heard, &seen)) {
        return;
    }
    const struct knx_tpdu *tpdu = &seen.tpdu;
    if (tpdu->kind == KNX_T_DATA_GROUP && tpdu->has_apdu &&
        tpdu->apci == KNX_DEVICE_DESCRIPTOR_READ) {
        answer_descriptor(line, device, heard, &seen);
    }
}

/* Of broadcasts only a sync service with the serial number of a device is for one. */
static void hear_broadcast(struct knx_line *line, const struct heard *heard)
{
    struct knx_tpdu tpdu;
    if (knx_tpdu_decode(heard->cemi->tpdu, &tpdu, NULL) != BAS_OK ||
        tpdu.apci != KNX_SECURE_SERVICE) {
        return;
    }
    for (uint32_t i = 0; i < line->n_devices; i++) {
        struct knx_opened opened = { 0 };
        struct bas_buf plain;
        bas_buf_init(&plain, line->plain, sizeof(line->plain));
        if (line->devices[i].secure != NULL && i != heard->except) {
            knx_data_secure_open(line->devices[i].secure, heard->cemi, heard->now, &plain, &opened);
            enqueue_once(line, KNX_LINE_SECURE, i);
        }
    }
}

static void hear(struct knx_line *line, const struct heard *heard)
{
    if ((heard->cemi->control2 & KNX_CONTROL2_GROUP) == 0) {
        hear_individual(line, heard);
    } else if (heard->cemi->destination == 0) {
        hear_broadcast(line, heard);
    } else {
        hear_group(line, heard);
    }
}

/* What devices sent, for the others on the line. */
static void hear_own(struct knx_line *line, bas_time now)
{
    while (line->heard != line->sent) {
        const struct slot *slot = &line->slots[line->heard % line->n_slots];
        const struct bas_slice octets = { slot->octets, slot->len };
        struct knx_cemi cemi;
        line->heard++;
        if (knx_cemi_decode(octets, &cemi, NULL) == BAS_OK) {
            const struct heard heard = { &cemi, slot->device, now };
            hear(line, &heard);
        }
    }
}

void knx_line_recv(struct knx_line *line, struct bas_slice octets, bas_time now)
{
    struct knx_cemi cemi;
    if (knx_cemi_decode(octets, &cemi, NULL) != BAS_OK ||
        (cemi.code != KNX_L_DATA_REQ && cemi.code != KNX_L_DATA_IND &&
         cemi.code != KNX_L_DATA_CON)) {
        return;
    }
    cemi.code = KNX_L_DATA_IND;
    const struct heard heard = { &cemi, NOBODY, now };
    hear(line, &heard);
    hear_own(line, now);
}

/* Objects, for their devices */

bas_err knx_line_set(struct knx_line *line, size_t index, struct bas_slice value, bas_time now)
{
    if (index >= line->n_objects || !fits(line->objects[index].size, value.len)) {
        return BAS_ERR_INVALID;
    }
    struct object *object = &line->objects[index];
    bas_err err = BAS_OK;
    if ((object->flags & KNX_OBJECT_TRANSMIT) != 0) {
        const struct heard cause = { NULL, NOBODY, now };
        err = send_value(line, object, KNX_GROUP_VALUE_WRITE, value, &cause);
    }
    if (err != BAS_OK) {
        return err;
    }
    if (value.len != 0) {
        memmove(object->value, value.data, value.len);
    }
    object->len = (uint8_t)value.len;
    hear_own(line, now);
    return BAS_OK;
}

struct bas_slice knx_line_value(const struct knx_line *line, size_t object)
{
    const struct bas_slice none = { NULL, 0 };
    if (object >= line->n_objects) {
        return none;
    }
    const struct bas_slice value = { line->objects[object].value, line->objects[object].len };
    return value;
}

bool knx_line_has(const struct knx_line *line, knx_ia address)
{
    return find_device(line, address) != NOBODY;
}

knx_ia knx_line_address(const struct knx_line *line, size_t device)
{
    return device < line->n_devices ? line->devices[device].address : 0;
}

struct knx_data_secure *knx_line_secure(struct knx_line *line, size_t device)
{
    return device < line->n_devices ? line->devices[device].secure : NULL;
}
