/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "engine.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_NAME EDIT_MODULE ".so"

/* In the tree that we were built in, libtool puts it beside the program. */
static void *
open_beside_program(void)
{
	char path[PATH_MAX + sizeof("/.libs/" FILE_NAME)];
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX);
	char *slash;

	if (n <= 0 || n >= PATH_MAX)
		return NULL;
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (!slash)
		return NULL;
	memcpy(slash, "/.libs/" FILE_NAME, sizeof("/.libs/" FILE_NAME));
	return access(path, R_OK) == 0 ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
}

const struct edit_engine *
engine_open(const char **cause)
{
	const struct edit_engine *engine;
	void *module = open_beside_program();

	if (!module)
		module = dlopen(PKGLIBDIR "/" FILE_NAME, RTLD_NOW | RTLD_LOCAL);
	if (!module) {
		*cause = dlerror();
		return NULL;
	}
	engine = dlsym(module, EDIT_SYMBOL);
	if (engine && engine->version == EDIT_VERSION)
		return engine; /* it stays open as long as we run */
	*cause = "it is of another version";
	(void)dlclose(module); /* nothing of it is in use */
	return NULL;
}
