#include "token/key_marks.h"

#define MARK(place, kind, bytes) { place, kind, sizeof bytes - 1 },
static const struct {
	uint8_t place, kind, n;
} rows[] = {
#include "token/key_marks_rows.h"
};
#undef MARK

/* Behind one another. */
#define MARK(place, kind, bytes) bytes
static const char all_bytes[] =
#include "token/key_marks_rows.h"
;

bool
mark_next(struct mark *m)
{
	unsigned i = m->bytes != NULL ? m->number + 1u : 0;
	const char *bytes = m->bytes != NULL ? m->bytes + m->n : all_bytes;

	if (i == sizeof rows / sizeof rows[0])
		return false;
	*m = (struct mark){ rows[i].place, rows[i].kind, rows[i].n, (uint8_t)i, bytes };
	return true;
}

/* In the order of enum mark_kind, for str_nth(). */
static const char mark_texts[] =
	"PEM\0" "an SSH public key\0" "an SSH private key\0" "DER (a key, a certificate)\0"
	"JSON\0" "PKCS#12\0" "a Java keystore\0" "a Kerberos keytab\0" "a key of age\0"
	"an OpenPGP key\0" "a store of keys\0" "a key of Tor\0" "a key of minisign\0"
	"a DNS record\0" "an encrypted file\0" "a program\0" "compressed or an archive\0"
	"a database\0" "a picture\0" "PDF\0" "UTF-16 text\0" "XML or HTML\0" "a script\0"
	"a Kubernetes manifest\0" "netrc\0" "hashes of passwords\0"
	"a list of names and values\0" "a token (JWT), not its key\0" "PASETO\0" "a fingerprint\0"
	"a URL\0" "a variable, not its value\0"
	"the published demo key in another form, and everybody knows it";

const char *
mark_name(enum mark_kind kind)
{
	return str_nth(mark_texts, kind);
}
