/* What the fuzz targets share: memory that ends where the input does, a service without a socket,
 * and a second opinion on tokens. */
#ifndef FUZZ_H
#define FUZZ_H

#include "route/api.h"

/* A target: libFuzzer calls it once for each input. */
int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* Ends the run, which keeps the input, where a promise is broken. */
#define MUST(condition) fuzz_must((condition), __FILE__, __LINE__, #condition)
void fuzz_must(bool ok, const char *file, int line, const char *condition);

/* What stands between is not watched by libFuzzer: arithmetic without a choice, which is faster
 * then. */
#define FUZZ_UNWATCHED _Pragma("clang attribute push(__attribute__((no_sanitize(\"coverage\"))), \
    apply_to = function)")
#define FUZZ_WATCHED _Pragma("clang attribute pop")

/* A copy of its own, so that the sanitizer sees one byte too many. The caller frees it. */
char *fuzz_copy(const void *, size_t n);

/* Takes two bytes off the input: a place from 0 to what is left of it. */
size_t fuzz_split(const uint8_t **data, size_t *n);

enum { FUZZ_TEXT = 1 << 18 };           /* bytes of what a recipe makes at most */

/* Fuzzers can't sign and don't count. So an input is a recipe, in which these bytes are replaced:
 *
 *     \1 header \2 claims \3 key      the token of both, signed by fuzz_keys[key - '0'] as that key
 *                                     does, whatever the header says, or by none
 *     \5                              how many bytes there are from the next empty line to \6
 *     \6                              nothing: the end of a message
 *
 * The result is good until the next call. */
struct str fuzz_recipe(const uint8_t *, size_t n);

/* Another one: between \1 and \2 stands what goes in base64 (RFC 4648 4). Likewise. */
struct str fuzz_with_base64(const uint8_t *, size_t n);

/* The keys of the service; the ring holds the first alone, or all. */
struct fuzz_key {
	const char *bytes, *id;         /* NULL: no id */
	enum jwt_alg alg;
};
enum { FUZZ_KEYS = 6 };
extern const struct fuzz_key fuzz_keys[FUZZ_KEYS];

/* The clients of the service, where it has any. */
struct fuzz_client {
	const char *id, *secret, *scope;        /* NULL: no scope */
	enum client_right right;                /* 0: none */
};
enum { FUZZ_CLIENTS = 3 };
extern const struct fuzz_client fuzz_clients[FUZZ_CLIENTS];

#define FUZZ_SECRET "Service-Secret_of.32~characters0"

/* What the service is like, a bit each. */
enum {
	FUZZ_LOCAL = 1, FUZZ_WITH_SECRET = 2, FUZZ_RING = 4, FUZZ_STRICT = 8, FUZZ_HEADERS = 16,
	FUZZ_NO_COMPAT = 32, FUZZ_LENIENT = 64, FUZZ_NO_CLOCK = 128,
	FUZZ_WITH_CLIENTS = 256                 /* beyond the byte of an input */
};

enum { FUZZ_MAX_BODY = 4096 };

struct world {
	const struct key_ring *ring;
	unsigned keys, flags;
	struct api_policy policy;
	struct api_stamp stamp;
	struct api_scratch scratch;
};

void world_set(struct world *, unsigned flags);

/* HMAC-SHA-512 written down from FIPS 180-4 and RFC 2104, without a line of sha512.c; the same of
 * SHA-256. */
void reference_hmac(uint8_t mac[64], struct str key, struct str message);
void reference_hmac256(uint8_t mac[32], struct str key, struct str message);

/* Strict base64url by RFC 4648 5, a bit at a time; -1: it is none. */
ptrdiff_t reference_base64url(char *out, struct str in);

/* Whether the token's header is one of ours of HS512, and its signature by a key of these bytes. */
bool reference_signed(struct str token, struct str key);

/* What is to be thought of a token. Where FUZZ_STRICT is, the jti "gone" is taken back, and what was
 * issued to the sub "out" up to JWT_CLOCK_FLOOR. A date within a second of now is left to the judge. */
enum reference { REFERENCE_REFUSES, REFERENCE_IS_UNSURE, REFERENCE_ACCEPTS };
enum reference reference_judge(const struct world *, struct str token, bool needs_exp);

/* Whether an answer may be given to a request: nobody is let in by a token that is not signed, and
 * what was issued is signed and comes back. */
void oracle(const struct world *, const struct http_request *, const struct response *);

#endif
