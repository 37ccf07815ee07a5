/* The cookies of a request (RFC 6265 4.2), once its head was found to be well-formed. */
#include "http_mini.h"

/* From the end of a field line to the value of the next Cookie field; empty: there is none. */
static struct str
next_field(struct str rest)
{
	while (rest.n > 0) {
		str_cut(&rest, '\n');
		if (str_equal_nocase(str_cut(&rest, ':'), STR("cookie")))
			break;
	}
	return rest;
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t';
}

bool
http_cookie(struct str *pair, struct str *cookies)
{
	size_t n = 0;

	if (cookies->n == 0)
		return false;
	while (n < cookies->n && cookies->p[n] != ';' && cookies->p[n] != '\r')
		n++;
	*pair = (struct str){ cookies->p, n };
	for (; pair->n > 0 && is_space(*pair->p); pair->n--)
		pair->p++;
	while (pair->n > 0 && is_space(pair->p[pair->n - 1]))
		pair->n--;
	*cookies = (struct str){ cookies->p + n, cookies->n - n };
	if (cookies->n > 0 && *cookies->p == '\r')
		*cookies = next_field(*cookies);
	else if (cookies->n > 0)
		*cookies = (struct str){ cookies->p + 1, cookies->n - 1 };
	return true;
}
