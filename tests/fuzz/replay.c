/* SPDX-License-Identifier: MIT */
/* Runs a target over a corpus, without libFuzzer: each file is an input, each line of a .hex file is one. */
#include <dirent.h>

#include "fuzz.h"

#define FILE_MOST (1 << 20)

static int ran;

/* Exactly as large as the input, so that a read beyond is seen. */
static void run(const unsigned char *bytes, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	MUST(copy);
	memcpy(copy, bytes, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
	ran++;
}

/* Two digits a byte, in place. */
static void run_hex(char *line, size_t length)
{
	for (size_t i = 0; i + 1 < length; i += 2) {
		int high = tcpbuf__reader_hex(line[i]), low = tcpbuf__reader_hex(line[i + 1]);

		MUST(high >= 0 && low >= 0);
		line[i / 2] = (char)(high << 4 | low);
	}
	MUST(length % 2 == 0);
	run((unsigned char *)line, length / 2);
}

static void run_lines(char *text, size_t size)
{
	char *end;

	for (; size && (end = memchr(text, '\n', size)); size -= (size_t)(end + 1 - text), text = end + 1)
		run_hex(text, (size_t)(end - text));
	MUST(size == 0);
}

static void run_file(const char *folder, const char *name)
{
	static char bytes[FILE_MOST];
	const char *dot = strrchr(name, '.');
	char path[512];
	size_t size;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "re");
	MUST(file);
	size = fread(bytes, 1, sizeof(bytes), file);
	MUST(size < sizeof(bytes) && !ferror(file));
	fclose(file);
	if (dot && strcmp(dot, ".hex") == 0)
		run_lines(bytes, size);
	else
		run((unsigned char *)bytes, size);
}

static int is_shown(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		struct dirent **entries;
		int count = scandir(argv[i], &entries, is_shown, alphasort);

		for (int k = 0; k < count; k++) {
			run_file(argv[i], entries[k]->d_name);
			free(entries[k]);
		}
		if (count >= 0)
			free(entries);
	}
	printf("%d inputs\n", ran);
	return ran ? 0 : 1;
}
