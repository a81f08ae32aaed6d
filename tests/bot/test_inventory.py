"""Known names are found as people and tools write them."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.inventory import Inventory, Names

ROLES = ("AG Sales", "Cluster Group")
KNOWN = Inventory(
    [
        Names("SQLAG01", ("SQL01", "SQL02.corp.example"), ROLES, ("sql01-vm",)),
        Names("EX-DAG", ("EX01",), ("Cluster Group", "(local)"), ("VM [EX 01]", "ex01")),
    ]
)  # fmt: skip


def names(text: str) -> list[str]:
    return [one.name for one in KNOWN.find(text)]


@pytest.mark.parametrize(
    "text",
    [
        "sql01 is down",
        "SQL01.corp.example",
        "instance=Sql01:9182",
        r"sql01\PROD",
        "(SQL01)",
        "'sql01'",
        "*sql01*",
        "_SQL01_",
        "node SQL01.",
        "sql01 - lost",
        "sql01-",
        "SQL01$",
    ],
)
def test_a_node_is_found_in_any_case_and_company(text: str) -> None:
    assert names(text) == ["SQL01"]


@pytest.mark.parametrize("text", ["sql010", "mysql01", "sql01-dr", "old_sql01", "sql01_b", ""])
def test_a_name_is_not_found_inside_another(text: str) -> None:
    assert names(text) == []


def test_the_longest_name_is_meant() -> None:
    assert names("sql01-vm and sql02.corp.example") == ["sql01-vm", "SQL02.corp.example"]


def test_a_name_of_several_words_is_found_over_a_line_s_end() -> None:
    assert names("role 'ag\n  SALES' failed; vm [ex 01]; (LOCAL)") == [
        "AG Sales", "VM [EX 01]", "(local)",
    ]  # fmt: skip


def test_a_name_knows_its_clusters() -> None:
    node, role = KNOWN.find("EX01: Cluster Group")
    assert node.clusters == {"EX-DAG"}
    assert role.clusters == {"SQLAG01", "EX-DAG"}


def test_a_cluster_knows_only_fifteen_letters_of_a_node() -> None:
    known = Inventory([Names("C1", ("SQLPRODCLUSTERN",))])
    assert [one.name for one in known.find("sqlprodclustern01.corp is down")] == ["SQLPRODCLUSTERN"]


@given(st.text(), st.lists(st.text(max_size=9), max_size=4), st.text())
def test_any_name_between_blanks_is_found(before: str, others: list[str], after: str) -> None:
    known = Inventory([Names("Zürich-1", tuple(others))])
    assert "Zürich-1" in [one.name for one in known.find(f"{before} ZÜRICH-1 {after}")] or any(
        "z" in other.casefold() for other in others
    )


def test_thousands_of_names_take_no_time() -> None:
    known = Inventory(Names(f"C{n}", (f"sql{n}",), (), (f"sql {n} vm",)) for n in range(3000))
    began = time.process_time()
    assert known.find("sql 2999 vm, sql7 " * 400)
    assert time.process_time() - began < 1
