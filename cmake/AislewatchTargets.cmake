# How targets are declared. One library per folder:
#
#   aislewatch_library(vision
#     SOURCES crop.cc image.cc
#     PUBLIC  aislewatch::base opencv_core     # appear in our headers
#     PRIVATE opencv_imgproc)                  # used by our sources only
#
#   aislewatch_test(vision_test SOURCES crop_test.cc LINK aislewatch::vision)
#
# Add TORCH to either for sources that include LibTorch: they get its include folders and a shared
# precompiled header. Include LibTorch by its parts: torch/torch.h has templates that each file
# instantiates anew, 9 of 16 seconds.
#
# A target's sources are compiled as one where AISLEWATCH_UNITY is on: headers are read, and what is inline
# in them compiled, once. So they must not use one name twice in their unnamed namespaces. Preset
# dev compiles them one by one, which shows what a file forgot to include.

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # pch_defines and time_macros let ccache see through the precompiled LibTorch header; the base
  # folder lets one clone find what another has compiled.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      ${CCACHE_PROGRAM})
endif()

option(AISLEWATCH_CLANG_TIDY "Run clang-tidy on our own sources while building" OFF)
option(AISLEWATCH_UNITY "Compile the sources of each target as one" ON)
option(AISLEWATCH_WERROR "Treat warnings in our own sources as errors" ON)

# Warnings for our own code. Generated and third-party code never sees them.
add_library(aislewatch_warnings INTERFACE)
target_compile_options(aislewatch_warnings INTERFACE -Wall -Wextra -Wnon-virtual-dtor
  -Woverloaded-virtual
  -Wno-missing-field-initializers  # Designated initialisers name what they set, on purpose.
  $<$<BOOL:${AISLEWATCH_WERROR}>:-Werror>
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>)

# LibTorch without the flags and definitions that its own target imposes on whoever links it.
add_library(aislewatch_torch INTERFACE)
add_library(aislewatch::torch ALIAS aislewatch_torch)
target_include_directories(aislewatch_torch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS})
target_link_libraries(aislewatch_torch INTERFACE ${TORCH_LIBRARIES})

file(WRITE ${PROJECT_BINARY_DIR}/torch_pch.cc "// Holds the precompiled LibTorch header.\n")
add_library(aislewatch_torch_pch STATIC ${PROJECT_BINARY_DIR}/torch_pch.cc)
target_link_libraries(aislewatch_torch_pch PRIVATE aislewatch_warnings aislewatch_torch)
target_include_directories(aislewatch_torch_pch PRIVATE ${PROJECT_SOURCE_DIR})
target_precompile_headers(aislewatch_torch_pch PRIVATE <torch/types.h>)
target_compile_options(aislewatch_torch_pch PRIVATE -fpch-preprocess)

function(_aislewatch_common target torch)
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(${target} PRIVATE aislewatch_warnings)
  set_target_properties(${target} PROPERTIES
    UNITY_BUILD ${AISLEWATCH_UNITY} UNITY_BUILD_BATCH_SIZE 0)
  if(torch)
    target_link_libraries(${target} PUBLIC aislewatch_torch)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      target_precompile_headers(${target} REUSE_FROM aislewatch_torch_pch)
      # The header is compiled once, as for a library; a program's own -fPIE would refuse it.
      target_compile_options(${target} PRIVATE -fpch-preprocess -fPIC)
    endif()
  endif()
  if(AISLEWATCH_CLANG_TIDY)
    set_target_properties(${target} PROPERTIES CXX_CLANG_TIDY "clang-tidy-14;--quiet")
  endif()
endfunction()

function(aislewatch_library name)
  cmake_parse_arguments(arg "TORCH" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  if(arg_SOURCES)
    add_library(aislewatch_${name} STATIC ${arg_SOURCES})
    _aislewatch_common(aislewatch_${name} "${arg_TORCH}")
    target_link_libraries(aislewatch_${name} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
  else()
    add_library(aislewatch_${name} INTERFACE)
    target_include_directories(aislewatch_${name} INTERFACE ${PROJECT_SOURCE_DIR})
    target_link_libraries(aislewatch_${name} INTERFACE ${arg_PUBLIC})
  endif()
  add_library(aislewatch::${name} ALIAS aislewatch_${name})
endfunction()

# A program in build/PRESET/bin.
function(aislewatch_program name)
  cmake_parse_arguments(arg "TORCH" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  _aislewatch_common(${name} "${arg_TORCH}")
  target_link_libraries(${name} PRIVATE ${arg_LINK})
endfunction()

# A GoogleTest program that ctest runs as one test. TIMEOUT in seconds, default 120.
function(aislewatch_test name)
  cmake_parse_arguments(arg "TORCH" "TIMEOUT" "SOURCES;LINK;LABELS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  _aislewatch_common(${name} "${arg_TORCH}")
  target_link_libraries(${name} PRIVATE ${arg_LINK} GTest::gmock GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}"
    ENVIRONMENT "AISLEWATCH_SOURCE_DIR=${PROJECT_SOURCE_DIR};AISLEWATCH_BIN_DIR=${PROJECT_BINARY_DIR}/bin")
endfunction()
