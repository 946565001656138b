# Builds the twin. Included by the top-level Makefile; `make twin` is the target.
#
#   MICROPYTHON=<binary>         use this twin and build none
#   MICROPYTHON_SOURCE=<folder>  build from this source (MicroPython 1.25 or newer) and fetch none
#   USER_C_MODULES=<folder>      link these modules in (ulab's checkout) in place of the stand-in

TWIN_ROOT := $(abspath $(dir $(lastword $(MAKEFILE_LIST)))/../..)
TWIN_BUILD := $(TWIN_ROOT)/build/twin$(if $(USER_C_MODULES),-ulab)
TWIN_VARIANT := $(TWIN_ROOT)/boards/TWIN
TWIN_CROSS := $(TWIN_ROOT)/build/mpy-cross/mpy-cross
# The source has no repository of its own, and must not take its version from ours.
TWIN_VERSION = v$(shell sed -n 's/^#define MICROPY_VERSION_M[A-Z]* *//p' $(TWIN_SOURCE)/py/mpconfig.h | paste -sd.)
TWIN_MAKE = MICROPY_GIT_TAG=$(TWIN_VERSION) $(MAKE) -s --no-print-directory -j$(shell nproc 2>/dev/null || echo 1)
# The log shows only where the build failed: $(call TWIN_QUIETLY,command)
TWIN_LOG := $(TWIN_ROOT)/build/twin.log
TWIN_QUIETLY = $(1) >$(TWIN_LOG) 2>&1 || { tail -n 20 $(TWIN_LOG) >&2; exit 1; }

ifdef MICROPYTHON_SOURCE
TWIN_SOURCE := $(abspath $(MICROPYTHON_SOURCE))
else
TWIN_SOURCE := $(TWIN_ROOT)/build/micropython
endif

# Folders are listed too: a removed file changes only its folder.
TWIN_INPUTS := $(shell find $(TWIN_VARIANT) $(TWIN_ROOT)/device -not -name '*.pyc' -not -name __pycache__)

.PHONY: twin
ifdef MICROPYTHON
twin:
	@"$(MICROPYTHON)" -c "import twin" || \
	{ echo "twin: MICROPYTHON=$(MICROPYTHON) is not a HipCue twin; unset it and run make twin." >&2; exit 1; }
else
twin: $(TWIN_BUILD)/micropython
endif

# One line names everything missing.
define TWIN_TOOLS_CHECK
missing=; \
for tool in gcc make python3 xz:xz-utils; do \
    command -v $${tool%%:*} >/dev/null || missing="$$missing $${tool##*:}"; \
done; \
if command -v gcc >/dev/null && ! echo '#include <stdio.h>' | gcc -E - >/dev/null 2>&1; then \
    missing="$$missing libc6-dev"; \
fi; \
if [ -n "$$missing" ]; then \
    echo "twin: missing on this machine:$$missing. Install with: apt-get install$$missing" >&2; \
    exit 1; \
fi
endef

$(TWIN_ROOT)/build/micropython/py/mpconfig.h:
	@$(TWIN_TOOLS_CHECK)
	@echo 'twin: fetching the source of MicroPython'
	@sh $(TWIN_VARIANT)/fetch_micropython.sh $(TWIN_ROOT)/build/micropython

$(TWIN_CROSS): $(TWIN_SOURCE)/py/mpconfig.h
	@$(TWIN_TOOLS_CHECK)
	@echo 'twin: building mpy-cross'
	+@mkdir -p $(@D) && $(call TWIN_QUIETLY,$(TWIN_MAKE) -C $(TWIN_SOURCE)/mpy-cross BUILD=$(@D) USER_C_MODULES=)
	@touch $@

# The port's own makefile does not notice files that left the manifest: freeze anew.
$(TWIN_BUILD)/micropython: $(TWIN_CROSS) $(TWIN_INPUTS)
	@$(TWIN_TOOLS_CHECK)
	@rm -f $(TWIN_BUILD)/frozen_content.c
	@echo 'twin: building $(patsubst $(TWIN_ROOT)/%,%,$@)'
	+@$(call TWIN_QUIETLY,$(TWIN_MAKE) -C $(TWIN_SOURCE)/ports/unix VARIANT_DIR=$(TWIN_VARIANT) BUILD=$(TWIN_BUILD) \
	    MPY_LIB_DIR=$(TWIN_SOURCE) MICROPY_MPYCROSS=$(TWIN_CROSS) \
	    $(if $(USER_C_MODULES),USER_C_MODULES=$(abspath $(USER_C_MODULES))))
	@touch $@
