"""Finding the clip among the serial ports, by the USB identity of its board."""

from host_tools.errors import NO_CLIP, SEVERAL_CLIPS, HipCueError

# (vendor, product or None for all): USB bridges of ESP32 boards and Espressif's own USB.
USB_IDENTITIES = (
    (0x303A, None),  # Espressif: native USB of the ESP32-S3, FeatherS3 included
    (0x10C4, 0xEA60),  # Silicon Labs CP210x
    (0x1A86, 0x7523),  # WCH CH340
    (0x1A86, 0x55D3),  # WCH CH343
    (0x1A86, 0x55D4),  # WCH CH9102
    (0x0403, 0x6001),  # FTDI FT232R
    (0x0403, 0x6010),  # FTDI FT2232H
    (0x0403, 0x6015),  # FTDI FT231X
)


def find_port():
    """Return the device name of the only board that is plugged in; HipCueError 10 for none, 11 for several."""
    from serial.tools import list_ports

    boards = [port for port in list_ports.comports() if _is_board(port)]
    if not boards:
        raise HipCueError("No clip is plugged in; connect one, or name its port with --port.", NO_CLIP)
    if len(boards) > 1:
        names = ", ".join("%s (%s)" % (port.device, port.serial_number or port.description) for port in boards)
        raise HipCueError("Several boards are plugged in: %s; choose one with --port." % names, SEVERAL_CLIPS)
    return boards[0].device


def _is_board(port):
    return any(port.vid == vendor and product in (None, port.pid) for vendor, product in USB_IDENTITIES)
