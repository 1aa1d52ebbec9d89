/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* Why something failed, in words, where errno cannot say it. */
#ifndef CAUSE_H
#define CAUSE_H

/*
 * -1 with EINVAL, and *cause the text, the caller's to free; NULL with ENOMEM
 * where memory is out. cause may be NULL, for who does not tell.
 */
__attribute__((format(printf, 2, 3))) int cause_set(char **cause, const char *format, ...);

#endif
