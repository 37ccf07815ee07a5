#include "command/cli.h"

#include "base64url.h"
#include "command/show.h"
#include "server/loop.h"
#include "settings/config.h"
#include "settings/options_help.h"
#include "system/listen.h"
#include "system/log.h"
#include "system/nonce.h"
#include "token/claims.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	INPUT_MAX = 65536,              /* bytes of a token or of claims that are read */
	SHOWN_MAX = 1 << 20,            /* bytes that they may take when spread out */
	HELP_BYTES = 16384,
	KEY_BYTES = 64,                 /* of randomness in a key that is made */
	HEALTH_SECONDS = 5              /* for connecting, for sending, and for the answer */
};

_Static_assert((int)NONCE == (int)CLAIMS_NONCE, "a nonce is what a token's id wants");

static char input[INPUT_MAX + 1];
static struct jwt_scratch scratch;
static char scratch_text[2 * INPUT_MAX];

/* Writes it to the last byte. */
static bool
write_all(int fd, struct str text)
{
	while (text.n > 0) {
		ssize_t n = write(fd, text.p, text.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		text.p += n;
		text.n -= (size_t)n;
	}
	return true;
}

static void
print(struct str text)
{
	if (!write_all(STDOUT_FILENO, text))
		die("standard output: %s", errno == ENOTCONN ? "it is closed" : strerror(errno));
}

/* One line of JSON for a program, more of it for a person. */
static void
print_json(struct str text)
{
	static char out[SHOWN_MAX];
	struct buf b = buf_over(out, sizeof out);
	const char *no_color = getenv("NO_COLOR");

	if (isatty(STDOUT_FILENO)) {
		show_json(&b, text, no_color == NULL || no_color[0] == '\0');
	} else {
		json_put_compact(&b, text);
		buf_text(&b, "\n");
	}
	if (b.bad)
		die("it is too large to be shown: write it to a file");
	print(buf_str(&b));
}

static noreturn void
refuse(struct buf *why)
{
	die("%.*s", (int)why->n, why->p);
}

/* Reads all of it into `input`; `name` is for the message. */
static struct str
read_input(int fd, const char *name)
{
	size_t n = 0;

	while (n < sizeof input) {
		ssize_t got = read(fd, input + n, sizeof input - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			die("%s: %s", name, strerror(errno));
		if (got == 0)
			return (struct str){ input, n };
		n += (size_t)got;
	}
	die("%s: more than %d bytes", name, INPUT_MAX);
}

/* The token from the argument, else from standard input; a newline behind it is the shell's. */
static struct str
read_token(const struct options *o)
{
	struct str token;

	if (o->argument != NULL && strcmp(o->argument, "-") != 0)
		return str_from(o->argument);
	if (isatty(STDIN_FILENO))
		log_line("reading the token from standard input");
	token = read_input(STDIN_FILENO, "standard input");
	if (token.n > 0 && token.p[token.n - 1] == '\n')
		token.n--;
	if (token.n > 0 && token.p[token.n - 1] == '\r')
		token.n--;
	return token;
}

static void
load_keys(struct key_ring *ring, struct options *o)
{
	char message[CONFIG_MESSAGE];
	struct buf why = buf_over(message, sizeof message);

	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);     /* no core dump holds them */
	if (!config_complete(o, &why, getenv) || !config_load(ring, o, &why))
		refuse(&why);
}

static int64_t
clock_or_die(void)
{
	int64_t now = time(NULL);

	if (now < JWT_CLOCK_FLOOR)
		die("the clock of this host is not set");
	return now;
}

static struct nonces *
random_numbers(void)
{
	static struct nonces nonces;
	const char *why;

	if (!nonce_open(&nonces.fd, &why))
		die("/dev/urandom: %s", why);
	return &nonces;
}

static const uint8_t *
random_or_die(struct nonces *nonces)
{
	const uint8_t *nonce = nonce_next(nonces);

	if (nonce == NULL)
		die("the kernel gives no random numbers");
	return nonce;
}

enum { SHOWN_BYTES = 64 };              /* of what was given */

/* Appends a member from "NAME=VALUE". */
static void
add_claim(struct buf *claims, const char *option, const char *given, bool is_json)
{
	const char *equals = strchr(given, '=');
	struct json doc;

	if (equals == NULL || equals == given)
		die("%s takes NAME=%s, not '%.*s'", option, is_json ? "JSON" : "TEXT",
		    (int)strnlen(given, SHOWN_BYTES), given);
	if (is_json && !json_parse(&doc, scratch.tok, JSON_TOKENS_MAX, str_from(equals + 1)))
		die("%s %.*s: malformed JSON: %s at byte %zu", option,
		    (int)(equals - given < SHOWN_BYTES ? equals - given : SHOWN_BYTES), given,
		    doc.fault, doc.fault_at);
	buf_text(claims, claims->n > 1 ? "," : "");
	json_quote(claims, (struct str){ given, (size_t)(equals - given) });
	buf_text(claims, ":");
	if (is_json)
		buf_text(claims, equals + 1);
	else
		json_quote(claims, str_from(equals + 1));
}

static void
add_claims_file(struct buf *claims, const char *path)
{
	bool standard = strcmp(path, "-") == 0;
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	struct json doc;
	struct str text;

	if (fd < 0)
		die("claims file %s: %s", path, strerror(errno));
	text = read_input(fd, standard ? "standard input" : path);
	if (!standard)
		close(fd);
	if (!json_parse(&doc, scratch.tok, JSON_TOKENS_MAX, text))
		die("claims file %s: malformed JSON: %s at byte %zu", path, doc.fault,
		    doc.fault_at);
	if (doc.tok[0].type != JSON_OBJECT)
		die("claims file %s: not a JSON object", path);
	text = json_text(&doc, 0);
	buf_put(claims, text.p + 1, doc.n > 1 ? text.n - 2 : 0);        /* without its braces */
}

/* What the caller says, as one object. */
static void
gather_claims(struct json *doc, const struct options *o)
{
	static char text[4 * INPUT_MAX];
	struct buf claims = buf_over(text, sizeof text);

	buf_text(&claims, "{");
	if (o->claims_file != NULL)
		add_claims_file(&claims, o->claims_file);
	for (unsigned i = 0; i < o->claim.n; i++)
		add_claim(&claims, "--claim", o->claim.item[i], false);
	for (unsigned i = 0; i < o->claim_json.n; i++)
		add_claim(&claims, "--claim-json", o->claim_json.item[i], true);
	buf_text(&claims, "}");
	if (claims.bad)
		die("the claims are too large for a token");
	if (!json_parse(doc, scratch.tok, JSON_TOKENS_MAX, buf_str(&claims)))
		die("the claims: %s: %.*s", doc->fault,
		    (int)strnlen(text + doc->fault_at, SHOWN_BYTES), text + doc->fault_at);
}

static int
sign(struct options *o)
{
	static struct key_ring ring;
	static char claims_text[JWT_MAX], token_text[2 * JWT_MAX];
	struct buf claims = buf_over(claims_text, sizeof claims_text),
	    token = buf_over(token_text, sizeof token_text);
	struct claims_setting setting = config_claims(o);
	struct claims_stamp stamp;
	char message[CONFIG_MESSAGE];
	struct buf why = buf_over(message, sizeof message);
	struct json doc;

	if (o->expires_in > 0)
		setting.expires_in = o->expires_in;
	load_keys(&ring, o);
	gather_claims(&doc, o);
	stamp.now = clock_or_die();
	stamp.nonce = random_or_die(random_numbers());
	if (!claims_issue(&claims, &setting, &stamp, &doc, 0, &why))
		die("%.*s; 'jwtd help sign' lists what there is", (int)why.n, why.p);
	if (claims.bad || jwt_length(&ring.key[0], claims.n) > JWT_MAX)
		die("the claims are too large: a token has at most %d bytes", JWT_MAX);
	jwt_mint(&token, &ring.key[0], buf_str(&claims));
	keys_wipe(&ring);
	buf_text(&token, "\n");
	print(buf_str(&token));
	return 0;
}

static void
say_malformed(const struct jwt *t)
{
	if (t->fault_at > 0)
		log_line("malformed: %s: %s at byte %zu", t->part, t->fault, t->fault_at);
	else
		log_line("malformed: %s: %s", t->part, t->fault);
}

static int
verify(struct options *o)
{
	static struct key_ring ring;
	struct jwt_policy policy = config_policy(o);
	enum jwt_verdict verdict;
	struct str token;
	int64_t now;
	struct jwt t;

	load_keys(&ring, o);
	token = read_token(o);
	now = clock_or_die();
	if (!jwt_open(&t, &scratch, token)) {
		say_malformed(&t);
		return 1;
	}
	verdict = keys_judge(&ring, &t, &policy, now);
	keys_wipe(&ring);
	if (verdict != JWT_GOOD) {
		log_line("%s: %s", jwt_verdict_name(verdict), jwt_verdict_text(verdict));
		return 1;
	}
	print_json(t.claims);
	return 0;
}

static int
decode(const struct options *o)
{
	static char text[2 * INPUT_MAX];
	struct buf b = buf_over(text, sizeof text);
	struct jwt t;

	if (!jwt_open(&t, &scratch, read_token(o))) {
		say_malformed(&t);
		return 2;
	}
	buf_text(&b, "{\"verified\":false,\"header\":");
	buf_add(&b, t.header);
	buf_text(&b, ",\"claims\":");
	buf_add(&b, t.claims);
	buf_text(&b, "}");
	log_line("not verified: anybody can write such a token");
	print_json(buf_str(&b));
	return 0;
}

/* 128 lowercase hexadecimal digits, which are the key as they stand. */
static void
make_key(struct buf *key)
{
	struct nonces *nonces = random_numbers();

	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	for (int i = 0; i < KEY_BYTES / NONCE; i++)
		buf_hex(key, random_or_die(nonces), NONCE);
	wipe(nonces, sizeof *nonces);
}

/* RFC 7517, RFC 7518 6.4. */
static void
put_jwk(struct buf *b, struct str key, const char *kid)
{
	buf_text(b, "{\"kty\":\"oct\",\"use\":\"sig\",\"alg\":\"HS512\",");
	if (kid != NULL) {
		buf_text(b, "\"kid\":");
		json_quote(b, str_from(kid));
		buf_text(b, ",");
	}
	buf_text(b, "\"k\":\"");
	b->n += base64url_encode(b->p + b->n, key.p, key.n);
	buf_text(b, "\"}");
}

/* To a file that is not there yet, and that nobody else may read. */
static void
write_new(const char *path, struct str text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool ok;

	if (fd < 0)
		die("%s: %s", path, errno == EEXIST ? "there is such a file already; it stays as "
		    "it is" : strerror(errno));
	ok = write_all(fd, text) && fsync(fd) == 0;
	ok = close(fd) == 0 && ok;
	if (!ok) {
		unlink(path);
		die("%s: it could not be written whole", path);
	}
}

static int
keygen(const struct options *o)
{
	char digits[2 * KEY_BYTES], text[1024];
	struct buf key = buf_over(digits, sizeof digits), b = buf_over(text, sizeof text);
	struct json_tok tok[16];
	struct json doc;

	if (o->kid != NULL && !o->jwk)
		die("--kid is for a JWK: give --jwk too");
	if (o->kid != NULL && strlen(o->kid) > KEY_ID_MAX)
		die("--kid takes 1 to %d bytes", KEY_ID_MAX);
	make_key(&key);
	if (o->jwk)
		put_jwk(&b, buf_str(&key), o->kid);
	else
		buf_add(&b, buf_str(&key));
	if (o->jwk && !json_parse(&doc, tok, 16, buf_str(&b)))
		die("--kid takes UTF-8");
	buf_text(&b, "\n");
	if (o->argument != NULL)
		write_new(o->argument, buf_str(&b));
	else
		print(buf_str(&b));
	wipe(digits, sizeof digits);
	wipe(text, sizeof text);
	return 0;
}

/* Sends the question and takes the beginning of the answer: a byte now and then is none. */
static bool
ask(int fd, struct str question, struct buf *answer)
{
	int64_t end = loop_clock() + HEALTH_SECONDS * INT64_C(1000000);

	if (send(fd, question.p, question.n, MSG_NOSIGNAL) != (ssize_t)question.n)
		return false;
	while (answer->n < answer->cap && loop_clock() < end) {
		ssize_t n = recv(fd, answer->p + answer->n, answer->cap - answer->n, 0);

		if (n <= 0)
			return n == 0;
		answer->n += (size_t)n;
	}
	return answer->n == answer->cap;
}

/* Bytes up to the end of the first line. */
static size_t
line_length(const struct buf *b)
{
	const char *end = memchr(b->p, '\r', b->n);

	return end != NULL ? (size_t)(end - b->p) : b->n;
}

static int
health(const struct options *o)
{
	const char *why, *address = o->argument != NULL ? o->argument :
	    o->listen.n > 0 ? o->listen.item[0] : OPTIONS_LISTEN;
	static const char good[] = "HTTP/1.1 200 ";
	char text[1024], start[64];
	struct buf question = buf_over(text, sizeof text), answer = buf_over(start, sizeof start);
	bool mistaken, answered;
	int fd = listen_reach(address, HEALTH_SECONDS, &why, &mistaken);

	if (mistaken)
		die("%s%s: %s", o->argument != NULL ? "" : "--listen ", address, why);
	if (fd < 0) {
		log_line("%s: %s", address, why);
		return 1;
	}
	buf_text(&question, "GET /healthz HTTP/1.1\r\nConnection: close\r\nHost: ");
	buf_text(&question, o->host.n > 0 ? o->host.item[0] :
	    strncmp(address, "unix:", 5) == 0 ? "localhost" : address);
	buf_text(&question, "\r\n\r\n");
	answered = ask(fd, buf_str(&question), &answer);
	close(fd);
	if (answer.n >= sizeof good - 1 && memcmp(start, good, sizeof good - 1) == 0) {
		print(STR("ok\n"));
		return 0;
	}
	if (answered && answer.n > 0)
		log_line("%s: it is not well: %.*s", address, (int)line_length(&answer), start);
	else
		log_line("%s: no answer", address);
	return 1;
}

static int
help(const struct options *o)
{
	static char text[HELP_BYTES];
	struct buf b = buf_over(text, sizeof text);

	options_help(&b, o->has_topic ? &o->topic : NULL);
	print(buf_str(&b));
	return 0;
}

int
cli_run(struct options *o)
{
	scratch.text = buf_over(scratch_text, sizeof scratch_text);
	switch (o->command) {
	case COMMAND_SIGN: return sign(o);
	case COMMAND_VERIFY: return verify(o);
	case COMMAND_DECODE: return decode(o);
	case COMMAND_KEYGEN: return keygen(o);
	case COMMAND_HEALTH: return health(o);
	case COMMAND_HELP: return help(o);
	case COMMAND_VERSION:
		print(STR("jwtd " OPTIONS_VERSION "\n"));
		return 0;
	case COMMAND_SERVE:
	case COMMAND_CHECK:
		break;
	}
	return 2;
}
