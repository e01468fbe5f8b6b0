#!/usr/bin/python3
"""Every model of models/pretrained says what it was made of, under which licences, how to make it again and how well it
does; scripts/train-models runs those commands, and the trainers know their flags."""
import hashlib
import json
import math
import os
import pathlib
import re
import shlex
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
AISLEWATCH = pathlib.Path(os.environ.get("AISLEWATCH_BIN_DIR", ROOT / "build/release/bin")) / "aislewatch"
MODELS = {path.parent.relative_to(ROOT / "models/pretrained").as_posix(): json.loads(path.read_text(encoding="utf-8"))
          for path in sorted((ROOT / "models/pretrained").glob("*/*/model.json"))}
# Words that name a data set in a manifest, and what must then stand there of its licence.
LICENCES = {"PoseLift": "Apache-2.0", "mnnit": "Mendeley Data", "fights": "MIT"}


def train_models(*arguments):
    return subprocess.run([ROOT / "scripts/train-models", *arguments], capture_output=True, text=True, check=False)


class Manifests(unittest.TestCase):
    def test_there_are_models(self):
        self.assertGreaterEqual(len(MODELS), 6)
        folders = {p.relative_to(ROOT / "models/pretrained").as_posix() for p in ROOT.glob("models/pretrained/*/*")}
        self.assertEqual(folders, set(MODELS), "a folder without model.json")

    def test_each_says_what_it_is_made_of_and_how(self):
        for model, manifest in MODELS.items():
            with self.subTest(model=model):
                training = manifest["training"]
                self.assertEqual(model, f"{manifest['name']}/{manifest['version']}")
                self.assertTrue(manifest["licence"])
                self.assertTrue(training["data"])
                self.assertIsInstance(training["seed"], int)
                self.assertRegex(training["command"], r"^aislewatch models train [a-z-]+ .*--out ")
                self.assertTrue(manifest["metrics"])
                for figure in manifest["metrics"].values():
                    self.assertTrue(math.isfinite(figure))

    def test_each_names_the_licence_of_its_data(self):
        for model, manifest in MODELS.items():
            with self.subTest(model=model):
                training = manifest["training"]
                named = [name for name in LICENCES if name in training["data"] + training["command"]]
                self.assertTrue(named, "no data set is named")
                for name in named:
                    self.assertIn(name, training["data"])
                    self.assertIn(LICENCES[name], training["data"])

    def test_the_weights_are_those_that_were_measured(self):
        for model, manifest in MODELS.items():
            with self.subTest(model=model):
                weights = ROOT / "models/pretrained" / model / manifest["weights"]["file"]
                self.assertEqual(hashlib.sha256(weights.read_bytes()).hexdigest(), manifest["weights"]["sha256"])

    def test_the_command_says_the_seed_where_there_is_a_flag(self):
        for model, manifest in MODELS.items():
            given = re.search(r"--seed (\d+)", manifest["training"]["command"])
            if given:
                self.assertEqual(int(given[1]), manifest["training"]["seed"], model)


class TrainModels(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.data = []
        for name in ("poselift", "mnnit", "fights"):
            path = pathlib.Path(self.folder.name, f"my {name}")
            path.mkdir()
            self.data += [f"--{name}", str(path)]

    def commands(self, *arguments):
        result = train_models("--print", *self.data, "--out", f"{self.folder.name}/out", *arguments)
        self.assertEqual(result.returncode, 0, result.stderr)
        return [shlex.split(line) for line in result.stdout.splitlines()]

    def test_makes_every_model_by_its_own_command(self):
        commands = self.commands()
        self.assertEqual(len(commands), len(MODELS))
        self.assertEqual(commands[-1][3], "risk", "it needs what the others say")
        for model, manifest in MODELS.items():
            with self.subTest(model=model):
                out = f"{self.folder.name}/out/{model}"
                command = next(c for c in commands if out in c)
                own = shlex.split(manifest["training"]["command"])
                self.assertEqual(command[1:4], own[1:4])
                self.assertEqual(command[-2], "--data-note")
                self.assertEqual(len(command), len(own) + 2)
                for mine, theirs in zip(command[1:], own[1:]):
                    if mine != theirs:
                        self.assertIn(self.folder.name, mine)
                self.assertNotIn("DIR", command)

    def test_the_trainers_know_every_flag(self):
        if not AISLEWATCH.exists():
            self.skipTest(f"{AISLEWATCH} is not built")
        for command in self.commands():
            with self.subTest(command=command[3]):
                text = subprocess.run([AISLEWATCH, "models", "train", command[3], "--help"], capture_output=True, text=True,
                                      check=True).stdout
                for word in command:
                    if word.startswith("--"):
                        self.assertRegex(text, rf"{word}\b")

    def test_one_model_needs_its_own_data_only(self):
        result = train_models("--print", "--only", "posture", "--poselift", self.folder.name)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(len(result.stdout.splitlines()), 1)

    def test_says_what_is_missing(self):
        for arguments, words in ((("--only", "posture"), "--poselift DIR"), (("--only", "dancing"), "joints-gru"),
                                 (("--only", "posture", "--poselift", "/nowhere"), "is no folder")):
            result = train_models("--print", *arguments)
            self.assertNotEqual(result.returncode, 0)
            self.assertIn(words, result.stderr)


if __name__ == "__main__":
    unittest.main()
