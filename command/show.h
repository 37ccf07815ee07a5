/* JSON for a person at a terminal: spread over lines and coloured. */
#ifndef SHOW_H
#define SHOW_H

#include "str.h"

/* Appends a valid JSON text and a newline. What a terminal would take for an order, or what changes
 * the direction of writing, comes out as \uXXXX: a token may come from anybody. */
void show_json(struct buf *, struct str, bool colour);

#endif
