#include "token/scope.h"

bool
scope_has_char(char c)
{
	return c > ' ' && c < 0x7f && c != '"' && c != '\\';
}

bool
scope_next(struct str *left, struct str *word)
{
	size_t n = 0;

	while (n < left->n && scope_has_char(left->p[n]))
		n++;
	*word = (struct str){ left->p, n };
	if (n < left->n && (left->p[n] != ' ' || ++n == left->n))
		return false;
	*left = (struct str){ left->p + n, left->n - n };
	return word->n > 0;
}

/* Their end, a space, is below all that words are made of. */
static int
compare(const char *a, const char *b)
{
	for (; *a == *b && *a != ' '; a++)
		b++;
	return *a - *b;
}

bool
scope_add(struct scope_words *w, size_t at)
{
	unsigned low = 0, high = w->n;

	while (low < high) {
		unsigned middle = (low + high) / 2;
		int order = compare(w->text + at, w->text + w->at[middle]);

		if (order == 0)
			return false;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	if (w->n == SCOPE_WORDS_MAX)
		return false;
	memmove(w->at + low + 1, w->at + low, (w->n - low) * sizeof w->at[0]);
	w->at[low] = (uint32_t)at;
	w->n++;
	return true;
}
