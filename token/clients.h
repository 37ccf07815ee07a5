/* Clients: machines that ask for tokens of their own (RFC 6749 4.4), and the file that says what each
 * of them may have. Clients and keys are one generation: `clients` of struct key_ring is where a
 * request finds them; NULL there: no clients file, and no client.
 *
 * How a request goes: clients_check() by what the caller showed, client_may() or client_has_scope()
 * and client_has_audience(), client_put_claims(), jwt_mint() by ring->key[client->key]. All but
 * clients_load() is pure. Nothing is allocated. */
#ifndef CLIENTS_H
#define CLIENTS_H

#include "token/claims.h"
#include "token/keys.h"

enum {
	CLIENTS_MAX = 1024,             /* of a file */
	CLIENTS_FILE_MAX = 4194304,     /* bytes of it */
	CLIENT_ID_MAX = 64,             /* bytes of a client's name */
	CLIENT_DIGESTS = 4,             /* secrets that a client has at once */
	CLIENT_CLAIMS_MAX = 120,        /* claims of its own: with ours JSON_MEMBERS_MAX */
	CLIENTS_SCOPES_MAX = 4096       /* bytes of struct clients' scopes */
};

/* What a client may do beside asking for a token of its own: `may` of the file. One bit each. */
enum client_right { CLIENT_INTROSPECT = 1, CLIENT_REVOKE = 2, CLIENT_ISSUE = 4 };

/* One client. Its texts lie in struct clients. */
struct client {
	struct str id;          /* sub and client_id of its tokens; needs no escape in JSON or log */
	struct str scope;       /* words with single spaces between, as in the claim; empty: none */
	struct str aud;         /* the claim, compact JSON: a string or an array of strings, from the
	                         * file or else the first --audience; empty: none */
	struct str claims;      /* of its own, compact JSON with commas between: "a":1,"b":[2]; may
	                         * be empty */
	uint32_t expires_in;    /* seconds */
	uint16_t first;         /* where its digests begin; */
	uint8_t digests;        /* and how many it has */
	uint8_t key;            /* place in the ring of the key that signs its tokens */
	uint8_t rights;         /* enum client_right, or-ed */
};

/* The clients of a file. It is large, and all zero pages of it stay untouched until they are
 * needed: it lies in memory of its own, and can't be copied. All zero: no client. */
struct clients {
	struct client client[CLIENTS_MAX];      /* in the order of the file; */
	unsigned n;                             /* so many */
	struct str scopes;      /* scopes_supported (RFC 8414 2): all words of all scopes, sorted, as
	                         * a JSON array; empty: none, or above CLIENTS_SCOPES_MAX */
	unsigned strangers;     /* clients with an aud that no --audience has: /auth refuses it; */
	unsigned stranger;      /* the first of them */
	size_t list_end;        /* where in the file the bracket stands that ends the list */
	uint16_t by_id[CLIENTS_MAX];            /* sorted by id */
	uint8_t digest[CLIENT_DIGESTS * CLIENTS_MAX + CLIENT_DIGESTS][SHA512_DIGEST];
	unsigned digests;                       /* so many; the first ones are no client's */
	char text[CLIENTS_FILE_MAX + 2 * CLIENTS_SCOPES_MAX + JWT_MAX];
	size_t text_n;
	char file[CLIENTS_FILE_MAX + 1];        /* while it is read; empty afterwards */
};

/* By what a file's clients are judged. Borrowed. */
struct client_rules {
	const struct key_ring *ring;            /* NULL: not known, and no kid is looked up */
	struct claims_setting claims;           /* expires_in: of a client that does not say */
	const char *const *audiences;           /* all of them; may be NULL where there are 0 */
	unsigned audience_count;
	unsigned max_ttl;                       /* seconds */
};

/* Fills empty clients from the text of a file, all or nothing. false: `why` gets a phrase with line,
 * byte, client and what to do; and there is no client. */
bool clients_parse(struct clients *, struct str text, const struct client_rules *, struct buf *why);

/* The same from a file, with a warning in the log where `strangers` is not 0. `serving`: requests
 * wait, and nothing else may be waited for. */
bool clients_load(struct clients *, const char *path, bool serving, const struct client_rules *,
    struct buf *why);

/* Wipes them: there is no client then, and their memory is the kernel's again until the next
 * file. */
void clients_wipe(struct clients *);

/* The client that has this id and this secret, both as the caller means them (decoded). NULL: wrong
 * id or wrong secret, which the time does not tell apart; an empty secret is always wrong. Only the
 * verdict, and the lengths, are told by time. */
const struct client *clients_check(const struct clients *, struct str id, struct str secret);

/* The client of this id; NULL: none. An id is no secret. */
const struct client *clients_find(const struct clients *, struct str id);

/* Whether the client may do this. */
bool client_may(const struct client *, enum client_right);

/* Whether this is one of the words of its scope, or one of its audiences in UTF-8. */
bool client_has_scope(const struct client *, struct str word);
bool client_has_audience(const struct client *, struct str name);

/* Appends the claims of a token for the client, as one object: iss, sub, client_id, aud, scope, iat,
 * exp, jti, and its own. `scope`: the words that it gets; empty: none, and no claim. `audience`: the
 * one that was asked for; empty: as in the file. With words and an audience of the client's the
 * token is never longer than JWT_MAX. */
void client_put_claims(struct buf *, const struct client *, const struct claims_setting *,
    const struct claims_stamp *, struct str scope, struct str audience);

#endif
