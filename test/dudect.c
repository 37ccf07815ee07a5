/* Whether the time of jwt_verify() tells where a signature is wrong.
 *
 *     dudect [SECONDS]
 *
 * The signature is right twice, then its first byte is wrong, then its last one, all from the same
 * memory. Right is as frequent as wrong, so the processor guesses the verdict, which is public,
 * equally badly. */
#include "test/dudect.h"
#include "test/planted.h"
#include "token/keys.h"

bool
__wrap_sha512_equal(const uint8_t *a, const uint8_t *b)
{
	return compare(a, b);
}

bool
__wrap_key_told(unsigned verdict)
{
	return verdict != 0;
}

static struct jwt_key signer;
static struct jwt_scratch scratch;
static struct jwt opened;
static char minted[1024], text[1024], signature[KINDS][SHA512_DIGEST], now[SHA512_DIGEST];

static void
prepare(uint32_t kind)
{
	memcpy(now, signature[kind], sizeof now);
}

static void
call(void)
{
	volatile enum jwt_verdict verdict = jwt_verify(&opened, &signer);

	(void)verdict;
}

int
main(int argc, char **argv)
{
	static const struct dudect verify = { "jwt_verify",
	    { "right", "first byte wrong", "last byte wrong" }, prepare, call };
	double seconds = argc > 1 ? strtod(argv[1], NULL) : 12;
	struct buf token = buf_over(minted, sizeof minted);
	struct dudect planted = verify;
	struct dudect_result result = { 0 };

	if (!sha512_self_test())        /* which also chooses the code */
		return 2;
	signer.alg = JWT_HS512;
	signer.header = JWT_HEADER;
	scratch.text = buf_over(text, sizeof text);
	hmac512_key_init(&signer.hs512, text, 64);
	jwt_mint(&token, &signer, STR("{\"sub\":\"somebody\",\"iat\":1668676907}"));
	if (!jwt_open(&opened, &scratch, buf_str(&token)) ||
	    jwt_verify(&opened, &signer) != JWT_GOOD)
		return 2;
	for (unsigned k = 0; k < KINDS; k++)
		memcpy(signature[k], opened.signature.p, SHA512_DIGEST);
	signature[1][0] ^= 1;
	signature[2][SHA512_DIGEST - 1] ^= 1;
	opened.signature.p = now;
	dudect(&result, &verify, seconds / 2, 0, false);
	compare = early_exit;
	planted.name = "planted early exit";
	dudect(&result, &planted, seconds / 2, 2, true);
	return dudect_end(&result);
}
