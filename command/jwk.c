/* jwk and public: write key files as a JWK or a JWK Set. */
#include "command/commands.h"

#include "command/io.h"
#include "system/log.h"
#include "token/key_files.h"

static const char set_begin[] = "{\"keys\":[";

/* A file that is being written as JSON. */
struct writing {
	struct key_ring *ring;          /* what serving would make of all the files */
	struct buf *out;                /* of each key; NULL: all that is wanted is the ring */
	const char *path, *kid;         /* kid: NULL: as the file says */
	unsigned taken;                 /* of the file's keys */
};

void
command_check_kids(const struct options *o)
{
	for (unsigned i = 0; i < o->kid.n; i++) {
		char text[6 * KEY_ID_MAX + 2];
		struct buf b = buf_over(text, sizeof text);
		struct json_tok tok[1];
		struct json doc;

		if (strlen(o->kid.item[i]) > KEY_ID_MAX)
			die("--kid takes 1 to %d bytes", KEY_ID_MAX);
		json_quote(&b, str_from(o->kid.item[i]));
		if (!json_parse(&doc, tok, 1, buf_str(&b)))
			die("--kid takes UTF-8");
	}
}

static bool
take(void *to, const struct jwk *found, struct buf *why)
{
	struct writing *w = to;
	unsigned before = w->ring->n;
	struct jwk key = *found;

	if (w->kid != NULL) {
		key.has_id = true;
		key.id = str_from(w->kid);
		if (w->taken++ > 0) {
			buf_text(why, "it holds several keys, and --kid names one");
			return false;
		}
	}
	if (!keys_add_jwk(w->ring, w->path, &key, why))
		return false;
	if (w->out != NULL && w->ring->n > before) {
		if (key.alg == JWT_EDDSA)
			key.x = keys_public(&w->ring->key[before]);
		buf_text(w->out, before > 0 ? "," : "");
		jwk_put(w->out, &key);
	}
	return true;
}

/* Reads all the files into the ring. */
static void
read_files(struct key_ring *ring, struct buf *out, const struct options *o)
{
	char message[512];
	struct buf why = buf_over(message, sizeof message);
	const char *command = command_row(o->command).word;

	if (o->file.n == 0)
		die("%s needs a FILE, or several: 'jwtd %s key'", command, command);
	if (o->kid.n > o->file.n)
		die("--kid is given more often than there are files");
	command_check_kids(o);
	for (unsigned i = 0; i < o->file.n; i++) {
		struct writing w = { ring, out, o->file.item[i],
		    i < o->kid.n ? o->kid.item[i] : NULL, 0 };

		if (!key_file_read(w.path, false, take, &w, &why))
			die("key file %s: %.*s", w.path, (int)why.n, message);
	}
}

static void
print(struct buf *b, struct str text)
{
	buf_text(b, "\n");
	text.n++;
	if (b->bad)
		die("this would be larger than a key file may be: %d bytes", KEY_FILE_MAX);
	command_print(text);
}

static struct key_ring ring;
static char text[KEY_FILE_MAX];

int
command_jwk(struct options *o)
{
	struct buf b = buf_over(text, sizeof text);
	struct str result;

	buf_text(&b, set_begin);
	read_files(&ring, &b, o);
	result = buf_str(&b);
	if (o->file.n > 1 || ring.n > 1) {
		buf_text(&b, "]}");
		result.n = b.n;
	} else {
		result.p += sizeof set_begin - 1;
		result.n -= sizeof set_begin - 1;
	}
	print(&b, result);
	keys_wipe(&ring);
	wipe(text, sizeof text);
	return 0;
}

int
command_public(struct options *o)
{
	struct buf b = buf_over(text, sizeof text);

	read_files(&ring, NULL, o);
	if (!keys_have_public(&ring))
		die("no key here has a public part: one of HS512 or HS256 is a secret");
	jwk_put_set(&b, &ring);
	print(&b, buf_str(&b));
	keys_wipe(&ring);
	return 0;
}
