"""A shell over real pywinrm and real NTLM: what it does, and how every fault of it ends."""

import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sources.access import Secret, WinRmAccess
from sources.deadline import Deadline
from sources.errors import LateError, RefusedError, SourceError
from sources.windows import refusals
from sources.windows.shell import Shell
from tests.peers.winrm_scene import Scene, running, running_tls, with_password
from tests.peers.winrm_server import PASSWORD

pytestmark = pytest.mark.timed

HOST = "127.0.0.1"


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with running(tmp_path) as made:
        yield made


def ask(access: WinRmAccess, host: str, seconds: float) -> bytes:
    """Run a command, and raise whatever goes wrong with it."""
    with Shell(access, host, Deadline.after(seconds)) as shell:
        output = shell.run("echo", ["%TIME%"])
    if output.fault:
        raise output.fault
    return output.stdout


def failure(scene: Scene, host: str = HOST, seconds: float = 1.0) -> SourceError:
    """Run a command, and give the error; it must come in time and leave nothing behind."""
    start = time.monotonic()
    with pytest.raises(SourceError) as caught:
        ask(scene.winrm, host, seconds)
    assert time.monotonic() - start < seconds + 0.5
    scene.server.closing.set()  # a server that hangs lets go; ours is gone already
    assert scene.clean()
    assert host in str(caught.value)
    assert PASSWORD not in f"{caught.value!r} {caught.value.hint} {caught.value.__cause__!r}"
    return caught.value


def test_a_shell_speaks_utf8_logs_on_once_and_is_closed(scene: Scene) -> None:
    with Shell(scene.winrm, HOST, Deadline.after(5)) as shell:
        assert shell.run("echo", ["one"]).stdout == b"one\r\n"
        assert shell.run("echo", ["\u00e9"]).stdout == "\u00e9\r\n".encode()
        assert scene.server.counts.open_shells == 1
    counts = scene.server.counts
    assert (counts.codepages, counts.logons, counts.idle) == ({"65001"}, 1, {"PT180S"})
    assert counts.requests.count("Signal") == 2
    assert scene.clean()


def test_a_shell_is_closed_when_its_user_fails(scene: Scene) -> None:
    with pytest.raises(ZeroDivisionError), Shell(scene.winrm, HOST, Deadline.after(5)):
        _ = 1 / 0
    assert scene.clean()


def test_commands_of_one_shell_run_side_by_side(scene: Scene) -> None:
    scene.node().faults.slow = 0.4
    start = time.monotonic()
    with Shell(scene.winrm, HOST, Deadline.after(5)) as shell:
        commands = [shell.start("echo", [str(n)]) for n in range(4)]
        told = [shell.collect(command).stdout for command in commands]
    assert told == [b"0\r\n", b"1\r\n", b"2\r\n", b"3\r\n"]
    assert time.monotonic() - start < 1.2


def test_a_long_answer_comes_whole(scene: Scene) -> None:
    with Shell(scene.winrm, HOST, Deadline.after(5)) as shell:
        scene.node().cluster_log = bytes(range(256)) * 2000
        given = shell.script("clusterlog", Minutes=3, MostBytes=1 << 20)
    assert given["cut"] == 0


def test_a_command_may_outlast_many_questions(scene: Scene) -> None:
    scene.node().faults.slow = 2.5  # the server gives up a question after 1 s, deadline 4 s
    with Shell(scene.winrm, HOST, Deadline.after(4)) as shell:
        assert shell.run("echo", ["late"]).stdout == b"late\r\n"


@pytest.mark.parametrize("action", ["accept", "Logon", "Create", "Command"])
def test_a_host_that_hangs_is_late(scene: Scene, action: str) -> None:
    scene.node().faults.hang = action
    assert isinstance(failure(scene), LateError)


@pytest.mark.parametrize("action", ["Signal", "Delete"])
def test_a_host_that_hangs_while_it_is_left_keeps_nobody(scene: Scene, action: str) -> None:
    scene.node().faults.hang = action
    start = time.monotonic()
    assert ask(scene.winrm, HOST, 1)
    assert time.monotonic() - start < 1.5


def test_the_shell_of_a_hung_command_is_closed_by_a_new_connection(scene: Scene) -> None:
    scene.node().faults.hang = "Receive"
    with Shell(scene.winrm, HOST, Deadline.after(1.5)) as shell:
        assert isinstance(shell.run("echo", ["x"]).fault, LateError)
    assert scene.server.counts.open_shells == 0
    assert scene.server.counts.logons == 2


def test_a_command_that_takes_too_long_is_late_and_its_shell_closed(scene: Scene) -> None:
    scene.node().faults.slow = 60
    assert isinstance(failure(scene), LateError)


@pytest.mark.parametrize("action", ["Create", "Receive"])
def test_an_answer_that_drips_ends_by_the_deadline(scene: Scene, action: str) -> None:
    scene.node().faults.drip = action
    start = time.monotonic()
    with pytest.raises(LateError):
        ask(scene.winrm, HOST, 1)
    assert time.monotonic() - start < 1.5


@pytest.mark.parametrize("action", ["Create", "Command", "Receive"])
@pytest.mark.parametrize("fault", ["reset", "cut", "garbage"])
def test_a_broken_answer_is_an_error_and_not_about_the_password(
    scene: Scene, action: str, fault: str
) -> None:
    setattr(scene.node().faults, fault, action)
    start = time.monotonic()
    with pytest.raises(SourceError) as caught:
        ask(scene.winrm, HOST, 3)
    assert not isinstance(caught.value, LateError | RefusedError)
    assert time.monotonic() - start < 2
    lost = action == "Create" and fault == "cut"  # opened, and its id never came: see IDLE
    assert scene.server.counts.open_shells == int(lost)


