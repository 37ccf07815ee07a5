/* Constant time, as valgrind's memcheck sees it: secrets are marked undefined, and then every branch
 * and every index that depends on one is reported. test/timing builds this several ways and runs it.
 *
 * What is told on purpose, one bit each:
 * - whether two digests are the same: revealed in __wrap_sha512_equal(), nowhere else; of a client's
 *   digests not even which one it is: the verdict of clients_is_secret() is revealed;
 * - what is wrong with a key or a key file that is refused, and whether a key is text: revealed in
 *   __wrap_key_told(), nowhere else;
 * - whether `k` is base64url (base64url_decode): made known beforehand, by a wrong character.
 * Not looked at: the length of a secret, the JSON around a key, and jwt_key.quoted, which
 * compat.c compares with --max-body. Instructions whose time varies (division) valgrind can't see:
 * test/dudect.c measures. */
#include "base64url.h"
#include "test/planted.h"
#include "token/key_shapes.h"
#include "token/clients.h"

#include <stdio.h>
#include <valgrind/memcheck.h>

static void hide(void *p, size_t n) { (void)VALGRIND_MAKE_MEM_UNDEFINED(p, n); }
static void reveal(void *p, size_t n) { (void)VALGRIND_MAKE_MEM_DEFINED(p, n); }

/* Whether a secret went into it. Where none did, nothing was tested. */
static bool
hidden(const void *p, size_t n)
{
	uint8_t bits[1024] = { 0 };
	bool any = false;

	(void)VALGRIND_GET_VBITS(p, bits, n < sizeof bits ? n : sizeof bits);
	for (size_t i = 0; i < sizeof bits; i++)
		any = any || bits[i] != 0;
	return any;
}

static bool reserved;           /* what two digests are to each other stays hidden */

bool
__wrap_sha512_equal(const uint8_t *a, const uint8_t *b)
{
	bool same = compare(a, b);

	if (!reserved)
		reveal(&same, sizeof same);
	return same;
}

bool
__wrap_key_told(unsigned verdict)
{
	reveal(&verdict, sizeof verdict);
	return verdict != 0;
}

static uint8_t key[384];        /* without a flaw; main() fills it. Hidden in copies only */

static bool
key_init(size_t n)
{
	struct hmac512_key open, k;
	uint8_t copy[sizeof key];

	memcpy(copy, key, n);
	hide(copy, n);
	hmac512_key_init(&k, copy, n);
	if (!hidden(&k, sizeof k))
		return false;
	reveal(&k, sizeof k);
	hmac512_key_init(&open, key, n);
	return memcmp(&k, &open, sizeof k) == 0;
}

static bool
mac(size_t n)
{
	uint8_t open[SHA512_DIGEST], m[SHA512_DIGEST], message[sizeof key];
	struct hmac512_key k;

	hmac512_key_init(&k, key, 128);
	hmac512(open, &k, key, n);
	memcpy(message, key, n);
	hide(message, n);
	hide(&k, sizeof k);
	hmac512(m, &k, message, n);
	if (!hidden(m, sizeof m))
		return false;
	reveal(m, sizeof m);
	return memcmp(m, open, sizeof m) == 0;
}

/* `wrong` here and below: which byte is, from 1; 0: none. */
static bool
equal(size_t wrong)
{
	uint8_t a[SHA512_DIGEST], b[SHA512_DIGEST];

	memcpy(a, key, sizeof a);
	memcpy(b, key, sizeof b);
	if (wrong > 0)
		b[wrong - 1] ^= 1;
	hide(a, sizeof a);
	hide(b, sizeof b);
	return __wrap_sha512_equal(a, b) == (wrong == 0);
}

static bool
decode_k(size_t n)
{
	char k[512];
	uint8_t out[sizeof k];
	ptrdiff_t length;

	base64url_encode(k, key, sizeof key);
	hide(k, n);
	k[n / 8 * 8 - 1] = '!';         /* the verdict is known, and only it */
	length = base64url_decode(out, k, n);
	reveal(&length, sizeof length);         /* of neg and sbb valgrind doesn't know */
	return length == -1 && hidden(out, n / 4 * 3);
}

