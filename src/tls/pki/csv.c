/* Owns reading and writing comma-separated values (RFC 4180). */
#include "tls/pki/csv.h"

#include <string.h>

void bas_pki_csv_init(struct bas_pki_csv *csv, char *text)
{
    static const char mark[] = "\xEF\xBB\xBF";
    *csv = (struct bas_pki_csv){ .at = text, .delimiter = ',', .next_line = 1 };
    if (strncmp(text, mark, sizeof(mark) - 1) == 0) {
        csv->at += sizeof(mark) - 1;
    }
}

static bool ends_line(char c)
{
    return c == 0 || c == '\n' || c == '\r';
}

/* Behind the end of this line. */
static void skip_line(struct bas_pki_csv *csv)
{
    csv->at += strcspn(csv->at, "\r\n");
    csv->at += csv->at[0] == '\r' && csv->at[1] == '\n';
    if (csv->at[0] != 0) {
        csv->at++;
        csv->next_line++;
    }
}

/* The content of a quoted cell moves over its first quote. Gives its end; NULL: there is no closing
 * quote. */
static char *take_quoted(struct bas_pki_csv *csv)
{
    char *out = csv->at;
    char *in = csv->at + 1;
    for (; *in != 0; in++) {
        if (*in == '"' && in[1] != '"') {
            csv->at = in + 1;
            csv->at += strspn(csv->at, " \t");
            return out;
        }
        in += *in == '"';
        csv->next_line += *in == '\n';
        *out++ = *in;
    }
    csv->at = in;
    return NULL;
}

/* Gives the end of the cell. */
static char *take_plain(struct bas_pki_csv *csv)
{
    char *start = csv->at;
    while (!ends_line(*csv->at) && *csv->at != csv->delimiter) {
        csv->at++;
    }
    char *end = csv->at;
    while (end > start && (end[-1] == ' ' || end[-1] == '\t')) {
        end--;
    }
    return end;
}

/* One cell. is_last: the record ends behind it. */
static bas_err take_cell(struct bas_pki_csv *csv, bool *is_last, const char **why)
{
    csv->at += strspn(csv->at, " \t");
    char *start = csv->at;
    char *end = *start == '"' ? take_quoted(csv) : take_plain(csv);
    if (end == NULL) {
        *why = "a quote is never closed";
        return BAS_ERR_MALFORMED;
    }
    if (!ends_line(*csv->at) && *csv->at != csv->delimiter) {
        *why = "there is text behind a closing quote";
        return BAS_ERR_MALFORMED;
    }
    if (csv->n == BAS_PKI_CSV_CELLS) {
        *why = "there are too many values";
        return BAS_ERR_MALFORMED;
    }
    *is_last = *csv->at != csv->delimiter;
    if (*is_last) {
        skip_line(csv);
    } else {
        csv->at++;
    }
    *end = 0;
    csv->cells[csv->n++] = start;
    return BAS_OK;
}

static void skip_remarks(struct bas_pki_csv *csv)
{
    while (csv->at[0] == '#' || csv->at[0] == '\n' || csv->at[0] == '\r') {
        skip_line(csv);
    }
}

void bas_pki_csv_guess_delimiter(struct bas_pki_csv *csv)
{
    skip_remarks(csv);
    csv->delimiter = csv->at[strcspn(csv->at, ",;\r\n")] == ';' ? ';' : ',';
}

bas_err bas_pki_csv_next(struct bas_pki_csv *csv, const char **why)
{
    csv->n = 0;
    skip_remarks(csv);
    if (csv->at[0] == 0) {
        return BAS_ERR_CLOSED;
    }
    csv->line = csv->next_line;
    bool is_last = false;
    bas_err err = BAS_OK;
    while (!is_last && err == BAS_OK) {
        err = take_cell(csv, &is_last, why);
    }
    if (err != BAS_OK) {
        skip_line(csv);
    }
    return err;
}

void bas_pki_csv_add(struct bas_buf *out, bool is_first, const char *text)
{
    bas_buf_add_text(out, is_first ? "" : ",");
    if (strpbrk(text, ",;\"\r\n#") == NULL) {
        bas_buf_add_text(out, text);
        return;
    }
    bas_buf_add_text(out, "\"");
    for (; *text != 0; text++) {
        bas_buf_add(out, text, 1);
        if (*text == '"') {
            bas_buf_add_text(out, "\"");
        }
    }
    bas_buf_add_text(out, "\"");
}
