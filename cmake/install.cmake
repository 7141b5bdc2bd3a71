# SPDX-License-Identifier: MIT
include(CMakePackageConfigHelpers)

set(TCPBUF_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/tcpbuf)

install(TARGETS tcpbuf EXPORT tcpbuf-targets
	LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
if(TCPBUF_BUILD_STATIC)
	install(TARGETS tcpbuf_static EXPORT tcpbuf-targets
		ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
endif()
install(DIRECTORY include/tcpbuf DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT tcpbuf-targets NAMESPACE tcpbuf:: DESTINATION ${TCPBUF_CMAKE_DIR})

configure_package_config_file(cmake/tcpbuf-config.cmake.in
	${CMAKE_CURRENT_BINARY_DIR}/tcpbuf-config.cmake INSTALL_DESTINATION ${TCPBUF_CMAKE_DIR})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/tcpbuf-config-version.cmake
	COMPATIBILITY SameMajorVersion)
install(FILES
	${CMAKE_CURRENT_BINARY_DIR}/tcpbuf-config.cmake
	${CMAKE_CURRENT_BINARY_DIR}/tcpbuf-config-version.cmake
	DESTINATION ${TCPBUF_CMAKE_DIR})

# An absolute libdir stays as given; a relative one keeps the .pc file relocatable.
set(prefix_var "\${prefix}")
set(TCPBUF_PC_LIBDIR "\${exec_prefix}")
set(TCPBUF_PC_INCLUDEDIR "${prefix_var}")
cmake_path(APPEND TCPBUF_PC_LIBDIR "${CMAKE_INSTALL_LIBDIR}")
cmake_path(APPEND TCPBUF_PC_INCLUDEDIR "${CMAKE_INSTALL_INCLUDEDIR}")
configure_file(tcpbuf.pc.in ${CMAKE_CURRENT_BINARY_DIR}/tcpbuf.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/tcpbuf.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

file(GLOB man_pages CONFIGURE_DEPENDS man/man[137]/*.[137])
foreach(page IN LISTS man_pages)
	get_filename_component(section ${page} LAST_EXT)
	string(SUBSTRING ${section} 1 1 section)
	install(FILES ${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()
