# How this project builds a folder, a test, a fuzzer and a benchmark.

find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(SRTP REQUIRED IMPORTED_TARGET libsrtp2)
pkg_check_modules(OPUS REQUIRED IMPORTED_TARGET opus)
pkg_check_modules(SPEEXDSP REQUIRED IMPORTED_TARGET speexdsp)
pkg_check_modules(SPANDSP REQUIRED IMPORTED_TARGET spandsp)
pkg_check_modules(PQ REQUIRED libpq)
pkg_check_modules(ODBC REQUIRED IMPORTED_TARGET odbc)
pkg_check_modules(CURL REQUIRED IMPORTED_TARGET libcurl)
find_library(GSM_LIBRARY gsm REQUIRED)
find_library(SOUNDTOUCH_LIBRARY SoundTouch REQUIRED)
find_package(yaml-cpp REQUIRED)

add_library(asterism_flags INTERFACE)
target_include_directories(asterism_flags INTERFACE ${CMAKE_SOURCE_DIR}/include)
target_compile_options(asterism_flags INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor -Werror -fno-omit-frame-pointer)
target_compile_definitions(asterism_flags INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
  BOOST_ASIO_DISABLE_VISIBILITY BOOST_ENABLE_ASSERT_HANDLER SPDLOG_COMPILED_LIB SPDLOG_FMT_EXTERNAL
  $<$<NOT:$<CONFIG:Release>>:_GLIBCXX_ASSERTIONS>)
