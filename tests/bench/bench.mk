# What the core costs on an emulated Cortex-M4F. Included by the top-level Makefile after the twin's; `make bench`.
#
#   USER_C_MODULES=<folder>      ulab's checkout; needed
#   RECORDING=<folder>           measure on this recording (default: the demo, around its change)
#   BENCH_MINUTES=<number>       of stream to watch the memory for (default 3; an hour is 60)

BENCH_ROOT := $(abspath $(dir $(lastword $(MAKEFILE_LIST))))
BENCH_BUILD := $(TWIN_ROOT)/build/bench
BENCH_LOG := $(TWIN_ROOT)/build/bench.log
BENCH_INPUTS := $(shell find $(BENCH_ROOT)/board $(BENCH_ROOT)/on_mcu $(BENCH_ROOT)/manifest.py \
    $(TWIN_ROOT)/device/hipcue -not -name '*.pyc' -not -name __pycache__)
BENCH_MINUTES ?= 3

# One line names everything missing.
define BENCH_TOOLS_CHECK
missing=; \
command -v arm-none-eabi-gcc >/dev/null || missing="$$missing gcc-arm-none-eabi libnewlib-arm-none-eabi"; \
command -v qemu-system-arm >/dev/null || missing="$$missing qemu-system-arm"; \
if [ -z "$$missing" ] && ! echo '#include <stdio.h>' | arm-none-eabi-gcc -E - >/dev/null 2>&1; then \
    missing=" libnewlib-arm-none-eabi"; \
fi; \
if [ -n "$$missing" ]; then \
    echo "bench: missing on this machine:$$missing. Install with: apt-get install$$missing" >&2; \
    exit 2; \
fi
endef

.PHONY: bench
ifdef USER_C_MODULES
bench: venv $(BENCH_BUILD)/firmware.elf
	@$(VENV)/bin/python $(BENCH_ROOT) --firmware $(BENCH_BUILD)/firmware.elf --minutes $(BENCH_MINUTES) \
	    --answers $(BENCH_BUILD)/answers.json $(if $(RECORDING),--recording $(RECORDING))
else
bench:
	@echo 'bench: counts nothing, because real ulab is not linked in: name its checkout, make bench USER_C_MODULES=<folder>' >&2
	@exit 2
endif

# The port's own makefile does not notice files that left the manifest, or a new size of the heap (main.o).
$(BENCH_BUILD)/firmware.elf: $(TWIN_CROSS) $(BENCH_INPUTS)
	@$(BENCH_TOOLS_CHECK)
	@rm -f $(BENCH_BUILD)/frozen_content.c $(BENCH_BUILD)/main.o
	@echo 'bench: building build/bench/firmware.elf'
	+@$(TWIN_MAKE) -C $(TWIN_SOURCE)/ports/qemu BOARD_DIR=$(BENCH_ROOT)/board BUILD=$(BENCH_BUILD) \
	    MPY_LIB_DIR=$(TWIN_SOURCE) MICROPY_MPYCROSS=$(TWIN_CROSS) FROZEN_MANIFEST=$(BENCH_ROOT)/manifest.py \
	    USER_C_MODULES=$(abspath $(USER_C_MODULES)) >$(BENCH_LOG) 2>&1 || { tail -n 20 $(BENCH_LOG) >&2; exit 1; }
	@touch $@
