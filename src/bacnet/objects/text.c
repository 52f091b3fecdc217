/* Owns texts that are written: what they may consist of, and that they fit. */
#include "bacnet/objects/rows.h"

enum { FIRST_PRINTABLE = 0x20, DELETE = 0x7F };

/* Names and descriptions have printable characters (12.1). */
bool bac_text_is_printable(struct bas_slice utf8)
{
    for (size_t i = 0; i < utf8.len; i++) {
        if (utf8.data[i] < FIRST_PRINTABLE || utf8.data[i] == DELETE) {
            return false;
        }
    }
    return true;
}

static enum bac_error_code convert(const struct bac_text *text, struct bas_buf *out)
{
    bool is_convertible = text->charset == BAC_CHARSET_UTF8 || text->charset == BAC_CHARSET_UCS2 ||
                          text->charset == BAC_CHARSET_UCS4 || text->charset == BAC_CHARSET_LATIN1;
    if (!is_convertible) {
        return BAC_ERROR_CODE_CHARACTER_SET_NOT_SUPPORTED;
    }
    bool is_valid = bac_text_utf8(text, out);
    if (out->full) {
        return BAC_ERROR_CODE_NO_SPACE_TO_WRITE_PROPERTY;
    }
    bool is_text = is_valid && bac_text_is_printable((struct bas_slice){ out->data, out->len });
    return is_text ? BAC_ERROR_CODE_SUCCESS : BAC_ERROR_CODE_VALUE_OUT_OF_RANGE;
}

bas_err bac_set_text(const struct bac_object *object, const struct bac_write *write,
                     struct bac_room *room, struct bas_fault *fault)
{
    uint8_t memory[BAC_MAX_NAME];
    struct bas_buf text;
    bas_buf_init(&text, memory, room->cap < sizeof(memory) ? room->cap : sizeof(memory));
    enum bac_error_code code = convert(&write->value.as.text, &text);
    if (code != BAC_ERROR_CODE_SUCCESS) {
        return bac_refuse(object, write->property, code, "the text cannot be taken", fault);
    }
    (void)bac_room_put(room, (struct bas_slice){ text.data, text.len }); /* no longer than cap */
    return BAS_OK;
}
