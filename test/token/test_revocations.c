/* What is taken back (SPEC 6.2, 6.4): names, lines, the list alone and with readers beside its
 * writer. In the tables ' stands for ". */
#include "test/test.h"

#include "base64url.h"
#include "token/jwt.h"
#include "token/revocations.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define COUNT(table) (sizeof (table) / sizeof (table)[0])

enum {
	TEXT = 4096,
	NOW = 1800000000,
	SMALL = 64                      /* entries: as many dead ones are cleared at once */
};

/* Opens a token of these claims, with so many bytes of scratch memory to spare. */
static bool
open_token(struct jwt *t, const char *claims, size_t spare)
{
	static const char header[] = "{\"alg\":\"HS512\"}";
	static char token[2 * TEXT], text[4 * TEXT];
	static struct jwt_scratch scratch;
	uint8_t mac[SHA512_DIGEST] = { 0 };
	char plain[TEXT];
	size_t length = strlen(claims), n;

	for (size_t i = 0; i < length; i++)
		plain[i] = (char)(claims[i] == '\'' ? '"' : claims[i]);
	n = base64url_encode(token, header, sizeof header - 1);
	token[n++] = '.';
	n += base64url_encode(token + n, plain, length);
	token[n++] = '.';
	n += base64url_encode(token + n, mac, sizeof mac);
	scratch.text = buf_over(text, sizeof text);
	if (!jwt_open(t, &scratch, (struct str){ token, n }))
		return false;
	scratch.text.cap = scratch.text.n + spare;
	return true;
}

static bool
has(const struct revocations *list, struct jwt *t, int64_t now)
{
	static const char name[REVOCATIONS_CLAIMS][4] = { [REVOCATIONS_JTI] = "jti\"",
	    [REVOCATIONS_SUB] = "sub\"", [REVOCATIONS_IAT] = "iat\"" };
	unsigned at[REVOCATIONS_CLAIMS];

	json_members(at, &t->doc, 0, name, REVOCATIONS_CLAIMS);
	return revocations_has(list, t, at, now);
}

/* A new list; good until the next call. */
static struct revocations *
new_list(unsigned max)
{
	static void *memory;

	free(memory);
	memory = calloc(1, revocations_size(max));
	if (memory == NULL)
		abort();
	return revocations_over(memory, max);
}

static enum revocation_added
add_jti(struct revocations *list, const char *jti, int64_t exp, int64_t now)
{
	struct revocation r;

	revocation_of_jti(&r, str_from(jti), exp);
	return revocations_add(list, &r, now);
}

static enum revocation_added
add_subject(struct revocations *list, const char *sub, int64_t time)
{
	struct revocation r;

	revocation_of_subject(&r, str_from(sub), time);
	return revocations_add(list, &r, time);
}

static enum revocation_added
add_all(struct revocations *list, int64_t time)
{
	struct revocation r;

	revocation_of_all(&r, time);
	return revocations_add(list, &r, time);
}

/* ---- names and lines, computed by a program in Python */

static const struct {
	char kind;
	struct str what;
	const char *line;
	int64_t time;
} named[] = {
	{ 't', { "abc", 3 }, "t efdc7422a0e72812a569191923cb93ba 001800086700 e9b20dae", 1800086700 },
	{ 's', { "alice", 5 }, "s c690fefc80797a967a6abd67b90e8633 000000000000 34810ba2", 0 },
	{ 't', { "", 0 }, "t fcd8780493d9d11d29031b928a9da358 ", REVOCATION_NEVER },
	{ 't', { "a\0\xc3\xa9\"", 5 }, "t 635674a09b4accf6cfcba833a6531457 ", 86700 },
	{ 's', { "", 0 }, "s 2c1ee68372215b1ce064426b5cdbd4ef ", 5 },
	{ 'a', { "", 0 }, "a 00000000000000000000000000000000 999999999999 d79bc6d4",
	    REVOCATION_NEVER },
};

