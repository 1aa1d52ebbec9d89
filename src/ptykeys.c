/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "ptykeys.h"

#include "io.h"

#include <errno.h>
#include <signal.h>
#include <termios.h>

/*
 * A canonical reader's driver holds 4095 bytes on Linux and throws away what
 * is more; other systems have smaller queues (MAX_CANON, 1024 on macOS).
 */
#ifdef HAVE_PROCFS
enum { MOST_UNREAD = 4095 };
#else
enum { MOST_UNREAD = 255 };
#endif

/* Between two looks whether what was sent has been read, or the mode has changed, in milliseconds. */
enum { FIRST_PAUSE = 1, LAST_PAUSE = 50 };

/* With a child that is not seen to come back reading. */
enum { PATIENCE_MS = 100 };

/* Who was seen to wait is trusted to do so still. */
enum { SEEN_MS = 2 };

size_t
ptykeys_held(const struct ptykeys *k)
{
	return k->queue.size + k->line.size + k->end;
}

int
ptykeys_type(struct ptykeys *k, const char *keys, size_t size)
{
	k->pause_ms = 0;
	k->queue.secret = k->line.secret = true; /* what is typed may be a password */
	if (ptykeys_held(k) == 0)
		k->patience = deadline_in(PATIENCE_MS);
	return buf_append(&k->queue, keys, size);
}

bool
ptykeys_due(const struct ptykeys *k)
{
	return k->queue.size > 0 || k->ready > 0 || k->end;
}

bool
ptykeys_wants_room(const struct ptykeys *k)
{
	return k->next == DEADLINE_NEVER && ptykeys_due(k);
}

void
ptykeys_free(struct ptykeys *k)
{
	buf_free(&k->queue);
	buf_free(&k->line);
}

static bool
is_key(const struct termios *mode, int which, char key)
{
	return mode->c_cc[which] != _POSIX_VDISABLE && (char)mode->c_cc[which] == key;
}

/* Which signal a key is, 0 for none. */
static int
signal_of(const struct termios *mode, char key)
{
	if (!(mode->c_lflag & ISIG))
		return 0;
	if (is_key(mode, VINTR, key))
		return SIGINT;
	if (is_key(mode, VQUIT, key))
		return SIGQUIT;
	return is_key(mode, VSUSP, key) ? SIGTSTP : 0;
}

/* What was typed before an interrupt is gone with it, at a terminal. */
static void
send_signal(struct ptykeys *k, const struct pty *pty, const struct termios *mode, int signo)
{
	if (!(mode->c_lflag & NOFLSH)) {
		buf_consume(&k->line, k->line.size);
		k->ready = 0;
		k->end = k->begun = k->pushed = false;
		pty_flush(pty);
	}
	(void)pty_signal(pty, signo); /* nobody may be there to get it */
}

/* The last character of the line: with UTF-8, all its bytes. */
static void
erase_character(struct ptykeys *k, const struct termios *mode)
{
	const char *line = buf_peek(&k->line);
	size_t size = k->line.size;

#ifdef IUTF8
	while ((mode->c_iflag & IUTF8) && size > k->ready + 1 && (line[size - 1] & 0xc0) == 0x80)
		size--;
#else
	(void)mode, (void)line;
#endif
	if (size > k->ready)
		k->line.size = size - 1;
}

