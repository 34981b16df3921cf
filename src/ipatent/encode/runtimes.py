"""What runs a model's file: ONNX Runtime on the CPU, and what else is installed beside it.

Whatever runs it, a session is used as ONNX Runtime's own. A runtime that breaks is replaced by ONNX
Runtime on the CPU, which is always there, unless the vectors would be others.
"""

import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import onnxruntime

ONNXRUNTIME, OPENVINO, CUDA, TENSORRT = "onnxruntime", "openvino", "cuda", "tensorrt"
AUTO = "auto"
NAMES = (ONNXRUNTIME, OPENVINO, CUDA, TENSORRT)
FULL, BF16 = "full", "bf16"

Array = npt.NDArray[Any]
Say = Callable[[str], None]

_PROVIDERS = {CUDA: "CUDAExecutionProvider", TENSORRT: "TensorrtExecutionProvider"}
TO_INSTALL = {
    OPENVINO: "pip install 'ipatent[openvino]'",
    CUDA: "pip install onnxruntime-gpu, in place of onnxruntime",
    TENSORRT: "pip install onnxruntime-gpu, in place of onnxruntime, and TensorRT",
}


class Port(Protocol):
    """An input or output of a model."""

    @property
    def name(self) -> str:
        """As the file names it."""
        ...

    @property
    def shape(self) -> Sequence[Any]:
        """Numbers, and names or None where any number will do."""
        ...

    @property
    def type(self) -> str:
        """As ONNX Runtime writes it, e.g. `tensor(float)`."""
        ...


class Session(Protocol):
    """A model that is ready to run, from several threads at once if need be."""

    def get_inputs(self) -> Sequence[Port]:
        """What it takes."""
        ...

    def get_outputs(self) -> Sequence[Port]:
        """What it gives."""
        ...

    def run(self, output_names: Sequence[str] | None, input_feed: Mapping[str, Array]) -> Sequence[Any]:
        """The outputs named, or all, as arrays."""
        ...


class RuntimeFailed(Exception):
    """A runtime cannot be had or cannot run the model; its text says why, without a full stop."""


def installed() -> tuple[str, ...]:
    """The runtimes that this installation has, ONNX Runtime on the CPU first; nothing is loaded."""
    offered = onnxruntime.get_available_providers()
    extra = [name for name, provider in _PROVIDERS.items() if provider in offered]
    return (ONNXRUNTIME, *([OPENVINO] if find_spec("openvino") else []), *extra)


def versions() -> str:
    """The versions of what runs models here, as text to compare with."""
    found = [f"onnxruntime {onnxruntime.__version__} {','.join(onnxruntime.get_available_providers())}"]
    with suppress(PackageNotFoundError):
        found.append(f"openvino {version('openvino')}")
    return "; ".join(found)


def open_onnxruntime(path: Path, threads: int) -> Session:
    """The model on the CPU; raises whatever ONNX Runtime does for a file that it cannot read."""
    session: Session = onnxruntime.InferenceSession(
        str(path), _options(threads), providers=["CPUExecutionProvider"]
    )
    return session


def open_in(name: str, path: Path, threads: int, precision: str = FULL) -> Session:
    """The model in `path`, run by the runtime `name`; raises RuntimeFailed where that cannot be.

    `precision` is `full`, or `bf16` for 16-bit floats inside, which OpenVINO alone does here.
    """
    if name not in installed():
        raise RuntimeFailed(f"it is not installed ({TO_INSTALL[name]})")
    if precision != FULL and name != OPENVINO:
        raise RuntimeFailed(f"it does not run in {precision}")
    try:
        if name == OPENVINO:
            return OpenVinoSession(path, threads, precision)
        if name in _PROVIDERS:
            return _open_on_card(name, path, threads)
        return open_onnxruntime(path, threads)
    except RuntimeFailed:
        raise
    except Exception as error:
        # The runtimes' exceptions share no public base class but Exception.
        raise RuntimeFailed(short(error)) from None


def at_precision(preprocessing: str, precision: str) -> str:
    """The version of the way to a vector, which is another one at another precision than `full`."""
    return preprocessing if precision == FULL else f"{preprocessing}+{precision}"


def short(error: Exception) -> str:
    """An exception's text on one line, cut, without a full stop."""
    return " ".join(str(error).split())[:200].rstrip(".") or type(error).__name__