static void
name_one(struct revocation *r, size_t i)
{
	int64_t time = named[i].time;

	if (named[i].kind == 't')
		revocation_of_jti(r, named[i].what,
		    time == REVOCATION_NEVER ? -1 : time - REVOCATION_SLACK);
	else if (named[i].kind == 's')
		revocation_of_subject(r, named[i].what, time);
	else
		revocation_of_all(r, time);
}

static void
names(void)
{
	for (size_t i = 0; i < COUNT(named); i++) {
		char text[REVOCATION_LINE];
		struct buf line = buf_over(text, sizeof text);
		struct revocation r, again;
		struct str want = str_from(named[i].line), got;

		name_one(&r, i);
		CHECK(r.kind == named[i].kind && r.time == named[i].time, "%s", want.p);
		revocation_put_line(&line, &r);
		CHECK(!line.bad && line.n == REVOCATION_LINE && text[line.n - 1] == '\n', "%zu bytes",
		    line.n);
		got = (struct str){ text, want.n };
		CHECK_BYTES(got, want, "line %zu", i);
		got.n = REVOCATION_LINE - 1;
		CHECK(revocation_read_line(&again, got) && again.kind == r.kind &&
		    again.time == r.time && memcmp(again.name, r.name, sizeof r.name) == 0, "%s", want.p);
		line = buf_over(text, sizeof text - 1);
		revocation_put_line(&line, &r);
		CHECK(line.bad && line.n == 0, "a byte too few for a line");
	}
}

/* Lines with a checksum that is right and something else that is not. */
static const char *const spoilt[] = {
	"a 00000000000000000000000000000001 000000000005 5eb27ca3",
	"x 00000000000000000000000000000000 000000000005 497ffe58",
	"t ABABABABABABABABABABABABABABABAB 000000000005 b4837ca5",
	"t agagagagagagagagagagagagagagagag 000000000005 ff3a9b4c",
	"t abababababababababababababababab +00000000005 377f0f78",
	"t\tabababababababababababababababab 000000000005 5f89f5e9",
	"T 00000000000000000000000000000000 000000000005 DF264034",
};

static void
lines(void)
{
	static const char *const good = "t 00000000000000000000000000000000 000000000005 df264034";
	struct revocation r;
	char line[REVOCATION_LINE + 1];
	unsigned taken = 0;

	CHECK(revocation_read_line(&r, str_from(good)) && r.kind == 't' && r.time == 5, "%s", good);
	for (size_t i = 0; i < COUNT(spoilt); i++)
		CHECK(!revocation_read_line(&r, str_from(spoilt[i])), "%s", spoilt[i]);
	for (size_t i = 0; i < COUNT(named); i++) {
		struct str whole = str_from(named[i].line);

		if (whole.n != REVOCATION_LINE - 1)
			continue;
		for (size_t n = 0; n <= whole.n; n++)
			taken += revocation_read_line(&r, (struct str){ test_flush(0, whole.p, n), n });
		for (unsigned k = 0; k < 256 * whole.n; k++) {
			memcpy(line, whole.p, whole.n);
			line[k / 256] = (char)k;
			if (line[k / 256] != whole.p[k / 256])
				taken += revocation_read_line(&r, (struct str){ line, whole.n });
		}
		memcpy(line, whole.p, whole.n);
		line[whole.n] = '\n';
		CHECK(!revocation_read_line(&r, (struct str){ line, whole.n + 1 }), "a newline");
	}
	CHECK(taken == 3, "of all beginnings and all changed bytes %u are taken", taken);
	CHECK(!revocation_read_line(&r, (struct str){ NULL, 0 }), "nothing");
}

/* ---- tokens */

