/* Creates tokens by the usual libraries of C: libmicrohttpd, jansson, libjwt.
 * microhttpd PORT THREADS */
#include <arpa/inet.h>
#include <jansson.h>
#include <jwt.h>
#include <microhttpd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

enum { NONCE = 16 };

static const char *key;

static void
hex(char *out, const unsigned char *in, size_t n)
{
	for (; n > 0; n--, in++) {
		*out++ = "0123456789abcdef"[*in >> 4];
		*out++ = "0123456789abcdef"[*in & 15];
	}
	*out = '\0';
}

static bool
add_payload(jwt_t *jwt, json_t *data, time_t now)
{
	char date[sizeof "2022-11-17"];
	struct tm tm;
	char *json = NULL;
	json_t *grants;
	bool added;

	strftime(date, sizeof date, "%Y-%m-%d", gmtime_r(&now, &tm));
	grants = json_pack("{s{sOss}}", "payload", "data", data, "date", date);
	json = json_dumps(grants, JSON_COMPACT);
	json_decref(grants);
	added = json != NULL && jwt_add_grants_json(jwt, json) == 0;
	free(json);
	return added;
}

/* The token, or NULL. The caller frees it. */
static char *
create(json_t *data)
{
	unsigned char nonce[NONCE];
	char jti[2 * NONCE + 1], *token = NULL;
	time_t now = time(NULL);
	jwt_t *jwt = NULL;

	if (getrandom(nonce, sizeof nonce, 0) != sizeof nonce || jwt_new(&jwt) != 0)
		return NULL;
	hex(jti, nonce, sizeof nonce);
	if (jwt_add_grant_int(jwt, "iat", now) == 0 && jwt_add_grant(jwt, "jti", jti) == 0 &&
	    add_payload(jwt, data, now) &&
	    jwt_set_alg(jwt, JWT_ALG_HS512, (const unsigned char *)key, (int)strlen(key)) == 0)
		token = jwt_encode_str(jwt);
	jwt_free(jwt);
	return token;
}

static enum MHD_Result
answer(struct MHD_Connection *connection, const char *body)
{
	json_t *question = json_loads(body, 0, NULL);
	json_t *data = json_object_get(question, "user_data");
	char *token = data ? create(data) : NULL, *text = NULL;
	int n = token ? asprintf(&text, "{\"JWT Token\": \"%s\"}\n", token) : 0;
	struct MHD_Response *response = MHD_create_response_from_buffer(n > 0 ? (size_t)n : 0, text,
	    MHD_RESPMEM_MUST_FREE);
	enum MHD_Result result;

	MHD_add_response_header(response, "Content-Type", "application/json");
	result = MHD_queue_response(connection, n > 0 ? MHD_HTTP_OK : MHD_HTTP_BAD_REQUEST,
	    response);
	MHD_destroy_response(response);
	free(token);
	json_decref(question);
	return result;
}

/* Called for the head, for each piece of the body, and at the end; *body is what came so far. */
static enum MHD_Result
handle(void *unused, struct MHD_Connection *connection, const char *url, const char *method,
    const char *version, const char *piece, size_t *n, void **body)
{
	char *whole = NULL;

	(void)unused, (void)url, (void)method, (void)version;
	if (*body == NULL)
		return (*body = strdup("")) ? MHD_YES : MHD_NO;
	if (*n == 0)
		return answer(connection, *body);
	if (asprintf(&whole, "%s%.*s", (char *)*body, (int)*n, piece) < 0)
		return MHD_NO;
	free(*body);
	*body = whole;
	*n = 0;
	return MHD_YES;
}

static void
completed(void *unused, struct MHD_Connection *connection, void **body,
    enum MHD_RequestTerminationCode code)
{
	(void)unused, (void)connection, (void)code;
	free(*body);
}

int
main(int argc, char **argv)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	key = getenv("BENCH_KEY");
	if (argc != 3 || key == NULL)
		return 2;
	a.sin_port = htons((in_port_t)strtoul(argv[1], NULL, 10));
	if (MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, handle, NULL,
	    MHD_OPTION_SOCK_ADDR, &a,
	    MHD_OPTION_THREAD_POOL_SIZE, (unsigned)strtoul(argv[2], NULL, 10),
	    MHD_OPTION_CONNECTION_LIMIT, 4096u, MHD_OPTION_LISTEN_BACKLOG_SIZE, 4096u,
	    MHD_OPTION_NOTIFY_COMPLETED, completed, NULL, MHD_OPTION_END) == NULL) {
		fputs("microhttpd: it does not start\n", stderr);
		return 2;
	}
	for (;;)
		pause();
}
