#include "route/call.h"

#include "token/revocations.h"

_Static_assert(sizeof ((struct response *)0)->client > CLIENT_ID_MAX, "room for a name");

void
call_answer(struct call *c, unsigned status, const char *content_type)
{
	c->out->status = status;
	c->out->content_type = content_type;
	buf_add(&c->out->fields, STR("Cache-Control: no-store\r\n"));
}

static void
put_offset(struct buf *b, size_t at)
{
	if (at != HTTP_NO_OFFSET)
		buf_format(b, " at byte %zu", at);
}

void
call_start_error(struct call *c, unsigned status)
{
	struct buf *b = &c->out->body;

	switch (c->form) {
	case CALL_COMPAT:
		call_answer(c, status, "application/json");
		buf_format(b, "{\"status\": %u, \"description\": \"", status);
		break;
	case CALL_PROBLEM:      /* RFC 9457 4.2.1: about:blank has the phrase as its title */
		call_answer(c, status, "application/problem+json");
		buf_format(b, "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%u,"
		    "\"detail\":\"", http_phrase(status), status);
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
	buf_text(&c->out->fields, "Accept-Encoding: identity\r\n");      /* RFC 9110 15.5.16 */
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

static const char challenge_texts[] =
    "WWW-Authenticate: Basic realm=\"jwtd\", charset=\"UTF-8\"\r\n";

bool
call_oauth_error(struct call *c, unsigned status, enum reason code, bool bearer)
{
	if (status == 401)
		buf_text(&c->out->fields, challenge_texts);
	if (status == 401 && bearer)
		buf_text(&c->out->fields, "WWW-Authenticate: Bearer realm=\"jwtd\"\r\n");
	c->out->refusal = code;
	call_answer(c, status, "application/json");
	buf_format(&c->out->body, "{\"error\":\"%s\"}\n", reason_name(code));
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
	const char *why = NULL;

	if (in->from == HTTP_FROM_ANYWHERE)
		why = "this listener is open to other hosts";
	else if (in->from == HTTP_FROM_ELSEWHERE)
		why = "you come from another host";
	else if (in->forwarded)
		why = "a proxy sent this on (Forwarded, X-Forwarded-For, X-Real-IP or Via)";
	else if (!is_local_name(in->host))
		why = "Host is a name with a dot, as a web page's would be";
	return why;
}

static bool
refuse_stranger(struct call *c, const char *why)
{
	c->out->refusal = REASON_NOT_THIS_HOST;
	call_start_error(c, 403);
	buf_format(&c->out->body, "Only callers on this host may create tokens, and %s. Start jwtd "
	    "with --service-secret-file and show that secret, or with --open-issue to let "
	    "everybody create tokens", why);
	return !call_end_error(c);
}

/* Finds out who calls. `form`: NULL for none. false: it shows itself in two ways, and nothing has
 * been answered. */
static bool
who(struct call *c, struct caller *caller, const struct form *form)
{
	struct caller_shown shown;

	if (!caller_show(&shown, &c->scratch->jwt.text, c->in, form))
		return false;
	*caller = caller_find(c->ring, &shown);
	if (caller->client != NULL) {
		memcpy(c->out->client, caller->client->id.p, caller->client->id.n);
		c->out->client[caller->client->id.n] = '\0';
	}
	return true;
}

bool
call_with_form(struct call *c, struct str repeats,
    bool (*answer)(struct call *, const struct caller *, const struct form *))
{
	struct buf *text = &c->scratch->jwt.text;
	struct caller caller;
	struct form form;

	if (!call_media_type(c, "application/x-www-form-urlencoded", 415,
	    "The media type must be application/x-www-form-urlencoded"))
		return true;
	if (!c->in->complete)
		return false;
	buf_empty(text);
	if (!form_read(&form, text, c->in->body) || form_repeats(&form, repeats) ||
	    !who(c, &caller, &form))
		return call_oauth_error(c, 400, REASON_INVALID_REQUEST, false);
	return answer(c, &caller, &form);
}

/* SPEC 1.1: the service secret is shown as a Bearer token, a client by Basic. */
static bool
may_issue(const struct caller *caller)
{
	return caller->way == CALLER_BEARER ? caller->service :
	    caller->client != NULL && client_may(caller->client, CLIENT_ISSUE);
}

bool
call_may_create(struct call *c)
{
	bool clients = c->ring->clients != NULL;
	struct caller caller;

	if (!c->ring->has_secret && !clients) {
		const char *why = c->policy->open_issue ? NULL : stranger(c->in);

		return why == NULL || refuse_stranger(c, why);
	}
	buf_empty(&c->scratch->jwt.text);
	if (!who(c, &caller, NULL))
		return !call_error(c, 400, "More than one Authorization");
	if (may_issue(&caller))
		return true;
	if (caller.client != NULL) {
		c->out->refusal = REASON_UNAUTHORIZED_CLIENT;
		return !call_error(c, 403, "This client lacks the right issue in the clients file, "
		    "so it may create no tokens here: it gets its own from /token");
	}
	c->out->refusal = caller.way != CALLER_NOTHING ? REASON_WRONG_SECRET : REASON_NONE;
	if (c->ring->has_secret)
		buf_format(&c->out->fields, "WWW-Authenticate: Bearer realm=\"jwtd\"%s\r\n",
		    caller.way == CALLER_BEARER ? ", error=\"invalid_token\"" : "");
	if (clients)
		buf_text(&c->out->fields, challenge_texts);
	return !call_error(c, 401, clients ? c->ring->has_secret ?
	    "To create tokens, show by Basic a client with the right issue, or the service secret "
	    "as Bearer" : "To create tokens, show by Basic a client with the right issue"
	    : "The service secret is missing or wrong: show it as Bearer in Authorization to "
	    "create tokens");
}

static bool
clock_is_set(struct call *c)
{
	if (c->stamp->token.now >= JWT_CLOCK_FLOOR)
		return true;
	c->out->refusal = REASON_CLOCK_NOT_SET;
	return !call_error(c, 503, "The clock of this host is not set");
}

bool
call_can_judge(struct call *c)
{
	const struct revocations *revoked = c->policy->jwt.revoked;

	if (!clock_is_set(c))
		return false;
	if (revoked == NULL || !revocations_unfit(revoked))
		return true;
	c->out->refusal = REASON_TOO_MANY_REVOCATIONS;
	return !call_error(c, 503, "More tokens are taken back than there is room for");
}

bool
call_can_issue(struct call *c)
{
	return clock_is_set(c) && (c->stamp->token.nonce != NULL ||
	    !call_error(c, 500, "The kernel gives no random numbers"));
}

void
call_put_fault(struct buf *b, const struct jwt *t)
{
	buf_format(b, "%s: %s", t->part, t->fault);
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
