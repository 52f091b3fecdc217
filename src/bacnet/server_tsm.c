/*
 * Owns the server's transactions (clause 5.4.5): requests that arrive in segments, answers that
 * leave in segments, and answers kept for repetitions.
 */
#include "bacnet/server.h"

const struct bac_server_part bac_server_transactions = { 0 };
