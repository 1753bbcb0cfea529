"""Members of objects, classes, arrays and libraries, by allow-list."""

from __future__ import annotations

import numpy as np

from symbp.read.code.assumptions import SIZE
from symbp.read.code.builtins import METHODS
from symbp.read.code.calls import Calls
from symbp.read.code.containers import DICTS, LISTS, SETS
from symbp.read.code.functions import CONSTANTS, FAMILIAR, LIBRARIES, member
from symbp.read.code.objects import Bound, Class, Closure, Instance, Module, Native, Super, Text
from symbp.read.code.python import PYTHON_LIBRARIES
from symbp.read.code.random import DRAWN, RANDOM, Generator
from symbp.read.code.texts import method
from symbp.read.code.values import Array, CodeError, Number, Unknown, Value, kind_of


class Members(Calls):
    """What stands behind a dot."""

    def opened(self, names: dict[str, Value], name: str) -> Value:
        """What a name holds; what the script leaves open is assumed where it is read first."""
        value = names[name]
        if isinstance(value, Unknown) and value.hole:
            value = names[name] = self.watch.assumed(self, value, self.numbers.line)
        return value

    def attribute(self, owner: Value, name: str) -> Value:
        """A member of an object, a class, a library or an array."""
        if isinstance(owner, Module):
            return self.member(owner.name, name)
        if isinstance(owner, Instance):
            return self._of_object(owner, name)
        if isinstance(owner, Super):
            found = next((m for m in (b.find(name) for b in owner.of.bases) if m is not None), None)
            if isinstance(found, Closure):
                return Bound(found, owner.first)
            return Native(name, lambda *_, **__: None) if name == "__init__" else self.unknown(name)
        if isinstance(owner, Class):
            return self._of_class(owner, name)
        if isinstance(owner, Array | Number):
            return self._of_array(owner, name)
        return self._of_container(owner, name)

    def _of_container(self, owner: Value, name: str) -> Value:
        if isinstance(owner, list | dict | set):
            table = LISTS if isinstance(owner, list) else DICTS if isinstance(owner, dict) else SETS
            if name in table:
                rule = table[name]
                return Native(name, lambda _, *a, **k: rule(owner, *a, **k))
        if isinstance(owner, str):
            return Native(name, method(owner, name))
        if isinstance(owner, Generator):
            return Native(f"random.{name}", owner.member(name))
        if isinstance(owner, Unknown):
            return owner.made(SIZE if name in ("shape", "size") else "")
        if isinstance(owner, Native | Closure) and name in ("__name__", "__doc__"):
            return Text.of(owner.name)
        raise CodeError(f".{name} of {kind_of(owner)} is not followed", self.numbers.line)

    def _of_object(self, owner: Instance, name: str) -> Value:
        if name in owner.attributes:
            return self.opened(owner.attributes, name)
        found = owner.of.find(name)
        if isinstance(found, Closure):
            if found.static == "property":
                return self.call(found, [owner], {})
            return Bound(found, owner.of if found.static == "classmethod" else owner)
        if found is None and not any(name in c.members for c in owner.of.line_of_descent):
            if name == "__class__":
                return owner.of
            if name == "__dict__":
                return owner.attributes
            if owner.of.open:
                return self.unknown(f"{owner.of.name}.{name}")
            raise CodeError(f"{owner.of.name} has no {name} here", self.numbers.line)
        return found

    def _of_class(self, owner: Class, name: str) -> Value:
        found = owner.find(name)
        if isinstance(found, Closure) and found.static == "classmethod":
            return Bound(found, owner)
        if name == "__name__":
            return Text.of(owner.name)
        if found is None and not any(name in c.members for c in owner.line_of_descent):
            raise CodeError(f"{owner.name} has no {name} here", self.numbers.line)
        return found

    def _of_array(self, owner: Value, name: str) -> Value:
        if name in ("T", "A"):
            return METHODS["T"](self.numbers, owner) if name == "T" else owner.both(np.asarray)
        if name in ("shape", "size", "ndim"):
            return getattr(np.asarray(owner.twin), name)
        if name == "dtype":
            return Text.of(str(np.asarray(owner.twin).dtype))
        if name in METHODS:
            rule = METHODS[name]
            return Native(name, lambda numbers, *a, **k: rule(numbers, owner, *a, **k))
        raise CodeError(f".{name} of an array is not followed", self.numbers.line)

    def member(self, module: str, name: str) -> Value:
        """A member of a library: from the tables, or not followed."""
        root = module.split(".")[0]
        if root == "numpy" and name in CONSTANTS:
            return CONSTANTS[name]
        if module in ("numpy.random", "random"):
            table = DRAWN if module == "random" else RANDOM
            if name in table:
                return Native(f"{module}.{name}", table[name])
        if root in PYTHON_LIBRARIES and name in PYTHON_LIBRARIES[root]:
            return Native(f"{module}.{name}", PYTHON_LIBRARIES[root][name])
        if root == "math" and name in ("pi", "e", "inf"):
            return CONSTANTS[name]
        found = member(module, name)
        if found is not None:
            return found
        if root in LIBRARIES and name in ("random", "linalg", "special"):
            return Module(f"{module}.{name}")
        if name in FAMILIAR and root not in LIBRARIES:
            self.familiar.add(name)
            return Native(name, FAMILIAR[name])
        return self.unknown(f"{module}.{name}")
