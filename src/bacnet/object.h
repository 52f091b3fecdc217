/*
 * The object model inside: an object is a struct, its type a row of objects.def, its properties the
 * rows of that type (src/bacnet/objects). Everything that lists, reads or writes properties goes by
 * the rows.
 */
#ifndef BASALT_BACNET_OBJECT_H
#define BASALT_BACNET_OBJECT_H

#include "bacnet/cov/links.h"
#include "basalt/bacnet_server.h"

struct bac_build;
struct bac_cov;
struct bac_file;
struct bac_object;
struct bac_database;

enum { BAC_PRIORITIES = 16 };

/* Octets in a place of their own. */
struct bac_room {
    uint8_t *octets;
    uint32_t len, cap;
};

static inline struct bas_slice bac_room_slice(const struct bac_room *room)
{
    return (struct bas_slice){ room->octets, room->len };
}
/* False, and nothing changed, when they do not fit. */
bool bac_room_put(struct bac_room *room, struct bas_slice octets);

/* Present_Value and its kin. Values are encoded, so that to read one is to copy it. */
struct bac_level {
    struct bac_room present;
    struct bac_room program;      /* what the program said last, shown again when back in service */
    struct bac_room spare, draft; /* for the value on its way */
    uint32_t max_value;           /* octets of a text, octet string or bit string */
    /* commandable (clause 19.2) */
    struct bac_room *slots; /* BAC_PRIORITIES; NULL: not commandable */
    uint32_t taken;         /* bit n: slots[n], of priority n + 1, holds a value */
    struct bac_room relinquish_default;
};

/* What values a Present_Value has. */
struct bac_level_kind {
    const struct bac_type *type;
    uint8_t room;     /* octets of an encoded value; 0: as max_value says */
    const char *zero; /* the encoded value at first, if nothing is said */
    uint8_t zero_len;
    /* SUCCESS, or what is wrong with a value (the C type of type). NULL: nothing can be. */
    enum bac_error_code (*check)(const struct bac_object *object, const void *value);
};

/* Conformance code of a property (clause 12). */
enum bac_conformance { BAC_CONFORMS_REQUIRED, BAC_CONFORMS_OPTIONAL, BAC_CONFORMS_WRITABLE };

/* A value on its way into a property. */
struct bac_write {
    uint32_t property;
    uint32_t index;         /* BAC_NO_INDEX: none */
    uint8_t priority;       /* 1 .. 16 */
    struct bas_slice raw;   /* encoded */
    struct bac_value value; /* the same, if it is one primitive; else NULL */
    bool by_program;        /* not over the network: no access is asked for */
    bool is_restored;       /* it was over the network once: what the program says is another */
    bool is_change; /* out: there is something to tell; false for a NULL that says nothing */
    bool lasts;     /* out: to be kept (struct bac_server_event) */
};

struct bac_property_row {
    uint32_t property;
    const struct bac_type *type; /* of one element */
    enum bac_conformance conformance;
    enum bac_shape shape;
    bool is_open;         /* the configuration may give it, and then goes before get */
    bool by_program_only; /* set is for the program and for what lasts, not for the network */
    /* Whether this object has it. NULL: always, or without get when the configuration gives it. */
    bool (*has)(const struct bac_object *object);
    uint32_t (*count)(const struct bac_object *object); /* ARRAY and LIST */
    /* One of them, or neither: from the configuration alone. at: 0 for a SCALAR, else 1 .. count.
     * get: one primitive; add: appends the encoded value. */
    void (*get)(const struct bac_object *object, uint32_t at, struct bac_value *value);
    void (*add)(const struct bac_object *object, uint32_t at, struct bas_buf *out);
    /* Whether it may be written over the network now. NULL: whenever there is set. */
    bas_err (*may)(const struct bac_object *object, const struct bac_write *write,
                   struct bas_fault *fault);
    /*
     * NULL: not writable. write->raw is of the type: one value, or any number of them for all of an
     * array or a list. write->value is the same if it is one primitive. NULL comes here with a
     * priority alone, to relinquish: elsewhere it changes nothing (15.9.2). write->priority is 0
     * where there is none.
     */
    bas_err (*set)(struct bac_object *object, const struct bac_write *write,
                   struct bas_fault *fault);
};

enum bac_role { BAC_ROLE_OTHER, BAC_ROLE_INPUT, BAC_ROLE_OUTPUT, BAC_ROLE_VALUE };

