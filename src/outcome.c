/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "outcome.h"

#include "cmd.h"
#include "msg.h"
#include "report.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>

static int
not_executed(const char *name, int error)
{
	if (error == ENOEXEC)
		msg_error("cannot start '%s': its interpreter, the word behind #!, does not exist", name);
	else if (error == ENOENT && strchr(name, ' '))
		msg_error("cannot start '%s': %s; as quoted it is one word: leave the quotes out, or run it by sh -c", name,
		    strerror(error));
	else
		msg_error("cannot start '%s': %s", name, strerror(error));
	return error == ENOENT ? CMD_NOT_FOUND : CMD_CANNOT_RUN;
}

int
outcome_not_started(const struct runopts *asked, const struct outcome_failure *failure)
{
	switch (failure->stage) {
	case DUALPIPE_STAGE_CHANNEL:
		msg_error("cannot start '%s': no %s to be had: %s", failure->name,
		    failure->pty ? "terminal or process" : "pipe or process", strerror(failure->error));
		return CMD_FAILED;
	case DUALPIPE_STAGE_DIRECTORY:
		msg_error("cannot enter '%s' of --directory: %s", asked->directory, strerror(failure->error));
		return CMD_FAILED;
	case DUALPIPE_STAGE_EXEC:
		break;
	}
	return not_executed(failure->name, failure->error);
}

int
outcome_status(const struct ending *e)
{
	int status;

	if (ending_reason(e) != ENDING_BY_ITSELF)
		return CMD_TIMEOUT;
	if (!ending_status(e, &status))
		return CMD_FAILED;
	return WIFSIGNALED(status) ? CMD_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

const char *
outcome_reason(const struct ending *e, bool failed)
{
	int status;

	if (failed)
		return "failed";
	switch (ending_reason(e)) {
	case ENDING_TIMEOUT:
		return "timeout";
	case ENDING_IDLE:
		return "idle-timeout";
	case ENDING_STRUCK:
	case ENDING_BY_ITSELF:
		break;
	}
	if (!ending_status(e, &status))
		return "failed";
	return WIFSIGNALED(status) ? "signal" : "exited";
}

void
outcome_tell_rest(const struct ending *e, const char *name)
{
	if (ending_gave_up(e))
		msg_notice("what '%s' said last was not taken from us in time", name);
	else if (ending_cut_off(e))
		msg_notice("'%s' has ended, but something it started still holds its output; see --linger", name);
}

int
outcome_close_report(const struct runopts *asked, struct outlet *report, int patience_ms)
{
	int result = report_close(report, patience_ms);

	if (result < 0)
		msg_error("cannot write to descriptor %d of --status-fd: %s", asked->status_fd, strerror(errno));
	return result;
}
