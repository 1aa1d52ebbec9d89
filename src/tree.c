/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "tree.h"

#include <string.h>
#include <unistd.h>

bool
tree_folder(char folder[PATH_MAX])
{
	char path[PATH_MAX + sizeof("/.libs")];
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX);
	char *slash;

	if (n <= 0 || n >= PATH_MAX)
		return false;
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (!slash)
		return false;
	memcpy(slash, "/.libs", sizeof("/.libs"));
	if (access(path, X_OK) < 0)
		return false;
	*slash = '\0';
	memcpy(folder, path, (size_t)(slash - path) + 1);
	return true;
}
