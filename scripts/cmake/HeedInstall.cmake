# `cmake --install`, and the symbolic link build/heed to the binary that was linked last.
include(GNUInstallDirs)
install(TARGETS heed RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
install(TARGETS heed-network RUNTIME DESTINATION libexec/heed)  # where app/network_program.cpp looks
install(DIRECTORY "${PROJECT_SOURCE_DIR}/configs" DESTINATION "${CMAKE_INSTALL_DATADIR}/heed")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" "${PROJECT_SOURCE_DIR}/README.md"
        DESTINATION "${CMAKE_INSTALL_DOCDIR}" OPTIONAL)

cmake_path(GET PROJECT_BINARY_DIR PARENT_PATH heed_build_root)
if(heed_build_root STREQUAL "${PROJECT_SOURCE_DIR}/build")
  cmake_path(GET PROJECT_BINARY_DIR FILENAME heed_build_name)
  add_custom_command(TARGET heed POST_BUILD
    COMMAND ${CMAKE_COMMAND} -E create_symlink ${heed_build_name}/heed "${heed_build_root}/heed"
    VERBATIM)
endif()
