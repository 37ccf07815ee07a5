#include "route/grant.h"

#include "token/scope.h"

enum { ASKED_WORDS_MAX = 64 };          /* of a scope; each is looked for in all of them */

/* What a client asks for. */
struct wish {
	struct str scope;               /* words of its own, as they are to stand in the token */
	struct str aud;                 /* the claim, JSON, of its own; empty: as its entry says */
};

/* RFC 6749 5.2, with words for a person where there are any. */
static bool
error(struct call *c, unsigned status, enum reason code, const char *words)
{
	struct buf *body = &c->out->body;

	call_oauth_error(c, status, code, false);
	if (words != NULL) {
		body->n -= strlen("}\n");
		buf_format(body, ",\"error_description\":\"%s\"}\n", words);
	}
	return true;
}

/* Whether the word stands among those before it in the same list. */
static bool
comes_again(struct str word, struct str list)
{
	struct str before = { list.p, (size_t)(word.p - list.p) };

	while (before.n > 0)
		if (str_equal(str_cut(&before, ' '), word))
			return true;
	return false;
}

/* RFC 6749 3.3: words with one space between them, so many at the most, each of them the client's,
 * and there once. None asked for: all that it has. */
static bool
take_scope(struct wish *wish, const struct client *client, struct str asked)
{
	struct str rest = asked;
	unsigned n = 0;

	wish->scope = asked.n > 0 ? asked : client->scope;
	while (rest.n > 0) {
		struct str word = str_cut(&rest, ' ');

		if (n++ == ASKED_WORDS_MAX || !client_has_scope(client, word) ||
		    comes_again(word, asked))
			return false;
	}
	return asked.n == 0 || asked.p[asked.n - 1] != ' ';
}

/* Whether the parameter names where the token is to be used, and is not there before with the same
 * value. */
static bool
names_target(const struct form *form, unsigned at)
{
	struct str name = form->name[at], value = form->value[at];

	if (value.n == 0 || !(str_equal(name, STR("audience")) || str_equal(name, STR("resource"))))
		return false;
	for (unsigned i = 0; i < at; i++)
		if (str_equal(form->name[i], name) && str_equal(form->value[i], value))
			return false;
	return true;
}

/* audience, or RFC 8707 2 resource, which may be there more than once: each the client's. */
static bool
take_audience(struct wish *wish, struct buf *text, const struct client *client,
    const struct form *form)
{
	bool audience = form_value(form, STR("audience")).n > 0;
	size_t start = text->n;
	unsigned n = 0;

	for (unsigned i = 0; i < form->n; i++) {
		if (!names_target(form, i))
			continue;
		if (!client_has_audience(client, form->value[i]) || (audience && n > 0))
			return false;           /* not the client's, or both */
		buf_text(text, n++ == 0 ? "[" : ",");
		json_quote(text, form->value[i]);
	}
	wish->aud = (struct str){ text->p + start + 1, text->n - start - 1 };  /* one: a string */
	if (n == 0)
		wish->aud.n = 0;
	if (n > 1) {
		buf_text(text, "]");
		wish->aud = (struct str){ text->p + start, text->n - start };
	}
	return !text->bad;
}

/* RFC 6749 5.1. */
static bool
issue(struct call *c, const struct client *client, const struct wish *wish)
{
	struct buf *body = &c->out->body, *claims = &c->scratch->claims;
	const struct jwt_key *key = &c->ring->key[client->key];

	buf_empty(claims);
	client_put_claims(claims, client, &c->policy->claims, &c->stamp->token, wish->scope,
	    wish->aud);
	if (claims->bad || jwt_length(key, claims->n) > JWT_MAX)
		return call_error(c, 500, "The token would be longer than 12,288 bytes");
	call_answer(c, 200, "application/json");
	buf_text(&c->out->fields, "Pragma: no-cache\r\n");
	buf_add(body, STR("{\"access_token\":\""));
	jwt_mint(body, key, buf_str(claims));
	buf_add(body, STR("\",\"token_type\":\"Bearer\",\"expires_in\":"));
	buf_number(body, client->expires_in);
	if (wish->scope.n > 0) {
		buf_add(body, STR(",\"scope\":\""));
		buf_add(body, wish->scope);             /* no word has a byte to be escaped */
		buf_add(body, STR("\""));
	}
	buf_add(body, STR("}\n"));
	c->out->issued = true;
	return true;
}

