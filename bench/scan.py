"""Reading a large vmware.log, against `grep -cE` on the same file, and its memory.

Aims: 256 MiB in no more time than grep needs for four words; 1 GiB in less than 150 MiB.
"""

import io
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sources.vmware.vmware_log import scan

WORDS = "Checkpoint_Unstun|CPT: vm was stunned|SnapshotVMX|Consolidate"
MIB = 1 << 20
SIZE = 256 * MIB
MOST_MEMORY = 150 * MIB

DAILY = (
    "vmx - GuestRpc: Got RPCI vsocket connection {n}, assigned to channel 0.",
    "vmx - VigorTransportProcessClientPayload: opID=lro-{n}-01-01-ab-cdef seq={n}: Receiving X.",
    "vmx - VigorTransport_ServerSendResponse opID=lro-{n}-01-01-ab-cdef seq={n}: Completed X.",
    "vmx - DISKLIB-VMFS : '/vmfs/volumes/{n}/sql01/sql01_{c}-flat.vmdk' : open successful (8)",
    "vcpu-{c} - SCSI: switching scsi0 to push completion mode {n}",
    "vmx - Tools: Changing running status: 1 => 2.",
    "vmx - GuestMsg: Channel {n}, Too many connections",
    "mks - SVGA-GUI: Config hostShaderCompiler {n}",
    "worker-{n} - DISKLIB-CTK : Auto blocksize for size {n} is 128.",
)
NIGHTLY = (
    (0, "vmx lro-{n} SnapshotVMX_TakeSnapshot start: 'NIGHTLY', deviceState=0, lazy=0, quiesced=1"),
    (2085, "vcpu-0 - Destroying virtual dev for scsi0:0 vscsi={n}"),
    (2086, "vcpu-0 - Closing all the disks of the VM."),
    (2300, "vcpu-0 - Checkpoint_Unstun: vm stopped for 212{n} us"),
    (2330, "vcpu-0 - CPT: vm was stunned for 242{n} us"),
    (2900, "vmx - SnapshotVMXTakeSnapshotComplete: Done with snapshot 'NIGHTLY': {n}"),
    (900000, "vmx - SnapshotVMX_Consolidate: Starting."),
    (960000, "vcpu-0 - Closing all the disks of the VM."),
    (960400, "vcpu-0 - Checkpoint_Unstun: vm stopped for 398{n} us"),
    (960430, "vcpu-0 - CPT: vm was stunned for 427{n} us"),
    (961000, "vcpu-0 - ConsolidateEnd: Snapshot consolidate complete: OK (0)."),
)


def lines(size: int) -> Iterator[str]:
    """Make a log of about `size` bytes: a chatty day, a backup in every night, always the same."""
    dice = random.Random(20261123)
    now = datetime(2020, 1, 1, tzinfo=UTC)
    written = 0
    while written < size:
        night = (now + timedelta(days=1)).replace(hour=2, minute=0)
        while now < night and written < size:
            now += timedelta(milliseconds=dice.randrange(16000))
            line = _line(now, dice.choice(DAILY), dice)
            written += len(line)
            yield line
        start = now
        for after, text in NIGHTLY:
            now = start + timedelta(milliseconds=after)
            yield _line(now, text, dice)


def _line(now: datetime, text: str, dice: random.Random) -> str:
    text = text.format(n=dice.randrange(100, 1000), c=dice.randrange(8))
    return f"{now.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z In(05) {text}\n"


def best(work: Callable[[], object]) -> float:
    """Seconds of the best of three runs."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def peak(log: Path) -> int:
    """Bytes a fresh process holds at most while it scans a log."""
    code = (
        "import sys, re; from sources.vmware.vmware_log import scan\n"
        "scan(open(sys.argv[1], 'rb'))\n"
        "print(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1])"
    )
    child = subprocess.run(
        [sys.executable, "-c", code, str(log)], check=True, capture_output=True, text=True
    )
    return int(child.stdout) << 10


def _grep(log: Path) -> None:
    subprocess.run(["grep", "-cE", WORDS, str(log)], check=True, capture_output=True)


def _scan(log: Path) -> int:
    with log.open("rb") as file:
        return len(scan(file).stuns)


def main() -> bool:
    """Print the figures; True when both aims are met."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "vmware.log"
        with log.open("w", newline="\n") as file:
            file.writelines(lines(SIZE))
        stuns = _scan(log)
        grep = best(lambda: _grep(log))
        ours = best(lambda: _scan(log))
        print(f"{log.stat().st_size / MIB:.0f} MiB, {stuns} stuns")
        print(f"grep -cE {grep:.3f} s, stuncheck {ours:.3f} s: ratio {ours / grep:.2f} (aim 1.00)")
        memory = _memory(log)
        print(f"1 GiB: at most {memory / MIB:.0f} MiB of memory (aim {MOST_MEMORY / MIB:.0f})")
    return ours <= grep and memory < MOST_MEMORY


def _memory(log: Path) -> int:
    """Scan the log four times over as one file; that its times go back costs no memory."""
    text = log.read_bytes()
    with log.open("ab", buffering=io.DEFAULT_BUFFER_SIZE) as file:
        for _ in range(3):
            file.write(text)
    return peak(log)
