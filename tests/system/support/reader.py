"""An independent reader: the record by its description alone, judged by a known truth.

usage: reader.py SHM_NAME CLOCK_JSON SECONDS PAUSE_SECONDS

CLOCK_JSON describes a simulated clock; with null the truth is this machine's own clock. Reads for SECONDS (or until standard input ends, when that is 0) and prints one JSON object.
"""

import json
import math
import mmap
import os
import select
import struct
import sys
import time

# The full layout: the alignment hole is the writer's pid, the pad bytes are max_error and the anchor.
RECORD = struct.Struct("<8d f4I I 2d 2I 2f q")
assert RECORD.size == 128
# The seed's format reads the same bytes.
SEED = struct.Struct("@8df4I2d2If12s")
assert SEED.size == 128
SEQUENCE = struct.Struct("<I")
FIELDS = (
    "corrected_timestamp system_timestamp prediction_time offset_correction drift_rate offset_uncertainty "
    "drift_uncertainty valid_until confidence sequence_number flags source measurement_count writer_pid "
    "last_ntp_sync daemon_uptime total_corrections layout_version average_latency_ms max_error boottime_anchor"
).split()
VALID, DISRUPTED = 1 << 0, 1 << 5
MAX_AGE_SECONDS = 2.5
TOLERANCE = 50e-6
TOGETHER_NS = 50_000
SEQUENCE_OFFSET = 68
ATTEMPTS = 1000


def attach(name):
    file = os.open("/dev/shm/" + name, os.O_RDONLY)
    try:
        return mmap.mmap(file, RECORD.size, prot=mmap.PROT_READ)
    finally:
        os.close(file)


def take(memory):
    """One whole publication, or None when a write was under way for all attempts."""
    for _ in range(ATTEMPTS):
        before = SEQUENCE.unpack_from(memory, SEQUENCE_OFFSET)[0]
        payload = memory[:]
        if before % 2 == 0 and SEQUENCE.unpack_from(memory, SEQUENCE_OFFSET)[0] == before:
            return payload
    return None


class Clock:
    """The simulated truth, from its JSON."""

    def __init__(self, text):
        description = json.loads(text)
        self.raw, self.utc, self.offset, self.frequency = (
            int(description[key]) for key in ("rawNs", "utcNs", "offsetNs", "frequencyE15")
        )
        self.steps = [(int(s["atRawNs"]), int(s["offsetNs"])) for s in description["steps"]]

    def now(self):
        raw = time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW)
        elapsed = raw - self.raw
        stepped = sum(offset for at, offset in self.steps if at <= raw)
        return self.utc + self.offset + elapsed + elapsed * self.frequency // 10**15 + stepped


class SystemClock:
    def now(self):
        return time.clock_gettime_ns(time.CLOCK_REALTIME)


class Verdict:
    def __init__(self):
        self.reads = self.outside = self.torn = self.busy = self.refused = 0
        self.errors = []
        self.worst_sigmas = 0.0
        self.widest_seconds = 0.0
        self.pids = set()
        self.flags_all, self.flags_any = 0xFFFFFFFF, 0
        self.last = None

    def judge(self, payload, clock):
        record = dict(zip(FIELDS, RECORD.unpack(payload)))
        self.pids.add(record["writer_pid"])
        self.check_whole(record, payload)
        before = clock.now()
        boottime = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        after = clock.now()
        system = boottime + record["boottime_anchor"]
        age = (system - round(record["system_timestamp"] * 1e9)) / 1e9
        expired = system > record["valid_until"] * 1e9
        if not record["flags"] & VALID or record["flags"] & DISRUPTED or age > MAX_AGE_SECONDS or expired:
            self.refused += 1
            return
        since = (system - round(record["prediction_time"] * 1e9)) / 1e9
        correction = record["offset_correction"] + record["drift_rate"] * since
        corrected = system + round(correction * 1e9)
        bound = math.ceil((record["max_error"] + TOLERANCE * max(0.0, age)) * 1e9)
        sigma = math.hypot(record["offset_uncertainty"], record["drift_uncertainty"] * since)
        error = (corrected - (before + after) // 2) / 1e9
        self.reads += 1
        self.outside += corrected - bound > after or corrected + bound < before
        # A reader that was put aside between its clock reads cannot tell the error that well.
        if after - before < TOGETHER_NS:
            self.errors.append(error)
            self.worst_sigmas = max(self.worst_sigmas, abs(error) / sigma)
        self.widest_seconds = max(self.widest_seconds, bound / 1e9)
        self.flags_all &= record["flags"]
        self.flags_any |= record["flags"]

    def check_whole(self, record, payload):
        """What holds in every single publication, across its fields, and never across two."""
        system, prediction = record["system_timestamp"], record["prediction_time"]
        correction = record["offset_correction"] + record["drift_rate"] * (system - prediction)
        whole = abs(record["corrected_timestamp"] - system - correction) < 2e-6
        published = round(system * 1e9) - record["boottime_anchor"]
        if self.last is not None:
            (sequence, published_before, uptime, pid) = self.last
            advanced = (record["sequence_number"] - sequence) % 2**32
            whole &= advanced < 2**31 and published - published_before >= -1000
            if pid == record["writer_pid"]:
                gap = (published - published_before) / 1e9
                whole &= abs(record["daemon_uptime"] - uptime - gap) < 1e-3
        self.last = (record["sequence_number"], published, record["daemon_uptime"], record["writer_pid"])
        seed = SEED.unpack(payload)
        whole &= seed[:8] == tuple(record[key] for key in FIELDS[:8]) and seed[9] == record["sequence_number"]
        self.torn += not whole

    def to_json(self):
        errors = self.errors or [0.0]
        return json.dumps({
            "reads": self.reads,
            "outside": self.outside,
            "torn": self.torn,
            "busy": self.busy,
            "refused": self.refused,
            "meanErrorSeconds": sum(map(abs, errors)) / len(errors),
            "worstErrorSeconds": max(map(abs, errors)),
            "worstSigmas": self.worst_sigmas,
            "widestSeconds": self.widest_seconds,
            "pids": sorted(self.pids),
            "flagsAll": self.flags_all,
            "flagsAny": self.flags_any,
        })


def main():
    name, seconds, pause = sys.argv[1], float(sys.argv[3]), float(sys.argv[4])
    clock = SystemClock() if sys.argv[2] == "null" else Clock(sys.argv[2])
    memory = attach(name)
    verdict = Verdict()
    end = time.monotonic() + (seconds or math.inf)
    print("reading", flush=True)
    while time.monotonic() < end:
        payload = take(memory)
        if payload is None:
            verdict.busy += 1
        else:
            verdict.judge(payload, clock)
        if select.select([sys.stdin], [], [], pause)[0]:
            break
    print(verdict.to_json(), flush=True)


main()
