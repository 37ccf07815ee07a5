/* keygen: makes a key. */
#include "command/commands.h"

#include "command/io.h"
#include "system/log.h"
#include "token/jwk.h"

/* As many random bytes as a digest has: of EdDSA the key itself; of the others lowercase
 * hexadecimal digits, which are the key as they stand. */
static void
make_key(struct buf *key, enum jwt_alg alg)
{
	int n = alg == JWT_HS512 ? SHA512_DIGEST : ED25519_SEED;
	struct nonces *nonces = command_nonces();

	for (int i = 0; i < n / NONCE; i++)
		if (alg == JWT_EDDSA)
			buf_put(key, command_nonce(nonces), NONCE);
		else
			buf_hex(key, command_nonce(nonces), NONCE);
	wipe(nonces, sizeof *nonces);
}

int
command_keygen(struct options *o)
{
	char bytes[2 * SHA512_DIGEST], text[1024];
	struct buf key = buf_over(bytes, sizeof bytes), b = buf_over(text, sizeof text);
	struct jwk jwk = { .alg = (enum jwt_alg)(JWT_HS512 + o->alg), .has_id = o->kid.n > 0 };
	struct ed25519_signer signer;

	if (o->kid.n > 1)
		die("--kid was given twice");
	o->jwk = o->jwk || jwk.alg != JWT_HS512;
	if (o->kid.n > 0 && !o->jwk)
		die("--kid is for a JWK: give --jwk too");
	command_check_kids(o);
	make_key(&key, jwk.alg);
	jwk.k = buf_str(&key);
	if (jwk.alg == JWT_EDDSA) {
		if (!ed25519_self_test())
			die("the self-test of EdDSA failed: do not use this binary");
		ed25519_signer_init(&signer, (const uint8_t *)bytes);
		jwk.x = (struct str){ (const char *)signer.public, ED25519_PUBLIC };
	}
	if (o->kid.n > 0)
		jwk.id = str_from(o->kid.item[0]);
	if (o->jwk)
		jwk_put(&b, &jwk);
	else
		buf_add(&b, buf_str(&key));
	buf_text(&b, "\n");
	if (o->argument != NULL)
		command_write_new(o->argument, buf_str(&b));
	else
		command_print(buf_str(&b));
	wipe(&signer, sizeof signer);
	wipe(bytes, sizeof bytes);
	wipe(text, sizeof text);
	return 0;
}
