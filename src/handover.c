/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "handover.h"

#include "editor.h"
#include "engine.h"
#include "io.h"
#include "msg.h"
#include "record.h"
#include "relay.h"
#include "tty.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

enum { ESCAPE = 0x1d };	/* ^] */

struct handover {
	struct conversation *c;
	struct tty *tty;
	struct editor *editor;
	struct relay *relay;
	const struct edit_engine *engine;	/* NULL: keys pass through */
	bool back;
};

static void
come_back(void *arg)
{
	struct handover *h = arg;

	h->back = true;
	loop_stop(h->c->loop);
}

static void
line_sent(void *arg, const void *data, size_t size)
{
	struct handover *h = arg;

	record_data(h->c->transcript, DUALPIPE_TO_CHILD, data, size);
}

static void
was_done(void *arg, const char *words)
{
	struct handover *h = arg;

	record_event(h->c->transcript, words);
}

static void
heard_at_side(void *arg, const void *data, size_t size)
{
	struct handover *h = arg;

	record_data(h->c->transcript, DUALPIPE_SIDE, data, size);
}

static void
output_done(void *arg)
{
	struct handover *h = arg;

	ending_output_done(h->c->ending);
}

static ssize_t
take_output(void *arg, enum relay_dir dir, const void *data, size_t size)
{
	struct handover *h = arg;

	return editor_take(h->editor, dir, data, size);
}

static void
show_message(void *arg, const char *line, size_t size)
{
	struct handover *h = arg;

	editor_note(h->editor, line, size);
}

static void
moved(void *arg, bool foreground)
{
	struct handover *h = arg;

	editor_moved(h->editor, foreground);
}

/* The child has the terminal that the person sees. */
static void
follow_window(void *arg, int signo, bool from_kernel)
{
	struct handover *h = arg;
	unsigned short rows, columns;

	(void)signo, (void)from_kernel;
	if (h->c->pty && tty_size(&rows, &columns))
		(void)dualpipe_resize(h->c->dp, rows, columns); /* it may just have ended */
}

static void
lost(void *arg)
{
	struct handover *h = arg;

	editor_lost(h->editor);
}

static int
open_editor(struct handover *h)
{
	const struct tty_opts terminal = {
		.raw = true,
		.newlines = !h->c->pty || (!h->engine && !h->c->asked->raw), /* nobody else puts the returns back */
		.undo = h->engine ? "\033[?2004l" : NULL,
		.moved = moved,
		.lost = lost,
		.arg = h
	};
	struct editor_opts opts = {
		.engine = h->engine,
		.pty = h->c->pty,
		.escape = h->c->asked->escape >= 0 ? h->c->asked->escape : ESCAPE,
		.sent = line_sent,
		.did = was_done,
		.heard = heard_at_side,
		.end = come_back,
		.left = come_back,
		.arg = h
	};

	h->tty = tty_new(h->c->loop, STDIN_FILENO, &terminal);
	opts.tty = h->tty;
	h->editor = h->tty ? editor_new(h->c->loop, &opts) : NULL;
	return h->editor ? 0 : -1;
}

/* The unfinished line may have been consumed by the steps before. */
static void
show_prompt(struct handover *h)
{
	size_t unread, size;
	const char *line = talk_last_line(h->c->talk, &size);

	(void)dualpipe_peek(h->c->dp, &unread);
	if (unread == 0 && size > 0)
		(void)editor_take(h->editor, RELAY_FROM_CHILD, line, size); /* full: it is not shown */
}

/* What is there already comes first. */
static int
open_relay(struct handover *h)
{
	const struct relay_opts opts = {
		.in_fd = -1,
		.out_fd = -1,
		.err_fd = isatty(STDERR_FILENO) ? -1 : STDERR_FILENO,
		.done = output_done,
		.take = take_output,
		.arg = h
	};

	h->relay = relay_new(h->c->loop, h->c->dp, &opts);
	if (!h->relay || editor_begin(h->editor, h->c->dp, h->relay) < 0)
		return -1;
	tty_begin(h->tty);
	show_prompt(h);
	relay_begin(h->relay);
	return 0;
}

static enum handover_end
converse(struct handover *h, const char **cause)
{
	if (open_editor(h) < 0 || open_relay(h) < 0 ||
	    loop_signal(h->c->loop, SIGWINCH, follow_window, h) < 0) {
		*cause = strerror(errno);
		return HANDOVER_FAILED;
	}
	follow_window(h, SIGWINCH, false);
	msg_route(show_message, h);
	loop_restart(h->c->loop);
	if (editor_run(h->editor) < 0) {
		*cause = strerror(errno);
		return HANDOVER_FAILED;
	}
	return h->back ? HANDOVER_BACK : HANDOVER_OVER;
}

/* What comes next on the terminal is another's. */
static void
leave_line(const struct conversation *c)
{
	size_t size;

	(void)talk_last_line(c->talk, &size);
	if (c->pty && size > 0)
		(void)io_write(STDOUT_FILENO, "\n", 1); /* a terminal, where nothing can be done about it */
}

/* NULL with the cause, which does not matter where keys may pass through. */
static const struct edit_engine *
open_engine(const struct conversation *c, const char **cause)
{
	if (!c->asked->no_edit && tty_can_edit())
		return engine_open(cause);
	*cause = c->asked->no_edit ? "with --no-edit there are no lines for a child on pipes" :
	    "TERM and size of the terminal do not let lines be edited for a child on pipes";
	return NULL;
}

enum handover_end
handover_run(struct conversation *c, const char **cause)
{
	struct handover h = { .c = c };
	enum handover_end end;

	if (!tty_has_person()) {
		*cause = "there is no terminal to hand the conversation to";
		return HANDOVER_FAILED;
	}
	h.engine = open_engine(c, cause);
	if (!h.engine && !c->pty)
		return HANDOVER_FAILED; /* nobody edits the lines, and the keys are no lines */
	conversation_lend(c, true);
	end = converse(&h, cause);
	msg_route(NULL, NULL);
	loop_forget(c->loop, &h);
	editor_end(h.editor);
	tty_free(h.tty);
	editor_free(h.editor);
	relay_free(h.relay);
	leave_line(c);
	conversation_lend(c, false);
	return end;
}