static bool
add_raw_key(size_t n)
{
	static struct key_ring ring;
	uint8_t copy[sizeof key];
	char text[100];
	struct buf why = buf_over(text, sizeof text);

	ring = (struct key_ring){ 0 };
	memcpy(copy, key, n);
	hide(copy, n);
	return keys_add_bytes(&ring, (struct str){ (char *)copy, n }, NULL, &why) && ring.n == 1 &&
	    hidden(&ring.key[0].hs512, sizeof ring.key[0].hs512);
}

/* Each flaw, and none, is found in bytes that are hidden. */
static bool
flaws(size_t which)
{
	uint8_t copy[2 * SHA512_DIGEST];
	unsigned found;

	for (size_t i = 0; i < sizeof copy; i++)
		copy[i] = which == KEY_FEW ? key[i] >> 6 : which == KEY_REPEATS ? key[i % 40] :
		    which == KEY_DEMO ? (uint8_t)keys_demo().p[i] : key[i];
	hide(copy, sizeof copy);
	found = key_flaws((struct str){ (char *)copy, sizeof copy });
	reveal(&found, sizeof found);
	return found == which;
}

/* Whether a key, binary or in digits, looks like anything else: nothing is told of it. */
static bool
shape(size_t n)
{
	char file[2 * sizeof key], text[400];
	struct buf digits = buf_over(file, sizeof file), why = buf_over(text, sizeof text);
	struct str bytes = { file, n % 2 == 0 ? n : n - 1 };

	if (n % 2 == 0)
		memcpy(file, key, n);
	else if (n == 87)
		base64url_encode(file, key, 64);
	else
		buf_hex(&digits, key, n / 2);
	hide(file, sizeof file);
	return !shape_is_json(bytes) && !shape_is_foreign(bytes, &why) &&
	    !shape_is_untidy(bytes, &why);
}

static bool
secret(size_t wrong)
{
	static struct key_ring ring;
	uint8_t digest[SHA512_DIGEST];
	char shown[43];

	memcpy(shown, key, sizeof shown);
	sha512(ring.secret, shown, sizeof shown);
	ring.has_secret = true;
	if (wrong > 0)
		ring.secret[wrong - 1] ^= 1;
	hide(ring.secret, sizeof ring.secret);
	hide(shown, sizeof shown);
	sha512(digest, shown, sizeof shown);
	return keys_is_secret(&ring, digest) == (wrong == 0);
}

/* Client "c1" has one secret, "c4" four, "c0" none; of the last one, `wrong` is which byte is. The
 * digests of all, and zeros, are hidden. */
static struct clients clients;

static void
fill_clients(char secret[43], size_t wrong)
{
	static const char ids[3][3] = { "c0", "c1", "c4" };
	static const uint8_t has[3] = { 0, 1, CLIENT_DIGESTS };

	clients.digests = clients.n = 0;
	memset(clients.digest[clients.digests++], 0, SHA512_DIGEST);
	memcpy(secret, key, 43);
	for (uint16_t c = 0; c < 3; c++) {
		clients.client[c] = (struct client){ .id = { ids[c], 2 }, .digests = has[c],
		    .first = (uint16_t)clients.digests };
		clients.by_id[clients.n++] = c;
		for (unsigned i = 0; i < has[c]; i++)
			sha512(clients.digest[clients.digests++],
			    key + (i + 1 == has[c] ? 0 : i + 1), 43);
	}
	if (wrong > 0)
		clients.digest[clients.digests - 1][wrong - 1] ^= 1;
	hide(clients.digest, clients.digests * sizeof clients.digest[0]);
	hide(secret, 43);
}

/* What is asked of one of these; -1: of nobody. */
static bool
client_secret(int which, size_t wrong, bool right)
{
	static const struct client nobody;
	uint8_t digest[SHA512_DIGEST];
	char secret[43];
	bool is;

	fill_clients(secret, wrong);
	sha512(digest, secret, sizeof secret);
	reserved = true;
	is = clients_is_secret(&clients, which < 0 ? &nobody : &clients.client[which],
	    digest);
	reserved = false;
	reveal(&is, sizeof is);
	return is == right;
}

