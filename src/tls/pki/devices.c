/* Owns reading a list of devices (comma-separated values): columns name, san, uuid, days. */
#include "tls/pki/devices.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum column { COLUMN_NAME, COLUMN_SAN, COLUMN_UUID, COLUMN_DAYS, COLUMNS };
static const char *const column_names[COLUMNS] = { "name", "san", "uuid", "days" };

/* The first line: what stands where. */
struct layout {
    enum column columns[BAS_PKI_CSV_CELLS];
    size_t n;
};

void bas_pki_mistake(struct bas_pki_batch *batch, unsigned line, const char *format, ...)
{
    if (batch->n_mistakes < BAS_PKI_MISTAKES) {
        struct bas_pki_mistake *mistake = &batch->mistakes[batch->n_mistakes];
        va_list args;
        va_start(args, format);
        mistake->line = line;
        (void)vsnprintf(mistake->text, sizeof(mistake->text), format, args);
        va_end(args);
    }
    batch->n_mistakes++;
}

void bas_pki_devices_free(struct bas_pki_devices *devices)
{
    bas_release(devices->env, devices->items, devices->cap * sizeof(*devices->items));
    bas_pki_text_free(devices->env, &devices->text);
    devices->items = NULL;
    devices->n = 0;
    devices->cap = 0;
}

/* Cells */

static void take_san(struct bas_pki_devices *devices, struct bas_pki_device *device, char *cell)
{
    static const char spaces[] = " \t\r\n";
    struct bas_pki_names checked = { .n = 0 };
    struct bas_fault why;
    for (cell += strspn(cell, spaces); *cell != 0; cell += strspn(cell, spaces)) {
        char *name = cell;
        cell += strcspn(cell, spaces);
        if (*cell != 0) {
            *cell++ = 0;
        }
        checked.n = 0;
        if (bas_pki_names_add(&checked, name, &why) != BAS_OK) {
            bas_pki_mistake(devices->told, device->line, "%.120s", why.text);
        } else if (device->n_names == BAS_PKI_NAMES - 1) {
            bas_pki_mistake(devices->told, device->line, "more than %d names for a certificate",
                            BAS_PKI_NAMES - 1);
            return;
        } else {
            device->names[device->n_names++] = name;
        }
    }
}

static void take_uuid(struct bas_pki_devices *devices, struct bas_pki_device *device,
                      const char *cell)
{
    char urn[BAS_PKI_UUID_URN];
    if (cell[0] == 0) {
        return;
    }
    const char *text = strncmp(cell, "urn:uuid:", 9) == 0 ? cell + 9 : cell;
    int n = snprintf(urn, sizeof(urn), "urn:uuid:%s", text);
    device->has_uuid =
        n == BAS_PKI_UUID_URN - 1 &&
        bas_tls_uuid_parse((struct bas_slice){ (const uint8_t *)urn, (size_t)n }, device->uuid);
    if (!device->has_uuid) {
        bas_pki_mistake(devices->told, device->line,
                        "\"%.60s\" is no UUID: 0f1e2d3c-4b5a-4687-9786-a5b4c3d2e1f0 is one", cell);
    }
}

static void take_days(struct bas_pki_devices *devices, struct bas_pki_device *device,
                      const char *cell)
{
    unsigned days = 0;
    size_t len = strlen(cell);
    bool is_good = len <= 5 && strspn(cell, "0123456789") == len;
    for (size_t i = 0; i < len && is_good; i++) {
        days = days * 10 + (unsigned)(cell[i] - '0');
    }
    if (len != 0 && (!is_good || days == 0 || days > BAS_PKI_MAX_DAYS)) {
        bas_pki_mistake(devices->told, device->line, "\"%.20s\" days: 1 to %d are possible", cell,
                        BAS_PKI_MAX_DAYS);
        return;
    }
    device->days = days;
}

static void take_name(struct bas_pki_devices *devices, struct bas_pki_device *device,
                      const char *cell)
{
    struct bas_fault why;
    if (bas_pki_name_check(cell, &why) != BAS_OK) {
        bas_pki_mistake(devices->told, device->line, "%.180s", why.text);
        return;
    }
    device->name = cell;
}

/* Lines */

