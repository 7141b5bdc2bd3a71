/* SPDX-License-Identifier: MIT */
/* Real connections brought into each state: the verdicts are those of that state, and no others. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <tcpbuf/tcpbuf.h>

#include "check_main.h"
#include "line.h"

#define ALL_VERDICTS 16
#define TRIES 10

/* How the connection is used. */
struct state {
	const char *name;
	struct line_options line;
	const char *setting[2][2]; /* of each end's namespace: file and value */
	int rcvbuf, sndbuf;        /* SO_RCVBUF of the receiver, SO_SNDBUF of the sender; 0: not called */
	int later;                 /* SO_RCVBUF of the receiver once it is connected, with a window to match; 0: not called */
	uint32_t chunk;            /* bytes of one write */
	uint32_t pause_us;         /* after each write */
	uint32_t read_rate;        /* bytes/s; 0: nothing is read; UINT32_MAX: at once */
	uint32_t bytes;            /* received before the samples, or waiting at the sender when nothing is read */
	uint32_t codes[2][2];      /* verdicts of the sender's end and of the receiver's, ascending */
	uint32_t eighths;          /* of the receive buffer's memory, with which the sender stops; 0: it does not */
};

#define FAST UINT32_MAX
#define FAR {20000, 0, 1000}

static const struct state states[] = {
	{"reader slow", {2000, 0, 1000}, {{0}}, 0, 0, 0, 65536, 0, 200000, 300000,
		{{TCPBUF_VERDICT_PEER_WINDOW}, {TCPBUF_VERDICT_READER_SLOW}}, 0},
	{"reader stopped", {2000, 0, 1000}, {{0}}, 0, 0, 0, 65536, 0, 0, 50000,
		{{TCPBUF_VERDICT_ZERO_WINDOW}, {TCPBUF_VERDICT_READER_SLOW}}, 0},
	/* Not until it is full: some kernels collapse it then. */
	{"small segments unread", {2000, 0, 1000}, {{0}}, 0, 0, 0, 16, 5000, 0, 500,
		{{TCPBUF_VERDICT_APP_IDLE}, {TCPBUF_VERDICT_TRUESIZE}}, 3},
	{"receive buffer fixed", FAR, {{0}}, 16000, 0, 0, 65536, 0, FAST, 300000,
		{{TCPBUF_VERDICT_PEER_WINDOW}, {TCPBUF_VERDICT_RCVBUF_FIXED}}, 0},
	{"receive buffer at its maximum", FAR, {{0}, {"ipv4/tcp_rmem", "4096 16384 32768"}}, 0, 0, 0, 65536, 0,
		FAST, 300000, {{TCPBUF_VERDICT_PEER_WINDOW}, {TCPBUF_VERDICT_RCVBUF_MAX}}, 0},
	{"receive buffer not tuned", FAR, {{0}, {"ipv4/tcp_moderate_rcvbuf", "0"}}, 0, 0, 0, 65536, 0, FAST,
		2000000, {{TCPBUF_VERDICT_PEER_WINDOW}, {TCPBUF_VERDICT_RCVBUF_UNTUNED}}, 0},
	{"window scale off", FAR, {{"ipv4/tcp_window_scaling", "0"}}, 0, 0, 0, 65536, 0, FAST, 2000000,
		{{TCPBUF_VERDICT_WSCALE}, {TCPBUF_VERDICT_WSCALE}}, 0},
	/* A buffer of 200000 bytes needs a scale of 1; one of two million cannot get more any more. */
	{"window scale too small", FAR, {{0}}, 100000, 0, 1000000, 65536, 0, FAST, 4000000,
		{{TCPBUF_VERDICT_WSCALE}, {TCPBUF_VERDICT_WSCALE}}, 0},
	{"send buffer fixed", FAR, {{0}}, 0, 8000, 0, 65536, 0, FAST, 2000000, {{TCPBUF_VERDICT_SNDBUF_FIXED}, {0}}, 0},
	{"send buffer at its maximum", FAR, {{"ipv4/tcp_wmem", "4096 16384 16384"}}, 0, 0, 0, 65536, 0, FAST,
		2000000, {{TCPBUF_VERDICT_SNDBUF_MAX}, {0}}, 0},
	{"slow path", {10000, 1000000, 20}, {{0}}, 0, 0, 0, 65536, 0, FAST, 1000000, {{TCPBUF_VERDICT_CWND}, {0}}, 0},
	{"application idle", {2000, 0, 1000}, {{0}}, 0, 0, 0, 100, 200000, FAST, 300,
		{{TCPBUF_VERDICT_APP_IDLE}, {0}}, 0},
};

