/*
 * How late clock_nanosleep wakes a thread that asks for a constant rate, with the finest timer slack.
 *
 * Usage: timed_sleep HZ SECONDS BUSY
 * With BUSY 1 another thread of the process computes all the time. Prints count, and min, mean, p99 and max
 * lateness in s.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

#define NS_PER_SECOND 1000000000LL

static volatile unsigned long spins;

static void *spin(void *unused) {
    (void)unused;
    for (;;) spins++;
    return NULL;
}

static long long now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: timed_sleep HZ SECONDS BUSY\n");
        return 2;
    }
    const long hz = atol(argv[1]);
    const long count = (long)(hz * atof(argv[2]));
    double *late = malloc(sizeof(double) * count);
    if (hz <= 0 || count <= 0 || late == NULL) return 1;
    prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
    pthread_t busy;
    if (atoi(argv[3]) != 0) pthread_create(&busy, NULL, spin, NULL);

    double sum = 0;
    const long long period_ns = NS_PER_SECOND / hz;
    long long due_ns = now_ns();
    for (long i = 0; i < count; i++) {
        due_ns += period_ns;
        const struct timespec due = { due_ns / NS_PER_SECOND, due_ns % NS_PER_SECOND };
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL) != 0) {}
        const long long late_ns = now_ns() - due_ns;
        due_ns += late_ns / period_ns * period_ns; /* periods that were missed are left out, as the publisher does */
        late[i] = late_ns / 1e9;
        sum += late[i];
    }
    qsort(late, count, sizeof(double), ascending);
    printf("%ld %.9f %.9f %.9f %.9f\n", count, late[0], sum / count, late[(long)(0.99 * (count - 1))], late[count - 1]);
    return 0;
}
