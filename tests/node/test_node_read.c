/* SPDX-License-Identifier: MIT */
/* A node's record from a written procfs: whole, in parts, and from garbage. */
#include <errno.h>

#include "tree.h"

static const char sockstat[] = "sockets: used 15\nTCP: inuse 1 orphan 3 tw 4 alloc 5 mem 1000\nUDP: inuse 0 mem 0\n";

static const char protocols[] =
	"protocol  size sockets  memory press maxhdr  slab module     cl co di ac io\n"
	"AF_VSOCK  1240      0      -1   NI       0   yes  kernel      y  n  n  n  n\n"
	"MPTCP     1984      0    1000   yes      0   yes  kernel      y  y  y  n  y\n"
	"TCPv6     2432      0    1000   yes    256   yes  kernel      y  y  y  y  y\n"
	"TCP       2304      1    1000   yes    256   yes  kernel      y  y  y  y  y\n";

static const char slab[] =
	"slabinfo - version: 2.1\n"
	"# name <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables : slabdata\n"
	"tw_sock_TCPv6 32 32 256 16 1 : tunables 0 0 0 : slabdata 2 2 0\n"
	"TCPv6 26 26 2496 13 8 : tunables 0 0 0 : slabdata 2 2 0\n"
	"TCP 53 104 2368 13 8 : tunables 0 0 0 : slabdata 8 8 0\n";

static const char *const files[][2] = {
	{"net/sockstat", sockstat},
	{"net/protocols", protocols},
	{"sys/net/ipv4/tcp_mem", "500\t1000\t2000\n"},
	{"sys/net/core/mem_pcpu_rsv", "128\n"},
	{"stat", "cpu 1 2 3\ncpu0 1 2\ncpu3 1 2\nintr 5\ncpufreq 1\n"},
	{"softirqs", "      CPU0  CPU1  CPU2  CPU3\nHI: 1 2 3 4\n"},
	{"slabinfo", slab},
	{"sys/kernel/osrelease", "6.12.117+deb13-cloud-amd64\n"},
};
#define FILES (int)(sizeof(files) / sizeof(files[0]))

/* Groups that go when a file goes, in the order of files. */
static const uint64_t needs[] = {
	0,
	TCPBUF_NODE_HAS_PRESSURE | TCPBUF_NODE_HAS_TCP | TCPBUF_NODE_HAS_TCP6 | TCPBUF_NODE_HAS_MPTCP,
	TCPBUF_NODE_HAS_LIMITS | TCPBUF_NODE_HAS_SHARE,
	0,
	TCPBUF_NODE_HAS_CPUS | TCPBUF_NODE_HAS_ERROR_BAR,
	TCPBUF_NODE_HAS_CPUS | TCPBUF_NODE_HAS_ERROR_BAR,
	TCPBUF_NODE_HAS_SLAB,
	0,
};
#define ALL UINT64_C(1023)

static struct tree whole_tree(void)
{
	struct tree t = tree_start();

	for (int i = 0; i < FILES; i++)
		tree_text(&t, files[i][0], files[i][1]);
	return t;
}

START_TEST(whole)
{
	struct tree t = whole_tree();
	struct tcpbuf_node n;
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	ck_assert_msg(tcpbuf_node_read(t.tb, &n, sizeof(n)) == 0, "%s", tcpbuf_error_text(t.tb));
	ck_assert_uint_eq(n.valid, ALL);
	ck_assert_uint_eq(n.used_pages, 1000);
	ck_assert_uint_eq(n.used_bytes, 1000 * page);
	ck_assert_uint_eq(n.limit_pages[0], 500);
	ck_assert_uint_eq(n.limit_bytes[2], 2000 * page);
	ck_assert_uint_eq(n.used_share[0], 20000);
	ck_assert_uint_eq(n.used_share[1], 10000);
	ck_assert_uint_eq(n.used_share[2], 5000);
	ck_assert_uint_eq(n.pressure, 1);
	ck_assert_uint_eq(n.sockets, 5);
	ck_assert_uint_eq(n.orphans, 3);
	ck_assert_uint_eq(n.cpus_online, 2);
	ck_assert_uint_eq(n.cpus_possible, 4);
	ck_assert_uint_eq(n.error_pages, 256);
	ck_assert_uint_eq(n.error_bytes, 256 * page);
	ck_assert_uint_eq(n.max_header_bytes, 256);
	ck_assert_uint_eq(n.tcp_sock_bytes, 2304);
	ck_assert_uint_eq(n.tcp6_sock_bytes, 2432);
	ck_assert_uint_eq(n.mptcp_sock_bytes, 1984);
	ck_assert_uint_eq(n.slab_sockets, 79);
	ck_assert_uint_eq(n.slab_sockets_bytes, 80 * page);
	ck_assert_uint_eq(n.slab_time_wait, 32);
	ck_assert_uint_eq(n.slab_time_wait_bytes, 2 * page);
	ck_assert_uint_eq(n.slab_requests, 0);
	tree_stop(&t);
}
END_TEST

