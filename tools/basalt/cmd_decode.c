/* Owns `basalt decode`: frames as hex from the command line or standard input, an object for each.
 */
#include "decode.h"
#include "hexline.h"
#include "verbs.h"

#include "basalt/rt.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The layers: member, name, what tells a frame of it. */
#define LAYERS(ROW)                                                                                \
    ROW(BVLC_SC, "bvlc-sc", decode_bvlc)                                                           \
    ROW(NPDU, "npdu", tell_npdu)                                                                   \
    ROW(APDU, "apdu", tell_apdu)                                                                   \
    ROW(KNXIP, "knxip", tell_knxip)                                                                \
    ROW(CEMI, "cemi", tell_cemi)                                                                   \
    ROW(DATASECURE, "datasecure", tell_datasecure)

enum layer {
#define LAYER_MEMBER(member, name, tell) LAYER_##member,
    LAYERS(LAYER_MEMBER)
};

struct decode_options {
    struct common_options common;
    uint16_t layer;
    const char *session_key_file;
    const char *key_file;
    const char *src;
    const char *dst;
    uint64_t last_seq;
    uint64_t challenge;
    uint16_t role;
    struct bsc_vmac self;
    struct bsc_uuid uuid;
    struct bsc_vmac peer;
    struct bas_texts connected;
};

static const struct bas_choice layer_items[] = {
#define LAYER_CHOICE(member, name, tell) { name, LAYER_##member },
    LAYERS(LAYER_CHOICE)
};
static const struct bas_choices layers = { layer_items, BAS_ARRAY_LEN(layer_items),
                                           "bvlc-sc, npdu, apdu, knxip, cemi or datasecure" };
static const struct bas_choice role_items[] = { { "hub", DECODE_HUB },
                                                { "node", DECODE_NODE },
                                                { "direct", DECODE_DIRECT },
                                                { "unconnected", DECODE_UNCONNECTED } };
static const struct bas_choices roles = { role_items, BAS_ARRAY_LEN(role_items),
                                          "hub, node, direct or unconnected" };

#define ROW(name, type, member, max, fallback, help, choices)                                      \
    OPTION(struct decode_options, name, type, member, 0, max, fallback, help, false, choices)

static const struct option_row rows[] = {
    { ROW("layer", CHOICE, layer, 0, "bvlc-sc", "bvlc-sc, npdu, apdu, knxip, cemi, datasecure",
          &layers),
      0,
      "LAYER",
      { NULL } },
    { ROW("role", CHOICE, role, 0, NULL, "who gets a bvlc-sc frame: hub, node, direct, unconnected",
          &roles),
      0,
      "ROLE",
      { NULL } },
    { ROW("self", VMAC, self, 0, NULL, "our VMAC (zeros by default)", NULL), 0, "VMAC", { NULL } },
    { ROW("uuid", UUID, uuid, 0, NULL, "our device UUID (zeros by default)", NULL),
      0,
      "UUID",
      { NULL } },
    { ROW("peer", VMAC, peer, 0, NULL, "hub: the node that sent the frame", NULL),
      0,
      "VMAC",
      { NULL } },
    { ROW("connected", TEXTS, connected, 1024, NULL,
          "hub: others connected, may be repeated (default: all)", NULL),
      0,
      "VMAC,...",
      { NULL } },
    { ROW("session-key-file", PATH, session_key_file, 4095, NULL,
          "KNX: key of a session or the backbone", NULL),
      0,
      "FILE",
      { NULL } },
    { ROW("key-file", PATH, key_file, 4095, NULL, "KNX: key of a telegram of Data Secure", NULL),
      0,
      "FILE",
      { NULL } },
    { ROW("src", TEXT, src, KNX_ADDRESS_TEXT, NULL, "datasecure: who sent it, 1.1.10", NULL),
      0,
      "ADDRESS",
      { NULL } },
    { ROW("dst", TEXT, dst, KNX_ADDRESS_TEXT, NULL, "datasecure: to whom, 1/2/3 or 1.1.11", NULL),
      0,
      "ADDRESS",
      { NULL } },
    { ROW("last-seq", UNSIGNED, last_seq, KNX_COUNTER_MAX, NULL,
          "KNX: last valid sequence number; the next ones follow", NULL),
      0,
      "N",
      { NULL } },
    { ROW("challenge", UNSIGNED, challenge, KNX_COUNTER_MAX, "0",
          "datasecure: of the request that a Sync_Res answers", NULL),
      0,
      "N",
      { NULL } },
};

