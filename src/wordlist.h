/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/* A list of words as execvp(3) takes it: NULL at its end. */
#ifndef WORDLIST_H
#define WORDLIST_H

/* Each word and the list, all of them from malloc(3). Takes NULL. */
void wordlist_free(char **words);

#endif
