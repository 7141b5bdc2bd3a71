/* SPDX-License-Identifier: MIT */
/* Each public function that asks the kernel or allocates, while that fails: see drive.c for what must hold. */
#include "faults.h"

#include <stdio.h>
#include <string.h>

#include "check_main.h"

static const struct operations *const rooms[] = {
	&netns_operations, &sysctl_operations, &diag_operations, &node_operations, &cgroup_operations, &census_operations};
#define ROOMS (sizeof(rooms) / sizeof(rooms[0]))

/* Functions that neither ask the kernel nor allocate. */
static const char pure[] =
	"tcpbuf_census_at tcpbuf_census_compare tcpbuf_census_count tcpbuf_census_field_at "
	"tcpbuf_census_lacks tcpbuf_census_node tcpbuf_census_rest tcpbuf_census_sort tcpbuf_census_write "
	"tcpbuf_cgroup_get_layout tcpbuf_cgroup_pods_count tcpbuf_error_code tcpbuf_error_key "
	"tcpbuf_error_netns tcpbuf_error_text tcpbuf_error_value tcpbuf_explain_node "
	"tcpbuf_explain_socket tcpbuf_k8s_parse_cgroup tcpbuf_k8s_parse_log_dir tcpbuf_k8s_parse_version "
	"tcpbuf_k8s_sysctl_classify tcpbuf_k8s_sysctl_key tcpbuf_k8s_write tcpbuf_kernel_known_name "
	"tcpbuf_kernel_named tcpbuf_kernel_rule_name tcpbuf_kernel_rule_value tcpbuf_key_access "
	"tcpbuf_key_at tcpbuf_key_by_name tcpbuf_key_check tcpbuf_key_count tcpbuf_key_describe "
	"tcpbuf_key_dir tcpbuf_key_file tcpbuf_key_format tcpbuf_key_name tcpbuf_key_parse "
	"tcpbuf_key_reason_text tcpbuf_key_rules_for tcpbuf_key_rules_release tcpbuf_key_setting_next "
	"tcpbuf_key_text tcpbuf_key_write tcpbuf_lint_settings tcpbuf_model_bdp tcpbuf_model_boot "
	"tcpbuf_model_ceiling tcpbuf_model_charge tcpbuf_model_fill_begin tcpbuf_model_fill_state_size "
	"tcpbuf_model_fill_step tcpbuf_model_grow_rcvbuf tcpbuf_model_growth tcpbuf_model_handshake "
	"tcpbuf_model_is_boot_mem tcpbuf_model_memory tcpbuf_model_ratio tcpbuf_model_setsockopt "
	"tcpbuf_model_share tcpbuf_model_space_from_win tcpbuf_model_space_from_win_legacy "
	"tcpbuf_model_truesize tcpbuf_model_uncharge tcpbuf_model_win_from_space "
	"tcpbuf_model_win_from_space_legacy tcpbuf_netns_inode tcpbuf_netns_label "
	"tcpbuf_netns_list_summary tcpbuf_node_event_name tcpbuf_node_events_delta tcpbuf_plan_list "
	"tcpbuf_plan_make tcpbuf_rules_named tcpbuf_rules_window_text tcpbuf_set_fd_budget "
	"tcpbuf_set_root tcpbuf_sock_field_at tcpbuf_sock_has tcpbuf_sock_state_name tcpbuf_strerror "
	"tcpbuf_sysctl_change_count tcpbuf_sysctl_change_result tcpbuf_verdict_name tcpbuf_version";

static const struct operation *operation_at(int index)
{
	size_t room = 0, at = (size_t)index;

	while (room < ROOMS && at >= rooms[room]->count)
		at -= rooms[room++]->count;
	return room < ROOMS ? &rooms[room]->items[at] : NULL;
}

START_TEST(each_call_may_fail)
{
	ck_assert_int_gt(drive(operation_at(_i)), 0);
}
END_TEST

/* How often a name is in a list of words. */
static int count_word(const char *words, const char *name, size_t length)
{
	int count = 0;

	for (const char *at = words; (at = strstr(at, name)); at += length)
		count += (at == words || at[-1] == ' ') && (at[length] == ' ' || !at[length]);
	return count;
}

START_TEST(each_exported_function_has_its_place)
{
	FILE *map = fopen(TCPBUF_SOURCE_DIR "/libtcpbuf/tcpbuf.map", "r");
	char line[256], name[128];
	int names = 0;

	ck_assert_ptr_nonnull(map);
	while (fgets(line, sizeof(line), map)) {
		const struct operation *op;
		int operations = 0, is_pure;

		if (sscanf(line, " tcpbuf_%100[a-z0-9_];", name) != 1)
			continue;
		memmove(name + strlen("tcpbuf_"), name, strlen(name) + 1);
		memcpy(name, "tcpbuf_", strlen("tcpbuf_"));
		names++;
		is_pure = count_word(pure, name, strlen(name));
		for (int i = 0; (op = operation_at(i)); i++)
			operations += count_word(op->covers, name, strlen(name));
		ck_assert_msg(is_pure + (operations > 0) == 1, "%s: in the list of pure functions %d times, in operations %d times", name,
			is_pure, operations);
	}
	fclose(map);
	ck_assert_int_gt(names, 100);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("faults");
	TCase *tc = tcase_create("faults");
	int operations = 0;

	while (operation_at(operations))
		operations++;
	setbuf(stdout, NULL);
	world_make();
	tcase_set_timeout(tc, 200);
	tcase_add_checked_fixture(tc, world_start, world_stop);
	tcase_add_loop_test(tc, each_call_may_fail, 0, operations);
	suite_add_tcase(suite, tc);
	tc = tcase_create("map");
	tcase_add_test(tc, each_exported_function_has_its_place);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
