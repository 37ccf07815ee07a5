/* libjwt for ./makers, which tells the protocol. */
#include <jwt.h>

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS = 4 };

/* Each fails with an errno, as libjwt does. */
static int
sign(char *field[FIELDS])
{
	const unsigned char *key = (const unsigned char *)field[1];
	bool none = strcmp(field[0], "none") == 0;
	char *token = NULL;
	jwt_t *jwt;
	int error = jwt_new(&jwt);

	if (error == 0)
		error = jwt_add_headers_json(jwt, field[2]);
	if (error == 0)
		error = jwt_add_grants_json(jwt, field[3]);
	if (error == 0)
		error = jwt_set_alg(jwt, jwt_str_alg(field[0]), none ? NULL : key,
		    none ? 0 : (int)strlen(field[1]));
	if (error == 0 && (token = jwt_encode_str(jwt)) == NULL)
		error = errno;
	if (error == 0)
		printf("yes\t%s\n", token);
	free(token);
	jwt_free(jwt);
	return error;
}

static int
verify(char *field[FIELDS])
{
	const char *key = field[0];
	char *header = NULL, *claims = NULL;
	jwt_t *jwt = NULL;
	int error = jwt_decode(&jwt, field[2], (const unsigned char *)key, (int)strlen(key));

	if (error == 0) {
		header = jwt_get_headers_json(jwt, NULL);
		claims = jwt_get_grants_json(jwt, NULL);
		printf("yes\t%s\t%s\n", header, claims);
	}
	free(header);
	free(claims);
	jwt_free(jwt);
	return error;
}

int
main(void)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	puts("libjwt");
	fflush(stdout);
	while ((n = getline(&line, &cap, stdin)) > 0) {
		char *rest = line, *field[FIELDS + 1] = { 0 };
		int error;

		line[n - 1] = '\0';
		for (int i = 0; i <= FIELDS && rest != NULL; i++)
			field[i] = strsep(&rest, "\t");
		error = strcmp(field[0], "sign") == 0 ? sign(field + 1) : verify(field + 1);
		if (error != 0)
			printf("no\t%s\n", strerror(error));
		fflush(stdout);
	}
	free(line);
	return 0;
}
