/* revoke: takes a token back, or many, without a server. */
#include "command/commands.h"

#include "system/log.h"
#include "system/sandbox.h"
#include "system/signals.h"
#include "system/trouble.h"
#include "token/revocation_file.h"

#include <errno.h>

enum {
	WAIT = 10,                      /* seconds for others who have the file */
	NAME_MAX_BYTES = 65536          /* of a jti or sub */
};

static struct revocations *
reserve(const struct options *o)
{
	void *memory = sandbox_reserve(revocations_size(o->max_revocations));

	if (memory == NULL)
		die("no memory for --max-revocations: %s", trouble());
	return revocations_over(memory, o->max_revocations);
}

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
	list = reserve(o);
	if (!revocation_file_read(o->revocation_file, list, now, &why))
		refuse(o, &why);
	return list;
}

/* The second at which a token ends. */
static int64_t
read_until(const char *given)
{
	uint64_t until;

	if (given == NULL || !str_number(&until, str_from(given), 10, JWT_DATE_MAX))
		die("--jti takes --until, too: the exp of its token, in whole seconds since 1970");
	return (int64_t)until;
}

/* What is to be taken back. false: no clock and no leeway lets it in any more. */
static bool
describe(struct revocation *r, const struct options *o, int64_t now)
{
	static char text[NAME_MAX_BYTES];
	struct buf scratch = buf_over(text, sizeof text);
	struct jwt t;

	if ((o->jti != NULL) + (o->sub != NULL) + o->all + (o->argument != NULL) > 1 ||
	    (o->until != NULL && o->jti == NULL))
		die("revoke takes one of TOKEN, --jti with --until, --sub and --all");
	if (o->all) {
		revocation_of_all(r, now);
		return true;
	}
	if (o->sub != NULL && revocation_of_subject(r, str_from(o->sub), now, &scratch))
		return true;
	if (o->jti != NULL && revocation_of_jti(r, str_from(o->jti), read_until(o->until), &scratch))
		return now <= r->time;
	if (scratch.bad || o->sub != NULL || o->jti != NULL)
		die("--jti and --sub take at most %d bytes", NAME_MAX_BYTES - 1);
	if (!command_open_token(&t, o))
		die("nothing was taken back");
	return revocation_of(r, &t, now);
}

int
command_revoke(struct options *o)
{
	int64_t now = command_clock();
	char message[REVOCATION_FILE_WHY];
	struct buf why = buf_over(message, sizeof message);
	struct revocation_file file;
	struct revocations *list;
	struct revocation r;

	if (o->revocation_file == NULL)
		die("revoke needs --revocation-file FILE, the one that the server has");
	if (!signals_ignore(SIGXFSZ))           /* a write fails then */
		die("taking signals: %s", trouble());
	if (!describe(&r, o, now)) {
		log_line("it is past its end: there is nothing to take back");
		return 0;
	}
	list = reserve(o);
	if (!revocation_file_open(&file, o->revocation_file, list, now, &why) ||
	    !revocation_file_append(&file, list, &r, 1, now, WAIT, &why))
		refuse(o, &why);
	return 0;
}
