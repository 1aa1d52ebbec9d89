/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The dualpipe authors */

#include "keys.h"

#include "utf8.h"
#include "wide.h"

#include <string.h>

enum { PIECE = 32768 };	/* of a pasted line that is handed out before its end */

static const char opening[] = "\033[200~";
static const char closing[] = "\033[201~";
enum { BRACKET = sizeof(opening) - 1 };

int
keys_add(struct keys *k, const char *data, size_t size)
{
	k->bytes.secret = k->text.secret = true;
	return buf_append(&k->bytes, data, size);
}

static enum keys_kind
give_pasted(struct keys *k, struct key *key, size_t size, bool newline)
{
	size_t taken = size + newline;

	if (buf_append(&k->text, buf_peek(&k->bytes), size) < 0)
		size = 0; /* it is lost */
	*key = (struct key){ .kind = KEYS_PASTED, .text = buf_peek(&k->text), .size = size, .newline = newline };
	buf_consume(&k->bytes, taken);
	return KEYS_PASTED;
}

/* How many bytes of pasted text there are before an end of line, or an ESC that may begin the bracket. */
static size_t
pasted_run(const char *data, size_t size)
{
	size_t n = 0;

	while (n < size && data[n] != '\r' && data[n] != '\n' &&
	    !(data[n] == '\033' && memcmp(data + n, closing, size - n < BRACKET ? size - n : BRACKET) == 0))
		n++;
	return n;
}

static enum keys_kind
next_pasted(struct keys *k, struct key *key)
{
	const char *data = buf_peek(&k->bytes);
	size_t size = k->bytes.size, n;

	if (size > 0 && k->after_return && data[0] == '\n') {
		buf_consume(&k->bytes, 1);
		data++;
		size--;
	}
	if (size == 0)
		return KEYS_NONE;
	k->after_return = false;
	n = pasted_run(data, size);
	if (n < size && data[n] != '\033') {
		k->after_return = data[n] == '\r';
		return give_pasted(k, key, n, true);
	}
	if (size - n >= BRACKET) {
		k->pasting = false;
		(void)give_pasted(k, key, n, false);
		buf_consume(&k->bytes, BRACKET);
		return n > 0 ? KEYS_PASTED : keys_next(k, key);
	}
	if (n < PIECE)
		return KEYS_NONE;
	return give_pasted(k, key, n - utf8_tail(data, n), false);
}

enum keys_kind
keys_next(struct keys *k, struct key *key)
{
	size_t compared;
	int taken;

	*key = (struct key){ .kind = KEYS_NONE };
	buf_consume(&k->text, k->text.size);
	if (k->pasting)
		return next_pasted(k, key);
	while (k->bytes.size > 0) {
		const char *data = buf_peek(&k->bytes);

		compared = k->bytes.size < BRACKET ? k->bytes.size : BRACKET;
		if (compared > 1 && memcmp(data, opening, compared) == 0) {
			if (compared < BRACKET)
				return KEYS_NONE; /* nobody types that by hand */
			buf_consume(&k->bytes, BRACKET);
			k->pasting = true;
			return next_pasted(k, key);
		}
		taken = wide_char(data, k->bytes.size, &key->c);
		if (taken == 0)
			return KEYS_NONE;
		buf_consume(&k->bytes, taken > 0 ? (size_t)taken : 1);
		/* What no key sends means something to the engine. */
		if (taken > 0 && !(key->c >= 0x80 && key->c < 0xa0))
			return key->kind = KEYS_TYPED;
	}
	return KEYS_NONE;
}

size_t
keys_plain(const struct keys *k)
{
	const char *data = buf_peek(&k->bytes);
	size_t n = 0;
	int length;

	while (!k->pasting && n < k->bytes.size && (unsigned char)data[n] >= ' ' && data[n] != 0x7f) {
		length = utf8_char(data + n, k->bytes.size - n);
		if (length <= 0 || utf8_is_c1(data + n, k->bytes.size - n))
			break;
		n += (size_t)length;
	}
	return n;
}

void
keys_free(struct keys *k)
{
	buf_free(&k->bytes);
	buf_free(&k->text);
}
