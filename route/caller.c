#include "route/caller.h"

#include "base64url.h"

struct str
caller_credentials(const struct http_request *in, const char *scheme)
{
	struct str given = in->authorization, name = str_from(scheme);
	size_t i = name.n;

	if (!str_starts_nocase(given, name) || given.n == i || given.p[i] != ' ')
		return (struct str){ NULL, 0 };
	while (i < given.n && given.p[i] == ' ')
		i++;
	return (struct str){ given.p + i, given.n - i };
}

static void
replace(char *p, size_t n, char old, char new)
{
	for (char *end = p + n; (p = memchr(p, old, (size_t)(end - p))) != NULL; p++)
		*p = new;
}

/* Appends what base64 (RFC 4648 4 or 5, padding or none) stands for. false: it is none, or there is
 * no room. */
static bool
decode_base64(struct str *out, struct buf *b, struct str s)
{
	char *start = b->p + b->n;
	ptrdiff_t n;

	while (s.n > 0 && s.p[s.n - 1] == '=')
		s.n--;
	if (s.n == 0 || s.n > b->cap - b->n)
		return false;
	buf_add(b, s);                  /* all of it is wiped with the buffer, whatever it was */
	replace(start, s.n, '+', '-');
	replace(start, s.n, '/', '_');
	n = base64url_decode(start, start, s.n);
	*out = (struct str){ start, n > 0 ? (size_t)n : 0 };
	return n > 0;
}

bool
caller_basic(struct str *id, struct str *secret, struct buf *text, struct str credentials)
{
	if (!decode_base64(secret, text, credentials) ||
	    memchr(secret->p, ':', secret->n) == NULL)
		return false;
	*id = str_cut(secret, ':');
	return true;
}

/* Each half of Basic has the encoding of a form (RFC 6749 2.3.1). The service secret is right under
 * any name, also one that is not encoded so. */
static void
read_basic(struct caller_shown *shown, struct buf *text, struct str credentials)
{
	struct str id, secret;

	if (credentials.n > CALLER_BASIC_MAX || !caller_basic(&id, &secret, text, credentials))
		return;
	form_decode(&shown->id, text, id);
	form_decode(&shown->secret, text, secret);
}

bool
caller_show(struct caller_shown *shown, struct buf *text, const struct http_request *in,
    const struct form *form)
{
	struct str bearer = caller_credentials(in, "bearer"),
	    basic = caller_credentials(in, "basic"),
	    id = form_value(form, STR("client_id")),
	    secret = form_value(form, STR("client_secret"));

	*shown = (struct caller_shown){ .way = CALLER_NOTHING };
	if (in->authorizations > 1 || (in->authorizations > 0 && secret.n > 0))
		return false;
	if (basic.n > 0) {
		shown->way = CALLER_BASIC;
		read_basic(shown, text, basic);
		return id.n == 0 || str_equal(id, shown->id);
	}
	if (bearer.n > 0)
		*shown = (struct caller_shown){ .way = CALLER_BEARER, .secret = bearer };
	else if (secret.n > 0)
		*shown = (struct caller_shown){ CALLER_FORM, id, secret };
	return true;
}

struct caller
caller_find(const struct key_ring *ring, const struct caller_shown *shown)
{
	struct caller caller = { .way = shown->way };
	uint8_t digest[SHA512_DIGEST];

	sha512(digest, shown->secret.p, shown->secret.n);
	caller.service = keys_is_secret(ring, digest);
	if (ring->clients != NULL && shown->way != CALLER_BEARER)
		caller.client = clients_check(ring->clients, shown->id, digest);
	wipe(digest, sizeof digest);
	return caller;
}

bool
caller_may(const struct caller *caller, enum client_right right)
{
	return caller->service || (caller->client != NULL && client_may(caller->client, right));
}
