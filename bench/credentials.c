/* Owns the bench's certificates and their folder. */
#define _GNU_SOURCE
#include "credentials.h"

#include "basalt/pki.h"
#include "basalt/rt.h"
#include "child.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void credentials_make(struct credentials *credentials)
{
    static const char *const names[] = { "hub", "node" };
    const struct bas_env env = bas_env_host(NULL, NULL);
    struct bas_fault fault = { 0 };
    struct bas_pki_pair made;
    char *folder = credentials->folder;
    (void)snprintf(folder, sizeof(credentials->folder), "/tmp/basalt-bench-XXXXXX");
    if (mkdtemp(folder) == NULL) {
        die("%s: %s", folder, strerror(errno));
    }
    const struct bas_pki_authority_request ca = { .size = sizeof(ca), .directory = folder };
    bas_err err = bas_pki_init(&env, &ca, &made, &fault);
    for (size_t i = 0; i < BAS_ARRAY_LEN(names) && err == BAS_OK; i++) {
        const struct bas_pki_device_request device = { .size = sizeof(device),
                                                       .directory = folder,
                                                       .name = names[i] };
        err = bas_pki_issue(&env, &device, &made, &fault);
    }
    char issuer[sizeof(credentials->folder) + 16];
    (void)snprintf(issuer, sizeof(issuer), "%s/ca.pem", folder);
    const struct bas_tls_config config = { .size = sizeof(config),
                                           .issuer_files = { issuer },
                                           .certificate_file = made.certificate_file,
                                           .key_file = made.key_file };
    credentials->tls = err == BAS_OK ? bas_tls_context_new(&env, &config, &fault) : NULL;
    if (credentials->tls == NULL) {
        die("%s", fault.text);
    }
}

void credentials_renew(const struct credentials *credentials, const char *name)
{
    const struct bas_env env = bas_env_host(NULL, NULL);
    const struct bas_pki_renew_request request = {
        .size = sizeof(request), .directory = credentials->folder, .name = name, .new_key = true
    };
    struct bas_pki_renewal made;
    struct bas_fault fault = { 0 };
    if (bas_pki_renew(&env, &request, &made, &fault) != BAS_OK) {
        die("%s", fault.text);
    }
}

void credentials_remove(const struct credentials *credentials)
{
    DIR *open = opendir(credentials->folder);
    struct dirent *entry = NULL;
    while (open != NULL && (entry = readdir(open)) != NULL) {
        if (entry->d_name[0] != '.') {
            (void)unlinkat(dirfd(open), entry->d_name, 0);
        }
    }
    if (open != NULL) {
        (void)closedir(open);
    }
    (void)rmdir(credentials->folder);
}
