/* From options to what they stand for: keys, secret, clients and policy. Serving and the commands
 * at a shell read them the same way. */
#ifndef CONFIG_H
#define CONFIG_H

#include "settings/options.h"
#include "token/clients.h"
#include "token/key_files.h"

enum {
	CONFIG_FILES = OPTION_LIST_MAX + 2,     /* key files, the secret's, the clients' */
	CONFIG_MESSAGE = 1024                   /* bytes that a message is cut to */
};

/* Which file, what it is, and a way out. */
#define CONFIG_STALE "warning: %s %s: a reload will never see the new one. %s, or restart"

/* Where no key is named, $CREDENTIALS_DIRECTORY/key takes the place, if it is there
 * (systemd.exec(5), LoadCredential). Refuses what contradicts itself or can't stand in a token.
 * Says in the log what no reload will read. false: `why` gets the message. */
bool config_complete(struct options *, struct buf *why, char *(*environment)(const char *));

/* Fills an empty ring, and its memory for clients where there is a file of them. false: `why` gets
 * the message, and the ring is wiped. */
bool config_load(struct key_ring *, const struct options *, struct buf *why);

/* What tokens must say. Borrowed from the options, and from `required`, which gets what --require
 * demands. */
struct jwt_policy config_policy(const struct options *, struct demand required[OPTION_LIST_MAX]);

/* What tokens that are issued say where the caller does not. Likewise. */
struct claims_setting config_claims(const struct options *);

/* The file that a reload reads as number `i` below CONFIG_FILES; NULL: there is none, or serving
 * has been given what is read at the start only, such as a pipe. */
const char *config_file(const struct options *, unsigned i);

#endif