static const struct {
	const char *claims;
	bool revoked;
} judged[] = {
	{ "{'jti':'gone'}", true }, { "{'jti':'g\\u006fne'}", true }, { "{'\\u006ati':'gone'}", true },
	{ "{'x':[1],'iat':2000,'jti':'gone','sub':'bob'}", true },
	{ "{'jti':'Gone'}", false }, { "{'jti':'gone '}", false }, { "{'jti':'gon'}", false },
	{ "{'jti':['gone']}", false }, { "{'jti':{'jti':'gone'}}", false }, { "{}", false },
	{ "{'x':{'jti':'gone'}}", false }, { "{'jti':'gone\\u0000'}", false }, { "{'jti':1}", false },
	{ "{'jti':''}", true }, { "{'jti':'\\u00e9\\n'}", true }, { "{'jti':'\xc3\xa9\\u000a'}", true },
	{ "{'sub':'gone'}", false }, { "{'jti':'alice'}", false },
	{ "{'sub':'alice'}", true }, { "{'sub':'\\u0061lice'}", true },
	{ "{'sub':'alice','iat':1000}", true }, { "{'sub':'alice','iat':1001}", false },
	{ "{'sub':'alice','iat':999}", true }, { "{'sub':'alice','iat':0}", true },
	{ "{'sub':'alice','iat':1000.0}", true }, { "{'sub':'alice','iat':1000.5}", true },
	{ "{'sub':'alice','iat':1000.999999}", true }, { "{'sub':'alice','iat':1001.0}", false },
	{ "{'sub':'alice','iat':1e3}", true }, { "{'sub':'alice','iat':1.0005e3}", true },
	{ "{'sub':'alice','iat':1.001e3}", false }, { "{'sub':'alice','iat':-0}", true },
	{ "{'sub':'alice','iat':-1}", true }, { "{'sub':'alice','iat':'2000'}", true },
	{ "{'sub':'alice','iat':null}", true }, { "{'sub':'alice','iat':[2000]}", true },
	{ "{'sub':'alice','iat':253402300799}", false },
	{ "{'sub':'alice','iat':253402300799.5}", true },
	{ "{'sub':'alice','iat':253402300800}", true },
	{ "{'sub':'alice','i\\u0061t':2000}", false },
	{ "{'sub':'alice','x':{'iat':2000}}", true },
	{ "{'sub':12345}", false }, { "{'sub':['x']}", false },
	{ "{'sub':'Alice'}", false }, { "{'sub':['alice']}", false }, { "{'sub':null}", false },
	{ "{'sub':'bob','iat':5}", false }, { "{'iat':5}", false },
	{ "{'n':'by its signing input'}", true }, { "{'n':'by its signing input' }", false },
};

static void
judging(void)
{
	struct revocations *list = new_list(SMALL);
	struct revocation r;
	struct jwt t;

	CHECK(!revocations_any(list), "nothing is taken back");
	CHECK(open_token(&t, "{'n':'by its signing input'}", TEXT) && revocation_of(&r, &t, NOW) &&
	    r.time == REVOCATION_NEVER && revocations_add(list, &r, NOW) == REVOCATION_NEW, "a token");
	add_jti(list, "gone", -1, NOW);
	add_jti(list, "", -1, NOW);
	add_jti(list, "\xc3\xa9\n", -1, NOW);
	add_subject(list, "alice", 1000);
	add_subject(list, "234", 1000);
	add_subject(list, "\"x\"", 1000);
	for (size_t i = 0; i < COUNT(judged); i++) {
		const char *claims = judged[i].claims;
		struct jwt_policy policy = { .revoked = list };
		size_t before;

		CHECK(open_token(&t, claims, TEXT), "%s", claims);
		before = t.text->n;
		CHECK(has(list, &t, NOW) == judged[i].revoked, "%s", claims);
		CHECK(t.text->n >= before && t.text->n <= before + strlen(claims) + 2 && !t.text->bad,
		    "scratch memory after %s", claims);
		CHECK(jwt_judge(&t, &policy, NOW) == (judged[i].revoked ? JWT_REVOKED : JWT_GOOD),
		    "%s", claims);
		policy.revoked = NULL;
		CHECK(jwt_judge(&t, &policy, NOW) == JWT_GOOD, "%s, without a list", claims);
	}
	/* for all, by itself */
	list = new_list(1);
	add_all(list, 1000);
	for (size_t i = 0; i < COUNT(judged); i++) {
		const char *claims = judged[i].claims;
		bool later = strstr(claims, "t':2000") != NULL && strstr(claims, "x':{") == NULL;

		later = later || strstr(claims, "t':1001") != NULL ||
		    strstr(claims, "t':1.001e3") != NULL || strstr(claims, "300799}") != NULL;
		CHECK(open_token(&t, claims, 0) && has(list, &t, NOW) != later, "all: %s",
		    claims);
	}
}