static bool client_of_one(size_t n) { (void)n; return client_secret(1, 0, true); }
static bool client_of_four(size_t wrong) { return client_secret(2, wrong, wrong == 0); }
static bool client_of_none(size_t n) { (void)n; return client_secret(0, 0, false); }
static bool client_nobody(size_t n) { (void)n; return client_secret(-1, 0, false); }

/* The same by a client's name. */
static bool
check_client(size_t wrong)
{
	uint8_t digest[SHA512_DIGEST];
	char secret[43];
	bool right;

	fill_clients(secret, wrong);
	sha512(digest, secret, sizeof secret);
	right = (clients_check(&clients, STR("c4"), digest) != NULL) == (wrong == 0);
	reserved = true;                /* of nobody there is nothing to be revealed */
	right = clients_check(&clients, STR("c2"), digest) == NULL && right;
	reserved = false;
	return right;
}

/* A ring of three keys, the last of which has signed the token; then they are hidden. */
static struct key_ring ring;
static char minted[JWT_MAX];
static struct buf token;

static void
sign_and_hide(struct jwt *t, size_t wrong)
{
	static struct jwt_scratch scratch;
	static char text[JWT_MAX];
	struct buf why = buf_over(text, sizeof text);

	ring = (struct key_ring){ 0 };
	for (size_t i = 0; i < 3; i++)
		keys_add_bytes(&ring, (struct str){ (char *)key + i, 128 }, NULL, &why);
	token = buf_over(minted, sizeof minted);
	jwt_mint(&token, &ring.key[2], STR("{\"sub\":\"somebody\",\"iat\":1668676907}"));
	scratch.text = buf_over(text, sizeof text);
	if (jwt_open(t, &scratch, buf_str(&token)) && wrong > 0)
		text[t->signature.p - text + (ptrdiff_t)wrong - 1] ^= 1;
	for (size_t i = 0; i < 3; i++)
		hide(&ring.key[i].hs512, sizeof ring.key[i].hs512);
}

static bool
verify(size_t wrong)
{
	struct jwt t;

	sign_and_hide(&t, wrong);
	return jwt_verify(&t, &ring.key[2]) == (wrong == 0 ? JWT_GOOD : JWT_BAD_SIGNATURE);
}

static bool
verify_by_ring(size_t wrong)
{
	struct jwt t;

	sign_and_hide(&t, wrong);
	return keys_verify(&ring, &t) == (wrong == 0 ? JWT_GOOD : JWT_BAD_SIGNATURE);
}

static bool
mint(size_t n)
{
	char again[JWT_MAX];
	struct buf b = buf_over(again, sizeof again);
	struct jwt t;

	(void)n;
	sign_and_hide(&t, 0);
	jwt_mint(&b, &ring.key[2], t.claims);
	if (!hidden(again, b.n))
		return false;
	reveal(again, b.n);
	return str_equal(buf_str(&b), buf_str(&token));
}

/* Leaks planted to see that they are seen. */
static bool
verify_early(size_t wrong)
{
	bool right;

	compare = early_exit;
	right = verify(wrong);
	compare = __real_sha512_equal;
	return right;
}

static bool
client_early(size_t wrong)
{
	bool right;

	compare = early_exit;
	right = client_of_four(wrong);
	compare = __real_sha512_equal;
	return right;
}

static bool
leak_by(size_t what)
{
	static const volatile uint8_t table[256] = { 1 };
	uint8_t copy[128];
	volatile size_t n = sizeof copy, sink = 0;

	memcpy(copy, key, sizeof copy);
	hide(copy, sizeof copy);
	if (what == 0)
		sink = table[copy[0]];
	else if (what == 1 && (copy[0] & 1) != 0)
		sink = 1;
	else if (what == 2)
		sink = memcmp(copy, key, n) == 0;
	(void)sink;
	return true;
}

