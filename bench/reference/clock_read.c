/*
 * What reading CLOCK_BOOTTIME through the vDSO costs.
 *
 * Usage: clock_read CALLS BATCHES
 * Prints the ns that one call takes: the quickest of BATCHES batches of CALLS calls.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1e9 + now.tv_nsec;
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: clock_read CALLS BATCHES\n");
        return 2;
    }
    const long calls = atol(argv[1]);
    const long batches = atol(argv[2]);
    double quickest_ns = 1e300;
    for (long batch = 0; batch < batches; batch++) {
        const double began_ns = now_ns();
        for (long call = 0; call < calls; call++) {
            struct timespec boottime;
            clock_gettime(CLOCK_BOOTTIME, &boottime);
            __asm__ volatile("" : : "r"(&boottime) : "memory");
        }
        const double elapsed_ns = now_ns() - began_ns;
        if (elapsed_ns < quickest_ns) quickest_ns = elapsed_ns;
    }
    printf("%.3f\n", quickest_ns / calls);
    return 0;
}
