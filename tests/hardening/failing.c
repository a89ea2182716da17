/* Preloaded into the program: one call fails that would have worked. A call is known by where it comes from, the chain
 * of the program's own callers, so that a loop counts once and threads may take turns.
 *
 *   FAIL_PROGRAM=name    acts in this program alone, not in what it starts
 *   FAIL_LIST=file       fails nothing; every place that was reached, a line each: kind, place, how often
 *   FAIL_AT=kind:place   there the call fails,
 *   FAIL_TURN=n          the nth time (1, unless said),
 *   FAIL_ALWAYS=1        and from then on always; FAIL_AT=kind alone: at every place of that kind
 *   FAIL_TRACE=file      who called, as addresses for addr2line
 *   FAIL_ABOVE=bytes     memory of more than that fails, whoever asks: claims of enormous sizes must not come so far
 *
 * Memory, threads and closing fail for what the program and cJSON ask for; the rest also for HDF5, FFmpeg and
 * libarchive. */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OWN_FRAMES 8
#define ALL_FRAMES 32
#define PLACES 8192
#define RANGES 32

typedef enum kind { MEMORY, THREAD, OPEN, READ, WRITE, SYNC, RENAME, CLOSE, FOLDER, KINDS } kind;
static const char *const kind_name[KINDS] = {"memory", "thread", "open",  "read",  "write",
                                             "sync",   "rename", "close", "folder"};
static const int kind_errno[KINDS] = {ENOMEM, EAGAIN, EMFILE, EIO, ENOSPC, EIO, EACCES, ENOSPC, EIO};

typedef struct range {
    uintptr_t begin, end;
    bool own; /* the program and cJSON */
} range;

typedef struct place {
    _Atomic uint64_t id;
    _Atomic unsigned count;
    kind what;
} place;

static range ranges[RANGES];
static int range_count;
static place places[PLACES];
static bool listing, failing, always, every_place;
static kind wanted_kind;
static uint64_t wanted_place;
static unsigned wanted_turn = 1;
static _Atomic unsigned turns;
static size_t most = SIZE_MAX; /* bytes of one piece of memory */
static const char *list_path;
static __thread bool busy __attribute__((tls_model("initial-exec")));

static int add_ranges(struct dl_phdr_info *info, size_t size, void *context)
{
    (void)size, (void)context;
    static const char *const libraries[] = {"libcjson", "libhdf5", "libavformat", "libavutil", "libarchive"};
    int known = info->dlpi_name[0] ? -1 : 0;
    for (int i = 0; i < 5; i++)
        if (strstr(info->dlpi_name, libraries[i])) known = i + 1;
    for (int i = 0; known >= 0 && i < info->dlpi_phnum && range_count < RANGES; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        if (part->p_type != PT_LOAD || !(part->p_flags & PF_X)) continue;
        const uintptr_t begin = info->dlpi_addr + part->p_vaddr;
        ranges[range_count++] = (range){begin, begin + part->p_memsz, known <= 1};
    }
    return 0;
}

static const range *find_range(uintptr_t address)
{
    for (int i = 0; i < range_count; i++)
        if (address >= ranges[i].begin && address < ranges[i].end) return &ranges[i];
    return NULL;
}

/* Distances from where each part lies: the same in every run. */
static uint64_t here(void)
{
    void *frame[ALL_FRAMES];
    const int count = backtrace(frame, ALL_FRAMES);
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (int i = 2, own = 0; i < count && own < OWN_FRAMES; i++) {
        const range *r = find_range((uintptr_t)frame[i]);
        if (!r) continue;
        hash = (hash ^ ((uintptr_t)frame[i] - r->begin)) * UINT64_C(0x100000001b3);
        own += r->own;
    }
    return hash ? hash : 1;
}

static void remember(kind what, uint64_t id)
{
    for (size_t i = id % PLACES, tries = 0; tries < PLACES; i = (i + 1) % PLACES, tries++) {
        uint64_t found = 0;
        if (atomic_compare_exchange_strong(&places[i].id, &found, id)) places[i].what = what;
        else if (found != id || places[i].what != what) continue;
        atomic_fetch_add(&places[i].count, 1);
        return;
    }
}

static bool is_the_turn(kind what)
{
    if (!failing || what != wanted_kind || (!every_place && here() != wanted_place)) return false;
    const unsigned turn = atomic_fetch_add(&turns, 1) + 1;
    return always ? turn >= wanted_turn : turn == wanted_turn;
}

static void trace(void)
{
    void *frame[ALL_FRAMES];
    const char *path = getenv("FAIL_TRACE");
    const int fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666) : -1;
    if (fd < 0) return;
    backtrace_symbols_fd(frame, backtrace(frame, ALL_FRAMES), fd);
    close(fd);
}