static const struct {
	const char *what;
	bool (*run)(size_t);            /* whether the result was right */
	size_t n;
	bool leaks;
} cases[] = {
	{ "hmac512_key_init, 64 bytes", key_init, 64, false },
	{ "hmac512_key_init, 128 bytes", key_init, 128, false },
	{ "hmac512_key_init, 129 bytes", key_init, 129, false },
	{ "hmac512_key_init, 300 bytes", key_init, 300, false },
	{ "hmac512, 1 byte", mac, 1, false },
	{ "hmac512, 111 bytes", mac, 111, false },
	{ "hmac512, 112 bytes", mac, 112, false },
	{ "hmac512, 300 bytes", mac, 300, false },
	{ "sha512_equal, equal", equal, 0, false },
	{ "sha512_equal, first byte wrong", equal, 1, false },
	{ "sha512_equal, last byte wrong", equal, 64, false },
	{ "base64url_decode, 64 bytes", decode_k, 86, false },
	{ "base64url_decode, 66 bytes", decode_k, 88, false },
	{ "base64url_decode, 128 bytes", decode_k, 171, false },
	{ "keys_add, 64 bytes", add_raw_key, 64, false },
	{ "keys_add, 128 bytes", add_raw_key, 128, false },
	{ "keys_add, 300 bytes", add_raw_key, 300, false },
	{ "key_flaws, none", flaws, 0, false },
	{ "key_flaws, the published key", flaws, KEY_DEMO, false },
	{ "key_flaws, few bytes", flaws, KEY_FEW, false },
	{ "key_flaws, a piece repeated", flaws, KEY_REPEATS, false },
	{ "shapes, 64 bytes", shape, 64, false },
	{ "shapes, 300 bytes", shape, 300, false },
	{ "shapes, 128 digits", shape, 129, false },
	{ "shapes, 86 digits of base64", shape, 87, false },
	{ "keys_is_secret, right", secret, 0, false },
	{ "keys_is_secret, first byte wrong", secret, 1, false },
	{ "keys_is_secret, last byte wrong", secret, 64, false },
	{ "clients_is_secret, of one", client_of_one, 0, false },
	{ "clients_is_secret, of four", client_of_four, 0, false },
	{ "clients_is_secret, first byte wrong", client_of_four, 1, false },
	{ "clients_is_secret, last byte wrong", client_of_four, 64, false },
	{ "clients_is_secret, of a client without", client_of_none, 0, false },
	{ "clients_is_secret, of nobody", client_nobody, 0, false },
	{ "clients_check, right, and of nobody", check_client, 0, false },
	{ "clients_check, wrong, and of nobody", check_client, 64, false },
	{ "jwt_verify, right", verify, 0, false },
	{ "jwt_verify, first byte wrong", verify, 1, false },
	{ "jwt_verify, last byte wrong", verify, 64, false },
	{ "keys_verify, right", verify_by_ring, 0, false },
	{ "keys_verify, last byte wrong", verify_by_ring, 64, false },
	{ "jwt_mint", mint, 0, false },
	{ "planted: jwt_verify with an early exit", verify_early, 1, true },
	{ "planted: clients_is_secret with an early exit", client_early, 1, true },
	{ "planted: an index", leak_by, 0, true },
	{ "planted: a branch", leak_by, 1, true },
	{ "planted: memcmp", leak_by, 2, true },
};

int
main(void)
{
	unsigned failed = 0, count = sizeof cases / sizeof cases[0];

	if (!RUNNING_ON_VALGRIND) {
		puts("FAILED: this says nothing unless valgrind runs it");
		return 2;
	}
	if (!sha512_self_test())        /* which also chooses the code */
		return 2;
	for (size_t i = 0; i < sizeof key; i++)
		key[i] = (uint8_t)(i * i * 31 + i * 7 + i / 256 * 13 + 0x61);
	for (unsigned i = 0; i < count; i++) {
		unsigned before = (unsigned)VALGRIND_COUNT_ERRORS;
		bool right = (VALGRIND_PRINTF("%s\n", cases[i].what), cases[i].run(cases[i].n));
		unsigned reports = (unsigned)VALGRIND_COUNT_ERRORS - before;

		if (right && (reports > 0) == cases[i].leaks)
			continue;
		failed++;
		printf("FAILED %s: %s result, %u reports\n", cases[i].what,
		    right ? "right" : "wrong", reports);
	}
	printf("%u passed, %u failed, 0 skipped\n", count - failed, failed);
	return failed > 0;
}
