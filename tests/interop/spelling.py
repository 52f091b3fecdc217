"""Lets an older Python read modules that are written for 3.12: `type X = ...` and `def f[T](`, which it does not know.

Nothing of a module's doing is changed: both words concern types alone. On a newer Python this does nothing.
"""
import importlib.machinery
import re
import sys


class Loader(importlib.machinery.SourceFileLoader):
    """Compiles each module with the two words replaced."""

    def source_to_code(self, data, path, *, _optimize=-1):
        text = data.decode()
        text = re.sub(r"^type (\w+) = ", r"\1 = None\nif 0: \1 = ", text, flags=re.M)
        text = re.sub(r"^(\s*(?:async )?def \w+)\[\w+\]\(", r"\1(", text, flags=re.M)
        return super().source_to_code(text.encode(), path, _optimize=_optimize)

    def get_code(self, fullname):
        return self.source_to_code(self.get_data(self.path), self.path)  # none that another Python compiled


def read_as_3_12():
    if sys.version_info < (3, 12):
        kinds = ((importlib.machinery.ExtensionFileLoader, importlib.machinery.EXTENSION_SUFFIXES), (Loader, [".py"]))
        sys.path_hooks.insert(0, importlib.machinery.FileFinder.path_hook(*kinds))
        sys.path_importer_cache.clear()
