#include "route/credentials.h"

/* The value of the cookie that has this name. false: there are two. */
static bool
find_cookie(struct str *value, struct str name, struct str cookies)
{
	bool found = false;
	struct str pair;

	*value = (struct str){ NULL, 0 };
	while (http_cookie(&pair, &cookies)) {
		if (pair.n <= name.n || pair.p[name.n] != '=' ||
		    memcmp(pair.p, name.p, name.n) != 0)
			continue;
		if (found)
			return false;
		found = true;
		*value = (struct str){ pair.p + name.n + 1, pair.n - name.n - 1 };
	}
	return true;
}

/* What Authorization holds. Basic that can't be read is a token that is none. */
static struct str
find_field(struct call *c)
{
	struct str bearer = caller_credentials(c->in, "bearer"),
	    basic = caller_credentials(c->in, "basic"), user, password;

	if (!c->policy->basic || basic.n == 0)
		return bearer;
	return caller_basic(&user, &password, &c->scratch->jwt.text, basic) ? password : STR("?");
}

bool
credentials_find(struct str *token, const char **doubt, struct call *c)
{
	struct str cookie = { NULL, 0 };

	*doubt = "more than one Authorization field";
	if (c->in->authorizations > 1)
		return false;
	*token = find_field(c);
	*doubt = "the cookie of the token is there twice";
	if (c->policy->cookie != NULL &&
	    !find_cookie(&cookie, str_from(c->policy->cookie), c->in->cookies))
		return false;
	*doubt = "two different tokens";
	if (token->n == 0)
		*token = cookie;
	return cookie.n == 0 || str_equal(*token, cookie);
}
