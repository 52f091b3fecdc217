#!/usr/bin/env python3
"""The checks of scripts/ find what they are for: each gets a small tree with one fault of each kind."""
import os
import shutil
import subprocess
import tempfile

from tap import Tap

SCRIPTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts")
LAYERS = "base:\nsc: base\n&error = base\n@uv.h = rt\nrt: sc base\n%pure = base sc\n%plain = string.h\n"
TREE = {"src/LAYERS": LAYERS, "src/base/meson.build": "files('a.c')",
        "tests/unit/base/meson.build": "unit_tests = ['a']",
        "src/base/a.c": "int a;\n", "tests/unit/base/a_test.c": "int t;\n"}

# (check, file, its text, what must be said of it; None: nothing)
FAULTS = [
    ("layers", "src/base/b.c", '#include "sc/x.h"\n', "base must not include sc"),
    ("layers", "src/base/b.c", '#include "basalt/sc.h"\n', "base must not know sc"),
    ("layers", "src/base/b.c", '#include "basalt/error.h"\n#include <string.h>\n', None),
    ("layers", "src/base/b.c", '#include "x.h"\n', "by their path"),
    ("layers", "src/base/b.c", '#include <time.h>\n', "base is pure"),
    ("layers", "src/sc/b.c", '#include <uv.h>\n', "only src/rt may include it"),
    ("layers", "src/rt/b.c", '#include <uv.h>\n#include "sc/x.h"\n', None),
    ("layers", "src/app/b.c", "\n", "no row in src/LAYERS"),
    ("layers", "include/basalt/sc.h", '#include "sc/x.h"\n', "public headers only"),
    ("layers", "include/basalt/zoo.h", "int zoo;\n", "no layer owns this header"),
    ("banned", "src/base/b.c", "void f(void) { strcpy(a, b); }\n", "strcpy(): "),
    ("banned", "tools/b.c", "void f(void) { n = atoi(a); }\n", "atoi(): "),
    ("banned", "src/base/b.c", "void f(void) { p = malloc(5); }\n", "malloc(): "),
    ("banned", "src/rt/env.c", "void f(void) { p = malloc(5); }\n", None),
    ("banned", "src/base/b.c", '/* printf("x") */ char *s = "puts(a)";\n', None),
    ("banned", "src/base/b.c", "void f(void) { (void)snprintf(a, 5, b); }\n", None),
    ("banned", "src/base/b.c", "void f(void) { printf(a); }\n", "printf(): "),
    ("banned", "src/tls/b.c", "void f(void) { return memcmp(a, b, 5); }\n", "memcmp(): "),
    ("banned", "src/sc/b.c", "void f(void) { return memcmp(a, b, 5); }\n", None),
    ("banned", "src/sc/b.c", "void f(void) { x = time(NULL) + e->time(5); }\n", "time(): "),
    ("banned", "src/rt/b.c", "void f(void) { x = time(NULL); }\n", None),
    ("banned", "src/sc/b.c", "void f(void) { goto again; }\n", "goto again"),
    ("banned", "src/sc/b.c", "void f(void) { goto out; }\n", None),
    ("sizes", "src/base/b.c", "\n" * 701, "701 lines"),
    ("sizes", "src/base/b.c", "\n" * 700, None),
    ("sizes", "src/base/b.c", "void f(void)\n{\n" + "    a();\n" * 81 + "}\n", "f: a function of 81"),
    ("sizes", "src/base/b.c", "void f(void)\n{\n" + "    a();\n" * 80 + "}\n", None),
    ("tests", "src/base/b.c", "int b;\n", "no test: write tests/unit/base/b_test.c"),
    ("tests", "src/base/b.c", "int b;\n", "'b.c' does not stand in meson.build"),
    ("tests", "tests/unit/base/b_test.c", "int b;\n", "'b' does not stand in meson.build"),
    ("tests", "scripts/exceptions", "tests  src/base/a.c  test  none\n", "not needed any more"),
    ("tests", "scripts/exceptions", "tests  src/base/a.c\n", "a row needs"),
    ("headers", "include/basalt/a.h", "int f(size_t n);\n", "does not compile alone (gcc"),
    ("headers", "include/basalt/a.h", "struct a { int class; };\nint f(int x);\n", "(gcc"),
    ("headers", "include/basalt/a.h",
     "#ifndef A\n#define A\nint f(int class);\n#endif\n", "(g++"),
    ("headers", "include/basalt/a.h", "#ifndef A\n#define A\nint f(int x);\n#endif\n", None),
    ("format", "src/base/b.c", "int  b ;\n", "src/base/b.c:1:4: error: not formatted"),
]


