#!/usr/bin/env python3
"""Joins the mapping file with the sigstructs and prints the newest module that a host may load next.

A straightforward reading of the rules, written for the benchmark: it verifies no hash and no signature.
usage: select.py SNAPSHOT CPU SEAMLDR RUNNING
"""
import json
import pathlib
import struct
import sys


def version(text):
    return tuple(int(part) for part in text.split("."))


def sigstruct(path):
    data = path.read_bytes()
    body = {2048: 900, 2304: 1156}[len(data)]
    debug = struct.unpack_from("<I", data, 12)[0] >> 31
    svn = struct.unpack_from("<BB", data, body + 48)
    count = struct.unpack_from("<I", data, body + 124)[0]
    cpus = struct.unpack_from(f"<{count}I", data, body + 128)
    return debug, (svn[1], svn[0]), {cpu & ~0xF for cpu in cpus}


def main():
    snapshot, cpu, seamldr, running = sys.argv[1:]
    root = pathlib.Path(snapshot)
    cpu, seamldr, running = int(cpu, 16) & ~0xF, version(seamldr), version(running)
    mapping = json.loads((root / "mapping_file.json").read_text(encoding="utf-8"))
    releases = {}
    for entry in next(value for value in mapping.values() if isinstance(value, list)):
        spelling = entry["version"]
        line = ".".join(spelling.split(".")[:2])
        path = root / "separate_files" / line / spelling / f"tdx_module_{spelling}.sigstruct"
        releases[version(spelling)] = (entry, *sigstruct(path))
    now = releases[running]
    fitting = []
    for target, (entry, debug, svn, cpus) in releases.items():
        loaders = [version(loader) for loader in entry["min_seamldr_versions"]]
        minimum = entry.get("min_module_version_for_td_preserving")
        strict = entry.get("strict_compat_versions")
        if (
            cpu in cpus
            and not debug
            and target[:2] == running[:2]
            and target > running
            and any(loader[:2] == seamldr[:2] and loader <= seamldr for loader in loaders)
            and (minimum is None or version(minimum) <= running)
            and svn[0] == now[2][0]
            and svn[1] >= now[2][1]
            and (strict is None or running in map(version, strict))
        ):
            fitting.append(target)
    print(max(fitting) if fitting else "no path")


main()
