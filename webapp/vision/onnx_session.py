"""Opens ONNX Runtime sessions the way all our networks are run."""

from __future__ import annotations

import onnxruntime


def open_session(model: bytes, threads: int = 0) -> onnxruntime.InferenceSession:
    """A session on the CPU, safe to run from several threads.

    ``model`` is a serialised ONNX file; ``threads`` is how many cores one call uses, 0 meaning
    all of them. Memory is handed back after every call instead of being kept in an arena that
    grows with each new input size.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_mem_pattern = False
    options.enable_cpu_mem_arena = False
    # Waiting threads sleep instead of spinning: other requests need the cores.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
