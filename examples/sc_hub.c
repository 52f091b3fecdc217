/*
 * A low-level hub: prints where it listens, and who comes, goes and is refused, until Ctrl-C.
 *
 *     sc_hub 0.0.0.0:4443 ca.pem hub.pem hub.key
 */
#include <basalt/app.h>

#include <signal.h>
#include <stdio.h>

static void on_notice(void *user, const struct bas_hub_notice *notice)
{
    static const char *const words[] = { [BSC_HUB_JOINED] = "joined",
                                         [BSC_HUB_LEFT] = "left",
                                         [BSC_HUB_CLOSE] = "refused",
                                         [BSC_HUB_FAULT] = "sent something wrong" };
    char vmac[BSC_VMAC_TEXT];
    (void)user;
    printf("%s (%s) %s %s\n", notice->subject, bsc_vmac_text(notice->vmac, vmac),
           words[notice->kind], notice->fault != NULL ? notice->fault->text : "");
}

static void on_signal(void *user, int signal)
{
    (void)signal;
    bas_hub_stop(user); /* every node is asked to disconnect; the loop ends when all is closed */
}

int main(int argc, char **argv)
{
    struct bas_env env = bas_env_host(NULL, NULL);
    struct bas_loop *loop = bas_loop_new(&env);
    struct bas_fault fault = { 0 };
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc != 5 || loop == NULL) {
        fprintf(stderr, "usage: sc_hub ADDRESS:PORT CA CERTIFICATE KEY\n");
        return 2;
    }
    const struct bas_hub_settings settings = {
        .bind = argv[1],
        .tls = { .size = sizeof(settings.tls),
                 .issuer_files = { argv[2] },
                 .certificate_file = argv[3],
                 .key_file = argv[4] },
        .engine = { .size = sizeof(settings.engine) },
    };
    const struct bas_hub_callbacks callbacks = { .notice = on_notice };
    struct bas_hub *hub = bas_hub_start(loop, &settings, &callbacks, &fault);
    if (hub == NULL) {
        fprintf(stderr, "%s\n", fault.text);
        return bas_err_exit_status(fault.err);
    }
    printf("listening: %s\n", bas_hub_uri(hub));
    bas_loop_on_signal(loop, on_signal, hub);
    bas_loop_run(loop);
    bas_loop_free(loop);
    return 0;
}
