/* Owns the names of errors, Basalt's and BACnet's (clause 18), and how a fault is filled. */
#include "basalt/error.h"

#include "basalt/base.h"

#include <stdarg.h>
#include <stdio.h>

struct err_row {
    const char *text;
    int exit_status;
};

static const struct err_row err_rows[] = {
#define BAS_ERR_ROW(name, status, text) [BAS_##name] = { text, status },
    BAS_ERRORS(BAS_ERR_ROW)
#undef BAS_ERR_ROW
};

/* bsc 2.3-01 */
static const char *const class_names[] = {
#define CLASS_ROW(name, number, text) [number] = text,
    BAC_ERROR_CLASSES(CLASS_ROW)
#undef CLASS_ROW
};

#define BAC_ERROR_CODE(name, number, text) [number] = text,
/* bsc 2.3-01 2.3-02 2.3-03 */
static const char *const code_names[] = {
#include "basalt/error_code.def"
};
#undef BAC_ERROR_CODE

const char *bas_err_text(bas_err err)
{
    return (size_t)err < BAS_ARRAY_LEN(err_rows) ? err_rows[err].text : "unknown error";
}

int bas_err_exit_status(bas_err err)
{
    return (size_t)err < BAS_ARRAY_LEN(err_rows) ? err_rows[err].exit_status : 6;
}

const char *bac_error_class_name(unsigned number)
{
    return number < BAS_ARRAY_LEN(class_names) ? class_names[number] : NULL;
}

const char *bac_error_code_name(unsigned number)
{
    return number < BAS_ARRAY_LEN(code_names) ? code_names[number] : NULL;
}

BAS_PRINTF(5, 0)
static void fill(struct bas_fault *fault, bas_err err, unsigned error_class, unsigned error_code,
                 const char *format, va_list args)
{
    if (fault == NULL) {
        return;
    }
    fault->err = err;
    fault->error_class = (uint16_t)error_class;
    fault->error_code = (uint16_t)error_code;
    fault->marker = 0;
    (void)vsnprintf(fault->text, sizeof(fault->text), format, args);
}

bas_err bas_fail(struct bas_fault *fault, bas_err err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fill(fault, err, 0, 0, format, args);
    va_end(args);
    return err;
}

bas_err bas_fail_code(struct bas_fault *fault, bas_err err, unsigned error_class,
                      unsigned error_code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fill(fault, err, error_class, error_code, format, args);
    va_end(args);
    return err;
}
