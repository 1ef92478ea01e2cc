"""Asserts that the lock file in this folder holds, of every direct dependency, the lowest release that a
manifest allows: else what is built proves nothing about the floors. Prints them."""

import json
import subprocess
import sys

PACKAGES = {"strict-jose", "strict-jose-raw-rsa", "strict-jose-stores"}


def number(version):
    return [int(part) for part in version.split("+")[0].split(".")]


metadata = json.loads(
    subprocess.run(
        ["cargo", "metadata", "--locked", "--all-features", "--format-version", "1"],
        check=True,
        capture_output=True,
    ).stdout
)
versions = {package["id"]: package["version"] for package in metadata["packages"]}
resolved = {
    node["id"]: {edge["name"]: versions[edge["pkg"]] for edge in node["deps"]}
    for node in metadata["resolve"]["nodes"]
}
checked, faults = 0, []
for package in metadata["packages"]:
    if package["name"] not in PACKAGES:
        continue
    for dependency in package["dependencies"]:
        name = dependency["name"]
        if name in PACKAGES or dependency["target"] == "cfg(loom)":
            continue
        floor = number(dependency["req"].split(",")[0].lstrip("^>="))
        found = number(resolved[package["id"]][name.replace("-", "_")])
        print(f"{package['name']}: {name} {dependency['req']} -> {'.'.join(map(str, found))}")
        checked += 1
        if found[: len(floor)] != floor or any(found[len(floor) :]):
            faults.append(f"{package['name']} allows {name} {dependency['req']}, the lock holds {found}")
print(f"{checked} floors")
if faults or checked < 25:
    sys.exit("\n".join(faults) or "too few floors")
