# make fuzz   decoder, recover, frames, settings and the clip's console: hypothesis, then atheris for 60 s
#
#   FUZZ_EXAMPLES=<number>   of hypothesis, for each test (default 1000; of those on the twin a twentieth)
#   FUZZ_S=<seconds>         of atheris (default 60)

FUZZ_READY := $(VENV)/.fuzz-installed
FUZZ_EXAMPLES ?= 1000
FUZZ_S ?= 60

.PHONY: fuzz
fuzz: venv twin $(FUZZ_READY)
	@FUZZ_EXAMPLES=$(FUZZ_EXAMPLES) $(VENV)/bin/python -m pytest tests/host/test_fuzz.py tests/host/test_fuzz_clip.py
	@if $(VENV)/bin/python -c 'import atheris' 2>/dev/null; then \
	    $(VENV)/bin/python tests/fuzz/with_atheris.py -max_total_time=$(FUZZ_S) -verbosity=0; \
	else \
	    echo 'fuzz: there is no atheris for this machine (Linux on x86-64, CPython 3.11 to 3.14): hypothesis ran alone' >&2; \
	fi

$(FUZZ_READY): pyproject.toml | venv
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[fuzz]'
	@touch $@