const struct verb_options decode_options = {
    .arguments = "HEX|-",
    .min_arguments = 1,
    .max_arguments = SIZE_MAX,
    .rows = rows,
    .n = BAS_ARRAY_LEN(rows),
    .writes_json_only = true,
    .size = sizeof(struct decode_options),
    .examples = "  basalt decode --role node 0a000041\n"
                "  basalt decode --role hub --peer 123456789abc 02040020a20b0c0d0e0f\n"
                "  basalt decode --layer npdu 01 20 ff ff 00 ff 10 08\n"
                "  basalt decode --layer knxip 06 10 02 06 00 08 00 24\n"
                "  basalt decode --role unconnected - < frames.txt      one frame a line\n"
                "\nEach frame gives one JSON object: its fields, and for bvlc-sc the action\n"
                "(deliver, forward, answer, nak, drop) with reply or forward in hex, and the\n"
                "error where something is wrong. A frame is at most 65535 octets long. A key file\n"
                "of KNX holds 32 hex digits.",
};

/* One run. frame holds one frame, other memory belongs to context. */
struct run {
    struct tool *tool;
    enum layer layer;
    struct decode_context context;
    uint8_t *frame;
    struct bsc_vmac *connected;
    uint64_t lines;
    uint64_t bad_lines;
    uint64_t first_bad;
};

static void tell_action(bool good, struct bas_json *json)
{
    bas_json_text(json, "action", good ? "deliver" : "drop");
}

static void tell_npdu(struct decode_context *context, struct bas_slice octets,
                      struct bas_json *json)
{
    tell_action(decode_npdu(context, octets, json), json);
}

static void tell_apdu(struct decode_context *context, struct bas_slice octets,
                      struct bas_json *json)
{
    tell_action(decode_apdu(context, octets, json), json);
}

static void tell_knxip(struct decode_context *context, struct bas_slice octets,
                       struct bas_json *json)
{
    tell_action(decode_knxip(context, octets, json), json);
}

static void tell_cemi(struct decode_context *context, struct bas_slice octets,
                      struct bas_json *json)
{
    tell_action(decode_cemi(context, octets, json), json);
}

static void tell_datasecure(struct decode_context *context, struct bas_slice octets,
                            struct bas_json *json)
{
    tell_action(decode_datasecure(context, octets, json), json);
}

static void decode(struct run *r, struct bas_slice octets)
{
    static void (*const tellers[])(struct decode_context *, struct bas_slice, struct bas_json *) = {
#define LAYER_TELLER(member, name, tell) [LAYER_##member] = (tell),
        LAYERS(LAYER_TELLER)
    };
    struct bas_json *json = out_begin(&r->tool->out);
    tellers[r->layer](&r->context, octets, json);
    out_end(&r->tool->out);
}

/* A frame that is longer than any may be: nobody looks into it. */
static void drop_too_long(struct run *r, const struct bas_fault *fault)
{
    struct bas_json *json = out_begin(&r->tool->out);
    bas_json_text(json, "action", "drop");
    decode_fault(fault, json);
    out_end(&r->tool->out);
}

static void bad_line(struct run *r, const struct bas_fault *fault)
{
    struct bas_json *json = out_begin(&r->tool->out);
    bas_json_text(json, "error", fault->text);
    bas_json_unsigned(json, "line", r->lines);
    bas_json_unsigned(json, "status", (unsigned)bas_err_exit_status(fault->err));
    out_end(&r->tool->out);
    r->first_bad = r->bad_lines++ == 0 ? r->lines : r->first_bad;
}