static void take_row(struct bas_pki_devices *devices, const struct layout *layout,
                     const struct bas_pki_csv *csv)
{
    struct bas_pki_device *device = &devices->items[devices->n];
    *device = (struct bas_pki_device){ .line = csv->line };
    if (csv->n > layout->n) {
        bas_pki_mistake(devices->told, csv->line, "%zu values for %zu columns", csv->n, layout->n);
        return;
    }
    for (size_t i = 0; i < csv->n; i++) {
        switch (layout->columns[i]) {
        case COLUMN_NAME:
            take_name(devices, device, csv->cells[i]);
            break;
        case COLUMN_SAN:
            take_san(devices, device, csv->cells[i]);
            break;
        case COLUMN_UUID:
            take_uuid(devices, device, csv->cells[i]);
            break;
        case COLUMN_DAYS:
            take_days(devices, device, csv->cells[i]);
            break;
        case COLUMNS:
            break;
        }
    }
    devices->n += device->name != NULL;
}

static enum column column_of(const char *text)
{
    size_t i = 0;
    while (i < COLUMNS && strcmp(text, column_names[i]) != 0) {
        i++;
    }
    return (enum column)i;
}

/* The names of the columns. False: without them no line can be read. */
static bool take_head(struct bas_pki_devices *devices, struct layout *layout,
                      struct bas_pki_csv *csv)
{
    size_t counts[COLUMNS + 1] = { 0 };
    const char *why = "there is nothing in it";
    bas_pki_csv_guess_delimiter(csv);
    bas_err err = bas_pki_csv_next(csv, &why);
    if (err != BAS_OK) {
        bas_pki_mistake(devices->told, 1, "%s", why);
        return false;
    }
    for (size_t i = 0; i < csv->n; i++) {
        enum column column = column_of(csv->cells[i]);
        if (column == COLUMNS) {
            bas_pki_mistake(devices->told, csv->line,
                            "no column is called \"%.40s\": the first line names the columns, of "
                            "name, san, uuid, days",
                            csv->cells[i]);
        }
        layout->columns[layout->n++] = column;
        counts[column]++;
    }
    bool is_once = counts[COLUMN_NAME] == 1 && counts[COLUMN_UUID] <= 1 && counts[COLUMN_DAYS] <= 1;
    if (counts[COLUMNS] == 0 && !is_once) {
        bas_pki_mistake(
            devices->told, csv->line,
            "the columns name, uuid and days are there once (name always), san as often "
            "as you like");
    }
    return counts[COLUMNS] == 0 && is_once;
}

static size_t count_lines(const char *text)
{
    size_t n = 1;
    for (; *text != 0; text++) {
        n += *text == '\n' || *text == '\r';
    }
    return n;
}

static void read_rows(struct bas_pki_devices *devices, struct bas_pki_csv *csv,
                      const struct layout *layout)
{
    const char *why = NULL;
    bas_err err = bas_pki_csv_next(csv, &why);
    while (err != BAS_ERR_CLOSED) {
        if (err == BAS_OK) {
            take_row(devices, layout, csv);
        } else {
            bas_pki_mistake(devices->told, csv->line, "%s", why);
        }
        err = bas_pki_csv_next(csv, &why);
    }
}

/* Two devices of one name, or of one UUID. */
static void find_doubles(const struct bas_pki_devices *devices)
{
    for (size_t i = 0; i < devices->n; i++) {
        const struct bas_pki_device *a = &devices->items[i];
        for (size_t k = 0; k < i; k++) {
            const struct bas_pki_device *b = &devices->items[k];
            if (strcmp(a->name, b->name) == 0) {
                bas_pki_mistake(devices->told, a->line, "%s is in line %u already", a->name,
                                b->line);
                break;
            }
            if (a->has_uuid && b->has_uuid && bas_equal_secret(a->uuid, b->uuid, sizeof(a->uuid))) {
                bas_pki_mistake(devices->told, a->line, "%s has the UUID of %s in line %u", a->name,
                                b->name, b->line);
                break;
            }
        }
    }
}

bas_err bas_pki_devices_read(struct bas_pki_devices *devices, const char *path,
                             struct bas_fault *fault)
{
    struct bas_pki_csv csv;
    struct layout layout = { .n = 0 };
    bas_err err = bas_pki_text_read(devices->env, path, &devices->text, fault);
    if (err != BAS_OK) {
        return err;
    }
    size_t cap = count_lines(devices->text.text);
    devices->items = bas_alloc(devices->env, cap * sizeof(*devices->items));
    if (devices->items == NULL) {
        return bas_fail(fault, BAS_ERR_NO_MEMORY, "no memory for the devices of %s", path);
    }
    devices->cap = cap;
    bas_pki_csv_init(&csv, devices->text.text);
    if (take_head(devices, &layout, &csv)) {
        read_rows(devices, &csv, &layout);
        find_doubles(devices);
    }
    return BAS_OK;
}
