#include "route/auth.h"

#include "route/claim_header.h"
#include "route/credentials.h"
#include "route/demands.h"

enum { CHALLENGE_REST = 64 };           /* bytes that follow the words of a scope, at the most */

/* An answer without a body. */
static bool
answer(struct call *c, unsigned status)
{
	call_answer(c, status, NULL);
	return true;
}

/* RFC 6750 3, up to where the error is: one field line, whatever may be shown (RFC 9110 11.6.1). */
static struct buf *
start_challenge(struct call *c)
{
	struct buf *b = &c->out->fields;

	buf_format(b, "WWW-Authenticate: %sBearer realm=\"jwtd\"",
	    c->policy->basic ? "Basic realm=\"jwtd\", " : "");
	return b;
}

/* The description, nothing of the token in it, follows up to a quote. */
static struct buf *
start_error(struct call *c, const char *error)
{
	struct buf *b = start_challenge(c);

	buf_format(b, ", error=\"%s\", error_description=\"", error);
	return b;
}

static bool
refuse(struct call *c, unsigned status, unsigned reason)
{
	buf_text(&c->out->fields, "\r\n");
	c->out->refusal = reason;
	return answer(c, status);
}

static bool
refuse_request(struct call *c, const char *why)
{
	buf_text(start_error(c, "invalid_request"), why);
	buf_text(&c->out->fields, "\"");
	return refuse(c, 401, REASON_INVALID_REQUEST);
}

static bool
refuse_nobody(struct call *c)
{
	start_challenge(c);
	return refuse(c, 401, REASON_NO_CREDENTIALS);
}

/* RFC 6750 3: the words that are demanded of "scope". */
static void
put_scope(struct buf *b, const struct demand *demand, unsigned n, const char **before)
{
	for (unsigned i = 0; i < n; i++) {
		const struct demand *d = &demand[i];

		for (unsigned k = 0; k < d->values && demand_is_scope(d->name); k++) {
			buf_text(b, *before);
			buf_add(b, d->value[k]);
			*before = " ";
		}
	}
}

/* A token that is not good gets 401; one that is, but has not the rights, 403. */
static bool
refuse_token(struct call *c, const struct jwt *t, enum jwt_verdict verdict,
    const struct demands *demands)
{
	const struct jwt_policy *policy = &c->policy->jwt;
	bool good = verdict == JWT_INSUFFICIENT_SCOPE;
	struct buf *b = start_error(c, good ? jwt_verdict_name(verdict) : "invalid_token");
	const char *before = "\", scope=\"";
	size_t start;

	jwt_put_reason(b, t, verdict);
	start = b->n;
	if (good) {
		put_scope(b, policy->required, policy->required_count, &before);
		put_scope(b, demands->demand, demands->n, &before);
	}
	if (b->cap - b->n < CHALLENGE_REST || b->bad)       /* too many words to be said */
		buf_cut(b, start);
	buf_text(b, "\"");
	return refuse(c, good ? 403 : 401, verdict);
}

/* Takes back what was added for other claims. */
static bool
refuse_claim(struct call *c, struct jwt *t, unsigned reason)
{
	struct buf *b;

	buf_cut(&c->out->fields, 0);
	b = start_error(c, "insufficient_scope");
	if (reason == REASON_UNFIT_CLAIM) {
		demand_put_name(b, t->about);
		buf_text(b, " can't travel in a header");
	} else {
		jwt_put_reason(b, t, (enum jwt_verdict)reason);
	}
	buf_text(b, "\"");
	return refuse(c, 403, reason);
}

static bool
let_in(struct call *c, struct jwt *t)
{
	unsigned reason;

	answer(c, 200);                 /* first: what it adds must fit in any case */
	reason = claim_header_put(c, t);
	if (reason != REASON_NONE)
		return refuse_claim(c, t, reason);
	c->out->accepted = METRICS_AUTH;
	c->out->key = t->key;
	return true;
}

/* What this route demands, of a token that is good. */
static enum jwt_verdict
judge_demands(struct jwt *t, const struct demands *demands)
{
	unsigned n = demands->n,
	    unmet = n == 0 ? 0 : demand_unmet(&t->doc, demands->demand, n, t->text);

	if (unmet == n)
		return JWT_GOOD;
	t->about = demands->demand[unmet].name;
	return JWT_INSUFFICIENT_SCOPE;
}

static bool
judge(struct call *c, struct str token, const struct demands *demands)
{
	struct jwt_policy policy = c->policy->jwt;
	enum jwt_verdict verdict;
	struct jwt t;

	policy.needs_exp = !c->policy->allow_no_exp;
	if (token.n > JWT_MAX || !jwt_open(&t, &c->scratch->jwt, token))
		return refuse_token(c, &t, JWT_MALFORMED, demands);
	verdict = keys_judge(c->ring, &t, &policy, c->stamp->token.now);
	if (verdict == JWT_GOOD)
		verdict = judge_demands(&t, demands);
	return verdict == JWT_GOOD ? let_in(c, &t) : refuse_token(c, &t, verdict, demands);
}

bool
auth_judge(struct call *c)
{
	struct demands demands;
	struct str token;
	const char *doubt;

	buf_empty(&c->scratch->jwt.text);
	if (!demands_read(&demands, &c->out->refused_at, &c->scratch->jwt.text, c->in)) {
		c->out->refusal = REASON_UNREADABLE_DEMAND;
		return answer(c, 403);
	}
	if (!credentials_find(&token, &doubt, c))
		return refuse_request(c, doubt);
	if (token.n == 0)
		return refuse_nobody(c);
	return !call_can_judge(c) || judge(c, token, &demands);
}
