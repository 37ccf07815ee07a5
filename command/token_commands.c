/* sign, verify and decode: the commands that take or make a token. */
#include "command/commands.h"

#include "command/io.h"
#include "settings/config.h"
#include "settings/environment.h"
#include "system/log.h"
#include "system/trouble.h"
#include "token/claims.h"

#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

_Static_assert((int)NONCE == (int)CLAIMS_NONCE, "a nonce is what a token's id wants");

static struct jwt_scratch scratch;

/* Memory for what a token says. Not set where it is declared: it would lie in the file. */
static struct jwt_scratch *
scratch_memory(void)
{
	static char text[2 * COMMAND_INPUT_MAX];

	scratch.text = buf_over(text, sizeof text);
	return &scratch;
}

static noreturn void
refuse(struct buf *why)
{
	die("%.*s", (int)why->n, why->p);
}

/* The token from the argument, else from standard input; a newline behind it is the shell's. */
static struct str
read_token(const struct options *o)
{
	struct str token;

	if (o->argument != NULL && strcmp(o->argument, "-") != 0)
		return str_from(o->argument);
	if (command_is_terminal(STDIN_FILENO))
		log_line("reading the token from standard input");
	token = command_read(STDIN_FILENO, "standard input");
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

	if (!config_complete(o, &why, environment_value) || !config_load(ring, o, &why))
		refuse(&why);
}

int64_t
command_clock(void)
{
	int64_t now = time(NULL);

	if (now < JWT_CLOCK_FLOOR)
		die("the clock of this host is not set");
	return now;
}

enum { SHOWN_BYTES = 64 };              /* of what was given */

static bool
is_letter(char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* Appends a member from "NAME=VALUE". */
static void
add_claim(struct buf *claims, const char *option, const char *given, bool is_json)
{
	size_t n = str_until(given, '=');
	const char *value = given + n + 1;      /* where there is one */
	struct json doc;

	if (n == 0 || given[n] == '\0')
		die("%s takes NAME=%s, not '%.*s'", option, is_json ? "JSON" : "TEXT",
		    (int)strnlen(given, SHOWN_BYTES), given);
	if (is_json && !json_parse(&doc, scratch.tok, JSON_TOKENS_MAX, str_from(value))) {
		bool word = is_letter(value[doc.fault_at]);

		die("%s %.*s: malformed JSON: %s at byte %zu%s", option,
		    (int)(n < SHOWN_BYTES ? n : SHOWN_BYTES), given, doc.fault, doc.fault_at,
		    word ? "; text needs quotes, as in [\"ops\"]" : "");
	}
	buf_text(claims, claims->n > 1 ? "," : "");
	json_quote(claims, (struct str){ given, n });
	buf_text(claims, ":");
	if (is_json)
		buf_text(claims, value);
	else
		json_quote(claims, str_from(value));
}

static void
add_claims_file(struct buf *claims, const char *path)
{
	bool standard = strcmp(path, "-") == 0;
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	struct json doc;
	struct str text;

	if (fd < 0)
		die("claims file %s: %s", path, trouble());
	text = command_read(fd, standard ? "standard input" : path);
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
	static char text[4 * COMMAND_INPUT_MAX];
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

int
command_sign(struct options *o)
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
	if (ring.signer == NULL)
		die("none of these keys may sign: a public part alone can't");
	gather_claims(&doc, o);
	stamp.now = command_clock();
	stamp.nonce = command_nonce(command_nonces());
	if (!claims_issue(&claims, &setting, &stamp, &doc, 0, &why))
		die("%.*s; 'jwtd help sign' lists what there is", (int)why.n, why.p);
	if (claims.bad || jwt_length(ring.signer, claims.n) > JWT_MAX)
		die("the claims are too large: a token has at most %d bytes", JWT_MAX);
	jwt_mint(&token, ring.signer, buf_str(&claims));
	keys_wipe(&ring);
	buf_text(&token, "\n");
	command_print(buf_str(&token));
	return 0;
}

bool
command_open_token(struct jwt *t, const struct options *o)
{
	struct str token = read_token(o);

	if (jwt_open(t, scratch_memory(), token))
		return true;
	if (token.n == 0 && o->command == COMMAND_REVOKE)
		die("no token came: give a TOKEN, --jti with --until, --sub or --all");
	if (t->fault_at > 0)
		log_line("malformed: %s: %s at byte %zu", t->part, t->fault, t->fault_at);
	else
		log_line("malformed: %s: %s", t->part, t->fault);
	return false;
}

int
command_verify(struct options *o)
{
	static struct key_ring ring;
	static struct demand required[OPTION_LIST_MAX];
	struct jwt_policy policy = config_policy(o, required);
	char reason[JWT_REASON_MAX];
	struct buf why = buf_over(reason, sizeof reason);
	enum jwt_verdict verdict;
	int64_t now;
	struct jwt t;

	load_keys(&ring, o);
	now = command_clock();
	if (!command_open_token(&t, o))
		return 1;
	policy.revoked = command_revocations(o, now);
	verdict = keys_judge(&ring, &t, &policy, now);
	keys_wipe(&ring);
	if (verdict != JWT_GOOD) {
		jwt_put_reason(&why, &t, verdict);
		log_line("%s: %.*s", jwt_verdict_name(verdict), (int)why.n, why.p);
		return 1;
	}
	command_print_json(t.claims);
	return 0;
}

int
command_decode(struct options *o)
{
	static char text[2 * COMMAND_INPUT_MAX];
	struct buf b = buf_over(text, sizeof text);
	struct jwt t;

	if (!command_open_token(&t, o))
		return 2;
	buf_format(&b, "{\"verified\":false,\"header\":%.*s,\"claims\":%.*s}", (int)t.header.n,
	    t.header.p, (int)t.claims.n, t.claims.p);
	log_line("not verified: anybody can write such a token");
	command_print_json(buf_str(&b));
	return 0;
}
