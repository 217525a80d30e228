#ifndef STANDALONE_H_
#define STANDALONE_H_

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * standalone -- a main() for a fuzz target without libFuzzer.
 *
 * Compile a target with -DSTANDALONE to run it once over each file named on
 * the command line: with another compiler, under valgrind, or to see again
 * what was found.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#ifdef STANDALONE
static int
run_file(const char *name)
{
	static uint8_t buffer[1 << 21];
	FILE *file = fopen(name, "rb");
	uint8_t *p;
	size_t n;

	if (file == NULL) {
		perror(name);
		return (1);
	}
	n = fread(buffer, 1, sizeof(buffer), file);
	(void)fclose(file);	/* it was only read */

	/* In a block of its own, so that its end is the end. */
	p = malloc(n > 0 ? n : 1);
	if (p == NULL)
		return (1);
	for (size_t i = 0; i < n; i++)
		p[i] = buffer[i];
	(void)LLVMFuzzerTestOneInput(p, n);	/* always 0 */
	free(p);
	return (0);
}

int
main(int argc, char **argv)
{
	int bad = 0;

	for (int i = 1; i < argc; i++)
		bad |= run_file(argv[i]);
	printf("%d files\n", argc - 1);
	return (bad);
}
#endif

#endif /* !STANDALONE_H_ */
