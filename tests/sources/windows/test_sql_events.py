"""What SQL Server's entries in the Application log mean."""

from datetime import timedelta

import pytest

from tests.sources.logged import found, logged
from verdict.sign import Kind

MINUTE = "2026-03-01T02:14:"


def frozen(database: str, second: str, instance: str = "MSSQLSERVER") -> str:
    return logged(instance, 3197, database, at=f"{MINUTE}{second}Z", channel="Application")


def thawed(database: str, second: str, instance: str = "MSSQLSERVER") -> str:
    return logged(instance, 3198, database, at=f"{MINUTE}{second}Z", channel="Application")


@pytest.mark.parametrize(
    ("event_id", "data", "kind", "subject", "detail"),
    [
        (19407, ["AG1"], Kind.LEASE_EXPIRED, "AG1", None),
        (19419, ["AG1"], Kind.LEASE_EXPIRED, "AG1", None),
        (19421, ["AG1"], Kind.LEASE_EXPIRED, "AG1", None),
        (19420, ["AG1"], Kind.LEASE_RELEASED, "AG1", None),
        (19406, ["AG1", "PRIMARY_NORMAL", "RESOLVING_NORMAL", "why"], Kind.AG_STATE_CHANGED, "AG1",
         "PRIMARY_NORMAL>RESOLVING_NORMAL"),
        (1480, ["availability group", "db", "RESOLVING", "PRIMARY", "why"], Kind.AG_STATE_CHANGED,
         "db", "RESOLVING>PRIMARY"),
        (1480, ["db", "RESOLVING", "PRIMARY"], Kind.AG_STATE_CHANGED, "db", "RESOLVING>PRIMARY"),
        (35206, [r"SQL01\PROD", "id"], Kind.CONNECTION_LOST, "SQL01", None),
        (35267, ["secondary", "primary", "db", "SQL01", "id"], Kind.CONNECTION_LOST, "SQL01", None),
        (17148, [], Kind.SERVICE_STOPPED, "SQL02", "sql"),
        (41143, ["AG1"], Kind.SOFTWARE_FAILED, "AG1", "41143"),
        (17883, ["0"], Kind.STARVED, "SQL02", "17883"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("provider", ["MSSQLSERVER", "MSSQL$PROD"])
def test_a_message_means_this(
    provider: str, event_id: int, data: list[str], kind: Kind, subject: str, detail: str | None
) -> None:
    (sign,) = found(logged(provider, event_id, *data, channel="Application")).signs
    assert (sign.kind, sign.subject, sign.detail) == (kind, subject, detail)


def test_slow_io_says_how_slow() -> None:
    (sign,) = found(logged("MSSQLSERVER", 833, "1", "15", r"D:\a.ldf", "agdb", "12")).signs
    assert (sign.kind, sign.subject, sign.detail) == (Kind.SLOW_IO, "agdb", r"D:\a.ldf")
    assert sign.value == timedelta(seconds=15)


def test_databases_frozen_together_are_one_freeze() -> None:
    (freeze,) = found(
        frozen("a", "00"), frozen("b", "01"), frozen("c", "01", "MSSQL$X"),
        thawed("a", "08"), thawed("b", "09"), thawed("c", "12", "MSSQL$X"),
    ).freezes  # fmt: skip
    assert (freeze.node, freeze.databases) == ("SQL02", 3)
    assert (freeze.start.second, freeze.end and freeze.end.second) == (0, 12)


def test_freezes_that_do_not_overlap_are_several() -> None:
    freezes = found(frozen("a", "00"), thawed("a", "05"), frozen("b", "06"), thawed("b", "09"))
    assert [f.databases for f in freezes.freezes] == [1, 1]


def test_a_freeze_without_a_thaw_has_no_end_and_does_not_swallow_the_next() -> None:
    first, second = found(frozen("a", "00"), frozen("a", "30"), thawed("a", "35")).freezes
    assert first.end is None
    assert second.end


def test_a_thaw_alone_is_nothing() -> None:
    assert not found(thawed("a", "05")).freezes
