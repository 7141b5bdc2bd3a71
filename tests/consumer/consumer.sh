#!/bin/sh
# SPDX-License-Identifier: MIT
# Use the library as a program outside this tree does, from a scratch prefix.
# consumer.sh BUILD VERSION KIND; CC names the compiler, SANITIZE the library's sanitizers.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$1 version=$2 kind=$3
sanitize=${SANITIZE:+-fsanitize=$SANITIZE}
prefix=$build/tests/consumer/prefix
work=$build/tests/consumer/$kind
warnings="-Wall -Wextra -pedantic -Werror"

skip()
{
	echo "SKIP: $1"
	[ -z "${TCPBUF_TEST_REQUIRE:-}" ] || exit 1
	exit 77
}

fail()
{
	echo "$kind: $1" >&2
	exit 1
}

# The prefix was chosen at install, after configure: hence the variable.
tcpbuf_config()
{
	PKG_CONFIG_PATH=$(dirname "$pc") pkg-config --define-variable=prefix="$prefix" "$@" tcpbuf
}

# compile LANGUAGE STANDARD LIBS...: the consumer as $work/consumer.
compile()
{
	language=$1 standard=$2
	shift 2
	# shellcheck disable=SC2046,SC2086 # lists of words
	"$CC" -x "$language" -std="$standard" $warnings $sanitize $(tcpbuf_config --cflags) \
		"$here/consumer.c" -x none -o "$work/consumer" "$@"
}

# build_project TARGET: the same through find_package.
build_project()
{
	cmake -S "$here/project" -B "$work" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_C_COMPILER="$CC" \
		-DCMAKE_C_FLAGS="$sanitize" -DTARGET="$1"
	cmake --build "$work"
}

# The run path of a library outside the system's folders is the user's business.
run()
{
	printed=$(LD_LIBRARY_PATH=$libdir "$work/consumer") || fail "the consumer failed"
	[ "$printed" = "$version" ] || fail "the consumer printed \"$printed\", not \"$version\""
}

needs()
{
	readelf -d "$work/consumer" | grep -q "NEEDED.*\[$1\.so"
}

shared()
{
	run
	needs libtcpbuf || fail "not linked with the shared library"
	! needs libmnl || fail "libmnl leaks into users of the shared library"
}

static()
{
	run
	! needs libtcpbuf || fail "linked with the shared library"
	needs libmnl || fail "not linked with the system's shared libmnl"
}

if [ "$kind" = install ]; then
	rm -rf "$prefix"
	cmake --install "$build" --prefix "$prefix" >/dev/null
	exit
fi

for tool in "$CC" pkg-config readelf cmake; do
	command -v "$tool" >/dev/null || skip "$tool is not installed"
done
pc=$(find "$prefix" -name tcpbuf.pc)
libdir=$(tcpbuf_config --variable=libdir)
rm -rf "$work"
mkdir -p "$work"

# shellcheck disable=SC2046 # lists of words
case $kind in
c99) compile c c99 $(tcpbuf_config --libs) && shared ;;
cxx11)
	case $CC in
	*clang*) CC=clang++ ;;
	*) CC=g++ ;;
	esac
	command -v "$CC" >/dev/null || skip "$CC is not installed"
	compile c++ c++11 $(tcpbuf_config --libs) && shared
	;;
pkgconfig_static) compile c c99 $(tcpbuf_config --static --libs | sed 's/-ltcpbuf/-l:libtcpbuf.a/') && static ;;
cmake_shared) build_project tcpbuf && shared ;;
cmake_static) build_project tcpbuf_static && static ;;
pc_file)
	[ "$(tcpbuf_config --modversion)" = "$version" ] || fail "another version than $version"
	[ "$(tcpbuf_config --print-requires-private)" = libmnl ] || fail "Requires.private is not libmnl"
	! tcpbuf_config --libs | grep mnl || fail "--libs names libmnl"
	! grep -v '^prefix=' "$pc" | grep '[ =]/' || fail "an absolute path beside prefix: not relocatable"
	[ -f "$libdir/libtcpbuf.so.$version" ] || fail "no shared library in $libdir"
	[ -f "$libdir/libtcpbuf.a" ] || fail "no static library in $libdir"
	;;
tools)
	[ -x "$prefix/bin/tcpbuf-sysctl" ] || fail "no tools in $prefix/bin"
	for tool in "$prefix"/bin/tcpbuf-*; do
		LD_LIBRARY_PATH=$libdir "$tool" --version | grep -qF "$version" || fail "$tool --version does not say $version"
		[ -f "$prefix/share/man/man1/$(basename "$tool").1" ] || fail "$(basename "$tool") has no man page"
	done
	;;
*) fail "no such kind" ;;
esac