/* What counts for a subject and what counts for all are judged each by itself: neither hides the
 * other, whichever is later. */
static void
for_both(void)
{
	static const struct {
		int64_t all, alice;
		const char *claims;
		bool revoked;
	} rows[] = {
		{ 1000, 500, "{'sub':'alice','iat':700}", true },
		{ 1000, 500, "{'sub':'bob','iat':700}", true },
		{ 1000, 500, "{'sub':'alice','iat':1001}", false },
		{ 1000, 2000, "{'sub':'alice','iat':1500}", true },
		{ 1000, 2000, "{'sub':'bob','iat':1500}", false },
		{ 1000, 2000, "{'sub':'alice','iat':2001}", false },
	};

	for (size_t i = 0; i < 2 * COUNT(rows); i++) {
		struct revocations *list = new_list(SMALL);
		size_t row = i / 2;
		struct jwt t;

		if (i % 2)
			add_subject(list, "alice", rows[row].alice);
		add_all(list, rows[row].all);
		if (i % 2 == 0)
			add_subject(list, "alice", rows[row].alice);
		CHECK(open_token(&t, rows[row].claims, TEXT) &&
		    has(list, &t, NOW) == rows[row].revoked, "row %zu: %s", row, rows[row].claims);
	}
}

/* Both sides of each second, and of the room in the scratch memory. */
static void
ends(void)
{
	static const struct {
		const char *exp;
		int64_t time;           /* below 0: nothing is kept */
	} dates[] = {
		{ "10", 10 + 86700 }, { "10.5", 11 + 86700 }, { "0", 86700 }, { "'10'", -1 },
		{ "null", -1 }, { "-1", -1 }, { "253402300800", -1 },
		{ "253402300799", INT64_C(253402300799) + 86700 },
	};
	struct revocations *list;
	struct revocation r;
	struct jwt t;

	for (size_t i = 0; i < COUNT(dates); i++) {
		int64_t end = dates[i].time;
		char claims[64];

		list = new_list(1);
		snprintf(claims, sizeof claims, "{'jti':'x','exp':%s}", dates[i].exp);
		CHECK(open_token(&t, claims, TEXT), "%s", claims);
		CHECK(revocation_of(&r, &t, end < 0 ? 0 : end) == (end >= 0), "%s", claims);
		if (end < 0)
			continue;
		CHECK(r.time == end && !revocation_of(&r, &t, end + 1), "%s", claims);
		CHECK(revocations_add(list, &r, end) == REVOCATION_NEW &&
		    has(list, &t, end) && !has(list, &t, end + 1) &&
		    has(list, &t, 0), "%s", claims);
		CHECK(revocations_alive(list, end) == 1 && revocations_alive(list, end + 1) == 0 &&
		    revocations_count(list) == 1, "%s", claims);
	}
	list = new_list(2);
	add_jti(list, "other", -1, NOW);
	CHECK(open_token(&t, "{'jti':'\\u0061'}", 8) && revocation_of(&r, &t, NOW) &&
	    open_token(&t, "{'jti':'\\u0061'}", 8) && !has(list, &t, NOW), "just enough memory");
	CHECK(open_token(&t, "{'jti':'\\u0061'}", 7) && !revocation_of(&r, &t, NOW) &&
	    has(list, &t, NOW) && !t.text->bad, "a byte too few");
	CHECK(open_token(&t, "{'jti':'12345678'}", 0) && !has(list, &t, NOW), "nothing to unescape");
	CHECK(open_token(&t, "{}", 0) && !has(list, &t, NOW), "the signing input");
	list = new_list(2);
	add_subject(list, "other", NOW);
	CHECK(open_token(&t, "{'sub':'\\u0061'}", 7) && has(list, &t, NOW) &&
	    open_token(&t, "{'sub':'\\u0061'}", 8) && !has(list, &t, NOW), "of sub");
}

