"""Waiting: where virtual time passes, and with printing the only places where the console is heard.

At a halt of the scene the clock stands still until a byte comes. In real time
(`follow_wall_clock`) it keeps to the wall clock instead, and halts do not count.
"""

import utime

from twin import clock, interrupts, line, power, progress, scene, timers

_realtime = False
_wall_us = 0
_last_ticks = 0


def follow_wall_clock():
    """From now on let waits take as long as they say."""
    global _realtime
    _realtime = True


def until(target_us, wake_on_input=False):
    """Wait until `target_us`; with `wake_on_input`, return early, and True, when input is waiting."""
    if not line.attached:
        _run_until(target_us)
        return False
    if _hear(0, wake_on_input):
        return True
    wait = _until_on_wall_clock if _on_wall() else _until_past_halts
    woken = wait(target_us, wake_on_input)
    interrupts.stall_us(scene.current.stall_us(clock.now_us()))
    if clock.now_us() >= progress.due_us:
        progress.show()
    power.check_watchdog()
    cause = scene.current.reset_cause(clock.now_us())
    if cause is not None:
        raise power.Reset(cause)
    return woken


def _on_wall():
    """Return whether time keeps to the wall clock: asked for, or while a made-up wearer has nothing to do."""
    acts = scene.current.acts
    if acts is None or _realtime:
        return _realtime
    if acts.going_on(clock.now_us()):
        meet_wall_clock()
        return False
    return True


def for_input():
    """Wait until input is waiting. Outside real time the clock stands still meanwhile."""
    while not line.waiting():
        for_more_input()


def for_more_input():
    """Wait until something comes in, whatever is waiting already."""
    _hear(-1, False)
    if _realtime:
        _run_until(_wall())


def hear_interrupt():
    """KeyboardInterrupt if its character has come in, where there is one. For code that prints and never waits."""
    if line.interrupt_char != line.NO_INTERRUPT:
        _hear(0, False)


def _hear(timeout_ms, wake_on_input):
    """Take what has come in; KeyboardInterrupt if it says so; return whether it ends the wait."""
    if line.receive(timeout_ms):
        scene.current.pass_halts(clock.now_us())
        line.raise_interrupt()
    return wake_on_input and line.waiting() > 0


def _until_past_halts(target_us, wake_on_input):
    current = scene.current
    while current.next_halt_us <= target_us:
        _run_until(current.next_halt_us)
        progress.show(halted=True)
        if _hear(-1, wake_on_input):
            return True
    _run_until(target_us)
    return False


def _until_on_wall_clock(target_us, wake_on_input):
    while True:
        wall_us = _wall()
        _run_until(min(wall_us, target_us))
        if wall_us >= target_us:
            return False
        if _hear((min(target_us, interrupts.next_edge_us()) - wall_us) // 1000 + 1, wake_on_input):
            _run_until(_wall())
            return True


def _run_until(target_us):
    """Let time pass until `target_us`, or longer if a handler takes longer, with the timers' calls on their way."""
    while timers.next_us() <= target_us:
        interrupts.run_until(timers.next_us())
        timers.fire()
    interrupts.run_until(target_us)


def meet_wall_clock():
    """Let the wall's time be the virtual clock's from here on."""
    global _wall_us, _last_ticks
    _wall_us = clock.now_us()
    _last_ticks = utime.ticks_us()


def _wall():
    """Return the wall time since the start in us, past the wrap of the ticks."""
    global _wall_us, _last_ticks
    now = utime.ticks_us()
    _wall_us += utime.ticks_diff(now, _last_ticks)
    _last_ticks = now
    return _wall_us
