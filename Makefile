# ganime-bench: `make bench` sets up and runs the benchmark, `make test` sets up and runs the tests.
#
# Room for another flavour: `make BUILD=/elsewhere`, `make asan`. V=1 shows the commands.

BUILD   ?= build
CC      ?= cc
PREFIX  ?= /usr/local
OPT     ?= -O3
WARN     = -Wall -Wextra -Wconversion -Wno-sign-conversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Werror
# Code for the program and for the shared library alike; no path of this folder stays in it.
PLACE    = -fPIC -fvisibility=hidden -ffile-prefix-map=$(CURDIR)=.
# What tests/hardening/binary.sh finds in the program and the plugin.
HARDEN   = -fstack-protector-strong -fstack-clash-protection -D_FORTIFY_SOURCE=2 -fPIE
LINK     = -Wl,-z,relro,-z,now,-z,noexecstack
SANITIZE =
Q        = $(if $(V),,@)

# ---- What it is made of: a new file in a room is found by itself ----------------------------------------------------
# The card's part is a shared object of its own, made where the CUDA toolkit is; the program opens it at run time.
NVCC    ?= $(shell command -v nvcc 2>/dev/null)
CUDA     = $(patsubst %/bin/nvcc,%,$(realpath $(NVCC)))
CUDA_SRC = $(sort $(wildcard src/backend/cuda/*.c)) src/core/status.c src/core/memory.c src/engine/graph.c src/engine/arena.c \
           src/backend/precision.c src/backend/cards.c src/core/file.c src/core/temporary.c src/core/sha256.c src/core/clock.c
CUDA_OBJ = $(CUDA_SRC:%.c=$(BUILD)/pic/%.o) $(BUILD)/pic/src/backend/cuda/launch.o $(BUILD)/pic/src/backend/cuda/score_launch.o
PLUGIN   = $(if $(NVCC),$(BUILD)/ganime-cuda.so)
STANDIN  = $(BUILD)/standin

ROOMS    = src/core src/engine src/backend src/backend/ref src/backend/cpu src/checkpoint src/image src/video src/flow src/stats \
           bench/api src/report src/report/plot src/report/html src/report/paper models metrics datasets datasets/toon
# One of the two files that know what oneDNN 2 and 3 have each in their own way.
ONEDNN  := $(shell printf '\043include <oneapi/dnnl/dnnl_version.h>\nDNNL_VERSION_MAJOR\n' | $(CC) -E -P - 2>/dev/null | tail -1)
LIB_SRC  = $(sort $(filter-out src/backend/cpu/onednn$(if $(filter 2,$(ONEDNN)),3,2).c src/flow/none.c,\
                    $(foreach room,$(ROOMS),$(wildcard $(room)/*.c))))
BENCH_SRC = $(sort $(filter-out bench/api/%,$(wildcard bench/*.c bench/*/*.c)))
TEST_SRC = $(sort $(filter-out $(if $(NVCC),,tests/cuda/%),$(wildcard tests/*/test_*.c)))
SUPPORT_SRC = $(sort $(wildcard tests/support/*.c))
EMBEDDED = $(sort $(wildcard datasets/manifests/*.json src/report/html/*.css src/report/html/*.js src/report/*.json))

# Optical flow is OpenCV's, behind C. Without it (`make OPENCV=`) all else is built, and says what is missing.
OPENCV  ?= $(if $(shell command -v $(CXX)),$(patsubst %/opencv2/video/tracking.hpp,%,$(firstword $(wildcard \
           $(addsuffix /opencv4/opencv2/video/tracking.hpp,/usr/local/include /usr/include)))))
FLOW_OBJ = $(BUILD)/src/flow/$(if $(OPENCV),opencv,none).o

LIB_OBJ  = $(LIB_SRC:%.c=$(BUILD)/%.o) $(FLOW_OBJ)
BENCH_OBJ = $(BENCH_SRC:%.c=$(BUILD)/%.o)
BENCH_LIB = $(BUILD)/libbench.a
SUPPORT_OBJ = $(SUPPORT_SRC:%.c=$(BUILD)/%.o)
FAILING  = $(BUILD)/tests/hardening/failing.so
CARELESS = $(BUILD)/tests/hardening/careless
TORTURE  = GANIME_BENCH=$(BUILD)/ganime-bench GANIME_FAILING=$(FAILING) GANIME_CARELESS=$(CARELESS)
TESTS    = $(TEST_SRC:%.c=$(BUILD)/%)

# ---- What it rests on -----------------------------------------------------------------------------------------------
PACKAGES = hdf5 libdeflate libpng libcjson libjpeg libarchive nettle libavfilter libavformat libavcodec libavutil libswscale cairo
PKG_CFLAGS := $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
PKG_LIBS   := $(shell pkg-config --libs $(PACKAGES) 2>/dev/null)
DEBIAN   = gcc make pkg-config python3-pip python3-venv python3-setuptools libhdf5-dev libdeflate-dev libpng-dev libcjson-dev libjpeg-dev libarchive-dev nettle-dev \
           libavfilter-dev libavformat-dev libavcodec-dev libavutil-dev libswscale-dev libdnnl-dev libcairo2-dev libcmocka-dev \
           g++ libopencv-video-dev

OPENMP   = -lgomp
COMMIT  := $(shell git describe --always --dirty --abbrev=12 2>/dev/null || echo unknown)
CPPFLAGS += -D_GNU_SOURCE -DH5_USE_110_API -Isrc -I. -Ibench -Itests $(PKG_CFLAGS)
CFLAGS  += -std=c11 $(OPT) -g $(WARN) $(HARDEN) $(PLACE) $(SANITIZE)
LDFLAGS += -pie $(LINK) $(SANITIZE)
LDLIBS  += $(PKG_LIBS) -ldnnl $(OPENMP) -lpthread -lm $(if $(OPENCV),-lopencv_video -lopencv_imgproc -lopencv_core -lstdc++)

.PHONY: FORCE all test check check-unit bench cuda cuda-plans gpu-check gpu-train setup probe asan lint headers clean perf ci-example extend-soak resume-soak
.DELETE_ON_ERROR:

all: $(BUILD)/ganime-bench $(PLUGIN)

include .packaging/package.mk

# Builds by all processors, unless the caller said how many.
PARALLEL = --no-print-directory $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))

# ---- Main targets ---------------------------------------------------------------------------------------------------
bench: setup
	$(Q)$(MAKE) $(PARALLEL) all
	$(Q)$(BUILD)/ganime-bench model fetch lpips
	$(Q)$(BUILD)/ganime-bench --all

# The one definition of the test command: README and .ci/run call `make test`.
test: setup
	$(Q)$(MAKE) $(PARALLEL) check

check: all $(if $(SANITIZE),,package) $(TESTS) $(FAILING) $(CARELESS) $(if $(NVCC),$(STANDIN)/libcudart.so.13 $(STANDIN)/libcudnn.so.9) headers lint
	$(Q)$(BUILD)/ganime-bench model fetch lpips || echo "LPIPS weights are not here: their tests will be skipped"
	$(Q)$(TORTURE) tests/run.sh $(TESTS)

# The tests that need nothing beside the build: no weights, no network, no repository.
check-unit: $(filter $(BUILD)/tests/unit/%,$(TESTS))
	$(Q)GANIME_BENCH=$(BUILD)/ganime-bench tests/run.sh $^

# Throughput of everything here; `make perf PEER=pytorch` times PyTorch beside it (in a virtual environment of its own).
perf: all
	$(Q)$(BUILD)/ganime-bench perf $(if $(PEER),--peer $(PEER))

# The workflows of results/ci from a clean clone, which takes minutes; `make test` does all of it but the installation.
ci-example:
	$(Q)tests/ci_example.sh

# What `extend` promises for whole episodes; minutes, and FFmpeg's command line beside its libraries.
extend-soak: all
	$(Q)tests/extend_soak.sh $(BUILD)/ganime-bench

# Every place of every command where a call can fail, of which `make test` tries a few.
.PHONY: torture
torture: all $(FAILING) $(CARELESS) $(BUILD)/tests/hardening/test_torture
	$(Q)TORTURE=all $(TORTURE) $(BUILD)/tests/hardening/test_torture

# Commands that are killed while they replace a file, KILLS times each; `make test` does so twice.
.PHONY: kill-soak
kill-soak: all $(BUILD)/tests/hardening/test_kill
	$(Q)KILLS=$${KILLS:-30} GANIME_BENCH=$(BUILD)/ganime-bench $(BUILD)/tests/hardening/test_kill

# Runs that are killed at random moments and gone on with; minutes.
resume-soak: all
	$(Q)tests/resume_soak.sh $(BUILD)/ganime-bench

asan:
	$(Q)TEST_LIMIT=3600 ASAN_OPTIONS=allocator_may_return_null=1:verify_asan_link_order=0 \
	    LSAN_OPTIONS=suppressions=$(CURDIR)/tests/lsan.supp:print_suppressions=0 \
	    $(MAKE) $(PARALLEL) check BUILD=build-asan OPT="-O1 -fno-omit-frame-pointer" HARDEN= \
	    SANITIZE="-fsanitize=address,undefined -fno-sanitize-recover=all"

# What threads do to each other, in the tests in which there are some. OpenMP is tests/hardening/openmp.c there, and
# optical flow, whose library brings threads of its own, is left out.
.PHONY: tsan tsan-tests valgrind
TSAN_TESTS = unit/test_pipeline unit/test_cells unit/test_score unit/test_toon parity/test_ops golden/test_tiny_nets e2e/test_run \
             e2e/test_resume e2e/test_team e2e/test_extend
tsan:
	$(Q)$(MAKE) $(PARALLEL) tsan-tests BUILD=build-tsan OPT="-O1 -fno-omit-frame-pointer" HARDEN= NVCC= OPENCV= \
	    OPENMP='$$(BUILD)/tests/hardening/openmp.o' SANITIZE=-fsanitize=thread

tsan-tests: $(BUILD)/ganime-bench $(TSAN_TESTS:%=$(BUILD)/tests/%)
	$(Q)TSAN_OPTIONS=halt_on_error=1:exitcode=66:suppressions=$(CURDIR)/tests/tsan.supp GANIME_BENCH=$(BUILD)/ganime-bench \
	    tests/run.sh $(TSAN_TESTS:%=$(BUILD)/tests/%)

# Reads of what was never written, and blocks that nobody holds any more, in tests that are quick and need no AVX-512,
# which Valgrind does not know.
VALGRIND_TESTS = core stats image video pack checkpoint checkpoint_damage report score gate cells decide fold plot graph
valgrind: $(BUILD)/ganime-bench $(VALGRIND_TESTS:%=$(BUILD)/tests/unit/test_%)
	$(Q)tests/valgrind.sh $(BUILD) $(VALGRIND_TESTS)

# Each parser under libFuzzer, FUZZ_SECONDS apiece; results/fuzz.md says what has been done so. FUZZ=png,run: those alone.
# `make fuzz-bare`: without AddressSanitizer, some times as fast, for executions by the million.
.PHONY: fuzz fuzz-bare fuzz-afl fuzz-programs fuzz-corpus
FUZZ_SECONDS ?= 60
FUZZ_ALL = $(shell sed -n 's/.*FUZZ_TARGETS(X).*//; s/^    //; /X([a-z0-9_]*)/{s/X(\([a-z0-9_]*\))/\1 /g; s/[\\]//g; p}' tests/fuzz/targets.h)
FUZZ    ?= $(FUZZ_ALL)
FUZZ_NOW = $(subst $(comma), ,$(FUZZ))
FUZZ_MAKE = $(MAKE) $(PARALLEL) fuzz-programs OPT="-O2 -fno-omit-frame-pointer" HARDEN= WARN=-w NVCC= OPENCV=
FUZZ_CLANG = CC=clang UNWATCHED=-fno-sanitize=fuzzer-no-link
FUZZ_DRIVER ?= libfuzzer
FUZZ_HELP = file repair repair_h5 h5_open
comma    = ,
fuzz:
	$(Q)$(FUZZ_MAKE) BUILD=build-fuzz $(FUZZ_CLANG) SANITIZE="-fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=undefined"
	$(Q)tests/fuzz/fuzz.sh build-fuzz/fuzz $(FUZZ_SECONDS) $(FUZZ_NOW)

fuzz-bare:
	$(Q)$(FUZZ_MAKE) BUILD=build-fuzz-bare $(FUZZ_CLANG) SANITIZE="-fsanitize=undefined,fuzzer-no-link -fsanitize-trap=undefined"
	$(Q)tests/fuzz/fuzz.sh build-fuzz-bare/fuzz $(FUZZ_SECONDS) $(FUZZ_NOW)

fuzz-afl:
	$(Q)$(FUZZ_MAKE) BUILD=build-fuzz-afl CC=afl-clang-fast FUZZ_DRIVER=afl SANITIZE="-fsanitize=address,undefined -fno-sanitize-recover=undefined"
	$(Q)tests/fuzz/afl.sh build-fuzz-afl/fuzz $(FUZZ_SECONDS) $(FUZZ_NOW)

fuzz-programs: $(FUZZ_NOW:%=$(BUILD)/fuzz/%) fuzz-corpus
fuzz-corpus: $(BUILD)/ganime-bench
	$(Q)[ -d $(BUILD)/fuzz/corpus ] || ASAN_OPTIONS=detect_leaks=0 tests/fuzz/corpus.sh $(BUILD)/ganime-bench $(BUILD)/fuzz/corpus

# What mends checksums is no part of a parser: its branches are not coverage.
$(BUILD)/tests/fuzz/repair.o $(BUILD)/tests/fuzz/repair_h5.o: CFLAGS += $(UNWATCHED)

$(BUILD)/fuzz/%: $(BUILD)/tests/fuzz/%.o $(FUZZ_HELP:%=$(BUILD)/tests/fuzz/%.o) tests/fuzz/$(FUZZ_DRIVER).c $(BENCH_LIB) $(BUILD)/libganime.a
	$(Q)mkdir -p $(@D); echo "  LD   $@"; $(CC) -DTARGET=$* $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) $(if $(filter libfuzzer,$(FUZZ_DRIVER)),-fsanitize=fuzzer) \
	    -o $@ tests/fuzz/$(FUZZ_DRIVER).c $(sort $(filter %.o,$^)) $(BENCH_LIB) $(BUILD)/libganime.a $(LDLIBS)

# All that needs a card: here, when there is one; else as a file to carry to where one is (unpack it, ./check.sh OUT).
gpu-check: all $(BUILD)/tests/parity/test_ops $(BUILD)/tests/golden/test_tiny_nets $(BUILD)/tests/cuda/test_card \
           $(BUILD)/tests/cuda/test_fused
	$(Q)tests/gpu/bundle.sh $(BUILD) $(BUILD)/gpu-check.tar.xz
	$(Q)rm -rf $(BUILD)/gpu-check && mkdir -p $(BUILD)/gpu-check && tar -C $(BUILD)/gpu-check -xf $(BUILD)/gpu-check.tar.xz
	$(Q)if $(BUILD)/ganime-bench list devices | grep -q '^ *cuda  *ready'; then \
	    $(BUILD)/gpu-check/check.sh $(abspath $(BUILD))/gpu-check/out; \
	else \
	    echo "no card here: dry run"; $(BUILD)/gpu-check/check.sh $(abspath $(BUILD))/gpu-check/out --dry-run; fi

# All that training needs, as a file to carry to where a card is (models/training/README.md): the drawn show is drawn there,
# footage travels as pictures. PYTHON has PyTorch's loss weights read, so it needs numpy, h5py, pillow and torch.
TRAIN_PACKS ?= $(wildcard $(or $(GANIME_CACHE),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/ganime-bench)/datasets/penny_and_chip-512x288-64.h5)
gpu-train: $(BUILD)/models/training/gpu/draw_pack
	$(Q)$(BUILD)/ganime-bench model fetch lpips && $(BUILD)/ganime-bench model fetch lpips-vgg
	$(Q)models/training/gpu/bundle.sh $(BUILD) $(BUILD)/gpu-train.tar.xz $(TRAIN_PACKS)

$(BUILD)/models/training/gpu/draw_pack: $(BUILD)/models/training/gpu/draw_pack.o $(BUILD)/libganime.a $(BUILD)/ganime-bench
	$(Q)echo "  LD   $@"; $(CC) $(LDFLAGS) -Wl,--as-needed -o $@ $< $(BUILD)/libganime.a $(LDLIBS)

# Which engines the rule takes on cards that are only described: results/cuda-plans.md anew.
cuda-plans: $(BUILD)/tests/cuda/test_plans
	$(Q){ sed '/^|/,$$d' results/cuda-plans.md; $(BUILD)/tests/cuda/test_plans | grep -E '^(\||$$|## |Refused)'; } >$(BUILD)/cuda-plans.md && \
	    mv $(BUILD)/cuda-plans.md results/cuda-plans.md

# ---- Set-up: Debian's packages, only when something is missing ------------------------------------------------------
probe:
	$(Q)tests/probe.sh "$(CC)" $(PACKAGES)

setup:
	$(Q)if ! OPENCV_WANTED=1 tests/probe.sh "$(CC)" $(PACKAGES) >/dev/null 2>&1; then \
	    if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	        echo "installing: $(DEBIAN)"; \
	        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(DEBIAN) >/dev/null; \
	    fi; \
	    tests/probe.sh "$(CC)" $(PACKAGES) || { echo "install: $(DEBIAN)"; exit 1; }; \
	fi
	$(Q)if [ -n "$(NVCC)" ] && [ ! -d $(BUILD)/tools ] && ! command -v cuobjdump >/dev/null; then \
	    python3 -m pip install -q --no-deps --no-compile --target $(BUILD)/tools 'nvidia-cuda-cuobjdump==13.*' >/dev/null 2>&1 || \
	    echo "cuobjdump is neither here nor to be had: its test will be skipped"; \
	fi

# ---- Rules ----------------------------------------------------------------------------------------------------------
$(BUILD)/ganime-bench: $(BENCH_OBJ) $(BUILD)/libganime.a $(filter %.o,$(OPENMP))
	$(Q)echo "  LD   $@"; $(CC) $(LDFLAGS) -o $@ $(BENCH_OBJ) $(BUILD)/libganime.a $(LDLIBS)

$(BUILD)/libganime.a: $(LIB_OBJ)
	$(Q)echo "  AR   $@"; rm -f $@; ar rcsD $@ $^

# ---- The card's part ------------------------------------------------------------------------------------------------
CARDS    = -gencode arch=compute_80,code=sm_80 -gencode arch=compute_90,code=sm_90 \
           -gencode arch=compute_100,code=sm_100 -gencode arch=compute_100,code=compute_100
STRICT_LINK = -Wl,-z,defs
CUDA_LIBS = -L$(CUDA)/lib64 -L$(CUDA)/lib -lcudart -lcudnn $(shell pkg-config --libs nettle 2>/dev/null)

cuda:
	$(Q)[ -n "$(NVCC)" ] || { echo "make cuda needs the CUDA toolkit: nvcc is not on the PATH"; exit 1; }
	$(Q)$(MAKE) --no-print-directory $(BUILD)/ganime-cuda.so

$(BUILD)/ganime-cuda.so: $(CUDA_OBJ)
	$(Q)echo "  LD   $@"; $(CC) -shared $(LINK) $(if $(SANITIZE),$(SANITIZE),$(STRICT_LINK)) -o $@ $^ $(CUDA_LIBS) -lm

$(BUILD)/pic/%.o: %.c $(BUILD)/flags
	$(Q)mkdir -p $(@D); echo "  CC   $< (pic)"; \
	    $(CC) $(CPPFLAGS) -isystem $(CUDA)/include $(CFLAGS) -fPIC -fvisibility=hidden -MMD -MP -c -o $@ $<

$(BUILD)/pic/%.o: %.cu $(BUILD)/flags
	$(Q)mkdir -p $(@D); echo "  NVCC $<"; \
	    $(NVCC) -std=c++17 -O3 -Werror all-warnings -Isrc $(CARDS) --frandom-seed=$< $(NVFLAGS_$(subst /,_,$(basename $<))) -Xptxas -v -MMD -MP -c -o $@ $< \
	    -Xcompiler -fPIC,-fvisibility=hidden,-fno-exceptions,-fno-threadsafe-statics,-Wall,-Wextra 2>$(@:.o=.ptxas) || \
	    { cat $(@:.o=.ptxas); exit 1; }
	$(Q)objcopy --wildcard -N 'tmpxft*' $@ # nvcc's temporary file, whose name has its process id
	$(Q)if grep -E '[1-9][0-9]* bytes spill' $(@:.o=.ptxas); then echo "$<: a kernel spills registers"; rm -f $@; exit 1; fi

# Scores are the processor's, bit for bit where what they are made of is.
NVFLAGS_src_backend_cuda_score_launch = -fmad=false

# A CUDA runtime and a cuDNN without a card, under the real ones' names: only tests put this folder on the library path.
STANDIN_CXX = $(CXX) -std=c++17 -O3 -g -ffp-contract=off -Wall -Wextra -Werror -fno-strict-aliasing -fPIC -shared -Isrc -Itests \
           -isystem $(CUDA)/include -Wl,--version-script=

$(STANDIN)/libcudart.so.13: $(addprefix tests/standin/,cudart.cpp memory.cpp streams.cpp launch.cpp kernels_host.cpp) \
                            tests/standin/standin.h tests/standin/runtime.h \
                            $(wildcard src/backend/cuda/*.cuh src/backend/cuda/*kernels.h) tests/standin/cudart.map
	$(Q)mkdir -p $(@D); echo "  CXX  $@"; $(STANDIN_CXX)tests/standin/cudart.map -Wl,-soname,$(@F) -o $@ $(filter %.cpp,$^) -ldl

$(STANDIN)/libcudnn.so.9: tests/standin/cudnn.cpp tests/standin/run.cpp tests/standin/work.h tests/standin/standin.h \
                          tests/standin/cudnn.map $(STANDIN)/libcudart.so.13
	$(Q)mkdir -p $(@D); echo "  CXX  $@"; $(STANDIN_CXX)tests/standin/cudnn.map -Wl,-soname,$(@F) -o $@ $(filter %.cpp,$^) \
	    $(STANDIN)/libcudart.so.13

# Preloaded into the program by tests: calls that fail.
$(FAILING): tests/hardening/failing.c
	$(Q)mkdir -p $(@D); echo "  CC   $<"; $(CC) -D_GNU_SOURCE -std=c11 -O2 -g $(WARN) -fPIC -shared -o $@ $<

# Its faults are found by the test that finds the program's.
$(CARELESS): tests/hardening/careless.c
	$(Q)mkdir -p $(@D); echo "  CC   $<"; $(CC) -D_GNU_SOURCE -std=c11 -O1 -g $(WARN) $(SANITIZE) -o $@ $<

# These are made only where the toolkit is; two of them ask the real cuDNN.
CFLAGS_tests_cuda_test_standin = -isystem $(CUDA)/include
CFLAGS_tests_cuda_test_standin_runs = -isystem $(CUDA)/include
CFLAGS_tests_cuda_test_score = -isystem $(CUDA)/include
CFLAGS_tests_cuda_test_overlap = -isystem $(CUDA)/include
CFLAGS_tests_cuda_test_fused = -isystem $(CUDA)/include
CFLAGS_tests_cuda_test_score_lpips = -isystem $(CUDA)/include
CFLAGS_tests_cuda_test_plans = -isystem $(CUDA)/include
CFLAGS_tests_cuda_test_graphs = -isystem $(CUDA)/include
$(BUILD)/tests/cuda/test_plans $(BUILD)/tests/cuda/test_graphs: %: %.o $(CUDA_OBJ) $(SUPPORT_OBJ) $(BENCH_LIB) $(BUILD)/libganime.a
	$(Q)echo "  LD   $@"; $(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) $(BENCH_LIB) $(BUILD)/libganime.a -lcmocka $(LDLIBS) \
	    $(CUDA_LIBS)

# The program without its main, for tests.
$(BENCH_LIB): $(filter-out $(BUILD)/bench/main.o,$(BENCH_OBJ))
	$(Q)echo "  AR   $@"; rm -f $@; ar rcsD $@ $^

FUZZ_OBJ = $(filter-out %/libfuzzer.o %/afl.o %/test_fuzz.o,$(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/fuzz/*.c)))
$(BUILD)/tests/fuzz/test_fuzz: $(BUILD)/tests/fuzz/test_fuzz.o $(FUZZ_OBJ) $(SUPPORT_OBJ) $(BENCH_LIB) $(BUILD)/libganime.a
	$(Q)echo "  LD   $@"; $(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) $(BENCH_LIB) $(BUILD)/libganime.a -lcmocka $(LDLIBS)

$(BUILD)/tests/%: $(BUILD)/tests/%.o $(SUPPORT_OBJ) $(BENCH_LIB) $(BUILD)/libganime.a $(filter %.o,$(OPENMP))
	$(Q)echo "  LD   $@"; $(CC) $(LDFLAGS) -o $@ $< $(SUPPORT_OBJ) $(BENCH_LIB) $(BUILD)/libganime.a -lcmocka $(LDLIBS)

$(BUILD)/%.o: %.c $(BUILD)/flags
	$(Q)mkdir -p $(@D); echo "  CC   $<"; $(CC) $(CPPFLAGS) $(CFLAGS) $(CFLAGS_$(subst /,_,$(basename $<))) -MMD -MP -c -o $@ $<

$(BUILD)/%.o: %.cpp $(BUILD)/flags
	$(Q)mkdir -p $(@D); echo "  CXX  $<"; $(CXX) -std=c++17 $(OPT) -g -Wall -Wextra -Wconversion -Werror $(HARDEN) $(PLACE) $(SANITIZE) \
	    -Isrc -isystem $(OPENCV) -MMD -MP -c -o $@ $<

# Objects depend on the flags that they were made with.
$(BUILD)/flags: FORCE
	$(Q)mkdir -p $(@D); echo '$(CC) $(CPPFLAGS) $(CFLAGS) $(OPENCV)' | cmp -s - $@ || echo '$(CC) $(CPPFLAGS) $(CFLAGS) $(OPENCV)' > $@
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

# What numbers come from: what was computed by other code is not taken for what this one would compute.
NUMERICS_ROOMS = src/core src/engine src/backend src/checkpoint src/image src/flow src/stats models metrics datasets \
           $(addprefix bench/,cells contenders evaluate findings pipeline protocol run selection)
NUMERICS_SRC := $(sort $(shell find $(NUMERICS_ROOMS) -name '*.[ch]' -o -name '*.cpp' -o -name '*.cu' -o -name '*.cuh'))
CFLAGS_bench_numerics = -DGB_NUMERICS='"$(firstword $(shell cat $(BUILD)/numerics))"'
$(BUILD)/bench/numerics.o: $(BUILD)/numerics
$(BUILD)/numerics: $(NUMERICS_SRC) $(BUILD)/flags
	$(Q)mkdir -p $(@D); { cat $(NUMERICS_SRC); $(CC) --version; echo '$(filter-out -ffile-prefix-map=%,$(CFLAGS))'; } | sha256sum | cut -c1-64 >$@.new; \
	    cmp -s $@.new $@ && rm $@.new && touch $@ || mv $@.new $@

# Their texts are compiled in.
$(BUILD)/datasets/manifests.o: $(filter datasets/manifests/%,$(EMBEDDED))
$(BUILD)/src/report/html/assets.o: $(filter src/report/html/%,$(EMBEDDED))
$(BUILD)/src/report/limits.o: $(filter src/report/%.json,$(EMBEDDED))

lint: headers
	$(Q)tests/lint.sh

# Every header compiles alone, in C and in C++: one that leans on what was included before it is found here.
HEADERS  = $(sort $(filter-out $(if $(NVCC),,src/backend/cuda/%),$(wildcard $(foreach room,src models metrics datasets bench, \
           $(room)/*.h $(room)/*/*.h $(room)/*/*/*.h))))
headers: $(HEADERS:%=$(BUILD)/headers/%.ok)

ALONE    = $(CPPFLAGS) $(if $(NVCC),-isystem $(CUDA)/include) -Wall -Wextra -Werror -fsyntax-only
$(BUILD)/headers/%.ok: % $(BUILD)/flags
	$(Q)mkdir -p $(@D); $(CC) -x c -std=c11 $(ALONE) -MMD -MP -MT $@ -MF $(@:.ok=.d) $<
	$(Q)$(if $(shell command -v $(CXX)),$(CXX) -x c++ -std=c++17 $(ALONE) $<,:) && touch $@

clean:
	rm -rf build build-asan

-include $(HEADERS:%=$(BUILD)/headers/%.d) $(CUDA_OBJ:.o=.d) $(LIB_OBJ:.o=.d) $(BENCH_OBJ:.o=.d) $(SUPPORT_OBJ:.o=.d) $(TESTS:=.d)
.SECONDARY: $(SUPPORT_OBJ) $(TESTS:=.o)
