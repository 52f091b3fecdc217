/* The verbs: each has its own cmd_<verb>.c, and a row in main.c. */
#ifndef BASALT_TOOLS_VERBS_H
#define BASALT_TOOLS_VERBS_H

#include "options.h"

/* The row of a table by the last word of its name, or by its other name; NULL. */
const struct verb *verbs_find(struct verbs verbs, const char *word);
/* Tells that word is no verb, and which may have been meant. Gives the exit status. */
int verbs_unknown(struct out *out, struct verbs verbs, const char *word);
/* Runs the verb inside of tool->verb that argv[1] names. False: it names none, being an option or
 * missing. */
bool verbs_run_inner(struct tool *tool, int argc, char **argv, int *status);
/* A verb that is nothing but a table of verbs. */
int cmd_table(struct tool *tool, int argc, char **argv);

int cmd_ack(struct tool *tool, int argc, char **argv);
int cmd_alarms(struct tool *tool, int argc, char **argv);
int cmd_call(struct tool *tool, int argc, char **argv);
int cmd_config(struct tool *tool, int argc, char **argv);
int cmd_control(struct tool *tool, int argc, char **argv);
int cmd_cov(struct tool *tool, int argc, char **argv);
int cmd_covp(struct tool *tool, int argc, char **argv);
int cmd_create(struct tool *tool, int argc, char **argv);
int cmd_decode(struct tool *tool, int argc, char **argv);
int cmd_delete(struct tool *tool, int argc, char **argv);
int cmd_device(struct tool *tool, int argc, char **argv);
int cmd_dump(struct tool *tool, int argc, char **argv);
int cmd_file_read(struct tool *tool, int argc, char **argv);
int cmd_file_write(struct tool *tool, int argc, char **argv);
int cmd_hub(struct tool *tool, int argc, char **argv);
int cmd_hub_reload(struct tool *tool, int argc, char **argv);
int cmd_knx_describe(struct tool *tool, int argc, char **argv);
int cmd_knx_discover(struct tool *tool, int argc, char **argv);
int cmd_knx_check(struct tool *tool, int argc, char **argv);
int cmd_knx_keyring(struct tool *tool, int argc, char **argv);
int cmd_knx_monitor(struct tool *tool, int argc, char **argv);
int cmd_knx_read(struct tool *tool, int argc, char **argv);
int cmd_knx_respond(struct tool *tool, int argc, char **argv);
int cmd_knx_send(struct tool *tool, int argc, char **argv);
int cmd_knx_serve(struct tool *tool, int argc, char **argv);
int cmd_knx_tunnels(struct tool *tool, int argc, char **argv);
int cmd_knx_write(struct tool *tool, int argc, char **argv);
int cmd_list(struct tool *tool, int argc, char **argv);
int cmd_pics(struct tool *tool, int argc, char **argv);
int cmd_names(struct tool *tool, int argc, char **argv);
int cmd_pki_bundle(struct tool *tool, int argc, char **argv);
int cmd_pki_check(struct tool *tool, int argc, char **argv);
int cmd_pki_init(struct tool *tool, int argc, char **argv);
int cmd_pki_issue(struct tool *tool, int argc, char **argv);
int cmd_pki_list(struct tool *tool, int argc, char **argv);
int cmd_pki_renew(struct tool *tool, int argc, char **argv);
int cmd_pki_request(struct tool *tool, int argc, char **argv);
int cmd_pki_revoke(struct tool *tool, int argc, char **argv);
int cmd_pki_rotate(struct tool *tool, int argc, char **argv);
int cmd_pki_show(struct tool *tool, int argc, char **argv);
int cmd_pki_sign(struct tool *tool, int argc, char **argv);
int cmd_private(struct tool *tool, int argc, char **argv);
int cmd_read(struct tool *tool, int argc, char **argv);
int cmd_readm(struct tool *tool, int argc, char **argv);
int cmd_readrange(struct tool *tool, int argc, char **argv);
int cmd_reinit(struct tool *tool, int argc, char **argv);
int cmd_sc_check(struct tool *tool, int argc, char **argv);
int cmd_sc_resolve(struct tool *tool, int argc, char **argv);
int cmd_sc_solicit(struct tool *tool, int argc, char **argv);
int cmd_text(struct tool *tool, int argc, char **argv);
int cmd_timesync(struct tool *tool, int argc, char **argv);
int cmd_whohas(struct tool *tool, int argc, char **argv);
int cmd_whois(struct tool *tool, int argc, char **argv);
int cmd_write(struct tool *tool, int argc, char **argv);
int cmd_writem(struct tool *tool, int argc, char **argv);

/* Verbs inside of a verb. */
extern const struct verbs file_verbs;
extern const struct verbs hub_verbs;
extern const struct verbs knx_verbs;
extern const struct verbs pki_verbs;
extern const struct verbs sc_verbs;

extern const struct verb_options ack_options;
extern const struct verb_options alarms_options;
extern const struct verb_options call_options;
extern const struct verb_options config_options;
extern const struct verb_options control_options;
extern const struct verb_options cov_options;
extern const struct verb_options covp_options;
extern const struct verb_options create_options;
extern const struct verb_options decode_options;
extern const struct verb_options delete_options;
extern const struct verb_options device_options;
extern const struct verb_options dump_options;
extern const struct verb_options file_options;
extern const struct verb_options file_read_options;
extern const struct verb_options file_write_options;
extern const struct verb_options hub_options;
extern const struct verb_options hub_reload_options;
extern const struct verb_options knx_describe_options;
extern const struct verb_options knx_discover_options;
extern const struct verb_options knx_check_options;
extern const struct verb_options knx_keyring_options;
extern const struct verb_options knx_monitor_options;
extern const struct verb_options knx_options;
extern const struct verb_options knx_read_options;
extern const struct verb_options knx_respond_options;
extern const struct verb_options knx_send_options;
extern const struct verb_options knx_serve_options;
extern const struct verb_options knx_tunnels_options;
extern const struct verb_options knx_write_options;
extern const struct verb_options list_options;
extern const struct verb_options pics_options;
extern const struct verb_options names_options;
extern const struct verb_options pki_bundle_options;
extern const struct verb_options pki_check_options;
extern const struct verb_options pki_init_options;
extern const struct verb_options pki_issue_options;
extern const struct verb_options pki_list_options;
extern const struct verb_options pki_renew_options;
extern const struct verb_options pki_request_options;
extern const struct verb_options pki_options;
extern const struct verb_options pki_revoke_options;
extern const struct verb_options pki_rotate_options;
extern const struct verb_options pki_show_options;
extern const struct verb_options pki_sign_options;
extern const struct verb_options private_options;
extern const struct verb_options read_options;
extern const struct verb_options readm_options;
extern const struct verb_options readrange_options;
extern const struct verb_options reinit_options;
extern const struct verb_options sc_check_options;
extern const struct verb_options sc_options;
extern const struct verb_options sc_resolve_options;
extern const struct verb_options sc_solicit_options;
extern const struct verb_options text_options;
extern const struct verb_options timesync_options;
extern const struct verb_options whohas_options;
extern const struct verb_options whois_options;
extern const struct verb_options write_options;
extern const struct verb_options writem_options;

#endif
