"""What the checks share: files, texts without comments, exceptions with reasons, findings."""
import fnmatch
import os
import re
import sys

SOURCES = ("include", "src", "tools", "tests", "bench", "examples", "fuzz")


class Check:
    """Collects findings of one check over one tree and prints them as file:line: what, why."""

    def __init__(self, name):
        self.name = name
        self.root = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else os.path.abspath(
            os.path.join(os.path.dirname(__file__), ".."))
        self.findings = []
        self.allowed = self._read_exceptions()
        self.used = set()

    def _read_exceptions(self):
        """scripts/exceptions: check, file, what, reason, separated by tabs or two spaces."""
        rows = {}
        path = os.path.join(self.root, "scripts", "exceptions")
        if os.path.exists(path):
            for n, line in enumerate(self.lines("scripts/exceptions"), 1):
                if not line.strip() or line.startswith("#"):
                    continue
                parts = re.split(r"\t+|\s{2,}", line.strip(), maxsplit=3)
                if len(parts) < 4:
                    self.add("scripts/exceptions", n, "a row needs check, file, what, reason")
                elif parts[0] == self.name:
                    rows[(parts[1], parts[2])] = n
        return rows

    def files(self, *endings, folders=SOURCES):
        """Paths relative to the root, sorted."""
        found = []
        for folder in folders:
            for where, _, names in os.walk(os.path.join(self.root, folder)):
                found += [os.path.relpath(os.path.join(where, n), self.root) for n in names
                          if n.endswith(endings)]
        return sorted(found)

    def text(self, path):
        with open(os.path.join(self.root, path), encoding="utf-8") as file:
            return file.read()

    def lines(self, path):
        return self.text(path).splitlines()

    def code(self, path):
        """The lines of a C file, comments and texts blanked."""
        return blank(self.text(path)).splitlines()

    def add(self, path, line, what):
        self.findings.append((path, line, what))

    def add_unless_allowed(self, path, line, what, key):
        """key is the third column of scripts/exceptions."""
        rows = [row for row in self.allowed if row[1] == key and fnmatch.fnmatch(path, row[0])]
        self.used.update(rows)
        if not rows:
            self.add(path, line, what)

    def end(self):
        for key, n in self.allowed.items():
            if key not in self.used:
                self.add("scripts/exceptions", n, f"{key[0]} {key[1]}: not needed any more; remove")
        for path, line, what in sorted(self.findings):
            print(f"{path}:{line}: {what}")
        sys.exit(1 if self.findings else 0)


def blank(text):
    """C text with the same lines, but nothing inside comments, strings and characters."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)

    def empty(match):
        word = match[0]
        if word[0] in "\"'":
            return word[0] + word[-1]
        return " " + "\n" * word.count("\n")

    return pattern.sub(empty, text)
