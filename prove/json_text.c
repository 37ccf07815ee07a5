/* json_string.c and json_text.c: every valid string of at most N units, which are bytes and escapes
 * of any kind, is compared with every other, hashed and unescaped; any bytes at all are quoted.
 *
 * explained: if (*p != 'u') {
 *   read_piece() finds a backslash in the bits of a word, and something is always behind it. Eva
 *   can't see in those bits that it is one. */
#include "prove/any.h"

#include "json_string.h"
#include "json_text.h"

enum { UNIT_MAX = 12, ROOM = N * UNIT_MAX };

static size_t
hex(char *p, const char *from)
{
	char any_digit[4];

	ANY_BYTES(any_digit);
	for (int i = 0; i < 4; i++) {
		int c = Frama_C_interval(0, 15);

		p[i] = from[i] == '?' ? "0123456789abcdef"[c] : from[i];
	}
	return 4;
}

/* One unit, ending at `end`; returns where it begins. */
static char *
unit(char *end)
{
	size_t kind = any(0, 5);
	char *p = end;

	/*@ split kind; */
	switch (kind) {
	case 0:
		*--p = (char)any(0x20, 0x5b);
		break;
	case 1:
		*--p = (char)Frama_C_char_interval(-62, -12);
		break;
	case 2:
		*--p = "\"\\/bfnrt"[any(0, 7)];
		*--p = '\\';
		break;
	case 3: case 4:
		p -= 6;
		memcpy(p, "\\u", 2);
		hex(p + 2, kind == 3 ? "0???" : "e???");
		break;
	default:
		p -= 12;
		memcpy(p, "\\u", 2);
		hex(p + 2, "d8??");
		memcpy(p + 6, "\\u", 2);
		hex(p + 8, "dc??");
	}
	return p;
}

/* A valid string whose last byte is the last of the memory. */
static struct json_string
string(char *memory)
{
	char *end = memory + ROOM, *p = end;
	size_t units = any(0, N);

	/*@ split units; */
	for (size_t i = 0; i < units; i++)
		p = unit(p);
	return (struct json_string){ { p, (size_t)(end - p) }, true };
}

int
main(void)
{
	static char left[ROOM], right[ROOM], out[ROOM], quoted[6 * N + 2];
	struct json_string a = string(left), b = string(right);
	struct buf into = buf_over(out, sizeof out);
	struct buf quotes = buf_over(quoted, sizeof quoted);

	(void)json_compare(a, b);
	(void)json_sip_hash(a);
	json_unescape(&into, a);
	/*@ assert !into.bad && into.n <= a.raw.n; */
	ANY_BYTES(left);
	json_quote(&quotes, (struct str){ left, any(0, N) });
	/*@ assert !quotes.bad; */
	return 0;
}