static void end_line(struct run *r, const struct hexline *line)
{
    struct bas_slice octets;
    struct bas_fault fault = { 0 };
    r->lines++;
    bas_err err = hexline_end(line, &octets, &fault);
    if (err == BAS_OK) {
        decode(r, octets);
    } else if (err == BAS_ERR_TOO_LONG) {
        drop_too_long(r, &fault);
    } else {
        bad_line(r, &fault);
    }
}

/* Every line of standard input, however long. */
static int decode_input(struct run *r)
{
    struct hexline line;
    bool has_line = false;
    hexline_begin(&line, r->frame, BSC_MAX_BVLC);
    for (int c = getc(stdin); c != EOF && !r->tool->out.is_broken; c = getc(stdin)) {
        has_line = c != '\n';
        if (has_line) {
            hexline_add(&line, c);
        } else {
            end_line(r, &line);
            hexline_begin(&line, r->frame, BSC_MAX_BVLC);
        }
    }
    struct bas_fault fault;
    if (ferror(stdin)) {
        (void)bas_fail(&fault, BAS_ERR_IO, "standard input: %s; check where it comes from",
                       strerror(errno));
        return out_fail(&r->tool->out, "decode", &fault);
    }
    if (has_line) {
        end_line(r, &line);
    }
    if (r->bad_lines == 0) {
        return 0;
    }
    (void)fprintf(
        r->tool->out.errors,
        "basalt: decode: %llu of %llu lines are not hex, the first is line %llu; give two "
        "hex digits to an octet\n",
        (unsigned long long)r->bad_lines, (unsigned long long)r->lines,
        (unsigned long long)r->first_bad);
    return bas_err_exit_status(BAS_ERR_INVALID);
}

/* The arguments together are one frame. */
static int decode_arguments(struct run *r, const struct arguments *arguments)
{
    struct hexline line;
    struct bas_slice octets;
    struct bas_fault fault = { 0 };
    hexline_begin(&line, r->frame, BSC_MAX_BVLC);
    for (size_t i = 0; i < arguments->n; i++) {
        for (const char *p = arguments->items[i]; *p != 0; p++) {
            hexline_add(&line, (unsigned char)*p);
        }
        hexline_add(&line, ' ');
    }
    bas_err err = hexline_end(&line, &octets, &fault);
    if (err == BAS_ERR_INVALID) {
        return out_fail(&r->tool->out, "decode", &fault);
    }
    if (err == BAS_OK) {
        decode(r, octets);
    } else {
        drop_too_long(r, &fault);
    }
    return 0;
}

/* "a,b" of every --connected, and "" for nobody, into the list of the context. */
static bool read_connected(struct run *r, const struct bas_texts *texts)
{
    size_t cap = 1;
    for (size_t i = 0; i < texts->n; i++) {
        cap += strlen(texts->items[i]);
    }
    r->connected = calloc(cap, sizeof(*r->connected));
    r->context.connected = texts->n == 0 ? NULL : r->connected;
    for (size_t i = 0; r->connected != NULL && i < texts->n; i++) {
        for (const char *p = texts->items[i]; *p != 0;) {
            char word[32] = { 0 };
            size_t len = strcspn(p, ",");
            memcpy(word, p, len < sizeof(word) ? len : sizeof(word) - 1);
            p += len + (p[len] == ',' ? 1 : 0);
            bool is_nobody = strcmp(word, "nobody") == 0;
            if (!is_nobody &&
                bsc_vmac_parse(word, &r->connected[r->context.n_connected++]) != BAS_OK) {
                (void)out_usage(
                    &r->tool->out, "decode",
                    "--connected: \"%s\" is not a VMAC; 12 hex digits each, with commas "
                    "between, or nobody",
                    word);
                return false;
            }
        }
    }
    return r->connected != NULL;
}

