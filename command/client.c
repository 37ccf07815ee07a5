/* client: makes a secret for a machine, and its entry in a clients file. */
#include "command/commands.h"

#include "base64url.h"
#include "command/io.h"
#include "system/log.h"
#include "system/replace.h"
#include "system/signals.h"
#include "system/trouble.h"
#include "system/whole.h"
#include "token/clients.h"
#include "token/key_files.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	SECRET = 43,                    /* characters: base64url of two nonces */
	ENTRY_MAX = 65536               /* bytes; no token has room for more */
};

/* As they are random, one SHA-512 of them is enough in the file. */
static void
make_secret(char secret[SECRET], uint8_t digest[SHA512_DIGEST])
{
	struct nonces *nonces = command_nonces();
	uint8_t bytes[2 * NONCE];

	memcpy(bytes, command_nonce(nonces), NONCE);
	memcpy(bytes + NONCE, command_nonce(nonces), NONCE);
	base64url_encode(secret, bytes, sizeof bytes);
	sha512(digest, secret, SECRET);
	wipe(bytes, sizeof bytes);
	wipe(nonces, sizeof *nonces);
}

/* One audience is a string, as most readers of tokens expect it. */
static void
put_audiences(struct buf *b, const struct option_list *list)
{
	buf_text(b, list->n > 1 ? ",\"aud\":[" : ",\"aud\":");
	for (unsigned i = 0; i < list->n; i++) {
		buf_text(b, i > 0 ? "," : "");
		json_quote(b, str_from(list->item[i]));
	}
	buf_text(b, list->n > 1 ? "]" : "");
}

static void
put_entry(struct buf *b, const struct options *o, const uint8_t digest[SHA512_DIGEST])
{
	buf_format(b, "{\"client_id\":\"%s\",\"secret_sha512\":\"", o->argument);
	buf_hex(b, digest, SHA512_DIGEST);
	buf_text(b, "\"");
	if (o->scope != NULL) {
		buf_text(b, ",\"scope\":");
		json_quote(b, str_from(o->scope));
	}
	if (o->audience.n > 0)
		put_audiences(b, &o->audience);
	buf_text(b, "}");
}

/* What is there, or what stands for it. */
static void
read_file(struct buf *b, const char *path)
{
	char message[256];
	struct buf why = buf_over(message, sizeof message);
	struct stat st;
	mode_t mode;

	if (path == NULL || (lstat(path, &st) != 0 && errno == ENOENT))
		buf_text(b, "{\"clients\": [\n]}\n");
	else if (!clients_read(b, &mode, path, false, &why))
		die("clients file %s: %.*s", path, (int)why.n, message);
}

/* Reads clients as the server will, but for what hangs on its options. */
static bool
parse(struct clients *clients, struct str text, struct buf *why)
{
	const struct client_rules rules = { .claims.expires_in = 1, .max_ttl = UINT32_MAX };

	clients_wipe(clients);
	if (text.n <= CLIENTS_FILE_MAX)
		return clients_parse(clients, text, &rules, why);
	buf_text(why, "it is too large");
	return false;
}

/* The text of the file with the entry at the end of its list. */
static void
compose(struct buf *out, const struct options *o, struct str entry)
{
	static struct clients clients;
	static char old_text[CLIENTS_FILE_MAX + 1];
	struct buf old = buf_over(old_text, sizeof old_text);
	const char *name = o->clients_file != NULL ? o->clients_file : "";
	char message[1024];
	struct buf why = buf_over(message, sizeof message);
	size_t end;

	read_file(&old, o->clients_file);
	if (!parse(&clients, buf_str(&old), &why))
		die("clients file %s: %.*s", name, (int)why.n, message);
	if (clients_find(&clients, str_from(o->argument)) != NULL)
		die("clients file %s: it has a client %s already", name, o->argument);
	end = clients.list_end;
	while (json_is_space(old.p[end - 1]))
		end--;
	buf_put(out, old.p, end);
	buf_text(out, clients.n > 0 ? ",\n  " : "\n  ");
	json_put_spaced(out, entry);
	buf_text(out, "\n");
	buf_put(out, old.p + clients.list_end, old.n - clients.list_end);
	if (!parse(&clients, buf_str(out), &why))
		die("the new entry: %.*s", (int)why.n, message);
}

/* No secret is left without an entry. */
static noreturn void
give_up(const struct options *o, struct buf *why)
{
	if (o->secret_file != NULL)
		unlink(o->secret_file);
	if (why == NULL)
		command_no_output();
	else
		die("%.*s; no client was made", (int)why->n, why->p);
}

/* Has the new text lie beside the file, unless that has changed since it was read. */
static void
prepare(struct replacement *r, const struct options *o, const struct key_stamp *was,
    struct str text, struct buf *why)
{
	struct key_stamp now;

	if (!replace_begin(r, o->clients_file, false, why))
		give_up(o, why);
	now = keys_stamp(o->clients_file);
	if (!keys_same_stamp(was, &now)) {
		replace_cancel(r);
		buf_format(why, "%s: it was changed meanwhile", o->clients_file);
		give_up(o, why);
	}
	if (!replace_write(r, text, why))
		give_up(o, why);
}

/* Writes it all: to disk, to standard output, and then the file is another one. */
static void
finish(const struct options *o, const struct key_stamp *was, struct str text, struct str entry,
    struct str secret)
{
	char message[2 * PATH_MAX];
	struct buf why = buf_over(message, sizeof message);
	struct replacement r;

	if (o->secret_file != NULL)
		command_write_new(o->secret_file, secret);
	if (o->clients_file != NULL)
		prepare(&r, o, was, text, &why);
	if (!command_show_json(entry)) {
		if (o->clients_file != NULL)
			replace_cancel(&r);
		give_up(o, NULL);
	}
	if (o->clients_file != NULL && !replace_commit(&r, &why))
		give_up(o, &why);
	if (o->secret_file != NULL)
		return;
	log_line("the secret of %s, which is shown this once:", o->argument);
	if (!whole_write(STDERR_FILENO, secret))
		die("standard error: %s", trouble());
}

int
command_client(struct options *o)
{
	static char text[CLIENTS_FILE_MAX + 2 * ENTRY_MAX];
	char entry_text[ENTRY_MAX], secret[SECRET + 1];
	struct buf file = buf_over(text, sizeof text), entry = buf_over(entry_text, ENTRY_MAX);
	uint8_t digest[SHA512_DIGEST];
	struct key_stamp was = keys_stamp(o->clients_file != NULL ? o->clients_file : "");

	if (o->argument == NULL || !client_is_id(str_from(o->argument)))
		die("a client's ID has 1 to 64 of A-Z a-z 0-9 - _ . ~; 'jwtd help client' shows "
		    "how to make one");
	if (o->secret_file == NULL && !command_is_terminal(STDERR_FILENO))
		die("give --secret-file NEW: standard error is no terminal that could show the "
		    "secret");
	/* A write fails then, and nothing is left behind. */
	if (!signals_ignore(SIGPIPE) || !signals_ignore(SIGXFSZ))
		die("taking signals: %s", trouble());
	make_secret(secret, digest);
	secret[SECRET] = '\n';
	put_entry(&entry, o, digest);
	if (entry.bad)
		die("scope and audiences are too large for a token");
	compose(&file, o, buf_str(&entry));
	finish(o, &was, buf_str(&file), buf_str(&entry), (struct str){ secret, sizeof secret });
	wipe(secret, sizeof secret);
	return 0;
}
