/* SPDX-License-Identifier: MIT */
/* What each key means, how it changed, and what is often said about it and is not so. */
#include "keys/keys.h"

struct text {
	uint32_t key;
	const char *meaning, *history, *folklore;
};

#define KEY(name) TCPBUF_KEY_##name

static const struct text texts[] = {
	{KEY(TCP_RMEM),
		"Receive buffer of a TCP socket: min, default, max. A socket starts with the "
		"default and grows by itself towards the max while the program reads, unless "
		"SO_RCVBUF was called. The buffer counts memory, not payload: the window is a "
		"part of it. Below min a socket may receive even when the machine is out of TCP "
		"memory.",
		"Per namespace since 4.15; a new namespace copies the first one's value of that "
		"moment. The default was 87380 before 4.20. The max at start is the lesser of a "
		"cap and RAM/128; the cap is 6 MiB, 32 MiB since 6.16. Newer kernels and stable "
		"releases refuse numbers below the page size.",
		"net.core.rmem_max does not limit this growth; it limits SO_RCVBUF and takes "
		"part in the choice of the window scale. Kernels do not check that min <= "
		"default <= max."},
	{KEY(TCP_WMEM),
		"Send buffer of a TCP socket: min, default, max. A socket starts with the "
		"default, is sized for the first window when it connects, and grows with the "
		"congestion window up to the max, unless SO_SNDBUF was called. It holds what is "
		"not sent and what is not acknowledged.",
		"Per namespace since 4.15; a new namespace copies the first one's value of that "
		"moment. The max at start is the lesser of 4 MiB and RAM/128.",
		"A max below the default makes buffers shrink at connect; the kernel does not "
		"object. net.core.wmem_max does not limit this growth."},
	{KEY(TCP_MEM),
		"Memory of all TCP sockets of the machine, in pages: low, pressure, high. Above "
		"pressure buffers stop growing until use is below low again; above high, memory "
		"is refused and segments are dropped.",
		"One value for the machine; the file is absent in other namespaces. At start "
		"pressure is a sixteenth of the usable pages, low three quarters of it, high "
		"twice low.",
		"The unit is pages, so a number of bytes pasted here switches the limit off. It "
		"does not reserve memory, and no connected socket is closed when it is reached."},
	{KEY(TCP_ADV_WIN_SCALE),
		"Which part of the receive buffer becomes window: n > 0 keeps 1/2^n of it for "
		"overhead, n <= 0 makes the window 1/2^-n of it.",
		"Ignored since 6.6, which measures the ratio of payload to memory instead; the "
		"file stays and accepts writes. It was 1 by default.",
		"Setting it on a kernel since 6.6 changes nothing."},
	{KEY(TCP_MODERATE_RCVBUF),
		"1: receive buffers grow with what the program reads in a round trip, up to the "
		"max of tcp_rmem. 0: this growth is off.",
		"Any int before 5.13, then 0..255; all but 0 means on.",
		"With 0 a buffer can still grow to the max of tcp_rmem, when small segments "
		"fill it."},
	{KEY(CORE_RMEM_MAX),
		"Largest number that SO_RCVBUF accepts; a larger one is cut to it without an "
		"error. The socket gets twice the number. It also takes part in the choice of "
		"the window scale.",
		"212992, 4194304 since 6.18. One value for the machine: absent in other "
		"namespaces before 6.11, readable but not writable there since.",
		"It does not limit automatic growth; the max of tcp_rmem does. SO_RCVBUFFORCE "
		"passes it."},
	{KEY(CORE_WMEM_MAX),
		"Largest number that SO_SNDBUF accepts; a larger one is cut to it without an "
		"error. The socket gets twice the number.",
		"212992, 4194304 since 6.18. One value for the machine: absent in other "
		"namespaces before 6.11, readable but not writable there since.",
		"It does not limit automatic growth; the max of tcp_wmem does. SO_SNDBUFFORCE "
		"passes it."},
	{KEY(CORE_RMEM_DEFAULT), "Receive buffer of sockets other than TCP at start.",
		"212992 on 64-bit machines. One value for the machine: absent in other "
		"namespaces before 6.11, readable but not writable there since.",
		"TCP does not use it; its sockets start with the default of tcp_rmem."},
	{KEY(CORE_WMEM_DEFAULT), "Send buffer of sockets other than TCP at start.",
		"212992 on 64-bit machines. One value for the machine: absent in other "
		"namespaces before 6.11, readable but not writable there since.",
		"TCP does not use it; its sockets start with the default of tcp_wmem."},
	{KEY(CORE_OPTMEM_MAX),
		"Memory a socket may hold for options and ancillary data: filters, control "
		"messages, zero-copy notifications.",
		"20480; since 6.8 131072, per namespace, and negative numbers are refused.", ""},
	{KEY(CORE_SOMAXCONN),
		"Longest queue of connections that are established but not yet accepted; the "
		"backlog given to listen() is cut to it.",
		"128, 4096 since 5.4. Per namespace; a new one starts with the constant, "
		"whatever the machine was set to.",
		"A running listener keeps its queue length until it calls listen() again."},
	{KEY(CORE_NETDEV_MAX_BACKLOG),
		"Packets that may wait on one CPU between the driver and the protocols "
		"(loopback, veth, and drivers without NAPI); more are dropped.",
		"One value for the machine.", "Most network cards do not use this queue."},
	{KEY(CORE_MEM_PCPU_RSV),
		"Pages of protocol memory that each CPU may count for itself before the "
		"machine's counter moves; the counter is exact only up to this many pages a "
		"CPU.",
		"Since 6.9, and in stable releases of 6.1 and 6.6; fixed at 1 MiB from 6.0 on.",
		""},
	{KEY(CORE_BYPASS_PROT_MEM),
		"1: sockets made from now on are left out of tcp_mem and its counters; a memory "
		"cgroup still pays for them.",
		"Since 6.19.", ""},
	{KEY(CORE_TXREHASH),
		"1: a connection that retransmits takes another hash, and so perhaps another "
		"path.",
		"Since 5.18.", ""},
	{KEY(CORE_MAX_SKB_FRAGS), "Fragments a packet buffer may hold when the kernel builds it.",
		"One value for the machine. At most what the kernel was built with, 17 by "
		"default.",
		""},
	{KEY(CORE_SKB_DEFER_MAX),
		"Packet buffers that may wait to be freed by the CPU that allocated them.",
		"Since 5.19; 64, 128 since 6.19. One value for the machine.", ""},
	{KEY(CORE_HIGH_ORDER_ALLOC_DISABLE),
		"1: socket pages are taken one by one instead of in blocks of 32 KiB.",
		"Since 5.3. One value for the machine.", ""},
	{KEY(TCP_APP_WIN),
		"Part of the receive buffer's window, 1/2^n, that a new connection keeps back; "
		"at least one segment where there is room for three. 31 leaves that segment, 0 "
		"nothing.",
		"Unchecked before 6.3 (stable releases earlier), then 0..31.", ""},
	{KEY(TCP_WINDOW_SCALING),
		"1: offer and accept the window scale option, without which no window exceeds "
		"65535 bytes.",
		"Any int before 5.13, then 0..255; all but 0 means on. Fixed for a connection "
		"by its handshake.",
		"Switching it off does not save memory."},
	{KEY(TCP_WORKAROUND_SIGNED_WINDOWS),
		"1: offer at most 32767 bytes in the handshake, for peers that read the window "
		"as a signed number.",
		"Any int before 5.13, then 0..255; all but 0 means on.", ""},
	{KEY(TCP_SACK), "1: offer and accept selective acknowledgements.",
		"Any int before 5.13, then 0..255; all but 0 means on.",
		"Switching it off makes recovery from loss far slower."},
	{KEY(TCP_TIMESTAMPS),
		"Timestamps in each segment: 0 off, 1 on with a random offset a connection, 2 "
		"on without. They take 12 bytes of each segment.",
		"",
		"Without them a receiver measures its round trip less well, so its buffer grows "
		"later."},
	{KEY(TCP_NO_METRICS_SAVE),
		"1: when a connection closes, its round trip and threshold are not kept for the "
		"next one to the same host.",
		"", "It has no part in buffer sizes."},
	{KEY(TCP_SLOW_START_AFTER_IDLE),
		"1: a connection that was idle for one retransmission timeout starts again with "
		"a small congestion window.",
		"Per namespace since 4.15.", "It has no part in the receive window."},
	{KEY(TCP_SHRINK_WINDOW),
		"1: the offered window may become smaller when memory is short, against the "
		"advice of the standard, instead of dropping what was promised room.",
		"Since 6.5, and in stable releases of 6.1.", ""},
	{KEY(TCP_RCVBUF_LOW_RTT),
		"Round trip, in microseconds, below which a receive buffer grows more "
		"carefully.",
		"Since 6.19.", "Loopback and links within one rack are below the default of 1000."},
	{KEY(TCP_NOTSENT_LOWAT),
		"Bytes not yet sent above which a socket is not writable: keeps data in the "
		"program instead of the send buffer. TCP_NOTSENT_LOWAT sets it for one socket.",
		"Per namespace since 4.6.",
		"It does not limit what is sent and not acknowledged, so it does not cost "
		"throughput by itself."},
	{KEY(TCP_LIMIT_OUTPUT_BYTES),
		"Bytes of one socket that may wait in queueing discipline and device at a time.",
		"262144 before 5.0, then 1 MiB, 4 MiB since 6.16. Kernels 5.4 to 6.15 apply it "
		"only to sockets that are not paced.",
		""},
	{KEY(TCP_AUTOCORKING),
		"1: small writes wait, while earlier segments of the socket are still queued, "
		"to be sent together.",
		"", ""},
	{KEY(TCP_MAX_SYN_BACKLOG),
		"Handshakes in progress that a listener without SYN cookies remembers for peers "
		"it has never seen.",
		"At start the size of the connection hash / 128, at least 128.",
		"The queue itself is bounded by the listen() backlog, which somaxconn cuts. A handshake that "
		"is remembered takes 320 bytes of slab on Linux 6.18, not the 304 that are often quoted."},
	{KEY(TCP_MAX_TW_BUCKETS),
		"Connections in TIME_WAIT that a namespace keeps; more are closed at once.",
		"At start half the size of the connection hash.",
		"Lowering it saves little memory and gives up the protection of TIME_WAIT."},
	{KEY(TCP_MAX_ORPHANS),
		"Connections no program holds any more but that still have data or a handshake "
		"to finish; more are reset.",
		"One value for the machine. At start half the size of the connection hash.", ""},
	{KEY(TCP_KEEPALIVE_TIME),
		"Seconds of silence before a socket with SO_KEEPALIVE sends its first probe.",
		"Per namespace since 4.5. Kept in ticks, so the most is INT_MAX / HZ seconds; 0 "
		"and negative numbers are taken.",
		"Sockets without SO_KEEPALIVE send no probes whatever this says."},
	{KEY(TCP_KEEPALIVE_INTVL), "Seconds between keepalive probes that get no answer.",
		"Per namespace since 4.5. Kept in ticks, so the most is INT_MAX / HZ seconds; 0 "
		"and negative numbers are taken.",
		""},
	{KEY(TCP_KEEPALIVE_PROBES),
		"Keepalive probes without an answer before the connection is closed.",
		"Per namespace since 4.5. Takes up to 255, the socket option only 127.", ""},
	{KEY(TCP_COMP_SACK_DELAY_NS),
		"Longest wait before several selective acknowledgements are sent as one; a "
		"twentieth of the round trip when that is less.",
		"Since 4.18.", ""},
	{KEY(TCP_COMP_SACK_SLACK_NS),
		"How much later than asked the timer for such an acknowledgement may fire.",
		"Since 5.8; 100000, 10000 since 7.0.", ""},
	{KEY(TCP_COMP_SACK_NR),
		"How many selective acknowledgements may be put into one; 0 switches it off.",
		"Since 4.18. Kept as an int before 5.13, as a byte since.", ""},
	{KEY(TCP_COMP_SACK_RTT_PERCENT),
		"Part of the round trip, in percent, that a selective acknowledgement may wait "
		"for company.",
		"Since 6.19; before, the wait was fixed at a twentieth.", ""},
	{KEY(TCP_BACKLOG_ACK_DEFER),
		"1: while a socket works off segments that arrived when a program held it, one "
		"acknowledgement is sent at the end.",
		"Since 6.7.", ""},
	{KEY(TCP_TSO_RTT_LOG),
		"Senders build larger packets when the round trip is small: the budget halves "
		"with each 2^n microseconds; 0 switches it off.",
		"Since 5.18. 0..255; newer kernels and stable releases 0..31.", ""},
	{KEY(TCP_EHASH_ENTRIES),
		"Slots of the hash of established connections; negative: the namespace uses the "
		"machine's table of that size.",
		"Since 6.1. Read-only.", ""},
	{KEY(TCP_CHILD_EHASH_ENTRIES),
		"Slots of a hash of their own for namespaces that a process here makes from now "
		"on; 0: they use the machine's.",
		"Since 6.1.", ""},
	{KEY(TCP_BASE_MSS), "Segment size that path MTU probing starts from.", "", ""},
	{KEY(TCP_MIN_SND_MSS), "Least segment size a sender uses, whatever the peer asks for.",
		"Since 5.2 and stable releases of that time, against attacks with tiny "
		"segments.",
		""},
	{KEY(TCP_MIN_RTT_WLEN), "Seconds over which the smallest round trip is remembered.", "",
		""},
	{KEY(TCP_MTU_PROBING),
		"Search for the path MTU by segment size: 0 off, 1 after a black hole is "
		"noticed, 2 always.",
		"", ""},
	{KEY(TCP_TSO_WIN_DIVISOR),
		"Part of the congestion window, 1/n, that one large packet may take.", "", ""},
	{KEY(TCP_MIN_TSO_SEGS), "Least segments in a large packet that pacing builds.", "", ""},
	{KEY(TCP_PACING_CA_RATIO),
		"Pacing rate in congestion avoidance, in percent of congestion window / round "
		"trip.",
		"", ""},
	{KEY(TCP_PACING_SS_RATIO),
		"Pacing rate in slow start, in percent of congestion window / round trip.", "", ""},
	{KEY(TCP_CONGESTION_CONTROL),
		"Congestion control of new sockets. bbr asks for send buffers half as large "
		"again as the others.",
		"Per namespace; a new one copies the first one's choice of that moment.", ""},
};

const char *tcpbuf_key_text(uint32_t key, uint32_t which)
{
	const struct text *t = 0;

	for (uint32_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].key == key)
			t = &texts[i];
	if (!t)
		return "";
	switch (which) {
	case TCPBUF_KEY_TEXT_MEANING:
		return t->meaning;
	case TCPBUF_KEY_TEXT_HISTORY:
		return t->history;
	case TCPBUF_KEY_TEXT_FOLKLORE:
		return t->folklore;
	default:
		return "";
	}
}