struct connection {
	const struct state *state;
	struct line line;
	struct pair pair; /* the client sends */
	atomic_int stop;
	pthread_t threads[2];
};

/* What is unread takes so much of the receive buffer. */
static int is_filled(const struct connection *c)
{
	uint32_t memory[9] = {0}; /* SK_MEMINFO_RMEM_ALLOC, SK_MEMINFO_RCVBUF: linux/sock_diag.h */
	socklen_t size = sizeof(memory);

	return c->state->eighths && getsockopt(c->pair.server, SOL_SOCKET, SO_MEMINFO, memory, &size) == 0 &&
	       memory[0] >= memory[1] / 8 * c->state->eighths;
}

static void *send_main(void *arg)
{
	static const char zeroes[65536];
	struct connection *c = arg;

	while (!c->stop && !is_filled(c)) {
		struct pollfd fd = {c->pair.client, POLLOUT, 0};

		/* A write is a segment at least, also where a round trip takes long. */
		if (poll(&fd, 1, 100) == 1)
			send(c->pair.client, zeroes, c->state->chunk, MSG_DONTWAIT | MSG_NOSIGNAL | MSG_EOR);
		if (c->state->pause_us)
			usleep(c->state->pause_us);
	}
	return NULL;
}

static void *receive_main(void *arg)
{
	struct connection *c = arg;
	static char data[65536];
	uint32_t rate = c->state->read_rate;

	while (!c->stop) {
		struct pollfd fd = {c->pair.server, POLLIN, 0};

		if (rate && poll(&fd, 1, 100) == 1)
			recv(c->pair.server, data, rate == FAST ? sizeof(data) : rate / 50, MSG_DONTWAIT);
		if (rate != FAST)
			usleep(20000);
	}
	return NULL;
}

