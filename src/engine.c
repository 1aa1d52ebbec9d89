/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "engine.h"

#include "tree.h"

#include <dlfcn.h>
#include <stdio.h>
#include <unistd.h>

#define FILE_NAME EDIT_MODULE ".so"

static void *
open_beside_program(void)
{
	char folder[PATH_MAX], path[PATH_MAX + sizeof("/.libs/" FILE_NAME)];

	if (!tree_folder(folder))
		return NULL;
	(void)snprintf(path, sizeof(path), "%s/.libs/" FILE_NAME, folder);
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
