/* Why an answer refuses, in a word for the log. */
#ifndef REASON_H
#define REASON_H

#include "http_answer.h"

/* What its route said, else the verdict on a token, else what its status stands for here. NULL: it
 * refuses nothing. */
const char *reason_of(const struct response *);

#endif
