#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A namespace's tcp_rmem and its sockets, with ctypes and libtcpbuf.so alone.
tcpbuf_ctypes.py [NETNS], as in "self", a pid, a path or a name."""
import ctypes
import socket
import sys
from ctypes import byref, c_char, c_char_p, c_int, c_int32, c_int64, c_uint16, c_uint32, c_uint64, c_void_p

lib = ctypes.CDLL("libtcpbuf.so.0")
lib.tcpbuf_error_text.restype = lib.tcpbuf_sock_state_name.restype = c_char_p
lib.tcpbuf_error_text.argtypes = lib.tcpbuf_free.argtypes = [c_void_p]
lib.tcpbuf_netns_close.argtypes = lib.tcpbuf_sock_iter_close.argtypes = [c_void_p]


class Value(ctypes.Structure):
    _fields_ = [("size", c_uint32), ("count", c_uint32), ("numbers", c_int64 * 3), ("text", c_char * 16)]


class Field(ctypes.Structure):
    _fields_ = [("name", c_char * 32), ("unit", c_char * 12), ("offset", c_uint32), ("type", c_uint32),
                ("group", c_uint32)]


def sock_fields():
    """The library describes its record, so no copy of it is needed here: name -> (offset, type)."""
    types = {1: c_uint16, 2: c_uint32, 3: c_int32, 4: c_uint64, 5: c_int64, 6: c_char * 16, 7: c_char * 16}
    field, fields = Field(), {}
    while lib.tcpbuf_sock_field_at(len(fields), byref(field), ctypes.sizeof(field)) == 1:
        fields[field.name.decode()] = (field.offset, types[field.type])
    return fields


def check(code):
    if code < 0:
        sys.exit(lib.tcpbuf_error_text(tb).decode())
    return code


tb, ns, it, value = c_void_p(), c_void_p(), c_void_p(), Value()
check(lib.tcpbuf_new(byref(tb)))
check(lib.tcpbuf_netns_open(tb, (sys.argv + ["self"])[1].encode(), byref(ns)))
key = lib.tcpbuf_key_by_name(b"net.ipv4.tcp_rmem")
check(lib.tcpbuf_sysctl_get(ns, key, byref(value), ctypes.sizeof(value)))
print("net.ipv4.tcp_rmem", *value.numbers)

fields, record = sock_fields(), ctypes.create_string_buffer(1024)
check(lib.tcpbuf_sock_iter_open(ns, None, byref(it)))
while check(lib.tcpbuf_sock_iter_next(it, record, len(record))):
    sock = {name: kind.from_buffer(record, offset) for name, (offset, kind) in fields.items()}
    size = 4 if sock["family"].value == socket.AF_INET else 16
    ends = [socket.inet_ntop(sock["family"].value, sock[f"{end}_address"].raw[:size])
            + f":{sock[f'{end}_port'].value}" for end in ("local", "remote")]
    held = sock["held"].value if lib.tcpbuf_sock_has(record, b"held") else "-"
    print(lib.tcpbuf_sock_state_name(sock["state"].value).decode(), *ends, "held", held)
lib.tcpbuf_sock_iter_close(it)
lib.tcpbuf_netns_close(ns)
lib.tcpbuf_free(tb)
