/* jwt_open(), keys_verify(), jwt_judge() and jwt_mint(): a flag byte, and the recipe of a token. */
#include "fuzz/fuzz.h"

#include <stdlib.h>

/* What a key signs is good by it and by no other, and by the ring; not with a bit changed. */
static void
check_mint(struct world *w, const struct jwt *t, const struct jwt_key *key)
{
	static char memory[2 * FUZZ_TEXT];
	static struct jwt_scratch scratch;
	struct buf token = buf_over(memory, sizeof memory);
	static char text[2 * FUZZ_TEXT];
	struct jwt again;

	jwt_mint(&token, key, t->claims);
	MUST(!token.bad && token.n == jwt_length(key, t->claims.n));
	scratch.text = buf_over(text, sizeof text);
	MUST(jwt_open(&again, &scratch, buf_str(&token)));
	MUST(str_equal(again.claims, t->claims));
	MUST(keys_verify(w->ring, &again) == JWT_GOOD);
	MUST(key != w->ring->key || reference_signed(buf_str(&token), str_from(fuzz_keys[0].bytes)));
	for (const struct jwt_key *other = w->ring->key; other < w->ring->key + w->ring->n; other++)
		MUST((jwt_verify(&again, other) == JWT_GOOD) == (other == key));
	token.p[token.n / 2] ^= 1;              /* of the claims or the signature */
	buf_empty(&scratch.text);
	MUST(!jwt_open(&again, &scratch, buf_str(&token)) ||
	    keys_verify(w->ring, &again) != JWT_GOOD);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct world w;
	unsigned flags = n > 0 ? data[0] : 0;
	struct str made = n > 0 ? fuzz_recipe(data + 1, n - 1) : STR("");
	char *copy = fuzz_copy(made.p, made.n), *text = malloc(2 * made.n + 1);
	struct str token = { copy, made.n };
	enum jwt_verdict verdict = JWT_MALFORMED;
	struct jwt_policy policy;
	enum reference judged;
	struct jwt t;

	world_set(&w, flags & ~(unsigned)FUZZ_NO_CLOCK);
	free(w.scratch.jwt.text.p);             /* as small as may be */
	w.scratch.jwt.text = buf_over(text, flags & FUZZ_STRICT ? 2 * made.n + 1 : made.n);
	policy = w.policy.jwt;
	policy.needs_exp = (flags & FUZZ_LENIENT) == 0;
	judged = reference_judge(&w, token, policy.needs_exp);
	if (jwt_open(&t, &w.scratch.jwt, token)) {
		verdict = keys_judge(w.ring, &t, &policy, w.stamp.token.now);
		check_mint(&w, &t, &w.ring->key[n % w.ring->n]);
		for (unsigned i = 0; i < t.doc.n; i++)
			(void)jwt_date(&t.doc, i, true);
	} else {
		MUST(t.part != NULL && t.fault != NULL);
	}
	MUST(judged == REFERENCE_IS_UNSURE ||
	    (verdict == JWT_GOOD) == (judged == REFERENCE_ACCEPTS));
	MUST(verdict < JWT_VERDICTS && jwt_verdict_name(verdict) != NULL);
	free(copy);
	free(text);
	w.scratch.jwt.text = buf_over(NULL, 0);
	return 0;
}
