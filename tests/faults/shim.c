/* Preloaded into a process: the n-th call that writes, flushes, renames or cuts a file fails, once.
 *
 * SHIM_AT     which call, from 1; 0 fails none and only counts
 * SHIM_ERRNO  the error it fails with
 * SHIM_UNDER  only files whose path holds this text
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_int calls;

static int ours(const char *path) {
  const char *under = getenv("SHIM_UNDER");
  return under != NULL && path != NULL && strstr(path, under) != NULL;
}

static int open_as_ours(int fd) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return ours(path);
}

static int fails(int counted) {
  if (!counted) return 0;
  const char *at = getenv("SHIM_AT"), *error = getenv("SHIM_ERRNO");
  if (atomic_fetch_add(&calls, 1) + 1 != (at ? atoi(at) : 0)) return 0;
  errno = error ? atoi(error) : EIO;
  return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *data, size_t size) {
  return fails(open_as_ours(fd)) ? -1 : REAL(write)(fd, data, size);
}
ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
  return fails(open_as_ours(fd)) ? -1 : REAL(pwrite)(fd, data, size, at);
}
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
  return fails(open_as_ours(fd)) ? -1 : REAL(pwrite64)(fd, data, size, at);
}
int fsync(int fd) { return fails(open_as_ours(fd)) ? -1 : REAL(fsync)(fd); }
int fdatasync(int fd) { return fails(open_as_ours(fd)) ? -1 : REAL(fdatasync)(fd); }
int ftruncate(int fd, off_t size) { return fails(open_as_ours(fd)) ? -1 : REAL(ftruncate)(fd, size); }
int ftruncate64(int fd, off64_t size) { return fails(open_as_ours(fd)) ? -1 : REAL(ftruncate64)(fd, size); }
int rename(const char *from, const char *to) { return fails(ours(from)) ? -1 : REAL(rename)(from, to); }

/* Exported so that a forked child counts anew, and can say how far it came. */
void shim_begin(void) { atomic_store(&calls, 0); }
int shim_calls(void) { return atomic_load(&calls); }
