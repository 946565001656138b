"""The figures as lines of text, and which of them miss their bar."""

from on_mcu.stages import STAGES

PUSH_BAR = 2.0e6  # instructions per second of running
ENVELOPE_BAR = 3.0e6  # with the glute envelopes
MEMORY_BAR_KB = 40.0
LATE_BAR_BLOCKS = 1
# A per-sample update in plain MicroPython (micropython-fusion) at 208 Hz on the same emulated MCU.
MADGWICK = 17.5e6
KB = 1024.0


def bars(answers, counted_s):
    """Return [(name, text, bar's text, met)] of every figure that has a bar."""
    push = answers["cost"]["push"] / counted_s
    with_envelopes = push + answers["envelopes"] / counted_s
    memory, live = answers["memory"], answers["live_bytes"]
    late = answers["cost"]["late_blocks"]
    return [
        ("IMU core, instructions/s", millions(push), "2.0 M", push <= PUSH_BAR),
        ("IMU core and envelopes, instructions/s", millions(with_envelopes), "3.0 M", with_envelopes <= ENVELOPE_BAR),
        ("state and work memory, most that lives", "%.1f KB" % (live / KB), "40 KB", live <= MEMORY_BAR_KB * KB),
        (
            "state at the end of each minute",
            " ".join("%.1f" % (each / KB) for each in memory["state_bytes"]) + " KB",
            "not growing",
            not growing(memory["state_bytes"]),
        ),
        ("from the stance's last block to the decision", "%d block" % late, "1 block", late <= LATE_BAR_BLOCKS),
    ]


def growing(state_bytes):
    """Return whether the memory that lives after each minute rose after the first two."""
    later = state_bytes[1:]
    return bool(later) and later[-1] > later[0]


def stages(functions, counted_s):
    """Return [(stage, instructions/s, [(function, instructions/s, calls/s)])] of the rows of STAGES, dearest first."""
    table = {}
    for (stage, _, name), (instructions, calls) in zip(STAGES, functions, strict=True):
        table.setdefault(stage, []).append((name, instructions / counted_s, calls / counted_s))
    found = [(stage, sum(row[1] for row in rows), rows) for stage, rows in table.items()]
    return sorted(found, key=lambda row: -row[1])


def lines(answers, counted_s):
    """Return the report on cost and memory as lines of text."""
    cost, memory = answers["cost"], answers["memory"]
    push = cost["push"] / counted_s
    text = ["", "Instructions per second of running, by stage"]
    accounted = 0.0
    for stage, instructions, rows in stages(answers["functions"], counted_s):
        accounted += instructions
        text.append("  %-36s %s" % (stage, millions(instructions)))
        text += ["    %-34s %s  %5.1f calls/s" % (name, millions(spent), calls) for name, spent, calls in rows]
    text += [
        "  %-36s %s  (timed function by function; %s timed whole)" % ("sum", millions(accounted), millions(push)),
        "  %-36s %s  (the firmware's, once a step; heap of %d KB)"
        % ("collecting garbage, not in the core", millions(cost["collect"] / counted_s), memory["heap_bytes"] / KB),
        "  %-36s %s" % ("glute envelopes", millions(answers["envelopes"] / counted_s)),
        "  %-36s %s  (1/%.1f of it: the core)" % ("Madgwick, plain MicroPython", millions(MADGWICK), MADGWICK / push),
        "  %-36s %s" % ("dearest block, instructions", millions(cost["dearest_push"])),
        "",
        "Memory, 32 bit",
        "  %-36s %.1f KB mean, %.1f KB largest" % ("allocated by a block", *[b / KB for b in memory["block_bytes"]]),
        "  %-36s %s KB"
        % ("peak by minute, nothing freed in it", " ".join("%.1f" % (each / KB) for each in memory["peak_bytes"])),
        "  %-36s %d KB" % ("smallest heap that it runs in", answers["smallest_heap_kb"]),
        "",
        "Bars",
    ]
    for name, value, bar, met in bars(answers, counted_s):
        text.append("  %-46s %-22s bar %-12s %s" % (name, value, bar, "met" if met else "MISSED"))
    return text


def comparison_line(facts):
    """Return a sentence on the results against CPython's."""
    return (
        "Results: checksum %08x on the MCU, %08x on CPython; of %d steps %d differ when rounded to 0.01 deg, "
        "by %.1e deg at most; side or quality differ in %d, %d steps have no counterpart."
        % (
            facts["checksum"], facts["reference_checksum"], facts["steps"], facts["differing"],
            facts["most_deg"], facts["side_or_quality"], facts["unmatched"],
        )
    )  # fmt: skip


def millions(instructions):
    """Return a number as `1.234 M`."""
    return "%6.3f M" % (instructions / 1e6)
