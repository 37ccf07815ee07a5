#include "fuzz/said.h"

static char memory[FUZZ_TEXT];
static struct buf text;

void
said_begin(void)
{
	text = buf_over(memory, sizeof memory);
}

static int
digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10
	    : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool
decode(struct str *out, const char *p, const char *end)
{
	size_t start = text.n;

	for (; p < end; p++) {
		char c = *p == '+' ? ' ' : *p;

		if (c == '%') {
			if (end - p < 3 || digit(p[1]) < 0 || digit(p[2]) < 0)
				return false;
			c = (char)(digit(p[1]) * 16 + digit(p[2]));
			p += 2;
		}
		buf_put(&text, &c, 1);
	}
	*out = (struct str){ text.p + start, text.n - start };
	return true;
}

bool
said_form(struct said *said, struct str body)
{
	const char *p = body.p, *end = body.p + body.n;

	said->n = 0;
	while (p < end) {
		const char *stop = memchr(p, '&', (size_t)(end - p)), *equals;

		if (stop == NULL)
			stop = end;
		equals = memchr(p, '=', (size_t)(stop - p));
		if (stop > p) {
			if (said->n == FORM_PARAMETERS_MAX)
				return false;
			said->value[said->n] = STR("");
			if (!decode(&said->name[said->n], p, equals != NULL ? equals : stop) ||
			    (equals != NULL && !decode(&said->value[said->n], equals + 1, stop)))
				return false;
			said->n++;
		}
		p = stop + 1;
	}
	return true;
}

struct str
said_value(const struct said *said, const char *name)
{
	for (unsigned i = 0; i < said->n; i++)
		if (str_equal(said->name[i], str_from(name)))
			return said->value[i];
	return STR("");
}

bool
said_twice(const struct said *said, const char *but)
{
	for (unsigned i = 0; i < said->n; i++)
		for (unsigned j = 0; j < i; j++)
			if (str_equal(said->name[i], said->name[j]) &&
			    (but == NULL || !str_equal(said->name[i], str_from(but))))
				return true;
	return false;
}

static struct str
behind(struct str field, const char *scheme)
{
	size_t n = strlen(scheme);

	if (field.n <= n || field.p[n] != ' ' ||
	    !str_equal_nocase((struct str){ field.p, n }, str_from(scheme)))
		return STR("");
	for (; n < field.n && field.p[n] == ' '; n++)
		;
	return (struct str){ field.p + n, field.n - n };
}

/* Both halves of Basic; each is empty where it can't be read. */
static void
read_basic(struct str *id, struct str *secret, struct str base64)
{
	static char coded[FUZZ_TEXT], pair[FUZZ_TEXT];
	const char *colon;
	ptrdiff_t n;

	*id = *secret = STR("");
	if (base64.n > CALLER_BASIC_MAX)
		return;
	while (base64.n > 0 && base64.p[base64.n - 1] == '=')
		base64.n--;
	for (size_t i = 0; i < base64.n; i++)
		coded[i] = (char)(base64.p[i] == '+' ? '-' : base64.p[i] == '/' ? '_' :
		    base64.p[i]);
	n = reference_base64url(pair, (struct str){ coded, base64.n });
	colon = n > 0 ? memchr(pair, ':', (size_t)n) : NULL;
	if (colon == NULL)
		return;
	decode(id, pair, colon);
	decode(secret, colon + 1, pair + n);
}

/* SPEC 2.4: one way, and one name. */
bool
said_caller(struct caller_shown *shown, const struct said *said, const struct http_request *in)
{
	struct str bearer = behind(in->authorization, "bearer"),
	    basic = behind(in->authorization, "basic"), id = said_value(said, "client_id"),
	    secret = said_value(said, "client_secret");

	*shown = (struct caller_shown){ CALLER_NOTHING, STR(""), STR("") };
	if (in->authorizations > 1 || (in->authorizations == 1 && secret.n > 0))
		return false;
	if (basic.n > 0) {
		shown->way = CALLER_BASIC;
		read_basic(&shown->id, &shown->secret, basic);
		return id.n == 0 || str_equal(id, shown->id);
	}
	if (bearer.n > 0)
		*shown = (struct caller_shown){ CALLER_BEARER, STR(""), bearer };
	else if (secret.n > 0)
		*shown = (struct caller_shown){ CALLER_FORM, id, secret };
	return true;
}

const struct fuzz_client *
said_client(const struct world *w, const struct caller_shown *shown)
{
	for (unsigned i = 0; i < FUZZ_CLIENTS; i++)
		if (w->flags & FUZZ_WITH_CLIENTS && shown->way != CALLER_BEARER &&
		    str_equal(shown->id, str_from(fuzz_clients[i].id)) &&
		    str_equal(shown->secret, str_from(fuzz_clients[i].secret)))
			return &fuzz_clients[i];
	return NULL;
}

bool
said_service(const struct world *w, const struct caller_shown *shown)
{
	return w->flags & FUZZ_WITH_SECRET && str_equal(shown->secret, STR(FUZZ_SECRET));
}
