/* A name server of the test's own: takes the place of getaddrinfo in the program, so that no test
 * asks a network. */
#ifndef BASALT_RT_RESOLVER_H
#define BASALT_RT_RESOLVER_H

/* What a look-up answers: addresses in their order ("::1", "127.0.0.1"; NULL ends them), or an
 * error (EAI_NONAME). Read by another thread while a look-up is under way. */
struct rt_resolver {
    const char *addresses[4];
    int error;
    int gate; /* a look-up reads one octet from this descriptor before it answers; -1: at once */
};
void rt_resolver_set(const struct rt_resolver *resolver);

#endif
