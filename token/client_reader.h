/* A clients file that is being read: what the two parts of that share. For client_file.c, which
 * knows the list, and client_members.c, which knows one client, alone. */
#ifndef CLIENT_READER_H
#define CLIENT_READER_H

#include "token/clients.h"
#include "token/scope.h"

struct client_reader {
	struct clients *to;
	const struct client_rules *rules;
	struct buf *why;
	struct str file;
	size_t at;                      /* the byte to look at next */
	bool in_list;
	struct json doc;                /* the client in hand, its places those in the file; n is */
	struct json_tok tok[JSON_TOKENS_MAX];           /* 0 where there is none */
	struct buf text;                /* that of the clients */
	struct str aud;                 /* of a client that names none */
	struct scope_words own, all;    /* of the client in hand; of all, */
	size_t all_n;                   /* which take so many bytes as JSON; */
	bool all_fit;                   /* and whether these are looked at any more */
	uint8_t empty[SHA512_DIGEST];   /* the digest of the empty string */
};

/* What was added to the clients' text since it was so long. */
struct str client_kept(struct client_reader *, size_t start);

/* Says what is wrong at this byte of the file, a phrase. Always false. */
bool client_fail(struct client_reader *, size_t at, const char *phrase);

/* The same of a member whose name is not known here. Returns `why`, for the names that are. */
struct buf *client_unknown(struct client_reader *, unsigned tok);

/* Adds the client in hand. false: it can't be one, and `why` says so. */
bool client_take(struct client_reader *);

#endif
