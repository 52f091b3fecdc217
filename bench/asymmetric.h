/* What the mathematics of one mutual handshake costs its server: an X25519 key pair and its
 * product, one ECDSA P-256 signature, two verifications (the peer's certificate, and that it holds
 * the key). */
#ifndef BASALT_BENCH_ASYMMETRIC_H
#define BASALT_BENCH_ASYMMETRIC_H

struct asymmetric;
struct asymmetric *asymmetric_new(void);
void asymmetric_free(struct asymmetric *a);
/* CPU microseconds of one handshake's worth, the mean of n. */
double asymmetric_run(struct asymmetric *a, unsigned n);

#endif
