"""Prints the bytes of the log that the workload's first session comes to, in hexadecimal.

micropython log_bytes.py MINUTES
"""

import sys
from binascii import hexlify

sys.path.insert(0, sys.argv[0].rsplit("/", 1)[0])

from workload import Workload

print(hexlify(Workload(int(sys.argv[1])).final[1]).decode())
