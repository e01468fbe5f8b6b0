#!/usr/bin/python3
"""Newer versions of models come to serve while pose, classifier and fusion run; torn ones do not; removed ones go back.

Prints what memory a service had at most before and after. Pose needs MoveNet's weights, and is left out visibly without them.
"""
import json
import pathlib
import re
import shutil
import sys
import unittest
import urllib.request

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from harness.cluster import ROOT, Process, temporary_folder, until


class Repository:
    """One model in versions that differ in their number alone."""

    def __init__(self, folder, source):
        self.path, self.source, self.name = folder / "models", source, source.parent.name
        self.first = int(source.name)
        shutil.copytree(source, self.path / self.name / source.name)

    def folder(self, version):
        return self.path / self.name / str(version)

    def put(self, version, torn=False):
        """Beside its place first, so that it is never seen half copied."""
        beside = self.path / self.name / f".{version}"
        shutil.copytree(self.source, beside)
        manifest = json.loads((beside / "model.json").read_text())
        manifest["version"] = str(version)
        (beside / "model.json").write_text(json.dumps(manifest))
        if torn:
            weights = beside / "weights.safetensors"
            weights.write_bytes(weights.read_bytes()[:-1000])
        beside.rename(self.folder(version))

    def repair(self, version):
        shutil.copy(self.source / "weights.safetensors", self.folder(version) / "weights.safetensors")

    def remove(self, version):
        shutil.rmtree(self.folder(version))


class Service:
    def __init__(self, folder, name, role, repository, *flags):
        self.name, self.role, self.model = name, role, repository.name
        self.process = Process(folder, name, f"--model={repository.name}", f"--model-repository={repository.path}",
                               "--model-refresh=200ms", *flags)
        self.process.start()

    def value(self, metric, **labels):
        """Nothing where there is no such series."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.process.ports['metrics']}/metrics", timeout=10) as answer:
            text = answer.read().decode()
        for line in text.splitlines():
            if line.startswith(f"aislewatch_{self.name}_{metric}{{") and all(
                    f'{key}="{value}"' in line for key, value in labels.items()):
                return float(line.rsplit(" ", 1)[1])
        return None

    def serves(self, version):
        return self.value("model_info", role=self.role, name=self.model, version=version) == 1

    def refuses(self):
        return self.value("model_refused", role=self.role) == 1

    def until(self, what, condition):
        until(f"{self.name}: {what}", condition, 60, lambda: self.process.child.poll() is None,
              lambda: self.process.log.read_text()[-3000:])

    def peak_mib(self):
        status = pathlib.Path(f"/proc/{self.process.child.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s*(\d+)", status)[1]) // 1024


class NewerModelsTest(unittest.TestCase):

    def check(self, name, role, source, *flags):
        with temporary_folder() as folder:
            repository = Repository(folder, source)
            service = Service(folder, name, role, repository, *flags)
            try:
                self.live_through(service, repository)
            finally:
                process = service.process.child
                service.process.stop()
            self.assertEqual(process.returncode, 0)

    def live_through(self, service, repository):
        first = repository.first
        self.assertTrue(service.serves(first))
        before = service.peak_mib()
        repository.put(first + 1)
        service.until("the newer version serves", lambda: service.serves(first + 1))
        self.assertFalse(service.serves(first))
        print(f"{service.name}: {before} MiB at most before, {service.peak_mib()} MiB with the newer version")

        repository.put(first + 2, torn=True)
        service.until("a torn version is refused", service.refuses)
        self.assertTrue(service.serves(first + 1))
        repository.repair(first + 2)
        service.until("once it is whole, it serves", lambda: service.serves(first + 2))
        service.until("nothing is refused", lambda: not service.refuses())

        repository.remove(first + 2)
        service.until("the one below serves again", lambda: service.serves(first + 1))
        service.until("all three are counted", lambda: service.value("model_swaps_total", role=service.role) == 3)

    def test_classifier(self):
        self.check("classifier", "classifier", ROOT / "models/pretrained/joints-gru/2")

    def test_pose_anomaly(self):
        self.check("fusion", "pose_anomaly", ROOT / "models/pretrained/posture/2", "--fighting-model=none")

    def test_pose(self):
        weights = ROOT / "build/models/movenet-multipose/1"
        if not weights.exists():
            self.skipTest("MoveNet's weights are not there; scripts/fetch-models fetches them")
        self.check("pose", "pose", weights, "--max-batch=1", "--inference-threads=1")


if __name__ == "__main__":
    unittest.main(verbosity=2)
