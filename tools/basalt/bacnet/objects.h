/* All objects of the session's device. */
#ifndef BASALT_TOOLS_OBJECTS_H
#define BASALT_TOOLS_OBJECTS_H

#include "progress.h"
#include "session_call.h"

struct objects {
    struct bac_object_id *items; /* free */
    size_t n;
    size_t cap;
    bool is_short; /* memory was out */
    struct progress progress;
};

/* Reads the device's object-list. False: the session is over. objects is the first member of the
 * task's user: the calls find it there. */
bool objects_read(struct session *session, struct objects *objects);
/* Several properties of each of many objects, as one list for bas_read_many. */
struct objects_plan {
    struct bas_property *items; /* free */
    size_t n;
};
/* choose gives the properties of an object, at most max; how many. */
bool objects_plan(struct session *session, const struct objects *objects,
                  size_t (*choose)(struct bac_object_id object, struct bas_property *items),
                  size_t max, struct objects_plan *plan);

#endif
