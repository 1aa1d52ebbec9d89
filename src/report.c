/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "report.h"

#include "json.h"
#include "signame.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

static void
put_pid(struct json *j, pid_t pid)
{
	json_key(j, "pid");
	if (pid > 0)
		json_int(j, pid);
	else
		json_null(j);
}

static void
send_line(struct outlet *to, struct json *j)
{
	if (json_end(j) == 0)
		outlet_put(to, buf_peek(j->to), j->to->size);
	else
		to->error = errno;
	buf_free(j->to);
}

void
report_open(struct outlet *to, int fd)
{
	*to = (struct outlet){ .fd = -1 };
	if (fd < 0)
		return;
	to->fd = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (to->fd < 0)
		to->error = errno;
	if (fd > STDERR_FILENO)
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
}

void
report_start(struct outlet *to, pid_t pid)
{
	struct buf line = { 0 };
	struct json j = { .to = &line };

	if (to->fd < 0)
		return;
	json_open(&j, '{');
	json_key(&j, "event");
	json_text(&j, "start");
	put_pid(&j, pid);
	json_close(&j, '}');
	send_line(to, &j);
}

/* How the child really ended: one of the two is null, both where it is not known. */
static void
put_status(struct json *j, const struct report *report)
{
	char name[SIGNAME_ROOM];

	json_key(j, "code");
	if (report->have_status && WIFEXITED(report->status))
		json_int(j, WEXITSTATUS(report->status));
	else
		json_null(j);
	json_key(j, "signal");
	if (report->have_status && WIFSIGNALED(report->status))
		json_text(j, signame_get(WTERMSIG(report->status), name));
	else
		json_null(j);
}

void
report_end(struct outlet *to, const struct report *report)
{
	struct buf line = { 0 };
	struct json j = { .to = &line };

	if (to->fd < 0)
		return;
	json_open(&j, '{');
	json_key(&j, "event");
	json_text(&j, "end");
	put_pid(&j, report->pid);
	json_key(&j, "reason");
	json_text(&j, report->reason);
	if (report->limit) {
		json_key(&j, "limit");
		json_text(&j, report->limit);
	}
	put_status(&j, report);
	json_key(&j, "to_child");
	json_int(&j, (int64_t)report->to_child);
	json_key(&j, "from_child");
	json_int(&j, (int64_t)report->from_child);
	json_key(&j, "ms");
	json_int(&j, report->ms);
	json_close(&j, '}');
	send_line(to, &j);
}

/* Some file systems tell only here that what was written is lost. */
int
report_close(struct outlet *to, int patience_ms)
{
	int fd = to->fd;

	outlet_end(to, patience_ms);
	to->fd = -1;
	if (fd >= 0 && close(fd) < 0 && errno != EINTR)
		to->error = errno;
	if (to->error)
		errno = to->error;
	return to->error ? -1 : 0;
}
