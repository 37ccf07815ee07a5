/* What ed25519_field.c and ed25519_scalar.c make of numbers: lines of an operation and its numbers in
 * hexadecimal digits, answered by a line each. test/ed25519 asks, and knows the answers. */
#include "ed25519_field.h"
#include "ed25519_scalar.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
die(const char *line)
{
	fprintf(stderr, "not understood: %s\n", line);
	exit(2);
}

static uint64_t
next(char **p)
{
	char *end;
	uint64_t v = strtoull(*p, &end, 16);

	if (end == *p)
		die(*p);
	*p = end;
	return v;
}

static void
next_element(char **p, struct field_element *e)
{
	for (int i = 0; i < 5; i++)
		e->limb[i] = next(p);
}

/* Two digits a byte; returns how many bytes. */
static size_t
next_bytes(char **p, uint8_t *out, size_t most)
{
	size_t n = 0;
	int length;
	unsigned byte;

	while (**p == ' ')
		++*p;
	for (; n < most && sscanf(*p, "%2x%n", &byte, &length) == 1 && length == 2; *p += 2) {
		out[n++] = (uint8_t)byte;
		if ((*p)[2] == ' ' || (*p)[2] == '\n') {
			*p += 2;
			break;
		}
	}
	return n;
}

static void
show_bytes(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		printf("%02x", p[i]);
	putchar('\n');
}

/* The places of what is read: the second is far from the first, and the result in either's place or
 * in its own. */
static void
field(char operation, char *p)
{
	struct field_element e[FIELD_ELEMENTS];
	uint16_t steps[2] = { 0, 0 };
	unsigned r = (unsigned)next(&p) & 15, n;

	memset(e, 0xee, sizeof e);
	next_element(&p, e + 3);
	if (operation == 's') {
		n = (unsigned)next(&p) & 15;
		steps[0] = (uint16_t)SQUARE(r, 3, n);
	} else if (operation == 'r')
		steps[0] = (uint16_t)REDUCE(r, 3);
	else {
		next_element(&p, e + 12);
		steps[0] = (uint16_t)(operation == '*' ? MULTIPLY(r, 3, 12) :
		    operation == '+' ? ADD(r, 3, 12) : SUBTRACT(r, 3, 12));
	}
	field_run(e, steps);
	for (int i = 0; i < 5; i++)
		printf("%" PRIx64 "%c", e[r].limb[i], i < 4 ? ' ' : '\n');
}

static void
scalar(char *p)
{
	uint8_t a[64], b[SCALAR], c[SCALAR], r[SCALAR];
	size_t n = next_bytes(&p, a, sizeof a);

	next_bytes(&p, b, sizeof b);
	if (next_bytes(&p, c, sizeof c) == SCALAR)
		scalar_multiply_add(r, a, n, b, c);
	else
		scalar_multiply_add(r, a, n, b, NULL);
	show_bytes(r, sizeof r);
}

int
main(void)
{
	static char line[1024];
	struct field_element e;
	uint8_t bytes[SCALAR], all[64];
	size_t n;

	while (fgets(line, sizeof line, stdin) != NULL) {
		char *p = line + 1;

		switch (line[0]) {
		case '*': case '+': case '-': case 's': case 'r':
			field(line[0], p);
			break;
		case 'd':
			next_bytes(&p, bytes, sizeof bytes);
			field_decode(&e, bytes);
			for (int i = 0; i < 5; i++)
				printf("%" PRIx64 "%c", e.limb[i], i < 4 ? ' ' : '\n');
			break;
		case 'e':
			next_element(&p, &e);
			field_encode(bytes, &e);
			show_bytes(bytes, sizeof bytes);
			break;
		case 'm':
			scalar(p);
			break;
		case 'l':
			n = next_bytes(&p, all, sizeof all);
			scalar_reduce(bytes, all, n);
			show_bytes(bytes, sizeof bytes);
			break;
		default:
			die(line);
		}
	}
	return 0;
}
