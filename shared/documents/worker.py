"""The child process that opens what strangers send: `python -m shared.documents.worker COMMAND LIMITS`.

Bytes come in on standard input and go out on standard output: one line of JSON, then the PDF. Nothing is written to a
disk. Before the first byte is parsed the process gives up memory beyond its limit, computing time, and every further
file and connection. A refusal is an answer; what has another exit code was no verdict on the paper.
"""

import json
import os
import resource
import sys

from shared.documents import drawn, papers, photos
from shared.documents.errors import DocumentRefused, Reason
from shared.documents.kinds import HEAD_BYTES, KINDS, Kind
from shared.documents.limits import Limits

# The beginning of something else within the file, in small letters: such an original is never handed out.
FOREIGN = (
    b"%pdf-", b"pk\x03\x04", b"rar!\x1a", b"\x7felf", b"this program cannot be run in dos mode",
    b"<script", b"<html", b"<!doctype", b"<svg", b"<?php",
)  # fmt: skip


def restrict(limits: Limits) -> None:
    """Give up what is not needed for drawing, for good."""
    wanted = {
        resource.RLIMIT_AS: (limits.memory_bytes, limits.memory_bytes),
        resource.RLIMIT_CPU: (limits.seconds, limits.seconds + 1),  # SIGXCPU tells that it was this limit
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_FSIZE: (0, 0),
        resource.RLIMIT_NOFILE: (0, 0),  # those that are open stay so; nothing else, a socket neither, can be opened
    }
    for limit, value in wanted.items():
        try:
            resource.setrlimit(limit, value)
        except (ValueError, OSError):
            # macOS, where people develop, knows no limit of memory.
            if sys.platform == "linux":
                raise


def prepare(data: bytes, kind: Kind, limits: Limits) -> tuple[dict[str, object], bytes]:
    """Return what is known of the paper, and its drawn copy."""
    if kind == "pdf":
        locked = papers.is_active(data)
        pages = list(papers.draw(data, limits))
    else:
        locked = False
        pages = [photos.draw(data, kind, limits)]
    return {"pages": len(pages), "locked": locked or is_something_else(data)}, drawn.write(pages)


def is_something_else(data: bytes) -> bool:
    """Whether another kind of file begins within this one."""
    rest = data[max(data.find(b"%PDF-", 0, HEAD_BYTES) + 5, 4) :].lower()
    return any(beginning in rest for beginning in FOREIGN)


def combine(data: bytes) -> tuple[dict[str, object], bytes]:
    """Return one PDF of several drawn ones: a line of JSON with their lengths, then they themselves."""
    line, _, rest = data.partition(b"\n")
    pages = []
    for length in json.loads(line):
        pages += drawn.read(rest[:length])
        rest = rest[length:]
    return {"pages": len(pages), "locked": False}, drawn.write(pages)


def answer(command: str, data: bytes, limits: Limits) -> tuple[dict[str, object], bytes]:
    """Do as told; a refusal is an answer too."""
    out_of_memory: Reason = "too-complex" if command in {"pdf", "combine"} else "too-many-pixels"
    try:
        about, pdf = combine(data) if command == "combine" else prepare(data, _kind(command), limits)
        if len(pdf) > limits.max_output_bytes:
            raise DocumentRefused("too-complex")
    except DocumentRefused as refused:
        return {"reason": refused.reason}, b""
    except MemoryError:
        return {"reason": out_of_memory}, b""
    except RecursionError:
        return {"reason": "too-complex"}, b""
    return about, pdf


def _kind(command: str) -> Kind:
    return next(kind for kind in KINDS if kind == command)


def main() -> None:
    """Read, restrict, answer."""
    command, limits = sys.argv[1], Limits.from_json(sys.argv[2])
    # Libraries may print: what they say does not belong into the answer.
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    data = sys.stdin.buffer.read()
    photos.rehearse()
    papers.rehearse()
    restrict(limits)
    about, pdf = answer(command, data, limits)
    output.write(json.dumps(about).encode() + b"\n" + pdf)
    output.flush()
    os._exit(0)  # nothing of a library's clean-up is wanted, nor could it fail now


if __name__ == "__main__":
    main()
