# ganime-bench: `make bench` sets up and runs the benchmark, `make test` sets up and runs the tests.
#
# Room for another flavour: `make BUILD=/elsewhere`, `make asan`. V=1 shows the commands.

BUILD   ?= build
CC      ?= cc
PREFIX  ?= /usr/local
OPT     ?= -O3
WARN     = -Wall -Wextra -Wconversion -Wno-sign-conversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Werror
HARDEN   = -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
SANITIZE =
Q        = $(if $(V),,@)

# ---- What it is made of: a new file in a room is found by itself ----------------------------------------------------
ROOMS    = src/core src/engine src/backend src/backend/ref src/backend/cpu src/checkpoint src/image src/stats src/report \
           src/report/plot src/report/html src/report/paper models metrics datasets datasets/toon
LIB_SRC  = $(sort $(foreach room,$(ROOMS),$(wildcard $(room)/*.c)))
BENCH_SRC = $(sort $(wildcard bench/*.c bench/*/*.c))
TEST_SRC = $(sort $(wildcard tests/*/test_*.c))
SUPPORT_SRC = $(sort $(wildcard tests/support/*.c))
EMBEDDED = $(sort $(wildcard datasets/manifests/*.json src/report/html/*.css src/report/html/*.js))

LIB_OBJ  = $(LIB_SRC:%.c=$(BUILD)/%.o)
BENCH_OBJ = $(BENCH_SRC:%.c=$(BUILD)/%.o)
BENCH_LIB = $(BUILD)/libbench.a
SUPPORT_OBJ = $(SUPPORT_SRC:%.c=$(BUILD)/%.o)
TESTS    = $(TEST_SRC:%.c=$(BUILD)/%)

# ---- What it rests on -----------------------------------------------------------------------------------------------
PACKAGES = hdf5 libpng libcjson libjpeg libarchive libavformat libavcodec libavutil libswscale cairo
PKG_CFLAGS := $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
PKG_LIBS   := $(shell pkg-config --libs $(PACKAGES) 2>/dev/null)
DEBIAN   = gcc make pkg-config python3-pip python3-venv python3-setuptools libhdf5-dev libpng-dev libcjson-dev libjpeg-dev libarchive-dev \
           libavformat-dev libavcodec-dev libavutil-dev libswscale-dev libdnnl-dev libcairo2-dev libcmocka-dev

COMMIT  := $(shell git describe --always --dirty --abbrev=12 2>/dev/null || echo unknown)
CPPFLAGS += -D_GNU_SOURCE -Isrc -I. -Ibench -Itests $(PKG_CFLAGS)
CFLAGS  += -std=c11 $(OPT) -g $(WARN) $(HARDEN) $(SANITIZE)
LDFLAGS += -pie -Wl,-z,relro,-z,now $(SANITIZE)
LDLIBS  += $(PKG_LIBS) -ldnnl -lgomp -lpthread -lm

.PHONY: FORCE all test check bench setup probe asan lint clean perf
.DELETE_ON_ERROR:

all: $(BUILD)/ganime-bench

# ---- Main targets ---------------------------------------------------------------------------------------------------
bench: setup
	$(Q)$(MAKE) --no-print-directory all
	$(Q)$(BUILD)/ganime-bench model fetch lpips
	$(Q)$(BUILD)/ganime-bench --all

# The one definition of the test command: README and .ci/run call `make test`.
test: setup
	$(Q)$(MAKE) --no-print-directory check

check: $(BUILD)/ganime-bench $(TESTS) lint
	$(Q)$(BUILD)/ganime-bench model fetch lpips || echo "LPIPS weights are not here: their tests will be skipped"
	$(Q)GANIME_BENCH=$(BUILD)/ganime-bench tests/run.sh $(TESTS)

# Throughput of everything here; `make perf PEER=pytorch` times PyTorch beside it (in a virtual environment of its own).
perf: all
	$(Q)$(BUILD)/ganime-bench perf $(if $(PEER),--peer $(PEER))

asan:
	$(Q)$(MAKE) --no-print-directory check BUILD=build-asan OPT="-O1 -fno-omit-frame-pointer" HARDEN= \
	    SANITIZE="-fsanitize=address,undefined -fno-sanitize-recover=all"

# ---- Set-up: Debian's packages, only when something is missing ------------------------------------------------------
probe:
	$(Q)tests/probe.sh "$(CC)" $(PACKAGES)

setup:
	$(Q)if ! tests/probe.sh "$(CC)" $(PACKAGES) >/dev/null 2>&1; then \
	    if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	        echo "installing: $(DEBIAN)"; \
	        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(DEBIAN) >/dev/null; \
	    fi; \
	    tests/probe.sh "$(CC)" $(PACKAGES) || { echo "install: $(DEBIAN)"; exit 1; }; \
	fi

# ---- Rules ----------------------------------------------------------------------------------------------------------
$(BUILD)/ganime-bench: $(BENCH_OBJ) $(BUILD)/libganime.a
	$(Q)echo "  LD   $@"; $(CC) $(LDFLAGS) -o $@ $(BENCH_OBJ) $(BUILD)/libganime.a $(LDLIBS)

$(BUILD)/libganime.a: $(LIB_OBJ)
	$(Q)echo "  AR   $@"; rm -f $@; ar rcsD $@ $^

# The program without its main, for tests.
$(BENCH_LIB): $(filter-out $(BUILD)/bench/main.o,$(BENCH_OBJ))
	$(Q)echo "  AR   $@"; rm -f $@; ar rcsD $@ $^

$(BUILD)/tests/%: $(BUILD)/tests/%.o $(SUPPORT_OBJ) $(BENCH_LIB) $(BUILD)/libganime.a
	$(Q)echo "  LD   $@"; $(CC) $(LDFLAGS) -o $@ $< $(SUPPORT_OBJ) $(BENCH_LIB) $(BUILD)/libganime.a -lcmocka $(LDLIBS)

$(BUILD)/%.o: %.c $(BUILD)/flags
	$(Q)mkdir -p $(@D); echo "  CC   $<"; $(CC) $(CPPFLAGS) $(CFLAGS) $(CFLAGS_$(subst /,_,$(basename $<))) -MMD -MP -c -o $@ $<

# Objects depend on the flags that they were made with.
$(BUILD)/flags: FORCE
	$(Q)mkdir -p $(@D); echo '$(CC) $(CPPFLAGS) $(CFLAGS)' | cmp -s - $@ || echo '$(CC) $(CPPFLAGS) $(CFLAGS)' > $@
FORCE:

# Inner loops of convolutions: a product and the sum that it goes into may be rounded once.
CFLAGS_src_backend_cpu_dense = -ffp-contract=fast
CFLAGS_src_backend_cpu_matrix = -ffp-contract=fast
CFLAGS_src_backend_cpu_rgb_kernel = -ffp-contract=fast
CFLAGS_src_backend_cpu_winograd_kernel = -ffp-contract=fast

# The commit is compiled into one file alone, remade when it changes.
CFLAGS_bench_version = -DGB_COMMIT='"$(COMMIT)"' -DGB_CFLAGS='"$(OPT) $(SANITIZE)"'
$(BUILD)/bench/version.o: $(BUILD)/commit
$(BUILD)/commit: FORCE
	$(Q)mkdir -p $(@D); echo '$(COMMIT)' | cmp -s - $@ || echo '$(COMMIT)' > $@

# Their texts are compiled in.
$(BUILD)/datasets/manifests.o: $(filter datasets/manifests/%,$(EMBEDDED))
$(BUILD)/src/report/html/assets.o: $(filter src/report/html/%,$(EMBEDDED))

lint:
	$(Q)tests/lint.sh

clean:
	rm -rf build build-asan

-include $(LIB_OBJ:.o=.d) $(BENCH_OBJ:.o=.d) $(SUPPORT_OBJ:.o=.d) $(TESTS:=.d)
.SECONDARY: $(SUPPORT_OBJ) $(TESTS:=.o)
