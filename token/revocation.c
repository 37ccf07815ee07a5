#include "token/revocation.h"

#include "json_string.h"
#include "token/jwt.h"

/* Sets kind and name: the letter says what kind of thing it is of. */
static void
name_it(struct revocation *r, char letter, struct str what)
{
	uint8_t digest[SHA512_DIGEST];

	sha512_two(digest, &letter, 1, what.p, what.n);
	memcpy(r->name, digest, sizeof r->name);
	r->kind = letter == 's' ? REVOKED_SUBJECT : REVOKED_TOKEN;
}

bool
revocation_name(struct revocation *r, enum revocation_kind kind, struct jwt *t, unsigned claim)
{
	const struct json_tok *tok = &t->doc.tok[claim];

	if (claim == 0 || tok->type != JSON_STRING) {
		name_it(r, 'i', t->signing_input);
		return true;
	}
	if (tok->escaped && t->text->cap - t->text->n < tok->n)
		return false;
	name_it(r, kind == REVOKED_SUBJECT ? 's' : 'j', json_string(&t->doc, claim, t->text));
	return true;
}

static void
set_end(struct revocation *r, int64_t exp)
{
	r->time = exp < 0 ? REVOCATION_NEVER : exp + REVOCATION_SLACK;
}

void
revocation_of_jti(struct revocation *r, struct str jti, int64_t exp)
{
	set_end(r, exp);
	name_it(r, 'j', jti);
}

void
revocation_of_subject(struct revocation *r, struct str sub, int64_t now)
{
	r->time = now;
	name_it(r, 's', sub);
}

void
revocation_of_all(struct revocation *r, int64_t now)
{
	*r = (struct revocation){ .kind = REVOKED_ALL, .time = now };
}

bool
revocation_of(struct revocation *r, struct jwt *t, int64_t now)
{
	static const char name[2][4] = { "jti\"", "exp\"" };
	unsigned at[2];
	int64_t exp = -1;

	json_members(at, &t->doc, 0, name, 2);
	if (at[1] != 0 && (exp = jwt_date(&t->doc, at[1], true)) < 0)
		return false;
	set_end(r, exp);
	return now <= r->time && revocation_name(r, REVOKED_TOKEN, t, at[0]);
}

_Static_assert(REVOCATION_LINE == sizeof "k  123456789012 12345678" + 2 * REVOCATION_NAME,
    "what form_line() writes");

/* The digits of a number of 13 begin with a 1, which becomes the space before the others. */
static void
form_line(char line[REVOCATION_LINE], const struct revocation *r)
{
	struct buf b = buf_over(line, REVOCATION_LINE);
	uint8_t check[4];
	uint64_t hash;
	size_t digits;

	buf_put(&b, &r->kind, 1);
	buf_add(&b, STR(" "));
	buf_hex(&b, r->name, sizeof r->name);
	digits = b.n;
	buf_number(&b, (uint64_t)(REVOCATION_NEVER + 1 + r->time));
	line[digits] = ' ';
	buf_add(&b, STR(" "));
	hash = json_sip_hash((struct json_string){ buf_str(&b), false });
	for (unsigned i = 0; i < sizeof check; i++)
		check[i] = (uint8_t)(hash >> (24 - 8 * i));
	buf_hex(&b, check, sizeof check);
	buf_add(&b, STR("\n"));
}

void
revocation_put_line(struct buf *b, const struct revocation *r)
{
	char line[REVOCATION_LINE];

	form_line(line, r);
	buf_put(b, line, sizeof line);
}

bool
revocation_read_line(struct revocation *r, struct str line)
{
	enum { TIME = 2 + 2 * REVOCATION_NAME + 1 };
	static const uint8_t nobody[REVOCATION_NAME];
	char formed[REVOCATION_LINE];
	uint64_t time;

	if (line.n != REVOCATION_LINE - 1 ||
	    !str_number(&time, (struct str){ line.p + TIME, 12 }, 10, REVOCATION_NEVER))
		return false;
	r->kind = line.p[0];
	if (r->kind != REVOKED_TOKEN && r->kind != REVOKED_SUBJECT && r->kind != REVOKED_ALL)
		return false;
	for (unsigned i = 0; i < REVOCATION_NAME; i++)
		r->name[i] = (uint8_t)(json_hex(line.p[2 + 2 * i]) << 4 |
		    json_hex(line.p[3 + 2 * i]));
	r->time = (int64_t)time;
	form_line(formed, r);
	return memcmp(formed, line.p, line.n) == 0 &&
	    (r->kind != REVOKED_ALL || memcmp(r->name, nobody, sizeof nobody) == 0);
}