/* "1/2/3" or "1.1.11" as the destination of a telegram. */
static bool read_destination(const char *text, struct knx_secure_path *path)
{
    path->control2 = strchr(text, '.') == NULL ? KNX_CONTROL2_GROUP : 0;
    return path->control2 != 0 ? knx_ga_parse(text, &path->destination)
                               : knx_ia_parse(text, &path->destination);
}

static bool read_path(struct tool *tool, const struct decode_options *options,
                      struct knx_secure_path *path)
{
    const char *src = options->src != NULL ? options->src : "";
    const char *dst = options->dst != NULL ? options->dst : "";
    bool is_needed = options->layer == LAYER_DATASECURE && options->key_file != NULL;
    if ((is_needed || *src != 0) && !knx_ia_parse(src, &path->source)) {
        (void)out_usage(&tool->out, "decode",
                        "--src: \"%s\" is not an individual address; as in 1.1.10", src);
        return false;
    }
    if ((is_needed || *dst != 0) && !read_destination(dst, path)) {
        (void)out_usage(&tool->out, "decode",
                        "--dst: \"%s\" is no address; a group as in 1/2/3, or 1.1.11", dst);
        return false;
    }
    return true;
}

/* The options for KNX into the context. False: *status tells. */
static bool read_knx(struct tool *tool, const struct decode_options *options,
                     struct decode_knx *knx, int *status)
{
    struct bas_fault fault = { 0 };
    bas_err err = BAS_OK;
    *status = bas_err_exit_status(BAS_ERR_INVALID);
    if (!read_path(tool, options, &knx->path)) {
        return false;
    }
    knx->challenge = options->challenge;
    knx->has_last = options->last_seq != UINT64_MAX;
    knx->last = options->last_seq;
    knx->has_session_key = options->session_key_file != NULL;
    knx->has_key = options->key_file != NULL;
    if (knx->has_session_key) {
        err = decode_key_read(&tool->env, options->session_key_file, &knx->session_key, &fault);
    }
    if (err == BAS_OK && knx->has_key) {
        err = decode_key_read(&tool->env, options->key_file, &knx->key, &fault);
    }
    if (err != BAS_OK) {
        *status = out_fail(&tool->out, "decode", &fault);
    }
    return err == BAS_OK;
}

static int decode_all(struct run *r, const struct decode_options *options,
                      const struct arguments *arguments)
{
    r->frame = malloc(BSC_MAX_BVLC);
    r->context.scratch = malloc(DECODE_SCRATCH);
    r->context.arena = malloc(DECODE_ARENA);
    if (r->frame == NULL || r->context.scratch == NULL || r->context.arena == NULL) {
        struct bas_fault fault = { .err = BAS_ERR_NO_MEMORY };
        return out_fail(&r->tool->out, "decode", &fault);
    }
    if (!read_connected(r, &options->connected)) {
        return bas_err_exit_status(BAS_ERR_INVALID);
    }
    bool is_input = arguments->n == 1 && strcmp(arguments->items[0], "-") == 0;
    return is_input ? decode_input(r) : decode_arguments(r, arguments);
}

int cmd_decode(struct tool *tool, int argc, char **argv)
{
    struct decode_options options;
    struct arguments arguments;
    int status = 0;
    if (!options_parse(tool, argc, argv, &options, &arguments, &status)) {
        return status;
    }
    if (options.layer == LAYER_BVLC_SC && options.role == UINT16_MAX) {
        return out_usage(&tool->out, "decode", "--role: is missing; %s", roles.allowed);
    }
    struct run r = { .tool = tool, .layer = (enum layer)options.layer };
    r.context.role = options.role == UINT16_MAX ? DECODE_NODE : (enum decode_role)options.role;
    r.context.self = options.self;
    r.context.uuid = options.uuid;
    r.context.peer = options.peer;
    if (read_knx(tool, &options, &r.context.knx, &status)) {
        status = decode_all(&r, &options, &arguments);
    }
    bas_wipe(&r.context.knx, sizeof(r.context.knx));
    free(r.frame);
    free(r.context.scratch);
    free(r.context.arena);
    free(r.connected);
    return status;
}
