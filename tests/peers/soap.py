"""The SOAP of WS-Management shells: what a request asks, and how it is answered."""

import base64
import re
from dataclasses import dataclass
from xml.etree import ElementTree as ET

NAMES = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "a": "http://schemas.xmlsoap.org/ws/2004/08/addressing",
    "x": "http://schemas.xmlsoap.org/ws/2004/09/transfer",
    "w": "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd",
    "rsp": "http://schemas.microsoft.com/wbem/wsman/1/windows/shell",
    "f": "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault",
}
DECLARED = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMES.items())
DONE = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/CommandState/Done"
RUNNING = DONE.replace("Done", "Running")

DENIED, NOTHING_YET, QUOTA, NO_SHELL = 5, 2150858793, 2150859174, 2150858843


@dataclass(frozen=True, slots=True)
class Request:
    """One request: `action` is the last word of its URI."""

    action: str
    message: str
    shell: str = ""
    command: str = ""
    line: str = ""
    wait: float = 20.0
    """Seconds it is to be held while there is nothing to tell."""
    codepage: str = ""
    idle: str = ""


def read(envelope: bytes) -> Request:
    """Read a request. Raises ParseError for what is no XML."""
    root = ET.fromstring(envelope)  # noqa: S314  our own client's

    def text(path: str) -> str:
        found = root.find(path, NAMES)
        return (found.text or "") if found is not None else ""

    options = {o.get("Name"): o.text or "" for o in root.iterfind(".//w:Option", NAMES)}
    stream, signal = root.find(".//rsp:DesiredStream", NAMES), root.find(".//rsp:Signal", NAMES)
    named = stream if stream is not None else signal
    wait = re.fullmatch(r"PT(\d+)S", text(".//w:OperationTimeout"))
    return Request(
        action=text(".//a:Action").rpartition("/")[2],
        message=text(".//a:MessageID"),
        shell=text(".//w:SelectorSet/w:Selector"),
        command=(named.get("CommandId") or "") if named is not None else "",
        line=f"{text('.//rsp:Command')} {text('.//rsp:Arguments')}".strip(),
        wait=float(wait[1]) if wait else 20.0,
        codepage=options.get("WINRS_CODEPAGE", ""),
        idle=text(".//rsp:IdleTimeOut"),
    )


def answer(request: Request, body: str) -> bytes:
    """Put an answer to a request into its envelope."""
    head = f"<s:Header><a:RelatesTo>{request.message}</a:RelatesTo></s:Header>"
    return f"<s:Envelope {DECLARED}>{head}<s:Body>{body}</s:Body></s:Envelope>".encode()


def created(request: Request, shell: str) -> bytes:
    """Answer Create."""
    chosen = f'<w:SelectorSet><w:Selector Name="ShellId">{shell}</w:Selector></w:SelectorSet>'
    inner = f"<a:ReferenceParameters>{chosen}</a:ReferenceParameters>"
    return answer(request, f"<x:ResourceCreated>{inner}</x:ResourceCreated>")


def started(request: Request, command: str) -> bytes:
    """Answer Command."""
    inner = f"<rsp:CommandId>{command}</rsp:CommandId>"
    return answer(request, f"<rsp:CommandResponse>{inner}</rsp:CommandResponse>")


def received(request: Request, out: bytes, err: bytes, code: int | None) -> bytes:
    """Answer Receive; `code` None: the command still runs."""
    streams = "".join(
        f'<rsp:Stream Name="{name}" CommandId="{request.command}">'
        f"{base64.b64encode(data).decode()}</rsp:Stream>"
        for name, data in (("stdout", out), ("stderr", err))
        if data
    )
    state = RUNNING if code is None else DONE
    exit_code = "" if code is None else f"<rsp:ExitCode>{code}</rsp:ExitCode>"
    ended = (
        f'<rsp:CommandState CommandId="{request.command}" State="{state}">'
        f"{exit_code}</rsp:CommandState>"
    )
    return answer(request, f"<rsp:ReceiveResponse>{streams}{ended}</rsp:ReceiveResponse>")


def fault(request: Request, code: int, reason: str, subcode: str = "w:InternalError") -> bytes:
    """Answer with a fault of WinRM."""
    return answer(
        request,
        f"<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>{subcode}</s:Value>"
        f'</s:Subcode></s:Code><s:Reason><s:Text xml:lang="en-US">{reason}</s:Text></s:Reason>'
        f'<s:Detail><f:WSManFault Code="{code}"/></s:Detail></s:Fault>',
    )
