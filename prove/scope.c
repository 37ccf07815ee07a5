/* token/scope.c: BEFORE, then any bytes of every length up to N, then AFTER, are a scope; its words
 * become a set, as clients' files have them: each with a space behind it. */
#include "prove/any.h"

#include "token/scope.h"

static struct scope_words set;
static char words[sizeof BEFORE + N + sizeof AFTER];

int
main(void)
{
	size_t n = any(0, N), at = 0;
	struct str left, word;

	/*@ split n; */
	left = (struct str){ framed(n), sizeof text - N + n };
	set.text = words;
	while (scope_next(&left, &word)) {
		/*@ assert \valid_read(word.p + (0 .. word.n - 1)); */
		memcpy(words + at, word.p, word.n);
		words[at + word.n] = ' ';
		scope_add(&set, at);
		at += word.n + 1;
	}
	/*@ assert set.n <= at; */
	return 0;
}