@pytest.mark.parametrize("fault", ["reset", "garbage"])
def test_a_host_that_is_no_winrm_says_so(scene: Scene, fault: str) -> None:
    setattr(scene.node().faults, fault, "Logon")
    assert "listener" in (failure(scene).hint or "") or fault == "reset"


def test_what_came_before_a_break_is_kept(scene: Scene) -> None:
    scene.node().faults.broken_output = 3
    with Shell(scene.winrm, HOST, Deadline.after(3)) as shell:
        output = shell.run("echo", ["abcdefgh"])
    assert output.stdout == b"abc"
    assert output.fault is not None
    assert scene.clean()


def test_a_refused_password_is_tried_once_and_never_again(scene: Scene) -> None:
    scene.access = replace(scene.access, winrm=with_password(scene.winrm, "wrong"))
    assert isinstance(failure(scene), RefusedError)
    again = failure(scene)
    assert isinstance(again, RefusedError)
    assert "not tried again" in again.message
    assert scene.server.counts.logons == 1


def test_two_hosts_that_refuse_speak_for_all(scene: Scene) -> None:
    wrong = with_password(scene.winrm, "wrong")
    for host in ("127.0.0.1", "127.0.0.2"):
        with pytest.raises(RefusedError), Shell(wrong, host, Deadline.after(3)):
            pass
    with pytest.raises(RefusedError, match="not tried again"):
        refusals.check(wrong, "127.0.0.3")
    refusals.check(scene.winrm, "127.0.0.1")  # another password is


def test_access_denied_says_which_right(scene: Scene) -> None:
    scene.node().faults.denied = True
    error = failure(scene)
    assert isinstance(error, RefusedError)
    assert "Remote Management Users is not enough" in (error.hint or "")


def test_too_many_shells_say_so(scene: Scene) -> None:
    scene.node().faults.quota = True
    assert "as many remote shells" in failure(scene).message


def test_a_refused_connection_names_the_listener(scene: Scene) -> None:
    scene.server.refuse("SQL01")
    error = failure(scene)
    assert error.message == "the connection was refused"
    assert "winrm enumerate" in (error.hint or "")


def test_an_unknown_name_is_told(scene: Scene) -> None:
    assert failure(scene, "nowhere.invalid", 10).message == "its name is not known"


@pytest.mark.parametrize("transport", ["basic", "plaintext", "credssp", "ssl"])
def test_ways_that_send_the_password_are_refused(scene: Scene, transport: str) -> None:
    scene.access = replace(scene.access, winrm=replace(scene.winrm, transport=transport))
    assert isinstance(failure(scene), RefusedError)
    assert scene.server.counts.connections == 0


@pytest.mark.parametrize(
    "access",
    [
        WinRmAccess("", Secret("x")),
        WinRmAccess("user"),
        WinRmAccess(transport="certificate", tls=False),
        WinRmAccess(transport="certificate"),
        WinRmAccess("user", transport="kerberos", tls=False),
    ],
)
def test_what_is_not_configured_is_refused_before_anything_is_sent(access: WinRmAccess) -> None:
    kerberos = pytest.importorskip("winrm.transport").HAVE_KERBEROS
    if access.transport == "kerberos" and kerberos:
        pytest.skip("kerberos is installed here")
    with pytest.raises(RefusedError), Shell(access, HOST, Deadline.after(2)):
        pass


def test_tls_is_verified_against_the_given_authority(tmp_path: Path) -> None:
    with running_tls(tmp_path) as scene, Shell(scene.winrm, HOST, Deadline.after(5)) as shell:
        assert shell.run("echo", ["one"]).stdout == b"one\r\n"


def test_an_unknown_authority_is_refused_before_the_password_is_sent(tmp_path: Path) -> None:
    with running_tls(tmp_path) as scene:
        scene.access = replace(scene.access, winrm=replace(scene.winrm, ca_file=None))
        error = failure(scene)
        assert isinstance(error, RefusedError)
        assert "certificate is not trusted" in error.message
        assert scene.server.counts.logons == 0


def test_a_certificate_of_another_name_is_refused(tmp_path: Path) -> None:
    with running_tls(tmp_path, "sql01.corp.example") as scene:
        assert isinstance(failure(scene), RefusedError)
        unverified = replace(scene.winrm, verify=False)
        with Shell(unverified, HOST, Deadline.after(5)) as shell:
            assert shell.run("echo", ["one"]).stdout == b"one\r\n"


def test_a_log_on_by_certificate_needs_no_password(tmp_path: Path) -> None:
    with running_tls(tmp_path) as scene:
        access = WinRmAccess(
            transport="certificate",
            port=scene.server.port,
            ca_file=tmp_path / "ca.pem",
            certificate_file=tmp_path / "client.pem",
            key_file=tmp_path / "client.key",
        )
        with Shell(access, HOST, Deadline.after(5)) as shell:
            assert shell.run("echo", ["one"]).stdout == b"one\r\n"
        assert scene.server.counts.logons == 0
        assert scene.clean()


def test_plain_http_where_tls_is_expected_is_told(scene: Scene) -> None:
    scene.access = replace(scene.access, winrm=replace(scene.winrm, tls=True))
    assert isinstance(failure(scene), RefusedError)


def test_the_password_is_in_no_log(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with Shell(scene.winrm, HOST, Deadline.after(5)) as shell:
        shell.run("echo", ["one"])
        assert PASSWORD not in repr(shell)
    assert PASSWORD not in caplog.text
    assert PASSWORD not in repr(scene.winrm)


def test_a_passed_deadline_asks_nothing(scene: Scene) -> None:
    with pytest.raises(LateError), Shell(scene.winrm, HOST, Deadline.after(0)):
        pass
    assert scene.server.counts.connections == 0
