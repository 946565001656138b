# make torture-pull   downloads that end anywhere, resumed (see tests/bench/torture_pull.py)
# make bench-pull     what the download makes of its line, and how long a week takes to decode (bench_pull.py)

.PHONY: bench-pull torture-pull
torture-pull bench-pull: venv twin
	@$(VENV)/bin/python tests/bench/$(subst -,_,$@).py