START_TEST(columns_follow_the_header)
{
	struct tree t = whole_tree();
	struct tcpbuf_node n;

	tree_text(&t, "net/protocols", "protocol maxhdr new press size\nTCP 320 x no 7\nTCPv6 1 x no 8\n");
	ck_assert_int_eq(tcpbuf_node_read(t.tb, &n, sizeof(n)), 0);
	ck_assert_uint_eq(n.valid, ALL & ~(uint64_t)TCPBUF_NODE_HAS_MPTCP);
	ck_assert_uint_eq(n.max_header_bytes, 320);
	ck_assert_uint_eq(n.tcp_sock_bytes, 7);
	ck_assert_uint_eq(n.tcp6_sock_bytes, 8);
	ck_assert_uint_eq(n.pressure, 0);
	tree_text(&t, "net/protocols", "protocol press\nTCP no\n");
	ck_assert_int_eq(tcpbuf_node_read(t.tb, &n, sizeof(n)), 0);
	ck_assert_uint_ne(n.valid & TCPBUF_NODE_HAS_PRESSURE, 0);
	ck_assert_uint_eq(n.valid & (TCPBUF_NODE_HAS_TCP | TCPBUF_NODE_HAS_TCP6), 0);
	tree_stop(&t);
}
END_TEST

START_TEST(a_file_is_missing)
{
	struct tree t = whole_tree();
	struct tcpbuf_node n;

	tree_drop(&t, files[_i][0]);
	if (_i == 0) {
		ck_assert_int_eq(tcpbuf_node_read(t.tb, &n, sizeof(n)), -ENOENT);
		ck_assert_ptr_nonnull(strstr(tcpbuf_error_text(t.tb), "cannot read net/sockstat: "));
	} else {
		ck_assert_int_eq(tcpbuf_node_read(t.tb, &n, sizeof(n)), 0);
		ck_assert_uint_eq(n.valid, ALL & ~needs[_i]);
	}
	tree_stop(&t);
}
END_TEST

/* Files that are counted rather than read as numbers cannot be wrong, only empty. */
static int is_counted(int i)
{
	return strcmp(files[i][0], "stat") == 0 || strcmp(files[i][0], "softirqs") == 0;
}

START_TEST(a_file_is_empty)
{
	struct tree t = whole_tree();
	struct tcpbuf_node n;
	int err, refused = strncmp(files[_i][0], "sys/", 4) == 0 || _i == 0;

	tree_text(&t, files[_i][0], "");
	err = tcpbuf_node_read(t.tb, &n, sizeof(n));
	ck_assert_int_eq(err, refused ? -EPROTO : 0);
	if (!err)
		ck_assert_uint_eq(n.valid, ALL & ~needs[_i]);
	tree_stop(&t);
}
END_TEST

static const char *const garbage[][2] = {
	{"net/sockstat", "TCP: inuse 1 orphan x tw 4 alloc 5 mem 1000\n"},
	{"net/sockstat", "TCP: inuse 1 orphan 3 tw 4 alloc 5 mem -1\n"},
	{"net/sockstat", "TCP: inuse 1 orphan 3 tw 4 alloc 5 mem 99999999999999999999999\n"},
	{"net/sockstat", "TCP: inuse 1 orphan 3 tw 4 alloc 5 mem"},
	{"net/sockstat", "TCP"},
	{"net/protocols", "protocol size maxhdr press\nTCP 2304 256\n"},
	{"net/protocols", "protocol size maxhdr press\nTCP 2304 256 maybe\n"},
	{"net/protocols", "protocol size maxhdr press\nTCP 4294967296 256 no\n"},
	{"net/protocols", "protocol size maxhdr press\nTCPv6 -1 256 no\n"},
	{"sys/net/ipv4/tcp_mem", "1 2\n"},
	{"sys/net/ipv4/tcp_mem", "1 2 3 4\n"},
	{"sys/net/ipv4/tcp_mem", "1 2 18446744073709551616\n"},
	{"sys/net/core/mem_pcpu_rsv", "-1\n"},
	{"sys/net/core/mem_pcpu_rsv", "2147483648\n"},
	{"slabinfo", "TCP 1 2 3\n"},
	{"slabinfo", "TCP 1 2 3 4 5 : tunables 0 0 0\n"},
	{"slabinfo", "TCP 1 2 3 4 5000 : slabdata 1 2 3\n"},
	{"slabinfo", "TCP 1 2 3 4 5 : slabdata 1 1099511627777 3\n"},
	{"sys/kernel/osrelease", "Linux\n"},
	{"sys/kernel/osrelease", "6.x\n"},
	{"sys/kernel/osrelease", "65536.1\n"},
};
#define GARBAGE (int)(sizeof(garbage) / sizeof(garbage[0]))

