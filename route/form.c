#include "route/form.h"

#include "json_string.h"
#include "percent.h"

enum { LONG_NAME = 64 };                /* bytes from which it is dearer to compare than to hash */

bool
form_decode(struct str *out, struct buf *b, struct str s)
{
	return percent_decode(out, b, s, true) == NULL;
}

bool
form_read(struct form *form, struct buf *text, struct str body)
{
	form->n = 0;
	while (body.n > 0) {
		unsigned n = form->n;
		struct str value, name;

		if (*body.p == '&') {           /* behind another one */
			body = (struct str){ body.p + 1, body.n - 1 };
			continue;
		}
		value = str_cut(&body, '&');
		name = str_cut(&value, '=');
		if (n == FORM_PARAMETERS_MAX || !form_decode(&form->name[n], text, name) ||
		    !form_decode(&form->value[n], text, value))
			return false;
		form->hash[n] = form->name[n].n < LONG_NAME ? form->name[n].n :
		    json_sip_hash((struct json_string){ form->name[n], false });
		form->n++;
	}
	return true;
}

struct str
form_value(const struct form *form, struct str name)
{
	for (unsigned i = 0; form != NULL && i < form->n; i++)
		if (str_equal(form->name[i], name))
			return form->value[i];
	return (struct str){ NULL, 0 };
}

bool
form_repeats(const struct form *form, struct str but)
{
	for (unsigned i = 1; i < form->n; i++)
		for (unsigned j = 0; j < i; j++)
			if (form->hash[i] == form->hash[j] &&   /* they may be long, and alike */
			    str_equal(form->name[i], form->name[j]) &&
			    (but.n == 0 || !str_equal(form->name[i], but)))
				return true;
	return false;
}
