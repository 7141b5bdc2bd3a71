/* SPDX-License-Identifier: MIT */
/* Plan TCP buffers for connections to come: options and verbs. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "plan.h"

const struct tool plan_tool = {"tcpbuf-plan",
	"Usage: tcpbuf-plan [OPTION]... --connections N --rtt TIME [--rate BITS]\n"
	"       tcpbuf-plan [OPTION]... --class FIELD=VALUE,... [--class ...]\n"
	"       tcpbuf-plan [OPTION]... lint FILE\n"
	"       tcpbuf-plan [OPTION]... lint --netns WHICH\n"
	"       tcpbuf-plan [OPTION]... check PLAN.json --netns WHICH\n"
	"Plan sysctls and memory for TCP connections; judge a sysctl.d file or a namespace; check a saved\n"
	"plan against a namespace. Nothing is changed without --apply.\n"
	"\n"
	"A class of connections, as options or as fields of --class:\n"
	"      --connections N      how many\n"
	"      --rtt TIME           round trip: 200us, 20ms, 0.1s\n"
	"      --rate BITS          wanted for each, bits a second: 40M; without, as much as there is\n"
	"      --idle PERCENT       share that carries nothing (0)\n"
	"      --direction WHICH    receive, send or both (both), seen from the pod\n"
	"      --reader HOW         all: reads what has come; slow: reads less than comes (all)\n"
	"      --message BYTES      size of one send; without, large writes\n"
	"      --mss BYTES          payload of a segment (1448)\n"
	"      --ratio N            scaling_ratio of received packets, 1 to 255\n"
	"      --so-rcvbuf BYTES, --so-sndbuf BYTES  what the application sets\n"
	"      --peer-rcvbuf BYTES  largest receive buffer of the peers (as the pod's own)\n"
	"      --name WORD          of the class\n"
	"\n"
	"  -N, --netns WHICH        the pod: self (default), a process id, a /path, or an ip-netns(8) name\n"
	"      --keep               keep the current settings: what do they reach and hold?\n"
	"      --kernel RELEASE     plan for another kernel: 6.1, debian-6.12.117\n"
	"      --kubernetes VERSION for the verdict on each key (newest)\n"
	"      --ram BYTES, --tcp-mem 'LOW PRESSURE HIGH', --neighbours BYTES  of another node\n"
	"      --cgroup-limit BYTES of the pod\n"
	"      --cgroup-tcp         that limit is for TCP alone (v1 kmem.tcp)\n"
	"  -f, --format WHICH       text, json, sysctl, sysctl-node, pod, daemonset, docker, compose, kubelet\n"
	"  -j, --json               the same as --format json\n"
	"      --apply              write the part of the namespace, all or nothing\n"
	"  -h, --help               this text\n"
	"  -V, --version            version\n"
	"\n"
	"Exit status: 0 ok, 1 usage or a plan that is impossible, 2 kernel or permission, 3 a saved plan that no\n"
	"longer holds.\n"};

enum { FIELD = 256, CLASS = 512, KEEP, KERNEL, KUBERNETES, RAM, TCP_MEM, NEIGHBOURS, CGROUP_LIMIT, CGROUP_TCP, APPLY };

static const struct option fixed[] = {{"class", required_argument, NULL, CLASS}, {"keep", no_argument, NULL, KEEP},
	{"kernel", required_argument, NULL, KERNEL}, {"kubernetes", required_argument, NULL, KUBERNETES},
	{"ram", required_argument, NULL, RAM}, {"tcp-mem", required_argument, NULL, TCP_MEM},
	{"neighbours", required_argument, NULL, NEIGHBOURS}, {"cgroup-limit", required_argument, NULL, CGROUP_LIMIT},
	{"cgroup-tcp", no_argument, NULL, CGROUP_TCP}, {"apply", no_argument, NULL, APPLY},
	{"netns", required_argument, NULL, 'N'}, {"format", required_argument, NULL, 'f'}, {"json", no_argument, NULL, 'j'},
	{"help", no_argument, NULL, 'h'}, {"version", no_argument, NULL, 'V'}};

#define FIXED (sizeof(fixed) / sizeof(fixed[0]))

/* One option a field of a class, behind the fixed ones. */
static void all_options(struct option *options, size_t most)
{
	size_t count = FIXED;

	memcpy(options, fixed, sizeof(fixed));
	for (int i = 0; plan_field_name(i) && count + 1 < most; i++)
		options[count++] = (struct option){plan_field_name(i), required_argument, NULL, FIELD + i};
	options[count] = (struct option){NULL, 0, NULL, 0};
}

/* The class that single options describe: the first one. */
static int set_field(struct plan_options *o, int *single, int field, const char *value)
{
	if (o->count && !*single)
		return tool_usage(&plan_tool, "fields of a class outside of --class:", plan_field_name(field));
	if (!*single)
		plan_class_init(&o->classes[o->count++]);
	*single = 1;
	return plan_field_set(&o->classes[0], field, value);
}

static int add_class(struct plan_options *o, int single, const char *text)
{
	if (single)
		return tool_usage(&plan_tool, "--class after single fields:", text);
	if (o->count == PLAN_CLASSES)
		return tool_usage(&plan_tool, "too many classes at", text);
	return plan_class_parse(&o->classes[o->count++], text);
}

static int set_amount(int64_t *to, const char *text)
{
	return plan_amount(text, 1024, to) && *to >= 0 ? 0 : tool_usage(&plan_tool, "not an amount of bytes:", text);
}

