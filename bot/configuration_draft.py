"""The tables of stuncheck.toml as far as each is right by itself; what is not right is noted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import ValidationError

from bot.configuration_faults import Fault, faults_of
from bot.configuration_fields import Table
from bot.configuration_lines import Place
from bot.configuration_tables import MANY, SINGLE
from sources.names import nearest, same, short, shown

T = TypeVar("T", bound=Table)


@dataclass(frozen=True, slots=True)
class Draft:
    """Each table is checked by itself, so that one that is wrong does not hide another."""

    single: dict[str, Table] = field(default_factory=dict)
    many: dict[str, dict[int, Table]] = field(default_factory=dict)
    """The tables of each kind by their number in the file."""
    names: dict[Place, str] = field(default_factory=dict)
    """The name of each numbered table, also of those that are wrong."""
    faults: list[Fault] = field(default_factory=list)

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> "Draft":
        """Check every table of a file that tomllib has read."""
        draft = cls(many={kind: {} for kind in MANY})
        for name, value in raw.items():
            if name in SINGLE:
                draft._single(name, value)
            elif name in MANY:
                draft._many(name, value)
            else:
                draft.faults.append(Fault((name,), _stranger(name)))
        draft._twice()
        return draft

    def table(self, name: str, kind: type[T]) -> T:
        """Give a table that is there once, or its defaults."""
        found = self.single.get(name)
        return found if isinstance(found, kind) else kind()

    def tables(self, name: str, kind: type[T]) -> list[tuple[Place, T]]:
        """Give the tables of a kind that are right, each with its place."""
        tables = self.many[name].items()
        return [((name, at), one) for at, one in tables if isinstance(one, kind)]

    def _single(self, name: str, value: object) -> None:
        if not isinstance(value, dict):
            text = f"is no table; write [{name}], in single brackets, above its keys."
            self.faults.append(Fault((name,), text))
            return
        table = self._checked(SINGLE[name], value, (name,))
        if table is not None:
            self.single[name] = table

    def _many(self, name: str, value: object) -> None:
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            text = f"is no list of tables; write [[{name}]], in double brackets, above each."
            self.faults.append(Fault((name,), text))
            return
        for number, one in enumerate(value):
            place: Place = (name, number)
            self.names[place] = _name(one)
            table = self._checked(MANY[name], one, place)
            if table is not None:
                self.many[name][number] = table

    def _checked(self, model: type[Table], value: object, place: Place) -> Table | None:
        try:
            return model.model_validate(value)
        except ValidationError as error:
            self.faults.extend(faults_of(error, model, place))
            return None

    def _twice(self) -> None:
        """Note the systems of one kind that have the same name in any case."""
        first: dict[tuple[str, str], Place] = {}
        for place, name in self.names.items():
            kind = str(place[0])
            if name and first.setdefault((kind, same(name)), place) != place:
                text = f"is there twice: another {kind} is called {shown(name)} too."
                self.faults.append(Fault((*place, "name"), text))


def _stranger(name: str) -> str:
    known = [*SINGLE, *MANY]
    guess = nearest(name, known)
    return f"is no table; {f'perhaps {guess} is meant' if guess else 'known: ' + ', '.join(known)}."


def _name(table: Mapping[str, object]) -> str:
    """Give the name that a table has or gets, the empty string where it is no text."""
    name = table.get("name", table.get("host"))
    if not isinstance(name, str):
        return ""
    return name.strip() if "name" in table else short(name)
