# Keten.  `make run` and `make test` do all the set-up themselves; `make help`
# lists the rest.  V=1 shows the commands.

PREFIX  ?= /usr/local
DESTDIR ?=
B       ?= build
OPT     ?= -O2 -g
PYTHON  ?= /usr/bin/python3
KETEN_SHARED ?= ../shared
export KETEN_SHARED

ifeq ($(V),1)
Q =
say = @:
else
Q = @
say = @printf '  %-6s %s\n'
endif

# What has to be there.  Everything comes from Debian's own packages.
PACKAGES = gcc pkg-config libzmq3-dev libprotobuf-c-dev protobuf-c-compiler \
           protobuf-compiler liblmdb-dev libssl-dev libsodium-dev libjose-dev \
           libjansson-dev libyaml-dev libcsv-dev python3-yaml
TEST_PACKAGES = libcmocka-dev python3 python3-zmq python3-protobuf \
           python3-jwcrypto python3-cryptography python3-yaml strace
FUZZ_PACKAGES = clang libclang-rt-14-dev
SUDO    ?= $(shell [ "$$(id -u)" = 0 ] || echo sudo)

# One line per library: what it is for stands in README.md.
LIBS_PC  = libzmq libprotobuf-c openssl libsodium jose jansson yaml-0.1
LIBS     = $(shell pkg-config --libs $(LIBS_PC) 2>/dev/null) -llmdb -lcsv -lpthread
INCS     = $(shell pkg-config --cflags $(LIBS_PC) 2>/dev/null)

WARN     = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion \
           -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
           -Wvla -Wformat=2 -Wcast-qual -Wundef -Wnull-dereference \
           -Wswitch-enum -Wwrite-strings -Werror
HARDEN   = -D_FORTIFY_SOURCE=2 -fstack-protector-strong \
           -fstack-clash-protection -fcf-protection=full
ALLC     = -std=c17 -D_GNU_SOURCE -Ischemas -isystem $(B)/gen -MD -MP -fPIC \
           $(WARN) $(HARDEN) $(OPT) $(INCS) $(CPPFLAGS) $(CFLAGS)
ALLL     = -Wl,-z,relro,-z,now,-z,noexecstack $(OPT) $(LDFLAGS)

