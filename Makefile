# jwtd: `make` builds ./jwtd, one static binary; `make run` serves with the demo key; `make test` tests.
# Needs a C compiler, make and a POSIX shell. CC, CFLAGS, CPPFLAGS and LDFLAGS are the packager's.

CC = cc
HOSTCC = cc
OBJCOPY = objcopy
CFLAGS = -O2
LDFLAGS =

# The project's own flags: what the code is written in, and what it must be clean of.
STANDARD = -iquote . -std=c11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64 -pthread
WARNINGS = -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wvla
HARDENING = -fstack-protector-strong -fPIE
# Not every C library can make a static program that may lie anywhere: Debian's for other processors can't.
STATIC = $(if $(findstring /,$(shell $(CC) -print-file-name=rcrt1.o)),-static-pie,-static)

# The sources, room by room: HACKING says what is where. What is there is built.
ROOMS = command route server settings system token
CORE = $(patsubst %.c,%,$(filter-out jwtd.c,$(sort $(wildcard *.c $(ROOMS:%=%/*.c)))))
TESTS = main $(patsubst test/%.c,%,$(sort $(wildcard test/test_*.c test/*/test_*.c)))

# What takes most of a request: the release optimizes it for speed, the others for size. The parsers for speed, too,
# would be 3.1 KB, for 2.5 % of the instructions of a create and 4.5 % of /auth.
HOT = sha512
HOT_CFLAGS =

# Objects of one configuration lie together, so that another one never mixes with them.
BUILD = build/default
COMPILE = $(CC) $(STANDARD) $(WARNINGS) $(HARDENING) $(CPPFLAGS) $(CFLAGS)
LINK = $(CC) -pthread $(STATIC) $(CFLAGS) $(LDFLAGS)

# One short line for each file; V=1 shows the commands themselves, -s nothing.
SAY = @$(if $(V)$(findstring s,$(firstword -$(MAKEFLAGS))),:,echo)
Q = $(if $(V),,@)

all: jwtd                       ## builds ./jwtd (also plain 'make')

# What is built is replaced, not written over: it may be running. build/made says how, for 'make install'.
jwtd: $(BUILD)/jwtd FORCE
	@cmp -s $(BUILD)/jwtd jwtd || { cp $(BUILD)/jwtd jwtd.new && mv jwtd.new jwtd; }
	@mkdir -p build && echo '$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS)' >build/made

FORCE:

PROGRAM = $(patsubst %,$(BUILD)/%.o,jwtd $(CORE))

# PACKED=1: what is constant is packed, as release/unpack.h says. The program is linked with it as it is, first; what
# the compiler made of all sources then (-flto) is linked once more. release/layout.ld has a place for both.
# MAP: where the linker says what is where.
MAP_IT = $(MAP:%=-Wl,-Map=%)
ifdef PACKED
$(BUILD)/jwtd: $(BUILD)/packed.o release/layout.ld
	$(SAY) '  LD      $@'
	$(Q)$(LINK) $(MAP_IT) -o $@ $(BUILD)/plain.ltrans0.ltrans.o $(BUILD)/packed.o -T release/layout.ld
else
$(BUILD)/jwtd: $(PROGRAM)
	$(SAY) '  LD      $@'
	$(Q)$(LINK) $(MAP_IT) -o $@ $(PROGRAM)
endif

$(BUILD)/plain: $(PROGRAM) $(BUILD)/release/unpack.o $(BUILD)/release/constants.o release/layout.ld
	$(SAY) '  LD      $@'
	$(Q)sed 's/ (NOLOAD)//' release/layout.ld >$@.ld
	$(Q)$(LINK) -save-temps -o $@ $(filter %.o,$^) -T $@.ld

$(BUILD)/packed.o: $(BUILD)/plain release/pack.c
	$(SAY) '  PACK    $@'
	$(Q)! readelf -SW $(BUILD)/plain.ltrans0.ltrans.o | grep -F .rela.rodata     # tables of addresses, which change yet
	$(Q)$(HOSTCC) $(STANDARD) $(WARNINGS) -O1 -o $(BUILD)/pack release/pack.c release/unpack.c
	$(Q)$(OBJCOPY) -O binary -j .rodata $(BUILD)/plain $(BUILD)/constants
	$(Q)$(BUILD)/pack <$(BUILD)/constants >$(BUILD)/packed
	$(Q)echo '.section .packed, "a"; .incbin "$(BUILD)/packed"' | $(CC) -x assembler -c -o $@ -

unit: $(BUILD)/unit

$(BUILD)/unit: $(TESTS:%=$(BUILD)/test/%.o) $(CORE:%=$(BUILD)/%.o)
	$(SAY) '  LD      $@'
	$(Q)$(LINK) -o $@ $(TESTS:%=$(BUILD)/test/%.o) $(CORE:%=$(BUILD)/%.o)

# What test/timing runs. Two files are compiled by themselves there, so that calls from others to them can be caught.
SECRETS = ctgrind dudect
SIGNING = ctgrind_sign dudect_sign
APART = sha512 token/key_material
timing: $(SECRETS:%=$(BUILD)/%) $(SIGNING:%=$(BUILD)/%)

$(SECRETS:%=$(BUILD)/%): $(BUILD)/%: $(BUILD)/test/%.o $(APART:%=$(BUILD)/apart/%.o) \
		$(patsubst %,$(BUILD)/%.o,$(filter-out $(APART),$(CORE)))
	$(SAY) '  LD      $@'
	$(Q)$(filter-out -s,$(LINK)) -Wl,--wrap=sha512_equal,--wrap=key_told -o $@ $^ -lm

$(SIGNING:%=$(BUILD)/%): $(BUILD)/%: $(BUILD)/test/%.o $(CORE:%=$(BUILD)/%.o)
	$(SAY) '  LD      $@'
	$(Q)$(filter-out -s,$(LINK)) -o $@ $^ -lm

# The commands themselves: objects that another one made are out of date.
$(BUILD)/commands: FORCE
	@mkdir -p $(@D)
	@echo '$(COMPILE) / $(HOT) $(HOT_CFLAGS) / $(TEST_CFLAGS) / $(LINK)' | cmp -s - $@ || \
		echo '$(COMPILE) / $(HOT) $(HOT_CFLAGS) / $(TEST_CFLAGS) / $(LINK)' >$@

COMPILE_IT = $(COMPILE) $(if $(filter $*,$(HOT)),$(HOT_CFLAGS)) $(if $(filter test/%,$*),$(TEST_CFLAGS)) -MMD -MP -c -o $@ $<

$(BUILD)/%.o: %.c $(BUILD)/commands
	@mkdir -p $(@D)
	$(SAY) '  CC      $<'
	$(Q)$(COMPILE_IT)

$(BUILD)/apart/%.o: %.c $(BUILD)/commands
	@mkdir -p $(@D)
	$(SAY) '  CC      $<, by itself'
	$(Q)$(COMPILE_IT) -fno-lto

run: jwtd                       ## serves on 127.0.0.1:5000 with the demo key
	./jwtd --demo-key

# What is shipped: optimized, stripped, all relocations done at the start and read-only then, the same bytes every time.
# With musl where musl-gcc is there: its own specs link a dynamic program even if told -static-pie, these here do not.
# gcc's -Oz still copies heads of loops, moves code out of them, puts small functions into others and makes tables for
# switches; it saves registers around calls, jumps into the next function where a call and a return are shorter,
# merges tails of blocks too early, copies blocks for each way into them, puts values into their only use, and leaves
# functions with a large stack, or of large ones, outside their one caller. Each of these was measured to cost more
# bytes than it saves, and to leave the instructions of a request within 0.4 %. Knowing what pointers may reach saves
# some. On x86, tables need not begin at 32 bytes, what older processors want in place of the shortest instructions is
# left out, and musl has its stack guard in a variable as well: two bytes less for each look at it. Where there are no
# registers of SSE, functions of printf's kind save none, and nobody tells them how many: only the hash has SSE, and
# base64url asks for AVX2 itself.
X86 = $(findstring x86_64,$(shell $(CC) -dumpmachine))
RELEASE_SMALL = -Oz -fno-tree-ch -fno-tree-loop-im -fno-move-loop-invariants -fno-inline-small-functions \
	-fno-jump-tables -fipa-pta -fno-caller-saves -fno-optimize-sibling-calls -fno-tree-dominator-opts \
	-fno-tree-tail-merge -fno-forward-propagate -fno-tree-scev-cprop -fno-thread-jumps -fira-region=one -fno-shrink-wrap -fno-tree-pre \
	--param=large-stack-frame=100000 --param=large-stack-frame-growth=100000 --param=large-function-insns=100000 \
	$(if $(X86),-malign-data=abi -mbranch-cost=0 -mtune=znver3)
RELEASE_MUSL = $(if $(X86),-mstack-protector-guard=global -mno-sse -mskip-rax-setup)
RELEASE_CFLAGS = $(RELEASE_SMALL) -g0 -fno-asynchronous-unwind-tables -ffunction-sections -fdata-sections \
	-fcf-protection=none -flto
RELEASE_HOT = -O2 -falign-functions=1 -falign-jumps=1 -falign-labels=1 -falign-loops=1 $(if $(X86),-msse2)
# What tests want beside that: headers of the kernel, which musl's folder has not, and floating point. They are compiled
# by themselves: what they test is put together as in the release, and not into them.
RELEASE_TESTS = -fno-lto -idirafter /usr/include -idirafter /usr/include/$(shell $(CC) -print-multiarch) $(if $(X86),-msse2)
RELEASE_LDFLAGS = -flto-partition=one -s -Wl,--spare-dynamic-tags=0,--gc-sections,-z,relro,-z,now,-z,noexecstack,--build-id=none,-z,noseparate-code,--hash-style=gnu

build/musl.specs: Makefile
	@mkdir -p build
	@sed -e 's,/Scrt1\.o,/rcrt1.o,' -e 's, *crt\(begin\|end\)S\.o%s *,,' -e 's,^-dynamic-linker .*,-nostdlib -static -pie --no-dynamic-linker -z text,' \
		"$$(sed -n 's/.*-specs "\(.*\)".*/\1/p' "$$(command -v musl-gcc)")" >$@

# GOAL: what is made so. The folder is its own, so that unit tests, which test/shipped has made, leave ./jwtd alone.
GOAL = jwtd
as-release:
	@if command -v musl-gcc >/dev/null; then \
		$(MAKE) --no-print-directory build/musl.specs && \
		$(MAKE) --no-print-directory BUILD=build/release-musl CC='gcc -specs=build/musl.specs' STATIC= PACKED=1 \
			CFLAGS='$(RELEASE_CFLAGS) $(RELEASE_MUSL)' HOT_CFLAGS='$(RELEASE_HOT)' \
			LDFLAGS='$(RELEASE_LDFLAGS)' MAP=build/release.map TEST_CFLAGS='$(RELEASE_TESTS)' $(GOAL); \
	else \
		echo 'no musl-gcc (Debian: apt-get install musl-tools): with glibc the 160 KB are not promised' >&2; \
		$(MAKE) --no-print-directory BUILD=build/release CPPFLAGS=-D_FORTIFY_SOURCE=3 CFLAGS='$(RELEASE_CFLAGS)' \
			HOT_CFLAGS='$(RELEASE_HOT)' LDFLAGS='$(RELEASE_LDFLAGS)' MAP=build/release.map $(GOAL); \
	fi

release:                        ## builds what is shipped: with musl where there is musl-gcc
	@$(MAKE) --no-print-directory as-release
	@ls -l jwtd

# ./jwtd stays as it is: what is tested, sanitized perhaps, is not what is installed.
test: $(BUILD)/jwtd $(BUILD)/unit   ## builds and tests
	@JWTD=$(BUILD)/jwtd BUILD=$(BUILD) sh test/run

# What is shipped, for scripts.
sources:
	@echo jwtd.c $(CORE:%=%.c)

# Other makers of tokens, programs that take them, real proxies, real clients. What is missing is skipped by name,
# with its install line.
interop: jwtd                   ## README's commands, other makers and takers of tokens, real proxies and clients
	sh test/each test/interop/makers test/interop/keys test/interop/consumers test/interop/proxies test/interop/browser \
		test/interop/clients test/interop/machines test/interop/openapi test/interop/prometheus test/readme

# T: seconds for each of the fuzz targets, ONLY: these alone. LONG=1: for hours, and on from there. PLANT=1: what shows
# that the targets can say 'wrong'. fuzz/run says how.
T = 60

fuzz:                           ## libFuzzer over each parser; T=60 seconds each, or LONG=1
	fuzz/run $(if $(LONG),--long,$(if $(PLANT),--plant,$(T)) $(ONLY))

FUZZ_SHARED = common oracle reference revoked said tree
$(BUILD)/fuzz/%: $(BUILD)/fuzz/%.o $(BUILD)/fuzz/library.a
	$(SAY) '  LD      $@'
	$(Q)$(LINK) -fsanitize=fuzzer -o $@ $^

# A target has what it uses: libFuzzer looks at all counters after each input.
$(BUILD)/fuzz/library.a: $(FUZZ_SHARED:%=$(BUILD)/fuzz/%.o) $(CORE:%=$(BUILD)/%.o)
	$(SAY) '  AR      $@'
	$(Q)rm -f $@ && ar rcs $@ $^

# Frama-C's Eva over the pure parsers, the hash and base64url; spin over models of the threads.
prove:                          ## no undefined behaviour, by Frama-C's Eva; the threads, by spin
	prove/run $(if $(PLANT),--plant)
	prove/model $(if $(PLANT),--plant)

coverage:                       ## how much of the source the tests run
	test/coverage

# What takes longer than a change may wait for, an hour and a half in all; each part runs alone, too.
assure: jwtd                    ## sanitizers, faults, timing, proof, fuzzing: an hour and a half
	sh test/each test/requirements test/timing test/faults test/differ test/analyse test/sanitizers test/cross test/kernels \
		prove/run prove/model test/coverage test/shipped
	test/supply --long
	test/attacks --long build/release-musl/jwtd
	fuzz/run $(T)
	fuzz/run --plant
	bench/micro
	test/ed25519 1000000

# For other processors, tried under qemu-user: test/cross says how. ONLY='mips s390x': these alone.
cross:                          ## builds for other processors, tried under qemu
	sh test/cross $(ONLY)

# Against the least that a request costs, and against others. Needs wrk; bench/run names the rest that it can use.
# It writes bench/results.*, bench/RESULTS and README's table; not with QUICK=1, which takes under a minute.
bench: jwtd                     ## speed against peers; QUICK=1 takes under a minute
	bench/run $(if $(QUICK),--quick)

# For packagers, and for 'make release && make install'. What 'make' or 'make release' built last is installed; the units
# name its place.
PREFIX = /usr/local
MANDIR = $(PREFIX)/share/man
DOCDIR = $(PREFIX)/share/doc/jwtd
UNITDIR = $(PREFIX)/lib/systemd/system
SYSUSERSDIR = $(PREFIX)/lib/sysusers.d
EXAMPLES = $(wildcard contrib/*.*) contrib/Caddyfile
EXAMPLE_FOLDERS = $(filter-out alpine debian openwrt systemd, $(patsubst contrib/%/, %, $(wildcard contrib/*/)))

