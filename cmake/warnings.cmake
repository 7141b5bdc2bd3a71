# SPDX-License-Identifier: MIT
# Flags of our own targets; nothing here reaches whoever links the library.
add_library(tcpbuf_flags INTERFACE)
target_compile_options(tcpbuf_flags INTERFACE
	-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith
	-Wwrite-strings -Wvla -Wundef)
if(CMAKE_C_COMPILER_ID STREQUAL GNU)
	# At -O3 it warns of cuts that a fixed-size path in a test means to make.
	target_compile_options(tcpbuf_flags INTERFACE -Wno-format-truncation)
endif()
if(TCPBUF_WERROR)
	target_compile_options(tcpbuf_flags INTERFACE -Werror)
endif()
if(TCPBUF_SANITIZE)
	target_compile_options(tcpbuf_flags INTERFACE -fsanitize=${TCPBUF_SANITIZE} -fno-omit-frame-pointer
		-fno-sanitize-recover=all)
	target_link_options(tcpbuf_flags INTERFACE -fsanitize=${TCPBUF_SANITIZE})
endif()
if(TCPBUF_FUZZ)
	target_compile_options(tcpbuf_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
