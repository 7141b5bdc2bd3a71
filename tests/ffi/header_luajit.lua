-- SPDX-License-Identifier: MIT
-- header_luajit.lua HEADER NETNS: the preprocessed header unchanged in LuaJIT; lists as the examples do.
local ffi, bit = require "ffi", require "bit"
local header = assert(io.open(arg[1])):read("*a")
ffi.cdef(header)
ffi.cdef "const char *inet_ntop(int family, const void *address, char *out, uint32_t size);"
local lib = ffi.load("libtcpbuf.so.0")
local tb, ns = ffi.new("struct tcpbuf *[1]"), ffi.new("struct tcpbuf_netns *[1]")

local function fail(why)
	io.stderr:write(why, "\n")
	os.exit(1)
end

local function check(code)
	return code >= 0 and code or fail(ffi.string(lib.tcpbuf_error_text(tb[0])))
end

-- Every declared function is in the library; LuaJIT lays the record out as the library does.
local function check_binding()
	for name in header:gmatch("(tcpbuf_[%w_]+)%(") do
		local _ = lib[name]
	end
	local field, index = ffi.new("struct tcpbuf_sock_field"), 0
	while lib.tcpbuf_sock_field_at(index, field, ffi.sizeof(field)) == 1 do
		local name = ffi.string(field.name)
		local offset = ffi.offsetof("struct tcpbuf_sock", name)
		if offset ~= field.offset then fail(name .. " is at " .. tostring(offset) .. ", not " .. field.offset) end
		index = index + 1
	end
	if index == 0 then fail("no fields") end
end

local function endpoint(family, address, port)
	return ffi.string(ffi.C.inet_ntop(family, address, ffi.new("char[46]"), 46)) .. ":" .. port
end

check_binding()
check(lib.tcpbuf_new(tb))
check(lib.tcpbuf_netns_open(tb[0], arg[2], ns))
local value = ffi.new("struct tcpbuf_value")
check(lib.tcpbuf_sysctl_get(ns[0], lib.TCPBUF_KEY_TCP_RMEM, value, ffi.sizeof(value)))
local numbers = value.numbers
print(("net.ipv4.tcp_rmem %d %d %d"):format(tonumber(numbers[0]), tonumber(numbers[1]), tonumber(numbers[2])))

local it, socks = ffi.new("struct tcpbuf_sock_iter *[1]"), ffi.new("struct tcpbuf_sock[3]")
check(lib.tcpbuf_sock_iter_open(ns[0], nil, it))
local count = check(lib.tcpbuf_sock_iter_fetch(it[0], socks, ffi.sizeof(socks[0]), 3))
while count > 0 do
	for i = 0, count - 1 do
		local sock = socks[i]
		local has = bit.band(tonumber(sock.valid), lib.TCPBUF_SOCK_HAS_SKMEM) ~= 0
		print(table.concat({ ffi.string(lib.tcpbuf_sock_state_name(sock.state)),
			endpoint(sock.family, sock.local_address, sock.local_port),
			endpoint(sock.family, sock.remote_address, sock.remote_port),
			"held", has and tonumber(sock.held) or "-" }, " "))
	end
	count = check(lib.tcpbuf_sock_iter_fetch(it[0], socks, ffi.sizeof(socks[0]), 3))
end
lib.tcpbuf_sock_iter_close(it[0])
lib.tcpbuf_netns_close(ns[0])
lib.tcpbuf_free(tb[0])
