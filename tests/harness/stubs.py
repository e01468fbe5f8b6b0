"""gRPC from Python, with the modules that protoc makes of proto/, as docs/api.md tells."""
import contextlib
import hashlib
import importlib
import pathlib
import shutil
import subprocess
import sys
import time
import uuid

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


def record(channel, metadata, store, camera, opened=None, clip=None):
    """An incident as ingest records it; its id and that of its clip."""
    events, events_grpc = of("events")
    types, _ = of("types")
    storage = events_grpc.EventStorageServiceStub(channel)
    opened = time.time() if opened is None else opened
    incident = types.Incident(incident_id=str(uuid.uuid4()), store_id=store, camera_id=camera,
                              kind=types.INCIDENT_KIND_CONCEALMENT, severity=types.SEVERITY_WARNING,
                              state=types.INCIDENT_STATE_OPEN)
    incident.opened_time.FromNanoseconds(int(opened * 1e9))
    incident.updated_time.CopyFrom(incident.opened_time)
    step = types.IncidentTransition(number=1, kind=types.TRANSITION_KIND_OPENED, time=incident.opened_time, incident=incident)
    storage.RecordTransitions(events.RecordTransitionsRequest(transitions=[step]), metadata=metadata)
    if clip is None:
        return incident.incident_id, None
    evidence = events.Evidence(evidence_id=str(uuid.uuid4()), incident_id=incident.incident_id, kind=events.EVIDENCE_KIND_CLIP,
                               state=events.EVIDENCE_STATE_READY, media_type="video/mp4", size_bytes=len(clip),
                               sha256=hashlib.sha256(clip).hexdigest(), capture_time=incident.opened_time)
    parts = [events.UploadEvidenceRequest(evidence=evidence), events.UploadEvidenceRequest(chunk=clip)]
    storage.UploadEvidence(iter(parts), metadata=metadata)
    return incident.incident_id, evidence.evidence_id
