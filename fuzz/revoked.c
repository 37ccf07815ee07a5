#include "fuzz/revoked.h"

#include <stdio.h>

enum { LINE = REVOCATION_LINE - 1, MOST = 2048 };

/* ---- SipHash-1-3 (Aumasson, Bernstein 2012) under the key 0 */

static uint64_t
turn(uint64_t x, unsigned n)
{
	return x << n | x >> (64 - n);
}

static void
sip_round(uint64_t v[4])
{
	v[0] += v[1], v[2] += v[3];
	v[1] = turn(v[1], 13) ^ v[0], v[3] = turn(v[3], 16) ^ v[2];
	v[0] = turn(v[0], 32);
	v[2] += v[1], v[0] += v[3];
	v[1] = turn(v[1], 17) ^ v[2], v[3] = turn(v[3], 21) ^ v[0];
	v[2] = turn(v[2], 32);
}

static uint64_t
sip_hash(const char *p, size_t n)
{
	uint64_t v[4] = { 0x736f6d6570736575, 0x646f72616e646f6d, 0x6c7967656e657261,
	    0x7465646279746573 };

	for (size_t at = 0; at <= n; at += 8) {
		uint64_t m = n - at < 8 ? (uint64_t)n << 56 : 0;

		for (size_t i = 0; i < 8 && at + i < n; i++)
			m |= (uint64_t)(uint8_t)p[at + i] << 8 * i;
		v[3] ^= m;
		sip_round(v);
		v[0] ^= m;
	}
	v[2] ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* ---- a line */

static bool
are_digits(const char *p, size_t n, const char *which)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] == '\0' || strchr(which, p[i]) == NULL)
			return false;
	return true;
}

void
revoked_checksum(char out[REVOKED_CHECK + 1], const char *line)
{
	snprintf(out, REVOKED_CHECK + 1, "%08x", (unsigned)sip_hash(line, LINE - REVOKED_CHECK));
}

bool
revoked_line(struct revocation *r, struct str line)
{
	static const char hex[] = "0123456789abcdef";
	char sum[REVOKED_CHECK + 1];

	if (line.n != 1 + 1 + 32 + 1 + 12 + 1 + 8 || !are_digits(line.p, 1, "tsa") ||
	    line.p[1] != ' ' || !are_digits(line.p + 2, 32, hex) || line.p[34] != ' ' ||
	    !are_digits(line.p + 35, 12, "0123456789") || line.p[47] != ' ')
		return false;
	if (line.p[0] == 'a' && !are_digits(line.p + 2, 32, "0"))
		return false;
	revoked_checksum(sum, line.p);
	if (memcmp(sum, line.p + 48, REVOKED_CHECK) != 0)
		return false;
	r->kind = line.p[0];
	for (unsigned i = 0; i < 16; i++)
		r->name[i] = (uint8_t)((strchr(hex, line.p[2 + 2 * i]) - hex) * 16 +
		    (strchr(hex, line.p[3 + 2 * i]) - hex));
	r->time = 0;
	for (unsigned i = 35; i < 47; i++)
		r->time = r->time * 10 + (line.p[i] - '0');
	return true;
}

/* ---- a list: its entries, the dead ones among them */

static struct {
	struct revocation entry[MOST];
	unsigned n, max;
	int64_t now;
} model;

void
revoked_begin(unsigned max)
{
	model.n = 0;
	model.max = max;
	model.now = JWT_CLOCK_FLOOR;
}

int64_t
revoked_pass(uint64_t seconds)
{
	if (model.now + (int64_t)seconds < REVOCATION_NEVER)
		model.now += (int64_t)seconds;
	return model.now;
}

bool
revoked_is_dead(const struct revocation *r)
{
	return r->kind == REVOKED_TOKEN && model.now > r->time;
}

static struct revocation *
find(const struct revocation *r)
{
	for (unsigned i = 0; i < model.n; i++)
		if (model.entry[i].kind == r->kind &&
		    memcmp(model.entry[i].name, r->name, sizeof r->name) == 0)
			return &model.entry[i];
	return NULL;
}

/* All, and those that need a place. */
static void
count_alive(unsigned *all, unsigned *placed)
{
	*all = *placed = 0;
	for (unsigned i = 0; i < model.n; i++) {
		*all += !revoked_is_dead(&model.entry[i]);
		*placed += !revoked_is_dead(&model.entry[i]) && model.entry[i].kind != REVOKED_ALL;
	}
}

enum revocation_added
revoked_add(const struct revocation *r)
{
	struct revocation *same = find(r);
	unsigned all, placed;

	count_alive(&all, &placed);
	if (same != NULL && same->time >= r->time)
		return REVOCATION_KNOWN;
	if (r->kind != REVOKED_ALL && placed == model.max &&
	    (same == NULL || revoked_is_dead(same)))
		return REVOCATION_FULL;
	if (same != NULL) {
		*same = *r;
	} else {
		MUST(model.n < MOST);
		model.entry[model.n++] = *r;
	}
	return REVOCATION_NEW;
}

void
revoked_compare(const struct revocations *list)
{
	unsigned all, placed, found = 0, at = 0;
	struct revocation r;

	count_alive(&all, &placed);
	MUST(revocations_sound(list) && revocations_alive(list, model.now) == all);
	MUST(revocations_count(list) <= model.max + 1 && revocations_count(list) >= all);
	while (revocations_next(list, &at, &r)) {
		const struct revocation *same = find(&r);

		if (revoked_is_dead(&r))
			continue;
		MUST(same != NULL && same->time == r.time);
		found++;
		MUST(revocations_knows(list, &r));
		r.time++;
		MUST(!revocations_knows(list, &r));
	}
	MUST(found == all);
}
