#include "settings/options_table.h"

#define FOR(command) (1u << COMMAND_##command)

/* The commands that share options. */
enum {
	SERVES = FOR(SERVE) | FOR(CHECK),
	HOLDS_KEYS = SERVES | FOR(SIGN) | FOR(VERIFY),
	JUDGES = SERVES | FOR(VERIFY)
};

const struct command_row command_table[COMMANDS] = {
	[COMMAND_SERVE] = { "serve", "", "serve; also where no command is named" },
	[COMMAND_SIGN] = { "sign", "", "make a token of claims, and print it" },
	[COMMAND_VERIFY] = { "verify", "TOKEN",
	    "judge a token, and print its claims; without TOKEN it is read from standard input. "
	    "Exit status 1: it is not good, and standard error says why" },
	[COMMAND_DECODE] = { "decode", "TOKEN",
	    "print what a token says, without a key and without judging it" },
	[COMMAND_KEYGEN] = { "keygen", "FILE",
	    "make a key: to standard output, or to a new FILE that only you may read" },
	[COMMAND_JWK] = { "jwk", "FILE...",
	    "print a key file as a JWK, or several as one JWK Set, for the same tokens" },
	[COMMAND_CHECK] = { "check", "", "do what serve does at its start, and end" },
	[COMMAND_HEALTH] = { "health", "ADDR",
	    "ask a server whether it serves, at ADDR or where this configuration listens first. "
	    "Exit status 1: it does not" },
	[COMMAND_VERSION] = { "version", "", "print the version" },
	[COMMAND_HELP] = { "help", "COMMAND", "print this, or what a command does and takes" },
};

#define FIELD(name) offsetof(struct options, name)

#define CENTURY 3153600000u             /* seconds */