target_link_libraries(asterism_flags INTERFACE Threads::Threads fmt::fmt)
target_link_options(asterism_flags INTERFACE -fuse-ld=lld)
if(ASTERISM_SANITIZE)
  target_compile_options(asterism_flags INTERFACE -fsanitize=${ASTERISM_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(asterism_flags INTERFACE -fsanitize=${ASTERISM_SANITIZE})
endif()

# The standard headers that nearly every source includes, parsed once for each build instead of once for each file. It
# saves a third of a clean build. It never replaces an include: target `headers` compiles without it.
set(ASTERISM_COMMON_HEADERS <algorithm> <array> <charconv> <chrono> <coroutine> <deque> <expected> <filesystem>
  <functional> <map> <memory> <optional> <set> <span> <string> <string_view> <unordered_map> <utility> <variant>
  <vector> <fmt/format.h>)

# asterism_common_headers(name header...): a target that holds a precompiled header for others to reuse.
function(asterism_common_headers name)
  set(source ${CMAKE_BINARY_DIR}/${name}.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT "// Only here to give the precompiled header a compiler's command line.\n")
  add_library(${name} OBJECT ${source})
  target_link_libraries(${name} PUBLIC asterism_flags)
  target_precompile_headers(${name} PRIVATE ${ARGN})
  # ccache tells two precompiled headers apart by their bytes: without a time in them, equal ones are equal.
  target_compile_options(${name} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
endfunction()
asterism_common_headers(asterism_precompiled ${ASTERISM_COMMON_HEADERS})

# asterism_library(name folder [names it may use...]): every .cpp of the folder (and below, unless a deeper folder is a
# library of its own) becomes one static library, or an interface library while the folder has no source.
function(asterism_library name folder)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.cpp)
  list(REMOVE_ITEM sources ${CMAKE_SOURCE_DIR}/src/main.cpp)
  set(target asterism_${name})
  list(TRANSFORM ARGN PREPEND asterism_ OUTPUT_VARIABLE uses)
  if(sources)
    add_library(${target} STATIC ${sources})
    target_include_directories(${target} PUBLIC ${CMAKE_SOURCE_DIR})
    target_link_libraries(${target} PUBLIC asterism_flags ${uses} ${ASTERISM_LINK_${name}})
    target_precompile_headers(${target} REUSE_FROM asterism_precompiled)
  else()
    add_library(${target} INTERFACE)
    target_include_directories(${target} INTERFACE ${CMAKE_SOURCE_DIR})
    target_link_libraries(${target} INTERFACE asterism_flags ${uses} ${ASTERISM_LINK_${name}})
  endif()
  set_property(GLOBAL APPEND PROPERTY ASTERISM_LIBRARIES ${name})
endfunction()

# Outside libraries that a folder needs.
set(ASTERISM_LINK_runtime spdlog::spdlog Boost::headers OpenSSL::SSL OpenSSL::Crypto resolv)
# By name only: an include folder of libpq would stand in the command lines of every library above.
set(ASTERISM_LINK_store SQLite::SQLite3 ${PQ_LINK_LIBRARIES} PkgConfig::ODBC)
set(ASTERISM_LINK_sip OpenSSL::Crypto)
set(ASTERISM_LINK_simulator yaml-cpp)
set(ASTERISM_LINK_functions PkgConfig::CURL)
set(ASTERISM_LINK_ari crypt)
set(ASTERISM_LINK_media PkgConfig::SRTP PkgConfig::OPUS PkgConfig::SPEEXDSP ${SOUNDTOUCH_LIBRARY} PkgConfig::SPANDSP ${GSM_LIBRARY} OpenSSL::SSL OpenSSL::Crypto)

# asterism_executable(name library): the program; main.cpp of the library's folder is all that is not in the library.
function(asterism_executable name library)
  if(NOT EXISTS ${CMAKE_SOURCE_DIR}/src/main.cpp)
    return()
  endif()
  add_executable(${name} ${CMAKE_SOURCE_DIR}/src/main.cpp)
  target_link_libraries(${name} PRIVATE asterism_${library})
endfunction()

# Target `headers`: every header compiled alone, so that no include depends on what was included before it.
function(asterism_headers)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}
    ${CMAKE_SOURCE_DIR}/include/*.hpp ${CMAKE_SOURCE_DIR}/core/*.hpp ${CMAKE_SOURCE_DIR}/media/*.hpp
    ${CMAKE_SOURCE_DIR}/interfaces/*.hpp ${CMAKE_SOURCE_DIR}/src/*.hpp)
  set(sources)
  foreach(header ${headers})
    set(source ${CMAKE_BINARY_DIR}/headers/${header}.cpp)
    file(CONFIGURE OUTPUT ${source} CONTENT "#include \"${CMAKE_SOURCE_DIR}/${header}\"\n")
    list(APPEND sources ${source})
  endforeach()
  if(sources)
    add_library(headers OBJECT EXCLUDE_FROM_ALL ${sources})
    target_include_directories(headers PRIVATE ${CMAKE_SOURCE_DIR})
    target_link_libraries(headers PRIVATE asterism_daemon)
  else()
    add_custom_target(headers)
  endif()
endfunction()

# asterism_lay_out(name): a release's code is put in the order in which calls were seen to run it (`./dev profile` writes
# the profile, LLVM's BOLT lays out). At a hundred calls a second the caches are cold for each packet, and the lines of
# code that are fetched are what a call costs: docs/performance.md has the figures. Without BOLT, or where the profile
# does not fit any more, the file stays as the linker made it.
function(asterism_lay_out name)
  find_program(ASTERISM_BOLT llvm-bolt-19)
  set(profile ${CMAKE_SOURCE_DIR}/tools/profile/calls.fdata.xz)
  if(NOT CMAKE_BUILD_TYPE STREQUAL "Release" OR NOT ASTERISM_BOLT)
    return()
  endif()
  target_link_options(${name} PRIVATE LINKER:--emit-relocs)
  if(EXISTS ${profile})
    set_property(TARGET ${name} APPEND PROPERTY LINK_DEPENDS ${profile})
  endif()
  add_custom_command(TARGET ${name} POST_BUILD
    COMMAND ${CMAKE_SOURCE_DIR}/tools/profile/lay_out.sh ${ASTERISM_BOLT} $<TARGET_FILE:${name}> ${profile} VERBATIM)
endfunction()
