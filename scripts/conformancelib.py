"""The rules of doc/conformance.rules, and the comments "bsc 4.2-07" that say where each is carried out and tested."""
import os
import re

from checklib import blank

RULES = "doc/conformance.rules"
PAGE = "doc/conformance.md"
SOURCES = ("include", "src", "tools")
TESTS = ("tests",)
ENDINGS = (".c", ".h", ".def", ".py", ".txt")
NUMBER = r"\d+(?:\.\d+)?-\d+"
TAG = re.compile(rf"\bbsc((?:[\s*#/]+{NUMBER}\b)+)")

HEAD = """# Conformance to BACnet/SC

Each rule of BACnet/SC that Basalt is held to, where it is carried out and what tests it. The numbers are the sections of the reference
pages (doc/decisions.md names their sources), the words are ours. `scripts/conformance` writes this page from
`doc/conformance.rules` and from the comments `bsc 4.2-07` that stand at the row or function that carries a rule out and at its tests;
`scripts/check-conformance` refuses a page that is not what the comments say, a number that no rule has, and a rule without a test.

{done} of {all} rules are done; the others say so, and stand once more at the end.
"""


class Rule:
    """One rule: its words, why it is not done (or ""), and the places of its comments."""

    def __init__(self, line, what, later):
        self.line, self.what, self.later = line, what, later
        self.sources, self.tests = [], []

    def is_done(self):
        return bool(self.sources and self.tests)


def read_rules(check):
    """(sections: number -> title in order, rules: number -> Rule in order)."""
    sections, rules = [], {}
    for n, line in enumerate(check.lines(RULES), 1):
        if match := re.fullmatch(r"## (\S+) (.*)", line):
            sections.append((match[1], match[2], []))
        elif match := re.fullmatch(rf"({NUMBER})  (.*?)(?: \| later: (.+))?", line):
            if match[1] in rules:
                check.add(RULES, n, f"{match[1]} stands twice")
            if not sections:
                check.add(RULES, n, f"{match[1]} stands before the first section")
                continue
            rules[match[1]] = Rule(n, match[2], match[3] or "")
            sections[-1][2].append(match[1])
        elif line and not line.startswith("# "):
            check.add(RULES, n, f"not understood: {line}")
    return sections, rules


def c_definitions(text):
    """(first line, last line, name) of the functions, tables and types of a C file, in order."""
    found, depth, begun, head = [], 0, None, ""
    code = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: "\n" * m[0].count("\n"), blank(text), flags=re.M)
    for n, line in enumerate(code.splitlines(), 1):
        if depth == 0 and begun is None and line.strip() and not line.startswith("}"):
            begun, head = n, ""
        if depth == 0 and begun is not None:
            head += " " + line.split("{")[0]
        depth += line.count("{") - line.count("}")
        is_macro = re.match(r"\s*[A-Z][A-Z0-9_]*\(", head) and head.count("(") == head.count(")")
        if begun is not None and depth == 0 and (is_macro or re.search(r"[;}]\s*$", line)):
            found.append((begun, n, c_name(head)))
            begun = None
    return found


def c_name(head):
    if match := re.match(r"[^(=]*\b(?:BAS_MUST_USE|BAS_API)?[^(=]*?(\w+)\s*\(", head):
        return match[1]
    if match := re.search(r"(\w+)\s*(?:\[[^=]*)?=", head):
        return match[1]
    match = re.search(r"\b(?:struct|enum|union)\s+(\w+)", head)
    return match[1] if match else ""


def place_in_c(text, line):
    first = re.match(r"\s*/\*.*?\*/", text, re.S)
    if first and line <= first[0].count("\n") + 1:
        return ""
    for begin, end, name in c_definitions(text):
        if line <= end:
            return name
    return ""


def place_in_def(text, line):
    row = re.search(r"\((?:[^,()]*,)*?\s*([A-Za-z_]\w*)\s*[,)]", text.splitlines()[line - 1])
    return row[1] if row else ""


def place_in_python(text, line):
    """The function around the line, or the one whose def it stands right above."""
    lines = text.splitlines()
    at = line - 1
    while at < len(lines) and re.match(r"\s*(#|@|$)", lines[at]):
        at += 1
    if at < len(lines) and (match := re.match(r"\s*(?:async )?def (\w+)", lines[at])):
        return match[1]
    indent = len(lines[line - 1]) - len(lines[line - 1].lstrip())
    for back in range(line - 1, -1, -1):
        match = re.match(r"(\s*)(?:async )?def (\w+)", lines[back])
        if match and len(match[1]) < indent:
            return match[2]
    return ""


PLACES = {".c": place_in_c, ".h": place_in_c, ".def": place_in_def, ".py": place_in_python}


def find_tags(check, folders):
    """(path, line, name of the place, number of the rule) of every comment."""
    for path in check.files(*ENDINGS, folders=folders):
        text = check.text(path)
        for match in TAG.finditer(text):
            line = text.count("\n", 0, match.end()) + 1
            place = PLACES.get(os.path.splitext(path)[1], lambda *_: "")(text, line)
            for number in re.findall(NUMBER, match[1]):
                yield path, line, place, number


def read(check):
    """Rules with the places of their comments; unknown numbers are findings."""
    sections, rules = read_rules(check)
    for folders, kind in ((SOURCES, "sources"), (TESTS, "tests")):
        for path, line, place, number in find_tags(check, folders):
            if number not in rules:
                check.add(path, line, f"bsc {number}: there is no such rule in {RULES}")
                continue
            places = getattr(rules[number], kind)
            if (path, place) not in places:
                places.append((path, place))
    return sections, rules


def told(places):
    return "<br>".join(f"`{path}`{' ' + place if place else ''}" for path, place in places)


def row(number, rule):
    if rule.is_done():
        return f"| {number} | {rule.what} | {told(rule.sources)} | {told(rule.tests)} |\n"
    return f"| {number} | {rule.what} | **not done**{': ' + rule.later if rule.later else ''} | {told(rule.tests)} |\n"


def page(sections, rules):
    done = sum(rule.is_done() for rule in rules.values())
    text = HEAD.format(done=done, all=len(rules))
    for number, title, members in sections:
        text += f"\n## {number} {title}\n\n| Rule | What | Where | Test |\n|---|---|---|---|\n"
        text += "".join(row(member, rules[member]) for member in members)
    text += "\n## Not done\n\n"
    return text + ("".join(f"- {number} {rule.what}{' (' + rule.later + ')' if rule.later else ''}\n"
                           for number, rule in rules.items() if not rule.is_done()) or "Nothing.\n")
