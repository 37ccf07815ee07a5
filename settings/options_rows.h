/* A row for each option, in the order of the help. What they hold lies apart: options_table.c,
 * and it alone, includes this once for each part of the rows.
 *
 *     OPTION(name, value, kind, field, commands, usual_text, help)
 *     OPTION_NUMBER(name, value, field, commands, least, most, usual, usual_text, help) */
OPTION("listen", "ADDR", LIST, listen, SERVES | FOR(HEALTH), OPTIONS_LISTEN,
    "IP:PORT, [IP6]:PORT or unix:PATH[,mode=0660][,group=GID]; repeatable; without it: "
    "sockets that systemd passes (LISTEN_FDS), or else the default")
OPTION("key-file", "FILE", LIST, key_file, HOLDS_KEYS,
    "$CREDENTIALS_DIRECTORY/key if there",
    "a key's bytes, a JWK, a JWK Set, or PEM (Ed25519); repeatable; "
    "the first key that may sign is the one that signs")
OPTION("demo-key", "", FLAG, demo_key, HOLDS_KEYS, "",
    "use the published key: for trying out, on loopback only")
OPTION("service-secret-file", "FILE", TEXT, service_secret_file, SERVES, "",
    "callers must show this secret to create tokens (Authorization: Bearer)")
OPTION("clients-file", "FILE", TEXT, clients_file, SERVES, "",
    "machines that may ask for tokens, and what each may have; 'jwtd client' makes entries")
OPTION("revocation-file", "FILE", TEXT, revocation_file, SERVES | FOR(VERIFY) | FOR(REVOKE), "",
    "where revoked tokens are recorded; servers may share it; created if missing")
OPTION_NUMBER("max-revocations", "N", max_revocations, SERVES | FOR(VERIFY) | FOR(REVOKE), 1,
    16777216, 65536, "",
    "most entries in force at once; when it is full, POST /revoke answers 503")
OPTION("open-issue", "", FLAG, open_issue, SERVES, "",
    "anyone may create tokens, on any listener")
OPTION("no-issue", "", FLAG, no_issue, SERVES, "",
    "nothing is issued over HTTP: POST /, /v1/tokens and /token answer 404")
OPTION("issuer", "NAME", TEXT, issuer, HOLDS_KEYS, "",
    "iss of tokens that are issued, and the only one accepted")
OPTION("audience", "NAME", LIST, audience, HOLDS_KEYS, "",
    "aud of tokens that are issued (the first), and those accepted; repeatable; without it "
    "a token with aud is refused")
OPTION("require", "CLAIM=VALUE,..", LIST, require, JUDGES, "",
    "refuse tokens without this claim, or without one of these values in it; repeatable")
OPTION_NUMBER("ttl", "S", ttl, SERVES | FOR(SIGN), 1, CENTURY, 3600, "",
    "seconds that a token lives if the caller does not say")
OPTION_NUMBER("max-ttl", "S", max_ttl, SERVES, 1, CENTURY, 86400, "",
    "seconds that a caller may ask for")
OPTION_NUMBER("leeway", "S", leeway, JUDGES, 0, 86400, 0, "",
    "seconds that clocks may differ when exp and nbf are judged")
OPTION("allow-no-exp", "", FLAG, allow_no_exp, SERVES, "",
    "/auth and /introspect accept tokens that never expire")
OPTION("claim-header", "NAME=CLAIM[,..]", LIST, claim_header, SERVES, "",
    "/auth answers with this claim in this header, or refuses; ',optional': the claim may be "
    "missing; ',percent': it may be any text; repeatable")
OPTION("token-cookie", "NAME", TEXT, token_cookie, SERVES, "",
    "/auth takes the token from this cookie, too")
OPTION("token-basic", "", FLAG, token_basic, SERVES, "",
    "/auth takes the token as the password of Basic, too")
OPTION("no-compat", "", FLAG, no_compat, SERVES, "",
    "do not serve /, the API of the Flask service")
OPTION("host", "NAME", LIST, host, SERVES | FOR(HEALTH), "",
    "requests for other hosts get 421, except at /healthz; repeatable")
OPTION_NUMBER("workers", "N", workers, SERVES, 1, 64, 0, "half of all processors",
    "threads that answer; all processors, where nothing else needs the machine")
