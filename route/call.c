#include "route/call.h"

#include "base64url.h"

void
call_answer(struct call *c, unsigned status, const char *content_type)
{
	c->out->status = status;
	c->out->content_type = content_type;
	http_field(c->out, "Cache-Control", STR("no-store"));
}

static void
put_offset(struct buf *b, size_t at)
{
	if (at == HTTP_NO_OFFSET)
		return;
	buf_text(b, " at byte ");
	buf_number(b, at);
}

void
call_start_error(struct call *c, unsigned status)
{
	struct buf *b = &c->out->body;

	switch (c->form) {
	case CALL_COMPAT:
		call_answer(c, status, "application/json");
		buf_text(b, "{\"status\": ");
		buf_number(b, status);
		buf_text(b, ", \"description\": \"");
		break;
	case CALL_PROBLEM:      /* RFC 9457 4.2.1: about:blank has the phrase as its title */
		call_answer(c, status, "application/problem+json");
		buf_text(b, "{\"type\":\"about:blank\",\"title\":\"");
		buf_text(b, http_phrase(status));
		buf_text(b, "\",\"status\":");
		buf_number(b, status);
		buf_text(b, ",\"detail\":\"");
		break;
	case CALL_EMPTY:
		call_answer(c, status, NULL);
		break;
	}
}

bool
call_end_error(struct call *c)
{
	if (c->form == CALL_EMPTY)
		buf_empty(&c->out->body);
	else
		buf_text(&c->out->body, "\"}\n");
	return true;
}

bool
call_error_at(struct call *c, unsigned status, const char *what, const char *why, size_t at)
{
	struct buf *b = &c->out->body;

	call_start_error(c, status);
	buf_text(b, what);
	buf_text(b, why);
	put_offset(b, at);
	return call_end_error(c);
}

bool
call_error(struct call *c, unsigned status, const char *description)
{
	return call_error_at(c, status, description, "", HTTP_NO_OFFSET);
}

bool
call_media_type(struct call *c, const char *type, unsigned status, const char *description)
{
	struct str given = c->in->content_type, wanted = str_from(type);
	size_t i = wanted.n;

	if (c->in->content_types > 1)
		return !call_error(c, 400, "More than one Content-Type");
	while (i < given.n && (given.p[i] == ' ' || given.p[i] == '\t'))
		i++;
	if (!str_starts_nocase(given, wanted) || (i < given.n && given.p[i] != ';'))
		return !call_error(c, status, description);
	if (!c->in->content_encoded || (c->in->complete && c->in->body.n == 0))
		return true;
	http_field(c->out, "Accept-Encoding", STR("identity"));         /* RFC 9110 15.5.16 */
	return !call_error(c, c->form == CALL_COMPAT ? 400 : 415,
	    "A body with a Content-Encoding is not read: send it as it is");
}

bool
call_body(struct call *c, struct json *doc)
{
	if (c->in->body.n == 0)
		return !call_error(c, 400, "Malformed JSON: the body is empty");
	if (!json_parse(doc, c->scratch->jwt.tok, JSON_TOKENS_MAX, c->in->body))
		return !call_error_at(c, 400, "Malformed JSON: ", doc->fault, doc->fault_at);
	if (doc->tok[0].type != JSON_OBJECT)
		return !call_error(c, 400, "The body is not a JSON object");
	return true;
}

struct str
call_credentials(const struct call *c, const char *scheme)
{
	struct str given = c->in->authorization, name = str_from(scheme);
	size_t i = name.n;

	if (!str_starts_nocase(given, name) || given.n == i || given.p[i] != ' ')
		return (struct str){ NULL, 0 };
	while (i < given.n && given.p[i] == ' ')
		i++;
	return (struct str){ given.p + i, given.n - i };
}