install:                        ## installs ./jwtd, its manual and units; PREFIX, DESTDIR
	@test -x jwtd || { echo "there is no ./jwtd to install: 'make release' makes it" >&2; exit 1; }
	@case "$$(cat build/made 2>/dev/null)" in \
		*-fsanitize=*|*-fprofile-*|*--coverage*) \
			echo "./jwtd was built for tests ($$(cat build/made)): 'make release' first" >&2; exit 1 ;; \
	esac
	@echo "installing ./jwtd, built by: $$(cat build/made 2>/dev/null || echo 'somebody else')"
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(MANDIR)/man8 $(DESTDIR)$(DOCDIR)/contrib \
		$(DESTDIR)$(UNITDIR) $(DESTDIR)$(SYSUSERSDIR)
	install -m 755 jwtd $(DESTDIR)$(PREFIX)/bin/jwtd
	install -m 644 jwtd.8 $(DESTDIR)$(MANDIR)/man8/jwtd.8
	install -m 644 README SECURITY CHANGES LICENSE $(DESTDIR)$(DOCDIR)
	install -m 644 $(EXAMPLES) $(DESTDIR)$(DOCDIR)/contrib
	for folder in $(EXAMPLE_FOLDERS); do \
		install -d $(DESTDIR)$(DOCDIR)/contrib/$$folder && \
		install -m 644 contrib/$$folder/* $(DESTDIR)$(DOCDIR)/contrib/$$folder || exit 1; \
	done
	install -m 644 contrib/systemd/jwtd.conf $(DESTDIR)$(SYSUSERSDIR)
	for unit in contrib/systemd/*.s*; do \
		sed 's,/usr/bin/jwtd,$(PREFIX)/bin/jwtd,' $$unit >$(DESTDIR)$(UNITDIR)/$${unit##*/} || exit 1; \
		chmod 644 $(DESTDIR)$(UNITDIR)/$${unit##*/}; \
	done

# Keys and options in /etc/jwtd stay.
uninstall:                      ## removes what was installed
	rm -f $(DESTDIR)$(PREFIX)/bin/jwtd $(DESTDIR)$(MANDIR)/man8/jwtd.8
	rm -f $(patsubst contrib/systemd/%,$(DESTDIR)$(UNITDIR)/%,$(wildcard contrib/systemd/*.s*)) $(DESTDIR)$(SYSUSERSDIR)/jwtd.conf
	rm -rf $(DESTDIR)$(DOCDIR)

VERSION = $(shell sed -n 's/^\#define OPTIONS_VERSION "\(.*\)"/\1/p' settings/options_table.h)

dist:                           ## the last commit as build/dist/jwtd-VERSION.tar.gz
	@release/dist jwtd-$(VERSION)

# After 'make dist', its sum is beside those of the tarball.
spdx:                           ## what the release is made of, as build/dist/jwtd-VERSION.spdx.json
	@$(MAKE) --no-print-directory as-release GOAL='jwtd spdx-of-jwtd'

SPDX = jwtd-$(VERSION).spdx.json
spdx-of-jwtd: jwtd
	@mkdir -p build/dist
	@CC='$(CC)' MAKE='$(MAKE)' VERSION='$(VERSION)' release/spdx jwtd '$(MAP)' \
		$(sort $(wildcard *.[ch] $(ROOMS:%=%/*.[ch])) $(wildcard release/*) Makefile LICENSE) >build/$(SPDX)
	@mv build/$(SPDX) build/dist/$(SPDX)
	@unset CDPATH && cd build/dist && sha256sum $$(ls | grep '^jwtd-') >SHA256SUMS

# Where it is run: containers, a booted systemd, packages. Each needs root; what is missing is skipped by name.
ship: release                   ## tries containers, systemd, packages and replicas; as root
	sh test/each test/container test/systemd test/packages test/replicas test/compose test/kubernetes

clean:                          ## removes what was built
	rm -rf build jwtd jwtd.new

help:                           ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' Makefile | while IFS='|' read -r target text; do \
		printf '%-18s%s\n' "$$target" "$$text"; \
	done

.PHONY: all help sources run unit timing as-release release test interop fuzz prove coverage assure cross bench install uninstall dist spdx spdx-of-jwtd ship clean

-include $(wildcard $(BUILD)/*.d $(BUILD)/*/*.d $(BUILD)/*/*/*.d)
