"""gRPC from Python, with the modules that protoc makes of proto/, as docs/api.md tells."""
import contextlib
import importlib
import pathlib
import shutil
import subprocess
import sys

from harness.cluster import ROOT

PLUGIN = pathlib.Path("/usr/bin/grpc_python_plugin")


def missing():
    """Why there are none; None where there are."""
    with contextlib.suppress(ImportError):
        importlib.import_module("grpc")
        importlib.import_module("google.protobuf")
        if not PLUGIN.exists() or shutil.which("protoc") is None:
            return "protoc or grpc_python_plugin is not installed (protobuf-compiler, protobuf-compiler-grpc)"
        return None
    return "python3-grpcio or python3-protobuf is not installed"


def make(folder):
    """Makes the modules in a folder and imports from there."""
    protos = sorted((ROOT / "proto/aislewatch/v1").glob("*.proto"))
    subprocess.run(["protoc", f"-I{ROOT}/proto", f"--python_out={folder}", f"--grpc_out={folder}",
                    f"--plugin=protoc-gen-grpc={PLUGIN}", *protos], check=True)
    sys.path.insert(0, str(folder))


def of(name):
    """The messages and the stubs of one proto: of("events")."""
    return (importlib.import_module(f"aislewatch.v1.{name}_pb2"), importlib.import_module(f"aislewatch.v1.{name}_pb2_grpc"))
