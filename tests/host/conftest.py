"""The core's `ulab` on CPython is NumPy behind the allow-list, in every test."""

from host_tools import ulab

ulab.install()
