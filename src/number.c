/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "number.h"

#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct unit {
	const char *name;
	double factor;
};

/* A decimal number of any length, without sign or exponent. */
static bool
parse_decimal(const char *text, double *number, const char **end)
{
	const char *at = text;

	while (isdigit((unsigned char)*at))
		at++;
	if (*at == '.')
		at++;
	while (isdigit((unsigned char)*at))
		at++;
	*end = at;
	if (at == text || (at == text + 1 && *text == '.'))
		return false;
	*number = strtod(text, NULL);
	return true;
}

/* A number with one of the units behind it, in the smallest of them. */
static bool
parse_with_unit(const char *text, const struct unit *units, size_t count, double most, double *number)
{
	const char *name;
	size_t i;

	if (!parse_decimal(text, number, &name))
		return false;
	for (i = 0; i < count && strcmp(name, units[i].name) != 0; i++)
		;
	if (i == count || *number * units[i].factor > most)
		return false;
	*number *= units[i].factor;
	return true;
}

bool
number_duration(const char *text, int64_t *ms)
{
	static const struct unit units[] = {
		{ "", 1e3 }, { "ms", 1 }, { "s", 1e3 }, { "m", 6e4 }, { "h", 3.6e6 }, { "d", 8.64e7 }
	};
	const double most = 1e15; /* some thirty thousand years */
	double number;

	if (strcmp(text, "none") == 0) {
		*ms = -1;
		return true;
	}
	if (!parse_with_unit(text, units, sizeof(units) / sizeof(units[0]), most, &number))
		return false;
	*ms = (int64_t)number;
	if ((double)*ms < number)
		++*ms; /* what is not nothing must not become nothing */
	return true;
}

bool
number_size(const char *text, uint64_t *bytes)
{
	static const struct unit units[] = {
		{ "", 1 }, { "k", 0x1p10 }, { "K", 0x1p10 }, { "M", 0x1p20 }, { "G", 0x1p30 }, { "T", 0x1p40 }
	};
	const double most = 0x1p53; /* up to which a double holds each whole number */
	double number;

	if (!parse_with_unit(text, units, sizeof(units) / sizeof(units[0]), most, &number))
		return false;
	*bytes = (uint64_t)number;
	return (double)*bytes == number;
}

bool
number_whole(const char *text, unsigned long least, unsigned long most, unsigned long *value, const char **end)
{
	char *behind;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	*value = strtoul(text, &behind, 10);
	if (errno != 0 || *value < least || *value > most)
		return false;
	if (end)
		*end = behind;
	return end || *behind == '\0';
}
