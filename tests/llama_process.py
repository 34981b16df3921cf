"""A llama.cpp server in a process of its own: `python llama_process.py MODEL PROJECTOR CONTEXT`.

Prints its address once it listens. PROJECTOR is `-` for a model of text alone.
"""

import sys
import time

import xllamacpp


def main(model: str, projector: str, context: int) -> None:
    """Serve until killed, on any free port, with one thread."""
    asked = xllamacpp.CommonParams()
    asked.model.path = model
    if projector != "-":
        asked.mmproj.path = projector
        asked.mmproj_use_gpu = False
    asked.n_ctx = context
    asked.n_parallel = 1
    asked.cpuparams.n_threads = 1
    asked.cpuparams_batch.n_threads = 1
    asked.n_threads_http = 2
    asked.hostnames = ["127.0.0.1"]
    asked.port = 0
    asked.warmup = False
    asked.ui = False
    server = xllamacpp.Server(asked)
    print(server.listening_address, flush=True)
    while True:
        time.sleep(1)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
