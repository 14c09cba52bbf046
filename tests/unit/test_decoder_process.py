"""Photos are decoded in processes of their own: what costs too much ends there."""

import os
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tests.bombs import DIRECTORIES, OTHERS
from tests.samples import astronaut, encoded, enlarged, grace_hopper
from tests.waiting import eventually
from webapp.vision.decode import PhotoLimits, decode
from webapp.vision.decode import decoder_process as module
from webapp.vision.decode.decoder_process import WINDOW_BYTES, DecoderProcess
from webapp.vision.decode.pool import DecoderPool
from webapp.vision.errors import DecoderUnavailable, NotAPhoto, PhotoTooCostly

LIMITS = PhotoLimits()
BOMBS = {**DIRECTORIES, **OTHERS}
needs_proc = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="no /proc")


@pytest.fixture
def pool() -> Iterator[DecoderPool]:
    pool = DecoderPool()
    yield pool
    pool.close()


@pytest.fixture
def decoder() -> Iterator[DecoderProcess]:
    decoder = DecoderProcess()
    yield decoder
    decoder.close()


def photo() -> bytes:
    return encoded(grace_hopper(), "PNG")


def has_ended(pid: int) -> bool:
    try:
        return ") Z " in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return True


@pytest.mark.parametrize("kind", BOMBS)
def test_what_costs_too_much_is_told_so(kind: str) -> None:
    with pytest.raises(PhotoTooCostly, match="needs too much memory or time"):
        decode(BOMBS[kind]())
    assert decode(photo()).width == grace_hopper().shape[1]


def test_a_decoder_goes_on_to_the_next_photo_also_after_one_that_is_none(
    decoder: DecoderProcess,
) -> None:
    with pytest.raises(NotAPhoto):
        decoder.decode(b"This is no photo.", LIMITS, is_full=True)
    pixels, width, height = decoder.decode(photo(), LIMITS, is_full=True)
    assert (height, width) == pixels.shape[:2]
    np.testing.assert_array_equal(pixels, grace_hopper())
    assert decoder.is_fit


def test_pixels_are_whole_where_they_do_not_fit_into_the_window_at_once(
    decoder: DecoderProcess,
) -> None:
    large = enlarged(astronaut(), 3001, 2003)
    assert large.nbytes > 2 * WINDOW_BYTES
    pixels, _, _ = decoder.decode(encoded(large, "PNG"), LIMITS, is_full=True)
    np.testing.assert_array_equal(pixels, large)
    assert pixels.flags.writeable


def test_a_decoder_that_stalls_is_ended_at_its_deadline(decoder: DecoderProcess) -> None:
    decoder.decode(photo(), LIMITS, is_full=True)
    os.kill(decoder.pid, signal.SIGSTOP)
    with pytest.raises(PhotoTooCostly):
        decoder.decode(photo(), PhotoLimits(deadline=0.2), is_full=True)
    assert not decoder.is_fit


def test_processor_time_and_memory_grow_with_the_photo_up_to_their_limits() -> None:
    assert LIMITS.seconds_for(0, 0) == pytest.approx(0.56)
    assert LIMITS.seconds_for(LIMITS.max_pixels, LIMITS.max_bytes) == pytest.approx(7)
    assert LIMITS.memory_for(0, 0) == 100_000_000
    assert LIMITS.memory_for(LIMITS.max_pixels, LIMITS.max_bytes) == LIMITS.memory


def test_as_many_processes_run_as_photos_are_decoded_at_once(pool: DecoderPool) -> None:
    with ThreadPoolExecutor(3) as threads:
        results = list(threads.map(lambda _: pool.decode(photo(), LIMITS), range(12)))
    for pixels, _, _ in results:
        np.testing.assert_array_equal(pixels, grace_hopper())
    assert 1 <= len(pool.idle) <= 3


