/* Owns how a device's password is come by: options, environment, a person at the terminal. */
#define _DEFAULT_SOURCE /* ECHO and friends */
#include "password.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

bool password_read(struct tool *tool, const struct secret_options *options,
                   struct password *password, int *status)
{
    struct bas_fault fault = { 0 };
    if (!secret_is_given(&secret_device, options)) {
        return true;
    }
    password->is_given = true;
    if (secret_read(tool, &secret_device, options, &password->secret, &fault) == BAS_OK) {
        return true;
    }
    *status = out_fail(&tool->out, tool->verb->name, &fault);
    return false;
}

/* A line without its end. */
static bool read_line(int fd, struct secret *secret)
{
    uint8_t octet = 0;
    secret->len = 0;
    while (read(fd, &octet, 1) == 1 && octet != '\n') {
        if (secret->len < SECRET_MAX) {
            secret->octets[secret->len++] = octet;
        }
    }
    return octet == '\n' && secret->len != 0;
}

/* From the terminal, which does not show what is typed. False: there is none, or nothing came. */
static bool ask_person(struct password *password)
{
    static const char question[] = "Password of the device: ";
    struct termios before;
    int fd = isatty(STDIN_FILENO) != 0 ? open("/dev/tty", O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0 || tcgetattr(fd, &before) != 0) {
        (void)(fd < 0 ? 0 : close(fd));
        return false;
    }
    struct termios silent = before;
    silent.c_lflag &= ~(tcflag_t)ECHO;
    bool good = tcsetattr(fd, TCSAFLUSH, &silent) == 0 &&
                write(fd, question, sizeof(question) - 1) == (ssize_t)sizeof(question) - 1 &&
                read_line(fd, &password->secret);
    (void)!write(fd, "\n", 1);
    (void)tcsetattr(fd, TCSAFLUSH, &before);
    (void)close(fd);
    password->is_given = good;
    return good;
}

static bool is_password_wanted(const struct session_answer *answer)
{
    return answer->error.error_code == BAC_ERROR_CODE_PASSWORD_FAILURE;
}

static bool call_once(struct session *s, const struct password_request *request,
                      const struct password *password, struct session_answer *answer)
{
    const struct bas_slice octets = secret_slice(&password->secret);
    *request->has_password = password->is_given;
    *request->password = (struct bac_text){ BAC_CHARSET_UTF8, octets };
    return session_call(s, request->service, request->parameters, answer);
}

bool password_call(struct session *s, const struct password_request *request,
                   struct password *password)
{
    struct session_answer answer;
    bool good = call_once(s, request, password, &answer);
    if (good && !answer.is_good && !password->is_given && is_password_wanted(&answer) &&
        ask_person(password)) {
        good = call_once(s, request, password, &answer);
    }
    bas_wipe(password, sizeof(*password));
    if (good && !answer.is_good) {
        session_fail(s, &answer.fault);
    }
    return good && answer.is_good;
}