struct bac_object_class {
    uint16_t number; /* enum bac_object_type */
    enum bac_role role;
    const struct bac_level_kind *level; /* NULL: no Present_Value */
    const struct bac_property_row *rows;
    size_t n_rows;
    /* Checks and copies what the configuration says of this type alone. NULL: nothing. */
    bas_err (*fill)(struct bac_build *build, const struct bac_object_config *config,
                    struct bac_object *object);
    const struct bac_object_config *created; /* as CreateObject makes them; NULL: it does not */
};

#define BAC_OBJECT(id) extern const struct bac_object_class bac_class_##id;
#include "bacnet/objects.def"
#undef BAC_OBJECT

/* An object of any type; what its type does not use stays zero. */
struct bac_object {
    struct bac_object_id id;
    const struct bac_object_class *class;
    struct bac_database *db;
    size_t memory_len;               /* of all that belongs to it, from here on */
    struct bac_object *next_changed; /* in the list of db; itself at its end */
    struct bac_links monitors;       /* of subscriptions to it (cov.h) */
    struct bas_slice name;
    uint8_t *name_room; /* BAC_MAX_NAME */
    struct bac_room description;
    const struct bac_property_config *properties;
    size_t n_properties;
    bac_port_id port;
    bool deletable, is_created;
    struct bac_level *level; /* with Present_Value */
    bool writable;
    bool out_of_service;
    uint32_t reliability, program_reliability; /* shown; in service they are the same */
    /* numbers */
    bool has_range;
    uint32_t units;
    double min, max, cov_increment;
    /* binary */
    bool is_reverse;
    struct bac_room inactive_text, active_text;
    /* multi-state */
    uint32_t n_states;
    struct bac_room *state_text; /* n_states, or NULL */
    struct bac_file *file;       /* file.h */
    void *own;                   /* what its type keeps for itself, of its file in objects/ */
};

/* What the Device object shows. */
struct bac_device_info {
    struct bac_room location;
    struct bas_slice vendor_name, model_name, firmware_revision;
    struct bas_slice application_software_version;
    uint16_t vendor;
    uint16_t max_apdu;
    uint8_t uuid[16];
    bool has_uuid;
    uint32_t database_revision;
    uint32_t apdu_timeout_ms, segment_timeout_ms;
    uint8_t retries;
    uint32_t max_segments; /* of a request */
    uint8_t services[8];   /* Protocol_Services_Supported, by the server's rows */
    uint8_t object_types[16];
};

struct bac_database {
    struct bas_env env;
    struct bac_object **objects; /* ascending by type and instance */
    struct bac_object **by_name;
    size_t n_objects, cap;
    size_t n_created, max_created;
    struct bac_object *device;
    struct bac_object *changed; /* touched and not looked at yet */
    /* If not NULL, told before an object is deleted. */
    void (*ending)(void *ctx, const struct bac_object *object);
    void *ending_ctx;
    const struct bac_cov *cov; /* whose subscriptions the Device object shows */
    struct bac_device_info info;
};

/* database.c */

/* BAS_ERR_INVALID, BAS_ERR_EXISTS (name or identifier twice), BAS_ERR_NO_MEMORY; *db is then safe
 * to fini. */
bas_err bac_database_init(struct bac_database *db, const struct bas_env *env,
                          const struct bac_server_config *config, struct bas_fault *fault);
void bac_database_fini(struct bac_database *db);
struct bac_object *bac_database_find(const struct bac_database *db, struct bac_object_id id);
struct bac_object *bac_database_find_name(const struct bac_database *db, struct bas_slice name);
/*
 * Makes an object that its type's defaults describe (CreateObject, 15.3). Instance
 * BAC_WILDCARD_INSTANCE: any free one; an empty name: "analog-value-3". The fault names class and
 * code.
 */
bas_err bac_database_create(struct bac_database *db, struct bac_object_id id, struct bas_slice name,
                            struct bac_object **object, struct bas_fault *fault);
/* Ends the object if it may be deleted (15.4). It is on no list of changes any more. */
bas_err bac_database_delete(struct bac_database *db, struct bac_object *object,
                            struct bas_fault *fault);
/* BAS_ERR_EXISTS: another object has that name. */
bas_err bac_database_rename(struct bac_database *db, struct bac_object *object,
                            struct bas_slice name);
/* The same of what is restored: another object that has the name yet gets the one of this object in
 * its place, until it is told its own. */
void bac_database_take_name(struct bac_database *db, struct bac_object *object,
                            struct bas_slice name);
const struct bac_object_class *bac_class_of(uint16_t object_type);
const struct bac_object_class *const *bac_classes(size_t *n);

/* Local_Date and Local_Time of the device, encoded as a BACnetDateTime of 10 octets
 * (objects/device.c). */