/* ---- the list */

static void
limits(void)
{
	CHECK(revocations_size(1 << 24) <= (size_t)64 << 24, "64 bytes an entry");
	for (unsigned max = 1; max <= 200; max++) {
		struct revocations *list = new_list(max);
		unsigned taken = 0, sound = 0;
		char jti[16];

		CHECK(max < 36 || revocations_size(max) <= 64 * max, "%u", max);
		CHECK(revocations_sound(list) && revocations_count(list) == 0 &&
		    revocations_have_room(list, max, NOW) && !revocations_have_room(list, max + 1, NOW) &&
		    !revocations_have_room(list, UINT32_MAX, NOW), "%u, empty", max);
		CHECK(max % 2 != 0 || add_all(list, 5) == REVOCATION_NEW, "all, first");
		for (unsigned i = 0; i < max + 3; i++) {
			snprintf(jti, sizeof jti, "%u", i);
			taken += add_jti(list, jti, i, 1) == REVOCATION_NEW;
			sound += revocations_sound(list);
		}
		CHECK(taken == max && sound == max + 3, "%u: %u, %u", max, taken, sound);
		CHECK(add_jti(list, "0", 0, 1) == REVOCATION_KNOWN &&
		    add_jti(list, "0", -1, 1) == REVOCATION_NEW &&
		    add_jti(list, "0", 7, 1) == REVOCATION_KNOWN &&
		    add_jti(list, "x", 7, 1) == REVOCATION_FULL &&
		    add_subject(list, "x", 1) == REVOCATION_FULL, "%u, full", max);
		CHECK(add_all(list, 6) == REVOCATION_NEW && add_all(list, 6) == REVOCATION_KNOWN &&
		    add_all(list, 5) == REVOCATION_KNOWN && add_all(list, 7) == REVOCATION_NEW &&
		    revocations_count(list) == max + 1 && revocations_sound(list), "all always fits");
		CHECK(!revocations_have_room(list, 1, 86701) && add_jti(list, "y", 100, 86701) ==
		    REVOCATION_FULL, "%u: in their last second", max);
		CHECK(add_jti(list, "y", -1, 86702 + max) == (max == 1 ? REVOCATION_FULL :
		    REVOCATION_NEW) && revocations_sound(list), "a second later");
	}
}

/* The dead stay while there is room, and what is dead when it comes takes no room from others. */
static void
dead(void)
{
	struct revocations *list = new_list(2);
	struct revocation r;
	struct jwt t;

	CHECK(add_jti(list, "a", 1, INT64_C(5000000000)) == REVOCATION_NEW &&
	    open_token(&t, "{'jti':'a'}", TEXT) && has(list, &t, NOW / 1000000),
	    "a clock that was far ahead makes nothing forgotten");
	CHECK(add_jti(list, "b", -1, 100000) == REVOCATION_NEW && revocations_count(list) == 2, "full");
	CHECK(add_jti(list, "c", -1, 100000) == REVOCATION_NEW && revocations_count(list) == 2 &&
	    !has(list, &t, 5), "in the place of the dead one");
	CHECK(add_jti(list, "d", 1, 100000) == REVOCATION_KNOWN &&
	    add_jti(list, "d", 100000, 100000) == REVOCATION_FULL, "dead, and alive");
	CHECK(!revocations_unfit(list), "fit");
	revocations_set_unfit(list, true);
	CHECK(revocations_unfit(list) && revocations_sound(list), "unfit");
	list = new_list(2);
	revocations_set_unfit(list, true);
	CHECK(!revocations_any(list), "unfit and empty");
	revocations_set_unfit(list, false);
	CHECK(!revocations_unfit(list), "fit again");
	revocation_of_all(&r, 5);
	r.kind = 't';
	CHECK(revocations_add(list, &r, 5) == REVOCATION_NEW && add_all(list, 4) ==
	    REVOCATION_NEW && revocations_sound(list), "a token whose name is that of all");
}