def _options(threads: int) -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Only errors: warnings about shapes of other people's exports are none of the user's business.
    options.log_severity_level = 3
    return options


def _open_on_card(name: str, path: Path, threads: int) -> Session:
    provider = _PROVIDERS[name]
    settings: dict[str, str] = {}
    if name == CUDA:
        # Without this, products are rounded to ten bits, and vectors are no longer the CPU's.
        settings = {"use_tf32": "0"}
    else:
        # Building an engine takes minutes; it is kept beside the model.
        settings = {"trt_engine_cache_enable": "1", "trt_engine_cache_path": str(path.parent)}
    session = onnxruntime.InferenceSession(
        str(path), _options(threads), providers=[(provider, settings), "CPUExecutionProvider"]
    )
    # ONNX Runtime goes on without a provider whose libraries are missing.
    if provider not in session.get_providers():
        raise RuntimeFailed("its libraries, or a graphics card, are missing")
    opened: Session = session
    return opened


@dataclass(frozen=True, slots=True)
class _Port:
    name: str
    shape: tuple[int | None, ...]
    type: str


class OpenVinoSession:
    """A model compiled by OpenVINO for the CPU, without its reports to its makers."""

    def __init__(self, path: Path, threads: int, precision: str = FULL) -> None:
        """Read and compile the ONNX file; raises what OpenVINO raises."""
        # Importing OpenVINO reports the import to its makers where this package, which it requires, can
        # be imported, too. Nothing may leave the machine.
        sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
        import openvino

        core = openvino.Core()
        # By itself OpenVINO takes bf16 wherever the processor can.
        exact = "bf16" if precision == BF16 else "f32"
        self._model = core.compile_model(
            core.read_model(str(path)),
            "CPU",
            {
                "INFERENCE_PRECISION_HINT": exact,
                "PERFORMANCE_HINT": "LATENCY",
                "INFERENCE_NUM_THREADS": threads,
                "NUM_STREAMS": 1,
            },
        )
        self._of_thread = threading.local()

    def get_inputs(self) -> Sequence[Port]:
        """What it takes."""
        return [_port(one) for one in self._model.inputs]

    def get_outputs(self) -> Sequence[Port]:
        """What it gives."""
        return [_port(one) for one in self._model.outputs]

    def run(self, output_names: Sequence[str] | None, input_feed: Mapping[str, Array]) -> Sequence[Any]:
        """The outputs named, or all, as arrays of their own."""
        # A request holds the arrays of one run, so that each thread needs one.
        if not hasattr(self._of_thread, "request"):
            self._of_thread.request = self._model.create_infer_request()
        found = self._of_thread.request.infer(dict(input_feed))
        wanted = self._model.outputs if output_names is None else output_names
        return [np.array(found[one]) for one in wanted]


def _port(port: Any) -> Port:
    shape = tuple(side.get_length() if side.is_static else None for side in port.get_partial_shape())
    kind = {"f32": "float", "f16": "float16", "i64": "int64", "i32": "int32", "u8": "uint8"}
    of = port.get_element_type().get_type_name()
    return _Port(port.get_any_name(), shape, f"tensor({kind.get(of, of)})")


@dataclass(slots=True, eq=False)
class GuardedSession:
    """A session that gives way to another, for good, when it fails at work.

    `spare` opens the other one; where it cannot, or where the other fails too, the input was bad, and
    its exception is passed on.
    """

    session: Session
    name: str
    spare: Callable[[], Session]
    say: Say
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _failed: bool = False

    def get_inputs(self) -> Sequence[Port]:
        """What it takes."""
        return self.session.get_inputs()

    def get_outputs(self) -> Sequence[Port]:
        """What it gives."""
        return self.session.get_outputs()

    def run(self, output_names: Sequence[str] | None, input_feed: Mapping[str, Array]) -> Sequence[Any]:
        """The outputs named, or all, by whichever session works."""
        try:
            return self.session.run(output_names, input_feed)
        except Exception as error:
            # The runtimes' exceptions share no public base class but Exception.
            with self._lock:
                spare = self.session if self._failed else self.spare()
            found = spare.run(output_names, input_feed)
            with self._lock:
                if not self._failed:
                    self.session, self._failed = spare, True
                    self.say(f"Runtime {self.name} failed: {short(error)}. {ONNXRUNTIME} goes on instead.")
            return found
