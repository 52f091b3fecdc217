/* Which members of struct knx_cemi a message code has. */
#ifndef BASALT_KNX_CEMI_H
#define BASALT_KNX_CEMI_H

#include "basalt/knx.h"

enum cemi_form { CEMI_L_DATA, CEMI_RAW, CEMI_PROPERTY, CEMI_FUNCTION, CEMI_BODY };

/* CEMI_BODY for codes that are not known. */
enum cemi_form cemi_form_of(unsigned code);

#endif