OPTION_NUMBER("max-connections", "N", max_connections, SERVES, 1, 1000000, 4096, "",
    "most connections at once; above it the longest idle one is closed")
OPTION_NUMBER("max-body", "BYTES", max_body, SERVES, 1024, 2097152, 65536, "",
    "the largest request body")
OPTION_NUMBER("body-buffers", "N", body_buffers, SERVES, 1, 65536, 256, "",
    "most unfinished requests above 1 KB at once")
OPTION_NUMBER("request-timeout", "S", request_timeout, SERVES, 1, 3600, 10, "",
    "seconds for a whole request, and for a peer to read its answer")
/* Above the two minutes that Caddy keeps a connection. Where we close first, a request can
 * cross our end on its way. */
OPTION_NUMBER("idle-timeout", "S", idle_timeout, SERVES, 1, 86400, 150, "",
    "seconds that a connection may idle; longer than your proxy keeps one")
OPTION_NUMBER("grace", "S", grace, SERVES, 0, 3600, 10, "",
    "seconds to finish open requests when stopping")
OPTION_NUMBER("stop-delay", "S", stop_delay, SERVES, 0, 3600, 0, "",
    "seconds to keep serving before stopping, with /healthz at 503")
OPTION("user", "UID:GID", TEXT, user, SERVES, "",
    "switch to this user (numbers) once files and sockets are open")
OPTION("sandbox", "auto|require|off", CHOICE, sandbox, SERVES, "auto",
    "give up what serving does not need; 'require' refuses to serve if this kernel can't")
OPTION("access-log", "0|1|all|routes", SWITCH, access_log, SERVES, "",
    "a line for each request on standard error; 'routes' leaves out /healthz and /metrics")
OPTION("log-format", "logfmt|json", CHOICE, log_format, SERVES, "logfmt",
    "how the log is written; json: an object with a time in each line")
OPTION("env-file", "FILE", TEXT, env_file, HOLDS_KEYS | FOR(REVOKE) | FOR(HEALTH), "",
    "lines NAME=VALUE, as systemd's EnvironmentFile reads them; they beat the environment")
OPTION("claim", "NAME=TEXT", LIST, claim, FOR(SIGN), "",
    "a claim that is a string; repeatable")
OPTION("claim-json", "NAME=JSON", LIST, claim_json, FOR(SIGN), "",
    "a claim that is any JSON value; repeatable")
OPTION("claims-file", "FILE", TEXT, claims_file, FOR(SIGN), "",
    "more claims, as a JSON object; '-' is standard input")
OPTION_NUMBER("expires-in", "S", expires_in, FOR(SIGN), 1, CENTURY, 0, "--ttl",
    "seconds that the token lives")
OPTION("jwk", "", FLAG, jwk, FOR(KEYGEN), "",
    "write the key as a JWK (RFC 7517)")
OPTION("alg", "HS512|HS256|EdDSA", CHOICE, alg, FOR(KEYGEN), "HS512",
    "the key's algorithm; HS256 and EdDSA are always written as JWKs")
OPTION("kid", "ID", LIST, kid, FOR(KEYGEN) | FOR(JWK) | FOR(PUBLIC), "",
    "the JWK's key id, which its tokens bear; 1 to 128 bytes; jwk, public: once for each FILE, "
    "in their order")
OPTION("jti", "ID", TEXT, jti, FOR(REVOKE), "",
    "the token with this jti")
OPTION("until", "S", TEXT, until, FOR(REVOKE), "",
    "that token's exp, in whole seconds since 1970")
OPTION("sub", "NAME", TEXT, sub, FOR(REVOKE), "",
    "all tokens of this sub that were issued up to now")
OPTION("all", "", FLAG, all, FOR(REVOKE), "",
    "every token that was issued up to now")
OPTION("scope", "WORDS", TEXT, scope, FOR(CLIENT), "",
    "scope of its tokens: words with single spaces between")
OPTION("audience", "AUD", LIST, audience, FOR(CLIENT), "the server's first",
    "aud of its tokens; repeatable")
OPTION("file", "FILE", TEXT, clients_file, FOR(CLIENT), "",
    "also add the entry to this clients file; created if missing")
OPTION("secret-file", "NEW", TEXT, secret_file, FOR(CLIENT), "",
    "write the secret to a new file that only you may read")
