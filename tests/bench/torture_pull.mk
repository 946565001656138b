# make torture-pull   downloads that end anywhere, resumed (see tests/bench/torture_pull.py)

.PHONY: torture-pull
torture-pull: venv twin
	@$(VENV)/bin/python tests/bench/torture_pull.py
