# For find_package(Torch) with -DTorch_DIR=(this folder) and -DLIBTORCH=(unpacked archive of LibTorch for CUDA).
# The archive's own file wants the whole CUDA toolkit with its compiler; we compile no CUDA and call LibTorch alone.
set(LIBTORCH /opt/libtorch CACHE PATH "Unpacked archive of LibTorch")
set(TORCH_INCLUDE_DIRS ${LIBTORCH}/include ${LIBTORCH}/include/torch/csrc/api/include)
# libtorch_cuda registers its devices when it is loaded; nothing names it, so the linker would leave it out.
set(TORCH_LIBRARIES -Wl,--no-as-needed ${LIBTORCH}/lib/libtorch.so ${LIBTORCH}/lib/libtorch_cuda.so
    ${LIBTORCH}/lib/libc10_cuda.so -Wl,--as-needed ${LIBTORCH}/lib/libtorch_cpu.so ${LIBTORCH}/lib/libc10.so)
set(Torch_FOUND TRUE)
