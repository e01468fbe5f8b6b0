#!/usr/bin/python3
"""Holds deploy/docker, deploy/compose.yaml and k8s/ together, without building an image: that takes too long for a test, so
scripts/build-images and scripts/test-images are run by hand."""
import os
import pathlib
import re
import subprocess
import sys
import unittest

try:
    import yaml
except ImportError:
    print("skipped: python3-yaml is not installed")
    sys.exit(77)

ROOT = pathlib.Path(os.environ.get("AISLEWATCH_SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))
BIN = pathlib.Path(os.environ.get("AISLEWATCH_BIN_DIR", ROOT / "build/release/bin"))
SERVICES = ("ingest", "pose", "classifier", "fusion", "events", "gateway")
FLAVOURS = ("cpu", "cuda")
VERSION = re.search(r"project\(aislewatch VERSION ([\d.]+)", (ROOT / "CMakeLists.txt").read_text())[1]


def stages(flavour):
    """Instructions by stage, as (word, rest); continued lines are one."""
    text = (ROOT / f"deploy/docker/Dockerfile.{flavour}").read_text()
    text = re.sub(r"^\s*#.*\n", "", text, flags=re.M).replace("\\\n", " ")
    found, name = {}, None
    for line in filter(str.strip, text.splitlines()):
        word, rest = line.split(None, 1)
        if word == "FROM":
            base, _, name = rest.split()
            found[name] = [("FROM", base)]
        elif name:
            found[name].append((word, " ".join(rest.split())))
    return found


def settings(instructions):
    return dict(pair.split("=", 1) for word, rest in instructions if word == "ENV" for pair in rest.split())


def flags(path):
    lines = (ROOT / path).read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def compose():
    return yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())


def from_sources(flavour):
    """Of each image the names of models that are copied into it."""
    text = (ROOT / f"deploy/docker/Dockerfile.{flavour}").read_text().replace("\\\n", " ")
    return {call[1]: re.findall(r"--model \S*/([\w-]+)", call[0])
            for call in re.finditer(r"\$assemble /roots/(\w+)[^&\n]*", text)}


class Dockerfiles(unittest.TestCase):
    def each(self):
        for flavour in FLAVOURS:
            found = stages(flavour)
            for name in (*SERVICES, "cli"):
                with self.subTest(flavour=flavour, target=name):
                    yield flavour, found, name

    def test_there_is_a_target_for_each_service_that_starts_its_program_without_a_shell(self):
        for _, found, name in self.each():
            program = "aislewatch" if name == "cli" else f"aislewatch-{name}"
            self.assertIn(("ENTRYPOINT", f'["/usr/bin/{program}"]'), found[name])

    def test_images_come_from_nothing_and_run_as_the_user_of_the_manifests(self):
        for _, found, name in self.each():
            chain = [name]
            while chain[-1] in found:
                chain.append(found[chain[-1]][0][1])
            self.assertEqual(chain[-1], "scratch")
            users = [rest for stage in chain[:-1] for word, rest in found[stage] if word == "USER"]
            self.assertEqual(users, ["65532:65532"])
            self.assertFalse([1 for stage in chain[:-1] for word, _ in found[stage] if word == "RUN"])

    def test_labels_tell_what_an_image_is(self):
        for _, found, name in self.each():
            labels = " ".join(rest for stage in ("runtime", name) for word, rest in found[stage] if word == "LABEL")
            for label in ("title", "description", "version", "revision", "created", "source", "licenses"):
                self.assertIn(f"org.opencontainers.image.{label}=", labels)

    def test_ports_and_models_are_where_the_manifests_have_them(self):
        for flavour, found, name in self.each():
            if name == "cli":
                continue
            ours, theirs = settings(found[name]), flags(f"k8s/base/{name}/flags.env")
            for key in ours.keys() & theirs.keys():
                if flavour == "cpu" or not key.endswith("_DEVICE"):
                    self.assertEqual(ours[key], theirs[key], key)
            for kind in ("LISTEN", "METRICS_LISTEN", "HEALTH_LISTEN"):
                self.assertIn(f"AISLEWATCH_{name.upper()}_{kind}", ours)
            ports = {value.rsplit(":", 1)[1] for key, value in ours.items() if key.endswith("LISTEN")}
            self.assertEqual(set(dict(found[name])["EXPOSE"].split()), ports)

    def test_the_gateway_serves_the_console_that_is_copied_into_it(self):
        for flavour in FLAVOURS:
            found = stages(flavour)
            folder = settings(found["gateway"])["AISLEWATCH_GATEWAY_CONSOLE"]
            self.assertIn(("COPY", f"--from=console /console {folder}"), found["gateway"])
            self.assertIn(("RUN", "AISLEWATCH_CONSOLE_OUT=/console npm run build"), found["console"])
            installs = [rest for word, rest in found["console"] if word == "RUN" and "npm ci" in rest]
            self.assertTrue(installs and all("--ignore-scripts" in rest for rest in installs))

    def test_models_are_those_that_the_services_ask_for(self):
        defaults = {"pose": ["movenet-multipose"], "classifier": ["cnn-gru"], "fusion": ["posture", "pose-fighting"]}
        given = {folder.name for folder in (ROOT / "models/pretrained").iterdir()} | {"movenet-multipose"}
        for flavour in FLAVOURS:
            models = from_sources(flavour)
            for name, wanted in defaults.items():
                self.assertLessEqual(set(wanted), set(models[name]), name)
                self.assertLessEqual(set(models[name]), given, name)
                config = (ROOT / f"services/{name}/config.h").read_text()
                for model in wanted:
                    self.assertIn(f'"{model}"', config, f"{name}: is {model} still a default?")

    def test_what_is_copied_is_there_and_not_ignored(self):
        ignored = (ROOT / ".dockerignore").read_text().splitlines()
        for flavour in FLAVOURS:
            for instructions in stages(flavour).values():
                for word, rest in instructions:
                    if word == "COPY" and not rest.startswith("--from"):
                        for source in rest.split()[:-1]:
                            self.assertTrue((ROOT / source).exists(), source)
        self.assertFalse({"deploy", "/deploy", "models", "/models", "scripts", "/tests"} & set(ignored))

    def test_both_flavours_have_one_version(self):
        for flavour in FLAVOURS:
            text = (ROOT / f"deploy/docker/Dockerfile.{flavour}").read_text()
            self.assertEqual(set(re.findall(r"ARG VERSION=(\S+)", text)), {VERSION})


class Compose(unittest.TestCase):
    def setUp(self):
        self.file = compose()
        self.services = self.file["services"]
        self.ours = {name: service for name, service in self.services.items()
                     if service["image"].startswith("aislewatch/")}

    def test_everything_is_there(self):
        self.assertLessEqual({*SERVICES, "migration", "cli", "postgres", "prometheus", "grafana"}, set(self.services))

    def test_images_have_versions(self):
        for service in self.services.values():
            self.assertRegex(service["image"], r":v?\d+[\d.]*$")
        for name, service in self.ours.items():
            self.assertTrue(service["image"].endswith(f":{VERSION}"), name)

    def test_images_are_built_from_targets(self):
        built = {}
        for service in self.ours.values():
            if "build" in service:
                self.assertTrue((ROOT / "deploy" / service["build"]["context"] / service["build"]["dockerfile"]).exists())
                built[service["image"]] = service["build"]["target"]
        for service in self.ours.values():
            self.assertEqual(built.get(service["image"]), service["image"].split("/")[1].split(":")[0])

    def test_mounted_files_are_there_and_named_volumes_are_declared(self):
        for service in self.services.values():
            for volume in service.get("volumes", []):
                source = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", volume).split(":")[0]
                if source.startswith("."):
                    self.assertTrue((ROOT / "deploy" / source).exists(), source)
                else:
                    self.assertIn(source, self.file["volumes"])

    def test_our_containers_are_as_closed_as_the_pods(self):
        for name, service in self.ours.items():
            self.assertTrue(service["read_only"], name)
            self.assertEqual((service["user"], service["cap_drop"]), ("65532:65532", ["ALL"]), name)

    def test_health_is_asked_without_a_shell(self):
        for name, service in self.services.items():
            check = service.get("healthcheck", {})
            if check.get("disable") or not check:
                continue
            self.assertEqual(check["test"][0], "CMD", name)
            if name in SERVICES:
                self.assertEqual(check["test"][1:], ["/usr/bin/aislewatch-health", "127.0.0.1:8080"])
        for name in SERVICES:
            self.assertIn("healthcheck", self.services[name])
        for flavour in FLAVOURS:
            self.assertIn("/roots/runtime --program $bin/aislewatch-health",
                          (ROOT / f"deploy/docker/Dockerfile.{flavour}").read_text())

    def test_dialled_names_and_ports_are_those_of_services(self):
        dialled = [(key, value) for service in ("ingest", "gateway")
                   for key, value in self.services[service]["environment"].items() if value.startswith("dns:")]
        self.assertEqual(len(dialled), 6)
        for key, value in dialled:
            name, port = re.fullmatch(r"dns:///(\w+):(\d+)", value).groups()
            self.assertTrue(settings(stages("cpu")[name])[f"AISLEWATCH_{name.upper()}_LISTEN"].endswith(f":{port}"), key)

    def test_prometheus_scrapes_every_service(self):
        groups = yaml.safe_load((ROOT / "deploy/docker/prometheus-targets.json").read_text())
        targets = {group["labels"]["job"]: group["targets"] for group in groups}
        for name in SERVICES:
            port = settings(stages("cpu")[name])[f"AISLEWATCH_{name.upper()}_METRICS_LISTEN"].rsplit(":", 1)[1]
            self.assertEqual(targets[f"aislewatch-{name}"], [f"{name}:{port}"])

    def test_conditions_name_services(self):
        for service in self.services.values():
            for name in service.get("depends_on", []):
                self.assertIn(name, self.services)


class Programs(unittest.TestCase):
    def test_every_variable_is_a_flag(self):
        if not (BIN / "aislewatch-events").exists():
            self.skipTest(f"no programs in {BIN}")
        for name in SERVICES:
            text = subprocess.run([BIN / f"aislewatch-{name}", "--help"], capture_output=True, text=True, check=True).stdout
            given = settings(stages("cuda")[name]) | (compose()["services"][name].get("environment") or {})
            for key in given:
                if key.startswith("AISLEWATCH_"):
                    self.assertIn(f"(Env:{key})", text)


if __name__ == "__main__":
    unittest.main()