/* RFC 6749 4.4.2. */
static bool
judge(struct call *c, const struct caller *caller, const struct form *form)
{
	struct str grant = form_value(form, STR("grant_type"));
	const struct client *client = caller->client;
	struct wish wish;

	if (client == NULL)
		return error(c, 401, REASON_INVALID_CLIENT, NULL);
	if (grant.n == 0)
		return error(c, 400, REASON_INVALID_REQUEST, "grant_type is missing");
	if (!str_equal(grant, STR("client_credentials")))
		return error(c, 400, REASON_UNSUPPORTED_GRANT_TYPE,
		    "grant_type is not client_credentials");
	if (!take_scope(&wish, client, form_value(form, STR("scope"))))
		return error(c, 400, REASON_INVALID_SCOPE,
		    "the client has not all of this scope, or it is malformed");
	if (!take_audience(&wish, &c->scratch->jwt.text, client, form))
		return error(c, 400, REASON_INVALID_TARGET,
		    "the client has not this audience, or resource stands beside audience");
	return !call_can_issue(c) || issue(c, client, &wish);
}

bool
grant_token(struct call *c)
{
	return call_with_form(c, STR("resource"), judge);
}

bool
grant_issuer_path(struct str *path, const char *issuer)
{
	struct str url = str_from(issuer != NULL ? issuer : "");
	size_t scheme = str_starts_nocase(url, STR("https://")) ? 8 :
	    str_starts_nocase(url, STR("http://")) ? 7 : 0;
	const char *slash;

	if (issuer == NULL || scheme == 0 || url.n == scheme)
		return false;
	for (size_t i = 0; i < url.n; i++)
		if (!scope_has_char(url.p[i]) || url.p[i] == '?' || url.p[i] == '#')
			return false;
	slash = memchr(issuer + scheme, '/', url.n - scheme);
	if (slash == issuer + scheme)
		return false;
	*path = slash != NULL ? str_from(slash) : STR("");
	if (path->n > 0 && path->p[path->n - 1] == '/')
		path->n--;
	return true;
}

bool
grant_is_metadata(const struct api_policy *policy, struct str behind)
{
	struct str path;

	return grant_issuer_path(&path, policy->claims.issuer) && str_equal(behind, path);
}

bool
grant_metadata(struct call *c)
{
	static const char method_words[] = "[\"client_secret_basic\",\"client_secret_post\"]";
	struct str issuer = str_from(c->policy->claims.issuer), scopes = c->ring->clients->scopes;
	struct buf *b = &c->out->body;
	int n = (int)issuer.n - (issuer.p[issuer.n - 1] == '/');

	call_answer(c, 200, "application/json");
	buf_text(b, "{\"issuer\":");
	json_quote(b, issuer);
	buf_format(b, ",\"token_endpoint\":\"%.*s/token\","
	    "\"introspection_endpoint\":\"%.*s/introspect\","
	    "\"grant_types_supported\":[\"client_credentials\"],\"response_types_supported\":[],"
	    "\"token_endpoint_auth_methods_supported\":%s,"
	    "\"introspection_endpoint_auth_methods_supported\":%s",
	    n, issuer.p, n, issuer.p, method_words, method_words);
	if (keys_have_public(c->ring))
		buf_format(b, ",\"jwks_uri\":\"%.*s/.well-known/jwks.json\"", n, issuer.p);
	if (c->policy->jwt.revoked != NULL)
		buf_format(b, ",\"revocation_endpoint\":\"%.*s/revoke\","
		    "\"revocation_endpoint_auth_methods_supported\":%s", n, issuer.p, method_words);
	if (scopes.n > 0)
		buf_format(b, ",\"scopes_supported\":%.*s", (int)scopes.n, scopes.p);
	buf_text(b, "}\n");
	return true;
}
