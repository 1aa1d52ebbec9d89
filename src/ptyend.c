/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "ptyend.h"

#include "io.h"

#include <signal.h>

/* How long between two looks, at first and at most, in milliseconds. */
enum { FIRST_PAUSE = 1, LAST_PAUSE = 100 };

/* Then, a look at many processes takes its time, of which it may have one part in so many. */
enum { SHARE = 16 };

/* A child that has just been started needs a few milliseconds to come to read. */
enum { EAGER_LOOKS = 8 };

/*
 * What a HUP may take to be heeded; a silence after which somebody is likely to
 * read who cannot be seen; and between two ends as bytes for such a one.
 */
enum { HANGUP_PAUSE = 500, SETTLE_PAUSE = 20, BLIND_PAUSE = 300 };

/* How long one is taken for busy that may look for input now and then, and never waits for it. */
enum { UNSEEN_PAUSE = 5000 };

/* The ends that one group gets as bytes. */
enum { MOST_BYTES = 2 };

void
ptyend_begin(struct ptyend *e)
{
	*e = (struct ptyend){ .begun = true, .next = deadline_now(), .pause_ms = FIRST_PAUSE,
		.unseen_until = deadline_in(UNSEEN_PAUSE) };
}

static bool
is_eager(const struct ptyend *e)
{
	return e->looks < EAGER_LOOKS;
}

void
ptyend_wake(struct ptyend *e)
{
	if (!e->begun || e->hung_up)
		return;
	e->pause_ms = FIRST_PAUSE;
	e->settled = false;
	e->next = deadline_in(FIRST_PAUSE + (is_eager(e) ? 0 : e->least_ms));
}

static void
pause_longer(struct ptyend *e)
{
	if (is_eager(e)) {
		e->looks++;
		e->next = deadline_in(FIRST_PAUSE);
		return;
	}
	e->next = deadline_in(e->pause_ms + e->least_ms);
	if (e->pause_ms < LAST_PAUSE)
		e->pause_ms *= 2;
}

/* A full terminal takes no end now; the next look tries again. */
static void
send_end(const struct pty *pty)
{
	char end = pty_eof_char(pty);

	(void)io_write(pty->master, &end, 1);
}

static enum ptyend_need
hang_up(struct ptyend *e)
{
	if (e->hung_up)
		return PTYEND_HANGUP;
	e->hung_up = true;
	(void)kill(-e->group, SIGHUP); /* gone by now: all the better */
	(void)kill(-e->group, SIGCONT);
	e->next = deadline_in(HANGUP_PAUSE);
	return PTYEND_NOTHING;
}

/* A reader that edits for itself and takes the character for what it likes. */
static enum ptyend_need
end_raw(struct ptyend *e, const struct pty *pty, enum process_waits waits)
{
	if (e->bytes_sent < MOST_BYTES) {
		e->bytes_sent++;
		send_end(pty);
	} else if (waits == PROCESS_WAITS) {
		return hang_up(e);
	}
	return PTYEND_NOTHING;
}

/*
 * Who reads cannot be told. A while of silence makes it likely that somebody
 * does, in the mode that he wants the terminal in.
 */
static void
end_blindly(struct ptyend *e, const struct pty *pty)
{
	bool canonical = pty_canonical(pty);

	if (e->settled && (canonical || e->bytes_sent++ < MOST_BYTES))
		send_end(pty);
	e->next = deadline_in(canonical || !e->settled ? SETTLE_PAUSE : BLIND_PAUSE);
	e->settled = true;
}

/* Who does not read lines leaves it there, and no further one goes out. */
static void
end_unseen(struct ptyend *e, const struct pty *pty)
{
	if (deadline_left(e->unseen_until) > 0 || !pty_canonical(pty))
		return;
	e->unseen_until = deadline_in(UNSEEN_PAUSE);
	send_end(pty);
}

/*
 * Nothing goes out while bytes or an end are unread, or while nobody sleeps
 * reading: an end that is still there when a program takes the terminal raw
 * would reach it as a NUL. Only one that is busy for long gets it unasked.
 */
enum ptyend_need
ptyend_look(struct ptyend *e, const struct pty *pty)
{
	int64_t began_us = deadline_now_us();
	enum process_waits waits;
	pid_t group;

	if (pty_unread(pty)) {
		pause_longer(e);
		return PTYEND_NOTHING;
	}
	waits = pty_waits(pty, &group, NULL, is_eager(e) ? PTY_SEARCH_IDLE : PTY_SEARCH_ALL);
	e->least_ms = (int)((deadline_now_us() - began_us) * SHARE / 1000);
	pause_longer(e);
	if (group != e->group) {
		e->group = group;
		e->looks = 0;
		e->bytes_sent = 0;
		e->hung_up = false;
		e->unseen_until = deadline_in(UNSEEN_PAUSE);
	}
	if (waits != PROCESS_BUSY)
		e->unseen_until = deadline_in(UNSEEN_PAUSE);
	switch (waits) {
	case PROCESS_BUSY:
		end_unseen(e, pty);
		break;
	case PROCESS_UNKNOWN:
		end_blindly(e, pty);
		break;
	case PROCESS_WAITS_ALSO:
	case PROCESS_WAITS:
		if (!pty_canonical(pty))
			return end_raw(e, pty, waits);
		send_end(pty);
		e->looks = 0;
		break;
	}
	return PTYEND_NOTHING;
}
