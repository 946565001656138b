"""Turns steps, cues and events into log records, and keeps recording safe when flash is full."""

from hipcue.contract import record
from hipcue.contract.config import version
from hipcue.contract.emg import FRONT_ENDS_UV, packed_amplitude, packed_onset
from hipcue.contract.signals import SIDE_LEFT, SIDE_RIGHT, UNKNOWN_I16, UNKNOWN_U8, UNKNOWN_U16
from hipcue.minute import Minute
from hipcue.often import Often
from hipcue.room import Room
from hipcue.store import files
from hipcue.store.folder import FOLDER, next_number
from hipcue.store.log import Log
from hipcue.store.session import FlashFull, Session

EVENT = record.EVENT_CODES
SETTLING = record.QUALITY_BITS["settling"]
FAILS = "hipcue: the flash fails (error %d); measuring and cueing go on, nothing is recorded"
FULL = "hipcue: the flash is full; measuring and cueing go on, nothing is recorded"
FLASH_FULL = 4
ENOSPC = 28
MOST_CDEG = 32767
MOST_WAITING = 16
MOST_UNSETTLED = 20  # more than wait in the core
# Full blocks that the file takes at once: each time it erases a sector for the part of one that was written before.
COMMIT_BLOCKS = 6


def centidegrees(value_deg):
    """Return degrees as 0.01 deg for a record; None as unknown."""
    if value_deg is None:
        return UNKNOWN_I16
    return max(-MOST_CDEG, min(MOST_CDEG, round(100.0 * value_deg)))


def tenths_of_hz(value_hz):
    """Return a frequency as 0.1 Hz for a record; None as unknown."""
    return UNKNOWN_U16 if value_hz is None else round(10.0 * value_hz)


