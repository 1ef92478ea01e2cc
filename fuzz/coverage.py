"""Adds up what llvm-cov exported of each target, as lcov, and writes a table; called by coverage.sh.

Not by llvm-cov itself: of a function that one program calls and another only contains, it keeps the
first record that it meets. Here a line or a function counts as reached if any program reaches it, and
a generic one if any of its instances is.
"""

import pathlib
import sys

Counts = dict[int, int]


def add(counts: Counts, line: int, count: int) -> None:
    counts[line] = max(counts.get(line, 0), count)


def read(report: pathlib.Path, root: str, lines: dict[str, Counts], functions: dict[str, Counts]) -> None:
    name, starts = "", {}
    for record in report.read_text().splitlines():
        kind, _, rest = record.partition(":")
        first, _, second = rest.partition(",")
        if kind == "SF":
            name, starts = rest.removeprefix(f"{root}/"), {}
            lines.setdefault(name, {})
            functions.setdefault(name, {})
        elif kind == "FN":
            starts[second] = int(first)
        elif kind == "FNDA":
            add(functions[name], starts[second], int(first))
        elif kind == "DA":
            add(lines[name], int(first), int(second))


def row(name: str, lines: list[int], functions: list[int]) -> str:
    reached = [sum(1 for count in counts if count) for counts in (lines, functions)]
    percent = f"{reached[0] * 100 // len(lines):3} %" if lines else "  -  "
    return f"{name:42} {percent:>5} {reached[1]:5} of {len(functions):4}"


def main() -> None:
    folder, root, what, *options = sys.argv[1:]
    lines: dict[str, Counts] = {}
    functions: dict[str, Counts] = {}
    reports = sorted(pathlib.Path(folder).glob("*.lcov"))
    for report in reports:
        read(report, root, lines, functions)
    if not lines:
        sys.exit("no file of src/ was compiled with counters")
    print(f"What the committed seeds reach of src/: {len(reports)} targets, {what}.")
    print("Files of features that no target turns on are not in it. fuzz/coverage.sh writes this file.")
    print("-" * 62)
    print(f"{'file':42} {'lines':5} functions")
    for name in sorted(lines):
        print(row(name, list(lines[name].values()), list(functions[name].values())))
    print("-" * 62)
    every = [[count for counts in parts.values() for count in counts.values()] for parts in (lines, functions)]
    print(row("all", *every))
    if "--missing" not in options:
        return
    print()
    for name in sorted(functions):
        source = pathlib.Path(root, name).read_text().splitlines()
        for line, count in sorted(functions[name].items()):
            if count == 0:
                print(f"{name}:{line}: {source[line - 1].strip()}")


if __name__ == "__main__":
    main()