# --- what is made of what: one folder, one library or program ---------------
PROTOS     = $(wildcard schemas/keten/v1/*.proto)
GEN_C      = $(PROTOS:schemas/%.proto=$(B)/gen/%.pb-c.c)
GEN_O      = $(GEN_C:.c=.o)
objs       = $(patsubst %.c,$(B)/%.o,$(wildcard $(addsuffix /*.c,$(1))))

SCHEMAS_O  = $(call objs,schemas/base schemas/wire schemas/trust schemas/life schemas/policy)
CORE_O     = $(call objs,broker/core)
DAEMON_O   = $(filter-out %/main.o,$(call objs,broker/ketend))
SDK_O      = $(call objs,adapters/sdk)
MAP_O      = $(call objs,adapters/map adapters/map/fhir adapters/dropbox)

LIB_SCHEMAS = $(B)/libschemas.a
LIB_CORE    = $(B)/libcore.a
LIB_DAEMON  = $(B)/libketend.a
LIB_SDK     = $(B)/libketen.a
LIB_MAP     = $(B)/libmap.a

KINDS    = thuiszorg welzijn corporation lwdb
PROGRAMS = $(B)/ketend $(B)/ketenctl $(B)/keten-audit $(B)/keten \
           $(KINDS:%=$(B)/keten-adapter-%)

all: $(PROGRAMS) $(LIB_SDK) $(B)/libketen.so $(B)/keten.pc

$(B)/gen/%.pb-c.c: schemas/%.proto
	$(say) PROTO $<
	@mkdir -p $(B)/gen
	$(Q)protoc-c --proto_path=schemas --c_out=$(B)/gen $<

# The vectors that keten-audit selftest runs stand in the program.
VECTORS = tree witness records signed sealed
$(B)/gen/vectors.c: $(VECTORS:%=tests/vectors/%.json) Makefile
	@mkdir -p $(B)/gen
	$(Q){ for v in $(VECTORS); do \
	    echo "const unsigned char vectors_$$v[] = {"; \
	    od -An -v -tu1 tests/vectors/$$v.json | \
	        sed 's/ *\([0-9][0-9]*\)/\1,/g'; \
	    echo "};"; \
	    echo "const unsigned long vectors_$${v}_len ="; \
	    echo "    sizeof(vectors_$$v);"; \
	done; } > $@

# Every message type there is, for the tests that try each.
$(B)/gen/types.def: $(GEN_C)
	$(Q)sed -n 's/^extern const ProtobufCMessageDescriptor \(.*\);/TYPE(\1)/p' \
	    $(GEN_C:.c=.h) > $@
$(B)/tests/unit/help/types.o: $(B)/gen/types.def

# Generated code is not ours to warn about; it reads the headers of the others.
$(B)/gen/%.o: $(B)/gen/%.c | $(GEN_C)
	$(Q)$(CC) -std=c17 -I$(B)/gen $(INCS) -fPIC $(OPT) -c -o $@ $<

$(B)/%.o: %.c | $(GEN_C)
	$(say) CC $<
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALLC) $(EXTRA_$(firstword $(subst /, ,$*))) -c -o $@ $<

# Each side sees its own headers and the agreement, never the other side's.
EXTRA_broker   = -Ibroker
EXTRA_adapters = -Iadapters
EXTRA_tests    = -Ibroker -Iadapters

define archive
	$(say) AR $@
	$(Q)rm -f $@ && ar rcs $@ $^
endef
$(LIB_SCHEMAS): $(SCHEMAS_O) $(GEN_O) ; $(archive)
$(LIB_CORE): $(CORE_O) ; $(archive)
$(LIB_DAEMON): $(DAEMON_O) ; $(archive)
$(LIB_SDK): $(SDK_O) ; $(archive)
$(LIB_MAP): $(MAP_O) ; $(archive)

define link
	$(say) LINK $@
	$(Q)$(CC) $(ALLL) -o $@ $^ $(LIBS)
endef
# Only what keten.h declares can be seen from outside.
$(B)/libketen.so: $(SDK_O) $(LIB_SCHEMAS) adapters/sdk/libketen.map
	$(say) LINK $@
	$(Q)$(CC) -shared $(ALLL) -Wl,--version-script=adapters/sdk/libketen.map \
	    -Wl,-soname,libketen.so.1 -o $@ $(SDK_O) $(LIB_SCHEMAS) $(LIBS)
$(B)/keten.pc: adapters/sdk/keten.pc.in Makefile
	$(Q)sed 's|@PREFIX@|$(PREFIX)|' $< > $@
$(B)/ketend: $(B)/broker/ketend/main.o $(LIB_DAEMON) $(LIB_CORE) $(LIB_SCHEMAS) ; $(link)
$(B)/ketenctl: $(call objs,broker/ctl) $(LIB_CORE) $(LIB_SCHEMAS) ; $(link)
$(B)/keten-audit: $(call objs,broker/audit) $(B)/gen/vectors.o $(LIB_CORE) $(LIB_SCHEMAS) ; $(link)
$(B)/keten: $(call objs,adapters/cli) $(LIB_MAP) $(LIB_SDK) $(LIB_SCHEMAS) ; $(link)
$(B)/keten-adapter-%: $(LIB_MAP) $(LIB_SDK) $(LIB_SCHEMAS)
	$(say) LINK $@
	$(Q)$(CC) $(ALLL) -o $@ $(filter-out %.a,$^) $(LIB_MAP) $(LIB_SDK) $(LIB_SCHEMAS) $(LIBS)
$(foreach k,$(KINDS),$(eval $(B)/keten-adapter-$(k): $(call objs,adapters/$(k))))

# --- tests -------------------------------------------------------------------
UNIT_T = $(patsubst %.c,$(B)/%,$(wildcard tests/unit/t_*.c))
UNIT_HELP_O = $(call objs,tests/unit/help)
$(B)/tests/unit/%: $(B)/tests/unit/%.o $(UNIT_HELP_O) $(LIB_MAP) $(LIB_SDK) $(LIB_DAEMON) $(LIB_CORE) $(LIB_SCHEMAS)
	$(say) LINK $@
	$(Q)$(CC) $(ALLL) -o $@ $^ $(LIBS) -lcmocka

# Of the auditor only this is a module that others can call.
$(B)/tests/unit/t_peek: $(B)/broker/audit/peek.o

# Here the compiler puts a call into each basic block, so that a test can count
# the steps of a ladder.
COUNTED_O = $(patsubst %.c,$(B)/counted/%.o,$(wildcard \
    schemas/policy/*.c schemas/life/*.c schemas/base/*.c))
$(B)/counted/%.o: %.c | $(GEN_C)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALLC) -fsanitize-coverage=trace-pc -c -o $@ $<
$(B)/tests/unit/t_route_large: $(B)/tests/unit/t_route_large.o $(B)/tests/unit/help/vast.o $(COUNTED_O) $(LIB_SCHEMAS)
	$(say) LINK $@
	$(Q)$(CC) $(ALLL) -o $@ $^ $(LIBS) -lcmocka

SIM_O = $(call objs,tests/sim)
$(B)/tests/sim/walk: $(SIM_O) $(LIB_CORE) $(LIB_SCHEMAS) ; $(link)
SIM_T = $(if $(wildcard tests/sim/*.c),$(B)/tests/sim/walk)

EXAMPLES = $(patsubst %.c,$(B)/%,$(wildcard adapters/sdk/examples/*.c))
$(B)/adapters/sdk/examples/%: $(B)/adapters/sdk/examples/%.o $(LIB_SDK) $(LIB_SCHEMAS)
	$(say) LINK $@
	$(Q)$(CC) $(ALLL) -o $@ $^ $(LIBS)

BENCH_T = $(patsubst %.c,$(B)/%,$(wildcard tests/bench/*.c))
BENCH_HELP_O = $(call objs,tests/bench/help)
$(B)/tests/bench/%: $(B)/tests/bench/%.o $(BENCH_HELP_O) $(LIB_SDK) $(LIB_CORE) $(LIB_SCHEMAS)
	$(say) LINK $@
	$(Q)$(CC) $(ALLL) -o $@ $(filter-out %.a,$^) $(filter %.a,$^) $(LIBS)

# It asks the policies that the tests of routes make.
$(B)/tests/bench/route: $(B)/tests/unit/help/vast.o

# It makes logs as the tests of the auditor do, but large ones.
$(B)/tests/bench/grow: $(B)/tests/unit/help/chronicle.o $(B)/tests/unit/help/chronicle_say.o $(B)/tests/unit/help/chronicle_story.o

FLOW_T = $(B)/tests/flow/driver $(B)/tests/flow/thief
$(B)/tests/flow/driver: $(B)/tests/flow/driver.o $(LIB_SDK) $(LIB_SCHEMAS) ; $(link)
$(B)/tests/flow/thief: $(B)/tests/flow/thief.o $(LIB_CORE) $(LIB_SCHEMAS) ; $(link)

programs: $(PROGRAMS) $(EXAMPLES) $(FLOW_T) $(B)/tests/bench/grow
units: $(B)/keten-audit $(UNIT_T) $(SIM_T)

# The same code with the sanitizers in it, which make the compiler forget how
# large a number can be.
ASAN = B=build/asan OPT='-O1 -g -fno-omit-frame-pointer -U_FORTIFY_SOURCE -fsanitize=address,undefined -fno-sanitize-recover=undefined' HARDEN= CPPFLAGS=-Wno-format-truncation

test: deps test-deps
	$(Q)$(MAKE) --no-print-directory lint
	$(Q)$(MAKE) --no-print-directory -j2 programs
	$(Q)$(MAKE) --no-print-directory -j2 $(ASAN) units corpora programs
	$(Q)$(PYTHON) tests/all.py

unit: deps test-deps
	$(Q)$(MAKE) --no-print-directory -j2 $(ASAN) units
	$(Q)$(PYTHON) tests/all.py unit
flow: deps test-deps
	$(Q)$(MAKE) --no-print-directory -j2 programs
	$(Q)$(PYTHON) tests/all.py flow

# Which folder may include which, and does every header say what it promises?
lint:
	$(Q)$(PYTHON) tests/lint.py

run: deps all
	$(Q)$(PYTHON) config/demo/run.py $(if $(ONCE),--once)

# Scenarios 2 and 5 ten thousand times.
races: deps test-deps
	$(Q)$(MAKE) --no-print-directory -j2 programs
	$(Q)$(PYTHON) tests/flow/run.py --long

# What the packages of Go's checksum database say of checkpoint, tiles and
# receipts.  Go is 80 MB to fetch and 450 MB on the disk: not in `make test`.
interop-go: deps test-deps
	$(call install-missing,golang-go golang-golang-x-mod-dev)
	$(Q)$(MAKE) --no-print-directory -j2 programs
	$(Q)$(PYTHON) tests/interop/sumdb.py

# SIGKILL at every system call of commit, erase, sign and publish.
crash: deps test-deps
	$(Q)$(MAKE) --no-print-directory -j2 programs
	$(Q)$(PYTHON) tests/flow/crash.py

# --- fuzzing: FUZZ_SECONDS for each parser; the corpora run in `make test` ---
FUZZ_SECONDS ?= 60
FUZZ_SRCS  = $(wildcard tests/fuzz/fuzz_*.c)
FUZZ_T     = $(FUZZ_SRCS:tests/fuzz/%.c=$(B)/tests/fuzz/%)
$(B)/tests/fuzz/%: tests/fuzz/%.c tests/fuzz/standalone.h $(LIB_SCHEMAS)
	$(say) LINK $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALLC) -DSTANDALONE $(ALLL) -o $@ $< $(LIB_SCHEMAS) $(LIBS)
corpora: $(FUZZ_T)

fuzz: deps fuzz-deps
	$(Q)$(MAKE) --no-print-directory -j2 B=build/fuzz CC=clang HARDEN= \
	    WARN=-w OPT='-O1 -g -fsanitize=fuzzer-no-link,address,undefined' \
	    build/fuzz/libschemas.a
	$(Q)for f in $(FUZZ_SRCS); do n=$$(basename $$f .c); \
	    mkdir -p build/fuzz/corpus/$$n; \
	    clang -std=c17 -D_GNU_SOURCE -Ischemas -isystem build/fuzz/gen -g \
	        -fsanitize=fuzzer,address,undefined -o build/fuzz/$$n $$f \
	        build/fuzz/libschemas.a $(LIBS) || exit 1; \
	    build/fuzz/$$n -max_total_time=$(FUZZ_SECONDS) \
	        build/fuzz/corpus/$$n tests/fuzz/corpus/$${n#fuzz_} || exit 1; done

bench: deps
	$(Q)$(MAKE) --no-print-directory -j2 all $(BENCH_T)
	$(Q)$(PYTHON) tests/bench/bench.py
	$(Q)$(PYTHON) tests/bench/audit.py $(if $(RECORDS),--records $(RECORDS))
	$(Q)$(PYTHON) tests/bench/report.py
	$(Q)$(B)/tests/bench/route

# --- set-up --------------------------------------------------------------------
define install-missing
	$(Q)missing=; for p in $(1); do \
	    dpkg-query -W -f '$${Status}' $$p 2>/dev/null | \
	        grep -q 'ok installed' || missing="$$missing $$p"; done; \
	if [ -n "$$missing" ]; then \
	    echo "  installing$$missing"; \
	    $(SUDO) apt-get update -qq && \
	    DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y -qq \
	        --no-install-recommends $$missing; fi
endef
deps:
	$(call install-missing,$(PACKAGES) $(if $(wildcard /usr/bin/python3),,python3))
test-deps:
	$(call install-missing,$(TEST_PACKAGES))
	$(Q)command -v npm >/dev/null || { $(SUDO) apt-get install -y -qq --no-install-recommends nodejs npm; }
fuzz-deps:
	$(call install-missing,$(FUZZ_PACKAGES))

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/include \
	    $(DESTDIR)$(PREFIX)/lib/pkgconfig
	install -m755 $(PROGRAMS) $(DESTDIR)$(PREFIX)/bin
	install -m644 adapters/sdk/keten.h $(DESTDIR)$(PREFIX)/include
	install -m755 $(B)/libketen.so $(DESTDIR)$(PREFIX)/lib/libketen.so.1
	ln -sf libketen.so.1 $(DESTDIR)$(PREFIX)/lib/libketen.so
	install -m644 $(B)/keten.pc $(DESTDIR)$(PREFIX)/lib/pkgconfig

clean:
	rm -rf build run

help:
	@echo 'make run [ONCE=1]  set up, build, play the demo network and audit it'
	@echo 'make test          set up, build, run every test'
	@echo 'make unit | flow   only those'
	@echo 'make bench         Keten beside a bare loop, auditing beside its floor'
	@echo 'make races | fuzz  long campaigns: 10,000 races; FUZZ_SECONDS=60 a parser'
	@echo 'make crash         kill the broker at every step there is, some 10 minutes'
	@echo 'make interop-go    what Go says of checkpoint, tiles and receipts; fetches Go'
	@echo 'make all | install PREFIX= DESTDIR= | clean'
	@echo 'make lint          which folder may include which; headers; long files'
	@echo 'make programs | units | corpora        build only, for programs, unit'
	@echo '                   tests and parsers with their corpora'
	@echo 'make deps | test-deps | fuzz-deps      only what Debian has for it'

.PHONY: all programs units corpora test unit flow lint run crash races interop-go fuzz bench deps test-deps \
        fuzz-deps install clean help
.SECONDARY:

-include $(shell find $(B) -name '*.d' 2>/dev/null)
