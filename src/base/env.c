/* Owns the small calls through an engine's environment. */
#include "basalt/base.h"

#include <stdarg.h>
#include <stdio.h>

enum { LOG_LINE = 512 };

void *bas_alloc(const struct bas_env *env, size_t len)
{
    return len == 0 ? NULL : env->alloc(env->ctx, len);
}

void bas_release(const struct bas_env *env, void *memory, size_t len)
{
    if (memory != NULL) {
        env->release(env->ctx, memory, len);
    }
}

void bas_log(const struct bas_env *env, enum bas_log_level level, const char *format, ...)
{
    if (env->log == NULL) {
        return;
    }
    char line[LOG_LINE];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    env->log(env->ctx, level, line);
}