START_TEST(garbage_is_named)
{
	struct tree t = whole_tree();
	struct tcpbuf_node n;

	tree_text(&t, garbage[_i][0], garbage[_i][1]);
	ck_assert_int_eq(tcpbuf_node_read(t.tb, &n, sizeof(n)), -EPROTO);
	ck_assert_ptr_nonnull(strstr(tcpbuf_error_text(t.tb), garbage[_i][0]));
	tree_stop(&t);
}
END_TEST

START_TEST(cut_and_turned_bytes)
{
	struct tree t = whole_tree();
	struct tcpbuf_node n;
	size_t size = strlen(files[_i][1]);
	char copy[1024];

	for (size_t i = 0; i < size; i++) {
		int err;

		tree_put(&t, files[_i][0], files[_i][1], i);
		err = tcpbuf_node_read(t.tb, &n, sizeof(n));
		ck_assert(err == 0 || err == -EPROTO);
		memcpy(copy, files[_i][1], size);
		copy[i] = (char)(copy[i] ^ (1 << i % 8));
		tree_put(&t, files[_i][0], copy, size);
		err = tcpbuf_node_read(t.tb, &n, sizeof(n));
		ck_assert(err == 0 || (err == -EPROTO && !is_counted(_i)));
	}
	tree_stop(&t);
}
END_TEST

START_TEST(huge_files)
{
	struct tree t = whole_tree();
	struct tcpbuf_node n;
	size_t size = 8 << 20;
	char *text = malloc(size);

	ck_assert_ptr_nonnull(text);
	memset(text, 'x', size);
	for (size_t i = 99; i < size; i += 100)
		text[i] = '\n';
	memcpy(text + size - sizeof(sockstat), sockstat, sizeof(sockstat));
	text[size - sizeof(sockstat) - 1] = '\n';
	tree_put(&t, "net/sockstat", text, size - 1);
	ck_assert_int_eq(tcpbuf_node_read(t.tb, &n, sizeof(n)), 0);
	ck_assert_uint_eq(n.used_pages, 1000);
	free(text);
	tree_stop(&t);
}
END_TEST

START_TEST(smaller_and_larger_records)
{
	struct tree t = whole_tree();
	struct {
		struct tcpbuf_node n;
		uint64_t beyond;
	} large = {.beyond = 7};
	uint64_t small[2] = {0, 7};

	ck_assert_int_eq(tcpbuf_node_read(t.tb, &large, sizeof(large)), 0);
	ck_assert_uint_eq(large.beyond, 0);
	ck_assert_int_eq(tcpbuf_node_read(t.tb, small, 8), 0);
	ck_assert_uint_eq(small[0], ALL);
	ck_assert_uint_eq(small[1], 7);
	ck_assert_int_eq(tcpbuf_node_read(NULL, small, 8), -EINVAL);
	ck_assert_int_eq(tcpbuf_node_read(t.tb, NULL, 8), -EINVAL);
	tree_stop(&t);
}
END_TEST

START_TEST(no_procfs)
{
	struct tree t = tree_start();
	struct tcpbuf_node n;

	ck_assert_int_eq(tcpbuf_set_root(t.tb, TCPBUF_ROOT_PROC, "/nowhere"), 0);
	ck_assert_int_eq(tcpbuf_node_read(t.tb, &n, sizeof(n)), -ENOENT);
	ck_assert_ptr_nonnull(strstr(tcpbuf_error_text(t.tb), "/nowhere"));
	tree_stop(&t);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("node_read");
	TCase *tcase = tcase_create("all");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, whole);
	tcase_add_test(tcase, columns_follow_the_header);
	tcase_add_loop_test(tcase, a_file_is_missing, 0, FILES);
	tcase_add_loop_test(tcase, a_file_is_empty, 0, FILES);
	tcase_add_loop_test(tcase, garbage_is_named, 0, GARBAGE);
	tcase_add_loop_test(tcase, cut_and_turned_bytes, 0, FILES);
	tcase_add_test(tcase, huge_files);
	tcase_add_test(tcase, smaller_and_larger_records);
	tcase_add_test(tcase, no_procfs);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