/* Many are cleared in parts, from any place on, and none that lives. */
static void
many(void)
{
	enum { MAX = 5000 };
	struct revocations *list = new_list(MAX);
	struct revocation r = { .kind = 't' };
	unsigned wrong = 0;

	for (unsigned i = 0; i < 20 * MAX; i++) {
		uint32_t word[4] = { i * 2654435761u, i, 0, 0 };
		bool stays = i % 40 == 0;

		memcpy(r.name, word, sizeof word);
		r.time = stays ? REVOCATION_NEVER : i + MAX / 3;
		wrong += revocations_add(list, &r, i) != REVOCATION_NEW;
	}
	CHECK(wrong == 0 && revocations_sound(list) && revocations_count(list) <= MAX &&
	    revocations_alive(list, 20 * MAX) >= 20 * MAX / 40 + MAX / 3 - 100, "%u wrong", wrong);
	for (unsigned i = 0; i < 20 * MAX; i += 40) {
		uint32_t word[4] = { i * 2654435761u, i, 0, 0 };

		memcpy(r.name, word, sizeof word);
		r.time = REVOCATION_NEVER;
		wrong += !revocations_knows(list, &r);
	}
	CHECK(wrong == 0, "%u forgotten", wrong);
}

static void
untouched(void)
{
	enum { MAX = 1 << 20, ADDED = 10 };
	size_t n = revocations_size(MAX), page = (size_t)sysconf(_SC_PAGESIZE), resident = 0;
	size_t pages = (n + page - 1) / page;
	uint8_t *memory = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned char *seen = malloc(pages);
	struct revocations *list;
	char jti[16];

	if (memory == MAP_FAILED || seen == NULL)
		abort();
	madvise(memory, n, MADV_NOHUGEPAGE);
	list = revocations_over(memory, MAX);
	for (unsigned i = 0; i < ADDED; i++) {
		snprintf(jti, sizeof jti, "%u", i);
		add_jti(list, jti, -1, NOW);
	}
	if (mincore(memory, n, seen) == 0)
		for (size_t i = 0; i < pages; i++)
			resident += seen[i] & 1;
	CHECK(resident <= 2 * ADDED + 1, "%zu pages", resident);
	free(seen);
	munmap(memory, n);
}

/* ---- a million operations, and a list that is as simple as can be beside them */

enum { TOKENS = 96, SUBJECTS = 32, NAMES = TOKENS + SUBJECTS + 1 };

static struct model {
	struct revocation entry[NAMES];
	bool there[NAMES];
	unsigned max, used;
	int64_t now;
} model;

/* Names of few homes, some of them at the table's end. */
static void
model_start(unsigned max)
{
	static const uint32_t first[] = { 0, 1, 0xffffffff, 0xfffffff0, 0xff000000, 0x80000000 };

	memset(&model, 0, sizeof model);
	model.max = max;
	model.now = NOW;
	for (uint32_t i = 0; i < NAMES - 1; i++) {
		uint32_t word[4] = { i % 3 == 0 ? test_random() : first[test_random() % COUNT(first)],
		    0, 0, i };

		memcpy(model.entry[i].name, word, sizeof word);
		model.entry[i].kind = i < TOKENS ? 't' : 's';
	}
	model.entry[NAMES - 1].kind = 'a';
}

static void
model_clear(void)
{
	for (unsigned i = 0; i < TOKENS; i++)
		if (model.there[i] && model.entry[i].time < model.now) {
			model.there[i] = false;
			model.used--;
		}
}

