# SPDX-License-Identifier: MIT
"""The written files, read by who will read them: the Kubernetes client, YAML, a shell, sysctl(8)."""
import os
import shlex
import subprocess
import sys
import tempfile

POD, DAEMONSET, NETNS, NODE, DOCKER, COMPOSE, KUBELET = range(1, 8)
SETTINGS = {
    "net.ipv4.tcp_rmem": "4096 87380 16777216",
    "net.ipv4.tcp_wmem": "4096 65536 16777216",
    "net.ipv4.tcp_slow_start_after_idle": "0",
    "net.core.somaxconn": "1024",
    "net.core.rmem_max": "16777216",
    "net.ipv4.tcp_mem": "190599 254132 381198",
}
PER_NETNS = {k: v for k, v in SETTINGS.items() if k not in ("net.core.rmem_max", "net.ipv4.tcp_mem")}
PER_NODE = {k: v for k, v in SETTINGS.items() if k not in PER_NETNS}


def skip(why):
    print("SKIP:", why)
    sys.exit(1 if os.environ.get("TCPBUF_TEST_REQUIRE") else 77)


def artefact(kind, kubernetes="1.32", kernel="6.12", flags=0, settings=None):
    pairs = [f"{k}={v}" for k, v in (SETTINGS if settings is None else settings).items()]
    return subprocess.run([sys.argv[1], str(kind), kubernetes, kernel, str(flags), *pairs],
                          check=True, capture_output=True, text=True, timeout=30).stdout


def model(text, kind):
    """The document as the client's model of that kind gives it back."""
    class Response:
        data = __import__("json").dumps(yaml.safe_load(text))
    api = kubernetes.client.ApiClient()
    return api.sanitize_for_serialization(api.deserialize(Response, kind))


def test_pod():
    text = artefact(POD)
    document = yaml.safe_load(text)
    assert model(text, "V1Pod") == document, document
    sysctls = {s["name"]: s["value"] for s in document["spec"]["securityContext"]["sysctls"]}
    assert sysctls == PER_NETNS, sysctls
    for key in PER_NODE:
        assert f"# left out: {key}: one value for the whole node" in text, text
    text = artefact(POD, flags=1)
    assert model(text, "V1Pod") == yaml.safe_load(text)
    assert yaml.safe_load(text)["spec"]["hostNetwork"] is True
    assert yaml.safe_load(text)["spec"]["securityContext"]["sysctls"] == []


def test_daemonset():
    text = artefact(DAEMONSET)
    document = yaml.safe_load(text)
    assert model(text, "V1DaemonSet") == document, document
    command = document["spec"]["template"]["spec"]["initContainers"][0]["command"]
    assert command == ["sysctl", "-w"] + [f"{k}={v}" for k, v in PER_NODE.items()], command
    assert yaml.safe_load(artefact(DAEMONSET, settings=PER_NETNS)) is None


def test_docker():
    words = shlex.split(artefact(DOCKER), comments=True)
    assert words == [w for k, v in PER_NETNS.items() for w in ("--sysctl", f"{k}={v}")], words
    assert yaml.safe_load(artefact(COMPOSE)) == {"sysctls": PER_NETNS}
    assert yaml.safe_load(artefact(COMPOSE, settings=PER_NODE)) == {"sysctls": {}}


def test_kubelet():
    assert artefact(KUBELET) == ("--allowed-unsafe-sysctls=net.ipv4.tcp_slow_start_after_idle,"
                                 "net.core.somaxconn\n")
    assert artefact(KUBELET, settings={"net.ipv4.tcp_rmem": "4096 87380 16777216"}) == ""


def test_sysctl():
    def lines(text):
        pairs = [line.split(" = ") for line in text.splitlines() if not line.startswith("#")]
        return dict(pairs)
    assert lines(artefact(NETNS)) == PER_NETNS
    assert lines(artefact(NODE)) == PER_NODE
    if os.geteuid() != 0:
        return
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
        file.write(artefact(NETNS, kernel=os.uname().release))
        file.flush()
        script = f"sysctl -q -p {file.name} && cat /proc/sys/net/ipv4/tcp_rmem /proc/sys/net/core/somaxconn"
        out = subprocess.run(["unshare", "-n", "sh", "-ec", script], capture_output=True, text=True,
                             timeout=30, check=False)
        assert out.returncode == 0 and not out.stderr, out.stderr
        assert out.stdout == "4096\t87380\t16777216\n1024\n", out.stdout


try:
    import kubernetes.client
    import yaml
except ImportError as error:
    skip(error)
for test in (test_pod, test_daemonset, test_docker, test_kubelet, test_sysctl):
    test()
