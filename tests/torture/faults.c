/* Preloaded into a program that writes an index: makes the nth system call on files of one folder fail, end the
   process, or write half of what it should and end the process. tests/torture/breaking.py arms it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

enum { COUNT, FAIL, FAIL_ON, KILL, TEAR };

static char folder[PATH_MAX];
static int how = -1, code;
static long place, seen;
static char ours[65536]; /* by descriptor */

void faults_arm(const char *in, int what, long nth, int number) {
    snprintf(folder, sizeof folder, "%s", in);
    how = what; place = nth; code = number; seen = 0;
}
long faults_seen(void) { return seen; }

#define NEXT(name) static __typeof__(&name) next; if (!next) next = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

static int lies_there(const char *path) { return how >= 0 && path && strncmp(path, folder, strlen(folder)) == 0; }
static int is_ours(int fd) { return how >= 0 && fd >= 0 && fd < (int)sizeof ours && ours[fd]; }
static void die(void) { kill(getpid(), SIGKILL); for (;;) pause(); }

/* 1: this call has to fail; 2: it has to be torn. A full disk (FAIL_ON) refuses only what needs room. */
static int trip(int needs_room) {
    long number = __sync_add_and_fetch(&seen, 1);
    if (how == COUNT || number < place || (how == FAIL_ON ? !needs_room : number != place)) return 0;
    if (how == KILL) die();
    errno = code;
    return how == TEAR ? 2 : 1;
}

#define OPEN(name)                                                                      \
    int name(const char *path, int flags, ...) {                                        \
        NEXT(name);                                                                     \
        mode_t mode = 0;                                                                \
        if (flags & (O_CREAT | O_TMPFILE)) { va_list a; va_start(a, flags); mode = va_arg(a, int); va_end(a); } \
        int there = lies_there(path);                                                   \
        if (there && (flags & O_CREAT)) { int t = trip(0); if (t == 2) die(); if (t) return -1; } \
        int fd = next(path, flags, mode);                                               \
        if (fd >= 0 && fd < (int)sizeof ours) ours[fd] = there;                         \
        return fd;                                                                      \
    }
OPEN(open)
OPEN(open64)

int close(int fd) {
    NEXT(close);
    if (fd >= 0 && fd < (int)sizeof ours) ours[fd] = 0;
    return next(fd);
}

#define WRITE(name, extra, given)                                                       \
    ssize_t name extra {                                                                \
        NEXT(name);                                                                     \
        if (is_ours(fd)) { int t = trip(1); if (t == 2) { n /= 2; next given; die(); } if (t) return -1; } \
        return next given;                                                              \
    }
WRITE(write, (int fd, const void *b, size_t n), (fd, b, n))
WRITE(pwrite, (int fd, const void *b, size_t n, off_t o), (fd, b, n, o))
WRITE(pwrite64, (int fd, const void *b, size_t n, off64_t o), (fd, b, n, o))

#define ON_DESCRIPTOR(name, extra, given)                                               \
    int name extra {                                                                    \
        NEXT(name);                                                                     \
        if (is_ours(fd)) { int t = trip(0); if (t == 2) die(); if (t) return -1; }       \
        return next given;                                                              \
    }
ON_DESCRIPTOR(fsync, (int fd), (fd))
ON_DESCRIPTOR(fdatasync, (int fd), (fd))
ON_DESCRIPTOR(ftruncate, (int fd, off_t n), (fd, n))
ON_DESCRIPTOR(ftruncate64, (int fd, off64_t n), (fd, n))

#define ON_PATH(name, extra, given)                                                     \
    int name extra {                                                                    \
        NEXT(name);                                                                     \
        if (lies_there(path)) { int t = trip(0); if (t == 2) die(); if (t) return -1; }  \
        return next given;                                                              \
    }
ON_PATH(rename, (const char *path, const char *to), (path, to))
ON_PATH(unlink, (const char *path), (path))
ON_PATH(mkdir, (const char *path, mode_t mode), (path, mode))