void bac_database_now(const struct bac_database *db, uint8_t *out);

/* What the program says of it: shown in service (objects/common.c). */
void bac_object_set_reliability(struct bac_object *object, uint32_t reliability);

/* object.c, object_write.c, object_list.c */

/* Notes that a property of the object changed, by whomever: subscriptions look at it later, once
 * for any number of touches. */
void bac_object_touch(struct bac_object *object);
/* Takes one that was touched off the list; NULL: no more. */
struct bac_object *bac_database_next_changed(struct bac_database *db);

/* What the configuration says of a property, or NULL. */
const struct bac_property_config *bac_object_configured(const struct bac_object *object,
                                                        uint32_t property);
/* The row of a property that this object has, or NULL. */
const struct bac_property_row *bac_object_row(const struct bac_object *object, uint32_t property);
bool bac_object_has(const struct bac_object *object, const struct bac_property_row *row);
/* Whether Property_List names it (clause 12.1.1). */
bool bac_row_is_listed(const struct bac_property_row *row);
/* An array index as 32 bits: BAC_NO_INDEX where there is none, and one that no array has for all
 * that are too large. */
uint32_t bac_index_of(bool has_index, uint64_t index);
/* Appends the encoded value; out->full when it does not fit. On error nothing is appended. */
bas_err bac_object_read(const struct bac_object *object, uint32_t property, uint32_t index,
                        struct bas_buf *out, struct bas_fault *fault);
/* Present_Value as one primitive; false: the object has none, or it is constructed. Who wants it
 * encoded reads it. */
bool bac_object_present(const struct bac_object *object, struct bac_value *value);
/* raw: the encoded value. *write gets what was written, for the event. */
bas_err bac_object_write(struct bac_object *object, struct bac_write *write, struct bas_slice raw,
                         struct bas_fault *fault);

/* AddListElement and RemoveListElement (15.1, 15.2): all elements or none. */
struct bac_list_change {
    uint32_t property;
    uint32_t index; /* BAC_NO_INDEX: none */
    bool is_removal;
    struct bas_slice elements; /* encoded, one behind the other */
    struct bac_arena *arena;   /* for the list as it will be; raw lives there */
    struct bas_slice raw;      /* out: the whole list as it is now, for the event */
    bool lasts;                /* out */
    uint32_t first_failed;     /* out, on error: from 1; 0: none of them is at fault */
};
bas_err bac_object_list_change(struct bac_object *object, struct bac_list_change *change,
                               struct bas_fault *fault);

/* The elements of a list or an array, for ReadRange (15.8). */
struct bac_elements {
    const struct bac_object *object;
    const struct bac_property_row *row;
    uint32_t n;           /* elements */
    struct bas_slice all; /* of a configured list: encoded, in the arena */
    struct bas_slice left;
    uint32_t at; /* the element that left begins with */
    struct bac_arena *arena;
};
/* property-is-not-a-list for what is neither list nor array, unknown-property, ... */
bas_err bac_object_range(const struct bac_object *object, uint32_t property, uint32_t index,
                         struct bac_arena *arena, struct bac_elements *range,
                         struct bas_fault *fault);
/* Appends element at (1 .. n) encoded; out->full when it does not fit. */
bas_err bac_elements_read(struct bac_elements *range, uint32_t at, struct bas_buf *out,
                          struct bas_fault *fault);
/* unknown-property, property-is-not-an-array or invalid-array-index; on success *row. */
bas_err bac_object_find_row(const struct bac_object *object, uint32_t property, uint32_t index,
                            const struct bac_property_row **row, struct bas_fault *fault);
/* Appends a value of a row that has get or add: at is 0 for a SCALAR, else 1 .. count. */
void bac_row_add(const struct bac_object *object, const struct bac_property_row *row, uint32_t at,
                 struct bas_buf *out);
/* Why a value did not decode, as error of a write: value-out-of-range or invalid-data-type. */
enum bac_error_code bac_wrong_value(const struct bac_type *type, const struct bas_fault *fault);
/* Takes one value of the type off *in; element gets its octets. Nothing of it is kept. */
bas_err bac_next_value(const struct bac_type *type, struct bas_slice *in, struct bas_slice *element,
                       struct bas_fault *fault);
/* A fault, as text "analog-input,1 present-value: why". Returns its err. */
bas_err bac_refuse(const struct bac_object *object, uint32_t property, enum bac_error_code code,
                   const char *why, struct bas_fault *fault);
bas_err bac_refuse_index(const struct bac_object *object, uint32_t property,
                         struct bas_fault *fault);

#endif
