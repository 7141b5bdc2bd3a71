#!/usr/bin/env luajit
-- SPDX-License-Identifier: MIT
-- A namespace's tcp_rmem and its sockets, with LuaJIT and libtcpbuf.so alone.
-- tcpbuf.lua [NETNS], as in "self", a pid, a path or a name.
local ffi = require "ffi"
ffi.cdef [[
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
int tcpbuf_sock_has(const void *sock, const char *field);
const char *inet_ntop(int family, const void *address, char *out, uint32_t size);
]]
local lib = ffi.load("libtcpbuf.so.0")
local types = { "uint16_t *", "uint32_t *", "int32_t *", "uint64_t *", "int64_t *", "char *", "char *" }
local tb, ns = ffi.new("struct tcpbuf *[1]"), ffi.new("struct tcpbuf_netns *[1]")

local function check(code)
	if code >= 0 then return code end
	io.stderr:write(ffi.string(lib.tcpbuf_error_text(tb[0])), "\n")
	os.exit(1)
end

check(lib.tcpbuf_new(tb))
check(lib.tcpbuf_netns_open(tb[0], arg[1] or "self", ns))
local value = ffi.new("struct tcpbuf_value")
check(lib.tcpbuf_sysctl_get(ns[0], lib.tcpbuf_key_by_name("net.ipv4.tcp_rmem"), value, ffi.sizeof(value)))
local numbers = value.numbers
print(("net.ipv4.tcp_rmem %d %d %d"):format(tonumber(numbers[0]), tonumber(numbers[1]), tonumber(numbers[2])))

-- The library describes its record: name -> pointer into it.
local field, record, sock, index = ffi.new("struct tcpbuf_sock_field"), ffi.new("char[1024]"), {}, 0
while lib.tcpbuf_sock_field_at(index, field, ffi.sizeof(field)) == 1 do
	sock[ffi.string(field.name)], index = ffi.cast(types[field.type], record + field.offset), index + 1
end
local function endpoint(address, port)
	return ffi.string(ffi.C.inet_ntop(sock.family[0], address, ffi.new("char[46]"), 46)) .. ":" .. port[0]
end
local it = ffi.new("struct tcpbuf_sock_iter *[1]")
check(lib.tcpbuf_sock_iter_open(ns[0], nil, it))
while check(lib.tcpbuf_sock_iter_next(it[0], record, ffi.sizeof(record))) == 1 do
	local held = lib.tcpbuf_sock_has(record, "held") == 1 and tonumber(sock.held[0]) or "-"
	print(table.concat({ ffi.string(lib.tcpbuf_sock_state_name(sock.state[0])), endpoint(sock.local_address, sock.local_port),
		endpoint(sock.remote_address, sock.remote_port), "held", held }, " "))
end
lib.tcpbuf_sock_iter_close(it[0])
lib.tcpbuf_netns_close(ns[0])
lib.tcpbuf_free(tb[0])
