/* Between a program and its disk (LD_PRELOAD, Linux). What it does is in the environment:
 *
 * HUBBUB_DISK_FILES    Only files whose path begins with this are looked at.
 * HUBBUB_DISK_JOURNAL  Every change of such a file is written down there, in order, and every
 *                      sync once it has returned, so that a test can make the disk as it might
 *                      be after a loss of power: see power.rs, which reads the journal.
 * HUBBUB_DISK_FAIL     The sync of this number (from 1) fails with EIO and syncs nothing; so does
 *                      the journal say.
 * HUBBUB_DISK_CLOCK    A file with a number of seconds that the wall clock is wrong by.
 *
 * A record: kind (1 byte), length of the path (u32), offset (u64), length of the data (u64), the
 * path, the data; numbers as this machine has them.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define FDS 4096
#define PATH 4096

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static char *paths[FDS];
static int journal = -1;
static const char *prefix;
static long syncs_left;
static const char *clock_file;

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }
#define REAL(type, name, ...) ((type(*)(__VA_ARGS__))real(name))

__attribute__((constructor)) static void begin(void) {
    const char *to = getenv("HUBBUB_DISK_JOURNAL");
    const char *fail = getenv("HUBBUB_DISK_FAIL");
    prefix = getenv("HUBBUB_DISK_FILES");
    clock_file = getenv("HUBBUB_DISK_CLOCK");
    syncs_left = fail ? atol(fail) : 0;
    if (to) journal = REAL(int, "open", const char *, int, ...)(to, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int is_ours(const char *path) { return prefix && path && !strncmp(path, prefix, strlen(prefix)); }
static const char *path_of(int fd) { return fd >= 0 && fd < FDS ? paths[fd] : NULL; }

static void note(char kind, const char *path, uint64_t offset, const void *data, uint64_t length) {
    if (journal < 0) return;
    uint32_t path_length = strlen(path);
    char head[21];
    head[0] = kind;
    memcpy(head + 1, &path_length, 4);
    memcpy(head + 5, &offset, 8);
    memcpy(head + 13, &length, 8);
    struct iovec parts[3] = {{head, 21}, {(void *)path, path_length}, {(void *)data, length}};
    ssize_t written = REAL(ssize_t, "writev", int, const struct iovec *, int)(journal, parts, 3);
    if (written != (ssize_t)(21 + path_length + length)) abort();
}

static int opened(int fd, const char *path, int is_new) {
    if (fd < 0 || fd >= FDS || !is_ours(path)) return fd;
    free(paths[fd]);
    paths[fd] = strdup(path);
    if (is_new) note('c', path, 0, NULL, 0);
    return fd;
}

static int open_any(const char *name, const char *path, int flags, mode_t mode) {
    struct stat found;
    pthread_mutex_lock(&turn);
    int is_new = (flags & O_CREAT) && stat(path, &found) != 0;
    int fd = REAL(int, name, const char *, int, ...)(path, flags, mode);
    fd = opened(fd, path, is_new);
    if (fd >= 0 && (flags & O_TRUNC) && !is_new && path_of(fd)) note('t', path, 0, NULL, 0);
    pthread_mutex_unlock(&turn);
    return fd;
}

#define MODE(flags) mode_t mode = 0; if ((flags) & O_CREAT) { va_list rest; va_start(rest, flags); mode = va_arg(rest, mode_t); va_end(rest); }
int open(const char *path, int flags, ...) { MODE(flags) return open_any("open", path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) return open_any("open64", path, flags, mode); }

int close(int fd) {
    pthread_mutex_lock(&turn);
    if (fd >= 0 && fd < FDS) { free(paths[fd]); paths[fd] = NULL; }
    int result = REAL(int, "close", int)(fd);
    pthread_mutex_unlock(&turn);
    return result;
}

static ssize_t pwrite_any(const char *name, int fd, const void *data, size_t length, off_t offset) {
    if (!path_of(fd)) return REAL(ssize_t, name, int, const void *, size_t, off_t)(fd, data, length, offset);
    pthread_mutex_lock(&turn);
    ssize_t written = REAL(ssize_t, name, int, const void *, size_t, off_t)(fd, data, length, offset);
    if (written > 0) note('w', path_of(fd), offset, data, written);
    pthread_mutex_unlock(&turn);
    return written;
}
ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) { return pwrite_any("pwrite", fd, data, length, offset); }
ssize_t pwrite64(int fd, const void *data, size_t length, off_t offset) { return pwrite_any("pwrite64", fd, data, length, offset); }

ssize_t write(int fd, const void *data, size_t length) {
    if (!path_of(fd)) return REAL(ssize_t, "write", int, const void *, size_t)(fd, data, length);
    pthread_mutex_lock(&turn);
    off_t offset = lseek(fd, 0, SEEK_CUR);
    ssize_t written = REAL(ssize_t, "write", int, const void *, size_t)(fd, data, length);
    if (written > 0) note('w', path_of(fd), offset, data, written);
    pthread_mutex_unlock(&turn);
    return written;
}

static int truncate_any(const char *name, int fd, off_t length) {
    pthread_mutex_lock(&turn);
    int result = REAL(int, name, int, off_t)(fd, length);
    if (result == 0 && path_of(fd)) note('t', path_of(fd), length, NULL, 0);
    pthread_mutex_unlock(&turn);
    return result;
}
int ftruncate(int fd, off_t length) { return truncate_any("ftruncate", fd, length); }
int ftruncate64(int fd, off_t length) { return truncate_any("ftruncate64", fd, length); }

/* Nobody writes meanwhile: what the sync covers is exactly what the journal has before it. */
static int sync_any(const char *name, int fd) {
    if (!path_of(fd)) return REAL(int, name, int)(fd);
    pthread_mutex_lock(&turn);
    int result;
    if (syncs_left > 0 && --syncs_left == 0) {
        note('f', path_of(fd), 0, NULL, 0);
        errno = EIO;
        result = -1;
    } else {
        result = REAL(int, name, int)(fd);
        if (result == 0) note('s', path_of(fd), 0, NULL, 0);
    }
    int error = errno;
    pthread_mutex_unlock(&turn);
    errno = error;
    return result;
}
int fsync(int fd) { return sync_any("fsync", fd); }
int fdatasync(int fd) { return sync_any("fdatasync", fd); }

int unlink(const char *path) {
    pthread_mutex_lock(&turn);
    int result = REAL(int, "unlink", const char *)(path);
    if (result == 0 && is_ours(path)) note('u', path, 0, NULL, 0);
    pthread_mutex_unlock(&turn);
    return result;
}

int rename(const char *from, const char *to) {
    pthread_mutex_lock(&turn);
    int result = REAL(int, "rename", const char *, const char *)(from, to);
    if (result == 0 && is_ours(from)) {
        note('r', from, 0, to, strlen(to));
        for (int fd = 0; fd < FDS; fd++) {
            if (!paths[fd] || strcmp(paths[fd], from)) continue;
            free(paths[fd]);
            paths[fd] = strdup(to);
        }
    }
    pthread_mutex_unlock(&turn);
    return result;
}

int clock_gettime(clockid_t which, struct timespec *now) {
    int result = REAL(int, "clock_gettime", clockid_t, struct timespec *)(which, now);
    if (result != 0 || which != CLOCK_REALTIME || !clock_file) return result;
    char text[32] = {0};
    int fd = REAL(int, "open", const char *, int, ...)(clock_file, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return result;
    if (read(fd, text, sizeof text - 1) > 0) now->tv_sec += atol(text);
    REAL(int, "close", int)(fd);
    return result;
}
