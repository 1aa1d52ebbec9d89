/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "writer.h"

#include "io.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

struct writer {
	int fd;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;

	/* What follows is for the lock. */
	const void *data;	/* what is to be written, NULL: nothing */
	size_t size;
	int error;
	bool ended;
};

static void *
write_on(void *arg)
{
	struct writer *w = arg;
	int error;

	(void)pthread_mutex_lock(&w->lock); /* none of these can fail as they are used here */
	while (w->data || !w->ended) {
		if (!w->data) {
			(void)pthread_cond_wait(&w->changed, &w->lock);
			continue;
		}
		(void)pthread_mutex_unlock(&w->lock);
		error = io_write_all(w->fd, w->data, w->size) < 0 ? errno : 0;
		(void)pthread_mutex_lock(&w->lock);
		w->data = NULL;
		w->error = error;
		(void)pthread_cond_signal(&w->changed);
	}
	(void)pthread_mutex_unlock(&w->lock);
	return NULL;
}

/* Signals are for the thread whose loop waits for them. */
static int
start_thread(struct writer *w)
{
	sigset_t all, before;
	int error;

	(void)sigfillset(&all);
	error = pthread_sigmask(SIG_SETMASK, &all, &before);
	if (error)
		return error;
	error = pthread_create(&w->thread, NULL, write_on, w);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}

struct writer *
writer_new(int fd)
{
	struct writer *w = calloc(1, sizeof(*w));
	int error;

	if (!w)
		return NULL;
	w->fd = fd;
	(void)pthread_mutex_init(&w->lock, NULL);
	(void)pthread_cond_init(&w->changed, NULL);
	error = start_thread(w);
	if (!error)
		return w;
	(void)pthread_cond_destroy(&w->changed);
	(void)pthread_mutex_destroy(&w->lock);
	free(w);
	errno = error;
	return NULL;
}

void
writer_free(struct writer *w)
{
	if (!w)
		return;
	(void)pthread_mutex_lock(&w->lock);
	w->ended = true;
	(void)pthread_cond_signal(&w->changed);
	(void)pthread_mutex_unlock(&w->lock);
	(void)pthread_join(w->thread, NULL);
	(void)pthread_cond_destroy(&w->changed);
	(void)pthread_mutex_destroy(&w->lock);
	free(w);
}

void
writer_write(struct writer *w, const void *data, size_t size)
{
	(void)pthread_mutex_lock(&w->lock);
	if (!w->error) {
		w->data = data;
		w->size = size;
		(void)pthread_cond_signal(&w->changed);
	}
	(void)pthread_mutex_unlock(&w->lock);
}

int
writer_wait(struct writer *w)
{
	int error;

	(void)pthread_mutex_lock(&w->lock);
	while (w->data)
		(void)pthread_cond_wait(&w->changed, &w->lock);
	error = w->error;
	(void)pthread_mutex_unlock(&w->lock);
	return error;
}
