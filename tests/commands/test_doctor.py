"""`doctor`: every check is told, with the line that mends it, and nobody is waited for."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from commands.doctor import Check, Finding, State, System, doctor
from commands.reply import Exit, Reply
from sources.deadline import Deadline
from sources.errors import LateError, RefusedError, SourceError

Run = Callable[[Deadline], Finding]

FINE = Finding.ok("as it should be")


def fine(_: Deadline) -> Finding:
    return FINE


def fails(error: SourceError) -> Run:
    """Give a check that ends in an error."""

    def run(_: Deadline) -> Finding:
        raise error

    return run


def examine(*systems: System, seconds: float = 5) -> Reply:
    return doctor([systems], Deadline.after(seconds), seconds)


def states(reply: Reply) -> list[str]:
    return [check["state"] for check in reply.payload["checks"]]


def test_where_everything_is_well_the_answer_says_so_and_the_status_is_0() -> None:
    reply = examine(System("vc01", (Check("clock", fine), Check("rights", fine))))
    assert states(reply) == ["ok", "ok"]
    assert reply.closing == ("2 ok; nothing has to be mended.",)
    assert reply.exit_code is Exit.ANSWERED


def test_what_is_wrong_comes_with_its_remedy_and_status_1() -> None:
    error = RefusedError("vcenter", "vc01", "the account lacks the right X", "Grant it.")
    reply = examine(System("vc01", (Check("rights", fails(error)), Check("clock", fine))))
    (problem,) = reply.problems
    assert problem.message == "vc01, rights: the account lacks the right X."
    assert problem.hint == "Grant it."
    assert states(reply) == ["wrong", "ok"]
    assert reply.exit_code is Exit.NOT_ANSWERED


def test_a_check_lends_its_remedy_to_an_error_without_one() -> None:
    error = SourceError("winrm", "sql01", "refused")
    check = Check("connection", fails(error), remedy="Enable-PSRemoting -Force")
    assert examine(System("s", (check,))).problems[0].hint == "Enable-PSRemoting -Force"


def test_what_is_not_used_is_neither_well_nor_wrong() -> None:
    unused = Finding.not_used("read_logs = false")
    reply = examine(System("vc01", (Check("vmware.log", lambda _: unused),)))
    assert states(reply) == ["not used"]
    assert not reply.problems


def test_what_builds_on_a_fault_is_not_checked_and_shares_a_row() -> None:
    """A password is not sent to a server whose certificate is wrong."""
    asked: list[str] = []
    broken = Check(
        "certificate", fails(RefusedError("veeam", "v", "expired", "Renew.")), vital=True
    )

    def log_on(_: Deadline) -> Finding:
        asked.append("log-on")
        return FINE

    reply = examine(System("v", (broken, Check("log-on", log_on), Check("role", fine))))
    assert asked == []
    assert states(reply) == ["wrong", "not checked", "not checked"]
    assert reply.tables[0].rows[1][1] == "2 more"
    assert reply.tables[0].rows[1][3] == "log-on, role: because of certificate"


def test_a_session_is_closed_whatever_happened() -> None:
    closed: list[str] = []
    error = SourceError("x", "y", "broken")
    checks = (Check("a", fails(error), vital=True), Check("b", fine))
    examine(System("s", checks, lambda: closed.append("s")))
    assert closed == ["s"]


def test_systems_are_checked_side_by_side() -> None:
    both = threading.Barrier(2, timeout=5)

    def meet(_: Deadline) -> Finding:
        both.wait()
        return FINE

    reply = examine(*(System(name, (Check("c", meet),)) for name in "ab"))
    assert states(reply) == ["ok", "ok"]


def test_every_system_has_the_time_of_a_source_and_no_more_than_is_left() -> None:
    left: list[float] = []

    def look(deadline: Deadline) -> Finding:
        left.append(deadline.left)
        return FINE

    doctor([[System("s", (Check("c", look),))]], Deadline.after(60), 20)
    doctor([[System("s", (Check("c", look),))]], Deadline.after(5), 20)
    assert left == [pytest.approx(20, abs=1), pytest.approx(5, abs=1)]


def test_after_a_late_answer_the_rest_of_the_system_is_not_asked() -> None:
    def late(deadline: Deadline) -> Finding:
        time.sleep(deadline.left + 0.01)
        raise LateError("winrm", "sql01", "no answer")

    reply = examine(System("s", (Check("a", late), Check("b", fine))), seconds=0.1)
    assert states(reply) == ["wrong", "not checked"]
    assert "raise source_seconds" in str(reply.problems[0].hint)


def test_who_hangs_beyond_the_deadline_is_left_behind_and_named() -> None:
    end = threading.Event()

    def hang(_: Deadline) -> Finding:
        end.wait(30)
        return FINE

    begun = time.monotonic()
    checks = (Check("name", fine), Check("log-on", hang), Check("clock", fine))
    reply = examine(System("s", checks), System("t", (Check("c", fine),)), seconds=0.1)
    end.set()
    assert time.monotonic() - begun < 3
    assert states(reply) == ["ok", "wrong", "not checked", "ok"]
    assert reply.problems[0].message == "s, log-on: no answer in time."


def test_a_later_round_is_made_after_an_earlier_one() -> None:
    learned: list[str] = []

    def learn(_: Deadline) -> Finding:
        learned.append("sql02")
        return FINE

    def rounds() -> Iterator[list[System]]:
        yield [System("sql01", (Check("c", learn),))]
        yield [System(name, (Check("c", fine),)) for name in learned]

    reply = doctor(rounds(), Deadline.after(5), 5)
    assert [check["system"] for check in reply.payload["checks"]] == ["sql01", "sql02"]


def test_machines_get_a_row_for_every_check() -> None:
    reply = examine(System("s", (Check("c", lambda _: Finding(State.WRONG, "off", "w32tm")),)))
    assert reply.payload == {
        "checks": [
            {"system": "s", "check": "c", "state": "wrong", "text": "off", "remedy": "w32tm"}
        ]
    }
