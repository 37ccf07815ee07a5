/* keygen: makes a key. */
#include "command/commands.h"

#include "command/io.h"
#include "sha512.h"
#include "system/log.h"
#include "token/jwk.h"
#include "token/keys.h"

enum { KEY_BYTES = 64 };                /* of randomness in a key that is made */

/* 128 lowercase hexadecimal digits, which are the key as they stand. */
static void
make_key(struct buf *key)
{
	struct nonces *nonces = command_nonces();

	for (int i = 0; i < KEY_BYTES / NONCE; i++)
		buf_hex(key, command_nonce(nonces), NONCE);
	wipe(nonces, sizeof *nonces);
}

int
command_keygen(struct options *o)
{
	char digits[2 * KEY_BYTES], text[1024];
	struct buf key = buf_over(digits, sizeof digits), b = buf_over(text, sizeof text);
	struct jwk jwk = { .has_id = o->kid.n > 0 };

	if (o->kid.n > 1)
		die("--kid was given twice");
	if (o->kid.n > 0 && !o->jwk)
		die("--kid is for a JWK: give --jwk too");
	command_check_kids(o);
	make_key(&key);
	jwk.k = buf_str(&key);
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
	wipe(digits, sizeof digits);
	wipe(text, sizeof text);
	return 0;
}
