# SPDX-License-Identifier: MIT
"""header_cffi.py HEADER NETNS: the preprocessed header unchanged in cffi; lists as the examples do."""
import re
import socket
import sys

import cffi

ffi = cffi.FFI()
ffi.cdef(open(sys.argv[1]).read())
lib = ffi.dlopen("libtcpbuf.so.0")


def check(code):
    if code < 0:
        sys.exit(ffi.string(lib.tcpbuf_error_text(tb[0])).decode())
    return code


def check_binding():
    """Every declared function is in the library; cffi lays the record out as the library does."""
    for name in re.findall(r"\b(tcpbuf_\w+)\(", open(sys.argv[1]).read()):
        getattr(lib, name)
    members, field, index = dict(ffi.typeof("struct tcpbuf_sock").fields), ffi.new("struct tcpbuf_sock_field *"), 0
    while lib.tcpbuf_sock_field_at(index, field, ffi.sizeof(field[0])) == 1:
        name, index = ffi.string(field.name).decode(), index + 1
        if members[name].offset != field.offset:
            sys.exit(f"{name} is at {members[name].offset} for cffi, at {field.offset} for the library")
    if not index:
        sys.exit("no fields")


def endpoint(family, address, port):
    return f"{socket.inet_ntop(family, bytes(address)[:4 if family == socket.AF_INET else 16])}:{port}"


check_binding()
tb, ns, it = ffi.new("struct tcpbuf **"), ffi.new("struct tcpbuf_netns **"), ffi.new("struct tcpbuf_sock_iter **")
value, socks = ffi.new("struct tcpbuf_value *"), ffi.new("struct tcpbuf_sock[3]")
check(lib.tcpbuf_new(tb))
check(lib.tcpbuf_netns_open(tb[0], sys.argv[2].encode(), ns))
check(lib.tcpbuf_sysctl_get(ns[0], lib.TCPBUF_KEY_TCP_RMEM, value, ffi.sizeof(value[0])))
print("net.ipv4.tcp_rmem", *value.numbers)
check(lib.tcpbuf_sock_iter_open(ns[0], ffi.NULL, it))
while count := check(lib.tcpbuf_sock_iter_fetch(it[0], socks, ffi.sizeof(socks[0]), len(socks))):
    for sock in socks[0:count]:
        print(ffi.string(lib.tcpbuf_sock_state_name(sock.state)).decode(),
              endpoint(sock.family, sock.local_address, sock.local_port),
              endpoint(sock.family, sock.remote_address, sock.remote_port),
              "held", sock.held if sock.valid & lib.TCPBUF_SOCK_HAS_SKMEM else "-")
lib.tcpbuf_sock_iter_close(it[0])
lib.tcpbuf_netns_close(ns[0])
lib.tcpbuf_free(tb[0])
