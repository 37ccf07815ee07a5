/* Clients: machines that ask for tokens of their own (RFC 6749 4.4), and the file that says what
 * each of them may have. Clients and keys are one generation: `clients` of struct key_ring is where
 * a request finds them; NULL there: no clients file, and no client.
 *
 * How a request goes: clients_check() by what the caller showed, client_may() or client_has_scope()
 * and client_has_audience(), client_put_claims(), jwt_mint() by ring->key[client->key]. All but
 * clients_load() is pure. Nothing is allocated. */
#ifndef CLIENTS_H
#define CLIENTS_H

#include "token/claims.h"
#include "token/keys.h"

#include <sys/types.h>

enum {
	CLIENTS_MAX = 1024,             /* of a file */
	CLIENTS_FILE_MAX = 4194304,     /* bytes of it */
	CLIENT_ID_MAX = 64,             /* bytes of a client's name */
	CLIENT_DIGESTS = 4,             /* secrets that a client has at once */
	CLIENT_CLAIMS_MAX = 120,        /* claims of its own: JSON_MEMBERS_MAX with our 8 */
	CLIENTS_SCOPES_MAX = 4096       /* bytes of the scopes of struct clients */
};

/* What a client may do beside asking for a token of its own: `may` of the file. One bit each. */
enum client_right { CLIENT_INTROSPECT = 1, CLIENT_REVOKE = 2, CLIENT_ISSUE = 4 };

/* One client. Its texts lie in struct clients. */
struct client {
	struct str id;          /* sub and client_id of its tokens; needs no escape anywhere */
	struct str scope;       /* words, single spaces between, as in the claim; empty: none */
	struct str aud;         /* the claim, compact JSON: a string or an array of strings, of the
	                         * file or else the first --audience; empty: none */
	struct str claims;      /* of its own, compact JSON with commas between: "a":1,"b":[2]; may
	                         * be empty */
	uint32_t expires_in;    /* seconds */
	uint16_t first;         /* where its digests begin; */
	uint8_t digests;        /* and how many it has */
	uint8_t key;            /* place in the ring of the key that signs its tokens */
	uint8_t rights;         /* enum client_right, or-ed */
};

/* The clients of a file: large, but what is not needed of it stays untouched. It can't be copied.
 * All zero: no client. */
struct clients {
	unsigned n;             /* of client[] and by_id[]; of the other arrays: */
	unsigned digests;
	size_t text_n;
	struct str scopes;      /* scopes_supported (RFC 8414 2): the words of all, each once and
	                         * sorted, as a JSON array; empty: none, or too long */
	unsigned strangers;     /* clients with an aud that is no --audience, so that /auth may */
	unsigned stranger;      /* refuse their tokens; and the first of them */
	size_t list_end;        /* where in the file the bracket stands that ends the list */
	uint64_t print;         /* of the file: tells a change, for the log alone */
	uint16_t by_id[CLIENTS_MAX];            /* sorted by id */
	struct client client[CLIENTS_MAX];      /* in the order of the file */
	uint8_t digest[1 + CLIENT_DIGESTS * CLIENTS_MAX][SHA512_DIGEST];        /* [0]: zeros */
	char text[CLIENTS_FILE_MAX + CLIENTS_SCOPES_MAX + JWT_MAX];
	char file[CLIENTS_FILE_MAX + 1];        /* while it is read; empty afterwards */
};

/* By what the clients of a file are judged. Borrowed. Issuer and audiences have at most 1,000 bytes
 * each. */
struct client_rules {
	const struct key_ring *ring;            /* NULL: not known, and no kid is looked up */
	struct claims_setting claims;           /* expires_in: of a client that does not say */
	const char *const *audiences;           /* all of them; NULL where there are 0 */
	unsigned audience_count;
	unsigned max_ttl;                       /* seconds */
};

/* Whether it can be the id of a client: 1 to CLIENT_ID_MAX of A-Z a-z 0-9 - _ . ~ */
bool client_is_id(struct str);

/* Fills empty clients from the text of a file. false: `why` gets a phrase with line, byte, client
 * and what to do, and nothing but clients_wipe() may be done with what there is. */
bool clients_parse(struct clients *, struct str text, const struct client_rules *, struct buf *why);

/* Reads the text of a file, for which there is room for CLIENTS_FILE_MAX bytes and one. `serving`:
 * requests wait, and nothing else may be waited for. `mode` gets its permissions; 0: it is no
 * regular file. false: `why` gets a phrase. */
bool clients_read(struct buf *, mode_t *mode, const char *path, bool serving, struct buf *why);

/* Both: the clients of a file, all or nothing: there is no client where it fails. Where there are
 * strangers the log has a warning. */
bool clients_load(struct clients *, const char *path, bool serving, const struct client_rules *,
    struct buf *why);

/* Wipes them: there is no client then, and their memory is the kernel's until it is needed. */
void clients_wipe(struct clients *);

/* The client of this id, decoded, and a secret of this digest. NULL: one of them is wrong; which
 * one, the time does not tell. No file has the digest of an empty secret. */
const struct client *clients_check(const struct clients *, struct str id,
    const uint8_t digest[SHA512_DIGEST]);

/* The client of this id, which is no secret; NULL: none. Where it stands in by_id, or belongs. */
const struct client *clients_find(const struct clients *, struct str id);
unsigned clients_place(const struct clients *, struct str id);

/* Whether the client has a secret of this digest. No branch and no index depends on digests; always
 * CLIENT_DIGESTS of them are compared. */
bool clients_is_secret(const struct clients *, const struct client *,
    const uint8_t digest[SHA512_DIGEST]);

/* Whether the client may do this. */
bool client_may(const struct client *, enum client_right);

/* Whether this is one of the words of its scope, or one of its audiences in UTF-8. */
bool client_has_scope(const struct client *, struct str word);
bool client_has_audience(const struct client *, struct str name);

/* Appends the claims of a token for the client, as one object: iss, sub, client_id, aud, scope,
 * iat, exp, jti, and its own. `scope`: the words that it gets; empty: none, and no claim. `aud`:
 * what was asked for, compact JSON as in struct client; empty: as in the file. With words and
 * audiences of the client's, jwt_mint() by its key makes at most JWT_MAX bytes of them. */
void client_put_claims(struct buf *, const struct client *, const struct claims_setting *,
    const struct claims_stamp *, struct str scope, struct str aud);

#endif
