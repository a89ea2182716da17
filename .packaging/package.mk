# What is installed, and how: the library for other programs, pages and completions, `make install`.
VERSION := $(shell sed -n 's/^.define GB_VERSION "\(.*\)"/\1/p' src/ganime.h)
ABI     := $(shell sed -n 's/^.define GB_API_VERSION \([0-9]*\).*/\1/p' src/ganime.h)
REVISION := $(shell sed -n 's/^.define GB_API_REVISION \([0-9]*\).*/\1/p' src/ganime.h)

BINDIR  ?= $(PREFIX)/bin
LIBDIR  ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
DATADIR ?= $(PREFIX)/share
DOCDIR  ?= $(DATADIR)/doc/ganime-bench
ZSHDIR  ?= $(DATADIR)/zsh/site-functions
PLUGINDIR = $(PREFIX)/lib/ganime-bench

# ---- The library for other programs: src/ganime.h and what it needs, no more ------------------------------------------
PUBLIC   = $(BUILD)/lib
SHARED   = libganime.so.$(ABI).$(REVISION)
SONAME   = libganime.so.$(ABI)
API_OBJ  = $(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard bench/api/*.c)))
API_NAMES = $(shell sed -n 's/^    \(gb_[a-z0-9_]*\);$$/\1/p' bench/api/ganime.map)

$(PUBLIC)/$(SHARED): $(API_OBJ) $(BUILD)/libganime.a bench/api/ganime.map
	$(Q)mkdir -p $(@D); echo "  LD   $@"; $(CC) -shared -Wl,-z,relro,-z,now,-z,defs,--as-needed -Wl,-soname,$(SONAME) \
	    -Wl,--version-script=bench/api/ganime.map -o $@ $(API_OBJ) $(BUILD)/libganime.a $(LDLIBS)
	$(Q)ln -sf $(SHARED) $(PUBLIC)/$(SONAME); ln -sf $(SONAME) $(PUBLIC)/libganime.so

# One object in which all but the interface is local, so that no name of the inside can meet one of the user's.
$(PUBLIC)/libganime.a: $(API_OBJ) $(BUILD)/libganime.a bench/api/ganime.map
	$(Q)mkdir -p $(@D); echo "  AR   $@"; rm -f $@; \
	    $(LD) -r --force-group-allocation -o $(PUBLIC)/ganime.o $(API_OBJ) $(BUILD)/libganime.a && \
	    objcopy $(API_NAMES:%=--keep-global-symbol=%) $(PUBLIC)/ganime.o && ar rcsD $@ $(PUBLIC)/ganime.o

$(PUBLIC)/ganime.pc: .packaging/ganime.pc.in src/ganime.h $(BUILD)/dirs
	$(Q)mkdir -p $(@D); sed -e 's|@prefix@|$(PREFIX)|; s|@libdir@|$(LIBDIR)|; s|@includedir@|$(INCLUDEDIR)|' \
	    -e 's|@version@|$(VERSION)|; s|@private@|$(strip $(LDLIBS))|' $< >$@

# Where things go is a setting like the flags.
$(BUILD)/dirs: FORCE
	$(Q)mkdir -p $(@D); echo '$(PREFIX) $(LIBDIR) $(INCLUDEDIR)' | cmp -s - $@ || echo '$(PREFIX) $(LIBDIR) $(INCLUDEDIR)' >$@

# ---- What the program tells of itself -----------------------------------------------------------------------------------
PAGES    = $(BUILD)/share
$(PAGES)/ganime-bench.1: $(BUILD)/ganime-bench
	$(Q)mkdir -p $(@D); echo "  GEN  $@"; $< manual >$@

$(PAGES)/completion.%: $(BUILD)/ganime-bench
	$(Q)mkdir -p $(@D); echo "  GEN  $@"; $< completion $* >$@

.PHONY: package install uninstall reproducible deb
package: all $(PUBLIC)/$(SHARED) $(PUBLIC)/libganime.a $(PUBLIC)/ganime.pc $(PAGES)/ganime-bench.1 \
         $(PAGES)/completion.bash $(PAGES)/completion.zsh $(PAGES)/completion.fish

# ---- Installation -------------------------------------------------------------------------------------------------------
INSTALL_ENV = DESTDIR='$(DESTDIR)' BUILD='$(BUILD)' PLUGIN='$(PLUGIN)' SHARED=$(SHARED) SONAME=$(SONAME) BINDIR='$(BINDIR)' \
           LIBDIR='$(LIBDIR)' INCLUDEDIR='$(INCLUDEDIR)' DATADIR='$(DATADIR)' DOCDIR='$(DOCDIR)' \
           ZSHDIR='$(ZSHDIR)' PLUGINDIR='$(PLUGINDIR)'

install: package
	$(Q)$(INSTALL_ENV) .packaging/install.sh put

uninstall:
	$(Q)$(INSTALL_ENV) .packaging/install.sh remove

# Two builds of this checkout, elsewhere and later: the same bytes.
reproducible:
	$(Q)tests/reproducible.sh

# A Debian source package, its packages, and lintian's opinion: build/deb.
deb:
	$(Q).packaging/deb.sh $(BUILD)/deb