static int set_tcp_mem(struct plan_options *o, const char *text)
{
	struct tcpbuf_value value;

	if (tcpbuf_key_parse(TCPBUF_KEY_TCP_MEM, text, (uint32_t)strlen(text), &value, sizeof(value)) != 0)
		return tool_usage(&plan_tool, "not three numbers of pages:", text);
	memcpy(o->tcp_mem, value.numbers, sizeof(o->tcp_mem));
	return 0;
}

static int set_option(struct plan_options *o, int *single, int c, const char *value)
{
	switch (c) {
	case CLASS:
		return add_class(o, *single, value);
	case KEEP:
		o->flags |= TCPBUF_PLAN_KEEP;
		return 0;
	case CGROUP_TCP:
		o->flags |= TCPBUF_PLAN_CGROUP_TCP;
		return 0;
	case KERNEL:
		o->kernel = value;
		return 0;
	case KUBERNETES:
		o->kubernetes = tcpbuf_k8s_parse_version(value);
		return o->kubernetes ? 0 : tool_usage(&plan_tool, "not a version:", value);
	case RAM:
		return set_amount(&o->ram, value);
	case NEIGHBOURS:
		return set_amount(&o->neighbours, value);
	case CGROUP_LIMIT:
		return set_amount(&o->cgroup_limit, value);
	case TCP_MEM:
		return set_tcp_mem(o, value);
	case APPLY:
		o->apply = 1;
		return 0;
	case 'N':
		o->netns = value;
		return 0;
	case 'f':
		o->format = value;
		return 0;
	case 'j':
		o->format = "json";
		return 0;
	default:
		return c >= FIELD && c < CLASS ? set_field(o, single, c - FIELD, value) : EXIT_USAGE;
	}
}

static const struct {
	const char *format;
	uint32_t artefact;
} artefacts[] = {
	{"sysctl", TCPBUF_K8S_ARTEFACT_SYSCTL_NETNS},
	{"sysctl-node", TCPBUF_K8S_ARTEFACT_SYSCTL_NODE},
	{"pod", TCPBUF_K8S_ARTEFACT_POD},
	{"daemonset", TCPBUF_K8S_ARTEFACT_DAEMONSET},
	{"docker", TCPBUF_K8S_ARTEFACT_DOCKER},
	{"compose", TCPBUF_K8S_ARTEFACT_COMPOSE},
	{"kubelet", TCPBUF_K8S_ARTEFACT_KUBELET},
};

static uint32_t artefact_of(const char *format)
{
	for (size_t i = 0; i < sizeof(artefacts) / sizeof(artefacts[0]); i++)
		if (strcmp(artefacts[i].format, format) == 0)
			return artefacts[i].artefact;
	return 0;
}

static int write_artefact(const struct plan_options *o, const struct plan_made *m, uint32_t artefact)
{
	const struct tcpbuf_k8s_target target = plan_target(o, &m->rules);
	static char text[65536];
	int64_t length = tcpbuf_k8s_write(artefact, &target, m->settings, sizeof(m->settings[0]),
		(uint32_t)m->setting_count, text, sizeof(text));

	if (length < 0 || length >= (int64_t)sizeof(text))
		return EXIT_KERNEL;
	fputs(text, stdout);
	return EXIT_OK;
}

static int verb_plan(struct tcpbuf *tb, struct tcpbuf_netns *ns, const struct plan_options *o)
{
	static struct plan_made made;
	uint32_t artefact = artefact_of(o->format);
	int code = plan_facts(tb, ns, o, &made);

	if (!code && o->json)
		plan_print_json(o, &made);
	else if (!code && artefact)
		code = write_artefact(o, &made, artefact);
	else if (!code)
		plan_print_text(o, &made);
	return !code && o->apply ? plan_apply(tb, ns, o, &made) : code;
}

static int run(struct tcpbuf *tb, struct tcpbuf_netns *ns, const struct plan_options *o, char **words, int count)
{
	if (count == 0 || (count == 1 && strcmp(words[0], "plan") == 0))
		return verb_plan(tb, ns, o);
	if (strcmp(words[0], "lint") == 0 && count <= 2)
		return plan_lint(tb, ns, o, count == 2 ? words[1] : NULL);
	if (strcmp(words[0], "check") == 0 && count == 2)
		return plan_check(tb, ns, o, words[1]);
	return tool_usage(&plan_tool, "wrong number of arguments, or unknown verb", words[0]);
}

static int parse(struct plan_options *o, int argc, char **argv)
{
	struct option options[64];
	int c, code = 0, single = 0;

	all_options(options, sizeof(options) / sizeof(options[0]));
	while (!code && (c = getopt_long(argc, argv, "N:f:jhV", options, NULL)) != -1) {
		if (c == 'h')
			exit(tool_help(&plan_tool));
		if (c == 'V')
			exit(tool_version(&plan_tool));
		code = set_option(o, &single, c, optarg);
	}
	o->json = strcmp(o->format, "json") == 0;
	if (!code && !o->json && strcmp(o->format, "text") != 0 && !artefact_of(o->format))
		code = tool_usage(&plan_tool, "unknown format", o->format);
	return code;
}

int main(int argc, char **argv)
{
	static struct plan_options o = {
		.netns = "self", .format = "text", .ram = -1, .neighbours = -1, .cgroup_limit = -1, .tcp_mem = {-1}};
	struct tcpbuf_netns *ns = NULL;
	struct tcpbuf *tb;
	int code = parse(&o, argc, argv);

	if (code)
		return code;
	tb = tool_context(&plan_tool);
	if (!tb)
		return EXIT_KERNEL;
	if (tcpbuf_netns_open(tb, o.netns, &ns) != 0)
		code = tool_fail(&plan_tool, tb);
	else
		code = run(tb, ns, &o, argv + optind, argc - optind);
	tcpbuf_netns_close(ns);
	tcpbuf_free(tb);
	return tool_finish(&plan_tool, code);
}
