/*
 * The time from ChronoTick's record: the host's CLOCK_BOOTTIME, corrected, earliest, latest time (ns) and sigma (s).
 *
 *     cc -O2 -o reader examples/reader.c -lm && ./reader chronotick_shm
 *
 * C11 and POSIX, for every processor: the compiler emits what each needs.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct record {
    double corrected_timestamp, system_timestamp, prediction_time, offset_correction;
    double drift_rate, offset_uncertainty, drift_uncertainty, valid_until;
    float confidence;
    uint32_t sequence_number, flags, source, measurement_count, writer_pid;
    double last_ntp_sync, daemon_uptime;
    uint32_t total_corrections, layout_version;
    float average_latency_ms, max_error;
    int64_t boottime_anchor;
};
_Static_assert(sizeof(struct record) == 128, "the record has 128 bytes");
enum { WORDS = 32, SEQUENCE = 17, VALID = 1 << 0, DISRUPTED = 1 << 5, ATTEMPTS = 1000 };
static const double MAX_AGE = 2.5, MAX_LEAD = 1e-3, TOLERANCE = 50e-6, YEAR_3000 = 32503680000, ERA = 4294967296;

static void die(const char *why) { fprintf(stderr, "%s\n", why); exit(1); }

static _Atomic uint32_t *attach(const char *name) {
    int fd = shm_open(name, O_RDONLY | O_NONBLOCK, 0);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) != 0) die("there is no such shared memory");
    if ((status.st_uid != 0 && status.st_uid != geteuid()) || (status.st_mode & 022)) die("it is not to be trusted");
    if (status.st_size < (off_t)sizeof(struct record)) die("it is too short for a record");
    void *shared = mmap(NULL, sizeof(struct record), PROT_READ, MAP_SHARED, fd, 0);
    if (shared == MAP_FAILED) die("it cannot be mapped");
    close(fd);
    return shared;
}

static struct record read_record(_Atomic uint32_t *shared) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        uint32_t words[WORDS], before = atomic_load_explicit(&shared[SEQUENCE], memory_order_acquire);
        for (int i = 0; i < WORDS; i++) words[i] = atomic_load_explicit(&shared[i], memory_order_relaxed);
        atomic_thread_fence(memory_order_acquire);
        if (before % 2 == 0 && before == atomic_load_explicit(&shared[SEQUENCE], memory_order_relaxed)) {
            struct record copy;
            memcpy(&copy, words, sizeof copy);
            return copy;
        }
    }
    die("a write has been under way for ever: the writer died half-way");
    abort();
}

static int64_t read_clock(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static int64_t namespace_offset(void) {
    char clock[32];
    int64_t seconds, ns, offset = 0;
    FILE *file = fopen("/proc/self/timens_offsets", "r");
    while (file && fscanf(file, "%31s %" SCNd64 " %" SCNd64, clock, &seconds, &ns) == 3)
        if (strcmp(clock, "boottime") == 0) offset = seconds * 1000000000 + ns;
    if (file) fclose(file);
    return offset;
}

static int is_time(double t) { return t >= 0 && t <= YEAR_3000; }
static int is_size(double s) { return s >= 0 && s < INFINITY; }

int main(int argc, char **argv) {
    if (argc != 2) die("usage: reader NAME");
    struct record r = read_record(attach(argv[1]));
    int64_t boottime = read_clock(CLOCK_BOOTTIME) - namespace_offset();
    if (r.layout_version == 0) {
        r.max_error = INFINITY;
        r.boottime_anchor = read_clock(CLOCK_REALTIME) - boottime;
    }
    if (!(r.layout_version <= 1 && r.source <= 4 && is_time(r.corrected_timestamp) && is_time(r.system_timestamp) &&
          is_time(r.prediction_time) && is_time(r.valid_until) && is_time(r.last_ntp_sync) &&
          fabs(r.offset_correction) <= ERA && fabs(r.drift_rate) <= 0.125 && is_size(r.offset_uncertainty) &&
          is_size(r.drift_uncertainty) && is_size(r.daemon_uptime) && is_size(r.average_latency_ms) &&
          r.confidence >= 0 && r.confidence <= 1 && r.max_error >= 0 && (r.max_error <= ERA || isinf(r.max_error))))
        die("the record is not one that an honest writer of this version leaves");

    int64_t system = (int64_t)((uint64_t)boottime + (uint64_t)r.boottime_anchor);
    double t = system / 1e9, age = t - r.system_timestamp, h = t - r.prediction_time;
    if (!(age >= -MAX_LEAD && age <= MAX_AGE)) die("nobody publishes: the record is too old, or nobody's");
    if ((r.flags & DISRUPTED) || !(r.flags & VALID) || t > r.valid_until) die("the daemon has no valid time now");
    if (isinf(r.max_error)) die("the writer gives no hard bound");
    double correction = r.offset_correction + r.drift_rate * h, error = r.max_error + TOLERANCE * fmax(0, age);
    if (t + fabs(correction) + error > INT64_MAX / 1e9) die("the time does not fit into 64 bits of ns");
    int64_t corrected = system + llround(correction * 1e9), bound = (int64_t)ceil(error * 1e9);
    printf("%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %.17g\n", boottime, corrected, corrected - bound,
           corrected + bound, hypot(r.offset_uncertainty, r.drift_uncertainty * h));
}
