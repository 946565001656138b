"""MicroPython's prompt, friendly and raw, which the unix port cannot serve on a serial line.

The raw REPL follows docs/reference/repl.html; raw-paste mode is declined.
`serve` returns when a soft reset is asked for.
"""

import io

import usys

from twin import clock, console_sys, line, scene

_CTRL_A = 0x01
_CTRL_B = 0x02
_CTRL_C = 0x03
_CTRL_D = 0x04
_BACKSPACES = (0x08, 0x7F)
_ENTER = 0x0D
_RAW_PASTE_REQUEST = b"\x05A"
_END = b"\x04"
_OWN_FRAME = '  File "twin/'

in_raw_mode = False


def serve(namespace):
    """Run what comes in, in the dict `namespace`, until a soft reset is asked for."""
    while _serve_raw(namespace) if in_raw_mode else _serve_friendly(namespace):
        pass


def execute(source, namespace, mode="exec", name="<stdin>"):
    """Run `source` and return the traceback as text, empty if all went well; SystemExit passes."""
    line.interrupt_char = _CTRL_C
    try:
        exec(compile(source, name, mode), namespace)
    except SystemExit:
        raise
    except BaseException as error:
        return _traceback(error)
    finally:
        line.interrupt_char = line.NO_INTERRUPT
    return ""


def _traceback(error):
    """Return the traceback of `error` without the frames that ran it."""
    text = io.BytesIO()  # a name in noise need not be UTF-8
    usys.print_exception(error, text)
    kept = _as_text(text.getvalue()).split("\n")
    while len(kept) > 1 and kept[1].startswith(_OWN_FRAME):
        kept.pop(1)
    return "\n".join(kept)


def _next_byte():
    return console_sys.stdin.buffer.read(1)[0]


def _banner():
    version = usys.version[usys.version.index("MicroPython") :]
    line.write(b'%s; %s\r\nType "help()" for more information.\r\n' % (version, usys.implementation._machine))


def _serve_raw(namespace):
    """Serve the raw REPL; return whether to go on (in the friendly one)."""
    global in_raw_mode
    _greet_raw()
    command = bytearray()
    while True:
        byte = _next_byte()
        if byte == _CTRL_A:
            if command == _RAW_PASTE_REQUEST:
                line.write(b"R\x00")
            else:
                _greet_raw()
            command = bytearray()
        elif byte == _CTRL_B:
            in_raw_mode = False
            line.write(b"\r\n")
            return True
        elif byte == _CTRL_C:
            command = bytearray()
        elif byte != _CTRL_D:
            command.append(byte)
        elif not command:
            line.write(b"OK\r\n")
            return False
        else:
            _execute_raw(command, namespace)
            command = bytearray()


def _greet_raw():
    line.write(b"raw REPL; CTRL-B to exit\r\n>")


def _execute_raw(command, namespace):
    if scene.current.acts:
        scene.current.acts.hear(bytes(command), clock.now_us())
    line.write(b"OK")
    try:
        complaint = execute(bytes(command), namespace)
    except SystemExit:
        line.write(_END + _END)
        raise
    line.write(_END)
    console_sys.stdout.write(complaint)
    line.write(_END + b">")


def _serve_friendly(namespace):
    """Serve the friendly REPL; return whether to go on (in the raw one)."""
    global in_raw_mode
    _banner()
    source = ""
    while True:
        line.write(b"... " if source else b">>> ")
        text, end = _edit_line()
        if end == _CTRL_A:
            in_raw_mode = True
            return True
        if end == _CTRL_B:
            _banner()
        if end == _CTRL_D and not source:
            return False
        if end != _ENTER:
            source = ""
            continue
        source += text + "\n"
        if _is_complete(source, text):
            console_sys.stdout.write(execute(source, namespace, "single"))
            source = ""


def _edit_line():
    """Echo one line; return it and the control character that ended it."""
    text = bytearray()
    while True:
        byte = _next_byte()
        if byte in (_CTRL_A, _CTRL_B, _CTRL_C, _CTRL_D, _ENTER):
            if byte == _CTRL_D and text:
                continue
            line.write(b"\r\n")
            return _as_text(text), byte
        if byte in _BACKSPACES:
            if text:
                text = text[:-1]
                line.write(b"\x08 \x08")
        elif byte >= 0x20:
            text.append(byte)
            line.write(bytes((byte,)))


def _as_text(typed):
    """Return what was typed; noise that is no UTF-8 with a character in its place that no program may hold."""
    try:
        return typed.decode()
    except UnicodeError:
        return "".join([chr(byte) if byte < 0x80 else "?" for byte in typed])


def _is_complete(source, last_line):
    """Return whether `source` can be run: a block ends with an empty line, a bracket with its partner."""
    opened = sum(source.count(bracket) for bracket in "([{")
    closed = sum(source.count(bracket) for bracket in ")]}")
    if opened > closed:
        return False
    is_block = source.split("\n")[0].rstrip().endswith(":") or source.startswith("@")
    return not is_block or not last_line.strip()
