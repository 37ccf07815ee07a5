/* base64url: both ways, in place too, against a decoder that goes bit by bit. */
#include "base64url.h"
#include "fuzz/fuzz.h"

#include <stdlib.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *in = fuzz_copy(data, n), *place = fuzz_copy(data, n),
	    *text = malloc(base64url_length(n)), *out = malloc(n / 4 * 3 + 2),
	    *wanted = malloc(n + 1),
	    *back = malloc(base64url_length(n) / 4 * 3 + 2), *again = malloc(n);
	ptrdiff_t got = base64url_decode(out, in, n);

	MUST(got == reference_base64url(wanted, (struct str){ in, n }));
	MUST(base64url_decode(place, place, n) == got);
	if (got >= 0) {
		MUST(memcmp(out, wanted, (size_t)got) == 0 && memcmp(place, out, (size_t)got) == 0);
		MUST(base64url_length((size_t)got) == n);       /* one spelling */
		MUST(base64url_encode(again, out, (size_t)got) == n && memcmp(again, in, n) == 0);
	}
	MUST(base64url_encode(text, in, n) == base64url_length(n));
	MUST(base64url_decode(back, text, base64url_length(n)) == (ptrdiff_t)n);
	MUST(memcmp(back, in, n) == 0);
	free(in), free(place), free(text), free(out), free(wanted), free(back), free(again);
	return 0;
}
