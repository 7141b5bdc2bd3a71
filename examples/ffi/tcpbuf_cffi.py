#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A namespace's tcp_rmem and its sockets, with cffi and libtcpbuf.so alone.
tcpbuf_cffi.py [NETNS], as in "self", a pid, a path or a name."""
import socket
import sys

import cffi

ffi = cffi.FFI()
ffi.cdef("""
    struct tcpbuf; struct tcpbuf_netns; struct tcpbuf_sock; struct tcpbuf_sock_iter;
    struct tcpbuf_value { uint32_t size, count; int64_t numbers[3]; char text[16]; };
    struct tcpbuf_sock_field { char name[32], unit[12]; uint32_t offset, type, group; };
    int tcpbuf_new(struct tcpbuf **out);
    void tcpbuf_free(struct tcpbuf *tb);
    const char *tcpbuf_error_text(const struct tcpbuf *tb);
    int tcpbuf_netns_open(struct tcpbuf *tb, const char *which, struct tcpbuf_netns **out);
    void tcpbuf_netns_close(struct tcpbuf_netns *ns);
    uint32_t tcpbuf_key_by_name(const char *name);
    int tcpbuf_sysctl_get(struct tcpbuf_netns *ns, uint32_t key, void *out, uint32_t out_size);
    int tcpbuf_sock_iter_open(struct tcpbuf_netns *ns, const void *query, struct tcpbuf_sock_iter **out);
    int tcpbuf_sock_iter_next(struct tcpbuf_sock_iter *it, void *out, uint32_t out_size);
    void tcpbuf_sock_iter_close(struct tcpbuf_sock_iter *it);
    const char *tcpbuf_sock_state_name(uint32_t state);
    int tcpbuf_sock_field_at(uint32_t index, void *out, uint32_t out_size);
    int tcpbuf_sock_has(const struct tcpbuf_sock *sock, const char *field);
""")
lib = ffi.dlopen("libtcpbuf.so.0")
TYPES = {1: "uint16_t *", 2: "uint32_t *", 3: "int32_t *", 4: "uint64_t *", 5: "int64_t *", 6: "char(*)[16]",
         7: "char(*)[16]"}


def check(code):
    if code < 0:
        sys.exit(ffi.string(lib.tcpbuf_error_text(tb[0])).decode())
    return code


tb, ns, it = ffi.new("struct tcpbuf **"), ffi.new("struct tcpbuf_netns **"), ffi.new("struct tcpbuf_sock_iter **")
value, field, record = ffi.new("struct tcpbuf_value *"), ffi.new("struct tcpbuf_sock_field *"), ffi.new("char[1024]")
check(lib.tcpbuf_new(tb))
check(lib.tcpbuf_netns_open(tb[0], (sys.argv + ["self"])[1].encode(), ns))
check(lib.tcpbuf_sysctl_get(ns[0], lib.tcpbuf_key_by_name(b"net.ipv4.tcp_rmem"), value, ffi.sizeof(value[0])))
print("net.ipv4.tcp_rmem", *value.numbers)

sock = {}  # the library describes its record: name -> pointer into it
while lib.tcpbuf_sock_field_at(len(sock), field, ffi.sizeof(field[0])) == 1:
    sock[ffi.string(field.name).decode()] = ffi.cast(TYPES[field.type], record + field.offset)
check(lib.tcpbuf_sock_iter_open(ns[0], ffi.NULL, it))
while check(lib.tcpbuf_sock_iter_next(it[0], record, len(record))):
    family, state = sock["family"][0], ffi.string(lib.tcpbuf_sock_state_name(sock["state"][0])).decode()
    ends = [socket.inet_ntop(family, bytes(ffi.buffer(sock[f"{end}_address"], 4 if family == socket.AF_INET else 16)))
            + f":{sock[f'{end}_port'][0]}" for end in ("local", "remote")]
    print(state, *ends, "held", sock["held"][0] if lib.tcpbuf_sock_has(ffi.cast("void *", record), b"held") else "-")
lib.tcpbuf_sock_iter_close(it[0])
lib.tcpbuf_netns_close(ns[0])
lib.tcpbuf_free(tb[0])
