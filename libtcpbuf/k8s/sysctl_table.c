/* SPDX-License-Identifier: MIT */
/*
 * What is per namespace since when, and in which safe set. To add a key, add a
 * line; tests compare the table with the running kernel. A kernel version of
 * 4.19 means "4.19 or before", the oldest tree that was read.
 */
#include "k8s/k8s.h"

#define NET TCPBUF_K8S_SCOPE_NETNS
#define IPC TCPBUF_K8S_SCOPE_IPC
#define NODE TCPBUF_K8S_SCOPE_NODE
#define FIXED TCPBUF_K8S_SCOPE_READ_ONLY
#define V TCPBUF__K8S_VERSION

const struct tcpbuf__k8s_row tcpbuf__k8s_rows[] = {
	/* key, scope, safe set since, exists, per namespace, node's key shown elsewhere, closed
	   there */
	/* Safe: kubernetes pkg/kubelet/sysctl/safe_sysctls.go; kernels:
	   pkg/util/kernel/constants.go. */
	{"kernel.shm_rmid_forced", IPC, V(1, 0), 0, 0, 0, 0},
	{"net.ipv4.ip_local_port_range", NET, V(1, 0), 0, 0, 0, 0},
	{"net.ipv4.tcp_syncookies", NET, V(1, 0), 0, V(4, 6), 0, 0},
	{"net.ipv4.ping_group_range", NET, V(1, 18), 0, 0, 0, 0},
	{"net.ipv4.ip_unprivileged_port_start", NET, V(1, 22), V(4, 11), 0, 0, 0},
	{"net.ipv4.ip_local_reserved_ports", NET, V(1, 27), 0, V(3, 16), 0, 0},
	{"net.ipv4.tcp_keepalive_time", NET, V(1, 29), 0, V(4, 5), 0, 0},
	{"net.ipv4.tcp_keepalive_intvl", NET, V(1, 29), 0, V(4, 5), 0, 0},
	{"net.ipv4.tcp_keepalive_probes", NET, V(1, 29), 0, V(4, 5), 0, 0},
	{"net.ipv4.tcp_fin_timeout", NET, V(1, 29), 0, V(4, 6), 0, 0},
	{"net.ipv4.tcp_rmem", NET, V(1, 32), 0, V(4, 15), 0, 0},
	{"net.ipv4.tcp_wmem", NET, V(1, 32), 0, V(4, 15), 0, 0},

	/* Per namespace, in no released safe set. Kernel: net/ipv4/sysctl_net_ipv4.c,
	   net/core/sysctl_net_core.c. */
	{"net.core.bypass_prot_mem", NET, 0, V(6, 19), 0, 0, 0},
	{"net.core.optmem_max", NET, 0, 0, V(6, 8), 0, 0},
	{"net.core.somaxconn", NET, 0, 0, 0, 0, 0},
	{"net.core.txrehash", NET, 0, V(5, 19), 0, 0, 0},
	{"net.ipv4.ip_default_ttl", NET, 0, 0, V(4, 19), 0, 0},
	{"net.ipv4.ip_forward", NET, 0, 0, 0, 0, 0},
	{"net.ipv4.ip_no_pmtu_disc", NET, 0, 0, 0, 0, 0},
	{"net.ipv4.tcp_abort_on_overflow", NET, 0, 0, V(4, 19), 0, 0},
	{"net.ipv4.tcp_adv_win_scale", NET, 0, 0, V(4, 19), 0, 0},
	{"net.ipv4.tcp_app_win", NET, 0, 0, V(4, 19), 0, 0},
	{"net.ipv4.tcp_autocorking", NET, 0, 0, V(4, 19), 0, 0},
	{"net.ipv4.tcp_backlog_ack_defer", NET, 0, V(6, 8), 0, 0, 0},
	{"net.ipv4.tcp_base_mss", NET, 0, 0, V(4, 19), 0, 0},
	{"net.ipv4.tcp_challenge_ack_limit", NET, 0, 0, V(4, 19), 0, 0},
	{"net.ipv4.tcp_child_ehash_entries", NET, 0, V(6, 1), 0, 0, 0},
	{"net.ipv4.tcp_comp_sack_delay_ns", NET, 0, V(4, 19), 0, 0, 0},
	{"net.ipv4.tcp_comp_sack_nr", NET, 0, V(4, 19), 0, 0, 0},
	{"net.ipv4.tcp_comp_sack_rtt_percent", NET, 0, V(6, 19), 0, 0, 0},
	{"net.ipv4.tcp_comp_sack_slack_ns", NET, 0, V(5, 10), 0, 0, 0},
	{"net.ipv4.tcp_congestion_control", NET, 0, 0, V(4, 19), 0, 0},
	{"net.ipv4.tcp_dsack", NET, 0, 0, V(4, 19), 0, 0},
	{"net.ipv4.tcp_early_retrans", NET, 0, 0, V(4, 19), 0, 0},
	{"net.ipv4.tcp_ecn", NET, 0, 0, 0, 0, 0},
	{"net.ipv4.tcp_fastopen", NET, 0, 0, V(4, 19), 0, 0},
	{"net.ipv4.tcp_frto", NET, 0, 0, V(4, 19), 0, 0},
	{"net.ipv4.tcp_limit_output_bytes", NET, 0, 0, V(4, 19), 0, 0},
	{"net.ipv4.tcp_max_reordering", NET, 0, 0, V(4, 19), 0, 0},
	{"net.ipv4.tcp_max_syn_backlog", NET, 0, 0, V(4, 19), 0, 0},
	{"net.ipv4.tcp_max_tw_buckets", NET, 0, 0, V(4, 19), 0, 0},
	{"net.ipv4.tcp_min_rtt_wlen", NET, 0, 0, V(4, 19), 0, 0},
	{"net.ipv4.tcp_min_snd_mss", NET, 0, V(4, 19), 0, 0, 0},
	{"net.ipv4.tcp_min_tso_segs", NET, 0, 0, V(4, 19), 0, 0},
	{"net.ipv4.tcp_moderate_rcvbuf", NET, 0, 0, V(4, 19), 0, 0},
	{"net.ipv4.tcp_mtu_probing", NET, 0, 0, V(4, 19), 0, 0},
	{"net.ipv4.tcp_no_metrics_save", NET, 0, 0, V(4, 19), 0, 0},
	{"net.ipv4.tcp_notsent_lowat", NET, 0, 0, V(4, 6), 0, 0},
	{"net.ipv4.tcp_orphan_retries", NET, 0, 0, V(4, 6), 0, 0},
	{"net.ipv4.tcp_pacing_ca_ratio", NET, 0, 0, V(4, 19), 0, 0},
	{"net.ipv4.tcp_pacing_ss_ratio", NET, 0, 0, V(4, 19), 0, 0},
	{"net.ipv4.tcp_rcvbuf_low_rtt", NET, 0, V(6, 19), 0, 0, 0},
	{"net.ipv4.tcp_recovery", NET, 0, 0, V(4, 19), 0, 0},
	{"net.ipv4.tcp_reordering", NET, 0, 0, V(4, 19), 0, 0},
	{"net.ipv4.tcp_retries1", NET, 0, 0, V(4, 19), 0, 0},
	{"net.ipv4.tcp_retries2", NET, 0, 0, V(4, 19), 0, 0},
	{"net.ipv4.tcp_rfc1337", NET, 0, 0, V(4, 19), 0, 0},
	{"net.ipv4.tcp_sack", NET, 0, 0, V(4, 19), 0, 0},
	/* 6.1.y has it by back-port, 6.2 to 6.4 do not. */
	{"net.ipv4.tcp_shrink_window", NET, 0, V(6, 1), 0, 0, 0},
	{"net.ipv4.tcp_slow_start_after_idle", NET, 0, 0, V(4, 15), 0, 0},
	{"net.ipv4.tcp_syn_retries", NET, 0, 0, V(4, 19), 0, 0},
	{"net.ipv4.tcp_synack_retries", NET, 0, 0, V(4, 19), 0, 0},
	{"net.ipv4.tcp_timestamps", NET, 0, 0, V(4, 19), 0, 0},
	{"net.ipv4.tcp_tso_rtt_log", NET, 0, V(5, 19), 0, 0, 0},
	{"net.ipv4.tcp_tso_win_divisor", NET, 0, 0, V(4, 19), 0, 0},
	{"net.ipv4.tcp_tw_reuse", NET, 0, 0, V(4, 19), 0, 0},
	{"net.ipv4.tcp_window_scaling", NET, 0, 0, V(4, 19), 0, 0},
	{"net.ipv4.tcp_workaround_signed_windows", NET, 0, 0, V(4, 19), 0, 0},
	{"net.ipv4.udp_rmem_min", NET, 0, 0, V(4, 19), 0, 0},
	{"net.ipv4.udp_wmem_min", NET, 0, 0, V(4, 19), 0, 0},
	{"net.netfilter.nf_conntrack_tcp_be_liberal", NET, 0, 0, V(4, 19), 0, 0},
	{"net.netfilter.nf_conntrack_tcp_loose", NET, 0, 0, V(4, 19), 0, 0},
	{"net.netfilter.nf_conntrack_tcp_timeout_close_wait", NET, 0, 0, V(4, 19), 0, 0},
	{"net.netfilter.nf_conntrack_tcp_timeout_established", NET, 0, 0, V(4, 19), 0, 0},
	{"net.netfilter.nf_conntrack_tcp_timeout_time_wait", NET, 0, 0, V(4, 19), 0, 0},

	/* Of the IPC namespace: passed through, nothing to do with TCP. */
	{"fs.mqueue.msg_max", IPC, 0, 0, 0, 0, 0},
	{"fs.mqueue.msgsize_max", IPC, 0, 0, 0, 0, 0},
	{"fs.mqueue.queues_max", IPC, 0, 0, 0, 0, 0},
	{"kernel.msgmax", IPC, 0, 0, 0, 0, 0},
	{"kernel.msgmnb", IPC, 0, 0, 0, 0, 0},
	{"kernel.msgmni", IPC, 0, 0, 0, 0, 0},
	{"kernel.sem", IPC, 0, 0, 0, 0, 0},
	{"kernel.shmall", IPC, 0, 0, 0, 0, 0},
	{"kernel.shmmax", IPC, 0, 0, 0, 0, 0},
	{"kernel.shmmni", IPC, 0, 0, 0, 0, 0},

	/* The node's. */
	{"net.core.busy_poll", NODE, 0, 0, 0, 0, 0},
	{"net.core.busy_read", NODE, 0, 0, 0, 0, 0},
	{"net.core.default_qdisc", NODE, 0, 0, 0, 0, 0},
	{"net.core.high_order_alloc_disable", NODE, 0, V(5, 10), 0, 0, 0},
	{"net.core.max_skb_frags", NODE, 0, 0, 0, 0, 0},
	{"net.core.mem_pcpu_rsv", NODE, 0, V(6, 1), 0, 0, 0},
	{"net.core.netdev_budget", NODE, 0, 0, 0, 0, 0},
	{"net.core.netdev_budget_usecs", NODE, 0, 0, 0, 0, 0},
	{"net.core.netdev_max_backlog", NODE, 0, 0, 0, 0, 0},
	/* Shown by commit 19249c0724f2. */
	{"net.core.rmem_default", NODE, 0, 0, 0, V(6, 11), 0},
	{"net.core.rmem_max", NODE, 0, 0, 0, V(6, 11), 0},
	{"net.core.skb_defer_max", NODE, 0, V(6, 0), 0, 0, 0},
	{"net.core.wmem_default", NODE, 0, 0, 0, V(6, 11), 0},
	{"net.core.wmem_max", NODE, 0, 0, 0, V(6, 11), 0},
	{"net.ipv4.tcp_max_orphans", NODE, 0, 0, 0, 0, 0},
	{"net.ipv4.tcp_mem", NODE, 0, 0, 0, 0, 0},
	{"net.ipv4.udp_mem", NODE, 0, 0, 0, 0, 0},
	/* Read-only elsewhere by commit 2671fa4dc010. */
	{"net.netfilter.nf_conntrack_buckets", NODE, 0, 0, 0, V(4, 19), 0},
	{"net.netfilter.nf_conntrack_expect_max", NODE, 0, 0, 0, V(5, 13), V(5, 13)},
	{"net.netfilter.nf_conntrack_max", NODE, 0, 0, 0, V(5, 13), V(5, 13)},

	{"net.ipv4.tcp_available_congestion_control", FIXED, 0, 0, 0, 0, 0},
	{"net.ipv4.tcp_ehash_entries", FIXED, 0, V(6, 1), 0, 0, 0},
	{"net.ipv4.udp_hash_entries", FIXED, 0, V(6, 2), 0, 0, 0},
	{"net.netfilter.nf_conntrack_count", FIXED, 0, 0, 0, 0, 0},
};

const uint32_t tcpbuf__k8s_row_count = sizeof(tcpbuf__k8s_rows) / sizeof(tcpbuf__k8s_rows[0]);