bool
call_basic(struct str *user, struct str *password, struct buf *text, struct str s)
{
	char *start = text->p + text->n;
	const char *colon;
	ptrdiff_t n;

	while (s.n > 0 && s.p[s.n - 1] == '=')
		s.n--;
	for (size_t i = 0; i < s.n; i++)                /* RFC 4648 4 and 5 */
		buf_put(text, s.p[i] == '+' ? "-" : s.p[i] == '/' ? "_" : s.p + i, 1);
	n = text->bad ? -1 : base64url_decode(start, start, s.n);
	colon = n > 0 ? memchr(start, ':', (size_t)n) : NULL;
	if (colon == NULL)
		return false;
	*user = (struct str){ start, (size_t)(colon - start) };
	*password = (struct str){ colon + 1, (size_t)n - user->n - 1 };
	return true;
}

/* Whether a Host is an IP address, "localhost" or another name without a dot. A page in a browser
 * that rebinds its own name to a loopback address has a dot in it. Where the last label is a
 * number, a browser sees an IPv4 address (WHATWG URL 3.5). None sends what is percent-encoded. */
static bool
is_local_name(struct str host)
{
	if (host.n == 0 || host.p[0] == '[' || (memchr(host.p, '.', host.n) == NULL &&
	    memchr(host.p, '%', host.n) == NULL))
		return true;
	for (size_t i = 0; i < host.n; i++)
		if (host.p[i] != '.' && (host.p[i] < '0' || host.p[i] > '9'))
			return false;
	return true;
}

/* Why this is nobody on this host who speaks for himself; NULL: it is somebody. */
static const char *
stranger(const struct http_request *in)
{
	static const char *const from[] = {
		[HTTP_FROM_ANYWHERE] = "this listener is open to other hosts",
		[HTTP_FROM_ELSEWHERE] = "you come from another host",
		[HTTP_FROM_HERE] = NULL
	};
	const char *why = from[in->from];

	if (why == NULL && in->forwarded)
		why = "a proxy sent this on (Forwarded, X-Forwarded-For, X-Real-IP or Via)";
	if (why == NULL && !is_local_name(in->host))
		why = "Host is a name with a dot, as a web page's would be";
	return why;
}

bool
call_may_create(struct call *c)
{
	struct str secret = call_credentials(c, "bearer");
	const char *why = c->policy->open_issue ? NULL : stranger(c->in);

	if (!c->ring->has_secret) {
		if (why == NULL)
			return true;
		c->out->reason = "not_this_host";
		call_start_error(c, 403);
		buf_text(&c->out->body, "Only callers on this host may create tokens, and ");
		buf_text(&c->out->body, why);
		buf_text(&c->out->body, ". Start jwtd with --service-secret-file and show that "
		    "secret, or with --open-issue to let everybody create tokens");
		return !call_end_error(c);
	}
	if (c->in->authorizations > 1)
		return !call_error(c, 400, "More than one Authorization");
	if (keys_is_secret(c->ring, secret))
		return true;
	c->out->reason = secret.n > 0 ? "wrong_secret" : NULL;
	http_field(c->out, "WWW-Authenticate", secret.n == 0 ? STR("Bearer realm=\"jwtd\"")
	    : STR("Bearer realm=\"jwtd\", error=\"invalid_token\""));
	return !call_error(c, 401, "The service secret is missing or wrong: show it as Bearer in "
	    "Authorization to create tokens");
}

bool
call_can_judge(struct call *c)
{
	if (c->stamp->token.now >= JWT_CLOCK_FLOOR)
		return true;
	c->out->reason = "clock_not_set";
	return !call_error(c, 503, "The clock of this host is not set");
}

bool
call_can_issue(struct call *c)
{
	return call_can_judge(c) && (c->stamp->token.nonce != NULL ||
	    !call_error(c, 500, "The kernel gives no random numbers"));
}

void
call_put_fault(struct buf *b, const struct jwt *t)
{
	buf_text(b, t->part);
	buf_text(b, ": ");
	buf_text(b, t->fault);
	put_offset(b, t->fault_at > 0 ? t->fault_at : HTTP_NO_OFFSET);
}

bool
call_error_fault(struct call *c, unsigned status, const struct jwt *t)
{
	call_start_error(c, status);
	buf_text(&c->out->body, "Malformed token: ");
	call_put_fault(&c->out->body, t);
	return call_end_error(c);
}
