"""Activation of both gluteus medius muscles per running step, from blocks of raw EMG.

1. Samples collect until a step is read (or the buffer is full); samples while
   a motor ran are replaced by the last one before, since 30 mV of its noise
   would ring on in the filter.
   Up to BRIDGED samples lost in a row are filled in; more are a gap.
2. Band-pass 20 to 400 Hz with carried state (emg_filters.py, which says what
   of it is the converter's), squared and summed in slots of 12 samples
   (emg_slots.py). No notch: it would take EMG along where its power is
   densest; a step with mains in it is marked.
3. Beside it, since the last reading: power at the mains frequency (one
   Fourier coefficient) and power from 2 to 20 Hz (one section on every eighth
   sample; the EMG folded into it is known and taken off).
4. A step gives per channel a Reading. Gluteus medius fires from late swing
   into loading (Semciw et al. 2016), so the quiet part of a channel's stride
   lies in the other side's stance: it is the quieter half of that, since in
   running, muscles near by may burst there for a while.
5. Of every stance 128 samples around the contact go into the average spectrum
   of its own side (emg_spectrum.py).

Nothing here knows which side a stance is on: both channels are read alike, so
electrodes exchanged give exchanged numbers.

Params are what is given, State is what is carried; an Emg made from the same
Params and a State goes on exactly where another stopped. Indices are whole
samples of the stream since the State was new, lost ones included: a number of
samples over the rate is a time. Delays (1.5 samples in the ADS1292's filter,
about 1 ms in the band-pass) are left in.
"""

import math

import micropython
from ulab import numpy as np
from ulab import utils

from hipcue.contract.emg import EMG_INVALID, EMG_QUALITY_BITS
from hipcue.core.emg_filters import emg_band_pass, movement_band_pass, noise_share
from hipcue.core.emg_onset import HELD, THRESHOLD, onset
from hipcue.core.emg_slots import SLOT
from hipcue.core.emg_spectrum import BEFORE, SEGMENT, bin_weights, power, taper
from hipcue.core.emg_state import FRAMES, State
from hipcue.core.filters import sosfilt

CHANNELS = (0, 1)  # left, right
HALF = SLOT // 2

SETTLE_S = 0.04  # that a disturbance rings on in the band-pass: 20 Hz, to 3 %
TONE_STRIDE = 5  # every fifth sample is looked at for mains
TONE_POINTS = 51  # the newest: 255 ms
SLOW_STRIDE = 8
JUDGED_S = 0.7  # mains and motion are judged over no more than this when no steps come
PRE_S = 0.1  # before contact, as the pre-contact phase of Kyrolainen et al. 2005 (J Sports Sci 23:1101)
STEP_S = (0.2, 0.7)  # between contacts, of running or walking

# Samples lost in a row that are filled in and are no gap: what a collection of garbage costs, 2 % of a stance. Called
# gaps, they would take every fifth step away; filled in, they change its activation by 1.5 % RMS (`make emg-accuracy`),
# less than a stance scatters by itself. The log counts them as lost.
BRIDGED = 4
RAILED_SHARE = 0.01
MAINS_SHARE = 0.25
SCATTER = 1.5  # power of every eighth sample over that in the band from which on movement is looked for
CONTRAST = 2.0
BURST = 2.0  # energy of a stance over the quiet part's from which on it is searched for an onset
FLAT_UV = 2.0  # the ADS1292 alone makes 1.6 uV (datasheet SBAS502, section 7.1); skin electrodes more
FLAT_ENERGY = SLOT * FLAT_UV**2
# A chunk is searched for samples at a rail where it has more energy than muscle makes: that of a slot at this RMS,
# or one sample's jump to a rail.
JUMP_UV = 5000.0
JUMP_ENERGY = SLOT * JUMP_UV**2

LEAD_OFF = EMG_QUALITY_BITS["lead_off"]
AT_RAIL = EMG_QUALITY_BITS["at_rail"]
MAINS = EMG_QUALITY_BITS["mains"]
MOTION = EMG_QUALITY_BITS["motion"]
FLAT = EMG_QUALITY_BITS["flat"]
LOW_CONTRAST = EMG_QUALITY_BITS["low_contrast"]
GAP = EMG_QUALITY_BITS["gap"]
BLANKED = EMG_QUALITY_BITS["blanked"]
# What a stance must be free of for its quiet part to be known. Mains and movement are of what a burst has to rise over.
NO_QUIET = EMG_INVALID & ~(MAINS | MOTION)


