#!/usr/bin/python3
"""What incidents leave on PostgreSQL's disk: bytes of each table with its indexes, by incident. By hand.

disk_growth.py [--seconds 120]

Runs one simulated camera that raises an incident for every track that it sees, and divides. Needs built programs (AISLEWATCH_BIN_DIR),
PostgreSQL and MoveNet's weights.
"""
import argparse
import pathlib
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from harness.cluster import BIN, QUICK_START, Up, postgres_program, run, temporary_folder

CAMERAS = """\
store_id: store
cameras:
  - camera_id: simulated
    source_url: {video}
    loop: true
    analysis_fps: 2
    analysis_size: 320
    zones: [{{zone_id: everywhere, kind: restricted, polygon: [[0, 0], [1, 0], [1, 1], [0, 1]]}}]
    rules: [{{rule_id: anybody, kind: restricted_zone, min_duration: 200ms, cooldown: 0s, fire_once_per: track}}]
"""
SIZES = """
SELECT coalesce(parent.relname, child.relname), sum(pg_total_relation_size(child.oid))
FROM pg_class child LEFT JOIN pg_inherits ON inhrelid = child.oid LEFT JOIN pg_class parent ON parent.oid = inhparent
WHERE child.relkind IN ('r', 'p') AND child.relnamespace = 'public'::regnamespace GROUP BY 1 ORDER BY 2 DESC LIMIT 8
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=120)
    args = parser.parse_args()
    with temporary_folder() as folder:
        video = folder / "store.mp4"
        run(BIN / "aislewatch", "simulate", "--seed", "2000001", "--seconds", "10", "--fps", "4", "--out", video)
        (folder / "cameras.yaml").write_text(CAMERAS.format(video=video))
        with Up(BIN, folder / "data", "--config", folder / "cameras.yaml", *QUICK_START) as up:
            up.until("there are incidents", up.incidents)
            time.sleep(args.seconds)

            def sql(text):
                return run(postgres_program("psql"), "-qtA", *up.database(), "-c", text)
            incidents = int(sql("SELECT count(*) FROM incidents"))
            print(f"{incidents} incidents, {int(sql('SELECT count(*) FROM incident_transitions'))} transitions")
            for line in sql(SIZES).splitlines():
                table, size = line.split("|")
                print(f"{table}: {int(size) / 1024:.0f} kB, {int(size) / 1024 / incidents:.1f} kB an incident")


if __name__ == "__main__":
    main()