def test_a_process_that_died_between_two_photos_is_no_fault_of_the_next(pool: DecoderPool) -> None:
    pool.decode(photo(), LIMITS)
    (died,) = pool.idle
    os.kill(died.pid, signal.SIGKILL)
    eventually(lambda: has_ended(died.pid))
    pool.decode(photo(), LIMITS)
    (other,) = pool.idle
    assert other.pid != died.pid


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_for_the_whole_group_lets_the_photo_finish(
    decoder: DecoderProcess, number: int
) -> None:
    decoder.decode(photo(), LIMITS, is_full=True)
    os.kill(decoder.pid, number)
    decoder.decode(photo(), LIMITS, is_full=True)
    assert decoder.is_fit


@pytest.mark.parametrize("program", ["/no/such/program", "/bin/false"])
def test_a_decoder_that_cannot_be_started_is_no_fault_of_the_photo(
    program: str, pool: DecoderPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module.sys, "executable", program)
    with pytest.raises(DecoderUnavailable, match="cannot read photos at the moment"):
        pool.decode(photo(), LIMITS)


@needs_proc
def test_a_limit_that_the_operator_set_stays(decoder: DecoderProcess) -> None:
    resource.prlimit(decoder.pid, resource.RLIMIT_AS, (2 << 30, 2 << 30))
    decoder.decode(photo(), LIMITS, is_full=True)
    soft, hard = resource.prlimit(decoder.pid, resource.RLIMIT_AS)
    assert soft < hard == 2 << 30


@needs_proc
def test_a_decoder_sees_neither_our_files_nor_our_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AGELENS_SECRET_KEY", "hush")
    with socket.create_server(("127.0.0.1", 0)) as server:
        os.set_inheritable(server.fileno(), True)
        decoder = DecoderProcess()
        decoder.decode(photo(), LIMITS, is_full=True)
        process = Path(f"/proc/{decoder.pid}")
        files = {link.name: str(link.readlink()) for link in (process / "fd").iterdir()}
        kinds = {target.split(":")[0].split(" ")[0] for target in files.values()}
        assert {files[name] for name in "012"} == {"/dev/null"}
        assert kinds == {"/dev/null", "socket", "/memfd"}
        assert f"socket:[{os.fstat(server.fileno()).st_ino}]" not in files.values()
        assert b"hush" not in (process / "environ").read_bytes()
        assert resource.prlimit(decoder.pid, resource.RLIMIT_CORE) == (0, 0)
        decoder.close()


PARENT = """
import sys
from tests.bombs import tiff_of_large_tiles
from webapp.vision.decode.decoder_process import DecoderProcess
from webapp.vision.decode import PhotoLimits
decoder = DecoderProcess()
decoder._await_start()
if sys.argv[1] == "busy":
    from threading import Timer
    Timer(0.3, lambda: print(decoder.pid, flush=True)).start()
    decoder.decode(b"\\xff\\xd8" + b"\\xff" * 19_000_000, PhotoLimits(processor_seconds=500), True)
print(decoder.pid, flush=True)
input()
"""


@needs_proc
@pytest.mark.parametrize("state", ["idle", "busy"])
def test_a_decoder_ends_with_its_parent_however_that_ends(state: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, state],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert not has_ended(pid)
        parent.kill()
        eventually(lambda: has_ended(pid))


LIMITED = """
import mmap
from webapp.vision.decode import PhotoLimits, child
limits, idle_memory = PhotoLimits(), child._limit_process()
left_behind = mmap.mmap(-1, %s)
child._limit_cost(limits, 1_000_000, 1000, idle_memory)
mmap.mmap(-1, limits.memory_for(1_000_000, 1000) // 2)
"""


@needs_proc
@pytest.mark.parametrize(("left_behind", "is_enough"), [(300_000_000, True), (850_000_000, False)])
def test_what_earlier_photos_leave_behind_counts_against_no_other(
    left_behind: int, *, is_enough: bool
) -> None:
    """Codecs keep memory that later photos cannot use; a photo gets its own share beside it, within
    the limit for the process.
    """
    code = LIMITED % left_behind
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=False, text=True
    )
    assert (ended.returncode == 0) == is_enough, ended.stderr
    assert is_enough or "Cannot allocate memory" in ended.stderr