static void join_ends(struct connection *c)
{
	int on = 1;

	c->pair = line_pair(&c->line, c->state->rcvbuf, c->state->sndbuf);
	setsockopt(c->pair.client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(c->pair.client, IPPROTO_TCP, TCP_CONGESTION, "cubic", 5);
	if (c->state->later) {
		setsockopt(c->pair.server, SOL_SOCKET, SO_RCVBUF, &c->state->later, sizeof(int));
		setsockopt(c->pair.server, IPPROTO_TCP, TCP_WINDOW_CLAMP, &c->state->later, sizeof(int));
	}
}

static void start(struct connection *c, const struct state *state)
{
	c->state = state;
	c->stop = 0;
	c->line = line_start(&state->line);
	for (int i = 0; i < 2; i++)
		if (state->setting[i][0])
			scratch_set(&c->line.ends[i], state->setting[i][0], state->setting[i][1]);
	join_ends(c);
	pthread_create(&c->threads[0], NULL, send_main, c);
	pthread_create(&c->threads[1], NULL, receive_main, c);
}

static void finish(struct connection *c)
{
	c->stop = 1;
	pthread_join(c->threads[0], NULL);
	pthread_join(c->threads[1], NULL);
	pair_close(&c->pair);
	line_stop(&c->line);
}

/* What the library sees of one end, from outside the process that owns it. */
struct view {
	struct tcpbuf_netns *ns;
	struct tcpbuf_explain_end facts;
};

static int64_t setting_of(struct tcpbuf_netns *ns, uint32_t key, int element)
{
	struct tcpbuf_value value;

	ck_assert_int_eq(tcpbuf_sysctl_get(ns, key, &value, sizeof(value)), 0);
	return value.numbers[element];
}

static struct view view_of(struct tcpbuf *tb, const struct scratch *end)
{
	struct view v = {.facts = {.size = sizeof(v.facts), .known = TCPBUF_EXPLAIN_KNOWS_SETTINGS}};

	ck_assert_int_eq(tcpbuf_netns_open_fd(tb, end->fd, &v.ns), 0);
	v.facts.rmem_max = setting_of(v.ns, TCPBUF_KEY_TCP_RMEM, 2);
	v.facts.wmem_max = setting_of(v.ns, TCPBUF_KEY_TCP_WMEM, 2);
	v.facts.moderate_rcvbuf = (uint32_t)setting_of(v.ns, TCPBUF_KEY_TCP_MODERATE_RCVBUF, 0);
	v.facts.window_scaling = (uint32_t)setting_of(v.ns, TCPBUF_KEY_TCP_WINDOW_SCALING, 0);
	return v;
}

static struct tcpbuf_sock sample(const struct view *v)
{
	struct tcpbuf_sock_iter *it;
	struct tcpbuf_sock sock, found = {0};

	ck_assert_int_eq(tcpbuf_sock_iter_open(v->ns, NULL, &it), 0);
	while (tcpbuf_sock_iter_next(it, &sock, sizeof(sock)) == 1)
		if (sock.state == TCPBUF_SOCK_ESTABLISHED)
			found = sock;
	tcpbuf_sock_iter_close(it);
	ck_assert_uint_ne(found.valid & TCPBUF_SOCK_HAS_INFO, 0);
	return found;
}

/* Until the connection has come into its state; bounded. */
static void settle(const struct connection *c, const struct view *views)
{
	const struct state *state = c->state;
	struct tcpbuf_sock sender, receiver;

	for (int i = 0; i < 400; i++) {
		sender = sample(&views[0]);
		receiver = sample(&views[1]);
		if (receiver.bytes_received >= state->bytes && (state->read_rate || sender.snd_wnd == 0 || is_filled(c)))
			return;
		usleep(50000);
	}
	ck_abort_msg("%s: not in its state after 20 s: received %llu, window %u", state->name,
		(unsigned long long)receiver.bytes_received, sender.snd_wnd);
}

/* Codes of each end as one text, "7@0 1@1 ". */
static void codes_text(char *out, size_t size, const struct tcpbuf_verdict *verdicts, int count)
{
	out[0] = '\0';
	for (uint32_t end = 0; end < 2; end++)
		for (uint32_t code = 1; code < ALL_VERDICTS; code++)
			for (int i = 0; i < count; i++)
				if (verdicts[i].end == end && verdicts[i].code == code)
					snprintf(out + strlen(out), size - strlen(out), "%s@%u ",
						tcpbuf_verdict_name(code), end);
}

static void expected_text(char *out, size_t size, const struct state *state)
{
	out[0] = '\0';
	for (uint32_t end = 0; end < 2; end++)
		for (int i = 0; i < 2 && state->codes[end][i]; i++)
			snprintf(out + strlen(out), size - strlen(out), "%s@%u ",
				tcpbuf_verdict_name(state->codes[end][i]), end);
}

static int examine(const struct view *views, struct tcpbuf_verdict *verdicts)
{
	struct tcpbuf_sock before[2] = {sample(&views[0]), sample(&views[1])}, after[2];
	struct timespec began, ended;
	uint64_t us;

	clock_gettime(CLOCK_MONOTONIC, &began);
	usleep(500000);
	after[0] = sample(&views[0]);
	after[1] = sample(&views[1]);
	clock_gettime(CLOCK_MONOTONIC, &ended);
	us = (uint64_t)(ended.tv_sec - began.tv_sec) * 1000000 +
		(uint64_t)(ended.tv_nsec - began.tv_nsec + 1000000000) / 1000 - 1000000;
	return tcpbuf_explain_socket(&before[0], &after[0], sizeof(after[0]), us, &views[0].facts,
		&before[1], &after[1], &views[1].facts, verdicts, sizeof(verdicts[0]), ALL_VERDICTS);
}

/* An owner sees its lock bits; SO_BUF_LOCK is there since 5.14. */
static void learn_locks(struct view *views, const struct connection *c)
{
	const int fds[2] = {c->pair.client, c->pair.server};

	for (int i = 0; i < 2; i++) {
		uint32_t lock;
		socklen_t size = sizeof(lock);

		if (getsockopt(fds[i], SOL_SOCKET, 72, &lock, &size) != 0)
			continue;
		views[i].facts.lock = lock;
		views[i].facts.known |= TCPBUF_EXPLAIN_KNOWS_LOCK;
	}
}

/* A state lasts; a time in which sender, relay or reader found no processor may show another one, a timeout then. */
static void check(const struct state *state, const struct view *views)
{
	struct tcpbuf_verdict verdicts[ALL_VERDICTS];
	char got[256] = "", expected[256];
	int count = 0;

	expected_text(expected, sizeof(expected), state);
	for (int tries = 0; tries < TRIES && strcmp(got, expected) != 0; tries++) {
		count = examine(views, verdicts);
		ck_assert_int_ge(count, 0);
		codes_text(got, sizeof(got), verdicts, count);
	}
	for (int i = 0; i < count; i++)
		printf("%s: %s@%u: %s; %s\n", state->name, tcpbuf_verdict_name(verdicts[i].code),
			verdicts[i].end, verdicts[i].evidence, verdicts[i].setting);
	ck_assert_msg(strcmp(got, expected) == 0, "%s: got %sexpected %s", state->name, got, expected);
}

START_TEST(state_has_its_verdicts_and_no_others)
{
	const struct state *state = &states[_i];
	struct connection c;
	struct view views[2];
	struct tcpbuf *tb;

	start(&c, state);
	ck_assert_int_eq(tcpbuf_new(&tb), 0);
	views[0] = view_of(tb, &c.line.ends[0]);
	views[1] = view_of(tb, &c.line.ends[1]);
	settle(&c, views);
	check(state, views);
	learn_locks(views, &c);
	check(state, views);
	tcpbuf_netns_close(views[0].ns);
	tcpbuf_netns_close(views[1].ns);
	tcpbuf_free(tb);
	finish(&c);
}
END_TEST

#ifdef TCPBUF_TEST_TOOL

/* What the tool prints of the connection from the receiver's side, as root: of another process's socket, to it. */
static void ask_tool(const struct connection *c, const char *option, char *out, size_t size)
{
	struct sockaddr_in ends[2];
	socklen_t length = sizeof(ends[0]);
	char command[1024];
	size_t got;
	FILE *f;

	ck_assert_int_eq(getsockname(c->pair.client, (struct sockaddr *)&ends[0], &length), 0);
	ck_assert_int_eq(getsockname(c->pair.server, (struct sockaddr *)&ends[1], &length), 0);
	snprintf(command, sizeof(command),
		TCPBUF_TEST_TOOL " --netns %d --interval 0.5 %s " LINE_ADDRESS_1 ":%d " LINE_ADDRESS_0 ":%d",
		(int)c->line.ends[1].pid, option, ntohs(ends[1].sin_port), ntohs(ends[0].sin_port));
	f = popen(command, "re");
	ck_assert_ptr_nonnull(f);
	got = fread(out, 1, size - 1, f);
	out[got] = '\0';
	ck_assert_int_eq(pclose(f), 0);
	printf("%s", out);
}

/* Does it print that line within bounded tries? */
static int tool_says(const struct connection *c, const char *option, const char *line)
{
	char text[4096] = "";

	for (int try = 0; try < TRIES && !strstr(text, line); try++)
		ask_tool(c, option, text, sizeof(text));
	return strstr(text, line) != NULL;
}

START_TEST(the_owner_is_asked_on_demand)
{
	const struct state *state = &states[0];
	struct connection c;
	struct view views[2];
	struct tcpbuf *tb;

	/* The tool is where CTest runs this, but not in every guest. */
	if (access(TCPBUF_TEST_TOOL, X_OK) != 0) {
		ck_assert_ptr_null(getenv("TCPBUF_TEST_REQUIRE"));
		printf("not asked: there is no %s\n", TCPBUF_TEST_TOOL);
		return;
	}
	while (state->rcvbuf == 0)
		state++;
	start(&c, state);
	ck_assert_int_eq(tcpbuf_new(&tb), 0);
	views[0] = view_of(tb, &c.line.ends[0]);
	views[1] = view_of(tb, &c.line.ends[1]);
	settle(&c, views);
	ck_assert(tool_says(&c, "", "\npeer: " LINE_ADDRESS_0 ":"));
	ck_assert(tool_says(&c, "", "\nrcvbuf_fixed, own end, inferred\n"));
	ck_assert(tool_says(&c, "", "\npeer_window, peer's end\n"));
	learn_locks(views, &c);
	if (views[1].facts.known & TCPBUF_EXPLAIN_KNOWS_LOCK)
		ck_assert(tool_says(&c, "--inspect", "\nrcvbuf_fixed, own end\n"));
	tcpbuf_netns_close(views[0].ns);
	tcpbuf_netns_close(views[1].ns);
	tcpbuf_free(tb);
	finish(&c);
}
END_TEST

#endif

int main(void)
{
	Suite *suite = suite_create("explain, live");
	TCase *tcase = tcase_create("states");

	if (!line_possible())
		skip_all("needs /dev/net/tun");
	scratch_rights();
	tcase_add_loop_test(
		tcase, state_has_its_verdicts_and_no_others, 0, sizeof(states) / sizeof(states[0]));
#ifdef TCPBUF_TEST_TOOL
	if (geteuid() == 0)
		tcase_add_test(tcase, the_owner_is_asked_on_demand);
#endif
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
