#include "token/client_reader.h"

#include "system/log.h"
#include "system/memory.h"
#include "token/key_files.h"

enum { SHOWN_BYTES = 64 };              /* of a member's name */

struct str
client_kept(struct client_reader *r, size_t start)
{
	r->to->text_n = r->text.n;
	return (struct str){ r->text.p + start, r->text.n - start };
}

/* The client in hand by its id, or by its number where that can't be shown. */
static void
put_name(struct client_reader *r)
{
	unsigned at = r->doc.n > 0 ? json_member(&r->doc, 0, STR("client_id")) : 0;

	buf_text(r->why, ", client ");
	if (at != 0 && r->tok[at].type == JSON_STRING &&
	    client_is_id(json_raw(&r->doc, at).raw)) {
		buf_add(r->why, json_raw(&r->doc, at).raw);
	} else {
		buf_format(r->why, "%u of the list", r->to->n + 1);
	}
}

bool
client_fail(struct client_reader *r, size_t at, const char *phrase)
{
	size_t line = 1;

	for (size_t i = 0; i < at; i++)
		line += r->file.p[i] == '\n';
	buf_format(r->why, "line %zu, byte %zu", line, at);
	if (r->in_list)
		put_name(r);
	buf_format(r->why, ": %s", phrase);
	return false;
}

struct buf *
client_unknown(struct client_reader *r, unsigned tok)
{
	struct str name = json_text(&r->doc, tok);

	client_fail(r, r->tok[tok].at, "unknown member ");
	buf_put(r->why, name.p, name.n < SHOWN_BYTES ? name.n : SHOWN_BYTES);
	return r->why;
}

static bool
fail(struct client_reader *r, const char *phrase)
{
	return client_fail(r, r->at, phrase);
}

static bool
fail_file(struct client_reader *r)
{
	return fail(r, "write {\"clients\": [...]}");
}

static bool
malformed(struct client_reader *r, size_t at, const char *fault)
{
	struct buf *why = r->why;

	client_fail(r, at, "");
	buf_format(why, "malformed JSON: %s", fault);
	return false;
}

/* The next byte that is no white space; -1 at the end. */
static int
next(struct client_reader *r)
{
	while (r->at < r->file.n && json_is_space(r->file.p[r->at]))
		r->at++;
	return r->at < r->file.n ? (unsigned char)r->file.p[r->at] : -1;
}

static bool
parse_one(struct client_reader *r)
{
	return json_parse_one(&r->doc, r->tok, JSON_TOKENS_MAX, r->file, &r->at) ||
	    malformed(r, r->doc.fault_at, r->doc.fault);
}

/* The clients between the brackets. */
static bool
take_list(struct client_reader *r)
{
	int c = ',';

	if (next(r) != '[')
		return fail(r, "clients is an array");
	r->at++;
	r->in_list = true;
	if (next(r) == ']')
		c = ']';
	while (c == ',') {
		if (r->to->n == CLIENTS_MAX && next(r) != ']')
			return fail(r, "there are more than 1,024 clients");
		if (!parse_one(r) || !client_take(r))
			return false;
		r->doc.n = 0;
		c = next(r);
		r->at += c == ',';
	}
	r->in_list = false;
	r->to->list_end = r->at;
	if (c != ']')
		return malformed(r, r->at, "comma or closing bracket expected");
	r->at++;
	return true;
}

/* The name of the file's one member, and the colon behind it. */
static bool
take_name(struct client_reader *r)
{
	if (next(r) != '"')
		return fail_file(r);
	if (!parse_one(r))
		return false;
	if (!json_is(&r->doc, 0, STR("clients"))) {
		struct buf *why = client_unknown(r, 0);

		buf_text(why, "; the file has clients and nothing else");
		return false;
	}
	if (next(r) != ':')
		return malformed(r, r->at, "colon expected");
	r->at++;
	r->doc.n = 0;
	return true;
}

static bool
take_file(struct client_reader *r)
{
	if (next(r) != '{')
		return fail_file(r);
	r->at++;
	if (!take_name(r) || !take_list(r))
		return false;
	if (next(r) == ',') {
		r->at++;
		return take_name(r) && fail(r, "clients stands here a second time");
	}
	if (next(r) != '}')
		return malformed(r, r->at, "closing brace expected");
	r->at++;
	return next(r) < 0 || malformed(r, r->at, "something follows the value");
}

/* All words as a JSON array: none of them needs an escape. */
static void
put_scopes(struct client_reader *r)
{
	size_t start = r->text.n;

	if (r->all.n == 0 || !r->all_fit)
		return;
	for (unsigned i = 0; i < r->all.n; i++) {
		const char *word = r->text.p + r->all.at[i];

		buf_text(&r->text, i == 0 ? "[\"" : "\",\"");
		buf_put(&r->text, word, str_until(word, ' '));
	}
	buf_text(&r->text, "\"]");
	r->to->scopes = client_kept(r, start);
}

bool
clients_parse(struct clients *to, struct str text, const struct client_rules *rules,
    struct buf *why)
{
	struct client_reader r = {
		.to = to, .rules = rules, .why = why, .file = text,
		.text = buf_over(to->text, sizeof to->text),
		.own.text = to->text, .all.text = to->text, .all_n = 1, .all_fit = true
	};

	sha512(r.empty, "", 0);
	to->print = json_sip_hash((struct json_string){ text, false });
	to->digests = 1;
	if (rules->claims.audience != NULL) {
		json_quote(&r.text, str_from(rules->claims.audience));
		r.aud = client_kept(&r, 0);
	}
	if (!take_file(&r))
		return false;
	put_scopes(&r);
	return true;
}

bool
clients_read(struct buf *b, mode_t *mode, const char *path, bool serving, struct buf *why)
{
	if (key_file_bytes(b, mode, path, serving, why))
		return true;
	if (b->n == b->cap)
		buf_text(why, ": 4 MiB are the most");
	return false;
}

bool
clients_load(struct clients *to, const char *path, bool serving, const struct client_rules *rules,
    struct buf *why)
{
	struct buf b = buf_over(to->file, sizeof to->file);
	mode_t mode;
	bool ok = clients_read(&b, &mode, path, serving, why) &&
	    clients_parse(to, buf_str(&b), rules, why);

	wipe(to->file, b.n);
	memory_release(to->file, sizeof to->file);
	if (!ok) {
		clients_wipe(to);
		return false;
	}
	key_file_warn(mode, path);
	if (to->strangers > 0)
		log_line("warning: clients file %s: clients with an aud that no --audience has: "
		    "%u, the first is %.*s; /auth may refuse their tokens", path, to->strangers,
		    (int)to->client[to->stranger].id.n, to->client[to->stranger].id.p);
	return true;
}
