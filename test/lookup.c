/* What it costs to open and verify a token by a ring of keys. test/rotate runs it under callgrind,
 * which counts what lookup_verify() does.
 *
 *     lookup KEYFILE ROUNDS <TOKENS
 *
 * Each line of standard input is a token; all must be good. */
#include "token/key_files.h"

#include <stdio.h>
#include <stdlib.h>

enum { TOKENS = 64, TOKEN_BYTES = 1024 };

static struct key_ring ring;
static struct jwt_scratch scratch;

enum jwt_verdict lookup_verify(struct str token);

__attribute__((noinline)) enum jwt_verdict
lookup_verify(struct str token)
{
	struct jwt t;

	buf_empty(&scratch.text);
	return jwt_open(&t, &scratch, token) ? keys_verify(&ring, &t) : JWT_MALFORMED;
}

static unsigned
read_tokens(char token[][TOKEN_BYTES])
{
	unsigned n = 0;

	while (n < TOKENS && fgets(token[n], TOKEN_BYTES, stdin) != NULL) {
		token[n][strcspn(token[n], "\n")] = '\0';
		n++;
	}
	return n;
}

int
main(int argc, char **argv)
{
	static char token[TOKENS][TOKEN_BYTES], text[TOKEN_BYTES], message[256];
	struct buf why = buf_over(message, sizeof message - 1);
	unsigned tokens = read_tokens(token);
	unsigned long rounds = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;

	if (rounds == 0 || tokens == 0 || !keys_add_file(&ring, argv[1], &why)) {
		fprintf(stderr, "usage: lookup KEYFILE ROUNDS <TOKENS; %s\n", message);
		return 2;
	}
	scratch.text = buf_over(text, sizeof text);
	for (unsigned long i = 0; i < rounds * tokens; i++)
		if (lookup_verify(str_from(token[i % tokens])) != JWT_GOOD)
			return 1;
	return 0;
}
