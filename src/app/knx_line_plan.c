/* Owns the plan of a virtual line: devices, objects and keys put together from settings and
 * keyring. */
#include "app/knx_line_plan.h"

#include <string.h>

enum { ADDRESSES = 65536 };

/* A set of Individual Addresses. */
struct addresses {
    uint8_t bits[ADDRESSES / 8];
};

static void set_add(struct addresses *set, knx_ia address)
{
    set->bits[address / 8] |= (uint8_t)(1U << address % 8);
}

static void set_remove(struct addresses *set, knx_ia address)
{
    set->bits[address / 8] &= (uint8_t) ~(1U << address % 8);
}

static bool set_has(const struct addresses *set, knx_ia address)
{
    return (set->bits[address / 8] & 1U << address % 8) != 0;
}

/* Objects */

/* Who makes a plan of what. */
struct planning {
    struct knx_line_plan *plan;
    const struct bas_knx_server_settings *settings;
    const struct knx_keyring *keyring;
    struct addresses senders; /* of the device at hand */
    struct bas_fault *fault;
};

static bas_err no_memory(const struct planning *p)
{
    return bas_fail(p->fault, BAS_ERR_NO_MEMORY, "out of memory for the virtual line");
}

static bas_err plan_object(const struct planning *p, size_t i, struct bas_buf *values)
{
    const struct bas_group_object_settings *from = &p->settings->objects[i];
    const struct knx_dpt *dpt = knx_dpt_find(from->dpt);
    size_t start = values->len;
    struct bas_fault why = { 0 };
    if (dpt == NULL) {
        return bas_fail(p->fault, BAS_ERR_CONFIG,
                        "knx-server.objects, line %u: %.20s is not a datapoint type",
                        (unsigned)from->line, from->dpt);
    }
    bas_err err = from->value == NULL ? BAS_OK : knx_dpt_parse(dpt, from->value, values, &why);
    size_t len = values->len - start;
    if (err != BAS_OK || values->full || len > KNX_LINE_VALUE) {
        return bas_fail(p->fault, BAS_ERR_CONFIG, "knx-server.objects, line %u: %s",
                        (unsigned)from->line,
                        err != BAS_OK ? why.text : "its value is longer than a telegram");
    }
    p->plan->objects[i] = (struct knx_line_object){ .device = from->device,
                                                    .group = from->group,
                                                    .dpt = dpt,
                                                    .flags = from->flags,
                                                    .value = { values->data + start, len } };
    return BAS_OK;
}

static bas_err plan_objects(const struct planning *p)
{
    struct knx_line_plan *plan = p->plan;
    struct bas_buf values;
    bas_buf_init(&values, plan->values, plan->n_objects * KNX_DPT_MAX_SIZE);
    bas_err err = BAS_OK;
    for (size_t i = 0; i < plan->n_objects && err == BAS_OK; i++) {
        err = plan_object(p, i, &values);
    }
    return err;
}

/* Each address once, in the order of the objects. */
static void plan_devices(const struct planning *p)
{
    struct knx_line_plan *plan = p->plan;
    struct addresses seen = { { 0 } };
    for (size_t i = 0; i < plan->n_objects; i++) {
        knx_ia address = plan->objects[i].device;
        if (!set_has(&seen, address)) {
            set_add(&seen, address);
            plan->devices[plan->n_devices++].address = address;
        }
    }
}

/* Keys */

static const struct knx_group_key *find_key(const struct knx_keyring *keyring, knx_ga group)
{
    for (size_t i = 0; i < keyring->n_groups; i++) {
        if (keyring->groups[i].group == group) {
            return &keyring->groups[i];
        }
    }
    return NULL;
}

/*
 * Who may send to a secured group: the senders that the keyring names to any interface, the
 * interfaces that use it themselves, and the line's devices with an object of it.
 */
static void add_senders(struct planning *p, knx_ga group)
{
    for (size_t i = 0; i < p->keyring->n_interfaces; i++) {
        const struct knx_keyring_interface *interface = &p->keyring->interfaces[i];
        for (size_t k = 0; k < interface->n_groups; k++) {
            const struct knx_keyring_group *used = &interface->groups[k];
            if (used->group != group) {
                continue;
            }
            set_add(&p->senders, interface->address);
            for (size_t n = 0; n < used->n_senders; n++) {
                set_add(&p->senders, used->senders[n]);
            }
        }
    }
    for (size_t i = 0; i < p->plan->n_objects; i++) {
        if (p->plan->objects[i].group == group) {
            set_add(&p->senders, p->plan->objects[i].device);
        }
    }
}

/* The keys of a device's groups; p->senders: who may send to them. */
static bas_err plan_groups(struct planning *p, knx_ia address,
                           struct knx_data_secure_config *secure)
{
    size_t n = 0;
    for (size_t i = 0; i < p->plan->n_objects; i++) {
        const struct knx_line_object *object = &p->plan->objects[i];
        n += object->device == address && find_key(p->keyring, object->group) != NULL ? 1 : 0;
    }
    if (n == 0) {
        return BAS_OK;
    }
    struct knx_group_key *groups = bas_alloc(&p->plan->env, n * sizeof(*groups));
    if (groups == NULL) {
        return no_memory(p);
    }
    secure->groups = groups;
    secure->n_groups = n;
    n = 0;
    for (size_t i = 0; i < p->plan->n_objects; i++) {
        const struct knx_line_object *object = &p->plan->objects[i];
        const struct knx_group_key *key = find_key(p->keyring, object->group);
        if (object->device == address && key != NULL) {
            groups[n++] = *key;
            add_senders(p, object->group);
        }
    }
    return BAS_OK;
}

