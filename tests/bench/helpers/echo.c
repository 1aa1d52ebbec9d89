/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * echo: gives back each line as it comes, without a buffer of stdio's.
 * echo FILE: the same, but not before FILE exists.
 */

#include <unistd.h>

enum { LOOK_US = 20 * 1000 };

int
main(int argc, char *argv[])
{
	static char data[64 * 1024];
	ssize_t n, at, m;

	while (argc > 1 && access(argv[1], F_OK) < 0)
		usleep(LOOK_US);
	while ((n = read(0, data, sizeof(data))) > 0)
		for (at = 0; at < n; at += m)
			if ((m = write(1, data + at, (size_t)(n - at))) < 0)
				return 1;
	return n < 0;
}
