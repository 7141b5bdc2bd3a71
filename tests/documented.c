/* SPDX-License-Identifier: MIT */
#include "documented.h"

#include <check.h>
#include <ctype.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>

#define DEPTH 4 /* of functions that refer to others */

static char headers[1 << 20];

static void read_headers(void)
{
	glob_t files;
	size_t used = 0;

	ck_assert_int_eq(glob(TCPBUF_SOURCE_DIR "/include/tcpbuf/*.h", 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		FILE *file = fopen(files.gl_pathv[i], "r");

		ck_assert_ptr_nonnull(file);
		used += fread(headers + used, 1, sizeof(headers) - 1 - used, file);
		fclose(file);
	}
	globfree(&files);
	ck_assert_uint_lt(used, sizeof(headers) - 1);
}

static int is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* Where the function is declared, or NULL. */
static const char *find_declaration(const char *function, size_t length)
{
	for (const char *at = strstr(headers, "TCPBUF_API"); at; at = strstr(at + 1, "TCPBUF_API")) {
		const char *name = at + strcspn(at, "(") - length;

		if (strncmp(name, function, length) == 0 && !is_word(name[-1]))
			return at;
	}
	return NULL;
}

/* What the comment before a declaration says of its result: from "Returns" to its end. */
static size_t find_returns(const char *declaration, const char **out)
{
	const char *begin = declaration, *end, *returns;

	while (strncmp(begin, "/*", 2) != 0)
		begin--;
	end = strstr(begin, "*/");
	returns = strstr(begin, "Returns");
	*out = returns && returns < end ? returns : end;
	return (size_t)(end - *out);
}

static int has_code(const char *text, size_t size, const char *code)
{
	size_t length = strlen(code);

	for (const char *at = text; (at = memchr(at, '-', size - (size_t)(at - text))); at++)
		if (strncmp(at + 1, code, length) == 0 && !is_word(at[1 + length]))
			return 1;
	return 0;
}

static int documents_name(const char *function, size_t length, const char *code, int depth)
{
	const char *declaration = find_declaration(function, length), *text;
	size_t size;

	ck_assert_msg(declaration != NULL, "no declaration of %.*s", (int)length, function);
	size = find_returns(declaration, &text);
	if (has_code(text, size, code))
		return 1;
	for (const char *at = strstr(text, "tcpbuf_"); depth && at && at < text + size; at = strstr(at, "tcpbuf_")) {
		size_t name = 0;

		while (is_word(at[name]))
			name++;
		if (at[name] == '(' && documents_name(at, name, code, depth - 1))
			return 1;
		at += name;
	}
	return 0;
}

int documents(const char *function, int code)
{
	if (!headers[0])
		read_headers();
	return documents_name(function, strlen(function), strerrorname_np(-code), DEPTH);
}
