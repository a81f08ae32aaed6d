"""A session with Veeam's REST API: revision, port, tokens, certificates, and words for faults."""

import logging
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from sources.access import Secret, VeeamAccess
from sources.deadline import Deadline
from sources.errors import LateError, RefusedError, SourceError
from sources.veeam import client as client_module
from sources.veeam.client import Client
from tests.peers.veeam_server import REVISIONS, Fault, VeeamServer
from tests.peers.veeam_tokens import PASSWORD
from tests.sources.veeam.night import server

SESSIONS = "/api/v1/sessions"


@pytest.fixture
def veeam(tmp_path: Path) -> Iterator[VeeamServer]:
    with server(tmp_path) as running:
        yield running


def session(veeam: VeeamServer, seconds: float = 5, **change: object) -> Client:
    return Client(replace(veeam.access, **change), Deadline.after(seconds))  # type: ignore[arg-type]  # fields by name


def signed_in(client: Client, seconds: float = 5) -> Client:
    client.sign_in(Deadline.after(seconds))
    return client


@pytest.mark.parametrize("spoken", [(1, 0, 1), (1, 1, 2), (1, 2, 1), (1, 3, 1), (1, 3, 2)])
@pytest.mark.parametrize("told", [True, False])
def test_the_newest_revision_that_both_speak_is_found_without_a_password(
    veeam: VeeamServer, spoken: tuple[int, int, int], told: bool
) -> None:
    veeam.model.revision, veeam.tells_revisions = spoken, told
    with session(veeam) as client:
        assert str(client.revision) == "{}.{}-rev{}".format(*spoken)
        assert client.revision.has_tasks == (spoken >= (1, 2, 0))
    assert veeam.grants == []
    assert {path for _, path, _ in veeam.requests} == {"/api/v1/serverTime"}
    assert len(veeam.requests) <= (2 if told else len(REVISIONS))


def test_leaving_signs_out_whatever_happened(veeam: VeeamServer) -> None:
    with pytest.raises(ZeroDivisionError), session(veeam) as client:
        1 / len(signed_in(client).get(SESSIONS, "sessions")[:0])
    assert veeam.grants == ["password"]
    assert veeam.tokens == {}


def test_a_wrong_password_is_tried_once(veeam: VeeamServer) -> None:
    with session(veeam, password=Secret("wrong")) as client:
        with pytest.raises(RefusedError, match="a wrong user or password") as caught:
            client.sign_in(Deadline.after(5))
        with pytest.raises(RefusedError, match="not tried again for now"):
            client.sign_in(Deadline.after(5))
    with session(veeam, password=Secret("wrong")) as later, pytest.raises(RefusedError):
        later.sign_in(Deadline.after(5))
    assert veeam.grants == ["password"]
    assert "service account" in (caught.value.hint or "")
    with session(veeam) as corrected:
        signed_in(corrected)


def test_a_token_that_ends_is_renewed_before_it_does(veeam: VeeamServer) -> None:
    veeam.expires_in = 1
    with session(veeam) as client:
        signed_in(client)
        threading.Event().wait(1.0)
        client.get(SESSIONS, "sessions")
    assert veeam.grants == ["password", "refresh_token"]
    assert veeam.paths(SESSIONS) == [SESSIONS]


def test_many_threads_renew_a_token_once(veeam: VeeamServer) -> None:
    with session(veeam) as client:
        signed_in(client)
        veeam.expire()
        with ThreadPoolExecutor(8) as threads:
            bodies = list(threads.map(lambda _: client.get(SESSIONS, "sessions"), range(16)))
    assert len(set(bodies)) == 1
    assert veeam.grants == ["password", "refresh_token"]
    assert veeam.tokens == {}


def test_a_refresh_token_that_was_lost_leads_back_to_the_password(veeam: VeeamServer) -> None:
    with session(veeam) as client:
        signed_in(client)
        veeam.expire()
        veeam.refresh.clear()
        client.get(SESSIONS, "sessions")
    assert veeam.grants == ["password", "refresh_token", "password"]


def test_a_password_changed_in_the_middle_does_not_lock_the_account(veeam: VeeamServer) -> None:
    with session(veeam) as client:
        signed_in(client)
        veeam.expire()
        veeam.faults = [Fault("401", "/api/oauth2/token")]
        for _ in range(3):
            with pytest.raises(RefusedError):
                client.get(SESSIONS, "sessions")
    asked = [path for _, path, _ in veeam.requests if path == "/api/oauth2/token"]
    assert len(asked) == len(["signing in", "password"]) + len(["refresh"] * 3)


def test_a_broken_connection_is_tried_once_more(veeam: VeeamServer) -> None:
    veeam.faults = [Fault("reset", SESSIONS, times=1)]
    with session(veeam) as client:
        signed_in(client)
        assert client.get(SESSIONS, "sessions")
    assert veeam.paths(SESSIONS) == [SESSIONS, SESSIONS]


def test_a_certificate_of_nobody_is_refused_with_the_way_to_get_it(veeam: VeeamServer) -> None:
    with pytest.raises(RefusedError, match="self-signed") as caught, session(veeam, ca_file=None):
        pass
    assert "openssl s_client -connect localhost:" in (caught.value.hint or "")
    assert "ca_file" in (caught.value.hint or "")


