# Nothing of the twin needs these, and leaving them out needs no libraries of the host.
MICROPY_PY_FFI = 0
MICROPY_PY_SSL = 0
MICROPY_PY_BTREE = 0
MICROPY_PY_BLUETOOTH = 0
MICROPY_PY_SOCKET = 0
MICROPY_PY_THREAD = 0

# The frozen drivers hold viper code, which needs an emitter for this machine.
TWIN_EMITTER_x86_64 = x64
TWIN_EMITTER_i686 = x86
TWIN_EMITTER := $(TWIN_EMITTER_$(shell uname -m))
ifeq ($(TWIN_EMITTER),)
$(error twin: MicroPython makes no native code for $(shell uname -m), which the drivers need; use x86-64)
endif
MPY_CROSS_FLAGS += -march=$(TWIN_EMITTER)

# Speed over size, as the ESP32 port builds.
COPT = -O2

# Without linked-in modules the stand-in for ulab is frozen beside the device code.
FROZEN_MANIFEST ?= $(VARIANT_DIR)/$(if $(USER_C_MODULES),manifest.py,manifest_stand_in.py)
