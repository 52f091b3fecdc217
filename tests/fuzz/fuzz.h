/* What the fuzz targets share: the entry that libFuzzer and replay.c call, and a check that stays
 * in every build. */
#ifndef BASALT_FUZZ_H
#define BASALT_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* Judges one input. Returns 0; aborts where a promise is broken. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_CHECK(promise) ((promise) ? (void)0 : abort())

#endif
