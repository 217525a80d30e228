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
           libjansson-dev libyaml-dev libcsv-dev libcmocka-dev
TEST_PACKAGES = python3 python3-zmq python3-protobuf python3-jwcrypto \
           python3-cryptography strace nodejs

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
ALLC     = -std=c17 -D_GNU_SOURCE -Ischemas -isystem $(B)/gen -MMD -MP -fPIC \
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

all: deps-check $(PROGRAMS) $(LIB_SDK)

$(B)/gen/%.pb-c.c: schemas/%.proto
	$(say) PROTO $<
	@mkdir -p $(B)/gen
	$(Q)protoc-c --proto_path=schemas --c_out=$(B)/gen $<

# Generated code is not ours to warn about.
$(B)/gen/%.o: $(B)/gen/%.c
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
$(B)/ketend: $(B)/broker/ketend/main.o $(LIB_DAEMON) $(LIB_CORE) $(LIB_SCHEMAS) ; $(link)
$(B)/ketenctl: $(call objs,broker/ctl) $(LIB_CORE) $(LIB_SCHEMAS) ; $(link)
$(B)/keten-audit: $(call objs,broker/audit) $(LIB_CORE) $(LIB_SCHEMAS) ; $(link)
$(B)/keten: $(call objs,adapters/cli) $(LIB_MAP) $(LIB_SDK) $(LIB_SCHEMAS) ; $(link)
$(B)/keten-adapter-%: $(LIB_MAP) $(LIB_SDK) $(LIB_SCHEMAS)
	$(say) LINK $@
	$(Q)$(CC) $(ALLL) -o $@ $(filter-out %.a,$^) $(LIB_MAP) $(LIB_SDK) $(LIB_SCHEMAS) $(LIBS)
$(foreach k,$(KINDS),$(eval $(B)/keten-adapter-$(k): $(call objs,adapters/$(k))))

# --- tests -------------------------------------------------------------------
UNIT_T = $(patsubst %.c,$(B)/%,$(wildcard tests/unit/t_*.c))
$(B)/tests/unit/%: $(B)/tests/unit/%.o $(LIB_MAP) $(LIB_SDK) $(LIB_DAEMON) $(LIB_CORE) $(LIB_SCHEMAS)
	$(say) LINK $@
	$(Q)$(CC) $(ALLL) -o $@ $^ $(LIBS) -lcmocka

unit: $(UNIT_T)
	@for t in $(UNIT_T); do $$t || exit 1; done

clean:
	rm -rf build run

.PHONY: all unit clean deps-check
.SECONDARY:

deps-check:
	@true

-include $(shell find $(B) -name '*.d' 2>/dev/null)
