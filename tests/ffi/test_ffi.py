# SPDX-License-Identifier: MIT
"""test_ffi.py PROGRAM...: run a program of another language on a namespace made here, and compare what it
lists with what the kernel says of the same sockets. "HEADER" among the words becomes the installed header,
preprocessed; the namespace follows as the last word. Environment: CC, PREFIX (installed), PRELOAD (a
sanitizer's library, or empty)."""
import ctypes
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
SO_MEMINFO = 55
RMEM = "4096\t100000\t3000000"
PAYLOAD = b"x" * 20000
libc = ctypes.CDLL(None, use_errno=True)


def skip(why):
    print("SKIP:", why)
    sys.exit(1 if os.environ.get("TCPBUF_TEST_REQUIRE") else 77)


def call(function, *args):
    if function(*args) < 0:
        raise OSError(ctypes.get_errno(), f"{function.__name__}: {os.strerror(ctypes.get_errno())}")


def become_root():
    """As an ordinary user: root of a user namespace of our own."""
    if os.geteuid() == 0:
        return
    user, group = os.geteuid(), os.getegid()
    call(libc.unshare, CLONE_NEWUSER | CLONE_NEWNET)
    for file, text in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"), ("gid_map", f"0 {group} 1")):
        Path("/proc/self", file).write_text(text)


def make_namespace():
    """A namespace with its own tcp_rmem and a few sockets; this process leaves it again."""
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    call(libc.unshare, CLONE_NEWNET)
    namespace = os.open("/proc/self/ns/net", os.O_RDONLY)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True, timeout=30)
    Path("/proc/sys/net/ipv4/tcp_rmem").write_text(RMEM)
    socks = make_sockets()
    call(libc.setns, home, CLONE_NEWNET)
    return namespace, socks


def make_sockets():
    listener = socket.create_server(("127.0.0.1", 0))
    client = socket.create_connection(listener.getsockname())
    server, _ = listener.accept()
    client.sendall(PAYLOAD)
    server.recv(len(PAYLOAD), socket.MSG_PEEK | socket.MSG_WAITALL)
    return [listener, client, server, socket.create_server(("::1", 0), family=socket.AF_INET6)]


def line_of(sock):
    """The line that a program is to print for a socket, from getsockopt() alone."""
    words = struct.unpack("4Ii4I", sock.getsockopt(socket.SOL_SOCKET, SO_MEMINFO, 36))
    rmem_alloc, fwd_alloc, wmem_queued = words[0], words[4], words[5]
    listens = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    nobody = ("::" if sock.family == socket.AF_INET6 else "0.0.0.0", 0)
    ends = ["%s:%d" % end[:2] for end in (sock.getsockname(), nobody if listens else sock.getpeername())]
    return " ".join(["LISTEN" if listens else "ESTAB", *ends, "held", str(rmem_alloc + fwd_alloc + wmem_queued)])


def environment():
    prefix, preload = Path(os.environ["PREFIX"]), os.environ.get("PRELOAD", "")
    libdir = next(prefix.rglob("libtcpbuf.so.0")).parent
    # Interpreters keep memory until they end.
    return dict(os.environ, LD_LIBRARY_PATH=str(libdir), LD_PRELOAD=preload, ASAN_OPTIONS="detect_leaks=0")


def preprocess(folder):
    header = Path(folder, "tcpbuf.i")
    header.write_text(subprocess.run(
        [os.environ["CC"], "-E", "-P", f"-I{os.environ['PREFIX']}/include", "-x", "c", "-"], check=True, timeout=60,
        input="#include <tcpbuf/tcpbuf.h>\n", capture_output=True, text=True).stdout)
    return str(header)


def compare(command, socks):
    """Until the sockets are quiet around a run: a late ACK moves memory."""
    for _ in range(100):
        before = sorted(map(line_of, socks))
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment())
        if before == sorted(map(line_of, socks)):
            break
    else:
        sys.exit("the sockets never became quiet")
    rmem, *lines = done.stdout.splitlines() or [""]
    expected = "net.ipv4.tcp_rmem " + RMEM.replace("\t", " ")
    if done.returncode or rmem != expected or sorted(lines) != before:
        sys.exit("\n".join([f"{command}: exit {done.returncode}", done.stderr, "printed:", done.stdout,
                            "expected:", expected, *before]))
    if sum(int(line.split()[-1]) for line in lines) < len(PAYLOAD):
        sys.exit("the sockets hold less than what was sent")


for tool in (os.environ["CC"], sys.argv[1], "ip"):
    shutil.which(tool) or skip(f"{tool} is not installed")
if any("cffi" in word for word in sys.argv) and subprocess.run([sys.argv[1], "-c", "import cffi"],
                                                               capture_output=True, timeout=60).returncode:
    skip("python3-cffi is not installed")
try:
    become_root()
    namespace, socks = make_namespace()
except OSError as error:
    skip(f"cannot make a network namespace: {error}")
with tempfile.TemporaryDirectory() as folder:
    words = [preprocess(folder) if word == "HEADER" else word for word in sys.argv[1:]]
    compare([*words, f"/proc/{os.getpid()}/fd/{namespace}"], socks)
