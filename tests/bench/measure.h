/* SPDX-License-Identifier: MIT */
/* What the benches share: an end with a reason, CPU time, the median of rounds. */
#ifndef TCPBUF_TESTS_BENCH_MEASURE_H
#define TCPBUF_TESTS_BENCH_MEASURE_H

/* Says what failed, and why by errno; exits 1. */
_Noreturn void die(const char *what);

/* CPU of this process and of the children that it has waited for, microseconds. */
double cpu_us(void);

/* The values are sorted. */
double median(double *values, int count);

#endif