static enum revocation_added
model_add(unsigned i, int64_t time)
{
	struct revocation *e = &model.entry[i];

	if (model.there[i]) {
		if (time <= e->time)
			return REVOCATION_KNOWN;
		e->time = time;
		return REVOCATION_NEW;
	}
	if (e->kind != 'a') {
		if (model.used == model.max)
			model_clear();
		if (model.used == model.max)
			return e->kind == 't' && time < model.now ? REVOCATION_KNOWN
			    : REVOCATION_FULL;
		model.used++;
	}
	model.there[i] = true;
	e->time = time;
	return REVOCATION_NEW;
}

/* Steps of the clock, some of them long and some back. */
static void
model_tick(void)
{
	uint32_t x = test_random();

	if (x % 4 == 0)
		model.now += x >> 8 & 3;
	if (x % 500 == 1)
		model.now += (int64_t)(x >> 10 & 1023) - 512;
	if (x % 5000 == 2)
		model.now = NOW + (x >> 16 & 4095);
}

/* Whether the list has what the model has, entry for entry. */
static bool
model_agrees(struct revocations *list)
{
	unsigned at = 0, n = 0, alive = 0, used = model.used + model.there[NAMES - 1];
	struct revocation r;

	for (; revocations_next(list, &at, &r); n++) {
		unsigned i = 0;

		while (i < NAMES && memcmp(&model.entry[i].name, r.name, sizeof r.name) != 0)
			i++;
		if (i == NAMES || !model.there[i] || model.entry[i].kind != r.kind ||
		    model.entry[i].time != r.time)
			return false;
		alive += r.kind != 't' || r.time >= model.now;
	}
	return n == used && revocations_count(list) == used && revocations_sound(list) &&
	    revocations_alive(list, model.now) == alive;
}

static void
model_round(unsigned max, unsigned operations)
{
	struct revocations *list = new_list(max);
	unsigned wrong = 0, k = 0;

	model_start(max);
	for (; k < operations && wrong == 0; k++) {
		uint32_t x = test_random(), i = test_random() % NAMES;
		struct revocation r = model.entry[i];
		enum revocation_added want, got;
		bool known;

		model_tick();
		r.time = r.kind != 't' ? model.now : x % 64 == 0 ? REVOCATION_NEVER
		    : model.now + x % 220 - 20;
		known = model.there[i] && model.entry[i].time >= r.time;
		wrong += revocations_knows(list, &r) != known;
		if (x >> 8 & 1) {
			revocations_expect(list, &r);
			got = revocations_add(list, &r, model.now);
			want = model_add(i, r.time);
			wrong += got != want;
		}
		if ((x >> 9 & 31) == 0) {
			unsigned n = x >> 16 & 63;

			if (model.used + n > model.max)
				model_clear();
			wrong += revocations_have_room(list, n, model.now) !=
			    (model.used + n <= model.max);
		}
		wrong += k % 16 == 0 && !model_agrees(list);
	}
	CHECK(wrong == 0, "operation %u on a list of %u", k, max);
}

static void
model_rounds(void)
{
	for (unsigned i = 0; i < 64; i++)
		model_round(i % 2 ? SMALL - i / 8 : i / 2 + 1, 16384);
}

/* ---- one writes, three look: what was added is seen from then on, and nothing else ever is */

enum { READERS = 3, KEPT = 48, ROOM = 192, LOOKS = 100000, WRITES = 60000 };

/* Of times: the upper byte changes with every fourth, so that halves that don't belong together
 * show. */
#define UNIT (INT64_C(1) << 30)

static struct {
	struct revocations *list;
	struct revocation kept[KEPT];
	atomic_uint shown;                      /* of these, added for good */
	atomic_uint least[KEPT], most[KEPT];    /* of their times, in units */
	atomic_ulong looks, lost, dreamt;
	atomic_bool done;
} shared;

