/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

/*
 * What a dialogue at work is, for the files that work on it: `play' goes from
 * step to step, `playact' does those that are done at once, `playwait' those
 * that wait, `playask' those that ask, `playsecret' those that nobody is to see.
 */
#ifndef PLAYING_H
#define PLAYING_H

#include "argument.h"
#include "ask.h"
#include "buf.h"
#include "deadline.h"
#include "framing.h"
#include "keyname.h"
#include "outq.h"
#include "play.h"
#include "secretsource.h"
#include "vars.h"

#include <stdint.h>

/* Where we are in a block, and how we came there. */
enum frame_kind {
	FRAME_PLAIN,
	FRAME_REPEAT,
	FRAME_FOR,
	FRAME_BRANCH,	/* of the expect of step */
	FRAME_ON	/* in the middle of what step waits for */
};

struct frame {
	enum frame_kind kind;
	const struct dialogue_block *block;
	size_t at;
	const struct dialogue_step *step;
	uint64_t left;		/* rounds, or words */
	bool at_end;		/* FRAME_BRANCH: the output had ended */
	size_t on;		/* FRAME_ON: which one */
};

/* A branch that every later expect has as well. */
struct standing {
	const struct dialogue_step *step;
	bool busy;		/* its block is at work, and it is no case meanwhile */
};

/* What it waits for. */
enum waiting {
	WAITING_NOT,
	WAITING_EXPECT,
	WAITING_SECRET,		/* for the secret itself */
	WAITING_PROMPT,		/* with a secret for a child that asks for one */
	WAITING_REPLY,		/* to what was asked */
	WAITING_PERSON,		/* at the terminal, who has the conversation */
	WAITING_SLEEP,
	WAITING_CHILD,		/* to end */
	WAITING_CLOSE,		/* for what was sent to go */
	WAITING_OUTPUT,		/* for our own stdout */
	WAITING_STOPPED		/* for what was printed to go, then it is over */
};

/* One case of what an expect waits for. */
struct expect_case {
	const struct dialogue_branch *branch;
	struct buf text;	/* with its variables */
	size_t standing;	/* which one, or SIZE_MAX */
};

struct play {
	struct loop *loop;
	struct play_opts opts;
	struct dualpipe *dp;
	bool has_pty;
	struct vars *vars;
	struct outq *out;

	struct frame *frames;
	size_t depth, room;
	struct standing *standing;
	size_t standing_count;

	enum waiting waiting;
	const struct dialogue_step *step;	/* that waits */
	struct timer *timer;
	deadline began, until;
	bool graced;				/* the time was over, but not the doubt about what came last */
	bool at_end;				/* the output has ended, and the child has not yet */
	bool took_nothing;			/* the last match was one of nothing */
	bool onward;				/* the same expect, or ask, waits on behind a match of it */
	deadline busy;				/* was seen last to wait for nothing that could be us */
	uint64_t ready_at;			/* how much had passed, where ready came last; else UINT64_MAX */
	int64_t limit_ms;			/* of a step that waits; negative: none */

	struct expect_case *cases;
	struct dualpipe_pattern *patterns;	/* of the cases that are text */
	size_t *case_of;			/* of each of them */
	size_t case_count, case_room, pattern_count, pattern_room;
	unsigned long long dropped;		/* of the output, as was told */

	const struct profile *profile;		/* NULL where none is known */
	struct framing framing;			/* of the requests that follow */
	bool framing_given;
	struct ask *ask;

	struct secretsource *source;
	char *secret;				/* with its Enter */
	size_t secret_size;
	unsigned looks;

	deadline heard;				/* when the child said something last ... */
	bool heard_prompt;			/* ... that stopped in the middle of a line, behind what was sent */
	struct keyname_follower keys;		/* what the output says of the keys' form */
	struct buf text, other;			/* expanded words */
	bool child_ended;
	int wait_status;
	bool met_end;
	int interrupted;			/* by this signal; 0: not */
	bool decided;				/* exit, fail, a failure: status holds */
	bool over;
	int status;
};

/* A failure: status, behind place and what was wrong. Always false, for who returns it. */
bool play_fail(struct play *p, int status, struct dialogue_place at, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Not with --quiet. */
void play_notice(struct play *p, struct dialogue_place at, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* With --verbose. */
void play_note(struct play *p, struct dialogue_place at, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* A text with its variables, in `to', or in p->text; false for a failure. */
bool play_expand_to(struct play *p, const struct dialogue_text *text, enum vars_quoting quoting, struct buf *to);
bool play_expand(struct play *p, const struct dialogue_text *text);

/* The same as a string of C; NULL for a failure, as where it is none of that kind. */
const char *play_word(struct play *p, const struct dialogue_text *word, enum argument kind);

/* Begins to wait: limit_ms from now, negative for ever. */
void play_wait(struct play *p, enum waiting what, const struct dialogue_step *step, int64_t limit_ms);

/* How long the step has waited, in seconds. */
double play_waited(const struct play *p);

/* It is done; the next step comes. */
void play_go_on(struct play *p);

/* Enters a block. False for a failure. */
bool play_enter(struct play *p, const struct frame *frame);

/* The child that was started, or NULL. */
void play_take_child(struct play *p, struct dualpipe *dp);

/* Whether the child is on a pty. */
bool play_has_pty(const struct play *p);

/* What the child's state is, in words. */
const char *play_state(struct play *p, char *text, size_t size);

/* The status of the child as a shell has it. */
int play_code(int wait_status);

/* The signal that came has ended the child, and so what is still to be done. */
void play_abandon(struct play *p);

/* playact: a step that is done at once. False for a failure. */
bool playact_do(struct play *p, const struct dialogue_step *step);
/* What was printed may have gone. */
void playact_printed(struct play *p);
/* if S =~ /regex/: 1, 0, or -1 for a failure. A match sets what a match of expect does. */
int playact_matches(struct play *p, const struct dialogue_step *step);

/* playwait */
bool playwait_begin(struct play *p, const struct dialogue_step *step);
/* The step that waits looks again; late: its time is over. */
void playwait_look(struct play *p, bool late);
/* The expect, or the ask, begins to wait. */
bool playwait_look_for(struct play *p, const struct dialogue_step *step);
/* The one that a branch belongs to waits on, its time beginning anew. */
bool playwait_again(struct play *p, const struct dialogue_step *step);
/* The output is at its end: a little time for the child to end as well. */
void playwait_for_end(struct play *p);
/* The case for the end or the time is taken, where there is one. */
bool playwait_special(struct play *p, enum dialogue_pattern_kind kind);
/* The branches that stand for all, where output comes that nothing else is for. Whether one of them took some. */
bool playwait_standing(struct play *p);
/* Tells what a step that waits was waiting for, when the run's time is out. */
void playwait_struck(struct play *p);
void playwait_free(struct play *p);

/* playask: requests and their framing; the look is at a reply. */
bool playask_begin(struct play *p, const struct dialogue_step *step);
bool playask_set_framing(struct play *p, const struct dialogue_step *step);
void playask_look(struct play *p, bool late);
void playask_free(struct play *p);

/* playsecret */
bool playsecret_begin(struct play *p, const struct dialogue_step *step);
void playsecret_look(struct play *p, bool late);
/* Gives it up, and its source, which must not be what calls. */
void playsecret_free(struct play *p);

#endif
