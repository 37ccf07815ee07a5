#include "token/clients.h"

#include "system/memory.h"

bool
client_is_id(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!str_is_unreserved(s.p[i]))
			return false;
	return s.n > 0 && s.n <= CLIENT_ID_MAX;
}

/* How the client at this place of by_id compares with an id. */
static int
compare(const struct clients *c, unsigned place, struct str id)
{
	struct str there = c->client[c->by_id[place]].id;
	size_t n = there.n < id.n ? there.n : id.n;
	int order = n > 0 ? memcmp(there.p, id.p, n) : 0;

	return order != 0 ? order : (there.n > id.n) - (there.n < id.n);
}

unsigned
clients_place(const struct clients *c, struct str id)
{
	unsigned low = 0, high = c->n;

	while (low < high) {
		unsigned middle = (low + high) / 2;

		if (compare(c, middle, id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct client *
clients_find(const struct clients *c, struct str id)
{
	unsigned place = clients_place(c, id);

	return place < c->n && compare(c, place, id) == 0 ? &c->client[c->by_id[place]] : NULL;
}

bool
clients_is_secret(const struct clients *c, const struct client *client,
    const uint8_t digest[SHA512_DIGEST])
{
	unsigned same = 0;

	for (unsigned i = 0; i < CLIENT_DIGESTS; i++) {
		unsigned mine = (i - client->digests) >> 31;    /* 1 where i < digests */

		same |= sha512_equal(digest, c->digest[mine * (client->first + i)]) & mine;
	}
	return same != 0;
}

const struct client *
clients_check(const struct clients *c, struct str id, const uint8_t digest[SHA512_DIGEST])
{
	static const struct client nobody;
	const struct client *client = clients_find(c, id);

	return clients_is_secret(c, client != NULL ? client : &nobody, digest) ? client : NULL;
}

bool
client_may(const struct client *client, enum client_right right)
{
	return (client->rights & right) != 0;
}

bool
client_has_scope(const struct client *client, struct str word)
{
	struct str left = client->scope;

	while (left.n > 0)
		if (str_equal(str_cut(&left, ' '), word))
			return true;
	return false;
}

bool
client_has_audience(const struct client *client, struct str name)
{
	struct str aud = client->aud;

	for (size_t i = 0; i < aud.n; i++) {
		struct json_string s = { { aud.p + i + 1, 0 }, false };

		if (aud.p[i] != '"')            /* a bracket or a comma */
			continue;
		while (aud.p[++i] != '"') {
			if (aud.p[i] != '\\')
				continue;
			s.escaped = true;
			i++;
		}
		s.raw.n = (size_t)(aud.p + i - s.raw.p);
		if (json_compare(s, (struct json_string){ name, false }) == 0)
			return true;
	}
	return false;
}

void
client_put_claims(struct buf *b, const struct client *client, const struct claims_setting *setting,
    const struct claims_stamp *stamp, struct str scope, struct str aud)
{
	buf_add(b, STR("{"));
	if (setting->issuer != NULL) {
		buf_add(b, STR("\"iss\":"));
		json_quote(b, str_from(setting->issuer));
		buf_add(b, STR(","));
	}
	buf_add(b, STR("\"sub\":\""));
	buf_add(b, client->id);
	buf_add(b, STR("\",\"client_id\":\""));
	buf_add(b, client->id);
	buf_add(b, STR("\""));
	if (client->aud.n > 0)
		buf_add(b, STR(",\"aud\":"));
	buf_add(b, aud.n > 0 ? aud : client->aud);
	if (scope.n > 0) {
		buf_add(b, STR(",\"scope\":\""));
		buf_add(b, scope);
		buf_add(b, STR("\""));
	}
	buf_add(b, STR(",\"iat\":"));
	buf_number(b, (uint64_t)stamp->now);
	buf_add(b, STR(",\"exp\":"));
	buf_number(b, (uint64_t)stamp->now + client->expires_in);
	buf_add(b, STR(",\"jti\":\""));
	buf_hex(b, stamp->nonce, CLAIMS_NONCE);
	buf_text(b, client->claims.n > 0 ? "\"," : "\"");
	buf_add(b, client->claims);
	buf_add(b, STR("}"));
}

void
clients_wipe(struct clients *c)
{
	wipe(c->by_id, c->n * sizeof c->by_id[0]);
	wipe(c->client, c->n * sizeof c->client[0]);
	wipe(c->digest, c->digests * sizeof c->digest[0]);
	wipe(c->text, c->text_n);
	wipe(c, offsetof(struct clients, by_id));
	memory_release(c, sizeof *c);
}
