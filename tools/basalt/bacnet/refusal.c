/* Owns what the verbs say of refusals beyond the words of the library. */
#include "refusal.h"

const char *refusal_advice(const struct bac_error_pair *error)
{
    return error->error_code == BAC_ERROR_CODE_PASSWORD_FAILURE
               ? "give the right password with --device-pwd-file"
               : bas_refusal_advice(error);
}

bool refusal_is_of_size(const struct bac_error_pair *error)
{
    static const uint16_t codes[] = {
        BAC_ERROR_CODE_REJECT_UNRECOGNIZED_SERVICE,
        BAC_ERROR_CODE_REJECT_BUFFER_OVERFLOW,
        BAC_ERROR_CODE_ABORT_SEGMENTATION_NOT_SUPPORTED,
        BAC_ERROR_CODE_ABORT_BUFFER_OVERFLOW,
        BAC_ERROR_CODE_ABORT_APDU_TOO_LONG,
        BAC_ERROR_CODE_ABORT_OUT_OF_RESOURCES,
    };
    for (size_t i = 0; i < BAS_ARRAY_LEN(codes); i++) {
        if (codes[i] == error->error_code) {
            return true;
        }
    }
    return false;
}

void refusal_text(const struct bac_error_pair *error, struct bas_buf *out)
{
    const char *class_name = bac_error_class_name(error->error_class);
    const char *code_name = bac_error_code_name(error->error_code);
    bas_buf_format(out, "%s: %s", class_name != NULL ? class_name : "unknown",
                   code_name != NULL ? code_name : "unknown");
}