class Reading:
    """One channel over one step. Amplitudes are uV RMS of the band-passed signal; None is not known.

    activation_uv: over stance. peak_uv: the largest of 24 ms in it.
    pre_activation_uv: the 100 ms before contact. onset_ms: against contact,
    negative before it; None also where there is no burst. quality: bits of
    contract.emg.EMG_QUALITY.
    """

    def __init__(self, quality, activation_uv=None, peak_uv=None, pre_activation_uv=None, onset_ms=None):
        self.quality = quality
        self.activation_uv = activation_uv
        self.peak_uv = peak_uv
        self.pre_activation_uv = pre_activation_uv
        self.onset_ms = onset_ms


class Emg:
    """The core: push blocks, read steps."""

    def __init__(self, params, state=None):
        rate_hz, scale = params.rate_hz, params.scale_uv
        self.params = params
        self.state = state or State()
        self._band = emg_band_pass(rate_hz, scale)
        self._slow = movement_band_pass(rate_hz / SLOW_STRIDE, scale)
        self._most_slow = 1.0 + noise_share(rate_hz / SLOW_STRIDE)  # the EMG that is folded into it, and as much again
        angle = 2.0 * math.pi * params.mains_hz * TONE_STRIDE / rate_hz
        count = range(TONE_POINTS)
        self._tones = np.array([[math.cos(angle * i) for i in count], [math.sin(angle * i) for i in count]])
        self._taper_ends = taper()
        self._weights = bin_weights(emg_band_pass(rate_hz), rate_hz)
        self._scale_uv = scale
        self._full_scale = params.full_scale
        self._judged = int(JUDGED_S * rate_hz)
        self._settle = int(SETTLE_S * rate_hz)
        self._pre = int(PRE_S * rate_hz)
        self._step = int(STEP_S[0] * rate_hz), int(STEP_S[1] * rate_hz)

    @property
    def index(self):
        """The sample that comes next."""
        return self.state.first + self.state.held

    @micropython.native
    def push(self, samples, count, blanked=None, lead_off=0, lost=0):
        """Take `count` frames (int32 left, right, LSB, little-endian) that follow `lost` samples without a value.

        `blanked`: offsets (start, stop) of the frames during which a motor
        ran, or None. `lead_off`: bit 0 left, bit 1 right, if an electrode was
        off at any time in the block. ValueError on a block too long.
        """
        state = self.state
        if lost:
            self._lose(lost)
        if not count:
            return
        start = state.held
        if start + count > FRAMES:
            self._process(None, 0)
            start = state.held
            if start + count > FRAMES:
                raise ValueError("a block of %d frames is more than the core holds (%d)" % (count, FRAMES - SLOT))
        utils.from_int32_buffer(samples, count=2 * count, out=state.frames[2 * start : 2 * (start + count)])
        state.held = start + count
        if state.edge:
            self._close_gap()
        if blanked or lead_off:
            self._mar(start, count, blanked, lead_off)

    def read_span(self, start, stop):
        """Return, for left and right, (RMS in uV over the samples [start, stop) or None, quality bits).

        For contractions outside of steps, of up to a second past. Mains and
        motion are judged since the last reading.
        """
        self._process(None, 0)
        first, end = _slot(start), _slot(stop)
        known = self.state.slots.hold(first, end)
        means = np.mean(self.state.slots.between(first, end), axis=1).tolist() if known else (0.0, 0.0)
        found = []
        for channel in CHANNELS:
            quality = self._marks(channel, start, stop) | self._shares(self.state.channels[channel])
            if not known:
                quality |= GAP
            elif means[channel] < FLAT_ENERGY:
                quality |= FLAT
            found.append((None if quality & EMG_INVALID else math.sqrt(means[channel] / SLOT), quality))
        self._forget_shares()
        return found

    @micropython.native
    def read_step(self, contact, stance_end, previous_contact=None):
        """Return the Reading of left and of right over a step whose stance has ended.

        Whole sample indices: `contact` and `stance_end` of this step,
        `previous_contact` of the step before it (the other side's), None when
        that is not known. Without the reading of that step there is no onset
        and no judgement of contrast.
        """
        state, slots = self.state, self.state.slots
        expected = 1 - state.louder  # by turns
        spectrum = self._process(expected, contact - BEFORE)
        before = contact - self._pre
        first, stop = (contact + HALF) // SLOT, stance_end // SLOT  # the last one whole: no later sample is needed
        if stop - first < 2 * HELD or not slots.hold((before + HALF) // SLOT, stop):
            state.contact = None
            self._forget_shares()
            return Reading(GAP), Reading(GAP)
        at = first - slots.first
        stance = slots.energy[:, at : stop - slots.first]
        count = stop - first
        half = count // 2
        early = np.mean(stance[:, :half], axis=1).tolist()
        late = np.mean(stance[:, half:], axis=1).tolist()
        envelope = stance[:, 1:] + stance[:, :-1]  # of HELD slots
        peaks = np.max(envelope, axis=1).tolist()
        pre = np.mean(slots.energy[:, (before + HALF) // SLOT - slots.first : at], axis=1).tolist()
        means = [(half * early[channel] + (count - half) * late[channel]) / count for channel in CHANNELS]
        period = self._period(contact, previous_contact)
        marred = before < state.marked_until
        readings = []
        for channel in CHANNELS:
            carried = state.channels[channel]
            mean = means[channel]
            late_is_quiet = late[channel] < early[channel]
            quiet = late[channel] if late_is_quiet else early[channel]
            quality = self._judge(carried, mean, quiet, period)
            if marred:
                quality |= self._marks(channel, contact, stance_end)
            if quality & EMG_INVALID:
                readings.append(Reading(quality))
            else:
                begins = None
                if period and not quality and mean > BURST * carried.quiet_energy:
                    begins = self._onset_ms(channel, first + int(np.argmax(envelope[channel])) + HELD, contact)
                pre_uv = None if marred and self._marks(channel, before, contact) else math.sqrt(pre[channel] / SLOT)
                peak_uv = math.sqrt(peaks[channel] / (HELD * SLOT))
                readings.append(Reading(quality, math.sqrt(mean / SLOT), peak_uv, pre_uv, begins))
            carried.stance_energy, carried.stance_quality = mean, quality
            carried.quiet_energy, carried.quiet_slot = quiet, first + half if late_is_quiet else first
        state.contact, state.stance_end = contact, SLOT * stop
        state.louder = 0 if means[0] > means[1] else 1
        own = readings[expected]
        if spectrum is not None and state.louder == expected and not own.quality and own.pre_activation_uv is not None:
            state.channels[expected].spectrum.add(spectrum)
        self._forget_shares()
        return readings

    def median_frequencies_hz(self):
        """Return the median frequency of left and right in Hz, each None when not known; call once a minute."""
        rate_hz = self.params.rate_hz
        return [carried.spectrum.read_hz(self._weights, rate_hz) for carried in self.state.channels]

    # Samples

    def _mar(self, start, count, blanked, lead_off):
        """Mark the newest block, from `start` in the buffer on; what a motor spoilt repeats the last sample before."""
        state = self.state
        first = state.first + start
        for channel in CHANNELS:
            carried = state.channels[channel]
            if blanked:
                begin = start + blanked[0]
                value = state.frames[2 * begin - 2 + channel] if begin else carried.newest
                state.frames[2 * begin + channel : 2 * (start + blanked[1]) : 2] = value
            if lead_off >> channel & 1:
                self._mark(carried.lead_off, first, first + count)
        if blanked:
            self._mark(state.blanks, first + blanked[0], first + blanked[1])

    def _mark(self, spans, start, stop):
        """Mark the samples [start, stop) and those after in which the filter still rings."""
        spans.add(start, stop + self._settle)
        self.state.marked_until = max(self.state.marked_until, stop + self._settle)

    def _lose(self, lost):
        """Pass over `lost` samples: whole slots are skipped, what is left of one on either side is filled.

        A few are no gap: they repeat the last sample, as if the signal had stood still for so long (BRIDGED says why).
        """
        state = self.state
        if lost <= BRIDGED and state.rests and not state.edge:
            if state.held + lost > FRAMES:
                self._process(None, 0)
            self._repeat(lost)
            return
        self._mark(state.gaps, self.index, self.index + lost)
        if state.edge:  # nothing came since the gap before: it goes on
            lost += state.edge
            state.held = state.edge = 0
        short = min(lost, -state.held % SLOT)
        self._repeat(short)
        lost -= short
        if lost:
            self._process(None, 0)
            state.slots.skip(lost // SLOT)
            state.first += lost // SLOT * SLOT
            state.held = state.edge = lost % SLOT
            state.rests = False

    def _repeat(self, count):
        """Add `count` frames like the newest."""
        state = self.state
        for channel in CHANNELS if count else ():
            value = state.frames[2 * state.held - 2 + channel] if state.held else state.channels[channel].newest
            state.frames[2 * state.held + channel : 2 * (state.held + count) : 2] = value
        state.held += count

    def _close_gap(self):
        """Put the first frame after a gap in place of those that the gap left of its slot."""
        state = self.state
        for channel in CHANNELS:
            state.frames[channel : 2 * state.edge : 2] = state.frames[2 * state.edge + channel]
        state.edge = 0

    def _rest(self):
        """Put the filters into the state in which they rest at the first frame: an electrode's offset is no signal.

        For a section without gain at zero frequency, from the transposed
        direct form II of `sosfilt`: z1 = -b0 x, z2 = b2 x.
        """
        self.state.rests = True
        b0, _, b2, _, _, _ = self._band[0]
        for channel in CHANNELS:
            value = self.state.frames[channel]
            state = np.zeros((len(self._band), 2))
            state[0, 0], state[0, 1] = -b0 * value, b2 * value
            self.state.channels[channel].band = state

    @micropython.native
    def _process(self, spectrum_of, segment_at):
        """Bring the whole slots of the buffer through the filters and add to the channels' sums.

        Return the power spectrum of channel `spectrum_of` from sample
        `segment_at` on, or from up to BEFORE later where the buffer begins;
        None where no channel is given or the buffer does not hold all of it.
        One long function: a call costs as much as a small array operation.
        """
        state = self.state
        count = state.held // SLOT * SLOT
        if not count:
            return None
        if state.judged > self._judged:
            self._forget_shares()
        state.judged += count
        segment_at -= state.first
        if -BEFORE <= segment_at < 0:
            segment_at = 0
        if segment_at < 0 or segment_at + SEGMENT > count:
            spectrum_of = None
        if not state.rests:
            self._rest()
        slots = count // SLOT
        energies = state.slots.energy
        column = state.slots.make_room(slots)
        points, tones = TONE_POINTS, self._tones
        if count < TONE_STRIDE * TONE_POINTS:
            points = count // TONE_STRIDE
            tones = tones[:, :points]
        spectrum = None
        for channel in CHANNELS:
            carried = state.channels[channel]
            raw = state.frames[channel : 2 * count : 2]
            signal, carried.band = sosfilt(self._band, raw, zi=carried.band)
            tone = np.dot(tones, signal[count - TONE_STRIDE * points :: TONE_STRIDE])
            if channel == spectrum_of:
                spectrum = power(signal[segment_at : segment_at + SEGMENT], self._taper_ends)
            signal *= signal
            energy = np.sum(signal.reshape((slots, SLOT)), axis=1)
            energies[channel, column : column + slots] = energy
            total = np.sum(energy)
            carried.band_energy += total
            carried.tone_energy += 2.0 * count * np.dot(tone, tone) / (points * points)
            slow = raw[::SLOW_STRIDE]
            scatter = np.std(slow) * self._scale_uv
            # Movement can matter only where these scatter clearly more than the EMG alone makes them.
            if scatter * scatter * count > SCATTER * total:
                carried.slow_energy += self._slow_energy(slow)
            if total > JUMP_ENERGY or abs(carried.newest) >= self._full_scale:
                self._count_railed(carried, raw)
            carried.newest = raw[-1]
        left_over = state.held - count
        if left_over:
            state.frames[: 2 * left_over] = state.frames[2 * count : 2 * state.held] * 1.0
        state.first += count
        state.held = left_over
        return spectrum

    @micropython.native
    def _slow_energy(self, slow):
        """Return the energy, uV^2 times samples, from 2 to 20 Hz in every SLOW_STRIDEth sample, LSB.

        A steady drift, which the section would let through as a constant, is
        taken off first: the line through the means of both end quarters.
        """
        count = len(slow)
        quarter = count // 4
        if not quarter:
            return 0.0
        begins = float(np.mean(slow[:quarter]))
        slope = (float(np.mean(slow[count - quarter :])) - begins) / (count - quarter)
        slow = slow - np.array(range(count)) * slope
        rests_at = begins - slope * 0.5 * (quarter - 1)
        b0, _, b2, _, _, _ = self._slow[0]
        passed, _ = sosfilt(self._slow, slow, zi=np.array([[-b0 * rests_at, b2 * rests_at]]))
        return SLOW_STRIDE * float(np.dot(passed, passed))

    def _count_railed(self, carried, raw):
        """Count the samples of `raw`, LSB, at a rail per slot."""
        state = self.state
        for position in np.nonzero(abs(raw) >= self.params.full_scale)[0].tolist():
            carried.railed.add((state.first + position) // SLOT)
            state.marked_until = max(state.marked_until, state.first + position + 1)

    # Quality

    @micropython.native
    def _marks(self, channel, start, stop):
        """Return the bits of what befell the samples [start, stop) of a channel."""
        state = self.state
        if start >= state.marked_until:
            return 0
        carried = state.channels[channel]
        quality = 0
        if carried.lead_off.touch(start, stop):
            quality |= LEAD_OFF
        if state.gaps.touch(start, stop):
            quality |= GAP
        if state.blanks.touch(start, stop):
            quality |= BLANKED
        if carried.railed.between(_slot(start), _slot(stop)) > RAILED_SHARE * (stop - start):
            quality |= AT_RAIL
        return quality

    @micropython.native
    def _shares(self, carried):
        """Return MAINS and MOTION as a channel's sums since the last reading have it."""
        quality = 0
        if carried.tone_energy > MAINS_SHARE * carried.band_energy:
            quality |= MAINS
        # Over half of all power below 20 Hz: more there than in the band.
        if carried.slow_energy > self._most_slow * carried.band_energy:
            quality |= MOTION
        return quality

    @micropython.native
    def _judge(self, carried, mean, quiet, period):
        """Return the bits that a channel's signal itself gives: `mean` energy in this stance, `quiet` in a half."""
        quality = self._shares(carried)
        active = max(mean, carried.stance_energy)
        if active < FLAT_ENERGY:
            return quality | FLAT
        quiet = min(quiet, carried.quiet_energy)
        if period and active < CONTRAST * CONTRAST * quiet and not carried.stance_quality & EMG_INVALID:
            return quality | LOW_CONTRAST
        return quality

    @micropython.native
    def _forget_shares(self):
        self.state.judged = 0
        for carried in self.state.channels:
            carried.band_energy = carried.slow_energy = carried.tone_energy = 0.0

    # Steps

    @micropython.native
    def _period(self, contact, previous_contact):
        """Return the samples since the contact whose stance was read before this one, or None if that was another."""
        if previous_contact is None or previous_contact != self.state.contact:
            return None
        period = contact - previous_contact
        return period if self._step[0] <= period <= self._step[1] else None

    @micropython.native
    def _onset_ms(self, channel, peak, contact):
        """Return the onset of the burst whose envelope is highest before slot `peak`, or None.

        The search goes from the quiet part of the stance before to the peak.
        Taken is the middle of the last quiet slot, since a muscle's rise
        takes its time: on made-up bursts that lies 9 ms before an abrupt
        beginning and 8 ms after that of a rise of 50 ms.
        """
        state, slots = self.state, self.state.slots
        carried = state.channels[channel]
        first = carried.quiet_slot
        if carried.stance_quality & NO_QUIET or not slots.hold(first, peak):
            return None
        if state.stance_end < state.marked_until and self._marks(channel, state.stance_end, contact):
            return None
        energy = slots.energy[channel, first - slots.first : peak - slots.first]
        position = onset(energy, THRESHOLD * carried.quiet_energy)
        if position is None:
            return None
        return 1000.0 * (SLOT * (first + position) - HALF - contact) / self.params.rate_hz


@micropython.native
def _slot(sample):
    """Return the number of the slot whose beginning is nearest to `sample`."""
    return (sample + HALF) // SLOT