static bas_err plan_senders(struct planning *p, struct knx_data_secure_config *secure)
{
    size_t n = secure->has_tool_key ? 1 : 0;
    for (uint32_t address = 1; address < ADDRESSES; address++) {
        n += set_has(&p->senders, (knx_ia)address) ? 1 : 0;
    }
    if (n == 0) {
        return BAS_OK;
    }
    struct knx_sender *senders = bas_alloc(&p->plan->env, n * sizeof(*senders));
    if (senders == NULL) {
        return no_memory(p);
    }
    secure->senders = senders;
    secure->n_senders = n;
    n = 0;
    if (secure->has_tool_key) {
        senders[n++] = (struct knx_sender){ .address = 0, .is_tool = true }; /* any tool */
    }
    for (uint32_t address = 1; address < ADDRESSES; address++) {
        if (set_has(&p->senders, (knx_ia)address)) {
            const struct knx_keyring_device *device =
                knx_keyring_find_device(p->keyring, (knx_ia)address);
            senders[n++] = (struct knx_sender){ .address = (knx_ia)address,
                                                .last = device != NULL ? device->sequence : 0 };
        }
    }
    return BAS_OK;
}

static bas_err plan_security(struct planning *p, size_t index)
{
    struct knx_line_device *device = &p->plan->devices[index];
    struct knx_data_secure_config *secure = &p->plan->security[index];
    const struct knx_keyring_device *known = knx_keyring_find_device(p->keyring, device->address);
    memset(&p->senders, 0, sizeof(p->senders));
    secure->size = sizeof(*secure);
    secure->address = device->address;
    if (known != NULL && known->has_tool_key) {
        secure->has_tool_key = true;
        secure->tool_key = known->tool_key;
        memcpy(secure->serial, known->serial, sizeof(secure->serial));
    }
    bas_err err = plan_groups(p, device->address, secure);
    set_remove(&p->senders, device->address);
    err = err == BAS_OK ? plan_senders(p, secure) : err;
    if (err == BAS_OK && (secure->n_groups != 0 || secure->has_tool_key)) {
        device->secure = secure;
    }
    return err;
}

static bas_err plan_all(struct planning *p)
{
    bas_err err = plan_objects(p);
    if (err != BAS_OK) {
        return err;
    }
    plan_devices(p);
    for (size_t i = 0; i < p->plan->n_devices && p->keyring != NULL && err == BAS_OK; i++) {
        err = plan_security(p, i);
    }
    return err;
}

static bool allocate(struct knx_line_plan *plan, size_t n)
{
    plan->n_objects = n;
    if (n == 0) {
        return true;
    }
    plan->objects = bas_alloc(&plan->env, n * sizeof(*plan->objects));
    plan->devices = bas_alloc(&plan->env, n * sizeof(*plan->devices));
    plan->security = bas_alloc(&plan->env, n * sizeof(*plan->security));
    plan->values = bas_alloc(&plan->env, n * KNX_DPT_MAX_SIZE);
    return plan->objects != NULL && plan->devices != NULL && plan->security != NULL &&
           plan->values != NULL;
}

bas_err knx_line_plan_make(const struct bas_env *env,
                           const struct bas_knx_server_settings *settings,
                           const struct knx_keyring *keyring, struct knx_line_plan *plan,
                           struct bas_fault *fault)
{
    *plan = (struct knx_line_plan){ .env = *env };
    struct planning p = { plan, settings, keyring, { { 0 } }, fault };
    bas_err err = allocate(plan, settings->n_objects) ? plan_all(&p) : no_memory(&p);
    if (err != BAS_OK) {
        knx_line_plan_free(plan);
        return err;
    }
    plan->config = (struct knx_line_config){ .size = sizeof(plan->config),
                                             .devices = plan->devices,
                                             .n_devices = plan->n_devices,
                                             .objects = plan->objects,
                                             .n_objects = plan->n_objects };
    return BAS_OK;
}

static void wipe_security(const struct bas_env *env, struct knx_data_secure_config *secure)
{
    struct knx_group_key *groups = NULL;
    struct knx_sender *senders = NULL;
    memcpy(&groups, &secure->groups, sizeof(groups));
    memcpy(&senders, &secure->senders, sizeof(senders));
    if (groups != NULL) {
        bas_wipe(groups, secure->n_groups * sizeof(*groups));
    }
    bas_release(env, groups, secure->n_groups * sizeof(*groups));
    bas_release(env, senders, secure->n_senders * sizeof(*senders));
    bas_wipe(secure, sizeof(*secure));
}

void knx_line_plan_free(struct knx_line_plan *plan)
{
    size_t n = plan->n_objects;
    for (size_t i = 0; plan->security != NULL && i < plan->n_devices; i++) {
        wipe_security(&plan->env, &plan->security[i]);
    }
    bas_release(&plan->env, plan->objects, n * sizeof(*plan->objects));
    bas_release(&plan->env, plan->devices, n * sizeof(*plan->devices));
    bas_release(&plan->env, plan->security, n * sizeof(*plan->security));
    bas_release(&plan->env, plan->values, n * KNX_DPT_MAX_SIZE);
    plan->n_objects = plan->n_devices = 0;
}