/* Whether this call, made from `caller`, is to fail; errno is set then. */
static bool fails(kind what, const void *caller)
{
    if ((!listing && !failing) || busy) return false;
    const range *r = find_range((uintptr_t)caller);
    if (!r || ((what <= THREAD || what == CLOSE) && !r->own)) return false;
    busy = true;
    if (listing) remember(what, here());
    const bool now = is_the_turn(what);
    if (now) trace();
    busy = false;
    if (now) errno = kind_errno[what];
    return now;
}

static void start_failing(const char *at)
{
    for (int k = 0; k < KINDS; k++) {
        const size_t length = strlen(kind_name[k]);
        if (strncmp(at, kind_name[k], length) != 0 || (at[length] && at[length] != ':')) continue;
        wanted_kind = (kind)k;
        every_place = !at[length];
        wanted_place = every_place ? 0 : strtoull(at + length + 1, NULL, 16);
        failing = true;
    }
    const char *turn = getenv("FAIL_TURN");
    if (turn) wanted_turn = (unsigned)strtoul(turn, NULL, 10);
    always = getenv("FAIL_ALWAYS") != NULL;
}

__attribute__((constructor)) static void start(void)
{
    char self[4096];
    const char *program = getenv("FAIL_PROGRAM"), *at = getenv("FAIL_AT");
    const ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    if (!program || length < 0) return;
    self[length] = '\0';
    const char *name = strrchr(self, '/');
    if (!name || strcmp(name + 1, program) != 0) return;
    const char *above = getenv("FAIL_ABOVE");
    if (above) most = strtoull(above, NULL, 10);
    void *first[2];
    backtrace(first, 2); /* loads what it needs */
    dl_iterate_phdr(add_ranges, NULL);
    list_path = getenv("FAIL_LIST");
    listing = list_path != NULL;
    if (at) start_failing(at);
}

__attribute__((destructor)) static void finish(void)
{
    if (!listing) return;
    listing = false;
    FILE *file = fopen(list_path, "a");
    if (!file) return;
    for (int i = 0; i < PLACES; i++)
        if (places[i].id)
            fprintf(file, "%s %016llx %u\n", kind_name[places[i].what], (unsigned long long)places[i].id,
                    places[i].count);
    fclose(file);
}

/* ---- The calls ------------------------------------------------------------------------------------------------- */

#define CALLER __builtin_return_address(0)

