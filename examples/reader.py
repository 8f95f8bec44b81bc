"""The time from ChronoTick's record: the host's CLOCK_BOOTTIME, corrected, earliest, latest time (ns) and sigma (s).

    python3 examples/reader.py chronotick_shm

Standard library only, for x86-64: Python has no atomic loads; native "I" and slices of a mapping are copied by plain ones.
"""
import math, mmap, os, struct, sys, time

LAYOUT = struct.Struct("<8df5I2d2I2fq")
SEQUENCE, VALID, DISRUPTED = 68, 1 << 0, 1 << 5
MAX_AGE, MAX_LEAD, TOLERANCE, ATTEMPTS = 2.5, 1e-3, 50e-6, 1000
YEAR_3000, ERA = 32503680000, 2**32

def attach(name):
    fd = os.open("/dev/shm/" + name, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    try:
        status = os.fstat(fd)
        if status.st_uid not in (0, os.geteuid()) or status.st_mode & 0o022:
            sys.exit(f"{name} belongs to user {status.st_uid}, or others may write it")
        if status.st_size < LAYOUT.size:
            sys.exit(f"{name} is too short for a record")
        return mmap.mmap(fd, LAYOUT.size, mmap.MAP_SHARED, mmap.PROT_READ)
    finally:
        os.close(fd)

def read(shared):
    for _ in range(ATTEMPTS):
        before, = struct.unpack_from("@I", shared, SEQUENCE)
        copy = shared[:LAYOUT.size]
        after, = struct.unpack_from("@I", shared, SEQUENCE)
        if before % 2 == 0 and before == after:
            return LAYOUT.unpack(copy)
    sys.exit("a write has been under way for ever: the writer died half-way")

def namespace_offset():
    try:
        with open("/proc/self/timens_offsets") as file:
            lines = [line.split() for line in file]
    except FileNotFoundError:
        return 0
    return sum(int(s) * 10**9 + int(ns) for clock, s, ns in lines if clock == "boottime")

def now(record):
    (corrected_0, published, predicted, offset, drift, offset_sigma, drift_sigma, valid_until, confidence, _, flags,
     source, _, _, last_sync, uptime, _, version, latency, max_error, anchor) = record
    boottime = time.clock_gettime_ns(time.CLOCK_BOOTTIME) - namespace_offset()
    if version == 0:
        max_error, anchor = math.inf, time.clock_gettime_ns(time.CLOCK_REALTIME) - boottime
    times, sizes = (corrected_0, published, predicted, valid_until, last_sync), (offset_sigma, drift_sigma, uptime, latency)
    if not (version <= 1 and source <= 4 and all(0 <= t <= YEAR_3000 for t in times) and abs(offset) <= ERA
            and abs(drift) <= 0.125 and all(0 <= s < math.inf for s in sizes) and 0 <= confidence <= 1
            and (0 <= max_error <= ERA or max_error == math.inf)):
        sys.exit("the record is not one that an honest writer of this version leaves")
    system = boottime + anchor
    age, h = system / 1e9 - published, system / 1e9 - predicted
    if not -MAX_LEAD <= age <= MAX_AGE:
        sys.exit(f"nobody publishes: the record is {age:.1f} s old")
    if flags & DISRUPTED or not flags & VALID or system / 1e9 > valid_until:
        sys.exit("the daemon has no valid time now")
    if max_error == math.inf:
        sys.exit("the writer gives no hard bound")
    corrected = system + round((offset + drift * h) * 1e9)
    bound = math.ceil((max_error + TOLERANCE * max(0, age)) * 1e9)
    return boottime, corrected, corrected - bound, corrected + bound, math.hypot(offset_sigma, drift_sigma * h)

print(*now(read(attach(sys.argv[1]))))