const struct option option_table[] = {
	{ "listen", "ADDR", LIST, FIELD(listen), SERVES | FOR(HEALTH), 0, 0, 0, OPTIONS_LISTEN,
	  "IP:PORT, [IP6]:PORT or unix:PATH[,mode=0660][,group=GID]; repeatable; sockets that are "
	  "inherited (LISTEN_FDS) take the default's place" },
	{ "key-file", "FILE", LIST, FIELD(key_file), HOLDS_KEYS, 0, 0, 0,
	  "$CREDENTIALS_DIRECTORY/key if there",
	  "a key's bytes, a JWK or a JWK Set; repeatable; the first key signs, all verify" },
	{ "demo-key", "", FLAG, FIELD(demo_key), HOLDS_KEYS, 0, 0, 0, NULL,
	  "use the published key: for trying out, on loopback only" },
	{ "service-secret-file", "FILE", TEXT, FIELD(service_secret_file), SERVES, 0, 0, 0, NULL,
	  "callers must show this secret to create tokens (Authorization: Bearer)" },
	{ "open-issue", "", FLAG, FIELD(open_issue), SERVES, 0, 0, 0, NULL,
	  "anyone may create tokens, on any listener" },
	{ "no-issue", "", FLAG, FIELD(no_issue), SERVES, 0, 0, 0, NULL,
	  "nobody may create tokens over HTTP: POST / and /v1/tokens are not there" },
	{ "issuer", "NAME", TEXT, FIELD(issuer), HOLDS_KEYS, 0, 0, 0, NULL,
	  "iss of the tokens that are issued, and the only one that is accepted" },
	{ "audience", "NAME", LIST, FIELD(audience), HOLDS_KEYS, 0, 0, 0, NULL,
	  "aud of the tokens that are issued (the first), and those that are accepted; "
	  "repeatable; without it a token that has aud is refused" },
	{ "require", "CLAIM=VALUE,..", LIST, FIELD(require), JUDGES, 0, 0, 0, NULL,
	  "refuse tokens without this claim, or without one of these values in it; repeatable" },
	{ "ttl", "S", NUMBER, FIELD(ttl), SERVES | FOR(SIGN), 1, CENTURY, 3600, NULL,
	  "seconds that a token lives where its maker does not say" },
	{ "max-ttl", "S", NUMBER, FIELD(max_ttl), SERVES, 1, CENTURY, 86400, NULL,
	  "seconds that a caller may ask for" },
	{ "leeway", "S", NUMBER, FIELD(leeway), JUDGES, 0, 86400, 0, NULL,
	  "seconds that clocks may differ when exp and nbf are judged" },
	{ "allow-no-exp", "", FLAG, FIELD(allow_no_exp), SERVES, 0, 0, 0, NULL,
	  "/auth and /introspect accept tokens that never expire" },
	{ "claim-header", "NAME=CLAIM[,..]", LIST, FIELD(claim_header), SERVES, 0, 0, 0, NULL,
	  "/auth answers with this claim in this header, or refuses; it may be missing with "
	  "',optional', and be any text with ',percent'; repeatable" },
	{ "token-cookie", "NAME", TEXT, FIELD(token_cookie), SERVES, 0, 0, 0, NULL,
	  "/auth takes the token from this cookie, too" },
	{ "token-basic", "", FLAG, FIELD(token_basic), SERVES, 0, 0, 0, NULL,
	  "/auth takes it as the password of Basic, too" },
	{ "no-compat", "", FLAG, FIELD(no_compat), SERVES, 0, 0, 0, NULL,
	  "do not serve the replaced service's route /" },
	{ "host", "NAME", LIST, FIELD(host), SERVES | FOR(HEALTH), 0, 0, 0, NULL,
	  "requests for another host get 421, but at /healthz; repeatable" },
	{ "workers", "N", NUMBER, FIELD(workers), SERVES, 1, 64, 0, "processors",
	  "threads that answer" },
	{ "max-connections", "N", NUMBER, FIELD(max_connections), SERVES, 1, 1000000, 4096, NULL,
	  "most connections at once; above it the one idle longest, or else held longest, is "
	  "closed" },
	{ "max-body", "BYTES", NUMBER, FIELD(max_body), SERVES, 1024, 2097152, 65536, NULL,
	  "the largest request body" },
	{ "body-buffers", "N", NUMBER, FIELD(body_buffers), SERVES, 1, 65536, 256, NULL,
	  "unfinished requests above 1 KB that are held at once" },
	{ "request-timeout", "S", NUMBER, FIELD(request_timeout), SERVES, 1, 3600, 10, NULL,
	  "seconds for a whole request, and for a peer to read its answer" },
	/* Above the two minutes that Caddy keeps a connection. Where we close first, a request can
	 * cross our end on its way. */
	{ "idle-timeout", "S", NUMBER, FIELD(idle_timeout), SERVES, 1, 86400, 150, NULL,
	  "seconds that a connection may wait between requests; longer than proxies keep one" },
	{ "grace", "S", NUMBER, FIELD(grace), SERVES, 0, 3600, 10, NULL,
	  "seconds for finishing what is begun when stopping" },
	{ "stop-delay", "S", NUMBER, FIELD(stop_delay), SERVES, 0, 3600, 0, NULL,
	  "seconds to serve on before stopping, while /healthz answers 503" },
	{ "user", "UID:GID", TEXT, FIELD(user), SERVES, 0, 0, 0, NULL,
	  "become this user, by its numbers, once all is open" },
	{ "sandbox", "auto|require|off", CHOICE, FIELD(sandbox), SERVES, 0, 0, 0, "auto",
	  "give up what serving does not need; 'require' refuses to serve if this kernel can't "
	  "see to it" },
	{ "access-log", "0|1|all|routes", SWITCH, FIELD(access_log), SERVES, 0, 0, 0, NULL,
	  "one line for each request on standard error; 'routes' leaves out /healthz and "
	  "/metrics" },
	{ "log-format", "logfmt|json", CHOICE, FIELD(log_format), SERVES, 0, 0, 0, "logfmt",
	  "how the log is written; with json every line of it is an object that has a time" },
	{ "env-file", "FILE", TEXT, FIELD(env_file), HOLDS_KEYS | FOR(HEALTH), 0, 0, 0, NULL,
	  "lines NAME=VALUE for the environment, as systemd's EnvironmentFile reads them; "
	  "they beat what is there" },
	{ "claim", "NAME=TEXT", LIST, FIELD(claim), FOR(SIGN), 0, 0, 0, NULL,
	  "a claim that is a string; repeatable" },
	{ "claim-json", "NAME=JSON", LIST, FIELD(claim_json), FOR(SIGN), 0, 0, 0, NULL,
	  "a claim that is any JSON value; repeatable" },
	{ "claims-file", "FILE", TEXT, FIELD(claims_file), FOR(SIGN), 0, 0, 0, NULL,
	  "more claims, as a JSON object; '-' is standard input" },
	{ "expires-in", "S", NUMBER, FIELD(expires_in), FOR(SIGN), 1, CENTURY, 0, "--ttl",
	  "seconds that the token lives" },
	{ "jwk", "", FLAG, FIELD(jwk), FOR(KEYGEN), 0, 0, 0, NULL,
	  "write the key as a JWK (RFC 7517)" },
	{ "kid", "ID", LIST, FIELD(kid), FOR(KEYGEN) | FOR(JWK), 0, 0, 0, NULL,
	  "the JWK's key id, which its tokens will bear; 1 to 128 bytes; for jwk repeatable, in "
	  "the order of the files" },
};

_Static_assert(sizeof option_table / sizeof option_table[0] <= OPTIONS_MAX, "room for all");
const unsigned option_count = sizeof option_table / sizeof option_table[0];

bool
option_applies(const struct option *o, enum command command)
{
	return (o->commands >> command & 1) != 0;
}

bool
option_has_environment(const struct option *o)
{
	return option_applies(o, COMMAND_SERVE);
}

bool
command_has_environment(enum command command)
{
	for (unsigned i = 0; i < option_count; i++)
		if (option_applies(&option_table[i], command) &&
		    option_has_environment(&option_table[i]))
			return true;
	return false;
}

struct str
option_name(char out[OPTION_NAME], const struct option *o, bool environment)
{
	struct buf b = buf_over(out, OPTION_NAME - 1);

	buf_text(&b, environment ? "JWTD_" : "--");
	for (const char *p = o->name; *p != '\0'; p++) {
		char c = !environment ? *p : *p == '-' ? '_' : (char)(*p & ~0x20);

		buf_put(&b, &c, 1);
	}
	out[b.n] = '\0';
	return buf_str(&b);
}
