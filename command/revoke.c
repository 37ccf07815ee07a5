/* revoke: takes tokens back without a server. */
#include "command/commands.h"

#include "system/log.h"
#include "system/signals.h"
#include "token/revocation_file.h"
#include "utf8.h"

enum { WAIT = 10 };                     /* seconds for others who have the file */

static noreturn void
refuse(const struct options *o, const struct buf *why)
{
	die("revocation file %s: %.*s", o->revocation_file, (int)why->n, why->p);
}

const struct revocations *
command_revocations(const struct options *o, int64_t now)
{
	char message[REVOCATION_FILE_WHY];
	struct buf why = buf_over(message, sizeof message);
	struct revocations *list;

	if (o->revocation_file == NULL)
		return NULL;
	list = revocation_file_reserve(o->max_revocations);
	if (!revocation_file_read(o->revocation_file, list, now, &why))
		refuse(o, &why);
	return list;
}

/* Whether no more and no less than one thing is named. */
static bool
is_complete(const struct options *o, uint64_t *until)
{
	const char *name = o->jti != NULL ? o->jti : o->sub != NULL ? o->sub : "";

	return o->revocation_file != NULL && utf8_is_text(name, strlen(name)) &&
	    (o->jti != NULL) + (o->sub != NULL) + o->all + (o->argument != NULL) <= 1 &&
	    (o->jti != NULL) == (o->until != NULL) && (o->until == NULL ||
	    str_number(until, str_from(o->until), 10, JWT_DATE_MAX));
}

int
command_revoke(struct options *o)
{
	int64_t now = command_clock();
	char message[REVOCATION_FILE_WHY];
	struct buf why = buf_over(message, sizeof message);
	struct revocation_file file;
	struct revocations *list;
	struct revocation r = { .time = REVOCATION_NEVER };
	uint64_t until;
	struct jwt t;

	if (!is_complete(o, &until))
		die("revoke takes --revocation-file, and one of TOKEN, --jti with --until, --sub "
		    "and --all");
	if (o->all)
		revocation_of_all(&r, now);
	else if (o->sub != NULL)
		revocation_of_subject(&r, str_from(o->sub), now);
	else if (o->jti != NULL)
		revocation_of_jti(&r, str_from(o->jti), (int64_t)until);
	else if (!command_open_token(&t, o))
		return 2;
	else if (!revocation_of(&r, &t, now))
		r = (struct revocation){ .kind = REVOKED_TOKEN };
	if (r.kind == REVOKED_TOKEN && now > r.time) {
		log_line("the token has expired: nothing to take back");
		return 0;
	}
	signals_ignore(SIGXFSZ);                /* a write fails then */
	list = revocation_file_reserve(o->max_revocations);
	if (!revocation_file_open(&file, o->revocation_file, list, now, &why) ||
	    !revocation_file_append(&file, list, &r, 1, now, WAIT, &why))
		refuse(o, &why);
	return 0;
}