def test_a_certificate_for_another_name_is_refused(tmp_path: Path) -> None:
    made = server(tmp_path)
    made.names = ("vbr01.tech.local",)
    with made as veeam, pytest.raises(RefusedError, match="another name"), session(veeam):
        pass


def test_another_ca_is_not_trusted_and_trust_may_be_waived(
    tmp_path: Path, veeam: VeeamServer
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    with server(other) as stranger:
        ca_file = stranger.access.ca_file
    with pytest.raises(RefusedError), session(veeam, ca_file=ca_file):
        pass
    with session(veeam, verify=False, ca_file=None) as client:
        assert client.clock is not None


def test_the_certificate_that_was_saved_from_the_server_is_trusted_alone(
    veeam: VeeamServer,
) -> None:
    with session(veeam, ca_file=veeam.folder / "leaf.pem") as client:
        assert client.clock is not None


@pytest.mark.parametrize("content", [None, "", "no certificate"])
def test_a_ca_file_that_cannot_be_read_is_named(
    tmp_path: Path, veeam: VeeamServer, content: str | None
) -> None:
    path = tmp_path / "mine.pem"
    if content is not None:
        path.write_text(content)
    with pytest.raises(RefusedError, match=r"mine\.pem cannot be used"):
        session(veeam, ca_file=path)


def test_a_closed_port_is_named_and_says_which_service(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        access = VeeamAccess("v", "localhost", "u", Secret(PASSWORD), taken.getsockname()[1])
        with pytest.raises(SourceError, match="refuses connections") as caught:
            Client(access, Deadline.after(5)).__enter__()
    assert "RESTful API" in (caught.value.hint or "")
    assert list(tmp_path.iterdir()) == []


def test_the_new_port_is_tried_where_the_old_one_is_closed(
    veeam: VeeamServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        old = taken.getsockname()[1]
        monkeypatch.setattr(client_module, "NEW_PORT", veeam.access.port)
        monkeypatch.setattr(client_module, "PORT", old)
        with session(veeam, port=old) as client:
            assert client.clock is not None


def test_a_name_that_nobody_knows_is_no_crash(veeam: VeeamServer) -> None:
    for name in ("no-such-host.invalid", "two words", "", "x" * 300, "a..b"):
        with pytest.raises(SourceError), session(veeam, host=name):
            pass


@pytest.mark.parametrize("status", ["404", "500"])
def test_another_web_server_is_told_apart(veeam: VeeamServer, status: str) -> None:
    veeam.faults = [Fault(status)]
    with pytest.raises(SourceError, match="is not Veeam's REST API"), session(veeam):
        pass
    veeam.faults = [Fault("garbage")]
    with pytest.raises(SourceError, match="is not Veeam's REST API"), session(veeam):
        pass
    assert veeam.grants == []


def test_a_role_that_may_not_read_is_told_with_the_role_that_may(veeam: VeeamServer) -> None:
    veeam.faults = [Fault("403", SESSIONS)]
    with session(veeam) as client:
        signed_in(client)
        with pytest.raises(RefusedError, match="may not read them") as caught:
            client.get(SESSIONS, "sessions")
    assert "Veeam Backup Viewer" in (caught.value.hint or "")


@pytest.mark.parametrize("kind", ["hang", "stall", "drip"])
def test_no_answer_outlasts_the_deadline(veeam: VeeamServer, kind: str) -> None:
    with session(veeam) as client:
        signed_in(client, 1.0)
        veeam.faults = [Fault(kind, SESSIONS)]
        deadline = Deadline.after(0.8)
        with pytest.raises(LateError):
            client.get(SESSIONS, "sessions")
        assert Deadline.after(0).at - deadline.at < 0.3
    assert veeam.tokens == {}


def test_proxies_of_the_environment_are_not_used(
    veeam: VeeamServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "ALL_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with session(veeam) as client:
        signed_in(client)


def test_no_log_and_no_error_tells_a_secret(
    veeam: VeeamServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with session(veeam) as client:
        signed_in(client)
        told = [repr(client), repr(vars(client)), repr(vars(client._tokens))]  # noqa: SLF001 - the secrets are there
        secrets = [PASSWORD, *veeam.tokens, *veeam.refresh]
        veeam.expire()
        veeam.faults = [Fault("401", "/api/oauth2/token")]
        with pytest.raises(RefusedError) as caught:
            client.get(SESSIONS, "sessions")
        told += [repr(caught.value), str(caught.value), str(caught.value.hint)]
    told += [record.getMessage() for record in caplog.records]
    assert any("serverTime" in line for line in told)
    assert not [line for line in told for secret in secrets if secret in line]


def test_an_answer_without_end_is_cut_off(
    veeam: VeeamServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with session(veeam) as client:
        signed_in(client)
        monkeypatch.setattr(client_module, "LARGEST", 100)
        with pytest.raises(SourceError, match="larger than"):
            client.get(SESSIONS, "sessions")