class Recorder:
    """One session at a time.

    `about()` returns the facts for its schema; `config`: the values by name; `front_end`: the muscle front end's kind;
    `journal`: a Journal, which keeps what the file does not hold yet; `reset_memory`: a ResetMemory, which keeps what
    neither holds.
    """

    def __init__(self, clip_id, config, about, front_end, reset_memory, journal):
        self._clip_id = clip_id
        self._config = config
        self._about = about
        self._unit_uv = FRONT_ENDS_UV[front_end]
        self._reset_memory = reset_memory
        self._journal = journal
        self._kept = None  # session, records, blocks, unsettled steps and counts that the reset memory stands for
        self._all_fit = True  # of them in it
        self._unsettled = []  # steps that were decided, but are not in the log yet
        # What the log would hold of them after a reset, of faults that were counted alone and of a summary's minute.
        self._unsettled_log = Log(0, clip_id, None, queue_blocks=1)
        self._session = None
        self._room = Room()
        self._minute = Minute()
        self._waiting = []  # events before the session begins
        self._not_waiting = 0  # more of them than can wait
        self._often = Often()
        self._battery_mv = 0
        self._samples = [UNKNOWN_I16] * record.TRACE_SAMPLES
        self._sample_count = 0
        self._sample_us = 0
        self._full = False

    @property
    def recording(self):
        """Whether a session is open, or would be but for a full flash."""
        return self._session is not None or self._full

    def waiting(self):
        """Return whether there are events that no session holds yet."""
        return bool(self._waiting)

    def steps(self):
        """Return the steps of the open session."""
        return self._session.steps if self._session else 0

    def start(self, now_ms, unix_ms):
        """Open the next session and return whether flash takes it.

        `unix_ms` is the wall clock at `now_ms`, None when it is not known.
        """
        try:
            files.make_folder(FOLDER)
            self._session = Session(next_number(), self._clip_id, self._about(), now_ms)
        except OSError as error:
            if error.errno == ENOSPC:
                print(FULL)
            else:
                print(FAILS % error.errno)
                self.event(EVENT["flash_fault"], error.errno, now_ms)  # for the next session that flash takes
            self._full = True
            return False
        self._room = Room()
        self._minute = Minute()
        self._session.battery_mv = self._battery_mv
        if unix_ms is not None:
            self._session.add_clock(now_ms, unix_ms)
        self.event(EVENT["settings"], version(self._config), now_ms)
        self._check_room(now_ms)
        waiting, self._waiting = self._waiting, []
        self._session.dropped, self._not_waiting = self._not_waiting, 0
        for code, value, time_ms in waiting:
            if self._session:  # its own events may fill the flash
                self._session.add_event(time_ms, code, value)
            self.commit(now_ms)  # events far apart take a block each, and no more than a few can wait
        self.commit(now_ms)
        return True

    def event(self, code, value, now_ms):
        """Log an event; before a session it waits for the next one, unless the flash is full.

        A fault that comes again and again is counted, and the count logged.
        """
        if not self._often.tells(code, value, now_ms):
            return
        if self._session:
            self._session.add_event(now_ms, code, value)
        elif self._full:
            return
        elif len(self._waiting) < MOST_WAITING:
            self._waiting.append((code, value, now_ms))
        else:
            self._not_waiting += 1

    def battery(self, voltage_mv):
        """Note the battery voltage for the blocks to come."""
        self._battery_mv = voltage_mv
        if self._session:
            self._session.battery_mv = voltage_mv

    def samples_lost(self, count, now_ms):
        """Count and log lost samples."""
        if self._session:
            self._session.samples_lost += count
        self.event(EVENT["samples_lost"], count, now_ms)

    def decided(self, step):
        """Know a step that will settle: a reset before that leaves what the cue knew of it."""
        if self._session:
            self._unsettled.append(step)
            del self._unsettled[:-MOST_UNSETTLED]

    def step(self, step):
        """Log a settled step, with its trace if there is one; as part of its minute when there is no room for it."""
        if step in self._unsettled:
            self._unsettled.remove(step)
        if not self._session:
            return
        if self._room.summaries:
            self._summarise(step)
            return
        self._pack(self._session, step, step.quality, step.peak_drop_deg, step.excursion_deg)
        if step.obliquity_deg is not None and not self._room.low:
            self._trace(step)

    def _pack(self, log, step, quality, peak_drop_deg, excursion_deg):
        contact = UNKNOWN_U8
        if step.contact_samples is not None:
            contact = min(UNKNOWN_U8 - 1, round(step.contact_samples * step.interval_us / 2000.0))
        left, right = step.glutes[SIDE_LEFT], step.glutes[SIDE_RIGHT]
        log.add_step(
            step.contact_at_ms,
            quality | step.outcome << record.OUTCOME_SHIFT | step.side << record.SIDE_SHIFT,
            centidegrees(peak_drop_deg), centidegrees(step.peak_drop_causal_deg), centidegrees(excursion_deg), contact,
            packed_amplitude(left.activation_uv, left.quality, self._unit_uv),
            packed_amplitude(right.activation_uv, right.quality, self._unit_uv),
            packed_onset(step.glutes[step.side].onset_ms if step.side else None),
        )  # fmt: skip

    def cue(self, cue, now_ms, latency_ms):
        """Log a cue whose motor went on at `now_ms`."""
        if self._session and self._room.summaries:
            self._minute.cue()
        elif self._session:
            self._session.add_cue(
                now_ms, cue.side, cue.buzz_side, cue.reason, centidegrees(cue.value_deg),
                centidegrees(cue.threshold_deg), min(latency_ms, UNKNOWN_U16 - 1), cue.duration_ms,
                cue.glute, UNKNOWN_U8 if cue.glute_pct is None else min(UNKNOWN_U8 - 1, round(cue.glute_pct)),
            )  # fmt: skip

    def muscles(self, minute, median_frequencies_hz, lost, now_ms):
        """Log what a MuscleMinute has heard, the median frequencies and the samples lost since the last call."""
        if not self._session:
            return
        (left_peak, left_pre), (right_peak, right_pre) = minute.means_uv(SIDE_LEFT), minute.means_uv(SIDE_RIGHT)
        left_hz, right_hz = median_frequencies_hz
        amplitudes = [packed_amplitude(uv, 0, self._unit_uv) for uv in (left_peak, right_peak, left_pre, right_pre)]
        self._session.add_muscle(now_ms, *amplitudes, tenths_of_hz(left_hz), tenths_of_hz(right_hz), lost)

    def emg(self, snippet, now_ms):
        """Log the next record of a Snippet; without room it is given away all the same."""
        if self._session and not self._room.low:
            self._session.add_emg(
                now_ms, snippet.next_ms(), snippet.next_more_us(), snippet.interval_ns, snippet.next_blanked(),
                snippet.next_lead_off(), snippet.origin_left, snippet.origin_right, snippet.next_frames(),
            )  # fmt: skip
        snippet.give()

    def programme(self, programme, now_ms):
        """Log how far a Programme is."""
        if self._session:
            self._session.add_programme(
                now_ms, min(UNKNOWN_U8 - 1, programme.session), round(100 * programme.share),
                min(UNKNOWN_U16 - 1, programme.running_ms // 1000), min(UNKNOWN_U16 - 1, programme.fed_ms // 1000),
                min(UNKNOWN_U16 - 1, programme.cues), centidegrees(programme.tightened_deg),
            )  # fmt: skip

    def repetition(self, exercise, repetition, now_ms):
        """Log a drill's Repetition."""
        if self._session:
            self._session.add_repetition(
                now_ms, exercise, repetition.side, min(UNKNOWN_U16 - 1, round(repetition.peak_pct)),
                repetition.target_pct, min(UNKNOWN_U16 - 1, repetition.hold_ms),
                min(UNKNOWN_U16 - 1, repetition.duration_ms),
            )  # fmt: skip

    def commit(self, now_ms):
        """Write to flash what is due, to journal or file; on a full flash close the session and go on without.

        Return whether anything was written.
        """
        session = self._session
        if not session:
            return False
        if self._often.due(now_ms):
            self._tell_often(session, now_ms)
        self._keep(now_ms)  # a brown-out comes when flash is written
        count = 0
        if session.due(now_ms, self._config["commit_period_s"]):
            if not self._journal.write(session, now_ms):
                count = session.waiting()
        elif session.full() >= COMMIT_BLOCKS or not self._all_fit:
            count = session.full()
        else:
            return False
        if count and not self._write(count, now_ms):
            return True
        self._kept = None
        self._keep(now_ms)
        return True

    def _write(self, count, now_ms):
        """Let the file take `count` blocks; return whether the session goes on."""
        session = self._session
        try:
            session.commit(count)
            self._check_room(now_ms)
        except FlashFull:
            session.add_event(now_ms, EVENT["flash_full"], session.room_bytes)
            self.seal(FLASH_FULL, now_ms)
            self._full = True
            print(FULL)
            return False
        return True

    def seal(self, reason, now_ms):
        """Close the open session, if there is one, with its seal; the next start looks again whether there is room."""
        session, self._session = self._session, None
        self._full = False
        if session:
            self._end_minute(session)
            self._tell_often(session, now_ms)
            if session.dropped:
                session.add_event(now_ms, EVENT["records_dropped"], session.dropped)
            session.add_event(now_ms, EVENT["flash_writes"], session.writes)
            session.seal(reason, now_ms)
            self._unsettled = []
            self._reset_memory.forget()

    def _tell_often(self, session, now_ms):
        """Log what there was of faults that were not told one by one."""
        for code, value in self._often.counted():
            session.add_event(now_ms, code, value)
        self._often.told()

    def _check_room(self, now_ms):
        self._room.check(self._session, now_ms, bool(self._config["trace"]))

    def _keep(self, now_ms):
        """Let the reset memory hold what is not on flash, if that is not what it holds already; know whether it can."""
        session = self._session
        newest = self._unsettled[-1].contact_at_ms if self._unsettled else None
        counted = (self._minute.last_ms, self._often.untold)
        held = (session.number, session.records, session.sequence, newest, counted)
        if held == self._kept:
            return
        self._kept = held
        self._unsettled_log.drop()
        for step in self._unsettled:
            self._pack(self._unsettled_log, step, step.quality | SETTLING, None, None)
        # At the time of the block's first record: half a minute later, they would need another block.
        begun_ms = self._unsettled[0].contact_at_ms if self._unsettled else now_ms
        for code, value in self._often.counted():
            self._unsettled_log.add_event(begun_ms, code, value)
        if self._minute.begun_ms is not None:
            self._unsettled_log.add_summary(self._minute.begun_ms, *self._minute.fields())
        self._all_fit = self._reset_memory.keep(session, self._unsettled_log, now_ms)

    def _summarise(self, step):
        if self._minute.is_over(step.contact_at_ms):
            self._end_minute(self._session)
        self._minute.step(step)

    def _end_minute(self, session):
        if self._minute.begun_ms is not None:
            session.add_summary(self._minute.begun_ms, *self._minute.fields())
            self._minute = Minute()

    def _trace(self, step):
        """Add the samples of `step` to trace records of fixed length; over a gap what fills no record is left out."""
        time_us = step.trace_at_us
        if abs(time_us - self._sample_us - self._sample_count * step.interval_us) > 2 * step.interval_us:
            self._sample_count = 0
        passed_us = 0
        for value in step.obliquity_deg:
            if self._sample_count == 0:
                self._sample_us = time_us + passed_us
            self._samples[self._sample_count] = centidegrees(value)
            self._sample_count += 1
            passed_us += step.interval_us
            if self._sample_count == record.TRACE_SAMPLES:
                time_ms, more_us = divmod(self._sample_us, 1000)
                self._session.add_trace(time_ms, more_us, step.interval_us, self._samples)
                self._sample_count = 0
