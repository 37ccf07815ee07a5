/* lines FILE...: writes each file as a line of which printf(1) makes it again: a corpus as text. */
#include <stdio.h>
#include <string.h>

static void
put(int c)
{
	if (c == '%' || c == '\\')
		printf("%c%c", c, c);
	else if (c < ' ' || c > '~')
		printf("\\%03o", (unsigned)c);
	else
		putchar(c);
}

int
main(int n, char **name)
{
	for (int i = 1; i < n; i++) {
		FILE *in = fopen(name[i], "rb");
		int c;

		if (in == NULL) {
			perror(name[i]);
			return 1;
		}
		while ((c = getc(in)) != EOF)
			put(c);
		putchar('\n');
		fclose(in);
	}
	return 0;
}