def make(folder, files):
    for path, text in files.items():
        os.makedirs(os.path.dirname(os.path.join(folder, path)), exist_ok=True)
        with open(os.path.join(folder, path), "w", encoding="utf-8") as file:
            file.write(text)


def run(check, folder):
    done = subprocess.run([os.path.join(SCRIPTS, "check-" + check), folder], check=False,
                          capture_output=True, text=True,
                          env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
    return done.returncode, done.stdout + done.stderr


def check_faults(tap):
    for check, path, text, expected in FAULTS:
        with tempfile.TemporaryDirectory() as folder:
            make(folder, {**TREE, path: text})
            shutil.copy(os.path.join(SCRIPTS, "..", ".clang-format"), folder)
            status, said = run(check, folder)
        if expected is None:
            tap.check(f"check-{check} lets pass: {text.strip()[:40]!r}", status == 0, said)
        else:
            good = status == 1 and any(l.startswith(path) and expected in l
                                       for l in said.splitlines())
            tap.check(f"check-{check}: {expected}", good, status, said)


def check_exports(tap):
    header = ("#ifndef A\n#define A\n#define BAS_API __attribute__((visibility(\"default\")))\n"
              "BAS_API __attribute__((warn_unused_result)) int bas_x_one(int (*f)(int));\n"
              "BAS_API int bas_x_two(void);\nBAS_API int bas_y_three(void);\n"
              "BAS_API extern const int bas_x_four[2];\n#endif\n")
    source = ('int bas_x_one(int (*f)(int)) { static int calls; return f(calls++); }\n'
              "const int bas_x_four[2] = { 1, 2 };\nint foreign(void) { return 1; }\n"
              "int bas_x_hidden(void) { return 1; }\n")
    with tempfile.TemporaryDirectory() as folder:
        make(folder, {"include/basalt/a.h": header, "a.c": source,
                      "build/release/src/libbasalt.so.0.p/x": ""})
        for command in (["-shared", "-fPIC", "-o", "build/release/src/libbasalt.so"],
                        ["-shared", "-fPIC", "-o", "build/release/src/libbasalt-rt.so"],
                        ["-c", "-o", "build/release/src/libbasalt.so.0.p/base_a.c.o"]):
            subprocess.run(["gcc", *command, "a.c"], cwd=folder, check=True)
        _, said = run("exports", folder)
    for expected in ("exports foreign: only", "exports bas_x_hidden, which no public header",
                     "bas_x_two is declared and not exported", "not there yet: bas_y_* (1)",
                     "calls.0 is mutable state of the program"):
        tap.check(f"check-exports: {expected}", expected in said, said)
    for unexpected in ("bas_x_one", "bas_x_four"):
        tap.check(f"check-exports lets {unexpected} pass", unexpected not in said, said)


BSC = "bsc"  # apart, so that this file's own texts are no comments of the tree
RULES = "## 1.1 Header\n1.1-01  it has four octets\n1.1-02  it is big-endian | later: byte order\n"
SOURCE = f"/* Owns headers. */\nint one;\n\n/* {BSC} 1.1-01 */\nint f(int x)\n{{\n    return x;\n}}\n"
TESTED = f"static void four_octets(void **state)\n{{\n    f(0); /* {BSC} 1.1-01 */\n}}\n"
CONFORMING = {"doc/conformance.rules": RULES, "src/sc/a.c": SOURCE, "tests/unit/sc/a_test.c": TESTED}

# (files that differ, what must be said of which file, whether the page is written before)
BREACHES = [
    ({}, None, True),
    ({}, "doc/conformance.md:1: it is not what", False),
    ({"src/sc/b.c": f"/* {BSC} 1.1-07 */\n"}, f"src/sc/b.c:1: {BSC} 1.1-07: there is no such rule", True),
    ({"tests/cli/a_test.py": f"# {BSC} 1.1-01\n#   1.1-08\n"}, f"tests/cli/a_test.py:2: {BSC} 1.1-08", True),
    ({"tests/unit/sc/a_test.c": ""}, "1.1-01 is carried out (src/sc/a.c f) and has no test", True),
    ({"src/sc/a.c": ""}, "1.1-01 is tested (tests/unit/sc/a_test.c) and carried out nowhere", True),
    ({"src/sc/b.c": f"int b; /* {BSC} 1.1-02 */\n"}, "1.1-02 is carried out and still said", True),
    ({"doc/conformance.rules": RULES + "1.1-01  again\n"}, "rules:4: 1.1-01 stands twice", True),
    ({"doc/conformance.rules": RULES + "1.1-3 what\n"}, "rules:4: not understood", True),
]


def check_conformance(tap):
    for files, expected, is_written in BREACHES:
        with tempfile.TemporaryDirectory() as folder:
            make(folder, {**CONFORMING, **files})
            if is_written:
                subprocess.run([os.path.join(SCRIPTS, "conformance"), folder], check=False, capture_output=True,
                               env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
            status, said = run("conformance", folder)
        good = status == 0 if expected is None else status == 1 and expected in said
        tap.check(f"check-conformance: {expected or 'a page that is right'}", good, status, said)
    with tempfile.TemporaryDirectory() as folder:
        make(folder, CONFORMING)
        subprocess.run([os.path.join(SCRIPTS, "conformance"), folder], check=True,
                       env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
        with open(os.path.join(folder, "doc/conformance.md"), encoding="utf-8") as file:
            page = file.read()
    for expected in ("1 of 2 rules are done", "| 1.1-01 | it has four octets | `src/sc/a.c` f | `tests/unit/sc/a_test.c` four_octets |",
                     "| 1.1-02 | it is big-endian | **not done**: byte order |  |", "- 1.1-02 it is big-endian (byte order)"):
        tap.check(f"conformance writes: {expected}", expected in page, page)


DECLARED = "BAS_API BAS_MUST_USE bas_err\nbsc_one(int n);\n/* BAS_API int bsc_none(void); */\n#define ROW(n) BAS_API int n(void);\n"
PAGE = ".SH FUNCTIONS\n.TP\n.B bsc_one\nThe first.\n"


def check_man(tap):
    for page, expected in ((PAGE, None), ("", "bsc_one is missing"), (PAGE + ".TP\n.B bsc_two\nIt.\n", "man/libbasalt.3:6: bsc_two is no function"),
                           (PAGE + PAGE, "bsc_one stands twice")):
        with tempfile.TemporaryDirectory() as folder:
            make(folder, {"man/libbasalt.3": page, "include/basalt/sc.h": DECLARED,
                          **{f"include/basalt/{name}.h": "" for name in ("tls", "rt", "app", "app_client")}})
            status, said = run("man", folder)
        good = status == 0 if expected is None else status == 1 and expected in said
        tap.check(f"check-man: {expected or 'a page that is right'}", good, status, said)


def main():
    tap = Tap()
    check_faults(tap)
    check_man(tap)
    check_conformance(tap)
    check_exports(tap)
    tap.end()


main()