/* The next definition of `name`, which is libc's or a sanitizer's. */
#define REAL(type, name, ...)                                 \
    static type (*real)(__VA_ARGS__);                         \
    if (!real) {                                              \
        void *found = dlsym(RTLD_NEXT, #name);                \
        memcpy(&real, &found, sizeof real);                   \
    }

static bool too_much(size_t size)
{
    if (size <= most) return false;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    REAL(void *, malloc, size_t)
    return too_much(size) || fails(MEMORY, CALLER) ? NULL : real(size);
}

void *realloc(void *old, size_t size)
{
    REAL(void *, realloc, void *, size_t)
    return too_much(size) || fails(MEMORY, CALLER) ? NULL : real(old, size);
}

/* dlsym itself may ask for memory before it is known where to get it. */
void *calloc(size_t count, size_t size)
{
    static char early[4096];
    static size_t used;
    static bool looking;
    static void *(*real)(size_t, size_t);
    if (!real && looking) {
        void *memory = early + used;
        used += (count * size + 15) / 16 * 16;
        return used <= sizeof early ? memory : NULL;
    }
    if (!real) {
        looking = true;
        void *found = dlsym(RTLD_NEXT, "calloc");
        memcpy(&real, &found, sizeof real);
        looking = false;
    }
    return (size && count > most / size) || fails(MEMORY, CALLER) ? NULL : real(count, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    REAL(void *, aligned_alloc, size_t, size_t)
    return too_much(size) || fails(MEMORY, CALLER) ? NULL : real(alignment, size);
}

/* FFmpeg's; it fails for its size alone. */
int posix_memalign(void **out, size_t alignment, size_t size)
{
    REAL(int, posix_memalign, void **, size_t, size_t)
    return too_much(size) ? ENOMEM : real(out, alignment, size);
}

char *strdup(const char *text)
{
    REAL(char *, strdup, const char *)
    return fails(MEMORY, CALLER) ? NULL : real(text);
}

int vasprintf(char **out, const char *format, va_list args)
{
    REAL(int, vasprintf, char **, const char *, va_list)
    return fails(MEMORY, CALLER) ? -1 : real(out, format, args);
}

int __vasprintf_chk(char **out, int flag, const char *format, va_list args);
int __vasprintf_chk(char **out, int flag, const char *format, va_list args)
{
    REAL(int, vasprintf, char **, const char *, va_list)
    (void)flag;
    return fails(MEMORY, CALLER) ? -1 : real(out, format, args);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *how, void *(*run)(void *), void *user)
{
    REAL(int, pthread_create, pthread_t *, const pthread_attr_t *, void *(*)(void *), void *)
    return fails(THREAD, CALLER) ? EAGAIN : real(thread, how, run, user);
}

/* ---- Files ---- */

FILE *fopen(const char *path, const char *mode)
{
    REAL(FILE *, fopen, const char *, const char *)
    return fails(OPEN, CALLER) ? NULL : real(path, mode);
}

FILE *fdopen(int fd, const char *mode)
{
    REAL(FILE *, fdopen, int, const char *)
    return fails(OPEN, CALLER) ? NULL : real(fd, mode);
}

static unsigned mode_of(int flags, va_list args)
{
    return flags & (O_CREAT | O_TMPFILE) ? va_arg(args, unsigned) : 0;
}

int open(const char *path, int flags, ...)
{
    REAL(int, open, const char *, int, ...)
    va_list args;
    va_start(args, flags);
    const unsigned mode = mode_of(flags, args);
    va_end(args);
    return fails(OPEN, CALLER) ? -1 : real(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    REAL(int, open64, const char *, int, ...)
    va_list args;
    va_start(args, flags);
    const unsigned mode = mode_of(flags, args);
    va_end(args);
    return fails(OPEN, CALLER) ? -1 : real(path, flags, mode);
}

ssize_t read(int fd, void *bytes, size_t size)
{
    REAL(ssize_t, read, int, void *, size_t)
    return fails(READ, CALLER) ? -1 : real(fd, bytes, size);
}

ssize_t pread(int fd, void *bytes, size_t size, off_t at)
{
    REAL(ssize_t, pread, int, void *, size_t, off_t)
    return fails(READ, CALLER) ? -1 : real(fd, bytes, size, at);
}

/* As a stream that met an error. */
static void spoil(FILE *file)
{
    file->_flags |= 0x20; /* glibc's mark, which ferror looks at */
}

size_t fread(void *bytes, size_t size, size_t count, FILE *file)
{
    REAL(size_t, fread, void *, size_t, size_t, FILE *)
    if (!fails(READ, CALLER)) return real(bytes, size, count, file);
    spoil(file);
    return 0;
}

char *fgets(char *text, int size, FILE *file)
{
    REAL(char *, fgets, char *, int, FILE *)
    if (!fails(READ, CALLER)) return real(text, size, file);
    spoil(file);
    return NULL;
}

int __uflow(FILE *file);
int __uflow(FILE *file)
{
    REAL(int, __uflow, FILE *)
    if (!fails(READ, CALLER)) return real(file);
    spoil(file);
    return EOF;
}

ssize_t write(int fd, const void *bytes, size_t size)
{
    REAL(ssize_t, write, int, const void *, size_t)
    return fails(WRITE, CALLER) ? -1 : real(fd, bytes, size);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at)
{
    REAL(ssize_t, pwrite, int, const void *, size_t, off_t)
    return fails(WRITE, CALLER) ? -1 : real(fd, bytes, size, at);
}

size_t fwrite(const void *bytes, size_t size, size_t count, FILE *file)
{
    REAL(size_t, fwrite, const void *, size_t, size_t, FILE *)
    if (!fails(WRITE, CALLER)) return real(bytes, size, count, file);
    spoil(file);
    return 0;
}

int fflush(FILE *file)
{
    REAL(int, fflush, FILE *)
    if (!fails(WRITE, CALLER)) return real(file);
    if (file) spoil(file);
    return EOF;
}

int ftruncate(int fd, off_t size)
{
    REAL(int, ftruncate, int, off_t)
    return fails(WRITE, CALLER) ? -1 : real(fd, size);
}

int fsync(int fd)
{
    REAL(int, fsync, int)
    return fails(SYNC, CALLER) ? -1 : real(fd);
}

int rename(const char *from, const char *to)
{
    REAL(int, rename, const char *, const char *)
    return fails(RENAME, CALLER) ? -1 : real(from, to);
}

/* Closed all the same, as the kernel does. */
int close(int fd)
{
    REAL(int, close, int)
    const bool now = fails(CLOSE, CALLER);
    const int result = real(fd);
    if (now) errno = kind_errno[CLOSE];
    return now ? -1 : result;
}

int fclose(FILE *file)
{
    REAL(int, fclose, FILE *)
    const bool now = fails(CLOSE, CALLER);
    const int result = real(file);
    if (now) errno = kind_errno[CLOSE];
    return now ? EOF : result;
}

int mkdir(const char *path, mode_t mode)
{
    REAL(int, mkdir, const char *, mode_t)
    return fails(FOLDER, CALLER) ? -1 : real(path, mode);
}

DIR *opendir(const char *path)
{
    REAL(DIR *, opendir, const char *)
    return fails(FOLDER, CALLER) ? NULL : real(path);
}

struct dirent *readdir(DIR *folder)
{
    REAL(struct dirent *, readdir, DIR *)
    return fails(FOLDER, CALLER) ? NULL : real(folder);
}