/* As the driver of Linux has it, whatever our locale: all that is not ASCII is of a word. */
static bool
is_of_word(char c)
{
	return (c & 0x80) || c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static void
erase_word(struct ptykeys *k)
{
	const char *line = buf_peek(&k->line);

	while (k->line.size > k->ready && !is_of_word(line[k->line.size - 1]))
		k->line.size--;
	while (k->line.size > k->ready && is_of_word(line[k->line.size - 1]))
		k->line.size--;
}

/* Whether the key was for the line's editing. */
static bool
edit(struct ptykeys *k, const struct termios *mode, char key)
{
	bool extended = mode->c_lflag & IEXTEN;

	if (is_key(mode, VERASE, key))
		erase_character(k, mode);
	else if (is_key(mode, VKILL, key))
		k->line.size = k->ready;
	else if (extended && is_key(mode, VWERASE, key))
		erase_word(k);
	else if (extended && is_key(mode, VLNEXT, key))
		k->quoted = true;
	else
		return false;
	return true;
}

/* "\r" and "\n" as the child wants them; false for one that it wants not at all. */
static bool
map(const struct termios *mode, char *key)
{
	if (*key == '\r') {
		if (mode->c_iflag & IGNCR)
			return false;
		if (mode->c_iflag & ICRNL)
			*key = '\n';
	} else if (*key == '\n' && (mode->c_iflag & INLCR)) {
		*key = '\r';
	}
	return true;
}

/* Behind bytes of a line an end-of-file only hands them over. */
static void
end_of_file(struct ptykeys *k)
{
	k->pushed = k->line.size > 0 || k->begun;
	k->end = !k->pushed;
	k->ready = k->line.size;
	if (k->line.size == 0)
		k->begun = false;
}

/* One key to a child that reads lines, and there is room for it. */
static void
collect(struct ptykeys *k, const struct pty *pty, const struct termios *mode, char key)
{
	int signo = k->quoted ? 0 : signal_of(mode, key);

	if (signo > 0) {
		send_signal(k, pty, mode, signo);
		return;
	}
	if (!k->quoted && edit(k, mode, key))
		return;
	if (!k->quoted && is_key(mode, VEOF, key)) {
		end_of_file(k);
		return;
	}
	if (!k->quoted && !map(mode, &key))
		return;
	(void)buf_append(&k->line, &key, 1);
	/* What the driver has no room for cannot be edited any more. */
	if ((!k->quoted && (key == '\n' || is_key(mode, VEOL, key))) || k->line.size >= MOST_UNREAD)
		k->ready = k->line.size;
	k->quoted = false;
}

static void
look_later(struct ptykeys *k)
{
	k->pause_ms = k->pause_ms == 0 ? FIRST_PAUSE : k->pause_ms * 2;
	if (k->pause_ms > LAST_PAUSE)
		k->pause_ms = LAST_PAUSE;
	k->next = deadline_in(k->pause_ms);
}

/*
 * Whether the reader has what was sent before, and sleeps for more: he may
 * read the next line in another mode, or throw away what is typed too early.
 * One who is never seen to sleep is not waited for again.
 */
static bool
is_awaited(struct ptykeys *k, const struct pty *pty)
{
	pid_t group;

	if (deadline_left(k->seen_until) > 0) {
		k->blind = false;
		return true;
	}
	if (pty_unread(pty))
		return false;
	if (k->begun || pty_waits(pty, &group, &k->reader, PTY_SEARCH_GROUP) != PROCESS_BUSY) {
		k->blind = false;
		return true;
	}
	if (k->blind || deadline_left(k->patience) == 0) {
		k->blind = true;
		return true;
	}
	return false;
}

/* As write(2): what goes into the terminal without a loss. */
static ssize_t
write_some(struct ptykeys *k, const struct pty *pty, const char *data, size_t size)
{
	ssize_t n = io_write(pty->master, data, size);

	if (n < 0 && errno == EIO)
		errno = EPIPE;
	if (n <= 0)
		return n;
	k->pause_ms = 0;
	k->patience = deadline_in(PATIENCE_MS);
	k->seen_until = 0;
	return n;
}

static ssize_t
write_end(struct ptykeys *k, const struct pty *pty)
{
	char end = pty_eof_char(pty);
	ssize_t n = write_some(k, pty, &end, 1);

	k->end = n <= 0;
	return n;
}

static ssize_t
write_line(struct ptykeys *k, const struct pty *pty)
{
	size_t size = k->ready < MOST_UNREAD ? k->ready : MOST_UNREAD;
	ssize_t n = write_some(k, pty, buf_peek(&k->line), size);
	char last;

	if (n <= 0)
		return n;
	last = buf_peek(&k->line)[n - 1];
	k->begun = last != '\n' && last != '\r';
	buf_consume(&k->line, (size_t)n);
	k->ready -= (size_t)n;
	if (k->pushed && k->ready == 0)
		k->begun = k->pushed = false;
	return n;
}

/* What is the reader's: 1 when all of it has gone, 0 when it waits, -1. */
static int
deliver(struct ptykeys *k, const struct pty *pty)
{
	ssize_t n;

	while (k->ready > 0 || k->end) {
		if (!is_awaited(k, pty)) {
			look_later(k);
			return 0;
		}
		n = k->ready > 0 ? write_line(k, pty) : write_end(k, pty);
		if (n < 0)
			return errno == EAGAIN ? 0 : -1;
	}
	return 1;
}

/* One key to a child that reads keys: up to a line's end they go together. There is room for it. */
static void
gather(struct ptykeys *k, const struct pty *pty, const struct termios *mode, char key)
{
	int signo = signal_of(mode, key);

	if (signo > 0)
		send_signal(k, pty, mode, signo);
	else if (map(mode, &key))
		(void)buf_append(&k->line, &key, 1);
}

/* Whether what was taken in so far is to be brought to the child before the next key is looked at. */
static bool
is_full(const struct ptykeys *k, const struct termios *mode)
{
	const char *line = buf_peek(&k->line);

	if (k->ready > 0 || k->end)
		return true;
	if ((mode->c_lflag & ICANON) || k->line.size == 0)
		return false;
	return k->line.size >= MOST_UNREAD || line[k->line.size - 1] == '\r' || line[k->line.size - 1] == '\n' ||
	    (k->queue.size > 0 && signal_of(mode, *buf_peek(&k->queue)) > 0);
}

/* The driver knows what they mean. */
static int
take_unseen(struct ptykeys *k)
{
	if (buf_append(&k->line, buf_peek(&k->queue), k->queue.size) < 0)
		return -1;
	buf_consume(&k->queue, k->queue.size);
	k->ready = k->line.size;
	return 0;
}

static int
take_keys(struct ptykeys *k, const struct pty *pty, const struct termios *mode)
{
	bool lines = mode->c_lflag & ICANON;
	char key;

	if (!pty_leaves_keys())
		return take_unseen(k);
	while (k->queue.size > 0 && !is_full(k, mode)) {
		if (!buf_reserve(&k->line, 1))
			return -1; /* it stays in the queue */
		key = *buf_peek(&k->queue);
		buf_consume(&k->queue, 1);
		(lines ? collect : gather)(k, pty, mode, key);
	}
	if (!lines || (k->finished && k->queue.size == 0))
		k->ready = k->line.size; /* what was collected of a line, too */
	return 0;
}

int
ptykeys_pump(struct ptykeys *k, const struct pty *pty)
{
	struct termios mode;
	int gone;

	k->next = DEADLINE_NEVER;
	for (;;) {
		gone = deliver(k, pty);
		if (gone <= 0)
			return gone;
		if (ptykeys_held(k) == 0)
			return 0;
		if (pty_keys_mode(pty, &mode) < 0) {
			errno = EPIPE;
			return -1;
		}
		if (take_keys(k, pty, &mode) < 0)
			return -1;
		if (k->ready > 0 || k->end)
			continue;
		if (k->line.size > 0)
			look_later(k); /* the mode may change, and make it the reader's */
		return 0;
	}
}

void
ptykeys_finish(struct ptykeys *k)
{
	k->finished = true;
	k->next = DEADLINE_NEVER;
}

void
ptykeys_seen_waiting(struct ptykeys *k)
{
	k->seen_until = deadline_in(SEEN_MS);
}