static struct revocation
crowded(char kind, uint32_t i, uint32_t last)
{
	static const uint32_t first[] = { 0, 0xfff00000, 0xffffffff, 0x800000, 0xfe000000 };
	uint32_t word[4] = { first[i % COUNT(first)], i, 0, last };
	struct revocation r = { .kind = kind };

	memcpy(r.name, word, sizeof word);
	return r;
}

static void *
look(void *seed)
{
	uint64_t x = (uint64_t)(uintptr_t)seed;
	unsigned long looks = 0, lost = 0, dreamt = 0;

	while (!atomic_load(&shared.done)) {
		unsigned n = atomic_load(&shared.shown), i;
		struct revocation r;

		x = x * 6364136223846793005u + 1442695040888963407u;
		if (n == 0)
			continue;
		i = (unsigned)(x >> 33) % n;
		r = shared.kept[i];
		r.time = atomic_load(&shared.least[i]) * UNIT;
		lost += !revocations_knows(shared.list, &r);
		r.time = atomic_load(&shared.most[i]) * UNIT + 1;
		dreamt += revocations_knows(shared.list, &r) &&
		    r.time > atomic_load(&shared.most[i]) * UNIT;
		r = crowded('t', (uint32_t)(x >> 40) % 1000, 2);        /* never added */
		dreamt += revocations_knows(shared.list, &r);
		looks += 3;
		if (looks % 300 == 0)
			atomic_fetch_add(&shared.looks, 300);
	}
	atomic_fetch_add(&shared.lost, lost);
	atomic_fetch_add(&shared.dreamt, dreamt);
	return NULL;
}

/* A later time for one that is kept, which is moved by that. */
static void
renew(unsigned i)
{
	unsigned time = atomic_load(&shared.most[i]) + 1;
	struct revocation r = shared.kept[i];

	r.time = time * UNIT;
	if (r.time > REVOCATION_NEVER)
		return;
	atomic_store(&shared.most[i], time);
	if (revocations_add(shared.list, &r, NOW) != REVOCATION_NEW)
		abort();
	atomic_store(&shared.least[i], time);
}

static void
write_beside(void)
{
	uint32_t i = 0;

	for (; i < WRITES || (atomic_load(&shared.looks) < LOOKS && i < 1u << 30); i++) {
		struct revocation r = crowded('t', i, 1);
		unsigned shown = atomic_load(&shared.shown);

		r.time = (int64_t)i << 8;       /* dead long before its place is needed */
		if (revocations_add(shared.list, &r, ((int64_t)i << 8) - 10000) != REVOCATION_NEW)
			abort();
		if (shown < KEPT && i % 512 == 0) {
			renew(shown);
			atomic_store(&shared.shown, shown + 1);
		} else if (shown > 0 && i % 16 == 0) {
			renew(i / 16 % shown);
		}
	}
}

static void
threads(void)
{
	pthread_t reader[READERS];

	shared.list = new_list(ROOM);
	for (unsigned i = 0; i < KEPT; i++)
		shared.kept[i] = crowded('s', i, 0);
	for (uintptr_t i = 0; i < READERS; i++)
		if (pthread_create(&reader[i], NULL, look, (void *)(i + 1)) != 0)
			abort();
	write_beside();
	atomic_store(&shared.done, true);
	for (unsigned i = 0; i < READERS; i++)
		pthread_join(reader[i], NULL);
	CHECK(shared.lost == 0, "%lu of %lu looks missed an entry", (unsigned long)shared.lost,
	    (unsigned long)shared.looks);
	CHECK(shared.dreamt == 0, "%lu looks found what never was", (unsigned long)shared.dreamt);
	CHECK(shared.looks >= LOOKS && revocations_sound(shared.list), "%lu looks",
	    (unsigned long)shared.looks);
}

void
test_revocations(void)
{
	names();
	lines();
	judging();
	for_both();
	ends();
	limits();
	dead();
	many();
	untouched();
	model_rounds();
	threads();
}
