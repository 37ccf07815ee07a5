/* Where a token may stand in a request to /auth: never where it ends in logs. */
#ifndef CREDENTIALS_H
#define CREDENTIALS_H

#include "route/call.h"

/* Finds the token: in Authorization as Bearer or, where the options let it, as the password of
 * Basic, and in a cookie. Empty: there is none. What is decoded goes behind what is in the scratch
 * text. false: nobody can tell which token is meant, and `doubt` says why: a phrase
 * without quotes. */
bool credentials_find(struct str *token, const char **doubt, struct call *);

#endif
