/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "typed.h"

#include <stdbool.h>
#include <unistd.h>

enum {
	HELD = 3500,	/* a driver keeps 4095 bytes of a line, and drops the rest */
	PUSHED = 1000,	/* some keep 1024 */
	USUAL_EOF = 0x04
};

static bool
is_special(const struct termios *mode, unsigned char c)
{
	static const unsigned char always[] = { VEOF, VEOL, VERASE, VKILL };
	static const unsigned char extended[] = { VLNEXT,
#ifdef VEOL2
		VEOL2,
#endif
#ifdef VREPRINT
		VREPRINT,
#endif
#ifdef VWERASE
		VWERASE,
#endif
	};
	static const unsigned char signals[] = { VINTR, VQUIT, VSUSP };
	static const unsigned char flow[] = { VSTART, VSTOP };
	size_t i;

	if (c == _POSIX_VDISABLE)
		return false;
	for (i = 0; i < sizeof(always); i++)
		if (mode->c_cc[always[i]] == c)
			return true;
	for (i = 0; i < sizeof(extended); i++)
		if (mode->c_cc[extended[i]] == c)
			return true;
	for (i = 0; i < sizeof(signals) && (mode->c_lflag & ISIG); i++)
		if (mode->c_cc[signals[i]] == c)
			return true;
	for (i = 0; i < sizeof(flow) && (mode->c_iflag & IXON); i++)
		if (mode->c_cc[flow[i]] == c)
			return true;
	return c == '\r' && (mode->c_iflag & (ICRNL | IGNCR));
}

static bool
has_key(const struct termios *mode, int index)
{
	return mode->c_cc[index] != _POSIX_VDISABLE;
}

int
typed_line(struct buf *to, const struct termios *mode, const char *line, size_t size)
{
	bool quotes = (mode->c_lflag & ICANON) && (mode->c_lflag & IEXTEN) && has_key(mode, VLNEXT);
	bool pushes = (mode->c_lflag & ICANON) && has_key(mode, VEOF) && size > HELD;
	char *at = buf_reserve(to, 2 * size + size / PUSHED + 1);
	size_t i, n = 0;

	if (!at)
		return -1;
	for (i = 0; i < size; i++) {
		if (quotes && is_special(mode, (unsigned char)line[i]))
			at[n++] = (char)mode->c_cc[VLNEXT];
		at[n++] = line[i];
		if (pushes && i % PUSHED == PUSHED - 1 && i + 1 < size)
			at[n++] = (char)mode->c_cc[VEOF];
	}
	buf_added(to, n);
	return 0;
}

static bool
is_end_of_line(const struct termios *mode, char c)
{
	if (c == '\n' || (has_key(mode, VEOL) && (char)mode->c_cc[VEOL] == c))
		return true;
#ifdef VEOL2
	return has_key(mode, VEOL2) && (char)mode->c_cc[VEOL2] == c;
#else
	return false;
#endif
}

int
typed_again(struct buf *to, const struct termios *mode, const char *line, size_t size,
    const struct termios *ours)
{
	char end = has_key(mode, VEOF) ? (char)mode->c_cc[VEOF] : USUAL_EOF;

	if (size > 0 && is_end_of_line(ours, line[size - 1]))
		end = line[--size];
	if (end == '\n' && (ours->c_iflag & ICRNL))
		end = '\r'; /* the key that was pressed */
	if (typed_line(to, mode, line, size) < 0)
		return -1;
	return buf_append(to, &end, 1);
}
