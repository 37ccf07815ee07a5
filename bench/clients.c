/* What a clients file costs. For the runner beside it.
 *
 *     clients load            milliseconds of CPU to read 1,000 clients of one secret each, the median and the
 *                             worst, and bytes of memory for each beside its texts
 *     clients check N         checks N secrets among 1,024 clients: right ones, wrong ones, nobody's */
#include "system/sandbox.h"
#include "token/clients.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 101, PAGE = 4096 };

static struct key_ring ring;
static struct clients *clients;
static const char *const audience = "metrics";

static void
need(bool ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	exit(2);
}

/* Clients as they are: a scope of two words, an audience, a claim. */
static void
write_file(const char *path, unsigned n)
{
	FILE *f = fopen(path, "w");

	need(f != NULL, path);
	fprintf(f, "{\"clients\": [");
	for (unsigned i = 0; i < n; i++) {
		uint8_t digest[SHA512_DIGEST];
		char id[32];

		sha512(digest, id, (size_t)snprintf(id, sizeof id, "machine-%04u", i * 7 % n));
		fprintf(f, "%s\n  {\"client_id\": \"%s\", \"secret_sha512\": \"", i > 0 ? "," : "", id);
		for (unsigned j = 0; j < SHA512_DIGEST; j++)
			fprintf(f, "%02x", digest[j]);
		fprintf(f, "\", \"scope\": \"metrics.read team-%u.write\", \"aud\": [\"metrics\"], "
		    "\"expires_in\": 600, \"claims\": {\"groups\": [\"ops\"]}}", i % 40);
	}
	fprintf(f, "\n]}\n");
	need(fclose(f) == 0, path);
}

static void
load(const char *path)
{
	const struct client_rules rules = { .ring = &ring, .claims.expires_in = 3600,
	    .claims.issuer = "https://issuer.example", .claims.audience = audience,
	    .audiences = &audience, .audience_count = 1, .max_ttl = 86400 };
	char message[1024];
	struct buf why = buf_over(message, sizeof message);

	if (clients_load(clients, path, true, &rules, &why))
		return;
	fprintf(stderr, "%.*s\n", (int)why.n, message);
	exit(2);
}

static double
milliseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
measure_load(const char *path)
{
	static unsigned char in[sizeof(struct clients) / PAGE + 2];
	double took[ROUNDS];
	size_t bytes = 0;

	write_file(path, 1000);
	for (unsigned i = 0; i < ROUNDS; i++) {
		double start = milliseconds();

		clients_wipe(clients);
		load(path);
		took[i] = milliseconds() - start;
	}
	qsort(took, ROUNDS, sizeof took[0], by_size);
	need(mincore(clients, sizeof *clients, in) == 0, "mincore");
	for (size_t i = 0; i < sizeof in; i++)
		bytes += (in[i] & 1u) * PAGE;
	for (unsigned i = 0; i < clients->n; i++)
		bytes -= clients->client[i].scope.n + clients->client[i].aud.n +
		    clients->client[i].claims.n;
	printf("%.3f %.3f %.1f\n", took[ROUNDS / 2], took[ROUNDS - 1], (double)bytes / clients->n);
}

static void
check(const char *path, unsigned n)
{
	unsigned known = 0;

	write_file(path, CLIENTS_MAX);
	load(path);
	for (unsigned i = 0; i < n; i++) {
		char id[32], secret[32];
		int id_n = snprintf(id, sizeof id, "machine-%04u%s", i * 37 % CLIENTS_MAX,
		    i % 3 == 2 ? "x" : "");
		int secret_n = snprintf(secret, sizeof secret, "machine-%04u%s", i * 37 % CLIENTS_MAX,
		    i % 3 == 1 ? "x" : "");

		uint8_t digest[SHA512_DIGEST];

		sha512(digest, secret, (size_t)secret_n);
		known += clients_check(clients, (struct str){ id, (size_t)id_n }, digest) != NULL;
	}
	if (known != (n + 2) / 3) {
		fprintf(stderr, "%u of %u were let in\n", known, n);
		exit(2);
	}
}

int
main(int argc, char **argv)
{
	struct str key = STR("0123456789abcdef0123456789abcdef0123456789ABCDEF0123456789ABCDEF");
	char message[256], path[] = "/tmp/jwtd-bench-clients-XXXXXX";
	struct buf why = buf_over(message, sizeof message);
	int fd = mkstemp(path);

	need(fd >= 0 && close(fd) == 0, path);
	need(sha512_self_test() && keys_add_bytes(&ring, key, NULL, &why), "key");
	clients = sandbox_reserve(sizeof *clients);
	need(clients != NULL, "memory");
	if (argc > 2 && strcmp(argv[1], "check") == 0)
		check(path, (unsigned)atoi(argv[2]));
	else
		measure_load(path);
	unlink(path);
	return 0;
}
